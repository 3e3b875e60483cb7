"""The rules of contests, as rows over bits and in plain numbers (docs/spec/ballot.md, Rules as rows over bits)."""

from itertools import combinations, permutations

from folded import Folded
from kinds import LIMB, LISTS, PAIRS, PLACES, QUADRATIC, SPLIT, STAR
from ristretto import L

# A number, and a sum of numbers, is a list of pairs of a bit and its weight.


def weights(most):
    """Weights whose subset sums are exactly 0..=most."""
    length = most.bit_length()
    if length == 0:
        return []
    return [1 << i for i in range(length - 1)] + [most - (1 << (length - 1)) + 1]


def times(factor, number):
    return [(bit, factor * weight) for bit, weight in number]


def negative(number):
    return times(-1, number)


def joined(numbers):
    """The sum of numbers."""
    return [term for number in numbers for term in number]


# From so many options on, another set of rows is smaller.
SCORES_FROM, RANKS_FROM = 9, 6
# From so many votes on, a count in a quadratic contest is a binary number.
BINARY_FROM = 32
# The target of a row whose sum is the voter's weight.
OF_WEIGHT = -(1 << 63)


class Rules:
    """`bits` holds for each bit the slots that it counts into, with its weight in each; `rows` holds (terms, target), where the
    target can be OF_WEIGHT; `slack` the bits of slacks; `free` the slots without a rule here: those of messages, and of folded
    contests, about which `wide` is."""

    def __init__(self, manifest, style):
        self.slots, self.bits, self.rows, self.slack, self.free = 0, [], [], set(), []
        folded = []  # contests, each with its first slot
        votes = {}  # the numbers of a contest's options
        for c in manifest.styles[style].contests:
            contest = manifest.contests[c]
            if contest.folded:
                folded.append((contest, self.slots))
            option = contest.option_needed and votes[contest.option_needed[0]][contest.option_needed[1]]
            votes[c] = self._contest(contest, option)
        for limit in manifest.styles[style].limits:
            total = joined(times(cost, votes[c][option]) for (c, option), cost in limit.costs.items())
            self._row(total + self._slack(limit.hi), limit.hi)
        self.wide = Folded(folded)
        self.of_weight = any(target == OF_WEIGHT for _, target in self.rows)  # whether a ballot states its voter's weight

    def _contest(self, contest, needed):
        """`needed` is the number of the option that the contest goes with, or None."""
        first, self.slots = self.slots, self.slots + contest.slots
        of_marks = first + contest.value_slots
        of_voters, of_lines = of_marks + len(contest.marks), first + contest.summed
        self.free += range(of_lines + contest.votes_of_lines, self.slots)
        if contest.folded:
            self.free += range(first, self.slots)
        if contest.is_ranking or contest.folded:
            return []
        kinds = {LISTS: self._lists, PLACES: self._places, STAR: self._star, QUADRATIC: self._quadratic,
                 SPLIT: self._split, PAIRS: self._pairs_with_ties if contest.ties else self._pairs}  # fmt: skip
        if contest.form in kinds:
            return kinds[contest.form](contest, first, of_marks, needed)
        if contest.grades:
            given = contest.by_option([self._number(1, slot) for slot in range(first, of_marks)])
            marks = self._marks(contest, of_marks)
            for of_option in given:
                self._row(joined(of_option) + marks, 1, needed)
            return []
        votes, more, slot = [], [], first
        for option, most in enumerate(contest.maxima):
            limbs = range(slot, slot := slot + contest.limbs[option])
            if contest.counts_voters:
                one = self._number(1, limbs[0], of_voters + option)
                others = self._limbs(most - 1, limbs)
                votes.append(one + others)
                more.append((one, others, most - 1))
            else:
                votes.append(self._limbs(most, limbs))
        lines = [self._number(contest.each, of_lines + i) for i in range(contest.lines)]
        marks = self._marks(contest, of_marks)
        for one, others, most in more:
            if most > 0:
                self._goes_with(others, 0, most, most, one)
        self._total(contest, joined(votes + lines), marks, needed)
        self._limits(contest, votes, marks, needed)
        return votes

    def _limits(self, contest, votes, marks, needed):
        for limit in contest.limits:
            lo, hi = limit.lo, limit.hi
            spent = joined(times(cost, votes[option]) for option, cost in limit.costs.items())
            if limit.option_needed is not None:
                self._goes_with(spent, lo, hi, limit.most, votes[limit.option_needed])
            elif lo > 0 or hi < limit.most:
                self._at_least(spent, lo, hi, marks, needed)

    def _lists(self, contest, first, of_marks, needed):
        lines, lists = contest.hi, len(contest.groups)
        votes = [self._number(most, first + option) for option, most in enumerate(contest.maxima)]
        of_lists, behind = first + len(votes), of_marks + len(contest.marks)
        for_lists = [self._number(lines, of_lists + i) for i in range(lists)]
        if contest.none:
            for_lists.append(self._number(lines))
        marks = self._marks(contest, of_marks)
        chosen = [self._number(1, behind + i) for i in range(len(for_lists))]
        self._row(joined(votes + for_lists) + times(lines, marks), lines, needed)
        self._row(joined(chosen) + marks, 1, needed)
        for left, list_ in zip(for_lists, chosen):
            self._goes_with(left, 0, lines, lines, list_)
        if contest.lo > 0:
            self._at_least(joined(votes), contest.lo, min(lines, contest.most), marks, needed)
        self._limits(contest, votes + chosen, marks, needed)
        return votes

    def _places(self, contest, first, of_marks, needed):
        points = contest.points
        given = [[self._bit((first + option, worth)) for worth in points] for option in range(len(contest.options))]
        empty = [self._number(1) for _ in points] if contest.fewer else []
        marks = self._marks(contest, of_marks)
        for place in range(len(points)):
            self._row(joined(of[place] for of in given) + joined(empty[place : place + 1]) + marks, 1, needed)
        for of_option in given:
            if contest.fewer or len(points) < len(given):
                self._row(joined(of_option) + self._slack(1), 1)
            else:
                self._row(joined(of_option) + marks, 1, needed)
        for this, following in zip(empty, empty[1:]):
            self._row(following + negative(this) + negative(self._slack(1)), 0)
        return []

    def _pairs(self, contest, first, of_marks, _needed):
        options = len(contest.options)
        above = {pair: self._number(1, first + i) for i, pair in enumerate(contest.pairs)}
        if options < SCORES_FROM:
            marks = self._marks(contest, of_marks)
            self._triples(above, combinations(range(options), 3))
            if marks:
                self._none_with_marks(joined(above.values()), len(above), marks, None)
            return []
        has_score = [[self._number(1) for _ in range(options)] for _ in range(options)]
        marks = self._marks(contest, of_marks)
        for i, has in enumerate(has_score):
            score = joined(number if i == a else negative(number) for (a, b), number in above.items() if i in (a, b))
            # Above those behind it, and above those before it that are not above it.
            found = joined(times(-r, one) for r, one in enumerate(has))
            self._row(score + found + times(-i, marks), -i)
            self._row(joined(has) + marks, 1)
        for r in range(options):
            self._row(joined(has[r] for has in has_score) + marks, 1)
        return []

    def _pairs_with_ties(self, contest, first, of_marks, _needed):
        options = len(contest.options)
        above = {pair: self._number(1, first + i) for i, pair in enumerate(contest.pairs)}
        ranks = [self._number(options - 1) for _ in range(options)] if options >= RANKS_FROM else []
        marks = self._marks(contest, of_marks)
        if ranks:
            for (i, j), number in above.items():
                rows = ranks[j] + negative(ranks[i]) + times(-options, number)
                self._row(rows + negative(self._slack(options - 1)), 1 - options)
        else:
            for i, j in combinations(range(options), 2):
                self._row(above[i, j] + above[j, i] + self._slack(1), 1)
            self._triples(above, permutations(range(options), 3))
        if marks:
            self._none_with_marks(joined(above.values()), len(above), marks, None)
        return []

    def _star(self, contest, first, of_marks, needed):
        most, of_pairs = contest.each, of_marks + len(contest.marks)
        scores = [self._number(most, first + option) for option in range(len(contest.options))]
        above = {pair: self._number(1, of_pairs + i) for i, pair in enumerate(contest.pairs)}
        marks = self._marks(contest, of_marks)
        for (i, j), number in above.items():
            row = scores[i] + negative(scores[j]) + times(-most - 1, number)
            self._row(row + negative(self._slack(most)), -most)
        if marks or needed:
            bits = [(bit, 1) for bit, _ in joined(scores)]
            self._none_with_marks(bits, len(bits), marks, needed)
        return []

    def _quadratic(self, contest, first, of_marks, needed):
        costs, products = [], []
        for slot in range(first, of_marks):
            if contest.each < BINARY_FROM:
                votes = [self._bit((slot, 1)) for _ in range(contest.each)]
                costs += [times(2 * i + 1, one) for i, one in enumerate(votes)]
                continue
            bits = [self._bit((slot, 1 << i)) for i in range(contest.each.bit_length())]
            costs += [times(1 << 2 * i, bit) for i, bit in enumerate(bits)]
            for i, j in combinations(range(len(bits)), 2):
                both = self._number(1)
                costs.append(times(1 << (i + j + 1), both))
                products.append((bits[i], bits[j], both))
        marks = self._marks(contest, of_marks)
        for one, other, both in products:
            self._row(one + other + negative(both) + self._slack(1), 1)
        self._none_with_marks(joined(costs), contest.credits, marks, needed)
        return []

    def _split(self, contest, first, _of_marks, _needed):
        shares, slot = [], first
        for most, limbs in zip(contest.maxima, contest.limbs):
            shares.append(self._limbs(most, range(slot, slot := slot + limbs)))
        self._row(joined(shares), OF_WEIGHT)
        return []

    def _triples(self, above, triples):
        """Whoever is above one who is above a third is above the third."""
        for i, j, k in triples:
            self._row(above[i, j] + above[j, k] + negative(above[i, k]) + negative(self._slack(1)), 0)

    def _none_with_marks(self, total, most, marks, needed):
        """At most `most`, and 0 with a mark or without the option needed."""
        self._row(total + times(most, marks) + self._slack(most), most, needed)

    def _at_least(self, total, lo, hi, marks, needed):
        """In lo..=hi unless there is a mark."""
        self._row(total + times(lo, marks) + negative(self._slack(hi - lo)), lo, needed)

    def _marks(self, contest, first):
        """The sum of all marks."""
        return joined(self._number(1, first + i) for i in range(len(contest.marks)))

    def _total(self, contest, total, marks, needed):
        lo, hi, most = contest.lo, contest.hi, contest.most
        if marks and lo == hi:
            self._row(total + times(lo, marks), lo, needed)
        elif marks:
            self._none_with_marks(total, hi, marks, needed)
            if lo > 0:
                self._at_least(total, lo, hi, marks, needed)
        elif needed:
            self._goes_with(total, lo, hi, most, needed)
        elif lo > 0 or hi < most:
            self._at_least(total, lo, hi, [], None)

    def _goes_with(self, total, lo, hi, most, needed):
        """In lo..=hi with the option, 0 without it. `most` is the largest sum."""
        bits = len(total)
        if lo == hi:
            self._row(total, lo, needed)
        elif hi == most and bits.bit_length() < most.bit_length():
            self._row([(bit, 1) for bit, _ in total] + self._slack(bits), bits, needed)
        else:
            self._row(total + self._slack(hi), hi, needed)
        if 0 < lo < hi:
            self._at_least(total, lo, hi, [], needed)

    def _row(self, terms, target, needed=None):
        """The sum is `target`, or `target` times the number `needed`."""
        if needed is not None:
            terms, target = terms + times(-target, needed), 0
        self.rows.append((sorted(term for term in terms if term[1] != 0), target))

    def _number(self, most, *slots):
        """A new number of 0..=most, which counts into these slots."""
        return joined(self._bit(*((slot, weight) for slot in slots), weight=weight) for weight in weights(most))

    def _limbs(self, most, slots):
        """A new number of 0..=most, which counts into these slots by limbs, the lowest first."""
        limbs = [
            (weight, [(slot, weight >> LIMB * k & 0xFFFF) for k, slot in enumerate(slots)]) for weight in weights(most)
        ]
        return joined(self._bit(*of, weight=weight) for weight, of in limbs)

    def _slack(self, most):
        number = self._number(most)
        self.slack.update(bit for bit, _ in number)
        return number

    def _bit(self, *slots, weight=1):
        """A new bit, which counts into slots with a weight in each, as a number with this weight. A weight of 0 counts into
        nothing."""
        self.bits.append([(slot, of_slot) for slot, of_slot in slots if of_slot])
        return [(len(self.bits) - 1, weight)]

    def values(self, bits):
        """What these bits give each slot."""
        values = [0] * self.slots
        for bit, slots in zip(bits, self.bits, strict=True):
            for slot, weight in slots:
                values[slot] += bit * weight
        return values

    def targets(self, weight):
        """The targets of all rows for a voter of this weight."""
        return [weight if target == OF_WEIGHT else target for _, target in self.rows]

    def hold(self, bits, weight=None):
        """Whether these bits satisfy all rows."""
        sums = [sum(bits[j] * factor for j, factor in terms) for terms, _ in self.rows]
        return sums == self.targets(weight)

    def powers(self, y):
        """The powers of `y`: those of the slots, 0 for a free slot; those of the rows; of `X`; of `A`."""
        powers = [1]
        while len(powers) < self.slots - len(self.free) + len(self.rows) + 2:
            powers.append(powers[-1] * y % L)
        left = iter(powers)
        of_slots = [0 if slot in self.free else next(left) for slot in range(self.slots)]
        of_rows = [next(left) for _ in self.rows]
        return of_slots, of_rows, next(left), next(left)

    def constraints(self):
        def number(value):
            return value.to_bytes(8, "big", signed=True)

        out = [number(self.slots), number(len(self.bits))]
        for slots in self.bits:
            out += [number(len(slots)), *(number(part) for of_slot in slots for part in of_slot)]
        out.append(number(len(self.rows)))
        for terms, target in self.rows:
            out.append(number(len(terms)))
            out += [number(part) for term in terms for part in term]
            out.append(number(target))
        out += [number(len(self.free)), *map(number, self.free)]
        return b"".join(out)


def keeps_rule(contest, votes, marks, behind, lines, needed=1, weight=None):
    """Whether plain numbers, none above its own maximum, keep the rule of a contest with sums. `votes`, `marks` and `behind` are
    its parts; `lines` the votes of the lines, `needed` those of the option that the contest goes with; `weight` is what the
    ballot states."""
    marked = sum(marks)
    if contest.form == SPLIT:
        return sum(votes) == weight
    if contest.grades:
        return all(sum(given) == needed - marked for given in contest.by_option(votes))
    if marked or not needed:
        return not any([*votes, *behind, *lines]) and marked <= needed
    if contest.form in KEEPS:
        return KEEPS[contest.form](contest, votes, behind)
    if contest.counts_voters and behind != [min(v, 1) for v in votes]:
        return False
    return contest.lo <= sum(votes) + sum(lines) <= contest.hi and keeps_limits(contest, votes)


def keeps_limits(contest, votes):
    return all(
        limit.lo <= limit.spent(votes) <= limit.hi
        if limit.option_needed is None or votes[limit.option_needed]
        else limit.spent(votes) == 0
        for limit in contest.limits
    )


def keeps_lists(contest, values, chosen):
    """One list is chosen, or none, and gets all lines that no name has."""
    votes, of_lists = values[: len(contest.options)], values[len(contest.options) :]
    left = contest.hi - sum(votes)
    expected = [left * of_list for of_list in chosen[: len(of_lists)]]
    return (
        left >= 0
        and sum(chosen) == 1
        and of_lists == expected
        and contest.lo <= sum(votes)
        and keeps_limits(contest, votes + chosen)
    )


def keeps_places(contest, values, _):
    """Points are those of different places, of the first places if fewer can be ranked."""
    ranked = len([points for points in values if points])
    places = contest.points[:ranked] if contest.fewer else contest.points
    return sorted(values, reverse=True) == places + [0] * (len(values) - len(places))


def keeps_pairs(contest, values, _):
    """Options are above each other as by the number of options that are above them."""
    above = dict(zip(contest.pairs, values))
    if not contest.ties:
        above |= {(j, i): 1 - is_above for (i, j), is_above in above.items()}
    rank = [sum(above[other, option] for other in range(len(contest.options)) if other != option)
            for option in range(len(contest.options))]  # fmt: skip
    different = contest.ties or len(set(rank)) == len(rank)
    return different and all(is_above == (rank[i] < rank[j]) for (i, j), is_above in above.items())


def keeps_star(contest, scores, above):
    return above == [int(scores[i] > scores[j]) for i, j in contest.pairs]


def keeps_quadratic(contest, counts, _):
    return sum(count**2 for count in counts) <= contest.credits


KEEPS = {LISTS: keeps_lists, PLACES: keeps_places, PAIRS: keeps_pairs, STAR: keeps_star, QUADRATIC: keeps_quadratic}
