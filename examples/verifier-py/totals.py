"""Who is elected by totals (docs/spec/counting.md, Totals): seats by votes, and majority judgment.

The totals are those of a contest that has only sums. `lots` are the candidates' lots, if ties are broken by lot.
"""

from collections import Counter
from functools import cmp_to_key

from counting import BY_LOT, LOT, OPEN, STAYS_OPEN, Tie


class Seats:
    """What both counts have. `elected` are numbers; `open` is how many seats nobody gets."""

    def __init__(self, seats, tie_break, lots, votes):
        self.seats, self.tie_break, self.votes = seats, tie_break, votes
        self.last_resort = lots if tie_break == LOT else range(256)
        self.elected, self.ties = [], []

    def _note(self, equals, stays_open=False):
        """Notes a tie that mattered. `equals` are in order."""
        if len(equals) > 1:
            decided = BY_LOT if self.tie_break == LOT else None
            self.ties.append(Tie(0, equals, STAYS_OPEN if stays_open else decided))

    @property
    def open(self):
        return self.seats - len(self.elected)


class ByVotes(Seats):
    """`caps` are pairs of the options of a group and how many of them can be elected; no option is in two groups. Options that
    are `withdrawn` keep their votes and cannot be elected."""

    def __init__(self, scores, seats, tie_break, caps=(), lots=None, withdrawn=()):
        super().__init__(seats, tie_break, lots, sum(scores))
        self.scores, self.passed_over = scores, []
        self.cap_of = {option: cap for cap, (options, _) in enumerate(caps) for option in options}
        self.room = [most for _, most in caps]
        self.left = seats  # which nobody has, and which no equals used up
        standing = [option for option in range(len(scores)) if option not in withdrawn]
        order = sorted(standing, key=lambda c: (-scores[c], self.last_resort[c]))
        for equals in grouped(order, lambda a, b: scores[a] == scores[b]):
            if not self.votes or not self.left:
                break
            # Whose group is full already has no part in the tie.
            full = [c for c in equals if not self._room_for(c)]
            self.passed_over += full
            tied = [c for c in equals if c not in full]
            (self._leave_open if tie_break == OPEN else self._one_by_one)(tied)

    def _room_for(self, option):
        return self.room[self.cap_of[option]] if option in self.cap_of else self.left

    def _one_by_one(self, equals):
        for c in equals:
            if not self.left:
                break
            if not self._room_for(c):
                self.passed_over.append(c)
                continue
            self.elected.append(c)
            self.left -= 1
            if c in self.cap_of:
                self.room[self.cap_of[c]] -= 1
        self._note(equals)

    def _leave_open(self, equals):
        """Those are elected who would be in whatever order the equals came."""
        of_cap = Counter(self.cap_of[c] for c in equals if c in self.cap_of)
        filled = {cap: min(tied, self.room[cap]) for cap, tied in of_cap.items()}
        used = len(equals) - of_cap.total() + sum(filled.values())
        sure = []
        if used <= self.left:
            sure = [c for c in equals if c not in self.cap_of or of_cap[self.cap_of[c]] <= self.room[self.cap_of[c]]]
        self.elected += sure
        self.left -= min(used, self.left)
        for cap, taken in filled.items():
            self.room[cap] -= taken
        self._note(equals, stays_open=len(sure) < len(equals))


class MajorityJudgment(Seats):
    """`given` says for each option how often it got each grade, from the worst to the best. `judgments` are for each option
    its median grade, how many grades are better, and how many worse; `removed` says for each in `order` but the last how many
    medians were taken away until it was ahead of the next one, or None if their grades are equal. Options that are `withdrawn`
    are not in this order."""

    def __init__(self, given, seats, tie_break, lots=None, withdrawn=()):
        super().__init__(seats, tie_break, lots, sum(map(sum, given)))
        if len(set(map(sum, given))) != 1:
            raise ValueError("as many grades for each option")
        merits = list(map(Merit, given))
        self.judgments = [merit.judgment() for merit in merits]

        def compare(a, b):
            difference = merits[a].first_difference(merits[b])
            return difference[1] if difference else self.last_resort[a] > self.last_resort[b] or -1

        standing = [option for option in range(len(given)) if option not in withdrawn]
        self.order = sorted(standing, key=cmp_to_key(compare))
        differences = [merits[a].first_difference(merits[b]) for a, b in zip(self.order, self.order[1:])]
        self.removed = [difference and difference[0] for difference in differences]
        for equals in grouped(self.order, lambda a, b: given[a] == given[b]):
            left = seats - len(self.elected)
            if not self.votes or not left:
                break
            if tie_break == OPEN and len(equals) > left:
                self._note(equals, stays_open=True)
                break
            self.elected += equals[:left]
            self._note(equals)


class Merit:
    """The grades of one option: `better` and `worse` are its halves as runs of a grade and how many there are of it, from the
    middle outwards."""

    def __init__(self, given):
        self.given, self.number = given, sum(given)
        self.better, self.worse = [], []
        room = (self.number + 1) // 2  # in the better half
        for grade, times in reversed(list(enumerate(given))):
            of_better = min(times, room)
            room -= of_better
            self.better.insert(0, (grade, of_better))
            self.worse.append((grade, times - of_better))

    def judgment(self):
        """The median grade, and how many grades are better and worse than it; None if there are none."""
        half = self.better if self.number % 2 else self.worse
        median = next((grade for grade, times in half if times), None)
        if median is None:
            return None, 0, 0
        return median, sum(self.given[median + 1 :]), sum(self.given[:median])

    def first_difference(self, other):
        """How many medians are equal before the first that are not, and -1 if this one's is better, 1 if it is worse; None if
        all are equal."""
        halves = [(self.better, other.better), (self.worse, other.worse)]
        if self.number % 2 == 0:
            halves.reverse()
        found = []
        for turn, (mine, theirs) in enumerate(halves):
            if difference := runs_differ(mine, theirs):
                found.append((2 * difference[0] + turn, difference[1]))
        return min(found, default=None)


def runs_differ(mine, theirs):
    """The first place at which two lists of runs differ, of equally many grades; and -1 if mine is better there, 1 if worse."""
    mine, theirs = ([run for run in runs if run[1]] for runs in (mine, theirs))
    at = 0
    for i, ((a, times), (b, as_often)) in enumerate(zip(mine, theirs)):
        if (a, times) != (b, as_often):
            if a == b:
                # Where the shorter run ends, another grade follows.
                at += min(times, as_often)
                a, b = (mine[i + 1][0], b) if times < as_often else (a, theirs[i + 1][0])
            return at, -1 if a > b else 1
        at += times
    return None


def grouped(order, equal):
    """An order in groups of neighbours that are equal."""
    groups = []
    for c in order:
        if groups and equal(groups[-1][0], c):
            groups[-1].append(c)
        else:
            groups.append([c])
    return groups
