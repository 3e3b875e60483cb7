"""Messages, shuffles, and an election with rankings and write-ins that is made here."""

import contextlib
import io
import json
import unittest

import board
import forge
import forge_mixes
import keys
from audit import audit
from challenge import opened, read_opening
from codec import DecodeError, Reader, u16, u32, u64
from counting import BACKWARDS, BORDA, DROOP, INSTANT_RUNOFF, LOT, OPEN, ORDER, PLURALITY, SCHULZE
from decryption import tally_of
from entries import entry_line
from forge import Author, Voter, make_contest
from forge_mixes import Cheats, elements, make_shuffle
from kinds import CHOICE, RANKING, RANKING_WITH_TIES
from manifest import Manifest, ManifestError
from merlin import Transcript
from messages import NotAMessage, decode_message, encode_message, payload_of
from record import Record
from ristretto import IDENTITY, L, NotCanonical, add, decode, encode, generator, is_canonical
from shuffle import Proof, Shuffle
from verify import report, results, written
from views import views_of

OPERATOR = Author()
TRUSTEES = [Author() for _ in range(3)]
VOTERS = [Voter() for _ in range(5)]


class Messages(unittest.TestCase):
    def test_the_examples(self):
        long = b"a message that is longer than one slot"
        first = "001d61206d6573736167652074686174206973206c6f6e676572207468616e00"
        self.assertEqual([e.hex() for e in encode_message(b"a", 1)], ["020161" + 58 * "0"])
        self.assertEqual([e.hex() for e in encode_message(long, 3)][::2], [first, 64 * "0"])
        for data, slots in ((b"", 2), (b"Grace Hopper", 1), (long, 3), (bytes(58), 2)):
            self.assertEqual(decode_message(encode_message(data, slots)), data)

    def test_what_is_no_message(self):
        good = encode_message(b"Grace Hopper", 1)[0]
        for at, byte in ((0, good[0] + 1), (1, 30), (1, 11), (31, 1), (20, 1)):
            changed = bytearray(good)
            changed[at] = byte
            with self.assertRaises(NotAMessage):
                payload_of(bytes(changed))
        later = next(
            data for c in range(good[0] // 2 + 1, 128) if is_canonical(data := bytes([2 * c]) + good[1:])
        )
        for element in (later, encode(generator("M", 0))):
            with self.assertRaises(NotAMessage):
                payload_of(element)
        with self.assertRaises(NotAMessage):
            decode_message([bytes(32), good])
        with self.assertRaises(NotAMessage):
            decode_message([good, good])


class OtherRow(Cheats):
    """The first output is replaced."""

    def outputs(self, rows):
        a, b, *rest = rows[0]
        return ((a, encode(add(decode(b), generator("M", 7))), *rest), *rows[1:])


class Copy(Cheats):
    def outputs(self, rows):
        return (rows[0], rows[0], *rows[2:])


class Chain(Cheats):
    """A wrong ĉ at this place."""

    def __init__(self, at):
        self.at = at

    def chain(self, chain):
        chain[self.at] = encode(generator("M", 8))
        return chain


class Response(Cheats):
    """A wrong sᵢ, or s′ᵢ."""

    def __init__(self, at, of_row=False):
        self.at, self.of_row = at, of_row

    def responses(self, s, s_rows):
        (s_rows if self.of_row else s)[self.at] += 1
        return s, s_rows


class Shuffles(unittest.TestCase):
    KEYS = tuple(forge.times(forge.scalar()) for _ in range(2))
    ROWS = tuple(tuple(forge.times(forge.scalar()) for _ in range(3)) for _ in range(3))

    def faults(self, cheats=None, order=None, rows=ROWS, keys=KEYS):
        outputs, data = make_shuffle(Transcript("test"), self.KEYS, self.ROWS, order, cheats)
        return self.judge(outputs, data, rows, keys)

    def judge(self, outputs, data, rows=ROWS, keys=KEYS):
        self.assertEqual(len(data), Proof.size(3, 2))
        r = Reader(data)
        proof = Proof(r, 3, 2)
        r.finish()
        shuffle = Shuffle(Transcript("test"), keys, rows, outputs, proof)
        wrong = []
        for tag, terms, fixed in shuffle.equations():
            if not shuffle_vanishes(terms, fixed) and tag not in wrong:
                wrong.append(tag)
        self.assertEqual(shuffle.fault(), wrong[0] if wrong else None)
        return wrong

    def test_honest_ones_hold(self):
        self.assertEqual(self.faults(order=[0, 1, 2]), [])
        self.assertEqual(self.faults(order=[2, 0, 1]), [])

    def test_cheats_are_named(self):
        self.assertEqual(self.faults(OtherRow()), ["MIX.S4"])
        self.assertEqual(self.faults(Copy()), ["MIX.S4"])
        self.assertEqual(self.faults(Chain(0)), ["MIX.S5"])
        self.assertEqual(self.faults(Chain(2)), ["MIX.S2", "MIX.S5"])
        for at in range(5):
            self.assertEqual(self.faults(Response(at)), [f"MIX.S{at + 1}"])
        for at in range(3):
            self.assertEqual(self.faults(Response(at, of_row=True)), ["MIX.S3", "MIX.S4", "MIX.S5"])

    def test_no_permutation_is_none(self):
        with self.assertRaises(TypeError):
            self.faults(order=[0, 0, 1])  # a column of the matrix is missing

    def test_another_statement(self):
        self.assertTrue(self.faults(rows=self.ROWS[::-1]))
        self.assertTrue(self.faults(keys=self.KEYS[::-1]))

    def test_every_part_is_bound(self):
        outputs, data = make_shuffle(Transcript("test"), self.KEYS, self.ROWS)
        other = encode(generator("M", 9))
        points = 2 * 3 + 3 + 3 + 1
        for at in range(points):
            self.assertTrue(self.judge(outputs, data[: 32 * at] + other + data[32 * at + 32 :]))
        for at in range(32 * points, len(data), 32):
            changed = (int.from_bytes(data[at : at + 32], "little") + 1) % L
            self.assertTrue(self.judge(outputs, data[:at] + forge.little(changed) + data[at + 32 :]))
        with self.assertRaises(NotCanonical):
            self.judge(outputs, bytes(32) + data[32:])
        with self.assertRaises(DecodeError):
            self.judge(outputs, data[: 32 * 6] + bytes(32) + data[32 * 7 :])


def shuffle_vanishes(terms, fixed):
    total = IDENTITY
    for scalar, point in [*terms, *fixed]:
        total = add(total, forge.multiply(scalar, point))
    return encode(total) == bytes(32)


# A ranking with a line, a choice with two lines, and a choice without lines.
CONTESTS = [
    make_contest("council", ["Ada", "Ben", "Cleo"], 0, 4, 1, RANKING, 1, 12, (DROOP, 2, BACKWARDS, 9)),
    make_contest("mayor", ["Dora", "Emil"], 0, 2, 2, CHOICE, 2, 20, (PLURALITY, 1, ORDER), marks=["blank"]),
    make_contest("question", ["yes", "no"], 1, 1, 1, CHOICE),
]
# By voter: ranks and names; votes of options and lines, blank, names; yes or no.
VOTES = [
    ([1, 2, 0, 0], [], [2, 0, 0, 0], 0, [], [1, 0]),
    ([1, 0, 0, 2], ["Zoe\u0308"], [0, 1, 1, 0], 0, [" bad"], [0, 1]),
    ([0, 0, 2, 1], ["ZO\u00cb"], [0, 0, 2, 0], 0, ["Fay"], [1, 0]),
    ([3, 0, 2, 1], ["ben"], [0, 0, 0, 1], 0, ["ignored", "EMIL"], [1, 0]),
    ([2, 0, 0, 0], [], [0, 0, 0, 0], 1, [], [1, 0]),
]


RIGHT = ("Ada", "Ben"), ("Dora",)


class Council:
    """An election up to the point where a test continues."""

    def __init__(self):
        self.board = b = forge.Board(OPERATOR, forge.make_manifest(OPERATOR, TRUSTEES, 2, CONTESTS))
        setup = b.state.running.setup
        deals = [forge.make_deal(setup, i, author) for i, author in enumerate(TRUSTEES, 1)]
        for i, deal in enumerate(deals, 1):
            b.post(board.COMMIT, forge.make_commit(setup, i, TRUSTEES[i - 1], deal))
        b.operate(board.ROUND, b"\0")
        for deal in deals:
            b.post(board.DEAL, deal)
        b.operate(board.ROUND, b"\1")
        b.operate(board.ROUND, b"\2")
        self.made = b.state.running.ceremony
        for j in self.made.holders:
            b.post(board.CONFIRMATION, forge.make_confirmation(self.made, j, TRUSTEES[j - 1]))
        b.operate(board.ROUND, b"\3")
        manifest = b.state.manifest
        b.operate(board.ROLL, forge.items([voter.registration(manifest, 0, 1) for voter in VOTERS]))
        # The first voter votes twice, and so comes last.
        self.vote(0, 0, VOTES[1])
        for i in (1, 2, 3, 4):
            self.vote(i, 0, VOTES[i])
        self.vote(0, 1, VOTES[0])
        b.operate(board.FREEZE, b"")
        size, root = b.state.frozen
        for j in (1, 2, 3):
            b.post(board.CLOSE, forge.make_close_signature(self.made, j, TRUSTEES[j - 1], size, root))

    def vote(self, i, sequence, votes):
        council, mayor, _ = self.board.state.manifest.contests
        ranks, ranked, marks, blank, names, answer = votes
        choices = [
            ([], 0, elements(council, ranks, ranked)),
            (marks, blank, elements(mayor, names=names)),
            (answer, 0),
        ]
        self.board.post(board.BALLOT, forge.make_ballot(self.made.election, VOTERS[i], 0, sequence, choices))

    def tally(self):
        s = self.board.state
        ballots = tuple((last, s.roll.voters[voter][1]) for voter, (last, _) in s.last.items())
        self.board.operate(board.TALLY, tally_of(s.manifest, ballots).bytes)

    def mix(self, trustee, cell, **options):
        author = options.pop("author", TRUSTEES[trustee - 1])
        made = forge_mixes.make_mix(self.made, self.board.state.mixing, trustee, author, cell, **options)
        self.board.post(board.MIX, made)
        return made

    def mixes(self):
        for trustee, cell in ((3, 0), (1, 1), (1, 0), (2, 1)):
            self.mix(trustee, cell)

    def secrets(self, j):
        deals = self.board.state.ended[0].left()
        parts = [forge.open_share(self.made.setup, deal, j, TRUSTEES[j - 1]) for deal in deals]
        return [sum(column) % L for column in zip(*parts)]

    def shares(self):
        tally = self.board.state.tally
        for j in (1, 3):
            self.board.post(board.SHARE, forge.make_share(self.made, tally, j, TRUSTEES[j - 1], self.secrets(j)))

    def result(self, change=lambda rows: rows, elected=RIGHT):
        tally = self.board.state.tally
        factors = keys.lagrange([1, 3])
        secrets = [(factors[0] * a + factors[1] * b) % L for a, b in zip(self.secrets(1), self.secrets(3))]
        head = forge.make_result([[], [2, 1, 1], [4, 1]], ([5], [5], [], 5))
        rows, tail = forge_mixes.make_outcome(tally, secrets, elected)
        self.board.operate(board.RESULT, head + change(tail))


class Elections(unittest.TestCase):
    def found(self, council):
        verdict = audit(Record(council.board.entries()))
        return [finding.check for finding in verdict.findings], verdict

    def whole(self, **options):
        council = Council()
        council.tally()
        council.mixes()
        council.shares()
        council.result(**options)
        return council

    def test_an_honest_one_is_verified(self):
        council = self.whole()
        found, verdict = self.found(council)
        self.assertEqual((found, council.board.refusals), ([], []))
        self.assertEqual(set(verdict.statuses.values()), {"passed", "not asked"})
        result = verdict.state.result
        ranked, written = result.counted[0], result.counted[1]
        self.assertEqual(ranked.candidates, ["Ada", "Ben", "Cleo", "ZO\u00cb"])
        self.assertEqual([tie.order for tie in ranked.count.ties], [[1, 3]])
        # One ballot has no rank 1; another has white space before a name.
        self.assertEqual((ranked.invalid, ranked.count.votes), (1, 4))
        self.assertEqual((written.invalid, written.candidates), (1, ["Dora", "Emil", "Fay"]))
        self.assertEqual(written.count.scores, [2, 2, 2])
        lines = [entry_line(*item) for item in enumerate(council.board.entries())]
        mixes = [json.loads(line) for line in lines if '"kind":"mix"' in line]
        self.assertEqual([[mix["trustee"], mix["cell"], mix["position"]] for mix in mixes],
                         [[3, 0, 0], [1, 1, 0], [1, 0, 1], [2, 1, 1]])  # fmt: skip
        with contextlib.redirect_stdout(io.StringIO()) as out:
            report(verdict)
            results(verdict.state)
        self.assertIn("mixed     5 rows of cell 0 (council) by trustees [3, 1]", out.getvalue())
        self.assertIn("elected  Ada, Ben", out.getvalue())
        view = views_of(verdict.state)["result.json"].decode()
        self.assertIn('"write_ins": 4,\n      "marks": [\n        1\n      ],\n      "not_given": 1,', view)

    def test_the_elected(self):
        for elected in (("Ada", "ben"), RIGHT[1]), (RIGHT[0], ("fay",)), (RIGHT[0][::-1], RIGHT[1]):
            council = self.whole(elected=elected)
            self.assertEqual(self.found(council)[0], ["result.elected"])

    def test_another_row(self):
        def first_is_empty(rows):
            return bytes(32) + rows[32:]

        found, _ = self.found(self.whole(change=first_is_empty))
        self.assertEqual(found, ["result.totals"])

    def test_a_wrong_mix_is_kept_and_named(self):
        council = Council()
        council.tally()
        council.mix(2, 0, cheats=OtherRow())
        council.mix(1, 0, cheats=Chain(4))
        council.mixes()
        council.shares()
        council.result()
        found, verdict = self.found(council)
        self.assertEqual(found, [])
        # Trustee 1 has later sent a right one.
        self.assertEqual(verdict.state.mixing.faulty, {(2, 0): "[MIX.S4]"})
        self.assertEqual(verdict.state.mixing.cascades[0].by, [3, 1])

    def test_a_mix_that_is_refused(self):
        council = Council()
        council.tally()

        def refused(data=None, **options):
            before = len(council.board.refusals)
            if data is None:
                council.mix(**options)
            else:
                council.board.post(board.MIX, data)
            self.assertEqual([r.check for r in council.board.refusals[before:]], ["mixes.proofs"])

        refused(trustee=1, cell=0, author=TRUSTEES[1])
        refused(trustee=1, cell=0, position=1)
        good = council.mix(1, 0)
        refused(good)
        refused(trustee=1, cell=0)
        refused(good[:-1])
        refused(good + b"\0")
        refused(u16(9) + good[2:])
        self.assertEqual(council.board.refusals[-1].name, "Trustee")
        council.mix(2, 0, cheats=Copy())
        refused(trustee=2, cell=0, cheats=Copy())
        council.mix(2, 0)
        refused(trustee=3, cell=0)  # both mixes exist
        refused(good[:2] + u32(2) + good[6:])  # it has no mixed slots
        self.assertEqual(council.board.state.phase(), board.MIXING)
        council.mix(2, 1)
        council.mix(3, 1)
        self.assertEqual(council.board.state.phase(), board.OPENING)

    def test_points_that_are_none_are_the_mixers_fault(self):
        council = Council()
        council.tally()

        class NoPoint(Cheats):
            def chain(self, chain):
                return [bytes(32), *chain[1:]]

        council.mix(1, 0, cheats=NoPoint())
        self.assertEqual(council.board.state.mixing.faulty, {(1, 0): "the identity"})
        self.assertEqual(council.board.refusals, [])

    def test_a_spoiled_ballot_is_opened(self):
        council = Council()
        election, nonce = council.made.election, forge.scalar()
        first, second, _ = election.manifest.contests
        choices = [
            ([], 0, elements(first, [0, 1, 0, 2], ["Zoe"])),
            ([0, 0, 2, 0], 0, elements(second, names=["Fay"])),
            ([1, 0], 0),
        ]
        ballot = forge.make_ballot(election, VOTERS[1], 0, 1, choices, nonce=nonce)
        opening = read_opening(election.manifest, forge.make_spoil_opening(nonce, ballot))
        of, fault = opened(election, opening)
        self.assertIsNone(fault)
        self.assertEqual((of[0].row.ranks, of[0].row.names), ([0, 1, 0, 2], ["Zoe"]))
        self.assertEqual((of[1].votes, of[1].marks), ([0, 0], [0]))
        self.assertEqual((of[1].row.votes, of[1].row.names), ([2, 0], ["Fay", ""]))
        with contextlib.redirect_stdout(io.StringIO()) as out:
            written(first, of[0].row)
            written(second, of[1].row)
        self.assertIn("         2  Zoe (written in)\n         2  Fay (written in)\n", out.getvalue())
        # A ranking that breaks its rule can still be opened.
        choices[0] = ([], 0, elements(first, [0, 2, 0, 0]))
        ballot = forge.make_ballot(election, VOTERS[1], 0, 1, choices, nonce=nonce)
        of, fault = opened(election, read_opening(election.manifest, forge.make_spoil_opening(nonce, ballot)))
        self.assertEqual((fault, of[0].row.fault), (None, "gap"))

    def test_shares_come_after_the_last_mix(self):
        council = Council()
        council.tally()
        council.mix(1, 0)
        council.shares()
        self.assertEqual({r.name for r in council.board.refusals}, {"OutOfPhase"})


class Manifests(unittest.TestCase):
    def manifest(self, *contests):
        return Manifest(forge.make_manifest(OPERATOR, TRUSTEES, 2, contests))

    def test_slots_and_rules(self):
        manifest = self.manifest(*CONTESTS)
        # 3 + 1 + 13 bytes take one slot; two names of 21 bytes take two.
        self.assertEqual([(c.summed, c.mixed) for c in manifest.contests], [(0, 1), (3, 4), (2, 0)])
        rules = manifest.rules[0]
        self.assertEqual((rules.slots, rules.free), (10, [0, 6, 7]))
        slots = [[slot for slot, _ in slots] for slots in rules.bits]
        self.assertEqual(slots, [[1], [1], [2], [2], [4], [4], [5], [5], [3], [], [], [8], [9]])

    def test_mistakes(self):
        options = ["a", "b"]
        good = dict(form=RANKING, count=(DROOP, 1, ORDER, 9))
        self.manifest(make_contest("c", options, 0, 2, 1, **good))
        self.manifest(make_contest("c", options, 0, 2, 1, form=RANKING, count=(DROOP, 1, LOT, 9)))
        self.manifest(make_contest("c", options, 0, 2, 1, lines=1, length=5, form=CHOICE, count=(PLURALITY, 1, OPEN)))
        for method in (SCHULZE, BORDA):
            self.manifest(make_contest("c", options, 0, 2, 1, form=RANKING_WITH_TIES, count=(method, 1, OPEN)))
        for contest in (
            make_contest("c", options, 0, 2, 1, form=RANKING),
            make_contest("c", options, 0, 2, 2, **good),
            make_contest("c", options, 0, 3, 1, **good),
            make_contest("c", options, 0, 2, 1, marks=["blank"], **good),
            make_contest("c", options, 0, 2, 1, lines=1, **good),
            make_contest("c", options, 0, 2, 1, length=5, **good),
            make_contest("c", options, 0, 2, 1, lines=17, length=5, **good),
            make_contest("c", options, 0, 2, 1, lines=1, length=201, **good),
            make_contest("c", options, 0, 2, 1, lines=16, length=200, **good),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(DROOP, 3, ORDER, 9)),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(DROOP, 1, ORDER, 0)),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(DROOP, 1, ORDER, 10)),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(PLURALITY, 1, ORDER)),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(2, 2, ORDER)),
            make_contest("c", options, 0, 2, 1, form=RANKING_WITH_TIES, count=(DROOP, 1, ORDER, 9)),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(DROOP, 1, OPEN, 9)),
            make_contest("c", options, 0, 2, 1, form=RANKING, count=(INSTANT_RUNOFF, 1, OPEN)),
            make_contest("c", options, 0, 2, 1, form=CHOICE, count=(PLURALITY, 3, ORDER)),
            make_contest("c", options, 0, 2, 1, lines=1, length=5, form=CHOICE, count=(PLURALITY, 1, LOT)),
            make_contest("c", options, 0, 2, 1, lines=1, length=5, form=RANKING, count=(SCHULZE, 1, LOT)),
            make_contest("c", list(map(str, range(256))), 0, 2, 1, **good),
        ):
            with self.assertRaises(ManifestError):
                self.manifest(contest)


if __name__ == "__main__":
    unittest.main()
