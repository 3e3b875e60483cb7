//! The rules of acceptance: one pure state machine that server, board and auditor all run.

mod again;
mod ballots;
mod close;
mod delegation;
mod keys;
mod manifest;
mod mixes;
mod result;
mod roll;
mod shares;
mod signed;
mod spoils;
mod tally;
mod withdrawal;

pub use signed::OtherOperator;
#[cfg(any(feature = "serde", feature = "std"))]
pub(crate) use signed::SIGNATURE;
pub(in crate::board) use signed::check_operator;

#[cfg(feature = "tracing")]
use crate::trace::event;
use crate::{
    board::{Accepted, Kind, Phase, Refusal, State},
    log::entry::{self, MAX_OBJECT},
    manifest::Manifest,
    random,
};
use alloc::{collections::BTreeMap, vec::Vec};
use rand_core::{CryptoRng, RngCore};

impl State {
    /// Decides on one object. See [`State::apply_all`].
    pub fn apply(
        &mut self,
        object: &[u8],
        stored: impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        let mut results = self.apply_all(&[object], stored, rng);
        results.pop().unwrap_or(Err(Refusal::Randomness))
    }

    /// Decides on objects, in this order; ballots among them are verified in batches. The verdicts are those of
    /// deciding one by one, and what is refused leaves no trace.
    ///
    /// `stored` gives back an entry that was accepted in an earlier call. It is asked for a ballot that another
    /// one replaces, and with the tally for ballots with rankings or write-ins, and its answers are checked.
    pub fn apply_all<B: AsRef<[u8]> + Sync>(
        &mut self,
        objects: &[B],
        stored: impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<Accepted, Refusal>> {
        let Ok(seed) = random::seed(rng) else {
            return objects.iter().map(|_| Err(Refusal::Randomness)).collect();
        };
        let is_ballot = |object: &B| {
            let object = object.as_ref();
            object.len() <= MAX_OBJECT && object.first() == Some(&(Kind::Ballot as u8))
        };
        let phase = self.phase();
        let mut results = Vec::with_capacity(objects.len());
        // Ballots of this call that may be replaced by later ones of this call.
        let mut recent = BTreeMap::new();
        // All ballots of this call that were accepted. The tally asks for them.
        let mut accepted = BTreeMap::new();
        for run in objects.chunk_by(|a, b| is_ballot(a) == is_ballot(b)) {
            if self.phase() == Phase::Voting && run.first().is_some_and(is_ballot) {
                let before = results.len();
                let seed = random::derive(&seed, "ballots", before as u64);
                self.apply_ballots(run, &stored, &mut recent, &seed, &mut results);
                for (object, result) in run.iter().zip(results.iter().skip(before)) {
                    accepted.extend(result.as_ref().ok().map(|ok| (ok.entry, object.as_ref())));
                }
            } else {
                let stored = |entry: u64| match accepted.get(&entry) {
                    Some(object) => Some(object.to_vec()),
                    None => stored(entry),
                };
                // One object can be there more than once.
                for object in run {
                    let seed = random::derive(&seed, "object", results.len() as u64);
                    results.push(self.apply_other(object.as_ref(), &stored, &seed));
                }
            }
        }
        self.told(phase, &results);
        results
    }

    #[cfg(not(feature = "tracing"))]
    fn told(&self, _: Phase, _: &[Result<Accepted, Refusal>]) {}

    /// Tells operators what came of objects, and of the phase before. What does not open a spoiled ballot is not told further: that could say
    /// what the ballot holds.
    #[cfg(feature = "tracing")]
    fn told(&self, before: Phase, results: &[Result<Accepted, Refusal>]) {
        for result in results {
            match result {
                Ok(Accepted { entry, kind, replaces }) => {
                    event!(debug, entry, kind = %kind, replaces, "accepted");
                }
                Err(Refusal::Opening(_)) => {
                    event!(info, reason = "this does not open the spoiled ballot", "refused");
                }
                Err(refusal) => event!(info, reason = %refusal, "refused"),
            }
        }
        let phase = self.phase();
        if phase != before {
            event!(info, size = self.size(), phase = ?phase, before = ?before, "phase");
        }
    }

    pub(in crate::board) fn apply_other(
        &mut self,
        object: &[u8],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        seed: &[u8; 32],
    ) -> Result<Accepted, Refusal> {
        if object.len() > MAX_OBJECT {
            return Err(Refusal::TooLarge { found: object.len(), max: MAX_OBJECT });
        }
        let (kind, body) = Kind::split(object)?;
        let phase = self.phase();
        match (phase, kind) {
            (Phase::Empty, Kind::Manifest) => self.apply_manifest(body, seed)?,
            (_, Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Confirmation | Kind::Round)
                if self.keys.is_running() && phase != Phase::Frozen =>
            {
                self.apply_keys(kind, body, seed)?
            }
            (
                Phase::Enrolling | Phase::Voting,
                Kind::Question | Kind::Rehearsal | Kind::Reshare | Kind::Erasure,
            ) => self.apply_keys(kind, body, seed)?,
            (Phase::Frozen | Phase::Closed | Phase::Mixing | Phase::Opening, Kind::Erasure) => {
                self.apply_keys(kind, body, seed)?
            }
            (Phase::Enrolling, Kind::Roll) => self.apply_roll(body, false, seed)?,
            (Phase::Voting, Kind::Withdrawal) => self.apply_withdrawal(body, seed)?,
            (Phase::Voting, Kind::Freeze) => self.check_freeze(body, seed)?,
            (Phase::Frozen, Kind::Lift) => self.apply_lift(body, seed)?,
            (Phase::Frozen, Kind::Close) => self.apply_close(body, seed)?,
            (Phase::Frozen, Kind::Tally) => {
                let too_few = self.missing_quorum(self.closed_by());
                return Err(too_few.unwrap_or(Refusal::OutOfPhase { kind, phase }));
            }
            (Phase::Closed, Kind::Tally) => self.apply_tally(body, stored, seed)?,
            (Phase::Mixing, Kind::Mix) => self.apply_mix(body, seed)?,
            (Phase::Opening, Kind::Share) => self.apply_share(body, seed)?,
            (Phase::Opening, Kind::Result) => self.apply_result(body, seed)?,
            (Phase::Voting, Kind::Delegation) => self.apply_delegation(body, seed)?,
            (Phase::Voting, Kind::SpoilRequest) => self.apply_spoil(kind, body, seed)?,
            (
                Phase::Voting | Phase::Frozen | Phase::Closed | Phase::Mixing | Phase::Opening,
                Kind::SpoilOpening,
            ) => self.apply_spoil(kind, body, seed)?,
            (
                Phase::Closed | Phase::Mixing | Phase::Opening | Phase::Finished,
                Kind::Ballot | Kind::SpoilRequest | Kind::Delegation,
            ) => return Err(Refusal::Closed),
            (Phase::Frozen, Kind::Ballot | Kind::SpoilRequest | Kind::Delegation) => {
                return Err(Refusal::Frozen);
            }
            _ => return Err(Refusal::OutOfPhase { kind, phase }),
        }
        let accepted = self.append(kind, object);
        if kind == Kind::Freeze {
            self.closing.freeze(accepted.entry, (self.size(), self.root()));
        }
        Ok(accepted)
    }

    pub(in crate::board) fn append(&mut self, kind: Kind, object: &[u8]) -> Accepted {
        let entry = self.tree.size();
        entry::entries(object).for_each(|entry| self.tree.push(&entry));
        Accepted { entry, kind, replaces: None }
    }

    pub(in crate::board) fn known_manifest(&self) -> Result<&Manifest, Refusal> {
        let phase = self.phase();
        self.manifest.as_ref().ok_or(Refusal::OutOfPhase { kind: Kind::Manifest, phase })
    }
}
