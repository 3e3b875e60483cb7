"""Lists, places, pairs, STAR, quadratic votes and limbs: exactly the allowed votes can be cast; what a manifest says of them;
and what of their totals is counted."""

import contextlib
import io
import random
import unittest
from fractions import Fraction as Ratio
from itertools import combinations, permutations, product
from unittest import mock

from codec import DecodeError
from counting import BORDA, DHONDT, LISTS_METHOD, LOT, MAJORITY_JUDGMENT, OPEN, ORDER, PLURALITY, SCHULZE, STAR_METHOD
from forge import (
    Voter,
    complete,
    fill,
    items,
    make_contest,
    make_limit,
    make_lists,
    make_pairs,
    make_places,
    make_quadratic,
    make_star,
)
from kinds import GRADES, LISTS, PAIRS, PLACES, QUADRATIC, RANKING, SPLIT, STAR, most_of_slots
from manifest import ManifestError
from roll import read_roll
from rules import keeps_rule
from test_rules import manifest_of, marked
from verify import passes
from views import manifest_contest_view, numbers
from written import Account, Answer, Counted

PARTY = make_contest("party", ["left", "right"], 0, 1, 1)
NAMES = [("a", "x"), ("b", "x"), ("c", "y")]


class Solver:
    """Goes through all bits in order, and leaves a row that can no longer reach its target."""

    def __init__(self, rules, fixed=()):
        self.rules, self.fixed, self.found = rules, fixed, set()
        self.bits = []
        self.rows_of = [[] for _ in rules.bits]
        # What is lacking in each row, and the least and most that the bits that are left can add.
        self.lacks = [target for _, target in rules.rows]
        self.least = [sum(min(0, c) for _, c in terms) for terms, _ in rules.rows]
        self.most = [sum(max(0, c) for _, c in terms) for terms, _ in rules.rows]
        for row, (terms, _) in enumerate(rules.rows):
            for bit, coefficient in terms:
                self.rows_of[bit].append((row, coefficient))
        self.go_on()

    def go_on(self):
        at = len(self.bits)
        if at == len(self.rules.bits):
            self.found.add(tuple(self.rules.values(self.bits)))
            return
        for row, c in self.rows_of[at]:
            self.least[row] -= min(0, c)
            self.most[row] -= max(0, c)
        for bit in self.fixed[at : at + 1] or (0, 1):
            self.bits.append(bit)
            for row, c in self.rows_of[at]:
                self.lacks[row] -= c * bit
            if all(self.least[row] <= self.lacks[row] <= self.most[row] for row, _ in self.rows_of[at]):
                self.go_on()
            for row, c in self.rows_of[at]:
                self.lacks[row] += c * bit
            self.bits.pop()
        for row, c in self.rows_of[at]:
            self.least[row] += min(0, c)
            self.most[row] += max(0, c)


def orders(options, ties=False):
    """The slots of pairs by all orders."""
    ranks = product(range(options), repeat=options) if ties else permutations(range(options))
    pairs = list(permutations(range(options), 2) if ties else combinations(range(options), 2))
    return {tuple(int(rank[i] < rank[j]) for i, j in pairs) for rank in ranks}


def places(options, points, fewer):
    found = set()
    for ranked in range(len(points) + 1) if fewer else [len(points)]:
        for of in permutations(range(options), ranked):
            found.add(tuple(points[of.index(option)] if option in of else 0 for option in range(options)))
    return found


def scores(options, most):
    pairs = list(permutations(range(options), 2))
    return {(*of, *(int(of[i] > of[j]) for i, j in pairs)) for of in product(range(most + 1), repeat=options)}


def lists(lines, maxima, members, least=0, none=False, kept=lambda votes: True):
    """Names, lines for lists, ballots with lists; there are as many lists as `members` names."""
    found, of_lists = set(), max(members) + 1
    for votes in product(*(range(most + 1) for most in maxima)):
        if not least <= sum(votes) <= lines or not kept(votes):
            continue
        for chosen in range(of_lists + none):
            of = [int(chosen == j) for j in range(of_lists + none)]
            found.add((*votes, *((lines - sum(votes)) * j for j in of[:of_lists]), *of))
    return found


def quadratic(counts, credits):
    most = int(credits**0.5)
    return {votes for votes in product(range(most + 1), repeat=counts) if sum(v * v for v in votes) <= credits}


def with_marks(of, before, marks):
    """Slots of a contest with as many marks behind so many slots."""
    slots = len(next(iter(of)))
    return {(*values[:before], *[0] * marks, *values[before:]) for values in of} | marked(slots, before, marks)


class Kinds(unittest.TestCase):
    def exactly(self, expected, before, make, with_it=True, plain=True):
        """`make` takes what is the same for all kinds. `before` is the number of slots before marks."""
        for marks in ([], ["blank"], ["blank", "+none"]):
            of = with_marks(expected, before, len(marks))
            manifest = manifest_of(make(marks=marks))
            rules, contest = manifest.rules[0], manifest.contests[0]
            self.assertEqual(Solver(rules).found, of)
            if plain:
                found = {
                    values
                    for values in product(*(range(most + 1) for most in most_of_slots(contest)))
                    if keeps_rule(contest, *contest.parts(list(values)), [])
                }
                self.assertEqual(found, of)
            if with_it:
                rules = manifest_of(PARTY, make(marks=marks, goes_with="party:left")).rules[0]
                nothing = (0,) * len(next(iter(of)))
                expect = {(0, 0, *nothing), (0, 1, *nothing)} | {(1, 0, *values) for values in of}
                self.assertEqual(Solver(rules).found, expect)

    def test_pairs(self):
        for options, all_orders in ((2, 2), (3, 6), (4, 24), (5, 120)):
            expected = orders(options)
            self.assertEqual(len(expected), all_orders)
            self.exactly(
                expected, len(next(iter(expected))), lambda **more: make_pairs("c", "abcde"[:options], **more), False
            )

    def test_pairs_by_scores(self):
        with mock.patch("rules.SCORES_FROM", 2):
            for options in (2, 3, 4):
                expected = orders(options)
                before = len(next(iter(expected)))
                self.exactly(expected, before, lambda **more: make_pairs("c", "abcd"[:options], **more), False)

    def test_pairs_with_ties(self):
        for options, all_orders in ((2, 3), (3, 13), (4, 75)):
            expected = orders(options, True)
            self.assertEqual(len(expected), all_orders)
            slots = options * (options - 1)
            self.exactly(expected, slots, lambda **more: make_pairs("c", "abcd"[:options], True, **more), False)

    def test_pairs_with_ties_by_ranks(self):
        with mock.patch("rules.RANKS_FROM", 2):
            for options in (2, 3):
                expected, slots = orders(options, True), options * (options - 1)
                self.exactly(expected, slots, lambda **more: make_pairs("c", "abc"[:options], True, **more), False)

    def test_pairs_of_many(self):
        made = random.Random(1)
        for options, ties in ((8, False), (9, False), (16, False), (5, True), (6, True), (12, True)):
            names = [f"o{i}" for i in range(options)]
            manifest = manifest_of(make_pairs("c", names, ties, marks=["blank"]))
            rules, contest = manifest.rules[0], manifest.contests[0]
            self.assertTrue(rules.hold(complete(rules, fill(contest, [0] * options if ties else range(options), 0))))
            for _ in range(5):
                rank = [made.randrange(options) for _ in names] if ties else made.sample(range(options), options)
                bits = complete(rules, fill(contest, rank, 0))
                values = [int(rank[i] < rank[j]) for i, j in contest.pairs]
                self.assertTrue(rules.hold(bits))
                self.assertEqual(rules.values(bits), [*values, 0])
                self.assertTrue(keeps_rule(contest, *contest.parts([*values, 0]), []))
                self.assertFalse(rules.hold(complete(rules, fill(contest, rank, 1))) and any(values))
            self.assertTrue(rules.hold(complete(rules, self.only_the_mark(rules))))
            # No other numbers make any relation an order that is none.
            if options in (6, 9):
                for _ in range(20):
                    values = [made.randint(0, 1) for _ in contest.pairs]
                    self.assertFalse(keeps_rule(contest, values, [0], [], []))
                    self.assertEqual(Solver(rules, values).found, set())

    def only_the_mark(self, rules):
        """The numbers, of which the last is the mark."""
        numbers = len(rules.bits) - len(rules.slack)
        return [0] * (numbers - 1) + [1]

    def test_places(self):
        for options, points, fewer in (
            (1, [1], False),
            (2, [2, 1], False),
            (3, [2, 1, 0], False),
            (3, [3, 2, 1], True),
            (3, [5, 1], False),
            (3, [5, 1], True),
            (4, [12, 10, 8], True),
            (4, [1], False),
            (4, [1], True),
        ):
            expected = places(options, points, fewer)
            make = lambda **more: make_places("c", "abcd"[:options], points, fewer, **more)  # noqa: E731
            self.exactly(expected, options, make, plain=max(points) ** options < 5000)

    def test_rows_of_places(self):
        rules = manifest_of(make_places("c", "ab", [3, 0], marks=["m"])).rules[0]
        # The last place with 0 points counts into nothing.
        self.assertEqual(rules.bits, [[(0, 3)], [], [(1, 3)], [], [(2, 1)]])
        expected = [[0, 2, 4], [1, 3, 4], [0, 1, 4], [2, 3, 4]]
        self.assertEqual(rules.rows, [([(bit, 1) for bit in bits], 1) for bits in expected])
        rules = manifest_of(PARTY, make_places("c", "a", [3], True, marks=["m"], goes_with="party:left")).rules[0]
        # Behind two options and a slack.
        self.assertEqual(rules.bits[3:], [[(2, 3)], [], [(3, 1)], []])
        self.assertEqual(rules.rows[1:], [([(0, -1), (3, 1), (4, 1), (5, 1)], 0), ([(3, 1), (6, 1)], 1)])

    def test_places_that_nobody_takes(self):
        manifest = manifest_of(PARTY, make_places("c", "ab", [2, 1], True, marks=["m"], goes_with="party:left"))
        rules, (party, contest) = manifest.rules[0], manifest.contests
        for left, ranks, mark, holds in (
            (1, [0, 0], 0, True),
            (1, [0, 1], 0, True),
            (1, [0, 2], 0, False),
            (1, [-1, -1], 1, True),
            (1, [0, 0], 1, False),
            (1, [-1, -1], 0, False),
            (0, [-1, -1], 0, True),
            (0, [0, 0], 0, False),
            (0, [-1, -1], 1, False),
        ):
            bits = complete(rules, fill(party, [left, 0], 0) + fill(contest, ranks, mark))
            self.assertEqual(rules.hold(bits), holds)

    def test_star(self):
        for options, most in ((2, 1), (2, 3), (3, 1), (3, 2), (2, 5)):
            expected = scores(options, most)
            self.assertEqual(len(expected), (most + 1) ** options)
            self.exactly(
                expected, options, lambda **more: make_star("c", "abc"[:options], most, **more), plain=options < 3
            )

    def test_quadratic(self):
        for options, credits, against in (
            (2, 1, False),
            (2, 4, False),
            (2, 7, False),
            (3, 9, False),
            (1, 5, True),
            (2, 4, True),
        ):
            counts = options * (1 + against)
            make = lambda **more: make_quadratic("c", "abc"[:options], credits, against=against, **more)  # noqa: E731
            self.exactly(quadratic(counts, credits), counts, make)

    def test_quadratic_in_binary(self):
        with mock.patch("rules.BINARY_FROM", 1):
            for options, credits, against in (
                (2, 1, False),
                (2, 10, False),
                (2, 40, False),
                (3, 9, False),
                (2, 5, True),
            ):
                counts = options * (1 + against)
                make = lambda **more: make_quadratic("c", "abc"[:options], credits, against=against, **more)  # noqa: E731
                self.exactly(quadratic(counts, credits), counts, make)

    def test_quadratic_of_many(self):
        for credits, binary in ((1023, False), (1024, True), (1_000_000, True)):
            manifest = manifest_of(make_quadratic("c", ["a", "b"], credits, marks=["m"]))
            rules, contest = manifest.rules[0], manifest.contests[0]
            self.assertEqual(len(rules.rows) > 1, binary)
            most = contest.each
            for a, b in (
                (most, 0),
                (0, most),
                (most * 3 // 5, most * 3 // 5),
                (most, 1),
                (most, most),
                (most * 4 // 5, most * 4 // 5),
            ):
                bits = complete(rules, fill(contest, [a, b], 0))
                self.assertEqual(rules.hold(bits), a * a + b * b <= credits)
                self.assertEqual(keeps_rule(contest, [a, b], [0], [], []), a * a + b * b <= credits)
                self.assertEqual(rules.values(bits), [a, b, 0])

    def test_lists(self):
        for lines, each, least, none in (
            (1, 1, 0, False),
            (2, 1, 0, True),
            (2, 2, 1, False),
            (3, 2, 0, True),
            (5, 1, 2, True),
        ):
            expected = lists(lines, [each] * 3, [0, 0, 1], least, none)
            make = lambda **more: make_lists("c", NAMES, ["x", "y"], lines, each, least, none, **more)  # noqa: E731
            self.exactly(expected, 5, make, plain=lines < 5)

    def test_limits_of_lists(self):
        limits = [make_limit(["x"], 0, 2), make_limit(["b"], 1, 2, [], "a")]
        options = [("a", 1, "x"), ("b", "x"), ("c", "y")]

        def kept(votes):
            return votes[0] + votes[1] <= 2 and (votes[1] >= 1 if votes[0] else votes[1] == 0)

        expected = lists(3, [1, 2, 2], [0, 0, 1], 1, True, kept)
        self.exactly(
            expected, 5, lambda **more: make_lists("c", options, ["x", "y"], 3, 2, 1, True, limits=limits, **more)
        )

    def test_what_goes_with_names_of_lists(self):
        first = make_lists("c", [("a", 1, "x"), ("b", 2, "y")], ["x", "y"], 2)
        second = make_contest("d", ["e"], 1, 1, 1, goes_with="c:a")
        rules = manifest_of(first, second, limits=[make_limit(["c:b", "d:e"], 0, 2)]).rules[0]
        of_lists = lists(2, [1, 2], [0, 1])
        expected = {(*of, of[0]) for of in of_lists if of[1] + of[0] <= 2}
        self.assertEqual(Solver(rules).found, expected)

    def test_rows_of_lists(self):
        rules = manifest_of(
            make_lists("c", [("a", 1, "x"), ("b", 1, "y")], ["x", "y"], 1, 1, 1, True, marks=["m"])
        ).rules[0]
        self.assertEqual(rules.slots, 2 + 2 + 1 + 3)
        self.assertEqual(
            rules.bits[:9], [[(0, 1)], [(1, 1)], [(2, 1)], [(3, 1)], [], [(4, 1)], [(5, 1)], [(6, 1)], [(7, 1)]]
        )
        expected = [
            ([(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1)], 1),
            ([(5, 1), (6, 1), (7, 1), (8, 1)], 1),
            *(([(2 + i, 1), (6 + i, -1), (9 + i, 1)], 0) for i in range(3)),
            ([(0, 1), (1, 1), (5, 1)], 1),
        ]
        self.assertEqual(rules.rows, expected)

    def test_limbs(self):
        options = [("a", 70_000, []), ("b", 65_535, []), ("c", 65_536, []), ("d", (1 << 63) - 1 - (1 << 20), [])]
        for voters in (False, True):
            manifest = manifest_of(make_contest("c", options, 0, 1 << 62, 1, marks=["m"], voters=voters))
            rules, contest = manifest.rules[0], manifest.contests[0]
            self.assertEqual((contest.limbs, contest.summed), ([2, 1, 2, 4], 10 + 4 * voters))
            for votes in ([70_000, 65_535, 65_536, 1 << 61], [1, 0, 65_535, 99], [65_536, 7, 0, 1 << 61 | 12345678901]):
                bits = complete(rules, fill(contest, votes, 0))
                self.assertTrue(rules.hold(bits))
                values = rules.values(bits)
                self.assertLess(max(values), 1 << 17)
                self.assertEqual(contest.votes_in(values), votes)
                self.assertEqual(contest.parts(values)[2], [min(1, v) for v in votes] if voters else [])
            # A weight of 0 counts into nothing.
            self.assertTrue(all(weight for slots in rules.bits for _, weight in slots))
        self.assertEqual(contest.votes_in([1 << 16, (1 << 48) - 1] + [0] * 12), None)
        self.assertEqual(contest.votes_in([0, (1 << 48) - 1] + [0] * 12), [((1 << 48) - 1) << 16, 0, 0, 0])


class Slots(unittest.TestCase):
    def test_the_most_that_a_ballot_can_give(self):
        for made, most, of_slots in (
            (make_contest("c", ["a", ("b", 7, [])], 0, 3, 2, marks=["m"], voters=True), 7, [2, 7, 1, 1, 1]),
            (make_contest("c", ["a", ("b", 65_536, [])], 0, 3, 2), (1 << 17) - 1, [2] + [(1 << 17) - 1] * 2),
            (make_contest("c", ["a"], 0, 1, 5, lines=1, length=4, count=(PLURALITY, 1, ORDER)), 5, [5]),
            (make_contest("c", [("a", 2, [])], 0, 1, 5, lines=1, length=4, count=(PLURALITY, 1, ORDER)), 5, [2]),
            (make_contest("c", ["a"], 0, 1, 1, RANKING, count=(SCHULZE, 1, ORDER)), 1, []),
            (make_contest("c", ["a"], 1, 1, 1, GRADES, grades=["x", "y"], marks=["m"]), 1, [1, 1, 1]),
            (make_lists("c", NAMES, ["x", "y"], 9, 2, 0, True, marks=["m"]), 9, [2, 2, 2, 9, 9, 1, 1, 1, 1]),
            (make_lists("c", NAMES, ["x", "y"], 1, 2), 2, [2, 2, 2, 1, 1, 1, 1]),
            (make_places("c", "ab", [8, 3], marks=["m"]), 8, [8, 8, 1]),
            (make_pairs("c", "abc", marks=["m"]), 1, [1] * 4),
            (make_star("c", "ab", 5, marks=["m"]), 5, [5, 5, 1, 1, 1]),
            (make_quadratic("c", "ab", 10, against=True, marks=["m"]), 3, [3] * 4 + [1]),
        ):
            contest = manifest_of(made).contests[0]
            self.assertEqual((most_of_slots(contest), contest.most_of_a_slot), (of_slots, most))

    def test_weights(self):
        for made, most in (
            (make_contest("c", [("a", 65_536, [])], 0, 1, 1), (1 << 17) - 1),
            (make_lists("c", NAMES, ["x", "y"], 999), 999),
            (make_places("c", "ab", [500, 3]), 500),
            (make_quadratic("c", "ab", 1_000_000, against=True), 1000),
        ):
            manifest, voters = manifest_of(made), [Voter(), Voter()]
            whole = (1 << 40) // most
            for more in (0, 1):
                of = whole // 2, whole - whole // 2 + more
                roll = items([voter.registration(manifest, 0, weight) for voter, weight in zip(voters, of)])
                _, fault = read_roll(manifest, roll)
                self.assertEqual(fault is None, more == 0)


class Checks(unittest.TestCase):
    def refused(self, *contests, **more):
        with self.assertRaises((DecodeError, ManifestError)):
            manifest_of(*contests, **more)

    def refused_more(self, make, *but):
        """What none of the kinds allows."""
        choices = {
            "lines": dict(lines=1, length=4),
            "limits": dict(limits=[make_limit(["a"], 1, 1)]),
            "voters": dict(voters=True),
            "base": dict(base=1),
            "goes_with": dict(goes_with="party:left"),
            "pass": dict(passes=("a", 1, 2, 1, 0, 0)),
            "majority judgment": dict(count=(MAJORITY_JUDGMENT, 1, ORDER)),
            "unknown with": dict(goes_with="party:green"),
        }
        for name, more in choices.items():
            if name in but:
                manifest_of(PARTY, make(**more))
            else:
                self.refused(PARTY, make(**more))

    def test_unknown_bytes(self):
        self.refused(make_contest("c", ["a", "b"], 0, 1, 1, form=SPLIT + 1))
        self.refused(make_contest("c", ["a", "b"], 0, 1, 1, count=(LISTS_METHOD + 1, 1, ORDER)))
        for form, more in (
            (PAIRS, dict(ties=2)),
            (LISTS, dict(none=2)),
            (PLACES, dict(fewer=2)),
            (QUADRATIC, dict(against=2)),
        ):
            self.refused(make_contest("c", ["a", "b"], 0, 2, 1, form, **more))
        names = dict(options=NAMES, groups=["x", "y"], lines=1)
        for details in ((3, 0), (0, 2), (255, 0)):
            self.refused(make_lists("c", **names, count=(LISTS_METHOD, 1, ORDER, *details)))

    def test_votes(self):
        most = (1 << 63) - 1
        manifest_of(make_contest("c", ["a"], 0, most, most))
        self.refused(make_contest("c", ["a"], 0, most + 1, most + 1))
        self.refused(make_contest("c", ["a"], 0, 1, most + 1))
        self.refused(make_contest("c", ["a", "b"], 0, 1, most))
        self.refused(make_contest("c", ["a", ("b", most, [])], 0, 1, 1))
        limits = [make_limit(["a"], 0, 5, [4])]
        manifest_of(make_contest("c", ["a"], 0, 1, most // 4, limits=limits))
        self.refused(make_contest("c", ["a"], 0, 1, most // 4 + 1, limits=limits))
        lines = dict(lines=1, length=4, count=(PLURALITY, 1, ORDER))
        manifest_of(make_contest("c", [("a", 65_535, [])], 0, 1, 65_535, **lines))
        self.refused(make_contest("c", ["a"], 0, 1, 65_536, **lines))
        self.refused(make_contest("c", [("a", 65_536, [])], 0, 1, 65_535, **lines))

    def test_lists(self):
        def make(options=tuple(NAMES), groups=("x", "y"), lines=2, **more):
            return make_lists("c", options, groups, lines, **more)

        manifest_of(make(lines=1000))
        manifest_of(make(least=2))
        self.refused(make(lines=0))
        self.refused(make(lines=1001))
        self.refused(make(least=3))
        manifest_of(make(lines=9, least=3))
        self.refused(make(lines=9, least=4))
        self.refused(make(groups=["x", "y", "z"]))
        self.refused(make(groups=["x"]))
        self.refused(make(each=65_536))
        self.refused(make(options=[("a", 65_536, "x"), ("b", "y")]))
        self.refused(make_contest("c", ["a"], 0, 1, 1, LISTS))
        both = [("a", 0, ["x", "y"]), ("b", 0, ["y"])]
        self.refused(make_contest("c", both, 0, 1, 1, LISTS, groups=["x", "y"]))
        self.refused(make_contest("c", [*both[1:], "c"], 0, 1, 1, LISTS, groups=["y"]))
        self.refused_more(lambda **more: make(**{"lines": 2} | more) if "length" not in more else make_contest(
            "c", [("a", 0, ["x"])], 0, 1, 1, LISTS, groups=["x"], **more), "goes_with", "limits")  # fmt: skip

    def test_count_of_lists(self):
        def make(seats=2, details=(DHONDT, 0), method=LISTS_METHOD, **more):
            return make_lists("c", NAMES, ["x", "y"], 2, count=(method, seats, LOT, *details), **more)

        for details in product(range(3), range(2)):
            manifest_of(make(3, details))
        self.refused(make(4))
        self.refused(make(0))
        self.refused(make(method=PLURALITY, details=()))
        for threshold in ((0, 0), (0, 1), (1, 20), (1, 1), ((1 << 64) - 1,) * 2):
            manifest_of(make(threshold=threshold))
        for threshold in ((1, 0), (2, 1)):
            self.refused(make(threshold=threshold))
        manifest_of(make(joined=[["x", "y"]]))
        for joined in ([[]], [["x"]], [["x", "x"]], [["x", "z"]], [["x", "y"], ["y", "x"]]):
            self.refused(make(joined=joined))
        self.refused(make(caps=[("x", 1)]))
        self.refused(make(needs=(1, 2, 1)))
        choice = dict(count=(PLURALITY, 1, ORDER), groups=["x", "y"])
        options = [("a", 0, ["x"]), ("b", 0, ["y"])]
        manifest_of(make_contest("c", options, 0, 1, 1, **choice))
        self.refused(make_contest("c", options, 0, 1, 1, threshold=(1, 2), **choice))
        self.refused(make_contest("c", options, 0, 1, 1, joined=[["x", "y"]], **choice))

    def test_places(self):
        def make(points=(2, 1), fewer=False, options="abc", **more):
            return make_places("c", options, points, fewer, **more)

        manifest_of(make((65_535, 1)))
        manifest_of(make((2, 1, 0)))
        for points, fewer in (
            ([], False), ([65_536], False), ([1, 1], False), ([1, 2], False), ([1, 0], False), ([2, 1, 0], True),
            ([4, 3, 2, 1], False), ([0], False),
        ):  # fmt: skip
            self.refused(make(points, fewer))
        names = [f"o{i}" for i in range(65)]
        manifest_of(make(range(20, 0, -1), options=names))
        self.refused(make(range(65, 0, -1), options=names))
        for rule in ((1, 2, 2), (2, 3, 2), (2, 2, 3)):
            self.refused(make_contest("c", "abc", *rule, PLACES, points=[2, 1]))
        self.refused(make(options=["a", ("b", 1, []), "c"]))
        self.refused_more(make, "goes_with")
        manifest_of(make(count=(PLURALITY, 2, OPEN), needs=(1, 2, 3)))
        self.refused(make(count=(BORDA, 2, OPEN)))

    def test_pairs(self):
        def make(options="abc", ties=False, **more):
            return make_pairs("c", options, ties, **more)

        names = [f"o{i}" for i in range(17)]
        for ties, most in ((False, 16), (True, 12)):
            manifest_of(make(names[:most], ties))
            self.refused(make(names[: most + 1], ties))
            self.refused(make(names[:1], ties))
        for rule in ((0, 3, 1), (3, 3, 2), (3, 2, 1)):
            self.refused(make_contest("c", "abc", *rule, PAIRS))
            self.refused(make_contest("c", "abc", *rule, PAIRS, ties=True))
        self.refused_more(make)
        self.refused_more(lambda **more: make(ties=True, **more))
        for method in (SCHULZE, BORDA):
            manifest_of(make(count=(method, 3, OPEN)))
            self.refused(make(count=(method, 4, OPEN)))
            self.refused(make(count=(method, 1, ORDER), needs=(1, 2, 1)))
        for method in (PLURALITY, STAR_METHOD):
            self.refused(make(count=(method, 1, OPEN)))
        # Neither votes nor a name to go with.
        other = make_contest("d", ["e", "f"], 0, 1, 1)
        self.refused(make(), other, limits=[make_limit(["c:a", "d:e"], 0, 1)])
        self.refused(make(), make_contest("d", ["e", "f"], 0, 1, 1, goes_with="c:a"))

    def test_star(self):
        def make(options="abc", most=5, **more):
            return make_star("c", options, most, **more)

        names = [f"o{i}" for i in range(17)]
        manifest_of(make(names[:16]))
        for options, most in ((names, 5), ("a", 5), ("ab", 65_536), ("ab", 0)):
            self.refused(make(options, most))
        for rule in ((1, 15, 5), (0, 14, 5), (0, 15, 6)):
            self.refused(make_contest("c", "abc", *rule, STAR))
        self.refused(make(["a", ("b", 5, [])]))
        self.refused_more(make, "goes_with")
        for method in (STAR_METHOD, SCHULZE):
            manifest_of(make(count=(method, 2, OPEN)))
        for method in (PLURALITY, BORDA):
            self.refused(make(count=(method, 1, OPEN)))
        self.refused(make_contest("c", "ab", 0, 1, 1, count=(STAR_METHOD, 1, OPEN)))
        self.refused(make_contest("c", "ab", 0, 1, 1, RANKING, count=(STAR_METHOD, 1, OPEN)))

    def test_quadratic(self):
        def make(options="ab", credits=4, **more):
            return make_quadratic("c", options, credits, **more)

        manifest_of(make(credits=7))
        manifest_of(make(credits=8, against=True))
        manifest_of(make("a", 4, against=True))
        manifest_of(make(credits=1_000_000))
        for options, credits, against in (("ab", 8, False), ("a", 5, False), ("ab", 0, False), ("ab", 1_000_001, True)):
            self.refused(make(options, credits, against=against))
        for rule in ((1, 4, 2), (0, 3, 2), (0, 4, 1), (0, 4, 3)):
            self.refused(make_contest("c", "ab", *rule, QUADRATIC, credits=4))
        self.refused(make(["a", ("b", 2, [])]))
        self.refused_more(make, "goes_with")
        manifest_of(make(count=(PLURALITY, 1, LOT)))
        self.refused(make(count=(SCHULZE, 1, LOT)))

    def test_majorities_and_questions(self):
        def make(**more):
            return make_contest("c", ["yes", "no"], 1, 1, 1, **more)

        elect = dict(count=(PLURALITY, 1, OPEN))
        for majority in ((1, 2, 1), (2, 3, 2), (0, 1, 3), (1, 1, 1)):
            manifest_of(make(needs=majority, **elect))
            manifest_of(make(passes=("yes", *majority, 0, 0)))
        for majority in ((1, 2, 0), (1, 2, 4), (0, 0, 1), (3, 2, 1), (1, 0, 1)):
            self.refused(make(needs=majority, **elect))
            self.refused(make(passes=("yes", *majority, 0, 0)))
        lines = dict(lines=1, length=4, count=(PLURALITY, 1, ORDER))
        self.refused(make(needs=(1, 2, 1), **lines))
        self.refused(make(passes=("yes", 1, 2, 1, 0, 0), **lines))
        manifest_of(make(passes=("no", 1, 2, 1, 1, 4), **elect))
        for quorum in ((1, 0), (5, 4)):
            self.refused(make(passes=("yes", 1, 2, 1, *quorum)))
        self.refused(make(passes=("perhaps", 1, 2, 1, 0, 0)))

    def test_two_questions(self):
        asked = [make_contest(id, ["yes", "no"], 0, 1, 1, passes=("yes", 1, 2, 1, 0, 0)) for id in "ab"]
        other = make_contest("d", ["yes", "no"], 0, 1, 1)

        def decided(if_both, options="xy", **more):
            return manifest_of(*asked, other, make_contest("c", options, 0, 1, 1, if_both=if_both, **more))

        self.assertEqual(decided("ab").contests[3].if_both, ["a", "b"])
        with self.assertRaises(ManifestError):
            decided("ab", "xyz")
        with self.assertRaises(ManifestError):
            decided("ab", passes=("x", 1, 2, 1, 0, 0))
        for pair in ("aa", "ad", "ca", "az", "a"):
            with self.assertRaises(ManifestError):
                decided(pair)
        # Of one question only one contest decides.
        twice = [make_contest(id, "xy", 0, 1, 1, if_both=["a", "b"]) for id in "ce"]
        manifest_of(*asked, twice[0])
        with self.assertRaises(ManifestError):
            manifest_of(*asked, *twice)


class Views(unittest.TestCase):
    def shown(self, made, **expected):
        view = manifest_contest_view(manifest_of(made).contests[0])
        for name, value in expected.items():
            self.assertEqual((view[name], list(view[name])), (value, list(value)))
        return view

    def test_rules(self):
        self.shown(make_lists("c", NAMES, ["x", "y"], 3, 2), lists={"lines": 3, "each": 2})
        made = make_lists("c", NAMES, ["x", "y"], 3, 2, 1, True)
        self.shown(made, lists={"lines": 3, "each": 2, "least": 1, "none": True})
        self.shown(make_places("c", "ab", [2, 1]), places={"points": [2, 1]})
        self.shown(make_places("c", "ab", [2, 1], True), places={"points": [2, 1], "fewer": True})
        self.shown(make_pairs("c", "ab"), pairs={"ties": False})
        self.shown(make_pairs("c", "ab", True), pairs={"ties": True})
        self.shown(make_star("c", "ab", 5), star={"max": 5})
        self.shown(make_quadratic("c", "ab", 4), quadratic={"credits": 4})
        self.shown(make_quadratic("c", "ab", 4, against=True), quadratic={"credits": 4, "against": True})

    def test_counts(self):
        count = {"method": "lists", "divisor": "hare", "unfilled": "others", "seats": 2, "tie_break": "lot",
                 "threshold": "2/40", "joined": [["y", "x"]]}  # fmt: skip
        more = dict(threshold=(2, 40), joined=[["y", "x"]])
        self.shown(make_lists("c", NAMES, ["x", "y"], 3, count=(LISTS_METHOD, 2, LOT, 2, 1), **more), count=count)
        made = make_contest(
            "c", "ab", 0, 1, 1, count=(PLURALITY, 1, OPEN), needs=(1, 2, 3), passes=("a", 2, 3, 1, 1, 4)
        )
        count = {"method": "plurality", "seats": 1, "tie_break": "open", "needs": {"more_than": "1/2", "of": "ballots"}}
        passes = {"yes": "a", "more_than": "2/3", "of": "votes", "quorum": "1/4"}
        self.assertEqual(list(self.shown(made, count=count, **{"pass": passes}))[-2:], ["count", "pass"])
        made = make_contest("c", "ab", 0, 1, 1, passes=("a", 0, 1, 2, 0, 0))
        self.shown(made, **{"pass": {"yes": "a", "more_than": "0/1", "of": "valid"}})

    def numbers(self, made, totals):
        view = numbers(manifest_of(made).contests[0], 2, 3, totals, 0)
        return (
            view["votes"],
            view["marks"],
            [(of["of"], of["total"]) for of in view.get("others", [])],
            view["not_given"],
        )

    def test_numbers(self):
        found = self.numbers(
            make_lists("c", NAMES, ["x", "y"], 3, 1, 0, True, marks=["m"]), [1, 2, 0, 3, 1, 1, 1, 1, 0]
        )
        others = [("lines for Group x", 3), ("lines for Group y", 1), ("ballots with Group x", 1),
                  ("ballots with Group y", 1), ("ballots with no list", 0)]  # fmt: skip
        self.assertEqual(found, ([1, 2, 0], [1], others, 3 * 2 - 7))
        found = self.numbers(make_pairs("c", "abc", marks=["m"]), [1, 2, 3, 0])
        self.assertEqual(found, (None, [0], [("a over b", 1), ("a over c", 2), ("b over c", 3)], None))
        found = self.numbers(make_star("c", "ab", 5), [7, 8, 1, 2])
        self.assertEqual(found, ([7, 8], [], [("a over b", 1), ("b over a", 2)], 30 - 15))
        found = self.numbers(make_quadratic("c", "ab", 4, against=True), [1, 2, 3, 4])
        self.assertEqual(found, ([1, 2], [], [("against a", 3), ("against b", 4)], None))
        self.assertEqual(self.numbers(make_places("c", "ab", [2, 1]), [4, 5]), ([4, 5], [], [], 0))
        large = make_contest("c", [("a", 1 << 62, []), "b"], 0, 1, 1)
        self.assertEqual(self.numbers(large, [0, 1, 0, 0, 1]), ([1 << 16, 1], [], [], 3 - (1 << 16) - 1))
        self.assertEqual(self.numbers(large, [0, 0, 0, 1 << 16, 1]), (None, [], [], None))
        # Of weight 3, and so just below 2^64 and just above.
        for most, held in (((1 << 64) // 3, 1), ((1 << 64) // 3 + 1, None)):
            made = make_contest("c", [("a", most, [])], 0, most, 1)
            self.assertEqual(self.numbers(made, [0xFFFF] * 4), ([(1 << 64) - 1], [], [], held and held - 1))


class Counts(unittest.TestCase):
    """What of a contest's totals is counted."""

    def counted(self, made, totals, weight, lots=None):
        contest = manifest_of(made).contests[0]
        return Counted(contest, totals, [], lots, weight).count

    def test_questions(self):
        for majority, base, expected in (
            (Ratio(1, 2), 1, True),
            (Ratio(2, 3), 1, False),
            (Ratio(1, 2), 2, True),
            (Ratio(1, 2), 3, False),
        ):
            fraction = majority.numerator, majority.denominator
            for quorum, on_roll, reached in (
                ((0, 0), 99, True),
                ((1, 4), 40, True),
                ((1, 4), 41, False),
                ((0, 1), 99, True),
            ):
                made = make_contest(
                    "c", ["no", "yes"], 1, 1, 1, marks=["blank", "+none"], passes=("yes", *fraction, base, *quorum)
                )
                # Of weight 12, 2 blank and none valid.
                answer = Answer(manifest_of(made).contests[0], [4, 6, 2, 0], 10, 12, on_roll)
                self.assertEqual((answer.majority, answer.quorum), (expected, reached))
                self.assertEqual(answer.passes, expected and reached)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            passes(answer)
        self.assertEqual(out.getvalue(), "    passes  no: too few say yes\n")

    def test_bases_of_majorities(self):
        elect = dict(count=(PLURALITY, 1, ORDER), marks=["blank", "+none"])
        for base, too_few in ((1, []), (2, []), (3, [0, 1])):
            count = self.counted(make_contest("c", "ab", 1, 1, 1, needs=(1, 3, base), **elect), [4, 4, 3, 0], 12)
            self.assertEqual((count.too_few, count.elected), (too_few, [] if too_few else [0]))

    def test_majorities_with_votes_against(self):
        # More than 1/3 of 13 votes for options; of 8 that are left 3 would be enough.
        made = make_quadratic("c", "abc", 9, against=True, count=(PLURALITY, 2, ORDER), needs=(1, 3, 1))
        count = self.counted(made, [6, 4, 3, 1, 1, 6], 9)
        self.assertEqual((count.scores, count.too_few, count.elected), ([5, 3, 0], [1, 2], [0]))
        # Without votes all are without their share.
        count = self.counted(made, [1, 0, 0, 1, 0, 0], 9)
        self.assertEqual((count.scores, count.too_few, count.elected, count.open), ([0] * 3, [0, 1, 2], [], 2))

    def test_votes_against(self):
        made = make_quadratic("c", "abc", 9, against=True, marks=["m"], count=(PLURALITY, 2, ORDER))
        count = self.counted(made, [5, 6, 2, 1, 4, 3, 1], 9)
        self.assertEqual((count.scores, count.elected, count.votes), ([4, 2, 0], [0, 1], 13))
        # Nobody has more votes for than against but the first.
        count = self.counted(made, [5, 4, 2, 1, 4, 3, 1], 9)
        self.assertEqual((count.elected, count.too_few), ([0], [1, 2]))

    def test_pairs(self):
        made = make_pairs("c", "abc", marks=["m"], count=(BORDA, 1, ORDER))
        # a b c twice, c b a once; nobody is elected where all set a mark.
        self.assertEqual(self.counted(made, [0, 0, 0, 4], 4).elected, [])
        count = self.counted(made, [2, 2, 2, 1], 4)
        self.assertEqual((count.scores, count.elected, count.votes), ([40, 30, 20], [0], 3))
        made = make_pairs("c", "ab", True, marks=["m"], count=(SCHULZE, 1, OPEN))
        count = self.counted(made, [2, 2, 0], 5)
        self.assertEqual((count.preferences, count.elected, count.votes), ([[0, 2], [2, 0]], [], 5))
        self.assertEqual(self.counted(made, [0, 0, 5], 5).votes, 0)

    def test_star_by_schulze(self):
        made = make_star("c", "ab", 5, count=(SCHULZE, 1, ORDER))
        # More points, but two of three prefer the other.
        self.assertEqual(self.counted(made, [5, 2, 1, 2], 3).elected, [1])
        made = make_star("c", "ab", 5, count=(STAR_METHOD, 1, ORDER))
        self.assertEqual(self.counted(made, [5, 2, 1, 2], 3).elected, [1])

    def test_lots_of_lists(self):
        names = [("a", "x"), ("b", "y")]
        made = make_lists("c", names, ["x", "y"], 1, count=(LISTS_METHOD, 1, LOT, DHONDT, 0))
        for order, elected in (([0, 1, 2, 3], [0]), ([0, 1, 3, 2], [1])):
            count = self.counted(made, [0, 0, 2, 2, 2, 2], 4, lambda number: bytes([order.index(number)]))
            self.assertEqual(count.elected, elected)

    def test_accounts(self):
        for made, totals, expected in (
            (make_lists("c", NAMES, ["x", "y"], 3, marks=["m"]), [1, 2, 0, 3, 3, 1, 2, 1], (12, 9, 3, 0)),
            (make_places("c", "ab", [2, 1], True, marks=["m"]), [4, 3, 1], (12, 7, 3, 2)),
            (make_pairs("c", "ab", marks=["m"]), [2, 1], (4, 3, 1, 0)),
            (make_star("c", "ab", 5, marks=["m"]), [7, 8, 1, 1, 2], (40, 15, 10, 15)),
            (make_quadratic("c", "ab", 4, marks=["m"]), [3, 2, 1], (4, 3, 1, 0)),
        ):
            account = Account(manifest_of(made).contests[0], 4, 4, totals, 0, None)
            self.assertEqual((account.held, account.counted, account.marked, account.not_given), expected)
            self.assertTrue(account.adds_up())


if __name__ == "__main__":
    unittest.main()
