"""A small election made here, and the verdicts when something is wrong."""

import unittest

import bech32m
import board
import forge
import keys
from audit import KEPT, Expect, audit
from codec import DecodeError, Reader, u16, u32, u64
from decryption import tally_of
from forge import Author, Voter
from record import Record
from ristretto import L
from rules import weights
from text import is_text

OPERATOR = Author()
TRUSTEES = [Author() for _ in range(3)]
VOTERS = [Voter() for _ in range(4)]
CHOICES = [([1, 1, 0], 0), ([1, 0], 0)]


def judge(entries, torn=None, **expect):
    return audit(Record(entries, torn), Expect(**expect))


def ceremony(b, spoil_for=None, complain=()):
    """The first ceremony, in which dealer 1 may deal a bad share. Pairs in `complain` are member and dealer."""
    setup = b.state.running.setup
    deals = [forge.make_deal(setup, 1, TRUSTEES[0], spoil_for=spoil_for)]
    deals += [forge.make_deal(setup, i, TRUSTEES[i - 1]) for i in (2, 3)]
    for i, deal in enumerate(deals, 1):
        b.post(board.COMMIT, forge.make_commit(setup, i, TRUSTEES[i - 1], deal))
    b.operate(board.ROUND, b"\0")
    for deal in deals:
        b.post(board.DEAL, deal)
    b.operate(board.ROUND, b"\1")
    for member, dealer in complain:
        deal = b.state.running.deals[dealer]
        b.post(board.COMPLAINT, forge.make_complaint(setup, deal, member, TRUSTEES[member - 1]))
    b.operate(board.ROUND, b"\2")
    made = b.state.running.ceremony
    for j in made.holders:
        b.post(board.CONFIRMATION, forge.make_confirmation(made, j, TRUSTEES[j - 1]))
    b.operate(board.ROUND, b"\3")
    return made


def opened(b):
    """A board up to the roll."""
    made = ceremony(b)
    lines = [voter.registration(b.state.manifest, i % 2, 1 + i) for i, voter in enumerate(VOTERS)]
    b.operate(board.ROLL, forge.items(lines))
    return made


def shares_of(b, made, j):
    deals = b.state.ended[0].left()
    parts = [forge.open_share(made.setup, deal, j, TRUSTEES[j - 1]) for deal in deals]
    return [sum(column) % L for column in zip(*parts)]


def close(b, made):
    b.operate(board.FREEZE, b"")
    sign_close(b, made, made.holders)


def sign_close(b, made, numbers):
    size, root = b.state.frozen
    for j in numbers:
        b.post(board.CLOSE, forge.make_close_signature(made, j, TRUSTEES[j - 1], size, root))


def start(**options):
    return forge.Board(OPERATOR, forge.make_small_manifest(OPERATOR, TRUSTEES, 2, **options))


def ballot(made, i, sequence=0, **options):
    return forge.make_ballot(made.election, VOTERS[i], i % 2, sequence, CHOICES, **options)


def whole(wrong_share=False, turnout=None, totals=None, **options):
    b = start(**options)
    made = opened(b)
    for i in range(4):
        b.post(board.BALLOT, ballot(made, i, station=0 if i == 1 else None))
    b.post(board.BALLOT, ballot(made, 1, 1))
    close(b, made)
    s = b.state
    tally = tally_of(s.manifest, tuple((last, s.roll.voters[voter][1]) for voter, (last, _) in s.last.items()))
    b.operate(board.TALLY, tally.bytes)
    if wrong_share:
        b.post(board.SHARE, forge.make_share(made, tally, 1, TRUSTEES[0], shares_of(b, made, 1), wrong=True))
    for j in (1, 3):
        b.post(board.SHARE, forge.make_share(made, tally, j, TRUSTEES[j - 1], shares_of(b, made, j)))
    # Weights 1 and 3 in the first district, 2 and 4 in the second.
    totals = totals or [[4, 4, 0, 0], [6, 6, 0, 0], [10, 0]]
    b.operate(board.RESULT, forge.make_result(totals, turnout or ([2, 2], [2, 2], [0], 4)))
    return b


class Whole(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.entries = whole().entries()

    def finds(self, entries, *expected, **options):
        verdict = judge(entries, **options)
        self.assertEqual([(f.check, f.entry) for f in verdict.findings], list(expected))
        return verdict

    def test_an_honest_election_is_verified(self):
        verdict = self.finds(self.entries)
        self.assertTrue(verdict.accepted)
        self.assertEqual((verdict.state.ballots, verdict.state.replaced), (5, 1))
        self.assertEqual(set(verdict.statuses.values()), {"passed", "not asked"})

    def test_other_expectations(self):
        self.finds(self.entries, ("manifest.expected", None), manifest=bytes(32))
        self.finds(self.entries, ("record.expected", None), root=bytes(32))
        self.finds(self.entries, ("record.expected", None), size=7)

    def test_a_record_may_be_partial(self):
        self.finds(self.entries[:-1], ("record.complete", None))
        self.assertTrue(self.finds(self.entries[:-1], partial=True).accepted)
        self.assertFalse(self.finds([], ("record.complete", None), partial=True).accepted)

    def test_every_entry_is_bound(self):
        for i, entry in enumerate(self.entries):
            for at in (1, len(entry) // 2, len(entry) - 1):
                changed = bytearray(entry)
                changed[at] ^= 1
                verdict = judge(self.entries[:i] + [bytes(changed)] + self.entries[i + 1 :])
                self.assertFalse(verdict.accepted, (i, at))

    def test_totals_and_turnout(self):
        last = len(self.entries) - 1
        wrong = whole(totals=[[4, 4, 0, 0], [6, 6, 0, 0], [9, 1]])
        self.finds(wrong.entries(), ("result.totals", last))
        wrong = whole(turnout=([2, 2], [2, 2], [1], 3))
        self.finds(wrong.entries(), ("result.turnout", last))

    def test_a_signed_wrong_share_is_named_and_fails_nothing(self):
        b = whole(wrong_share=True)
        self.finds(b.entries())
        self.assertEqual(b.state.faulty, {})  # since its trustee also sent a right one

    def test_nobody_sees_a_difference_in_pieces(self):
        for i in range(len(self.entries)):
            self.assertFalse(judge(self.entries[:i] + self.entries[i + 1 :]).accepted)


class Ballots(unittest.TestCase):
    def judge(self, *ballots):
        """The checks that consecutive ballots fail."""
        b = start()
        made = opened(b)
        for make in ballots:
            b.post(board.BALLOT, make(made))
        first = b.tree.size - len(ballots)
        findings = judge(b.entries(), partial=True).findings
        return [(f.check, f.entry - first) for f in findings]

    def test_rules(self):
        once = []

        def keep(made):
            once.append(ballot(made, 0))
            return once[0]

        findings = self.judge(
            keep,
            lambda made: once[0],
            lambda made: ballot(made, 0, 2),
            lambda made: ballot(made, 1, cheat=1),
            lambda made: ballot(made, 1, secret=5),
            lambda made: forge.make_ballot(made.election, Voter(), 0, 0, CHOICES),
            lambda made: forge.make_ballot(made.election, VOTERS[1], 0, 0, CHOICES),
            lambda made: ballot(made, 1)[:-1],
            lambda made: ballot(made, 1, nonce=99),
            lambda made: ballot(made, 2, nonce=99),
            lambda made: ballot(made, 0, 1),
            lambda made: ballot(made, 0, 2),
            lambda made: ballot(made, 0, 3),
        )
        expected = [
            ("ballot.unique", 1),
            ("ballot.sequence", 2),
            ("ballot.proof", 3),
            ("ballot.proof", 4),
            ("ballot.voter", 5),
            ("ballot.voter", 6),
            ("ballot.form", 7),
            ("ballot.unique", 9),
            ("ballot.sequence", 12),
        ]
        self.assertEqual(findings, expected)

    def test_weights_make_every_number(self):
        for most in range(40):
            sums = {0}
            for weight in weights(most):
                sums |= {weight + other for other in sums}
            self.assertEqual(sums, set(range(most + 1)))


class Closing(unittest.TestCase):
    def refused(self, b, name, check):
        self.assertEqual([(r.name, r.check) for r in b.refusals], [(name, check)])
        b.refusals.clear()

    def test_freeze_and_lift(self):
        b = start()
        made = opened(b)
        b.post(board.BALLOT, ballot(made, 0))
        b.operate(board.FREEZE, b"")
        first = forge.make_close_signature(made, 1, TRUSTEES[0], *b.state.frozen)
        for i, name in ((board.BALLOT, "Frozen"), (board.SPOIL, "Frozen"), (board.QUESTION, "OutOfPhase")):
            size = b.state.tree.size
            with self.assertRaises(board.Refusal) as caught:
                b.state.apply(bytes([i]) + ballot(made, 1))
            self.assertEqual((caught.exception.name, caught.exception.check), (name, "record.order"))
            self.assertEqual(b.state.tree.size, size)
        b.operate(board.LIFT, b"")
        b.post(board.BALLOT, ballot(made, 1))
        b.operate(board.FREEZE, b"")
        self.assertEqual((b.refusals, b.state.freezes), ([], [[16, 17], [19, None]]))
        with self.assertRaises(board.Refusal) as caught:
            b.state.apply(bytes([board.CLOSE]) + first)
        self.assertEqual((caught.exception.name, caught.exception.check), ("Signature", "close.quorum"))
        sign_close(b, made, made.holders)
        self.assertEqual((b.refusals, b.state.closed, b.state.closed_by), ([], True, [1, 2, 3]))

    def test_withdrawals(self):
        def withdrawal(contest, option, reason="ill"):
            return u32(contest) + u32(option) + forge.text(reason)

        b = start()
        b.operate(board.WITHDRAWAL, withdrawal(0, 0))
        self.refused(b, "OutOfPhase", "record.order")
        for content, author, name, check in (
            (withdrawal(0, 0), TRUSTEES[0], "Signature", "record.signatures"),
            (withdrawal(3, 0), None, "Withdrawal", "options.withdrawn"),
            (withdrawal(2, 2), None, "Withdrawal", "options.withdrawn"),
            (withdrawal(2, 0, ""), None, "Withdrawal", "options.withdrawn"),
            (withdrawal(2, 0, "x\u200b"), None, "Withdrawal", "options.withdrawn"),
            (withdrawal(0, 0) + b"\0", None, "Malformed", "options.withdrawn"),
            (withdrawal(0, 0)[:-1], None, "Malformed", "options.withdrawn"),
        ):
            b = start()
            opened(b)
            b.operate(board.WITHDRAWAL, content, author)
            self.refused(b, name, check)
        for first, second in (((0, 0), (0, 0)), ((2, 0), (2, 1))):
            b = start()
            opened(b)
            b.operate(board.WITHDRAWAL, withdrawal(*first))
            self.assertEqual((b.refusals, b.state.withdrawn), ([], {first: "ill"}))
            b.operate(board.WITHDRAWAL, withdrawal(*second))
            self.refused(b, "Withdrawal", "options.withdrawn")
        b = start()
        opened(b)
        b.operate(board.FREEZE, b"")
        b.operate(board.WITHDRAWAL, withdrawal(0, 0))
        self.refused(b, "OutOfPhase", "record.order")

    def test_what_ends_voting_is_refused(self):
        b = start()
        made = opened(b)
        b.post(board.CLOSE, bytes(66))
        self.refused(b, "OutOfPhase", "record.order")
        b = start()
        made = opened(b)
        b.operate(board.FREEZE, b"\0")
        self.refused(b, "Malformed", "close.quorum")
        b = start()
        made = opened(b)
        b.operate(board.FREEZE, b"", TRUSTEES[0])
        self.refused(b, "Signature", "record.signatures")
        b = start()
        made = opened(b)
        b.operate(board.FREEZE, b"")
        sign_close(b, made, [2, 2])
        self.refused(b, "Trustee", "close.quorum")
        b = start()
        made = opened(b)
        b.operate(board.FREEZE, b"")
        sign_close(b, made, [2])
        b.operate(board.LIFT, b"")
        self.refused(b, "CloseSigned", "record.order")
        b.operate(board.TALLY, b"")
        self.refused(b, "Quorum", "close.quorum")


class Ceremonies(unittest.TestCase):
    def test_complaints(self):
        b = start()
        made = ceremony(b, spoil_for=3, complain=[(3, 1)])
        self.assertEqual(list(made.holders), [2, 3])
        self.assertTrue(judge(b.entries(), partial=True).accepted)

    def test_too_few_are_left(self):
        b = start()
        with self.assertRaises(AttributeError):  # no keys, so nothing to confirm
            ceremony(b, spoil_for=3, complain=[(3, 1), (2, 3)])
        self.assertEqual([r.check for r in b.refusals], ["keys.deals"])

    def test_resharing_rehearsal_erasure(self):
        b = start()
        old = ceremony(b)
        new = [Author(), Author()]
        members = [forge.text(f"New {i}") + author.key for i, author in enumerate(new)]
        b.operate(board.RESHARE, u16(2) + forge.items(members))
        setup = b.state.running.setup
        deals = {j: forge.make_deal(setup, j, TRUSTEES[j - 1], shares_of(b, old, j)) for j in (1, 3)}
        for j, deal in deals.items():
            b.post(board.COMMIT, forge.make_commit(setup, j, TRUSTEES[j - 1], deal))
        b.operate(board.ROUND, b"\0")
        for deal in deals.values():
            b.post(board.DEAL, deal)
        b.operate(board.ROUND, b"\1")
        b.operate(board.ROUND, b"\2")
        made = b.state.running.ceremony
        self.assertEqual(made.slot_keys, old.slot_keys)
        for j in (1, 2):
            b.post(board.CONFIRMATION, forge.make_confirmation(made, j, new[j - 1]))
        b.operate(board.ROUND, b"\3")
        b.post(board.ERASURE, forge.make_erasure(old, 2, TRUSTEES[1]))
        question = bytes(range(32))
        b.operate(board.QUESTION, question)
        coefficients = keys.lagrange([1, 3])
        parts = [forge.open_share(setup, keys.Deal(setup, deal), 2, new[1]) for deal in deals.values()]
        shares = [sum(c * s for c, s in zip(coefficients, column)) % L for column in zip(*parts)]
        b.post(board.REHEARSAL, forge.make_rehearsal(made, 2, new[1], shares, question))
        self.assertEqual(b.refusals, [])
        self.assertEqual(b.state.rehearsals, {(1, 2): 1})
        b.post(board.ERASURE, forge.make_erasure(old, 2, TRUSTEES[1]))
        self.assertEqual([r.check for r in b.refusals], ["keys.erased"])

    def test_a_large_deal_that_was_promised(self):
        b = start()
        setup = b.state.running.setup
        for i in (1, 2, 3):
            deal = u16(1) + bytes(66_000) if i == 1 else forge.make_deal(setup, i, TRUSTEES[i - 1])
            b.post(board.COMMIT, forge.make_commit(setup, i, TRUSTEES[i - 1], deal))
            if i == 1:
                large = deal
        b.operate(board.ROUND, b"\0")
        b.post(board.DEAL, large)
        self.assertEqual(b.refusals, [])
        entries = b.entries()
        self.assertTrue(judge(entries, partial=True).accepted)
        n = len(entries)
        for i, entry in ((n - 1, b"\xff" + entries[-1][2:]), (n - 1, b"\5"), (n - 3, entries[-3] + b"\0")):
            verdict = judge(entries[:i] + [entry] + entries[i + 1 :], partial=True)
            self.assertEqual(verdict.failures(), {("record.form", i)})
        self.assertEqual(judge(entries[:-1], partial=True).failures(), {("record.form", n - 3)})


class Junk(unittest.TestCase):
    def test_findings_are_counted_and_the_first_are_kept(self):
        b = start()
        opened(b)
        entries = b.entries() + [b"\5"] * (KEPT + 500)
        verdict = audit(Record(entries), Expect(size=1, partial=True))
        self.assertEqual(verdict.findings.counts, {"ballot.form": KEPT + 500, "record.expected": 1})
        self.assertEqual(verdict.findings.left_out(), {"ballot.form": 500})
        # No finding of another check is lost among them.
        self.assertEqual(len(verdict.findings), KEPT + 1)
        self.assertEqual(verdict.statuses["record.expected"], "FAILED")


class Bytes(unittest.TestCase):
    def test_reader(self):
        for data, read in (
            (b"\0", lambda r: r.u16()),
            (b"\2", lambda r: r.flag()),
            (bytes(32), lambda r: r.element()),
            (L.to_bytes(32, "little"), lambda r: r.scalar()),
            (u32(2) + b"\xc3\x28", lambda r: r.text(9)),
            (u32(9) + b"abc", lambda r: r.list(r.u8, 10)),
            (b"\0\0", lambda r: (r.u8(), r.finish())),
        ):
            with self.assertRaises(DecodeError):
                read(Reader(data))

    def test_text(self):
        for text in ("a", "Ünïcode 東京", "a b", "می\u200cخواهم", "അവന്\u200d", "❤\ufe0f", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈", "葛\U000e0100"):
            self.assertTrue(is_text(text, 200))
        hidden = ["\u3164", "\u2800", "\u034f", "\U000e0041", "\ufe0f", "\u200d", "\u200c", "\ufffc", "\ue000", "\uffff", "\U00013441"]
        for text in ("", " a", "a\u3000", "a\u200bb", "a\u202eb", "a\nb", "a\x9fb", "a" * 201, *(f"a{c}" for c in hidden)):
            self.assertFalse(is_text(text, 200))

    def test_bech32m(self):
        for prefix, data in (("tracker", bytes(range(32))), ("receipt", bytes(145)), ("author", b"\xff" * 96)):
            text = bech32m.encode(prefix, data)
            wide = "".join(chr(ord(c) + 0xFEE0) for c in text)
            dashed = text[:10] + "\u2013" + text[10:20].upper() + "\u2011" + text[20:] + "\u00a0\u200b"
            for same in (text, text.upper(), text.capitalize(), " ".join(text), text[:10] + "-" + text[10:], wide, dashed):
                self.assertEqual(bech32m.decode(prefix, same, len(data)), data)
            others = [text[:at] + ("q" if text[at] == "p" else "p") + text[at + 1 :] for at in range(len(text))]
            for other in others + [text[:-1], text + "q", text[:-1] + text[-1].upper() + "Q", text + "é", ""]:
                with self.assertRaises(DecodeError):
                    bech32m.decode(prefix, other, len(data))
        # BIP 350
        self.assertEqual(bech32m.encode("a", b""), "a1lqfn3a")


if __name__ == "__main__":
    unittest.main()
