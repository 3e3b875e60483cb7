"""The views of a board, byte for byte (docs/spec/board.md, Views; docs/spec/manifest.md, JSON)."""

import json
from functools import lru_cache

import bech32m
from decryption import TOO_FEW


def text_of(value):
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def views_of(state):
    """The bytes of each view that the board has, by the names of their files."""
    views = {}
    if state.manifest:
        views["manifest.json"] = manifest_text(state.manifest)
    if state.result:
        views["result.json"] = result_text(state.manifest, state.tally, state.result)
    return views


@lru_cache(maxsize=1 << 8)
def manifest_text(manifest):
    return text_of(manifest_view(manifest))


@lru_cache(maxsize=1 << 8)
def result_text(manifest, tally, result):
    return text_of(result_view(manifest, tally, result))


def manifest_view(manifest):
    def id_and_name(item):
        return {"id": item[0], "name": item[1]}

    def district(place):
        return {"district": manifest.districts[place][0]}

    view = {
        "version": 1,
        "id": manifest.id,
        "title": manifest.title,
        "operator": bech32m.encode("author", manifest.operator),
        "trustees": [{"name": name, "key": bech32m.encode("author", key)} for name, key in manifest.trustees],
        "threshold": manifest.threshold,
        "close_quorum": manifest.close_quorum,
        "rehearsals": manifest.rehearsals,
        "minimum_cell": manifest.minimum_cell,
        "ballots_per_voter": manifest.ballots_per_voter,
        "districts": [id_and_name(item) for item in manifest.districts],
        "stations": [id_and_name(item) | district(item[2]) for item in manifest.stations],
        "contests": [
            {
                "id": contest.id,
                "title": contest.title,
                "options": contest.options,
                "choose": {"min": contest.lo, "max": contest.hi, "each": contest.each},
                "blank": contest.blank,
                "cell": "election" if contest.whole else "district",
            }
            for contest in manifest.contests
        ],
        "styles": [
            {"id": style.id}
            | district(style.district)
            | {"contests": [manifest.contests[c].id for c in style.contests]}
            for style in manifest.styles
        ],
    }
    if manifest.close_quorum == 0:
        del view["close_quorum"]
    if log := manifest.log:
        view["log"] = {
            "key": bech32m.encode("log", log.key),
            "witnesses": [{"name": name, "key": bech32m.encode("witness", key)} for name, key in log.witnesses],
            "quorum": log.quorum,
        }
    return view


def numbers(contest, ballots, weight, totals):
    """`totals` are those of the contest's slots, or None if they were not opened."""
    votes = blank = not_given = None
    if totals is not None:
        votes = totals[: len(contest.options)]
        blank = totals[-1] if contest.blank else None
        not_given = contest.hi * (weight - (blank or 0)) - sum(votes)
    return {"ballots": ballots, "weight": weight, "votes": votes, "blank": blank, "not_given": not_given}


def contest_view(manifest, c, cells):
    """`cells` are pairs of a cell and its totals."""
    contest = manifest.contests[c]
    whole = None
    if all(cell.opening != TOO_FEW for cell, _ in cells):
        whole = [sum(column) for column in zip(*(totals for _, totals in cells))]
    ballots, weight = sum(cell.ballots for cell, _ in cells), sum(cell.weight for cell, _ in cells)
    view = {"id": contest.id, "title": contest.title, "options": contest.options}
    view |= numbers(contest, ballots, weight, whole)
    view["cells"] = [
        {"districts": [manifest.districts[d][0] for d in cell.districts]}
        | numbers(contest, cell.ballots, cell.weight, totals)
        for cell, totals in cells
    ]
    return view


def result_view(manifest, tally, result):
    cells = list(zip(tally.cells, result.totals))
    districts = zip(manifest.districts, result.districts, result.on_roll)
    stations = zip(manifest.stations, result.stations)
    return {
        "format": "tabella/v1 result",
        "election": manifest.id,
        "manifest": manifest.hash.hex(),
        "contests": [
            contest_view(manifest, c, [(cell, totals) for cell, totals in cells if cell.contest == c])
            for c in range(len(manifest.contests))
        ],
        "turnout": {
            "ballots": sum(result.districts),
            "on_roll": sum(result.on_roll),
            "remote": result.remote,
            "districts": [
                {"id": id, "name": name, "ballots": ballots, "on_roll": on_roll}
                for (id, name), ballots, on_roll in districts
            ],
            "stations": [{"id": id, "name": name, "ballots": ballots} for (id, name, _), ballots in stations],
        },
    }
