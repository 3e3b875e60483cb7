"""Elections in one process: what they refuse, and every form of an answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import BRIDGE, COUNCIL, Held

import tabella


def one(contest: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "small", "minimum_cell": 1, "contests": [{"id": "c", "options": ["a", "b", "c"], **contest}], **more}


def opened(manifest: dict[str, Any], answer: Any) -> str:
    """What a ballot with this answer holds, as it is opened."""
    election = tabella.Election(manifest, voters=1)
    sealed = election.encrypt(election.voters[0], {"c": answer})
    ballot = election.spoil(sealed)
    assert ballot.tracker == sealed.tracker and list(ballot.contests) == ["c"]
    ballot.compare({"c": answer})
    return str(ballot)


def test_answers() -> None:
    choose = one({"choose": {"min": 0, "max": 3}, "marks": ["blank"]})
    assert opened(choose, "a") == "c: a 1"
    assert opened(choose, ["a", "c"]) == opened(choose, ("c", "a")) == "c: a 1, c 1"
    assert opened(choose, "blank") == opened(choose, ["blank"]) == "c: blank"
    assert opened(choose, None) == opened(choose, []) == "c: no vote"
    assert opened(one({"choose": {"min": 0, "max": 9, "each": 9}}), {"a": 4, "c": 5}) == "c: a 4, c 5"
    assert "b" in opened(one({"grades": ["poor", "good"]}), {"a": "poor", "b": "good", "c": "poor"})
    ranked = one(
        {
            "rank": {"ties": True},
            "write_ins": {"places": 1, "length": 20},
            "count": {"method": "schulze", "tie_break": "order"},
        }
    )
    assert opened(ranked, ["b", ["a", tabella.WriteIn("Zoë")]]) != opened(ranked, ["b", "a", tabella.WriteIn("Zoë")])


def test_write_ins() -> None:
    count = {"method": "plurality", "tie_break": "order"}
    contest = {"choose": {"min": 0, "max": 1}, "write_ins": {"places": 1, "length": 20}, "count": count}
    election = tabella.Election(one(contest), voters=6)
    zoe = tabella.WriteIn("Zoë")
    assert zoe == tabella.WriteIn("Zoë") and len({zoe, tabella.WriteIn("Zoë")}) == 1 and zoe.name == "Zoë"
    votes: list[Any] = [zoe, {zoe: 1}, [zoe], zoe, "a", "b"]
    election.vote_all([(voter, {"c": vote}) for voter, vote in zip(election.voters, votes)])
    report = election.finish()
    assert report.elected("c") == ["Zoë"]
    rows = {row["name"]: (row["votes"], row["elected"]) for row in report.rows() if row["kind"] == "write-in"}
    assert rows == {"Zoë": (4, True)}
    by_district = {row["name"]: row["votes"] for row in report.rows(by="district") if row["kind"] == "write-in"}
    assert by_district == {"written in": 4}
    assert [(row["candidate"], row["votes"]) for row in report.rows("rankings") if row["kind"] == "write-in"] == [("Zoë", 1)] * 4


def test_refused_choices() -> None:
    election = tabella.Election(one({"choose": {"min": 1, "max": 1}}), voters=2)
    voter = election.voters[0]
    wrong_answers: list[dict[str, Any]] = [
        {"c": ["a", "b"]},
        {"c": "d"},
        {"d": "a"},
        {"c": []},
        {},
        {"c": {"a": 2}},
        {"c": {"a": -1}},
        {"c": {"a": "good"}},
    ]
    for answers in wrong_answers:
        with pytest.raises(tabella.Refused):
            election.vote(voter, answers)
        with pytest.raises(tabella.Refused, match="vote 1: "):
            election.vote_all([(election.voters[1], {"c": "a"}), (voter, answers)])
    for wrong in [5, {"a": 1.5}, [["a"]], {1: 2}, [None]]:
        with pytest.raises(TypeError, match="expected the id"):
            election.vote(voter, {"c": wrong})
    with pytest.raises(ValueError, match="polling station"):
        election.vote(voter, {"c": "a"}, station="school")
    # Nothing of all that is on the board.
    assert election.vote(voter, {"c": "a"}).entry == election.size - 1 and "1 ballots" in repr(election)


def test_a_ballot_is_used_once() -> None:
    election = tabella.Election(one({"choose": {"min": 1, "max": 1}}), voters=2)
    sealed = election.encrypt(election.voters[0], {"c": "a"})
    election.cast(sealed)
    for again in [election.cast, election.spoil]:
        with pytest.raises(ValueError, match="cast or spoiled before"):
            again(sealed)
    other = tabella.Election(one({"choose": {"min": 1, "max": 1}}), voters=1)
    stranger = other.voters[0]
    with pytest.raises(tabella.Refused):
        election.vote(stranger, {"c": "a"})
    with pytest.raises(tabella.Refused):
        election.spoil(other.encrypt(stranger, {"c": "a"}))
    # Two ballots that were sealed before either was cast: the second is out of order.
    first, second = (election.encrypt(election.voters[1], {"c": "a"}) for _ in range(2))
    election.cast(first)
    with pytest.raises(tabella.Refused):
        election.cast(second)
    receipts = election.vote_all([(election.voters[1], {"c": "b"}), (election.voters[1], {"c": "c"})])
    assert len(receipts) == 2 and election.finish().count("c", "c") == 1


def test_phases(tmp_path: Path) -> None:
    election = tabella.Election(one({"choose": {"min": 1, "max": 1}}), voters=1)
    for early in [election.tally, election.open, election.publish]:
        with pytest.raises(tabella.Refused):
            early()
    election.close()
    with pytest.raises(tabella.Refused):
        election.vote(election.voters[0], {"c": "a"})
    with pytest.raises(tabella.Refused):
        election.close()
    election.save(tmp_path / "record")
    with pytest.raises(tabella.Error):
        election.save(tmp_path / "record")
    assert tabella.audit(tmp_path / "record", partial=True).verdict == "consistent"
    assert not election.audit().complete


def test_weights_styles_and_trustees(bridge: Held) -> None:
    election = tabella.Election(json.dumps(BRIDGE), voters=[("s", 3), ("n", 1), ("s", 2)], trustees=1)
    assert [(voter.style, voter.weight) for voter in election.voters] == [("s", 3), ("n", 1), ("s", 2)]
    graded: dict[str, Any] = {"bridge": "yes", "colour": {"red": "poor", "blue": "good"}}
    election.vote_all([(voter, graded if voter.style == "n" else {"bridge": "yes"}) for voter in election.voters])
    assert election.finish().count("bridge", "yes") == 6
    assert [voter.style for voter in tabella.Election(BRIDGE, voters=3).voters] == ["n", "s", "n"]
    assert [voter.style for voter in tabella.Election(BRIDGE, voters={"s": 2, "n": 1}).voters] == ["s", "s", "n"]
    assert tabella.Election(COUNCIL, voters=1).manifest["threshold"] == 2
    # A manifest with keys: these are replaced, and names, groups and thresholds stay.
    groups = [
        {"group": name, "threshold": 1, "members": [{"name": f"{name} {n}", "key": "author1"} for n in range(2)]}
        for name in ["Ministry", "Court"]
    ]
    election = tabella.Election({**COUNCIL, "operator": "author1", "trustees": groups}, voters=3)
    election.vote_all([(voter, {"council": ["Cem"]}) for voter in election.voters])
    assert election.finish().elected("council") == ["Cem"]
    with pytest.raises(ValueError, match="the manifest has its trustees"):
        tabella.Election({**COUNCIL, "trustees": groups}, voters=3, trustees=3)
    assert bridge.election.manifest["threshold"] == 2


def test_all_mistakes_of_a_manifest() -> None:
    wrong = {"id": "no id", "contests": [{"id": "c", "options": ["a", "a"], "choose": {"min": 3, "max": 1}}], "colour": 1}
    with pytest.raises(tabella.ManifestError) as caught:
        tabella.Election(wrong, voters=1)
    paths = [mistake.path for mistake in caught.value.mistakes]
    assert {"id", "colour", "contests[0].options[1]"} <= set(paths)
    assert all(mistake.path in str(caught.value) and mistake.expected for mistake in caught.value.mistakes)
    for text in ["", "[]", "{", "3"]:
        with pytest.raises(tabella.ManifestError):
            tabella.Election(text, voters=1)
    with pytest.raises(tabella.ManifestError, match="threshold"):
        tabella.Election(COUNCIL, voters=1, trustees=2, threshold=3)
    with pytest.raises(tabella.ManifestError, match="trustees"):
        tabella.Election({**COUNCIL, "trustees": "Ada"}, voters=1)


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match="manifest"):
        tabella.Election({"id": {1, 2}}, voters=1)
    with pytest.raises(ValueError, match="no ballot style 'east'"):
        tabella.Election(BRIDGE, voters={"east": 1})
    with pytest.raises(TypeError):
        tabella.Election(BRIDGE, voters="many")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        tabella.Election(BRIDGE)  # type: ignore[call-arg]
