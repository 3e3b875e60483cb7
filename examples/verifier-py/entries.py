"""One line of JSON for an entry: what can be read without the entries before it (docs/spec/board.md, Views).

Nothing is verified here.
"""

import json
from hashlib import sha3_256

import bech32m
from ballot import tracker
from board import (
    BALLOT,
    CHUNK,
    CLOSE,
    COMMIT,
    COMPLAINT,
    CONFIRMATION,
    DEAL,
    DELEGATION,
    ERASURE,
    FREEZE,
    HEADER,
    LIFT,
    MANIFEST,
    MAX_REASON,
    MIX,
    NAMES,
    QUESTION,
    REHEARSAL,
    RESHARE,
    RESULT,
    ROLL,
    ROUND,
    SHARE,
    SPOIL,
    SPOIL_OPENING,
    TALLY,
    WITHDRAWAL,
)
from codec import DecodeError, Reader
from manifest import MAX_NAME
from text import is_text

# The names used here; findings have other words for some.
KINDS = NAMES | {SHARE: "share", ROUND: "round", LIFT: "lift"}
BY_OPERATOR = {MANIFEST, ROLL, WITHDRAWAL, FREEZE, LIFT, ROUND, QUESTION, RESHARE, TALLY, RESULT}


def entry_line(number, entry):
    view = {"entry": number, "kind": "unknown", "bytes": len(entry)}
    kind, r = entry[:1] and entry[0], Reader(entry[1:])
    read = None
    if kind == HEADER:
        view["kind"], read = "header", of_header
    elif kind == CHUNK:
        view["kind"] = "chunk"
    elif kind in KINDS:
        view["kind"], read = KINDS[kind], READ.get(kind, lambda r: {})
    try:
        more = read(r) if read else {}
        view |= {"author": "operator"} | more if kind in BY_OPERATOR else more
    except DecodeError:
        pass
    return json.dumps(view, ensure_ascii=False, separators=(",", ":")) + "\n"


def of_header(r):
    kind = r.u8()
    if kind not in KINDS:
        r.fail("no such kind", 1)
    return {"object": KINDS[kind], "length": r.u64(), "hash": r.bytes(32).hex(), "chunks": r.u32()}


def of_manifest(r):
    content = r.bytes(max(0, r.left() - 64))
    return {"hash": sha3_256(b"tabella/v1 manifest" + content).hexdigest()}


def of_ballot(r):
    ballot = r.data[r.at :]
    view = {"style": r.u16(), "sequence": r.u32()}
    view |= {"origin": "station", "station": r.u16()} if r.flag() else {"origin": "remote"}
    return view | {
        "voter": bech32m.encode("voterkey", r.bytes(32)),
        "tracker": bech32m.encode("tracker", tracker(ballot)),
    }


def of_spoil_opening(r):
    r.bytes(32)
    return of_ballot(r)


def of_spoil_request(r):
    of_ballot = bech32m.encode("tracker", r.bytes(32))
    return {"voter": bech32m.encode("voterkey", r.bytes(32)), "tracker": of_ballot}


def of_resharing(r):
    # Only the signature says where the last group ends.
    r = Reader(r.bytes(max(0, r.left() - 64)))

    def group():
        threshold = r.u16()
        members = r.list(lambda: (r.text(MAX_NAME), r.bytes(96))[0], 255, 100)
        if not all(is_text(name, MAX_NAME) for name in members):
            r.fail("a name that is none")
        return {"threshold": threshold, "members": members}

    groups = [group()]
    while r.left():
        groups.append(group())
    return groups[0] if len(groups) == 1 else {"groups": groups}


def of_delegation(r):
    return {name: bech32m.encode("voterkey", r.bytes(32)) for name in ("voter", "key", "proxy")}


def of_withdrawal(r):
    contest, option, reason = r.u32(), r.u32(), r.text(MAX_REASON)
    if not is_text(reason, MAX_REASON):
        r.fail("a reason that is none")
    return {"contest": contest, "option": option, "reason": reason}


def of_erasure(r):
    epoch = r.u32()
    return {"trustee": r.u16(), "epoch": epoch}


def of_dealer(r):
    return {"dealer": r.u16()}


def of_trustee(r):
    return {"trustee": r.u16()}


READ = {
    MANIFEST: of_manifest,
    ROLL: lambda r: {"voters": r.u32()},
    BALLOT: of_ballot,
    ROUND: lambda r: {"round": r.u8()},
    QUESTION: lambda r: {"question": r.bytes(32).hex()},
    RESHARE: of_resharing,
    WITHDRAWAL: of_withdrawal,
    SPOIL: of_spoil_request,
    DELEGATION: of_delegation,
    SPOIL_OPENING: of_spoil_opening,
    COMMIT: of_dealer,
    DEAL: of_dealer,
    COMPLAINT: lambda r: {"trustee": r.u16(), "dealer": r.u16()},
    CONFIRMATION: of_trustee,
    REHEARSAL: of_trustee,
    CLOSE: of_trustee,
    SHARE: of_trustee,
    ERASURE: of_erasure,
    MIX: lambda r: {"trustee": r.u16(), "cell": r.u32(), "position": r.u16()},
}
