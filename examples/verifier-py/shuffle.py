"""The proof that a mix only re-encrypts and permutes its rows (docs/spec/mixing.md, Shuffle).

A row is a tuple of the bytes of `A` and of each `Bₖ`. Points of outputs, `cⱼ` and `ĉᵢ` are decoded last: invalid ones
are the mixer's fault.
"""

from ristretto import BASE, L, decode, generator, vanishes


def generators(rows):
    """h₁ … h_N, and h before them."""
    return [generator("M0", 0)] + [generator("M", i) for i in range(rows)]


class Proof:
    """Points are kept as bytes. An announcement that is not an element, or a scalar that is not canonical, is a
    DecodeError."""

    def __init__(self, r, rows, slots):
        def points(count):
            return [r.bytes(32) for _ in range(count)]

        self.c, self.chain = points(rows), points(rows)
        self.t1, self.t2, self.t3 = r.elements(3)
        self.t4, self.t5 = r.elements(slots + 1), r.element()
        self.s, self.s_rows = r.scalars(5), r.scalars(rows)

    @staticmethod
    def size(rows, slots):
        return 96 * rows + 32 * (slots + 10)


class Shuffle:
    """Everything that a verifier computes. The transcript continues with what the mixer signs."""

    def __init__(self, transcript, keys, inputs, outputs, proof):
        """`keys` are the bytes of Y₁ … Y_w."""
        self.keys, self.inputs, self.outputs, self.proof = keys, inputs, outputs, proof
        t = transcript.put_list("Y", keys)
        for label, rows in (("in", inputs), ("out", outputs)):
            t.put("count", len(rows))
            for point in [point for row in rows for point in row]:
                t.put(label, point)
        t.put_list("c", proof.c)
        self.u = t.challenges("u", len(inputs))
        self.zeta = t.put_list("chain", proof.chain).challenge("zeta")
        t.put("t1", proof.t1).put("t2", proof.t2).put("t3", proof.t3).put_list("t4", proof.t4)
        self.x = t.put("t5", proof.t5).challenge("x")
        t.put_list("s", list(map(scalar_bytes, proof.s))).put_list("s'", list(map(scalar_bytes, proof.s_rows)))

    def equations(self):
        """Tags, and pairs of terms whose sum should be the identity. NotCanonical if bytes do not encode a point."""
        p, x, u = self.proof, self.x, self.u
        h, *h_rows = generators(len(u))
        c, chain = list(map(decode, p.c)), [h, *map(decode, p.chain)]
        inputs, outputs = ([list(map(decode, row)) for row in rows] for rows in (self.inputs, self.outputs))
        product = 1
        for factor in u:
            product = product * factor % L
        # [MIX.S1]  s₁G − x(Σcⱼ − Σhᵢ) − t₁ = 0
        terms = [(-x, point) for point in c] + [(-1, decode(p.t1))]
        yield "MIX.S1", terms, [(p.s[0], BASE)] + [(x, point) for point in h_rows]
        # [MIX.S2]  s₂G − x(ĉ_N − (Πuⱼ)h) − t₂ = 0
        yield "MIX.S2", [(-x, chain[-1]), (-1, decode(p.t2))], [(p.s[1], BASE), (x * product, h)]
        # [MIX.S3]  s₃G + Σs′ᵢhᵢ − xΣuⱼcⱼ − t₃ = 0
        terms = [(-x * factor, point) for factor, point in zip(u, c)] + [(-1, decode(p.t3))]
        yield "MIX.S3", terms, [(p.s[2], BASE), *zip(p.s_rows, h_rows)]
        # [MIX.S4]  −s₄Yₗ + Σs′ᵢoutᵢₗ − xΣuⱼinⱼₗ − t₄ₗ = 0
        for column, (key, t4) in enumerate(zip([BASE, *map(decode, self.keys)], p.t4, strict=True)):
            terms = [(s, row[column]) for s, row in zip(p.s_rows, outputs, strict=True)]
            terms += [(-x * factor, row[column]) for factor, row in zip(u, inputs)]
            yield "MIX.S4", terms + [(-1, decode(t4))], [(-p.s[3], key)]
        # [MIX.S5]  s₅G + Σζⁱ⁻¹s′ᵢĉᵢ₋₁ − xΣζⁱ⁻¹ĉᵢ − t₅ = 0
        terms, power = [(-1, decode(p.t5))], 1
        for s, before, point in zip(p.s_rows, chain, chain[1:]):
            terms += [(power * s, before), (-x * power, point)]
            power = power * self.zeta % L
        yield "MIX.S5", terms, [(p.s[4], BASE)]

    def fault(self):
        """The tag of the first equation that does not hold, or None."""
        return next((tag for tag, terms, fixed in self.equations() if not vanishes(terms, fixed)), None)


def scalar_bytes(value):
    return value.to_bytes(32, "little")
