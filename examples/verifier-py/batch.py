"""Judges many records in one process and compares each verdict with the one expected.

`vectors.json` is a list of

    {"name": …, "record": …, "check": "ballot.proof" or null, "entry": 17 or null}

`record` is the path of a record's folder or of a board's bytes, beside the file, or else these bytes in hexadecimal
digits or in base64. `check` is the one that refuses it, null if the record is accepted; `entry` is compared if it is
there. Optional are `partial`, `expect_manifest`, `expect_root` (hexadecimal), `expect_size`, and instead of `check` and
`entry` a list `findings` of all pairs of them. The exit code is 0 if all verdicts are those expected, otherwise 1.
"""

import base64
import binascii
import json
import os
import sys
import time

from audit import audit
from record import NotARecord, Record, cut


def read(value, folder):
    path = os.path.join(folder, value)
    if len(value) < 4096 and os.path.isdir(path):
        return Record.read(path).entries
    if len(value) < 4096 and os.path.isfile(path):
        with open(path, "rb") as file:
            return cut(file.read())
    try:
        return cut(bytes.fromhex(value))
    except ValueError:
        pass
    try:
        return cut(base64.b64decode(value, validate=True))
    except binascii.Error:
        raise NotARecord(f"neither a path nor bytes: {value[:40]}") from None


def optional_hash(value):
    return None if value is None else bytes.fromhex(value)


def judge(vector, folder):
    """(check, entry) of all findings, in their order; `record` stands for what is no record at all."""
    try:
        entries = read(vector["record"], folder)
    except NotARecord:
        return [("record", None)]
    verdict = audit(
        entries,
        optional_hash(vector.get("expect_manifest")),
        vector.get("expect_size"),
        optional_hash(vector.get("expect_root")),
        vector.get("partial", False),
    )
    return [(finding.check, finding.entry) for finding in verdict.findings]


def agrees(found, vector):
    if "findings" in vector:
        return set(found) == {tuple(finding) for finding in vector["findings"]}
    check, entry = vector["check"], vector.get("entry")
    if check is None:
        return found == []
    return any(name == check and entry in (None, place) for name, place in found)


def main(path):
    with open(path) as file:
        vectors = json.load(file)
    start, wrong = time.monotonic(), 0
    for vector in vectors:
        found = judge(vector, os.path.dirname(path))
        if not agrees(found, vector):
            wrong += 1
            expected = vector.get("findings", (vector.get("check"), vector.get("entry")))
            print(f"{vector['name']}: expected {expected}, found {found}")
    print(f"{len(vectors)} records in {time.monotonic() - start:.1f} s, {wrong} verdicts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
