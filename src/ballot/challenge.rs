//! The voter's challenge to the device: cast the ballot, or spoil it and see its content.
//!
//! The request contains the ballot's tracker and not the ballot. Otherwise whoever receives the request could cast the ballot
//! in it.

use super::{CastBallot, Election, SealedBallot, Tracker};
use crate::{
    codec::{Decode, DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError, VerifyError,
        group::Element,
        linear,
        transcript::{Transcript, label},
    },
    random,
    roll::{Credential, VoterKey},
};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// A voter's statement that the ballot with this tracker shall be opened and never cast. 224 bytes.
///
/// Its proof signs for the voter and for the ballot's nonce, so nobody can spoil another voter's ballot, or block one through
/// its nonce point:
///
/// ```text
/// [SPOIL.REQUEST]  R + x·P − z·G = 0   for P = X and P = A
/// ```
///
/// Only the opening shows that the tracker belongs to a ballot with this voter and nonce point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoilRequest {
    tracker: Tracker,
    voter: Element,
    nonce_point: Element,
    proof: linear::Proof,
}

impl SpoilRequest {
    /// The tracker of the ballot.
    pub fn tracker(&self) -> Tracker {
        self.tracker
    }

    /// The voter's public key `X`.
    pub fn voter(&self) -> &Element {
        &self.voter
    }

    /// The ballot's nonce point `A`.
    pub(crate) fn nonce_point(&self) -> &Element {
        &self.nonce_point
    }

    /// Checks that the voter signed and knows the nonce.
    pub fn verify(
        &self,
        election: &Election,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        Ok(self.verify_with(election, &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn verify_with(
        &self,
        election: &Election,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        // [SPOIL.REQUEST] R + x·P − z·G = 0 for P = X and P = A
        let Self { tracker, voter, nonce_point, proof } = self;
        request(voter, nonce_point).verify_with(proof, &mut transcript(election, tracker), seed)
    }
}

/// The statement: the signer knows both logarithms.
fn request(voter: &Element, nonce_point: &Element) -> linear::Statement {
    let mut statement = linear::Statement::new("SPOIL.REQUEST", 2);
    statement.equation(*voter, [(0, Element::BASE)]);
    statement.equation(*nonce_point, [(1, Element::BASE)]);
    statement
}

fn transcript(election: &Election, tracker: &Tracker) -> Transcript {
    let mut transcript = election.context().proof(label::SPOIL);
    transcript.append_bytes(b"tracker", tracker.as_bytes());
    transcript
}

impl Encode for SpoilRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { tracker, voter, nonce_point, proof } = self;
        out.extend_from_slice(tracker.as_bytes());
        voter.encode(out);
        nonce_point.encode(out);
        proof.encode(out);
    }
}

impl Decode for SpoilRequest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            tracker: reader.field("tracker").array()?.into(),
            voter: reader.field("the voter's key").element()?,
            nonce_point: reader.field("A").element()?,
            proof: linear::Proof::decode(reader.field("proof"), 2, 2)?,
        })
    }
}

impl SealedBallot {
    /// Spoils the ballot: it can never be cast, and it can be opened once the board has the request.
    ///
    /// # Errors
    ///
    /// `WrongSecret` if the credential is not that of the ballot, `OtherElection` if the election is not. In both cases the
    /// ballot is dropped and its nonce erased.
    pub fn spoil(
        self,
        election: &Election,
        credential: &Credential,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(SpoilRequest, SpoiledBallot), ProveError> {
        let Self { election: own, ballot, nonce } = self;
        let (tracker, voter, nonce_point) =
            (ballot.tracker(), *ballot.voter(), ballot.ciphertext.a);
        if voter != *credential.public() {
            return Err(ProveError::WrongSecret);
        }
        // The operator of another election could have it opened, and it could still be cast in its own election.
        if !own.is(election) {
            return Err(ProveError::OtherElection);
        }
        let secrets = Zeroizing::new([*credential.expose_secret(), *nonce]);
        let proof = request(&voter, &nonce_point).prove(
            secrets.as_slice(),
            &mut transcript(election, &tracker),
            rng,
        )?;
        let request = SpoilRequest { tracker, voter, nonce_point, proof };
        Ok((request, SpoiledBallot { election: election.clone(), ballot, nonce }))
    }
}

/// A spoiled ballot on the voter's device, before it is opened. It holds the nonce.
///
/// Ballot and nonce are released together, and only for the operator's receipt that the request is on the board
/// ([`open`](Self::open)). Whoever had both earlier could cast the ballot and prove its content.
pub struct SpoiledBallot {
    election: Election,
    ballot: CastBallot,
    nonce: Zeroizing<Scalar>,
}

impl SpoiledBallot {
    /// The ballot's tracker.
    pub fn tracker(&self) -> Tracker {
        self.ballot.tracker()
    }

    /// The election for which it was made.
    pub(crate) fn election(&self) -> &Election {
        &self.election
    }

    /// Ballot and nonce, for a caller who knows that the request is on the board.
    pub(crate) fn expose_opening(&self) -> SpoilOpening {
        SpoilOpening { ballot: self.ballot.clone(), nonce: *self.nonce }
    }
}

impl fmt::Debug for SpoiledBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpoiledBallot({}, ..)", self.tracker())
    }
}

/// A spoiled ballot with its nonce, for everybody to open. It is not checked; [`Election::check_opening`] does that.
///
/// It holds no votes: they follow from the nonce, and a second copy would have to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoilOpening {
    pub(super) ballot: CastBallot,
    pub(super) nonce: Scalar,
}

impl SpoilOpening {
    /// The ballot.
    pub fn ballot(&self) -> &CastBallot {
        &self.ballot
    }

    /// The ballot's tracker.
    pub fn tracker(&self) -> Tracker {
        self.ballot.tracker()
    }

    /// The ballot's voter, to be compared with one's own key: the device may have shown the tracker of another's ballot.
    pub fn voter(&self) -> VoterKey {
        self.ballot.voter().into()
    }
}

impl Encode for SpoilOpening {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { ballot, nonce } = self;
        nonce.encode(out);
        ballot.encode(out);
    }
}

impl Election {
    /// Reads an opening: 32 bytes of nonce, then the ballot.
    pub fn read_opening(&self, bytes: &[u8]) -> Result<SpoilOpening, DecodeError> {
        let mut reader = Reader::new(bytes);
        let nonce = reader.field("nonce").scalar()?;
        let ballot = reader.bytes(reader.left())?;
        let ballot = self
            .read_ballot(ballot)
            .map_err(|error| DecodeError { at: error.at.saturating_add(32), ..error })?;
        Ok(SpoilOpening { ballot, nonce })
    }
}
