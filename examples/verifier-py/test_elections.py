"""Elections with marks, limits, grades, all kinds of contests, and contests that go with an option of another."""

import contextlib
import io
import json
import unittest

import board
import forge
from ballot import proof_holds, tracker
from challenge import opened as of_opening
from challenge import read_opening
from counting import (
    BORDA,
    LISTS_METHOD,
    LOT,
    MAJORITY_JUDGMENT,
    OPEN,
    PLURALITY,
    SAINTE_LAGUE,
    SCHULZE,
    STAR_METHOD,
    lot,
)
from decryption import tally_of
from forge import (
    complete,
    fill,
    make_contest,
    make_limit,
    make_lists,
    make_pairs,
    make_places,
    make_quadratic,
    make_star,
)
from kinds import GRADES
from test_verifier import OPERATOR, TRUSTEES, VOTERS, close, judge, opened, shares_of
from verify import openings, results
from views import views_of


def whole(b, made, ballots, totals, turnout, elected=()):
    """Casts these ballots, and ends the election with these totals and elected."""
    for ballot in ballots:
        b.post(board.BALLOT, ballot)
    close(b, made)
    s = b.state
    tally = tally_of(s.manifest, tuple((last, s.roll.voters[voter][1]) for voter, (last, _) in s.last.items()))
    b.operate(board.TALLY, tally.bytes)
    for j in (1, 3):
        b.post(board.SHARE, forge.make_share(made, tally, j, TRUSTEES[j - 1], shares_of(b, made, j)))
    b.operate(board.RESULT, forge.make_result(totals, turnout, elected))


def written(what, *arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        what(*arguments)
    return out.getvalue()


class Elections(unittest.TestCase):
    """An election in which a party's members also vote for its board, and projects share a budget."""

    @classmethod
    def setUpClass(cls):
        parks = [("pool", 1, []), ("wood", 0, ["green"]), ("field", 3, ["green"])]
        contests = [
            make_contest("party", ["left", "right"], 1, 1, 1, marks=["blank"]),
            make_contest("board", ["x", "y"], 1, 3, 2, marks=["none", "+blank"], goes_with="party:left", base=2),
            make_contest("parks", parks, 0, 5, 2, groups=["green"], voters=True,
                         limits=[make_limit(["green", "pool"], 0, 7, [2, 3]), make_limit(["field"], 1, 2, [], "pool")]),
        ]  # fmt: skip
        limits = [make_limit(["board:x", "parks:green"], 0, 7, [3, 2])]
        styles = [([0, 1, 2], limits), ([0, 2], [])]
        cls.board = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests, styles))
        cls.made = opened(cls.board)

    def ballot(self, i, choices, **more):
        choices = choices if i % 2 == 0 else [choices[0], choices[2]]
        return forge.make_ballot(self.made.election, VOTERS[i], i % 2, 0, choices, **more)

    def test_opened_ballots_keep_all_rules(self):
        nothing = ([0, 0, 0], 0)
        for choices, fault in (
            ([([1, 0], 0), ([1, 2], 0), ([0, 2, 0], 0)], None),
            ([([0, 1], 0), ([0, 0], 0), ([1, 0, 2], 0)], None),
            ([([0, 0], 1), ([0, 0], 0), nothing], None),
            ([([1, 0], 0), ([0, 0], 2), ([1, 0, 2], 0)], None),
            ([([1, 1], 0), ([1, 0], 0), nothing], "in party the rule is broken"),
            ([([1, 0], 1), ([1, 0], 0), nothing], "in party the rule is broken"),
            ([([0, 0], 0), ([0, 0], 0), nothing], "in party the rule is broken"),
            ([([1, 0], 0), ([0, 0], 0), nothing], "in board the rule is broken"),
            ([([0, 1], 0), ([1, 0], 0), nothing], "in board the rule is broken"),
            ([([0, 1], 0), ([0, 0], 1), nothing], "in board the rule is broken"),
            ([([1, 0], 0), ([1, 0], 1), nothing], "in board the rule is broken"),
            ([([0, 1], 0), ([0, 0], 0), ([1, 2, 1], 0)], "in parks the rule is broken"),
            ([([0, 1], 0), ([0, 0], 0), ([1, 1, 0], 0)], "in parks the rule is broken"),
            ([([0, 1], 0), ([0, 0], 0), ([0, 0, 1], 0)], "in parks the rule is broken"),
            ([([1, 0], 0), ([2, 1], 0), ([1, 0, 1], 0)], "a limit of s0 is broken"),
        ):
            opening = forge.make_spoil_opening(77, self.ballot(0, choices, nonce=77))
            made = read_opening(self.board.state.manifest, opening)
            values, found = of_opening(self.made.election, made)
            self.assertEqual(found, fault and f"[SPOIL.OPEN]: {fault}")
            self.assertEqual(proof_holds(self.made.election, made.ballot), fault and "BALLOT.V2")
            if fault is None:
                given = [(of.votes, [i for i, mark in enumerate(of.marks, 1) if mark]) for of in values]
                self.assertEqual(given, [(votes, [mark] * (mark > 0)) for votes, mark in choices])
                self.assertEqual(values[2].behind, [min(v, 1) for v in values[2].votes])

    def test_the_result(self):
        # Weights 1 to 4; the first and third voter have the style with all contests.
        first, second = [([1, 0], 0), ([1, 2], 0), ([0, 2, 0], 0)], [([0, 1], 0), ([0, 0], 0), ([1, 0, 2], 0)]
        third, fourth = [([1, 0], 0), ([0, 0], 1), ([1, 0, 2], 0)], [([0, 0], 1), ([0, 0], 0), ([1, 0, 1], 0)]
        totals = [[4, 2, 4], [1, 2, 3, 0], [9, 2, 14, 9, 1, 9]]
        ballots = [self.ballot(i, choices) for i, choices in enumerate([first, second, third, fourth])]
        whole(self.board, self.made, ballots, totals, ([2, 2], [2, 2], [], 4))
        self.assertEqual(self.board.refusals, [])
        verdict = judge(self.board.entries())
        self.assertTrue(verdict.accepted)
        party, council, parks = json.loads(views_of(self.board.state)["result.json"])["contests"]
        self.assertEqual(list(council)[:9], "id title options mark_ids ballots weight votes marks not_given".split())
        self.assertEqual((council["mark_ids"], council["votes"], council["marks"]), (["none", "blank"], [1, 2], [3, 0]))
        # Of 12 votes on ballots of weight 4.
        self.assertEqual((council["not_given"], council["account"]["marked"]), (0, 9))
        self.assertEqual(list(parks)[3:9], "ballots weight votes marks voters not_given".split())
        self.assertEqual((parks["votes"], parks["marks"], parks["voters"]), ([9, 2, 14], [], [9, 1, 9]))
        self.assertEqual(parks["cells"][0]["voters"], [9, 1, 9])
        self.assertEqual((party["marks"], party["not_given"], "voters" in party), ([4], 0, False))
        text = written(results, verdict.state)
        self.assertIn("(of all valid ballots)\n         1  100.0 %  x\n         2  200.0 %  y\n", text)
        self.assertIn("14   46.7 %  field (by 9 voters)\n", text)
        self.assertIn(
            "         3           (none)\n         0           (blank)\n         3           (for options)\n", text
        )


class Grades(unittest.TestCase):
    """An election in which a party's members also grade its judges. One of its contests has too few ballots to be opened."""

    def setUp(self):
        contests = [
            make_contest("party", ["left", "right"], 1, 1, 1, marks=["blank"]),
            make_contest("wine", ["red", "white"], 1, 1, 1, GRADES, grades=["corked", "fair", "good"], whole=False),
            make_contest("judges", ["x", "y"], 1, 1, 1, GRADES, grades=["no", "yes"], marks=["blank", "+none"],
                         goes_with="party:left"),
            make_contest("cook", ["z"], 1, 1, 1, GRADES, grades=["poor", "fair"], marks=["blank"]),
        ]  # fmt: skip
        styles = [([0, 1, 2, 3], []), ([0, 1, 2], [])]
        self.board = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests, styles, minimum=3))
        self.made = opened(self.board)

    def ballot(self, i, choices, **more):
        return forge.make_ballot(self.made.election, VOTERS[i], i % 2, 0, choices[: 4 - i % 2], **more)

    def test_opened_ballots_keep_all_rules(self):
        left, right, wine, cook = ([1, 0], 0), ([0, 1], 0), ([3, 1], 0), ([2], 0)
        for choices, fault in (
            ([left, wine, ([2, 1], 0), cook], None),
            ([left, wine, ([0, 0], 2), ([0], 1)], None),
            ([right, wine, ([0, 0], 0), cook], None),
            ([left, ([3, 0], 0), ([2, 1], 0), cook], "in wine the rule is broken"),
            ([left, ([0, 0], 0), ([2, 1], 0), cook], "in wine the rule is broken"),
            ([left, wine, ([0, 0], 0), cook], "in judges the rule is broken"),
            ([left, wine, ([2, 0], 0), cook], "in judges the rule is broken"),
            ([left, wine, ([2, 1], 1), cook], "in judges the rule is broken"),
            ([left, wine, ([2, 0], 1), cook], "in judges the rule is broken"),
            ([right, wine, ([2, 1], 0), cook], "in judges the rule is broken"),
            ([right, wine, ([0, 0], 1), cook], "in judges the rule is broken"),
            ([left, wine, ([2, 1], 0), ([0], 0)], "in cook the rule is broken"),
            ([left, wine, ([2, 1], 0), ([1], 1)], "in cook the rule is broken"),
        ):
            opening = forge.make_spoil_opening(77, self.ballot(0, choices, nonce=77))
            made = read_opening(self.board.state.manifest, opening)
            values, found = of_opening(self.made.election, made)
            self.assertEqual(found, fault and f"[SPOIL.OPEN]: {fault}")
            self.assertEqual(proof_holds(self.made.election, made.ballot), fault and "BALLOT.V2")
            if fault is None:
                self.assertEqual(values[1].votes, [0, 0, 1, 1, 0, 0])

    def test_an_opened_ballot_shows_the_names_of_grades(self):
        b = self.board
        spoiled = self.ballot(0, [([1, 0], 0), ([3, 1], 0), ([0, 0], 2), ([2], 0)], nonce=77)
        b.post(board.SPOIL, forge.make_spoil_request(self.made.election, VOTERS[0].secret, 77, tracker(spoiled)))
        b.post(board.SPOIL_OPENING, forge.make_spoil_opening(77, spoiled))
        self.assertEqual(b.refusals, [])
        text = written(openings, judge(b.entries(), partial=True).state)
        self.assertIn("The wine\n      good  red\n    corked  white\n  The judges\n", text)
        self.assertIn("         -  x\n         -  y\n         0  (blank)\n         1  (none)\n", text)
        self.assertIn("The cook\n      fair  z\n         0  (blank)\n", text)

    def held(self, change=None):
        """An election with weights 1 to 4. The first and third voter grade the cook, which is not opened."""
        left, right, nothing = ([1, 0], 0), ([0, 1], 0), ([0, 0], 0)
        ballots = [
            [left, ([3, 1], 0), ([2, 1], 0), ([2], 0)],
            [right, ([3, 3], 0), nothing],
            [left, ([2, 1], 0), ([0, 0], 1), ([0], 1)],
            [([0, 0], 1), ([1, 1], 0), nothing],
        ]
        totals = [[4, 2, 4], [4, 3, 3, 8, 0, 2], [0, 1, 1, 0, 3, 0], None]
        if change:
            change(totals)
        ballots = [self.ballot(i, choices) for i, choices in enumerate(ballots)]
        whole(self.board, self.made, ballots, totals, ([2, 2], [2, 2], [], 4))
        return judge(self.board.entries())

    def test_the_result(self):
        verdict = self.held()
        self.assertEqual(self.board.refusals, [])
        self.assertTrue(verdict.accepted)
        party, wine, judges, cook = json.loads(views_of(self.board.state)["result.json"])["contests"]
        self.assertEqual(set(party) & {"grade_names", "grades"}, set())
        first = ["id", "title", "options", "grade_names"]
        numbers = ["ballots", "weight", "votes", "grades", "marks", "not_given"]
        self.assertEqual(list(wine), [*first, *numbers, "account", "cells"])
        self.assertEqual(list(judges), [*first, "mark_ids", *numbers, "account", "cells"])
        self.assertEqual(list(wine["cells"][0]), ["districts", *numbers])
        self.assertEqual(wine["grade_names"], ["corked", "fair", "good"])
        self.assertEqual((wine["votes"], wine["grades"], wine["marks"]), (None, [[4, 3, 3], [8, 0, 2]], []))
        self.assertEqual(wine["cells"][0]["grades"], wine["grades"])
        self.assertEqual(wine["not_given"], None)
        self.assertEqual((judges["grades"], judges["marks"], judges["not_given"]), ([[0, 1], [1, 0]], [3, 0], None))
        self.assertEqual([cook[name] for name in (*numbers[2:], "account")], [None] * 5)
        self.assertEqual([cook["cells"][0][name] for name in numbers], [2, 4, None, None, None, None])
        # Two grades on each ballot; those who could not grade the judges count as well.
        held = {"held": 20, "counted": 20, "written_in": 0, "marked": 0, "not_given": 0, "left_out": []}
        self.assertEqual(wine["account"], held)
        self.assertEqual(judges["account"], held | {"counted": 2, "marked": 6, "not_given": 12})
        text = written(results, verdict.state)
        self.assertIn("The wine\n            red\n         3    good\n         3    fair\n         4    corked\n", text)
        self.assertIn("         3           (blank)\n         0           (none)\n", text)
        self.assertIn("        20           (all that the ballots hold)\n", text)
        self.assertIn("The cook\nnot opened\n", text)

    def test_other_totals_are_refused(self):
        def change(totals):
            totals[1][0], totals[1][1] = totals[1][1], totals[1][0]

        self.assertEqual({check for check, _ in self.held(change).failures()}, {"result.totals"})


class Elected(unittest.TestCase):
    """An election whose totals elect: a board with a cap, by lot and with open seats, and wines by their grades. The last contest
    has too few ballots to be opened."""

    def setUp(self):
        firm = dict(groups=["firm"], caps=[("firm", 1)])
        people = [("a", 0, ["firm"]), ("b", 0, ["firm"]), "c", "d", "e"]
        graded = dict(form=GRADES, grades=["corked", "fair", "good"])
        contests = [
            make_contest("lots", people, 0, 5, 2, count=(PLURALITY, 3, LOT), marks=["blank"], whole=False, **firm),
            make_contest("open", people, 0, 5, 2, count=(PLURALITY, 3, OPEN), **firm),
            make_contest("wine", ["x", "y", "z"], 1, 1, 1, count=(MAJORITY_JUDGMENT, 2, LOT), **graded),
            make_contest("port", ["x", "y", "z"], 1, 1, 1, count=(MAJORITY_JUDGMENT, 2, OPEN), **graded),
            make_contest("cook", ["x", "y"], 0, 1, 1, count=(PLURALITY, 1, OPEN)),
        ]
        styles = [(range(5), []), (range(4), [])]
        self.board = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests, styles, minimum=3))
        self.made = opened(self.board)

    def by_lot(self, contest, options):
        seed = self.board.state.ended[0].ceremony.hash
        return sorted(options, key=lambda option: lot(seed, contest, option))

    def held(self, elected=None):
        """An election with weights 1 to 4, and who is elected."""
        firm, blank = [2, 1, 0, 0, 0], ([0] * 5, 1)
        choices = [
            [(firm, 0), ([0, 0, 1, 1, 1], 0), ([3, 2, 3], 0), ([3, 3, 2], 0), ([0, 0], 0)],
            [(firm, 0), (firm, 0), ([2, 3, 2], 0), ([2, 2, 2], 0)],
            [([2, 0, 1, 1, 1], 0), ([0, 0, 1, 1, 1], 0), ([2, 2, 2], 0), ([1, 1, 3], 0), ([1, 0], 0)],
            [blank, (firm, 0), ([1, 2, 1], 0), ([2, 2, 1], 0)],
        ]
        ballots = [
            forge.make_ballot(self.made.election, VOTERS[i], i % 2, 0, of[: 5 - i % 2]) for i, of in enumerate(choices)
        ]
        # The first contest has one cell, since no district has enough ballots.
        totals = [
            [12, 3, 3, 3, 3, 4],
            [12, 6, 4, 4, 4],
            [4, 5, 1, 0, 8, 2, 4, 5, 1],
            [3, 6, 1, 3, 6, 1, 4, 3, 3],
            None,
        ]
        members, wines = self.by_lot(0, [2, 3, 4]), self.by_lot(2, [0, 2])
        right = [["a", *("abcde"[c] for c in members[:2])], ["a"], ["y", "xyz"[wines[0]]], ["x", "y"]]
        whole(self.board, self.made, ballots, totals, ([2, 2], [2, 2], [], 4), elected(right) if elected else right)
        return judge(self.board.entries())

    def test_the_result(self):
        verdict = self.held()
        self.assertEqual(self.board.refusals, [])
        self.assertTrue(verdict.accepted)
        view = json.loads(views_of(self.board.state)["result.json"])
        lots, open_, wine, port, cook = view["contests"]
        first = ["method", "seats", "tie_break", "candidates", "names_left_out", "counted", "invalid", "elected"]
        for of in (lots, open_):
            self.assertEqual(list(of["count"]), [*first, "scores", "passed_over", "open", "ties"])
        for of in (wine, port):
            self.assertEqual(list(of["count"]), [*first, "judgments", "order", "removed", "open", "ties"])
        self.assertNotIn("count", cook)

        count, tied = lots["count"], self.by_lot(0, [2, 3, 4])
        self.assertEqual((count["scores"], count["counted"], count["open"]), (["12", "3", "3", "3", "3"], 24, 0))
        self.assertEqual(count["elected"], ["a", *("abcde"[c] for c in tied[:2])])
        self.assertEqual(count["ties"], [{"round": 0, "order": tied, "decided": "lot"}])
        self.assertEqual(count["passed_over"], [1])

        count = open_["count"]
        self.assertEqual((count["elected"], count["passed_over"], count["open"]), (["a"], [1], 2))
        self.assertEqual(count["ties"], [{"round": 0, "order": [2, 3, 4], "decided": "open"}])

        count, equal = wine["count"], self.by_lot(2, [0, 2])
        self.assertEqual((count["elected"], count["counted"]), (["y", "xyz"[equal[0]]], 30))
        self.assertEqual((count["order"], count["removed"], count["open"]), ([1, *equal], [2, None], 0))
        self.assertEqual(count["judgments"][0], {"median": 1, "better": 1, "worse": 4})
        self.assertEqual(count["ties"], [{"round": 0, "order": equal, "decided": "lot"}])

        count = port["count"]
        self.assertEqual((count["elected"], count["order"], count["removed"]), (["x", "y"], [0, 1, 2], [None, 2]))
        self.assertEqual(count["ties"], [{"round": 0, "order": [0, 1], "decided": None}])

        # Nothing is written in where totals elect.
        self.assertEqual((lots["account"]["counted"], lots["account"]["written_in"]), (24, 0))
        self.assertEqual((wine["account"]["counted"], wine["account"]["written_in"]), (30, 0))
        text = written(results, verdict.state)
        self.assertIn("   elected  a\n    passed  b, whose group was full\n      open  2 of 3 seats\n", text)
        self.assertIn("   elected  x, y\n\nThe cook\nnot opened\n", text)
        self.assertNotIn("invalid rows", text)

    def test_other_elected_are_refused(self):
        for change in (
            lambda right: [[*right[0][:1], *right[0][:0:-1]], *right[1:]],
            lambda right: [right[0], ["a", "c"], *right[2:]],
            lambda right: [right[0], ["a", "c", "d"], *right[2:]],
            lambda right: [*right[:2], right[2][::-1], right[3]],
            lambda right: [*right[:3], ["x"]],
        ):
            self.setUp()
            failures = {check for check, _ in self.held(change).failures()}
            self.assertEqual(failures, {"result.elected"})


class Kinds(unittest.TestCase):
    """An election with lists, places, pairs, STAR, quadratic votes, large amounts, and a question."""

    @classmethod
    def setUpClass(cls):
        names = [("Ada", 2, "n"), ("Ben", 1, "n"), ("Cleo", "s")]
        elect = dict(count=(PLURALITY, 1, OPEN))
        contests = [
            make_lists("council", names, ["n", "s"], 3, 2, 0, True, marks=["blank"], joined=[["n", "s"]], threshold=(1, 20),
                       count=(LISTS_METHOD, 2, OPEN, SAINTE_LAGUE, 1)),
            make_places("song", "xyz", [3, 1], True, needs=(1, 3, 1), **elect),
            make_pairs("site", "xyz", marks=["blank"], count=(SCHULZE, 1, OPEN)),
            make_pairs("colour", "xyz", True, count=(BORDA, 3, OPEN)),
            make_star("chair", "xy", 3, count=(STAR_METHOD, 1, OPEN)),
            make_quadratic("park", "xy", 4, against=True, **elect),
            make_contest("fund", [("roof", 100_000, []), "lift"], 0, 100_000, 1, marks=["blank"], base=1),
            make_contest("law", ["yes", "no"], 1, 1, 1, marks=["m"], passes=("yes", 1, 2, 3, 4, 4)),
            make_places("tune", "xy", [2, 1], True, marks=["m"], goes_with="council:Ben", **elect),
        ]  # fmt: skip
        # Ranks, from 0 in pairs and from 1 by places; -1 for nothing.
        cls.choices = [
            [([2, 0, 0, 1], 0), ([1, 2, 0], 0), ([0, 1, 2], 0), ([0, 0, 0], 0), ([3, 0], 0), ([2, 0, 0, 0], 0),
             ([70_000, 1], 0), ([1, 0], 0), ([-1, -1], 0)],
            [([0, 1, 1, 2], 0), ([0, 0, 0], 0), ([2, 1, 0], 0), ([1, 0, 0], 0), ([1, 2], 0), ([1, 1, 1, 1], 0),
             ([99_999, 1], 0), ([1, 0], 0), ([0, 1], 0)],
            [([0, 0, 2, 3], 0), ([2, 1, 0], 0), ([1, 2, 0], 0), ([0, 0, 0], 0), ([2, 2], 0), ([0, 1, 1, 0], 0),
             ([0, 0], 1), ([0, 1], 0), ([-1, -1], 0)],
            [([0, 0, 0, 0], 1), ([0, 1, 2], 0), ([0, 0, 0], 1), ([0, 0, 0], 0), ([0, 3], 0), ([0, 0, 0, 2], 0),
             ([65_536, 0], 0), ([0, 0], 1), ([-1, -1], 0)],
        ]  # fmt: skip
        styles = [(range(len(contests)), [])] * 2
        cls.board = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests, styles))
        cls.made = opened(cls.board)

    def ballot(self, i, choices, **more):
        return forge.make_ballot(self.made.election, VOTERS[i], i % 2, 0, choices, **more)

    def sums(self):
        """The sums of the ballots with their weights, by contest."""
        manifest = self.board.state.manifest
        rules, values = manifest.rules[0], []
        for of in self.choices:
            bits = [bit for contest, (votes, mark) in zip(manifest.contests, of) for bit in fill(contest, votes, mark)]
            values.append(rules.values(complete(rules, bits)))
        sums = [sum(weight * v for weight, v in enumerate(column, 1)) for column in zip(*values)]
        return [sums[slots.start : slots.stop] for slots in map(manifest.slots_of, range(len(manifest.contests)))]

    def test_the_result(self):
        ballots = [self.ballot(i, choices) for i, choices in enumerate(self.choices)]
        elected = [["Cleo"], ["y"], ["z"], ["y", "z", "x"], ["y"], [], ["y"]]
        whole(self.board, self.made, ballots, self.sums(), ([2, 2], [2, 2], [], 4), elected)
        self.assertEqual(self.board.refusals, [])
        verdict = judge(self.board.entries())
        self.assertTrue(verdict.accepted)
        contests = json.loads(views_of(self.board.state)["result.json"])["contests"]
        council, song, site, colour, chair, park, fund, law, tune = contests
        text = written(results, verdict.state)

        # 2 and 2 votes and a line of the first list, 8 and two lines of the second; joined they share two seats.
        first = "ballots weight votes marks others not_given account count cells".split()
        self.assertEqual(list(council)[4:], first)
        self.assertEqual((council["votes"], council["marks"], council["not_given"]), ([2, 2, 8], [4], 3))
        self.assertEqual([of["total"] for of in council["others"]], [1, 2, 1, 2, 3])
        self.assertEqual(council["account"], self.account(30, 15, 12, 3))
        count = council["count"]
        self.assertEqual((count["elected"], count["counted"], count["open"]), (["Cleo"], 15, 1))
        self.assertEqual(list(count)[9:], ["scores", "lists", "list_ties", "open", "ties"])
        of_lists = [
            {"votes": votes, "takes_part": True, "seats": 1, "open": open_} for votes, open_ in (("5", 1), ("10", 0))
        ]
        self.assertEqual((count["lists"], count["list_ties"]), (of_lists, []))
        self.assertEqual(count["ties"], [{"round": 0, "order": [0, 1], "decided": "open"}])

        self.assertEqual((song["votes"], song["not_given"]), ([6, 22, 4], 8))
        self.assertEqual((song["count"]["too_few"], song["account"]), ([0, 2], self.account(40, 32, 0, 8)))
        self.assertEqual(list(song["count"])[8:], ["scores", "too_few", "passed_over", "open", "ties"])

        self.assertEqual((site["votes"], site["not_given"], site["account"]), (None, None, self.account(10, 6, 4, 0)))
        self.assertEqual(site["others"][0], {"of": "x over y", "total": 4})
        self.assertEqual(
            (site["count"]["preferences"], site["count"]["counted"]), ([[0, 4, 1], [2, 0, 1], [5, 5, 0]], 6)
        )
        self.assertEqual(colour["count"]["scores"], ["8.0", "11.0", "11.0"])
        self.assertEqual(colour["count"]["ties"], [{"round": 0, "order": [1, 2], "decided": None}])

        self.assertEqual((chair["votes"], chair["not_given"], chair["count"]["counted"]), ([11, 22], 27, 10))
        self.assertEqual(chair["count"]["runoffs"], [{"finalists": [1, 0], "preferences": [6, 1]}])
        # More votes against than for.
        self.assertEqual((park["votes"], park["count"]["scores"], park["count"]["open"]), ([4, 5], ["0", "0"], 1))
        self.assertEqual((park["not_given"], park["account"]), (None, self.account(10, 10, 0, 0)))

        self.assertEqual((fund["votes"], fund["not_given"]), ([532_142, 3], 167_855))
        self.assertEqual(
            (fund["account"], "others" in fund), (self.account(1_000_000, 532_145, 300_000, 167_855), False)
        )
        self.assertIn("    532142  100.0 %  roof\n", text)
        self.assertEqual(law["pass"], {"passes": False, "majority": False, "quorum": True})
        self.assertEqual((list(law)[-2:], "count" in law), (["pass", "cells"], False))
        self.assertIn("    passes  no: too few say yes\n", text)
        self.assertEqual((tune["votes"], tune["account"]), ([0, 4], self.account(30, 4, 0, 26)))

    def account(self, held, counted, marked, not_given):
        parts = {"written_in": 0, "marked": marked, "not_given": not_given, "left_out": []}
        return {"held": held, "counted": counted} | parts

    def opened(self, choices):
        made = read_opening(self.board.state.manifest, forge.make_spoil_opening(77, self.ballot(0, choices, nonce=77)))
        values, fault = of_opening(self.made.election, made)
        self.assertEqual(proof_holds(self.made.election, made.ballot), fault and "BALLOT.V2")
        return values, fault

    def test_opened_ballots(self):
        values, fault = self.opened(self.choices[1])
        self.assertIsNone(fault)
        found = [(of.votes, of.marks, of.behind) for of in values]
        self.assertEqual(found[0], ([0, 1, 1, 0, 1], [0], [0, 1, 0]))
        self.assertEqual(found[1:4], [([0, 0, 0], [], []), ([0, 0, 0], [0], []), ([0, 0, 1, 0, 1, 0], [], [])])
        self.assertEqual(found[4:6], [([1, 2], [], [0, 1]), ([1, 1, 1, 1], [], [])])
        self.assertEqual(found[6:], [([99_999, 1], [0], []), ([1, 0], [0], []), ([0, 2], [0], [])])

    def test_opened_ballots_that_break_a_rule(self):
        for place, choice, fault in (
            (0, ([2, 1, 1, 1], 0), "in council the rule is broken"),
            (0, ([0, 0, 1, 0], 0), "in council the rule is broken"),
            (0, ([0, 0, 1, 1], 1), "in council the rule is broken"),
            (1, ([1, 1, 0], 0), "in song the rule is broken"),
            (1, ([0, 2, 0], 0), "in song the rule is broken"),
            (2, ([0, 1, 2], 1), "in site the rule is broken"),
            (2, ([0, 0, 0], 0), None),  # the order from the last to the first
            (5, ([2, 1, 0, 0], 0), "in park the rule is broken"),
            (6, ([100_000, 1], 0), "in fund the rule is broken"),
            (6, ([1, 0], 1), "in fund the rule is broken"),
            (8, ([1, 0], 0), "in tune the rule is broken"),
            (8, ([-1, -1], 1), "in tune the rule is broken"),
        ):
            choices = list(self.choices[0])
            choices[place] = choice
            self.assertEqual(self.opened(choices)[1], fault and f"[SPOIL.OPEN]: {fault}")


if __name__ == "__main__":
    unittest.main()
