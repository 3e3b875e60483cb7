"""The contents of rows, and who is elected by them."""

import unittest

import forge
import written
from codec import Reader
from counting import BACKWARDS, ORDER, PLURALITY, SCHULZE
from forge import make_contest
from forge_mixes import elements, message
from kinds import CHOICE, RANKING, RANKING_WITH_TIES
from manifest import Contest
from messages import encode_message, slots_for
from ristretto import encode, generator
from written import Account, Counted, Row


def contest(form, **options):
    made = make_contest("c", ["Ada", "Ben", "ADA"], 1, 3, 1, form, 2, 8, **options)
    return Contest(Reader(made))


PLAIN = contest(RANKING, count=(SCHULZE, 1, ORDER))
TIED = contest(RANKING_WITH_TIES, count=(SCHULZE, 2, ORDER))
CHOSEN = contest(CHOICE, count=(PLURALITY, 1, BACKWARDS))


def row(of, ranks=(), names=(), votes=()):
    return Row(of, [forge.times(v) for v in votes] + elements(of, ranks, names))


def changed(of, at, byte, ranks=(), names=(), votes=()):
    """A row in whose message one byte is changed."""
    data = bytearray(message(of, ranks, names))
    data[at] = byte
    return Row(of, [forge.times(v) for v in votes] + encode_message(bytes(data), slots_for(len(data))))


class Rankings(unittest.TestCase):
    def test_good_ones(self):
        for of, ranks, names in (
            (PLAIN, [1, 0, 0, 0, 0], []),
            (PLAIN, [2, 0, 1, 3, 0], ["Zoe"]),
            (PLAIN, [0, 0, 0, 0, 1], ["", "12345678"]),
            (TIED, [1, 1, 0, 1, 0], ["Zoe"]),
        ):
            self.assertIsNone(row(of, ranks, names).fault)

    def test_broken_rules(self):
        for of, ranks, names in (
            (PLAIN, [0, 0, 0, 0, 0], []),
            (PLAIN, [2, 0, 0, 0, 0], []),
            (PLAIN, [1, 0, 3, 0, 0], []),
            (PLAIN, [1, 1, 0, 0, 0], []),
            (PLAIN, [1, 2, 3, 4, 0], ["Zoe"]),
            (PLAIN, [1, 0, 0, 2, 0], []),
            (PLAIN, [1, 0, 0, 0, 0], ["Zoe"]),
            (PLAIN, [1, 0, 0, 2, 0], [" Zoe"]),
            (PLAIN, [1, 0, 0, 2, 0], ["Z\u200bo"]),
            (PLAIN, [1, 0, 0, 2, 0], ["Z\no"]),
            (TIED, [1, 1, 3, 0, 0], []),
        ):
            self.assertIsNotNone(row(of, ranks, names).fault, (ranks, names))

    def test_what_is_no_name(self):
        good = dict(ranks=[1, 0, 0, 2, 0], names=["Zoe"])
        self.assertIsNone(changed(PLAIN, 0, 1, **good).fault)
        for at, byte in ((5, 2), (5, 4), (5, 9), (5, 255), (6, 0xFF), (13, 1), (14, 1), (15, 1)):
            self.assertIsNotNone(changed(PLAIN, at, byte, **good).fault, (at, byte))

    def test_what_is_no_message(self):
        self.assertIsNotNone(Row(PLAIN, [encode(generator("M", 0))]).fault)
        data = message(PLAIN, [1, 0, 0, 0, 0])
        self.assertIsNotNone(Row(PLAIN, encode_message(data + b"\0", 1)).fault)
        self.assertIsNotNone(Row(PLAIN, encode_message(data[:-1], 1)).fault)


class Choices(unittest.TestCase):
    def test_votes_need_a_name(self):
        self.assertIsNone(row(CHOSEN, names=["Zoe"], votes=[1, 0]).fault)
        self.assertIsNone(row(CHOSEN, names=["Zoe", " x"], votes=[1, 0]).fault)
        self.assertIsNotNone(row(CHOSEN, votes=[1, 0]).fault)
        self.assertIsNotNone(row(CHOSEN, names=["Zoe", " x"], votes=[1, 1]).fault)
        self.assertIsNotNone(row(CHOSEN, names=["Zoe"], votes=[2, 0]).fault)
        nothing = [bytes(32)] * 2
        self.assertIsNone(Row(CHOSEN, nothing + [encode(generator("M", 0))]).fault)
        self.assertIsNotNone(Row(CHOSEN, [forge.times(1), bytes(32), encode(generator("M", 0))]).fault)

    def test_they_are_added_to_the_options(self):
        rows = [
            row(CHOSEN, names=["zoe"], votes=[1, 0]),
            row(CHOSEN, names=["Zoe", "ZOE"], votes=[1, 1]),
            row(CHOSEN, names=["ada"], votes=[1, 0]),
            row(CHOSEN, votes=[1, 0]),
        ]
        counted = Counted(CHOSEN, [2, 1, 0], rows)
        self.assertEqual(counted.candidates, ["Ada", "Ben", "ADA", "ZOE"])
        # Two lines with one name are one vote. A line with an option's name could be a second vote for it.
        self.assertEqual(counted.count.scores, [2, 1, 0, 2])
        self.assertEqual((counted.elected(), counted.invalid), (["Ada"], 1))
        self.assertEqual(counted.left_out(), [("name", 1), ("listed", 1), ("above each", 1)])
        account = Account(CHOSEN, 4, 4, [2, 1, 0], 5, counted)
        self.assertEqual((account.held, account.counted, account.written_in, account.not_given), (12, 3, 2, 4))
        self.assertTrue(account.adds_up())

    def test_lines_with_the_name_of_an_option(self):
        more = dict(form=CHOICE, lines=2, length=8, count=(PLURALITY, 1, ORDER))
        written = dict(names=["ada", "BEN"], votes=[1, 2])
        for options, rule, expected, left_out in (
            # All that a ballot has can be one option's.
            (["Ada", "Ben"], {}, [1, 2], []),
            ([("Ada", 2, []), "Ben"], {}, [0, 2], [("listed", 1)]),
            (["Ada", "Ben"], dict(limits=[forge.make_limit(["Ben"], 0, 2)]), [0, 0], [("listed", 3)]),
            (["Ada", "Ben"], dict(voters=True), [0, 0], [("listed", 3)]),
        ):
            of = Contest(Reader(make_contest("c", options, 0, 3, 3, **more, **rule)))
            counted = Counted(of, [0, 0, 0, 0], [row(of, **written)])
            self.assertEqual((counted.count.scores, counted.left_out()), (expected, left_out))
        # Several lines give an option more than `each` where its own maximum is higher.
        of = Contest(Reader(make_contest("c", [("Ada", 2, []), "Ben"], 0, 2, 1, **more)))
        counted = Counted(of, [0, 0], [row(of, names=["ada", "ADA"], votes=[1, 1])])
        self.assertEqual((counted.count.scores, counted.left_out()), ([2, 0], []))

    def test_what_does_not_add_up(self):
        counted = Counted(CHOSEN, [2, 1, 0], [row(CHOSEN, names=["zoe"], votes=[1, 0])])
        self.assertTrue(Account(CHOSEN, 2, 2, [2, 1, 0], 1, counted).adds_up())
        # A row that nobody counted, and more votes than ballots.
        self.assertFalse(Account(CHOSEN, 2, 2, [2, 1, 0], 2, counted).adds_up())
        self.assertFalse(Account(CHOSEN, 1, 1, [2, 1, 0], 1, counted).adds_up())


class Candidates(unittest.TestCase):
    def test_names_are_merged(self):
        rows = [row(TIED, [3, 0, 0, 1, 2], ["ADA", "Ben"]), row(TIED, [0, 1, 0, 1, 0], ["Cleo"])]
        counted = Counted(TIED, [], rows)
        self.assertEqual(counted.candidates, ["Ada", "Ben", "ADA", "Cleo"])
        self.assertEqual(counted.count.profile, [([[0], [1]], 1), ([[1, 3]], 1)])
        self.assertEqual(counted.elected(), ["Ada", "Ben"])

    def test_at_most_255_stand(self):
        ranks = [0, 0, 0, 2, 1]
        rows = [row(TIED, ranks, [f"n{i:03}", "often"]) for i in range(253)]
        counted = Counted(TIED, [], rows)
        self.assertEqual((len(counted.candidates), counted.names_left_out), (255, 2))
        self.assertEqual(counted.candidates[3:5] + counted.candidates[-2:], ["n000", "n001", "n250", "often"])
        # A ballot with a name that is left out ranks the others as if it were not there.
        self.assertEqual(counted.count.profile[-1], ([[254]], 1))
        self.assertEqual(written.MAX_CANDIDATES, 255)
        self.assertEqual((counted.left_out(), counted.unranked), ([], 0))
        alone = [row(TIED, [0, 0, 0, 1, 0], [f"n{i:03}"]) for i in range(254)]
        counted = Counted(TIED, [], alone)
        self.assertEqual((counted.count.votes, counted.left_out()), (252, [("too many names", 2)]))
        self.assertTrue(Account(TIED, 254, 254, [], 0, counted).adds_up())


if __name__ == "__main__":
    unittest.main()
