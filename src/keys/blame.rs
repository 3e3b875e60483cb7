//! Evidence of who is at fault in a ceremony, which anybody can check.

use super::{Commit, Complaint, Deal, Setup, ShareFault};
use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader, put_count},
    crypto::ProofCheck,
    random,
};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};

/// Most bytes of a deal in a certificate.
const MAX_DEAL: usize = 1 << 27;

/// A party of a ceremony. In the first ceremony the dealers are the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The dealer with this number.
    Dealer(u16),
    /// The member with this number.
    Member(u16),
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dealer(number) => write!(f, "dealer {number}"),
            Self::Member(number) => write!(f, "trustee {number}"),
        }
    }
}

/// Evidence that a party broke the rules of a ceremony. Anybody with the ceremony's [`Setup`] can check it; that of the first
/// ceremony follows from the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blame {
    /// A commitment, and a deal by its dealer that differs from it or is invalid.
    Deal {
        /// The commit.
        commit: Commit,
        /// The deal's bytes.
        deal: Vec<u8>,
    },
    /// A complaint and the deal that it is about: one of the two parties is at fault.
    Share {
        /// The deal's bytes.
        deal: Vec<u8>,
        /// The complaint.
        complaint: Complaint,
    },
}

/// What a party did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartyFault {
    /// Showed another deal than it committed to.
    WrongCommit,
    /// Dealt bytes that cannot be read.
    UnreadableDeal(DecodeError),
    /// Dealt with an invalid proof.
    InvalidDeal(ProofCheck),
    /// Dealt a bad share.
    BadShare {
        /// To the member with this number.
        to: u16,
        /// What is wrong with it.
        fault: ShareFault,
    },
    /// Complained about a good share.
    FalseComplaint {
        /// The number of the dealer.
        of: u16,
    },
}

impl fmt::Display for PartyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongCommit => f.write_str("showed another deal than it committed to"),
            Self::UnreadableDeal(error) => write!(f, "dealt bytes that cannot be read: {error}"),
            Self::InvalidDeal(check) => write!(f, "dealt with an invalid proof: {check}"),
            Self::BadShare { to, fault } => {
                write!(f, "dealt a bad share to trustee {to}: {fault}")
            }
            Self::FalseComplaint { of } => {
                write!(f, "complained about dealer {of}, whose share is good")
            }
        }
    }
}

/// The party at fault, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    /// The party.
    pub party: Party,
    /// Its fault.
    pub fault: PartyFault,
}

impl fmt::Display for Conviction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.party, self.fault)
    }
}

/// Why evidence proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoConviction {
    /// The commit is not signed by the dealer.
    Commit,
    /// The dealer neither proved this deal nor committed to it, so anybody could have made it.
    Deal,
    /// The deal is valid and the one that its dealer committed to.
    Innocent,
    /// The complaint is not signed by the member, or is about another deal.
    Complaint,
    /// The random number generator failed. This says nothing about the evidence.
    Randomness,
}

impl fmt::Display for NoConviction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "the commit is not signed by its dealer",
            Self::Deal => "the deal is neither valid nor the one that the dealer committed to, so anybody could have made it",
            Self::Innocent => "the deal is valid and the one that the dealer committed to",
            Self::Complaint => "the complaint is not signed by its member for this deal",
            Self::Randomness => "the random number generator failed",
        })
    }
}

impl core::error::Error for NoConviction {}

/// The deal of this dealer, or what is wrong with it.
pub(super) fn read_deal(
    setup: &Setup,
    dealer: u16,
    bytes: &[u8],
    seed: &[u8; 32],
) -> Result<Deal, PartyFault> {
    let deal = Deal::from_bytes(bytes, setup).map_err(PartyFault::UnreadableDeal)?;
    if deal.dealer() != dealer {
        return Err(PartyFault::InvalidDeal(ProofCheck::Shape));
    }
    deal.verify_with(setup, seed).map_err(PartyFault::InvalidDeal)?;
    Ok(deal)
}

/// Decides a complaint that its member signed about a deal that its dealer signed. `wrong_slot` returns the first slot in
/// which a member's share does not match the deal.
pub(super) fn decide(
    setup: &Setup,
    deal: &Deal,
    complaint: &Complaint,
    wrong_slot: impl FnOnce(&[Scalar], u16) -> Option<usize>,
) -> Conviction {
    let (dealer, member) = (complaint.dealer(), complaint.complainer());
    let fault = match deal.decrypt(setup, member, complaint.shared().point()) {
        Ok(share) => wrong_slot(&share, member).map(|slot| ShareFault::Equation { slot }),
        Err(fault) => Some(fault),
    };
    match fault {
        None => Conviction {
            party: Party::Member(member),
            fault: PartyFault::FalseComplaint { of: dealer },
        },
        Some(fault) => Conviction {
            party: Party::Dealer(dealer),
            fault: PartyFault::BadShare { to: member, fault },
        },
    }
}

impl Blame {
    /// The verdict that the evidence proves. It is the same for everybody.
    pub fn conviction(
        &self,
        setup: &Setup,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Conviction, NoConviction> {
        self.conviction_with(setup, &random::seed(rng).map_err(|_| NoConviction::Randomness)?)
    }

    /// The same with batch weights from this seed. Commits, deals and complaints have separate transcripts.
    fn conviction_with(&self, setup: &Setup, seed: &[u8; 32]) -> Result<Conviction, NoConviction> {
        match self {
            Self::Deal { commit, deal } => {
                commit.verify_with(setup, seed).map_err(|_| NoConviction::Commit)?;
                let dealer = commit.dealer();
                let fault =
                    match (commit.matches(setup, deal), read_deal(setup, dealer, deal, seed)) {
                        (true, Ok(_)) => return Err(NoConviction::Innocent),
                        (true, Err(fault)) => fault,
                        // The proof of a deal is its dealer's signature.
                        (false, Ok(_)) => PartyFault::WrongCommit,
                        (false, Err(_)) => return Err(NoConviction::Deal),
                    };
                Ok(Conviction { party: Party::Dealer(dealer), fault })
            }
            Self::Share { deal, complaint } => {
                let deal = read_deal(setup, complaint.dealer(), deal, seed);
                let deal = deal.map_err(|_| NoConviction::Deal)?;
                complaint.verify_with(setup, &deal, seed).map_err(|_| NoConviction::Complaint)?;
                Ok(decide(setup, &deal, complaint, |share, member| deal.wrong_slot(share, member)))
            }
        }
    }
}

impl Encode for Blame {
    fn encode(&self, out: &mut Vec<u8>) {
        let (kind, deal) = match self {
            Self::Deal { deal, .. } => (0, deal),
            Self::Share { deal, .. } => (1, deal),
        };
        out.push(kind);
        put_count(out, deal.len());
        out.extend_from_slice(deal);
        match self {
            Self::Deal { commit, .. } => commit.encode(out),
            Self::Share { complaint, .. } => complaint.encode(out),
        }
    }
}

impl Decode for Blame {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let found = reader.u8()?;
        let tag = reader.error(1, DecodeErrorKind::Tag { found });
        let length = reader.count(MAX_DEAL, 1)?;
        let deal = reader.bytes(length)?.to_vec();
        match found {
            0 => Ok(Self::Deal { commit: Commit::decode(reader)?, deal }),
            1 => Ok(Self::Share { deal, complaint: Complaint::decode(reader)? }),
            _ => Err(tag),
        }
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { hex: Blame, "a certificate of blame"; }
