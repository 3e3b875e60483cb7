"""Rules as rows: all bits are gone through, and exactly the allowed votes come out."""

import contextlib
import io
import unittest
from itertools import product

import forge
from codec import DecodeError
from counting import BACKWARDS, LOT, MAJORITY_JUDGMENT, OPEN, ORDER, PLURALITY, STAR_METHOD
from forge import Author, complete, fill, make_contest, make_limit
from kinds import CHOICE, GRADES, RANKING
from manifest import Manifest, ManifestError
from rules import keeps_rule
from verify import totals_by_grades, totals_of_choice
from views import manifest_contest_view, manifest_view

OPERATOR, TRUSTEE = Author(), Author()


def manifest_of(*contests, limits=(), styles=None):
    styles = styles or [(range(len(contests)), limits)]
    return Manifest(forge.make_manifest(OPERATOR, [TRUSTEE], 1, contests, styles))


def values_of_bits(rules):
    """What all bits give that satisfy the rows. A slack is what its row lacks, so only other bits are gone through."""
    numbers = len(rules.bits) - len(rules.slack)
    found = (complete(rules, bits) for bits in product((0, 1), repeat=numbers))
    return {tuple(rules.values(bits)) for bits in found if rules.hold(bits)}


def spends(of, lo=0, hi=10**9, needed=None, costs=None):
    """A limit, as a function of the votes."""

    def kept(votes):
        spent = sum(cost * votes[option] for option, cost in zip(of, costs or [1] * len(of)))
        return lo <= spent <= hi if needed is None or votes[needed] else spent == 0

    return kept


def allowed(maxima, lo, hi, marks=0, limits=(), lines=(), voters=False):
    """The slots of a contest with votes that its rule allows."""
    found = set()
    for votes in product(*(range(most + 1) for most in maxima)):
        for written in product(*(range(most + 1) for most in lines)):
            if lo <= sum(votes) + sum(written) <= hi and all(kept(votes) for kept in limits):
                more = tuple(min(v, 1) for v in votes) if voters else ()
                found.add((*votes, *[0] * marks, *more, *written))
    return found | marked(len(maxima) + voters * len(maxima) + len(lines), len(maxima), marks)


def marked(slots, options, marks):
    """The slots of a contest with a mark."""
    empty = (0,) * slots
    return {(*empty[:options], *(int(mark == i) for i in range(marks)), *empty[options:]) for mark in range(marks)}


def make_graded(id, options, grades, marks=(), rule=(1, 1, 1), **more):
    return make_contest(id, options, *rule, GRADES, marks=marks, grades=grades, **more)


def graded(options, grades, marks):
    """The slots of a contest in which each option has one grade, or all are left alone with a mark."""
    one = [tuple(int(grade == i) for i in range(grades)) for grade in range(grades)]
    given = {sum(of_options, ()) + (0,) * marks for of_options in product(one, repeat=options)}
    return given | marked(options * grades, options * grades, marks)


class Texts(unittest.TestCase):
    """Texts in two languages, and ids that are no names."""

    def manifest(self, options, languages=("de", "fr"), **more):
        contest = make_contest("c", options, 0, 1, 1, **more)
        return Manifest(forge.make_manifest(OPERATOR, [TRUSTEE], 1, [contest], languages=languages))

    def test_texts_in_two_languages(self):
        options = [("a", ["Ja", "Oui"], [], 0), ("b", ["Nein"], ["Bern", "Berne"], 0)]
        more = {"title": ["Frage", "Question"], "question": ["Soll?", "Faut-il ?"], "display": 2}
        view = manifest_view(self.manifest(options, **more))
        self.assertEqual(view["languages"], ["de", "fr"])
        contest = view["contests"][0]
        self.assertEqual(contest["title"], {"de": "Frage", "fr": "Question"})
        self.assertEqual(contest["display"], "lot")
        self.assertEqual(contest["options"][0], {"id": "a", "name": {"de": "Ja", "fr": "Oui"}})
        self.assertEqual(contest["options"][1]["detail"], {"de": "Bern", "fr": "Berne"})
        self.assertEqual(self.manifest(options).contests[0].shown(), ["Ja", "Nein (Bern)"])

    def test_texts_that_are_refused(self):
        a, count = ("a", ["Ja", "Oui"], [], 0), {"lines": 1, "length": 9, "count": (PLURALITY, 1, ORDER)}
        namesakes = [("a", ["Ott"], ["Bern"], 0), ("b", ["Ott"], ["Thun"], 0)]
        self.manifest(namesakes)
        for options, more in (
            ([a, ("b", ["Nein", "OUI"], [], 0)], {}),
            ([a, ("b", ["Nein", "\u3164"], [], 0)], {}),
            ([("a", ["Ja", "Oui", "Yes"], [], 0)], {}),
            ([("a", [], [], 0)], {}),
            ([a], {"languages": ()}),
            ([a], {"languages": ("de", "de")}),
            ([a], {"languages": ("de", "FR")}),
            ([a, ("A", ["Nein"], [], 0)], {}),
            ([namesakes[0], ("b", ["OTT"], ["BERN"], 0)], {}),
            # Where names can be written in, each is of one option, whatever the language or the detail.
            (namesakes, count),
            ([a, ("b", ["Nein", "Ja"], [], 0)], count),
        ):
            with self.assertRaises(ManifestError):
                self.manifest(options, **more)


class Contests(unittest.TestCase):
    def same(self, expected, *contests, **more):
        rules = manifest_of(*contests, **more).rules[0]
        summed = [slot for slot in range(rules.slots) if slot not in rules.free]
        self.assertEqual({tuple(values[slot] for slot in summed) for values in values_of_bits(rules)}, expected)
        # All bits, where they are few, give the same.
        if len(rules.bits) <= 12:
            every = (bits for bits in product((0, 1), repeat=len(rules.bits)) if rules.hold(bits))
            self.assertEqual({tuple(rules.values(bits)) for bits in every}, values_of_bits(rules))
        return rules

    def test_totals_and_marks(self):
        for each in (1, 2, 3):
            for hi in range(1, 2 * each + 1):
                for lo in range(hi + 1):
                    for marks in ([], ["blank"], ["blank", "+none"]):
                        contest = make_contest("c", ["a", "b"], lo, hi, each, marks=marks)
                        rules = self.same(allowed([each, each], lo, hi, len(marks)), contest)
                        rows = int(lo > 0 or hi < 2 * each) if not marks else 1 + (0 < lo < hi)
                        self.assertEqual(len(rules.rows), rows)

    def test_maxima_and_voters(self):
        for maxima in ([1, 3, 0], [2, 0, 5], [4, 1, 2]):
            options = [(name, most, []) for name, most in zip("abc", maxima)]
            of = [most or 2 for most in maxima]
            for lo, hi in ((0, sum(of)), (0, 3), (1, 4), (2, 2)):
                for marks in ([], ["blank"]):
                    for voters in (False, True):
                        contest = make_contest("c", options, lo, hi, 2, marks=marks, voters=voters)
                        self.same(allowed(of, lo, hi, len(marks), voters=voters), contest)

    def test_voters_of_many_votes(self):
        # 7 others take three bits, so that the row is over the bits alone.
        for most in (2, 5, 8, 9):
            contest = make_contest("c", ["a"], 0, most, most, voters=True)
            self.same(allowed([most], 0, most, voters=True), contest)

    def test_lines(self):
        more = dict(form=CHOICE, lines=2, length=4, count=(PLURALITY, 1, ORDER), marks=["blank"])
        contest = make_contest("c", ["a", ("b", 3, [])], 1, 3, 2, **more)
        self.same(allowed([2, 3], 1, 3, 1, lines=[2, 2]), contest)

    def test_limits(self):
        options = [("a", 0, ["g"]), ("b", 3, ["g"]), ("c", 1, [])]
        for of, numbers, costs, lo, hi in (
            (["g"], [0, 1], [], 0, 2),
            (["g"], [0, 1], [], 2, 5),
            (["g"], [0, 1], [], 2, 2),
            (["c", "g"], [2, 0, 1], [3, 2], 2, 7),
            (["c", "g"], [2, 0, 1], [4, 2], 3, 7),
            (["c", "g"], [2, 0, 1], [6, 4], 0, 5),
            (["c", "a"], [2, 0], [3, 3], 0, 2),
        ):
            each = [costs[min(i, 1)] for i in range(len(numbers))] if costs else None
            for marks in ([], ["blank"]):
                for total in ((0, 6), (0, 3), (1, 3), (2, 2)):
                    limits = [make_limit(of, lo, hi, costs)]
                    contest = make_contest("c", options, *total, 2, marks=marks, limits=limits, groups=["g"])
                    self.same(allowed([2, 3, 1], *total, len(marks), [spends(numbers, lo, hi, costs=each)]), contest)

    def test_limits_that_go_with_an_option(self):
        options = [("list", 1, []), ("a", 0, ["g"]), ("b", 0, ["g"])]
        for most, lo, hi, costs in (
            (1, 0, 2, []), (1, 1, 2, []), (1, 2, 2, []), (2, 0, 3, []), (7, 0, 14, []), (7, 0, 9, []),
            (3, 2, 4, []),
            (2, 2, 8, [2]), (3, 0, 18, [3]), (2, 20, 40, [10]), (2, 0, 15, [10]), (1, 0, 5, [10]),
        ):  # fmt: skip
            limits = [make_limit(["g"], lo, hi, costs, "list")]
            kept = spends([1, 2], lo, hi, 0, costs * 2)
            for marks in ([], ["blank"]):
                contest = make_contest("c", options, 0, 1 + 2 * most, most, marks=marks, limits=limits, groups=["g"])
                self.same(allowed([1, most, most], 0, 1 + 2 * most, len(marks), [kept]), contest)
        # One after the other: with the list a party, with the party its candidates.
        limits = [make_limit(["a"], 0, 1, [], "list"), make_limit(["b"], 1, 2, [], "a")]
        contest = make_contest("c", ["list", "a", ("b", 2, [])], 0, 4, 1, limits=limits, voters=True)
        kept = [spends([1], 0, 1, 0), spends([2], 1, 2, 1)]
        self.same(allowed([1, 1, 2], 0, 4, limits=kept, voters=True), contest)

    def test_contests_that_go_with_an_option(self):
        for lists in (dict(), dict(voters=True)):
            of_lists = [("green", 1, []), ("red", 2, [])]
            first = make_contest("list", of_lists, 0, 2, 1, marks=["blank"], **lists)
            firsts = allowed([1, 2], 0, 2, 1, voters=bool(lists))
            for most, lo, hi in ((1, 0, 2), (1, 1, 1), (1, 1, 2), (2, 0, 4), (7, 0, 14), (2, 1, 4), (2, 2, 3)):
                for marks in ([], ["blank", "+none"]):
                    for limits, kept in (([], []), ([make_limit(["a"], 1, most, [])], [spends([0], 1, most)])):
                        names = ["a", "b"]
                        more = dict(marks=marks, limits=limits, goes_with="list:green")
                        second = make_contest("council", names, lo, hi, most, **more)
                        with_it = allowed([most, most], lo, hi, len(marks), kept)
                        without = {(0,) * (2 + len(marks))}
                        expected = {a + b for a in firsts for b in (with_it if a[0] else without)}
                        self.same(expected, first, second)

    def test_grades(self):
        for options in (1, 2, 3):
            for grades in (2, 3):
                for marks in ([], ["blank"], ["blank", "+none"]):
                    contest = make_graded("c", "abc"[:options], "123"[:grades], marks)
                    rules = self.same(graded(options, grades, len(marks)), contest)
                    self.assertEqual((len(rules.rows), rules.slots), (options, options * grades + len(marks)))
                    self.assertEqual(len(rules.bits), rules.slots)

    def test_grades_that_go_with_an_option(self):
        for lists in (dict(), dict(voters=True)):
            of_lists = [("green", 1, []), ("red", 2, [])]
            first = make_contest("list", of_lists, 0, 2, 1, marks=["blank"], **lists)
            firsts = allowed([1, 2], 0, 2, 1, voters=bool(lists))
            for marks in ([], ["blank"], ["blank", "+none"]):
                second = make_graded("judges", "ab", ["bad", "good"], marks, goes_with="list:green")
                without = {(0,) * (4 + len(marks))}
                with_it = graded(2, 2, len(marks))
                self.same({a + b for a in firsts for b in (with_it if a[0] else without)}, first, second)

    def test_grades_in_plain_numbers(self):
        for options, grades, marks in product((1, 2), (2, 3), ([], ["blank"], ["blank", "+none"])):
            manifest = manifest_of(make_graded("c", "ab"[:options], "123"[:grades], marks))
            contest, proven = manifest.contests[0], values_of_bits(manifest.rules[0])
            for values in product((0, 1), repeat=contest.slots):
                parts = contest.parts(list(values))
                self.assertEqual(keeps_rule(contest, *parts, []), values in proven)
                # Without a vote for the option that it goes with.
                self.assertEqual(keeps_rule(contest, *parts, [], 0), not any(values))

    def test_slots_and_rows_of_grades(self):
        first = make_contest("list", ["green"], 0, 1, 1)
        second = make_graded("c", "xy", ["bad", "fair", "good"], ["m", "+n"], goes_with="list:green")
        rules = manifest_of(first, second).rules[0]
        self.assertEqual(rules.bits, [[(slot, 1)] for slot in range(9)])
        self.assertEqual((rules.slots, rules.free), (9, []))
        marks = [(7, 1), (8, 1)]
        expected = [
            ([(0, -1), (1, 1), (2, 1), (3, 1), *marks], 0),
            ([(0, -1), (4, 1), (5, 1), (6, 1), *marks], 0),
        ]
        self.assertEqual(rules.rows, expected)
        alone = manifest_of(make_graded("c", "xy", ["bad", "good"], ["blank"])).rules[0]
        self.assertEqual(alone.rows, [([(0, 1), (1, 1), (4, 1)], 1), ([(2, 1), (3, 1), (4, 1)], 1)])

    def test_the_prover_fills_grades(self):
        manifest = manifest_of(make_graded("c", "xy", ["bad", "fair", "good"], ["m"]))
        rules, contest = manifest.rules[0], manifest.contests[0]
        for x, y, mark in product(range(4), range(4), range(2)):
            bits = complete(rules, fill(contest, [x, y], mark))
            self.assertEqual(rules.hold(bits), x + y == 0 if mark else x > 0 and y > 0)
            values = [int(grade == given) for given in (x, y) for grade in (1, 2, 3)]
            self.assertEqual(rules.values(bits), [*values, mark])

    def test_limits_of_styles(self):
        first = make_contest("x", [("a", 0, ["g"]), ("b", 0, ["g"])], 0, 4, 2, groups=["g"], marks=["blank"])
        second = make_contest("y", ["a", ("b", 3, [])], 1, 4, 1)
        pairs = [(x, y) for x in allowed([2, 2], 0, 4, 1) for y in allowed([1, 3], 1, 4)]
        for of, costs, hi in (
            (["x:g", "y:b"], [], 3),
            (["y:a", "x:a", "y:b"], [2, 4, 6], 13),
            (["x:g", "y:a"], [3, 3], 5),
        ):
            limit = make_limit(of, 0, hi, costs)

            def spent(x, y):
                votes = {"x:g": x[0] + x[1], "x:a": x[0], "y:a": y[0], "y:b": y[1]}
                return sum(cost * votes[entry] for entry, cost in zip(of, costs or [1] * len(of)))

            self.same({x + y for x, y in pairs if spent(x, y) <= hi}, first, second, limits=[limit])

    def test_slots_and_order(self):
        limits = [make_limit(["b", "a"], 0, 5, [4, 2])]
        lines = dict(lines=1, length=4, count=(PLURALITY, 1, ORDER))
        contest = make_contest("c", ["a", ("b", 3, [])], 0, 2, 1, marks=["x"], voters=True, limits=limits, **lines)
        rules = manifest_of(contest).rules[0]
        # Options, mark, voters, line, message.
        self.assertEqual((rules.slots, rules.free), (7, [6]))
        self.assertEqual(rules.bits[:6], [[(0, 1), (3, 1)], [(1, 1), (4, 1)], [(1, 1)], [(1, 1)], [(5, 1)], [(2, 1)]])
        self.assertEqual(rules.bits[6:], [[]] * 6)
        expected = [
            ([(1, -2), (2, 1), (3, 1), (6, 1), (7, 1)], 0),
            ([(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (8, 1), (9, 1)], 2),
            ([(0, 1), (1, 2), (2, 2), (3, 2), (10, -1), (11, -1)], 0),
        ]
        self.assertEqual(rules.rows, expected)

    def test_rows_of_what_goes_with_an_option(self):
        options = [("list", 1, []), ("a", 0, ["g"]), ("b", 0, ["g"])]
        votes = [(1, 1), (2, 2), (3, 4), (4, 1), (5, 2), (6, 4)]
        by_bits = [(0, -6), *((bit, 1) for bit, _ in votes), (7, 1), (8, 2), (9, 3)]
        for lo, hi, costs, expected in (
            (14, 14, [], [[(0, -14), *votes]]),
            (0, 9, [], [[(0, -9), *votes, (7, 1), (8, 2), (9, 4), (10, 2)]]),
            (0, 95, [10], [[(0, -9), *votes, (7, 1), (8, 2), (9, 4), (10, 2)]]),
            (0, 14, [], [by_bits]),
            (0, 140, [10], [by_bits]),
            (15, 140, [10], [by_bits, [(0, -2), *votes, (10, -1), (11, -2), (12, -4), (13, -5)]]),
        ):
            limits = [make_limit(["g"], lo, hi, costs, "list")]
            contest = make_contest("c", options, 0, 15, 7, limits=limits, groups=["g"])
            self.assertEqual(manifest_of(contest).rules[0].rows, [(terms, 0) for terms in expected])

    def test_the_prover_fills_what_is_allowed(self):
        contest = make_contest("c", ["a", ("b", 9, [])], 2, 5, 2, marks=["x", "y"], voters=True)
        manifest = manifest_of(contest)
        rules, contest = manifest.rules[0], manifest.contests[0]
        for a, b, mark in product(range(3), range(10), range(3)):
            bits = complete(rules, fill(contest, [a, b], mark))
            self.assertEqual(rules.hold(bits), 2 <= a + b <= 5 if mark == 0 else a + b == 0)
            values = [a, b, int(mark == 1), int(mark == 2), min(a, 1), min(b, 1)]
            self.assertEqual(rules.values(bits), values)


class Checks(unittest.TestCase):
    def refused(self, *contests, **more):
        with self.assertRaises((DecodeError, ManifestError)):
            manifest_of(*contests, **more)

    def test_options_groups_marks(self):
        def contest(options, each=1, hi=1, **more):
            return make_contest("c", options, 0, hi, each, **more)

        manifest_of(contest([("a", 65535, ["g", "h"]), "b"], 65535, 131070, groups=["h", "g"], marks=list("cdefghij")))
        manifest_of(contest([("a", 65536, []), "b"]))
        self.refused(contest([("a", 2, []), "b"], hi=4))
        self.refused(contest([("a", 0, ["g"])]))
        self.refused(contest([("a", 0, ["g", "g"])], groups=["g"]))
        self.refused(contest(["a"], groups=["a"]))
        self.refused(contest(["a"], groups=["g", "g"]))
        self.refused(contest(["a"], groups=["G"]))
        same_name = contest(["a"], groups=["g", "h"]).replace(b"Group h", b"group G")
        self.refused(same_name)
        self.refused(contest(["a"], marks=["x", "+x"]))
        self.refused(contest(["a"], marks=["X"]))
        self.refused(contest(["a"], marks=["a"]))
        self.refused(contest(["a"], marks=[""]))
        self.refused(contest(["a", "b"], voters=True))
        manifest_of(contest(["a", ("b", 2, [])], voters=True))

    def test_limits(self):
        def contest(*limits):
            options = [("a", 0, ["g"]), ("b", 0, ["g"]), ("c", 1, []), ("d", 1, [])]
            made = [make_limit(*limit) for limit in limits]
            return make_contest("c", options, 0, 4, 2, groups=["g", "none"], limits=made)

        manifest_of(contest((["g", "c"], 0, 4), (["b"], 0, 2, [], "c"), (["a"], 1, 2)))
        for limit in (
            ([], 0, 1),
            (["none"], 0, 1),
            (["g", "none"], 0, 1),
            (["x"], 0, 1),
            (["c:a"], 0, 1),
            (["g", "a"], 0, 1),
            (["a", "a"], 0, 1),
            (["g"], 0, 0),
            (["g"], 0, 5),
            (["g"], 3, 2),
            (["g"], 0, 4),
            (["g"], 0, 2, [1, 1]),
            (["g"], 0, 2, [0]),
            (["g"], 5, 7, [4]),
            (["g"], 0, 3, [], "g"),
            (["g"], 0, 3, [], "a"),
            (["g"], 0, 3, [], "x"),
            (["c", "g"], 0, 3, [], "c"),
        ):
            self.refused(contest(limit))
        self.refused(contest((["c"], 0, 1, [], "d"), (["d", "a"], 0, 1, [], "c")))
        self.refused(contest(*[(["g"], 0, 3)] * 256))

    def test_what_goes_with_an_option(self):
        lists = make_contest("list", ["green", ("red", 2, [])], 0, 2, 1)
        ranking = make_contest("ranks", ["a"], 0, 1, 1, RANKING, count=(5, 1, ORDER))

        def council(goes_with):
            return make_contest("council", ["a"], 0, 1, 1, goes_with=goes_with)

        manifest_of(lists, council("list:green"))
        self.refused(council("list:green"), lists)
        for goes_with in ("list:red", "list:blue", "list", "green", ":green", "other:green", "council:a", "ranks:a"):
            self.refused(lists, ranking, council(goes_with))
        self.refused(lists, council("list:green"), styles=[([0, 1], []), ([1], [])])
        self.refused(lists, make_contest("r", ["a"], 0, 1, 1, RANKING, count=(5, 1, ORDER), goes_with="list:green"))

    def test_limits_of_styles(self):
        contests = [
            make_contest("x", [("a", 0, ["g"]), ("b:c", 0, ["g"])], 0, 2, 1, groups=["g"]),
            make_contest("y", ["a"], 0, 1, 1),
            make_contest("ranks", ["a"], 0, 1, 1, RANKING, count=(5, 1, ORDER)),
            make_contest("open", ["a"], 0, 1, 1, lines=1, length=4, count=(PLURALITY, 1, ORDER)),
        ]
        manifest_of(*contests, limits=[make_limit(["x:g", "y:a"], 0, 2), make_limit(["y:a", "x:b:c"], 0, 1)])
        for limit in (
            (["a"], 0, 1),
            (["z:a", "x:g"], 0, 1),
            (["ranks:a", "x:g"], 0, 1),
            (["open:a", "x:g"], 0, 1),
            (["x:g"], 1, 1),
            (["x:g"], 0, 1, [], "y:a"),
            (["x:g"], 0, 2),
            (["x:g", "x:a"], 0, 1),
        ):
            self.refused(*contests, limits=[make_limit(*limit)])
        limits = [make_limit(["x:g", "y:a"], 0, 1)]
        self.refused(*contests, styles=[([0, 2], limits), ([1, 3], [])])

    def test_rankings(self):
        def ranking(**more):
            return make_contest("c", ["a", "b"], 0, 1, 1, RANKING, count=(5, 1, ORDER), **more)

        manifest_of(ranking())
        for more in (
            dict(marks=["x"]),
            dict(limits=[make_limit(["a", "b"], 0, 1)]),
            dict(goes_with="x:y"),
            dict(voters=True),
            dict(base=1),
        ):
            self.refused(ranking(**more))
        self.refused(make_contest("c", ["a", ("b", 1, [])], 0, 1, 1, RANKING, count=(5, 1, ORDER)))

    def test_grades(self):
        good = ["bad", "good"]
        manifest_of(make_graded("c", ["a"], good))
        manifest_of(make_graded("c", [("a", 0, ["g"]), "b"], good, ["x", "+y"], groups=["g"]))
        manifest_of(make_graded("c", ["a"], [f"grade {i}" for i in range(16)]))
        manifest_of(make_graded("c", ["a"], ["a", "x" * 400]))
        lists = make_contest("list", ["green", "red"], 0, 1, 1)
        manifest_of(lists, make_graded("c", ["a"], good, goes_with="list:green"))
        for grades in (
            [],
            ["one"],
            [f"grade {i}" for i in range(17)],
            ["good", "good"],
            ["good", "GOOD"],
            ["m2", "m²"],
            ["", "good"],
            [" bad", "good"],
            ["a\u200bb", "good"],
            ["x" * 401, "good"],
        ):
            self.refused(make_graded("c", ["a"], grades))
        for rule in ((0, 1, 1), (1, 2, 1), (1, 1, 2), (0, 2, 1), (2, 2, 2), (1, 2, 2)):
            self.refused(make_graded("c", ["a", "b"], good, rule=rule))
        for more in (
            dict(lines=1, length=4),
            dict(lines=1, length=4, count=(PLURALITY, 1, ORDER)),
            dict(length=4),
            dict(count=(PLURALITY, 1, ORDER)),
            dict(count=(5, 1, ORDER)),
            dict(limits=[make_limit(["a"], 1, 1)]),
            dict(voters=True),
            dict(base=1),
            dict(base=3),
            dict(goes_with="list:blue"),
        ):
            self.refused(lists, make_graded("c", ["a", "b"], good, **more))
        self.refused(make_graded("c", ["a", ("b", 1, [])], good))
        self.refused(make_graded("c", ["a", ("b", 2, [])], good))

    def test_majority_judgment(self):
        good = ["bad", "good"]
        for tie_break in (ORDER, BACKWARDS, LOT, OPEN):
            for seats in (1, 2):
                manifest_of(make_graded("c", ["a", "b"], good, count=(MAJORITY_JUDGMENT, seats, tie_break)))
        for count in ((MAJORITY_JUDGMENT, 0, ORDER), (MAJORITY_JUDGMENT, 3, ORDER), (MAJORITY_JUDGMENT, 1, OPEN + 1),
                      (STAR_METHOD, 1, ORDER)):  # fmt: skip
            self.refused(make_graded("c", ["a", "b"], good, count=count))
        graded = dict(count=(MAJORITY_JUDGMENT, 1, ORDER), groups=["g"])
        members = [("a", 0, ["g"]), ("b", 0, ["g"])]
        manifest_of(make_graded("c", members, good, **graded))
        self.refused(make_graded("c", members, good, caps=[("g", 1)], **graded))
        self.refused(make_contest("c", ["a", "b"], 0, 1, 1, count=(MAJORITY_JUDGMENT, 1, ORDER)))
        self.refused(make_contest("c", ["a", "b"], 0, 1, 1, RANKING, count=(MAJORITY_JUDGMENT, 1, ORDER)))
        # There is one seat for each name at most, and there are 255 names at most.
        options = [f"o{i}" for i in range(256)]
        manifest_of(make_contest("c", options, 0, 1, 1))
        manifest_of(make_contest("c", options[1:], 0, 1, 1, count=(PLURALITY, 255, OPEN)))
        self.refused(make_contest("c", options, 0, 1, 1, count=(PLURALITY, 1, OPEN)))
        self.refused(make_graded("c", options, good, count=(MAJORITY_JUDGMENT, 1, OPEN)))

    def test_caps(self):
        options = [("a", 0, ["g", "h"]), ("b", 0, ["g"]), ("c", 0, ["h", "i"]), "d"]

        def contest(*caps, seats=1, method=PLURALITY, **more):
            more = dict(groups=["g", "h", "i", "j"], count=(method, seats, ORDER), caps=caps) | more
            return make_contest("c", options, 0, 2, 1, **more)

        for caps, most in (
            ([], 4),
            ([("g", 1)], 3),
            ([("g", 0)], 2),
            ([("g", 1), ("i", 0)], 2),
            ([("i", 0), ("g", 0)], 1),
        ):
            manifest_of(contest(*caps, seats=most))
            self.refused(contest(*caps, seats=most + 1))
        for caps in (
            [("g", 2)],
            [("i", 1)],
            [("j", 0)],  # which nobody is in
            [("x", 1)],
            [("a", 0)],
            [("g", 1), ("g", 1)],
            [("g", 1), ("h", 1)],  # which have an option in common
        ):
            self.refused(contest(*caps))
        lines = dict(lines=1, length=9)
        manifest_of(contest(**lines))
        self.refused(contest(("g", 1), **lines))
        ranking = dict(form=RANKING, method=5)
        manifest_of(contest(**ranking))
        self.refused(contest(("g", 1), **ranking))

    def test_options_with_grades_have_no_votes(self):
        judges, other = make_graded("judges", ["a", "b"], ["bad", "good"]), make_contest("y", ["c", "d"], 0, 2, 1)
        self.refused(judges, make_contest("x", ["c"], 0, 1, 1, goes_with="judges:a"))
        self.refused(judges, make_graded("x", ["c"], ["bad", "good"], goes_with="judges:a"))
        manifest_of(judges, other, limits=[make_limit(["y:c", "y:d"], 0, 1)])
        self.refused(judges, other, limits=[make_limit(["judges:a", "y:c"], 0, 1)])

    def test_slots_of_grades(self):
        options = [f"o{i}" for i in range(62)]
        grades = [f"grade {i}" for i in range(16)]
        manifest = manifest_of(make_graded("c", options, grades, list("abcdefgh")))
        self.assertEqual((manifest.slots, manifest.contests[0].slots), (1000, 1000))
        self.refused(make_graded("c", options, grades, list("abcdefghi")))

    def test_ballots_that_fit(self):
        # With 42 costs of 2³² − 1 a limit's slack has 38 bits.
        options = [f"o{i:02}" for i in range(42)]
        limits = [make_limit(options, 0, 42 * (2**32 - 2), [2**32 - 2, *[2**32 - 1] * 41])]
        self.assertEqual(len(manifest_of(make_contest("c", options, 0, 42, 1, limits=limits)).rules[0].bits), 42 + 38)
        manifest_of(make_contest("c", options, 0, 42, 1, limits=limits * 50))
        self.refused(make_contest("c", options, 0, 42, 1, limits=limits * 53))


class Views(unittest.TestCase):
    def test_contests(self):
        limits = [make_limit(["g", "b"], 0, 3, [1, 2]), make_limit(["a"], 1, 2, [], "b")]
        options = [("a", 0, ["g"]), ("b", 1, []), "c", ("d", 3, ["g"])]
        more = dict(marks=["blank", "+none"], limits=limits, groups=["g"], voters=True, base=2)
        contest = make_contest("c", options, 0, 4, 2, **more)
        view = manifest_contest_view(manifest_of(contest).contests[0])
        expected = {
            "id": "c",
            "title": "The c",
            "groups": [{"id": "g", "name": "Group g"}],
            "options": [
                {"name": "a", "groups": ["g"]},
                {"name": "b", "max": 1},
                "c",
                {"name": "d", "max": 3, "groups": ["g"]},
            ],
            "choose": {"min": 0, "max": 4, "each": 2},
            "marks": ["blank", {"id": "none", "valid": True}],
            "limits": [{"of": ["g", "b"], "cost": [1, 2], "max": 3}, {"of": ["a"], "min": 1, "max": 2, "with": "b"}],
            "voters": True,
            "base": "valid",
            "cell": "election",
        }
        self.assertEqual(view, expected)
        self.assertEqual(list(view), list(expected))

    def test_styles(self):
        first = make_contest("x", ["a", "b"], 0, 2, 1)
        second = make_contest("y", ["c"], 0, 1, 1, goes_with="x:a")
        limits = [make_limit(["x:a", "y:c"], 0, 1), make_limit(["x:b", "y:c"], 0, 4, [3, 2])]
        view = manifest_view(manifest_of(first, second, limits=limits))
        limits = [{"of": ["x:a", "y:c"], "max": 1}, {"of": ["x:b", "y:c"], "cost": [3, 2], "max": 4}]
        self.assertEqual(view["styles"], [{"id": "s0", "district": "d0", "contests": ["x", "y"], "limits": limits}])
        self.assertEqual(view["contests"][1]["with"], "x:a")

    def test_grades(self):
        names = ["bad", "fair", "good"]
        contest = manifest_of(make_graded("c", [("a", 0, ["g"]), "b"], names, ["blank"], groups=["g"])).contests[0]
        expected = {
            "id": "c",
            "title": "The c",
            "groups": [{"id": "g", "name": "Group g"}],
            "options": [{"name": "a", "groups": ["g"]}, "b"],
            "grades": ["bad", "fair", "good"],
            "marks": ["blank"],
            "cell": "election",
        }
        view = manifest_contest_view(contest)
        self.assertEqual(view, expected)
        self.assertEqual(list(view), list(expected))
        with contextlib.redirect_stdout(io.StringIO()) as out:
            totals_by_grades(contest, [0, 1, 2, 2, 0, 1, 4])
        lines = ["            a", "         2    good", "         1    fair", "         0    bad", "            b",
                 "         1    good", "         0    fair", "         2    bad", "         4           (blank)"]  # fmt: skip
        self.assertEqual(out.getvalue().splitlines(), lines)

    def test_counts(self):
        members = [("a", 0, ["g"]), ("b", 0, ["g"]), "c"]
        for count, caps, expected in (
            ((PLURALITY, 2, LOT), [("g", 1)], {"method": "plurality", "seats": 2, "tie_break": "lot",
                                               "caps": [{"of": "g", "elected": 1}]}),
            ((PLURALITY, 1, OPEN), [], {"method": "plurality", "seats": 1, "tie_break": "open"}),
        ):  # fmt: skip
            made = make_contest("c", members, 0, 2, 1, groups=["g"], count=count, caps=caps)
            view = manifest_contest_view(manifest_of(made).contests[0])
            self.assertEqual(list(view)[-2:], ["cell", "count"])
            self.assertEqual((view["count"], list(view["count"])), (expected, list(expected)))
        made = make_graded("c", ["a"], ["bad", "good"], count=(MAJORITY_JUDGMENT, 1, BACKWARDS))
        expected = {"method": "majority-judgment", "seats": 1, "tie_break": "backwards"}
        self.assertEqual(manifest_contest_view(manifest_of(made).contests[0])["count"], expected)

    def test_bases_of_percentages(self):
        options, marks = [("a", 0, []), ("b", 3, [])], ["none", "+blank"]
        for base, hi, whole in (
            (0, 1, "(of all votes)\n         2   40.0 %"),
            (0, 2, "(of the most that one option can get, 2 votes from each ballot)\n         2   10.0 %"),
            (1, 2, "(of all votes)\n         2   40.0 %"),
            (2, 2, "(of all valid ballots)\n         2   25.0 %"),
            (3, 2, "(of all ballots)\n         2   20.0 %"),
        ):
            contest = manifest_of(make_contest("c", options, 0, hi, 1, marks=marks, base=base)).contests[0]
            with contextlib.redirect_stdout(io.StringIO()) as out:
                totals_of_choice(contest, [2, 3, 2, 3], 10, 0)
            self.assertIn(whole, out.getvalue())
            self.assertIn("         2           (none)\n         3           (blank)\n", out.getvalue())


if __name__ == "__main__":
    unittest.main()
