//! What can go wrong when a secret is sealed or unsealed.

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
        /// How many it has.
        characters: usize,
    },
    /// The passphrase has more bytes than [`MAX_PASSPHRASE`].
    LongPassphrase {
        /// How many it has.
        bytes: usize,
    },
    /// The secret is longer than [`MAX_SECRET`].
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// There is not enough memory to derive the key.
    Memory {
        /// How much is needed, in KiB.
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
                "a passphrase of {characters} characters, where at least {MIN_PASSPHRASE} are needed; \
                 take several words that nobody can guess"
            ),
            Self::LongPassphrase { bytes } => write!(
                f,
                "a passphrase of {bytes} bytes, where at most {MAX_PASSPHRASE} are allowed"
            ),
            Self::TooLong { length } => {
                write!(f, "a secret of {length} bytes, where at most {MAX_SECRET} are allowed")
            }
            Self::Memory { kib } => {
                write!(f, "deriving the key takes {kib} KiB of memory, which are not there")
            }
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for SealError {}

/// Why bytes do not give the secret that was expected. The checks are made in this order, those of the three lengths
/// together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultError {
    /// The bytes are something else: a vault begins with `tabella vault` and a newline.
    NotAVault {
        /// The first byte that differs, or the end of the bytes.
        at: usize,
    },
    /// The vault has another version than 2 and 1.
    Version {
        /// The version found.
        found: u8,
    },
    /// The vault says that its secret is longer than [`MAX_SECRET`].
    TooLong {
        /// The length found, in bytes.
        found: u32,
    },
    /// The vault is cut short.
    Truncated {
        /// How many bytes there are.
        found: usize,
        /// How many there should be; the least number, if the header itself is cut short.
        expected: usize,
    },
    /// Bytes follow after the end of the vault.
    Trailing {
        /// How many bytes there should be.
        expected: usize,
    },
    /// The vault is damaged: its checksum is not that of its bytes.
    Checksum {
        /// Where the checksum stands.
        at: usize,
    },
    /// The vault holds something else.
    Kind {
        /// The byte that names what it holds.
        found: u8,
        /// What it should hold.
        expected: VaultKind,
    },
    /// The vault belongs to another election.
    Election {
        /// That election's manifest.
        found: ManifestHash,
        /// The manifest of the election that was expected.
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
    /// There is not enough memory to derive the key. This says nothing of the vault or the passphrase.
    Memory {
        /// How much is needed, in KiB.
        kib: u32,
    },
    /// The passphrase is not the one that the secret was sealed with; or somebody altered the vault and
    /// computed its checksum anew.
    Passphrase,
    /// What it holds does not fit the public keys that it is opened for, as of another ceremony of the same election.
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
                "at byte {VERSION_AT}: a vault of version {found}, where version {VERSION} or {VERBATIM} is expected"
            ),
            Self::TooLong { found } => write!(
                f,
                "at byte {LENGTH_AT}: a secret of {found} bytes, where at most {MAX_SECRET} are allowed"
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
                let mut kinds = [VaultKind::Shares, VaultKind::Ceremony, VaultKind::Author].into_iter();
                match kinds.find(|kind| kind.byte() == *found) {
                    Some(kind) => kind.fmt(f)?,
                    None => write!(f, "something of the unknown kind {found}")?,
                }
                write!(f, ", where {expected} is expected (kind {})", expected.byte())
            }
            Self::Election { found, expected } => write!(
                f,
                "at byte {MANIFEST_AT}: the vault belongs to the election with the manifest {found}, \
                 where {expected} is expected"
            ),
            Self::Parameter { parameter, found, least, most } => write!(
                f,
                "at byte {}: Argon2 with {found} {parameter}, where {least} to {most} are allowed",
                parameter.at()
            ),
            Self::Memory { kib } => {
                write!(f, "deriving the key takes {kib} KiB of memory, which are not there")
            }
            Self::Passphrase => {
                f.write_str("the vault is undamaged, but this is not its passphrase")
            }
            Self::Content => f.write_str(
                "what the vault holds does not fit these public keys; look for the vault of this ceremony",
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
    /// The bytes do not give the secret.
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
