"""The tree and its proofs against the definitions of RFC 9162."""

import unittest
from hashlib import sha256

from codec import DecodeError, u64
from merkle import Consistency, Inclusion, Tree, fold, leaf, node, range_of

ENTRIES = [bytes([n]) * (n % 3 + 1) for n in range(40)]


def split(n):
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def root(entries):
    """MTH of section 2.1.1"""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return node(root(entries[:k]), root(entries[k:]))


def path(m, entries):
    """PATH of section 2.1.3.1"""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return path(m, entries[:k]) + [root(entries[k:])]
    return path(m - k, entries[k:]) + [root(entries[:k])]


def subproof(m, entries, whole):
    """SUBPROOF of section 2.1.4.1"""
    if m == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if m <= k:
        return subproof(m, entries[:k], whole) + [root(entries[k:])]
    return subproof(m - k, entries[k:], False) + [root(entries[:k])]


class Proofs(unittest.TestCase):
    def test_roots(self):
        tree = Tree()
        for size in range(len(ENTRIES) + 1):
            self.assertEqual(tree.root(), root(ENTRIES[:size]))
            self.assertEqual(fold(range_of(ENTRIES, 0, size)), root(ENTRIES[:size]))
            if size < len(ENTRIES):
                tree.push(ENTRIES[size])

    def test_inclusion(self):
        for size in range(1, 20):
            whole = root(ENTRIES[:size])
            for index in range(size):
                proof = path(index, ENTRIES[:size])
                read = Inclusion(u64(index) + u64(size) + b"".join(proof))
                self.assertTrue(read.holds(ENTRIES[index], size, whole))
                self.assertFalse(read.holds(ENTRIES[size], size, whole))
                self.assertFalse(read.holds(ENTRIES[index], size + 1, whole))
                for other in (proof[:-1], [*proof, whole]):
                    changed = Inclusion(u64(index) + u64(size) + b"".join(other))
                    self.assertEqual(changed.holds(ENTRIES[index], size, whole), other == proof)
        for wrong in (u64(3) + u64(3), u64(0) + u64(2) + bytes(31)):
            with self.assertRaises(DecodeError):
                Inclusion(wrong)

    def test_consistency(self):
        for new in range(20):
            for old in range(new + 1):
                heads = old, root(ENTRIES[:old]), new, root(ENTRIES[:new])
                proof = subproof(old, ENTRIES[:new], True) if 0 < old < new else []
                read = Consistency(u64(old) + u64(new) + b"".join(proof))
                self.assertTrue(read.holds(*heads))
                self.assertFalse(read.holds(old, bytes(32), *heads[2:]))
                # The root of the empty tree proves nothing.
                self.assertEqual(read.holds(*heads[:3], bytes(32)), old == 0 and new > 0)
                for other in (proof[:-1], [*proof, heads[3]]):
                    changed = Consistency(u64(old) + u64(new) + b"".join(other))
                    self.assertEqual(changed.holds(*heads), other == proof, (old, new))
        with self.assertRaises(DecodeError):
            Consistency(u64(3) + u64(2))

    def test_ranges_join(self):
        for start in range(20):
            for end in range(start, 20):
                hashes = range_of(ENTRIES, start, end)
                at = start
                for hash in hashes:
                    size = next(s for s in (16, 8, 4, 2, 1) if at % s == 0 and at + s <= end)
                    self.assertEqual(hash, root(ENTRIES[at : at + size]))
                    at += size
                self.assertEqual(at, end)


if __name__ == "__main__":
    unittest.main()
