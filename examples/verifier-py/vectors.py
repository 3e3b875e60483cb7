"""Vectors of single parts: files of `tests/vectors` by name, and the function that judges each.

A function takes what the file holds and the folder that it is in, and gives how many values were compared and what
differs. Of a transcript the messages are put in again and the challenges compared; that the proof then holds, computed
here from its bytes, says that its messages are these. Names are those of the files, which follow the specification.
"""

import base64
from hashlib import sha3_256, sha3_512

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import bech32m
import board
import bundle
import keys
import linear
import vectors_folded
import vectors_mixing
import vectors_opening
import vectors_wide
from ballot import Ballot, BallotStyle, Election, Equations, WrongLength, proof_holds, tracker
from challenge import Receipt, opened, read_opening, read_spoil_request, request_holds
from checkpoints import LOG, WITNESS, Checkpoint, key_id, origin_of
from codec import DecodeError, Reader, u64
from comparison import Comparison, base, little, plain
from linear import G, Proof
from manifest import ManifestError, read_manifest
from merkle import Consistency, Inclusion, fold, leaf, range_of
from merlin import Transcript
from ristretto import BASE, L, decode, decode_any, encode, generator, multiply, multiscalar


def crypto(content, folder):
    c = Comparison()
    for item in content["generators"]:
        c.equal("generator", encode(generator(item["name"], item["index"])), item["point"])
    for item in content["elements"]:
        c.reads(item["name"], lambda: Reader(bytes.fromhex(item["bytes"])).element(), item["accepted"])
    for item in content["scalars"]:
        c.reads(item["name"], lambda: Reader(bytes.fromhex(item["bytes"])).scalar(), item["accepted"])
    for item in content["hashes"]:
        hash = {"SHA3-256": sha3_256, "SHA3-512": sha3_512}[item["hash"]]
        output = hash(item["prefix"].encode() + bytes.fromhex(item["input"])).digest()
        c.equal(item["prefix"], output, item["output"])
        if "reduced" in item:
            secret = int.from_bytes(output, "little") % L
            c.equal("reduced", little(secret), item["reduced"])
            c.equal("public", encode(multiply(secret, BASE)), item["public"])
    for item in content["transcripts"]:
        c.transcript(item["name"], item)
    mine = Transcript("example")
    c.context("protocol and suite", content["transcripts"][0]["messages"][:-1], mine)
    secret, other = 1234, encode(multiply(5, BASE))
    equations = [
        (encode(multiply(secret, BASE)), [(0, G)]),
        (encode(multiply(secret, decode(other))), [(0, other)]),
    ]
    for item in content["linear"]:
        c.transcript(item["name"], item)
        proof = Proof.read(Reader(bytes.fromhex(item["proof"])), 2, 1)
        c.equal(item["name"], little(proof.challenge("EXAMPLE", 1, equations, mine.clone())), item["x"])
        c.equal(item["name"], proof.holds("EXAMPLE", 1, equations, mine.clone()), item["valid"])
    lengths = {"author": 96, "voter": 20, "voterkey": 32, "tracker": 32, "receipt": 145, "log": 32, "witness": 32}
    for item in content["texts"]:
        data, length = bytes.fromhex(item.get("bytes") or ""), lengths[item["prefix"]]
        c.reads(item["text"], lambda: bech32m.decode(item["prefix"], item["text"], length), item["accepted"])
        if item["accepted"]:
            c.equal(item["text"], bech32m.decode(item["prefix"], item["text"], length), data.hex())
            plain = item["text"].lower().replace("-", "").replace(" ", "")
            if plain.isascii():
                c.equal(item["text"], bech32m.encode(item["prefix"], data), plain)
    return c


def is_manifest(data):
    try:
        read_manifest(data)
    except ManifestError:
        return False
    return True


def manifests(content, folder):
    c = Comparison()
    for item in content:
        if "refused" in item:
            c.equal(item["refused"], is_manifest(bytes.fromhex(item["bytes"])), False)
            continue
        name = item["name"]
        manifest = read_manifest(bytes.fromhex(item["bytes"]))
        c.equal(name, manifest.hash, item["hash"])
        c.equal(name, manifest.slots, item["slots"])
        c.equal(name, origin_of(manifest), item["origin"])
        for number, (contest, expected) in enumerate(zip(manifest.contests, item["contests"], strict=True)):
            found = [contest.id, contest.maxima, contest.lo, contest.hi, contest.each, len(contest.marks)]
            found += [contest.form, len(contest.grades), contest.lines, contest.length, contest.message_bytes]
            names = "id", "maxima", "lo", "hi", "each", "marks", "form", "grades", "lines", "length", "message"
            c.equal(contest.id, found, [expected[name] for name in names])
            c.equal(contest.id, list(manifest.slots_of(number)), expected["slots"])
            c.equal(contest.id, list(manifest.mixed_slots_of(number)), expected["mixed"])
        slot_keys = [bytes.fromhex(key) for key in item["keys"]]
        for number, expected in enumerate(item["styles"]):
            rules = manifest.rules[number]
            c.equal(f"{name}: id", manifest.styles[number].id, expected["id"])
            c.equal(f"{name}: slots", manifest.slots_of_style(number), expected["slots"])
            bits = [[list(of_slot) for of_slot in slots] for slots in rules.bits]
            c.equal(f"{name}: bits", bits, expected["bits"])
            rows = [{"terms": [list(term) for term in terms], "target": target} for terms, target in rules.rows]
            c.equal(f"{name}: rows", rows, expected["rows"])
            c.equal(f"{name}: free", rules.free, expected["free"])
            c.equal(f"{name}: relation", BallotStyle(manifest, number, slot_keys).relation, expected["relation"])
    return c


def of_ballot(c, election, item):
    """A valid ballot, and everything computed from it."""
    data = bytes.fromhex(item["bytes"])
    ballot = Ballot(election.manifest, data)
    what = f"ballot {item['bytes'][:16]}"
    c.equal(what, tracker(data), item["tracker"])
    c.transcript(what, item, election.transcript)
    parts = {
        "style": ballot.style, "sequence": ballot.sequence, "station": ballot.station, "X": ballot.voter,
        "A": ballot.nonce, "B": ballot.sealed, "D": ballot.d, "E": ballot.e, "W": ballot.w,
        "f": [little(f) for f in ballot.f], "f_r": little(ballot.f_r), "f_s": little(ballot.f_s), "z": little(ballot.z),
    }  # fmt: skip
    c.equal(what, {name: plain(value) for name, value in parts.items()}, item["parts"])
    found = Equations(election, ballot)
    c.equal(what, [little(found.y), little(found.x)], [item["y"], item["x"]])
    c.equal(f"{what}: Y*", encode(multiscalar(found.key)), item["Y*"])
    c.equal(f"{what}: mu", [little(m) for m in found.mu], item["mu"])
    c.equal(f"{what}: tau", little(found.tau), item["tau"])
    c.equal(f"{what}: G in V2", little(found.of_base), item["scalar of G in V2"])
    c.equal(what, proof_holds(election, ballot), None)
    return ballot


def ballots(content, folder):
    c = Comparison()
    manifest = read_manifest(bytes.fromhex(content["manifest"]))
    slot_keys = [bytes.fromhex(key) for key in content["slot keys"]]
    t = Transcript("election").put("manifest", manifest.hash).put("ceremony", bytes.fromhex(content["ceremony hash"]))
    election = Election(manifest, t.put_list("Y", slot_keys), slot_keys)
    c.context("context", content["context"], election.transcript)
    for item in content["valid"]:
        ballot = of_ballot(c, election, item)
        inputs, style = item["inputs"], election.style(ballot.style)
        seed = bech32m.decode("voter", inputs["credential"], 20)
        secret = int.from_bytes(sha3_512(b"tabella/v1 credential" + seed).digest(), "little") % L
        nonce = int.from_bytes(bytes.fromhex(inputs["nonce"]), "little")
        c.equal("signer", little(secret), inputs["signer"])
        c.equal("X", encode(multiply(secret, BASE)), item["parts"]["X"])
        c.equal("A", encode(multiply(nonce, BASE)), item["parts"]["A"])
        values = style.rules.values(inputs["bits"])
        c.equal("values", values, inputs["values"])
        c.true("rows", style.rules.hold(inputs["bits"], ballot.weight))
        held = [(value, BASE) for value in values]
        for slot, element in zip(style.rules.free, inputs["free"], strict=True):
            held[slot] = 1, decode_any(bytes.fromhex(element))
        sealed = [encode(multiscalar([(nonce, decode(key)), of_slot])) for key, of_slot in zip(style.keys, held)]
        c.equal("B", sealed, item["parts"]["B"])
    for item in content.get("of the election", []):
        c.true("it is on the board", item["bytes"] in base(folder, "election").bodies(board.BALLOT))
        of_ballot(c, base(folder, "election").state.ended[0].ceremony.election, item)
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
        c.equal(item["name"], proof_holds(election, ballot), item["fails"])
        found = Equations(election, ballot)
        for name, sums in (("V1", found.v1), ("V2", found.v2)):
            if name in item:
                c.equal(f"{item['name']}: {name}", encode(multiscalar(*sums)), item[name])
    return c


def of_ceremony(c, what, observer, item):
    setup = observer.setup
    c.equal(what, [setup.epoch, *setup.thresholds], [item["epoch"], item["threshold"]])
    c.context(f"{what}: context", item["context"], setup.context)
    for commit, dealt in zip(item["commits"], item["deals"], strict=True):
        data, deal = bytes.fromhex(commit["bytes"]), bytes.fromhex(dealt["bytes"])
        c.equal(f"{what}: promise", setup.promise(deal), commit["h"])
        c.transcript(f"{what}: commit", commit, setup.context)
        dealer = int.from_bytes(data[:2], "big")
        c.true(f"{what}: commit", data[2:34].hex() == commit["h"])
        c.true(f"{what}: commit", keys.commit_signed(setup, dealer, data[2:34], data[34:]))
        c.transcript(f"{what}: deal", dealt, setup.context)
        read = keys.Deal(setup, deal)
        c.equal(f"{what}: deal", [read.dealer, read.commitments, read.u, list(read.shares.values())],
                [dealt["dealer"], dealt["F"], dealt["U"], dealt["shares"]])  # fmt: skip
        c.true(f"{what}: deal", dealt["bytes"].endswith(dealt["proof"]))
        c.equal(f"{what}: deal", read.fault(setup), None)
    ceremony = observer.ceremony
    c.equal(f"{what}: dealers", [deal.dealer for deal in observer.left()], item["dealers left"])
    c.equal(f"{what}: holders", ceremony.holders, item["holders"])
    c.equal(f"{what}: slot keys", ceremony.slot_keys, item["slot keys"])
    verification = [ceremony.verification_keys[j] for j in ceremony.holders]
    c.equal(f"{what}: verification keys", verification, item["verification keys"])
    c.equal(f"{what}: hash", ceremony.hash, item["ceremony hash"])


def key_ceremony(content, folder):
    c = Comparison()
    record = base(folder, "ceremony")
    manifest, first, second = record.state.manifest, *record.state.ended
    public = [encode(multiply(int.from_bytes(bytes.fromhex(s), "little"), BASE)) for s in content["registered secrets"]]
    c.equal("registered", public, [key[:32].hex() for _, key in manifest.trustees])
    possession = content["possession"]
    c.transcript("possession", possession)
    c.true("possession", linear.author_possesses(bytes.fromhex(possession["bytes"])))
    if "undisputed" in content:
        of_ceremony(c, "undisputed", base(folder, "election").state.ended[0], content["undisputed"])
    of_ceremony(c, "first", first, content["first"])
    of_ceremony(c, "resharing", second, content["resharing"])

    item = content["complaint"]
    c.transcript("complaint", item, first.setup.context)
    complaint = keys.read_complaint(bytes.fromhex(item["bytes"]))
    deal = keys.Deal(first.setup, bytes.fromhex(content["first"]["deals"][complaint.dealer - 1]["bytes"]))
    c.equal("complaint: K", complaint.shared, item["K"])
    c.true("complaint", keys.complaint_holds(first.setup, complaint, deal))
    c.true("complaint", keys.bad_share(first.setup, deal, complaint.member, complaint.shared))
    share = item["share key"]
    c.transcript("share key", share, first.setup.context)
    cipher, sealed = ChaCha20Poly1305(bytes.fromhex(share["key"])), deal.shares[complaint.member]
    c.equal("sealed", sealed, share["sealed"])
    c.equal("plain", cipher.decrypt(bytes(12), sealed, bytes.fromhex(share["associated data"])), share["plain"])
    values = Reader(bytes.fromhex(share["plain"])).scalars(manifest.slots)
    c.equal("shares", [encode(multiply(value, BASE)) for value in values], item["shares times G"])
    due = [[(complaint.member**e, decode(p)) for e, p in enumerate(row)] for row in deal.commitments]
    c.equal("due", [encode(multiscalar(terms)) for terms in due], item["from the commitments"])
    c.equal("verdict", f"dealer {complaint.dealer} is out", item["verdict"])

    for item in content.get("blames", []):
        found = keys.guilty(first.setup, bytes.fromhex(item["bytes"]))
        c.equal(item["name"], list(found) if found else None, item["guilty"])

    item, ceremony = content["confirmation"], first.ceremony
    data = bytes.fromhex(item["bytes"])
    trustee = int.from_bytes(data[:2], "big")
    c.transcript("confirmation", item)
    member = first.setup.member(trustee)
    c.true("confirmation", linear.trustee_confirmed(member, ceremony.hash, trustee, data[2:]))

    item = content["rehearsal"]
    c.context("rehearsal: context", item["context"], ceremony.opening)
    c.transcript("rehearsal", item, ceremony.opening)
    question = bytes.fromhex(next(value for label, value in item["messages"] if label == "question"))
    c.true("question", question.hex() in [body[:64] for body in record.bodies(board.QUESTION)])
    rehearsal = keys.read_rehearsal(manifest.slots, bytes.fromhex(item["bytes"]))
    c.true("rehearsal", keys.rehearsal_holds(ceremony, rehearsal, question))

    item = content["erasure"]
    data = bytes.fromhex(item["bytes"])
    c.transcript("erasure", item, first.setup.context)
    c.true("erasure", keys.erasure_signed(ceremony, int.from_bytes(data[4:6], "big"), data[6:]))

    item = content["close"]
    c.transcript("close", item, ceremony.election.transcript)
    r = Reader(bytes.fromhex(item["bytes"]))
    root = bytes.fromhex(item["root"])
    c.true("close", keys.close_signed(second.ceremony, r.u16(), item["size"], root, r.bytes(64)))
    for kind, item in ((board.COMPLAINT, "complaint"), (board.CONFIRMATION, "confirmation"),
                       (board.REHEARSAL, "rehearsal"), (board.ERASURE, "erasure"), (board.CLOSE, "close")):  # fmt: skip
        c.true(f"{item} on the board", content[item]["bytes"] in record.bodies(kind))
    return c


def log(content, folder):
    c = Comparison()
    record = base(folder, "election")
    state, entries = record.state, record.entries
    manifest, election = state.manifest, state.ended[0].ceremony.election
    c.equal("leaves", [leaf(entry) for entry in entries], content["leaf hashes"])
    roots = [fold(range_of(entries, 0, size)) for size in range(len(entries) + 1)]
    c.equal("roots", roots, content["roots"])
    for item in content["inclusion"]:
        proof = Inclusion(bytes.fromhex(item["bytes"]))
        c.equal("inclusion", [proof.index, proof.size, proof.path], [item["index"], item["size"], item["path"]])
        c.true("inclusion", proof.holds(entries[proof.index], proof.size, roots[proof.size]))
        c.true("inclusion", not proof.holds(entries[proof.index - 1], proof.size, roots[proof.size]))
    for item in content["consistency"]:
        proof = Consistency(bytes.fromhex(item["bytes"]))
        old, new = proof.old, proof.new
        c.equal("consistency", [old, new, proof.path], [item["old"], item["new"], item["path"]])
        c.true("consistency", proof.holds(old, roots[old], new, roots[new]))
        c.true("consistency", not proof.holds(old, roots[old - 1], new, roots[new]))
    for item in content["ranges"]:
        hashes = range_of(entries, item["start"], item["end"])
        c.equal("range", u64(item["start"]) + u64(item["end"]) + b"".join(hashes), item["bytes"])

    def vkey(name, type, key):
        return f"{name}+{key_id(name, type, key).hex()}+{base64.b64encode(bytes([type]) + key).decode()}"

    origin, of_log = origin_of(manifest), content["keys"]["log"]
    c.equal("log", manifest.log.key, of_log["key"])
    c.equal("log", vkey(origin, LOG, manifest.log.key), of_log["vkey"])
    found = [{"name": n, "key": key.hex(), "vkey": vkey(n, WITNESS, key)} for n, key in manifest.log.witnesses]
    c.equal("witnesses", found, content["keys"]["witnesses"])
    for item in content["checkpoints"]:
        checkpoint = of_log_and_witnesses(c, manifest, item["signed"])
        c.equal("root", checkpoint.root, roots[checkpoint.size].hex())
        c.equal("text", checkpoint.body().decode(), item["text"])
        time = checkpoint.cosigned(*manifest.log.witnesses[0])
        c.equal("cosigned", f"cosignature/v1\ntime {time}\n{item['text']}", item["cosigned"])
        lines = [{"name": name, "id": id.hex(), "bytes": data.hex()} for name, id, data in checkpoint.signatures]
        c.equal("signatures", lines, item["signatures"])
    # Two checkpoints with an empty line between them.
    place = content["fork"].rindex(f"\n\n{origin}\n") + 1
    one, other = content["fork"][:place], content["fork"][place + 1 :]
    one, other = (of_log_and_witnesses(c, manifest, text) for text in (one, other))
    c.true("fork", one.size == other.size and one.root < other.root)
    head, signed = content["add-checkpoint"].split("\n\n", 1)
    first, *hashes = head.split("\n")
    checkpoint = of_log_and_witnesses(c, manifest, signed)
    old = int(first.removeprefix("old "))
    proof = Consistency(u64(old) + u64(checkpoint.size) + b"".join(map(base64.b64decode, hashes)))
    c.true("add-checkpoint", proof.holds(old, roots[old], checkpoint.size, checkpoint.root))

    for item in content["entry signatures"]:
        place, kind = item["entry"], item["kind"]
        entry, signature = entries[place], bytes.fromhex(item["signature"])
        c.equal("kind", entry[0], kind)
        c.equal("signature", entry[-64:], item["signature"])
        signed_here = place, roots[place], kind, entry[1:-64], signature
        c.true("entry", linear.operator_signed(manifest.operator[:32], manifest.hash, *signed_here))
        if item["messages"]:
            c.transcript("entry", item)
        t = Transcript("entry signature").put("manifest", manifest.hash).put("size", place)
        t.put("root", signed_here[1]).put("kind", kind).put("content", entry[1:-64])
        proof = Proof.read(Reader(signature), 1, 1)
        c.equal("entry", little(proof.challenge("BOARD.AUTHOR", 1, [(manifest.operator[:32], [(0, G)])], t)), item["x"])
    item = content["registration"]
    line = bytes.fromhex(item["bytes"])
    c.transcript("registration", item)
    c.true("registration", linear.voter_possesses(manifest.hash, line[:32], line[42:]))
    item = content["receipt"]
    receipt = Receipt(bytes.fromhex(item["bytes"]))
    c.transcript("receipt", item)
    c.true("receipt", receipt.is_signed(manifest))
    c.equal("receipt", bech32m.encode("receipt", bytes.fromhex(item["bytes"])), item["text"])
    item = content["spoiled"]
    ballot = of_ballot(c, election, item["ballot"])
    c.transcript("spoil request", item, election.transcript)
    request = read_spoil_request(bytes.fromhex(item["request"]))
    c.equal("request", [request.tracker, request.voter, request.nonce],
            [item["ballot"]["tracker"], ballot.voter.hex(), ballot.nonce.hex()])  # fmt: skip
    c.true("request", request_holds(election, request))
    votes, fault = opened(election, read_opening(manifest, bytes.fromhex(item["opening"])))
    c.equal("opening", fault, None)
    c.equal("votes", [v for of in votes for v in [*of.votes, *of.marks, *of.behind]], item["votes"])
    return c


def of_log_and_witnesses(c, manifest, text):
    checkpoint = Checkpoint.parse(text.encode())
    c.equal("origin", checkpoint.origin, origin_of(manifest))
    c.true("the log's signature", checkpoint.signed(manifest.log.key))
    c.true("cosignatures", all(checkpoint.cosigned(*witness) for witness in manifest.log.witnesses))
    return checkpoint


def bundles(content, folder):
    c = Comparison()
    for item in content["valid"]:
        data, name = bytes.fromhex(item["bytes"]), item["record"]
        found = bundle.read_bundle(data, bytes.fromhex(item["expected"]))
        manifest, first = base(folder, name).state.manifest, base(folder, name).state.ended[0].ceremony
        c.equal(f"{name}: manifest", found.manifest.hash, manifest.hash.hex())
        c.equal(f"{name}: hash of the deals", [found.dealt, first.dealt], [item["hash of the deals"]] * 2)
        c.equal(f"{name}: slot keys", [found.slot_keys, first.slot_keys], [item["slot keys"]] * 2)
        c.equal(f"{name}: hash", [found.hash, first.hash], [item["ceremony hash"]] * 2)
        c.equal(f"{name}: signatures", found.signed_by, item["signed by"])
        c.equal(f"{name}: text", bundle.bytes_of_text(item["text"]), item["bytes"])
        if found.checkpoint:
            checkpoint = Checkpoint.parse(item["checkpoint"].encode())
            c.equal(f"{name}: checkpoint", found.checkpoint.body(), checkpoint.body().hex())
        c.equal(f"{name}: no checkpoint", found.checkpoint is None, not item["checkpoint"])
    expected = bytes.fromhex(content["valid"][0]["expected"])
    for item in content["invalid"]:
        c.equal(item["name"], is_bundle(bytes.fromhex(item["bytes"]), expected), False)
    return c


def is_bundle(data, expected):
    try:
        bundle.read_bundle(data, expected)
    except bundle.BundleError:
        return False
    return True


# The fields of files whose content is not a list. No others are allowed, since they would not be judged.
NAMES = {
    crypto: "generators elements scalars hashes transcripts linear texts",
    ballots: "manifest|ceremony hash|slot keys|context|valid|of the election|invalid",
    bundles: "valid invalid",
    key_ceremony: "registered secrets|possession|undisputed|first|complaint|blames|confirmation|rehearsal|resharing|"
    "erasure|close",
    vectors_opening.decryption: "context tally shares lagrange points totals result",
    log: "leaf hashes|roots|inclusion|consistency|ranges|keys|checkpoints|fork|add-checkpoint|entry signatures|"
    "registration|receipt|spoiled",
    vectors_opening.mixing: "context|keys|tally|cascades|mixes|opened|opening context|pairs|shares|lagrange|points|totals|"
    "rows|counted|result|rankings",
    vectors_mixing.messages: "valid invalid",
    vectors_mixing.shuffles: "valid invalid",
    vectors_wide.wide_values: "valid invalid",
    vectors_folded.folded: "manifest|ceremony hash|slot keys|context|styles|valid|invalid",
    vectors_mixing.counts: "counts normalised candidates merged",
}


def judge(name, content, folder):
    """The result for the file of this name."""
    what = FILES[name]
    c = what(content, folder)
    if isinstance(content, dict):
        names = NAMES[what]
        known = names.split("|" if "|" in names else " ")
        c.equal("names that are not known", [name for name in content if name not in known], [])
    return c


FILES = {
    "crypto.json": crypto,
    "manifest.json": manifests,
    "ballot.json": ballots,
    "bundle.json": bundles,
    "keys.json": key_ceremony,
    "decryption.json": vectors_opening.decryption,
    "log.json": log,
    "message.json": vectors_mixing.messages,
    "shuffle.json": vectors_mixing.shuffles,
    "count.json": vectors_mixing.counts,
    "mixing.json": vectors_opening.mixing,
    "wide.json": vectors_wide.wide_values,
    "folded.json": vectors_folded.folded,
}
