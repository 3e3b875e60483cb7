"""Cells, decryption shares, and what they open (docs/spec/decryption.md)."""

import copy
from collections import namedtuple
from functools import lru_cache, partial
from hashlib import sha3_256

from codec import Reader, u32, u64
from counting import lot
from keys import lagrange
from kinds import SPLIT
from manifest import MAX_NAME
from merlin import ZeroChallenge
from ristretto import BASE, IDENTITY, L, add, decode, encode, is_identity, multiply, multiscalar, negate, vanishes
from written import MAX_CANDIDATES, MOST_HELD, Account, Answer, Counted, Row

SHARES, PUBLIC, EMPTY, TOO_FEW = range(4)


class Cell:
    def __init__(self, contest, slots):
        self.contest, self.districts, self.ballots, self.weight = contest, [], 0, 0
        self.people = set()  # who cast these ballots
        self.a, self.b = IDENTITY, [IDENTITY] * slots
        self.opening = None

    def take(self, a, b, weight, caster):
        self.ballots += 1
        self.people.add(caster)
        self.weight += weight
        self.a = add(self.a, a)
        self.b = [add(x, y) for x, y in zip(self.b, b)]

    def join(self, other):
        self.districts += other.districts
        self.ballots += other.ballots
        self.people |= other.people
        self.weight += other.weight
        self.a = add(self.a, other.a)
        self.b = [add(x, y) for x, y in zip(self.b, other.b)]

    def encode(self):
        out = [u32(self.contest), u32(len(self.districts))]
        out += [u32(district) for district in self.districts]
        out += [u64(self.ballots), u64(self.weight), bytes([self.opening])]
        return b"".join(out + [encode(point) for point in [self.a, *self.b]])


class Tally:
    def __init__(self, manifest, ballots, casters):
        """`ballots` are pairs of a voter's last ballot and its weight; `casters` are the people who cast them."""
        self.manifest, self.cells, self.mixed = manifest, [], ()
        parts = {}
        for (ballot, weight), caster in zip(ballots, casters):
            style = manifest.styles[ballot.style]
            once = scaled = [decode(point) for point in [ballot.nonce, *ballot.sealed]]
            if weight != 1:
                scaled = [multiply(weight, point) for point in once]
            at = 1
            for c in style.contests:
                contest = manifest.contests[c]
                part = parts.setdefault((c, style.district), Cell(c, contest.summed))
                # A weight that is split is what the ciphertext holds.
                points = once if contest.form == SPLIT else scaled
                part.take(points[0], points[at : at + contest.summed], weight, caster)
                at += contest.slots
        for c, contest in enumerate(manifest.contests):
            self.cells += contest_cells(manifest, c, contest, parts)
        self.opened = [
            Opened(number, place, slot, cell.a, cell.b[place])
            for number, cell in enumerate(self.cells)
            if cell.opening == SHARES
            for place, slot in enumerate(manifest.slots_of(cell.contest)[: len(cell.b)])
        ]
        self._set_bytes(u32(len(self.cells)) + b"".join(cell.encode() for cell in self.cells))

    def _set_bytes(self, data):
        self.bytes, self.hash = data, sha3_256(b"tabella/v1 tally" + data).digest()
        self.opened_slots = sorted({opened.slot for opened in self.opened})

    def is_mixed(self, cell):
        return self.manifest.contests[cell.contest].mixed > 0 and cell.opening in (SHARES, PUBLIC)

    def with_mixed(self, mixed):
        """The same, and the rows after the last mixes: pairs of a cell's place and its rows."""
        new = copy.copy(self)
        new.mixed, new.opened = mixed, list(self.opened)
        out, number = [self.bytes, u32(len(mixed))], len(self.cells)
        for cell, rows in mixed:
            out += [u32(cell), u32(len(rows)), sha3_256(b"tabella/v1 rows" + b"".join(map(b"".join, rows))).digest()]
            slots = self.manifest.mixed_slots_of(self.cells[cell].contest)
            for row in rows:
                a, *b = map(decode, row)
                new.opened += [Opened(number, i, slot, a, point) for i, (slot, point) in enumerate(zip(slots, b))]
                number += 1
        new._set_bytes(b"".join(out))
        return new


# An opened slot, of a cell or of a mixed row; rows are numbered after the cells.
Opened = namedtuple("Opened", "ciphertext place slot a b")


def contest_cells(manifest, c, contest, parts):
    minimum = manifest.minimum_cell
    cells = []
    current = Cell(c, contest.summed)
    for district in sorted({style.district for style in manifest.styles if c in style.contests}):
        current.districts.append(district)
        if part := parts.get((c, district)):
            current.join(part)
        if not contest.whole and (current.ballots == 0 or len(current.people) >= minimum):
            cells.append(current)
            current = Cell(c, contest.summed)
    if current.districts:
        with_ballots = [cell for cell in cells if cell.ballots]
        if not contest.whole and len(current.people) < minimum and with_ballots:
            with_ballots[-1].join(current)
        else:
            cells.append(current)
    for cell in cells:
        if cell.ballots == 0:
            cell.opening = EMPTY
        elif len(cell.people) < minimum:
            cell.opening = TOO_FEW
        elif is_identity(cell.a):
            cell.opening = PUBLIC
        else:
            cell.opening = SHARES
    return cells


@lru_cache(maxsize=1 << 10)
def tally_of(manifest, ballots, casters=None):
    """Without `casters` each ballot is by somebody else."""
    return Tally(manifest, ballots, casters or range(len(ballots)))


@lru_cache(maxsize=1 << 8)
def mixed_tally(tally, mixed):
    return tally.with_mixed(mixed)


class Share:
    def __init__(self, tally, data):
        r = Reader(data)
        slots = len(tally.opened_slots)
        self.trustee, self.factors = r.u16(), r.elements(len(tally.opened))
        self.r_slots, self.r_sum, self.r_author = r.elements(slots), r.element(), r.element()
        self.z_slots, self.z_author = r.scalars(slots), r.scalar()
        r.finish()


@lru_cache(maxsize=1 << 12)
def read_share(tally, data):
    return Share(tally, data)


VALID, FAULTY, UNSIGNED = range(3)


@lru_cache(maxsize=1 << 12)
def judge_share(ceremony, tally, share):
    """VALID; FAULTY if it is wrong and its trustee signed it; UNSIGNED if anybody could have made it; and the tag."""
    j = share.trustee
    if j not in ceremony.holders or not tally.opened:
        return UNSIGNED, "of nobody who opens"
    key = ceremony.setup.member(j)
    t = ceremony.opening.proof("decryption").put("trustee", j).put("C", key).put("tally", tally.bytes)
    t.put_list("P", share.factors)
    drawn = t.challenge_bytes("w", 16 * len(tally.opened))
    w = [int.from_bytes(drawn[at : at + 16], "little") for at in range(0, len(drawn), 16)]
    try:
        x = t.put_list("R", share.r_slots).put("R sum", share.r_sum).challenge("x")
        t.put_list("z", [z.to_bytes(32, "little") for z in share.z_slots])
        x_author = t.put("R author", share.r_author).challenge("x author")
    except ZeroChallenge:
        return UNSIGNED, "zero challenge"
    # [DECRYPT.AUTHOR]  R′ + x′Cⱼ − z′G = 0
    if not vanishes([(1, decode(share.r_author)), (x_author, decode(key))], [(-share.z_author, BASE)]):
        return UNSIGNED, "[DECRYPT.AUTHOR]"
    # [DECRYPT.D1]  Rₖ + xYⱼₖ − zₖG = 0
    for slot, r, z in zip(tally.opened_slots, share.r_slots, share.z_slots):
        pairs = [(1, decode(r)), (x, decode(ceremony.verification_keys[j][slot]))]
        if not vanishes(pairs, [(-z, BASE)]):
            return FAULTY, "[DECRYPT.D1]"
    # [DECRYPT.D2]  x⁻¹R + Σ wₘₖPₘₖ − Σₖ x⁻¹zₖ(Σₘ wₘₖAₘ) = 0
    inverse = pow(x, -1, L)
    z_of = dict(zip(tally.opened_slots, share.z_slots))
    pairs = [(inverse, decode(share.r_sum))]
    of_a = {}
    for opened, p, weight in zip(tally.opened, share.factors, w):
        pairs.append((weight, decode(p)))
        of_a[opened.a] = of_a.get(opened.a, 0) + z_of[opened.slot] * weight
    pairs += [(-inverse * scalar, a) for a, scalar in of_a.items()]
    return (VALID, None) if vanishes(pairs) else (FAULTY, "[DECRYPT.D2]")


class Result:
    def __init__(self, manifest, tally, data):
        r = Reader(data)
        # For each cell its totals, or None if it has too few ballots.
        self.totals = [None if cell.opening == TOO_FEW else [r.u64() for _ in cell.b] for cell in tally.cells]
        self.districts = r.list(r.u64, len(manifest.districts), 8)
        self.on_roll = r.list(r.u64, len(manifest.districts), 8)
        self.stations = r.list(r.u64, len(manifest.stations), 8)
        self.remote = r.u64()
        self.rows = {}  # of each mixed cell, by its place
        for cell, rows in tally.mixed:
            contest = manifest.contests[tally.cells[cell].contest]
            self.rows[cell] = [Row(contest, [r.bytes(32) for _ in row[1:]]) for row in rows]
        self.manifest, self.tally = manifest, tally
        self.counted, self.elected, self.accounts = {}, {}, {}  # by contest
        for c, contest in enumerate(manifest.contests):
            sums = self.sums(c)
            if contest.count is not None and sums is not None and not is_too_much(contest, sums):
                self.elected[c] = r.list(lambda: r.text(MAX_NAME), MAX_CANDIDATES, 4)
        r.finish()

    def cells(self, c):
        """The places and the cells of a contest."""
        return [(place, cell) for place, cell in enumerate(self.tally.cells) if cell.contest == c]

    def sums(self, c):
        """The totals of a contest's slots in the whole election, or None if it was not opened."""
        totals = [self.totals[place] for place, _ in self.cells(c)]
        return None if None in totals else [sum(column) for column in zip(*totals)]

    def ballots(self, c):
        """The number of a contest's ballots, and the sum of their weights."""
        cells = [cell for _, cell in self.cells(c)]
        return sum(cell.ballots for cell in cells), sum(cell.weight for cell in cells)

    def wrong_elected(self, seed, withdrawn):
        """Counts totals and rows, which must have been checked, with the seed of lots. Returns the first contest with other
        elected than it states. `withdrawn` says why, by contest and option."""
        self.withdrawn = withdrawn
        for c in self.elected:
            rows = [row for place, _ in self.cells(c) for row in self.rows.get(place, [])]
            of_contest, (_, weight) = partial(lot, seed, c), self.ballots(c)
            contest, gone = self.manifest.contests[c], self.withdrawn_of(c)
            self.counted[c] = Counted(contest, self.sums(c), rows, of_contest, weight, gone)
        wrong = (c for c, elected in self.elected.items() if elected != self.counted[c].elected())
        return next(wrong, None)

    def withdrawn_of(self, contest):
        return sorted(option for place, option in self.withdrawn if place == contest)

    def wrong_account(self):
        """The first contest whose account does not add up to the votes on its ballots; known after counting."""
        for c, contest in enumerate(self.manifest.contests):
            sums, (ballots, weight) = self.sums(c), self.ballots(c)
            if sums is None or contest.held * weight > MOST_HELD:
                continue
            write_ins = sum(sum(row.votes) for place, _ in self.cells(c) for row in self.rows.get(place, []))
            self.accounts[c] = Account(contest, ballots, weight, sums, write_ins, self.counted.get(c))
        return next((c for c, account in self.accounts.items() if not account.adds_up()), None)

    def answer(self, c):
        """Whether a question passes, or None if it was not opened or asks nothing."""
        contest, sums = self.manifest.contests[c], self.sums(c)
        if contest.passes is None or sums is None or is_too_much(contest, sums):
            return None
        districts = {style.district for style in self.manifest.styles if c in style.contests}
        return Answer(contest, sums, *self.ballots(c), sum(self.on_roll[d] for d in districts))

    def effect(self, c):
        """Which of two questions takes effect, by its id, "" if neither does; None if the contest does not decide that, or
        not all that it takes was opened."""
        contest, ids = self.manifest.contests[c], [contest.id for contest in self.manifest.contests]
        answers = [self.answer(ids.index(id)) for id in contest.if_both]
        if not answers or None in answers:
            return None
        if not all(answer.passes for answer in answers):
            return next((id for id, answer in zip(contest.if_both, answers) if answer.passes), "")
        sums = self.sums(c)
        if sums is None or is_too_much(contest, sums):
            return None
        first, second = zip(contest.votes_in(sums), (answer.yes for answer in answers))
        return "" if first == second else contest.if_both[first < second]

    def turnout(self):
        return self.districts, self.on_roll, self.stations, self.remote


def is_too_much(contest, sums):
    """Whether the votes of an option do not fit 64 bits."""
    return contest.limbs != [] and contest.votes_in(sums) is None


@lru_cache(maxsize=1 << 12)
def read_result(manifest, tally, data):
    return Result(manifest, tally, data)


def combined(tally, shares):
    """Σⱼ λⱼPₘₖ for everything that is opened, in order. `shares` are, for each group, those of as many trustees as its
    threshold."""
    weighted = [
        pair for group in shares for pair in zip(lagrange([share.trustee for share in group]), group, strict=True)
    ]
    return [multiscalar([(c, decode(s.factors[i])) for c, s in weighted]) for i in range(len(tally.opened))]


@lru_cache(maxsize=1 << 12)
def wrong_cell(tally, shares, result):
    """The first cell whose totals or rows differ from what these shares open, or None. `shares` is empty if nothing is
    opened by shares."""
    sums = combined(tally, shares)
    of_slot = {(opened.ciphertext, opened.place): total for opened, total in zip(tally.opened, sums)}
    for number, (cell, totals) in enumerate(zip(tally.cells, result.totals)):
        for place, total in enumerate(totals or []):
            # [DECRYPT.OPEN]  Bₖ − Σⱼ λⱼPₘₖ − vₖG = 0
            pairs = [(1, cell.b[place]), (-1, of_slot.get((number, place), IDENTITY))]
            if not vanishes(pairs, [(-total, BASE)]):
                return number
    stated = [(cell, element) for cell, rows in result.rows.items() for row in rows for element in row.elements]
    behind = len(sums) - len(stated)
    for (cell, element), opened, total in zip(stated, tally.opened[behind:], sums[behind:]):
        # [DECRYPT.OPEN]  Bₖ − Σⱼ λⱼPₘₖ − Mₖ = 0
        if encode(add(opened.b, negate(total))) != element:
            return cell
    return None
