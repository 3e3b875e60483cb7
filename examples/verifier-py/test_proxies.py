"""Votes by proxy: who may cast for whom, and what counts."""

import unittest

import board
import forge
from decryption import SHARES, TOO_FEW
from forge import Voter
from test_verifier import CHOICES, VOTERS, close, judge, opened, start


class Proxies(unittest.TestCase):
    def setUp(self):
        self.begin()

    def begin(self, **options):
        self.board = start(**{"proxies": 1} | options)
        self.made = opened(self.board)

    def delegate(self, voter, key, proxy):
        delegation = forge.make_delegation(self.board.manifest_hash, voter, key, proxy)
        self.board.post(board.DELEGATION, delegation)
        return delegation

    def cast(self, voter, style, sequence=0):
        ballot = forge.make_ballot(self.made.election, voter, style, sequence, CHOICES)
        self.board.post(board.BALLOT, ballot)

    def refused(self, name, check):
        self.assertEqual([(r.name, r.check) for r in self.board.refusals], [(name, check)])
        self.board.refusals.clear()

    def test_the_voters_own_ballot_beats_all(self):
        for own_first in (False, True):
            self.begin()
            key = Voter()
            self.delegate(VOTERS[0], key, VOTERS[1])
            for voter in [VOTERS[0], key] if own_first else [key, VOTERS[0]]:
                self.cast(voter, 0)
            if own_first:
                self.refused("Overruled", "ballot.voter")
                continue
            self.cast(key, 0, 1)
            self.refused("Overruled", "ballot.voter")
            state = self.board.state
            self.assertEqual([of for of, _ in state.counted()], [VOTERS[0].point])
            self.assertEqual((state.turnout()[0], state.replaced), ([1, 0], 1))

    def test_what_is_refused(self):
        first, second, stranger = Voter(), Voter(), Voter()
        for voter, key, proxy in (
            (stranger, first, VOTERS[0]),
            (VOTERS[0], first, stranger),
            (VOTERS[0], first, VOTERS[0]),
            (VOTERS[0], VOTERS[2], VOTERS[1]),
        ):
            self.delegate(voter, key, proxy)
            self.refused("Delegation", "roll.proxies")
            self.begin()
        for voter, key, proxy in (
            (VOTERS[0], second, VOTERS[2]),
            (VOTERS[2], first, VOTERS[3]),
            (VOTERS[1], second, VOTERS[2]),
            (VOTERS[2], second, VOTERS[0]),
            (VOTERS[2], second, VOTERS[1]),
            (first, second, VOTERS[2]),
        ):
            self.begin()
            self.delegate(VOTERS[0], first, VOTERS[1])
            self.assertEqual(self.board.refusals, [])
            self.delegate(voter, key, proxy)
            self.refused("Delegation", "roll.proxies")
        self.begin()
        self.cast(VOTERS[0], 0)
        self.delegate(VOTERS[0], first, VOTERS[1])
        self.refused("Delegation", "roll.proxies")
        self.begin(proxies=0)
        self.delegate(VOTERS[0], first, VOTERS[1])
        self.refused("Delegation", "roll.proxies")
        self.begin()
        self.board.operate(board.FREEZE, b"")
        self.delegate(VOTERS[0], first, VOTERS[1])
        self.refused("Frozen", "record.order")

    def test_all_three_sign(self):
        key = Voter()
        for place in (96, 160, 224):
            self.begin()
            good = forge.make_delegation(self.board.manifest_hash, VOTERS[0], key, VOTERS[1])
            other = forge.make_delegation(self.board.manifest_hash, VOTERS[0], key, VOTERS[2])
            self.board.post(board.DELEGATION, good[:place] + other[place : place + 64] + good[place + 64 :])
            self.refused("Signature", "roll.proxies")
        self.begin()
        self.board.post(board.DELEGATION, good[:-1])
        self.refused("Malformed", "roll.proxies")
        self.begin()
        self.board.post(board.DELEGATION, forge.make_delegation(bytes(32), VOTERS[0], key, VOTERS[1]))
        self.refused("Signature", "roll.proxies")

    def test_all_ballots_of_a_proxy_count_once_for_the_minimum(self):
        for by_proxy, openings in ((False, {SHARES}), (True, {TOO_FEW})):
            self.begin()
            key = Voter()
            # Voters 0 and 2 have the same style, and two is the minimum.
            if by_proxy:
                self.delegate(VOTERS[0], key, VOTERS[2])
            self.cast(key if by_proxy else VOTERS[0], 0)
            self.cast(VOTERS[2], 0)
            close(self.board, self.made)
            tally = self.board.state.tally_so_far()
            self.assertEqual({cell.opening for cell in tally.cells if cell.ballots}, openings)
            self.board.operate(board.TALLY, tally.bytes)
            self.assertEqual(self.board.refusals, [])
            self.assertTrue(judge(self.board.entries(), partial=True).accepted)


class Weights(unittest.TestCase):
    def test_small_classes_are_a_warning_or_an_error(self):
        # Weights 1 and 3 in the first district, 2 and 4 in the second; two are the minimum.
        b = start()
        opened(b)
        expected = {(c, d, w): 1 for c, d, ws in ((0, 0, (1, 3)), (1, 1, (2, 4)), (2, None, (1, 2, 3, 4))) for w in ws}
        self.assertEqual(b.state.roll.small_classes, expected)
        b = start(weight_classes=1)
        opened(b)
        self.assertEqual([(r.name, r.check) for r in b.refusals], [("Roll", "roll.valid")])
        b = start(weight_classes=1, minimum=1)
        opened(b)
        self.assertEqual((b.refusals, b.state.roll.small_classes), ([], {}))


if __name__ == "__main__":
    unittest.main()
