//! What can fail when a secret is sealed or unsealed.

use super::{
    KIND_AT, LENGTH_AT, MANIFEST_AT, MAX_PASSPHRASE, MAX_SECRET, MIN_PASSPHRASE, Parameter,
    VERBATIM, VERSION, VERSION_AT, VaultKind,
};
use crate::manifest::ManifestHash;
use core::fmt;

/// Why a secret was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// The passphrase has fewer characters than [`MIN_PASSPHRASE`].
    ShortPassphrase {
        /// Its number of characters.
        characters: usize,
    },
    /// The passphrase has more bytes than [`MAX_PASSPHRASE`].
    LongPassphrase {
        /// Its number of bytes.
        bytes: usize,
    },
    /// The secret is longer than [`MAX_SECRET`].
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// There is not enough memory to derive the key.
    Memory {
        /// The memory needed, in KiB.
        kib: u32,
    },
    /// The random number generator failed.
    Randomness,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortPassphrase { characters } => write!(
                f,
                "a passphrase of {characters} characters; at least {MIN_PASSPHRASE} are needed: \
                 take several words that nobody can guess"
            ),
            Self::LongPassphrase { bytes } => {
                write!(f, "a passphrase of {bytes} bytes; at most {MAX_PASSPHRASE} are allowed")
            }
            Self::TooLong { length } => {
                write!(f, "a secret of {length} bytes; at most {MAX_SECRET} are allowed")
            }
            Self::Memory { kib } => {
                write!(f, "deriving the key takes {kib} KiB of memory, which is not available")
            }
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for SealError {}

/// Why bytes do not yield the expected secret. The checks are made in this order, those of the three lengths together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultError {
    /// The bytes are not a vault, which begins with `tabella vault`.
    NotAVault {
        /// The first byte that differs, or the end of the bytes.
        at: usize,
    },
    /// The vault has a version other than 1 and 2.
    Version {
        /// The version found.
        found: u8,
    },
    /// According to its header, the vault's secret is longer than [`MAX_SECRET`].
    TooLong {
        /// The length found, in bytes.
        found: u32,
    },
    /// The vault is truncated.
    Truncated {
        /// The number of bytes.
        found: usize,
        /// The expected number; the least possible one if the header itself is truncated.
        expected: usize,
    },
    /// Bytes follow the end of the vault.
    Trailing {
        /// The expected number of bytes.
        expected: usize,
    },
    /// The vault is damaged: its checksum does not match its bytes.
    Checksum {
        /// The place of the checksum.
        at: usize,
    },
    /// The vault holds something else.
    Kind {
        /// The byte for its content.
        found: u8,
        /// The expected content.
        expected: VaultKind,
    },
    /// The vault belongs to another election.
    Election {
        /// That election's manifest.
        found: ManifestHash,
        /// The expected manifest.
        expected: ManifestHash,
    },
    /// A parameter of Argon2 is out of its range.
    Parameter {
        /// Which.
        parameter: Parameter,
        /// Its value in the vault.
        found: u32,
        /// The smallest value allowed.
        least: u32,
        /// The largest value allowed.
        most: u32,
    },
    /// There is not enough memory to derive the key. This says nothing about the vault or the passphrase.
    Memory {
        /// The memory needed, in KiB.
        kib: u32,
    },
    /// The secret was sealed with another passphrase, or somebody altered the vault and recomputed its checksum.
    Passphrase,
    /// The content does not match the given public keys: it may be from another ceremony of the same election.
    Content,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAVault { at } => {
                write!(f, "at byte {at}: not a vault, which begins with the line 'tabella vault'")
            }
            Self::Version { found } => write!(
                f,
                "at byte {VERSION_AT}: a vault of version {found}; expected version {VERSION} or {VERBATIM}"
            ),
            Self::TooLong { found } => write!(
                f,
                "at byte {LENGTH_AT}: a secret of {found} bytes; at most {MAX_SECRET} are allowed"
            ),
            Self::Truncated { found, expected } => write!(
                f,
                "at byte {found}: the vault ends here, but has at least {expected} bytes; \
                 use a whole copy"
            ),
            Self::Trailing { expected } => {
                write!(f, "at byte {expected}: the vault ends here, but more bytes follow")
            }
            Self::Checksum { at } => write!(
                f,
                "at byte {at}: the checksum is not that of the bytes before it; \
                 the vault is damaged, use another copy"
            ),
            Self::Kind { found, expected } => {
                write!(f, "at byte {KIND_AT}: the vault holds ")?;
                let mut kinds = VaultKind::ALL.into_iter();
                match kinds.find(|kind| kind.byte() == *found) {
                    Some(kind) => kind.fmt(f)?,
                    None => write!(f, "something of the unknown kind {found}")?,
                }
                write!(f, "; expected {expected} (kind {})", expected.byte())
            }
            Self::Election { found, expected } => write!(
                f,
                "at byte {MANIFEST_AT}: the vault belongs to the election with the manifest {found}, \
                 expected {expected}"
            ),
            Self::Parameter { parameter, found, least, most } => write!(
                f,
                "at byte {}: Argon2 with {found} {parameter}; {least} to {most} are allowed",
                parameter.at()
            ),
            Self::Memory { kib } => {
                write!(f, "deriving the key takes {kib} KiB of memory, which is not available")
            }
            Self::Passphrase => {
                f.write_str("the vault is undamaged, but this is not its passphrase")
            }
            Self::Content => f.write_str(
                "the vault's content does not match these public keys; look for the vault of this ceremony",
            ),
        }
    }
}

impl core::error::Error for VaultError {}

/// Why a vault was not read.
#[cfg(feature = "std")]
#[derive(Debug)]
#[non_exhaustive]
pub enum VaultReadError {
    /// The reader failed.
    Io(std::io::Error),
    /// The bytes do not yield the secret.
    Vault(VaultError),
}

#[cfg(feature = "std")]
impl fmt::Display for VaultReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the vault cannot be read: {error}"),
            Self::Vault(error) => error.fmt(f),
        }
    }
}

#[cfg(feature = "std")]
impl core::error::Error for VaultReadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Vault(error) => Some(error),
        }
    }
}

/// Why a vault was not written.
#[cfg(feature = "std")]
#[derive(Debug)]
#[non_exhaustive]
pub enum VaultWriteError {
    /// The writer failed; it may have taken a part of the vault.
    Io(std::io::Error),
    /// The secret was not sealed, and nothing was written.
    Seal(SealError),
}

#[cfg(feature = "std")]
impl fmt::Display for VaultWriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the vault cannot be written: {error}"),
            Self::Seal(error) => error.fmt(f),
        }
    }
}

#[cfg(feature = "std")]
impl core::error::Error for VaultWriteError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Seal(error) => Some(error),
        }
    }
}
