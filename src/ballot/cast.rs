//! A ballot in its stages: sealed on the device, cast, verified.

use super::Tracker;
use crate::{
    codec::Encode,
    crypto::{bits::Proof, elgamal::Ciphertext, group::Element, wide},
    manifest::ManifestHash,
};
use alloc::vec::Vec;

/// Where a ballot was cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Not at a polling station: at home, on a phone.
    Remote,
    /// At the polling station with this place in the manifest.
    Station(u16),
}

/// The public part of a ballot besides voter and ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The ballot style's place in the manifest.
    pub style: u16,
    /// How many ballots of this voter were accepted before; 0 for the first.
    pub sequence: u32,
    /// Where the ballot is cast.
    pub origin: Origin,
}

impl Header {
    /// The header of a voter's first ballot, cast remotely.
    pub fn remote(style: u16) -> Self {
        Self { style, sequence: 0, origin: Origin::Remote }
    }
}

/// A ballot as received: well formed, but with an unverified proof.
///
/// A tally does not accept it:
///
/// ```compile_fail,E0308
/// # use tabella::{ballot::CastBallot, tally::PartialTally};
/// fn count(ballot: &CastBallot, sums: &mut PartialTally) {
///     let _ = sums.add(ballot, 1); // expects a `VerifiedBallot`
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CastBallot {
    pub(super) header: Header,
    pub(super) voter: Element,
    /// Only if the style has a contest in which the weight is split.
    pub(super) weight: Option<u64>,
    pub(super) ciphertext: Ciphertext,
    /// That of the folded contests, if the style has any.
    pub(super) folded: Option<wide::Proof>,
    pub(super) proof: Proof,
}

impl CastBallot {
    /// The public header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The voter's public key.
    pub fn voter(&self) -> &Element {
        &self.voter
    }

    /// The weight that the ballot splits, if its style has a contest for that. The proof is about this number, and the board accepts
    /// no other than the roll's.
    pub fn weight(&self) -> Option<u64> {
        self.weight
    }

    /// The ciphertext, over the slots of the ballot style.
    pub fn ciphertext(&self) -> &Ciphertext {
        &self.ciphertext
    }

    /// The ballot's tracker.
    pub fn tracker(&self) -> Tracker {
        Tracker::of(&self.to_bytes())
    }
}

/// What a ballot says before its ciphertext: who sent it, as what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub(crate) header: Header,
    pub(crate) voter: [u8; 32],
    pub(crate) weight: Option<u64>,
}

/// What the rules of acceptance need to know about a ballot before its points are decoded and its proof is verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) sender: Sender,
    pub(crate) nonce: [u8; 32],
    pub(crate) tracker: Tracker,
}

impl Encode for CastBallot {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { header, voter, weight, ciphertext, folded, proof } = self;
        let Header { style, sequence, origin } = header;
        out.extend_from_slice(&style.to_be_bytes());
        out.extend_from_slice(&sequence.to_be_bytes());
        match origin {
            Origin::Remote => out.push(0),
            Origin::Station(station) => {
                out.push(1);
                out.extend_from_slice(&station.to_be_bytes());
            }
        }
        voter.encode(out);
        weight.iter().for_each(|weight| out.extend_from_slice(&weight.to_be_bytes()));
        ciphertext.encode(out);
        folded.iter().for_each(|folded| folded.encode(out));
        proof.encode(out);
    }
}

/// A ballot whose proof was verified in this process. Only [`Election::verify`](super::Election::verify) and
/// [`Election::verify_all`](super::Election::verify_all) make one.
///
/// Nothing else can construct it:
///
/// ```compile_fail,E0451
/// # use tabella::{ballot::{CastBallot, VerifiedBallot}, manifest::ManifestHash};
/// fn believe(ballot: CastBallot, manifest: ManifestHash) -> VerifiedBallot {
///     VerifiedBallot { ballot, manifest }
/// }
/// ```
///
/// It cannot be read from bytes or with serde either, since that would skip the proof:
///
/// ```compile_fail,E0277
/// # use tabella::{ballot::VerifiedBallot, codec::Decode};
/// fn decodable<T: Decode>() {}
/// decodable::<VerifiedBallot>();
/// ```
///
/// ```compile_fail,E0277
/// # use tabella::ballot::VerifiedBallot;
/// fn deserializable<T: serde::de::DeserializeOwned>() {}
/// deserializable::<VerifiedBallot>();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBallot {
    pub(super) ballot: CastBallot,
    pub(super) manifest: ManifestHash,
}

impl VerifiedBallot {
    /// The manifest of the election for which it is valid.
    pub fn manifest(&self) -> ManifestHash {
        self.manifest
    }
}

impl core::ops::Deref for VerifiedBallot {
    type Target = CastBallot;

    fn deref(&self) -> &CastBallot {
        &self.ballot
    }
}
