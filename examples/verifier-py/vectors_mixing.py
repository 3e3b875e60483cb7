"""Vectors of messages, shuffles, mixes and counts, as in `vectors.py`."""

from codec import DecodeError, Reader
from comparison import Comparison, little
from counting import (
    BACKWARDS,
    BORDA,
    DROOP,
    HARE,
    INSTANT_RUNOFF,
    ORDER,
    PLURALITY,
    SCHULZE,
    Count,
    names_of,
    normalise,
    numbers_of,
    ranking_of,
)
from manifest import MAX_NAME
from merlin import Transcript
from messages import NotAMessage, decode_message, encode_message
from ristretto import BASE, NotCanonical, decode, encode, multiply, multiscalar
from shuffle import Proof, Shuffle
from text import is_text
from views import workings_view

METHODS = {
    ("plurality", None): PLURALITY,
    ("instant-runoff", None): INSTANT_RUNOFF,
    ("stv", "droop"): DROOP,
    ("stv", "hare"): HARE,
    ("schulze", None): SCHULZE,
    ("borda", None): BORDA,
}


def messages(content, folder):
    c = Comparison()
    for item in content["valid"]:
        data, slots = bytes.fromhex(item["message"]), list(map(bytes.fromhex, item["slots"]))
        c.equal("encoded", encode_message(data, len(slots)), item["slots"])
        c.equal("decoded", decode_message(slots), item["message"])
    for item in content["invalid"]:
        try:
            decode_message(list(map(bytes.fromhex, item["slots"])))
            c.true(item["name"], False)
        except NotAMessage as error:
            c.equal(item["name"], [error.slot, error.rule], [item["slot"], item["rule"]])
    return c


def rows_of(data, slots):
    """Rows in bytes, or as lists of hexadecimal digits."""
    if not isinstance(data, str):
        return tuple(tuple(map(bytes.fromhex, row)) for row in data)
    points = [bytes.fromhex(data[at : at + 64]) for at in range(0, len(data), 64)]
    return tuple(tuple(points[at : at + slots + 1]) for at in range(0, len(points), slots + 1))


def sums_of(shuffle):
    """By equation, the sums that should be the identity; for S4 one for each column."""
    sums = {}
    for tag, terms, fixed in shuffle.equations():
        sums.setdefault(tag, []).append(encode(multiscalar(terms, fixed)).hex())
    return sums


def read_elements(data, rows, slots):
    """Reads outputs and proof, to find where they cannot be read."""
    r = Reader(data)
    r.elements(rows * (slots + 1) + 2 * rows + slots + 5), r.scalars(5 + rows)
    r.finish()


def shuffles(content, folder):
    c = Comparison()
    for item in content["valid"]:
        rows, slots, start = item["rows"], item["width"], Transcript("vectors").proof("mix")
        what = f"{rows} rows of {slots}"
        secrets = [int.from_bytes(bytes.fromhex(secret), "little") for secret in item["secrets"]]
        c.equal(what, [encode(multiply(secret, BASE)) for secret in secrets], item["Y"])
        c.transcript(what, item)
        proof = Proof(Reader(bytes.fromhex(item["proof"])), rows, slots)
        of_parts(c, what, proof, item["parts"])
        keys = list(map(bytes.fromhex, item["Y"]))
        inputs, outputs = rows_of(item["in"], slots), rows_of(item["out"], slots)
        shuffle = Shuffle(start, keys, inputs, outputs, proof)
        of_shuffle(c, what, shuffle, item, [])
        # Output i is input permutation[i], when both are opened with the slots' secrets.
        opened = [opened_rows(rows, secrets) for rows in (inputs, outputs)]
        c.equal(what, opened[1], [[point.hex() for point in opened[0][i]] for i in item["permutation"]])
    for item in content["invalid"]:
        base = content["valid"][item["of"]]
        rows, slots, fails = base["rows"], base["width"], item["fails"]
        keys = list(map(bytes.fromhex, base["Y"]))
        try:
            read_elements(bytes.fromhex(item["out"] + item["proof"]), rows, slots)
        except DecodeError as error:
            c.equal(item["name"], {"at": error.at}, fails)
        try:
            proof = Proof(Reader(bytes.fromhex(item["proof"])), rows, slots)
            inputs, outputs = rows_of(item["in"], slots), rows_of(item["out"], slots)
            shuffle = Shuffle(Transcript("vectors").proof("mix"), keys, inputs, outputs, proof)
            of_sums(c, item["name"], shuffle, item.get("sums"), fails)
        except (DecodeError, NotCanonical):
            c.true(item["name"], "at" in fails)
    return c


def of_parts(c, what, proof, expected):
    found = {
        "c": proof.c, "chain": proof.chain, "t1": proof.t1, "t2": proof.t2, "t3": proof.t3, "t4": proof.t4,
        "t5": proof.t5, "s": list(map(little, proof.s)), "s'": list(map(little, proof.s_rows)),
    }  # fmt: skip
    c.equal(what, list(found), list(expected))
    for name, part in found.items():
        c.equal(f"{what}: {name}", part, expected[name])


def of_shuffle(c, what, shuffle, item, fails):
    """The shuffle's challenges and equations."""
    found = [list(map(little, shuffle.u)), little(shuffle.zeta), little(shuffle.x)]
    c.equal(what, found, [item["u"], item["zeta"], item["x"]])
    of_sums(c, what, shuffle, item["sums"], fails)


def of_sums(c, what, shuffle, expected, fails):
    sums = sums_of(shuffle)
    for tag, found in sums.items():
        name = tag.removeprefix("MIX.")
        c.equal(f"{what}: {name}", found if name == "S4" else found[0], expected[name])
    wrong = [tag for tag, found in sums.items() if any(point != bytes(32).hex() for point in found)]
    c.equal(what, wrong, fails)
    c.equal(what, shuffle.fault(), wrong[0] if wrong else None)


def opened_rows(rows, secrets):
    """The contents of the rows' slots."""
    return [
        [encode(multiscalar([(1, decode(b)), (-secret, decode(a))])) for secret, b in zip(secrets, sealed)]
        for a, *sealed in rows
    ]


def counts(content, folder):
    c = Comparison()
    for item in content["counts"]:
        what = f"{item['name']}, {item['method']}"
        profile = [([g if isinstance(g, list) else [g] for g in ranking], times) for times, ranking in item["rankings"]]
        method = METHODS[item["method"], item.get("quota")]
        tie_break = {"order": ORDER, "backwards": BACKWARDS}[item["tie_break"]]
        count = Count(method, item["seats"], tie_break, item["candidates"], profile, item.get("places"))
        found = {"counted": count.votes, "elected": count.elected} | workings_view(count)
        given = ("name", "candidates", "rankings", "method", "quota", "places", "seats", "tie_break")
        c.equal(what, found, {name: value for name, value in item.items() if name not in given})
    for item in content["normalised"]:
        text = bytes.fromhex(item["text"]).decode()
        c.equal(item["text"], normalise(text).encode(), item["normalised"])
        c.equal(f"{item['text']} as a name", is_text(text, MAX_NAME), item["name"])
    for item in content["candidates"]:
        names = names_of(item["options"], item["written"])
        numbers = numbers_of(item["options"], names)
        c.equal("names", names, item["names"])
        c.equal("numbers", [numbers.get(normalise(text)) for text in item["written"]], item["numbers"])
    for item in content["merged"]:
        c.equal("merged", ranking_of(item["pairs"]), item["groups"])
    return c
