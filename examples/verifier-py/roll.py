"""Who may vote (docs/spec/board.md, Roll and Rules of acceptance)."""

from collections import Counter
from functools import lru_cache

from codec import DecodeError, Reader
from kinds import MOST_WEIGHT, SPLIT
from linear import read_signature, voter_possesses


class Roll:
    def __init__(self, manifest, data):
        r = Reader(data)
        lines = r.list(lambda: (r.element(), r.u16(), r.u64(MOST_WEIGHT), read_signature(r)), 10_000_000, 106)
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
            if weight > most_weight(manifest, style):
                raise DecodeError(0, f"line {number}: more than can be split")
            self.voters[key] = style, weight
        weight = sum(weight for _, weight in self.voters.values())
        for contest in manifest.contests:
            times = len(self.voters) if contest.form == SPLIT else weight
            if times * contest.most_of_a_slot > 1 << 40:
                raise DecodeError(0, "weights that are too large together")
        if largest_object(manifest, [style for style, _ in self.voters.values()]) > (1 << 30) - (1 << 20):
            raise DecodeError(0, "more lines than can be mixed and opened")
        self.small_classes = small_classes(manifest, self.voters.values())
        if manifest.weight_classes and self.small_classes:
            raise DecodeError(0, "weights that could tell how few voters vote")
        for number, (key, _, _, possession) in enumerate(lines):
            if not voter_possesses(manifest.hash, key, possession):
                raise DecodeError(0, f"line {number}: [ROLL.POSSESSION]")


def most_weight(manifest, style):
    """The most that a voter of this style can weigh."""
    contests = [manifest.contests[c] for c in manifest.styles[style].contests]
    return min([contest.each for contest in contests if contest.form == SPLIT], default=MOST_WEIGHT)


def largest_object(manifest, styles):
    """Bytes of the rows in the largest mix, or of a share of all rows, if everybody casts."""
    mix = opened = 0
    for place, contest in enumerate(manifest.contests):
        if contest.mixed:
            rows = sum(place in manifest.styles[style].contests for style in styles)
            mix = max(mix, rows * (32 * (contest.mixed + 1) + 96))
            opened += rows * 32 * contest.mixed
    return max(mix, opened)


def small_classes(manifest, voters):
    """Contest, district or None, and weight, of which there are fewer voters than the minimum of a cell, while others of the
    contest have other weights; with their number. `voters` are pairs of a style and a weight."""
    classes = Counter()
    for (style, weight), number in Counter(voters).items():
        for c in manifest.styles[style].contests:
            district = None if manifest.contests[c].whole else manifest.styles[style].district
            classes[c, district, weight] += number
    weights = {}
    for c, _, weight in classes:
        weights.setdefault(c, set()).add(weight)
    return {
        place: number for place, number in sorted(classes.items(), key=str)
        if number < manifest.minimum_cell and len(weights[place[0]]) > 1
    }  # fmt: skip


@lru_cache(maxsize=1 << 8)
def read_roll(manifest, data):
    """A roll and None, or None and what is wrong with it."""
    try:
        return Roll(manifest, data), None
    except DecodeError as error:
        return None, str(error)
