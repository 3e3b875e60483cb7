"""Spoil requests, openings of spoiled ballots, and receipts (docs/spec/challenge.md)."""

from functools import lru_cache
from itertools import islice

import bech32m
from ballot import Ballot
from codec import DecodeError, Reader
from kinds import CHOICE, SPLIT, most_of_slots
from linear import G, Proof, read_signature, signed
from merlin import Transcript
from ristretto import BASE, IDENTITY, add, decode, encode, multiscalar, negate, vanishes
from rules import keeps_rule
from written import Row


class SpoilRequest:
    def __init__(self, data):
        r = Reader(data)
        self.tracker, self.voter, self.nonce = r.bytes(32), r.element(), r.element()
        self.proof = Proof.read(r, 2, 2)
        r.finish()


@lru_cache(maxsize=1 << 12)
def read_spoil_request(data):
    return SpoilRequest(data)


@lru_cache(maxsize=1 << 12)
def request_holds(election, request):
    """[SPOIL.REQUEST]  R + xP − zG = 0 for P = X and for P = A"""
    t = election.transcript.proof("spoil").put("tracker", request.tracker)
    equations = [(request.voter, [(0, G)]), (request.nonce, [(1, G)])]
    return request.proof.holds("SPOIL.REQUEST", 2, equations, t)


class Opening:
    def __init__(self, manifest, data):
        r = Reader(data)
        self.r = r.scalar()
        try:
            self.ballot = Ballot(manifest, data[32:])
        except DecodeError as error:
            raise DecodeError(error.at + 32, error.reason) from None


@lru_cache(maxsize=1 << 12)
def read_opening(manifest, data):
    return Opening(manifest, data)


@lru_cache(maxsize=1 << 12)
def opened(election, opening):
    """(an `Opened` for each contest of the style, None), or (None, why the ballot does not open)."""
    ballot, manifest = opening.ballot, election.manifest
    # [SPOIL.OPEN]  rG − A = 0
    if not vanishes([(-1, decode(ballot.nonce))], [(opening.r, BASE)]):
        return None, "[SPOIL.OPEN]: the nonce is another"
    values, votes = [], {}
    style, slots = manifest.styles[ballot.style], zip(ballot.sealed, election.style(ballot.style).keys)
    for c in style.contests:
        contest = manifest.contests[c]
        # [SPOIL.OPEN]  Bₖ − rYₖ − vₖG = 0
        points = [
            multiscalar([(1, decode(sealed)), (-opening.r, decode(key))])
            for sealed, key in islice(slots, contest.slots)
        ]
        needed = 1 if contest.option_needed is None else votes[contest.option_needed]
        values.append(found := Opened(contest, points, needed, ballot.weight))
        if found.fault:
            return None, f"[SPOIL.OPEN]: in {contest.id} {found.fault}"
        if contest.has_votes:
            votes |= {(c, option): v for option, v in enumerate(found.votes)}
    if any(limit.spent(votes) > limit.hi for limit in style.limits):
        return None, f"[SPOIL.OPEN]: a limit of {style.id} is broken"
    return values, None


class Opened:
    """The content of one contest of an opened ballot: `votes`, `marks` and `behind` are its parts, and `row` is the content
    of the mixed slots. `needed` are the votes of the option that it goes with; `weight` is what the ballot states."""

    def __init__(self, contest, points, needed, weight=None):
        most = most_of_slots(contest)
        summed = [logarithm(point, m) for point, m in zip(points[: contest.summed], most, strict=True)]
        self.row = Row(contest, [encode(point) for point in points[contest.summed :]]) if contest.mixed else None
        self.fault = None
        if contest.is_ranking:
            # The content of a message is not checked: on a board it would count as invalid.
            self.votes = self.marks = self.behind = []
            return
        lines = self.row.votes if self.row else []
        if None not in summed:
            self.votes, self.marks, self.behind = contest.parts(summed)
        if None in summed or len(lines) < contest.lines or self._is_above(contest):
            self.fault = "a value is too large"
        elif not keeps_rule(contest, self.votes, self.marks, self.behind, lines, needed, weight):
            self.fault = "the rule is broken"

    def _is_above(self, contest):
        """Whether the limbs of an option hold more votes than it can have."""
        return contest.form in (CHOICE, SPLIT) and any(v > most for v, most in zip(self.votes, contest.maxima))


STEPS = 512


@lru_cache(maxsize=1)
def steps():
    """The first multiples of the base, by their bytes, and the negative of the next one."""
    found, point = {}, IDENTITY
    for value in range(STEPS):
        found[encode(point)] = value
        point = add(point, BASE)
    return found, negate(point)


def logarithm(point, most):
    """`v` with `vG` = the point, if it is in 0..=most."""
    first, back = steps()
    for taken in range(0, most + 1, STEPS):
        if (value := first.get(encode(point))) is not None:
            return taken + value if taken + value <= most else None
        point = add(point, back)
    return None


CAST, SPOILED = range(2)


class Receipt:
    SIZE = 145

    def __init__(self, data):
        r = Reader(data)
        self.fate, self.entry, self.size = r.u8(1), r.u64(), r.u64()
        self.root, self.tracker = r.bytes(32), r.bytes(32)
        self.signature = read_signature(r)
        r.finish()
        if self.entry >= self.size:
            raise DecodeError(1, "an entry that is not below the size")

    @classmethod
    def from_text(cls, text):
        return cls(bech32m.decode("receipt", text, cls.SIZE))

    def is_signed(self, manifest):
        """[BOARD.AUTHOR]"""
        t = Transcript("receipt").put("manifest", manifest.hash).put("fate", self.fate).put("entry", self.entry)
        t.put("size", self.size).put("root", self.root).put("tracker", self.tracker)
        return signed("BOARD.AUTHOR", manifest.operator[:32], self.signature, t)
