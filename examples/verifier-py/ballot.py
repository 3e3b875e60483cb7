"""Ballots and their proof (docs/spec/ballot.md)."""

from functools import lru_cache
from hashlib import sha3_256

from codec import DecodeError, Reader
from kinds import MOST_WEIGHT
from merlin import ZeroChallenge
from ristretto import BASE, decode, generator, vanishes
from wide import Proof, Wide


class BallotStyle:
    """A style with the slot keys of an election."""

    def __init__(self, manifest, style, slot_keys):
        self.rules = manifest.rules[style]
        self.keys = [slot_keys[slot] for slot in manifest.slots_of_style(style)]
        constraints = self.rules.constraints()
        self.wide = self.rules.wide.relation(self.keys)
        self.relation = sha3_256(b"tabella/v1 relation" + constraints + b"".join(self.keys)).digest()


class WrongLength(DecodeError):
    """A ballot whose length differs from that of its style and origin."""


class Envelope:
    """The parts of a ballot that are checked before its elements and scalars are decoded."""

    def __init__(self, manifest, data):
        self.bytes = data
        r = Reader(data)
        self.style, self.sequence = r.u16(len(manifest.styles) - 1), r.u32()
        self.station = r.u16(len(manifest.stations) - 1) if r.flag() else None
        rules = manifest.rules[self.style]
        of_weight = 8 if rules.of_weight else 0
        length = 32 + of_weight + 32 * (rules.slots + 1) + rules.wide.size + 32 * (len(rules.bits) + 6)
        if r.left() != length:
            # At the first missing or surplus byte.
            raise WrongLength(r.at + min(length, r.left()), f"{length} bytes expected, {r.left()} are left")
        at = r.at + 32 + of_weight
        self.voter, self.nonce = data[r.at : r.at + 32], data[at : at + 32]
        # What the ballot states as its voter's weight, if its style splits that.
        self.weight = Reader(data, r.at + 32).u64(MOST_WEIGHT) if of_weight else None
        self.rest = r, rules


class Ballot(Envelope):
    def __init__(self, manifest, data):
        super().__init__(manifest, data)
        r, rules = self.rest
        self.voter = r.element()
        self.weight = r.u64(MOST_WEIGHT) if rules.of_weight else None
        self.nonce, self.sealed = r.element(), r.elements(rules.slots)
        self.wide = Proof(r, rules.wide.values) if rules.wide.places else None
        self.d, self.e, self.w = r.elements(3)
        self.f, (self.f_r, self.f_s, self.z) = r.scalars(len(rules.bits)), r.scalars(3)


@lru_cache(maxsize=1 << 17)
def read_ballot(manifest, data):
    """The ballot with these bytes and None; or its envelope, if that can be read, or None, and the error."""
    try:
        return Ballot(manifest, data), None
    except DecodeError as error:
        fault = str(error)
    try:
        return Envelope(manifest, data), fault
    except DecodeError:
        return None, fault


class Election:
    """Manifest, hash of the first ceremony and slot keys: everything for which ballots are made."""

    def __init__(self, manifest, transcript, slot_keys):
        self.manifest, self.transcript, self.slot_keys = manifest, transcript, slot_keys
        self.styles = {}

    def style(self, number):
        if number not in self.styles:
            self.styles[number] = BallotStyle(self.manifest, number, self.slot_keys)
        return self.styles[number]


class Equations:
    """Everything that a verifier computes for a ballot's proof. `v1` and `v2` are pairs of terms whose sum should be
    the identity; `wide` is the proof for folded contests, or None."""

    def __init__(self, election, ballot):
        style = election.style(ballot.style)
        rules = style.rules
        t = election.transcript.proof("ballot").put("style", ballot.style).put("sequence", ballot.sequence)
        t.put("remote", 0) if ballot.station is None else t.put("station", ballot.station)
        self.wide = None
        if ballot.wide:
            self.wide = Wide(t.put("X", ballot.voter), style.wide, ballot.nonce, ballot.sealed, ballot.wide)
        if rules.of_weight:
            t.put("weight", ballot.weight)
        t.put("relation", style.relation).put("X", ballot.voter).put("A", ballot.nonce).put_list("B", ballot.sealed)
        self.y = y = t.put("D", ballot.d).put("E", ballot.e).challenge("y")
        self.x = x = t.put("W", ballot.w).challenge("x")
        # [BALLOT.V1]  xD + E − Σ fⱼGⱼ − Σ fⱼ(x−fⱼ)G′ⱼ − f_rG_r − f_sG_s − zH = 0
        fixed = [(-ballot.f_r, generator("R", 0)), (-ballot.f_s, generator("S", 0)), (-ballot.z, generator("H", 0))]
        for j, f in enumerate(ballot.f):
            fixed += [(-f, generator("G", j)), (-f * (x - f), generator("G'", j))]
        self.v1 = [(x, decode(ballot.d)), (1, decode(ballot.e))], fixed
        # μⱼ = Σₖ yᵏcₖⱼ + Σᵢ y^(K+i)Uᵢⱼ      τ = Σᵢ y^(K+i)tᵢ
        of_slots, of_rows, y_n, y_n1 = rules.powers(y)
        self.mu = mu = [sum(of_slots[slot] * weight for slot, weight in slots) for slots in rules.bits]
        self.tau = 0
        for power, (terms, _), target in zip(of_rows, rules.rows, rules.targets(ballot.weight)):
            self.tau += power * target
            for j, coefficient in terms:
                mu[j] += power * coefficient
        # [BALLOT.V2]  x(Σ yᵏBₖ + y^N·X + y^(N+1)·A) + W − f_rY* − (⟨μ,f⟩ + y^N·f_s + y^(N+1)·f_r − τx)G = 0
        pairs = [(x * power, decode(point)) for power, point in zip(of_slots, ballot.sealed)]
        pairs += [(x * y_n, decode(ballot.voter)), (x * y_n1, decode(ballot.nonce)), (1, decode(ballot.w))]
        self.of_base = sum(m * f for m, f in zip(mu, ballot.f)) + y_n * ballot.f_s + y_n1 * ballot.f_r - self.tau * x
        # The terms of Y*
        self.key = [(power, decode(key)) for power, key in zip(of_slots, style.keys)]
        self.v2 = pairs, [(-self.of_base, BASE)] + [(-ballot.f_r * power, key) for power, key in self.key]


@lru_cache(maxsize=1 << 17)
def proof_holds(election, ballot):
    """None if [BALLOT.V1] and [BALLOT.V2] hold, and with folded contests [WIDE.R1] to [WIDE.L4] before them; otherwise the tag
    of the first that does not."""
    try:
        equations = Equations(election, ballot)
    except ZeroChallenge:
        return "BALLOT.V1"
    if equations.wide and (fault := equations.wide.fault()):
        return fault
    if not vanishes(*equations.v1):
        return "BALLOT.V1"
    return None if vanishes(*equations.v2) else "BALLOT.V2"


def tracker(ballot):
    return sha3_256(b"tabella/v1 tracker" + ballot).digest()
