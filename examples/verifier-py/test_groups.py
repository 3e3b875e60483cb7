"""Groups of trustees: each deals, opens, mixes, rehearses and closes for itself, and all of them are needed."""

import contextlib
import io
import json
import unittest

import board
import forge
import forge_mixes
import keys
from codec import DecodeError, u16, u32
from counting import LOT, SCHULZE
from entries import entry_line
from forge import Author, Voter, items, make_contest, make_split, text
from kinds import RANKING
from manifest import Manifest, ManifestError, read_manifest
from merlin import Transcript
from ristretto import BASE, L, add, decode, encode, multiply, multiscalar
from test_verifier import judge
from verify import report
from views import views_of

OPERATOR = Author()
TRUSTEES = [Author() for _ in range(4)]
VOTERS = [Voter() for _ in range(2)]
# The ministry, and two of three universities.
GROUPS = [("Ministry", 1, 1), ("Universities", 3, 2)]
PLAIN = make_contest("plain", ["yes", "no"], 0, 1, 1)


def make(groups=GROUPS, contests=(PLAIN,), trustees=TRUSTEES, **more):
    return forge.make_manifest(OPERATOR, trustees, 0, list(contests), minimum=1, groups=groups, **more)


class Manifests(unittest.TestCase):
    def refused(self, data):
        with self.assertRaises((DecodeError, ManifestError)):
            Manifest(data)

    def test_bytes(self):
        data = make([("Ministry", 1, 1, 0, 1), ("Universities", 3, 2, 3)])
        group = text("Ministry") + u16(1) + u16(0) + u16(1) + u32(1) + text("Trustee 0") + TRUSTEES[0].key
        self.assertIn(OPERATOR.key + u32(2) + group + text("Universities") + u16(2) + u16(3) + u16(0) + u32(3), data)
        manifest = read_manifest(data)
        self.assertEqual([key for _, key in manifest.trustees], [trustee.key for trustee in TRUSTEES])
        numbers = [(g.name, g.threshold, g.close_quorum, g.rehearsals, len(g.trustees)) for g in manifest.groups]
        self.assertEqual(numbers, [("Ministry", 1, 0, 1, 1), ("Universities", 2, 3, 0, 3)])
        alone = Manifest(forge.make_manifest(OPERATOR, TRUSTEES, 2, [PLAIN]))
        self.assertEqual([(g.name, len(g.trustees)) for g in alone.groups], [("", 4)])
        Manifest(make([("All", 4, 2)]))
        start = data.index(u32(2) + group)
        for end in range(start, start + 4 + len(group), 7):
            self.refused(data[:end])

    def test_names(self):
        for first, second in (
            ("", "b"),
            ("a", ""),
            ("", ""),
            ("a", "A"),
            ("a", "ａ"),
            ("a ", "b"),
            ("a\u200b", "b"),
            ("a" * 401, "b"),
        ):
            with self.subTest(first=first[:9], second=second):
                self.refused(make([(first, 1, 1), (second, 3, 2)]))
        for name in ("a ", "\u200b", "a" * 401):
            self.refused(make([(name, 4, 2)]))
        Manifest(make([("a" * 400, 1, 1), ("Trustee 0", 3, 2)]))

    def test_numbers_of_each_group(self):
        for groups in (
            [("a", 1, 0), ("b", 3, 2)],
            [("a", 1, 2), ("b", 3, 2)],
            [("a", 1, 1), ("b", 3, 0)],
            [("a", 1, 1), ("b", 3, 4)],
            [("a", 1, 1, 2), ("b", 3, 2)],
            [("a", 1, 1), ("b", 3, 2, 1)],
            [("a", 1, 1), ("b", 3, 2, 4)],
            [("a", 1, 1, 0, 2), ("b", 3, 2)],
            [("a", 1, 1), ("b", 3, 2, 0, 4)],
            [("a", 0, 0), ("b", 4, 2)],
            [("a", 0, 1), ("b", 4, 2)],
            [("a", 4, 2), ("b", 0, 0)],
        ):
            with self.subTest(groups):
                self.refused(make(groups))
        Manifest(make([("a", 1, 1, 1, 1), ("b", 3, 2, 3, 3)]))
        none = make().replace(u32(2) + text("Ministry"), u32(0) + text("Ministry"))
        self.refused(none)

    def test_trustees_differ_over_all_groups(self):
        self.refused(make(trustees=[TRUSTEES[1], *TRUSTEES[1:]]))
        self.refused(make(trustees=[OPERATOR, *TRUSTEES[1:]]))
        self.refused(make().replace(text("Trustee 0"), text("trustee 1")))
        trustees = [Author() for _ in range(256)]
        Manifest(make([("a", 128, 2), ("b", 127, 2)], trustees=trustees[:255]))
        self.refused(make([("a", 128, 2), ("b", 128, 2)], trustees=trustees))

    def test_each_possesses_a_key(self):
        trustees = [Author() for _ in range(4)]
        trustees[3].key = trustees[3].point + trustees[2].key[32:]
        with self.assertRaises(ManifestError):
            read_manifest(make(trustees=trustees))

    def test_views(self):
        b = forge.Board(OPERATOR, make([("Ministry", 1, 1, 0, 1), ("Universities", 3, 2, 3)]))
        view = json.loads(views_of(b.state)["manifest.json"])
        ministry, universities = view["trustees"]
        self.assertEqual(list(ministry), ["group", "threshold", "rehearsals", "members"])
        self.assertEqual(list(universities), ["group", "threshold", "close_quorum", "rehearsals", "members"])
        self.assertEqual(
            [(m["group"], len(m["members"])) for m in view["trustees"]], [("Ministry", 1), ("Universities", 3)]
        )
        self.assertEqual(list(ministry["members"][0]), ["name", "key"])
        self.assertEqual(list(view)[4:6], ["trustees", "minimum_cell"])
        view = json.loads(views_of(forge.Board(OPERATOR, make([("All", 4, 2)])).state)["manifest.json"])
        self.assertEqual(view["trustees"][0]["group"], "All")
        self.assertNotIn("threshold", view)
        view = json.loads(
            views_of(forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, [PLAIN])).state)["manifest.json"]
        )
        self.assertEqual((view["threshold"], list(view["trustees"][0])), (2, ["name", "key"]))


class Groups(unittest.TestCase):
    """A ceremony and what follows, with some of the messages altered."""

    def begin(self, groups=GROUPS, **more):
        self.board = forge.Board(OPERATOR, make(groups, **more))
        self.assertEqual(self.board.refusals, [])

    @property
    def setup(self):
        return self.board.state.running.setup

    def refused(self, name, check, detail=None):
        self.assertEqual([(r.name, r.check) for r in self.board.refusals], [(name, check)])
        if detail:
            self.assertIn(detail, str(self.board.refusals[0]))
        # What was refused is no part of the board.
        self.board.refusals.clear()
        self.board.objects.pop()
        self.board.tree = board.Tree()
        for entry in self.board.entries():
            self.board.tree.push(entry)

    def accepted(self):
        self.assertEqual([str(r) for r in self.board.refusals], [])

    def deal(self, numbers, people=TRUSTEES, constants=None, **more):
        """Commits and deals of these dealers."""
        setup = self.setup
        self.deals = {
            i: forge.make_deal(setup, i, people[i - 1], constants and constants[i], **more.get(f"of_{i}", {}))
            for i in numbers
        }
        for i, deal in self.deals.items():
            self.board.post(board.COMMIT, forge.make_commit(setup, i, people[i - 1], deal))
        self.board.operate(board.ROUND, b"\0")
        for deal in self.deals.values():
            self.board.post(board.DEAL, deal)
        self.board.operate(board.ROUND, b"\1")

    def confirm(self, numbers, people=TRUSTEES):
        self.board.operate(board.ROUND, b"\2")
        made = self.board.state.running.ceremony
        for j in numbers:
            self.board.post(board.CONFIRMATION, forge.make_confirmation(made, j, people[j - 1]))
        self.board.operate(board.ROUND, b"\3")
        return made

    def keys(self, numbers=(1, 2, 3, 4)):
        self.deal(numbers)
        self.made = self.confirm(numbers)
        self.accepted()
        return self.made

    def roll(self, weights=(1, 1)):
        manifest = self.board.state.manifest
        lines = [voter.registration(manifest, 0, weight) for voter, weight in zip(VOTERS, weights)]
        self.board.operate(board.ROLL, items(lines))

    def shares_of(self, j, person, made=None):
        """The shares of a trustee, by slot."""
        made = made or self.made
        observer = next(o for o in self.board.state.ended if o.ceremony is made)
        deals = [deal for deal in observer.left() if j in deal.shares]
        weights = keys.lagrange([deal.dealer for deal in deals]) if made.setup.previous else [1] * len(deals)
        parts = [forge.open_share(made.setup, deal, j, person) for deal in deals]
        return [sum(w * s for w, s in zip(weights, column)) % L for column in zip(*parts)]

    def close(self, numbers, people=TRUSTEES):
        if not self.board.state.frozen:
            self.board.operate(board.FREEZE, b"")
        size, root = self.board.state.frozen
        for j in numbers:
            made = self.board.state.ceremony()
            self.board.post(board.CLOSE, forge.make_close_signature(made, j, people[j - 1], size, root))

    def rehearse(self, numbers, question=bytes(32)):
        self.board.operate(board.QUESTION, question)
        for j in numbers:
            shares = self.shares_of(j, TRUSTEES[j - 1])
            rehearsal = forge.make_rehearsal(self.made, j, TRUSTEES[j - 1], shares, question)
            self.board.post(board.REHEARSAL, rehearsal)


class Ceremonies(Groups):
    def test_contexts(self):
        self.begin()
        manifest, setup = self.board.state.manifest, self.setup
        t = Transcript("ceremony").put("manifest", manifest.hash).put("epoch", 0)
        t.put("n", 1).put("t", 1).put_list("C", [TRUSTEES[0].point])
        t.put("n", 3).put("t", 2).put_list("C", [trustee.point for trustee in TRUSTEES[1:]])
        self.assertEqual(setup.context.clone().challenge("x"), t.challenge("x"))
        made = self.keys((1, 2, 4))
        t = made.election.transcript.clone().put("epoch", 0).put("n", 1).put("t", 1)
        t.put_list("Yj", made.verification_keys[1]).put("n", 3).put("t", 2).put_list("Yj", made.verification_keys[2])
        t.put_list("Yj", []).put_list("Yj", made.verification_keys[4])
        self.assertEqual(made.opening.clone().challenge("x"), t.challenge("x"))

    def test_keys_are_the_sum_of_those_of_groups(self):
        self.begin()
        made = self.keys()
        shares = {j: self.shares_of(j, TRUSTEES[j - 1]) for j in (1, 2, 3, 4)}
        for j, of in shares.items():
            self.assertEqual(list(map(forge.times, of)), made.verification_keys[j])
        for pair in ((2, 3), (2, 4), (3, 4)):
            weights = keys.lagrange(pair)
            secrets = [sum(w * shares[j][k] for w, j in zip(weights, pair)) + shares[1][k] for k in range(2)]
            self.assertEqual(list(map(forge.times, secrets)), made.slot_keys)
        # Not with the coefficients of all three, and not without the ministry.
        weights = keys.lagrange((1, 2, 3))
        secrets = [sum(w * shares[j][k] for w, j in zip(weights, (1, 2, 3))) for k in range(2)]
        self.assertNotEqual(list(map(forge.times, secrets)), made.slot_keys)

    def test_a_deal_is_for_its_group(self):
        self.begin()
        slots, setup = self.board.state.manifest.slots, self.setup
        for dealer, t, n in ((1, 1, 1), (2, 2, 3)):
            deal = forge.make_deal(setup, dealer, TRUSTEES[dealer - 1])
            size = 2 + 32 * slots * t + 32 + n * (32 * slots + 16) + 64 * (2 + slots)
            self.assertEqual((len(deal), setup.deal_size(dealer)), (size, size))
            read = keys.Deal(setup, deal)
            self.assertEqual(list(read.shares), [1] if dealer == 1 else [2, 3, 4])
            for end in (0, 1, size - 1, size - 32):
                with self.assertRaises(DecodeError):
                    keys.Deal(setup, deal[:end])
            for other in (deal + b"\0", u16(3 - dealer) + deal[2:], u16(0) + deal[2:], u16(5) + deal[2:]):
                with self.assertRaises(DecodeError):
                    keys.Deal(setup, other)
        # The proof binds the dealer, in a group, too.
        deal = forge.make_deal(setup, 2, TRUSTEES[1])
        self.assertEqual(keys.read_deal(setup, 3, u16(3) + deal[2:])[1], "InvalidDeal: [KEY.DEAL]")

    def test_a_deal_to_others_than_its_group_is_evidence(self):
        self.begin()
        # A deal to all four, as if there were no groups.
        alone = keys.Setup(self.board.state.manifest, 0, [(2, tuple(self.setup.members))])
        wrong = forge.make_deal(alone, 2, TRUSTEES[1])
        deals = {2: wrong} | {i: forge.make_deal(self.setup, i, TRUSTEES[i - 1]) for i in (1, 3, 4)}
        for i, deal in deals.items():
            self.board.post(board.COMMIT, forge.make_commit(self.setup, i, TRUSTEES[i - 1], deal))
        commit = self.board.objects[1][1:]
        self.board.operate(board.ROUND, b"\0")
        for deal in deals.values():
            self.board.post(board.DEAL, deal)
        self.board.operate(board.ROUND, b"\1")
        setup = self.setup
        made = self.confirm((1, 3, 4))
        self.accepted()
        self.assertEqual(made.holders, (1, 3, 4))
        certificate = b"\0" + u32(len(wrong)) + wrong + commit
        self.assertEqual(keys.guilty(setup, certificate), ("dealer", 2))

    def test_large_deals_are_measured_by_their_group(self):
        self.begin()
        for dealer, surplus, name in ((1, 65_535, None), (2, 65_536, "Keys"), (3, 65_535, None)):
            self.begin()
            large = u16(dealer) + bytes(self.setup.deal_size(dealer) + surplus - 2)
            deals = [large if i == dealer else forge.make_deal(self.setup, i, TRUSTEES[i - 1]) for i in (1, 2, 3, 4)]
            for i, deal in enumerate(deals, 1):
                self.board.post(board.COMMIT, forge.make_commit(self.setup, i, TRUSTEES[i - 1], deal))
            self.board.operate(board.ROUND, b"\0")
            self.board.post(board.DEAL, large)
            if name:
                self.refused(name, "keys.deals", "BadDeal")
            self.accepted()

    def test_a_complaint_is_about_a_deal_to_ones_group(self):
        self.begin()
        self.deal((1, 2, 3, 4), of_2=dict(spoil_for=3))
        running = self.board.state.running
        for member, dealer in ((1, 2), (3, 1)):
            complaint = forge.make_complaint(self.setup, running.deals[dealer], member, TRUSTEES[member - 1])
            self.board.post(board.COMPLAINT, complaint)
            self.refused("Keys", "keys.deals", "NoDeal")
            deal = running.deals[dealer].bytes
            self.assertIsNone(keys.guilty(self.setup, b"\1" + u32(len(deal)) + deal + complaint))
        good = forge.make_complaint(self.setup, running.deals[2], 3, TRUSTEES[2])
        self.board.post(board.COMPLAINT, good)
        deal = running.deals[2].bytes
        self.assertEqual(keys.guilty(self.setup, b"\1" + u32(len(deal)) + deal + good), ("dealer", 2))
        made = self.confirm((1, 3, 4))
        self.accepted()
        self.assertEqual(made.holders, (1, 3, 4))

    def test_every_group_is_waited_for(self):
        for numbers, group in (((2, 3, 4), 0), ((1, 2), 1), ((1,), 1)):
            self.begin()
            for i in numbers:
                deal = forge.make_deal(self.setup, i, TRUSTEES[i - 1])
                self.board.post(board.COMMIT, forge.make_commit(self.setup, i, TRUSTEES[i - 1], deal))
            self.board.operate(board.ROUND, b"\0")
            self.refused("Keys", "keys.deals", f"TooFew {1 + group} of group {group}")
        for numbers, group in (((2, 3, 4), 0), ((1, 2), 1)):
            self.begin()
            deals = {i: forge.make_deal(self.setup, i, TRUSTEES[i - 1]) for i in (1, 2, 3, 4)}
            for i, deal in deals.items():
                self.board.post(board.COMMIT, forge.make_commit(self.setup, i, TRUSTEES[i - 1], deal))
            self.board.operate(board.ROUND, b"\0")
            for i in numbers:
                self.board.post(board.DEAL, deals[i])
            self.board.operate(board.ROUND, b"\1")
            self.refused("Keys", "keys.deals", f"TooFew {1 + group} of group {group}")
        for numbers, group in (((2, 3, 4), 0), ((1, 4), 1)):
            self.begin()
            self.deal((1, 2, 3, 4))
            self.confirm(numbers)
            self.refused("Keys", "keys.confirmed", f"TooFew {1 + group} of group {group}")

    def test_too_few_are_left_of_a_group(self):
        # Both complaints are true, and one university is left; the ministry does not make up for it.
        self.begin()
        self.deal((1, 2, 3, 4), of_2=dict(spoil_for=3), of_3=dict(spoil_for=4))
        running = self.board.state.running
        for member, dealer in ((3, 2), (4, 3)):
            complaint = forge.make_complaint(self.setup, running.deals[dealer], member, TRUSTEES[member - 1])
            self.board.post(board.COMPLAINT, complaint)
        self.accepted()
        self.board.operate(board.ROUND, b"\2")
        self.refused("Keys", "keys.deals", "TooFew 2 of group 1")


class Voting(Groups):
    def test_rehearsals_of_each_group(self):
        groups = [("Ministry", 1, 1, 0, 1), ("Universities", 3, 2, 0, 2)]
        for numbers, holds in (((), False), ((2, 3, 4), False), ((1, 2), False), ((1, 2, 4), True)):
            self.begin(groups)
            self.keys()
            self.rehearse(numbers)
            self.roll()
            if not holds:
                self.refused("Rehearsals", "keys.rehearsed")
            self.accepted()
        # Where fewer hold a share, all of these.
        self.begin([("Ministry", 1, 1), ("Universities", 3, 2, 0, 3)])
        self.keys((1, 2, 4))
        self.rehearse((2, 4))
        self.roll()
        self.accepted()

    def opened(self, groups=GROUPS, weights=(1, 1), **more):
        self.begin(groups, **more)
        self.keys()
        self.roll(weights)

    def test_each_group_closes(self):
        # ⌈(1+1)/2⌉ and ⌈(3+2)/2⌉, or what the manifest says.
        for groups, numbers, closes_with in (
            (GROUPS, (2, 3, 4, 1), 4),
            (GROUPS, (1, 2, 3, 4), 4),
            ([("Ministry", 1, 1), ("Universities", 3, 2, 2)], (2, 3, 4, 1), 4),
            ([("Ministry", 1, 1), ("Universities", 3, 2, 2)], (1, 2, 3), 3),
            ([("Ministry", 2, 1), ("Universities", 2, 2)], (1, 3, 4, 2), 4),
            ([("Ministry", 2, 1, 1), ("Universities", 2, 2)], (2, 4, 3), 3),
        ):
            self.opened(groups)
            for number, j in enumerate(numbers, 1):
                self.assertFalse(self.board.state.closed)
                self.close([j])
                self.accepted()
                if number < closes_with:
                    self.board.operate(board.TALLY, b"")
                    self.refused("Quorum", "close.quorum")
            self.assertTrue(self.board.state.closed)

    def test_nobody_signs_twice_or_without_a_share(self):
        self.opened()
        self.close([2])
        for j in (2, 5):
            size, root = self.board.state.frozen
            self.board.post(
                board.CLOSE,
                forge.make_close_signature(self.made, j, TRUSTEES[1], size, root) if j == 2 else u16(j) + bytes(64),
            )
            self.refused("Malformed" if j == 5 else "Trustee", "close.quorum")

    def tally(self):
        ballots = [forge.make_ballot(self.made.election, voter, 0, 0, [([1, 0], 0)]) for voter in VOTERS]
        for ballot in ballots:
            self.board.post(board.BALLOT, ballot)
        self.close((1, 2, 3, 4))
        self.board.operate(board.TALLY, self.board.state.tally_so_far().bytes)
        self.accepted()

    def open_by(self, *numbers, wrong=()):
        for j in numbers:
            shares = self.shares_of(j, TRUSTEES[j - 1])
            share = forge.make_share(self.made, self.board.state.tally, j, TRUSTEES[j - 1], shares, wrong=j in wrong)
            self.board.post(board.SHARE, share)

    def finish(self, totals=((2, 0),)):
        self.board.operate(board.RESULT, forge.make_result(totals, ([2], [2], [], 2)))

    def test_each_group_opens(self):
        for numbers, holds in (((2, 3, 4), False), ((1, 3), False), ((1, 2, 4), True), ((4, 3, 2, 1), True)):
            self.opened()
            self.tally()
            self.open_by(*numbers)
            self.finish()
            if not holds:
                self.refused("TooFewShares", "result.totals")
                continue
            self.accepted()
            verdict = judge(self.board.entries())
            self.assertTrue(verdict.accepted)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            report(verdict)
        line = "any 2 of trustees [2, 3, 4] of Universities, with those of each other group, open"
        self.assertIn(line, out.getvalue())

    def test_a_wrong_share_is_replaced_within_its_group(self):
        self.opened()
        self.tally()
        self.open_by(1, 2, 3, wrong=[2])
        self.accepted()
        self.finish()
        self.refused("TooFewShares", "result.totals")
        self.open_by(4)
        self.finish([(2, 1)])
        self.refused("WrongTotal", "result.totals")
        self.finish()
        self.accepted()
        self.assertEqual(list(self.board.state.faulty), [2])

    def test_groups_open_what_voters_split(self):
        self.opened(contests=[PLAIN, make_split("shares", ["a", "b"], 70_000)], weights=(70_000, 9))
        for voter, split in zip(VOTERS, ([1, 69_999], [9, 0])):
            choices = [([1, 0], 0), (split, 0)]
            ballot = forge.make_ballot(self.made.election, voter, 0, 0, choices, weight=sum(split))
            self.board.post(board.BALLOT, ballot)
        self.close((4, 1, 2, 3))
        self.board.operate(board.TALLY, self.board.state.tally_so_far().bytes)
        self.open_by(3, 1, 2)
        self.finish([(70_009, 0), (10, 0, 69_999, 0)])
        self.accepted()
        self.assertTrue(judge(self.board.entries()).accepted)


class Mixing(Groups):
    def test_each_group_mixes_as_often_as_its_threshold(self):
        ranking = make_contest("r", ["a", "b"], 0, 2, 1, RANKING, count=(SCHULZE, 1, LOT))
        self.begin(contests=[ranking])
        self.keys()
        self.roll()
        for voter, ranks in zip(VOTERS, (b"\1\2", b"\1\0")):
            choices = [([], 0, forge_mixes.encode_message(ranks, 1))]
            self.board.post(board.BALLOT, forge.make_ballot(self.made.election, voter, 0, 0, choices))
        self.close((1, 2, 3, 4))
        self.board.operate(board.TALLY, self.board.state.tally_so_far().bytes)
        self.accepted()
        mixing = self.board.state.mixing

        def mix(j, **more):
            made = forge_mixes.make_mix(self.made, mixing, j, TRUSTEES[j - 1], 0, **more)
            self.board.post(board.MIX, made)

        mix(1)
        self.accepted()
        mix(1)
        self.refused("Mix", "mixes.proofs", "has mixed cell 0")
        mix(4)
        self.accepted()
        self.assertFalse(mixing.is_complete())
        mix(2, position=1)
        self.refused("Mix", "mixes.proofs", "2 is next")
        mix(2)
        self.accepted()
        self.assertTrue(mixing.is_complete())
        mix(3)
        self.refused("OutOfPhase", "record.order")

        # Of the ministry one mix is enough, whoever comes first.
        self.begin([("Ministry", 2, 1), ("Universities", 2, 2)], contests=[ranking])
        self.keys()
        self.roll()
        choices = [([], 0, forge_mixes.encode_message(b"\1\2", 1))]
        for voter in VOTERS:
            self.board.post(board.BALLOT, forge.make_ballot(self.made.election, voter, 0, 0, choices))
        self.close((1, 2, 3, 4))
        self.board.operate(board.TALLY, self.board.state.tally_so_far().bytes)
        mixing = self.board.state.mixing
        mix(2)
        self.accepted()
        mix(1)
        self.refused("Mix", "mixes.proofs", "another group")
        mix(3)
        mix(4)
        self.accepted()
        self.assertEqual((mixing.is_complete(), mixing.cascades[0].by), (True, [2, 3, 4]))


class Resharing(Groups):
    # The ministry gets a second member, who was of a university, and one university is new.
    PEOPLE = [TRUSTEES[0], TRUSTEES[3], TRUSTEES[1], Author()]
    NAMES = ["Min", "Moved", "One", "New"]

    def order(self, *groups):
        """The content of a resharing, from a threshold and the names and keys of members for each group."""
        return b"".join(u16(t) + items([text(name) + person.key for name, person in of]) for t, of in groups)

    def members(self):
        return list(zip(self.NAMES, self.PEOPLE))

    def ready(self, groups=GROUPS):
        self.begin(groups)
        self.keys()

    def test_what_is_refused(self):
        self.ready()
        a, b, c, d = self.members()
        for groups, name in (
            ([(1, [a, b, c, d])], "Malformed"),
            ([], "Malformed"),
            ([(1, [a]), (1, [b]), (1, [c])], "Malformed"),
            ([(1, []), (1, [a, b])], "Keys"),
            ([(0, []), (1, [a, b])], "Keys"),
            ([(1, [a, b]), (1, [])], "Keys"),
            ([(2, [a]), (1, [b, c])], "Keys"),
            ([(1, [a]), (3, [b, c])], "Keys"),
            ([(0, [a]), (1, [b, c])], "Keys"),
            ([(1, [a]), (1, [("MIN", b[1]), c])], "Keys"),
            ([(1, [a]), (1, [("Other", a[1]), c])], "Keys"),
            ([(1, [a]), (1, [("Operator", OPERATOR), c])], "Keys"),
            ([(1, [("", a[1])]), (1, [b, c])], "Keys"),
        ):
            with self.subTest([(t, len(of)) for t, of in groups]):
                self.board.operate(board.RESHARE, self.order(*groups))
                self.refused(name, "keys.deals")
        good = self.order((2, [a, b]), (1, [c, d]))
        for content in (good[:-1], good + b"\0", good[: len(self.order((2, [a, b])))]):
            self.board.operate(board.RESHARE, content)
            self.refused("Malformed", "keys.deals")
        self.board.operate(board.RESHARE, good)
        self.accepted()

    def test_at_most_255_members_of_all_groups(self):
        self.ready()
        people = [(f"M {i}", Author()) for i in range(256)]
        self.board.operate(board.RESHARE, self.order((1, people[:128]), (1, people[128:])))
        self.refused("Keys", "keys.deals")
        self.board.operate(board.RESHARE, self.order((1, people[:128]), (1, people[128:255])))
        self.accepted()

    def reshare(self, dealers, t=(2, 1)):
        members = self.members()
        self.board.operate(board.RESHARE, self.order((t[0], members[:2]), (t[1], members[2:])))
        self.accepted()
        constants = {j: self.shares_of(j, TRUSTEES[j - 1]) for j in dealers}
        self.deal(dealers, constants=constants)

    def test_from_group_to_group(self):
        self.ready()
        old = self.made
        self.reshare((1, 2, 4))
        self.assertEqual(
            [list(keys.Deal(self.setup, self.deals[j]).shares) for j in (1, 2, 4)], [[1, 2], [3, 4], [3, 4]]
        )
        new = self.confirm((1, 2, 3), self.PEOPLE)
        self.accepted()
        self.assertEqual((new.slot_keys, new.holders), (old.slot_keys, (1, 2, 3, 4)))
        self.assertEqual([new.close_quorum(g) for g in (0, 1)], [2, 2])
        shares = {j: self.shares_of(j, person, new) for j, person in enumerate(self.PEOPLE, 1)}
        for j, of in shares.items():
            self.assertEqual(list(map(forge.times, of)), new.verification_keys[j])
        # Each group keeps its key, so old shares of one open with new ones of another.
        of_ministry, of_universities = keys.lagrange((1, 2)), keys.lagrange((3, 4))
        before = {j: self.shares_of(j, TRUSTEES[j - 1], old) for j in (1, 3, 4)}
        for k, key in enumerate(old.slot_keys):
            ministry = sum(w * shares[j][k] for w, j in zip(of_ministry, (1, 2)))
            self.assertEqual(forge.times(ministry + shares[3][k]), key)
            self.assertEqual(
                forge.times(ministry + sum(w * before[j][k] for w, j in zip(of_universities, (3, 4)))), key
            )
        # A ballot, and everybody who is needed now.
        self.made = new
        self.roll()
        for voter in VOTERS:
            self.board.post(board.BALLOT, forge.make_ballot(new.election, voter, 0, 0, [([0, 1], 0)]))
        self.close((4, 1, 3), self.PEOPLE)
        self.assertFalse(self.board.state.closed)
        self.close((2,), self.PEOPLE)
        self.board.operate(board.TALLY, self.board.state.tally_so_far().bytes)
        for j in (1, 2, 4):
            share = forge.make_share(new, self.board.state.tally, j, self.PEOPLE[j - 1], shares[j])
            self.board.post(board.SHARE, share)
        self.board.operate(board.RESULT, forge.make_result([(0, 2)], ([2], [2], [], 2)))
        self.accepted()
        self.assertTrue(judge(self.board.entries()).accepted)

    def test_each_group_hands_over(self):
        # h + t − q of each: of one ministry 1, of three universities 2.
        for dealers, group in (((2, 3, 4), 0), ((1, 3), 1)):
            self.ready()
            a, b, c, d = self.members()
            self.board.operate(board.RESHARE, self.order((2, [a, b]), (1, [c, d])))
            for j in dealers:
                deal = forge.make_deal(self.setup, j, TRUSTEES[j - 1], self.shares_of(j, TRUSTEES[j - 1]))
                self.board.post(board.COMMIT, forge.make_commit(self.setup, j, TRUSTEES[j - 1], deal))
            self.accepted()
            self.board.operate(board.ROUND, b"\0")
            self.refused("Keys", "keys.deals", f"TooFew {1 + group} of group {group}")

    def test_a_dealer_deals_the_shares_of_its_own_group(self):
        self.ready()
        a, b, c, d = self.members()
        self.board.operate(board.RESHARE, self.order((2, [a, b]), (1, [c, d])))
        wrong = forge.make_deal(self.setup, 1, TRUSTEES[0], self.shares_of(2, TRUSTEES[1]))
        self.assertEqual(keys.Deal(self.setup, wrong).fault(self.setup), "KEY.RESHARE")

    def test_no_freeze_once_a_group_has_handed_over(self):
        for j, holds in ((1, False), (4, False), (None, True)):
            self.ready()
            self.roll()
            a, b, c, d = self.members()
            self.board.operate(board.RESHARE, self.order((2, [a, b]), (1, [c, d])))
            if j:
                deal = forge.make_deal(self.setup, j, TRUSTEES[j - 1], self.shares_of(j, TRUSTEES[j - 1]))
                self.board.post(board.COMMIT, forge.make_commit(self.setup, j, TRUSTEES[j - 1], deal))
            self.accepted()
            self.board.operate(board.FREEZE, b"")
            if not holds:
                self.refused("HandedOver", "close.quorum")
            self.accepted()

    def test_a_fixed_quorum_is_of_its_group(self):
        self.ready([("Ministry", 1, 1), ("Universities", 3, 2, 2)])
        self.assertEqual([self.made.close_quorum(g) for g in (0, 1)], [1, 2])
        self.assertEqual([self.made.hand_over_quorum(g) for g in (0, 1)], [1, 3])
        self.reshare((1, 2, 3, 4), (1, 2))
        new = self.confirm((1, 2, 3, 4), self.PEOPLE)
        # Never fewer than any two quorums need to meet.
        self.assertEqual([new.close_quorum(g) for g in (0, 1)], [2, 2])

    def test_entries(self):
        a, b, c, d = self.members()
        content = self.order((2, [a, b]), (1, [c]))
        line = json.loads(entry_line(9, bytes([board.RESHARE]) + content + bytes(64)))
        groups = [{"threshold": 2, "members": ["Min", "Moved"]}, {"threshold": 1, "members": ["One"]}]
        self.assertEqual(
            line, {"entry": 9, "kind": "resharing", "bytes": len(content) + 65, "author": "operator", "groups": groups}
        )
        content = self.order((2, [a, b]))
        line = json.loads(entry_line(9, bytes([board.RESHARE]) + content + bytes(64)))
        self.assertEqual(list(line)[3:], ["author", "threshold", "members"])
        for rest in (bytes(63), bytes(65), bytes(64 + 5)):
            line = json.loads(entry_line(9, bytes([board.RESHARE]) + content + rest))
            self.assertEqual(list(line), ["entry", "kind", "bytes"])


class Cancelling(Groups):
    def test_a_deal_that_cancels_another_group_has_no_proof(self):
        self.begin()
        others = [keys.Deal(self.setup, forge.make_deal(self.setup, i, TRUSTEES[i - 1])) for i in (2, 3)]
        deal = forge.make_deal(self.setup, 1, TRUSTEES[0])
        slots = self.board.state.manifest.slots
        # The ministry's key would be one that it knows, less the others'.
        points = []
        for slot in range(slots):
            less = add(decode(others[0].commitments[slot][0]), decode(others[1].commitments[slot][0]))
            points.append(encode(multiscalar([(1, multiply(5, BASE)), (-1, less)])))
        cancelling = deal[:2] + b"".join(points) + deal[2 + 32 * slots :]
        self.assertEqual(keys.Deal(self.setup, cancelling).fault(self.setup), "KEY.DEAL")


if __name__ == "__main__":
    unittest.main()
