//! The cascade: the rows of each mixed cell pass from trustee to trustee, as many of them as it takes to open.
//!
//! A mix is verified before the next one is made. What comes out of the last one is opened. Nothing is dropped in between:
//! as many rows come out as went in.

use super::{GuardError, Phase, Refusal, State};
use crate::{
    ballot::Election,
    codec::{Decode, DecodeError, Encode, Reader},
    crypto::{
        VerifyError,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Generators, Prepared, Proof, ShuffleError, Stored},
        signature::{AuthorKey, Signature},
        transcript::{Transcript, label},
    },
    keys::{Ceremony, Trustee},
    parallel,
    tally::{MixedCell, Tally},
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::{fmt, ops::Range};
use rand_core::{CryptoRng, RngCore};

/// The cell that a mix is of, and its place in the cell's cascade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    /// The mixer's number.
    trustee: u16,
    /// The cell's place in the tally.
    cell: u32,
    /// How many mixes come before it.
    position: u16,
}

/// A trustee's mix of the rows of one cell, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    header: Header,
    outputs: Vec<Ciphertext>,
    proof: Proof,
    signature: Signature,
}

impl Mix {
    /// The mixer's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.header.trustee
    }

    /// The cell's place in the tally.
    pub fn cell(&self) -> usize {
        self.header.cell as usize
    }
}

impl Encode for Mix {
    /// Mixer, cell, position; the rows, the proof, the signature, whose lengths follow from the rows before.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { header, outputs, proof, signature } = self;
        let Header { trustee, cell, position } = header;
        out.extend_from_slice(&trustee.to_be_bytes());
        out.extend_from_slice(&cell.to_be_bytes());
        out.extend_from_slice(&position.to_be_bytes());
        outputs.as_slice().encode(out);
        proof.encode(out);
        signature.encode(out);
    }
}

/// Why a mix is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MixError {
    /// The tally has no such cell that waits to be mixed.
    NotWaiting,
    /// Another number of mixes comes before it.
    Position {
        /// The number that it says.
        found: u16,
        /// How many there are.
        expected: u16,
    },
    /// This trustee has mixed the cell before.
    Again,
    /// It cannot be read, or its proof is invalid.
    Shuffle(ShuffleError),
    /// It is not signed by its mixer. Anybody can have made it.
    Signature,
}

impl fmt::Display for MixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWaiting => f.write_str("no such cell waits to be mixed"),
            Self::Position { found, expected } => {
                write!(f, "it is made for {found} mixes before it, there are {expected}")
            }
            Self::Again => f.write_str("this trustee has mixed the cell before"),
            Self::Shuffle(error) => error.fmt(f),
            Self::Signature => f.write_str("the mixer's signature does not fit"),
        }
    }
}

impl core::error::Error for MixError {}

/// The rows of one cell on their way through the mixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cascade {
    cell: usize,
    /// The numbers of the slots that are mixed.
    slots: Range<usize>,
    key: Vec<Element>,
    rows: usize,
    /// The rows as they are now.
    bytes: Vec<u8>,
    by: Vec<u16>,
    needed: u16,
}

impl Cascade {
    /// The cell's place in the tally.
    pub fn cell(&self) -> usize {
        self.cell
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The keys of the slots that are mixed.
    pub fn key(&self) -> &[Element] {
        &self.key
    }

    /// The trustees who have mixed it, in their order.
    pub fn by(&self) -> &[u16] {
        &self.by
    }

    /// How many mixes it takes.
    pub fn needed(&self) -> u16 {
        self.needed
    }

    /// Whether it was mixed often enough.
    pub fn is_complete(&self) -> bool {
        self.by.len() >= usize::from(self.needed)
    }

    fn position(&self) -> u16 {
        u16::try_from(self.by.len()).unwrap_or(u16::MAX)
    }

    /// The rows as they are now. They were verified, so they can be read.
    fn ciphertexts(&self) -> Result<Vec<Ciphertext>, DecodeError> {
        let rows: Vec<&[u8]> = self.bytes.chunks_exact(32 * (self.slots.len() + 1)).collect();
        let read = |row: &&[u8]| {
            let mut reader = Reader::new(row);
            Ok(Ciphertext { a: reader.element()?, b: reader.elements(self.slots.len())? })
        };
        parallel::each_item(&rows, read).into_iter().collect()
    }
}

/// All cells that are mixed.
#[derive(Clone, Debug, Default)]
pub(super) struct Mixing {
    pub(super) cascades: Vec<Cascade>,
    /// Trustees whose mixes are signed and wrong, with the cell, and what is wrong.
    pub(super) faulty: BTreeMap<(u16, usize), ShuffleError>,
    generators: Option<Generators>,
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

    fn find(&self, cell: usize) -> Option<&Cascade> {
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
        let header = Header {
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
        let mut transcript = transcript(election, ceremony, tally, author, &header);
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

/// What a mix is bound to.
fn transcript(
    election: &Election,
    ceremony: &Ceremony,
    tally: &Tally,
    author: &AuthorKey,
    header: &Header,
) -> Transcript {
    let Header { trustee, cell, position } = header;
    let mut transcript = election.context().proof(label::MIX);
    transcript.append_bytes(b"keys", ceremony.hash());
    transcript.append_bytes(b"tally", &tally.hash());
    transcript.append_u64(b"trustee", (*trustee).into());
    transcript.append_element(b"C", author.element());
    transcript.append_u64(b"cell", (*cell).into());
    transcript.append_u64(b"position", (*position).into());
    transcript
}

impl Trustee {
    /// Prepares a mix of the cell with this place in the tally, which takes most of the time and needs no other mix before it.
    pub fn prepare_mix(
        &self,
        state: &State,
        cell: usize,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Prepared, GuardError> {
        let election = self.election(state)?;
        let (mixing, cascade) = waiting(state, cell)?;
        let (Some(generators), Some(tally)) = (&mixing.generators, state.tally()) else {
            return Err(GuardError::NotWaiting);
        };
        let header = self.header(cascade)?;
        let author = self.author();
        let transcript = transcript(election, self.ceremony(), tally, author.public(), &header);
        let secrets = self.shares().iter().chain([author.expose_secret()]);
        let (rows, key) = (cascade.rows, &cascade.key);
        Ok(Prepared::with_secrets(rows, key, generators, transcript, secrets, rng)?)
    }

    fn header(&self, cascade: &Cascade) -> Result<Header, GuardError> {
        Ok(Header {
            trustee: self.number(),
            // A tally has fewer cells than that.
            cell: u32::try_from(cascade.cell).map_err(|_| GuardError::NotWaiting)?,
            position: cascade.position(),
        })
    }

    /// Mixes the rows of the cell with this place in the tally, as the mixes before it left them. The state must come from
    /// this trustee's own replay.
    pub fn mix(
        &self,
        state: &State,
        cell: usize,
        prepared: Prepared,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Mix, GuardError> {
        let election = self.election(state)?;
        let (mixing, cascade) = waiting(state, cell)?;
        if cascade.by.contains(&self.number()) {
            return Err(GuardError::MixedBefore);
        }
        if prepared.key() != cascade.key {
            return Err(GuardError::OtherCell);
        }
        let (Some(generators), Some(tally)) = (&mixing.generators, state.tally()) else {
            return Err(GuardError::NotWaiting);
        };
        let header = self.header(cascade)?;
        let author = self.author();
        let mut transcript = transcript(election, self.ceremony(), tally, author.public(), &header);
        let inputs = cascade.ciphertexts().map_err(|_| GuardError::NotWaiting)?;
        let (outputs, proof) = prepared.shuffle(&inputs, generators, &mut transcript, rng)?;
        let signature = author.sign(&mut transcript, rng)?;
        Ok(Mix { header, outputs, proof, signature })
    }
}

/// The cascade of a cell that waits for a mix.
fn waiting(state: &State, cell: usize) -> Result<(&Mixing, &Cascade), GuardError> {
    let (found, expected) = (state.phase(), Phase::Mixing);
    if found != expected {
        return Err(GuardError::Phase { found, expected });
    }
    let mixing = state.mixing().ok_or(GuardError::NotWaiting)?;
    Ok((mixing, mixing.find(cell).ok_or(GuardError::NotWaiting)?))
}
