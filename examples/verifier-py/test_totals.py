"""Who is elected by totals: caps, majorities, lots, seats that stay open, lists, pairs, STAR and majority judgment, against
published examples and counts one by one."""

import random
import unittest
from fractions import Fraction as Ratio
from hashlib import sha3_256
from itertools import combinations, permutations

from counting import (
    BACKWARDS,
    BORDA,
    DHONDT,
    DROOP,
    HARE,
    HARES_QUOTA,
    INSTANT_RUNOFF,
    LOT,
    OPEN,
    ORDER,
    PLURALITY,
    SAINTE_LAGUE,
    SCHULZE,
    Count,
    CountOfPairs,
    lot,
)
from manifest import Fraction
from totals import ByVotes, Lists, MajorityJudgment, Star, exceeds, reaches


def lots_of(order):
    """Lots in this order."""
    return [bytes([order.index(c)]) * 32 for c in range(len(order))]


def ties_of(count):
    return [(tie.round, tie.order, tie.decided) for tie in count.ties]


class Lots(unittest.TestCase):
    def test_a_lot(self):
        data = b"tabella/v1 lot" + bytes(range(32)) + b"\0\0\0\2" + b"\1\3"
        self.assertEqual(lot(bytes(range(32)), 2, 259), sha3_256(data).digest())


class SeatsByVotes(unittest.TestCase):
    def same(self, count, elected, passed_over=(), ties=()):
        found = count.elected, count.passed_over, count.open, ties_of(count)
        self.assertEqual(found, (elected, list(passed_over), count.seats - len(elected), list(ties)))

    def test_most_votes(self):
        self.same(ByVotes([42, 26, 15, 17], 2, ORDER), [0, 1])
        self.same(ByVotes([0, 7, 1, 0], 3, OPEN), [1, 2], ties=[(0, [0, 3], "open")])
        # Those without votes are elected, too, unless there are no votes at all.
        self.same(ByVotes([0, 7, 1, 0], 3, ORDER), [1, 2, 0], ties=[(0, [0, 3], None)])
        for tie_break in (ORDER, BACKWARDS, LOT, OPEN):
            self.same(ByVotes([0, 0, 0], 2, tie_break, [([0], 0)], lots_of([0, 1, 2])), [])

    def test_ties(self):
        votes = [5, 3, 3, 1, 3]
        for tie_break in (ORDER, BACKWARDS):
            self.same(ByVotes(votes, 2, tie_break), [0, 1], ties=[(0, [1, 2, 4], None)])
        by_lot = ByVotes(votes, 3, LOT, lots=lots_of([3, 4, 2, 1, 0]))
        self.same(by_lot, [0, 4, 2], ties=[(0, [4, 2, 1], "lot")])
        self.same(ByVotes(votes, 3, OPEN), [0], ties=[(0, [1, 2, 4], "open")])
        # Where all are elected only their order is at stake.
        self.same(ByVotes(votes, 4, OPEN), [0, 1, 2, 4], ties=[(0, [1, 2, 4], None)])
        self.same(ByVotes(votes, 4, LOT, lots=lots_of([0, 2, 1, 4, 3])), [0, 2, 1, 4], ties=[(0, [2, 1, 4], "lot")])
        # The last seat is given before the tie.
        self.same(ByVotes(votes, 1, OPEN), [0])

    def test_withdrawn(self):
        self.same(ByVotes([42, 26, 15, 17], 2, ORDER, withdrawn=[0]), [1, 3])
        self.same(ByVotes([5, 4, 3], 1, ORDER, [([0, 1], 0)], withdrawn=[0]), [2], [1])
        self.same(ByVotes([7, 0], 1, ORDER, withdrawn=[0]), [1])

    def test_caps(self):
        caps = [([0, 1, 2], 2)]
        self.same(ByVotes([50, 40, 30, 20, 10], 3, ORDER, caps), [0, 1, 3], [2])
        self.same(ByVotes([50, 40, 30], 3, ORDER, caps), [0, 1], [2])
        self.same(ByVotes([50, 40, 30], 1, ORDER, [([0, 1], 0)]), [2], [0, 1])
        # Nobody's turn comes after the last seat.
        self.same(ByVotes([50, 40, 30], 2, ORDER, caps), [0, 1])
        two = [([0, 3], 1), ([1, 4], 1)]
        self.same(ByVotes([5, 4, 1, 3, 2], 3, ORDER, two), [0, 1, 2], [3, 4])

    def test_caps_and_ties(self):
        # Of 0 and 1, the group's place goes to 1, whose lot is the smaller.
        by_lot = ByVotes([3, 3, 3, 1], 2, LOT, [([0, 1], 1)], lots_of([1, 0, 2, 3]))
        self.same(by_lot, [1, 2], [0], [(0, [1, 0, 2], "lot")])
        # Whose group was full before has no part in the tie.
        self.same(ByVotes([5, 3, 3], 2, LOT, [([0, 1], 1)], lots_of([0, 1, 2])), [0, 2], [1])
        self.same(ByVotes([5, 3, 3], 2, OPEN, [([0, 1], 1)]), [0, 2], [1])

    def test_caps_and_open_seats(self):
        # One of 0 and 1 would have the place of their group; 2 is elected whoever it is; then the group is full for 3.
        caps = [([0, 1, 3], 1)]
        self.same(ByVotes([3, 3, 3, 2, 1], 3, OPEN, caps), [2, 4], [3], [(0, [0, 1, 2], "open")])
        # They would fill two seats, but one is left.
        self.same(ByVotes([3, 3, 3, 2, 1], 1, OPEN, caps), [], [], [(0, [0, 1, 2], "open")])
        # A group that is not too small.
        self.same(ByVotes([3, 3, 3, 2], 4, OPEN, [([0, 1], 2)]), [0, 1, 2, 3], [], [(0, [0, 1, 2], None)])

    def test_what_is_needed(self):
        half = Fraction(1, 2), 10
        count = ByVotes([5, 6, 1], 2, ORDER, needs=half)
        self.same(count, [1])
        self.assertEqual(count.too_few, [0, 2])
        # They have no part in a tie, and are not passed over.
        count = ByVotes([5, 5, 6], 2, LOT, [([0, 2], 1)], lots_of([0, 1, 2]), half)
        self.same(count, [2])
        self.assertEqual(count.too_few, [0, 1])
        count = ByVotes([6, 6, 2], 1, OPEN, needs=half)
        self.same(count, [], ties=[(0, [0, 1], "open")])
        self.assertEqual(ByVotes([6, 6], 1, OPEN).too_few, [])

    def test_fractions(self):
        for number, whole, more, enough in ((2, 3, False, True), (3, 4, True, True), (1, 2, False, False)):
            self.assertEqual(exceeds(number, Fraction(2, 3), whole), more)
            self.assertEqual(reaches(number, Fraction(2, 3), whole), enough)
        large = (1 << 64) - 1
        self.assertFalse(exceeds(large - 1, Fraction(large - 1, large), large))
        self.assertTrue(exceeds(large, Fraction(large - 1, large), large))
        self.assertFalse(exceeds(0, Fraction(0, 1), 0))
        self.assertTrue(reaches(0, Fraction(1, 1), 0))

    def test_all_orders_of_equals(self):
        made = random.Random(1)
        for _ in range(400):
            n = made.randint(1, 5)
            votes, seats = [made.randint(0, 3) for _ in range(n)], made.randint(1, n)
            group = [made.randint(0, 2) for _ in range(n)]
            caps = [([c for c in range(n) if group[c] == g], made.randint(0, 2)) for g in (0, 1)]

            def fits(of):
                return all(sum(c in options for c in of) <= most for options, most in caps)

            counts = [ByVotes(votes, seats, LOT, caps, lots_of(order)) for order in permutations(range(n))]
            most = max(
                sum(votes[c] for c in of) for k in range(seats + 1) for of in combinations(range(n), k) if fits(of)
            )
            for count in counts:
                self.assertTrue(fits(count.elected))
                self.assertEqual(sum(votes[c] for c in count.elected), most)
            always = set.intersection(*(set(count.elected) for count in counts))
            left_open = ByVotes(votes, seats, OPEN, caps)
            self.assertEqual(set(left_open.elected), always)
            self.assertEqual(any(decided == "open" for *_, decided in ties_of(left_open)),
                             len(always) < len(counts[0].elected))  # fmt: skip


def lists_of(votes, seats, divisor=DHONDT, tie_break=ORDER, names=None, order=None, **more):
    """A count of lists that only have votes for the list, with so many names each."""
    of, at = [], 0
    for size in names or [seats] * len(votes):
        of.append(list(range(at, at := at + size)))
    lots = None
    if order is not None:
        lots = [bytes([i % 256]) * 32 for i in range(at)] + lots_of(order)
    return Lists(of, None, votes, seats, tie_break, divisor, lots=lots, **more)


def list_ties_of(count):
    return [(tie.round, tie.order, tie.decided) for tie in count.list_ties]


class SeatsOfLists(unittest.TestCase):
    def test_published_examples(self):
        for divisor, votes, seats, expected in (
            # https://en.wikipedia.org/wiki/D%27Hondt_method and Sainte-Lague_method
            (DHONDT, [100_000, 80_000, 30_000, 20_000], 8, [4, 3, 1, 0]),
            (SAINTE_LAGUE, [100_000, 80_000, 30_000, 20_000], 8, [3, 3, 1, 1]),
            # https://en.wikipedia.org/wiki/Largest_remainders_method, Hare's quota
            (HARES_QUOTA, [47_000, 16_000, 15_800, 12_000, 6_100, 3_100], 10, [5, 2, 1, 1, 1, 0]),
            # The Alabama paradox, there, too: with a seat more two lists lose one.
            (HARES_QUOTA, [1500, 1500, 900, 500, 500, 200], 25, [7, 7, 4, 3, 3, 1]),
            (HARES_QUOTA, [1500, 1500, 900, 500, 500, 200], 26, [8, 8, 5, 2, 2, 1]),
        ):
            count = lists_of(votes, seats, divisor)
            self.assertEqual((count.list_seats, count.list_ties, count.open), (expected, [], 0))

    def test_order_of_the_elected(self):
        # The names of the first list, those with the most votes first.
        count = Lists([[0, 2], [1, 3, 4]], [3, 5, 4, 1, 5], [0, 0], 3, ORDER)
        self.assertEqual((count.list_votes, count.list_seats), ([7, 11], [1, 2]))
        self.assertEqual((count.elected, ties_of(count)), ([2, 1, 4], [(0, [1, 4], None)]))
        # Where names have no votes those first on the list.
        for tie_break in (ORDER, LOT, OPEN):
            count = lists_of([4, 2], 3, names=[3, 3], tie_break=tie_break, order=[0, 1])
            self.assertEqual((count.elected, count.ties, count.open), ([0, 1, 3], [], 0))
        count = Lists([[0, 1], [2]], [0, 0, 0], [0, 0], 2, ORDER)
        self.assertEqual((count.elected, count.takes_part, count.open), ([], [False, False], 2))

    def test_names_without_votes(self):
        for tie_break, elected, ties in (
            (ORDER, [0, 1, 3], [(0, [0, 1, 2], None), (0, [3, 4, 5], None)]),
            (LOT, [2, 1, 4], [(0, [2, 1, 0], "lot"), (0, [4, 3, 5], "lot")]),
            (OPEN, [], [(0, [0, 1, 2], "open"), (0, [3, 4, 5], "open")]),
        ):
            lots = lots_of([2, 1, 0, 4, 3, 5, 6, 7])
            count = Lists([[0, 1, 2], [3, 4, 5]], [0] * 6, [4, 2], 3, tie_break, lots=lots)
            self.assertEqual((count.elected, ties_of(count), count.list_seats), (elected, ties, [2, 1]))
            self.assertEqual((count.open, count.list_open), (3 - len(elected), [0, 0] if elected else [2, 1]))
        # All of a list, and no tie in one without seats.
        count = Lists([[0, 1], [2, 3]], [0] * 4, [4, 1], 2, OPEN)
        self.assertEqual((count.elected, ties_of(count)), ([0, 1], [(0, [0, 1], None)]))

    def test_ties_within_a_list(self):
        for tie_break, elected, decided in ((ORDER, [0], None), (LOT, [1], "lot"), (OPEN, [], "open")):
            count = Lists([[0, 1], [2]], [2, 2, 1], [0, 0], 1, tie_break, lots=lots_of([1, 0, 2, 3, 4]))
            self.assertEqual(
                (count.elected, ties_of(count)), (elected, [(0, [0, 1] if decided != "lot" else [1, 0], decided)])
            )
            self.assertEqual((count.open, count.list_open), (1 - len(elected), [1 - len(elected), 0]))

    def test_ties_of_lists(self):
        for divisor, votes, seats, round, tied in (
            (DHONDT, [4, 2, 2], 2, 1, [0, 1, 2]),  # 4/2 is equal to 2
            (SAINTE_LAGUE, [4, 2, 2], 2, 1, [1, 2]),
            (HARES_QUOTA, [2, 2, 2], 2, 0, [0, 1, 2]),
        ):
            by_number = lists_of(votes, seats, divisor)
            self.assertEqual(list_ties_of(by_number), [(round, tied, None)])
            by_lot = lists_of(votes, seats, divisor, LOT, order=[2, 1, 0])
            self.assertEqual(list_ties_of(by_lot), [(round, tied[::-1], "lot")])
            self.assertEqual(by_lot.list_seats[2], 1)
            open_ = lists_of(votes, seats, divisor, OPEN)
            self.assertEqual(list_ties_of(open_), [(round, tied, "open")])
            self.assertEqual((sum(open_.list_seats), open_.open), (round, seats - round))
        # There are enough seats for all equals.
        count = lists_of([4, 2, 2], 4, DHONDT, OPEN)
        self.assertEqual((count.list_seats, count.list_ties), ([2, 1, 1], []))

    def test_threshold(self):
        votes = [95, 5, 0]
        for threshold, expected in (((1, 20), 2), ((51, 1000), 1), ((1, 1), 0), ((0, 1), 2)):
            count = lists_of(votes, 4, HARES_QUOTA, threshold=Fraction(*threshold))
            self.assertEqual(count.takes_part, [j < expected for j in range(3)])
            if not expected:
                self.assertEqual((count.elected, count.open), ([], 4))
        self.assertEqual(lists_of([95, 5], 19, DHONDT, threshold=Fraction(1, 20)).list_seats, [19, 0])

    def test_joined_lists(self):
        # Alone 50, 30 and 20 get 3, 1 and 1 of 5 seats; 30 and 21 together one more than 49.
        self.assertEqual(lists_of([49, 30, 21], 3).list_seats, [2, 1, 0])
        count = lists_of([49, 30, 21], 3, joined=[[1, 2]])
        self.assertEqual(count.list_seats, [1, 1, 1])
        # A list below the threshold has no part in it.
        count = lists_of([49, 30, 21], 3, joined=[[1, 2]], threshold=Fraction(1, 4))
        self.assertEqual((count.list_seats, count.takes_part), ([2, 1, 0], [True, True, False]))
        # Ties first of all and then of joined lists, by the lowest numbers.
        count = lists_of([4, 2, 2], 1, joined=[[2, 1]], tie_break=LOT, order=[1, 0, 2])
        self.assertEqual(list_ties_of(count), [(0, [1, 0], "lot"), (0, [1, 2], "lot")])
        self.assertEqual(count.list_seats, [0, 1, 0])
        count = lists_of([4, 2, 3], 1, joined=[[2, 1]], tie_break=OPEN)
        self.assertEqual((count.list_seats, count.list_ties), ([0, 0, 1], []))

        # Of several groups in the manifest's order.
        count = lists_of([3, 2, 2, 3], 2, joined=[[1, 2], [0, 3]], tie_break=OPEN)
        self.assertEqual([tie.order for tie in count.list_ties], [[1, 2], [0, 3]])

    def test_more_seats_than_names(self):
        count = lists_of([80, 20], 5, names=[2, 5])
        self.assertEqual((count.list_seats, count.list_open, count.elected, count.open), ([4, 1], [2, 0], [0, 1, 2], 2))
        for divisor in (DHONDT, SAINTE_LAGUE, HARES_QUOTA):
            count = lists_of([80, 20], 5, divisor, names=[2, 5], others=True)
            self.assertEqual((count.list_seats, count.list_open, count.open), ([2, 3], [0, 0], 0))
            count = lists_of([80, 20], 5, divisor, names=[2, 2], others=True)
            self.assertEqual((count.list_seats, count.open), ([2, 2], 1))
            # Joined lists have their names together.
            count = lists_of([50, 30, 20], 5, divisor, names=[1, 4, 5], others=True, joined=[[0, 1]])
            self.assertEqual((count.list_seats, count.open), ([1, 3, 1], 0))

    def test_passes(self):
        # By Hare's quota 3 of 4 seats go to the first list, which has one name; then 2 and 1 of the others share three.
        count = lists_of([70, 20, 10], 4, HARES_QUOTA, names=[1, 4, 4], others=True)
        self.assertEqual((count.list_seats, count.list_ties), ([1, 2, 1], []))
        count = lists_of([70, 10, 10], 4, HARES_QUOTA, names=[1, 4, 4], others=True)
        self.assertEqual(list_ties_of(count)[-1], (1, [1, 2], None))

    def test_against_all_quotients(self):
        made = random.Random(4)
        for _ in range(500):
            votes, seats = [made.randint(0, 30) for _ in range(made.randint(1, 5))], made.randint(1, 9)
            if not any(votes):
                continue
            for divisor in (DHONDT, SAINTE_LAGUE):
                step = 1 + (divisor == SAINTE_LAGUE)
                quotients = [(-Ratio(of, 1 + step * i), j) for j, of in enumerate(votes) if of for i in range(seats)]
                given = [j for _, j in sorted(quotients)[:seats]]
                found = lists_of(votes, seats, divisor).list_seats
                self.assertEqual(found, [given.count(j) for j in range(len(votes))])
            of = lists_of(votes, seats, HARES_QUOTA).list_seats
            self.assertEqual(sum(of), seats)
            self.assertTrue(all(abs(n - Ratio(v * seats, sum(votes))) < 1 for n, v in zip(of, votes)))


def pairs_and_points(ballots, most):
    """Scores and preferences of ballots that give each option points."""
    options = range(len(ballots[0]))
    preferences = [[sum(ballot[i] > ballot[j] for ballot in ballots) for j in options] for i in options]
    return [sum(ballot[i] for ballot in ballots) for i in options], preferences, len(ballots)


class Pairs(unittest.TestCase):
    def test_the_same_as_rankings(self):
        made = random.Random(5)
        for _ in range(500):
            n = made.randint(2, 5)
            points = [[made.randrange(n) for _ in range(n)] for _ in range(made.randint(0, 9))]
            profile = [([[c for c in range(n) if of[c] == p] for p in sorted(set(of))[::-1]], 1) for of in points]
            _, preferences, votes = pairs_and_points(points or [[0] * n], n)
            for method in (SCHULZE, BORDA):
                seats, tie_break = made.randint(1, n), made.choice([ORDER, LOT, OPEN])
                lots = lots_of(made.sample(range(n), n))
                one = CountOfPairs(method, seats, tie_break, votes * bool(points), preferences, lots)
                other = Count(method, seats, tie_break, n, profile, lots=lots)
                for what in ("elected", "preferences", "paths", "places", "votes"):
                    self.assertEqual(getattr(one, what), getattr(other, what))
                self.assertEqual(ties_of(one), ties_of(other))
                self.assertEqual(one.scores, other.scores)


class Stars(unittest.TestCase):
    def test_tennessee(self):
        """https://en.wikipedia.org/wiki/STAR_voting: Memphis, Nashville, Chattanooga, Knoxville, in percent."""
        ballots = [(42, [5, 2, 1, 0]), (26, [0, 5, 2, 1]), (15, [0, 3, 5, 4]), (17, [0, 2, 4, 5])]
        count = Star(*pairs_and_points([of for times, of in ballots for _ in range(times)], 5), 1, OPEN)
        self.assertEqual((count.scores, count.elected, count.ties), ([210, 293, 237, 171], [1], []))
        self.assertEqual(count.runoffs, [([1, 2], [68, 32])])

    def star(self, scores, wins, seats=1, tie_break=ORDER, order=None, votes=10):
        """`wins` are those who are preferred to the other of a pair, with how many more."""
        n = len(scores)
        preferences = [[5 if (i, j) in wins else 3 for j in range(n)] for i in range(n)]
        return Star(scores, preferences, votes, seats, tie_break, order and lots_of(order))

    def test_runoffs(self):
        count = self.star([9, 8, 7], [(1, 0)])
        self.assertEqual((count.elected, count.runoffs, count.ties), ([1], [([1, 0], [5, 3])], []))
        count = self.star([9, 8, 7], [])
        self.assertEqual((count.elected, ties_of(count)), ([0], [(0, [0, 1], "points")]))
        for tie_break, elected, order, decided in (
            (ORDER, [0], [0, 1], None), (LOT, [1], [1, 0], "lot"), (OPEN, [], [0, 1], "open"),
        ):  # fmt: skip
            count = self.star([9, 9, 7], [], 1, tie_break, [1, 2, 0])
            self.assertEqual((count.elected, ties_of(count)), (elected, [(0, order, decided)]))
            self.assertEqual(count.open, 1 - len(elected))

    def test_finalists(self):
        # Two for one place: whom more prefer.
        count = self.star([9, 7, 7], [(2, 1), (2, 0)])
        self.assertEqual((count.elected, ties_of(count)), ([2], [(0, [2, 1], "preferences")]))
        self.assertEqual(count.runoffs, [([2, 0], [5, 3])])
        for tie_break, elected, order, decided in (
            (ORDER, [0], [1, 2], None), (LOT, [0], [2, 1], "lot"), (OPEN, [], [1, 2], "open"),
        ):  # fmt: skip
            count = self.star([9, 7, 7], [(0, 1), (0, 2)], 1, tie_break, [2, 1, 0])
            self.assertEqual((count.elected, ties_of(count)), (elected, [(0, order, decided)]))
        # Three for two places.
        count = self.star([7, 7, 7, 1], [(0, 1), (1, 2), (2, 0)], 1, LOT, [2, 1, 0, 3])
        self.assertEqual((count.elected, ties_of(count)), ([1], [(0, [2, 1, 0], "lot")]))

    def test_seats(self):
        count = self.star([9, 8, 7], [(1, 0), (2, 0)], 3)
        self.assertEqual((count.elected, count.open), ([1, 2, 0], 0))
        self.assertEqual(count.runoffs, [([1, 0], [5, 3]), ([2, 0], [5, 3]), ([0], [])])
        count = self.star([9, 8, 7, 7], [(0, 1), (3, 1)], 3, OPEN)
        self.assertEqual((count.elected, count.open, ties_of(count)), ([0], 2, [(1, [2, 3], "open")]))
        self.assertEqual(self.star([0, 0], [(0, 1)]).elected, [])


def medians_of(given):
    """One median after the other, taken away from all grades in order, the best first."""
    grades = [grade for grade, times in reversed(list(enumerate(given))) for _ in range(times)]
    return [grades.pop(len(grades) // 2) for _ in range(len(grades))]


class Judgment(unittest.TestCase):
    def test_orsay_2007(self):
        """Sarkozy, Bayrou, Voynet and Royal, in thousandths, from Balinski and Laraki (2007)."""
        given = [
            [282, 71, 115, 143, 198, 191],
            [74, 84, 148, 251, 307, 136],
            [205, 261, 237, 175, 93, 29],
            [125, 122, 168, 191, 227, 167],
        ]
        count = MajorityJudgment(given, 1, OPEN)
        self.assertEqual((count.elected, count.order, count.votes), ([1], [1, 3, 0, 2], 4000))
        self.assertEqual(count.judgments, [(3, 389, 468), (3, 443, 306), (2, 297, 466), (3, 394, 415)])
        self.assertEqual(count.removed, [2 * 57 + 1, 2 * 32, 0])

    def test_several_medians_are_taken_away(self):
        count = MajorityJudgment([[1, 3, 1], [1, 2, 2], [0, 4, 1]], 2, ORDER)
        self.assertEqual([medians_of(given) for given in ([1, 3, 1], [1, 2, 2], [0, 4, 1])],
                         [[1, 1, 1, 0, 2], [1, 1, 2, 0, 2], [1, 1, 1, 1, 2]])  # fmt: skip
        self.assertEqual((count.order, count.removed, count.elected, count.ties), ([1, 2, 0], [2, 3], [1, 2], []))
        # The worse of two in the middle comes first.
        count = MajorityJudgment([[1, 0, 1], [0, 2, 0]], 1, ORDER)
        self.assertEqual((count.order, count.removed, count.judgments), ([1, 0], [0], [(0, 1, 0), (1, 0, 0)]))

    def test_large_numbers(self):
        half = 2**62
        count = MajorityJudgment([[half, half + 1], [half + 1, half], [half - 1, half + 2]], 1, ORDER)
        self.assertEqual((count.order, count.removed), ([2, 0, 1], [1, 0]))
        count = MajorityJudgment([[2, 0, half, half], [2, 1, half, half - 1]], 1, ORDER)
        # Behind the middle the better halves are 2 3 3 … and 2 2 3 …; the first median is of the worse halves.
        self.assertEqual(count.removed, [3])

    def test_ties(self):
        given = [[0, 2, 1], [0, 2, 1], [0, 3, 0]]
        for tie_break, seats, order, elected, decided in (
            (ORDER, 1, [0, 1, 2], [0], None),
            (BACKWARDS, 1, [0, 1, 2], [0], None),
            (LOT, 1, [1, 0, 2], [1], "lot"),
            (LOT, 2, [1, 0, 2], [1, 0], "lot"),
            (OPEN, 1, [0, 1, 2], [], "open"),
            (OPEN, 2, [0, 1, 2], [0, 1], None),
            (OPEN, 3, [0, 1, 2], [0, 1, 2], None),
        ):
            count = MajorityJudgment(given, seats, tie_break, lots_of([2, 1, 0]))
            self.assertEqual((count.order, count.elected, count.open), (order, elected, seats - len(elected)))
            self.assertEqual(ties_of(count), [(0, order[:2], decided)])
            self.assertEqual(count.removed, [None, 2])
        # The tie is behind the last seat.
        self.assertEqual(MajorityJudgment([[2, 0], [2, 0], [1, 1]], 1, OPEN).ties, [])

    def test_withdrawn(self):
        count = MajorityJudgment([[0, 0, 5], [1, 3, 1], [1, 2, 2]], 1, ORDER, withdrawn=[0])
        self.assertEqual((count.elected, count.order, len(count.judgments), count.removed), ([2], [2, 1], 3, [2]))

    def test_no_grades(self):
        count = MajorityJudgment([[0, 0], [0, 0]], 2, LOT, lots_of([1, 0]))
        self.assertEqual((count.elected, count.open, count.ties), ([], 2, []))
        self.assertEqual((count.order, count.removed), ([1, 0], [None]))

    def test_one_by_one(self):
        made = random.Random(2)
        for _ in range(2000):
            voters, grades = made.randint(1, 12), made.randint(2, 4)
            ballots = [[made.randrange(grades) for _ in range(3)] for _ in range(voters)]
            given = [[sum(ballot[c] == g for ballot in ballots) for g in range(grades)] for c in range(3)]
            medians = list(map(medians_of, given))
            count = MajorityJudgment(given, 3, ORDER)
            order = sorted(range(3), key=lambda c: [-grade for grade in medians[c]])
            self.assertEqual((count.order, count.elected), (order, order))
            for a, b, removed in zip(order, order[1:], count.removed):
                differ = (i for i, (x, y) in enumerate(zip(medians[a], medians[b])) if x != y)
                self.assertEqual(removed, next(differ, None))
            for (median, better, worse), of, taken in zip(count.judgments, given, medians):
                self.assertEqual((median, better, worse), (taken[0], sum(of[median + 1 :]), sum(of[:median])))


class Rankings(unittest.TestCase):
    """Lots and open seats where rankings are counted."""

    def test_lots_in_rounds(self):
        profile = [([[0], [2]], 3), ([[1], [0]], 4), ([[2]], 6), ([[3], [0], [2]], 1)]
        count = Count(INSTANT_RUNOFF, 1, LOT, 4, profile, lots=lots_of([1, 0, 2, 3]))
        self.assertEqual((ties_of(count), count.rounds[1].eliminated), ([(1, [1, 0], "lot")], 0))

    def test_lots_are_an_order(self):
        made = random.Random(3)
        for _ in range(300):
            n = made.randint(1, 5)
            orders = [made.sample(range(n), made.randint(1, n)) for _ in range(6)]
            by_lot = made.sample(range(n), n)
            for method in (PLURALITY, INSTANT_RUNOFF, DROOP, HARE, SCHULZE, BORDA):
                seats = 1 if method == INSTANT_RUNOFF else made.randint(1, n)

                def count(tie_break, profile):
                    return Count(method, seats, tie_break, n, profile, 3, lots_of(by_lot))

                found = count(LOT, [([[c] for c in order], 1) for order in orders])
                renamed = count(ORDER, [([[by_lot.index(c)] for c in order], 1) for order in orders])
                self.assertEqual(found.elected, [by_lot[c] for c in renamed.elected])
                expected = [(t.round, [by_lot[c] for c in t.order], "lot") for t in renamed.ties]
                self.assertEqual(ties_of(found), expected)

    def test_open_seats(self):
        profile = [([[0], [1], [2]], 2), ([[1], [0], [2]], 1), ([[2], [0], [1]], 1)]
        count = Count(PLURALITY, 2, OPEN, 3, profile)
        self.assertEqual((count.elected, ties_of(count)), ([0], [(0, [1, 2], "open")]))
        equal = [([[1, 2], [0]], 5)]
        for method in (SCHULZE, BORDA):
            for seats, elected, decided in ((1, [], "open"), (2, [1, 2], None), (3, [1, 2, 0], None)):
                count = Count(method, seats, OPEN, 3, equal)
                self.assertEqual((count.elected, ties_of(count)), (elected, [(0, [1, 2], decided)]))


if __name__ == "__main__":
    unittest.main()
