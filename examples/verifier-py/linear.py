"""Linear proofs and the signatures made of them (docs/spec/README.md, Linear proofs).

`Proof` is the parsed bytes. `holds` says whether it proves a statement on a transcript.
"""

from functools import lru_cache

from merlin import Transcript, ZeroChallenge
from ristretto import BASE, BASE_BYTES, decode, vanishes

G = BASE_BYTES


class Proof:
    def __init__(self, announcements, responses):
        self.announcements, self.responses = announcements, responses

    @classmethod
    def read(cls, reader, equations, secrets):
        return cls(reader.elements(equations), reader.scalars(secrets))

    def challenge(self, tag, secrets, equations, transcript):
        """`equations` are pairs of a point's bytes and its terms, which are pairs of a secret's number and a base's
        bytes. The transcript is consumed."""
        t = transcript.put("linear", tag.encode()).put("secrets", secrets).put("count", len(equations))
        for point, terms in equations:
            t.put("P", point).put("count", len(terms))
            for secret, base in terms:
                t.put("j", secret).put("B", base)
        return t.put_list("R", self.announcements).challenge("x")

    def holds(self, tag, secrets, equations, transcript):
        """Takes the same arguments as `challenge`."""
        try:
            x = self.challenge(tag, secrets, equations, transcript)
        except ZeroChallenge:
            return False
        for announcement, (point, terms) in zip(self.announcements, equations, strict=True):
            # Rᵢ + x·Pᵢ − Σⱼ zⱼBᵢⱼ = 0
            pairs, fixed = [(1, decode(announcement)), (x, decode(point))], []
            for secret, base in terms:
                if base == G:
                    fixed.append((-self.responses[secret], BASE))
                else:
                    pairs.append((-self.responses[secret], decode(base)))
            if not vanishes(pairs, fixed):
                return False
        return True


def read_signature(reader):
    """64 bytes `R`, `z`, returned as bytes, since verdicts on signatures are cached by them."""
    start = reader.at
    Proof.read(reader, 1, 1)
    return reader.data[start : reader.at]


def signed(tag, key, signature, transcript):
    """[tag]  R + xC − zG = 0. The transcript is consumed."""
    proof = Proof([signature[:32]], [int.from_bytes(signature[32:], "little")])
    return proof.holds(tag, 1, [(key, [(0, G)])], transcript)


# The functions below depend only on their arguments, so a verdict can be reused when another record with the same
# bytes is judged.


@lru_cache(maxsize=1 << 16)
def author_possesses(key):
    """[KEY.POSSESSION] for the 96 bytes of a registered key."""
    return signed("KEY.POSSESSION", key[:32], key[32:], Transcript("author possession"))


@lru_cache(maxsize=1 << 20)
def voter_possesses(manifest_hash, key, signature):
    """[ROLL.POSSESSION]"""
    return signed("ROLL.POSSESSION", key, signature, Transcript("voter possession").put("manifest", manifest_hash))


@lru_cache(maxsize=1 << 12)
def delegation_signed(manifest_hash, keys, signatures):
    """[ROLL.DELEGATE]: a voter, the key under which the proxy casts for her, and the proxy"""
    return all(
        signed("ROLL.DELEGATE", key, signature, delegation(manifest_hash, *keys))
        for key, signature in zip(keys, signatures)
    )


def delegation(manifest_hash, voter, key, proxy):
    t = Transcript("voter delegation").put("manifest", manifest_hash)
    return t.put("X", voter).put("X'", key).put("P", proxy)


@lru_cache(maxsize=1 << 16)
def operator_signed(key, manifest_hash, size, root, kind, content, signature):
    """[BOARD.AUTHOR] under an entry of the operator's"""
    t = Transcript("entry signature").put("manifest", manifest_hash).put("size", size).put("root", root)
    return signed("BOARD.AUTHOR", key, signature, t.put("kind", kind).put("content", content))


@lru_cache(maxsize=1 << 16)
def trustee_confirmed(key, ceremony_hash, trustee, signature):
    """[BOARD.AUTHOR] under the keys of a ceremony"""
    t = Transcript("entry signature").put("ceremony", ceremony_hash).put("trustee", trustee)
    return signed("BOARD.AUTHOR", key, signature, t)
