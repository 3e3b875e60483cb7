//! The record of a plan.

use super::{
    Handover, Keys, Log, Plan, close_content, close_signature, confirmation, erasure, members,
    object,
};
use crate::cascade;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeMap;
use tabella::{
    ballot::{CastBallot, Election},
    board::Kind,
    codec::Encode,
    tally::{MixedCell, Tally},
};

/// Writes the record of a plan.
pub(super) struct Writer<'p> {
    pub(super) plan: &'p Plan,
    pub(super) log: Log,
    /// How many objects of each kind there were, including those left out.
    pub(super) posted: BTreeMap<Kind, usize>,
}

impl Writer<'_> {
    pub(super) fn post(&mut self, kind: Kind, mut content: Vec<u8>, rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        let count = self.posted.entry(kind).or_default();
        let this = (kind, *count);
        *count += 1;
        if !plan.without.contains(&this) {
            (plan.edit)(kind, this.1, &mut content);
            let signer = match &plan.signed_by {
                Some((place, author)) if *place == this => author,
                _ => &plan.operator,
            };
            match kind {
                Kind::Manifest | Kind::Roll | Kind::Withdrawal | Kind::Tally | Kind::Result => {
                    self.log.signed(kind, &content, &plan.manifest, signer, rng);
                }
                Kind::Round | Kind::Question | Kind::Reshare | Kind::Freeze | Kind::Lift => {
                    self.log.signed(kind, &content, &plan.manifest, signer, rng);
                }
                Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Confirmation => {
                    self.log.append(&object(kind, &content));
                }
                Kind::Ballot | Kind::SpoilRequest | Kind::SpoilOpening | Kind::Delegation => {
                    self.log.append(&object(kind, &content));
                }
                Kind::Share | Kind::Rehearsal | Kind::Erasure | Kind::Mix | Kind::Close => {
                    self.log.append(&object(kind, &content));
                }
                _ => unreachable!("{kind}"),
            }
        }
        for (_, object) in plan.after.iter().filter(|(after, _)| *after == this) {
            self.log.append(object);
        }
    }

    fn ballots(&mut self, ballots: &[Vec<u8>], rng: &mut ChaCha20Rng) {
        ballots.iter().for_each(|ballot| self.post(Kind::Ballot, ballot.clone(), rng));
    }

    /// All rounds, with ballots before the end of the first.
    pub(super) fn ceremony(&mut self, keys: &Keys, ballots: &[Vec<u8>], rng: &mut ChaCha20Rng) {
        keys.commits.iter().for_each(|commit| self.post(Kind::Commit, commit.to_bytes(), rng));
        self.ballots(ballots, rng);
        self.post(Kind::Round, vec![0], rng);
        keys.deals.iter().for_each(|deal| self.post(Kind::Deal, deal.to_bytes(), rng));
        self.post(Kind::Round, vec![1], rng);
        self.post(Kind::Round, vec![2], rng);
        for (author, number) in keys.secrets.iter().zip(1..) {
            let content = confirmation(number, &keys.confirmed, author, rng);
            self.post(Kind::Confirmation, content, rng);
        }
        self.post(Kind::Round, vec![3], rng);
    }

    /// All ballots, with the resharing between them.
    pub(super) fn vote(&mut self, rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        let Some(Handover { keys, ballots: [before, during], erasers }) = &plan.handover else {
            return self.ballots(&plan.ballots, rng);
        };
        let (before, rest) = plan.ballots.split_at(*before);
        let (during, rest) = rest.split_at(*during);
        self.ballots(before, rng);
        self.post(Kind::Reshare, members(&keys.setup), rng);
        self.ceremony(keys, during, rng);
        for number in erasers {
            let author = &plan.keys.secrets[usize::from(*number) - 1];
            self.post(Kind::Erasure, erasure(&plan.keys.ceremony, *number, author, rng), rng);
        }
        self.ballots(rest, rng);
    }

    /// Mixes all cells that are mixed, and returns the final rows.
    pub(super) fn mix(
        &mut self,
        election: &Election,
        tally: &Tally,
        rng: &mut ChaCha20Rng,
    ) -> Vec<MixedCell> {
        let plan = self.plan;
        let read = |(bytes, _): &(Vec<u8>, u64)| election.read_ballot(bytes).unwrap();
        let counted = plan.counted.iter().map(read);
        let counted: Vec<CastBallot> = counted
            .filter(|ballot| election.verify(ballot.clone(), &mut rng.clone()).is_ok())
            .collect();
        let mut cells = cascade::first_rows(election, tally, &counted);
        let Keys { ceremony, secrets, .. } = plan.keys_for(Kind::Mix);
        let mut right = 0;
        for (trustee, position) in plan.mixers.iter().zip(0..) {
            for MixedCell { cell, slots, rows } in &mut cells {
                let by = |trustee: u16| cascade::Forgery {
                    election,
                    ceremony,
                    tally: tally.hash(),
                    trustee,
                    author: &secrets[usize::from(trustee) - 1],
                    cell: *cell as u32,
                    position,
                    key: election.slot_keys()[slots.clone()].to_vec(),
                    inputs: rows.clone(),
                };
                for (_, trustee, tamper) in plan.wrong_mixes.iter().filter(|mix| mix.0 == right) {
                    let mix = by(*trustee);
                    let (_, mut body) = mix.shuffle(rng);
                    tamper(&mut body);
                    let content = mix.signed(&body, rng);
                    self.post(Kind::Mix, content, rng);
                }
                let mix = by(*trustee);
                let (outputs, body) = mix.shuffle(rng);
                let content = mix.signed(&body, rng);
                self.post(Kind::Mix, content, rng);
                *rows = outputs;
                right += 1;
            }
        }
        cells
    }

    fn sign_close(&mut self, election: &Election, closers: &[u16], rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        let place = plan.closed_at.unwrap_or((self.log.tree.size(), self.log.tree.root()));
        let keys = plan.keys_for(Kind::Close);
        for number in closers {
            let author = &keys.secrets[usize::from(*number) - 1];
            let hash = keys.ceremony.hash();
            let signature = close_signature(election, hash, *number, place, author, rng);
            self.post(Kind::Close, close_content(*number, &signature), rng);
        }
    }

    pub(super) fn close(&mut self, election: &Election, rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        for withdrawal in &plan.withdrawn {
            self.post(Kind::Withdrawal, withdrawal.to_bytes(), rng);
        }
        self.post(Kind::Freeze, vec![], rng);
        if let Some(signed) = plan.lifted {
            self.sign_close(election, &plan.closers[..signed], rng);
            self.post(Kind::Lift, vec![], rng);
            self.post(Kind::Freeze, vec![], rng);
        }
        self.sign_close(election, &plan.closers, rng);
        for ballot in &plan.late {
            self.log.append(&object(Kind::Ballot, ballot));
        }
    }
}
