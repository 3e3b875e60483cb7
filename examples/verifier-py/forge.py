"""Makes elections, honest and not, so that the tests have records to judge. Not part of the verifier.

It implements the prover of each proof, in the order of the specification, with keys that nobody should use.
"""

import base64
import secrets
from hashlib import sha3_256
from itertools import combinations, islice
from math import isqrt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import bech32m
import board
from checkpoints import LOG, WITNESS, Checkpoint, key_id
from codec import u16, u32, u64
from forge_wide import amount, little, prove_wide, scalar, with_slack
from kinds import CHOICE, GRADES, LISTS, PAIRS, PLACES, QUADRATIC, SPLIT, STAR
from linear import G, delegation
from merlin import Transcript
from ristretto import BASE, L, decode, decode_any, encode, generator, multiply, multiscalar
from rules import BINARY_FROM, RANKS_FROM, SCORES_FROM, weights


def times(value, point=BASE):
    return encode(multiply(value, point))


def text(value):
    data = value.encode()
    return u32(len(data)) + data


def items(values):
    return u32(len(values)) + b"".join(values)


def prove(tag, witness, equations, transcript):
    """A linear proof for pairs of a point's bytes and its terms."""
    t = transcript.put("linear", tag.encode()).put("secrets", len(witness)).put("count", len(equations))
    for point, terms in equations:
        t.put("P", point).put("count", len(terms))
        for number, base in terms:
            t.put("j", number).put("B", base)
    nonces = [scalar() for _ in witness]
    announcements = [
        encode(multiscalar([(nonces[number], decode(base)) for number, base in terms])) for _, terms in equations
    ]
    x = t.put_list("R", announcements).challenge("x")
    return b"".join(announcements) + b"".join(little(q + x * w) for q, w in zip(nonces, witness))


def sign(secret, transcript, tag="BOARD.AUTHOR"):
    return prove(tag, [secret], [(times(secret), [(0, G)])], transcript)


class Author:
    def __init__(self):
        self.secret = scalar()
        self.point = times(self.secret)
        self.key = self.point + sign(self.secret, Transcript("author possession"), "KEY.POSSESSION")


class Voter:
    def __init__(self):
        self.secret = scalar()
        self.point = times(self.secret)

    def registration(self, manifest, style, weight):
        t = Transcript("voter possession").put("manifest", manifest.hash)
        return self.point + u16(style) + u64(weight) + sign(self.secret, t, "ROLL.POSSESSION")


def make_delegation(manifest_hash, voter, key, proxy):
    """That a voter's proxy casts under this key for her."""
    people = voter, key, proxy
    points = [of.point for of in people]
    signatures = [sign(of.secret, delegation(manifest_hash, *points), "ROLL.DELEGATE") for of in people]
    return b"".join(points + signatures)


class NoteKey:
    """A key of a log or a witness."""

    def __init__(self, name=None, seed=None):
        self.name = name
        self.secret = Ed25519PrivateKey.from_private_bytes(seed or secrets.token_bytes(32))
        self.point = self.secret.public_key().public_bytes_raw()

    def line(self, name, type, signature):
        data = base64.b64encode(key_id(name, type, self.point) + signature).decode()
        return f"\u2014 {name} {data}\n"


def make_log(log, witnesses, quorum):
    return log.point + items([text(witness.name) + witness.point for witness in witnesses]) + u16(quorum)


def make_checkpoint(origin, size, root, log, witnesses=(), time=1_800_000_000):
    body = Checkpoint(origin, size, root, []).body()
    out = body.decode() + "\n" + log.line(origin, LOG, log.secret.sign(body))
    for witness in witnesses:
        signature = witness.secret.sign(f"cosignature/v1\ntime {time}\n".encode() + body)
        out += witness.line(witness.name, WITNESS, u64(time) + signature)
    return out.encode()


def optional(name):
    return b"\0" if name is None else b"\1" + text(name)


def make_limit(of, lo, hi, costs=(), goes_with=None):
    return items(list(map(text, of))) + items(list(map(u32, costs))) + u64(lo) + u64(hi) + optional(goes_with)


def texts(*strings):
    """One string for all languages, or one for each."""
    return items(list(map(text, strings)))


def make_contest(
    id, options, lo, hi, each, form=CHOICE, lines=0, length=0, count=(0, 0, 0), marks=(), whole=True,
    groups=(), limits=(), goes_with=None, voters=False, base=0, caps=(), needs=None, threshold=(0, 0), joined=(), passes=None,
    title=None, question=(), display=0, folded=0, if_both=(), **more,
):  # fmt: skip
    """An option is its name, or a triple of name, maximum and groups, or a quadruple of id, names and details in each language, and
    maximum. A mark that begins with `+` is valid. `limits` are
    made by `make_limit`. Behind method, seats and tie-break in `count` are the decimal places of STV, or divisor and what
    becomes of unfilled seats by lists. `needs` are numerator, denominator and base; `passes` are an option, these three, and
    numerator and denominator of a quorum. `if_both` are two ids. What `make_form` takes is in `more`."""
    method, seats, tie_break, *details_of_count = count
    triples = [(option, 0, ()) if isinstance(option, str) else option for option in options]
    quintuples = [(*of, ()) if len(of) == 4 else (of[0], [of[0]], [], *of[1:]) for of in triples]
    out = text(id) + texts(*(title or [f"The {id}"])) + texts(*question)
    out += items([text(group) + texts(f"Group {group}") for group in groups])
    made = [(text(id) + texts(*names) + texts(*details), most, of) for id, names, details, most, of in quintuples]
    out += items([named + u64(most) + items(list(map(text, of))) for named, most, of in made])
    out += u64(lo) + u64(hi) + u64(each)
    named = [(mark.removeprefix("+"), mark.startswith("+")) for mark in marks]
    out += items([text(mark) + texts(mark) + bytes([valid]) for mark, valid in named])
    out += items(limits) + optional(goes_with) + bytes([voters, base, whole, display, folded])
    out += make_form(form, **more) + u16(lines) + u16(length)
    if passes is None:
        out += b"\0"
    else:
        yes, *majority, above, below = passes
        out += b"\1" + text(yes) + make_majority(*majority) + u64(above) + u64(below)
    out += items(list(map(text, if_both)))
    if not method:
        return out + b"\0"
    capped = items([text(group) + u16(elected) for group, elected in caps])
    out += bytes([method, *details_of_count]) + u16(seats) + bytes([tie_break]) + capped
    out += b"\0" if needs is None else b"\1" + make_majority(*needs)
    return out + u64(threshold[0]) + u64(threshold[1]) + items([items(list(map(text, of))) for of in joined])


def make_form(form, grades=(), none=False, points=(), fewer=False, ties=False, credits=0, against=False):
    return bytes([form]) + {
        GRADES: items(list(map(texts, grades))),
        LISTS: bytes([none]),
        PLACES: bytes([fewer]) + items(list(map(u32, points))),
        PAIRS: bytes([ties]),
        QUADRATIC: bytes([against]) + u64(credits),
    }.get(form, b"")


def make_majority(numerator, denominator, base):
    return u64(numerator) + u64(denominator) + bytes([base])


def make_lists(id, options, groups, lines, each=1, least=0, none=False, **more):
    """An option is a pair of its name and its list, or a triple with its maximum in the middle."""
    triples = [(option[0], option[1] if len(option) == 3 else 0, [option[-1]]) for option in options]
    return make_contest(id, triples, least, lines, each, LISTS, groups=groups, none=none, **more)


def make_places(id, options, points, fewer=False, **more):
    rule = 0 if fewer else len(points), len(points), max(points, default=1)
    return make_contest(id, options, *rule, PLACES, points=points, fewer=fewer, **more)


def make_pairs(id, options, ties=False, **more):
    return make_contest(id, options, len(options), len(options), 1, PAIRS, ties=ties, **more)


def make_star(id, options, most, **more):
    return make_contest(id, options, 0, len(options) * most, most, STAR, **more)


def make_quadratic(id, options, credits, **more):
    most = isqrt(credits)
    return make_contest(id, options, 0, len(options) * most, most, QUADRATIC, credits=credits, **more)


def make_split(id, options, most, **more):
    return make_contest(id, options, 1, most, most, SPLIT, **more)


def make_manifest(
    operator, trustees, t, contests, styles=None,
    minimum=2, ballots_per_voter=3, rehearsals=0, quorum=0, stations=0, log=None, languages=(), proxies=0, weight_classes=0,
    groups=(),
):  # fmt: skip
    """`styles` are the numbers of contests and the limits of one style in each district; without them there is one with all
    contests. `groups` are names, how many of the trustees are in them, and thresholds, perhaps with close quorums and rehearsals;
    without them there is one of all, without a name."""
    styles = [(range(len(contests)), [])] if styles is None else styles
    named = iter([text(f"Trustee {i}") + trustee.key for i, trustee in enumerate(trustees)])
    out = b"\1" + text("test") + items(list(map(text, languages))) + texts("A test") + operator.key
    made = []
    for name, size, *numbers in groups or [("", len(trustees), t, quorum, rehearsals)]:
        made.append(text(name) + b"".join(map(u16, (*numbers, 0, 0)[:3])) + items(list(islice(named, size))))
    out += items(made) + u32(minimum) + u32(ballots_per_voter) + u16(proxies) + bytes([weight_classes])
    out += items([text(f"d{i}") + texts(f"District {i}") for i in range(len(styles))])
    out += items([text(f"p{i}") + texts(f"Station {i}") + u32(0) for i in range(stations)]) + items(contests)
    for_style = [items(list(map(u32, of))) + items(limits) for of, limits in styles]
    out += items([text(f"s{i}") + u32(i) + style for i, style in enumerate(for_style)])
    return out + (b"\0" if log is None else b"\1" + log)


def make_small_manifest(operator, trustees, t, **options):
    """A contest with blank votes in each of two districts, and one without for the whole election."""
    contests = [
        make_contest(f"c{i}", ["red", "blue", "green"], 0, 2, 2, marks=["blank"], whole=False) for i in range(2)
    ]
    contests.append(make_contest("all", ["yes", "no"], 1, 1, 1))
    return make_manifest(operator, trustees, t, contests, [([0, 2], []), ([1, 2], [])], **{"stations": 1} | options)


def polynomials(slots, t, constants=None):
    return [[constants[k] if constants else scalar()] + [scalar() for _ in range(t - 1)] for k in range(slots)]


def value_at(polynomial, place):
    return sum(a * place**e for e, a in enumerate(polynomial)) % L


def make_deal(setup, dealer, author, constants=None, spoil_for=None, bad_proof=False):
    a = polynomials(setup.slots, setup.thresholds[setup.group_of_dealer(dealer)], constants)
    commitments = [[times(c) for c in row] for row in a]
    u = scalar()
    point = times(u)
    shares = []
    for j in setup.recipients(dealer):
        plain = b"".join(little(value_at(row, j) + (j == spoil_for)) for row in a)
        shared = times(u, decode(setup.member(j)))
        t = setup.context.proof("share key").put("dealer", dealer).put("recipient", j).put("U", point)
        cipher = ChaCha20Poly1305(t.put("C", setup.member(j)).put("shared", shared).challenge_bytes("key", 32))
        associated = setup.manifest.hash + u32(setup.epoch) + u16(dealer) + u16(j)
        shares.append(cipher.encrypt(bytes(12), plain, associated))
    t = setup.context.proof("deal").put("dealer", dealer).put("count", setup.slots)
    for row in commitments:
        t.put_list("F", row)
    t.put("U", point).put("count", len(shares))
    for share in shares:
        t.put("share", share)
    witness = [author.secret, u] + [row[0] for row in a]
    points = [author.point, point] + [row[0] for row in commitments]
    tag = "KEY.RESHARE" if setup.previous else "KEY.DEAL"
    if bad_proof:
        witness[0] += 1
    proof = prove(tag, witness, [(p, [(i, G)]) for i, p in enumerate(points)], t)
    return u16(dealer) + b"".join(b"".join(row) for row in commitments) + point + b"".join(shares) + proof


def make_commit(setup, dealer, author, deal):
    promise = setup.promise(deal)
    t = setup.context.proof("commit").put("dealer", dealer).put("deal", promise)
    return u16(dealer) + promise + sign(author.secret, t)


def open_share(setup, deal, member, author):
    """The share dealt to a member."""
    t = setup.context.proof("share key").put("dealer", deal.dealer).put("recipient", member).put("U", deal.u)
    t.put("C", setup.member(member)).put("shared", times(author.secret, decode(deal.u)))
    associated = setup.manifest.hash + u32(setup.epoch) + u16(deal.dealer) + u16(member)
    plain = ChaCha20Poly1305(t.challenge_bytes("key", 32)).decrypt(bytes(12), deal.shares[member], associated)
    return [int.from_bytes(plain[at : at + 32], "little") for at in range(0, len(plain), 32)]


def make_complaint(setup, deal, member, author):
    shared = times(author.secret, decode(deal.u))
    t = setup.context.proof("complaint").put("complainer", member).put("dealer", deal.dealer)
    t.put("deal", setup.promise(deal.bytes))
    equations = [(author.point, [(0, G)]), (shared, [(0, deal.u)])]
    return u16(member) + u16(deal.dealer) + shared + prove("KEY.COMPLAINT", [author.secret], equations, t)


def make_confirmation(ceremony, member, author):
    t = Transcript("entry signature").put("ceremony", ceremony.hash).put("trustee", member)
    return u16(member) + sign(author.secret, t)


def make_rehearsal(ceremony, member, author, shares, question):
    t = ceremony.opening.proof("rehearsal").put("trustee", member).put("question", question)
    points = [author.point, *map(times, shares)]
    equations = [(point, [(i, G)]) for i, point in enumerate(points)]
    return u16(member) + prove("KEY.REHEARSAL", [author.secret, *shares], equations, t)


def make_erasure(ceremony, member, author):
    t = ceremony.setup.context.proof("erasure").put("ceremony", ceremony.hash).put("trustee", member)
    return u32(ceremony.setup.epoch) + u16(member) + sign(author.secret, t)


def digits(value, of):
    """The bits of a number in these weights, the greatest first."""
    bits = []
    for weight in reversed(of):
        bits.append(int(value >= weight))
        value -= bits[-1] * weight
    return bits[::-1]


def fill(contest, votes, mark):
    """The bits of a contest's numbers, without slack. `votes` are those of options and then of lines, or the number of each
    option's grade from 1, 0 for none; `mark` is 0, or the number of a mark from 1."""
    if contest.is_ranking or contest.folded:
        return []
    if contest.form in FILL:
        bits = FILL[contest.form](contest, votes)
        # The slots for ballots with a list stand behind the marks.
        at = len(bits) - len(contest.groups) - contest.none if contest.form == LISTS else len(bits)
        return bits[:at] + [int(mark == number) for number in range(1, len(contest.marks) + 1)] + bits[at:]
    bits, maxima = [], contest.maxima + [contest.each] * contest.lines
    for number, (most, vote) in enumerate(zip(maxima, votes, strict=True)):
        if contest.grades:
            bits += [int(vote == grade) for grade in range(1, len(contest.grades) + 1)]
        elif contest.counts_voters and number < len(contest.options):
            one = min(vote, 1)
            bits += [one, *digits(vote - one, weights(most - 1))]
        else:
            bits += digits(vote, weights(most))
    return bits + [int(mark == number) for number in range(1, len(contest.marks) + 1)]


def fill_lists(contest, votes):
    """`votes` are those of names, and then the number of a list from 1; the number behind them for none of them."""
    *votes, chosen = votes
    lists = range(1, len(contest.groups) + contest.none + 1)
    bits = [bit for most, v in zip(contest.maxima, votes) for bit in digits(v, weights(most))]
    left = contest.hi - sum(votes)
    for j in lists:
        bits += digits(left * (j == chosen), weights(contest.hi))
    return bits + [int(j == chosen) for j in lists]


def fill_places(contest, ranks):
    """`ranks` are those of options from 1, 0 for none. All are -1 with a mark, or if nothing can be given."""
    places = range(1, len(contest.points) + 1)
    bits = [int(rank == place) for rank in ranks for place in places]
    return bits + [int(place not in ranks and -1 not in ranks) for place in places] * contest.fewer


def fill_pairs(contest, ranks):
    """`ranks` are those of options, from 0 as the best. All are -1 with a mark."""
    options = len(ranks)
    bits = [int(ranks[i] < ranks[j]) for i, j in contest.pairs]
    if contest.ties and options >= RANKS_FROM:
        bits += [bit for rank in ranks for bit in digits(max(0, rank), weights(options - 1))]
    if not contest.ties and options >= SCORES_FROM:
        bits += [int(options - 1 - rank == score) for rank in ranks for score in range(options)]
    return bits


def fill_star(contest, scores):
    bits = [bit for score in scores for bit in digits(score, weights(contest.each))]
    return bits + [int(scores[i] > scores[j]) for i, j in contest.pairs]


def fill_quadratic(contest, counts):
    bits = []
    for count in counts:
        if contest.each < BINARY_FROM:
            bits += [int(i < count) for i in range(contest.each)]
            continue
        of = [count >> i & 1 for i in range(contest.each.bit_length())]
        bits += of + [of[i] * of[j] for i, j in combinations(range(len(of)), 2)]
    return bits


FILL = {LISTS: fill_lists, PLACES: fill_places, PAIRS: fill_pairs, STAR: fill_star, QUADRATIC: fill_quadratic}


def complete(rules, numbers):
    """All bits of a ballot from those that are no slack. Each slack is what its row lacks."""
    left = iter(numbers)
    bits = [0 if j in rules.slack else next(left) for j in range(len(rules.bits))]
    for terms, target in rules.rows:
        slack = [(j, factor) for j, factor in terms if j in rules.slack]
        lacking = target - sum(bits[j] * factor for j, factor in terms)
        sign = -1 if slack and slack[0][1] < 0 else 1
        for (j, _), bit in zip(slack, digits(sign * lacking, [sign * factor for _, factor in slack])):
            bits[j] = bit
    return bits


def make_ballot(
    election, voter, style, sequence, choices, station=None, nonce=None, secret=None, cheat=0, wide_nonce=None, weight=1,
):  # fmt: skip
    """`choices` holds for each contest what `fill` takes, and the elements of its message if it has one. `cheat` is added
    only to the first slot's sum; `wide_nonce` is the nonce in the proof for folded contests, if that is another. `weight`
    is stated if the style splits it."""
    manifest = election.manifest
    rules = manifest.rules[style]
    of_style = election.style(style)
    numbers, messages, limbs = [], [], []
    for c, (votes, mark, *message) in zip(manifest.styles[style].contests, choices, strict=True):
        contest = manifest.contests[c]
        numbers += fill(contest, votes, mark)
        if contest.folded:
            limbs += [limb for v, size in zip(votes, contest.limbs, strict=True) for limb in amount(v, size)]
        messages += [element for elements in message for element in elements]
    bits = complete(rules, numbers)
    keys = [decode(key) for key in of_style.keys]
    values = rules.values(bits)
    for slot, limb in zip(rules.wide.places, limbs, strict=True):
        values[slot] = limb
    values[0] += cheat
    r, s = nonce or scalar(), voter.secret if secret is None else secret
    held = [(v, BASE) for v in values]
    of_messages = [slot for slot in rules.free if slot not in rules.wide.places]
    for slot, element in zip(of_messages, messages, strict=True):
        held[slot] = 1, decode_any(element)
    nonce_point, sealed = times(r), [encode(multiscalar([(r, k), of_slot])) for k, of_slot in zip(keys, held)]

    t = election.transcript.proof("ballot").put("style", style).put("sequence", sequence)
    t.put("remote", 0) if station is None else t.put("station", station)
    wide = b""
    if limbs:
        all_values = with_slack(rules.wide, limbs)
        wide = prove_wide(t.put("X", voter.point), of_style.wide, nonce_point, sealed, all_values, wide_nonce or r)
    a, a_r, a_s, rho, rho2 = [scalar() for _ in bits], scalar(), scalar(), scalar(), scalar()
    g, g2 = [generator("G", j) for j in range(len(bits))], [generator("G'", j) for j in range(len(bits))]
    g_r, g_s, h = generator("R", 0), generator("S", 0), generator("H", 0)
    d = list(zip(bits, g)) + [(x * (1 - 2 * b), p) for x, b, p in zip(a, bits, g2)]
    d = encode(multiscalar(d + [(r, g_r), (s, g_s), (rho, h)]))
    e = list(zip(a, g)) + [(-x * x, p) for x, p in zip(a, g2)]
    e = encode(multiscalar(e + [(a_r, g_r), (a_s, g_s), (rho2, h)]))
    if rules.of_weight:
        t.put("weight", weight)
    t.put("relation", of_style.relation).put("X", voter.point).put("A", nonce_point).put_list("B", sealed)
    y = t.put("D", d).put("E", e).challenge("y")
    power, of_rows, y_n, y_n1 = rules.powers(y)
    mu = [sum(power[slot] * weight for slot, weight in slots) for slots in rules.bits]
    for p, (terms, _) in zip(of_rows, rules.rows):
        for j, coefficient in terms:
            mu[j] += p * coefficient
    of_base = sum(m * x for m, x in zip(mu, a)) + y_n * a_s + y_n1 * a_r
    w = encode(multiscalar([(a_r * p, k) for p, k in zip(power, keys)] + [(of_base, BASE)]))
    x = t.put("W", w).challenge("x")
    answers = [b * x + q for b, q in zip(bits, a)] + [r * x + a_r, s * x + a_s, rho * x + rho2]
    origin = b"\0" if station is None else b"\1" + u16(station)
    head = u16(style) + u32(sequence) + origin + voter.point + (u64(weight) if rules.of_weight else b"")
    return head + nonce_point + b"".join(sealed) + wide + d + e + w + b"".join(map(little, answers))


def make_spoil_request(election, secret, nonce, of_ballot):
    """`secret` is the voter's; `of_ballot` is the tracker."""
    t = election.transcript.proof("spoil").put("tracker", of_ballot)
    points = [times(secret), times(nonce)]
    equations = [(point, [(i, G)]) for i, point in enumerate(points)]
    return of_ballot + b"".join(points) + prove("SPOIL.REQUEST", [secret, nonce], equations, t)


def make_spoil_opening(nonce, ballot):
    return little(nonce) + ballot


def make_receipt(operator, manifest, fate, entry, size, root, of_ballot):
    t = Transcript("receipt").put("manifest", manifest.hash).put("fate", fate).put("entry", entry)
    t.put("size", size).put("root", root).put("tracker", of_ballot)
    data = bytes([fate]) + u64(entry) + u64(size) + root + of_ballot + sign(operator.secret, t)
    return bech32m.encode("receipt", data)


def make_close_signature(ceremony, member, author, size, root):
    t = ceremony.election.transcript.proof("close").put("keys", ceremony.hash).put("trustee", member)
    return u16(member) + sign(author.secret, t.put("size", size).put("root", root))


def make_share(ceremony, tally, member, author, shares, wrong=False):
    factors = [times(shares[opened.slot] + wrong, opened.a) for opened in tally.opened]
    t = ceremony.opening.proof("decryption").put("trustee", member).put("C", author.point).put("tally", tally.bytes)
    drawn = t.put_list("P", factors).challenge_bytes("w", 16 * len(factors))
    w = [int.from_bytes(drawn[at : at + 16], "little") for at in range(0, len(drawn), 16)]
    q = {slot: scalar() for slot in tally.opened_slots}
    r_slots = [times(q[slot]) for slot in tally.opened_slots]
    r_sum = encode(multiscalar([(q[opened.slot] * weight, opened.a) for opened, weight in zip(tally.opened, w)]))
    x = t.put_list("R", r_slots).put("R sum", r_sum).challenge("x")
    z_slots = [little(q[slot] + x * shares[slot]) for slot in tally.opened_slots]
    nonce = scalar()
    r_author = times(nonce)
    x_author = t.put_list("z", z_slots).put("R author", r_author).challenge("x author")
    out = u16(member) + b"".join(factors) + b"".join(r_slots) + r_sum + r_author + b"".join(z_slots)
    return out + little(nonce + x_author * author.secret)


def make_result(totals, turnout, elected=()):
    """`elected` are the names of those elected in each contest that is counted."""
    districts, on_roll, stations, remote = turnout
    out = b"".join(u64(total) for cell in totals if cell is not None for total in cell)
    out += b"".join(items([u64(n) for n in part]) for part in (districts, on_roll, stations)) + u64(remote)
    return out + b"".join(items(list(map(text, names))) for names in elected)


class Board:
    """A board that takes anything. The state beside it follows as long as the rules are kept."""

    def __init__(self, operator, manifest):
        self.operator, self.objects, self.refusals = operator, [], []
        self.tree, self.state = board.Tree(), board.State()
        self.manifest_hash = sha3_256(b"tabella/v1 manifest" + manifest).digest()
        self.operate(board.MANIFEST, manifest)

    def post(self, kind, content):
        data = bytes([kind]) + content
        self.objects.append(data)
        try:
            self.state.apply(data)
        except board.Refusal as refusal:
            self.refusals.append(refusal)
        for entry in board.entries_of(data):
            self.tree.push(entry)

    def operate(self, kind, content, author=None):
        t = Transcript("entry signature").put("manifest", self.manifest_hash).put("size", self.tree.size)
        t.put("root", self.tree.root()).put("kind", kind).put("content", content)
        self.post(kind, content + sign((author or self.operator).secret, t))

    def entries(self):
        return [entry for data in self.objects for entry in board.entries_of(data)]
