//! From bytes to verified ballots.

use super::{CastBallot, Election, Envelope, Header, Origin, Sender, Tracker, VerifiedBallot};
use crate::{
    codec::{DecodeError, DecodeErrorKind, Reader},
    contest::MAX_WEIGHT,
    crypto::{
        ProofCheck, VerifyError,
        batch::Batch,
        bits::{Proof, Relation, Statement},
        elgamal::Ciphertext,
        wide,
    },
    parallel, random, work,
};
use alloc::vec::Vec;
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Most terms in one multiscalar multiplication of a batch. More would hardly make it faster.
const CHUNK_TERMS: usize = 1 << 13;

impl Election {
    /// Style, sequence number and origin. They come first and determine the length of everything that follows.
    fn read_header(&self, reader: &mut Reader<'_>) -> Result<(&Relation, Header), DecodeError> {
        let style = reader.field("ballot style").u16()?;
        let relation = self.0.relations.get(usize::from(style)).ok_or_else(|| {
            let max = self.0.relations.len().saturating_sub(1) as u64;
            reader.error(2, DecodeErrorKind::Value { found: style.into(), max })
        })?;
        let sequence = reader.field("sequence number").u32()?;
        let origin = if reader.field("origin").bool()? {
            let station = reader.field("station").u16()?;
            let stations = self.0.manifest.stations().len();
            if usize::from(station) >= stations {
                let max = stations.saturating_sub(1) as u64;
                let kind = DecodeErrorKind::Value { found: station.into(), max };
                return Err(reader.error(2, kind));
            }
            Origin::Station(station)
        } else {
            Origin::Remote
        };
        Ok((relation, Header { style, sequence, origin }))
    }

    /// Reads the header and checks that as many bytes follow as the style requires: decoding points costs much more than
    /// counting bytes.
    fn read_form(&self, reader: &mut Reader<'_>) -> Result<(&Relation, Header), DecodeError> {
        let (relation, header) = self.read_header(reader)?;
        let constraints = relation.constraints();
        let folded = self.0.folded.values(header.style).map_or(0, wide::Proof::size);
        let weight = if relation.has_weight() { 8 } else { 0 };
        let expected =
            weight + 32 * (2 + constraints.slots()) + folded + Proof::size(constraints.bits());
        let mut behind = reader.clone();
        behind.field("voter, ciphertext and proof").bytes(expected)?;
        behind.finish()?;
        Ok((relation, header))
    }

    /// Reads who sent a ballot, without decoding points.
    pub(crate) fn read_sender(&self, bytes: &[u8]) -> Result<Sender, DecodeError> {
        self.sender(&mut Reader::new(bytes))
    }

    fn sender(&self, reader: &mut Reader<'_>) -> Result<Sender, DecodeError> {
        let (relation, header) = self.read_form(reader)?;
        Ok(Sender { header, voter: reader.array()?, weight: read_weight(relation, reader)? })
    }

    /// Reads the envelope of a ballot, without decoding points.
    pub(crate) fn read_envelope(&self, bytes: &[u8]) -> Result<Envelope, DecodeError> {
        let mut reader = Reader::new(bytes);
        let sender = self.sender(&mut reader)?;
        Ok(Envelope { sender, nonce: reader.array()?, tracker: Tracker::of(bytes) })
    }

    /// Reads a ballot.
    pub fn read_ballot(&self, bytes: &[u8]) -> Result<CastBallot, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (relation, header) = self.read_form(&mut reader)?;
        let constraints = relation.constraints();
        let voter = reader.field("the voter's key").element()?;
        let weight = read_weight(relation, &mut reader)?;
        let a = reader.field("A").element()?;
        let b = reader.field("B").elements(constraints.slots())?;
        let values = self.0.folded.values(header.style);
        let folded =
            values.map(|n| wide::Proof::decode(reader.field("wide proof"), n)).transpose()?;
        let proof = Proof::decode(reader.field("proof"), constraints.bits())?;
        reader.finish()?;
        let ciphertext = Ciphertext { a, b };
        Ok(CastBallot { header, voter, weight, ciphertext, folded, proof })
    }

    /// For a ballot that was verified before and is identified by its tracker: its style, and the bytes of its `A` and then
    /// all `Bₖ`.
    pub(crate) fn read_slots<'b>(
        &self,
        bytes: &'b [u8],
        tracker: &Tracker,
    ) -> Option<(u16, &'b [[u8; 32]])> {
        if Tracker::of(bytes) != *tracker {
            return None;
        }
        let mut reader = Reader::new(bytes);
        let (relation, header) = self.read_header(&mut reader).ok()?;
        reader.bytes(32).ok()?;
        read_weight(relation, &mut reader).ok()?;
        let points = reader.bytes(32 * (1 + relation.constraints().slots())).ok()?;
        Some((header.style, points.as_chunks().0))
    }

    /// Reads again a ballot that was verified before and is identified by its tracker.
    pub(crate) fn read_again(&self, bytes: &[u8], tracker: &Tracker) -> Option<VerifiedBallot> {
        let known = Tracker::of(bytes) == *tracker;
        if known { self.read_ballot(bytes).ok().map(|ballot| self.verified(ballot)) } else { None }
    }

    /// Adds a ballot's equations to a batch.
    fn enqueue(&self, ballot: &CastBallot, batch: &mut Batch) {
        if let Err(check) = self.try_enqueue(ballot, batch) {
            batch.enqueue_invalid(check);
        }
    }

    fn try_enqueue(&self, ballot: &CastBallot, batch: &mut Batch) -> Result<(), ProofCheck> {
        let CastBallot { header, voter, weight, ciphertext, folded: _, proof } = ballot;
        let relation = self.0.relations.get(usize::from(header.style)).ok_or(ProofCheck::Shape)?;
        let (mut transcript, handles) = (self.transcript(header), &self.0.handles);
        let folded = self.0.folded.challenge(ballot, &mut transcript)?;
        let weight = weight.unwrap_or_default();
        let statement = Statement { relation, signer: voter, weight, ciphertext };
        let challenges = statement.challenges(proof, handles, &mut transcript)?;
        let mut enqueue = batch.enqueue(&mut transcript);
        folded.iter().for_each(|folded| folded.add(&mut enqueue));
        statement.add(proof, challenges, handles, &mut enqueue);
        Ok(())
    }

    fn verified(&self, ballot: CastBallot) -> VerifiedBallot {
        VerifiedBallot { ballot, manifest: self.0.manifest.hash() }
    }

    /// Verifies one ballot. Its proof is about the [weight](CastBallot::weight) that it states; whether that is the voter's, the roll says.
    ///
    /// # Errors
    ///
    /// Names the first of `[BALLOT.V1]` and `[BALLOT.V2]` that does not hold, or of the equations of [`wide`] before these if contests are
    /// folded.
    pub fn verify(
        &self,
        ballot: CastBallot,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<VerifiedBallot, VerifyError> {
        Ok(self.verify_with(ballot, &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(super) fn verify_with(
        &self,
        ballot: CastBallot,
        seed: &[u8; 32],
    ) -> Result<VerifiedBallot, ProofCheck> {
        let mut batch = Batch::new(&self.0.bases);
        self.enqueue(&ballot, &mut batch);
        batch.check(seed)?;
        Ok(self.verified(ballot))
    }

    /// Reads and verifies many ballots in batches, on all cores with the `parallel` feature.
    ///
    /// Returns one result for each, in order. Invalid ballots do not keep valid ones from being verified.
    ///
    /// # Errors
    ///
    /// `Randomness` if the generator failed. Then nothing is known about any ballot.
    pub fn verify_all<B: AsRef<[u8]> + Sync>(
        &self,
        ballots: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<Result<VerifiedBallot, BallotError>>, VerifyError> {
        Ok(self.verify_all_with(ballots, &random::seed(rng)?))
    }

    /// The same with batch weights from this seed.
    pub(crate) fn verify_all_with<B: AsRef<[u8]> + Sync>(
        &self,
        ballots: &[B],
        seed: &[u8; 32],
    ) -> Vec<Result<VerifiedBallot, BallotError>> {
        // Each ballot is a step.
        let all = ballots.iter().map(AsRef::as_ref).inspect(|_| work::step());
        let numbered: Vec<(u64, &[u8])> = (0..).zip(all).collect();
        parallel::each(&numbered, self.chunk(), |chunk| {
            // If ballots are repeated, two batches could have the same transcripts, so each gets its own weights.
            let first = chunk.first().map_or(0, |(number, _)| *number);
            let seed = random::derive(seed, "ballots", first);
            let chunk: Vec<&[u8]> = chunk.iter().map(|(_, bytes)| *bytes).collect();
            self.verify_chunk(&chunk, &seed)
        })
    }

    /// Most ballots in one batch.
    pub(crate) fn chunk(&self) -> usize {
        let terms = self.0.relations.iter().map(|r| r.constraints().slots() + 5).max().unwrap_or(5);
        // The generators of wide proofs are shared, but each ballot has scalars for all of them until the batch is decided.
        let terms = terms + self.0.folded.terms();
        (CHUNK_TERMS / terms).clamp(if self.0.folded.terms() > 0 { 1 } else { 16 }, 1024)
    }

    /// Reads and verifies ballots in one batch, with weights from this seed.
    pub(crate) fn verify_chunk<B: AsRef<[u8]>>(
        &self,
        chunk: &[B],
        seed: &[u8; 32],
    ) -> Vec<Result<VerifiedBallot, BallotError>> {
        let mut batch = Batch::new(&self.0.bases);
        let mut places = Vec::with_capacity(chunk.len());
        let mut results = Vec::with_capacity(chunk.len());
        for (place, bytes) in chunk.iter().enumerate() {
            let read = self.read_ballot(bytes.as_ref()).map_err(BallotError::Bytes);
            if let Ok(ballot) = &read {
                self.enqueue(ballot, &mut batch);
                places.push(place);
            }
            results.push(read);
        }
        // An empty sum is zero, but computing it takes as long as a short one. Bytes that are not a ballot must cost less
        // than a ballot.
        let culprits = if batch.is_empty() { Vec::new() } else { batch.culprits(seed) };
        for culprit in culprits {
            if let Some(result) = places.get(culprit.index).and_then(|p| results.get_mut(*p)) {
                *result = Err(BallotError::Proof(culprit.check));
            }
        }
        results.into_iter().map(|result| result.map(|ballot| self.verified(ballot))).collect()
    }
}

/// The weight behind the voter's key, if the style has a contest in which it is split.
fn read_weight(relation: &Relation, reader: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    relation.has_weight().then(|| reader.field("the voter's weight").u64_to(MAX_WEIGHT)).transpose()
}

/// Why bytes are not a valid ballot of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BallotError {
    /// The bytes cannot be read.
    Bytes(DecodeError),
    /// This check of the proof fails.
    Proof(ProofCheck),
}

impl fmt::Display for BallotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(error) => write!(f, "the ballot cannot be read: {error}"),
            Self::Proof(check) => write!(f, "the ballot's proof is invalid: {check}"),
        }
    }
}

impl core::error::Error for BallotError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Bytes(error) => Some(error),
            Self::Proof(_) => None,
        }
    }
}
