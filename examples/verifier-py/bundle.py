"""What a voter's device needs to encrypt, from a server that nobody trusts (docs/spec/bundle.md).

    python bundle.py bundle.txt HASH
"""

import base64
import binascii
import sys
from hashlib import sha3_256

from checkpoints import Checkpoint, NotACheckpoint, origin_of
from codec import DecodeError, Reader
from keys import keys_hash
from linear import read_signature, trustee_confirmed
from manifest import ManifestError, read_manifest

MAGIC = b"tabella/v1 bundle"
LABEL = "TABELLA ELECTION BUNDLE"
MAX_CHECKPOINT = 100_000


class BundleError(Exception):
    """Bytes that are no bundle of the election that is expected."""


class Bundle:
    """Manifest, slot keys, the numbers of the trustees who signed them, and the checkpoint, or None."""

    def __init__(self, data, expected):
        r = Reader(data)
        need(r.bytes(len(MAGIC)) == MAGIC, "the first bytes of a bundle")
        manifest = r.bytes(r.u32(r.left() - 4))
        found = sha3_256(b"tabella/v1 manifest" + manifest).digest()
        need(found == expected, f"the manifest {expected.hex()}, found {found.hex()}")
        self.manifest = read_manifest(manifest)
        self.dealt = r.bytes(32)
        self.slot_keys = r.elements(self.manifest.slots)
        signatures = r.list(lambda: (r.u16(), read_signature(r)), 255, 66)
        checkpoint = r.text(MAX_CHECKPOINT)
        r.finish()
        self.hash = keys_hash(self.dealt, self.slot_keys)
        self.signed_by = [number for number, _ in signatures]
        need(all(a < b for a, b in zip([0, *self.signed_by], self.signed_by)), "ascending trustees, each once")
        trustees = self.manifest.trustees
        for number, signature in signatures:
            need(number <= len(trustees), f"a trustee, not number {number} of {len(trustees)}")
            key = trustees[number - 1][1][:32]
            need(trustee_confirmed(key, self.hash, number, signature), f"the signature of trustee {number}")
        first = 1
        for group in self.manifest.groups:
            numbers = range(first, first + len(group.trustees))
            first = numbers.stop
            signed = sum(number in numbers for number in self.signed_by)
            need(signed >= group.threshold, f"{group.threshold} signatures of group '{group.name}', found {signed}")
        self.checkpoint = self.checked(checkpoint) if checkpoint else None

    def checked(self, text):
        """The checkpoint in this text: the log's line, and then only cosignatures of witnesses that count."""
        log = self.manifest.log
        need(log is not None, "a manifest with a log, for the checkpoint")
        checkpoint = Checkpoint.parse(text.encode())
        need(checkpoint.origin == origin_of(self.manifest), "a checkpoint of this election")
        need(checkpoint.signed(log.key), "the log's signature")
        counting = [checkpoint.cosigned(name, key) for name, key in log.witnesses]
        need(len(checkpoint.signatures) == 1 + sum(bool(time) for time in counting), "no line that does not count")
        need(checkpoint.signatures[0][0] == checkpoint.origin, "the log's line first")
        return checkpoint


def need(condition, what):
    if not condition:
        raise BundleError(f"{what} expected")


def read_bundle(data, expected):
    """The bundle in these bytes, of the election whose manifest has the `expected` hash."""
    try:
        return Bundle(data, expected)
    except (DecodeError, ManifestError, NotACheckpoint) as error:
        raise BundleError(str(error)) from None


def bytes_of_text(text):
    """The bytes of the block in a text (RFC 7468)."""
    begin, end = f"-----BEGIN {LABEL}-----", f"-----END {LABEL}-----"
    _, found, rest = text.partition(begin)
    body, ended, _ = rest.partition(end)
    need(found and ended, f"a block of {LABEL}")
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as error:
        raise BundleError(str(error)) from None


def main():
    file, expected = sys.argv[1:]
    try:
        with open(file, encoding="utf-8") as text:
            bundle = read_bundle(bytes_of_text(text.read()), bytes.fromhex(expected))
    except BundleError as error:
        sys.exit(f"no bundle of this election: {error}")
    print(f"keys of {bundle.manifest.id}, signed by trustees {bundle.signed_by}, ceremony {bundle.hash.hex()}")
    if bundle.checkpoint:
        print(f"checkpoint of {bundle.checkpoint.size} entries, root {bundle.checkpoint.root.hex()}")


if __name__ == "__main__":
    main()
