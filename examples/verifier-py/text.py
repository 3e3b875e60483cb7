"""Which text may stand in a record (docs/spec/manifest.md, Checks)."""

import unicodedata

# Unicode's property White_Space. Python's str.strip takes four control characters more, which are refused anyway.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
INVISIBLE = {0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x2028, 0x202F), *range(0x2060, 0x2070)}


def shown(text, kept=""):
    """Text for a terminal: what cannot be seen there, or does something to it, is shown by its number."""
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text)


def is_text(text, most):
    return (
        1 <= len(text.encode()) <= most
        and text.strip(WHITE_SPACE) == text
        and not any(unicodedata.category(c) == "Cc" or ord(c) in INVISIBLE for c in text)
    )
