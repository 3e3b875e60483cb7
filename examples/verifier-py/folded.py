"""Folded contests: what the wide proof of a ballot says about their amounts (docs/spec/ballot.md, Folded contests)."""

from kinds import LIMB, MOST_IN_A_SLOT, limbs
from wide import Relation, size_of_proof


class Folded:
    """The folded contests of a ballot style. `places` are the slots of their limbs, which are the first values; `values` is the
    number of all, slack included. `rows` are pairs of a target and of terms, which are pairs of a value's number and a
    coefficient."""

    def __init__(self, contests):
        """`contests` are pairs of a contest and its first slot in the ballot."""
        self.places = [first + limb for contest, first in contests for limb in range(contest.value_slots)]
        self.values, self.rows = len(self.places), []
        limb = 0
        for contest, _ in contests:
            amounts = []
            for size in contest.limbs:
                amounts.append(amount(range(limb, limb := limb + size)))
            self._contest(contest, amounts)

    @property
    def slack(self):
        return self.values - len(self.places)

    @property
    def size(self):
        """Bytes of the proof."""
        return size_of_proof(self.values) if self.places else 0

    def relation(self, keys):
        """`keys` are those of all slots of the ballot. None without folded contests."""
        return Relation(self.slack, self.rows, self.places, keys) if self.places else None

    def _contest(self, contest, amounts):
        total = contest.lo > 0 or contest.hi < contest.most
        for terms, most in zip(amounts, contest.maxima):
            if most != (1 << LIMB * len(terms)) - 1 and not (total and contest.hi <= most):
                self._between(terms, 0, most)
        if total:
            self._between([term for terms in amounts for term in terms], contest.lo, contest.hi)
        for limit in contest.limits:
            if limit.lo > 0 or limit.hi < limit.most:
                spent = [(value, cost * c) for option, cost in limit.costs.items() for value, c in amounts[option]]
                self._between(spent, limit.lo, limit.hi)

    def _between(self, terms, lo, hi):
        """The sum is in lo..=hi."""
        if lo == hi:
            return self._row(terms, hi)
        left = self._slack(hi)
        self._row(terms + left, hi)
        if lo > 0:
            self._row(left + self._slack(hi - lo), hi - lo)

    def _row(self, terms, target):
        self.rows.append((target, sorted(terms)))

    def _slack(self, most):
        """New values that can make up each number of 0..=most."""
        first, self.values = self.values, self.values + limbs(most)
        return amount(range(first, self.values))


def amount(values):
    """The sum of an amount's limbs, the lowest first."""
    return [(value, 1 << LIMB * k) for k, value in enumerate(values)]


def broken_folding(contest):
    """Why a contest cannot be folded, or None."""
    if not contest.folded:
        return None
    if not contest.is_choice or max(contest.maxima) <= MOST_IN_A_SLOT:
        return "a choice with an option whose maximum is above 65,535, if it is folded,"
    needs = [of.goes_with for of in (contest, *contest.limits) if of.goes_with is not None]
    if contest.marks or contest.counts_voters or contest.lines or needs:
        return "no marks, voters, lines, and nothing that goes with an option, in a folded contest"
    return None
