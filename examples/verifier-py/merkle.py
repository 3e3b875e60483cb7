"""The tree of RFC 9162 and proofs in it (docs/spec/board.md, Merkle tree and Merkle proofs)."""

from hashlib import sha256

from codec import DecodeError, Reader


def leaf(entry):
    return sha256(b"\0" + entry).digest()


def node(left, right):
    return sha256(b"\1" + left + right).digest()


def fold(hashes):
    """The root over the roots of perfect subtrees, left to right, each larger than the next."""
    if not hashes:
        return sha256(b"").digest()
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node(left, root)
    return root


class Tree:
    """A growing tree that keeps only the roots of perfect subtrees."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, entry):
        hash, size = leaf(entry), self.size
        while size & 1:
            hash = node(self.peaks.pop(), hash)
            size >>= 1
        self.peaks.append(hash)
        self.size += 1

    def root(self):
        return fold(self.peaks)


class Inclusion:
    def __init__(self, data):
        r = Reader(data)
        self.index, self.size = r.u64(), r.u64()
        if self.index >= self.size:
            raise DecodeError(0, "an index that is not below the size")
        self.path = read_path(r)

    def holds(self, entry, size, root):
        """RFC 9162, section 2.1.3.2"""
        fn, sn, hash = self.index, self.size - 1, leaf(entry)
        for p in self.path:
            if sn == 0:
                return False
            if fn & 1 or fn == sn:
                hash = node(p, hash)
                while fn and not fn & 1:
                    fn, sn = fn >> 1, sn >> 1
            else:
                hash = node(hash, p)
            fn, sn = fn >> 1, sn >> 1
        return sn == 0 and (self.size, hash) == (size, root)


class Consistency:
    def __init__(self, data):
        r = Reader(data)
        self.old, self.new = r.u64(), r.u64()
        if self.old > self.new:
            raise DecodeError(0, "a new size below the old one")
        self.path = read_path(r)

    def holds(self, old, old_root, new, new_root):
        """RFC 9162, section 2.1.4.2, also from the empty tree and from the same tree"""
        if (self.old, self.new) != (old, new):
            return False
        if old == new and old_root != new_root:
            return False
        if old == 0 and old_root != fold([]):
            return False
        if old in (0, new):
            return self.path == []
        path = list(self.path)
        if old & (old - 1) == 0:
            path.insert(0, old_root)
        if not path:
            return False
        fn, sn = old - 1, new - 1
        while fn & 1:
            fn, sn = fn >> 1, sn >> 1
        first = second = path[0]
        for c in path[1:]:
            if sn == 0:
                return False
            if fn & 1 or fn == sn:
                first, second = node(c, first), node(c, second)
                while fn and not fn & 1:
                    fn, sn = fn >> 1, sn >> 1
            else:
                second = node(second, c)
            fn, sn = fn >> 1, sn >> 1
        return sn == 0 and (first, second) == (old_root, new_root)


def read_path(r):
    path = []
    while r.left():
        path.append(r.bytes(32))
    return path


def range_of(entries, start, end):
    """The compact range of these entries: roots of the largest aligned subtrees within them, left to right."""

    def whole(first, size):
        if size == 1:
            return leaf(entries[first])
        return node(whole(first, size // 2), whole(first + size // 2, size // 2))

    hashes = []
    while start < end:
        size = start & -start or 1 << (end - start).bit_length()
        while start + size > end:
            size //= 2
        hashes.append(whole(start, size))
        start += size
    return hashes
