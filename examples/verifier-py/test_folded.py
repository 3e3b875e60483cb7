"""Folded contests: exactly the allowed amounts fit the rows, and the proof of a ballot is bound to it."""

import json
import unittest
from itertools import product

import board
import forge
from ballot import Ballot, proof_holds, read_ballot, tracker
from challenge import opened as of_opening
from challenge import read_opening
from codec import DecodeError
from forge import make_contest, make_limit, make_split
from forge_wide import hold, with_slack
from kinds import LIMB, RANKING, most_of_slots
from manifest import ManifestError
from rules import keeps_rule
from test_elections import whole, written
from test_rules import manifest_of
from test_verifier import OPERATOR, TRUSTEES, VOTERS, ceremony, judge, opened
from verify import openings
from views import manifest_contest_view, views_of

FULL = (1 << 32) - 1
FUND = [("roof", 100_000, ["g"]), ("lift", 0, ["g"]), ("tree", 1, [])]


def folded(id, options, lo, hi, each, **more):
    return make_contest(id, options, lo, hi, each, folded=1, **more)


def fund(lo=10, hi=150_000):
    limits = [make_limit(["roof", "tree"], 0, 120_000, [1, 50_000])]
    return folded("fund", FUND, lo, hi, 80_000, groups=["g"], limits=limits)


def gift():
    """Its proof has neither rows nor slack."""
    return folded("gift", [("x", FULL, []), ("y", 65535, [])], 0, FULL + 65535, 1)


class Rows(unittest.TestCase):
    def rows(self, expected, slack, *contests):
        wide = manifest_of(*contests).rules[0].wide
        self.assertEqual([(terms, target) for target, terms in wide.rows], expected)
        self.assertEqual(wide.slack, slack)
        return wide

    def test_the_example(self):
        def two(first):
            return [(first, 1), (first + 1, 1 << 16)]

        row = two(0) + two(2) + two(4), 100_000
        wide = self.rows([row], 2, folded("c", "ab", 0, 100_000, 100_000))
        self.assertEqual(wide.places, [0, 1, 2, 3])
        self.assertEqual(wide.size, 32 * (6 + 25 + 2 * 3))
        row = two(0) + two(2), 100_000
        self.rows([row], 2, folded("c", "a", 0, 100_000, 100_000))
        self.rows([row, (two(2) + [(4, 1)], 30_000)], 3, folded("c", "a", 70_000, 100_000, 100_000))
        self.rows([(two(0), 100_000)], 0, folded("c", "a", 100_000, 100_000, 100_000))

    def test_rows_that_say_nothing_are_left_out(self):
        self.rows([], 0, gift())
        self.rows([], 0, folded("c", "a", 0, FULL, FULL))
        # The total says nothing, the maximum does; and the other way round.
        self.rows(
            [([(0, 1), (1, 1 << 16), (2, 1), (3, 1 << 16)], FULL - 1)], 2, folded("c", "a", 0, FULL - 1, FULL - 1)
        )
        self.rows([([(0, 1), (1, 1 << 16), (2, 1)], 65_535)], 1, folded("c", "a", 0, 65_535, FULL))
        # The total says that an option has at most its maximum, but not that the other one does.
        wide = manifest_of(folded("c", [("a", 70_000, []), ("b", 69_999, [])], 0, 70_000, 1)).rules[0].wide
        self.assertEqual([target for target, _ in wide.rows], [69_999, 70_000])

    def test_costs_are_divided(self):
        limits = [make_limit(["a", "b"], 5, 400_003, [6, 4]), make_limit(["b"], 70_000, 70_000)]
        wide = manifest_of(folded("c", "ab", 0, 200_000, 100_000, limits=limits)).rules[0].wide
        self.assertEqual([target for target, _ in wide.rows], [100_000, 100_000, 200_001, 199_998, 70_000])
        self.assertEqual(wide.rows[2][1][:4], [(0, 3), (1, 3 << 16), (2, 2), (3, 2 << 16)])

    def test_several_contests(self):
        plain = make_contest("plain", "ab", 0, 1, 1, marks=["blank"])
        rules = manifest_of(fund(), plain, gift(), folded("last", "a", 0, 65_537, 65_537)).rules[0]
        self.assertEqual(rules.wide.places, [0, 1, 2, 3, 4, 8, 9, 10, 11, 12])
        self.assertEqual(rules.free, rules.wide.places)
        self.assertEqual(rules.bits[:3], [[(5, 1)], [(6, 1)], [(7, 1)]])
        self.assertEqual(rules.wide.rows[-1], (65_537, [(8, 1), (9, 1 << 16), (21, 1), (22, 1 << 16)]))
        self.assertEqual(manifest_of(plain).rules[0].wide.size, 0)

    def test_exactly_the_allowed_amounts_fit(self):
        pairs = folded("pairs", [("a", 70_000, []), ("b", 69_999, [])], 0, 70_000, 1)
        costs = [make_limit(["a", "b"], 65_536, 400_003, [6, 4])]
        for contest in (
            fund(), fund(0, 160_000), fund(70_000, 70_000), gift(), pairs, folded("c", "a", 1, FULL, FULL),
            folded("c", "ab", 65_535, 131_072, 65_536), folded("c", "ab", 0, 200_000, 100_000, limits=costs),
        ):  # fmt: skip
            manifest = manifest_of(contest)
            rules, contest = manifest.rules[0], manifest.contests[0]
            borders = {0, contest.lo, contest.hi, contest.hi // 2, 65_535, 65_536, 50_000, 120_000, *contest.maxima}
            borders |= {limit.lo for limit in contest.limits} | {limit.hi // 3 for limit in contest.limits}
            near = {border + by for border in borders for by in (-1, 0, 1)}
            tried = [sorted(v for v in near if 0 <= v < 1 << LIMB * size) for size in contest.limbs]
            found = set()
            for votes in product(*tried):
                limbs = [limb for v, size in zip(votes, contest.limbs) for limb in forge.amount(v, size)]
                within = all(v <= most for v, most in zip(votes, contest.maxima))
                kept = within and keeps_rule(contest, votes, [], [], [])
                self.assertEqual(hold(rules.wide, with_slack(rules.wide, limbs)), kept, votes)
                found.add(kept)
            self.assertIn(True, found)

    def test_the_most_of_a_slot(self):
        contest = manifest_of(fund()).contests[0]
        self.assertEqual((most_of_slots(contest), contest.most_of_a_slot), ([65_535] * 4 + [1], 65_535))


class Checks(unittest.TestCase):
    def test_what_cannot_be_folded(self):
        manifest_of(folded("c", "ab", 0, 65_536, 65_536))
        other = make_contest("other", "xy", 0, 1, 1)
        large = [("a", 65_536, [])]
        for contests in (
            [folded("c", "ab", 0, 65_535, 65_535)],
            [folded("c", [("a", 65_535, [])], 0, 65_535, 65_536)],
            [folded("c", "ab", 0, 2, 1, form=RANKING)],
            [folded("c", large, 0, 9, 1, marks=["blank"])],
            [folded("c", large, 0, 9, 1, voters=True)],
            [folded("c", large, 0, 9, 1, lines=1, length=4)],
            [other, folded("c", large, 0, 9, 1, goes_with="other:x")],
            [folded("c", [*large, ("b", 1, [])], 0, 9, 1, limits=[make_limit(["a"], 0, 9, [], "b")])],
            # Nothing else goes with one of its options.
            [folded("c", [*large, ("b", 1, [])], 0, 9, 1), make_contest("other", "xy", 0, 1, 1, goes_with="c:b")],
        ):
            with self.assertRaises(ManifestError):
                manifest_of(*contests)
        with self.assertRaises(ManifestError):
            manifest_of(folded("c", large, 0, 9, 1), limits=[make_limit(["c:a"], 0, 5)])
        with self.assertRaises(DecodeError):
            manifest_of(make_contest("c", large, 0, 9, 1, folded=2))

    def test_ballots_fit_an_entry(self):
        def made(options, limits=()):
            names = [(f"o{i}", FULL if i else 65_535, []) for i in range(options)]
            return manifest_of(folded("c", names, 0, sum(most for _, most, _ in names), 1, limits=limits)).rules[0]

        def size(rules):
            return 128 + 32 * (1 + rules.slots) + 32 * 6 + rules.wide.size

        # Of two limbs each, but the first: 995 slots and values.
        self.assertEqual((size(made(498)), size(made(498)) - size(made(497))), (65_472, 128))
        self.assertEqual(size(made(498, [make_limit(["o0"], 0, 9)])), 65_504)
        for limits in ([make_limit(["o0"], 0, 9)] * 2, [make_limit(["o1"], 0, FULL - 1)]):
            with self.assertRaises(ManifestError):
                made(498, limits)
        with self.assertRaises(ManifestError):
            made(499)

    def test_the_view(self):
        self.assertEqual(manifest_contest_view(manifest_of(fund()).contests[0])["wide"], "folded")
        self.assertNotIn("wide", manifest_contest_view(manifest_of(make_contest("c", "a", 0, 1, 1)).contests[0]))


class Ballots(unittest.TestCase):
    """One style has a folded contest with rows, then bits; the other one bits, and then a folded contest without rows."""

    @classmethod
    def setUpClass(cls):
        contests = [fund(), make_contest("plain", "ab", 0, 1, 1, marks=["blank"]), gift()]
        styles = [([0, 1], []), ([1, 2], [])]
        cls.board = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests, styles, stations=1))
        cls.made = opened(cls.board)
        cls.manifest, cls.election = cls.board.state.manifest, cls.made.election
        cls.honest = cls.ballot([70_000, 9, 1])

    @classmethod
    def ballot(cls, votes, plain=((1, 0), 0), style=0, sequence=0, voter=None, **more):
        choices = [(votes, 0), plain] if style == 0 else [plain, (votes, 0)]
        return forge.make_ballot(cls.election, voter or VOTERS[style], style, sequence, choices, **more)

    def fault(self, data):
        """The equation that does not hold, or `form`."""
        ballot, fault = read_ballot(self.manifest, data)
        return "form" if fault else proof_holds(self.election, ballot)

    def parts(self, data):
        """A ballot from its head to its ciphertext, its wide proof, and its own proof."""
        style = int.from_bytes(data[:2], "big")
        rules = self.manifest.rules[style]
        at = 7 + 2 * data[6] + 32 * (2 + rules.slots)
        return data[:at], data[at : at + rules.wide.size], data[at + rules.wide.size :]

    def test_honest_ballots(self):
        self.assertIsNone(self.fault(self.honest))
        self.assertEqual(len(self.honest), 7 + 32 * 2 + 32 * 8 + 32 * (16 + 25 + 2 * 4) + 32 * (6 + 4))
        for votes in ([10, 0, 0], [100_000, 50_000, 0], [0, 80_000, 1]):
            self.assertIsNone(self.fault(self.ballot(votes, ((0, 0), 1), station=0)), votes)
        for votes in ([0, 0], [FULL, 65_535], [65_536, 1]):
            self.assertIsNone(self.fault(self.ballot(votes, style=1)), votes)

    def test_amounts_that_break_a_rule(self):
        for votes in (
            [100_001, 0, 0], [0, 80_001, 0], [10, 0, 2], [9, 0, 0], [0, 0, 0], [75_000, 75_001, 0], [70_001, 0, 1],
            [131_071, 0, 0], [FULL, 0, 0],
        ):  # fmt: skip
            self.assertEqual(self.fault(self.ballot(votes)), "WIDE.L4", votes)
        # The first limb's slot holds another number than the proof says.
        for cheat in (1, -1, 65_536, -70_000):
            self.assertEqual(self.fault(self.ballot([70_000, 9, 1], cheat=cheat)), "WIDE.L3")
        # The first slot of the other style is one of bits.
        self.assertEqual(self.fault(self.ballot([5, 5], style=1, cheat=1)), "BALLOT.V2")
        self.assertEqual(self.fault(self.ballot([70_000, 9, 1], ((1, 1), 0))), "BALLOT.V2")

    def test_other_secrets(self):
        self.assertEqual(self.fault(self.ballot([10, 0, 0], secret=5)), "BALLOT.V2")
        self.assertEqual(self.fault(self.ballot([10, 0, 0], nonce=7, wide_nonce=8)), "WIDE.L2")

    def test_every_part_is_bound(self):
        # The shorter ballot in each part, the longer one in every third.
        for data, step in ((self.ballot([FULL, 1], style=1), 32), (self.honest, 96)):
            for at in [2, *range(7, len(data), step)]:
                changed = bytearray(data)
                changed[at] ^= 2
                self.assertIsNotNone(self.fault(bytes(changed)), at)
            # Parts that can be read, but belong to another place.
            head = len(self.parts(data)[0])
            for at in range(head, len(data) - 32, step):
                changed = data[:at] + data[at + 32 : at + 64] + data[at : at + 32] + data[at + 64 :]
                self.assertIsNotNone(self.fault(changed), at)

    def test_bytes_that_are_missing_or_left(self):
        head, wide, own = self.parts(self.honest)
        others = [head + wide[32:] + own, head + wide + wide + own, head + own, head + own + wide, head + wide]
        for data in [*others, self.honest[:-1], self.honest + b"\0", self.honest[:-32], self.honest + bytes(32)]:
            self.assertEqual(self.fault(data), "form")
        with self.assertRaises(DecodeError):
            Ballot(self.manifest, head + bytes(32) + wide[32:] + own)
        # The order of the group is no scalar.
        with self.assertRaises(DecodeError):
            Ballot(self.manifest, head + wide[:-32] + forge.L.to_bytes(32, "little") + own)

    def test_proofs_of_other_ballots(self):
        head, wide, own = self.parts(self.honest)
        other = VOTERS[2]
        for data in (
            self.ballot([70_000, 9, 1]),
            self.ballot([70_000, 9, 1], sequence=1),
            self.ballot([70_000, 9, 1], voter=other),
            self.ballot([70_000, 9, 1], station=0),
            self.ballot([70_000, 9, 1], nonce=77),
        ):
            head2, wide2, own2 = self.parts(data)
            self.assertIsNone(self.fault(data))
            for changed in (head + wide2 + own, head + wide + own2, head + wide2 + own2, head2 + wide + own):
                self.assertIsNotNone(self.fault(changed))
            # The voter signs the wide proof, too: the first equation that fails is one of the second proof.
            self.assertEqual(self.fault(head + wide + own2), "BALLOT.V1")
        # Two honest proofs with one nonce, so that the ciphertext is the same.
        first, second = (self.ballot([70_000, 9, 1], nonce=78) for _ in range(2))
        (head, wide, own), (head2, wide2, _) = self.parts(first), self.parts(second)
        self.assertEqual(head, head2)
        self.assertEqual(self.fault(head + wide2 + own), "BALLOT.V1")

    def test_opened_ballots(self):
        def opens(votes, **more):
            data = self.ballot(votes, nonce=77, **more)
            opening = read_opening(self.manifest, forge.make_spoil_opening(77, data))
            return of_opening(self.election, opening)

        values, fault = opens([70_000, 9, 1])
        self.assertIsNone(fault)
        self.assertEqual([of.votes for of in values], [[70_000, 9, 1], [1, 0]])
        self.assertEqual(opens([FULL, 65_535], style=1)[0][1].votes, [FULL, 65_535])
        for votes, what, more in (
            ([100_001, 0, 0], "a value is too large", {}),
            ([10, 0, 2], "a value is too large", {}),
            ([9, 0, 0], "the rule is broken", {}),
            ([75_000, 75_001, 0], "the rule is broken", {}),
            ([70_001, 0, 1], "the rule is broken", {}),
            # As many votes as before, but in a limb that is too large: 65,546 in the first.
            ([10, 0, 0], "a value is too large", {"cheat": 65_536}),
        ):
            self.assertEqual(opens(votes, **more), (None, f"[SPOIL.OPEN]: in fund {what}"))

    def test_the_election(self):
        # Weights 1 to 4; the first and third voter have the style with the fund.
        b = self.board
        ballots = [self.ballot(v, style=i % 2, voter=VOTERS[i]) for i, v in enumerate(
            [[70_000, 0, 1], [FULL, 1], [100_000, 50_000, 0], [65_536, 65_535]])]  # fmt: skip
        b.post(board.SPOIL, forge.make_spoil_request(self.election, VOTERS[0].secret, 77, bytes(32)))
        spoiled = self.ballot([10, 0, 0], nonce=79, voter=VOTERS[2])
        b.post(board.SPOIL, forge.make_spoil_request(self.election, VOTERS[2].secret, 79, tracker(spoiled)))
        b.post(board.SPOIL_OPENING, forge.make_spoil_opening(79, spoiled))
        totals = [[4464 + 3 * 34464, 4, 150_000, 0, 1], [10, 0, 0], [2 * 65_535, 2 * 65_535 + 4, 2 + 4 * 65_535]]
        whole(b, self.made, ballots, totals, ([2, 2], [2, 2], [0], 4))
        self.assertEqual(b.refusals, [])
        entries = b.entries()
        self.assertTrue(judge(entries).accepted)
        self.assertRegex(written(openings, b.state), r"10\s+roof")
        found = json.loads(views_of(b.state)["result.json"])["contests"]
        self.assertEqual(found[0]["votes"], [370_000, 150_000, 1])
        self.assertEqual(found[2]["votes"], [2 * FULL + 4 * 65_536, 2 + 4 * 65_535])
        # A ballot on the board is no longer valid with a part of another.
        place = next(i for i, entry in enumerate(entries) if entry[0] == board.BALLOT)
        for at in (300, 900, len(entries[place]) - 20):
            changed = bytearray(entries[place])
            changed[at] ^= 2
            verdict = judge([*entries[:place], bytes(changed)], partial=True)
            self.assertEqual([f.entry for f in verdict.findings], [place])
            self.assertIn(verdict.findings[0].check, ("ballot.form", "ballot.proof"))
        head, wide, _ = self.parts(entries[place][1:])
        _, _, other = self.parts(self.honest)
        (finding,) = judge([*entries[:place], entries[place][:1] + head + wide + other], partial=True).findings
        self.assertEqual((finding.check, finding.entry), ("ballot.proof", place))
        self.assertIn("[BALLOT.V1]", finding.reason)


class Weights(unittest.TestCase):
    def test_a_ballot_with_a_split_weight(self):
        contests = [gift(), make_split("shares", ["a", "b"], 70_000)]
        b = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests))
        election, manifest = ceremony(b).election, b.state.manifest

        def fault(data):
            ballot, fault = read_ballot(manifest, data)
            return "form" if fault else proof_holds(election, ballot)

        def made(weight, *shares):
            choices = [([FULL, 1], 0), (list(shares), 0)]
            return forge.make_ballot(election, VOTERS[0], 0, 0, choices, weight=weight)

        data = made(3, 1, 2)
        self.assertIsNone(fault(data))
        self.assertEqual(fault(made(4, 1, 2)), "BALLOT.V2")
        # The weight is absorbed behind the wide proof, which is not about it.
        at = 7 + 32
        self.assertEqual(data[at : at + 8], forge.u64(3))
        self.assertEqual(fault(data[:at] + forge.u64(4) + data[at + 8 :]), "BALLOT.V1")
        self.assertEqual(fault(data[:at] + data[at + 8 :]), "form")


if __name__ == "__main__":
    unittest.main()
