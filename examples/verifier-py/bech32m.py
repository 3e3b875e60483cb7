"""Text for people (docs/spec/board.md): bech32m, BIP 350, without its limit of 90 characters."""

from codec import DecodeError
from text import WHITE_SPACE, is_invisible

CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS = 0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3
CONSTANT = 0x2BC830A3


HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d\uff70"


def halfwidth(c):
    return chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c


def remainder(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(GENERATORS):
            if top >> i & 1:
                check ^= generator
    return check


def of_prefix(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def encode(prefix, data):
    number, bits = int.from_bytes(data, "big"), 8 * len(data)
    padding = -bits % 5
    number <<= padding
    values = [number >> shift & 31 for shift in range(bits + padding - 5, -1, -5)]
    check = remainder(of_prefix(prefix) + values + [0] * 6) ^ CONSTANT
    values += [check >> shift & 31 for shift in range(25, -1, -5)]
    return prefix + "1" + "".join(CHARACTERS[value] for value in values)


def decode(prefix, text, length):
    """The bytes, of this `length`, in a text with this prefix."""
    text = "".join(halfwidth(c) for c in text if not (c in WHITE_SPACE or c in HYPHENS or is_invisible(c)))
    if not text.isascii():
        raise DecodeError(0, "a character that stands for nothing")
    text = text.lower()
    if not text.startswith(prefix + "1"):
        raise DecodeError(0, f"{prefix}1 expected")
    values = [CHARACTERS.find(c) for c in text[len(prefix) + 1 :]]
    if -1 in values or len(values) != -(-8 * length // 5) + 6:
        raise DecodeError(0, "another character or another length")
    if remainder(of_prefix(prefix) + values) != CONSTANT:
        raise DecodeError(0, "mistyped, as the checksum says")
    number = 0
    for value in values[:-6]:
        number = number << 5 | value
    padding = -8 * length % 5
    if number & ((1 << padding) - 1):
        raise DecodeError(0, "bits that belong to no byte")
    return (number >> padding).to_bytes(length, "big")
