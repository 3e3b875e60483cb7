"""Cells, decryption shares, and what they open (docs/spec/decryption.md)."""

from functools import lru_cache

from codec import Reader, u32, u64
from keys import lagrange
from merlin import ZeroChallenge
from ristretto import BASE, IDENTITY, L, add, decode, encode, is_identity, multiply, multiscalar, vanishes

SHARES, PUBLIC, EMPTY, TOO_FEW = range(4)


class Cell:
    def __init__(self, contest, slots):
        self.contest, self.districts, self.ballots, self.weight = contest, [], 0, 0
        self.a, self.b = IDENTITY, [IDENTITY] * slots
        self.opening = None

    def take(self, a, b, weight):
        self.ballots += 1
        self.weight += weight
        self.a = add(self.a, a)
        self.b = [add(x, y) for x, y in zip(self.b, b)]

    def join(self, other):
        self.districts += other.districts
        self.ballots += other.ballots
        self.weight += other.weight
        self.a = add(self.a, other.a)
        self.b = [add(x, y) for x, y in zip(self.b, other.b)]

    def encode(self):
        out = [u32(self.contest), u32(len(self.districts))]
        out += [u32(district) for district in self.districts]
        out += [u64(self.ballots), u64(self.weight), bytes([self.opening])]
        return b"".join(out + [encode(point) for point in [self.a, *self.b]])


class Tally:
    def __init__(self, manifest, ballots):
        """`ballots` are pairs of a voter's last ballot and its weight."""
        self.cells = []
        parts = {}
        for ballot, weight in ballots:
            style = manifest.styles[ballot.style]
            scaled = [decode(point) for point in [ballot.nonce, *ballot.sealed]]
            if weight != 1:
                scaled = [multiply(weight, point) for point in scaled]
            at = 1
            for c in style.contests:
                slots = manifest.contests[c].slots
                part = parts.setdefault((c, style.district), Cell(c, slots))
                part.take(scaled[0], scaled[at : at + slots], weight)
                at += slots
        for c, contest in enumerate(manifest.contests):
            self.cells += contest_cells(manifest, c, contest, parts)
        # (cell, place in the contest, slot) of everything that shares open
        self.opened = [
            (cell, place, slot)
            for cell in self.cells
            if cell.opening == SHARES
            for place, slot in enumerate(manifest.slots_of(cell.contest))
        ]
        self.opened_slots = sorted({slot for _, _, slot in self.opened})
        self.bytes = u32(len(self.cells)) + b"".join(cell.encode() for cell in self.cells)


def contest_cells(manifest, c, contest, parts):
    minimum = manifest.minimum_cell
    cells = []
    current = Cell(c, contest.slots)
    for district in sorted({style.district for style in manifest.styles if c in style.contests}):
        current.districts.append(district)
        if part := parts.get((c, district)):
            current.join(part)
        if not contest.whole and (current.ballots == 0 or current.ballots >= minimum):
            cells.append(current)
            current = Cell(c, contest.slots)
    if current.districts:
        with_ballots = [cell for cell in cells if cell.ballots]
        if not contest.whole and current.ballots < minimum and with_ballots:
            with_ballots[-1].join(current)
        else:
            cells.append(current)
    for cell in cells:
        if cell.ballots == 0:
            cell.opening = EMPTY
        elif cell.ballots < minimum:
            cell.opening = TOO_FEW
        elif is_identity(cell.a):
            cell.opening = PUBLIC
        else:
            cell.opening = SHARES
    return cells


@lru_cache(maxsize=1 << 10)
def tally_of(manifest, ballots):
    return Tally(manifest, ballots)


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
    """VALID, FAULTY if its trustee signed it and it is wrong, UNSIGNED if anybody could have made it; and the tag."""
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
    of_cell = {}
    for (cell, _, slot), p, weight in zip(tally.opened, share.factors, w):
        pairs.append((weight, decode(p)))
        of_cell[cell] = of_cell.get(cell, 0) + z_of[slot] * weight
    pairs += [(-inverse * scalar, cell.a) for cell, scalar in of_cell.items()]
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
        r.finish()

    def turnout(self):
        return self.districts, self.on_roll, self.stations, self.remote


@lru_cache(maxsize=1 << 12)
def read_result(manifest, tally, data):
    return Result(manifest, tally, data)


@lru_cache(maxsize=1 << 12)
def wrong_cell(tally, shares, result):
    """The first cell whose totals are not what these shares open, or None. `shares` are those of `t` trustees, by
    number, or none if nothing is opened by shares."""
    coefficients = lagrange([share.trustee for share in shares])
    sums = {}
    for i, (cell, place, _) in enumerate(tally.opened):
        sums[cell, place] = multiscalar([(c, decode(s.factors[i])) for c, s in zip(coefficients, shares)])
    for number, (cell, totals) in enumerate(zip(tally.cells, result.totals)):
        for place, total in enumerate(totals or []):
            # [DECRYPT.OPEN]  Mₖ − vₖG = 0
            pairs = [(1, cell.b[place]), (-1, sums.get((cell, place), IDENTITY))]
            if not vanishes(pairs, [(-total, BASE)]):
                return number
    return None
