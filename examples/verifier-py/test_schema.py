"""The JSON Schema of manifests: what fits it, and what does not."""

import copy
import json
import unittest
from pathlib import Path

from jsonschema import Draft202012Validator

import forge
from counting import (
    BACKWARDS,
    DROOP,
    LISTS_METHOD,
    LOT,
    MAJORITY_JUDGMENT,
    ORDER,
    PLURALITY,
    SAINTE_LAGUE,
    SCHULZE,
    STAR_METHOD,
)
from forge import (
    Author,
    NoteKey,
    make_contest,
    make_limit,
    make_lists,
    make_pairs,
    make_places,
    make_quadratic,
    make_split,
    make_star,
)
from kinds import CHOICE, GRADES, RANKING
from manifest import Manifest
from views import manifest_view

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "manifest.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
GONE = object()


def whole(groups=()):
    """The view of a manifest that has every field, with groups of trustees or without."""
    options = [("green", 1, []), ("Ada", 3, ["g"]), ("Ben", 0, ["g"])]
    translated = [("yes", ["Ja", "Oui"], [], 0), ("no", ["Nein", "Non"], ["Bern", "Berne"], 0)]
    limits = [make_limit(["g"], 1, 4, [1], "green"), make_limit(["Ada", "Ben"], 0, 5, [1, 2])]
    contests = [
        make_contest(
            "list",
            options,
            0,
            5,
            2,
            marks=["blank", "+none"],
            groups=["g"],
            limits=limits,
            voters=True,
            base=2,
            count=(PLURALITY, 2, LOT),
            caps=[("g", 1)],
            needs=(1, 2, 2),
            passes=("green", 2, 3, 1, 1, 4),
        ),
        make_contest(
            "judges",
            ["x", "y"],
            1,
            1,
            1,
            GRADES,
            grades=["bad", "good"],
            goes_with="list:green",
            whole=False,
            count=(MAJORITY_JUDGMENT, 1, LOT),
        ),
        make_contest("ranks", ["a", "b"], 0, 2, 1, RANKING, count=(DROOP, 2, BACKWARDS, 5)),
        make_contest("open", ["a"], 0, 1, 1, CHOICE, lines=1, length=9, count=(PLURALITY, 1, ORDER)),
        make_contest("more", ["c", "d"], 0, 2, 1),
        make_lists(
            "council",
            [("a", "x"), ("b", "y")],
            ["x", "y"],
            2,
            1,
            1,
            True,
            joined=[["x", "y"]],
            threshold=(1, 20),
            count=(LISTS_METHOD, 1, LOT, SAINTE_LAGUE, 1),
        ),
        make_places("song", ["a", "b"], [2, 1], True, count=(PLURALITY, 1, LOT)),
        make_pairs("site", ["a", "b"], True, count=(SCHULZE, 1, LOT)),
        make_star("chair", ["a", "b"], 5, count=(STAR_METHOD, 1, LOT)),
        make_quadratic("park", ["a", "b"], 9, against=True),
        make_contest("bridge", ["yes", "no"], 0, 1, 1, passes=("yes", 1, 2, 1, 0, 0)),
        make_contest("which", ["x", "y"], 0, 1, 1, if_both=["bridge", "list"]),
        make_contest("asked", translated, 0, 1, 1, question=["Soll?", "Faut-il ?"], display=1),
        make_split("shares", ["a", "b"], 70_000),
        make_contest("money", ["e", "f"], 0, 65536, 65536, folded=1),
    ]
    styles = [(range(15), [make_limit(["list:g", "more:c"], 0, 6, [1, 2])]), ([0, 1, 4], [])]
    log = forge.make_log(NoteKey(), [NoteKey("witness.example/w1")], 1)
    trustees = [Author() for _ in range(3)]
    more = dict(quorum=2, rehearsals=1, stations=1, log=log, proxies=2, weight_classes=1, languages=["de", "fr"])
    return manifest_view(Manifest(forge.make_manifest(Author(), trustees, 2, contests, styles, groups=groups, **more)))


def changed(manifest, path, value):
    """The manifest with another value at this place, or with none."""
    manifest = copy.deepcopy(manifest)
    *parents, last = path
    place = manifest
    for step in parents:
        place = place[step]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return manifest


def fields(value):
    """The names of all fields."""
    if isinstance(value, list | tuple):
        return set().union(*map(fields, value))
    return set(value).union(*map(fields, value.values())) if isinstance(value, dict) else set()


def fields_of(schema):
    """The names of all fields that a schema allows."""
    if isinstance(schema, list):
        return set().union(*map(fields_of, schema))
    if not isinstance(schema, dict):
        return set()
    parts = set(schema.get("properties", {})).union(*map(fields_of, schema.get("properties", {}).values()))
    return parts.union(*(fields_of(part) for name, part in schema.items() if name not in ("properties", "$defs")))


LIST, JUDGES, RANKS, OPEN, _, COUNCIL, SONG, SITE, CHAIR, PARK, _, _, ASKED, SHARES, MONEY = (
    ("contests", i) for i in range(15)
)
JOINT = ("styles", 0, "limits", 0)
GROUPS = [("Ministry", 1, 1, 1, 1), ("Universities", 2, 2)]
MINISTRY = ("trustees", 0)

# A place, and what stands there instead.
CHANGES = [
    # A field that is missing.
    (("version",), GONE),
    (("id",), GONE),
    (("operator",), GONE),
    (("trustees", 1, "key"), GONE),
    (("threshold",), GONE),
    (("contests",), GONE),
    ((*LIST, "options"), GONE),
    ((*LIST, "choose"), GONE),
    ((*LIST, "choose", "max"), GONE),
    ((*LIST, "limits", 0, "of"), GONE),
    ((*LIST, "limits", 0, "max"), GONE),
    ((*OPEN, "write_ins", "length"), GONE),
    ((*OPEN, "count", "method"), GONE),
    (("stations", 0, "district"), GONE),
    (("styles", 0, "contests"), GONE),
    (("log", "key"), GONE),
    # A field that nobody knows.
    (("colour",), "red"),
    (("trustees", 0, "colour"), "red"),
    ((*LIST, "colour"), "red"),
    ((*LIST, "options", 0, "colour"), "red"),
    ((*LIST, "choose", "colour"), "red"),
    ((*LIST, "marks", 1, "colour"), "red"),
    ((*JUDGES, "seats"), 1),
    ((*RANKS, "rank", "each"), 1),
    ((*JOINT, "min"), 1),
    ((*JOINT, "with"), "list:green"),
    # Another type.
    (("title",), 7),
    (("threshold",), "2"),
    (("threshold",), 1.5),
    (("trustees",), {"name": "Ada"}),
    ((*LIST, "options", 1), 7),
    ((*LIST, "options", 1, "max"), "3"),
    ((*LIST, "marks", 0), 7),
    ((*LIST, "marks", 1, "valid"), "true"),
    ((*LIST, "voters"), 1),
    ((*JUDGES, "grades"), {"min": 1, "max": 1}),
    ((*JUDGES, "grades", 0), 1),
    ((*RANKS, "rank", "ties"), 0),
    # A number or a length out of range.
    (("version",), 2),
    (("threshold",), 0),
    (("threshold",), 256),
    (("close_quorum",), 0),
    (("rehearsals",), -1),
    (("minimum_cell",), 0),
    (("ballots_per_voter",), 65536),
    (("proxies", "most"), 0),
    (("proxies", "most"), 65536),
    (("proxies", "most"), GONE),
    (("weights",), "any"),
    (("trustees",), []),
    (("contests",), []),
    ((*LIST, "options"), []),
    ((*LIST, "options", 1, "max"), 0),
    ((*LIST, "options", 1, "max"), 1 << 63),
    ((*LIST, "choose", "max"), 0),
    ((*LIST, "choose", "each"), 1 << 63),
    ((*LIST, "choose", "max"), 1 << 63),
    ((*LIST, "marks"), [f"m{i}" for i in range(17)]),
    ((*LIST, "limits", 1, "cost", 0), 0),
    ((*LIST, "limits", 0, "max"), 0),
    ((*JUDGES, "grades"), ["good"]),
    ((*JUDGES, "grades"), [f"grade {i}" for i in range(17)]),
    ((*JUDGES, "grades", 0), ""),
    ((*JUDGES, "grades", 0), "x" * 401),
    ((*RANKS, "rank", "max"), 256),
    ((*RANKS, "count", "places"), 10),
    ((*OPEN, "count", "seats"), 0),
    ((*OPEN, "write_ins", "places"), 17),
    ((*OPEN, "write_ins", "length"), 201),
    (("title",), "x" * 1001),
    (("log", "quorum"), 33),
    # Texts in several languages.
    (("languages",), "de"),
    (("languages",), ["de", "de"]),
    (("languages", 0), "DE"),
    (("title",), ["Wahl", "Vote"]),
    (("title",), {"DE": "Wahl"}),
    (("title",), {}),
    ((*ASKED, "question", "fr"), ""),
    ((*ASKED, "question"), "x" * 10001),
    ((*ASKED, "options", 0, "name"), GONE),
    ((*ASKED, "options", 0, "id"), ""),
    ((*ASKED, "options", 0, "name", "fr"), 7),
    ((*ASKED, "options", 1, "detail", "de"), "x" * 201),
    ((*ASKED, "display"), "random"),
    ((*MONEY, "wide"), True),
    ((*MONEY, "wide"), "limbs"),
    # Lists, places, pairs, STAR, quadratic votes, weights that are split.
    ((*COUNCIL, "lists", "lines"), GONE),
    ((*COUNCIL, "lists", "lines"), 0),
    ((*COUNCIL, "lists", "lines"), 1001),
    ((*COUNCIL, "lists", "each"), 65536),
    ((*COUNCIL, "lists", "least"), -1),
    ((*COUNCIL, "lists", "none"), 1),
    ((*COUNCIL, "lists", "colour"), "red"),
    ((*SONG, "places", "points"), GONE),
    ((*SONG, "places", "points"), []),
    ((*SONG, "places", "points"), list(range(65, 0, -1))),
    ((*SONG, "places", "points", 0), 65536),
    ((*SONG, "places", "points", 0), -1),
    ((*SONG, "places", "fewer"), "true"),
    ((*SONG, "places"), [2, 1]),
    ((*SITE, "pairs", "ties"), 1),
    ((*SITE, "pairs", "min"), 0),
    ((*CHAIR, "star", "max"), GONE),
    ((*CHAIR, "star", "max"), 0),
    ((*CHAIR, "star", "max"), 65536),
    ((*CHAIR, "star"), 5),
    ((*PARK, "quadratic", "credits"), GONE),
    ((*PARK, "quadratic", "credits"), 0),
    ((*PARK, "quadratic", "credits"), 1_000_001),
    ((*PARK, "quadratic", "against"), "no"),
    ((*SHARES, "split", "most"), GONE),
    ((*SHARES, "split", "most"), 0),
    ((*SHARES, "split", "most"), 1 << 40),
    ((*SHARES, "split", "most"), "9"),
    ((*SHARES, "split", "least"), 1),
    ((*SHARES, "split"), 70_000),
    ((*SHARES, "split"), GONE),
    # Fractions, majorities, questions, and the count of lists.
    ((*LIST, "count", "needs", "more_than"), GONE),
    ((*LIST, "count", "needs", "of"), GONE),
    ((*LIST, "count", "needs", "more_than"), 0.5),
    ((*LIST, "count", "needs", "more_than"), "1"),
    ((*LIST, "count", "needs", "more_than"), "1 / 2"),
    ((*LIST, "count", "needs", "more_than"), "-1/2"),
    ((*LIST, "count", "needs", "of"), "voters"),
    ((*LIST, "pass", "yes"), GONE),
    ((*LIST, "pass", "more_than"), GONE),
    ((*LIST, "pass", "of"), GONE),
    ((*LIST, "pass", "yes"), ""),
    ((*LIST, "pass", "quorum"), 25),
    ((*LIST, "pass", "seats"), 1),
    ((*COUNCIL, "count", "divisor"), "imperiali"),
    ((*COUNCIL, "count", "unfilled"), "no"),
    ((*COUNCIL, "count", "threshold"), "5%"),
    ((*COUNCIL, "count", "joined"), {"x": "y"}),
    ((*COUNCIL, "count", "joined", 0), ["x"]),
    ((*COUNCIL, "count", "joined", 0, 0), "X"),
    # Two rules of a contest.
    ((*SITE, "star"), {"max": 5}),
    ((*SONG, "choose"), {"min": 1, "max": 1}),
    ((*PARK, "pairs"), {}),
    ((*COUNCIL, "quadratic"), {"credits": 4}),
    ((*LIST, "split"), {"most": 4}),
    ((*SHARES, "choose"), {"min": 1, "max": 1}),
    ((*LIST, "grades"), ["bad", "good"]),
    ((*LIST, "rank"), {}),
    ((*JUDGES, "choose"), {"min": 1, "max": 1}),
    ((*JUDGES, "rank"), {"min": 0, "max": 2}),
    # Ids, references, keys and words.
    (("id",), "Election"),
    ((*LIST, "id"), ""),
    ((*LIST, "id"), "x" * 65),
    ((*LIST, "groups", 0, "id"), "a b"),
    ((*LIST, "marks", 0), "blank!"),
    ((*LIST, "options", 1, "groups"), ["g", "g"]),
    (("styles", 0, "contests"), ["list", "list"]),
    ((*JUDGES, "with"), "green"),
    ((*JUDGES, "with"), "list:"),
    ((*JOINT, "of", 0), "Ada"),
    ((*JOINT, "of", 0), ":Ada"),
    ((*JOINT, "of", 0), "List:Ada"),
    (("operator",), "voter1qqq"),
    (("log", "key"), "witness1qqq"),
    (("log", "witnesses", 0, "key"), "log1qqq"),
    ((*LIST, "base"), "marks"),
    ((*LIST, "cell"), "station"),
    ((*RANKS, "count", "method"), "condorcet"),
    ((*RANKS, "count", "quota"), "imperiali"),
    ((*RANKS, "count", "tie_break"), "lots"),
    # Caps.
    ((*LIST, "count", "caps", 0, "of"), GONE),
    ((*LIST, "count", "caps", 0, "elected"), GONE),
    ((*LIST, "count", "caps", 0, "max"), 1),
    ((*LIST, "count", "caps", 0, "of"), "a b"),
    ((*LIST, "count", "caps", 0, "elected"), -1),
    ((*LIST, "count", "caps", 0, "elected"), 1000),
    ((*LIST, "count", "caps"), {"g": 1}),
]

# The same in a manifest with groups of trustees.
CHANGES_OF_GROUPS = [
    ((*MINISTRY, "group"), GONE),
    ((*MINISTRY, "threshold"), GONE),
    ((*MINISTRY, "members"), GONE),
    ((*MINISTRY, "members", 0, "key"), GONE),
    ((*MINISTRY, "colour"), "red"),
    ((*MINISTRY, "name"), "Ada"),
    ((*MINISTRY, "members", 0, "colour"), "red"),
    ((*MINISTRY, "group"), ""),
    ((*MINISTRY, "group"), {"de": "Ministerium"}),
    ((*MINISTRY, "group"), "x" * 401),
    ((*MINISTRY, "threshold"), 0),
    ((*MINISTRY, "threshold"), 256),
    ((*MINISTRY, "close_quorum"), 0),
    ((*MINISTRY, "rehearsals"), -1),
    ((*MINISTRY, "members"), []),
    ((*MINISTRY, "members"), {"name": "Ada"}),
    (("trustees",), []),
    # Beside groups there is nothing of what they say.
    (("threshold",), 1),
    (("close_quorum",), 1),
    (("rehearsals",), 0),
]


class Schema(unittest.TestCase):
    def test_it_is_a_schema(self):
        self.assertEqual(SCHEMA["$schema"], Draft202012Validator.META_SCHEMA["$id"])
        Draft202012Validator.check_schema(SCHEMA)

    def test_published_manifests_fit(self):
        found = [*ROOT.glob("docs/manifests/*.json"), *ROOT.glob("tests/vectors/*/manifest.json")]
        self.assertGreaterEqual(len(found), 19 + 3)
        for path in found:
            with self.subTest(path.name):
                VALIDATOR.validate(json.loads(path.read_text()))

    def test_views_fit(self):
        manifests = whole(), whole(GROUPS)
        for manifest in manifests:
            VALIDATOR.validate(manifest)
        self.assertEqual(
            fields(manifests) - {"de", "fr"}, fields_of(SCHEMA) | fields_of(list(SCHEMA["$defs"].values()))
        )

    def test_what_may_be_left_out(self):
        manifest = whole()
        for path in (
            *((name,) for name in ("title", "close_quorum", "rehearsals", "minimum_cell", "ballots_per_voter", "log")),
            ("proxies",),
            ("weights",),
            *((*LIST, name) for name in ("title", "marks", "limits", "voters", "base", "cell", "pass")),
            (*LIST, "groups", 0, "name"),
            (*LIST, "choose", "each"),
            (*RANKS, "rank", "max"),
            (*RANKS, "count", "seats"),
            (*LIST, "count"),
            *((*LIST, "count", name) for name in ("caps", "needs")),
            (*LIST, "pass", "quorum"),
            *((*COUNCIL, "lists", name) for name in ("each", "least", "none")),
            *((*COUNCIL, "count", name) for name in ("divisor", "unfilled", "threshold", "joined")),
            (*SONG, "places", "fewer"),
            (*SITE, "pairs", "ties"),
            (*PARK, "quadratic", "against"),
            (*MONEY, "wide"),
            JOINT[:-1],
            (*JOINT, "cost"),
            ("log", "witnesses"),
        ):
            with self.subTest(path):
                VALIDATOR.validate(changed(manifest, path, GONE))
        manifest = whole(GROUPS)
        for name in ("close_quorum", "rehearsals"):
            VALIDATOR.validate(changed(manifest, (*MINISTRY, name), GONE))

    def test_groups_and_trustees_do_not_mix(self):
        manifest, grouped = whole(), whole(GROUPS)
        for trustees in (manifest["trustees"] + grouped["trustees"], grouped["trustees"] + manifest["trustees"]):
            for of in manifest, grouped:
                self.assertFalse(VALIDATOR.is_valid(of | {"trustees": trustees}))

    def test_what_does_not_fit(self):
        cases = [(whole(), *change) for change in CHANGES] + [(whole(GROUPS), *change) for change in CHANGES_OF_GROUPS]
        for manifest, path, value in cases:
            with self.subTest(path, value=value):
                errors = list(VALIDATOR.iter_errors(changed(manifest, path, value)))
                self.assertTrue(errors)
                # It is that place which does not fit, or what holds it.
                for error in errors:
                    at = tuple(error.absolute_path)
                    self.assertEqual(at, path[: len(at)])


if __name__ == "__main__":
    unittest.main()
