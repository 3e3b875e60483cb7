"""Makes elections that are mixed, and mixes, honest and not. Like `forge.py`, not part of the verifier."""

import random

from codec import u16, u32
from forge import items, little, scalar, sign, text, times
from messages import encode_message, slots_for
from mixing import mix_transcript
from ristretto import BASE, L, decode, encode, multiscalar
from shuffle import generators


def message(contest, ranks=(), names=()):
    """The bytes in a contest's slots: in a ranking the ranks of options and lines, then a name for each line."""
    names = [*names, *[""] * (contest.lines - len(names))]
    padded = [bytes([len(name.encode())]) + name.encode().ljust(contest.length, b"\0") for name in names]
    return bytes(ranks) + b"".join(padded)


def elements(contest, ranks=(), names=()):
    data = message(contest, ranks, names)
    return encode_message(data, slots_for(len(data)))


class Cheats:
    """What a dishonest mixer does with rows and proof. Each method takes the honest value and returns another."""

    def outputs(self, rows):
        """Before the proof is made."""
        return rows

    def chain(self, chain):
        """Before ζ is drawn."""
        return chain

    def responses(self, s, s_rows):
        return s, s_rows


def reencrypt(keys, row, r):
    """A row plus r·(Y₀, …, Y_w)."""
    return tuple(
        encode(multiscalar([(1, decode(point)), (r, key)])) for point, key in zip(row, [BASE, *map(decode, keys)])
    )


def make_shuffle(t, keys, inputs, order=None, cheats=None):
    """(rows, proof) as in mixing.md. Output i is input order[i]. The transcript continues with the signature."""
    n, cheats = len(inputs), cheats or Cheats()
    order = random.sample(range(n), n) if order is None else order
    h, *h_rows = generators(n)
    keys_of_columns = [BASE, *map(decode, keys)]
    r_rows = [scalar() for _ in range(n)]
    outputs = tuple(reencrypt(keys, inputs[j], r) for j, r in zip(order, r_rows))
    outputs = cheats.outputs(outputs)
    # 1
    rho, c = [scalar() for _ in range(n)], [None] * n
    for i, j in enumerate(order):
        c[j] = encode(multiscalar([(rho[j], BASE), (1, h_rows[i])]))
    t.put_list("Y", keys)
    for label, rows in (("in", inputs), ("out", outputs)):
        t.put("count", n)
        for row in rows:
            for point in row:
                t.put(label, point)
    t.put_list("c", c)
    # 2
    u = t.challenges("u", n)
    u_out = [u[j] for j in order]
    # 3
    r_chain = [scalar() for _ in range(n)]
    of_base, of_h, points = [0], [1], [h]
    for r, factor in zip(r_chain, u_out):
        points.append(multiscalar([(r, BASE), (factor, points[-1])]))
        of_base.append((r + factor * of_base[-1]) % L)
        of_h.append(factor * of_h[-1] % L)
    chain = cheats.chain([encode(point) for point in points[1:]])
    # 4
    zeta = t.put_list("chain", chain).challenge("zeta")
    powers = [pow(zeta, i, L) for i in range(n)]
    # 5
    w, w_rows = [scalar() for _ in range(5)], [scalar() for _ in range(n)]
    t1, t2 = times(w[0]), times(w[1])
    t3 = encode(multiscalar([(w[2], BASE), *zip(w_rows, h_rows)]))
    t4 = [
        encode(multiscalar([(-w[3], key)] + [(x, decode(row[column])) for x, row in zip(w_rows, outputs)]))
        for column, key in enumerate(keys_of_columns)
    ]
    first = w[4] + sum(z * x * b for z, x, b in zip(powers, w_rows, of_base))
    t5 = encode(multiscalar([(first, BASE), (sum(z * x * b for z, x, b in zip(powers, w_rows, of_h)), h)]))
    # 6
    x = t.put("t1", t1).put("t2", t2).put("t3", t3).put_list("t4", t4).put("t5", t5).challenge("x")
    # 7
    s = [
        w[0] + x * sum(rho),
        w[1] + x * of_base[n],
        w[2] + x * sum(a * b for a, b in zip(u, rho)),
        w[3] + x * sum(a * b for a, b in zip(u_out, r_rows)),
        w[4] + x * sum(a * b for a, b in zip(powers, r_chain)),
    ]
    s_rows = [q + x * factor for q, factor in zip(w_rows, u_out)]
    s, s_rows = (list(map(little, part)) for part in cheats.responses(s, s_rows))
    t.put_list("s", s).put_list("s'", s_rows)
    return outputs, b"".join([*c, *chain, t1, t2, t3, *t4, t5, *s, *s_rows])


def make_mix(ceremony, mixing, trustee, author, cell, position=None, order=None, cheats=None):
    """A mix of the current rows of this cell's cascade."""
    cascade = mixing.cascades[cell]
    position = len(cascade.by) if position is None else position
    t = mix_transcript(ceremony, mixing.tally.hash, trustee, cell, position)
    rows, proof = make_shuffle(t, cascade.keys, cascade.rows, order, cheats)
    head = u16(trustee) + u32(cell) + u16(position)
    return head + b"".join(map(b"".join, rows)) + proof + sign(author.secret, t)


def make_outcome(tally, secrets, by):
    """Rows by cell, opened with the slots' secrets; and the rest of the result."""
    rows = {}
    for cell, of_cell in tally.mixed:
        slots = tally.manifest.mixed_slots_of(tally.cells[cell].contest)
        rows[cell] = [
            [encode(multiscalar([(1, decode(b)), (-secrets[slot], decode(row[0]))])) for slot, b in zip(slots, row[1:])]
            for row in of_cell
        ]
    out = b"".join(element for of_cell in rows.values() for row in of_cell for element in row)
    return rows, out + b"".join(items(list(map(text, names))) for names in by)
