"""Verifiable secret-ballot elections: audit a record, look into it, hold one in a notebook.

    import tabella
    report = tabella.audit("target/saratov", expect_manifest=HASH)
    report.results()
"""

from ._errors import Error, ManifestError, Mistake, Refused, Unreadable
from ._tabella import (
    Ballot,
    Check,
    Checkpoint,
    Election,
    Finding,
    Found,
    Opened,
    Receipt,
    Record,
    Report,
    Sealed,
    Voter,
    WriteIn,
    audit,
    tracker,
    verify_checkpoint,
    verify_consistency,
    verify_entry_proof,
    verify_inclusion,
)

__all__ = [
    "Ballot",
    "Check",
    "Checkpoint",
    "Election",
    "Error",
    "Finding",
    "Found",
    "ManifestError",
    "Mistake",
    "Opened",
    "Receipt",
    "Record",
    "Refused",
    "Report",
    "Sealed",
    "Unreadable",
    "Voter",
    "WriteIn",
    "audit",
    "tracker",
    "verify_checkpoint",
    "verify_consistency",
    "verify_entry_proof",
    "verify_inclusion",
]
