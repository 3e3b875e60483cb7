"""The commands `verify.py` and `batch.py`."""

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
import unittest
from unittest import mock

import batch
import bech32m
import forge
import verify
from ballot import tracker
from board import BALLOT, SPOIL, SPOIL_OPENING, Tree
from checkpoints import origin_of
from entries import entry_line
from forge import NoteKey
from record import write_files
from test_verifier import OPERATOR, VOTERS, ballot, opened, start, whole
from views import views_of

LOG = NoteKey()


def write(folder, files):
    for path, data in files.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def run(main, *arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(*arguments)
    return code, out.getvalue()


def typed(*arguments):
    with mock.patch.object(sys, "argv", ["verify.py", *arguments]):
        return run(verify.main)


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = cls.temporary.name
        cls.board = whole(log=forge.make_log(LOG, [], 0))
        tree, origin = cls.board.tree, origin_of(cls.board.state.manifest)
        cls.files = write_files(cls.board.entries()) | views_of(cls.board.state)
        cls.name = f"checkpoints/{tree.size}.txt"
        cls.files[cls.name] = forge.make_checkpoint(origin, tree.size, tree.root(), LOG)
        write(f"{cls.folder}/good", cls.files)

    def test_entries(self):
        _, out = typed(f"{self.folder}/good", "--entries")
        lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        self.assertEqual([line["bytes"] for line in lines], list(map(len, self.board.entries())))
        self.assertEqual(lines[0]["author"], "operator")
        self.assertEqual(lines[0]["hash"], self.board.manifest_hash.hex())
        ballots = [line for line in lines if line["kind"] == "ballot"]
        self.assertEqual([line["origin"] for line in ballots], ["remote", "station", "remote", "remote", "remote"])
        for entry, line in (
            (b"", '{"entry":7,"kind":"unknown","bytes":0}\n'),
            (b"\x63", '{"entry":7,"kind":"unknown","bytes":1}\n'),
            (b"\xff\0", '{"entry":7,"kind":"chunk","bytes":2}\n'),
            (bytes([16]) + bytes(6), '{"entry":7,"kind":"erasure","bytes":7,"trustee":0,"epoch":0}\n'),
            (bytes([16]) + bytes(5), '{"entry":7,"kind":"erasure","bytes":6}\n'),
            (b"\x06", '{"entry":7,"kind":"close","bytes":1}\n'),
            (b"\x14", '{"entry":7,"kind":"freeze","bytes":1,"author":"operator"}\n'),
            (b"\x15", '{"entry":7,"kind":"lift","bytes":1,"author":"operator"}\n'),
        ):
            self.assertEqual(entry_line(7, entry), line)

    def test_verify(self):
        good = f"{self.folder}/good"
        code, out = typed(good)
        # An unknown election: a size does not identify it.
        consistent = "consistent, but which election it is was not checked: see --expect-manifest"
        self.assertEqual((code, out.splitlines()[-1]), (3, consistent))
        self.assertEqual(typed(good, "--expect-size", str(self.board.tree.size))[0], 3)
        root = self.board.tree.root().hex()
        grouped = " ".join(root[i : i + 4] for i in range(0, 64, 4)) + " "
        for known in (["--expect-root", root], ["--expect-root", grouped], ["--checkpoint", f"{good}/{self.name}"],
                      ["--expect-manifest", self.board.manifest_hash.hex()]):  # fmt: skip
            code, out = typed(good, *known)
            self.assertEqual((code, out.splitlines()[-1]), (0, "verified"))
        self.assertEqual(typed(good, "--expect-root", root[::-1])[0], 1)
        # What was published: heads that it had, the result.
        size, empty = self.board.tree.size, f"0:{hashlib.sha256().hexdigest()}"
        tree = Tree()
        tree.push(self.board.entries()[0])
        first, last = f"1:{tree.root().hex()}", f"{size}:{root}"
        result = hashlib.sha256(self.files["result.json"]).hexdigest()
        for code, known, heads in ((0, "BOARD", [first, last]), (0, "ELECTION", [empty, first]), (3, "NOTHING", [empty]),
                                   (1, "", [f"1:{root}"]), (1, "", [f"{size + 1}:{root}"])):  # fmt: skip
            options = [word for head in heads for word in ("--expect-head", head)]
            found, out = typed(good, *options, "--expect-result", result)
            self.assertEqual(found, code, out)
            self.assertIn(f"known     {verify.KNOWN[getattr(verify, known)]}" if known else "record.expected: ", out)
        self.assertEqual(typed(good, "--expect-result", root)[0], 1)
        self.assertEqual(typed(good, "--checkpoint", f"{good}/manifest.json")[0], 2)
        self.assertEqual(typed(f"{self.folder}/nowhere")[0], 2)
        code, out = typed(f"{self.folder}/x\x1b[2J\x9b\u202e\ny")
        self.assertEqual((code, len(out.splitlines())), (2, 2))
        self.assertIn(r"x\x1b[2J\x9b\u202e\ny", out)
        for wrong in (["--expect-root", "00"], ["--expect-head", root], ["--expect-head", f"-1:{root}"],
                      ["--receipt", "receipt1x"],
                      ["--voter", bech32m.encode("voterkey", bytes(32))],
                      ["--voter", bech32m.encode("voter", bytes(20))]):  # fmt: skip
            with self.assertRaises(SystemExit):
                typed(good, *wrong)

    def test_a_voter_reads_what_was_opened(self):
        b = start()
        made = opened(b)
        spoiled, other = ballot(made, 0, nonce=7), ballot(made, 1, nonce=8)
        for i, (data, nonce) in enumerate(((spoiled, 7), (other, 8))):
            secret = VOTERS[i].secret
            b.post(SPOIL, forge.make_spoil_request(made.election, secret, nonce, tracker(data)))
        b.post(SPOIL_OPENING, forge.make_spoil_opening(7, spoiled))
        b.post(BALLOT, ballot(made, 1))
        write(f"{self.folder}/partial", write_files(b.entries()))
        size, root = b.tree.size, b.tree.root()
        receipts = [
            forge.make_receipt(OPERATOR, b.state.manifest, 1, size - 4, size, root, tracker(data))
            for data in (spoiled, other)
        ]
        code, out = typed(f"{self.folder}/partial", "--partial", "--opened", "--receipt", receipts[0])
        self.assertEqual(code, 3, out)
        self.assertIn("consistent as far as it goes", out)
        keys = [bech32m.encode("voterkey", voter.point) for voter in VOTERS[:2]]
        self.assertIn(f"receipt   0: spoiled by {keys[0]}; NOT COMPARED", out)
        receipt = [f"{self.folder}/partial", "--partial", "--receipt", receipts[0], "--voter"]
        _, own = typed(*receipt, keys[0])
        self.assertIn(f"receipt   0: spoiled by {keys[0]}; the key is the one given", own)
        code, foreign = typed(*receipt, keys[1])
        self.assertEqual(code, 1, foreign)
        self.assertIn(f"it is for a ballot of {keys[0]}, and not of {keys[1]}", foreign)
        opened_text = out.split(bech32m.encode("tracker", tracker(spoiled)))[1]
        self.assertIn(
            "The c0\n         1  red\n         1  blue\n         0  green\n         0  (blank)", opened_text
        )
        self.assertIn(bech32m.encode("tracker", tracker(other)) + "\n  spoiled by entry", out)
        self.assertEqual(typed(f"{self.folder}/partial", "--partial", "--receipt", receipts[1])[0], 1)

    def test_batch(self):
        n = len(self.board.entries())
        last = self.board.entries()[-1]
        cases = [
            ({}, []),
            ({"entry": 1, "at": 9, "xor": "0101"}, [["keys.deals", 1]]),
            ({"drop": [n - 1]}, [["record.complete", None]]),
            ({"drop": [0, 1]}, [["record.order", 0]]),
            ({"swap": [0, 1]}, [["record.order", 0]]),
            ({"move": {"entry": n - 1, "before": 0}}, [["record.order", 0]]),
            ({"move": {"entry": 0, "before": 2}}, [["record.order", 0]]),
            ({"insert": {"before": n, "entries": [last.hex()]}}, [["record.order", n]]),
            ({"insert": {"before": 0, "bytes": ""}}, [["record.form", 0]]),
            ({"replace": {"entry": 3, "bytes": "ff"}}, [["record.form", 3]]),
            ({"cut": 0}, [["record.complete", None]]),
            ({"torn": 1}, [["record.form", n - 1]]),
            ({"tail": {"from": n, "entries": ["00"]}}, [["record.form", n]]),
            ({"file": self.name, "at": 0, "xor": "01"}, [["record.checkpoints", None]]),
            ({"file": "result.json", "at": 0, "xor": "01"}, [["record.views", None]]),
            ({"write": {"file": "x", "text": ""}}, [["record", None]]),
            ({"drop_file": self.name}, [["record.checkpoints", None]]),
        ]
        vectors = [{"name": str(edit), "base": "good", "edit": edit, "findings": findings} for edit, findings in cases]
        write(self.folder, {"all.json": json.dumps(vectors).encode()})
        code, out = run(batch.main, [f"{self.folder}/all.json", f"{self.folder}/good"])
        self.assertEqual(code, 0, out)
        self.assertIn(f"{len(vectors)} in ", out)
        for vector in vectors:
            vector["findings"] = [["record.form", 99]]
        write(self.folder, {"wrong.json": json.dumps(vectors).encode()})
        code, out = run(batch.main, [f"{self.folder}/wrong.json"])
        self.assertEqual((code, out.count("expected")), (1, len(vectors)))
        by_check = [
            {"name": "as bytes", "record": self.files["board/00000000.bin"].hex(), "check": None},
            {"name": "torn", "record": "0003ff", "check": "record.form", "entry": 0},
            {"name": "neither", "record": "?", "check": "record"},
        ]
        write(self.folder, {"other.json": json.dumps(by_check).encode()})
        self.assertEqual(run(batch.main, [f"{self.folder}/other.json"])[0], 0)
        # Judging nothing is not a success.
        os.mkdir(f"{self.folder}/empty")
        self.assertEqual(run(batch.main, [f"{self.folder}/empty"])[0], 1)


if __name__ == "__main__":
    unittest.main()
