//! From choices to a sealed ballot, on the voter's device.

use super::{CastBallot, Choices, Election, Header, RuleError, Tracker};
use crate::{
    crypto::{
        bits::{Statement, Witness},
        elgamal::Ciphertext,
        transcript::random_scalar,
    },
    roll::Credential,
};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// A ballot on the voter's device before it is cast. It holds the nonce, with which it can be opened.
///
/// Casting consumes it, so a cast ballot cannot be spoiled:
///
/// ```compile_fail,E0382
/// # use rand_core::OsRng;
/// # use tabella::{Credential, Election, ballot::SealedBallot};
/// fn both(sealed: SealedBallot, election: &Election, voter: &Credential) {
///     let cast = sealed.cast();
///     let spoiled = sealed.spoil(election, voter, &mut OsRng); // `sealed` was moved
/// }
/// ```
pub struct SealedBallot {
    pub(super) election: Election,
    pub(super) ballot: CastBallot,
    pub(super) nonce: Zeroizing<Scalar>,
}

impl SealedBallot {
    /// The ballot's tracker, the same whether it is cast or spoiled. The device must show it before it asks which.
    pub fn tracker(&self) -> Tracker {
        self.ballot.tracker()
    }

    /// The ballot to cast. The nonce is erased.
    pub fn cast(self) -> CastBallot {
        drop(self.nonce);
        self.ballot
    }
}

impl fmt::Debug for SealedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBallot({}, ..)", self.tracker())
    }
}

impl Election {
    /// Encrypts a voter's choices and proves that they keep the rules of every contest of the ballot style.
    ///
    /// For valid choices it is constant time in the numbers that they give, the nonce and the credential. What was chosen is looked up
    /// by name before, options, grades and marks, and names written in are compared with each other and with the options.
    ///
    /// # Errors
    ///
    /// A [`RuleError`] says which contest's rule is broken and how.
    pub fn encrypt(
        &self,
        credential: &Credential,
        header: &Header,
        choices: &Choices,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<SealedBallot, RuleError> {
        let style = usize::from(header.style);
        let relations = &self.0.relations;
        let unknown = RuleError::UnknownStyle { found: header.style, styles: relations.len() };
        let relation = relations.get(style).ok_or(unknown)?;
        let plain = choices.for_style(&self.0.manifest, style)?;
        let nonce = {
            let transcript = self.transcript(header);
            // Includes all plaintexts, so that a generator that repeats itself does not give two ballots the same nonce.
            let folded: Zeroizing<Vec<Scalar>> =
                Zeroizing::new(plain.folded.iter().map(|value| (*value).into()).collect());
            let secrets = plain.bits.iter().chain(plain.written.iter()).chain(folded.iter());
            let secrets = secrets.chain([credential.expose_secret()]);
            Zeroizing::new(random_scalar(&mut transcript.nonces(secrets, rng)?)?)
        };
        let ciphertext = Ciphertext::encrypt_points(&relation.keys(), &plain.points, &nonce)?;
        let voter = *credential.public();
        let witness = Witness {
            bits: plain.bits.to_vec(),
            nonce: *nonce,
            signer: *credential.expose_secret(),
        };
        let weight = plain.weight;
        let statement = Statement {
            relation,
            signer: &voter,
            weight: weight.unwrap_or_default(),
            ciphertext: &ciphertext,
        };
        let mut transcript = self.transcript(header);
        let values = (plain.folded.as_slice(), &*nonce);
        let folded = self.0.folded.prove(header.style, &statement, values, &mut transcript, rng)?;
        let proof = statement.prove(&witness, &self.0.generators, &mut transcript, rng)?;
        let ballot = CastBallot { header: *header, voter, weight, ciphertext, folded, proof };
        Ok(SealedBallot { election: self.clone(), ballot, nonce })
    }
}
