//! What a trustee does for a board that it has replayed itself, and what it refuses to do.

use super::mixing::Mixing;
use crate::{
    ballot::Election,
    board::{CloseSignature, Phase, State, closing::close_transcript},
    crypto::{ProveError, shuffle::Prepared},
    keys::{Commit, Dealer, Observer, Rehearsal, Round, Trustee},
    log::merkle::Root,
    manifest::Member,
    tally::{self, Cascade, DecryptionShare, Mix, MixHeader, Withdrawal, mix_transcript},
};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Why a trustee refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardError {
    /// The board is another election's, or other keys are in force on it than those of this trustee's shares.
    OtherKeys,
    /// This is not the time for it.
    Phase {
        /// How far the board is.
        found: Phase,
        /// When it is the time.
        expected: Phase,
    },
    /// It has signed another close. It signs one, and opens nothing after any other, even if that one never came to the
    /// board or its freeze was lifted: a holder of the signature could use it on a board of their own.
    OtherClose {
        /// Size and root of the board that it closed.
        signed: (u64, Root),
        /// Those of this board, as it was frozen if it is.
        found: (u64, Root),
    },
    /// It has handed its shares over, so it signs no close and does not deal again in this epoch. If the new trustees
    /// never got the shares, another resharing helps, even to the same people.
    HandedOver,
    /// Other options were withdrawn on the board than this trustee was told, or for other reasons.
    OtherWithdrawals,
    /// The resharing is to other members or has another threshold than this trustee was told.
    OtherMembers,
    /// It has opened another tally. It opens one: the difference of two could be a vote.
    OtherTally,
    /// No resharing on the board waits for commits.
    NoResharing,
    /// The board asks no question.
    NoQuestion,
    /// The tally opens nothing.
    NothingToOpen,
    /// No such cell waits to be mixed.
    NotWaiting,
    /// It has mixed the cell before.
    MixedBefore,
    /// Enough of its group have mixed the cell; it waits for other groups.
    MixedEnough,
    /// The mix was prepared for a cell with other slots.
    OtherCell,
    /// A proof could not be made.
    Prove(ProveError),
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherKeys => f.write_str(
                "the keys in force on this board are not those that this trustee holds a share of",
            ),
            Self::Phase { found, expected } => {
                write!(f, "the board is {found}; this is done {expected}")
            }
            Self::OtherClose { signed, found } => write!(
                f,
                "this trustee signed the close of a board of size {} and root {}, and signs no other; this board is of size {} and root {}",
                signed.0, signed.1, found.0, found.1
            ),
            Self::OtherWithdrawals => f.write_str(
                "other options were withdrawn on this board than expected, or for other reasons",
            ),
            Self::OtherMembers => f.write_str(
                "the resharing on this board is to other members or has another threshold than expected",
            ),
            Self::HandedOver => f.write_str("this trustee has handed its shares over to others"),
            Self::OtherTally => f.write_str("this trustee has opened another tally"),
            Self::NoResharing => f.write_str("no resharing on this board waits for commits"),
            Self::NoQuestion => f.write_str("the board asks no question"),
            Self::NothingToOpen => f.write_str("the tally opens nothing"),
            Self::NotWaiting => f.write_str("no such cell waits to be mixed"),
            Self::OtherCell => f.write_str("the mix was prepared for a cell with other slots"),
            Self::MixedEnough => {
                f.write_str("enough of this trustee's group have mixed the cell; it waits for others")
            }
            Self::MixedBefore => f.write_str("this trustee has mixed the cell before"),
            Self::Prove(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for GuardError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Prove(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ProveError> for GuardError {
    fn from(error: ProveError) -> Self {
        Self::Prove(error)
    }
}

impl Trustee {
    /// The election of a board on which this trustee's keys are in force.
    pub(super) fn election<'s>(&self, state: &'s State) -> Result<&'s Election, GuardError> {
        if state.ceremony() != Some(self.ceremony()) {
            return Err(GuardError::OtherKeys);
        }
        state.election().ok_or(GuardError::OtherKeys)
    }

    /// Remembers the close that it takes part in; any other is refused from then on.
    fn remember_close(&mut self, found: (u64, Root)) -> Result<(), GuardError> {
        match self.memory.closed {
            Some((size, root)) if (size, Root::from(root)) != found => {
                Err(GuardError::OtherClose { signed: (size, root.into()), found })
            }
            _ => {
                self.memory.closed = Some((found.0, *found.1.as_bytes()));
                Ok(())
            }
        }
    }

    /// Whether it can sign the close of this board, which may still have to be frozen.
    pub(super) fn may_close(&self, state: &State) -> Result<(), GuardError> {
        self.election(state)?;
        let (found, expected) = (state.phase(), Phase::Frozen);
        if !matches!(found, Phase::Voting | Phase::Frozen) {
            return Err(GuardError::Phase { found, expected });
        }
        if self.memory.handed_over.is_some() {
            return Err(GuardError::HandedOver);
        }
        let signed = self.memory.closed.map(|(size, root)| (size, Root::from(root)));
        match signed.filter(|signed| Some(*signed) != state.frozen()) {
            None => Ok(()),
            Some(signed) => {
                let found = state.frozen().unwrap_or((state.size(), state.root()));
                Err(GuardError::OtherClose { signed, found })
            }
        }
    }

    /// Signs that voting ends with this board as it was frozen, if these options were withdrawn on it and no others, in whatever
    /// order. The trustee must know them from elsewhere: on the board they are named by the operator alone.
    ///
    /// It signs one such end. Store this trustee ([`AtRest`](crate::keys::AtRest)) before the signature leaves the machine.
    pub fn sign_close(
        &mut self,
        state: &State,
        withdrawn: &[Withdrawal],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<CloseSignature, GuardError> {
        let election = self.election(state)?;
        self.may_close(state)?;
        let (found, expected) = (state.phase(), Phase::Frozen);
        let frozen = state.frozen().ok_or(GuardError::Phase { found, expected })?;
        let mut withdrawn = withdrawn.to_vec();
        withdrawn.sort_unstable();
        if withdrawn != state.withdrawn() {
            return Err(GuardError::OtherWithdrawals);
        }
        self.remember_close(frozen)?;
        let trustee = self.number();
        let mut transcript = close_transcript(election, self.ceremony(), trustee, frozen);
        let signature = self.author().sign(&mut transcript, rng)?;
        Ok(CloseSignature { trustee, signature })
    }

    /// Opens what follows from a closed board: the sums of its cells, the rows that came out of all mixes, and nothing else.
    /// The state must come from this trustee's own replay. Store this trustee ([`AtRest`](crate::keys::AtRest)) before the
    /// share leaves the machine.
    pub fn open(
        &mut self,
        state: &State,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<DecryptionShare, GuardError> {
        let election = self.election(state)?;
        let (found, expected) = (state.phase(), Phase::Opening);
        let close = state.closed().ok_or(GuardError::Phase { found, expected })?;
        if found != expected {
            return Err(GuardError::Phase { found, expected });
        }
        self.remember_close(close)?;
        // The board has compared it with the ballots, and verified the mixes.
        let tally = state.tally().ok_or(GuardError::Phase { found, expected })?;
        if tally.opened().is_empty() {
            return Err(GuardError::NothingToOpen);
        }
        let hash = tally.hash();
        if self.memory.opened.is_some_and(|opened| opened != hash) {
            return Err(GuardError::OtherTally);
        }
        self.memory.opened = Some(hash);
        Ok(self.expose_factors(election, tally, rng)?)
    }

    /// Deals its shares in the resharing on the board, and commits to the deal, if the resharing is to these members with
    /// this threshold of each group. The trustee must know them from elsewhere: on the board they are named by the operator alone.
    ///
    /// It deals once in each epoch, and never after it signed a close: new trustees could close another board. Store
    /// the dealer and this trustee ([`AtRest`](crate::keys::AtRest)) before the commit leaves the machine.
    pub fn hand_over(
        &mut self,
        state: &State,
        groups: &[(&[Member], u16)],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(Dealer, Commit), GuardError> {
        self.election(state)?;
        let waits = |observer: &&Observer| observer.round() == Round::Commit;
        let observer = state.observer().filter(waits).filter(|_| state.phase() != Phase::Frozen);
        let observer = observer.ok_or(GuardError::NoResharing)?;
        let setup = observer.setup();
        if !setup.is_to(groups) {
            return Err(GuardError::OtherMembers);
        }
        if let Some((size, root)) = self.memory.closed {
            let (signed, found) = ((size, root.into()), (state.size(), state.root()));
            return Err(GuardError::OtherClose { signed, found });
        }
        if self.memory.handed_over.is_some_and(|last| setup.epoch() <= last) {
            return Err(GuardError::HandedOver);
        }
        let dealt = self.expose_reshare(setup, rng)?;
        self.memory.handed_over = Some(setup.epoch());
        Ok(dealt)
    }

    /// Answers the question that stands on the board: it still holds its shares.
    pub fn rehearse(
        &self,
        state: &State,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Rehearsal, GuardError> {
        let election = self.election(state)?;
        let question = state.question().ok_or(GuardError::NoQuestion)?;
        Ok(self.answer(&tally::context(election, self.ceremony()), question, rng)?)
    }
}

impl Trustee {
    /// Prepares a mix of the cell with this place in the tally, which takes most of the time and needs no other mix before it.
    pub fn prepare_mix(
        &self,
        state: &State,
        cell: usize,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Prepared, GuardError> {
        let election = self.election(state)?;
        let (mixing, cascade) = waiting(state, cell)?;
        let (Some(generators), Some(tally)) = (&mixing.generators, state.tally()) else {
            return Err(GuardError::NotWaiting);
        };
        let header = self.header(cascade)?;
        let author = self.author();
        let transcript = mix_transcript(election, self.ceremony(), tally, author.public(), &header);
        let secrets = self.shares().iter().chain([author.expose_secret()]);
        let (rows, key) = (cascade.rows, &cascade.key);
        Ok(Prepared::with_secrets(rows, key, generators, transcript, secrets, rng)?)
    }

    fn header(&self, cascade: &Cascade) -> Result<MixHeader, GuardError> {
        Ok(MixHeader {
            trustee: self.number(),
            // A tally has fewer cells than that.
            cell: u32::try_from(cascade.cell).map_err(|_| GuardError::NotWaiting)?,
            position: cascade.position(),
        })
    }

    /// Mixes the rows of the cell with this place in the tally, as the mixes before it left them. The state must come from
    /// this trustee's own replay.
    pub fn mix(
        &self,
        state: &State,
        cell: usize,
        prepared: Prepared,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Mix, GuardError> {
        let election = self.election(state)?;
        let (mixing, cascade) = waiting(state, cell)?;
        if cascade.by.contains(&self.number()) {
            return Err(GuardError::MixedBefore);
        }
        if !cascade.waits_for(self.number()) {
            return Err(GuardError::MixedEnough);
        }
        if prepared.key() != cascade.key {
            return Err(GuardError::OtherCell);
        }
        let (Some(generators), Some(tally)) = (&mixing.generators, state.tally()) else {
            return Err(GuardError::NotWaiting);
        };
        let header = self.header(cascade)?;
        let author = self.author();
        let mut transcript =
            mix_transcript(election, self.ceremony(), tally, author.public(), &header);
        let inputs = cascade.ciphertexts().map_err(|_| GuardError::NotWaiting)?;
        let (outputs, proof) = prepared.shuffle(&inputs, generators, &mut transcript, rng)?;
        let signature = author.sign(&mut transcript, rng)?;
        Ok(Mix { header, outputs, proof, signature })
    }
}

/// The cascade of a cell that waits for a mix.
fn waiting(state: &State, cell: usize) -> Result<(&Mixing, &Cascade), GuardError> {
    let (found, expected) = (state.phase(), Phase::Mixing);
    if found != expected {
        return Err(GuardError::Phase { found, expected });
    }
    let mixing = state.mixing().ok_or(GuardError::NotWaiting)?;
    Ok((mixing, mixing.find(cell).ok_or(GuardError::NotWaiting)?))
}
