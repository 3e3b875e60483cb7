"""Canonical bytes: a reader that takes one value after the other and says where it failed."""

import ristretto


class DecodeError(Exception):
    """Bytes that are not the canonical encoding of a value. `at` is the place of the first wrong byte."""

    def __init__(self, at, reason):
        super().__init__(f"byte {at}: {reason}")
        self.at, self.reason = at, reason


class Reader:
    def __init__(self, data, at=0):
        self.data = data
        self.at = at

    def left(self):
        return len(self.data) - self.at

    def fail(self, reason, back=0):
        raise DecodeError(self.at - back, reason)

    def bytes(self, length):
        if self.left() < length:
            self.fail(f"{length} bytes expected, {self.left()} are left")
        part = self.data[self.at : self.at + length]
        self.at += length
        return part

    def number(self, length, most=None):
        value = int.from_bytes(self.bytes(length), "big")
        if most is not None and value > most:
            self.fail(f"{value} is more than {most}", length)
        return value

    def u8(self, most=None):
        return self.number(1, most)

    def u16(self, most=None):
        return self.number(2, most)

    def u32(self, most=None):
        return self.number(4, most)

    def u64(self, most=None):
        return self.number(8, most)

    def flag(self):
        return self.u8(1) == 1

    def element(self):
        """The 32 bytes of an element other than the identity. It is cached, so decoding it again costs nothing."""
        data = self.bytes(32)
        try:
            ristretto.decode(data)
        except ristretto.NotCanonical as error:
            self.fail(str(error), 32)
        return data

    def elements(self, count):
        return [self.element() for _ in range(count)]

    def scalar(self):
        value = int.from_bytes(self.bytes(32), "little")
        if value >= ristretto.L:
            self.fail("a scalar that is not below the group's order", 32)
        return value

    def scalars(self, count):
        return [self.scalar() for _ in range(count)]

    def text(self, most):
        data = self.bytes(self.u32(most))
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self.fail("not UTF-8", len(data))

    def list(self, item, most, least_bytes=1):
        """A list after its count, which is compared with its cap and with the remaining bytes before anything is
        read."""
        count = self.u32(most)
        if count * least_bytes > self.left():
            self.fail(f"{count} elements do not fit what is left", 4)
        return [item() for _ in range(count)]

    def finish(self):
        if self.left():
            self.fail(f"{self.left()} bytes too many")


def u16(value):
    return value.to_bytes(2, "big")


def u32(value):
    return value.to_bytes(4, "big")


def u64(value):
    return value.to_bytes(8, "big")
