//! The rules of mixes.

use crate::{
    ballot::Election,
    board::{Kind, Refusal, State, mixing::Mixing},
    codec::{Decode, Reader},
    crypto::{
        shuffle::{Proof, Stored},
        signature::Signature,
    },
    keys::Ceremony,
    tally::{Cascade, MixError, MixHeader, Tally, mix_transcript},
};

impl State {
    pub(in crate::board) fn apply_mix(
        &mut self,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Mix, phase: self.phase() };
        let Self { election, keys, tally, mixing, .. } = self;
        let parts = (election, keys.in_force(), &mut *tally, mixing);
        let (Some(election), Some(ceremony), Some(known), Some(mixing)) = parts else {
            return Err(out_of_phase);
        };
        mixing.accept(election, ceremony, known, body, seed)?;
        if mixing.is_complete() {
            *tally = Some(known.clone().with_trusted_rows(mixing.take_rows()?));
        }
        Ok(())
    }
}

impl Mixing {
    /// Takes a mix, or remembers that it is signed and wrong.
    pub(in crate::board) fn accept(
        &mut self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        body: &[u8],
        seed: &[u8; 32],
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
        if !cascade.waits_for(trustee) {
            return Err(refuse(MixError::Enough));
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
        let verified = author.verify_signature_with(&signature, &mut transcript, seed);
        verified.map_err(|_| refuse(MixError::Signature))?;
        if let Err(fault) = read.verify_with(generators, seed) {
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
}
