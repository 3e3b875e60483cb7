"""Who is elected by totals: caps, lots, seats that stay open, and majority judgment, against counts one by one."""

import random
import unittest
from hashlib import sha3_256
from itertools import combinations, permutations

from counting import (
    BACKWARDS,
    BORDA,
    DROOP,
    HARE,
    INSTANT_RUNOFF,
    LOT,
    OPEN,
    ORDER,
    PLURALITY,
    SCHULZE,
    Count,
    lot,
)
from totals import ByVotes, MajorityJudgment


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
