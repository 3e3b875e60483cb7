"""Checks the record of an election with nothing but its folder.

The exit code is 0 if the record is verified, 1 if it is refused and 2 if the folder is not a record.
"""

import argparse
import sys

from audit import audit
from board import FINISHED
from record import NotARecord, Record


def hash_of(text):
    data = bytes.fromhex(text)
    if len(data) != 32:
        raise ValueError("64 hexadecimal digits expected")
    return data


def main():
    parser = argparse.ArgumentParser(description="Checks a record of an election.")
    parser.add_argument("record", help="the record's folder")
    parser.add_argument("--expect-manifest", metavar="HASH", type=hash_of, help="refuse any other election")
    parser.add_argument("--expect-root", metavar="HEX", type=hash_of, help="refuse any other board")
    parser.add_argument("--expect-size", metavar="ENTRIES", type=int, help="refuse a board of another size")
    parser.add_argument("--partial", action="store_true", help="accept a record that ends before the result")
    options = parser.parse_args()
    try:
        record = Record.read(options.record)
    except NotARecord as error:
        print(error)
        print("NOT A RECORD")
        return 2
    verdict = audit(record.entries, options.expect_manifest, options.expect_size, options.expect_root, options.partial)
    report(verdict)
    accepted = verdict.accepted
    if record.checkpoint is not None:
        manifest = verdict.state.manifest
        expected = manifest and (f"tabella/{manifest.id}", verdict.size, verdict.root)
        if record.checkpoint != expected:
            print("checkpoint.txt: it is not that of the board")
            accepted = False
    if accepted and verdict.state.phase() == FINISHED:
        results(verdict.state)
    print("verified" if accepted else "REFUSED")
    return 0 if accepted else 1


def report(verdict):
    state = verdict.state
    if state.manifest:
        print(f"election  {state.manifest.id} ({state.manifest.title})")
        print(f"manifest  {state.manifest.hash.hex()}")
    print(f"size      {verdict.size}")
    print(f"root      {verdict.root.hex()}")
    print(f"ballots   {state.ballots} accepted, {state.replaced} of them replaced")
    for observer in state.ended:
        setup, holders = observer.setup, list(observer.ceremony.holders)
        print(f"keys      epoch {setup.epoch}: any {setup.threshold} of trustees {holders} open")
        if setup.epoch:
            for number, (name, key) in enumerate(setup.members, 1):
                print(f"          {number} {name}, {key[:32].hex()}")
    if state.closed_by:
        print(f"closed    by trustees {state.closed_by}")
    if state.shares:
        print(f"opened    by trustees {list(state.shares)}")
    running = [state.running] if state.running else []
    for observer in state.ended + state.left + running:
        for why in observer.found:
            print(f"fault     epoch {observer.setup.epoch}: {why}")
    for trustee, fault in sorted(state.faulty.items()):
        print(f"fault     trustee {trustee} sent a decryption share that is wrong: {fault}")
    for (epoch, trustee), times in sorted(state.rehearsals.items()):
        print(f"rehearsed epoch {epoch}: trustee {trustee}, {times} time{'s' if times > 1 else ''}")
    for epoch, trustee in sorted(state.erased):
        print(f"erased    epoch {epoch}: by trustee {trustee}, on its word")
    for number, (name, status) in enumerate(verdict.statuses.items(), 1):
        print(f"{number:>4} {name:<18} {status}")
    for finding in verdict.findings:
        print(finding)


def results(state):
    manifest, tally, result = state.manifest, state.tally, state.result
    print(f"turnout   {sum(result.districts)} of {sum(result.on_roll)}")
    for c, contest in enumerate(manifest.contests):
        print(f"\n{contest.title}")
        cells = [(cell, totals) for cell, totals in zip(tally.cells, result.totals) if cell.contest == c]
        if any(totals is None for _, totals in cells):
            print("not opened")
            continue
        sums = [sum(column) for column in zip(*(totals for _, totals in cells))]
        votes = sum(sums[: len(contest.options)])
        blanks = sums[-1] if contest.blank else 0
        for option, count in zip(contest.options, sums):
            percent = 100 * count / votes if votes else 0
            print(f"{count:>10}  {percent:>5.1f} %  {option}")
        if contest.blank:
            print(f"{blanks:>10}           (blank)")
        weight = sum(cell.weight for cell, _ in cells)
        print(f"{contest.hi * (weight - blanks) - votes:>10}           (votes not given)")
    print()


if __name__ == "__main__":
    sys.exit(main())
