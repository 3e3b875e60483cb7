"""Vectors of tallies, decryption shares, mixes on a board and their openings, as in `vectors.py`."""

import keys
from codec import Reader
from comparison import Comparison, base, little, plain
from decryption import combined, judge_share, read_result, read_share, tally_of, wrong_cell
from kinds import RANKING, RANKING_WITH_TIES
from linear import G, Proof
from messages import encode_message
from mixing import Cascade, Mix, judge_mix, mix_transcript
from ristretto import BASE, IDENTITY, add, encode, multiply, negate
from shuffle import Shuffle
from vectors_mixing import of_parts, of_shuffle
from views import how_it_is_counted, workings_view
from written import Row


def decryption(content, folder):
    c = Comparison()
    state = base(folder, "election").state
    ceremony, tally, expected = state.ended[0].ceremony, state.tally, content["tally"]
    c.context("context", content["context"], ceremony.opening)
    of_tally(c, tally, expected)
    for cell, item in zip(tally.cells, expected["cells"], strict=True):
        found = {
            "contest": cell.contest, "districts": cell.districts, "ballots": cell.ballots, "weight": cell.weight,
            "A": encode(cell.a).hex(), "B": [encode(b).hex() for b in cell.b],
        }  # fmt: skip
        c.equal("cell", found, item)
    places = [{"cell": opened.ciphertext, "slot": opened.slot} for opened in tally.opened]
    c.equal("opened", places, expected["opened"])
    of_opening(c, state, tally, content)
    return c


def of_tally(c, tally, expected):
    c.equal("tally", [tally.bytes, tally.hash], [expected["bytes"], expected["hash"]])


def of_opening(c, state, tally, content):
    """Shares, points, and the result that states them."""
    ceremony, shares = state.ended[0].ceremony, []
    for item in content["shares"]:
        c.transcript("share", item, ceremony.opening)
        share = read_share(tally, bytes.fromhex(item["bytes"]))
        found = {
            "trustee": share.trustee, "P": share.factors, "R": share.r_slots, "R sum": share.r_sum,
            "R author": share.r_author, "z": [little(z) for z in share.z_slots], "z author": little(share.z_author),
        }  # fmt: skip
        c.equal("share", [plain(value) for value in found.values()], [item[name] for name in found])
        c.equal("share", judge_share(ceremony, tally, share), [0, None])
        shares.append(share)
    coefficients = keys.lagrange([share.trustee for share in shares])
    c.equal("lagrange", [little(value) for value in coefficients], content["lagrange"])
    sums = combined(tally, [shares])
    points = [encode(add(opened.b, negate(total))) for opened, total in zip(tally.opened, sums)]
    c.equal("points", points, content["points"])
    totals = content["totals"]
    found = [encode(multiply(v, BASE) if v else IDENTITY) for v in totals]
    c.equal("totals", found, content["points"][: len(totals)])
    result = read_result(state.manifest, tally, bytes.fromhex(content["result"]))
    summed = [result.totals[opened.ciphertext][opened.place] for opened in tally.opened[: len(totals)]]
    c.equal("totals", summed, totals)
    stated = [element for rows in result.rows.values() for row in rows for element in row.elements]
    c.equal("rows", stated, content["points"][len(totals) :])
    c.equal("result", wrong_cell(tally, (tuple(shares),), result), None)
    c.equal("turnout", result.turnout(), [list(part) if isinstance(part, list) else part for part in state.turnout()])
    return result


class Ranked:
    """A ranking of three options with two lines of at most twelve bytes."""

    options, candidates, lines, length, message_bytes = ["Ada", "Ben", "Cleo"], 5, 2, 12, 31
    is_ranking, votes_of_lines, each = True, 0, 1

    def __init__(self, item):
        self.lo, self.hi = item["min"], item["max"]
        self.form = RANKING_WITH_TIES if item["ties"] else RANKING


def of_rankings(c, items):
    for item in items:
        contest = Ranked(item)
        elements = encode_message(bytes.fromhex(item["message"]), 2)
        row = Row(contest, elements)
        if "invalid" in item:
            c.equal("invalid", row.fault, item["invalid"])
        else:
            c.equal("ranks", [row.fault, row.ranks], [None, item["ranks"]])
            c.equal("names", [name or None for name in row.names], item["names"])


def mixing(content, folder):
    c = Comparison()
    of_rankings(c, content["rankings"])
    record = base(folder, "council")
    state, manifest = record.state, record.state.manifest
    ceremony = state.ended[0].ceremony
    c.context("context", content["context"], ceremony.election.transcript)
    c.context("opening context", content["opening context"], ceremony.opening)
    c.equal("keys", ceremony.hash, content["keys"])
    last = [ballot for ballot, _ in state.last.values()]
    tally = tally_of(manifest, tuple((ballot, 1) for ballot in last))
    of_tally(c, tally, content["tally"])
    of_tally(c, state.tally, content["opened"])

    cascades = {}
    for item in content["cascades"]:
        cell = tally.cells[item["cell"]]
        cascades[item["cell"]] = cascade = Cascade(ceremony.election, cell, last)
        slots = list(manifest.mixed_slots_of(cell.contest))
        c.equal("cascade", [cascade.contest, slots, cascade.keys], [item["contest"], item["slots"], item["Y"]])
        c.equal("first rows", [b"".join(row) for row in cascade.rows], item["rows"])
        nonces = [record.entries[number][1 + 7 + 32 :][:32] for number in item["ballots"]]
        c.equal("ballots", [row[0] for row in cascade.rows], plain(nonces))
    for item in content["mixes"]:
        of_mix(c, ceremony, tally, cascades[item["cell"]], item, record.entries[item["entry"]][1:])
    ends = state.tally.bytes[len(tally.bytes) + 4 :]
    for number, item in enumerate(content["cascades"]):
        c.equal("hash of the last rows", ends[40 * number + 8 : 40 * number + 40], item["hash of the last rows"])
        c.equal("last rows", cascades[item["cell"]].rows, plain(dict(state.tally.mixed)[item["cell"]]))

    pairs = [{"ciphertext": of.ciphertext, "place": of.place, "slot": of.slot} for of in state.tally.opened]
    c.equal("pairs", pairs, content["pairs"])
    result = of_opening(c, state, state.tally, content)
    for item in content["rows"]:
        contest = manifest.contests[tally.cells[item["cell"]].contest]
        row = result.rows[item["cell"]][item["row"]]
        what = f"row {item['row']} of cell {item['cell']}"
        c.equal(what, row.elements, item["points"])
        c.equal(what, row.fault, item.get("invalid"))
        if "invalid" not in item:
            numbers = ("ranks", row.ranks) if contest.is_ranking else ("votes", row.votes)
            c.equal(what, numbers[1], item[numbers[0]])
            c.equal(what, [name or None for name in row.names], item["names"])
    for (number, counted), item in zip(result.counted.items(), content["counted"], strict=True):
        contest, times = manifest.contests[number], {}
        for ranking, given in counted.profile:
            groups = tuple(group[0] if len(group) == 1 else tuple(group) for group in ranking)
            times[groups] = times.get(groups, 0) + given
        found = {
            "contest": contest.id,
            "candidates": counted.candidates,
            "invalid": counted.invalid,
            "left_out": [list(pair) for pair in counted.left_out()],
            "rankings": [[given, plain(groups)] for groups, given in sorted(times.items()) if given],
        }
        found |= how_it_is_counted(contest.count) | {"counted": counted.count.votes, "elected": counted.count.elected}
        c.equal(contest.id, found | workings_view(counted.count), item)
    return c


def of_mix(c, ceremony, tally, cascade, item, data):
    what, inputs, cell = f"mix of entry {item['entry']}", cascade.rows, item["cell"]
    mix = Mix(data, len(inputs), len(cascade.keys))
    c.equal(what, [mix.trustee, mix.cell, mix.position], [item["trustee"], cell, item["position"]])
    author = ceremony.setup.member(mix.trustee)
    c.equal(what, [author, mix.signature], [item["C"], item["signature"]])
    c.equal(what, mix.rows, item["out"])
    of_parts(c, what, mix.proof, item["proof"])
    # The signature continues the transcript of the shuffle, and draws another x.
    labels = [label for label, _ in item["messages"]]
    at = labels.index("linear")
    start = c.transcript(what, item | {"messages": item["messages"][:at]}, ceremony.election.transcript)
    c.transcript(what, {"messages": item["messages"][at:], "x": item["author x"]}, start)
    t = mix_transcript(ceremony, tally.hash, mix.trustee, mix.cell, mix.position)
    shuffle = Shuffle(t, cascade.keys, inputs, mix.rows, mix.proof)
    of_shuffle(c, what, shuffle, item, item["fails"])
    proof = Proof.read(Reader(mix.signature), 1, 1)
    x = proof.challenge("BOARD.AUTHOR", 1, [(author, [(0, G)])], t)
    c.equal(what, little(x), item["author x"])
    rows, fault = judge_mix(ceremony, tally.hash, cascade.keys, inputs, data)
    c.equal(what, fault, f"[{item['fails'][0]}]" if item["fails"] else None)
    if rows is not None:
        cascade.hold(rows, mix.trustee)
