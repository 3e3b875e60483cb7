"""ristretto255 (RFC 9496) on Python's integers, and sums of many multiples.

A point is a tuple (X, Y, Z, T) of extended coordinates on the twisted Edwards curve. Two tuples can be the same
element; `encode` is canonical. Everything here is variable time: a verifier has no secrets.
"""

from functools import lru_cache
from hashlib import sha3_512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
D2 = 2 * D % P
SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ONE_MINUS_D_SQ = 1159843021668779879193775521855586647937357759715417654439879720876111806838
D_MINUS_ONE_SQ = 40440834346308536858101042469323190826248399146238708352240133220865137265952

IDENTITY = (0, 1, 1, 0)


class NotCanonical(Exception):
    """Bytes that do not encode an element or scalar, or that encode the identity."""


def sqrt_ratio(u, v):
    """(is it a square, root) of u/v, as in RFC 9496, section 4.2; the root is not negative."""
    v3 = v * v * v % P
    r = u * v3 * pow(u * v3 * v3 * v, (P - 5) // 8, P) % P
    check = v * r * r % P
    u = u % P
    flipped = check == P - u or (u == 0 and check == 0)
    flipped_i = check == (P - u) * SQRT_M1 % P
    correct = check == u
    if flipped or flipped_i:
        r = r * SQRT_M1 % P
    return correct or flipped, (P - r if r & 1 else r)


def absolute(x):
    x %= P
    return P - x if x & 1 else x


@lru_cache(maxsize=1 << 18)
def _decode(data):
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s & 1:
        return None
    ss = s * s % P
    u1, u2 = 1 - ss, 1 + ss
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 * u1) - u2_sqr) % P
    was_square, invsqrt = sqrt_ratio(1, v * u2_sqr % P)
    den_x = invsqrt * u2 % P
    den_y = invsqrt * den_x * v % P
    x = absolute(2 * s * den_x)
    y = u1 * den_y % P
    t = x * y % P
    if not was_square or t & 1 or y == 0:
        return None
    return (x, y, 1, t)


def is_canonical(data):
    """Whether these bytes encode an element; zeros encode the identity."""
    return _decode(data) is not None


def decode_any(data):
    """The element with these bytes, which may be the identity."""
    return IDENTITY if data == bytes(32) else decode(data)


def decode(data):
    """The element with these bytes, which is not the identity."""
    point = _decode(data)
    if point is None:
        raise NotCanonical("not the canonical bytes of an element")
    if data == bytes(32):
        raise NotCanonical("the identity")
    return point


def encode(point):
    X, Y, Z, T = point
    u1 = (Z + Y) * (Z - Y) % P
    u2 = X * Y % P
    _, invsqrt = sqrt_ratio(1, u1 * u2 * u2 % P)
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 * T % P
    if T * z_inv % P & 1:
        x, y, den_inv = Y * SQRT_M1 % P, X * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den_inv = X, Y, den2
    if x * z_inv % P & 1:
        y = -y
    return absolute(den_inv * (Z - y)).to_bytes(32, "little")


def _map(data):
    t = int.from_bytes(data, "little") & (2**255 - 1)
    r = SQRT_M1 * t * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    was_square, s = sqrt_ratio(u, v)
    if was_square:
        c = P - 1
    else:
        s, c = -absolute(s * t) % P, r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1, w2, w3 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P, (1 - s * s) % P, (1 + s * s) % P
    return (w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P)


def one_way_map(data):
    """Element derivation, section 4.3.4, from 64 bytes."""
    return add(_map(data[:32]), _map(data[32:64]))


def is_identity(point):
    return point[0] * point[1] % P == 0


def equal(p, q):
    return (p[0] * q[1] - p[1] * q[0]) % P == 0 or (p[1] * q[1] - p[0] * q[0]) % P == 0


def add(p, q):
    X1, Y1, Z1, T1 = p
    X2, Y2, Z2, T2 = q
    a = (Y1 - X1) * (Y2 - X2) % P
    b = (Y1 + X1) * (Y2 + X2) % P
    c = T1 * T2 * D2 % P
    d = 2 * Z1 * Z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def negate(p):
    return (-p[0], p[1], p[2], -p[3])


# Sums of multiples: Straus' method. Scalars become digits that are odd or zero, with at least `width` zeros after each
# nonzero digit; all terms share the doublings. Points that recur, such as generators, have a longer table.


def _odd_multiples(point, width):
    """1, 3, 5, … times the point, prepared for addition: (Y−X, Y+X, 2dT, 2Z)."""
    double = add(point, point)
    multiples = [point]
    for _ in range((1 << (width - 2)) - 1):
        multiples.append(add(multiples[-1], double))
    return [((y - x) % P, (y + x) % P, t * D2 % P, 2 * z % P) for x, y, z, t in multiples]


LONG, SHORT = 8, 5
_long_table = lru_cache(maxsize=1 << 14)(lambda point: _odd_multiples(point, LONG))


def multiscalar(terms, fixed=()):
    """Σ scalar·point over `terms`, and over `fixed`, whose points are likely to recur."""
    columns = {}
    top = 0
    for pairs, width, table_of in ((terms, SHORT, None), (fixed, LONG, _long_table)):
        full, half = 1 << width, 1 << (width - 1)
        for scalar, point in pairs:
            scalar %= L
            if scalar == 0:
                continue
            negative = scalar > L // 2
            if negative:
                scalar = L - scalar
            table = table_of(point) if table_of else _odd_multiples(point, width)
            position = 0
            while scalar:
                zeros = (scalar & -scalar).bit_length() - 1
                scalar >>= zeros
                position += zeros
                digit = scalar & (full - 1)
                if digit >= half:
                    digit -= full
                scalar = (scalar - digit) >> width
                columns.setdefault(position, []).append((table[abs(digit) >> 1], (digit < 0) != negative))
                top = max(top, position)
                position += width
    p = P
    X, Y, Z, T = IDENTITY
    for position in range(top, -1, -1):
        # dbl-2008-hwcd with a = −1
        a = X * X % p
        b = Y * Y % p
        s = X + Y
        e = s * s % p - a - b
        g = b - a
        f = g - 2 * Z * Z % p
        h = -a - b
        X, Y, Z = e * f % p, g * h % p, f * g % p
        column = columns.get(position)
        if column:
            T = e * h % p
            for (y_minus_x, y_plus_x, t2d, z2), negative in column:
                if negative:
                    a, b, c = (Y - X) * y_plus_x % p, (Y + X) * y_minus_x % p, -T * t2d % p
                else:
                    a, b, c = (Y - X) * y_minus_x % p, (Y + X) * y_plus_x % p, T * t2d % p
                d = Z * z2 % p
                e, f, g, h = b - a, d - c, d + c, b + a
                X, Y, Z, T = e * f % p, g * h % p, f * g % p, e * h % p
    return (X, Y, Z, X * Y * pow(Z, -1, p) % p)


def vanishes(terms, fixed=()):
    """Whether a sum of multiples is the identity."""
    return is_identity(multiscalar(terms, fixed))


def multiply(scalar, point):
    return multiscalar([(scalar, point)])


BASE_BYTES = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
BASE = decode(BASE_BYTES)


@lru_cache(maxsize=None)
def generator(name, index):
    """`point(name, index)` of the specification's README: a generator of unknown logarithm."""
    name = name.encode()
    seed = b"tabella/v1 generator" + bytes([len(name)]) + name + index.to_bytes(8, "big")
    return one_way_map(sha3_512(seed).digest())
