"""The numbered checks over a whole record (docs/spec/audit.md). `audit` is the way in."""

from board import (
    BALLOT,
    CLOSED,
    COMPLAINING,
    CONFIRMING,
    EMPTY,
    ENROLLING,
    FINISHED,
    NAMES,
    OPENING,
    PHASES,
    VOTING,
    Assembler,
    Refusal,
    State,
    Tree,
)
from codec import DecodeError

# Name, and the phase that has to be over (for `shares.proofs`: begun) before the check has been carried out.
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
    "close.quorum": VOTING,
    "tally.sums": CLOSED,
    "shares.proofs": CLOSED,
    "result.totals": OPENING,
    "result.turnout": OPENING,
    "record.complete": -1,
    "keys.rehearsed": ENROLLING,
    "keys.erased": CONFIRMING,
}
PASSED, FAILED, NOT_REACHED, NOT_ASKED = "passed", "FAILED", "not reached", "not asked"


class Finding:
    def __init__(self, check, entry, reason):
        self.check, self.entry, self.reason = check, entry, reason

    def __str__(self):
        place = "" if self.entry is None else f"entry {self.entry}: "
        return f"{self.check}: {place}{self.reason}"


class Verdict:
    def __init__(self, state, tree, findings, statuses, accepted):
        self.state = state
        self.size, self.root = tree.size, tree.root()
        self.findings, self.statuses, self.accepted = findings, statuses, accepted

    def failures(self):
        """What another verifier must agree on."""
        return {(finding.check, finding.entry) for finding in self.findings}


def audit(entries, expect_manifest=None, expect_size=None, expect_root=None, partial=False):
    """Judges a board, given as its entries. Hashes are bytes."""
    state, tree, assembler = State(), Tree(), Assembler()
    findings = []
    stopped = False
    first = 0
    for number, entry in enumerate(entries):
        tree.push(entry)
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
            # What follows is signed for a board that has what was refused.
            stopped = True
            continue
        try:
            state.apply(data)
        except Refusal as refusal:
            what = NAMES.get(data[0], "unknown object")
            findings.append(Finding(refusal.check, first, f"{what}: {refusal}"))
            stopped = not is_ballot
    if not stopped and not assembler.is_complete():
        findings.append(Finding("record.form", first, "the chunks of the last object are not all there"))
        stopped = True

    phase = state.phase()
    if state.manifest is not None and expect_manifest not in (None, state.manifest.hash):
        findings.append(Finding("manifest.expected", None, f"the manifest's hash is {state.manifest.hash.hex()}"))
    if expect_size not in (None, tree.size):
        findings.append(Finding("record.expected", None, f"the board has {tree.size} entries"))
    if expect_root not in (None, tree.root()):
        findings.append(Finding("record.expected", None, f"the board's root is {tree.root().hex()}"))
    # Without a manifest there is no election that could be partial.
    partial = partial and state.manifest is not None
    finished = phase == FINISHED
    if not finished and not partial and not stopped:
        findings.append(Finding("record.complete", None, f"the record ends, and the board is {PHASES[phase]}"))

    asked = {
        "manifest.expected": expect_manifest is not None,
        "record.expected": expect_size is not None or expect_root is not None,
        "record.complete": not partial or finished,
    }
    failed = {finding.check for finding in findings}
    statuses = {}
    for name, over in CHECKS.items():
        reached = phase > over and (name != "record.complete" or finished or not stopped)
        if name in failed:
            statuses[name] = FAILED
        elif not asked.get(name, True):
            statuses[name] = NOT_ASKED
        else:
            statuses[name] = PASSED if reached else NOT_REACHED
    return Verdict(state, tree, findings, statuses, not findings and (partial or finished))
