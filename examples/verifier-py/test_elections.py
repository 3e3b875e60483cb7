"""Elections with marks, limits, and contests that go with an option of another."""

import contextlib
import io
import json
import unittest

import board
import forge
from ballot import proof_holds
from challenge import opened as of_opening
from challenge import read_opening
from decryption import tally_of
from forge import make_contest, make_limit
from test_verifier import OPERATOR, TRUSTEES, VOTERS, close, judge, opened, shares_of
from verify import results
from views import views_of


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

    def whole(self, ballots, totals, turnout):
        b, made = self.board, self.made
        for i, choices in enumerate(ballots):
            b.post(board.BALLOT, self.ballot(i, choices))
        self.assertEqual(b.refusals, [])
        close(b, made)
        s = b.state
        tally = tally_of(s.manifest, tuple((last, s.roll.voters[voter][1]) for voter, (last, _) in s.last.items()))
        b.operate(board.TALLY, tally.bytes)
        for j in (1, 3):
            b.post(board.SHARE, forge.make_share(made, tally, j, TRUSTEES[j - 1], shares_of(b, made, j)))
        b.operate(board.RESULT, forge.make_result(totals, turnout))

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
                self.assertEqual(values[2].voters, [min(v, 1) for v in values[2].votes])

    def test_the_result(self):
        # Weights 1 to 4; the first and third voter have the style with all contests.
        first, second = [([1, 0], 0), ([1, 2], 0), ([0, 2, 0], 0)], [([0, 1], 0), ([0, 0], 0), ([1, 0, 2], 0)]
        third, fourth = [([1, 0], 0), ([0, 0], 1), ([1, 0, 2], 0)], [([0, 0], 1), ([0, 0], 0), ([1, 0, 1], 0)]
        totals = [[4, 2, 4], [1, 2, 3, 0], [9, 2, 14, 9, 1, 9]]
        self.whole([first, second, third, fourth], totals, ([2, 2], [2, 2], [], 4))
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
        with contextlib.redirect_stdout(io.StringIO()) as out:
            results(verdict.state)
        text = out.getvalue()
        self.assertIn("(of all valid ballots)\n         1  100.0 %  x\n         2  200.0 %  y\n", text)
        self.assertIn("14   46.7 %  field (by 9 voters)\n", text)
        self.assertIn(
            "         3           (none)\n         0           (blank)\n         3           (for options)\n", text
        )


if __name__ == "__main__":
    unittest.main()
