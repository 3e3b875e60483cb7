"""Signed checkpoints, cosignatures and the keys behind them (docs/spec/checkpoints.md)."""

import base64
import binascii
import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ristretto import D, P, add, sqrt_ratio
from text import WHITE_SPACE

LOG, WITNESS = 1, 4
MAX_NAME = 200
MAX_SIGNATURES = 100


class NotACheckpoint(Exception):
    """Text that is not the canonical text of a signed checkpoint."""


class Checkpoint:
    """`signatures` holds name, id and bytes of each line."""

    def __init__(self, origin, size, root, signatures):
        self.origin, self.size, self.root, self.signatures = origin, size, root, signatures

    @classmethod
    def parse(cls, data):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise NotACheckpoint("not UTF-8") from None
        lines = text.split("\n")
        need(len(lines) >= 6 and lines[3] == "" and lines[-1] == "", "three lines, an empty one, and signatures")
        origin, size, root = lines[:3]
        need(is_name(origin), "an origin")
        need(re.fullmatch("0|[1-9][0-9]{0,19}", size) and int(size) < 1 << 64, "a size")
        root = unbase64(root)
        need(len(root) == 32, "a root of 32 bytes")
        signatures = [signature_line(line) for line in lines[4:-1]]
        need(len(signatures) <= MAX_SIGNATURES, "at most 100 signatures")
        need(len({line[:2] for line in signatures}) == len(signatures), "different signatures")
        return cls(origin, int(size), root, signatures)

    def body(self):
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    def signature(self, name, type, key):
        """The bytes after the id in the line of this key, or None."""
        wanted = name, key_id(name, type, key)
        return next((rest for *whose, rest in self.signatures if tuple(whose) == wanted), None)

    def signed(self, key):
        """Whether the log with this key signed it under its origin."""
        signature = self.signature(self.origin, LOG, key)
        return signature is not None and verifies(key, signature, self.body())

    def cosigned(self, name, key):
        """The time at which this witness cosigned it; None if there is no such line or its time is 0; False if it does
        not verify."""
        signature = self.signature(name, WITNESS, key)
        if signature is None:
            return None
        time = int.from_bytes(signature[:8], "big")
        if len(signature) != 72 or time >= 1 << 63:
            return False
        message = f"cosignature/v1\ntime {time}\n".encode() + self.body()
        return (time or None) if verifies(key, signature[8:], message) else False


def need(condition, what):
    if not condition:
        raise NotACheckpoint(f"{what} expected")


def is_name(text):
    """Whether this can name a key or a log."""
    return 1 <= len(text.encode()) <= MAX_NAME and not any(
        c in WHITE_SPACE or c == "+" or unicodedata.category(c) == "Cc" for c in text
    )


def unbase64(text):
    """Canonical base64."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotACheckpoint("base64 expected") from None
    need(base64.b64encode(data).decode() == text, "base64 in its one form")
    return data


def signature_line(line):
    parts = line.split(" ")
    need(len(parts) == 3 and parts[0] == "\u2014", "a signature line")
    name, data = parts[1], unbase64(parts[2])
    need(is_name(name), "a name")
    need(len(data) > 4, "an id and a signature")
    return name, data[:4], data[4:]


def key_id(name, type, key):
    return sha256(name.encode() + b"\n" + bytes([type]) + key).digest()[:4]


def origin_of(manifest):
    return f"tabella/{manifest.id}/{manifest.hash.hex()}"


# Ed25519. OpenSSL compares R with sB − kA as bytes and requires s below the group order. Which points are allowed is
# decided here.


@lru_cache(maxsize=1 << 12)
def has_large_order(data):
    """Whether these 32 bytes are the canonical encoding of a point whose order is not small."""
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= P:
        return False
    is_square, x = sqrt_ratio((y * y - 1) % P, (D * y * y + 1) % P)
    if not is_square or (x == 0 and sign):
        return False
    if x & 1 != sign:
        x = P - x
    point = (x, y, 1, x * y % P)
    for _ in range(3):
        point = add(point, point)
    return not (point[0] % P == 0 and (point[1] - point[2]) % P == 0)


@lru_cache(maxsize=1 << 16)
def verifies(key, signature, message):
    """RFC 8032, strictly."""
    if len(signature) != 64 or not has_large_order(key) or not has_large_order(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
