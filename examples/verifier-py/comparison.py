"""Comparing vectors with computed values."""

import os
from functools import lru_cache

import board
from checkpoints import NotACheckpoint
from codec import DecodeError
from merlin import Merlin, Transcript
from record import Record
from ristretto import L, NotCanonical

# The names of challenges.
CHALLENGES = "x", "y", "w", "x author", "key", "u", "zeta"


def little(value):
    return (value % L).to_bytes(32, "little")


class Comparison:
    def __init__(self):
        self.count, self.wrong = 0, []

    def equal(self, what, found, expected):
        """Bytes are compared with hexadecimal digits, numbers and lists directly."""
        self.count += 1
        found = plain(found)
        if found != expected:
            self.wrong.append(f"{what}: expected {str(expected)[:200]}, found {str(found)[:200]}")

    def true(self, what, found):
        self.equal(what, bool(found), True)

    def reads(self, what, read, accepted):
        try:
            read()
            self.equal(what, True, accepted)
        except (DecodeError, NotCanonical, NotACheckpoint):
            self.equal(what, False, accepted)

    def transcript(self, what, item, start=None):
        """Absorbs the messages of this item, after those of `start` unless they begin with `new`, and compares the
        challenges with the messages and with the item's values of the same names."""
        merlin = start and start.clone().merlin
        drawn = {}
        for label, value in item["messages"]:
            if label == "new":
                merlin = Merlin(value.encode())
            elif label.startswith("→ "):
                data = merlin.challenge_bytes(label[2:].encode(), len(value) // 2)
                self.equal(f"{what}: {label}", data, value)
                drawn[label[2:]] = data
            else:
                data = value.to_bytes(8, "little") if isinstance(value, int) else bytes.fromhex(value)
                merlin.append_message(label.encode(), data)
        self.equal(f"{what}: challenges", [name for name in CHALLENGES if name in item and name not in drawn], [])
        for label, data in drawn.items():
            if isinstance(item.get(label), list):
                size = 64 if label == "u" else 16
                numbers = [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]
                chunks = list(map(little, numbers))
                self.equal(f"{what}: {label}", chunks, item[label])
            elif label in item:
                value = data if len(data) < 64 else little(int.from_bytes(data, "little"))
                self.equal(f"{what}: {label}", value, item[label])
        other = object.__new__(Transcript)
        other.merlin = merlin
        return other

    def context(self, what, messages, transcript):
        """Checks that these are the messages of a transcript."""
        other = self.transcript(what, {"messages": messages})
        self.equal(what, other.challenge_bytes("same", 32), transcript.clone().challenge_bytes("same", 32).hex())


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


class Base:
    """A record of the folder, replayed."""

    def __init__(self, path):
        self.record = Record.read(path)
        self.entries = self.record.entries
        self.state = board.State()
        for entry in self.entries:
            self.state.apply(entry)

    def bodies(self, kind):
        return [entry[1:].hex() for entry in self.entries if entry[0] == kind]


@lru_cache(maxsize=8)
def base(folder, name):
    return Base(os.path.join(folder, name))
