"""Makes proofs of wide values, honest and not, as `forge.py` makes the rest. Not part of the verifier."""

import secrets

from ristretto import BASE, L, decode, encode, multiscalar
from wide import BITS, blinding, generators, padded, powers


def scalar():
    return secrets.randbelow(L - 1) + 1


def little(value):
    return (value % L).to_bytes(32, "little")


def commit(value, by):
    return encode(multiscalar([], [(value, BASE), (by, blinding())]))


def inner(left, right):
    return sum(a * b for a, b in zip(left, right, strict=True)) % L


def amount(votes, limbs):
    return [votes >> BITS * k & 0xFFFF for k in range(limbs)]


def with_slack(folded, limbs):
    """All values: each slack is what its first row lacks. What cannot be made up leaves that row broken."""
    values = [*limbs, *[None] * folded.slack]
    for target, terms in folded.rows:
        left = target - sum(c * values[value] for value, c in terms if values[value] is not None)
        slack = [value for value, _ in terms if values[value] is None]
        for value, part in zip(slack, amount(left, len(slack))):
            values[value] = part
    return values


def hold(folded, values):
    """Whether these values are what the proof says of them."""
    rows = all(sum(c * values[value] for value, c in terms) == target for target, terms in folded.rows)
    return rows and all(0 <= value < 1 << BITS for value in values)


def prove_wide(t, relation, A, B, values, r):
    """The bytes of the proof. The transcript continues with what may be signed. Of a value that is none of 0..=65,535 the
    lowest bits are proven."""
    gamma = [scalar() for _ in values]
    V = [commit(*pair) for pair in zip(values, gamma)]
    m = padded(len(values))
    t.put("wide", relation.hash()).put("A", A).put_list("B", B)
    t.put("dom-sep", b"rangeproof v1").put("n", BITS).put("m", m)
    for point in V + [bytes(32)] * (m - len(values)):
        t.put("V", point)
    out = V + prove_range(t, m, values, gamma)
    rho, sigma = t.challenge("rho"), t.challenge("sigma")
    weights = powers(rho, relation.limbs)
    v, by, delta = inner(weights, values[: relation.limbs]), inner(weights, gamma[: relation.limbs]), 0
    for power, (_, terms) in zip(powers(sigma, len(relation.rows)), relation.rows):
        delta += power * sum(c * gamma[value] for value, c in terms)
    k = [scalar() for _ in range(4)]
    keys = [(weight, decode(relation.keys[place])) for weight, place in zip(weights, relation.places)]
    of_keys = [(k[2] * weight, key) for weight, key in keys]
    R = [commit(k[0], k[1]), commit(k[2], 0), encode(multiscalar(of_keys, [(k[0], BASE)])), commit(0, k[3])]
    x = t.put_list("R", R).challenge("x")
    z = [little(nonce + x * secret) for nonce, secret in zip(k, (v, by, r, delta))]
    t.put_list("z", z)
    return b"".join(out + R + z)


def prove_range(t, m, values, gamma):
    n = BITS * m
    G = [point for value in range(m) for point in generators(b"G", value)]
    H = [point for value in range(m) for point in generators(b"H", value)]
    bits = [value >> k & 1 for value in values + [0] * (m - len(values)) for k in range(BITS)]
    alpha, of_s, s, s2 = scalar(), scalar(), [scalar() for _ in bits], [scalar() for _ in bits]
    minus = [bit - 1 for bit in bits]
    A = encode(multiscalar([], [(alpha, blinding()), *zip(bits, G), *zip(minus, H)]))
    S = encode(multiscalar([], [(of_s, blinding()), *zip(s, G), *zip(s2, H)]))
    t.put("A", A).put("S", S)
    y, z = t.challenge("y"), t.challenge("z")
    y_powers, z_powers = powers(y, n), powers(z, m + 2)
    left = [bit - z for bit in bits]
    right = [y_powers[i] * (minus[i] + z) + (z_powers[2 + i // BITS] << i % BITS) for i in range(n)]
    of_right = [power * of for power, of in zip(y_powers, s2)]
    by = scalar(), scalar()
    T1, T2 = commit(inner(left, of_right) + inner(s, right), by[0]), commit(inner(s, of_right), by[1])
    x = t.put("T_1", T1).put("T_2", T2).challenge("x")
    left, right = ([(a + x * b) % L for a, b in zip(*of)] for of in ((left, s), (right, of_right)))
    tau = inner(z_powers[2 : 2 + len(gamma)], gamma) + by[0] * x + by[1] * x * x
    answers = [little(value) for value in (inner(left, right), tau, alpha + of_s * x)]
    for label, answer in zip(("t_x", "t_x_blinding", "e_blinding"), answers):
        t.put(label, answer)
    w = t.challenge("w")
    t.put("dom-sep", b"ipp v1").put("n", n)
    # What each generator is multiplied with in those of the round.
    of_G, of_H, rounds = [1] * n, powers(pow(y, -1, L), n), []
    while len(left) > 1:
        half = len(left) // 2
        low, high = [i for i in range(n) if not i & half], [i for i in range(n) if i & half]
        pair = []
        for a, b, G_at, H_at in ((left[:half], right[half:], high, low), (left[half:], right[:half], low, high)):
            terms = [(a[i % half] * of_G[i], G[i]) for i in G_at] + [(b[i % half] * of_H[i], H[i]) for i in H_at]
            pair.append(encode(multiscalar([], [*terms, (w * inner(a, b), BASE)])))
        u = t.put("L", pair[0]).put("R", pair[1]).challenge("u")
        below = pow(u, -1, L)
        left = [(u * a + below * b) % L for a, b in zip(left, left[half:])]
        right = [(below * a + u * b) % L for a, b in zip(right, right[half:])]
        of_G = [of * (u if i & half else below) % L for i, of in enumerate(of_G)]
        of_H = [of * (below if i & half else u) % L for i, of in enumerate(of_H)]
        rounds += pair
    ends = [little(left[0]), little(right[0])]
    t.put("a", ends[0]).put("b", ends[1])
    return [A, S, T1, T2, *answers, *rounds, *ends]
