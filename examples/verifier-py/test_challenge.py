"""Spoiled ballots, their openings, and receipts."""

import unittest

import forge
from audit import Expect, audit
from ballot import tracker
from board import BALLOT, SPOIL, SPOIL_OPENING
from challenge import CAST, SPOILED, Receipt
from codec import DecodeError
from forge import Voter
from record import Record
from test_verifier import CHOICES, OPERATOR, VOTERS, ballot, close, judge, opened, start


def request(made, i, of_ballot, nonce, secret=None):
    return forge.make_spoil_request(made.election, secret or VOTERS[i].secret, nonce, of_ballot)


class Spoils(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = start()
        cls.made = opened(cls.board)
        cls.objects = list(cls.board.objects)
        # A spoiled ballot of voter 0 and its nonce.
        cls.ballot, cls.nonce = ballot(cls.made, 0, nonce=77), 77
        cls.request = request(cls.made, 0, tracker(cls.ballot), 77)
        cls.opening = forge.make_spoil_opening(77, cls.ballot)

    def finds(self, objects, *expected):
        """`objects` are pairs of kind and content after the roll; places are counted from there."""
        entries = self.board.entries() + [bytes([kind]) + content for kind, content in objects]
        first = len(self.board.entries())
        verdict = judge(entries, partial=True)
        self.assertEqual([(f.check, f.entry - first) for f in verdict.findings], list(expected))
        return verdict.state

    def refused(self, objects, name):
        """Exactly the last of these objects is refused, by this name."""
        entries = self.board.entries() + [bytes([kind]) + content for kind, content in objects]
        (finding,) = judge(entries, partial=True).findings
        self.assertEqual((finding.check, finding.entry), ("ballot.spoiled", len(entries) - 1))
        self.assertIn(f": {name}", finding.reason)

    def test_a_ballot_is_spoiled_and_opened(self):
        both = [(SPOIL, self.request), (SPOIL_OPENING, self.opening)]
        state = self.finds([*both, (BALLOT, ballot(self.made, 0))])
        ((place, (_, _, votes)),) = state.opened.items()
        self.assertEqual(place, (VOTERS[0].point, tracker(self.ballot)))
        self.assertEqual([(of.votes, of.marks) for of in votes], [([1, 1, 0], [0]), ([1, 0], [])])
        # The numbers of ballots are as if there were no test.
        self.finds([*both, (BALLOT, ballot(self.made, 0, 1))], ("ballot.sequence", 2))

    def test_a_spoiled_ballot_is_not_cast(self):
        self.finds([(SPOIL, self.request), (BALLOT, self.ballot)], ("ballot.spoiled", 1))
        self.refused([(BALLOT, self.ballot), (SPOIL, self.request)], "AlreadyOnBoard")
        self.refused([(SPOIL, self.request), (SPOIL, self.request)], "AlreadyOnBoard")

    def test_nonce_points_are_used_once(self):
        other = ballot(self.made, 1, nonce=77)
        self.finds([(SPOIL, self.request), (BALLOT, other)], ("ballot.unique", 1))
        self.refused([(BALLOT, other), (SPOIL, self.request)], "NonceReused")
        self.refused([(SPOIL, self.request), (SPOIL, request(self.made, 1, bytes(32), 77))], "NonceReused")

    def test_spoil_request_is_the_voter_s(self):
        for at in range(0, len(self.request), 16):
            changed = bytearray(self.request)
            changed[at] ^= 1
            self.finds([(SPOIL, bytes(changed))], ("ballot.spoiled", 0))
        self.refused([(SPOIL, self.request[:-1])], "Malformed")
        self.refused([(SPOIL, self.request + b"\0")], "Malformed")
        self.refused([(SPOIL, request(self.made, 0, bytes(32), 5, Voter().secret))], "UnknownVoter")
        mine, other = request(self.made, 0, bytes(32), 5), request(self.made, 0, bytes(32), 6)
        self.refused([(SPOIL, mine[:160] + other[160:])], "Signature")

    def test_as_many_as_ballots(self):
        spoils = [(SPOIL, request(self.made, 0, bytes([i]) * 32, 5 + i)) for i in range(4)]
        self.finds(spoils[:3])
        self.refused(spoils, "TooManySpoils")

    def test_spoil_open(self):
        spoil = (SPOIL, self.request)
        self.refused([(SPOIL_OPENING, self.opening)], "UnknownSpoil")
        self.refused([spoil, (SPOIL_OPENING, self.opening[:-1])], "Malformed")
        self.refused([spoil, (SPOIL_OPENING, self.opening + b"\0")], "Malformed")
        self.refused([spoil, (SPOIL_OPENING, self.opening), (SPOIL_OPENING, self.opening)], "AlreadyOpened")
        self.refused([spoil, (SPOIL_OPENING, forge.little(78) + self.ballot)], "Opening")
        # The tracker is that of the request, but the nonce point is another; and vice versa.
        other = (SPOIL, request(self.made, 0, tracker(self.ballot), 78))
        self.refused([other, (SPOIL_OPENING, self.opening)], "UnknownSpoil")
        other = (SPOIL, request(self.made, 0, bytes(32), 77))
        self.refused([other, (SPOIL_OPENING, self.opening)], "UnknownSpoil")

    def test_spoil_open_of_what_is_no_ballot(self):
        def refused(bad, name, i=0):
            spoil = (SPOIL, request(self.made, i, tracker(bad), 77))
            self.refused([spoil, (SPOIL_OPENING, forge.make_spoil_opening(77, bad))], name)

        refused(ballot(self.made, 0, nonce=77, cheat=5), "Opening")
        # Two red votes and one blue are one too many, though each number is in range.
        refused(ballot(self.made, 0, nonce=77, cheat=1), "Opening")
        refused(forge.make_ballot(self.made.election, VOTERS[0], 1, 0, CHOICES, nonce=77), "WrongStyle")
        for at in (len(self.ballot) - 1, len(self.ballot) - 33, len(self.ballot) - 300):
            bad = bytearray(self.ballot)
            bad[at] ^= 1 if at % 32 else 0
            bad[at - 31] ^= 1
            refused(bytes(bad), "")
        stranger = forge.make_ballot(self.made.election, Voter(), 0, 0, CHOICES, nonce=77)
        self.refused([(SPOIL_OPENING, forge.make_spoil_opening(77, stranger))], "UnknownVoter")

    def test_phases(self):
        b = start()
        b.post(SPOIL, bytes(224))
        b.post(SPOIL_OPENING, bytes(32))
        self.assertEqual([r.name for r in b.refusals], ["OutOfPhase"] * 2)
        b = start()
        made = opened(b)
        spoiled = ballot(made, 0, nonce=7)
        b.post(SPOIL, request(made, 0, tracker(spoiled), 7))
        close(b, made)
        b.post(SPOIL, request(made, 1, bytes(32), 8))
        self.assertEqual([(r.name, r.check) for r in b.refusals], [("Closed", "record.order")])
        b.post(SPOIL_OPENING, forge.make_spoil_opening(7, spoiled))
        self.assertEqual(len(b.state.opened), 1)


class Receipts(unittest.TestCase):
    def test_receipts(self):
        b = start()
        made = opened(b)
        cast, spoiled = ballot(made, 0), ballot(made, 1, nonce=7)
        first = b.tree.size
        b.post(BALLOT, cast)
        b.post(SPOIL, request(made, 1, tracker(spoiled), 7))
        size, root = b.tree.size, b.tree.root()
        b.post(BALLOT, ballot(made, 2))
        record, manifest = Record(b.entries()), b.state.manifest

        def kept(author, *content, voter=VOTERS[0].point):
            receipt = Receipt.from_text(forge.make_receipt(author, manifest, *content))
            verdict = audit(record, Expect(partial=True, receipts=[receipt], voter=voter))
            self.assertLessEqual(verdict.failures(), {("ballot.receipts", None)})
            self.assertEqual(verdict.statuses["ballot.receipts"], "passed" if verdict.accepted else "FAILED")
            return verdict.accepted

        self.assertTrue(kept(OPERATOR, CAST, first, size, root, tracker(cast)))
        self.assertTrue(kept(OPERATOR, SPOILED, first + 1, size, root, tracker(spoiled), voter=VOTERS[1].point))
        # The same, shown to another voter.
        self.assertFalse(kept(OPERATOR, CAST, first, size, root, tracker(cast), voter=VOTERS[1].point))
        self.assertFalse(kept(OPERATOR, SPOILED, first + 1, size, root, tracker(spoiled)))
        self.assertFalse(kept(VOTERS[0], CAST, first, size, root, tracker(cast)))
        self.assertFalse(kept(OPERATOR, SPOILED, first, size, root, tracker(cast)))
        self.assertFalse(kept(OPERATOR, CAST, first + 1, size, root, tracker(spoiled)))
        self.assertFalse(kept(OPERATOR, CAST, first + 1, size, root, tracker(cast)))
        self.assertFalse(kept(OPERATOR, CAST, first, size - 1, root, tracker(cast)))
        self.assertFalse(kept(OPERATOR, CAST, first, size + 9, root, tracker(cast)))
        self.assertFalse(kept(OPERATOR, CAST, size + 5, size + 9, root, tracker(cast)))
        self.assertFalse(kept(OPERATOR, CAST, first, size, bytes(32), tracker(cast)))
        text = forge.make_receipt(OPERATOR, manifest, CAST, first, size, root, tracker(cast))
        self.assertEqual(len(text), 246)
        for wrong in (forge.make_receipt(OPERATOR, manifest, 2, first, size, root, tracker(cast)),
                      forge.make_receipt(OPERATOR, manifest, CAST, size, size, root, tracker(cast)),
                      text[:-1], text.replace("receipt", "tracker")):  # fmt: skip
            with self.assertRaises(DecodeError):
                Receipt.from_text(wrong)
        # Without a key it is said whose it is, but not that it is kept for anybody.
        verdict = audit(record, Expect(partial=True, receipts=[Receipt.from_text(text)]))
        self.assertTrue(verdict.accepted)
        self.assertEqual(verdict.statuses["ballot.receipts"], "not asked")
        self.assertEqual(verdict.receipts[0].voter, VOTERS[0].point)
        # Without a manifest nobody could have signed it.
        verdict = audit(Record([]), Expect(receipts=[Receipt.from_text(text)], voter=VOTERS[0].point))
        self.assertEqual(verdict.statuses["ballot.receipts"], "not reached")


if __name__ == "__main__":
    unittest.main()
