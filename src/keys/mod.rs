//! The key ceremony: `n` trustees make slot keys that any `t` of them, and no fewer, can open.
//!
//! Trustees can be in groups ([`Groups`](crate::manifest::Groups)), each with a threshold of its own: then it takes the threshold of
//! each group. A dealer deals for its own group only, and the slot keys are the sums over all groups.
//!
//! It has four rounds. The operator closes each of them:
//!
//! 1. **Commit.** Every trustee makes a [`Deal`] and commits to it ([`Commit`]), so that nobody can choose a deal after
//!    seeing those of others.
//! 2. **Deal.** The deals are published. A deal that differs from its commitment, or has no valid proof, is evidence
//!    ([`Blame`]).
//! 3. **Complain.** A trustee who was dealt a bad share publishes it ([`Complaint`]). At the end all complaints are decided
//!    together. Every party at fault is out, and the keys follow from the remaining deals ([`Ceremony`]).
//! 4. **Confirm.** Every trustee with good shares ([`Trustee`]) signs the keys.
//!
//! If at least `t` trustees are honest, a ceremony ends with keys. An [`Observer`] follows it without any secret. The shares
//! can later be handed over to other trustees, in the same rounds and with the same slot keys ([`Trustee::hand_over`]).
//!
//! ```text
//! [KEY.DEAL]       the proof of a deal
//! [KEY.SHARE]      s_{ijk}G = Σₑ jᵉF_{ike}
//! [KEY.COMPLAINT]  the proof of a complaint
//! [KEY.RESHARE]    the proof of a deal in a resharing
//! [KEY.REHEARSAL]  the proof that a trustee still holds its shares
//! ```
//!
//! Trustees can store what they keep between rounds, and until the tally, under a passphrase ([`vault`]).

mod blame;
mod ceremony;
mod deal;
mod holders;
mod local;
mod messages;
mod observer;
mod rest;
mod setup;
mod shares;
mod signed;
mod trustee;
pub mod vault;

pub use blame::{Blame, Conviction, NoConviction, Party, PartyFault};
pub use ceremony::Ceremony;
pub(crate) use ceremony::lagrange;
pub use deal::{Deal, ShareFault};
pub use holders::Holders;
pub use local::{Messages, in_one_process};
pub use messages::{Commit, Complaint, Confirmation, Erasure, Rehearsal};
pub use observer::{Observer, Round};
pub use rest::AtRest;
pub use setup::Setup;
pub use signed::SignedKeys;
pub(crate) use trustee::Memory;
pub use trustee::{Dealer, Recipient, Trustee};

use crate::manifest::OfGroup;
use alloc::{string::String, vec::Vec};
use core::fmt;

/// Why a ceremony refuses a message, or does not give keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The message belongs to another round, or to another ceremony.
    WrongRound {
        /// The current round.
        now: Round,
    },
    /// The ceremony has no party with this number in that role.
    NoParty {
        /// The number found.
        number: u16,
        /// How many take part in it.
        parties: usize,
    },
    /// The party with this number has sent this before.
    Duplicate {
        /// Its number.
        number: u16,
    },
    /// The party with this number is out: it was found at fault, or did not do its part.
    Out {
        /// Its number.
        number: u16,
    },
    /// The signature, or the proof in its place, is not that of the party with this number.
    Signature {
        /// Its number.
        number: u16,
    },
    /// A deal without a commitment, or a commitment to another deal.
    NotCommitted {
        /// The dealer's number.
        dealer: u16,
    },
    /// There is no such deal.
    NoDeal {
        /// The dealer's number.
        dealer: u16,
    },
    /// A wrong deal that anybody could have made.
    BadDeal {
        /// The dealer named in the deal.
        dealer: u16,
        /// What is wrong.
        fault: PartyFault,
    },
    /// The members of a resharing are not 1 to 255 with different names and keys, or the threshold of a group is not between 1 and
    /// the number of its members.
    Members,
    /// Too few parties of a group have done their part or are left.
    TooFew {
        /// The group's name; empty if there are no groups.
        group: String,
        /// The number of them.
        found: usize,
        /// How many are needed.
        needed: usize,
        /// The numbers of the others in the group.
        missing: Vec<u16>,
    },
    /// A slot key or a verification key is the identity.
    IdentityKey {
        /// The slot, from 0.
        slot: usize,
    },
    /// This trustee was dealt a bad share.
    BadShare {
        /// The dealer's number.
        dealer: u16,
        /// What is wrong with the share.
        fault: ShareFault,
    },
    /// The secret is not that of the trustee with this number.
    WrongSecret {
        /// The number.
        number: u16,
    },
    /// The random number generator failed.
    Randomness,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongRound { now } => write!(f, "it does not belong here: this is {now}"),
            Self::NoParty { number, parties } => {
                write!(f, "there is no trustee {number} among the {parties} who take part in this")
            }
            Self::Duplicate { number } => write!(f, "trustee {number} has sent this before"),
            Self::Out { number } => write!(f, "trustee {number} is out of this ceremony"),
            Self::Signature { number } => write!(
                f,
                "it is not signed by trustee {number} of this election: it was changed, or made for another election or resharing"
            ),
            Self::NotCommitted { dealer } => {
                write!(f, "trustee {dealer} has not committed to this deal")
            }
            Self::NoDeal { dealer } => write!(f, "trustee {dealer} has not dealt"),
            Self::BadDeal { dealer, fault } => write!(
                f,
                "trustee {dealer} has neither committed to this deal nor proved it, so anybody could have made it: {fault}"
            ),
            Self::Members => f.write_str(
                "expected 1 to 255 members with different names and different keys that somebody holds, none of them the \
                 operator's, and for each group of the manifest a threshold from 1 to \
                 the number of its members",
            ),
            Self::TooFew { group, found, needed, missing } => write!(
                f,
                "{found} trustees{} are left, but {needed} are needed; missing: {missing:?}",
                OfGroup(group)
            ),
            Self::IdentityKey { slot } => write!(f, "a key of slot {slot} is the identity"),
            Self::BadShare { dealer, fault } => {
                write!(f, "trustee {dealer} dealt a bad share: {fault}")
            }
            Self::WrongSecret { number } => {
                write!(f, "the secret is not that of trustee {number} in the manifest")
            }
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::BadDeal { fault: PartyFault::UnreadableDeal(error), .. } => Some(error),
            _ => None,
        }
    }
}
