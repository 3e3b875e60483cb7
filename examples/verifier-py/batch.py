"""Judges many records in one process and compares each verdict with the one expected.

    python3 batch.py FOLDER or FILE.json …

A file is a list of

    {"name": …, "base": …, "edit": …, "findings": [[check, entry], …]}

`base` is the folder of a record beside the file, and `edit` the change in it:

    {}                                                   nothing
    {"entry": 12, "at": 40, "xor": "01"}                 bytes of an entry
    {"drop": [12]}   {"swap": [12, 13]}   {"move": {"entry": 12, "before": 3}}
    {"insert": {"before": 12, "entries": [hex, …]}}      or "bytes": hex, for one entry
    {"replace": {"entry": 12, "bytes": hex}}
    {"cut": 12}                                          this many entries remain
    {"torn": 3}                                          this many bytes are missing at the end
    {"tail": {"from": 12, "entries": [hex, …]}}          all entries from there on
    {"file": "checkpoints/34.txt", "at": 40, "xor": "01"}
    {"write": {"file": …, "text": …}}   {"drop_file": …}

If entries are changed, only the board is judged; if a file is, the whole folder. Instead of `base` and `edit`
there can be `record`: the path of a folder or of a board's bytes, or these bytes in hexadecimal digits or in base64.
`findings` are all pairs of a check's name and an entry, in any order; `[["record", null]]` stands for a folder that is
not a record.
There can be `check` and `entry` instead: this check must be among those that fail, at that entry if one is given;
none may fail if it is null. Optional are `partial`, `expect_manifest`, `expect_root`, `expect_result` (hexadecimal), `expect_size`,
`expect_heads` (pairs of a size and a root), `checkpoints` and `receipts` (texts), `voter` (the receipts' voter, a text).

All records in a folder must be accepted as they are. Its files are read, too: those that `vectors.py` knows, and lists
as above. The exit code is 0 if everything is as expected, otherwise 1.
"""

import base64
import binascii
import json
import os
import sys
import time
from functools import lru_cache

import bech32m
import vectors
from audit import Expect, audit
from challenge import Receipt
from checkpoints import Checkpoint
from record import NotARecord, Record, read_files


@lru_cache(maxsize=64)
def base_files(path):
    files = read_files(path)
    return {path: data if isinstance(data, bytes) else data.read() for path, data in files.items()}


@lru_cache(maxsize=64)
def base_entries(path):
    return Record.from_files(base_files(path)).entries


def xored(data, at, xor):
    changed = bytearray(data)
    for i, byte in enumerate(bytes.fromhex(xor), at):
        changed[i] ^= byte
    return bytes(changed)


def edited(path, edit):
    """The record in this folder, with a change."""
    edit = dict(edit)
    file = edit.get("file") or edit.get("drop_file") or edit.get("write", {}).get("file")
    if file is not None:
        files = dict(base_files(path))
        if "write" in edit:
            files[file] = edit["write"]["text"].encode()
        elif "drop_file" in edit:
            del files[file]
        else:
            files[file] = xored(files[file], edit["at"], edit["xor"])
        return Record.from_files(files)
    entries = list(base_entries(path))
    match edit:
        case {"entry": entry, "at": at, "xor": xor}:
            entries[entry] = xored(entries[entry], at, xor)
        case {"drop": dropped}:
            entries = [entry for i, entry in enumerate(entries) if i not in dropped]
        case {"swap": [a, b]}:
            entries[a], entries[b] = entries[b], entries[a]
        case {"move": {"entry": entry, "before": before}}:
            moved = entries.pop(entry)
            entries.insert(before - (before > entry), moved)
        case {"insert": {"before": before, "entries": new}}:
            entries[before:before] = map(bytes.fromhex, new)
        case {"insert": {"before": before, "bytes": new}}:
            entries.insert(before, bytes.fromhex(new))
        case {"replace": {"entry": entry, "bytes": new}}:
            entries[entry] = bytes.fromhex(new)
        case {"cut": left}:
            entries = entries[:left]
        case {"tail": {"from": first, "entries": new}}:
            entries[first:] = map(bytes.fromhex, new)
        case {"torn": missing}:
            data = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
            return Record.from_board(data[: len(data) - missing])
        case _ if edit:
            raise ValueError(f"no edit that is known: {edit}")
    return Record(entries)


def read(vector, folder):
    if "base" in vector:
        return edited(os.path.join(folder, vector["base"]), vector["edit"])
    value = vector["record"]
    path = os.path.join(folder, value)
    if len(value) < 4096 and os.path.isdir(path):
        return Record.read(path)
    if len(value) < 4096 and os.path.isfile(path):
        with open(path, "rb") as file:
            return Record.from_board(file.read())
    try:
        return Record.from_board(bytes.fromhex(value))
    except ValueError:
        pass
    try:
        return Record.from_board(base64.b64decode(value, validate=True))
    except binascii.Error:
        raise NotARecord(f"neither a path nor bytes: {value[:40]}") from None


def optional_hash(value):
    return None if value is None else bytes.fromhex(value)


def judge(vector, folder):
    """(check, entry) of all findings, in order; `record` stands for something that is not a record."""
    try:
        record = read(vector, folder)
    except NotARecord:
        return [("record", None)]
    expect = Expect(
        optional_hash(vector.get("expect_manifest")),
        vector.get("expect_size"),
        optional_hash(vector.get("expect_root")),
        vector.get("partial", False),
        [Checkpoint.parse(text.encode()) for text in vector.get("checkpoints", [])],
        [Receipt.from_text(text) for text in vector.get("receipts", [])],
        bech32m.decode("voterkey", vector["voter"], 32) if "voter" in vector else None,
        [(size, bytes.fromhex(root)) for size, root in vector.get("expect_heads", [])],
        optional_hash(vector.get("expect_result")),
    )
    return [(finding.check, finding.entry) for finding in audit(record, expect).findings]


def agrees(found, vector):
    if "findings" in vector:
        return set(found) == {tuple(finding) for finding in vector["findings"]}
    check, entry = vector["check"], vector.get("entry")
    if check is None:
        return found == []
    return any(name == check and entry in (None, place) for name, place in found)


def judge_file(path):
    """(the number of vectors or values, the differences) of one file."""
    with open(path) as file:
        content = json.load(file)
    if os.path.basename(path) in vectors.FILES:
        comparison = vectors.judge(os.path.basename(path), content, os.path.dirname(os.path.abspath(path)))
        return comparison.count, comparison.wrong
    wrong = []
    for vector in content:
        found = judge(vector, os.path.dirname(path))
        if not agrees(found, vector):
            expected = vector.get("findings", (vector.get("check"), vector.get("entry")))
            wrong.append(f"{vector['name']} ({vector.get('base', '')}): expected {expected}, found {found}")
    return len(content), wrong


def judge_record(path):
    found = judge({"record": os.path.abspath(path)}, "")
    return 1, [f"expected nothing, found {found}"] if found else []


def targets(path):
    """(path, function that judges it) for everything to be judged in a folder, or for a file."""
    if not os.path.isdir(path):
        return [(path, judge_file)]
    if os.path.isdir(os.path.join(path, "board")):
        return [(path, judge_record)]
    found = []
    for name in sorted(os.listdir(path)):
        inner = os.path.join(path, name)
        if os.path.isdir(os.path.join(inner, "board")):
            found.append((inner, judge_record))
        elif name.endswith(".json"):
            found.append((inner, judge_file))
    return found


def main(paths):
    start, total, differ = time.monotonic(), 0, 0
    for path, judge_it in [target for path in paths for target in targets(path)]:
        before = time.monotonic()
        count, wrong = judge_it(path)
        for line in wrong:
            print(f"{path}: {line}")
        print(f"{path}: {count} in {time.monotonic() - before:.1f} s, {len(wrong)} differ")
        total, differ = total + count, differ + len(wrong)
    print(f"{total} vectors in {time.monotonic() - start:.1f} s, {differ} differ")
    return 1 if differ or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
