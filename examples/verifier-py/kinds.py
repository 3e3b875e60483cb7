"""The kinds of contests: what a manifest says about each, its slots, and what it must be (docs/spec/manifest.md, Bytes and
Checks; docs/spec/ballot.md, Numbers of a contest and Other kinds)."""

from math import isqrt

from text import MAX_NAME, first_of, texts

KINDS = CHOICE, RANKING, RANKING_WITH_TIES, GRADES, LISTS, PLACES, PAIRS, STAR, QUADRATIC, SPLIT = range(10)
LIMB = 16  # bits
MOST_IN_A_SLOT = (1 << LIMB) - 1
MOST_OF_LIMBS = (1 << (LIMB + 1)) - 1  # which one ballot sums in a slot, unless they are folded
MOST_WEIGHT = (1 << 40) - 1


class Form:
    """What the bytes of a form say; empty fields belong to other forms. `grades` are names in the first language from the worst to the best; `none` is
    whether no list can be chosen; `points` are those of the places, the first place first, and `fewer` is whether fewer can be
    ranked; `ties` is whether options can have one rank in pairs; `against` is whether there are votes against."""

    def __init__(self, r):
        self.form = r.u8(SPLIT)
        self.texts_of_grades = r.list(lambda: texts(r, MAX_NAME), 16, 4) if self.form == GRADES else []
        self.grades = list(map(first_of, self.texts_of_grades))
        self.none = self.form == LISTS and r.flag()
        self.fewer = self.form == PLACES and r.flag()
        self.points = r.list(r.u32, 64, 4) if self.form == PLACES else []
        self.ties = self.form == PAIRS and r.flag()
        self.against = self.form == QUADRATIC and r.flag()
        self.credits = r.u64() if self.form == QUADRATIC else 0

    def rule(self, options, each):
        """The least and most votes and the most for one that the form decides for so many options; None where it does not. `each`
        is what the manifest gives as the most for one."""
        if self.form == PLACES:
            ranks = len(self.points)
            return 0 if self.fewer else ranks, ranks, max(self.points, default=0)
        if self.form == PAIRS:
            return options, options, 1
        if self.form == QUADRATIC:
            most = isqrt(self.credits)
            return 0, options * most, most
        if self.form == SPLIT:
            return 1, each, each
        return None


def limbs(most):
    """How many slots a value of 0..=most takes."""
    return max(1, -(-most.bit_length() // LIMB))


def most_of_slots(contest):
    """The most that one ballot can give each summed slot (docs/spec/challenge.md, Opening)."""
    limb = MOST_IN_A_SLOT if contest.folded else MOST_OF_LIMBS
    most = [of if size == 1 else limb for of, size in zip(contest.maxima, contest.limbs) for _ in range(size)]
    more = contest.value_slots - len(most)
    most += [contest.hi if contest.form == LISTS else contest.each] * more
    return most + [1] * (contest.summed - len(most))


def pairs_of(options, ordered):
    """All pairs of different options, row by row; only those of an option and a later one unless they are ordered."""
    return [(i, j) for i in range(options) for j in range(options) if i < j or (ordered and i != j)]


def what_slots_count(contest):
    """In words, what the summed slots count that hold neither votes nor marks, in their order."""
    options, lists = contest.shown(), [first_of(names) for _, names in contest.groups]
    if contest.form == LISTS:
        none = ["ballots with no list"] if contest.none else []
        return [f"lines for {name}" for name in lists] + [f"ballots with {name}" for name in lists] + none
    if contest.form in (PAIRS, STAR):
        return [f"{options[i]} over {options[j]}" for i, j in contest.pairs]
    return [f"against {option}" for option in options] if contest.against else []


def broken_rule(contest):
    """What is wrong with the rule of a contest of one of the newer kinds, or None."""
    checks = {
        LISTS: of_lists, PLACES: of_places, PAIRS: of_pairs, STAR: of_star, QUADRATIC: of_quadratic, SPLIT: of_split,
    }  # fmt: skip
    if contest.form not in checks:
        return None
    check = checks[contest.form]
    of_choices = contest.lines, contest.counts_voters, contest.base
    if contest.form != LISTS:
        of_choices = *of_choices, *contest.limits, *contest.written_maxima
    if any(of_choices):
        return "no rule of a choice"
    decided = contest.decided
    if decided is not None and decided != (contest.lo, contest.hi, contest.each):
        return f"{decided} as least, most and most of one"
    return next((what for holds, what in check(contest) if not holds), None)


def of_lists(contest):
    lists = [id for id, _ in contest.groups]
    yield 1 <= contest.hi <= 1000, "1 to 1,000 lines"
    yield lists != [], "a list"
    yield all(map(contest.members, lists)), "a name on each list"
    yield all(len(groups) == 1 for groups in contest.groups_of), "each name on one list"


def of_places(contest):
    points, options = contest.points, len(contest.options)
    yield 1 <= len(points) <= options, "as many places as options at most"
    yield points[0] <= MOST_IN_A_SLOT, "points up to 65,535"
    yield all(a > b for a, b in zip(points, points[1:])), "fewer points for each place than for the one before"
    last = 0 if len(points) == options and not contest.fewer else 1
    yield points[-1] >= last, "points for the last place"


def of_pairs(contest):
    yield 2 <= len(contest.options) <= (12 if contest.ties else 16), "2 to 16 options, or to 12 with ties"
    yield contest.goes_with is None, "no option that a contest by pairs goes with"


def of_star(contest):
    options = len(contest.options)
    yield 2 <= options <= 16, "2 to 16 options"
    yield (contest.lo, contest.hi) == (0, options * contest.each), "all scores from 0 to the highest"


def of_quadratic(contest):
    yield 1 <= contest.credits <= 1_000_000, "1 to 1,000,000 credits"
    spent = len(contest.options) * contest.each**2
    yield contest.against or contest.credits < spent, "fewer credits than all votes together cost"


def of_split(contest):
    yield contest.each <= MOST_WEIGHT, "a weight that a voter can have"
    yield not contest.marks and contest.goes_with is None, "neither marks nor an option that the contest goes with"
