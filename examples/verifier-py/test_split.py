"""Contests in which voters split their weight: exactly the ways to split it can be cast, and what else follows from it."""

import contextlib
import io
import json
import unittest
from itertools import product

import board
import forge
from ballot import Ballot, proof_holds, tracker
from challenge import Opened, read_opening
from challenge import opened as of_opening
from codec import DecodeError, u16, u32, u64
from counting import BORDA, LISTS_METHOD, LOT, MAJORITY_JUDGMENT, OPEN, ORDER, PLURALITY, SCHULZE, STAR_METHOD
from decryption import tally_of
from forge import Voter, complete, fill, items, make_contest, make_delegation, make_limit, make_split
from kinds import CHOICE, MOST_OF_LIMBS, MOST_WEIGHT, RANKING, SPLIT, most_of_slots
from manifest import ManifestError
from ristretto import decode
from roll import read_roll
from rules import OF_WEIGHT, keeps_rule
from test_rules import manifest_of
from test_verifier import OPERATOR, TRUSTEES, VOTERS, ceremony, close, judge, shares_of
from verify import openings, results
from views import manifest_contest_view, views_of


def printed(what, *arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        what(*arguments)
    return out.getvalue()


class Rows(unittest.TestCase):
    def test_exactly_the_ways_to_split_a_weight(self):
        for options, most in product((1, 2, 3), range(1, 6)):
            manifest = manifest_of(make_split("c", "abc"[:options], most))
            rules, contest = manifest.rules[0], manifest.contests[0]
            for weight in range(most + 2):
                every = product((0, 1), repeat=len(rules.bits))
                found = {tuple(rules.values(bits)) for bits in every if rules.hold(bits, weight)}
                ways = set(product(range(most + 1), repeat=options))
                self.assertEqual(found, {way for way in ways if sum(way) == weight})
                self.assertEqual(found, {way for way in ways if keeps_rule(contest, way, [], [], [], weight=weight)})

    def test_bits_and_row(self):
        rules = manifest_of(make_split("c", ["a", "b"], 5)).rules[0]
        self.assertEqual(rules.bits, [[(0, 1)], [(0, 2)], [(0, 2)], [(1, 1)], [(1, 2)], [(1, 2)]])
        self.assertEqual(rules.rows, [([(0, 1), (1, 2), (2, 2), (3, 1), (4, 2), (5, 2)], OF_WEIGHT)])
        self.assertEqual((rules.slots, rules.slack, rules.free, rules.of_weight), (2, set(), [], True))
        self.assertTrue(rules.constraints().endswith(bytes([0x80]) + bytes(7) + bytes(8)))
        self.assertFalse(manifest_of(make_contest("c", ["a", "b"], 1, 5, 5)).rules[0].of_weight)

    def test_limbs(self):
        for most, limbs in ((65_535, 1), (65_536, 2), ((1 << 32) - 1, 2), (1 << 32, 3), (MOST_WEIGHT, 3)):
            manifest = manifest_of(make_split("c", "abc", most))
            rules, contest = manifest.rules[0], manifest.contests[0]
            self.assertEqual((contest.limbs, rules.slots), ([limbs] * 3, 3 * limbs))
            self.assertEqual(most_of_slots(contest), [most if limbs == 1 else MOST_OF_LIMBS] * 3 * limbs)
            for votes in ([most, 0, 0], [0, 1, most - 1], [most // 3] * 3):
                bits = complete(rules, fill(contest, votes, 0))
                self.assertTrue(rules.hold(bits, sum(votes)))
                self.assertFalse(rules.hold(bits, sum(votes) - 1) or rules.hold(bits, sum(votes) + 1))
                self.assertEqual(contest.votes_in(rules.values(bits)), votes)

    def test_only_that_row_depends_on_the_weight(self):
        rules = manifest_of(make_split("c", "ab", 3), make_contest("d", "xy", 1, 1, 1)).rules[0]
        self.assertEqual(rules.targets(2), [2, 1])
        self.assertEqual([target for _, target in rules.rows], [OF_WEIGHT, 1])


class Checks(unittest.TestCase):
    def refused(self, *contests, **more):
        with self.assertRaises((DecodeError, ManifestError)):
            manifest_of(*contests, **more)

    def test_rule(self):
        for most in (1, 65_536, MOST_WEIGHT):
            manifest_of(make_split("c", ["a", "b"], most))
        for most in (0, MOST_WEIGHT + 1):
            self.refused(make_split("c", ["a", "b"], most))
        for lo, hi, each in ((0, 9, 9), (9, 9, 9), (1, 8, 9), (1, 18, 9), (1, 9, 1)):
            self.refused(make_contest("c", ["a", "b"], lo, hi, each, SPLIT))
        self.refused(make_contest("c", ["a", "b"], 1, 9, 9, SPLIT + 1))

    def test_what_else_there_may_be(self):
        party = make_contest("party", ["left", "right"], 0, 1, 1)
        passes, group = dict(passes=("a", 1, 2, 1, 0, 0)), dict(groups=["g"])
        options = [("a", 0, []), ("b", 0, ["g"])]
        manifest_of(make_split("c", options, 9, **group, count=(PLURALITY, 1, LOT), caps=[("g", 0)], needs=(1, 2, 1)))
        manifest_of(party, make_split("c", options, 9, **group, **passes, display=2, whole=False))
        for more in (
            dict(marks=["blank"]),
            dict(goes_with="party:left"),
            dict(lines=1, length=4),
            dict(lines=1, length=4, count=(PLURALITY, 1, ORDER)),
            dict(limits=[make_limit(["a"], 1, 2)]),
            dict(voters=True),
            dict(base=1),
            dict(if_both=["party", "d"]),
            dict(passes=("c", 1, 2, 1, 0, 0)),
            dict(count=(LISTS_METHOD, 1, ORDER, 0, 0)),
            *(dict(count=(method, 1, ORDER)) for method in (SCHULZE, BORDA, MAJORITY_JUDGMENT, STAR_METHOD)),
        ):
            with self.subTest(more):
                self.refused(party, make_split("c", options, 9, **group, **more))
        self.refused(make_split("c", [("a", 3, []), "b"], 9))

    def test_what_others_say_of_it(self):
        split = make_split("c", ["a", "b"], 1)
        self.refused(split, make_contest("d", ["x"], 0, 1, 1, goes_with="c:a"))
        self.refused(split, make_contest("d", ["x"], 0, 1, 1), limits=[make_limit(["c:a", "d:x"], 0, 1)])
        asked = [make_split(id, ["yes", "no"], 9, passes=("yes", 1, 2, 1, 0, 0)) for id in ("p", "q")]
        both = dict(if_both=["p", "q"])
        manifest_of(*asked, make_contest("which", ["x", "y"], 0, 1, 1, **both))
        self.refused(*asked, make_split("which", ["x", "y"], 9, **both))

    def test_view(self):
        view = manifest_contest_view(manifest_of(make_split("c", ["a", "b"], 70_000)).contests[0])
        self.assertEqual(view["split"], {"most": 70_000})
        self.assertFalse({"choose", "marks"} & set(view))


class Rolls(unittest.TestCase):
    def fault(self, manifest, *lines):
        return read_roll(manifest, items([voter.registration(manifest, *line) for voter, line in zip(VOTERS, lines)]))[
            1
        ]

    def test_no_weight_that_cannot_be_split(self):
        contests = [make_split("c", ["a", "b"], 9), make_split("d", ["a", "b"], 5), make_contest("e", ["x"], 0, 1, 1)]
        manifest = manifest_of(*contests, styles=[([0, 2], []), ([0, 1], []), ([2], [])])
        self.assertIsNone(self.fault(manifest, (0, 9), (1, 5), (2, 1 << 20)))
        for line in ((0, 10), (1, 6), (0, 0)):
            self.assertIn("line 1: ", self.fault(manifest, (0, 1), line))

    def test_weights_are_summed_where_they_are_not_split(self):
        split = make_split("c", ["a", "b"], MOST_WEIGHT)
        self.assertIsNone(self.fault(manifest_of(split), *[(0, MOST_WEIGHT)] * 4))
        # A choice with at most 64 for one: 2^40 is reached by a weight of 2^34.
        both = manifest_of(split, make_contest("d", ["x"], 0, 64, 64))
        self.assertIsNone(self.fault(both, *[(0, 1 << 32)] * 4))
        self.assertIsNone(self.fault(both, (0, (1 << 34) - 1), (0, 1)))
        self.assertEqual(self.fault(both, (0, 1 << 34), (0, 1)), "byte 0: weights that are too large together")
        self.assertEqual(self.fault(both, *[(0, MOST_WEIGHT)] * 4), "byte 0: weights that are too large together")

    def test_no_weight_above_the_most(self):
        manifest = manifest_of(make_contest("d", ["x"], 0, 1, 1))
        self.assertIsNone(self.fault(manifest, (0, MOST_WEIGHT)))
        for weight in (MOST_WEIGHT + 1, 1 << 63, (1 << 64) - 1):
            # The weight of the second line, behind its key and style.
            self.assertIn(f"byte {4 + 106 + 34}: {weight}", self.fault(manifest, (0, 1), (0, weight)))

    def test_lines_are_counted_where_weights_are_split(self):
        manifest = manifest_of(make_split("c", ["a", "b"], 65_536))
        contest = manifest.contests[0]
        for most, holds in (((1 << 40) // 4, True), ((1 << 40) // 4 + 1, False)):
            contest.most_of_a_slot = most
            read_roll.cache_clear()
            self.assertEqual(self.fault(manifest, *[(0, 3)] * 4) is None, holds)


# The most that a voter of each style can weigh, the weights of the four voters, and how each splits it.
MOST, WEIGHTS = 100_000, [70_000, 1, 29, 100_000]
SPLITS = [[69_000, 0, 1_000], [0, 1, 0], [9, 10, 10], [0, 65_536, 34_464]]


def start(proxies=0, **more):
    """A board up to the roll. Two districts share the contest `shares`; that of the first asks a question, too, and each has a
    choice."""
    capped = dict(groups=["nobody"], caps=[("nobody", 0)], count=(PLURALITY, 1, OPEN))
    people = [("ada", 0, []), ("ben", 0, []), ("abstain", 0, ["nobody"])]
    contests = [
        make_contest("chair", ["x", "y"], 0, 2, 2, marks=["blank"]),
        make_split("shares", people, MOST, **capped),
        make_split("merger", ["yes", "no"], MOST, passes=("yes", 1, 2, 1, 0, 0), whole=False),
    ]
    styles = [([0, 1, 2], []), ([0, 1], []), ([0], [])]
    b = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, contests, styles, proxies=proxies, **more))
    made = ceremony(b)
    lines = [voter.registration(b.state.manifest, i % 2, w) for i, (voter, w) in enumerate(zip(VOTERS, WEIGHTS))]
    b.operate(board.ROLL, items([*lines, PLAIN.registration(b.state.manifest, 2, 5)]))
    return b, made


PLAIN = Voter()  # whose style splits nothing


def choices(i, split=None, chair=(1, 1)):
    split = split or SPLITS[i]
    of = [(list(chair), 0), (split, 0), ([split[0], sum(split) - split[0]], 0)]
    return of[: 3 - i % 2]


def cast(made, i, sequence=0, split=None, voter=None, **more):
    more = {"weight": WEIGHTS[i]} | more
    return forge.make_ballot(made.election, voter or VOTERS[i], i % 2, sequence, choices(i, split), **more)


class Ballots(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board, cls.made = start()
        cls.good = cast(cls.made, 0, nonce=77)
        cls.manifest = cls.board.state.manifest

    def refusal(self, ballot, kind=board.BALLOT):
        """The name of the refusal and its check."""
        size = self.board.state.tree.size
        try:
            self.board.state.apply(bytes([kind]) + ballot)
        except board.Refusal as refusal:
            self.assertEqual(self.board.state.tree.size, size)
            return refusal.name, refusal.check
        self.fail("it was accepted")

    def test_where_the_weight_stands(self):
        ballot = Ballot(self.manifest, self.good)
        self.assertEqual((ballot.voter, ballot.weight, ballot.nonce), (VOTERS[0].point, 70_000, forge.times(77)))
        self.assertEqual(self.good[:47], u16(0) + u32(0) + b"\0" + VOTERS[0].point + u64(70_000))
        rules = self.manifest.rules[0]
        self.assertEqual(len(self.good), 7 + 32 + 8 + 32 * (rules.slots + 1) + 32 * (len(rules.bits) + 6))
        plain = forge.make_ballot(self.made.election, PLAIN, 2, 0, [([1, 0], 0)], weight=5)
        self.assertEqual(
            (Ballot(self.manifest, plain).weight, plain[39:71]), (None, Ballot(self.manifest, plain).nonce)
        )

    def test_no_other_weight_than_the_rolls(self):
        # Ballots with valid proofs, for other weights.
        for weight, split in ((69_999, [69_000, 0, 999]), (100_000, [100_000, 0, 0]), (0, [0, 0, 0])):
            ballot = cast(self.made, 0, split=split, weight=weight)
            self.assertIsNone(proof_holds(self.made.election, Ballot(self.manifest, ballot)))
            self.assertEqual(self.refusal(ballot), ("WrongWeight", "ballot.voter"))
        # The style comes first.
        other = cast(self.made, 1, voter=VOTERS[0])
        self.assertEqual(self.refusal(other), ("WrongStyle", "ballot.voter"))

    def test_no_other_sum_than_the_weight(self):
        for split in ([69_000, 0, 1_001], [69_000, 0, 999], [0, 0, 0], [MOST, MOST, MOST]):
            self.assertEqual(self.refusal(cast(self.made, 0, split=split)), ("Proof", "ballot.proof"))
            ballot = Ballot(self.manifest, cast(self.made, 0, split=split))
            self.assertEqual(proof_holds(self.made.election, ballot), "BALLOT.V2")
        self.assertEqual(self.refusal(cast(self.made, 0, cheat=1)), ("Proof", "ballot.proof"))

    def test_the_proof_binds_the_weight(self):
        # Made for another weight, and altered to that of the roll.
        made = cast(self.made, 0, split=[69_999, 0, 0], weight=69_999)
        altered = made[:39] + u64(70_000) + made[47:]
        self.assertEqual(self.refusal(altered), ("Proof", "ballot.proof"))
        self.assertEqual(proof_holds(self.made.election, Ballot(self.manifest, altered)), "BALLOT.V1")
        for bit in range(64):
            of = int.from_bytes(self.good[39:47], "big") ^ (1 << bit)
            expected = ("WrongWeight", "ballot.voter") if of <= MOST_WEIGHT else ("Malformed", "ballot.form")
            self.assertEqual(self.refusal(self.good[:39] + u64(of) + self.good[47:]), expected)

    def test_other_bytes(self):
        for at in (*range(7), *range(7, len(self.good), 211)):
            changed = bytearray(self.good)
            changed[at] ^= 1
            self.refusal(bytes(changed))
        for end in (0, 6, 38, 39, 43, 47, 79, len(self.good) - 4, len(self.good) - 1):
            self.assertEqual(self.refusal(self.good[:end]), ("Malformed", "ballot.form"))
        for longer in (self.good + b"\0", self.good[:39] + self.good[47:], self.good[:39] + u64(0) + self.good[39:]):
            self.assertEqual(self.refusal(longer), ("Malformed", "ballot.form"))
        plain = forge.make_ballot(self.made.election, PLAIN, 2, 0, [([1, 0], 0)])
        self.assertEqual(self.refusal(plain[:39] + u64(5) + plain[39:]), ("Malformed", "ballot.form"))

    def test_challenges(self):
        def opening(split, **more):
            return forge.make_spoil_opening(77, cast(self.made, 0, split=split, nonce=77, **more))

        for split, weight, fault in (
            (SPLITS[0], 70_000, None),
            ([69_000, 0, 1_001], 70_000, "in shares the rule is broken"),
            ([0, 0, 0], 70_000, "in shares the rule is broken"),
            (SPLITS[0], 70_001, "in shares the rule is broken"),
        ):
            made = read_opening(self.manifest, opening(split, weight=weight))
            values, found = of_opening(self.made.election, made)
            self.assertEqual(found, fault and f"[SPOIL.OPEN]: {fault}")
            if fault is None:
                self.assertEqual([of.votes for of in values], [[1, 1], split, [69_000, 1_000]])
        b, made = start()
        for split, weight, refusals in (
            (SPLITS[0], 70_000, []),
            ([69_000, 0, 999], 69_999, ["WrongWeight"]),
            ([69_000, 0, 999], 70_000, ["Opening"]),
        ):
            nonce = forge.scalar()
            ballot = cast(made, 0, split=split, weight=weight, nonce=nonce)
            b.post(board.SPOIL, forge.make_spoil_request(made.election, VOTERS[0].secret, nonce, tracker(ballot)))
            b.post(board.SPOIL_OPENING, forge.make_spoil_opening(nonce, ballot))
            self.assertEqual([(r.name, r.check) for r in b.refusals], [(name, "ballot.spoiled") for name in refusals])
            b.refusals.clear()
            b.objects[len(b.objects) - bool(refusals) :] = []
        text = printed(openings, b.state)
        self.assertIn("sequence number 0\n  of weight 70000\n", text)
        self.assertIn("     69000  ada\n         0  ben\n      1000  abstain\n", text)

    def test_a_limb_holds_no_more_than_the_most(self):
        # A low limb of 2^17 − 1 and the highest one: more than the most, though each fits its slot.
        contest = manifest_of(make_split("c", ["a"], MOST)).contests[0]
        points = [forge.times(value) for value in (MOST_OF_LIMBS, 1)]
        weight = MOST_OF_LIMBS + (1 << 16)
        found = Opened(contest, list(map(decode, points)), 1, weight)
        self.assertEqual(found.fault, "a value is too large")

    def test_proxies_split_the_weight_of_their_voter(self):
        b, made = start(proxies=1)
        key = Voter()
        b.post(board.DELEGATION, make_delegation(b.manifest_hash, VOTERS[2], key, VOTERS[3]))
        self.assertEqual(b.refusals, [])
        for weight, split, names in ((WEIGHTS[3], SPLITS[3], ["WrongWeight"]), (WEIGHTS[2], SPLITS[2], [])):
            b.post(board.BALLOT, cast(made, 2, split=split, weight=weight, voter=key))
            self.assertEqual([r.name for r in b.refusals], names)
            b.refusals.clear()


class Whole(unittest.TestCase):
    """The choice counts as often as voters weigh, and the shares once."""

    def held(self, totals, elected=(["ada"],)):
        b, made = start()
        b.post(board.BALLOT, cast(made, 0, split=[1, 2, 69_997]))
        for i in range(4):
            b.post(board.BALLOT, cast(made, i, sequence=int(i == 0)))
        b.post(board.BALLOT, forge.make_ballot(made.election, PLAIN, 2, 0, [([1, 0], 0)]))
        self.assertEqual(b.refusals, [])
        close(b, made)
        tally = b.state.tally_so_far()
        b.operate(board.TALLY, tally.bytes)
        for j in (1, 3):
            b.post(board.SHARE, forge.make_share(made, tally, j, TRUSTEES[j - 1], shares_of(b, made, j)))
        b.operate(board.RESULT, forge.make_result(totals, ([2, 2, 1], [2, 2, 1], [], 5), elected))
        return b

    def test_the_result(self):
        b = self.held(self.sums())
        self.assertEqual(b.refusals, [])
        verdict = judge(b.entries())
        self.assertTrue(verdict.accepted)
        cells = b.state.tally.cells
        self.assertEqual([(cell.ballots, cell.weight) for cell in cells], [(5, 170_035), (4, 170_030), (2, 70_029)])
        chair, shares, merger = json.loads(views_of(b.state)["result.json"])["contests"]
        self.assertEqual(chair["votes"], [170_035, 170_030])
        self.assertEqual(
            (shares["votes"], shares["weight"], shares["not_given"]), ([69_009, 65_547, 35_474], 170_030, 0)
        )
        held = {"held": 170_030, "counted": 170_030, "written_in": 0, "marked": 0, "not_given": 0, "left_out": []}
        self.assertEqual((shares["account"], shares["count"]["elected"]), (held, ["ada"]))
        self.assertEqual((merger["votes"], merger["pass"]["passes"]), ([69_009, 1_020], True))
        text = printed(results, verdict.state)
        self.assertIn("     votes           (of all votes)\n     69009   40.6 %  ada\n", text)

    def sums(self):
        """The totals, by limbs."""
        of_ballots = list(map(values_of, range(4)))
        shares = [sum(column) for column in zip(*(of for of, _ in of_ballots))]
        merger = [sum(column) for column in zip(*(of_ballots[i][1] for i in (0, 2)))]
        return [[170_035, 170_030, 0], shares, merger]

    def test_other_totals_are_refused(self):
        for cell, place in ((0, 0), (1, 0), (1, 3), (2, 1)):
            totals = self.sums()
            totals[cell][place] += 1
            failures = judge(self.held(totals).entries()).failures()
            self.assertEqual({check for check, _ in failures}, {"result.totals"})
        # As if shares counted as often as their voters weigh.
        scaled = [sum(v[0][k] * w for v, w in zip(map(values_of, range(4)), WEIGHTS)) for k in range(6)]
        self.assertNotEqual(self.held([self.sums()[0], scaled, self.sums()[2]]).refusals, [])

    def test_other_elected_are_refused(self):
        failures = judge(self.held(self.sums(), [["ben"]]).entries()).failures()
        self.assertEqual({check for check, _ in failures}, {"result.elected"})

    def test_sums_by_weight_are_refused(self):
        b, made = start()
        for i in range(4):
            b.post(board.BALLOT, cast(made, i))
        close(b, made)
        counted = b.state.counted()
        # The contests are those of choices to whoever adds them by weight.
        splits = [contest for contest in b.state.manifest.contests if contest.form == SPLIT]
        for contest in splits:
            contest.form = CHOICE
        tally_of.cache_clear()
        wrong = tally_of(b.state.manifest, tuple((ballot, WEIGHTS[VOTERS_BY[key]]) for key, ballot in counted))
        for contest in splits:
            contest.form = SPLIT
        tally_of.cache_clear()
        b.operate(board.TALLY, wrong.bytes)
        self.assertEqual([(r.name, r.check) for r in b.refusals], [("WrongSum", "tally.sums")])

    def test_other_ballots_are_found_on_the_board(self):
        b, made = start()
        b.post(board.BALLOT, cast(made, 0, split=[1, 0, 0], weight=1))
        b.post(board.BALLOT, cast(made, 1))
        verdict = judge(b.entries(), partial=True)
        self.assertEqual(verdict.failures(), {("ballot.voter", b.tree.size - 2)})


VOTERS_BY = {voter.point: i for i, voter in enumerate(VOTERS)}


def values_of(i):
    """What the ballot of a voter holds in the slots of the shares and of the question."""
    manifest = manifest_of(make_split("s", "abc", MOST), make_split("m", "yn", MOST))
    of = choices(0, SPLITS[i])
    bits = [bit for c, (votes, _) in enumerate(of[1:]) for bit in fill(manifest.contests[c], votes, 0)]
    values = manifest.rules[0].values(bits)
    return values[:6], values[6:]


class Mixed(unittest.TestCase):
    def test_a_weight_of_1_where_a_contest_of_the_style_is_mixed(self):
        ranking = make_contest("r", ["a", "b"], 0, 2, 1, RANKING, count=(SCHULZE, 1, ORDER))
        manifest = manifest_of(make_split("c", ["a", "b"], 9), ranking)
        for weight, holds in ((1, True), (2, False)):
            roll = items([VOTERS[0].registration(manifest, 0, weight)])
            self.assertEqual(read_roll(manifest, roll)[1] is None, holds)


if __name__ == "__main__":
    unittest.main()
