"""Where a record lies and how it is cut into entries. Nothing else knows of files."""

import base64
import os
import re


class NotARecord(Exception):
    """There is nothing that could be judged."""


class Record:
    """The entries of a board, and what its folder claims about them."""

    def __init__(self, entries, checkpoint=None):
        self.entries = entries
        self.checkpoint = checkpoint  # (origin, size, root), or None if there is none

    @classmethod
    def from_board(cls, data):
        """From the bytes of a board: each entry behind its length, u16 big-endian."""
        return cls(cut(data))

    @classmethod
    def read(cls, folder):
        try:
            if os.path.isdir(os.path.join(folder, "board")):
                return cls(list(read_segments(os.path.join(folder, "board"))))
            with open(os.path.join(folder, "board.bin"), "rb") as file:
                entries = cut(file.read())
            with open(os.path.join(folder, "checkpoint.txt"), "rb") as file:
                return cls(entries, parse_checkpoint(file.read()))
        except OSError as error:
            raise NotARecord(str(error)) from None


def cut(data):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        end = at + 2 + length
        if end > len(data) or at + 2 > len(data):
            raise NotARecord(f"the entry at byte {at} is torn")
        entries.append(data[at + 2 : end])
        at = end
    return entries


SEGMENT = 4096


def read_segments(folder):
    """Segments of 4,096 entries, `00000000.bin` and so on; the last one may hold fewer, but not none."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".bin"))
    for number, name in enumerate(names):
        if name != f"{number:08}.bin":
            raise NotARecord(f"segment {number:08}.bin is missing")
        with open(os.path.join(folder, name), "rb") as file:
            entries = cut(file.read())
        if not 1 <= len(entries) <= SEGMENT or (len(entries) < SEGMENT and number + 1 < len(names)):
            raise NotARecord(f"segment {name} holds {len(entries)} entries")
        yield from entries


def parse_checkpoint(data):
    try:
        origin, size, root, rest = data.decode().split("\n")
        bytes_ = base64.b64decode(root, validate=True)
    except ValueError:
        raise NotARecord("checkpoint.txt: three lines expected") from None
    if rest or not re.fullmatch("0|[1-9][0-9]*", size) or len(bytes_) != 32 or not origin.startswith("tabella/"):
        raise NotARecord("checkpoint.txt: origin, size and root expected")
    if base64.b64encode(bytes_).decode() != root:
        raise NotARecord("checkpoint.txt: a root in base64 expected")
    return origin, int(size), bytes_
