//! The cells that are mixed, and which mixes of them are taken.

use super::Refusal;
use crate::{
    ballot::Election,
    codec::{Decode, DecodeError, Reader},
    crypto::{
        VerifyError,
        shuffle::{Generators, Proof, ShuffleError, Stored},
        signature::Signature,
    },
    keys::Ceremony,
    tally::{Cascade, MixError, MixHeader, MixedCell, Tally, mix_transcript},
};
use alloc::{collections::BTreeMap, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// All cells that are mixed.
#[derive(Clone, Debug, Default)]
pub(super) struct Mixing {
    pub(super) cascades: Vec<Cascade>,
    /// Trustees whose mixes are signed and wrong, with the cell, and what is wrong.
    pub(super) faulty: BTreeMap<(u16, usize), ShuffleError>,
    pub(super) generators: Option<Generators>,
}

impl Mixing {
    /// The cascades of a tally's cells, with the rows of each.
    pub(super) fn new(
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        cells: impl Iterator<Item = (usize, Vec<u8>)>,
    ) -> Self {
        let needed = ceremony.setup().threshold();
        let cascade = |(cell, bytes): (usize, Vec<u8>)| {
            let contest = tally.cells().get(cell)?.contest;
            let slots = election.manifest().mixed_slots(contest)?;
            let key = election.ceremony().slot_keys().get(slots.clone())?.to_vec();
            let rows = bytes.len() / (32 * (slots.len() + 1));
            Some(Cascade { cell, slots, key, rows, bytes, by: Vec::new(), needed })
        };
        let cascades: Vec<Cascade> = cells.filter_map(cascade).collect();
        let most = cascades.iter().map(|cascade| cascade.rows).max();
        let generators = most.map(Generators::new);
        Self { cascades, faulty: BTreeMap::new(), generators }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.cascades.iter().all(Cascade::is_complete)
    }

    pub(super) fn find(&self, cell: usize) -> Option<&Cascade> {
        let place = self.cascades.binary_search_by_key(&cell, |cascade| cascade.cell).ok()?;
        self.cascades.get(place).filter(|cascade| !cascade.is_complete())
    }

    /// Takes a mix, or remembers that it is signed and wrong.
    pub(super) fn accept(
        &mut self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let mut reader = Reader::new(body);
        let header = MixHeader {
            trustee: reader.field("trustee").u16()?,
            cell: reader.field("cell").u32()?,
            position: reader.field("position").u16()?,
        };
        let (trustee, cell) = (header.trustee, header.cell as usize);
        let refuse = |error| Refusal::Mix { trustee, cell, error };
        let holds = ceremony.holders().contains(&trustee);
        let author = ceremony.setup().member(trustee).filter(|_| holds);
        let author = author.ok_or(Refusal::Trustee { number: trustee })?;
        let cascade = self.find(cell).ok_or(refuse(MixError::NotWaiting))?;
        let (found, expected) = (header.position, cascade.position());
        if found != expected {
            return Err(refuse(MixError::Position { found, expected }));
        }
        if cascade.by.contains(&trustee) {
            return Err(refuse(MixError::Again));
        }
        let rest = reader.bytes(reader.left())?;
        let (outputs, proof) = rest.split_at_checked(cascade.bytes.len()).unwrap_or((rest, &[]));
        let (proof, signature) = proof
            .split_at_checked(Proof::size(cascade.rows, cascade.key.len()))
            .unwrap_or((proof, &[]));
        let generators = self.generators.as_ref().ok_or(refuse(MixError::NotWaiting))?;
        let mut transcript = mix_transcript(election, ceremony, tally, author, &header);
        let inputs = cascade.bytes.as_slice();
        let stored = Stored { key: &cascade.key, rows: cascade.rows, inputs, outputs, proof };
        // What cannot be read so far is not what was signed, so nobody is blamed for it.
        let read = stored.read(generators, &mut transcript);
        let read = read.map_err(|error| refuse(MixError::Shuffle(error)))?;
        // The signature comes first: else anybody could have the board verify shuffles.
        let signature =
            Signature::from_bytes(signature).map_err(|_| refuse(MixError::Signature))?;
        match author.verify_signature(&signature, &mut transcript, rng) {
            Ok(()) => {}
            Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
            Err(VerifyError::Invalid(_)) => return Err(refuse(MixError::Signature)),
        }
        let fault = match read.verify(generators, rng) {
            Ok(()) => None,
            Err(ShuffleError::Randomness) => return Err(Refusal::Randomness),
            Err(error) => Some(error),
        };
        if let Some(fault) = fault {
            // Once is enough: the same trustee cannot fill the board.
            return match self.faulty.insert((trustee, cell), fault) {
                None => Ok(()),
                Some(before) => {
                    self.faulty.insert((trustee, cell), before);
                    Err(refuse(MixError::Shuffle(fault)))
                }
            };
        }
        let outputs = outputs.to_vec();
        let waiting = |cascade: &&mut Cascade| cascade.cell == cell;
        if let Some(cascade) = self.cascades.iter_mut().find(waiting) {
            cascade.bytes = outputs;
            cascade.by.push(trustee);
        }
        self.faulty.remove(&(trustee, cell));
        Ok(())
    }

    /// The rows that came out of the last mixes. Their bytes are not kept.
    pub(super) fn take_rows(&mut self) -> Result<Vec<MixedCell>, DecodeError> {
        self.generators = None;
        let take = |cascade: &mut Cascade| {
            let rows = cascade.ciphertexts()?;
            cascade.bytes = Vec::new();
            Ok(MixedCell { cell: cascade.cell, slots: cascade.slots.clone(), rows })
        };
        self.cascades.iter_mut().map(take).collect()
    }
}
