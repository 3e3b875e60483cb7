//! The keys of an election with the signatures of its trustees, for those who have seen no deal.

use super::{
    Confirmation, KeyError, Observer, Round, Setup,
    ceremony::{confirmation, enough, keys_hash},
};
use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader, put_list},
    crypto::group::Element,
    manifest::Manifest,
    random,
};
use alloc::{collections::BTreeSet, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// Most trustees of a ceremony.
const MAX_TRUSTEES: usize = 255;
/// Bytes of a confirmation.
const CONFIRMATION: usize = 2 + 64;

/// The keys that the manifest's trustees made in their first ceremony, signed by at least the threshold of each group.
///
/// Who has the board computes the keys from the deals. Who has not sees from the signatures that these are the keys: an honest
/// trustee signs only what it computed itself from the deals, and whoever has the threshold of every group on its side can open
/// ballots anyway. A resharing changes no slot key, so these signatures stay good after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedKeys {
    dealt: [u8; 32],
    slot_keys: Vec<Element>,
    /// By number, ascending.
    confirmations: Vec<Confirmation>,
}

impl SignedKeys {
    /// The keys of a first ceremony that is over; `None` for any other.
    pub fn of(first: &Observer) -> Option<Self> {
        let over = first.round() == Round::Done && first.setup().previous().is_none();
        let ceremony = first.ceremony().filter(|_| over)?;
        let confirmation =
            |(number, signature): (u16, &_)| Confirmation::of(number, Clone::clone(signature));
        Some(Self {
            dealt: *ceremony.dealt(),
            slot_keys: ceremony.slot_keys().to_vec(),
            confirmations: first.confirmations().map(confirmation).collect(),
        })
    }

    /// Reads the keys of a manifest, which determines how many they are.
    pub fn decode(reader: &mut Reader<'_>, manifest: &Manifest) -> Result<Self, DecodeError> {
        let dealt = reader.field("hash of the deals").array()?;
        let slot_keys = reader.field("slot keys").elements(manifest.slots())?;
        let mut last = 0;
        let confirmation = |reader: &mut Reader<'_>| {
            let confirmation = Confirmation::decode(reader)?;
            if confirmation.trustee() <= last {
                return Err(reader.error(CONFIRMATION, DecodeErrorKind::NotCanonical));
            }
            last = confirmation.trustee();
            Ok(confirmation)
        };
        let reader = reader.field("confirmations");
        let confirmations = reader.list(MAX_TRUSTEES, CONFIRMATION, confirmation)?;
        Ok(Self { dealt, slot_keys, confirmations })
    }

    /// The slot keys `Yₖ`.
    pub fn slot_keys(&self) -> &[Element] {
        &self.slot_keys
    }

    /// The hash of the ceremony.
    pub fn hash(&self) -> [u8; 32] {
        keys_hash(&self.dealt, &self.slot_keys)
    }

    /// The numbers of the trustees who signed, ascending.
    pub fn signed_by(&self) -> impl Iterator<Item = u16> {
        self.confirmations.iter().map(Confirmation::trustee)
    }

    /// Checks that trustees of this manifest signed the keys, as many of each group as can open. A signature more must be valid too.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoParty`], [`KeyError::Signature`], [`KeyError::TooFew`].
    pub fn verify(
        &self,
        manifest: &Manifest,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), KeyError> {
        let seed = random::seed(rng).map_err(|_| KeyError::Randomness)?;
        let (setup, hash) = (Setup::first(manifest), self.hash());
        let parties = setup.members().len();
        for signed in &self.confirmations {
            let number = signed.trustee();
            let key = setup.member(number).ok_or(KeyError::NoParty { number, parties })?;
            let mut transcript = confirmation(&hash, number);
            key.verify_signature_with(signed.signature(), &mut transcript, &seed)
                .map_err(|_| KeyError::Signature { number })?;
        }
        let signed: BTreeSet<u16> = self.signed_by().collect();
        let groups = setup.groups();
        enough(groups, &groups.thresholds(), setup.dealers(), |number| signed.contains(&number))
    }
}

impl Encode for SignedKeys {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { dealt, slot_keys, confirmations } = self;
        out.extend_from_slice(dealt);
        slot_keys.encode(out);
        put_list(out, confirmations, |out, confirmation| confirmation.encode(out));
    }
}
