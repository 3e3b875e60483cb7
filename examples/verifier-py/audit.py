"""The numbered checks of a whole record (docs/spec/audit.md). `audit` is the entry point."""

import hashlib

import bech32m
from ballot import tracker
from board import (
    BALLOT,
    CLOSED,
    COMPLAINING,
    CONFIRMING,
    EMPTY,
    ENROLLING,
    FINISHED,
    FROZEN,
    MIXING,
    NAMES,
    OPENING,
    PHASES,
    SPOIL,
    VOTING,
    Assembler,
    Refusal,
    State,
    Tree,
)
from challenge import CAST, SPOILED, read_spoil_request
from checkpoints import origin_of
from codec import DecodeError, Reader
from views import first_difference, pieces_of

# Name, and the phase that must be over (for `shares.proofs`: begun) before the check is complete. If nothing is
# mixed, the phase of mixes is over with the tally.
CHECKS = {
    "record.form": -1,
    "record.order": -1,
    "record.signatures": EMPTY,
    "record.expected": -1,
    "manifest.valid": EMPTY,
    "manifest.expected": EMPTY,
    "keys.deals": COMPLAINING,
    "keys.confirmed": CONFIRMING,
    "roll.valid": ENROLLING,
    "ballot.form": ENROLLING,
    "ballot.voter": ENROLLING,
    "ballot.proof": ENROLLING,
    "ballot.sequence": ENROLLING,
    "ballot.unique": ENROLLING,
    "close.quorum": FROZEN,
    "tally.sums": CLOSED,
    "shares.proofs": MIXING,
    "result.totals": OPENING,
    "result.turnout": OPENING,
    "record.complete": -1,
    "keys.rehearsed": ENROLLING,
    "keys.erased": CONFIRMING,
    "ballot.spoiled": ENROLLING,
    "ballot.receipts": ENROLLING,
    "record.checkpoints": -1,
    "record.views": -1,
    "mixes.proofs": MIXING,
    "result.elected": OPENING,
    "options.withdrawn": ENROLLING,
    "roll.proxies": ENROLLING,
}
KEPT = 1_000  # findings of each check that are listed; the others are only counted
NOTHING, ELECTION, BOARD = "nothing", "election", "board"
PASSED, FAILED, NOT_REACHED, NOT_ASKED = "passed", "FAILED", "not reached", "not asked"


class Finding:
    def __init__(self, check, entry, reason):
        self.check, self.entry, self.reason = check, entry, reason

    def __str__(self):
        place = "" if self.entry is None else f"entry {self.entry}: "
        return f"{self.check}: {place}{self.reason}"


class Findings(list):
    """The first findings of each check, and in `counts` how many there are."""

    def __init__(self):
        super().__init__()
        self.counts = {}

    def append(self, finding):
        count = self.counts[finding.check] = self.counts.get(finding.check, 0) + 1
        if count <= KEPT:
            super().append(finding)

    def left_out(self):
        return {check: count - KEPT for check, count in self.counts.items() if count > KEPT}


class Posted:
    """What an entry says about the ballot that it casts or spoils: its fate, tracker and voter, and for a ballot style
    and sequence number."""

    def __init__(self, fate, of_ballot, voter, style=None, sequence=None):
        self.fate, self.tracker, self.voter, self.style, self.sequence = fate, of_ballot, voter, style, sequence


class Verdict:
    """`checkpoints` are those that match the board, with names and times of the cosigners; `receipts` those that it
    kept, by place, with the contents of their entries. `known` says what was compared."""

    def __init__(self, state, tree, findings, statuses, accepted, checkpoints, receipts, known):
        self.state = state
        self.size, self.root = tree.size, tree.root()
        self.findings, self.statuses, self.accepted, self.checkpoints = findings, statuses, accepted, checkpoints
        self.receipts, self.known = receipts, known

    def word(self):
        if not self.accepted:
            return "refused"
        word = "consistent" if self.known == NOTHING else "verified"
        return word if self.state.phase() == FINISHED else word + " as far as it goes"

    def failures(self):
        """The results on which another verifier must agree."""
        return {(finding.check, finding.entry) for finding in self.findings}


class Expect:
    """What the auditor knows about the election. Hashes are bytes; `checkpoints` come from elsewhere; `voter` is the
    key of the receipts' voter; `heads` are pairs of a size and a root that were published, and `result` the published
    SHA-256 of `result.json`."""

    def __init__(self, manifest=None, size=None, root=None, partial=False, checkpoints=(), receipts=(), voter=None,
                 heads=(), result=None):  # fmt: skip
        self.manifest, self.size, self.root, self.partial = manifest, size, root, partial
        self.checkpoints, self.receipts, self.voter = checkpoints, receipts, voter
        self.heads, self.result = heads, result

    def known(self, size):
        """What identifies this election. Its size does not."""
        sizes = {checkpoint.size for checkpoint in self.checkpoints} | {of for of, _ in self.heads}
        if self.root is not None or size in sizes:
            return BOARD
        # All empty boards have the same head.
        known = self.manifest is not None or self.checkpoints or any(of for of, _ in self.heads)
        return ELECTION if known else NOTHING


def audit(record, expect=None):
    """Judges a record."""
    expect = expect or Expect()
    checkpoints = [*(record.checkpoints or []), *expect.checkpoints]
    with_checkpoints = record.checkpoints is not None or expect.checkpoints
    wanted = {checkpoint.size for checkpoint in checkpoints} | {receipt.size for receipt in expect.receipts}
    wanted |= {size for size, _ in expect.heads}
    state, tree, findings, stopped, roots = replay(record, wanted)
    phase, manifest = state.phase(), state.manifest

    def find(check, reason):
        findings.append(Finding(check, None, reason))

    kept = {}
    for place, receipt in enumerate(expect.receipts if manifest else ()):
        posted, fault = look_up(receipt, manifest, record.entries, roots, expect.voter)
        if fault:
            find("ballot.receipts", f"receipt {place}: {fault}")
        else:
            kept[place] = posted
    if manifest and expect.manifest not in (None, manifest.hash):
        find("manifest.expected", f"the manifest's hash is {manifest.hash.hex()}")
    if expect.size not in (None, tree.size):
        find("record.expected", f"the board has {tree.size} entries")
    if expect.root not in (None, tree.root()):
        find("record.expected", f"the board's root is {tree.root().hex()}")
    for size, root in expect.heads:
        if size > tree.size:
            find("record.expected", f"a head of {size} entries was published, but the board has {tree.size}")
        elif roots[size] != root:
            find("record.expected", f"with {size} entries the board's root is {roots[size].hex()}")
    if expect.result is not None and result_hash(state) != expect.result:
        find("record.expected", "the result is not the one that was published")
    # Without a manifest there is no election that could be partial.
    partial = expect.partial and manifest is not None
    finished = phase == FINISHED
    if not finished and not partial and not stopped:
        find("record.complete", f"the record ends, and the board is {PHASES[phase]}")
    # A record with its result is whole, whatever would have been accepted.
    whole = finished or not partial
    good = []
    if manifest and with_checkpoints:
        good = judge_checkpoints(checkpoints, manifest, tree.size, roots, whole, find)
    judge_views(record.views, state, find)

    asked = {
        "manifest.expected": expect.manifest is not None,
        "record.expected": any(known is not None for known in (expect.size, expect.root, expect.result)) or expect.heads,
        "record.complete": whole,
        "ballot.receipts": bool(expect.receipts) and expect.voter is not None,
        "record.checkpoints": manifest is not None and bool(checkpoints or (manifest.log and with_checkpoints and whole)),
        "record.views": bool(record.views),
    }
    failed = findings.counts
    statuses = {}
    for name, over in CHECKS.items():
        reached = phase > over and (name != "record.complete" or finished or not stopped)
        if name in failed:
            statuses[name] = FAILED
        elif not asked.get(name, True):
            statuses[name] = NOT_ASKED
        else:
            statuses[name] = PASSED if reached else NOT_REACHED
    accepted = not findings and (partial or finished)
    return Verdict(state, tree, findings, statuses, accepted, good, kept, expect.known(tree.size))


def replay(record, wanted):
    """The state after the entries, the tree over all of them, the findings, whether nothing more can be judged, and
    the roots at the wanted sizes, as far as the board goes."""
    state, tree, assembler = State(), Tree(), Assembler()
    findings, stopped, first = Findings(), False, 0
    roots = {0: tree.root()}
    for number, entry in enumerate(record.entries):
        tree.push(entry)
        if tree.size in wanted:
            roots[tree.size] = tree.root()
        if stopped:
            continue
        if assembler.is_complete():
            first = number
        try:
            data = assembler.push(entry)
        except DecodeError as error:
            findings.append(Finding("record.form", number, str(error)))
            stopped = True
            continue
        if data is None:
            continue
        is_ballot = data[0] == BALLOT
        if findings and not is_ballot:
            # What follows is signed for a board with the refused object.
            stopped = True
            continue
        try:
            state.apply(data)
        except Refusal as refusal:
            what = NAMES.get(data[0], "unknown object")
            findings.append(Finding(refusal.check, first, f"{what}: {refusal}"))
            stopped = not is_ballot
    if not stopped and record.torn:
        findings.append(Finding("record.form", tree.size, record.torn))
        stopped = True
    elif not stopped and not assembler.is_complete():
        findings.append(Finding("record.form", first, "the chunks of the last object are not all there"))
        stopped = True
    return state, tree, findings, stopped, roots


def judge_checkpoints(checkpoints, manifest, size, roots, whole, find):
    """Returns those that match the board, as pairs of their size and a list of names and times."""
    good = {}
    log, origin = manifest.log, origin_of(manifest)
    for checkpoint in checkpoints:
        fault, witnesses = None, []
        if log is None:
            fault = "the manifest names no log"
        elif checkpoint.origin != origin or not checkpoint.signed(log.key):
            fault = "not signed by the log"
        else:
            times = [(name, checkpoint.cosigned(name, key)) for name, key in log.witnesses]
            witnesses = [(name, time) for name, time in times if time is not None]
            if wrong := [name for name, time in witnesses if time is False]:
                fault = f"not cosigned by {wrong[0]}, as it says"
            elif checkpoint.size > size:
                fault = "the board is shorter"
            elif checkpoint.root != roots[checkpoint.size]:
                fault = f"the board's root is {roots[checkpoint.size].hex()}"
        if fault:
            find("record.checkpoints", f"checkpoint of size {checkpoint.size}: {fault}")
        else:
            # Copies of one checkpoint count as one, with all their cosignatures.
            into = good.setdefault(checkpoint.size, {})
            for name, time in witnesses:
                into.setdefault(name, time)
    if log and whole:
        if all(checkpoint.size != size for checkpoint in checkpoints):
            find("record.checkpoints", "missing; there must be one of the whole board")
        elif size in good and len(good[size]) < log.quorum:
            found = f"{len(good[size])} witnesses cosigned that of the whole board"
            find("record.checkpoints", f"{found}, {log.quorum} are needed")
    return [(size, list(witnesses.items())) for size, witnesses in sorted(good.items())]


def judge_views(found, state, find):
    for name, view in found.items():
        pieces = pieces_of(state, name)
        if pieces is None:
            find("record.views", f"{name}: the board, as far as it was judged, has nothing of the kind")
        elif (at := first_difference(view, pieces)) is not None:
            find("record.views", f"{name}: it is not what the board says from byte {at} on")


def result_hash(state):
    """SHA-256 of `result.json`, if there is a result."""
    pieces = pieces_of(state, "result.json")
    if pieces is None:
        return None
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def look_up(receipt, manifest, entries, roots, voter):
    """(what the receipt's entry holds, None), or (None, why the record does not keep it for this voter)."""
    if not receipt.is_signed(manifest):
        return None, "the operator did not sign it"
    entry = entries[receipt.entry] if receipt.entry < len(entries) else b""
    posted = posted_by(entry)
    if posted is None or (posted.fate, posted.tracker) != (receipt.fate, receipt.tracker):
        return None, f"entry {receipt.entry} is another"
    if roots.get(receipt.size) != receipt.root:
        return None, f"the root of {receipt.size} entries is another"
    if voter not in (None, posted.voter):
        found, expected = (bech32m.encode("voterkey", key) for key in (posted.voter, voter))
        return None, f"it is for a ballot of {found}, and not of {expected}"
    return posted, None


def posted_by(entry):
    """The ballot that an entry casts or spoils, and its voter. Nothing is verified."""
    try:
        if entry[:1] == bytes([BALLOT]):
            r = Reader(entry[1:])
            style, sequence = r.u16(), r.u32()
            if r.flag():
                r.u16()
            return Posted(CAST, tracker(entry[1:]), r.bytes(32), style, sequence)
        if entry[:1] == bytes([SPOIL]):
            request = read_spoil_request(entry[1:])
            return Posted(SPOILED, request.tracker, request.voter)
    except DecodeError:
        pass
    return None
