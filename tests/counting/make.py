"""Writes strict.json, ties.json and stv.json: random profiles, and the counts of other implementations.

    python3 -m venv v && v/bin/pip install interregnum==0.4.1 pref_voting==1.18.2 votekit==3.5.0 votelib==0.4.0
    (cd tallystick && cargo +nightly build)
    v/bin/python make.py tallystick/target/debug/tallystick-counts
"""

import json
import random
import subprocess
import sys
import warnings
from fractions import Fraction

from interregnum.methods.events import IneligibleEvent, QuotaWinnerEvent, TransferredVotesEvent
from interregnum.methods.preferential.transferable_vote.single_transferable_vote import (
    SingleTransferableVoteAllocator,
)
from interregnum.methods.types.preference import Preference
from pref_voting.iterative_methods import instant_runoff_for_truncated_linear_orders
from pref_voting.margin_based_methods import beat_path
from pref_voting.profiles_with_ties import ProfileWithTies
from pref_voting.scoring_methods import symmetric_borda_scores
from votekit.ballot import RankBallot
from votekit.elections import STV
from votekit.pref_profile import RankProfile
from votelib.convert import RankedToCondorcetVotes
from votelib.evaluate.condorcet import Schulze
from votelib.evaluate.core import VotingSystemError
from votelib.evaluate.sequential import TransferableVoteSelector

warnings.simplefilter("ignore")
LETTERS = "ABCDEFGH"
rng = random.Random(20261126)


def rankings(n, most, complete):
    """Up to `most` different orders, with favourites more often."""
    found = {}
    for _ in range(rng.randint(most // 2, most)):
        weights = [rng.expovariate(1 + c / 5) for c in range(n)]
        order = sorted(range(n), key=lambda c: -weights[c])
        length = n if complete else rng.randint(1, n)
        found[tuple(order[:length])] = rng.randint(1, 40)
    return [[times, list(order)] for order, times in sorted(found.items())]


def strict(binary, number):
    """Complete orders, by tallystick."""
    profiles = []
    for _ in range(number):
        n = rng.randint(2, 5)
        profiles.append({"n": n, "rankings": rankings(n, 6, True)})
    lines = [
        " ".join([str(p["n"])] + [f"{t}:{','.join(map(str, o))}" for t, o in p["rankings"]])
        for p in profiles
    ]
    out = subprocess.run([binary], input="\n".join(lines), text=True, check=True, capture_output=True)
    for profile, line in zip(profiles, out.stdout.splitlines(), strict=True):
        votes, points, winners, paths = json.loads(line)
        profile["tallystick"] = {"votes": votes, "points": points, "runoff": winners, "paths": paths}
    return profiles


def with_ties(number):
    """Groups, with candidates missing, by pref_voting and votelib."""
    profiles = []
    while len(profiles) < number:
        n = rng.randint(2, 5)
        groups = {}
        for _ in range(rng.randint(2, 6)):
            order = rng.sample(range(n), rng.randint(1, n))
            ranking = [[order[0]]]
            for candidate in order[1:]:
                if rng.random() < 0.3:
                    ranking[-1].append(candidate)
                else:
                    ranking.append([candidate])
            key = tuple(tuple(sorted(group)) for group in ranking)
            groups[key] = rng.randint(1, 40)
        # Some implementations do not know candidates whom no ranking ranks.
        if {c for key in groups for g in key for c in g} != set(range(n)):
            continue
        found = [[times, [list(g) for g in key]] for key, times in sorted(groups.items())]
        places = [{c: i + 1 for i, g in enumerate(ranking) for c in g} for _, ranking in found]
        times = [times for times, _ in found]
        profile = ProfileWithTies(places, rcounts=times, candidates=list(range(n)))
        profile.use_extended_strict_preference()
        borda = symmetric_borda_scores(profile)
        schulze = beat_path(profile, strength_function=profile.support)
        votes = {
            tuple(frozenset(g) if len(g) > 1 else g[0] for g in ranking): times
            for times, ranking in found
        }
        paths = Schulze.widest_paths(RankedToCondorcetVotes().convert(votes))
        profiles.append({
            "n": n,
            "rankings": found,
            "pref_voting": {"schulze": sorted(map(int, schulze)), "borda": [int(borda[c]) for c in range(n)]},
            "votelib": {"paths": [[paths.get((i, j), 0) for j in range(n)] for i in range(n)]},
        })
    return profiles


def interregnum(profile, seats):
    """Elections, surpluses and eliminations in order, with each candidate's gain and the exhausted votes."""
    allocator = SingleTransferableVoteAllocator(
        quota_f="droop", transfer_f="weighted_gregory", round_f="noop", tie_break="from_first_vote"
    )
    preferences = [
        Preference(votes=times, preference=tuple(LETTERS[c] for c in order))
        for times, order in profile["rankings"]
    ]
    names = list(LETTERS[: profile["n"]])
    result = allocator.calc(preferences, seats, random_seed=1, candidate_list=names)
    steps = []
    for event in result.data.log:
        match event:
            case QuotaWinnerEvent():
                steps.append(["elected", LETTERS.index(event.target)])
            case IneligibleEvent():
                steps.append(["eliminated", LETTERS.index(event.target), {}])
            case TransferredVotesEvent():
                source = LETTERS.index(event.source)
                if steps[-1][0] == "elected" or steps[-1][1] != source:
                    steps.append(["surplus", source, {}])
                target = "exhausted" if event.target is None else str(LETTERS.index(event.target))
                steps[-1][2][target] = str(Fraction(event.votes))
    return steps


def votekit(profile, seats):
    """Votes at the start and after each round, `-` for candidates out of the count, and the elected."""
    ballots = tuple(
        RankBallot(ranking=[{LETTERS[c]} for c in order], weight=times)
        for times, order in profile["rankings"]
    )
    names = tuple(LETTERS[: profile["n"]])
    profile = RankProfile(ballots=ballots, candidates=names, max_ranking_length=len(names))
    election = STV(profile, n_seats=seats, exact=True, simultaneous=True)
    rounds = [
        " ".join(str(state.scores.get(name, "-")) for name in names)
        for state in election.election_states
    ]
    elected = [LETTERS.index(c) for group in election.get_elected() for c in sorted(group)]
    return {"rounds": rounds, "elected": elected}


def votelib(profile, seats):
    """The elected."""
    votes = {tuple(order): times for times, order in profile["rankings"]}
    try:
        elected = TransferableVoteSelector(quota_function="droop").evaluate(votes, seats)
    except (NotImplementedError, RuntimeError, VotingSystemError) as error:
        return str(error)
    return sorted(elected)


def runoff(profile):
    """The winners of instant runoff."""
    places = [{c: i + 1 for i, c in enumerate(order)} for _, order in profile["rankings"]]
    times = [times for times, _ in profile["rankings"]]
    profile = ProfileWithTies(places, rcounts=times, candidates=list(range(profile["n"])))
    profile.use_extended_strict_preference()
    return sorted(map(int, instant_runoff_for_truncated_linear_orders(profile)))


def stv(number):
    """Orders with candidates missing."""
    profiles = []
    while len(profiles) < number:
        n = rng.randint(3, 7)
        seats = rng.randint(1, min(4, n - 1))
        profile = {"n": n, "seats": seats, "rankings": rankings(n, 10, False)}
        if {c for _, order in profile["rankings"] for c in order} != set(range(n)):
            continue
        results = {
            "interregnum": interregnum(profile, seats),
            "votekit": votekit(profile, seats),
            "votelib": votelib(profile, seats),
            "pref_voting": runoff(profile),
        }
        profiles.append(profile | results)
    return profiles


def write(name, profiles):
    lines = ",\n".join(json.dumps(p, separators=(",", ":")) for p in profiles)
    with open(name, "w") as file:
        file.write(f"[\n{lines}\n]\n")


write("strict.json", strict(sys.argv[1], 220))
write("ties.json", with_ties(220))
write("stv.json", stv(260))
