"""Checks the record of an election with nothing but its folder.

The exit code is 0 if the record is verified, 1 if it is refused, 2 if the folder is not a record, and 3 if the record
is consistent in itself but there was nothing to compare with: no hash of a manifest, no root, no head and no checkpoint.
"""

import argparse
import sys

import bech32m
from audit import BOARD, ELECTION, NOTHING, Expect, audit
from board import FINISHED
from challenge import CAST, Receipt
from codec import DecodeError
from entries import entry_line
from kinds import PAIRS, PLACES, QUADRATIC, SPLIT, STAR, what_slots_count
from manifest import BY_RULE, OF_BALLOTS, OF_VALID_BALLOTS, OF_VOTES
from record import NotARecord, Record, read_checkpoint
from ristretto import NotCanonical, decode
from text import shown
from written import base_number


def say(line=""):
    """Most of what is printed was written by others."""
    print(shown(str(line), kept="\n"))


def hash_of(text):
    # In groups, with surrounding white space.
    data = bytes.fromhex("".join(text.split()).replace("-", "").strip("\ufeff"))
    if len(data) != 32:
        raise ValueError("64 hexadecimal digits expected")
    return data


def head_of(text):
    size, _, root = text.partition(":")
    if not (size.isascii() and size.isdigit()):
        raise ValueError("a number of entries, a colon and a root expected")
    return int(size), hash_of(root)


def receipt_of(text):
    try:
        return Receipt.from_text(text)
    except DecodeError as error:
        raise ValueError(str(error)) from None


def voter_of(text):
    try:
        key = bech32m.decode("voterkey", text, 32)
        decode(key)
    except (DecodeError, NotCanonical) as error:
        raise ValueError(str(error)) from None
    return key


def checkpoint_in(path):
    try:
        with open(path, "rb") as file:
            return read_checkpoint(path, file.read())
    except OSError as error:
        raise NotARecord(str(error)) from None


def main():
    parser = argparse.ArgumentParser(description="Checks a record of an election.")
    parser.add_argument("record", help="the record's folder")
    parser.add_argument("--expect-manifest", metavar="HASH", type=hash_of, help="refuse any other election")
    parser.add_argument("--expect-root", metavar="HEX", type=hash_of, help="refuse any other board")
    parser.add_argument("--expect-size", metavar="ENTRIES", type=int, help="refuse a board of another size")
    parser.add_argument("--expect-head", metavar="SIZE:HEX", action="append", default=[], type=head_of,
                        help="refuse a board that never had this size and root, as published on a chain")  # fmt: skip
    parser.add_argument("--expect-result", metavar="HASH", type=hash_of, help="SHA-256 of result.json, as published")
    parser.add_argument("--partial", action="store_true", help="accept a record that ends before the result")
    parser.add_argument("--checkpoint", metavar="FILE", action="append", default=[], help="compare with this one, too")
    parser.add_argument("--receipt", metavar="RECEIPT", action="append", default=[], type=receipt_of,
                        help="check that the record keeps what this receipt says")  # fmt: skip
    parser.add_argument("--voter", metavar="KEY", type=voter_of, help="whose the receipts must be")
    parser.add_argument("--opened", action="store_true", help="show what the ballots hold that were spoiled and opened")
    parser.add_argument("--entries", action="store_true", help="show what can be read in each entry, a line for each")
    options = parser.parse_args()
    try:
        record = Record.read(options.record)
        checkpoints = [checkpoint_in(path) for path in options.checkpoint]
    except NotARecord as error:
        print(shown(str(error)))
        print("NOT A RECORD")
        return 2
    verdict = audit(
        record,
        Expect(
            options.expect_manifest,
            options.expect_size,
            options.expect_root,
            options.partial,
            checkpoints,
            options.receipt,
            options.voter,
            options.expect_head,
            options.expect_result,
        ),
    )
    if options.entries:
        for number, entry in enumerate(record.entries):
            print(entry_line(number, entry), end="")
    report(verdict, options.voter)
    if options.opened:
        openings(verdict.state)
    finished = verdict.state.phase() == FINISHED
    if verdict.accepted and finished:
        results(verdict.state)
    if not verdict.accepted:
        print("REFUSED")
        return 1
    without = "" if finished else ", without a result"
    if verdict.known == NOTHING:
        print(f"{verdict.word()}{without}, but which election it is was not checked: see --expect-manifest")
        return 3
    print(f"{verdict.word()}{without}")
    return 0


KNOWN = {
    NOTHING: "nothing: which election this is was not checked",
    ELECTION: "which election this is; which ballots it has was not compared",
    BOARD: "which election this is, and which ballots it has",
}


def report(verdict, voter=None):
    state = verdict.state
    if state.manifest:
        say(f"election  {state.manifest.id} ({state.manifest.title})")
        say(f"manifest  {state.manifest.hash.hex()}")
    say(f"size      {verdict.size}")
    say(f"root      {verdict.root.hex()}")
    if verdict.accepted:
        say(f"known     {KNOWN[verdict.known]}")
    say(f"ballots   {state.ballots} accepted, {state.replaced} of them replaced")
    if state.spoils:
        spoiled = sum(map(len, state.spoils.values()))
        say(f"spoiled   {spoiled} ballots, {len(state.opened)} of them opened")
    for observer in state.ended:
        setup, ceremony = observer.setup, observer.ceremony
        for g, (group, threshold) in enumerate(zip(state.manifest.groups, setup.thresholds)):
            of = f" of {group.name}, with those of each other group," if len(state.manifest.groups) > 1 else ""
            say(f"keys      epoch {setup.epoch}: any {threshold} of trustees {ceremony.of_group(g)}{of} open")
        if setup.epoch:
            for number, (name, key) in enumerate(setup.members, 1):
                say(f"          {number} {name}, {key[:32].hex()}")
    for (c, district, weight), voters in state.roll.small_classes.items() if state.roll else ():
        of = "" if district is None else f"district {state.manifest.districts[district][0]}, "
        contest = state.manifest.contests[c].id
        say(f"weights   few voters: contest {contest}, {of}weight {weight}: {voters} on the roll")
    for key, (voter, proxy, entry) in state.proxied.items():
        voter, key, proxy = (bech32m.encode("voterkey", of) for of in (voter, key, proxy))
        say(f"proxy     entry {entry}: {proxy} casts for {voter}, under {key}")
    for (c, option), reason in sorted(state.withdrawn.items()):
        contest = state.manifest.contests[c]
        say(f"withdrawn {contest.id}: '{contest.options[option]}': {reason}")
    for entry, lifted in state.freezes:
        say(f"frozen    at entry {entry}" + ("" if lifted is None else f", lifted at entry {lifted}"))
    if state.closed_by:
        say(f"closed    by trustees {state.closed_by}")
    for cell, cascade in state.mixing.cascades.items() if state.mixing else ():
        contest = state.manifest.contests[cascade.contest].id
        say(f"mixed     {len(cascade.rows)} rows of cell {cell} ({contest}) by trustees {cascade.by}")
    if state.shares:
        say(f"opened    by trustees {list(state.shares)}")
    running = [state.running] if state.running else []
    for observer in state.ended + state.left + running:
        for why in observer.found:
            say(f"fault     epoch {observer.setup.epoch}: {why}")
    for (trustee, cell), fault in sorted(state.mixing.faulty.items()) if state.mixing else ():
        say(f"fault     trustee {trustee} sent a mix of cell {cell} that is wrong: {fault}")
    for trustee, fault in sorted(state.faulty.items()):
        say(f"fault     trustee {trustee} sent a decryption share that is wrong: {fault}")
    for (epoch, trustee), times in sorted(state.rehearsals.items()):
        say(f"rehearsed epoch {epoch}: trustee {trustee}, {times} time{'s' if times > 1 else ''}")
    for epoch, trustee in sorted(state.erased):
        say(f"erased    epoch {epoch}: by trustee {trustee}, as it declares, unverified")
    for size, witnesses in verdict.checkpoints:
        names = ", ".join(f"{name} at {time}" for name, time in witnesses)
        say(f"signed    size {size} by the log" + (f" and {names}" if names else ""))
    for number, (name, status) in enumerate(verdict.statuses.items(), 1):
        say(f"{number:>4} {name:<18} {status}")
    compared = "the key is the one given" if voter else "NOT COMPARED: if this is not your key, it is not your ballot"
    for place, posted in verdict.receipts.items():
        fate = "cast" if posted.fate == CAST else "spoiled"
        of_ballot = f", style {posted.style}, sequence number {posted.sequence}" if posted.fate == CAST else ""
        say(f"receipt   {place}: {fate} by {bech32m.encode('voterkey', posted.voter)}{of_ballot}; {compared}")
    for finding in verdict.findings:
        say(finding)
    for check, more in verdict.findings.left_out().items():
        say(f"{check}: and {more} more")


def openings(state):
    """The ballots that were spoiled and opened, for those who wrote down a tracker."""
    for (voter, tracker), (entry, ballot, votes) in state.opened.items():
        say(f"\n{bech32m.encode('tracker', tracker)}")
        say(f"  of {bech32m.encode('voterkey', voter)}, opened by entry {entry}, sequence number {ballot.sequence}")
        if ballot.weight is not None:
            say(f"  of weight {ballot.weight}")
        for c, of in zip(state.manifest.styles[ballot.style].contests, votes):
            contest = state.manifest.contests[c]
            say(f"  {contest.title}")
            if contest.grades:
                for option, given in zip(contest.options, contest.by_option(of.votes)):
                    grades = [grade for grade, count in zip(contest.grades, given) if count]
                    say(f"{grades[0] if grades else '-':>10}  {option}")
            else:
                for option, count in zip(contest.options if contest.limbs else [], of.votes):
                    say(f"{count:>10}  {option}")
                others_of(contest, of.votes[len(contest.limbs) :] + of.behind)
            for (id, _), given in zip(contest.marks, of.marks):
                say(f"{given:>10}  ({id})")
            if of.row:
                written(contest, of.row)
    for voter, spoils in state.spoils.items():
        for tracker, (_, entry) in spoils.items():
            if (voter, tracker) not in state.opened:
                say(f"\n{bech32m.encode('tracker', tracker)}\n  spoiled by entry {entry} and not opened")
    say()


def written(contest, row):
    """Ranks and names, or why there are none."""
    ranks, votes = row.ranks or [], row.votes
    for option, rank in zip(contest.options, ranks):
        say(f"{rank or '-':>10}  {option}")
    for number, name in zip(ranks[len(contest.options) :] or votes, row.names or [None] * len(votes)):
        if number:
            say(f"{number:>10}  {name or '(what is no name)'} (written in)")
    if row.fault:
        say(f"            invalid: {row.fault}")


def results(state):
    manifest, tally, result = state.manifest, state.tally, state.result
    say(f"turnout   {sum(result.districts)} of {sum(result.on_roll)}")
    for c, contest in enumerate(manifest.contests):
        say(f"\n{contest.title}")
        cells = [(cell, totals) for cell, totals in zip(tally.cells, result.totals) if cell.contest == c]
        if any(totals is None for _, totals in cells):
            say("not opened")
            continue
        for option in result.withdrawn_of(c):
            say(f"withdrawn   {contest.options[option]}: {result.withdrawn[c, option]}")
        rows = [row for place in result.rows if tally.cells[place].contest == c for row in result.rows[place]]
        if not contest.is_ranking:
            sums = [sum(column) for column in zip(*(totals for _, totals in cells))]
            if contest.grades:
                totals_by_grades(contest, sums)
            else:
                weight, write_ins = sum(cell.weight for cell, _ in cells), sum(sum(row.votes) for row in rows)
                totals_of_choice(contest, sums, weight, write_ins)
        if c in result.accounts:
            account_of(contest, result.accounts[c])
        if c in result.counted:
            counted = result.counted[c]
            elected(contest, counted)
        if answer := result.answer(c):
            passes(answer)
    say()


def elected(contest, counted):
    """Who is elected, and what of the count is not to be seen from the totals."""
    if contest.mixed:
        say(f"{counted.invalid:>10}           (invalid rows)")
    say(f"   elected  {', '.join(counted.elected()) or 'nobody'}")
    if passed_over := getattr(counted.count, "passed_over", []):
        say(f"    passed  {', '.join(counted.candidates[number] for number in passed_over)}, whose group was full")
    if open_ := counted.count.seats - len(counted.count.elected):
        say(f"      open  {open_} of {counted.count.seats} seats")


def passes(answer):
    says_no = [] if answer.majority else ["too few say yes"]
    if not answer.quorum:
        says_no.append("the quorum is not reached")
    say(f"    passes  {'yes' if answer.passes else 'no: ' + ' and '.join(says_no)}")


def totals_of_choice(contest, sums, weight, write_ins):
    """Votes or points, with percentages of what `base_of` says, and what else is summed."""
    _, marks, voters = contest.parts(sums)
    votes = contest.votes_in(sums)
    if votes:
        whole, of = base_of(contest, sums, weight, write_ins)
        say(f"     votes           (of {of})")
        for number, (count, option) in enumerate(zip(votes, contest.options)):
            percent = 100 * count / whole if whole else 0
            by = f" (by {voters[number]} voters)" if contest.counts_voters else ""
            say(f"{count:>10}  {percent:>5.1f} %  {option}{by}")
    elif contest.form != PAIRS:
        say("            too many votes for 64 bits")
    others_of(contest, contest.others_in(sums))
    totals_of_marks(contest, marks)


def others_of(contest, counts):
    for count, what in zip(counts, what_slots_count(contest)):
        say(f"{count:>10}           {what}")


def base_of(contest, sums, weight, write_ins):
    """What percentages are of, and its name: what the manifest says, or what a ballot can give, all votes if that is one,
    otherwise the most that one option can have."""
    base = contest.base
    by_points = contest.form in (PLACES, STAR, QUADRATIC)
    if base == BY_RULE and (contest.form == SPLIT or (contest.hi == 1 and not by_points)):
        base = OF_VOTES
    if base != BY_RULE:
        names = {OF_VOTES: "all votes", OF_VALID_BALLOTS: "all valid ballots", OF_BALLOTS: "all ballots"}
        return base_number(contest, base, sums, weight, write_ins), names[base]
    each = contest.each if by_points else min(contest.most_of_one, contest.hi)
    whole = weight * each
    of_each = f"the most that one option can get, {each} votes from each ballot"
    return whole, of_each if each > 1 else "all ballots"


def totals_by_grades(contest, sums):
    """How often each option got each grade, the best first."""
    given, marks, _ = contest.parts(sums)
    for option, counts in zip(contest.options, contest.by_option(given)):
        say(f"            {option}")
        for grade, count in reversed(list(zip(contest.grades, counts))):
            say(f"{count:>10}    {grade}")
    totals_of_marks(contest, marks)


def totals_of_marks(contest, marks):
    for (id, _), count in zip(contest.marks, marks):
        say(f"{count:>10}           ({id})")


def account_of(contest, account):
    parts = [(account.counted, "counted" if contest.is_ranking else "for options")]
    if contest.lines and not contest.is_ranking:
        parts.append((account.written_in, "written in and counted"))
    if contest.marks:
        parts.append((account.marked, "on marked ballots"))
    parts.append((account.not_given, "ranking nobody" if contest.is_ranking else "not given"))
    parts += [(votes, f"left out: {reason}") for reason, votes in account.left_out]
    for votes, what in [*parts, (account.held, "all that the ballots hold")]:
        say(f"{votes:>10}           ({what})")


if __name__ == "__main__":
    sys.exit(main())
