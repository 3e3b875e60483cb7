"""Audits of folders: right ones, wrong ones, and what is none."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from conftest import Held

import tabella


def test_verdicts(bridge: Held) -> None:
    election, folder, _ = bridge
    report = tabella.audit(folder)
    assert (report.verdict, report.exit_code, report.known, report.complete) == ("consistent", 3, None, True)
    assert report.first_line.startswith("CONSISTENT: ")
    report = tabella.audit(str(folder), expect_manifest=election.manifest_hash)
    assert (report.verdict, report.exit_code, report.known) == ("verified", 0, "election")
    report = tabella.audit(folder, expect_root=election.root, expect_size=election.size)
    assert (report.verdict, report.known) == ("verified", "board")
    assert report.first_line.startswith("VERIFIED: ")
    report = tabella.audit(folder, checkpoint=folder / "checkpoints" / f"{election.size}.txt")
    assert (report.verdict, report.known) == ("verified", "board")
    report = tabella.audit(folder, checkpoint=[], expect_size=election.size)
    assert report.verdict == "consistent"


def test_report(bridge: Held) -> None:
    election, folder, _ = bridge
    report = tabella.audit(folder, expect_manifest=election.manifest_hash)
    assert (report.election, report.title, report.size) == ("bridge", "The old bridge", election.size)
    assert (report.ballots, report.replaced, report.spoiled) == (26, 1, 1)
    assert (report.root, report.manifest_hash) == (election.root, election.manifest_hash)
    assert report.findings == [] and len(report.checks) == 30
    assert {check.status for check in report.checks} == {"passed", "not asked"}
    assert json.loads(report.json())["verdict"] == "verified"
    assert "record.views" in report.text() and str(report) == report.text()
    assert report.html().startswith("<!DOCTYPE html>")
    assert "verified: bridge, 26 ballots" in repr(report)
    report.raise_if_refused()


def test_another_election_is_refused(bridge: Held, council: Held) -> None:
    report = tabella.audit(bridge.folder, expect_manifest=council.election.manifest_hash)
    assert (report.verdict, report.exit_code) == ("refused", 1)
    assert [finding.check for finding in report.findings] == ["manifest.expected"]
    checkpoint = council.folder / "checkpoints" / f"{council.election.size}.txt"
    report = tabella.audit(bridge.folder, checkpoint=[checkpoint])
    assert [finding.check for finding in report.findings] == ["record.checkpoints"]
    with pytest.raises(tabella.Refused, match="record.checkpoints"):
        report.raise_if_refused()


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def offset(board: bytes, entry: int) -> int:
    """Where the bytes of an entry begin: each stands behind its length in two bytes."""
    at = 0
    for _ in range(entry):
        at += 2 + int.from_bytes(board[at : at + 2], "big")
    return at + 2


def test_one_changed_byte_is_refused(bridge: Held, tmp_path: Path) -> None:
    folder = tmp_path / "record"
    shutil.copytree(bridge.folder, folder)
    segment, ballot = folder / "board" / "00000000.bin", bridge.receipts[3].entry
    board = segment.read_bytes()
    last = offset(board, ballot + 1) - 3
    flip(segment, last)
    report = tabella.audit(folder)
    assert report.verdict == "refused" and report.first_line.startswith("REFUSED: ")
    finding = report.findings[0]
    assert (finding.check, finding.number, finding.entry) == ("ballot.proof", 12, ballot)
    assert finding.voter == bridge.election.voters[3].key
    assert finding.fault in str(finding) and f"entry {ballot}" in str(finding)
    assert [check.name for check in report.checks if check.status == "failed"][0] == "ballot.proof"
    with pytest.raises(tabella.Refused, match="no result that was verified"):
        report.rows()
    segment.write_bytes(board)
    flip(folder / "result.json", 100)
    assert [finding.check for finding in tabella.audit(folder).findings] == ["record.views"]


def test_part_of_a_record(bridge: Held, large: Held) -> None:
    report = tabella.audit(large.folder)
    assert [finding.check for finding in report.findings] == ["record.complete", "record.checkpoints"][: len(report.findings)]
    assert report.verdict == "refused"
    report = tabella.audit(large.folder, partial=True, expect_manifest=large.election.manifest_hash)
    assert (report.verdict, report.complete) == ("verified", False)
    assert report.first_line.startswith("VERIFIED AS FAR AS IT GOES: ")


def test_receipts(bridge: Held) -> None:
    folder, receipt, key = bridge.folder, bridge.receipts[0], bridge.election.voters[0].key
    assert tabella.audit(folder, receipts=receipt, voter=key).verdict == "consistent"
    assert tabella.audit(folder, receipts=[str(receipt), bridge.receipts[1]]).verdict == "consistent"
    report = tabella.audit(folder, receipts=receipt, voter=bridge.election.voters[1].key)
    assert [finding.check for finding in report.findings] == ["ballot.receipts"]


def test_unreadable(tmp_path: Path, bridge: Held) -> None:
    for folder in [tmp_path / "none", tmp_path, Path(__file__)]:
        with pytest.raises(tabella.Unreadable):
            tabella.audit(folder)
        with pytest.raises(tabella.Unreadable):
            tabella.Record(folder)
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(tabella.Unreadable, match="note.txt"):
        tabella.audit(tmp_path)
    with pytest.raises(tabella.Unreadable, match="note.txt"):
        tabella.audit(bridge.folder, checkpoint=tmp_path / "note.txt")
    with pytest.raises(tabella.Unreadable, match="none.txt"):
        tabella.audit(bridge.folder, checkpoint=tmp_path / "none.txt")
    assert issubclass(tabella.Unreadable, ValueError) and issubclass(tabella.Refused, tabella.Error)


def test_bad_arguments(bridge: Held) -> None:
    folder = bridge.folder
    with pytest.raises(tabella.Unreadable, match="expect_manifest"):
        tabella.audit(folder, expect_manifest="12")
    with pytest.raises(tabella.Unreadable, match="expect_root"):
        tabella.audit(folder, expect_root="zz" * 32)
    with pytest.raises(tabella.Unreadable, match="voter"):
        tabella.audit(folder, voter="me")
    with pytest.raises(tabella.Unreadable, match="receipt"):
        tabella.audit(folder, receipts="receipt1")
    with pytest.raises(tabella.Refused, match="language"):
        tabella.audit(folder, language="de")
    with pytest.raises(TypeError):
        tabella.audit(folder, expect_manifest=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        tabella.audit(folder, bridge.election.manifest_hash)  # type: ignore[call-arg]
    with pytest.raises(OverflowError):
        tabella.audit(folder, expect_size=-1)


def test_progress(large: Held) -> None:
    seen: list[tuple[int, int]] = []
    tabella.audit(large.folder, partial=True, progress=lambda done, of: seen.append((done, of)))
    assert len(seen) > 1 and seen == sorted(seen) and seen[-1] == (large.election.size, large.election.size)

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tabella.audit(large.folder, progress=stop)


def test_ctrl_c_ends_an_audit(large: Held) -> None:
    start = time.monotonic()
    tabella.audit(large.folder)
    whole = time.monotonic() - start
    signal.setitimer(signal.ITIMER_REAL, whole / 20)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            tabella.audit(large.folder)
            time.sleep(10)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - start < 0.8 * whole


def test_other_threads_go_on(large: Held) -> None:
    ticks, done = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    before = ticks
    tabella.audit(large.folder)
    after = ticks
    done.set()
    thread.join()
    assert after - before > 10


@pytest.mark.skipif("TABELLA" not in os.environ, reason="TABELLA does not say where the program is")
def test_the_program_says_the_same(bridge: Held, council: Held) -> None:
    for held in [bridge, council]:
        expect = ["--expect-root", held.election.root]
        command = [os.environ["TABELLA"], "audit", str(held.folder)]
        assert subprocess.run(command + expect, capture_output=True).returncode == 0
        assert subprocess.run(command, capture_output=True).returncode == 3
