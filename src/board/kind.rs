//! What stands on a board.

use crate::codec::{DecodeError, DecodeErrorKind, Reader};
use core::fmt;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Kind {
    /// The manifest, signed by the operator.
    Manifest = 1,
    /// A trustee's deal in the key ceremony.
    Deal = 2,
    /// A trustee's signature under the ceremony.
    Confirmation = 3,
    /// The roll, signed by the operator. Voting is open from here.
    Roll = 4,
    /// A cast ballot.
    Ballot = 5,
    /// A trustee's signature that voting ends where it is frozen. With a quorum of them it is closed.
    Close = 6,
    /// The sums that are opened, signed by the operator.
    Tally = 7,
    /// A trustee's decryption share.
    Share = 8,
    /// The outcome, signed by the operator.
    Result = 9,
    /// A dealer's commitment to a deal.
    Commit = 10,
    /// A trustee's complaint about a share that it was dealt.
    Complaint = 11,
    /// The end of a round of the key ceremony, signed by the operator.
    Round = 12,
    /// A question to the trustees whether they still hold their shares, signed by the operator.
    Question = 13,
    /// A trustee's answer to the last question.
    Rehearsal = 14,
    /// New trustees who shall have the shares, signed by the operator.
    Reshare = 15,
    /// A trustee's statement that it erased its shares after a resharing.
    Erasure = 16,
    /// A voter's statement that a ballot is spoiled and shall never be cast.
    SpoilRequest = 17,
    /// A spoiled ballot with its nonce.
    SpoilOpening = 18,
    /// A trustee's mix of the rows of one cell.
    Mix = 19,
    /// Voting is frozen, until it is closed or the freeze lifted; signed by the operator.
    Freeze = 20,
    /// The end of a freeze, after which voting goes on; signed by the operator.
    Lift = 21,
    /// An option that can no longer be elected, signed by the operator.
    Withdrawal = 22,
    /// A voter lets a proxy cast for her; signed by both, and with the key under which the proxy casts.
    Delegation = 23,
}

impl Kind {
    const ALL: [Self; 23] = [
        Self::Manifest,
        Self::Deal,
        Self::Confirmation,
        Self::Roll,
        Self::Ballot,
        Self::Close,
        Self::Tally,
        Self::Share,
        Self::Result,
        Self::Commit,
        Self::Complaint,
        Self::Round,
        Self::Question,
        Self::Rehearsal,
        Self::Reshare,
        Self::Erasure,
        Self::SpoilRequest,
        Self::SpoilOpening,
        Self::Mix,
        Self::Freeze,
        Self::Lift,
        Self::Withdrawal,
        Self::Delegation,
    ];

    /// The kind and the content of an object.
    pub fn split(object: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let mut reader = Reader::new(object);
        let found = reader.field("kind").u8()?;
        let kind = Self::ALL.into_iter().find(|kind| *kind as u8 == found);
        let kind = kind.ok_or_else(|| reader.error(1, DecodeErrorKind::Tag { found }))?;
        Ok((kind, object.get(1..).unwrap_or_default()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manifest => "manifest",
            Self::Deal => "deal",
            Self::Confirmation => "confirmation",
            Self::Roll => "roll",
            Self::Ballot => "ballot",
            Self::Close => "close",
            Self::Tally => "tally",
            Self::Share => "decryption share",
            Self::Result => "result",
            Self::Commit => "commit",
            Self::Complaint => "complaint",
            Self::Round => "end of a round",
            Self::Question => "question",
            Self::Rehearsal => "rehearsal",
            Self::Reshare => "resharing",
            Self::Erasure => "erasure",
            Self::SpoilRequest => "spoil request",
            Self::SpoilOpening => "spoil opening",
            Self::Mix => "mix",
            Self::Freeze => "freeze",
            Self::Lift => "lift of a freeze",
            Self::Withdrawal => "withdrawal",
            Self::Delegation => "delegation",
        })
    }
}
