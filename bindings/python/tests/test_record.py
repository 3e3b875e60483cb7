"""Single ballots and proofs, right and forged."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import Held

import tabella


@pytest.fixture(scope="module")
def record(bridge: Held) -> tabella.Record:
    return tabella.Record(bridge.folder)


def changed(content: bytes, at: int = -1) -> bytes:
    new = bytearray(content)
    new[at] ^= 1
    return bytes(new)


def test_what_it_is(record: tabella.Record, bridge: Held) -> None:
    election = bridge.election
    assert len(record) == election.size and record.root() == election.root
    assert record.manifest == election.manifest and record.manifest_hash == election.manifest_hash
    assert record.manifest["trustees"][1]["name"] == "Ben" and record.origin.startswith("tabella/bridge/")
    assert record.describe(0)["kind"] == "manifest" and record.entry(0)[0] == 1
    with pytest.raises(IndexError):
        record.entry(len(record))
    assert [record.describe(n)["kind"] for n in range(len(record))].count("ballot") == 26
    assert "bridge" in repr(record)


def test_ballots(record: tabella.Record, bridge: Held, council: Held) -> None:
    receipt, voter = bridge.receipts[24], bridge.election.voters[24]
    content = record.ballot(receipt.entry)
    both: list[Any] = [record, bridge.election]
    for of in both:
        ballot = of.verify_ballot(content)
        assert (ballot.tracker, ballot.voter) == (receipt.tracker, voter.key)
        assert (ballot.style, ballot.district, ballot.station, ballot.sequence) == ("s", "south", None, 0)
    assert tabella.tracker(content) == receipt.tracker and bridge.election.ballot(receipt.entry) == content
    assert record.verify_ballot(record.ballot(bridge.receipts[0].entry)).station == "school"
    with pytest.raises(tabella.Refused):
        record.verify_ballot(changed(content, 5))
    for wrong in [b"", content[:-1], content + b"\0", b"\xff" * len(content)]:
        with pytest.raises(tabella.Unreadable):
            record.verify_ballot(wrong)
    with pytest.raises(tabella.Error):
        tabella.Record(council.folder).verify_ballot(content)
    with pytest.raises(ValueError, match="no ballot"):
        record.ballot(0)
    with pytest.raises(ValueError, match="no ballot"):
        bridge.election.ballot(10**9)


def test_receipts(record: tabella.Record, bridge: Held, council: Held) -> None:
    receipt, voter = bridge.receipts[24], bridge.election.voters[24]
    found = record.verify_receipt(receipt, voter.key)
    assert (found.entry, found.fate, found.voter) == (receipt.entry, "cast", voter.key)
    assert found.replaced_by == bridge.receipts[25].entry and found.opened_by is None
    assert record.verify_receipt(str(receipt)).tracker == receipt.tracker
    assert tabella.Receipt(str(receipt)) == receipt != bridge.receipts[0]
    with pytest.raises(tabella.Refused, match="not of"):
        record.verify_receipt(receipt, bridge.election.voters[0].key)
    with pytest.raises(tabella.Refused, match="did not sign"):
        record.verify_receipt(council.receipts[0])
    with pytest.raises(tabella.Unreadable):
        tabella.Receipt(str(receipt)[:-1])


def test_find(record: tabella.Record, bridge: Held, council: Held) -> None:
    receipt, voter = bridge.receipts[1], bridge.election.voters[1]
    both: list[Any] = [record, bridge.election]
    for of in both:
        found = of.find(receipt.tracker, voter.key)
        assert found is not None and (found.entry, found.sequence, found.style) == (receipt.entry, 0, "n")
        assert of.find(council.receipts[0].tracker) is None
        with pytest.raises(tabella.Refused, match="another voter's"):
            of.find(receipt.tracker, bridge.election.voters[2].key)
        with pytest.raises(tabella.Unreadable, match="tracker"):
            of.find("tracker")


def test_inclusion_and_consistency(record: tabella.Record) -> None:
    size, root = len(record), record.root()
    for index in [0, 7, size - 1]:
        proof = record.inclusion(index)
        tabella.verify_inclusion(proof, record.entry(index), size, root)
        with pytest.raises(tabella.Refused):
            tabella.verify_inclusion(proof, record.entry(index) + b"\0", size, root)
        with pytest.raises(tabella.Refused):
            tabella.verify_inclusion(changed(proof), record.entry(index), size, root)
        with pytest.raises(tabella.Refused):
            tabella.verify_inclusion(proof, record.entry(index), size, record.root(size - 1))
        with pytest.raises(tabella.Unreadable):
            tabella.verify_inclusion(proof[:-1], record.entry(index), size, root)
    old = record.root(9)
    proof = record.consistency(9)
    tabella.verify_consistency(proof, 9, old, size, root)
    with pytest.raises(tabella.Refused):
        tabella.verify_consistency(proof, 9, record.root(8), size, root)
    with pytest.raises(tabella.Refused):
        tabella.verify_consistency(proof, 8, old, size, root)
    with pytest.raises(tabella.Refused):
        tabella.verify_consistency(changed(proof), 9, old, size, root)
    with pytest.raises(tabella.Unreadable, match="old_root"):
        tabella.verify_consistency(proof, 9, "root", size, root)
    of_size: list[Any] = [record.inclusion, record.consistency, record.root]
    for beyond in of_size:
        with pytest.raises(ValueError):
            beyond(size + 1)


def test_checkpoints(record: tabella.Record, council: Held) -> None:
    [text] = record.checkpoints()
    key = record.log_key
    assert key is not None
    for checkpoint in [record.verify_checkpoint(text), tabella.verify_checkpoint(text, record.origin, key)]:
        assert (checkpoint.size, checkpoint.root) == (len(record), record.root())
        assert (checkpoint.origin, checkpoint.witnesses) == (record.origin, [])
    other = tabella.Record(council.folder)
    with pytest.raises(tabella.Refused):
        other.verify_checkpoint(text)
    with pytest.raises(tabella.Refused):
        tabella.verify_checkpoint(text, record.origin, other.log_key or "")
    with pytest.raises(tabella.Refused):
        tabella.verify_checkpoint(text.replace(f"\n{len(record)}\n", f"\n{len(record) - 1}\n"), record.origin, key)
    with pytest.raises(tabella.Unreadable):
        tabella.verify_checkpoint(text[:-1], record.origin, key)
    with pytest.raises(tabella.Unreadable, match="key"):
        tabella.verify_checkpoint(text, record.origin, "log1")


def test_a_checkpoint_of_another_board(bridge: Held, tmp_path: Path) -> None:
    """The log signed the whole board; somebody shows a shorter one."""
    folder = tmp_path / "record"
    shutil.copytree(bridge.folder, folder)
    segment = folder / "board" / "00000000.bin"
    board, at, entries = segment.read_bytes(), 0, 0
    while entries < bridge.election.size - 1:
        at, entries = at + 2 + int.from_bytes(board[at : at + 2], "big"), entries + 1
    segment.write_bytes(board[:at])
    record = tabella.Record(folder)
    with pytest.raises(tabella.Refused, match=f"signed {entries + 1} entries; the record has {entries}"):
        record.verify_checkpoint(record.checkpoints()[0])


def test_entry_proofs(record: tabella.Record, council: Held) -> None:
    proof, key = record.entry_proof(7), record.log_key or ""
    assert record.verify_entry_proof(proof) == 7
    assert tabella.verify_entry_proof(proof, record.entry(7), record.origin, key) == 7
    with pytest.raises(tabella.Refused):
        tabella.verify_entry_proof(proof, record.entry(8), record.origin, key)
    with pytest.raises(tabella.Refused):
        tabella.Record(council.folder).verify_entry_proof(proof)
    with pytest.raises(tabella.Unreadable):
        record.verify_entry_proof(proof[1:])
