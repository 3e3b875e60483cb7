"""Where the files of a record are, and how it is split into entries (docs/spec/record.md). Nothing else handles
files."""

import os
import re

from checkpoints import Checkpoint, NotACheckpoint

SEGMENT = 4096
VIEWS = "manifest.json", "result.json"
MAX_CHECKPOINT = 100_000
FOLDERS = "board", "checkpoints"


class NotARecord(Exception):
    """There is nothing to judge."""


class View:
    """A view in a file, which is read when it is compared: the board determines its length."""

    def __init__(self, path):
        self.path = path

    def open(self):
        return open(self.path, "rb")

    def read(self):
        with self.open() as file:
            return file.read()


class Record:
    """`entries` are those that can be read; `torn` says why there are no more, unless the board ends there. For a
    board alone, `checkpoints` is None and not asked for. `views` are bytes or a `View`."""

    def __init__(self, entries, torn=None, checkpoints=None, views=None):
        self.entries, self.torn, self.checkpoints, self.views = entries, torn, checkpoints, views or {}

    @classmethod
    def from_board(cls, data):
        """From the bytes of a board: each entry after its length, u16 big-endian."""
        return cls(*cut(data))

    @classmethod
    def from_files(cls, files):
        """From the bytes of all files, by their paths in the folder; a view may be a `View`."""
        segments, checkpoints, views = {}, {}, {}
        for path, data in files.items():
            if path.endswith(".part"):
                continue
            if match := re.fullmatch("board/([0-9]{8}|[1-9][0-9]{8,}).bin", path):
                segments[int(match[1])] = data
            elif match := re.fullmatch("checkpoints/(0|[1-9][0-9]*).txt", path):
                if len(data) > MAX_CHECKPOINT:
                    raise NotARecord(f"{path}: more bytes than a checkpoint has")
                checkpoints[int(match[1])] = read_checkpoint(path, data)
            elif path in VIEWS:
                views[path] = data
            else:
                raise NotARecord(f"{path}: no part of a record")
        for number in range(max(len(segments), 1)):
            if number not in segments:
                raise NotARecord(f"{segment_name(number)} is missing")
        for size, checkpoint in checkpoints.items():
            if checkpoint.size != size:
                raise NotARecord(f"checkpoints/{size}.txt: a checkpoint of size {checkpoint.size}")
        entries, torn = join([segments[number] for number in range(len(segments))])
        return cls(entries, torn, [checkpoints[size] for size in sorted(checkpoints)], views)

    @classmethod
    def read(cls, folder):
        return cls.from_files(read_files(folder))


def segment_name(number):
    return f"board/{number:08}.bin"


def read_files(folder):
    """The bytes of all files of a record, by path; of views only where they are, and of an overlong checkpoint only
    the beginning."""
    files = {}

    def walk(prefix):
        with os.scandir(os.path.join(folder, prefix)) as found:
            content = list(found)
        for file in content:
            path = prefix + file.name
            if path.endswith(".part"):
                continue
            if path in FOLDERS:
                if not file.is_dir(follow_symlinks=False):
                    raise NotARecord(f"{path}: no folder")
                walk(path + "/")
            elif not file.is_file(follow_symlinks=False):
                raise NotARecord(f"{path}: no plain file")
            elif path in VIEWS:
                files[path] = View(file.path)
            else:
                with open(file.path, "rb") as opened:
                    files[path] = opened.read() if prefix == "board/" else opened.read(MAX_CHECKPOINT + 1)

    try:
        walk("")
    except OSError as error:
        raise NotARecord(str(error)) from None
    return files


def write_files(entries):
    """The segments with these entries, by path."""
    parts = [entries[at : at + SEGMENT] for at in range(0, max(len(entries), 1), SEGMENT)]
    return {
        segment_name(number): b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
        for number, part in enumerate(parts)
    }


def read_checkpoint(path, data):
    try:
        return Checkpoint.parse(data)
    except NotACheckpoint as error:
        raise NotARecord(f"{path}: {error}") from None


def join(segments):
    """The entries of all segments; and why there are no more, or None."""
    entries = []
    for number, data in enumerate(segments):
        found, torn = cut(data, SEGMENT)
        entries += found
        if torn:
            return entries, f"{segment_name(number)}: {torn}"
        if len(found) < SEGMENT and number + 1 < len(segments):
            return entries, f"{segment_name(number)} has only {len(found)} entries"
    return entries, None


def cut(data, most=None):
    """The entries, and why there are no more, or None. With more than `most` entries, the last of these is
    unreadable."""
    entries, at = [], 0
    while at < len(data):
        if len(entries) == most:
            entries.pop()
            return entries, f"there are bytes behind entry {most}, from byte {at} on"
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            return entries, f"the entry at byte {at} is torn"
        entries.append(data[at + 2 : end])
        at = end
    return entries, None
