"""The folder of a record, its checkpoints and its views."""

import base64
import json
import os
import tempfile
import unittest

import forge
from audit import Expect, audit
from checkpoints import Checkpoint, NotACheckpoint, has_large_order, origin_of, verifies
from forge import NoteKey
from manifest import ManifestError, read_manifest
from record import NotARecord, Record, cut, read_files, write_files
from ristretto import P
from test_verifier import OPERATOR, TRUSTEES, whole
from views import views_of

LOG = NoteKey()
WITNESSES = [NoteKey("witness.example/a"), NoteKey("witness.example/b")]
ENTRIES = [bytes([n]) for n in range(31)]
EXAMPLE = os.path.join(os.path.dirname(__file__), "../../docs/spec/checkpoints.md")


class Folder(unittest.TestCase):
    def test_segments(self):
        entries = [n.to_bytes(2, "big") for n in range(2 * 4096 + 5)]
        for size in (0, 1, 4095, 4096, 4097, len(entries)):
            files = write_files(entries[:size])
            self.assertEqual(len(files), max(1, -(-size // 4096)))
            record = Record.from_files(files)
            self.assertEqual((record.entries, record.torn), (entries[:size], None))
        one, two, three = (f"board/0000000{n}.bin" for n in range(3))
        for path, data, left in (
            (three, files[three][:-1], 2 * 4096 + 4),
            (three, files[three] + b"\0", 2 * 4096 + 5),
            (two, files[two][:-1], 2 * 4096 - 1),
            (two, files[two][:-4], 2 * 4096 - 1),
            (two, b"", 4096),
            (one, files[one] + b"\0\1a", 4095),
            (one, files[one] + b"\0", 4095),
        ):
            record = Record.from_files(files | {path: data})
            self.assertEqual(record.entries, entries[:left])
            self.assertIsNotNone(record.torn)
            self.assertEqual(audit(record).failures(), {("record.form", 0)})

    def test_strangers(self):
        good = write_files(ENTRIES)
        for path in ("board/x", "board/0.bin", "board/00000002.bin", "board/00000001.bin.txt", "x", "checkpoint.txt",
                     "board.bin", "checkpoints/031.txt", "checkpoints/x.txt", "manifest.json~",
                     "board/00000000.bin\n"):  # fmt: skip
            with self.assertRaises(NotARecord, msg=path):
                Record.from_files(good | {path: b""})
        for path in ("x.part", "board/x.part", "checkpoints/31.txt.part"):
            Record.from_files(good | {path: b""})
        with self.assertRaises(NotARecord):
            Record.from_files({})
        note = forge.make_checkpoint("tabella/x/y", 31, bytes(32), LOG)
        Record.from_files(good | {"checkpoints/31.txt": note})
        for path, data in (("checkpoints/30.txt", note), ("checkpoints/31.txt", note[:-1])):
            with self.assertRaises(NotARecord):
                Record.from_files(good | {path: data})
        # Lines of an unknown key, up to the largest size of a checkpoint.
        long = note + "\u2014 a ".encode() + b"A" * 99_000 + b"\n"
        rest = 100_000 - len(long) - len("\u2014 \n".encode()) - 1
        fill = "n" * (rest % 4 + 4), "A" * (rest // 4 * 4 - 4)
        longest = long + f"\u2014 {fill[0]} {fill[1]}\n".encode()
        self.assertEqual(len(longest), 100_000)
        Record.from_files(good | {"checkpoints/31.txt": longest})
        with self.assertRaisesRegex(NotARecord, "more bytes than a checkpoint has"):
            Record.from_files(good | {"checkpoints/31.txt": longest.replace(b"nnnn", b"nnnnn")})

    def test_on_disk(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(NotARecord):
                Record.read(folder)
            os.mkdir(f"{folder}/board")
            with open(f"{folder}/board/00000000.bin", "wb") as file:
                file.write(write_files(ENTRIES)["board/00000000.bin"])
            self.assertEqual(Record.read(folder).entries, ENTRIES)
            self.assertEqual(read_files(folder), write_files(ENTRIES))
            os.symlink("board/00000000.bin", f"{folder}/manifest.json")
            with self.assertRaises(NotARecord):
                Record.read(folder)
            os.remove(f"{folder}/manifest.json")
            for name in ("board", "checkpoints"):
                with tempfile.TemporaryDirectory() as linked:
                    os.mkdir(f"{linked}/{name}")
                    if name == "checkpoints":
                        os.symlink(f"{folder}/board", f"{linked}/board")
                    else:
                        os.symlink(f"{folder}/nothing", f"{linked}/checkpoints")
                    with self.assertRaisesRegex(NotARecord, "no folder"):
                        Record.read(linked)
            os.mkdir(f"{folder}/manifest.json")
            with self.assertRaises(NotARecord):
                Record.read(folder)
            with self.assertRaises(NotARecord):
                Record.read(f"{folder}/nowhere")

    def test_cut(self):
        self.assertEqual(cut(b"\0\1a\0\2bc"), ([b"a", b"bc"], None))
        for data in (b"\0", b"\0\2a"):
            entries, torn = cut(b"\0\1x" + data)
            self.assertEqual(entries, [b"x"])
            self.assertIn("byte 3", torn)


class Notes(unittest.TestCase):
    def test_the_example_of_the_specification(self):
        with open(EXAMPLE) as file:
            note = file.read().split("```text\n")[1].split("```")[0].encode()
        log, *witnesses = [NoteKey(f"witness.example/w{n - 1}", bytes([n]) * 32) for n in (1, 2, 3)]
        checkpoint = Checkpoint.parse(note)
        tree = forge.board.Tree()
        for entry in ENTRIES:
            tree.push(entry)
        self.assertEqual((checkpoint.size, checkpoint.root), (31, tree.root()))
        self.assertTrue(checkpoint.signed(log.point))
        times = [checkpoint.cosigned(witness.name, witness.point) for witness in witnesses]
        self.assertEqual(times, [1679315148, 1679315149])
        # Its text is canonical.
        self.assertTrue(note.startswith(checkpoint.body()))
        self.assertTrue(note.startswith(forge.make_checkpoint(checkpoint.origin, 31, tree.root(), log)))

    def test_a_checkpoint_has_one_text(self):
        good = forge.make_checkpoint("o", 31, bytes(range(32)), LOG, WITNESSES)
        Checkpoint.parse(good)
        lines = good.decode().split("\n")
        origin, size, root, _, first, second, third, _ = lines

        def parse(*lines, end="\n"):
            Checkpoint.parse(("\n".join(lines) + end).encode())

        parse(origin, size, root, "", first)
        parse(origin, "18446744073709551615", root, "", first)
        key = base64.b64encode(bytes(5)).decode()
        parse(origin, size, root, "", *(f"\u2014 {n} {key}" for n in range(100)))
        unknown = "\u2014 stranger " + base64.b64encode(bytes(9)).decode()
        for wrong in (
            [origin, size, root, ""],
            [origin, size, root, first],
            [origin, size, root, "", "", first],
            [origin, size, root, "extension", "", first],
            [origin, size, root, "", first, ""],
            [origin, size, root, "", first, first],
            [origin, size, root, "", first, "x"],
            [origin, "031", root, "", first],
            [origin, "+31", root, "", first],
            [origin, "", root, "", first],
            [origin, "٣", root, "", first],
            [origin, "18446744073709551616", root, "", first],
            [origin, size, root[:-1], "", first],
            [origin, size, root[:-2] + "9=", "", first],
            [origin, size, root + " ", "", first],
            ["", size, root, "", first],
            ["a b", size, root, "", first],
            ["a+b", size, root, "", first],
            ["a\u00a0b", size, root, "", first],
            ["a\u0085b", size, root, "", first],
            ["a\x7fb", size, root, "", first],
            ["a" * 201, size, root, "", first],
            [origin, size, root, "", first.replace("\u2014", "-")],
            [origin, size, root, "", first + " "],
            [origin, size, root, "", first + "\r"],
            [origin, size, root, "", "\u2014  " + first.split(" ")[2]],
            [origin, size, root, "", "\u2014 name AAAAAA=="],
            [origin, size, root, "", *(f"\u2014 {n} {key}" for n in range(101))],
        ):
            with self.assertRaises(NotACheckpoint, msg=wrong):
                parse(*wrong)
        with self.assertRaises(NotACheckpoint):
            parse(origin, size, root, "", first, end="")
        with self.assertRaises(NotACheckpoint):
            Checkpoint.parse(good + b"\xff\n")
        parse(origin, size, root, "", second, unknown, third, first)

    def test_ed25519_keys(self):
        self.assertTrue(has_large_order(LOG.point))
        small = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ]
        for point in small:
            self.assertFalse(has_large_order(bytes.fromhex(point)))
        for y in range(19):  # encodings that are not canonical, with either sign, and zero with a sign
            for sign in (0, 1 << 255):
                self.assertFalse(has_large_order((P + y + sign).to_bytes(32, "little")))
        self.assertFalse(has_large_order((1 + (1 << 255)).to_bytes(32, "little")))
        self.assertFalse(has_large_order((2).to_bytes(32, "little")))  # no point
        message = b"message"
        signature = LOG.secret.sign(message)
        self.assertTrue(verifies(LOG.point, signature, message))
        order = 2**252 + 27742317777372353535851937790883648493
        s = int.from_bytes(signature[32:], "little") + order
        self.assertFalse(verifies(LOG.point, signature[:32] + s.to_bytes(32, "little"), message))
        self.assertFalse(verifies(LOG.point, bytes.fromhex(small[0]) + bytes(32), message))
        self.assertFalse(verifies(bytes.fromhex(small[0]), bytes.fromhex(small[0]) + bytes(32), message))

    def test_logs_in_manifests(self):
        def read(log, witnesses, quorum):
            manifest = forge.make_small_manifest(OPERATOR, TRUSTEES, 2, log=forge.make_log(log, witnesses, quorum))
            return read_manifest(manifest).log

        self.assertEqual(read(LOG, WITNESSES, 2).quorum, 2)
        self.assertEqual(read(LOG, [], 0).witnesses, [])
        many = [NoteKey(f"w{n}") for n in range(33)]
        self.assertEqual(len(read(LOG, many[:32], 32).witnesses), 32)
        bad = NoteKey("bad")
        bad.point = bytes(32)
        for log, witnesses, quorum in (
            (LOG, WITNESSES, 3),
            (LOG, many, 0),
            (LOG, [NoteKey("a"), NoteKey("a")], 0),
            (LOG, [NoteKey("a", bytes(32)), NoteKey("b", bytes(32))], 0),
            (NoteKey(None, bytes(32)), [NoteKey("b", bytes(32))], 0),
            (LOG, [bad], 0),
            (bad, [], 0),
            *((LOG, [NoteKey(name)], 0) for name in ("", "a b", "a+b", "a\u200b", "a\x7f", "a\u3000", "a" * 201)),
        ):
            with self.assertRaises(ManifestError):
                read(log, witnesses, quorum)


class WithLog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = whole(log=forge.make_log(LOG, WITNESSES, 1))
        cls.entries = cls.board.entries()
        cls.origin = origin_of(cls.board.state.manifest)
        cls.roots = {0: forge.board.Tree().root()}
        tree = forge.board.Tree()
        for entry in cls.entries:
            tree.push(entry)
            cls.roots[tree.size] = tree.root()
        cls.size = len(cls.entries)
        cls.views = views_of(cls.board.state)

    def note(self, size=None, root=None, log=LOG, witnesses=WITNESSES[:1], origin=None, **options):
        size = self.size if size is None else size
        root = root or self.roots[size]
        return Checkpoint.parse(forge.make_checkpoint(origin or self.origin, size, root, log, witnesses, **options))

    def judge(self, checkpoints, entries=None, views=(), elsewhere=(), **expect):
        record = Record(self.entries if entries is None else entries, None, checkpoints, dict(views))
        return audit(record, Expect(checkpoints=elsewhere, **expect))

    def refuses(self, *checkpoints, **expect):
        verdict = self.judge(checkpoints, **expect)
        self.assertEqual(verdict.failures(), {("record.checkpoints", None)})
        self.assertEqual(verdict.statuses["record.checkpoints"], "FAILED")

    def test_checkpoints_of_the_board(self):
        verdict = self.judge([self.note(0), self.note(5, witnesses=[]), self.note(witnesses=WITNESSES)])
        self.assertTrue(verdict.accepted)
        self.assertEqual([(size, len(names)) for size, names in verdict.checkpoints], [(0, 1), (5, 0), (self.size, 2)])
        self.refuses()
        self.refuses(self.note(self.size - 1))
        self.refuses(self.note(witnesses=[]))
        self.refuses(self.note(log=NoteKey()))
        self.refuses(self.note(), self.note(5, root=bytes(32)))
        self.refuses(self.note(), self.note(origin=self.origin.replace("test", "toast")))
        self.refuses(self.note(), self.note(self.size + 1, root=bytes(32)))

    def test_cosignatures(self):
        stranger = NoteKey("witness.example/c")
        self.assertTrue(self.judge([self.note(witnesses=[stranger, WITNESSES[0]])]).accepted)
        self.refuses(self.note(witnesses=[stranger]))
        self.assertTrue(self.judge([self.note(time=(1 << 63) - 1)]).accepted)
        self.refuses(self.note(time=1 << 63))
        # A cosignature without a time says nothing about earlier checkpoints, but it must verify.
        self.refuses(self.note(time=0))
        timeless, other = self.note(time=0), self.note(witnesses=WITNESSES[1:])
        timeless.signatures.append(other.signatures[1])
        verdict = self.judge([timeless])
        self.assertTrue(verdict.accepted)
        self.assertEqual([len(names) for _, names in verdict.checkpoints], [1])
        name, id, data = timeless.signatures[1]
        timeless.signatures[1] = name, id, data[:-1] + bytes([data[-1] ^ 1])
        self.refuses(timeless)
        # One of two does not verify.
        note = self.note(witnesses=WITNESSES)
        name, id, data = note.signatures[2]
        note.signatures[2] = name, id, data[:-1] + bytes([data[-1] ^ 1])
        self.refuses(note)
        note.signatures[2] = name, id, data[:-1]
        self.refuses(note)
        # The name is a witness's, but the key is not: it does not count.
        other = NoteKey(WITNESSES[1].name)
        self.assertTrue(self.judge([self.note(witnesses=[WITNESSES[0], other])]).accepted)

    def test_partial_records_and_checkpoints_from_elsewhere(self):
        half = self.entries[:20]
        self.assertTrue(self.judge([self.note(7, witnesses=[])], half, partial=True).accepted)
        self.assertTrue(self.judge([], half, partial=True).accepted)
        self.refuses(self.note(25), entries=half, partial=True)
        # A record with its result needs its witnesses, even if it may be partial.
        self.refuses(self.note(witnesses=[]), partial=True)
        self.refuses(partial=True)
        self.assertEqual(self.judge([], half, partial=True).statuses["record.checkpoints"], "not asked")
        self.assertTrue(self.judge([self.note()], elsewhere=[self.note(9, witnesses=[])]).accepted)
        self.assertTrue(self.judge([], elsewhere=[self.note()]).accepted)
        self.refuses(self.note(), elsewhere=[self.note(9, root=bytes(32))])
        # As it was before witnesses cosigned it.
        self.assertTrue(self.judge([self.note()], elsewhere=[self.note(witnesses=[])]).accepted)
        # Two copies of one checkpoint, each with another witness.
        record = whole(log=forge.make_log(LOG, WITNESSES, 2))
        tree, origin = record.tree, origin_of(record.state.manifest)
        notes = [
            Checkpoint.parse(forge.make_checkpoint(origin, tree.size, tree.root(), LOG, [witness]))
            for witness in WITNESSES
        ]
        entries = record.entries()
        self.assertTrue(audit(Record(entries, None, notes)).accepted)
        for few in (notes[:1], notes[:1] * 2):
            verdict = audit(Record(entries, None, few))
            self.assertEqual(verdict.failures(), {("record.checkpoints", None)})

    def test_without_a_log(self):
        b = whole()
        origin = origin_of(b.state.manifest)
        note = Checkpoint.parse(forge.make_checkpoint(origin, b.tree.size, b.tree.root(), LOG))
        verdict = audit(Record(b.entries(), None, [note]))
        self.assertEqual(verdict.failures(), {("record.checkpoints", None)})
        self.assertEqual(audit(Record(b.entries())).statuses["record.checkpoints"], "not asked")

    def test_views(self):
        note = self.note()
        verdict = self.judge([note], views=self.views)
        self.assertTrue(verdict.accepted)
        self.assertEqual(verdict.statuses["record.views"], "passed")
        for name, data in self.views.items():
            json.loads(data)
            for at in range(0, len(data), 7):
                changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
                verdict = self.judge([note], views={name: changed})
                self.assertEqual(verdict.failures(), {("record.views", None)})
            for changed in (data[:-1], data + b"\n", b""):
                self.assertFalse(self.judge([note], views={name: changed}).accepted)
        # In a file, of any length.
        with tempfile.TemporaryDirectory() as folder:
            files = write_files(self.entries) | self.views
            for path, data in files.items():
                os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
                with open(f"{folder}/{path}", "wb") as file:
                    file.write(data)
            self.assertTrue(self.judge([note], views=Record.read(folder).views).accepted)
            os.truncate(f"{folder}/result.json", 1 << 30)
            verdict = self.judge([note], views=Record.read(folder).views)
            self.assertEqual(verdict.failures(), {("record.views", None)})
            self.assertIn(f"from byte {len(self.views['result.json'])} on", str(verdict.findings[0]))
        half = self.judge([], self.entries[:20], views=self.views, partial=True)
        self.assertEqual(half.failures(), {("record.views", None)})
        result = json.loads(self.views["result.json"])
        self.assertEqual(result["turnout"]["ballots"], 4)
        self.assertEqual(result["contests"][0]["cells"][0]["votes"], [4, 4, 0])

    def test_views_of_what_is_not_opened(self):
        b = whole(minimum=3, totals=[[10, 0]])
        self.assertEqual(b.refusals, [])
        first, _, everybody = json.loads(views_of(b.state)["result.json"])["contests"]
        self.assertEqual((first["votes"], first["marks"], first["not_given"], first["weight"]), (None, None, None, 4))
        self.assertEqual((everybody["votes"], everybody["marks"], everybody["not_given"]), ([10, 0], [], 0))


if __name__ == "__main__":
    unittest.main()
