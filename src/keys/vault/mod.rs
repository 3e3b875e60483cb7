//! Secrets at rest: bytes encrypted under a passphrase.
//!
//! A vault holds one [`VaultKind`] of secret and belongs to one election. Only a registered secret belongs to none, since it
//! exists before any manifest.
//!
//! ```text
//! key     Argon2id(passphrase in its normal form, salt), 19 MiB and two passes
//! vault   header ‖ ChaCha20-Poly1305(key, nonce = 0, associated data = header, secret) ‖ SHA3-256 of all that
//! ```
//!
//! Every vault has its own salt, so every key encrypts only once and the nonce can be constant. A longer nonce, as in
//! XChaCha20, would come from the same generator as the salt and would repeat only with the salt.
//!
//! The checksum distinguishes a damaged file from a wrong passphrase; it protects nothing, since anybody can compute it. The
//! AEAD protects the secret, but does not commit to its key: whoever can write the file can make one that decrypts under many
//! passphrases, to different bytes under each. Check the secret against its public data.
//!
//! A passphrase is normalised by RFC 8265 ("OpaqueString"), since keyboards differ: every kind of space becomes a space, and
//! accents are composed (NFC). Case and width stay the same. It has at least [`MIN_PASSPHRASE`] characters.

mod error;

pub use error::{SealError, VaultError};
#[cfg(feature = "std")]
pub use error::{VaultReadError, VaultWriteError};

use crate::{
    codec::{DecodeError, Encode, Reader},
    manifest::ManifestHash,
};
use alloc::{string::String, vec::Vec};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use core::{cmp::Ordering, fmt};
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The start of every vault. The newline shows whether a program treated the file as text.
const MAGIC: [u8; 14] = *b"tabella vault\n";
/// The version of the format. Vaults of version 1, which used passphrases byte by byte, can also be opened.
const VERSION: u8 = 2;
/// Memory that deriving the key of a new vault takes, in KiB (OWASP, Password Storage Cheat Sheet, Argon2id).
const MEMORY: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes of that memory.
const LANES: u32 = 1;
/// Most memory that opening a vault may take, in KiB: 1 GiB.
const MAX_MEMORY: u32 = 1 << 20;
/// Most passes of a vault that is opened.
const MAX_PASSES: u32 = 64;
/// Most lanes of a vault that is opened.
const MAX_LANES: u32 = 16;
/// Fewest characters of a passphrase, in its normal form. A thief of the file can guess without limit, and nothing else
/// protects the secret: NIST SP 800-63B-4, section 3.1.1.2, requires this number for a password without a second factor. A
/// long passphrase is not yet a good one; five words chosen by dice are.
pub const MIN_PASSPHRASE: usize = 15;
/// Most bytes of a passphrase, in its normal form.
pub const MAX_PASSPHRASE: usize = 1024;
/// Longest secret in bytes: 16 MiB.
pub const MAX_SECRET: usize = 1 << 24;
/// How many bytes a vault is longer than its secret.
const OVERHEAD: usize = HEADER + TAG + CHECKSUM;
/// Longest vault in bytes.
#[cfg(any(test, feature = "std"))]
const MAX_BYTES: usize = MAX_SECRET + OVERHEAD;

/// The version without normalised passphrases.
const VERBATIM: u8 = 1;

/// Where the fields of the header start.
const VERSION_AT: usize = MAGIC.len();
const KIND_AT: usize = VERSION_AT + 1;
const MANIFEST_AT: usize = KIND_AT + 1;
const COST_AT: usize = MANIFEST_AT + 32;
const SALT_AT: usize = COST_AT + 12;
const LENGTH_AT: usize = SALT_AT + SALT;
/// Bytes of the header.
const HEADER: usize = LENGTH_AT + 4;
/// Bytes of the salt (RFC 9106, section 3.1: 16 for passwords).
const SALT: usize = 16;
/// Bytes that the AEAD adds.
const TAG: usize = 16;
/// Bytes of the checksum.
const CHECKSUM: usize = 32;

/// What a vault holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultKind {
    /// A trustee's shares of the slot keys.
    Shares = 1,
    /// What a trustee keeps between the rounds of a ceremony.
    Ceremony = 2,
    /// A registered secret. It belongs to no election.
    Author = 3,
    /// A log's secret. It belongs to no election.
    Log = 4,
}

impl VaultKind {
    /// All kinds.
    pub(super) const ALL: [Self; 4] = [Self::Shares, Self::Ceremony, Self::Author, Self::Log];

    /// What the vault in these bytes says that it holds; `None` if they are no vault. Nothing is verified.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let kind = Header::of(bytes).ok()?.kind;
        Self::ALL.into_iter().find(|known| known.byte() == kind)
    }

    fn byte(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for VaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shares => "a trustee's shares",
            Self::Ceremony => "an unfinished ceremony",
            Self::Author => "a registered secret",
            Self::Log => "a log's secret",
        })
    }
}

/// A parameter of Argon2 in a vault's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parameter {
    /// The memory, in KiB.
    Memory,
    /// The passes over the memory.
    Passes,
    /// The lanes of the memory.
    Lanes,
}

impl Parameter {
    /// Its offset in a vault.
    pub(crate) fn at(self) -> usize {
        match self {
            Self::Memory => COST_AT,
            Self::Passes => COST_AT + 4,
            Self::Lanes => COST_AT + 8,
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "KiB of memory",
            Self::Passes => "passes",
            Self::Lanes => "lanes",
        })
    }
}

/// Encrypts a secret under a passphrase.
///
/// # Errors
///
/// The passphrase is shorter than [`MIN_PASSPHRASE`] or longer than [`MAX_PASSPHRASE`], the secret is longer than
/// [`MAX_SECRET`], there is not enough memory, or the generator fails.
pub(crate) fn seal(
    kind: VaultKind,
    manifest: Option<ManifestHash>,
    secret: &[u8],
    passphrase: &str,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Vec<u8>, SealError> {
    seal_at(Cost::DEFAULT, kind, manifest, secret, passphrase, rng)
}

/// Decrypts the secret of this kind and this election; `None` accepts any election.
///
/// # Errors
///
/// The first of the errors of [`VaultError`], in their order, that applies.
pub(crate) fn unseal(
    kind: VaultKind,
    manifest: Option<ManifestHash>,
    bytes: &[u8],
    passphrase: &str,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let header = Header::of(bytes)?;
    // The lengths were checked, so the parts exist.
    let cut = VaultError::Truncated { found: bytes.len(), expected: OVERHEAD };
    let (rest, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(cut)?;
    let (aad, msg) = rest.split_at_checked(HEADER).ok_or(cut)?;
    if Sha3_256::digest(rest).as_slice() != checksum {
        return Err(VaultError::Checksum { at: rest.len() });
    }
    if header.kind != kind.byte() {
        return Err(VaultError::Kind { found: header.kind, expected: kind });
    }
    if let Some(expected) = manifest.filter(|expected| *expected != header.manifest) {
        return Err(VaultError::Election { found: header.manifest, expected });
    }
    header.cost.check()?;
    // No secret can be sealed with such a passphrase, so it is wrong.
    let normal = match header.version {
        VERBATIM => Some(Zeroizing::new(passphrase.into())),
        _ => normal_passphrase(passphrase).ok(),
    };
    let normal = normal.filter(|normal| (1..=MAX_PASSPHRASE).contains(&normal.len()));
    let normal = normal.ok_or(VaultError::Passphrase)?;
    let kib = header.cost.memory;
    let cipher = cipher(&normal, &header.salt, header.cost).ok_or(VaultError::Memory { kib })?;
    let secret = cipher.decrypt(&NONCE.into(), Payload { msg, aad });
    secret.map(Zeroizing::new).map_err(|_| VaultError::Passphrase)
}

/// Encrypts a secret and writes the vault.
///
/// # Errors
///
/// Those of [`seal`], before anything is written, and those of the writer.
#[cfg(feature = "std")]
pub(crate) fn write(
    kind: VaultKind,
    manifest: Option<ManifestHash>,
    secret: &[u8],
    passphrase: &str,
    writer: &mut impl std::io::Write,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(), VaultWriteError> {
    let bytes = seal(kind, manifest, secret, passphrase, rng).map_err(VaultWriteError::Seal)?;
    writer.write_all(&bytes).and_then(|()| writer.flush()).map_err(VaultWriteError::Io)
}

/// Reads a vault, at most one byte more than [`MAX_BYTES`], and decrypts its secret.
///
/// # Errors
///
/// Those of the reader and those of [`unseal`].
#[cfg(feature = "std")]
pub(crate) fn read(
    kind: VaultKind,
    manifest: Option<ManifestHash>,
    reader: &mut impl std::io::Read,
    passphrase: &str,
) -> Result<Zeroizing<Vec<u8>>, VaultReadError> {
    use std::io::Read;
    let mut bytes = Vec::new();
    // One byte too many shows that more follows.
    let mut reader = reader.take(MAX_BYTES as u64 + 1);
    reader.read_to_end(&mut bytes).map_err(VaultReadError::Io)?;
    unseal(kind, manifest, &bytes, passphrase).map_err(VaultReadError::Vault)
}

/// Each key encrypts only one secret, so the nonce is constant.
const NONCE: [u8; 12] = [0; 12];

/// The parameters of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    /// Memory in KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    const DEFAULT: Self = Self { memory: MEMORY, passes: PASSES, lanes: LANES };

    /// A hostile file must not exhaust memory or time.
    fn check(self) -> Result<(), VaultError> {
        let Self { memory, passes, lanes } = self;
        let check = |parameter, found, least, most| {
            let error = VaultError::Parameter { parameter, found, least, most };
            if (least..=most).contains(&found) { Ok(()) } else { Err(error) }
        };
        check(Parameter::Lanes, lanes, 1, MAX_LANES)?;
        check(Parameter::Passes, passes, 1, MAX_PASSES)?;
        // RFC 9106, section 3.1: at least 8 KiB for each lane.
        check(Parameter::Memory, memory, 8 * lanes, MAX_MEMORY)
    }
}

/// The bytes before the ciphertext, which are the associated data of the AEAD.
struct Header {
    version: u8,
    kind: u8,
    /// Zeros for a secret that belongs to no election.
    manifest: ManifestHash,
    cost: Cost,
    salt: [u8; SALT],
    /// Length of the secret in bytes.
    length: u32,
}

impl Encode for Header {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { version, kind, manifest, cost, salt, length } = self;
        let Cost { memory, passes, lanes } = cost;
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&[*version, *kind]);
        out.extend_from_slice(manifest.as_bytes());
        for number in [memory, passes, lanes] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(salt);
        out.extend_from_slice(&length.to_be_bytes());
    }
}

impl Header {
    /// Reads the header of a vault and checks its first bytes, its version and all lengths.
    fn of(bytes: &[u8]) -> Result<Self, VaultError> {
        let at = bytes.iter().zip(&MAGIC).take_while(|(found, expected)| found == expected).count();
        if at < MAGIC.len() {
            return Err(VaultError::NotAVault { at });
        }
        match bytes.get(VERSION_AT) {
            Some(&found) if ![VERBATIM, VERSION].contains(&found) => {
                return Err(VaultError::Version { found });
            }
            _ => {}
        }
        let cut = |expected| VaultError::Truncated { found: bytes.len(), expected };
        let header = Self::fields(bytes).map_err(|_| cut(OVERHEAD))?;
        let too_long = VaultError::TooLong { found: header.length };
        let length = usize::try_from(header.length).map_err(|_| too_long)?;
        if length > MAX_SECRET {
            return Err(too_long);
        }
        let expected = OVERHEAD + length;
        match bytes.len().cmp(&expected) {
            Ordering::Less => Err(cut(expected)),
            Ordering::Greater => Err(VaultError::Trailing { expected }),
            Ordering::Equal => Ok(header),
        }
    }

    fn fields(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.bytes(VERSION_AT)?;
        Ok(Self {
            version: reader.u8()?,
            kind: reader.u8()?,
            manifest: ManifestHash::from(reader.array::<32>()?),
            cost: Cost { memory: reader.u32()?, passes: reader.u32()?, lanes: reader.u32()? },
            salt: reader.array()?,
            length: reader.u32()?,
        })
    }
}

fn seal_at(
    cost: Cost,
    kind: VaultKind,
    manifest: Option<ManifestHash>,
    secret: &[u8],
    passphrase: &str,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Vec<u8>, SealError> {
    let passphrase = normal_passphrase(passphrase)?;
    let too_long = SealError::TooLong { length: secret.len() };
    if secret.len() > MAX_SECRET {
        return Err(too_long);
    }
    let length = u32::try_from(secret.len()).map_err(|_| too_long)?;
    let mut salt = [0; SALT];
    rng.try_fill_bytes(&mut salt).map_err(|_| SealError::Randomness)?;
    let kib = cost.memory;
    let cipher = cipher(&passphrase, &salt, cost).ok_or(SealError::Memory { kib })?;
    let mut out = Vec::with_capacity(OVERHEAD + secret.len());
    let manifest = manifest.unwrap_or(ManifestHash::from([0; 32]));
    let header = Header { version: VERSION, kind: kind.byte(), manifest, cost, salt, length };
    header.encode(&mut out);
    let payload = Payload { msg: secret, aad: &out };
    let ciphertext = cipher.encrypt(&NONCE.into(), payload).map_err(|_| too_long)?;
    out.extend_from_slice(&ciphertext);
    let checksum = Sha3_256::digest(&out);
    out.extend_from_slice(&checksum);
    Ok(out)
}

/// A passphrase as in RFC 8265, section 4.2.2: spaces of all kinds (category Zs) become U+0020; then NFC. NFKC would make
/// different passphrases equal.
fn normal_passphrase(passphrase: &str) -> Result<Zeroizing<String>, SealError> {
    let space = |c: char| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        c => c,
    };
    let spaced = passphrase.chars().map(space);
    // Composing can make a string longer, but at most three times (UAX #15, section 3.3). It must not grow, since a
    // reallocation would leave a copy behind.
    let mut normal = Zeroizing::new(String::with_capacity(passphrase.len().saturating_mul(3)));
    normal.extend(spaced.nfc());
    let (characters, bytes) = (normal.chars().count(), normal.len());
    if characters < MIN_PASSPHRASE {
        return Err(SealError::ShortPassphrase { characters });
    }
    if bytes > MAX_PASSPHRASE {
        return Err(SealError::LongPassphrase { bytes });
    }
    Ok(normal)
}

fn cipher(passphrase: &str, salt: &[u8; SALT], cost: Cost) -> Option<ChaCha20Poly1305> {
    let key = stretch(passphrase.as_bytes(), salt, cost)?;
    Some(ChaCha20Poly1305::new((&*key).into()))
}

/// Argon2id, version 0x13 (RFC 9106), without a secret value and without associated data. `None` if there is not
/// enough memory; nothing else can fail after [`Cost::check`].
fn stretch(passphrase: &[u8], salt: &[u8], cost: Cost) -> Option<Zeroizing<[u8; 32]>> {
    let Cost { memory, passes, lanes } = cost;
    let params = Params::new(memory, passes, lanes, Some(32)).ok()?;
    // The crate's own allocation would abort if memory is short, and would not be erased.
    let mut blocks: Zeroizing<Vec<Block>> = Zeroizing::default();
    blocks.try_reserve_exact(params.block_count()).ok()?;
    blocks.resize(params.block_count(), Block::new());
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, key.as_mut(), blocks.as_mut_slice())
        .ok()?;
    Some(key)
}

#[cfg(test)]
mod tests;
