//! A voter's secret.

use super::{
    Registration,
    registration::{context, possession},
};
use crate::{
    codec::{
        Reader, TextError,
        text::{bytes_of_text, text},
    },
    crypto::{ProveError, group::Element},
    manifest::Manifest,
};
use alloc::string::String;
use bech32::{Bech32m, Hrp};
use core::{fmt, str::FromStr};
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Human-readable part of a credential as text.
const CREDENTIAL_PREFIX: Hrp = Hrp::parse_unchecked("voter");
/// Bytes of the seed from which a credential is derived. 160 bits: to guess one credential out of 2³² stays as hard as to
/// break the group.
const SEED: usize = 20;

/// A voter's secret. Whoever knows it can vote in this voter's name.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Credential {
    seed: [u8; SEED],
    secret: Scalar,
    #[zeroize(skip)]
    public: Element,
}

impl Credential {
    /// A new random credential.
    pub fn random(rng: &mut (impl CryptoRng + RngCore)) -> Result<Self, ProveError> {
        let mut seed = Zeroizing::new([0; SEED]);
        rng.try_fill_bytes(seed.as_mut()).map_err(|_| ProveError::Randomness)?;
        Self::from_seed(&seed).ok_or(ProveError::Randomness)
    }

    fn from_seed(seed: &[u8; SEED]) -> Option<Self> {
        let mut hash = Sha3_512::new();
        hash.update(b"tabella/v1 credential");
        hash.update(seed);
        let wide: Zeroizing<[u8; 64]> = Zeroizing::new(hash.finalize().into());
        let secret = Scalar::from_bytes_mod_order_wide(&wide);
        Some(Self { seed: *seed, secret, public: Element::from_secret(&secret)? })
    }

    /// The public key `X`, which identifies the voter on the roll.
    pub fn public(&self) -> &Element {
        &self.public
    }

    /// The credential as text that a person can type: bech32m with the prefix `voter`, 44 characters.
    /// The checksum detects up to four mistyped characters. Reading ignores spaces, hyphens and dashes, and accepts capitals.
    pub fn expose_text(&self) -> Zeroizing<String> {
        struct Shown<'a>(&'a Credential);
        impl fmt::Display for Shown<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                text(f, CREDENTIAL_PREFIX, &self.0.seed)
            }
        }
        let length = bech32::encoded_length::<Bech32m>(CREDENTIAL_PREFIX, &self.seed).unwrap_or(64);
        let mut out = Zeroizing::new(String::with_capacity(length));
        // Writing to a string does not fail.
        let _ = fmt::write(&mut *out, format_args!("{}", Shown(self)));
        out
    }

    pub(crate) fn expose_secret(&self) -> &Scalar {
        &self.secret
    }

    /// Requests a line on the roll of this election, for ballots of this style (its place in the manifest).
    /// The weight is 1 until the registrar sets another.
    pub fn registration(
        &self,
        manifest: &Manifest,
        style: u16,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Registration, ProveError> {
        let mut transcript = context(manifest.hash());
        let possession = possession(self.public).prove(&[self.secret], &mut transcript, rng)?;
        Ok(Registration { key: self.public, style, weight: 1, possession })
    }
}

impl FromStr for Credential {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let bytes = Zeroizing::new(bytes_of_text(CREDENTIAL_PREFIX, text)?);
        let mut reader = Reader::new(&bytes);
        let seed = Zeroizing::new(reader.array().map_err(TextError::Value)?);
        reader.finish().map_err(TextError::Value)?;
        Self::from_seed(&seed).ok_or(TextError::Checksum)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({:?}, ..)", self.public)
    }
}
