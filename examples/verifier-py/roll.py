"""Who may vote (docs/spec/board.md, Roll and Rules of acceptance)."""

from functools import lru_cache

from codec import DecodeError, Reader
from linear import read_signature, voter_possesses


class Roll:
    def __init__(self, manifest, data):
        r = Reader(data)
        lines = r.list(lambda: (r.element(), r.u16(), r.u32(), read_signature(r)), 10_000_000, 102)
        r.finish()
        if not lines:
            raise DecodeError(0, "no line")
        self.voters = {}  # style and weight by key
        for number, (key, style, weight, _) in enumerate(lines):
            if key in self.voters:
                raise DecodeError(0, f"line {number}: a key twice")
            if style >= len(manifest.styles):
                raise DecodeError(0, f"line {number}: no such style")
            if weight == 0:
                raise DecodeError(0, f"line {number}: a weight of 0")
            if weight > 1 and any(manifest.contests[c].mixed for c in manifest.styles[style].contests):
                raise DecodeError(0, f"line {number}: more than 1 where ballots are mixed")
            self.voters[key] = style, weight
        most = max(contest.most_of_a_slot for contest in manifest.contests)
        if sum(weight for _, weight in self.voters.values()) * most > 1 << 40:
            raise DecodeError(0, "weights that are too large together")
        if largest_object(manifest, [style for style, _ in self.voters.values()]) > (1 << 30) - (1 << 20):
            raise DecodeError(0, "more lines than can be mixed and opened")
        for number, (key, _, _, possession) in enumerate(lines):
            if not voter_possesses(manifest.hash, key, possession):
                raise DecodeError(0, f"line {number}: [ROLL.POSSESSION]")


def largest_object(manifest, styles):
    """Bytes of the rows in the largest mix, or of a share of all rows, if everybody casts."""
    mix = opened = 0
    for place, contest in enumerate(manifest.contests):
        if contest.mixed:
            rows = sum(place in manifest.styles[style].contests for style in styles)
            mix = max(mix, rows * (32 * (contest.mixed + 1) + 96))
            opened += rows * 32 * contest.mixed
    return max(mix, opened)


@lru_cache(maxsize=1 << 8)
def read_roll(manifest, data):
    """A roll and None, or None and what is wrong with it."""
    try:
        return Roll(manifest, data), None
    except DecodeError as error:
        return None, str(error)
