"""The contents of a contest's opened rows, and who is elected by them (docs/spec/mixing.md, What a row says)."""

from collections import Counter
from functools import lru_cache

from counting import LOT, STAR_METHOD, Count, CountOfPairs, normalise, ranking_of
from kinds import LISTS, PAIRS, QUADRATIC, RANKING, STAR
from manifest import OF_BALLOTS, OF_VALID_BALLOTS, OF_VOTES, Fraction
from messages import NotAMessage, decode_message
from ristretto import BASE, IDENTITY, add, encode
from text import is_text
from totals import ByVotes, Lists, MajorityJudgment, Star, exceeds, reaches

MAX_CANDIDATES = 255

# Why votes or rankings count for nobody, in the order of accounts. The first reasons make a whole row invalid.
INVALID = VOTES, MESSAGE, LENGTH, GAP, TIE, RANKED, NAME = (
    "votes", "message", "length", "gap", "tie", "ranked", "name"
)  # fmt: skip
LISTED, ABOVE_EACH, TOO_MANY_NAMES, WITHDRAWN = "listed", "above each", "too many names", "withdrawn"
LEFT_OUT = (*INVALID, LISTED, ABOVE_EACH, TOO_MANY_NAMES, WITHDRAWN)


@lru_cache(maxsize=64)
def small_multiples(most):
    """`v` by the bytes of `vG`."""
    found, point = {}, IDENTITY
    for value in range(most + 1):
        found[encode(point)] = value
        point = add(point, BASE)
    return found


class Row:
    """`votes` are those of each line, in a choice. `ranks` and `names` are None if this is not a message of the
    contest. A name is "" if the line is empty, and None if its text is not a name. `fault`: why the row is invalid,
    one of INVALID."""

    def __init__(self, contest, elements):
        self.elements = elements
        self.ranks = self.names = self.fault = None
        multiples = small_multiples(contest.each)
        lines, message = elements[: contest.votes_of_lines], elements[contest.votes_of_lines :]
        self.votes = [multiples.get(element) for element in lines]
        if None in self.votes:
            self.votes, self.fault = [], VOTES
            return
        try:
            fault = self._read(contest, decode_message(message))
        except NotAMessage:
            fault = MESSAGE
        if not contest.is_ranking:
            # Text on a line without votes is ignored.
            given = [i for i, votes in enumerate(self.votes) if votes]
            if all(self.names and is_meant(self.names[i]) for i in given):
                fault = None
            else:
                fault = fault or NAME
        self.fault = fault

    def _read(self, contest, data):
        if len(data) != contest.message_bytes:
            return LENGTH
        ranked = contest.candidates if contest.is_ranking else 0
        self.ranks = list(data[:ranked])
        size = 1 + contest.length
        lines = [data[at : at + size] for at in range(ranked, len(data), size)] if contest.lines else []
        self.names = [name_on(line) for line in lines]
        if not contest.is_ranking:
            return None
        given = [rank for rank in self.ranks if rank]
        if set(given) != set(range(1, len(set(given)) + 1)):
            return GAP
        if contest.form == RANKING and len(set(given)) < len(given):
            return TIE
        if not contest.lo <= len(given) <= contest.hi:
            return RANKED
        for rank, name in zip(self.ranks[len(contest.options) :], self.names):
            if name is None or (name == "") != (rank == 0) or (rank and not is_meant(name)):
                return NAME
        return None

    def written(self, contest):
        """Pairs of the text of a line with votes or a rank, and these."""
        numbers = self.ranks[len(contest.options) :] if contest.is_ranking else self.votes
        return [(self.names[i], number) for i, number in enumerate(numbers) if number]

    def lines(self, contest):
        """Pairs of a normalised name and its votes or its rank."""
        return [(normalise(name), number) for name, number in self.written(contest)]


def is_meant(name):
    """Whether a name is not empty when normalised."""
    return name is not None and normalise(name) != ""


def name_on(line):
    """The text of a line; None if it is not a name."""
    length, name, padding = line[0], line[1 : 1 + line[0]], line[1 + line[0] :]
    if len(name) != length or any(padding):
        return None
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return None
    return text if length == 0 or is_text(text, length) else None


def together(contest, pairs):
    """Votes of names on several lines of a row, at most as many as one can have; and how many are above that."""
    given = {}
    for who, votes in pairs:
        given[who] = given.get(who, 0) + votes
    above = sum(max(0, votes - contest.each) for votes in given.values())
    return {who: min(votes, contest.each) for who, votes in given.items()}, above


def spellings(contest, rows):
    """For each normalised name, the spelling on most rows; of several, the one whose bytes come first."""
    rows_of = Counter(name for row in rows for name in {name for name, _ in row.written(contest)})
    found = {}
    for name in sorted(rows_of, key=lambda name: (-rows_of[name], name.encode())):
        found.setdefault(normalise(name), name)
    return found


def support_of(contest, row):
    """By name, the votes of a row, or whether the name is ranked first."""
    given, _ = together(contest, [(n, int(v == 1) if contest.is_ranking else v) for n, v in row.lines(contest)])
    return given


class Counted:
    """A contest whose manifest says how it is counted, from the totals of its slots and its rows. `lot_of` gives a candidate's
    lot; `weight` is that of all ballots; `withdrawn` are numbers of options."""

    def __init__(self, contest, totals, rows, lot_of=None, weight=0, withdrawn=()):
        valid = [row for row in rows if row.fault is None]
        self.invalid = len(rows) - len(valid)
        self.unranked, self._left_out = 0, dict.fromkeys(LEFT_OUT, 0)
        for row in rows:
            if row.fault is not None:
                self._left_out[row.fault] += 1 if contest.is_ranking else sum(row.votes)
        options = contest.option_of()
        support = {}  # for each name: votes or first ranks, and the number of rows
        for row in valid:
            for name, votes in support_of(contest, row).items():
                if name not in options:
                    first, on_rows = support.get(name, (0, 0))
                    support[name] = first + votes, on_rows + 1
        names = sorted(support, key=lambda name: (-support[name][0], -support[name][1], name.encode()))
        most = max(0, MAX_CANDIDATES - len(contest.options))
        self.names_left_out = max(0, len(names) - most)
        names = sorted(names[:most], key=str.encode)
        numbers = {name: len(contest.options) + i for i, name in enumerate(names)} | options
        spelled = spellings(contest, valid)
        self.candidates = contest.options + [spelled[name] for name in names]
        profile = [([[option]], votes) for option, votes in enumerate(contest.votes_in(totals) or [])]
        for row in valid:
            lines = [(numbers.get(name), number) for name, number in row.lines(contest)]
            of_candidates = [(c, number) for c, number in lines if c is not None]
            if contest.is_ranking:
                ranking = ranking_of([*enumerate(row.ranks[: len(contest.options)]), *of_candidates])
                profile.append((ranking, 1))
                if not any(row.ranks):
                    self.unranked += 1
                elif not ranking:
                    self._left_out[TOO_MANY_NAMES] += 1
            else:
                given, above = together(
                    contest, [(c, votes) for c, votes in of_candidates if c >= len(contest.options)]
                )
                profile += [([[candidate]], votes) for candidate, votes in given.items()]
                self._left_out[ABOVE_EACH] += above
                # An option's own votes are in a sum, so nobody can see whether a line gives it too many, or breaks a limit.
                for option, votes in [(c, votes) for c, votes in of_candidates if c < len(contest.options)]:
                    if contest.maxima[option] >= contest.hi and not contest.limits and not contest.counts_voters:
                        profile.append(([[option]], votes))
                    else:
                        self._left_out[LISTED] += votes
                self._left_out[TOO_MANY_NAMES] += sum(votes for c, votes in lines if c is None)
        how, self.profile = contest.count, profile
        lots = lots_for(contest, lot_of)
        if contest.mixed:
            n = len(self.candidates)
            self.count = Count(how.method, how.seats, how.tie_break, n, profile, how.places, lots, withdrawn)
            given = sum(times for ranking, times in profile if ranking)
            self._left_out[WITHDRAWN] += given - self.count.votes
        else:
            self.count = count_of_totals(contest, totals, weight, lots, withdrawn)

    def elected(self):
        return [self.candidates[number] for number in self.count.elected]

    def left_out(self):
        """Pairs of a reason and the number that counts for nobody because of it."""
        return [(reason, votes) for reason, votes in self._left_out.items() if votes]


def lots_for(contest, lot_of):
    """The lots of all options, and those of lists behind them."""
    if contest.count.tie_break != LOT:
        return None
    lists = len(contest.groups) if contest.form == LISTS else 0
    return [lot_of(number) for number in range(len(contest.options) + lists)]


def count_of_totals(contest, totals, weight, lots, withdrawn):
    how, (values, marks, behind) = contest.count, contest.parts(totals)
    votes, valid = scores_of(contest, totals), weight - sum(marks)
    if contest.grades:
        return MajorityJudgment(contest.by_option(values), how.seats, how.tie_break, lots, withdrawn)
    if contest.form == LISTS:
        ids = [id for id, _ in contest.groups]
        joined = [[ids.index(id) for id in of] for of in how.joined]
        names, lines = list(map(contest.members, ids)), values[len(votes) :]
        return Lists(
            names, votes, lines, how.seats, how.tie_break, how.divisor, how.others, how.threshold, joined, lots, withdrawn
        )
    if contest.form in (PAIRS, STAR):
        preferences = preferences_of(contest, values if contest.form == PAIRS else behind, valid)
        if how.method == STAR_METHOD:
            return Star(votes, preferences, valid, how.seats, how.tie_break, lots, withdrawn)
        return CountOfPairs(how.method, how.seats, how.tie_break, valid, preferences, lots, withdrawn)
    caps = [(contest.members(group), elected) for group, elected in how.caps]
    needs = how.needs and (how.needs.more_than, base_number(contest, how.needs.base, totals, weight))
    if contest.against and needs is None:
        needs = (Fraction(0, 1), 0)  # with as many against as for nobody is elected
    count = ByVotes(votes, how.seats, how.tie_break, caps, lots, needs, withdrawn=withdrawn)
    count.votes = sum(contest.votes_in(totals))
    return count


def scores_of(contest, totals):
    """What options are counted by: votes less those against, or points."""
    votes = contest.votes_in(totals) or []
    against = contest.others_in(totals) if contest.against else [0] * len(votes)
    return [max(0, of - less) for of, less in zip(votes, against)]


def preferences_of(contest, of_pairs, votes):
    """How many prefer each option to each other one."""
    options = range(len(contest.options))
    found = dict(zip(contest.pairs, of_pairs))
    if contest.form == PAIRS and not contest.ties:
        found |= {(j, i): votes - above for (i, j), above in found.items()}
    return [[found.get((i, j), 0) for j in options] for i in options]


def base_number(contest, base, totals, weight, write_ins=0):
    """What percentages and majorities are of."""
    invalid = sum(given for (_, valid), given in zip(contest.marks, contest.parts(totals)[1]) if not valid)
    votes = sum(contest.votes_in(totals) or []) + write_ins
    return {OF_VOTES: votes, OF_VALID_BALLOTS: weight - invalid, OF_BALLOTS: weight}[base]


class Answer:
    """Whether a question passes: whether enough say yes, and whether the quorum is reached or there is none."""

    def __init__(self, contest, totals, ballots, weight, on_roll):
        question = contest.passes
        yes = self.yes = contest.votes_in(totals)[contest.options.index(question.yes)]
        whole = base_number(contest, question.majority.base, totals, weight)
        self.majority = exceeds(yes, question.majority.more_than, whole)
        self.quorum = question.quorum is None or reaches(ballots, question.quorum, on_roll)
        self.passes = self.majority and self.quorum


MOST_HELD = (1 << 64) - 1  # of which there is an account


class Account:
    """What became of all votes or rankings of a contest."""

    def __init__(self, contest, ballots, weight, totals, write_ins, counted):
        """`totals` are those of the contest's slots in the whole election, `write_ins` the votes on all lines of its
        rows; `counted` is None for a contest with only sums."""
        self.left_out = counted.left_out() if counted else []
        self.written_in = self.marked = 0
        if contest.is_ranking:
            self.held, self.counted, self.not_given = ballots, counted.count.votes, counted.unranked
            return
        _, marks, _ = contest.parts(totals)
        self.held, self.marked = contest.held * weight, contest.held * sum(marks)
        whole = contest.form in (PAIRS, QUADRATIC)  # a ballot is one thing
        self.counted = self.held - self.marked if whole else contest.given_in(totals)
        self.not_given = self.held - self.marked - self.counted - write_ins
        if counted and contest.lines:
            self.written_in = counted.count.votes - self.counted

    def adds_up(self):
        parts = [self.counted, self.written_in, self.marked, self.not_given, *(votes for _, votes in self.left_out)]
        return sum(parts) == self.held and min(parts) >= 0
