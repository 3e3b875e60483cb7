"""The rules of contests, as rows over bits and in plain numbers (docs/spec/ballot.md, Rules as rows over bits)."""

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


class Rules:
    """`bits` holds for each bit the slots that it counts into, with its weight in each; `rows` holds (terms, target);
    `free` the slots of messages, which have no rule."""

    def __init__(self, manifest, style):
        self.slots, self.bits, self.rows, self.free = 0, [], [], []
        votes = {}  # the numbers of a contest's options
        for c in manifest.styles[style].contests:
            contest = manifest.contests[c]
            option = contest.option_needed and votes[contest.option_needed[0]][contest.option_needed[1]]
            votes[c] = self._contest(contest, option)
        for limit in manifest.styles[style].limits:
            total = [term for (c, option), cost in limit.costs.items() for term in times(cost, votes[c][option])]
            self._row(total + self._number(limit.hi), limit.hi)

    def _contest(self, contest, needed):
        """`needed` is the number of the option that the contest goes with, or None."""
        first, self.slots = self.slots, self.slots + contest.slots
        of_marks = first + contest.value_slots
        of_voters, of_lines = of_marks + len(contest.marks), first + contest.summed
        self.free += range(of_lines + contest.votes_of_lines, self.slots)
        if contest.is_ranking:
            return []
        if contest.grades:
            given = contest.by_option([self._number(1, slot) for slot in range(first, of_marks)])
            marks = self._marks(contest, of_marks)
            for of_option in given:
                self._row([term for number in of_option for term in number] + marks, 1, needed)
            return []
        votes, more = [], []
        for option, most in enumerate(contest.maxima):
            if contest.counts_voters:
                one = self._number(1, first + option, of_voters + option)
                others = self._number(most - 1, first + option)
                votes.append(one + others)
                more.append((one, others, most - 1))
            else:
                votes.append(self._number(most, first + option))
        lines = [self._number(contest.each, of_lines + i) for i in range(contest.lines)]
        total = [term for number in votes + lines for term in number]
        marks = self._marks(contest, of_marks)
        for one, others, most in more:
            if most > 0:
                self._goes_with(others, 0, most, most, one)
        self._total(contest, total, marks, needed)
        for limit in contest.limits:
            lo, hi = limit.lo, limit.hi
            spent = [term for option, cost in limit.costs.items() for term in times(cost, votes[option])]
            if limit.option_needed is not None:
                self._goes_with(spent, lo, hi, limit.most, votes[limit.option_needed])
            elif lo > 0 or hi < limit.most:
                self._row(spent + times(lo, marks) + times(-1, self._number(hi - lo)), lo, needed)
        return votes

    def _marks(self, contest, first):
        """The sum of all marks."""
        return [term for i in range(len(contest.marks)) for term in self._number(1, first + i)]

    def _total(self, contest, total, marks, needed):
        lo, hi, most = contest.lo, contest.hi, contest.most
        if marks and lo == hi:
            self._row(total + times(lo, marks), lo, needed)
        elif marks:
            self._row(total + times(hi, marks) + self._number(hi), hi, needed)
            if lo > 0:
                self._row(total + times(lo, marks) + times(-1, self._number(hi - lo)), lo, needed)
        elif needed:
            self._goes_with(total, lo, hi, most, needed)
        elif lo > 0 or hi < most:
            self._row(total + times(-1, self._number(hi - lo)), lo)

    def _goes_with(self, total, lo, hi, most, needed):
        """In lo..=hi with the option, 0 without it. `most` is the largest sum."""
        bits = len(total)
        if lo == hi:
            self._row(total, lo, needed)
        elif hi == most and bits.bit_length() < most.bit_length():
            self._row([(bit, 1) for bit, _ in total] + self._number(bits), bits, needed)
        else:
            self._row(total + self._number(hi), hi, needed)
        if 0 < lo < hi:
            self._row(total + times(-1, self._number(hi - lo)), lo, needed)

    def _row(self, terms, target, needed=None):
        """The sum is `target`, or `target` times the number `needed`."""
        if needed is not None:
            terms, target = terms + times(-target, needed), 0
        self.rows.append((sorted(term for term in terms if term[1] != 0), target))

    def _number(self, most, *slots):
        """A new number of 0..=most, which counts into these slots."""
        first = len(self.bits)
        self.bits += [[(slot, weight) for slot in slots] for weight in weights(most)]
        return [(first + i, weight) for i, weight in enumerate(weights(most))]

    def values(self, bits):
        """What these bits give each slot."""
        values = [0] * self.slots
        for bit, slots in zip(bits, self.bits, strict=True):
            for slot, weight in slots:
                values[slot] += bit * weight
        return values

    def hold(self, bits):
        """Whether these bits satisfy all rows."""
        return all(sum(bits[j] * factor for j, factor in terms) == target for terms, target in self.rows)

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


def keeps_rule(contest, votes, marks, voters, lines, needed=1):
    """Whether plain numbers, none above its own maximum, keep the rule of a contest with sums. `votes` are those of options, or
    0 or 1 for each of their grades; `lines` the votes of the lines, `needed` those of the option that the contest goes with."""
    total, marked = sum(votes) + sum(lines), sum(marks)
    if contest.grades:
        return all(sum(given) == needed - marked for given in contest.by_option(votes))
    if contest.counts_voters and voters != [min(v, 1) for v in votes]:
        return False
    if marked or not needed:
        return total == 0 and marked <= needed
    return contest.lo <= total <= contest.hi and all(
        limit.lo <= limit.spent(votes) <= limit.hi
        if limit.option_needed is None or votes[limit.option_needed]
        else limit.spent(votes) == 0
        for limit in contest.limits
    )
