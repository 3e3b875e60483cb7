//! Ed25519 keys of the log and of witnesses.

use super::is_key_name;
use crate::{
    codec::{
        Decode, DecodeError, DecodeErrorKind, Encode, Reader, TextError,
        text::{bytes_of_text, text},
    },
    random::RandomnessError,
};
use alloc::{format, string::String, vec::Vec};
use base64ct::{Base64, Encoding};
use bech32::Hrp;
use core::{fmt, str::FromStr};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Human-readable part of a log's key as text.
const LOG_PREFIX: Hrp = Hrp::parse_unchecked("log");
/// Human-readable part of a witness's key as text.
const WITNESS_PREFIX: Hrp = Hrp::parse_unchecked("witness");

/// What a key signs. The number is part of the key's id.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Checkpoints without a time.
    Log = 1,
    /// Checkpoints with a time.
    Cosignature = 4,
}

impl Kind {
    /// `SHA-256(name ‖ 0x0a ‖ type ‖ key)[..4]`.
    pub(super) fn id(self, name: &str, key: &[u8; 32]) -> [u8; 4] {
        let hash = Sha256::new_with_prefix(name).chain_update([b'\n', self as u8]);
        let [a, b, c, d, ..]: [u8; 32] = hash.chain_update(key).finalize().into();
        [a, b, c, d]
    }

    pub(super) fn vkey(self, name: &str, key: &[u8; 32]) -> String {
        let bytes = [&[self as u8], key.as_slice()].concat();
        let id = hex::encode(self.id(name, key));
        format!("{name}+{id}+{}", Base64::encode_string(&bytes))
    }

    fn read_vkey(self, text: &str) -> Result<(&str, [u8; 32]), VkeyError> {
        let (name, rest) = text.split_once('+').ok_or(VkeyError::Parts)?;
        let (id, key) = rest.split_once('+').ok_or(VkeyError::Parts)?;
        if !is_key_name(name) {
            return Err(VkeyError::Name);
        }
        let bytes = Base64::decode_vec(key).map_err(|_| VkeyError::Base64)?;
        let (kind, key) = bytes.split_first().ok_or(VkeyError::Base64)?;
        if *kind != self as u8 {
            return Err(VkeyError::Type { found: *kind, expected: self as u8 });
        }
        let key = key.try_into().map_err(|_| VkeyError::Key)?;
        if id != hex::encode(self.id(name, &key)) {
            return Err(VkeyError::Id);
        }
        Ok((name, key))
    }
}

/// The secret with which a log signs checkpoints.
///
/// It is separate from the operator's secret, because it must sign while the board grows, on a machine that is online.
pub struct LogSecret(pub(super) SigningKey);

/// The public key of a log.
///
/// As text it is bech32m with the prefix `log`, or, with the log's name, a [C2SP
/// vkey](https://c2sp.org/signed-note#verifier-keys). It is the canonical encoding of a point of large order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LogKey(VerifyingKey);

/// The secret of a witness, with its name; for tests and for those who run their own witness.
pub struct WitnessSecret {
    pub(super) secret: SigningKey,
    public: Witness,
}

/// The public key of a witness. As text it is bech32m with the prefix `witness`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WitnessKey(VerifyingKey);

/// Name and key of a witness.
///
/// As text it is the C2SP vkey that witnesses publish, of type 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The name in the witness's cosignatures, without white space and `+`.
    pub name: String,
    /// The key.
    pub key: WitnessKey,
}

impl LogSecret {
    /// A new random secret.
    pub fn random(rng: &mut (impl CryptoRng + RngCore)) -> Result<Self, RandomnessError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *seed).map_err(|_| RandomnessError)?;
        Ok(Self::from_seed(&seed))
    }

    /// The secret from this seed, the 32 bytes that RFC 8032 calls the private key.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, to be stored safely.
    pub fn expose_seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public key, for the manifest.
    pub fn public(&self) -> LogKey {
        LogKey(self.0.verifying_key())
    }
}

impl fmt::Debug for LogSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSecret({}, ..)", self.public())
    }
}

/// A canonical encoding of a point whose order is not small.
fn verifying_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes).ok()?;
    let canonical = key.to_edwards().compress().as_bytes() == bytes;
    (canonical && !key.is_weak()).then_some(key)
}

fn decode(reader: &mut Reader<'_>) -> Result<VerifyingKey, DecodeError> {
    let bytes = reader.array()?;
    verifying_key(&bytes).ok_or_else(|| reader.error(32, DecodeErrorKind::NotAKey))
}

fn verify(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> Option<()> {
    key.verify_strict(message, &Signature::from_bytes(signature)).ok()
}

impl LogKey {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The key of the log with this name as a C2SP vkey, for other programs.
    pub fn vkey(&self, name: &str) -> String {
        Kind::Log.vkey(name, self.as_bytes())
    }

    /// Reads name and key of a C2SP vkey of type 1.
    pub fn from_vkey(text: &str) -> Result<(String, Self), VkeyError> {
        let (name, key) = Kind::Log.read_vkey(text)?;
        Ok((name.into(), Self(verifying_key(&key).ok_or(VkeyError::Key)?)))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Option<()> {
        verify(&self.0, message, signature)
    }
}

impl Encode for LogKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Decode for LogKey {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        decode(reader).map(Self)
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text(f, LOG_PREFIX, self.as_bytes())
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({self})")
    }
}

impl FromStr for LogKey {
    type Err = TextError;

    fn from_str(s: &str) -> Result<Self, TextError> {
        Self::from_bytes(&bytes_of_text(LOG_PREFIX, s)?).map_err(TextError::Value)
    }
}

impl WitnessSecret {
    /// The secret from this seed, 32 random bytes that RFC 8032 calls the private key.
    ///
    /// # Errors
    ///
    /// [`VkeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, VkeyError> {
        if !is_key_name(name) {
            return Err(VkeyError::Name);
        }
        let secret = SigningKey::from_bytes(seed);
        let public = Witness { name: name.into(), key: WitnessKey(secret.verifying_key()) };
        Ok(Self { secret, public })
    }

    /// Name and public key, for the manifest.
    pub fn public(&self) -> &Witness {
        &self.public
    }
}

impl fmt::Debug for WitnessSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessSecret({}, ..)", self.public)
    }
}

impl WitnessKey {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Option<()> {
        verify(&self.0, message, signature)
    }
}

impl Encode for WitnessKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Decode for WitnessKey {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        decode(reader).map(Self)
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text(f, WITNESS_PREFIX, self.as_bytes())
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessKey({self})")
    }
}

impl FromStr for WitnessKey {
    type Err = TextError;

    fn from_str(s: &str) -> Result<Self, TextError> {
        Self::from_bytes(&bytes_of_text(WITNESS_PREFIX, s)?).map_err(TextError::Value)
    }
}

impl Witness {
    /// The key's id in signature lines.
    pub(super) fn id(&self) -> [u8; 4] {
        Kind::Cosignature.id(&self.name, self.key.as_bytes())
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Kind::Cosignature.vkey(&self.name, self.key.as_bytes()))
    }
}

impl FromStr for Witness {
    type Err = VkeyError;

    fn from_str(text: &str) -> Result<Self, VkeyError> {
        let (name, key) = Kind::Cosignature.read_vkey(text)?;
        Ok(Self { name: name.into(), key: WitnessKey(verifying_key(&key).ok_or(VkeyError::Key)?) })
    }
}

/// Text that is not a C2SP vkey of the expected kind: `name+id+base64(type ‖ key)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VkeyError {
    /// There are not three parts with `+` between them.
    Parts,
    /// The name is empty, too long, or holds white space or a control character.
    Name,
    /// The last part is not base64 with padding.
    Base64,
    /// It is a key of another type.
    Type {
        /// The type in the text.
        found: u8,
        /// The type that was expected: 1 for a log, 4 for a witness.
        expected: u8,
    },
    /// The key is not 32 bytes that encode a point of large order.
    Key,
    /// The id is not that of name and key, as eight lower-case hexadecimal digits.
    Id,
}

impl fmt::Display for VkeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parts => f.write_str("expected name, id and key with '+' between them"),
            Self::Name => {
                f.write_str("the name should be 1 to 200 bytes without white space and '+'")
            }
            Self::Base64 => f.write_str("the key should be base64 with padding"),
            Self::Type { found, expected } => {
                write!(f, "a key of type {found}; expected type {expected}")
            }
            Self::Key => {
                f.write_str("the key should be 32 bytes that encode a point of large order")
            }
            Self::Id => {
                f.write_str("the id is not that of name and key: look for a mistyped character")
            }
        }
    }
}

impl core::error::Error for VkeyError {}
