"""Spoil requests, openings of spoiled ballots, and receipts (docs/spec/challenge.md)."""

from functools import lru_cache

import bech32m
from ballot import Ballot
from codec import DecodeError, Reader
from linear import G, Proof, read_signature, signed
from merlin import Transcript
from ristretto import BASE, IDENTITY, add, decode, equal, multiscalar, vanishes


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
    """(votes, None): for each contest of the style the votes by option and the blank mark, which is None if the contest
    has none; or (None, why the ballot does not open)."""
    ballot, manifest = opening.ballot, election.manifest
    # [SPOIL.OPEN]  rG − A = 0
    if not vanishes([(-1, decode(ballot.nonce))], [(opening.r, BASE)]):
        return None, "[SPOIL.OPEN]: the nonce is another"
    values = []
    slots = zip(ballot.sealed, election.style(ballot.style).keys)
    for c in manifest.styles[ballot.style].contests:
        contest = manifest.contests[c]
        most = [contest.each] * len(contest.options) + [1] * contest.blank
        found = []
        for most, (sealed, key) in zip(most, slots):
            # [SPOIL.OPEN]  Bₖ − rYₖ − vₖG = 0
            value = logarithm(multiscalar([(1, decode(sealed)), (-opening.r, decode(key))]), most)
            if value is None:
                return None, f"[SPOIL.OPEN]: a value of {contest.id} is not in 0..={most}"
            found.append(value)
        votes, blank = found[: len(contest.options)], found[-1] if contest.blank else None
        total = sum(votes)
        if not (total == 0 if blank else contest.lo <= total <= contest.hi):
            return None, f"the rule of {contest.id} is broken"
        values.append((votes, blank))
    return values, None


def logarithm(point, most):
    """`v` with `vG` = the point, if there is one in 0..=most."""
    candidate = IDENTITY
    for value in range(most + 1):
        if equal(candidate, point):
            return value
        candidate = add(candidate, BASE)
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
