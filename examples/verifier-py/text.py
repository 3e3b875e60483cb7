"""Which text is allowed in a record (docs/spec/manifest.md, Checks and What cannot be seen)."""

import unicodedata
from pathlib import Path

MAX_NAME = 400  # bytes
MAX_LANGUAGES = 64

# Unicode's property White_Space. Python's str.strip also takes four control characters, which are refused anyway.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def ranges(text):
    """The code points in a list of characters and ranges of characters, in hexadecimal."""
    found = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


# What is unassigned in Unicode 14.0.
LIST = Path(__file__).parents[2] / "docs" / "spec" / "unassigned.txt"
UNASSIGNED = ranges(" ".join(LIST.read_text().splitlines()[1:]).replace("..", "-"))
# Unicode's Default_Ignorable_Code_Point, other characters that show nothing, private use, and noncharacters.
INVISIBLE = ranges(
    "AD 34F 61C 115F 1160 17B4 17B5 180B-180F 200B-200F 2028-202E 2060-206F 2800 3164 E000-F8FF FDD0-FDEF FE00-FE0F FEFF FFA0"
    " FFF0-FFFC 13430-13442 1BCA0-1BCA3 1D159 1D173-1D17A E0000-E0FFF F0000-10FFFF"
) | {plane | last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)} | UNASSIGNED
SHAPED = ranges("600-109F 1700-1CFF A800-ABFF 10A00-11FFF 1E900-1E95F") - INVISIBLE
PICTOGRAPHS = ranges(
    "A9 AE 203C 2049 2122 2139 2190-21FF 2300-23FF 2460-24FF 25A0-27BF 2900-297F 2B00-2BFF 3030 303D 3297 3299 1F000-1FAFF"
)
IDEOGRAPHS = ranges("3400-4DBF 4E00-9FFF F900-FAFF 20000-3FFFD")
MONGOLIAN = ranges("1820-18AA")
SELECTORS = ranges("180B-180D 180F FE00-FE0F E0100-E01EF")
OF_IDEOGRAPHS = ranges("FE00-FE02 E0100-E01EF")


def is_invisible(c):
    return ord(c) in INVISIBLE or unicodedata.category(c) == "Cc"


def joins(before, joiner, after):
    """Whether a joiner changes the characters on both sides of it."""
    if joiner == 0x200D and before in PICTOGRAPHS and after in PICTOGRAPHS:
        return True
    return before in SHAPED and (after in SHAPED or unicodedata.combining(chr(before)) == 9)


def varies(before, selector, after):
    """Whether a variation selector changes the character before it."""
    if selector in (0xFE0E, 0xFE0F):
        return before in PICTOGRAPHS or (after == 0x20E3 and before in map(ord, "0123456789#*"))
    if selector in OF_IDEOGRAPHS:
        return before in IDEOGRAPHS
    if selector == 0x180E:
        return before in MONGOLIAN and after in MONGOLIAN
    return selector in SELECTORS and before in MONGOLIAN and selector < 0x1810


def unseen(text):
    """The characters that are invisible where they stand."""
    found, before, base = [], None, None
    for place, c in enumerate(text):
        after = ord(text[place + 1]) if place + 1 < len(text) else None
        rule, left = (joins, base) if c in "\u200c\u200d" else (varies, before)
        if is_invisible(c) and not (left is not None and rule(left, ord(c), after)):
            found.append(c)
        before = ord(c)
        if before not in SELECTORS:
            base = before
    return found


def shown(text, kept=""):
    """Text for a terminal: characters that are invisible or affect the terminal are shown by their numbers."""
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text)


def is_text(text, most):
    return 1 <= len(text.encode()) <= most and text.strip(WHITE_SPACE) == text and not unseen(text)


def texts(r, most):
    """One string for all languages, or one for each; none if the list is empty."""
    return r.list(lambda: r.text(most), MAX_LANGUAGES, 4)


def first_of(strings):
    return strings[0] if strings else ""


def in_language(strings, place):
    return strings[place] if len(strings) > 1 else first_of(strings)
