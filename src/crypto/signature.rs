//! Registered keys of the authors on the board: the operator and the trustees.
//!
//! An author has one key for the whole election, registered in the manifest with a proof of possession. Everything an author
//! writes is a Schnorr signature of knowledge under this key, or a larger proof with the same secret in its witness.

use crate::{
    codec::{
        Decode, DecodeError, Encode, Reader, TextError,
        text::{bytes_of_text, text},
    },
    crypto::{
        ProofCheck, ProveError, VerifyError,
        group::Element,
        linear,
        transcript::{Transcript, label, random_scalar},
    },
    random,
};
use alloc::vec::Vec;
use bech32::Hrp;
use core::{fmt, str::FromStr};
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Human-readable part of an author's key as text.
const KEY_PREFIX: Hrp = Hrp::parse_unchecked("author");

/// The secret of a registered author.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct AuthorSecret {
    secret: Scalar,
    #[zeroize(skip)]
    public: AuthorKey,
}

/// An author's public key with the proof that its holder knows the secret.
///
/// As text it is bech32m with the prefix `author`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorKey {
    key: Element,
    possession: linear::Proof,
}

impl AuthorSecret {
    /// A new random secret.
    pub fn random(rng: &mut (impl CryptoRng + RngCore)) -> Result<Self, ProveError> {
        let secret = random_scalar(rng)?;
        let key = Element::from_secret(&secret).ok_or(ProveError::Randomness)?;
        let mut transcript = Transcript::new(label::AUTHOR);
        let possession = knowledge(key, "KEY.POSSESSION").prove(&[secret], &mut transcript, rng)?;
        Ok(Self { secret, public: AuthorKey { key, possession } })
    }

    /// The public key, for the manifest.
    pub fn public(&self) -> &AuthorKey {
        &self.public
    }

    /// Size in bytes of a secret with its public key.
    pub(crate) const SIZE: usize = 32 + 96;

    /// Appends the secret and its public key.
    pub(crate) fn expose(&self, out: &mut Vec<u8>) {
        self.secret.encode(out);
        self.public.encode(out);
    }

    /// Reads what [`expose`](Self::expose) wrote; `None` if the public key does not belong to the secret.
    pub(crate) fn from_exposed(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let secret = reader.scalar()?;
        let public = AuthorKey::decode(reader)?;
        let fits = Element::from_secret(&secret) == Some(public.key);
        Ok(fits.then_some(Self { secret, public }))
    }

    /// The secret scalar, for proofs that have it in their witness.
    pub(crate) fn expose_secret(&self) -> &Scalar {
        &self.secret
    }

    /// Signs the content of the transcript.
    pub fn sign(
        &self,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Signature, ProveError> {
        let statement = knowledge(self.public.key, "BOARD.AUTHOR");
        Ok(Signature(statement.prove(&[self.secret], transcript, rng)?))
    }
}

impl fmt::Debug for AuthorSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorSecret({}, ..)", self.public)
    }
}

/// `key = secret·G`.
fn knowledge(key: Element, tag: &'static str) -> linear::Statement {
    let mut statement = linear::Statement::new(tag, 1);
    statement.equation(key, [(0, Element::BASE)]);
    statement
}

impl AuthorKey {
    /// The key `C = cG`.
    pub fn element(&self) -> &Element {
        &self.key
    }

    /// What stands where a key could not be read, so that more can be checked. Its proof of possession is invalid.
    pub(crate) fn nobody() -> Self {
        Self { key: Element::BASE, possession: linear::Proof::empty() }
    }

    /// Checks the proof of possession.
    ///
    /// ```text
    /// [KEY.POSSESSION]  R + x·C − z·G = 0
    /// ```
    pub fn verify(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<(), VerifyError> {
        Ok(self.verify_with(&random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn verify_with(&self, seed: &[u8; 32]) -> Result<(), ProofCheck> {
        // [KEY.POSSESSION] R + x·C − z·G = 0
        let mut transcript = Transcript::new(label::AUTHOR);
        knowledge(self.key, "KEY.POSSESSION").verify_with(&self.possession, &mut transcript, seed)
    }

    /// Checks a signature of this author under the content of the transcript.
    pub fn verify_signature(
        &self,
        signature: &Signature,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        Ok(self.verify_signature_with(signature, transcript, &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn verify_signature_with(
        &self,
        signature: &Signature,
        transcript: &mut Transcript,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        // [BOARD.AUTHOR] R + x·C − z·G = 0
        knowledge(self.key, "BOARD.AUTHOR").verify_with(&signature.0, transcript, seed)
    }
}

impl Encode for AuthorKey {
    fn encode(&self, out: &mut Vec<u8>) {
        self.key.encode(out);
        self.possession.encode(out);
    }
}

impl Decode for AuthorKey {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { key: reader.element()?, possession: linear::Proof::decode(reader, 1, 1)? })
    }
}

impl fmt::Display for AuthorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text(f, KEY_PREFIX, &self.to_bytes())
    }
}

impl FromStr for AuthorKey {
    type Err = TextError;

    fn from_str(s: &str) -> Result<Self, TextError> {
        Self::from_bytes(&bytes_of_text(KEY_PREFIX, s)?).map_err(TextError::Value)
    }
}

/// A signature of knowledge under an author's key; 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature(linear::Proof);

impl Encode for Signature {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for Signature {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(linear::Proof::decode(reader, 1, 1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::DecodeErrorKind;
    use alloc::string::String;
    use rand_core::OsRng;

    #[test]
    fn key_possession_is_refused_after_any_bit_flip() {
        let bytes = AuthorSecret::random(&mut OsRng).unwrap().public().to_bytes();
        assert_eq!(bytes.len(), 96);
        AuthorKey::from_bytes(&bytes).unwrap().verify(&mut OsRng).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(key) = AuthorKey::from_bytes(&flipped) {
                let error = key.verify(&mut OsRng).unwrap_err();
                assert_eq!(
                    error.culprits()[0].check,
                    ProofCheck::Equation("KEY.POSSESSION"),
                    "bit {bit}"
                );
            }
        }
        for end in 0..bytes.len() {
            assert!(AuthorKey::from_bytes(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn board_author_signatures_bind_key_and_text() {
        let [alice, bob] = [0, 1].map(|_| AuthorSecret::random(&mut OsRng).unwrap());
        let text = |n| {
            let mut transcript = Transcript::new(b"test");
            transcript.append_u64(b"n", n);
            transcript
        };
        let signature = alice.sign(&mut text(1), &mut OsRng).unwrap();
        alice.public().verify_signature(&signature, &mut text(1), &mut OsRng).unwrap();
        assert!(alice.public().verify_signature(&signature, &mut text(2), &mut OsRng).is_err());
        assert!(bob.public().verify_signature(&signature, &mut text(1), &mut OsRng).is_err());
    }

    #[test]
    fn text_survives_hyphens_and_catches_typing_errors() {
        let key = AuthorSecret::random(&mut OsRng).unwrap().public().clone();
        let text = alloc::format!("{key}");
        assert_eq!(text.parse::<AuthorKey>().unwrap(), key);
        let (head, tail) = text.split_at(30);
        assert_eq!(alloc::format!(" {head}-{tail}\n").to_uppercase().parse(), Ok(key));
        let mut wrong = text.clone().into_bytes();
        wrong[20] = if wrong[20] == b'q' { b'p' } else { b'q' };
        let wrong = String::from_utf8(wrong).unwrap();
        assert_eq!(wrong.parse::<AuthorKey>(), Err(TextError::Checksum));
    }

    #[test]
    fn one_key_has_one_text() {
        use bech32::{Bech32m, ByteIterExt, Fe32, Fe32IterExt};
        let key = AuthorSecret::random(&mut OsRng).unwrap().public().clone();
        let bytes = key.to_bytes();
        let characters: Vec<Fe32> = bytes.iter().copied().bytes_to_fes().collect();
        let text = |characters: Vec<Fe32>| -> String {
            characters.into_iter().with_checksum::<Bech32m>(&KEY_PREFIX).chars().collect()
        };
        assert_eq!(text(characters.clone()), alloc::format!("{key}"));
        let unused = DecodeError::new(96, DecodeErrorKind::NotCanonical);
        // 768 bits take 154 characters; the last has two unused bits.
        let mut set = characters.clone();
        set[153] = Fe32::try_from(characters[153].to_u8() | 1).unwrap();
        let mut longer = characters;
        longer.push(Fe32::Q);
        for other in [set, longer] {
            assert_eq!(text(other).parse::<AuthorKey>(), Err(TextError::Value(unused)));
        }
    }
}
