//! Why the board refuses an object.

use super::{Kind, Phase};
use crate::{
    ballot::{BallotError, OpeningError},
    codec::DecodeError,
    crypto::ProofCheck,
    keys::{KeyError, Round},
    manifest::{ManifestReadError, OfGroup},
    roll::{DelegationError, RollError},
    tally::{MixError, TurnoutPart, WithdrawalError},
};
use alloc::string::String;
use core::fmt;

/// Why the board refuses an object. What is refused leaves no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It cannot be read.
    Malformed(DecodeError),
    /// It is larger than an object may be.
    TooLarge {
        /// Its bytes.
        found: usize,
        /// The most allowed.
        max: usize,
    },
    /// Its kind does not belong here.
    OutOfPhase {
        /// The kind.
        kind: Kind,
        /// How far the election is.
        phase: Phase,
    },
    /// The manifest cannot be read or has a mistake.
    Manifest(ManifestReadError),
    /// The author's signature does not fit the object at this place of the board.
    Signature {
        /// The kind.
        kind: Kind,
    },
    /// The key ceremony does not take it.
    Keys(KeyError),
    /// A trustee that does not exist, or that has sent this before.
    Trustee {
        /// The number found.
        number: u16,
    },
    /// The end of a round names a round that is not open.
    WrongRound {
        /// The number of the round named.
        found: u8,
        /// The one that is open.
        expected: Round,
    },
    /// A rehearsal or an erasure is not signed by its trustee for the keys and the question in force.
    Promise {
        /// What it is.
        kind: Kind,
        /// The trustee's number.
        trustee: u16,
    },
    /// The question was asked before, and its answers can be copied.
    AskedBefore,
    /// Fewer trustees of a group have shown that they hold their shares than the manifest demands before the roll.
    Rehearsals {
        /// The group's name; empty if there are no groups.
        group: String,
        /// How many have.
        found: usize,
        /// How many are needed.
        expected: u16,
    },
    /// The roll is not valid.
    Roll(RollError),
    /// The voter's key is not on the roll.
    UnknownVoter,
    /// The ballot does not have the voter's ballot style.
    WrongStyle {
        /// The ballot's.
        found: u16,
        /// The voter's, by the roll.
        expected: u16,
    },
    /// The ballot is not about the voter's weight.
    WrongWeight {
        /// The weight that it states.
        found: u64,
        /// The voter's, by the roll.
        expected: u64,
    },
    /// These bytes are on the board already; the ballot counts once.
    AlreadyOnBoard {
        /// At this entry.
        entry: u64,
    },
    /// The ballot's proof is invalid.
    Proof(ProofCheck),
    /// The ballot does not have the voter's next sequence number.
    WrongSequence {
        /// The ballot's.
        found: u32,
        /// The next.
        expected: u32,
    },
    /// The voter has cast as many ballots as the manifest allows.
    TooManyBallots {
        /// That many.
        cap: u32,
    },
    /// Another ballot has the same nonce point: one was copied from the other.
    NonceReused,
    /// The ballot was spoiled and cannot be cast any more.
    Spoiled {
        /// By this entry.
        entry: u64,
    },
    /// The voter has spoiled as many ballots as the manifest allows to cast.
    TooManySpoils {
        /// That many.
        cap: u32,
    },
    /// The voter has spoiled no ballot with this tracker and nonce point.
    UnknownSpoil,
    /// The spoiled ballot was opened before.
    AlreadyOpened {
        /// By this entry.
        entry: u64,
    },
    /// This does not open the spoiled ballot, or the ballot breaks a rule.
    Opening(OpeningError),
    /// Nobody becomes a proxy.
    Delegation(DelegationError),
    /// The ballot is a proxy's, and its voter has cast one, which beats all of the proxy's.
    Overruled {
        /// By this entry.
        entry: u64,
    },
    /// The option cannot be withdrawn.
    Withdrawal(WithdrawalError),
    /// Voting is closed.
    Closed,
    /// The storage does not give back an earlier entry as it was accepted.
    Storage {
        /// The entry.
        entry: u64,
    },
    /// The storage failed, so nobody knows whether it has the object. The board must be opened again; then the object may be
    /// sent again, and is refused if it is there.
    Unsaved,
    /// Voting is frozen: a ballot is taken again only if the operator lifts the freeze.
    Frozen,
    /// The freeze cannot be lifted any more, since a trustee has signed that voting ends with it.
    CloseSigned {
        /// The number of the first who did.
        trustee: u16,
    },
    /// Too few trustees of a group are left to close, because the others have begun to hand their shares over.
    HandedOver {
        /// The group's name; empty if there are no groups.
        group: String,
        /// How many can still sign a close.
        found: usize,
        /// How many are needed.
        expected: u16,
    },
    /// Fewer trustees of a group signed the close than it takes.
    Quorum {
        /// The group's name; empty if there are no groups.
        group: String,
        /// How many did.
        found: usize,
        /// How many are needed.
        expected: u16,
    },
    /// A sum is not that of the ballots on the board.
    WrongSum {
        /// The first cell that differs; as many as there are cells if only the end differs.
        cell: usize,
    },
    /// A trustee's mix is not taken.
    Mix {
        /// The mixer's number.
        trustee: u16,
        /// The cell's place in the tally.
        cell: usize,
        /// Why not.
        error: MixError,
    },
    /// A trustee's decryption share is invalid.
    Share {
        /// The trustee's number.
        trustee: u16,
        /// The check that fails.
        check: ProofCheck,
    },
    /// Fewer trustees of a group have opened than its threshold.
    TooFewShares {
        /// The group's name; empty if there are no groups.
        group: String,
        /// How many have.
        found: usize,
        /// The threshold.
        expected: u16,
    },
    /// A total is not what the shares open.
    WrongTotal {
        /// The cell's place in the tally.
        cell: usize,
    },
    /// The elected are not those who follow from the opened rows.
    WrongElected {
        /// The contest's place in the manifest.
        contest: usize,
    },
    /// What was counted, not given and left out is not what the ballots hold.
    WrongAccount {
        /// The contest's place in the manifest.
        contest: usize,
    },
    /// A turnout is not that of the ballots and the roll.
    WrongTurnout {
        /// Which list.
        part: TurnoutPart,
        /// The place in it.
        place: usize,
    },
    /// The random number generator failed; the object may be tried again.
    Randomness,
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

impl From<BallotError> for Refusal {
    fn from(error: BallotError) -> Self {
        match error {
            BallotError::Bytes(error) => Self::Malformed(error),
            BallotError::Proof(check) => Self::Proof(check),
        }
    }
}

impl From<OpeningError> for Refusal {
    fn from(error: OpeningError) -> Self {
        match error {
            OpeningError::Proof(check) => Self::Proof(check),
            OpeningError::Randomness => Self::Randomness,
            other => Self::Opening(other),
        }
    }
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Randomness => Self::Randomness,
            other => Self::Keys(other),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "cannot be read: {error}"),
            Self::TooLarge { found, max } => write!(f, "{found} bytes, at most {max} are allowed"),
            Self::OutOfPhase { kind, phase } => write!(f, "no {kind} is taken {phase}"),
            Self::Manifest(error) => write!(f, "manifest: {error}"),
            Self::Signature { kind } => {
                write!(
                    f,
                    "the signature does not fit this {kind} at this place of the board: it is another's, or for another board, \
                     another place or another election"
                )
            }
            Self::Keys(error) => write!(f, "key ceremony: {error}"),
            Self::Trustee { number } => {
                write!(f, "trustee {number} does not exist or has sent this before")
            }
            Self::WrongRound { found, expected } => {
                let open = *expected as u8;
                write!(f, "the end of round {found}, but what is open is {expected}, number {open}")
            }
            Self::Promise { kind, trustee } => {
                write!(
                    f,
                    "the {kind} is not signed by trustee {trustee} for the keys and the question in force: it may be of another \
                     election"
                )
            }
            Self::AskedBefore => f.write_str("this question was asked before; ask a new one"),
            Self::Rehearsals { group, found, expected } => write!(
                f,
                "{found} trustees{} have shown that they hold their shares, the manifest demands {expected} before voting",
                OfGroup(group)
            ),
            Self::Roll(error) => write!(f, "roll: {error}"),
            Self::UnknownVoter => f.write_str(
                "the voter's key is not on the roll; it may be that of another election's voter",
            ),
            Self::WrongStyle { found, expected } => {
                write!(f, "ballot style {found}, but the roll gives this voter style {expected}")
            }
            Self::WrongWeight { found, expected } => {
                write!(
                    f,
                    "the ballot splits the weight {found}, but the roll gives this voter weight {expected}"
                )
            }
            Self::AlreadyOnBoard { entry } => {
                write!(f, "this very ballot was accepted before, as entry {entry}")
            }
            Self::Proof(check) => write!(
                f,
                "the ballot's proof is invalid ({check}): it was changed, or made for another election, voter, style or \
                 sequence number"
            ),
            Self::WrongSequence { found, expected } => {
                write!(f, "sequence number {found}, but {expected} is next for this voter")
            }
            Self::TooManyBallots { cap } => {
                write!(f, "this voter has cast {cap} ballots, which is the most allowed")
            }
            Self::NonceReused => {
                f.write_str("another ballot has the same nonce point: one is a copy of the other")
            }
            Self::Spoiled { entry } => {
                write!(f, "this ballot was spoiled by entry {entry} and cannot be cast")
            }
            Self::TooManySpoils { cap } => {
                write!(f, "this voter has spoiled {cap} ballots, which is the most allowed")
            }
            Self::UnknownSpoil => f.write_str(
                "no spoil request of this voter has this tracker and nonce point; it comes first",
            ),
            Self::AlreadyOpened { entry } => {
                write!(f, "this spoiled ballot was opened before, by entry {entry}")
            }
            Self::Opening(error) => write!(f, "the spoiled ballot is not opened: {error}"),
            Self::Delegation(error) => write!(f, "nobody becomes a proxy: {error}"),
            Self::Overruled { entry } => {
                write!(f, "the voter has cast a ballot, entry {entry}, which beats all of a proxy")
            }
            Self::Withdrawal(error) => write!(f, "nothing is withdrawn: {error}"),
            Self::Closed => f.write_str("voting is closed"),
            Self::Storage { entry } => {
                write!(f, "the storage does not give back entry {entry} as it was accepted")
            }
            Self::Unsaved => f.write_str(
                "the storage failed, so it is not known whether this was kept; send it again when the board is open again",
            ),
            Self::Frozen => f.write_str(
                "voting is frozen, and nothing was taken; send it again if the freeze is lifted",
            ),
            Self::CloseSigned { trustee } => write!(
                f,
                "trustee {trustee} has signed the close; a freeze is lifted only before anybody has"
            ),
            Self::HandedOver { group, found, expected } => write!(
                f,
                "{found} trustees{} can still sign a close, and {expected} are needed: the others have begun to hand their \
                 shares over, so a resharing must come to its end first",
                OfGroup(group)
            ),
            Self::Quorum { group, found, expected } => {
                let of = OfGroup(group);
                write!(f, "{found} trustees{of} signed the close, {expected} are needed")
            }
            Self::WrongSum { cell } => {
                write!(f, "the sum of cell {cell} is not that of the ballots on the board")
            }
            Self::Mix { trustee, cell, error } => {
                write!(f, "the mix of cell {cell} by trustee {trustee} is not taken: {error}")
            }
            Self::Share { trustee, check } => {
                write!(f, "the decryption share of trustee {trustee} is invalid: {check}")
            }
            Self::TooFewShares { group, found, expected } => {
                let of = OfGroup(group);
                write!(f, "{found} trustees{of} have opened, {expected} are needed")
            }
            Self::WrongTotal { cell } => {
                write!(f, "a total of cell {cell} is not what the decryption shares open")
            }
            Self::WrongElected { contest } => {
                write!(f, "the elected of contest {contest} are not those who follow from its rows")
            }
            Self::WrongAccount { contest } => write!(
                f,
                "the votes of contest {contest} that are counted, not given and left out are not those that its ballots hold"
            ),
            Self::WrongTurnout { part, place } => {
                write!(f, "{part} {place}: not what the ballots on the board give")
            }
            Self::Randomness => f.write_str("the random number generator failed; try again"),
        }
    }
}

impl core::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Malformed(error) => Some(error),
            Self::Manifest(error) => Some(error),
            Self::Keys(error) => Some(error),
            Self::Roll(error) => Some(error),
            Self::Opening(error) => Some(error),
            Self::Delegation(error) => Some(error),
            Self::Withdrawal(error) => Some(error),
            Self::Mix { error, .. } => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn what_is_out_of_phase_is_said_in_english() {
        let refusal = |kind, phase| Refusal::OutOfPhase { kind, phase }.to_string();
        assert_eq!(refusal(Kind::Round, Phase::Voting), "no end of a round is taken during voting");
        assert_eq!(refusal(Kind::Erasure, Phase::Empty), "no erasure is taken before the manifest");
    }

    #[test]
    fn a_ballot_of_another_election_is_told_what_may_be_wrong() {
        let text = Refusal::Proof(ProofCheck::Equation("BALLOT.V1")).to_string();
        assert!(text.contains("BALLOT.V1") && text.contains("another election"), "{text}");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let unknown = Kind::split(&[99]).unwrap_err();
        let text = Refusal::Malformed(unknown).to_string();
        assert_eq!(
            text,
            "cannot be read: at byte 0, kind: the byte 99 names no variant of this value"
        );
    }

    #[test]
    fn what_main_prints_of_an_error_has_roots_in_digits() {
        let [signed, found] =
            [0xca, 0xfe].map(|byte| (3, crate::log::merkle::Root::from([byte; 32])));
        let error = crate::board::GuardError::OtherClose { signed, found };
        let text = alloc::format!("{error:?}");
        assert!(text.contains(&"ca".repeat(32)) && text.contains(&"fe".repeat(32)), "{text}");
    }
}
