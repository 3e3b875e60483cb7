"""Wide values: limbs of 16 bits in slots, that keep linear rules (docs/spec/wide.md)."""

from functools import lru_cache
from hashlib import sha3_256, sha3_512, shake_256

from ristretto import BASE, BASE_BYTES, L, decode, one_way_map, vanishes

BITS = 16
MOST_VALUES = 1 << 12
MOST_WITH_TABLES = 1 << 7


@lru_cache(maxsize=1)
def blinding():
    """B̃"""
    return one_way_map(sha3_512(BASE_BYTES).digest())


@lru_cache(maxsize=1 << 13)
def generators(letter, value):
    """Those of the bits of one value."""
    data = shake_256(b"GeneratorsChain" + letter + value.to_bytes(4, "little")).digest(64 * BITS)
    return [one_way_map(data[at : at + 64]) for at in range(0, len(data), 64)]


def padded(values):
    return 1 << (values - 1).bit_length()


def size_of_proof(values):
    """In bytes."""
    return 32 * (values + 25 + 2 * (padded(values).bit_length() - 1))


def powers(x, count):
    """1, x, x², …"""
    all_powers = [1]
    while len(all_powers) < count:
        all_powers.append(all_powers[-1] * x % L)
    return all_powers[:count]


class Relation:
    """`rows` are pairs of a target and of pairs of a value's number and a coefficient. `keys` are the bytes of the keys
    of all slots of the ciphertext, `places` the slots that hold the limbs."""

    def __init__(self, slack, rows, places, keys):
        self.limbs, self.slack, self.rows, self.places, self.keys = len(places), slack, rows, places, keys
        self.values = self.limbs + slack
        assert self.limbs and self.values <= MOST_VALUES

    def hash(self):
        def number(n):
            return n.to_bytes(8, "big", signed=True)

        data = b"tabella/v1 wide" + number(self.limbs) + number(self.slack) + number(len(self.rows))
        for target, terms in self.rows:
            data += number(len(terms)) + b"".join(number(value) + number(c) for value, c in terms) + number(target)
        for place in self.places:
            data += number(place) + self.keys[place]
        return sha3_256(data).digest()


class Proof:
    """An element or a scalar that is not canonical is a DecodeError."""

    def __init__(self, r, values):
        self.V = r.elements(values)
        self.A, self.S, self.T1, self.T2 = r.elements(4)
        self.t, self.tau, self.mu = r.scalars(3)
        self.rounds = [r.elements(2) for _ in range((BITS * padded(values)).bit_length() - 1)]
        self.a, self.b = r.scalars(2)
        self.R = r.elements(4)
        self.z_v, self.z_gamma, self.z_r, self.z_delta = r.scalars(4)


class Wide:
    """Everything that a verifier computes. The transcript continues with what may be signed."""

    def __init__(self, transcript, relation, A, B, proof):
        """`A` and `B` are bytes, `B` of all slots of the ciphertext."""
        self.relation, self.A, self.B, self.proof = relation, A, B, proof
        m = padded(relation.values)
        t = transcript.put("wide", relation.hash()).put("A", A).put_list("B", B)
        t.put("dom-sep", b"rangeproof v1").put("n", BITS).put("m", m)
        for point in proof.V + [bytes(32)] * (m - relation.values):
            t.put("V", point)
        t.put("A", proof.A).put("S", proof.S)
        self.y, self.z = t.challenge("y"), t.challenge("z")
        self.x = t.put("T_1", proof.T1).put("T_2", proof.T2).challenge("x")
        t.put("t_x", scalar_bytes(proof.t)).put("t_x_blinding", scalar_bytes(proof.tau))
        self.w = t.put("e_blinding", scalar_bytes(proof.mu)).challenge("w")
        t.put("dom-sep", b"ipp v1").put("n", BITS * m)
        self.u = [t.put("L", left).put("R", right).challenge("u") for left, right in proof.rounds]
        t.put("a", scalar_bytes(proof.a)).put("b", scalar_bytes(proof.b))
        self.rho, self.sigma = t.challenge("rho"), t.challenge("sigma")
        self.x_link = t.put_list("R", proof.R).challenge("x")
        t.put_list("z", list(map(scalar_bytes, (proof.z_v, proof.z_gamma, proof.z_r, proof.z_delta))))

    def equations(self):
        """Tags, and pairs of terms whose sum should be the identity."""
        p, relation, y, z, x = self.proof, self.relation, self.y, self.z, self.x
        m = padded(relation.values)
        n = BITS * m
        V = list(map(decode, p.V))
        z_powers, y_powers = powers(z, m + 2), powers(y, n)
        d = [z_powers[2 + i // BITS] << i % BITS for i in range(n)]
        # [WIDE.R1]  (t − δ)G + τB̃ − Σ z^(2+j)Vⱼ − xT₁ − x²T₂ = 0
        delta = (z - z * z) * sum(y_powers) - z * sum(d)
        terms = [(-power, point) for power, point in zip(z_powers[2:], V)]
        terms += [(-x, decode(p.T1)), (-x * x, decode(p.T2))]
        yield "WIDE.R1", terms, [(p.t - delta, BASE), (p.tau, blinding())]
        # [WIDE.R2]  A + xS − μB̃ + w(t − ab)G − Σ(z + asᵢ)Gᵢ + Σ(z + y⁻ⁱ(dᵢ − b/sᵢ))Hᵢ + Σ(u²L + u⁻²R) = 0
        u_inverse = [pow(u, -1, L) for u in self.u]
        s = []
        for i in range(n):
            product = 1
            for place, (u, below) in enumerate(reversed(list(zip(self.u, u_inverse)))):
                product = product * (u if i >> place & 1 else below) % L
            s.append(product)
        terms = [(1, decode(p.A)), (x, decode(p.S))]
        for u, below, (left, right) in zip(self.u, u_inverse, p.rounds, strict=True):
            terms += [(u * u, decode(left)), (below * below, decode(right))]
        fixed = [(-p.mu, blinding()), (self.w * (p.t - p.a * p.b), BASE)]
        G = [point for value in range(m) for point in generators(b"G", value)]
        H = [point for value in range(m) for point in generators(b"H", value)]
        # Tables for the generators of very many values would take too much memory.
        shared = fixed if m <= MOST_WITH_TABLES else terms
        shared += [(-z - p.a * s[i], G[i]) for i in range(n)]
        inverse = powers(pow(y, -1, L), n)
        # 1/sᵢ are the same numbers backwards.
        shared += [(z + inverse[i] * (d[i] - p.b * s[n - 1 - i]), H[i]) for i in range(n)]
        yield "WIDE.R2", terms, fixed
        x, weights = self.x_link, powers(self.rho, relation.limbs)
        R = list(map(decode, p.R))
        # [WIDE.L1]  R₁ + xV* − z_vG − z_γB̃ = 0
        terms = [(1, R[0])] + [(x * weight, point) for weight, point in zip(weights, V)]
        yield "WIDE.L1", terms, [(-p.z_v, BASE), (-p.z_gamma, blinding())]
        # [WIDE.L2]  R₂ + xA − z_rG = 0
        yield "WIDE.L2", [(1, R[1]), (x, decode(self.A))], [(-p.z_r, BASE)]
        # [WIDE.L3]  R₃ + xB* − z_rY* − z_vG = 0
        terms, fixed = [(1, R[2])], [(-p.z_v, BASE)]
        for weight, place in zip(weights, relation.places, strict=True):
            terms.append((x * weight, decode(self.B[place])))
            fixed.append((-p.z_r * weight, decode(relation.keys[place])))
        yield "WIDE.L3", terms, fixed
        # [WIDE.L4]  R₄ + xV† − z_δB̃ = 0
        terms, fixed = [(1, R[3])], [(-p.z_delta, blinding())]
        for power, (target, row) in zip(powers(self.sigma, len(relation.rows)), relation.rows):
            terms += [(x * power * coefficient, V[value]) for value, coefficient in row]
            fixed.append((-x * power * target, BASE))
        yield "WIDE.L4", terms, fixed

    def fault(self):
        """The tag of the first equation that does not hold, or None."""
        return next((tag for tag, terms, fixed in self.equations() if not vanishes(terms, fixed)), None)


def scalar_bytes(value):
    return value.to_bytes(32, "little")
