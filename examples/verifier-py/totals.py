"""Who is elected by totals (docs/spec/counting.md, Totals): seats by votes, lists, STAR, and majority judgment; and whether a
question passes. Pairs are counted by `counting.py`.

The totals are those of a contest that has only sums. `lots` are the candidates' lots, if ties are broken by lot.
"""

from collections import Counter
from functools import cmp_to_key

from counting import BY_LOT, DHONDT, HARES_QUOTA, LOT, OPEN, STAYS_OPEN, Tie

BY_PREFERENCES, BY_POINTS = "preferences", "points"  # what else can decide a tie of STAR


class Seats:
    """What both counts have. `elected` are numbers; `open` is how many seats nobody gets."""

    def __init__(self, seats, tie_break, lots, votes):
        self.seats, self.tie_break, self.votes = seats, tie_break, votes
        self.last_resort = lots if tie_break == LOT else range(512)
        self.elected, self.ties = [], []

    def _note(self, equals, stays_open=False, round=0):
        """Notes a tie that mattered. `equals` are in order."""
        if len(equals) > 1:
            decided = BY_LOT if self.tie_break == LOT else None
            self.ties.append(Tie(round, equals, STAYS_OPEN if stays_open else decided))

    @property
    def open(self):
        return self.seats - len(self.elected)


class ByVotes(Seats):
    """`caps` are pairs of the options of a group and how many of them can be elected; no option is in two groups. `needs` is a
    pair of a fraction and of what more than this fraction is needed. Only `without_votes` somebody is elected if all are 0. Options
    that are `withdrawn` keep their votes and cannot be elected."""

    def __init__(
        self, scores, seats, tie_break, caps=(), lots=None, needs=None, without_votes=False, withdrawn=()
    ):  # fmt: skip
        super().__init__(seats, tie_break, lots, sum(scores))
        standing = [c for c in range(len(scores)) if c not in withdrawn]
        self.too_few = [c for c in standing if needs and not exceeds(scores[c], *needs)]
        self.scores, self.passed_over = scores, []
        self.cap_of = {option: cap for cap, (options, _) in enumerate(caps) for option in options}
        self.room = [most for _, most in caps]
        self.left = seats  # which nobody has, and which no equals used up
        enough = [c for c in standing if c not in self.too_few]
        order = sorted(enough, key=lambda c: (-scores[c], self.last_resort[c]))
        for equals in grouped(order, lambda a, b: scores[a] == scores[b]):
            if not (self.votes or without_votes) or not self.left:
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


def exceeds(number, fraction, whole):
    """Whether a number is more than this fraction of the whole."""
    return number * fraction.denominator > fraction.numerator * whole


def reaches(number, fraction, whole):
    return number * fraction.denominator >= fraction.numerator * whole


class Lists(Seats):
    """`names` are for each list the numbers of its options, `scores` the votes of all options, or None where names have no votes,
    and those first on a list get its seats; `lines` are those for lists alone. With
    `others` seats for which a list has no names go to other lists. `joined` are lists of numbers of lists; `lots` are those of
    the options and then of the lists.

    Then `list_votes`, `takes_part`, `list_seats` and `list_open` say for each list its votes, whether it takes part, how many
    seats it is given, and how many of these stay open: it has no names for them, or names that are equal."""

    def __init__(
        self, names, scores, lines, seats, tie_break, divisor=DHONDT, others=False, threshold=None, joined=(), lots=None,
        withdrawn=(),
    ):  # fmt: skip
        of_names = [sum(scores[c] for c in members) if scores else 0 for members in names]
        self.list_votes = [of + more for of, more in zip(lines, of_names)]
        super().__init__(seats, tie_break, lots, sum(self.list_votes))
        self.options = sum(map(len, names))
        # A list keeps the votes of names that are withdrawn, and its next ones are elected.
        names = [[c for c in members if c not in withdrawn] for members in names]
        self.names, self.scores, self.divisor, self.others = names, scores, divisor, others
        self.takes_part = [self._takes_part(votes, threshold) for votes in self.list_votes]
        self.list_seats, self.list_ties = [0] * len(names), []
        self._give(seats, joined)
        self.list_open = []
        for members, of_list in zip(names, self.list_seats):
            before = len(self.elected)
            self._fill(members, of_list, lots)
            self.list_open.append(before + of_list - len(self.elected))

    def _takes_part(self, votes, threshold):
        return votes > 0 and (threshold is None or reaches(votes, threshold, self.votes))

    def _give(self, seats, joined):
        """Gives seats to lists and joined lists, and then those of joined lists to each of these."""
        groups = [[j for j in of if self.takes_part[j]] for of in joined]
        in_groups = {j for of in groups for j in of}
        alone = [[j] for j in range(len(self.names)) if self.takes_part[j] and j not in in_groups]
        groups = list(filter(None, [*groups, *alone]))
        heads = sorted(groups, key=min)
        of_groups = dict(zip(map(min, heads), self._share(heads, seats)))
        # Joined lists share their seats in the manifest's order.
        for group in groups:
            given = of_groups[min(group)]
            of_lists = [given] if len(group) == 1 else self._share([[j] for j in sorted(group)], given)
            for j, of_list in zip(sorted(group), of_lists):
                self.list_seats[j] = of_list

    def _share(self, groups, seats):
        """How many seats each of these groups of lists gets."""
        votes = [sum(self.list_votes[j] for j in group) for group in groups]
        room = [sum(len(self.names[j]) for j in group) if self.others else seats for group in groups]
        share = self._by_quota if self.divisor == HARES_QUOTA else self._by_quotients
        return share(list(map(min, groups)), votes, room, seats)

    def _by_quotients(self, heads, votes, room, seats):
        """`heads` are the numbers that stand for groups where they are equal."""
        given = [0] * len(heads)
        while (left := seats - sum(given)) > 0:
            step = 1 if self.divisor == DHONDT else 2
            quotients = {i: Quotient(votes[i], 1 + step * given[i]) for i in range(len(heads)) if given[i] < room[i]}
            if not quotients:
                break
            most = max(quotients.values())
            equal = [i for i, quotient in quotients.items() if not quotient < most]
            taken = self._enough(equal, left, heads, sum(given))
            for i in taken:
                given[i] += 1
            if not taken:
                break
        return given

    def _by_quota(self, heads, votes, room, seats):
        given, sharing, passes = [0] * len(heads), list(range(len(heads))), 0
        while sharing:
            left = seats - sum(given[i] for i in range(len(heads)) if i not in sharing)
            whole = sum(votes[i] for i in sharing)
            for i in sharing:
                given[i] = votes[i] * left // whole
            remainders = {i: votes[i] * left % whole for i in sharing}
            over = left - sum(given[i] for i in sharing)
            order = sorted(sharing, key=lambda i: -remainders[i])
            for equal in grouped(order, lambda a, b: remainders[a] == remainders[b]):
                taken = self._enough(equal, over, heads, passes) if over else []
                for i in taken:
                    given[i] += 1
                over -= len(taken)
                if len(taken) < len(equal):
                    break
            full = [i for i in sharing if given[i] > room[i]]
            if not full:
                break
            for i in full:
                given[i] = room[i]
            sharing = [i for i in sharing if i not in full]
            passes += 1
        return given

    def _enough(self, equal, left, heads, round):
        """Who of these equals gets one of the seats left."""
        if len(equal) <= left:
            return equal
        place = (lambda i: self.last_resort[self.options + heads[i]]) if self.tie_break == LOT else heads.__getitem__
        equal = sorted(equal, key=place)
        decided = {LOT: BY_LOT, OPEN: STAYS_OPEN}.get(self.tie_break)
        self.list_ties.append(Tie(round, [heads[i] for i in equal], decided))
        return [] if self.tie_break == OPEN else equal[:left]

    def _fill(self, members, seats, lots):
        """The names of a list that get its seats."""
        if self.scores is None:
            self.elected += members[:seats]
            return
        of_members = lots and [lots[c] for c in members]
        scores = [self.scores[c] for c in members]
        count = ByVotes(scores, seats, self.tie_break, lots=of_members, without_votes=True)
        self.elected += [members[i] for i in count.elected]
        self.ties += [Tie(tie.round, [members[i] for i in tie.order], tie.decided) for tie in count.ties]


class Quotient:
    def __init__(self, votes, divisor):
        self.votes, self.divisor = votes, divisor

    def __lt__(self, other):
        return self.votes * other.divisor < other.votes * self.divisor


class Star(Seats):
    """`scores` are points, `preferences[i][j]` says how many prefer `i` to `j`. Whoever has the highest scores is not known.
    `runoffs` are for each seat the finalists, the winner first, and how many prefer each of them to the other. Those who are
    `withdrawn` are no finalists."""

    def __init__(self, scores, preferences, votes, seats, tie_break, lots=None, withdrawn=()):
        super().__init__(seats, tie_break, lots, votes)
        self.standing = [c for c in range(len(scores)) if c not in withdrawn]
        self.scores, self.preferences, self.runoffs = scores, preferences, []
        while any(scores) and self.open and (winner := self._winner(len(self.elected))) is not None:
            self.elected.append(winner)

    def _winner(self, seat):
        left = [c for c in self.standing if c not in self.elected]
        finalists = self._finalists(left, seat)
        if finalists is None:
            return None
        if len(finalists) == 1:
            self.runoffs.append((finalists, []))
            return finalists[0]
        a, b = finalists
        if self.preferences[a][b] != self.preferences[b][a]:
            order = self._preferred(a, b)
        elif self.scores[a] != self.scores[b]:
            order = sorted(finalists, key=lambda c: -self.scores[c])
            self.ties.append(Tie(seat, order, BY_POINTS))
        else:
            order = sorted(finalists, key=self.last_resort.__getitem__)
            self._note(order, self.tie_break == OPEN, seat)
            if self.tie_break == OPEN:
                return None
        a, b = order
        self.runoffs.append((order, [self.preferences[a][b], self.preferences[b][a]]))
        return a

    def _finalists(self, left, seat):
        """The two with the most points, or the only one; None if it stays open who they are."""
        found = []
        for equals in grouped(
            sorted(left, key=lambda c: -self.scores[c]), lambda a, b: self.scores[a] == self.scores[b]
        ):
            places = 2 - len(found)
            if len(equals) > places:
                equals = self._for_places(equals, places, seat)
                if equals is None:
                    return None
            found += equals[:places]
            if len(found) == 2:
                break
        return found

    def _for_places(self, equals, places, seat):
        """Those with equal points in order, or None if it stays open."""
        if len(equals) == 2 and self.preferences[equals[0]][equals[1]] != self.preferences[equals[1]][equals[0]]:
            order = self._preferred(*equals)
            self.ties.append(Tie(seat, order, BY_PREFERENCES))
            return order
        order = sorted(equals, key=self.last_resort.__getitem__)
        self._note(order, self.tie_break == OPEN, seat)
        return None if self.tie_break == OPEN else order

    def _preferred(self, a, b):
        return [a, b] if self.preferences[a][b] > self.preferences[b][a] else [b, a]


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
