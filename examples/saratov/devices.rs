//! The voters' side: each device makes its own ballots, or what somebody tries to pass off as a ballot.

use crate::{
    Failure,
    plan::{Arrival, Bad, Person, Plan, Purpose, SURVEY, Vote, What},
};
use tabella::{
    ballot::{CastBallot, Choices, Election, Header, Origin},
    board::Refusal,
    codec::Encode,
    crypto::ProofCheck,
    manifest::Manifest,
    roll::{Credential, Registration},
};

/// Ballots of people who do not vote but try to cheat: for the first candidate, from home.
const TRIED: Vote = Vote { origin: Origin::Remote, candidate: Some(0), again: Some(false) };

/// A person's request for a line on the roll.
pub fn register(plan: &Plan, manifest: &Manifest, person: usize) -> Result<Registration, Failure> {
    let rng = &mut plan.rng(Purpose::Registration, person);
    let style = plan.people[person].district;
    Ok(plan.credential(person)?.registration(manifest, style, rng)?)
}

/// What arrives at the board. The same arrival yields the same bytes, so a replay is the first vote again.
pub fn ballot(plan: &Plan, election: &Election, arrival: Arrival) -> Result<CastBallot, Failure> {
    let Arrival { person, what } = arrival;
    let Person { district, votes } = &plan.people[person];
    let mut credential = plan.credential(person)?;
    let (mut style, mut sequence) = (*district, 0);
    let mut vote = votes[0].unwrap_or(TRIED);
    let mut purpose = Purpose::BadBallot;
    match what {
        What::Vote(0) | What::Bad(Bad::Replay | Bad::ForgedProof) => purpose = Purpose::Ballot,
        What::Vote(_) => {
            purpose = Purpose::SecondBallot;
            vote = votes[1].unwrap_or(vote);
            sequence = 1;
        }
        What::Bad(Bad::WrongDistrict) => style = next_district(plan, *district),
        What::Bad(Bad::UnknownCredential) => {
            credential = Credential::random(&mut plan.rng(Purpose::Stranger, person))?;
        }
        What::Bad(Bad::WrongSequence) => sequence = 1,
        What::Bad(Bad::AfterClose) => {}
    }
    let header = Header { style, sequence, origin: vote.origin };
    let choices = choices(plan, style.into(), &vote);
    let rng = &mut plan.rng(purpose, person);
    let ballot = election.encrypt(&credential, &header, &choices, rng)?.cast();
    match what {
        What::Bad(Bad::ForgedProof) => swap_candidates(election, &ballot),
        _ => Ok(ballot),
    }
}

/// The board's expected answer to a bad ballot; `first` is the entry of the person's first vote.
pub fn expected(plan: &Plan, person: usize, kind: Bad, first: u64) -> Refusal {
    let district = plan.people[person].district;
    match kind {
        Bad::ForgedProof => Refusal::Proof(ProofCheck::Equation("BALLOT.V1")),
        Bad::WrongDistrict => {
            Refusal::WrongStyle { found: next_district(plan, district), expected: district }
        }
        Bad::UnknownCredential => Refusal::UnknownVoter,
        Bad::Replay => Refusal::AlreadyOnBoard { entry: first },
        Bad::WrongSequence => Refusal::WrongSequence { found: 1, expected: 0 },
        Bad::AfterClose => Refusal::Closed,
    }
}

fn choices(plan: &Plan, district: usize, vote: &Vote) -> Choices {
    let contest = Plan::contest(district);
    let choices = match vote.candidate {
        Some(place) => Choices::new().pick(&contest, &plan.districts[district][usize::from(place)]),
        None => Choices::new().blank(&contest),
    };
    match vote.again {
        Some(again) => choices.pick(SURVEY, if again { "yes" } else { "no" }),
        None => choices,
    }
}

fn next_district(plan: &Plan, district: u16) -> u16 {
    (district + 1) % plan.districts.len() as u16
}

/// Swaps the ciphertexts of the first two candidates, as somebody in between could.
fn swap_candidates(election: &Election, ballot: &CastBallot) -> Result<CastBallot, Failure> {
    let mut bytes = ballot.to_bytes();
    let origin = match ballot.header().origin {
        Origin::Remote => 1,
        Origin::Station(_) => 3,
    };
    // Style, sequence number, origin, voter's key, A; then one point for each slot.
    let start = 2 + 4 + origin + 32 + 32;
    let (head, tail) = bytes[start..].split_at_mut(32);
    head.swap_with_slice(&mut tail[..32]);
    Ok(election.read_ballot(&bytes)?)
}
