"""Results and turnout, compared with the votes that were cast, as rows and as frames of both libraries."""

import sys
from typing import Any

import pandas
import polars
import pytest
from conftest import BRIDGE, Held

import tabella
from tabella import _frames


@pytest.fixture(scope="module")
def report(bridge: Held) -> tabella.Report:
    return tabella.audit(bridge.folder, expect_root=bridge.election.root)


def votes(rows: list[dict[str, Any]], **where: object) -> dict[Any, Any]:
    rows = [row for row in rows if all(row[name] == value for name, value in where.items())]
    return {row["option"]: row["votes"] for row in rows}


def test_sums(report: tabella.Report) -> None:
    rows = report.rows()
    assert votes(rows, contest="bridge", kind="option") == {"yes": 12, "no": 9}
    assert votes(rows, contest="bridge", kind="mark") == {"blank": 4}
    assert votes(rows, contest="bridge", kind="not given") == {None: 0}
    assert [row["percent"] for row in rows[:2]] == [pytest.approx(1200 / 21), pytest.approx(900 / 21)]
    assert votes(rows, contest="colour", kind="option") == {"red": None, "blue": None}
    grades = {(row["option"], row["grade"]): row["votes"] for row in rows if row["kind"] == "grade"}
    assert grades == {("red", "poor"): 0, ("red", "good"): 15, ("blue", "poor"): 8, ("blue", "good"): 7}
    assert report.count("bridge", "yes") == 12
    with pytest.raises(tabella.Refused, match="no option 'maybe'"):
        report.count("bridge", "maybe")
    with pytest.raises(tabella.Refused, match="nobody is elected"):
        report.elected("bridge")


def test_districts_and_stations(report: tabella.Report) -> None:
    rows = report.rows("results", by="district")
    assert votes(rows, contest="bridge", kind="option", district="north") == {"yes": 12, "no": 3}
    assert votes(rows, contest="bridge", kind="option", district="south") == {"yes": 0, "no": 6}
    turnout = report.rows("turnout")
    assert [(row["district"], row["ballots"], row["on_roll"], row["percent"]) for row in turnout] == [
        ("north", 15, 15, 100.0),
        ("south", 10, 10, 100.0),
    ]
    stations = report.rows("turnout", by="station")
    assert [(row["station"], row["district"], row["ballots"]) for row in stations] == [
        ("school", "north", 5),
        (None, None, 20),
    ]


def test_rankings(council: Held) -> None:
    report = tabella.audit(council.folder, expect_root=council.election.root)
    assert report.verdict == "verified" and report.elected("council") == ["Cem"]
    elected = {row["option"]: row["elected"] for row in report.rows() if row["kind"] in ("option", "write-in")}
    assert elected == {"Ada": False, "Ben": False, "Cem": True, "Zora Vale": False}
    rounds = report.rows("rounds")
    first = {row["candidate"]: row["votes"] for row in rounds if row["round"] == 1 and row["candidate"]}
    assert first == {"Ada": 9.0, "Ben": 7.0, "Cem": 5.0, "Zora Vale": 3.0}
    assert [row["candidate"] for row in rounds if row["eliminated"]] == ["Zora Vale", "Ben"]
    assert [(row["round"], row["candidate"], row["votes"]) for row in rounds if row["elected"]] == [(3, "Cem", 15.0)]
    assert {row["kind"] for row in rounds} == {"candidate", "exhausted", "lost"}
    ballots: dict[int, list[Any]] = {}
    for row in report.rows("rankings"):
        ballots.setdefault(row["row"], []).append((row["kind"], row["candidate"], row["rank"]))
    assert len(ballots) == 25
    assert list(ballots.values()).count([("option", "Cem", 2), ("write-in", "Zora Vale", 1)]) == 3
    assert list(ballots.values()).count([("empty", None, None)]) == 1
    assert list(ballots.values()).count([("option", "Ada", 1)]) == 9


def test_too_few_are_not_opened() -> None:
    election = tabella.Election({**BRIDGE, "minimum_cell": 10}, voters={"n": 3, "s": 12})
    graded = {"red": "poor", "blue": "good"}
    election.vote_all(
        [(v, {"bridge": "yes", "colour": graded} if v.style == "n" else {"bridge": "yes"}) for v in election.voters]
    )
    report = election.finish()
    assert votes(report.rows(), contest="bridge", kind="option") == {"yes": 15, "no": 0}
    by_district = report.rows(by="district")
    assert [(row["district"], row["districts"]) for row in by_district if row["kind"] == "mark"] == [("north+south", 2)]
    assert [row["votes"] for row in report.rows() if row["kind"] == "grade"] == [None] * 4
    with pytest.raises(tabella.Refused, match="no totals"):
        report.count("colour", "red")
    frame = report.results()
    assert frame["votes"].isna().sum() >= 4 and str(frame["votes"].dtype) == "Int64"


TABLES = [
    ("results", {}),
    ("results", {"by": "district"}),
    ("turnout", {}),
    ("turnout", {"by": "station"}),
    ("rounds", {}),
    ("rankings", {}),
]


@pytest.mark.parametrize("table, options", TABLES)
def test_frames_are_the_rows(council: Held, report: tabella.Report, table: str, options: dict[str, Any]) -> None:
    for of in [tabella.audit(council.folder), report]:
        rows = of.rows(table, **options)  # type: ignore[arg-type]
        in_pandas = getattr(of, table)(frame="pandas", **options)
        in_polars = getattr(of, table)(frame="polars", **options)
        assert isinstance(in_pandas, pandas.DataFrame) and isinstance(in_polars, polars.DataFrame)
        assert isinstance(getattr(of, table)(**options), pandas.DataFrame)
        assert in_polars.to_dicts() == rows
        assert in_pandas.astype(object).where(in_pandas.notna(), None).to_dict("records") == rows
        schemas = _frames.SCHEMAS.values()
        assert all(list(row) in [list(schema) for schema in schemas] for row in rows)
        # Tables without rows have their columns, too.
        assert in_polars.columns == list(in_pandas.columns) != []


def test_without_libraries(report: tabella.Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(report.results(), polars.DataFrame)
    with pytest.raises(ImportError, match="pandas is not installed"):
        report.results(frame="pandas")
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match=r"neither pandas nor polars is installed; rows\(\)"):
        report.turnout()
    assert len(report.rows("turnout")) == 2


def test_bad_arguments(report: tabella.Report) -> None:
    with pytest.raises(ValueError, match="expected contest or district"):
        report.results(by="station")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected pandas or polars"):
        report.results(frame="excel")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected results, turnout"):
        report.rows("votes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected nothing"):
        report.rows("rounds", by="district")
