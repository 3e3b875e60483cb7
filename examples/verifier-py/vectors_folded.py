"""Vectors of ballots with folded contests, as in `vectors.py`."""

from ballot import Ballot, BallotStyle, Election, Equations, WrongLength, proof_holds, tracker
from codec import DecodeError
from comparison import Comparison, little
from manifest import read_manifest
from merlin import Transcript
from ristretto import BASE, decode, encode, multiply, multiscalar
from vectors_wide import challenges_of


def style_of(c, manifest, number, slot_keys, expected):
    what, style, rules = expected["id"], BallotStyle(manifest, number, slot_keys), manifest.rules[number]
    bits = [[list(of_slot) for of_slot in slots] for slots in rules.bits]
    of_wide = {"places": rules.wide.places, "slack": rules.wide.slack, "relation": style.wide.hash().hex()}
    found = {
        "id": manifest.styles[number].id, "slots": manifest.slots_of_style(number), "bits": bits,
        "rows": rows_of((terms, target) for terms, target in rules.rows), "free": rules.free,
        "relation": style.relation.hex(), "bytes of the wide proof": rules.wide.size,
        "wide": of_wide | {"rows": rows_of((terms, target) for target, terms in rules.wide.rows)},
    }  # fmt: skip
    for name in expected | found:
        c.equal(f"{what}: {name}", found.get(name), expected.get(name))


def rows_of(rows):
    return [{"terms": [list(term) for term in terms], "target": target} for terms, target in rows]


def sums_of(equations):
    """The left side of each equation, by its tag."""
    both = [("BALLOT.V1", *equations.v1), ("BALLOT.V2", *equations.v2)]
    sums = [*equations.wide.equations(), *both]
    return {tag: encode(multiscalar(terms, fixed)).hex() for tag, terms, fixed in sums}


def valid(c, election, item):
    data, what = bytes.fromhex(item["bytes"]), item["name"]
    ballot = Ballot(election.manifest, data)
    style = election.style(ballot.style)
    c.equal(what, tracker(data), item["tracker"])
    signer, nonce = (int.from_bytes(bytes.fromhex(item[name]), "little") for name in ("signer", "nonce"))
    c.equal(f"{what}: X", ballot.voter, encode(multiply(signer, BASE)).hex())
    c.equal(f"{what}: A", ballot.nonce, encode(multiply(nonce, BASE)).hex())
    pairs = zip(item["values"], style.keys, strict=True)
    sealed = [encode(multiscalar([(nonce, decode(key)), (value, BASE)])) for value, key in pairs]
    c.equal(f"{what}: B", ballot.sealed, [element.hex() for element in sealed])
    at = data.index(sealed[-1]) + 32
    c.equal(f"{what}: wide proof", data[at : at + style.rules.wide.size], item["wide proof"])
    c.transcript(what, item, election.transcript)
    found = Equations(election, ballot)
    c.equal(f"{what}: challenges", challenges_of(found.wide), item["challenges"])
    own = [item["y of V1 and V2"], item["x of V1 and V2"]]
    c.equal(f"{what}: y and x", [little(found.y), little(found.x)], own)
    c.equal(what, [tag for tag, point in sums_of(found).items() if point != bytes(32).hex()], [])
    c.equal(what, proof_holds(election, ballot), None)


def folded(content, folder):
    c = Comparison()
    manifest = read_manifest(bytes.fromhex(content["manifest"]))
    slot_keys = [bytes.fromhex(key) for key in content["slot keys"]]
    t = Transcript("election").put("manifest", manifest.hash).put("ceremony", bytes.fromhex(content["ceremony hash"]))
    election = Election(manifest, t.put_list("Y", slot_keys), slot_keys)
    c.context("context", content["context"], election.transcript)
    c.equal("styles", len(manifest.styles), len(content["styles"]))
    for number, expected in enumerate(content["styles"]):
        style_of(c, manifest, number, slot_keys, expected)
    for item in content["valid"]:
        valid(c, election, item)
    for item in content["invalid"]:
        try:
            ballot = Ballot(manifest, bytes.fromhex(item["bytes"]))
        except WrongLength:
            # The specification does not say at which byte this is found.
            c.true(item["name"], "at" in item["fails"])
            continue
        except DecodeError as error:
            c.equal(item["name"], {"at": error.at}, item["fails"])
            continue
        found = sums_of(Equations(election, ballot))
        named = {tag.partition(".")[2]: point for tag, point in found.items()}
        c.equal(f"{item['name']}: sums", named, item.get("sums"))
        wrong = [tag for tag, point in found.items() if point != bytes(32).hex()]
        c.equal(item["name"], wrong, item["fails"])
        c.equal(item["name"], proof_holds(election, ballot), wrong[0] if wrong else None)
    return c
