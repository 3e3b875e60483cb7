"""What an election is (docs/spec/manifest.md)."""

import re
from collections import namedtuple
from functools import lru_cache
from hashlib import sha3_256
from math import gcd

from checkpoints import has_large_order, is_name
from codec import DecodeError, Reader
from counting import (
    BORDA,
    DROOP,
    HARE,
    HARES_QUOTA,
    INSTANT_RUNOFF,
    LISTS_METHOD,
    LOT,
    MAJORITY_JUDGMENT,
    MAX_PLACES,
    OPEN,
    PLURALITY,
    SCHULZE,
    STAR_METHOD,
    normalise,
)
from folded import broken_folding
from kinds import (
    CHOICE,
    GRADES,
    LIMB,
    LISTS,
    MOST_IN_A_SLOT,
    PAIRS,
    PLACES,
    QUADRATIC,
    RANKING,
    RANKING_WITH_TIES,
    SPLIT,
    STAR,
    Form,
    broken_rule,
    limbs,
    most_of_slots,
    pairs_of,
)
from linear import author_possesses
from messages import slots_for
from rules import Rules
from text import MAX_LANGUAGES, MAX_NAME, first_of, in_language, is_text, texts, unseen

MAX_TITLE, MAX_QUESTION, MAX_DETAIL, MAX_LINE = 1000, 10000, 200, 200  # bytes
MOST = (1 << 63) - 1  # of all votes that one ballot can hold, and of what they cost


class ManifestError(Exception):
    """A manifest with a mistake."""


# How the elected of a contest follow; `places` is None except for STV, `divisor` and `others` (whether seats for which a list
# has no names go to other lists) except for lists. `caps` are pairs of a group and how many are elected; `needs` is a majority
# or None, `threshold` a fraction or None, `joined` are lists of ids.
Counting = namedtuple("Counting", "method places divisor others seats tie_break caps needs threshold joined")
# More than a fraction of a base.
Majority = namedtuple("Majority", "more_than base")
Fraction = namedtuple("Fraction", "numerator denominator")
# When a question passes; `quorum` is a fraction or None.
Pass = namedtuple("Pass", "yes majority quorum")


BASES = BY_RULE, OF_VOTES, OF_VALID_BALLOTS, OF_BALLOTS = range(4)  # of percentages and majorities


class Limit:
    """`of`, `written` (costs, least and most) and `goes_with` are as in the manifest. When the manifest is checked, the
    rest follows: `costs` by option, in a style by contest and option; what divides all of them is divided out of them, of
    `lo`, `hi` and `most`, the largest sum; `option_needed` is an option, or behind the options a list, or None."""

    def __init__(self, r):
        self.of, costs = r.list(lambda: r.text(MAX_NAME + 65), 65535, 4), r.list(r.u32, 65535, 4)
        self.written, self.goes_with = (costs, r.u64(), r.u64()), r.text(MAX_NAME) if r.flag() else None
        self.costs, self.option_needed = {}, None

    def resolve(self, options_of, maximum_of):
        """`options_of` gives the options that an entry names; `maximum_of` the maximum of an option."""
        costs, lo, hi = self.written
        require(len(costs) in (0, len(self.of)) and 0 not in costs, "a cost of at least 1 for each entry, or none")
        for entry, cost in zip(self.of, costs or [1] * len(self.of)):
            options = options_of(entry)
            require(options, "an option, or a group that has some, in each entry of a limit")
            for option in options:
                require(option not in self.costs, "each option once in a limit")
                self.costs[option] = cost
        require(self.costs, "an entry in a limit")
        most = self.spent({option: maximum_of(option) for option in self.costs})
        require(most <= MOST, "costs of all votes below 2^63")
        require(1 <= hi <= most and lo <= hi, "least and most of a limit")
        require(lo > 0 or hi < most or self.goes_with is not None, "a limit that limits")
        common = gcd(*self.costs.values())
        self.costs = {option: cost // common for option, cost in self.costs.items()}
        self.lo, self.hi, self.most = -(-lo // common), hi // common, most // common
        require(self.lo <= self.hi, "a sum between least and most of a limit")

    def spent(self, votes):
        return sum(cost * votes[option] for option, cost in self.costs.items())


class Contest:
    """`options` are ids, `names` and `details` texts, which are lists of one string for all languages or one for each, and
    `maxima` maxima; `written_maxima` has 0 where an option has none of its own. What `Form` says is said by a contest, too."""

    def __init__(self, r):
        self.id, self.titles, self.questions = r.text(64), texts(r, MAX_TITLE), texts(r, MAX_QUESTION)
        self.title = first_of(self.titles)
        self.groups = r.list(lambda: (r.text(64), texts(r, MAX_NAME)), 255, 8)

        def option():
            names = r.text(MAX_NAME), texts(r, MAX_NAME), texts(r, MAX_DETAIL)
            return *names, r.u64(), r.list(lambda: r.text(64), 255, 4)

        options = r.list(option, 1000, 24)
        self.options, self.names, self.details, self.written_maxima, self.groups_of = (
            [option[i] for option in options] for i in range(5)
        )
        self.lo, self.hi, self.each = r.u64(), r.u64(), r.u64()
        marks = r.list(lambda: (r.text(64), texts(r, MAX_NAME), r.flag()), 16, 9)
        self.marks = [(id, valid) for id, _, valid in marks]  # and whether the ballot is valid
        self.names_of_marks = [names for _, names, _ in marks]
        self.limits = r.list(lambda: Limit(r), 255)
        self.goes_with = r.text(MAX_NAME + 65) if r.flag() else None
        self.option_needed = None  # contest and option, when the manifest is checked
        self.counts_voters, self.base = r.flag(), r.u8(OF_BALLOTS)
        self.whole = r.flag()  # one sum for the whole election instead of one for each district
        self.display = r.u8(2)
        self.folded = r.flag()  # amounts are proven by the proof of wide values
        form = Form(r)
        vars(self).update(vars(form))
        self.decided = form.rule(len(self.options), self.each)
        self.lines, self.length = r.u16(), r.u16()
        self.passes = read_pass(r)
        self.if_both = r.list(lambda: r.text(64), 2, 4)  # two questions that cannot both take effect
        self.count = read_counting(r)
        self.is_choice, self.is_ranking = self.form == CHOICE, self.form in (RANKING, RANKING_WITH_TIES)
        # Which others can go with, and joint limits be about.
        self.has_votes = self.form in (CHOICE, LISTS) and not self.folded
        self.maxima = [most or self.each for most in self.written_maxima]
        self.most = sum(self.maxima) + self.each * self.lines
        self.most_of_one = max([*self.maxima, self.each] if self.lines else self.maxima, default=0)
        self.candidates = len(self.options) + self.lines
        self._set_slots()
        # Of lines, too, whose votes are in mixed slots.
        self.most_of_a_slot = max([*most_of_slots(self), self.each if self.lines else 1])

    def _set_slots(self):
        """Summed slots: those before the marks, the marks, and those behind them. Then mixed slots: the votes of each line, and
        the message."""
        options, lists = len(self.options), len(self.groups) if self.form == LISTS else 0
        self.pairs = pairs_of(options, self.form == STAR or self.ties) if self.form in (PAIRS, STAR) else []
        # How many slots each option's votes or points take.
        of_votes = [limbs(most) for most in self.maxima] if self.form in (CHOICE, SPLIT) else [1] * options
        self.limbs = [] if self.is_ranking or self.form in (GRADES, PAIRS) else of_votes
        more = {
            GRADES: options * len(self.grades),
            LISTS: lists,
            PAIRS: len(self.pairs),
            QUADRATIC: options * self.against,
        }
        behind = {CHOICE: options * self.counts_voters, LISTS: lists + self.none, STAR: len(self.pairs)}
        self.value_slots = sum(self.limbs) + more.get(self.form, 0)
        self.summed = self.value_slots + len(self.marks) + behind.get(self.form, 0)
        self.votes_of_lines = 0 if self.is_ranking else self.lines
        self.message_bytes = (self.candidates if self.is_ranking else 0) + self.lines * (1 + self.length)
        self.mixed = self.votes_of_lines + slots_for(self.message_bytes)
        self.slots = self.summed + self.mixed

    @property
    def held(self):
        """What one ballot holds: votes, points, or a grade for each option; by pairs and of quadratic votes it is one thing, and
        of a weight that is split it is the weight."""
        if self.form in (PAIRS, QUADRATIC, SPLIT):
            return 1
        if self.form == PLACES:
            return sum(self.points)
        return len(self.options) if self.grades else self.hi

    def parts(self, summed):
        """What the summed slots hold: the values of those before the marks, limbs taken together; marks; and what is behind them,
        such as voters by option if they are counted."""
        values, at = [], 0
        for size in self.limbs:
            values.append(sum(part << (LIMB * k) for k, part in enumerate(summed[at : at + size])))
            at += size
        end = self.value_slots + len(self.marks)
        return values + summed[at : self.value_slots], summed[self.value_slots : end], summed[end:]

    def votes_in(self, summed):
        """The votes or points of each option, or None if there are none of such, or too many for 64 bits, also in all."""
        votes = self.parts(summed)[0][: len(self.limbs)]
        return votes if votes and sum(votes) < 1 << 64 else None

    def given_in(self, summed):
        """The sum of all votes, points or grades, in lists with the lines that count for lists."""
        values, _, _ = self.parts(summed)
        return sum(values)

    def others_in(self, summed):
        """What the slots hold that are neither votes, grades, marks nor voters."""
        values, _, behind = self.parts(summed)
        return values[len(self.limbs) :] + behind

    def by_option(self, values):
        """For each option how often it got each grade."""
        size = len(self.grades)
        return [values[at : at + size] for at in range(0, len(self.options) * size, size)]

    def keys(self):
        """What each option is called, normalised: its id and its name in each language."""
        return [{normalise(name) for name in [id, *names]} for id, names in zip(self.options, self.names)]

    def option_of(self):
        """The option that each key is of; the first of several."""
        found = {}
        for option, keys in enumerate(self.keys()):
            for key in keys:
                found.setdefault(key, option)
        return found

    def shown(self):
        """Each option as it is shown in the first language: its name, and a detail in brackets."""
        pairs = zip(map(first_of, self.names), map(first_of, self.details))
        return [f"{name} ({detail})" if detail else name for name, detail in pairs]

    def members(self, group):
        return [option for option, groups in enumerate(self.groups_of) if group in groups]

    def options_of(self, entry):
        """The options that an entry of a limit names."""
        if entry in self.options:
            return [self.options.index(entry)]
        require(entry in [id for id, _ in self.groups], "the id of an option or of a group")
        return self.members(entry)

    def single(self, name):
        """The option of maximum 1 with this id."""
        require(name in self.options, "the id of an option")
        option = self.options.index(name)
        require(self.maxima[option] == 1, "an option of maximum 1")
        return option

    def gate(self, name):
        """What a limit goes with: an option of maximum 1, or behind the options a list."""
        groups = [id for id, _ in self.groups]
        if self.form == LISTS and name not in self.options and name in groups:
            return len(self.options) + groups.index(name)
        return self.single(name)


class Style:
    def __init__(self, id, district, contests, limits):
        self.id, self.district, self.contests, self.limits = id, district, contests, limits


class Log:
    """The signers of checkpoints: `witnesses` are pairs of name and key."""

    def __init__(self, r):
        self.key = r.bytes(32)
        self.witnesses = r.list(lambda: (r.text(MAX_NAME), r.bytes(32)), 32, 36)
        self.quorum = r.u16()


class Group:
    """Trustees of whom a threshold opens, together with that of each other group. `trustees` are pairs of name and key. The name
    is empty if the manifest has no groups; `close_quorum` is 0 if it is not fixed."""

    def __init__(self, r):
        self.name, self.threshold, self.close_quorum, self.rehearsals = r.text(MAX_NAME), r.u16(), r.u16(), r.u16()
        self.trustees = r.list(lambda: (r.text(MAX_NAME), read_key(r)), 255, 100)


class Manifest:
    def __init__(self, data):
        self.hash = sha3_256(b"tabella/v1 manifest" + data).digest()
        r = Reader(data)
        r.u8(1) or r.fail("version 1 expected", 1)
        self.id, self.languages = r.text(64), r.list(lambda: r.text(64), MAX_LANGUAGES, 4)
        self.titles = texts(r, MAX_TITLE)
        self.title = first_of(self.titles)
        self.operator = read_key(r)
        self.groups = r.list(lambda: Group(r), 255, 14)
        self.trustees = [trustee for group in self.groups for trustee in group.trustees]
        self.minimum_cell, self.ballots_per_voter = r.u32(), r.u32()
        self.proxies = r.u16()  # for how many voters one can cast; 0 if nobody casts for another
        self.weight_classes = r.flag()  # whether small classes of voters are an error
        self.districts = r.list(lambda: (r.text(64), texts(r, MAX_NAME)), 4096)
        self.stations = r.list(lambda: (r.text(64), texts(r, MAX_NAME), r.u32(len(self.districts) - 1)), 65535)
        self.contests = r.list(lambda: Contest(r), 4096)
        self.styles = r.list(lambda: self._style(r), 4096)
        self.log = Log(r) if r.flag() else None
        r.finish()
        require(len(data) <= 4 << 20, "at most 4 MiB")
        self._check()
        self.first_slots, self.slots = self._assign()
        require(self.slots <= 4096, "at most 4,096 slot keys")

    def _style(self, r):
        id, district = r.text(64), r.u32(len(self.districts) - 1)
        contests = r.list(lambda: r.u32(len(self.contests) - 1), 4096)
        return Style(id, district, contests, r.list(lambda: Limit(r), 255))

    def _check(self):
        different(self.languages, "languages")
        require(all(re.fullmatch("[a-z0-9-]{1,35}", language) for language in self.languages), "tags of languages")
        self.check_texts(self.titles, MAX_TITLE)
        check_id(self.id)
        require(1 <= len(self.trustees) <= 255, "1 to 255 trustees")
        for name, _ in self.trustees:
            check_text(name, MAX_NAME)
        distinct([name for name, _ in self.trustees], "names of trustees")
        keys = [self.operator] + [key for _, key in self.trustees]
        different([key[:32] for key in keys], "keys")
        for group in self.groups:
            n, t = len(group.trustees), group.threshold
            require(1 <= t <= n, "threshold")
            require(group.close_quorum == 0 or t <= group.close_quorum <= n, "close quorum")
            require(group.rehearsals <= n, "rehearsals")
            if group.name or len(self.groups) > 1:
                check_text(group.name, MAX_NAME)
        distinct([group.name for group in self.groups], "names of groups of trustees")
        require(self.minimum_cell >= 1, "minimum cell")
        require(1 <= self.ballots_per_voter <= 65535, "ballots per voter")
        for what, items in (("districts", self.districts), ("stations", self.stations)):
            for item in items:
                check_id(item[0])
                self.check_texts(item[1], MAX_NAME)
            different([item[0] for item in items], "ids of " + what)
        self.distinct([names for _, names in self.districts], "names of districts")
        for language in range(len(self.languages) or 1):
            of_stations = [(district, normalise(in_language(names, language))) for _, names, district in self.stations]
            different(of_stations, "names of stations in a district")
        for items in (self.contests, self.styles):
            for item in items:
                check_id(item.id)
            different([item.id for item in items], "ids")
        for items in (self.districts, self.contests, self.styles):
            require(1 <= len(items) <= 4096, "1 to 4,096 districts, contests and styles")
        for contest in self.contests:
            require(1 <= len(contest.options) <= 1000, "1 to 1,000 options")
            self._check_texts_of(contest)
            check_rule(contest)
            check_limits(contest)
        asked = [contest.id for contest in self.contests if contest.passes]
        for contest in self.contests:
            check_if_both(contest, asked)
        different([id for contest in self.contests for id in contest.if_both], "questions of which one takes effect")
        for c, contest in enumerate(self.contests):
            if contest.goes_with is not None:
                contest.option_needed = self._option_needed(c, contest)
        terms = []
        for style in self.styles:
            require(style.contests != [], "a contest on each style")
            self.distinct([self.contests[c].titles for c in style.contests], "titles on a style")
            require(all(a < b for a, b in zip(style.contests, style.contests[1:])), "contests of a style ascend")
            slots = sum(self.contests[c].slots for c in style.contests)
            require(slots <= 1000, "at most 1,000 slots on a style")
            self._check_limits(style)
            terms.append(self._terms(style))
            require(terms[-1] <= 65536, "at most 65,536 terms in the limits of a style")
        require(sum(terms) <= 1 << 24, "at most 2^24 terms in the limits of all styles")
        self.rules = [Rules(self, style) for style in range(len(self.styles))]
        for rules in self.rules:
            length = 128 + 32 * (1 + rules.slots) + 32 * (len(rules.bits) + 6) + rules.wide.size
            require(length <= 65535, "ballots that fit an entry")
        if self.log:
            names, keys = [name for name, _ in self.log.witnesses], [key for _, key in self.log.witnesses]
            require(all(map(is_witness, names)), "names of witnesses")
            distinct(names, "names of witnesses")
            different([self.log.key, *keys], "keys of log and witnesses")
            require(all(map(has_large_order, [self.log.key, *keys])), "Ed25519 keys")
            require(self.log.quorum <= len(names), "quorum of the log")
        require({s.district for s in self.styles} == set(range(len(self.districts))), "a style in each district")
        on_styles = {c for s in self.styles for c in s.contests}
        require(on_styles == set(range(len(self.contests))), "each contest on a style")

    def check_texts(self, strings, most, may_lack=False):
        """Checks a text in each language."""
        require(may_lack or strings, "a text")
        require(len(strings) in (0, 1, len(self.languages)), "one text, or one for each language")
        for string in strings:
            check_text(string, most)

    def distinct(self, names, what, details=None):
        """Checks that nobody can confuse these texts, with what is shown beside them, in any language."""
        for language in range(len(self.languages) or 1):
            beside = [in_language(strings, language) for strings in details or [[]] * len(names)]
            pairs = zip((in_language(strings, language) for strings in names), beside)
            distinct([f"{name} ({detail})" if detail else name for name, detail in pairs], f"{what} in each language")

    def _check_texts_of(self, contest):
        self.check_texts(contest.titles, MAX_TITLE)
        self.check_texts(contest.questions, MAX_QUESTION, may_lack=True)
        for id, names, details in zip(contest.options, contest.names, contest.details):
            check_text(id, MAX_NAME)
            self.check_texts(names, MAX_NAME)
            self.check_texts(details, MAX_DETAIL, may_lack=True)
        distinct(contest.options, "ids of options")
        no_details = [[]] * len(contest.marks)
        self.distinct(contest.names + contest.names_of_marks, "options and marks", contest.details + no_details)
        names = [{normalise(name) for name in names} for names in contest.names]
        for id, own in zip(map(normalise, contest.options), names):
            require(contest.lines or id in own or not any(id in other for other in names), "an id that is no other's name")
        if contest.lines:
            different([key for keys in contest.keys() for key in keys], "names of options where names are written in")
        for strings in [names for _, names in contest.groups] + contest.texts_of_grades + contest.names_of_marks:
            self.check_texts(strings, MAX_NAME)
        self.distinct([names for _, names in contest.groups], "names of groups")
        self.distinct(contest.texts_of_grades, "grades")

    def _named(self, text):
        """The contest whose options have votes, and what follows its id and a colon."""
        id, colon, name = text.partition(":")
        found = [c for c, contest in enumerate(self.contests) if contest.id == id and contest.has_votes]
        require(colon and found, "the id of a contest with votes, a colon and a name")
        return found[0], name

    def _option_needed(self, c, contest):
        """The option that a contest goes with."""
        other, name = self._named(contest.goes_with)
        on_styles = all(other in style.contests for style in self.styles if c in style.contests)
        require(other < c and on_styles, "a contest before this one and on the same styles")
        return other, self.contests[other].single(name)

    def _check_limits(self, style):
        def options_of(entry):
            c, name = self._named(entry)
            summed = c in style.contests and self.contests[c].lines == 0
            require(summed, "contests of the style without lines in its limits")
            return [(c, option) for option in self.contests[c].options_of(name)]

        for limit in style.limits:
            _, lo, _ = limit.written
            require(lo == 0 and limit.goes_with is None, "limits of a style that have only a most")
            limit.resolve(options_of, lambda place: self.contests[place[0]].maxima[place[1]])

    def _terms(self, style):
        """A term for each bit of the maximum of each option, each time that a limit names it."""
        held = [self.contests[c] for c in style.contests]
        of_contests = (c.maxima[option].bit_length() for c in held for limit in c.limits for option in limit.costs)
        joint = (self.contests[c].maxima[option].bit_length() for limit in style.limits for c, option in limit.costs)
        return sum(of_contests) + sum(joint)

    def _assign(self):
        """The first slot of each contest, and the number of slots."""
        taken = [set() for _ in self.styles]
        first_slots, end = [], 0
        for c, contest in enumerate(self.contests):
            styles = [s for s, style in enumerate(self.styles) if c in style.contests]
            met = set().union(*(taken[s] for s in styles))
            first = 0
            for slot in sorted(met):
                if slot - first >= contest.slots:
                    break
                first = slot + 1
            slots = range(first, first + contest.slots)
            for s in styles:
                taken[s].update(slots)
            first_slots.append(first)
            end = max(end, slots.stop)
        return first_slots, end

    def slots_of(self, contest):
        first = self.first_slots[contest]
        return range(first, first + self.contests[contest].slots)

    def mixed_slots_of(self, contest):
        return self.slots_of(contest)[self.contests[contest].summed :]

    def slots_of_style(self, style):
        """The slots of a style's contests, concatenated: the slots of its ballots."""
        return [slot for contest in self.styles[style].contests for slot in self.slots_of(contest)]


def read_counting(r):
    method = r.u8(LISTS_METHOD)
    if not method:
        return None
    places = r.u8() if method in (DROOP, HARE) else None
    divisor, others = (r.u8(HARES_QUOTA), r.flag()) if method == LISTS_METHOD else (None, None)
    seats, tie_break, caps = r.u16(), r.u8(OPEN), r.list(lambda: (r.text(64), r.u16()), 255, 6)
    needs = read_majority(r) if r.flag() else None
    threshold, joined = read_fraction(r, optional=True), r.list(lambda: r.list(lambda: r.text(64), 255, 4), 255, 4)
    return Counting(method, places, divisor, others, seats, tie_break, caps, needs, threshold, joined)


def read_pass(r):
    return Pass(r.text(MAX_NAME), read_majority(r), read_fraction(r, optional=True)) if r.flag() else None


def read_majority(r):
    majority = Majority(read_fraction(r), r.u8(OF_BALLOTS))
    require(majority.base != BY_RULE, "a base of a majority")
    return majority


def read_fraction(r, optional=False):
    """A fraction of at most 1; if it is optional, None for 0/0."""
    fraction = Fraction(r.u64(), r.u64())
    if optional and fraction == (0, 0):
        return None
    require(1 <= fraction.denominator >= fraction.numerator, "a fraction of at most 1")
    return fraction


def read_key(reader):
    """The 96 bytes of a registered key."""
    start = reader.at
    reader.elements(2), reader.scalar()
    return reader.data[start : reader.at]


@lru_cache(maxsize=256)
def read_manifest(data):
    """The manifest with these bytes, whose authors proved possession of their keys; or the reason why there is
    none."""
    try:
        manifest = Manifest(data)
    except (DecodeError, ManifestError) as error:
        raise ManifestError(str(error)) from None
    for key in [manifest.operator] + [key for _, key in manifest.trustees]:
        require(author_possesses(key), "[KEY.POSSESSION] for each key")
    return manifest


def require(condition, what):
    if not condition:
        raise ManifestError(f"{what} expected")


def different(items, what):
    require(len(set(items)) == len(items), f"different {what}")


def distinct(texts, what):
    """Checks that nobody can confuse these texts."""
    different([normalise(text) for text in texts], what)


def check_id(text):
    require(re.fullmatch("[a-z0-9_.-]{1,64}", text), "an id of 1 to 64 characters of a-z 0-9 - _ .")


def is_witness(name):
    return is_name(name) and not unseen(name)


def check_text(text, most):
    require(is_text(text, most), f"1 to {most} bytes of visible text without white space at its ends")


def check_rule(contest):
    """Checks the rule of a contest and how it is counted."""
    by_limbs = contest.form == SPLIT or (contest.is_choice and contest.lines == 0)
    most_of_one = 1 if contest.is_ranking else MOST if by_limbs else MOST_IN_A_SLOT
    require(1 <= contest.each <= most_of_one, "each")
    require(all(0 <= most <= most_of_one for most in contest.written_maxima), "maxima of options")
    require(contest.most <= MOST, "votes of a ballot below 2^63")
    require(contest.lo <= contest.hi, "least votes")
    if contest.form == LISTS:
        require(contest.lo <= contest.most, "least votes for names")
    else:
        require(1 <= contest.hi <= contest.most, "most votes")
    require(contest.lines <= 16, "at most 16 lines")
    require(1 <= contest.length <= MAX_LINE if contest.lines else contest.length == 0, "bytes of a line")
    if contest.is_ranking:
        of_choices = contest.marks, contest.limits, any(contest.written_maxima), contest.counts_voters, contest.base
        require(not any(of_choices) and contest.goes_with is None, "no rule of a choice in a ranking")
    if contest.form == GRADES:
        require(2 <= len(contest.grades), "2 to 16 grades")
        require(contest.lo == contest.hi == contest.each == 1, "1 as least and most")
        of_choices = contest.lines, contest.limits, any(contest.written_maxima), contest.counts_voters, contest.base
        require(not any(of_choices), "no rule of a choice in a contest by grades")
    fault = broken_rule(contest) or broken_folding(contest)
    require(fault is None, fault)
    require(not contest.counts_voters or max(contest.maxima) > 1, "more than one vote if voters are counted")
    require(contest.mixed <= 64, "at most 64 slots that are mixed")
    require(contest.count is not None or contest.mixed == 0, "a count if slots are mixed")
    if contest.passes:
        asks = contest.form in (CHOICE, SPLIT) and contest.lines == 0
        require(asks, "a question only in a choice without lines, or where the weight is split")
        require(contest.passes.yes in contest.options, "the option that says yes")
    if contest.count:
        check_count(contest, contest.count)


def check_if_both(contest, asked):
    """Of two questions of those `asked` the options of this contest, if any, say which takes effect if both pass."""
    if contest.if_both:
        require(contest.is_choice and len(contest.options) == 2 and contest.lines == 0, "two options for two questions")
        require(contest.passes is None, "no question itself")
        require(len(set(contest.if_both)) == 2 and set(contest.if_both) <= set(asked), "two other questions")


METHODS = {
    CHOICE: [PLURALITY],
    RANKING: [INSTANT_RUNOFF, DROOP, HARE, SCHULZE, BORDA],
    RANKING_WITH_TIES: [SCHULZE, BORDA],
    GRADES: [MAJORITY_JUDGMENT],
    LISTS: [LISTS_METHOD],
    PLACES: [PLURALITY],
    PAIRS: [SCHULZE, BORDA],
    STAR: [STAR_METHOD, SCHULZE],
    QUADRATIC: [PLURALITY],
    SPLIT: [PLURALITY],
}


def check_count(contest, count):
    require(contest.candidates <= 255, "at most 255 options and lines")
    require(count.method in METHODS[contest.form], "a method for this form")
    of_rounds = count.method in (INSTANT_RUNOFF, DROOP, HARE)
    require(count.tie_break != OPEN or not of_rounds, "no open seats where candidates are eliminated")
    require(count.tie_break != LOT or contest.lines == 0, "no lots with write-ins")
    require(count.method != BORDA or contest.lines == 0, "no write-ins by Borda")
    most = 1 if count.method == INSTANT_RUNOFF else len(contest.options)
    require(1 <= count.seats <= most, "seats")
    require(count.places is None or 1 <= count.places <= MAX_PLACES, f"1 to {MAX_PLACES} decimal places")
    by_votes = count.method == PLURALITY and contest.lines == 0
    require(count.needs is None or by_votes, "a majority only where totals elect by plurality")
    check_caps(contest, count)
    of_lists = count.threshold is not None or count.joined
    require(count.method == LISTS_METHOD or not of_lists, "a threshold and joined lists only where lists are counted")
    require(all(len(ids) >= 2 for ids in count.joined), "two lists that are joined")
    joined = [id for ids in count.joined for id in ids]
    different(joined, "lists that are joined")
    require(set(joined) <= {id for id, _ in contest.groups}, "lists that exist")


def check_caps(contest, count):
    """Checks the most that are elected of each group."""
    if not count.caps:
        return
    require(count.method == PLURALITY and contest.lines == 0, "caps only where totals elect by plurality")
    groups, capped = [group for group, _ in count.caps], []
    different(groups, "groups with a cap")
    require(set(groups) <= {id for id, _ in contest.groups}, "groups that exist")
    for group, elected in count.caps:
        members = contest.members(group)
        require(0 <= elected < len(members), "a cap below the number of options in its group")
        capped += members
    different(capped, "options in groups with a cap")
    free = len(contest.options) - len(capped)
    require(count.seats <= free + sum(elected for _, elected in count.caps), "seats that caps allow to fill")


def check_limits(contest):
    """Checks groups, marks and limits of a contest."""
    options = {normalise(option) for option in contest.options}
    for id, _ in contest.groups:
        check_id(id)
        require(normalise(id) not in options, "ids of groups that are no ids of options")
    for id, _ in contest.marks:
        check_id(id)
    ids = [id for id, _ in contest.groups]
    different(ids, "ids of groups")
    different([id for id, _ in contest.marks], "ids of marks")
    for groups in contest.groups_of:
        different(groups, "groups of an option")
        require(set(groups) <= set(ids), "groups that exist")
    for limit in contest.limits:
        limit.resolve(contest.options_of, contest.maxima.__getitem__)
        if limit.goes_with is not None:
            limit.option_needed = contest.gate(limit.goes_with)
            require(limit.option_needed not in limit.costs, "a limit of other options than it goes with")
    left = contest.limits
    while left:
        # Those that no other goes on with, and then those that went on only with them, and so on.
        needed = {limit.option_needed for limit in left}
        ends = [limit for limit in left if not needed & limit.costs.keys()]
        require(ends, "no circle of limits")
        left = [limit for limit in left if limit not in ends]
