//! How a voter requests a line on the roll.

use crate::{
    codec::{
        ArmorError, Decode, DecodeError, Encode, Reader,
        armor::{armor, unarmor},
        put_count,
    },
    contest::MAX_WEIGHT,
    crypto::{
        group::Element,
        linear,
        transcript::{Transcript, label},
    },
    manifest::ManifestHash,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// What a registration is called as text.
const LABEL: &str = "REGISTRATION";
/// Bytes of one registration.
pub(super) const REGISTRATION: usize = 32 + 2 + 8 + 64;

pub(super) fn context(manifest: ManifestHash) -> Transcript {
    let mut transcript = Transcript::new(label::VOTER);
    transcript.append_bytes(b"manifest", manifest.as_bytes());
    transcript
}

/// `[ROLL.POSSESSION]  R + x·X − z·G = 0`
pub(super) fn possession(key: Element) -> linear::Statement {
    let mut statement = linear::Statement::new("ROLL.POSSESSION", 1);
    statement.equation(key, [(0, Element::BASE)]);
    statement
}

/// A voter's line on the roll, with the proof that somebody holds the secret of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The public key `X`.
    pub key: Element,
    /// The ballot style's place in the manifest.
    pub style: u16,
    /// How many times this voter's ballot counts, or what she splits in a contest for that; 1 to [`MAX_WEIGHT`].
    pub weight: u64,
    pub(super) possession: linear::Proof,
}

impl Registration {
    /// How many bytes one has.
    pub const BYTES: usize = REGISTRATION;
}

impl Encode for Registration {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { key, style, weight, possession } = self;
        key.encode(out);
        out.extend_from_slice(&style.to_be_bytes());
        out.extend_from_slice(&weight.to_be_bytes());
        possession.encode(out);
    }
}

impl Decode for Registration {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            key: reader.field("the voter's key").element()?,
            style: reader.field("ballot style").u16()?,
            weight: reader.field("weight").u64_to(MAX_WEIGHT)?,
            possession: linear::Proof::decode(reader.field("proof of possession"), 1, 1)?,
        })
    }
}

/// Writes a list of registrations as [`Roll::decode`](super::Roll::decode) reads it.
pub fn encode_registrations(registrations: &[Registration]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + registrations.len() * REGISTRATION);
    put_count(&mut out, registrations.len());
    registrations.encode(&mut out);
    out
}

impl Registration {
    /// Registrations as text, each a block as in RFC 7468.
    pub fn to_text(registrations: &[Self]) -> String {
        registrations.iter().map(|registration| armor(LABEL, &registration.to_bytes())).collect()
    }

    /// The registrations of such a text. Their proofs are checked with the [roll](super::Roll::new).
    ///
    /// # Errors
    ///
    /// Names the first block that is no registration.
    pub fn from_text(text: &str) -> Result<Vec<Self>, ArmorError> {
        let read = |(place, (found, bytes)): (usize, (String, Vec<u8>))| {
            let block = place + 1;
            if found != LABEL {
                return Err(ArmorError::Label { block, found, expected: "a registration" });
            }
            let reason = |error: DecodeError| error.to_string();
            Self::from_bytes(&bytes)
                .map_err(|error| ArmorError::Block { block, reason: reason(error) })
        };
        unarmor(text)?.into_iter().enumerate().map(read).collect()
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! {
    Registration, "a registration", |one| Registration::to_text(core::slice::from_ref(one)), Encode::to_bytes,
    |text| match <[_; 1]>::try_from(Registration::from_text(text).map_err(|error| error.to_string())?) {
        Ok([one]) => Ok(one),
        Err(all) => Err(alloc::format!("{} of them", all.len())),
    },
    |bytes| Registration::from_bytes(bytes).map_err(|error| error.to_string())
}
