"""Cascades of mixes (docs/spec/mixing.md, Cascade)."""

from functools import lru_cache

from codec import DecodeError, Reader
from linear import read_signature, signed
from merlin import ZeroChallenge
from ristretto import NotCanonical
from shuffle import Proof, Shuffle


class MixRefused(Exception):
    """A mix that is not attributable to a trustee or not the next one; `name` is that of the refusal."""

    def __init__(self, reason, name="Mix"):
        super().__init__(reason)
        self.name = name


class Cascade:
    """The mixes of one cell: `rows` are those after the last mix."""

    def __init__(self, election, cell, ballots):
        """The first rows are those of the cell's ballots. `ballots` are all voters' last ballots, in the order of the
        board."""
        manifest, rows = election.manifest, []
        self.contest, slots = cell.contest, manifest.mixed_slots_of(cell.contest)
        for ballot in ballots:
            style = manifest.styles[ballot.style]
            if cell.contest in style.contests and style.district in cell.districts:
                sealed = dict(zip(manifest.slots_of_style(ballot.style), ballot.sealed))
                rows.append((ballot.nonce, *(sealed[slot] for slot in slots)))
        self.keys, self.rows = tuple(election.slot_keys[slot] for slot in slots), tuple(rows)
        self.by = []

    def hold(self, rows, trustee):
        self.rows = rows
        self.by.append(trustee)


class Mixing:
    """The cascades of all mixed cells, by the cell's place in the tally."""

    def __init__(self, ceremony, tally, cascades):
        self.ceremony, self.tally, self.cascades = ceremony, tally, cascades
        self.faulty = {}  # by trustee and cell: what is wrong

    def is_complete(self):
        return all(map(self._is_complete, self.cascades.values()))

    def _is_complete(self, cascade):
        return not any(self._lacks(cascade, group) for group in self.ceremony.setup.groups())

    def _lacks(self, cascade, group):
        """How many mixes of a group are missing. A group mixes exactly as often as its threshold says."""
        return self.ceremony.setup.thresholds[group] - len(self.ceremony.of_group(group, cascade.by))

    def rows(self):
        """Pairs of a cell's place and its final rows."""
        return tuple((cell, cascade.rows) for cell, cascade in self.cascades.items())

    def take(self, data):
        """Takes a mix that counts, or one that is its mixer's fault."""
        r = Reader(data)
        trustee, cell, position = r.u16(), r.u32(), r.u16()
        cascade = self.cascades.get(cell)
        if trustee not in self.ceremony.holders:
            raise MixRefused(f"{trustee} holds no share", "Trustee")
        if cascade is None or self._is_complete(cascade):
            raise MixRefused(f"cell {cell} does not wait for a mix")
        if position != len(cascade.by):
            raise MixRefused(f"position {position}, but {len(cascade.by)} is next")
        if trustee in cascade.by:
            raise MixRefused(f"trustee {trustee} has mixed cell {cell}")
        if not self._lacks(cascade, self.ceremony.setup.group_of(trustee)):
            raise MixRefused(f"cell {cell} waits for a mix of another group")
        rows, fault = judge_mix(self.ceremony, self.tally.hash, cascade.keys, cascade.rows, data)
        if fault is None:
            cascade.hold(rows, trustee)
            self.faulty.pop((trustee, cell), None)
        elif (trustee, cell) not in self.faulty:
            self.faulty[trustee, cell] = fault
        else:
            raise MixRefused(f"trustee {trustee}, cell {cell}: wrong again, {fault}")


def mix_transcript(ceremony, tally_hash, trustee, cell, position):
    t = ceremony.election.transcript.proof("mix").put("keys", ceremony.hash).put("tally", tally_hash)
    t.put("trustee", trustee).put("C", ceremony.setup.member(trustee))
    return t.put("cell", cell).put("position", position)


class Mix:
    def __init__(self, data, count, slots):
        r = Reader(data)
        self.trustee, self.cell, self.position = r.u16(), r.u32(), r.u16()
        self.rows = tuple(tuple(r.bytes(32) for _ in range(slots + 1)) for _ in range(count))
        self.proof = Proof(r, count, slots)
        self.signature = read_signature(r)
        r.finish()


@lru_cache(maxsize=1 << 12)
def judge_mix(ceremony, tally_hash, keys, inputs, data):
    """(rows, None) for a valid mix; (None, reason) for one that is wrong and signed by its trustee. MixRefused if
    anybody could have made it."""
    try:
        mix = Mix(data, len(inputs), len(keys))
    except DecodeError as error:
        raise MixRefused(str(error)) from None
    t = mix_transcript(ceremony, tally_hash, mix.trustee, mix.cell, mix.position)
    try:
        shuffle = Shuffle(t, keys, inputs, mix.rows, mix.proof)
    except ZeroChallenge:
        raise MixRefused("zero challenge") from None
    # [BOARD.AUTHOR], on the transcript of the shuffle
    if not signed("BOARD.AUTHOR", ceremony.setup.member(mix.trustee), mix.signature, t):
        raise MixRefused("[BOARD.AUTHOR]")
    try:
        tag = shuffle.fault()
    except NotCanonical as error:
        return None, str(error)
    return (None, f"[{tag}]") if tag else (mix.rows, None)
