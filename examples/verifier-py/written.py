"""What the opened rows of a contest say, and who is elected by them (docs/spec/mixing.md, What a row says)."""

from collections import Counter
from functools import lru_cache

from counting import Count, normalise, numbers_of, ranking_of
from manifest import RANKING
from messages import NotAMessage, decode_message
from ristretto import BASE, IDENTITY, add, encode
from text import is_text

MAX_CANDIDATES = 255


@lru_cache(maxsize=64)
def small_multiples(most):
    """`v` by the bytes of `vG`."""
    found, point = {}, IDENTITY
    for value in range(most + 1):
        found[encode(point)] = value
        point = add(point, BASE)
    return found


class Row:
    """`votes` are those of each line, in a choice. `ranks` and `names` are None if the message is none of this contest;
    a name is "" if nothing is written, and None if what is written is no name. `fault`: why the row is invalid."""

    def __init__(self, contest, elements):
        self.elements = elements
        self.ranks = self.names = self.fault = None
        multiples = small_multiples(contest.each)
        lines, message = elements[: contest.votes_of_lines], elements[contest.votes_of_lines :]
        self.votes = [multiples.get(element) for element in lines]
        if None in self.votes:
            self.votes, self.fault = [], "votes that no rule allows"
            return
        try:
            fault = self._read(contest, decode_message(message))
        except NotAMessage as error:
            fault = str(error)
        if not contest.is_ranking:
            # A line without votes is ignored, whatever is written there.
            fault = None
            if any(votes and not (self.names and is_meant(self.names[i])) for i, votes in enumerate(self.votes)):
                fault = "votes without a name"
        self.fault = fault

    def _read(self, contest, data):
        if len(data) != contest.message_bytes:
            return f"a message of {len(data)} bytes instead of {contest.message_bytes}"
        ranked = contest.candidates if contest.is_ranking else 0
        self.ranks = list(data[:ranked])
        size = 1 + contest.length
        lines = [data[at : at + size] for at in range(ranked, len(data), size)] if contest.lines else []
        self.names = [name_on(line) for line in lines]
        if not contest.is_ranking:
            return None
        given = [rank for rank in self.ranks if rank]
        if set(given) != set(range(1, len(set(given)) + 1)):
            return "a gap among the ranks"
        if contest.form == RANKING and len(set(given)) < len(given):
            return "a rank that is given twice"
        if not contest.lo <= len(given) <= contest.hi:
            return "too few or too many that are ranked"
        for rank, name in zip(self.ranks[len(contest.options) :], self.names):
            if name is None or (name == "") != (rank == 0) or (rank and not is_meant(name)):
                return "a rank without a name, or a name without a rank"
        return None

    def written(self, contest):
        """Pairs of what is written on a line that has votes or a rank, and these."""
        numbers = self.ranks[len(contest.options) :] if contest.is_ranking else self.votes
        return [(self.names[i], number) for i, number in enumerate(numbers) if number]

    def lines(self, contest):
        """Pairs of a normalised name and its votes or its rank."""
        return [(normalise(name), number) for name, number in self.written(contest)]


def is_meant(name):
    """Whether a name says anything."""
    return name is not None and normalise(name) != ""


def name_on(line):
    """What a line says; None if it is no name."""
    length, name, padding = line[0], line[1 : 1 + line[0]], line[1 + line[0] :]
    if len(name) != length or any(padding):
        return None
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return None
    return text if length == 0 or is_text(text, length) else None


def together(contest, pairs):
    """Votes of those who are on several lines of a row: no more than one can have."""
    given = {}
    for who, votes in pairs:
        given[who] = min(given.get(who, 0) + votes, contest.each)
    return given


def spellings(contest, rows):
    """By normalised name the spelling on most rows; of several the one whose bytes come first."""
    rows_of = Counter(name for row in rows for name in {name for name, _ in row.written(contest)})
    found = {}
    for name in sorted(rows_of, key=lambda name: (-rows_of[name], name.encode())):
        found.setdefault(normalise(name), name)
    return found


def support_of(contest, row):
    """By name the votes of a row, or whether it is ranked first."""
    return together(contest, [(n, int(v == 1) if contest.is_ranking else v) for n, v in row.lines(contest)])


class Counted:
    """A contest that was counted ballot by ballot, from the totals of its options and its rows."""

    def __init__(self, contest, totals, rows):
        valid = [row for row in rows if row.fault is None]
        self.invalid = len(rows) - len(valid)
        options = numbers_of(contest.options, [])
        support = {}  # of each name: votes or first ranks, and how many rows
        for row in valid:
            for name, votes in support_of(contest, row).items():
                if name not in options:
                    first, on_rows = support.get(name, (0, 0))
                    support[name] = first + votes, on_rows + 1
        names = sorted(support, key=lambda name: (-support[name][0], -support[name][1], name.encode()))
        most = max(0, MAX_CANDIDATES - len(contest.options))
        self.left_out = max(0, len(names) - most)
        names = sorted(names[:most], key=str.encode)
        numbers, spelled = numbers_of(contest.options, names), spellings(contest, valid)
        self.candidates = contest.options + [spelled[name] for name in names]
        profile = [([[option]], votes) for option, votes in enumerate(totals[: len(contest.options)])]
        for row in valid:
            lines = [(numbers[name], number) for name, number in row.lines(contest) if name in numbers]
            if contest.is_ranking:
                profile.append((ranking_of([*enumerate(row.ranks[: len(contest.options)]), *lines]), 1))
            else:
                # An option's own votes are in a sum, so that nobody sees whether a line gives it too many.
                first = len(contest.options) if contest.each < contest.hi else 0
                given = together(contest, [(c, votes) for c, votes in lines if c >= first])
                profile += [([[candidate]], votes) for candidate, votes in given.items()]
        how, self.profile = contest.count, profile
        self.count = Count(how.method, how.seats, how.tie_break, len(self.candidates), profile, how.places)

    def elected(self):
        return [self.candidates[number] for number in self.count.elected]
