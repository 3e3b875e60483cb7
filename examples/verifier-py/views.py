"""The views of a board, byte for byte (docs/spec/board.md, Views; docs/spec/manifest.md, JSON)."""

import json
from io import BytesIO

import bech32m
from counting import (
    BACKWARDS,
    BORDA,
    DHONDT,
    DROOP,
    HARE,
    HARES_QUOTA,
    INSTANT_RUNOFF,
    LISTS_METHOD,
    LOT,
    MAJORITY_JUDGMENT,
    OPEN,
    ORDER,
    PLURALITY,
    SAINTE_LAGUE,
    SCHULZE,
    STAR_METHOD,
    decimal,
)
from kinds import (
    CHOICE,
    GRADES,
    LISTS,
    PAIRS,
    PLACES,
    QUADRATIC,
    RANKING,
    RANKING_WITH_TIES,
    SPLIT,
    STAR,
    what_slots_count,
)
from manifest import OF_BALLOTS, OF_VALID_BALLOTS, OF_VOTES
from totals import ByVotes, Lists, MajorityJudgment, Star
from written import MOST_HELD

METHODS = {
    PLURALITY: "plurality",
    INSTANT_RUNOFF: "instant-runoff",
    DROOP: "stv",
    HARE: "stv",
    SCHULZE: "schulze",
    BORDA: "borda",
    MAJORITY_JUDGMENT: "majority-judgment",
    STAR_METHOD: "star",
    LISTS_METHOD: "lists",
}
DIVISORS = {DHONDT: "dhondt", SAINTE_LAGUE: "sainte-lague", HARES_QUOTA: "hare"}
TIE_BREAKS = {ORDER: "order", BACKWARDS: "backwards", LOT: "lot", OPEN: "open"}
QUOTAS = {DROOP: "droop", HARE: "hare"}
BASES = {OF_VOTES: "votes", OF_VALID_BALLOTS: "valid", OF_BALLOTS: "ballots"}

ENCODER = json.JSONEncoder(ensure_ascii=False, indent=2)


def pieces_of(state, name):
    """The bytes of the view with this file name, piece by piece; None if the board has nothing of the kind."""
    if name == "manifest.json" and state.manifest:
        view = manifest_view(state.manifest)
    elif name == "result.json" and state.result:
        view = result_view(state.manifest, state.tally, state.result)
    else:
        return None
    return (piece.encode() for pieces in (ENCODER.iterencode(view), ["\n"]) for piece in pieces)


def views_of(state):
    """The bytes of each view that the board has, by file name."""
    all_pieces = {name: pieces_of(state, name) for name in ("manifest.json", "result.json")}
    return {name: b"".join(pieces) for name, pieces in all_pieces.items() if pieces}


def first_difference(found, pieces):
    """The first byte at which the view differs, or None. It is read only up to its expected length."""
    with BytesIO(found) if isinstance(found, bytes) else found.open() as file:
        at = 0
        for piece in pieces:
            data = file.read(len(piece))
            if data != piece:
                return at + next((i for i, (a, b) in enumerate(zip(data, piece)) if a != b), len(data))
            at += len(piece)
        return at if file.read(1) else None


def manifest_view(manifest):
    languages = manifest.languages

    def id_and_name(item):
        return {"id": item[0], "name": text_view(item[1], languages)}

    def district(place):
        return {"district": manifest.districts[place][0]}

    view = {
        "version": 1,
        "id": manifest.id,
        "languages": languages,
        "title": text_view(manifest.titles, languages),
        "operator": bech32m.encode("author", manifest.operator),
        **trustees_view(manifest.groups),
        "minimum_cell": manifest.minimum_cell,
        "ballots_per_voter": manifest.ballots_per_voter,
        "proxies": {"most": manifest.proxies},
        "weights": "classes",
        "districts": [id_and_name(item) for item in manifest.districts],
        "stations": [id_and_name(item) | district(item[2]) for item in manifest.stations],
        "contests": [manifest_contest_view(contest, languages) for contest in manifest.contests],
        "styles": [
            {"id": style.id}
            | district(style.district)
            | {"contests": [manifest.contests[c].id for c in style.contests]}
            | ({"limits": list(map(limit_view, style.limits))} if style.limits else {})
            for style in manifest.styles
        ],
    }
    if not languages:
        del view["languages"]
    if manifest.proxies == 0:
        del view["proxies"]
    if not manifest.weight_classes:
        del view["weights"]
    if log := manifest.log:
        view["log"] = {
            "key": bech32m.encode("log", log.key),
            "witnesses": [{"name": name, "key": bech32m.encode("witness", key)} for name, key in log.witnesses],
            "quorum": log.quorum,
        }
    return view


def trustees_view(groups):
    """Without groups, or those that have names."""

    def numbers(group):
        fixed = {"close_quorum": group.close_quorum} if group.close_quorum else {}
        return {"threshold": group.threshold} | fixed | {"rehearsals": group.rehearsals}

    def members(group):
        return [{"name": name, "key": bech32m.encode("author", key)} for name, key in group.trustees]

    if groups[0].name == "":
        return {"trustees": members(groups[0])} | numbers(groups[0])
    return {"trustees": [{"group": of.name} | numbers(of) | {"members": members(of)} for of in groups]}


def text_view(strings, languages):
    """One string, or one for each language."""
    return strings[0] if len(strings) == 1 else dict(zip(languages, strings))


def manifest_contest_view(contest, languages=()):
    def shown(strings):
        return text_view(strings, languages)

    def option(id, names, details, most, groups):
        view = {} if names == [id] else {"id": id}
        view |= {"name": shown(names)} | ({"detail": shown(details)} if details else {})
        view |= ({"max": most} if most else {}) | ({"groups": groups} if groups else {})
        return view if list(view) != ["name"] else id

    def mark(mark, names):
        id, valid = mark
        view = {"id": id} | ({} if names == [id] else {"name": shown(names)}) | ({"valid": True} if valid else {})
        return view if len(view) > 1 else id

    of_options = contest.options, contest.names, contest.details, contest.written_maxima, contest.groups_of
    options = list(map(option, *of_options))
    view = {"id": contest.id, "title": shown(contest.titles)}
    if contest.questions:
        view["question"] = shown(contest.questions)
    if contest.groups:
        view["groups"] = [{"id": id, "name": shown(names)} for id, names in contest.groups]
    view["options"] = options
    name, rule = rule_view(contest, shown)
    view[name] = rule
    if contest.marks:
        view["marks"] = list(map(mark, contest.marks, contest.names_of_marks))
    if contest.limits:
        view["limits"] = list(map(limit_view, contest.limits))
    if contest.goes_with is not None:
        view["with"] = contest.goes_with
    if contest.counts_voters:
        view["voters"] = True
    if contest.base:
        view["base"] = BASES[contest.base]
    view["cell"] = "election" if contest.whole else "district"
    if contest.display:
        view["display"] = ("rotate", "lot")[contest.display - 1]
    if contest.folded:
        view["wide"] = "folded"
    if contest.lines:
        view["write_ins"] = {"places": contest.lines, "length": contest.length}
    if contest.count:
        view["count"] = manifest_count_view(contest.count)
    if contest.passes:
        view["pass"] = {"yes": contest.passes.yes} | majority_view(contest.passes.majority)
        if contest.passes.quorum:
            view["pass"]["quorum"] = fraction_view(contest.passes.quorum)
    if contest.if_both:
        view["if_both"] = contest.if_both
    return view


def rule_view(contest, shown):
    """The name of a contest's rule, and what it says; `shown` is the view of a text."""
    lists = {"lines": contest.hi, "each": contest.each} | ({"least": contest.lo} if contest.lo else {})
    ranking = {"min": contest.lo, "max": contest.hi, "ties": contest.form == RANKING_WITH_TIES}
    return {
        CHOICE: ("choose", {"min": contest.lo, "max": contest.hi, "each": contest.each}),
        RANKING: ("rank", ranking),
        RANKING_WITH_TIES: ("rank", ranking),
        GRADES: ("grades", list(map(shown, contest.texts_of_grades))),
        LISTS: ("lists", lists | if_so("none", contest.none)),
        PLACES: ("places", {"points": contest.points} | if_so("fewer", contest.fewer)),
        PAIRS: ("pairs", {"ties": contest.ties}),
        STAR: ("star", {"max": contest.each}),
        QUADRATIC: ("quadratic", {"credits": contest.credits} | if_so("against", contest.against)),
        SPLIT: ("split", {"most": contest.each}),
    }[contest.form]


def if_so(name, value):
    return {name: True} if value else {}


def manifest_count_view(count):
    view = how_it_is_counted(count, in_manifest=True)
    if count.needs:
        view["needs"] = majority_view(count.needs)
    if count.threshold:
        view["threshold"] = fraction_view(count.threshold)
    if count.joined:
        view["joined"] = count.joined
    if count.caps:
        view["caps"] = [{"of": group, "elected": elected} for group, elected in count.caps]
    return view


def majority_view(majority):
    return {"more_than": fraction_view(majority.more_than), "of": BASES[majority.base]}


def fraction_view(fraction):
    return f"{fraction.numerator}/{fraction.denominator}"


def limit_view(limit):
    costs, lo, hi = limit.written
    view = {"of": limit.of} | ({"cost": costs} if costs else {}) | ({"min": lo} if lo else {}) | {"max": hi}
    return view if limit.goes_with is None else view | {"with": limit.goes_with}


def how_it_is_counted(count, in_manifest=False):
    view = {"method": METHODS[count.method]}
    if count.method in QUOTAS:
        view |= {"quota": QUOTAS[count.method], "places": count.places}
    if count.method == LISTS_METHOD:
        view["divisor"] = DIVISORS[count.divisor]
        if in_manifest:
            view["unfilled"] = "others" if count.others else "open"
    return view | {"seats": count.seats, "tie_break": TIE_BREAKS[count.tie_break]}


def numbers(contest, ballots, weight, totals, write_ins):
    """`totals` are those of the contest's slots, or None if they were not opened."""
    view = {"ballots": ballots, "weight": weight, "votes": None}
    marks = behind = others = not_given = None
    if totals is not None:
        values, marks, behind = contest.parts(totals)
        view["votes"] = contest.votes_in(totals)
        held = contest.held * weight
        if view["votes"] is not None and contest.form != QUADRATIC and held <= MOST_HELD:
            not_given = held - contest.held * sum(marks) - contest.given_in(totals) - write_ins
        others = zip(what_slots_count(contest), contest.others_in(totals))
    if contest.grades:
        view["grades"] = None if totals is None else contest.by_option(values)
    if contest.lines and not contest.is_ranking:
        view["write_ins"] = None if totals is None else write_ins
    view["marks"] = marks
    if contest.counts_voters:
        view["voters"] = behind
    if others and (listed := [{"of": of, "total": total} for of, total in others]):
        view["others"] = listed
    return view | {"not_given": not_given}


def contest_view(manifest, result, c, cells):
    """`cells` are triples of a cell's place, the cell, and its totals."""
    contest = manifest.contests[c]
    whole, (ballots, weight) = result.sums(c), result.ballots(c)
    view = {"id": contest.id, "title": contest.title, "options": contest.options}
    if contest.shown() != contest.options:
        view["names"] = contest.shown()
    if contest.grades:
        view["grade_names"] = contest.grades
    if contest.marks:
        view["mark_ids"] = [id for id, _ in contest.marks]
    if withdrawn := result.withdrawn_of(c):
        view["withdrawn"] = [{"option": contest.options[o], "reason": result.withdrawn[c, o]} for o in withdrawn]
    write_ins = {place: sum(sum(row.votes) for row in result.rows.get(place, [])) for place, _, _ in cells}
    view |= numbers(contest, ballots, weight, whole, sum(write_ins.values()))
    view["account"] = account_view(result.accounts[c]) if c in result.accounts else None
    if c in result.counted:
        view["count"] = count_view(contest, result.counted[c])
    if answer := result.answer(c):
        view["pass"] = {"passes": answer.passes, "majority": answer.majority, "quorum": answer.quorum}
    if (effect := result.effect(c)) is not None:
        view["takes_effect"] = effect or None
    view["cells"] = []
    for place, cell, totals in cells:
        of_cell = {"districts": [manifest.districts[d][0] for d in cell.districts]}
        of_cell |= numbers(contest, cell.ballots, cell.weight, totals, write_ins[place])
        if place in result.rows:
            of_cell["rows"] = [row_view(contest, row) for row in result.rows[place]]
        view["cells"].append(of_cell)
    return view


def account_view(account):
    return {
        "held": account.held,
        "counted": account.counted,
        "written_in": account.written_in,
        "marked": account.marked,
        "not_given": account.not_given,
        "left_out": [{"reason": reason, "votes": votes} for reason, votes in account.left_out],
    }


def count_view(contest, counted):
    count = counted.count
    return (
        how_it_is_counted(contest.count)
        | {
            "candidates": counted.candidates,
            "names_left_out": counted.names_left_out,
            "counted": count.votes,
            "invalid": counted.invalid,
            "elected": counted.elected(),
        }
        | workings_view(count)
    )


def workings_view(count):
    """The numbers of a count, and its ties."""

    def text(units):
        return None if units is None else decimal(units, count.places)

    def round_view(round):
        view = {
            "totals": list(map(text, round.totals)),
            "exhausted": text(round.exhausted),
            "lost": text(round.lost),
            "elected": round.elected,
        }
        if round.surplus_of is not None:
            view |= {"surplus_of": round.surplus_of, "surplus": text(round.surplus)}
        if round.eliminated is not None:
            view["eliminated"] = round.eliminated
        return view

    def ties_view(ties):
        return [{"round": tie.round, "order": tie.order, "decided": tie.decided} for tie in ties]

    if isinstance(count, ByVotes):
        view = {"scores": list(map(str, count.scores))} | ({"too_few": count.too_few} if count.too_few else {})
        view |= {"passed_over": count.passed_over, "open": count.open}
    elif isinstance(count, Lists):
        view = {"scores": list(map(str, count.scores)), "lists": lists_view(count)}
        view |= {"list_ties": ties_view(count.list_ties), "open": count.open}
    elif isinstance(count, Star):
        runoffs = [{"finalists": finalists, "preferences": of} for finalists, of in count.runoffs]
        view = {"scores": list(map(str, count.scores)), "runoffs": runoffs, "open": count.open}
    elif isinstance(count, MajorityJudgment):
        judgments = [{"median": m, "better": better, "worse": worse} for m, better, worse in count.judgments]
        view = {"judgments": judgments, "order": count.order, "removed": count.removed, "open": count.open}
    elif count.scores is not None:
        view = {"scores": list(map(text, count.scores))}
    elif count.preferences is not None:
        view = {"preferences": count.preferences, "paths": count.paths}
    else:
        view = {"votes_needed": text(count.quota), "rounds": list(map(round_view, count.rounds))}
    view["ties"] = ties_view(count.ties)
    return view


def lists_view(count):
    of_lists = zip(count.list_votes, count.takes_part, count.list_seats, count.list_open)
    return [
        {"votes": str(votes), "takes_part": takes_part, "seats": seats, "open": open_}
        for votes, takes_part, seats, open_ in of_lists
    ]


def row_view(contest, row):
    view = {}
    if contest.is_ranking:
        if row.fault is None:
            view |= {"ranks": row.ranks, "names": [name or None for name in row.names]}
    else:
        view["votes"] = row.votes
        if row.fault is None:
            names = row.names or [None] * len(row.votes)
            view["names"] = [name or None if votes else None for name, votes in zip(names, row.votes)]
    if row.fault is not None:
        view["invalid"] = row.fault
        view["points"] = [element.hex() for element in row.elements]
    return view


def result_view(manifest, tally, result):
    cells = [(place, *of_cell) for place, of_cell in enumerate(zip(tally.cells, result.totals))]
    districts = zip(manifest.districts, result.districts, result.on_roll)
    stations = zip(manifest.stations, result.stations)
    return {
        "format": "tabella/v1 result",
        "election": manifest.id,
        "manifest": manifest.hash.hex(),
        "contests": [
            contest_view(manifest, result, c, [of_cell for of_cell in cells if of_cell[1].contest == c])
            for c in range(len(manifest.contests))
        ],
        "turnout": {
            "ballots": sum(result.districts),
            "on_roll": sum(result.on_roll),
            "remote": result.remote,
            "districts": [
                {"id": id, "name": names[0], "ballots": ballots, "on_roll": on_roll}
                for (id, names), ballots, on_roll in districts
            ],
            "stations": [{"id": id, "name": names[0], "ballots": ballots} for (id, names, _), ballots in stations],
        },
    }
