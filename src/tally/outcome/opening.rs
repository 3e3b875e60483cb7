//! That an outcome is what the decryption shares open.

use super::Outcome;
use crate::{
    codec::Encode,
    crypto::{
        Culprit, ProofCheck,
        batch::{Base, Bases, Batch},
        group::Element,
        transcript::Transcript,
    },
    keys::Ceremony,
    manifest::Lack,
    parallel,
    tally::{CellTally, Opening, Quorum, Tally, VerifiedShare},
};
use alloc::vec::Vec;
use curve25519_dalek::{RistrettoPoint, Scalar, ristretto::CompressedRistretto};
use itertools::Itertools;

/// Rows in one batch.
const CHUNK: usize = 1 << 11;

impl Outcome {
    /// Checks all totals and rows against what the shares open: `[DECRYPT.OPEN]  Mₖ − vₖG = 0` or `Mₖ` as stated, where
    /// `Mₖ = Bₖ − Σⱼ λⱼPₘₖ`.
    ///
    /// The culprits of the error are places of cells.
    ///
    /// Weights are from this seed: sums, and each row by its place, have transcripts of their own.
    pub(crate) fn verify_with<'c>(
        &self,
        ceremony: &'c Ceremony,
        tally: &Tally,
        shares: &[VerifiedShare],
        seed: &[u8; 32],
    ) -> Result<Result<(), Vec<Culprit>>, Lack<'c>> {
        let quorum = Quorum::of(ceremony, tally, shares)?;
        let mut transcript = Transcript::new(b"outcome");
        transcript.append_bytes(b"tally", tally.as_bytes());
        transcript.append_bytes(b"outcome", &self.to_bytes());
        Ok(self.verify_totals(tally, &quorum, &transcript, seed).and_then(|place| {
            // The rows come behind all sums.
            self.verify_rows(tally, &quorum, &transcript, place, seed)
        }))
    }

    /// Says how many slots are opened in sums.
    fn verify_totals(
        &self,
        tally: &Tally,
        quorum: &Quorum<'_>,
        transcript: &Transcript,
        seed: &[u8; 32],
    ) -> Result<usize, Vec<Culprit>> {
        let mut batch = Batch::new(&Bases::new());
        let mut place = 0;
        for (cell, sums) in self.cells.iter().zip_eq(tally.cells()) {
            let mut enqueue = batch.enqueue(&mut transcript.clone());
            for (total, b) in cell.totals.iter().flatten().zip_eq(opened_sums(sums)) {
                // [DECRYPT.OPEN] Bₖ − Σⱼ λⱼPₘₖ − vₖG = 0
                let mut equation = enqueue.equation("DECRYPT.OPEN");
                equation.point(b, Scalar::ONE).base(Base::G, -Scalar::from(*total));
                if sums.opening == Opening::Shares {
                    for (lambda, factor) in quorum.terms(place) {
                        equation.point(factor, -lambda);
                    }
                    place += 1;
                }
            }
        }
        let culprits = batch.culprits(seed);
        if culprits.is_empty() { Ok(place) } else { Err(culprits) }
    }

    fn verify_rows(
        &self,
        tally: &Tally,
        quorum: &Quorum<'_>,
        transcript: &Transcript,
        first: usize,
        seed: &[u8; 32],
    ) -> Result<(), Vec<Culprit>> {
        let mut slots: Vec<(usize, &Element, &[u8; 32])> = Vec::new();
        for (stated, mixed) in self.mixed.iter().zip_eq(tally.mixed()) {
            let held = mixed.rows.iter().flat_map(|row| &row.b);
            slots.extend(
                held.zip_eq(&stated.points).map(|(b, stated_point)| (stated.cell, b, stated_point)),
            );
        }
        let numbered: Vec<_> = (first..).zip(slots).collect();
        let culprits: Vec<(usize, ProofCheck)> = parallel::each(&numbered, CHUNK, |chunk| {
            let mut batch = Batch::new(&Bases::new());
            for (place, (_, b, stated)) in chunk {
                let Some(stated) = CompressedRistretto(**stated).decompress() else {
                    batch.enqueue_invalid(ProofCheck::Equation("DECRYPT.OPEN"));
                    continue;
                };
                let mut transcript = transcript.clone();
                transcript.append_u64(b"place", *place as u64);
                // [DECRYPT.OPEN] Bₖ − Σⱼ λⱼPₘₖ − Mₖ = 0
                let mut enqueue = batch.enqueue(&mut transcript);
                let mut equation = enqueue.equation("DECRYPT.OPEN");
                equation.point(b.point(), Scalar::ONE).point(&stated, -Scalar::ONE);
                for (lambda, factor) in quorum.terms(*place) {
                    equation.point(factor, -lambda);
                }
            }
            let cell = |culprit: Culprit| {
                chunk.get(culprit.index).map(|(_, (cell, ..))| (*cell, culprit.check))
            };
            batch.culprits(seed).into_iter().filter_map(cell).collect()
        });
        let mut culprits: Vec<Culprit> =
            culprits.into_iter().map(|(index, check)| Culprit { index, check }).collect();
        culprits.dedup_by_key(|culprit| culprit.index);
        if culprits.is_empty() { Ok(()) } else { Err(culprits) }
    }
}

/// The sums of a cell that are opened.
fn opened_sums(cell: &CellTally) -> &[RistrettoPoint] {
    if cell.opening == Opening::TooFew { &[] } else { &cell.sum.b }
}
