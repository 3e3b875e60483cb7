"""Elections that several tests look at, each held once."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

import tabella

BRIDGE = {
    "id": "bridge",
    "title": "The old bridge",
    "minimum_cell": 1,
    "districts": [{"id": "north", "name": "North bank"}, {"id": "south", "name": "South bank"}],
    "stations": [{"id": "school", "name": "The school", "district": "north"}],
    "contests": [
        {
            "id": "bridge",
            "title": "Rebuild it?",
            "options": ["yes", "no"],
            "choose": {"min": 1, "max": 1},
            "marks": ["blank"],
        },
        {
            "id": "colour",
            "title": "Its colour",
            "options": ["red", "blue"],
            "grades": ["poor", "good"],
        },
    ],
    "styles": [
        {"id": "n", "district": "north", "contests": ["bridge", "colour"]},
        {"id": "s", "district": "south", "contests": ["bridge"]},
    ],
}

COUNCIL = {
    "id": "council",
    "minimum_cell": 1,
    "contests": [
        {
            "id": "council",
            "options": ["Ada", "Ben", "Cem"],
            "rank": {},
            "write_ins": {"places": 1, "length": 30},
            "count": {"method": "instant-runoff", "tie_break": "order"},
        }
    ],
}

ZORA = tabella.WriteIn("Zora Vale")


class Held(NamedTuple):
    """An election that was held and saved."""

    election: tabella.Election
    folder: Path
    receipts: list[tabella.Receipt]


def hold_bridge(folder: Path) -> Held:
    """25 voters, 15 of them in the north: 12 yes, 9 no, 4 blank. The last one votes twice, and one ballot is spoiled."""
    election = tabella.Election(BRIDGE, voters={"n": 15, "s": 10}, trustees=["Ada", "Ben", "Cem"], threshold=2)
    receipts = []
    for number, voter in enumerate(election.voters):
        choices: dict[str, Any] = {"bridge": "yes" if number < 12 else "no" if number < 21 else "blank"}
        if voter.style == "n":
            choices["colour"] = {"red": "good", "blue": "good" if number % 2 else "poor"}
        receipts.append(election.vote(voter, choices, station="school" if number < 5 else None))
    spoiled = election.encrypt(election.voters[24], {"bridge": "no"})
    election.spoil(spoiled).compare({"bridge": "no"})
    receipts.append(election.vote(election.voters[24], {"bridge": ["blank"]}))
    election.close()
    election.tally()
    election.mix()
    election.open()
    election.publish()
    election.save(folder)
    return Held(election, folder, receipts)


def hold_council(folder: Path) -> Held:
    """25 voters: 9 Ada; 7 Ben before Cem; 5 Cem; 3 Zora before Cem; 1 nobody. Ada leads, and Cem is elected in round 3."""
    election = tabella.Election(COUNCIL, voters=25)
    rankings: list[list[Any]] = [["Ada"]] * 9 + [["Ben", "Cem"]] * 7 + [["Cem"]] * 5 + [[ZORA, "Cem"]] * 3 + [[]]
    receipts = election.vote_all([(v, {"council": r}) for v, r in zip(election.voters, rankings)])
    election.finish().raise_if_refused()
    election.save(folder)
    return Held(election, folder, receipts)


@pytest.fixture(scope="session")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return hold_bridge(tmp_path_factory.mktemp("bridge") / "record")


@pytest.fixture(scope="session")
def council(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return hold_council(tmp_path_factory.mktemp("council") / "record")


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """So many ballots that an audit takes a while."""
    election = tabella.Election(BRIDGE, voters={"s": 2_000})
    receipts = election.vote_all([(voter, {"bridge": "yes"}) for voter in election.voters])
    folder = tmp_path_factory.mktemp("large") / "record"
    election.save(folder)
    return Held(election, folder, receipts)
