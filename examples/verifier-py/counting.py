"""How the elected follow from rankings, and which names are equal (docs/spec/counting.md). For totals see `totals.py`.

A profile is a list of pairs: a ranking, a list of groups of candidates, the best first; and how often it was
given. All numbers are integers in units of 10 to the power of minus the method's decimal places.
"""

import unicodedata
from hashlib import sha3_256

from codec import u16, u32
from text import UNASSIGNED, WHITE_SPACE, is_invisible

# Droop and Hare are STV with this quota.
PLURALITY, INSTANT_RUNOFF, DROOP, HARE, SCHULZE, BORDA, MAJORITY_JUDGMENT, STAR_METHOD, LISTS_METHOD = range(1, 10)
DHONDT, SAINTE_LAGUE, HARES_QUOTA = range(3)  # by which lists get seats
ORDER, BACKWARDS, LOT, OPEN = range(4)
BY_LOT, STAYS_OPEN = "lot", "open"  # what else can decide a tie than a round
MAX_PLACES = 9


def decimal(units, places):
    """A number as text."""
    whole, fraction = divmod(units, 10**places)
    return f"{whole}.{fraction:0{places}}" if places else str(whole)


class Tie:
    """Candidates with equal totals in a round, in their resulting order, and what decided: the round that separated them,
    None if their numbers did, BY_LOT, or STAYS_OPEN."""

    def __init__(self, round, order, decided):
        self.round, self.order, self.decided = round, order, decided


class Round:
    def __init__(self, totals, exhausted, lost):
        self.totals, self.exhausted, self.lost, self.elected = totals, exhausted, lost, []
        self.surplus_of = self.surplus = self.eliminated = None


class Count:
    """Empty fields belong to other methods. `places` are only for STV; `lots` are those of the candidates, if ties are broken
    by lot."""

    def __init__(self, method, seats, tie_break, candidates, profile, places=None, lots=None):
        self.candidates, self.seats, self.tie_break = range(candidates), seats, tie_break
        self.last_resort = lots if tie_break == LOT else self.candidates
        self.places = {BORDA: 1, DROOP: places, HARE: places}.get(method, 0)
        self.profile = [(ranking, times) for ranking, times in profile if ranking and times]
        self.votes = sum(times for _, times in self.profile)
        self.elected, self.ties = [], []
        self.scores = self.quota = self.preferences = self.paths = None
        self.rounds = []
        METHODS[method](self)

    # Ties

    def _earlier(self):
        """Totals by which candidates are ordered: (round, totals), the present round first."""
        if self.scores is not None:
            return [(0, self.scores)]
        rounds = [(number, round.totals) for number, round in enumerate(self.rounds)][::-1]
        return rounds if self.tie_break == BACKWARDS else rounds[:1]

    def _sorted(self, candidates):
        """Orders candidates, those ahead first."""
        totals = [totals for _, totals in self._earlier()]
        return sorted(candidates, key=lambda c: ([-of[c] for of in totals], self.last_resort[c]))

    def _groups(self, order):
        """Ordered candidates, in groups with equal totals now."""
        _, totals = self._earlier()[0]
        groups = []
        for c in order:
            if groups and totals[groups[-1][0]] == totals[c]:
                groups[-1].append(c)
            else:
                groups.append([c])
        return groups

    def _decided(self, a, b):
        """The round that puts `a` ahead of `b`, or None."""
        return next((number for number, totals in self._earlier() if totals[a] != totals[b]), None)

    def _tie(self, group, pairs):
        """Notes a tie if the order of these pairs matters."""
        if pairs:
            decided = [self._decided(a, b) for a, b in pairs]
            # The earliest round that was needed; numbers and lots come after all rounds.
            self._note(group, self._at_last() if None in decided else min(decided))

    def _at_last(self):
        """What decides if no round does."""
        return BY_LOT if self.tie_break == LOT else None

    def _note(self, group, decided):
        self.ties.append(Tie(self._earlier()[0][0], group, decided))

    def _first(self, candidates, places, in_order=True):
        """The first candidates, whose order among themselves also matters."""
        order = self._sorted(candidates)
        start = 0
        for group in self._groups(order):
            if self.tie_break == OPEN and start < places < start + len(group):
                self._note(group, STAYS_OPEN)
                return order[:start]
            if start < places:
                pairs = list(zip(group, group[1:]))
                self._tie(group, pairs if in_order else pairs[:1])
            start += len(group)
        return order[:places]

    def _last(self, candidates):
        group = self._groups(self._sorted(candidates))[-1]
        self._tie(group, list(zip(group, group[1:]))[-1:])
        return group[-1]

    # Methods

    def _plurality(self):
        self.scores = [0] * len(self.candidates)
        for ranking, times in self.profile:
            self.scores[alone(ranking[0])] += times
        if self.votes:
            self.elected = self._first(self.candidates, self.seats)

    def _borda(self):
        n = len(self.candidates)
        self.scores = [0] * n
        for ranking, times in self.profile:
            ranked = {c for group in ranking for c in group}
            position = 0
            for group in [*ranking, [c for c in self.candidates if c not in ranked]]:
                for c in group:
                    # The unit is a tenth of a point.
                    self.scores[c] += times * (10 * (n - 1 - position) - 5 * (len(group) - 1))
                position += len(group)
        if self.votes:
            self.elected = self._first(self.candidates, self.seats)

    def _piles(self):
        """The ballots of each candidate who comes first: lists of the ranking, the candidate's position in it, how
        often it was given, and its weight."""
        piles = {c: [] for c in self.candidates}
        for ranking, times in self.profile:
            order = [alone(group) for group in ranking]
            piles[order[0]].append((order, 0, times, 10**self.places))
        return piles

    def _start_round(self, piles, fixed, exhausted):
        """`fixed` are the totals of candidates who no longer hold ballots."""
        totals = [fixed.get(c, sum(times * weight for _, _, times, weight in piles[c])) for c in self.candidates]
        lost = self.votes * 10**self.places - sum(totals) - exhausted
        self.rounds.append(Round(totals, exhausted, lost))
        return self.rounds[-1]

    def _pass_on(self, piles, holder, hopeful, surplus=None, total=None):
        """Transfers all ballots of a candidate, those of a surplus with a share of their weight, and returns the
        exhausted votes."""
        ballots, piles[holder] = piles[holder], []
        exhausted = 0
        for order, at, times, weight in ballots:
            if surplus is not None:
                weight = weight * surplus // total
            at = next((i for i in range(at + 1, len(order)) if order[i] in hopeful), None)
            if at is not None:
                piles[order[at]].append((order, at, times, weight))
            else:
                exhausted += times * weight
        return exhausted

    def _instant_runoff(self):
        hopeful, piles, exhausted = set(self.candidates), self._piles(), 0
        while self.votes:
            round = self._start_round(piles, {}, exhausted)
            for c in sorted(hopeful):
                if 2 * round.totals[c] > self.votes - exhausted or len(hopeful) == 1:
                    round.elected = self.elected = [c]
                    return
            round.eliminated = self._last(hopeful)
            hopeful.discard(round.eliminated)
            exhausted += self._pass_on(piles, round.eliminated, hopeful)

    def _stv(self, q):
        self.quota = q
        hopeful, piles, exhausted = set(self.candidates), self._piles(), 0
        fixed = {}
        while self.votes:
            round = self._start_round(piles, fixed, exhausted)

            def elect(candidates):
                round.elected += candidates
                self.elected += candidates
                hopeful.difference_update(candidates)

            reached = [c for c in hopeful if round.totals[c] >= q]
            if reached:
                elect(self._first(reached, len(reached)))
            left = self.seats - len(self.elected)
            if 0 < left and len(hopeful) <= left:
                elect(self._first(hopeful, len(hopeful)))
            if len(self.elected) == self.seats:
                return
            waiting = [c for c in self.elected if round.totals[c] > q]
            if waiting:
                (first,) = self._first(waiting, 1, in_order=False)
                total = round.totals[first]
                round.surplus_of, round.surplus = first, total - q
                exhausted += self._pass_on(piles, first, hopeful, total - q, total)
                fixed[first] = q
            else:
                round.eliminated = self._last(hopeful)
                hopeful.discard(round.eliminated)
                exhausted += self._pass_on(piles, round.eliminated, hopeful)

    def _droop(self):
        self._stv((self.votes // (self.seats + 1) + 1) * 10**self.places)

    def _hare(self):
        # Rounded up.
        self._stv(-(-self.votes * 10**self.places // self.seats))

    def _schulze(self):
        n = len(self.candidates)
        d = [[0] * n for _ in self.candidates]
        for ranking, times in self.profile:
            place = {c: place for place, group in enumerate(ranking) for c in group}
            of = [place.get(c, len(ranking)) for c in self.candidates]
            for i in self.candidates:
                for j in self.candidates:
                    d[i][j] += times if of[i] < of[j] else 0
        self._by_paths(d)

    def _by_paths(self, d):
        p = [[d[i][j] if d[i][j] > d[j][i] else 0 for j in self.candidates] for i in self.candidates]
        for via in self.candidates:
            for i in self.candidates:
                for j in self.candidates:
                    if i != j:
                        p[i][j] = max(p[i][j], min(p[i][via], p[via][j]))
        self.preferences, self.paths = d, p
        left = list(self.candidates)
        while self.votes and len(self.elected) < self.seats:
            best = [j for j in left if not any(p[i][j] > p[j][i] for i in left)]
            best.sort(key=self.last_resort.__getitem__)
            open_ = self.tie_break == OPEN and len(best) > self.seats - len(self.elected)
            if len(best) > 1:
                self.ties.append(Tie(0, best, STAYS_OPEN if open_ else self._at_last()))
            if open_:
                break
            chosen = best if self.tie_break == OPEN else best[:1]
            left = [c for c in left if c not in chosen]
            self.elected += chosen


class CountOfPairs(Count):
    """Schulze or Borda, of `votes` voters of whom `preferences[i][j]` prefer `i` to `j`."""

    def __init__(self, method, seats, tie_break, votes, preferences, lots=None):
        super().__init__(method, seats, tie_break, len(preferences), [], lots=lots)
        self.votes = votes
        if method == SCHULZE:
            self._by_paths(preferences)
            return
        # The unit is a tenth of a point.
        d = preferences
        self.scores = [sum(5 * (votes + d[i][j] - d[j][i]) for j in self.candidates if j != i) for i in self.candidates]
        if votes:
            self.elected = self._first(self.candidates, seats)


METHODS = {
    PLURALITY: Count._plurality,
    INSTANT_RUNOFF: Count._instant_runoff,
    DROOP: Count._droop,
    HARE: Count._hare,
    SCHULZE: Count._schulze,
    BORDA: Count._borda,
}


def lot(seed, contest, option):
    """The lot of a candidate. `seed` is the hash of the first ceremony."""
    return sha3_256(b"tabella/v1 lot" + seed + u32(contest) + u16(option)).digest()


def alone(group):
    """The only candidate of a group, where ties are not allowed."""
    (candidate,) = group
    return candidate


def ranking_of(pairs):
    """The ranking from pairs of a candidate, who may be repeated, and a rank; rank 0 is none."""
    best = {}
    for candidate, rank in pairs:
        if rank:
            best[candidate] = min(rank, best.get(candidate, rank))
    return [sorted(c for c in best if best[c] == rank) for rank in sorted(set(best.values()))]


def names_of(options, written):
    """The candidates besides the options, from all names written in."""
    known = numbers_of(options, [])
    return sorted({name for text in written if (name := normalise(text)) and name not in known}, key=str.encode)


def numbers_of(options, names):
    """The candidates by their normalised names; of options with the same name, the first."""
    numbers = {}
    for number, name in enumerate([*map(normalise, options), *names]):
        numbers.setdefault(name, number)
    return numbers


def normalise(text):
    while (following := normalised_once(text)) != text:
        text = following
    return text


def normalised_once(text):
    text = "".join(c for c in text if ord(c) not in UNASSIGNED)
    text = unicodedata.normalize("NFKC", text)
    # Letter by letter, so that conditions on neighbouring letters are never met.
    text = "".join(c.lower() for c in text).replace("\u03c2", "\u03c3")
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if c in WHITE_SPACE else c for c in text)
    text = "".join(c for c in text if not is_invisible(c))
    return " ".join(filter(None, text.split(" ")))
