"""Counts: the example of the specification, other implementations' counts of random profiles, and names."""

import json
import os
import unittest
from fractions import Fraction

from counting import (
    BACKWARDS,
    BORDA,
    DROOP,
    HARE,
    INSTANT_RUNOFF,
    MAX_PLACES,
    ORDER,
    PLURALITY,
    SCHULZE,
    Count,
    decimal,
    normalise,
    ranking_of,
)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/counting")
EXAMPLE = [("ABCD", 42), ("BCDA", 26), ("CDBA", 15), ("DCBA", 17)]


def orders(profile):
    return [([["ABCDE".index(c)] for c in ranking], times) for ranking, times in profile]


def profiles(name):
    with open(os.path.join(FOLDER, name)) as file:
        for vector in json.load(file):
            profile = [
                ([group if isinstance(group, list) else [group] for group in ranking], times)
                for times, ranking in vector["rankings"]
            ]
            yield vector, profile


class Example(unittest.TestCase):
    def count(self, method, seats=1, profile=EXAMPLE, places=5):
        return Count(method, seats, ORDER, 4, orders(profile), places)

    def test_the_methods(self):
        self.assertEqual(self.count(PLURALITY).elected, [0])
        self.assertEqual(self.count(PLURALITY).scores, [42, 26, 15, 17])
        runoff = self.count(INSTANT_RUNOFF)
        self.assertEqual(runoff.elected, [3])
        totals = [round.totals for round in runoff.rounds]
        self.assertEqual(totals, [[42, 26, 15, 17], [42, 26, 0, 32], [42, 0, 0, 58]])
        schulze = self.count(SCHULZE)
        self.assertEqual((schulze.elected, schulze.preferences[1]), ([1], [58, 0, 68, 68]))
        self.assertEqual(self.count(BORDA).scores, [1260, 1940, 1730, 1070])

    def test_numbers_as_text(self):
        self.assertEqual([decimal(n, 3) for n in (0, 7, 1000, 12345)], ["0.000", "0.007", "1.000", "12.345"])
        self.assertEqual(decimal(120, 0), "120")

    def test_quotas(self):
        self.assertEqual(self.count(DROOP, 2).quota, 34_00000)
        self.assertEqual(self.count(HARE, 3).quota, 33_33334)
        self.assertEqual(self.count(HARE, 4, places=2).quota, 25_00)

    def test_a_surplus_is_passed_on_rounded_down(self):
        # The quota is 4: 7 ballots of A transfer 3/7 of a vote each, and 3 of them are exhausted.
        profile = [("AB", 4), ("A", 3), ("B", 1), ("C", 1), ("D", 1)]
        first, second = self.count(DROOP, 1, profile, 2).rounds, self.count(DROOP, 2, profile, 2).rounds[1]
        self.assertEqual([round.elected for round in first], [[0]])
        self.assertEqual((second.totals, second.exhausted, second.lost), ([400, 268, 100, 100], 3 * 42, 6))

    def test_weights_add_up(self):
        for method in (DROOP, HARE):
            for seats in (1, 2, 3, 4):
                count = self.count(method, seats)
                self.assertEqual(len(count.elected), seats)
                for round in count.rounds:
                    self.assertEqual(sum(round.totals) + round.exhausted + round.lost, 100_00000)
                    self.assertGreaterEqual(round.lost, 0)

    def test_nobody_is_elected_by_no_ballots(self):
        for method in (PLURALITY, INSTANT_RUNOFF, DROOP, HARE, SCHULZE, BORDA):
            count = Count(method, 1, ORDER, 3, [([], 7), ([[0]], 0)], 9)
            self.assertEqual((count.votes, count.elected, count.ties, count.rounds), (0, [], [], []))

    def test_ties(self):
        profile = orders([("ACB", 2), ("BCA", 2), ("CB", 1), ("DB", 1)])
        # C and D are equal, and no earlier round separates them: D has the higher number.
        count = Count(INSTANT_RUNOFF, 1, BACKWARDS, 4, profile)
        self.assertEqual(count.rounds[0].eliminated, 3)
        self.assertEqual((count.ties[0].round, count.ties[0].order, count.ties[0].decided), (0, [2, 3], None))
        # A has 4 and 4, B 3 and 4.
        profile = orders([("A", 4), ("B", 3), ("C", 5), ("DB", 1)])
        later = Count(INSTANT_RUNOFF, 1, BACKWARDS, 4, profile)
        self.assertEqual((later.rounds[1].eliminated, later.ties[0].decided), (1, 0))


class Others(unittest.TestCase):
    """Surpluses of these are fractions, so ours differ in the last places."""

    def count(self, method, vector, profile, seats=1):
        return Count(method, seats, BACKWARDS, vector["n"], profile, MAX_PLACES)

    def near(self, ours, theirs):
        """Whether they are equal to five places."""
        self.assertLess(abs(Fraction(ours, 10**MAX_PLACES) - Fraction(theirs)), Fraction(1, 100_000))

    def test_tallystick(self):
        without_ties = 0
        for vector, profile in profiles("strict.json"):
            theirs = vector["tallystick"]
            self.assertEqual(self.count(PLURALITY, vector, profile).scores, theirs["votes"])
            points = [10 * points for points in theirs["points"]]
            self.assertEqual(self.count(BORDA, vector, profile).scores, points)
            self.assertEqual(self.count(SCHULZE, vector, profile).paths, theirs["paths"])
            ours = self.count(INSTANT_RUNOFF, vector, profile)
            if not ours.ties:
                self.assertEqual(ours.elected, theirs["runoff"])
                without_ties += 1
        self.assertEqual(without_ties, 202)

    def test_pref_voting_and_votelib(self):
        for vector, profile in profiles("ties.json"):
            ours = self.count(BORDA, vector, profile)
            symmetric = [score // 5 - (vector["n"] - 1) * ours.votes for score in ours.scores]
            self.assertEqual(symmetric, vector["pref_voting"]["borda"])
            ours = self.count(SCHULZE, vector, profile)
            winners = ours.ties[0].order if ours.ties else ours.elected
            self.assertEqual(winners, vector["pref_voting"]["schulze"])
            self.assertEqual(ours.paths, vector["votelib"]["paths"])

    def test_runoff_by_pref_voting(self):
        counts = [(self.count(INSTANT_RUNOFF, *item), item[0]["pref_voting"]) for item in profiles("stv.json")]
        compared = [(ours.elected, theirs) for ours, theirs in counts if not ours.ties]
        self.assertEqual(len(compared), 190)
        for ours, theirs in compared:
            self.assertEqual(ours, theirs)

    def test_stv_by_votekit_and_votelib(self):
        """Ties are left out, and cases that votekit treats differently: surpluses that wait, and exactly the quota."""
        compared = rounds = 0
        for vector, profile in profiles("stv.json"):
            ours = self.count(DROOP, vector, profile, vector["seats"])
            others = ours.rounds[:-1]
            if ours.ties or any(r.elected != [c for c in [r.surplus_of] if c is not None] for r in others):
                continue
            for round, state in zip(ours.rounds, vector["votekit"]["rounds"]):
                for total, theirs in zip(round.totals, state.split(" ")):
                    if theirs != "-":
                        self.near(total, theirs)
                rounds += 1
            self.assertEqual(sorted(ours.elected), sorted(vector["votekit"]["elected"]))
            if isinstance(vector["votelib"], list):
                self.assertEqual(sorted(ours.elected), vector["votelib"])
            compared += 1
        self.assertEqual((compared, rounds), (162, 424))

    def test_stv_by_interregnum(self):
        """Every transfer, except with ties, surpluses that overtake others, and exactly the quota, which rounding can
        miss."""
        compared = surpluses = 0
        for vector, profile in profiles("stv.json"):
            ours = self.count(DROOP, vector, profile, vector["seats"])
            before, exact = set(), False
            for round in ours.rounds[:-1]:
                standing = [total for c, total in enumerate(round.totals) if c not in before]
                exact |= any(abs(total - ours.quota) < 10 ** (MAX_PLACES - 5) for total in standing)
                before.update(round.elected)
            transfers = [round.surplus_of for round in ours.rounds if round.surplus_of is not None]
            if ours.ties or exact or ours.elected[: len(transfers)] != transfers:
                continue
            theirs = iter(vector["interregnum"])
            for before, after in zip(ours.rounds, ours.rounds[1:]):
                for c in before.elected:
                    self.assertEqual(next(theirs)[:2], ["elected", c])
                what = ("eliminated", before.eliminated)
                if before.surplus_of is not None:
                    what = ("surplus", before.surplus_of)
                    surpluses += 1
                step = next(theirs)
                self.assertEqual(tuple(step[:2]), what)
                for to, amount in step[2].items():
                    gain = after.exhausted - before.exhausted
                    if to != "exhausted":
                        gain = after.totals[int(to)] - before.totals[int(to)]
                    self.near(gain, amount)
            compared += 1
        self.assertEqual((compared, surpluses), (207, 179))

    def test_a_scottish_ward_by_droop(self):
        """Every number of every stage to the last of five places."""
        ((vector, profile),) = profiles("glasgow.json")
        ours = Count(DROOP, vector["seats"], BACKWARDS, vector["n"], profile, 5)
        theirs = vector["droop"]
        self.assertEqual((decimal(ours.quota, 5), ours.elected), (theirs["quota"], theirs["elected"]))
        self.assertEqual(len(ours.rounds), len(theirs["rounds"]))
        for round, stage in zip(ours.rounds, theirs["rounds"]):
            self.assertEqual([decimal(total, 5) for total in round.totals], stage["totals"])
            self.assertEqual([decimal(n, 5) for n in (round.exhausted, round.lost)], [stage["exhausted"], stage["lost"]])


class Names(unittest.TestCase):
    def test_they_are_normalised(self):
        for text, name in (
            (" \uff21da\u200b LOVE\u00adLACE\n", "ada lovelace"),
            ("Zoe\u0308", "zo\u00eb"),
            ("\u2163", "iv"),
            ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c3"),
            ("\u03bf\u03b4\u03cc\u03c2", "\u03bf\u03b4\u03cc\u03c3"),
            ("a \t \u3000 b", "a b"),
            (" \u200b ", ""),
        ):
            self.assertEqual(normalise(text), name)

    def test_each_candidate_has_the_best_rank(self):
        self.assertEqual(ranking_of([(4, 1), (0, 2), (4, 3), (2, 4)]), [[4], [0], [2]])
        self.assertEqual(ranking_of([(4, 1), (0, 1), (2, 1)]), [[0, 2, 4]])
        self.assertEqual(ranking_of([]), [])


if __name__ == "__main__":
    unittest.main()
