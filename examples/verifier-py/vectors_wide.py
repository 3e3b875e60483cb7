"""Vectors of wide values, as in `vectors.py`."""

from codec import DecodeError, Reader
from comparison import Comparison, little
from merlin import Transcript
from ristretto import encode, multiscalar
from wide import Proof, Relation, Wide


def relation_of(item):
    rows = [(row["target"], row["terms"]) for row in item["rows"]]
    return Relation(item["slack"], rows, item["places"], list(map(bytes.fromhex, item["Y"])))


def wide_of(item, relation):
    reader = Reader(bytes.fromhex(item["proof"]))
    proof = Proof(reader, relation.values)
    reader.finish()
    B = list(map(bytes.fromhex, item["B"]))
    return Wide(Transcript("vectors").proof("wide"), relation, bytes.fromhex(item["A"]), B, proof)


def sums(c, what, wide, expected, fails):
    found = {tag: encode(multiscalar(terms, fixed)).hex() for tag, terms, fixed in wide.equations()}
    c.equal(f"{what}: sums", {tag.removeprefix("WIDE."): point for tag, point in found.items()}, expected)
    wrong = [tag for tag, point in found.items() if point != bytes(32).hex()]
    c.equal(what, wrong, fails)
    c.equal(what, wide.fault(), wrong[0] if wrong else None)


def challenges_of(wide):
    names = {"y": wide.y, "z": wide.z, "x": wide.x, "w": wide.w, "rho": wide.rho, "sigma": wide.sigma}
    found = {name: little(value).hex() for name, value in names.items()}
    return found | {"u": [little(u).hex() for u in wide.u], "x of the link": little(wide.x_link).hex()}


def wide_values(content, folder):
    c = Comparison()
    for item in content["valid"]:
        relation = relation_of(item)
        what = f"{relation.limbs} limbs, {relation.slack} of slack"
        c.equal(what, relation.hash(), item["relation"])
        c.transcript(what, item)
        wide = wide_of(item, relation)
        c.equal(f"{what}: challenges", challenges_of(wide), item["challenges"])
        sums(c, what, wide, item["sums"], [])
    for item in content["invalid"]:
        base = content["valid"][item["of"]]
        relation = relation_of(base | item.get("relation", {}))
        try:
            wide = wide_of(base | item, relation)
        except DecodeError as error:
            c.equal(item["name"], {"at": error.at}, item["fails"])
            continue
        sums(c, item["name"], wide, item.get("sums"), item["fails"])
    return c
