//! What a trustee stores, and how it is checked when it is read back.

use super::{
    Ceremony, Deal, Dealer, Memory, Setup, Trustee,
    vault::{self, SealError, VaultError, VaultKind},
};
use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::signature::AuthorSecret,
    log::checkpoint::LogSecret,
    manifest::ManifestHash,
};
use alloc::vec::Vec;
use curve25519_dalek::{RistrettoPoint, Scalar};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// A secret that can be stored under a passphrase, as a [`vault`].
pub trait AtRest: Sized {
    /// The public data against which it is checked when it is read back.
    type Public;
    /// What a vault of it holds.
    const KIND: VaultKind;

    /// The manifest of its election; `None` for a secret that belongs to no election.
    fn manifest(public: &Self::Public) -> Option<ManifestHash>;

    /// Its plaintext bytes.
    fn expose_bytes(&self) -> Zeroizing<Vec<u8>>;

    /// Reads its plaintext bytes. `None` if they do not match the public data.
    fn from_exposed(public: &Self::Public, bytes: &[u8]) -> Option<Self>;

    /// Encrypts it under a passphrase.
    fn seal(
        &self,
        public: &Self::Public,
        passphrase: &str,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>, SealError> {
        let secret = self.expose_bytes();
        vault::seal(Self::KIND, Self::manifest(public), &secret, passphrase, rng)
    }

    /// Decrypts it.
    ///
    /// # Errors
    ///
    /// There are separate errors for a wrong passphrase, another election and a damaged vault.
    fn unseal(public: &Self::Public, bytes: &[u8], passphrase: &str) -> Result<Self, VaultError> {
        let secret = vault::unseal(Self::KIND, Self::manifest(public), bytes, passphrase)?;
        Self::from_exposed(public, &secret).ok_or(VaultError::Content)
    }

    /// Encrypts it and writes the vault.
    #[cfg(feature = "std")]
    fn write_sealed(
        &self,
        public: &Self::Public,
        passphrase: &str,
        writer: &mut impl std::io::Write,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), vault::VaultWriteError> {
        let secret = self.expose_bytes();
        vault::write(Self::KIND, Self::manifest(public), &secret, passphrase, writer, rng)
    }

    /// Reads a vault and decrypts it.
    #[cfg(feature = "std")]
    fn read_sealed(
        public: &Self::Public,
        passphrase: &str,
        reader: &mut impl std::io::Read,
    ) -> Result<Self, vault::VaultReadError> {
        let secret = vault::read(Self::KIND, Self::manifest(public), reader, passphrase)?;
        let secret = Self::from_exposed(public, &secret);
        secret.ok_or(vault::VaultReadError::Vault(VaultError::Content))
    }
}

/// A registered secret, of the operator or of a trustee. It can be sealed before any manifest has its key, so there is no
/// public data to check it against. Where it is used, it is checked that it belongs to the number.
///
/// ```
/// use rand_core::OsRng;
/// use tabella::{crypto::signature::AuthorSecret, keys::AtRest};
///
/// let secret = AuthorSecret::random(&mut OsRng)?;
/// let sealed = secret.seal(&(), "seven lamps in the harbour", &mut OsRng)?;
/// let back = AuthorSecret::unseal(&(), &sealed, "seven lamps in the harbour")?;
/// assert_eq!(back.public(), secret.public());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
impl AtRest for AuthorSecret {
    type Public = ();
    const KIND: VaultKind = VaultKind::Author;

    fn manifest((): &()) -> Option<ManifestHash> {
        None
    }

    fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(AuthorSecret::SIZE));
        self.expose(&mut out);
        out
    }

    fn from_exposed((): &(), bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let secret = AuthorSecret::from_exposed(&mut reader).ok()??;
        reader.finish().ok()?;
        Some(secret)
    }
}

impl AtRest for LogSecret {
    type Public = ();
    const KIND: VaultKind = VaultKind::Log;

    fn manifest((): &()) -> Option<ManifestHash> {
        None
    }

    fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.expose_seed().to_vec())
    }

    fn from_exposed((): &(), bytes: &[u8]) -> Option<Self> {
        Some(Self::from_seed(bytes.try_into().ok()?))
    }
}

/// A deal that was committed to and is not published yet.
impl AtRest for Dealer {
    type Public = Setup;
    const KIND: VaultKind = VaultKind::Ceremony;

    fn manifest(public: &Setup) -> Option<ManifestHash> {
        Some(public.manifest())
    }

    fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let (setup, deal) = self.parts();
        let mut out = Zeroizing::new(Vec::with_capacity(32 + Deal::size(setup, deal.dealer())));
        out.extend_from_slice(&setup.hash());
        deal.encode(&mut out);
        out
    }

    fn from_exposed(public: &Setup, bytes: &[u8]) -> Option<Self> {
        let (hash, deal) = bytes.split_first_chunk()?;
        if *hash != public.hash() {
            return None;
        }
        Some(Self::from_parts(public.clone(), Deal::from_bytes(deal, public).ok()?))
    }
}

/// Shares, with the registered secret and with what was already signed and opened.
impl AtRest for Trustee {
    type Public = Ceremony;
    const KIND: VaultKind = VaultKind::Shares;

    fn manifest(public: &Ceremony) -> Option<ManifestHash> {
        Some(public.setup().manifest())
    }

    fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let Memory { closed, opened, handed_over } = self.memory;
        let size = 32 + 2 + AuthorSecret::SIZE + 32 * self.shares().len() + 3 + 40 + 32 + 4;
        let mut out = Zeroizing::new(Vec::with_capacity(size));
        out.extend_from_slice(self.ceremony().hash());
        out.extend_from_slice(&self.number().to_be_bytes());
        self.author().expose(&mut out);
        self.shares().encode(&mut out);
        out.push(u8::from(closed.is_some()));
        if let Some((size, root)) = closed {
            out.extend_from_slice(&size.to_be_bytes());
            out.extend_from_slice(&root);
        }
        out.push(u8::from(opened.is_some()));
        out.extend(opened.iter().flatten());
        out.push(u8::from(handed_over.is_some()));
        out.extend_from_slice(handed_over.map(u32::to_be_bytes).as_ref().map_or(&[], |b| &b[..]));
        out
    }

    fn from_exposed(public: &Ceremony, bytes: &[u8]) -> Option<Self> {
        let (number, author, shares, memory) = read(public, bytes).ok().flatten()?;
        let keys = public.verification_keys(number)?;
        let fits = shares.len() == keys.len()
            && shares
                .iter()
                .zip_eq(keys)
                .all(|(s, key)| RistrettoPoint::mul_base(s) == *key.point())
            && public.setup().member(number).map(|key| key.element())
                == Some(author.public().element());
        fits.then(|| Self::new(number, author, shares.to_vec(), public.clone(), memory))
    }
}

type Parts = (u16, AuthorSecret, Zeroizing<Vec<Scalar>>, Memory);

fn read(ceremony: &Ceremony, bytes: &[u8]) -> Result<Option<Parts>, DecodeError> {
    let mut reader = Reader::new(bytes);
    if reader.array()? != *ceremony.hash() {
        return Ok(None);
    }
    let number = reader.u16()?;
    let author = AuthorSecret::from_exposed(&mut reader)?;
    let shares = Zeroizing::new(reader.scalars(ceremony.setup().slots())?);
    let closed = if reader.bool()? { Some((reader.u64()?, reader.array()?)) } else { None };
    let opened = if reader.bool()? { Some(reader.array()?) } else { None };
    let handed_over = if reader.bool()? { Some(reader.u32()?) } else { None };
    reader.finish()?;
    Ok(author.map(|author| (number, author, shares, Memory { closed, opened, handed_over })))
}
