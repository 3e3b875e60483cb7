"""Keccak-f[1600], the part of STROBE-128 that merlin uses, merlin, and the notation of the specification on top.

Only what a verifier needs: absorbing and challenges, no generator for nonces.
"""

from ristretto import L

MASK = (1 << 64) - 1


def _round_constants():
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        constants.append(constant)
    return constants


def _source():
    """The permutation without inner loops, as Python text: a loop over tables takes three times as long."""
    # Lane x + 5y moves to y + 5((2x + 3y) mod 5), rotated by the triangular numbers on the way.
    turns = {0: 0}
    x, y = 1, 0
    for step in range(24):
        turns[x + 5 * y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    lanes = ", ".join(f"a{i}" for i in range(25))
    lines = ["def permute(lanes):", f"    {lanes} = lanes", "    for constant in CONSTANTS:"]
    for x in range(5):
        lines.append(f"        c{x} = " + " ^ ".join(f"a{x + 5 * y}" for y in range(5)))
    for x in range(5):
        after = (x + 1) % 5
        lines.append(f"        d{x} = c{(x + 4) % 5} ^ (c{after} << 1 & MASK | c{after} >> 63)")
    for x in range(5):
        for y in range(5):
            i, target = x + 5 * y, y + 5 * ((2 * x + 3 * y) % 5)
            lines.append(f"        t = a{i} ^ d{x}")
            turn = turns[i]
            lines.append(f"        b{target} = " + (f"t << {turn} & MASK | t >> {64 - turn}" if turn else "t"))
    for y in range(5):
        for x in range(5):
            i, j, k = (5 * y + (x + step) % 5 for step in range(3))
            lines.append(f"        a{i} = b{i} ^ (~b{j} & b{k})")
    lines.append("        a0 ^= constant")
    lines.append(f"    return ({lanes})")
    return "\n".join(lines)


_names = {"MASK": MASK, "CONSTANTS": _round_constants()}
exec(_source(), _names)
permute = _names["permute"]  # 25 lanes of 64 bits to 25 lanes


def keccak(state):
    """Keccak-f[1600] on 200 bytes."""
    lanes = permute([int.from_bytes(state[i : i + 8], "little") for i in range(0, 200, 8)])
    return bytearray(b"".join(lane.to_bytes(8, "little") for lane in lanes))


class Strobe:
    """STROBE-128 v1.0.2 with the operations meta-AD, AD and PRF."""

    RATE = 166
    I, A, C, M = 1, 2, 4, 16

    def __init__(self, protocol):
        state = bytearray(200)
        state[0:6] = bytes([1, self.RATE + 2, 1, 0, 1, 12 * 8])
        state[6:18] = b"STROBEv1.0.2"
        self.state = keccak(state)
        self.pos = self.begin = 0
        self.flags = 0
        self.meta_ad(protocol, False)

    def clone(self):
        other = object.__new__(Strobe)
        other.state = bytearray(self.state)
        other.pos, other.begin, other.flags = self.pos, self.begin, self.flags
        return other

    def _run(self):
        self.state[self.pos] ^= self.begin
        self.state[self.pos + 1] ^= 0x04
        self.state[self.RATE + 1] ^= 0x80
        self.state = keccak(self.state)
        self.pos = self.begin = 0

    def _absorb(self, data):
        start = 0
        while start < len(data):
            part = data[start : start + self.RATE - self.pos]
            end = self.pos + len(part)
            mixed = int.from_bytes(self.state[self.pos : end], "little") ^ int.from_bytes(part, "little")
            self.state[self.pos : end] = mixed.to_bytes(len(part), "little")
            self.pos = end
            start += len(part)
            if self.pos == self.RATE:
                self._run()

    def _squeeze(self, length):
        out = bytearray()
        while len(out) < length:
            end = min(self.RATE, self.pos + length - len(out))
            out += self.state[self.pos : end]
            self.state[self.pos : end] = bytes(end - self.pos)
            self.pos = end
            if self.pos == self.RATE:
                self._run()
        return bytes(out)

    def _begin(self, flags, more):
        if more:
            assert flags == self.flags
            return
        old, self.begin, self.flags = self.begin, self.pos + 1, flags
        self._absorb(bytes([old, flags]))
        if flags & self.C and self.pos:
            self._run()

    def meta_ad(self, data, more):
        self._begin(self.M | self.A, more)
        self._absorb(data)

    def ad(self, data):
        self._begin(self.A, False)
        self._absorb(data)

    def prf(self, length):
        self._begin(self.I | self.A | self.C, False)
        return self._squeeze(length)


class Merlin:
    """`merlin::Transcript`."""

    def __init__(self, label):
        self.strobe = Strobe(b"Merlin v1.0")
        self.append_message(b"dom-sep", label)

    def append_message(self, label, message):
        self.strobe.meta_ad(label, False)
        self.strobe.meta_ad(len(message).to_bytes(4, "little"), True)
        self.strobe.ad(message)

    def challenge_bytes(self, label, length):
        self.strobe.meta_ad(label, False)
        self.strobe.meta_ad(length.to_bytes(4, "little"), True)
        return self.strobe.prf(length)


class ZeroChallenge(Exception):
    """A challenge was zero. No honest prover uses it."""


class Transcript:
    """The notation of the specification. Methods return the transcript itself, so that calls can be chained."""

    def __init__(self, context):
        self.merlin = Merlin(context.encode())
        self.put("protocol", b"tabella/v1").put("suite", b"ristretto255-merlin-sha3")

    def clone(self):
        other = object.__new__(Transcript)
        other.merlin = object.__new__(Merlin)
        other.merlin.strobe = self.merlin.strobe.clone()
        return other

    def proof(self, label):
        """A copy of this context, for one proof."""
        return self.clone().put("proof", label.encode())

    def put(self, label, value):
        """`label = bytes`, `label = number`, or `label: X` with the bytes of X."""
        if isinstance(value, int):
            value = value.to_bytes(8, "little")
        self.merlin.append_message(label.encode(), value)
        return self

    def put_list(self, label, values):
        """`label[]: X…`"""
        self.put("count", len(values))
        for value in values:
            self.put(label, value)
        return self

    def challenge(self, label):
        """`→ x`"""
        x = int.from_bytes(self.merlin.challenge_bytes(label.encode(), 64), "little") % L
        if x == 0:
            raise ZeroChallenge(label)
        return x

    def challenges(self, label, count):
        """Several challenges at once."""
        data = self.challenge_bytes(label, 64 * count)
        drawn = [int.from_bytes(data[at : at + 64], "little") % L for at in range(0, len(data), 64)]
        if 0 in drawn:
            raise ZeroChallenge(label)
        return drawn

    def challenge_bytes(self, label, length):
        return self.merlin.challenge_bytes(label.encode(), length)
