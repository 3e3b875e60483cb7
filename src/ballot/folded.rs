//! The proof of a ballot's folded contests. It comes before the ballot's own on the same transcript, so that the voter signs it.

use super::{CastBallot, Election, RuleError};
use crate::{
    contest::Contest,
    crypto::{
        ProofCheck,
        batch::{BaseRange, Bases, Enqueue},
        bits,
        group::Element,
        transcript::Transcript,
        wide::{Challenges, Generators, Handles, Proof, Relation, Rules, Statement},
    },
    manifest::Manifest,
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use subtle::Choice;
use zeroize::Zeroizing;

/// What all ballots with folded contests share.
#[derive(Debug)]
pub(super) struct Folded {
    /// One for each style; `None` if the style has no such contest.
    relations: Vec<Option<Relation>>,
    handles: Handles,
    #[cfg(feature = "wide")]
    generators: crate::crypto::wide::ProvingGenerators,
}

impl Folded {
    /// That of a manifest with these slot keys; `Some(None)` if no contest is folded, `None` if there are too few keys.
    pub(super) fn new(
        manifest: &Manifest,
        keys: &[Element],
        slot_keys: BaseRange,
        bases: &mut Bases,
    ) -> Option<Option<Self>> {
        // A style whose limbs are free in the ballot's own proof must have a relation here.
        let relation = |style| match manifest.folded(style) {
            Some((rules, places)) => {
                Relation::new(rules, &places, &manifest.style_slots(style)?, keys).map(Some)
            }
            None => Some(None),
        };
        let relations = (0..manifest.styles().len()).map(relation).collect::<Option<Vec<_>>>()?;
        let values = relations.iter().flatten().map(|relation| relation.rules().values()).max();
        Some(values.map(|values| Self {
            relations,
            handles: Generators::new(values).share_with(slot_keys, bases),
            #[cfg(feature = "wide")]
            generators: crate::crypto::wide::ProvingGenerators::new(values),
        }))
    }
}

/// The limbs of a ballot's folded contests and their slack, for these votes in each of its contests. `None` if they break a rule.
///
/// The time depends on the rules alone, unless one is broken.
pub(super) fn values(
    rules: &Rules,
    contests: &[&Contest],
    votes: &[&[u64]],
) -> Option<Zeroizing<Vec<u16>>> {
    // Never grows: a reallocation would leave a copy behind.
    let mut limbs = Zeroizing::new(Vec::with_capacity(rules.limbs()));
    let mut broken = Choice::from(0);
    for (contest, votes) in contests.iter().zip(votes).filter(|(contest, _)| contest.is_folded()) {
        broken |= contest.put_limbs(votes, &mut limbs);
    }
    let values = rules.fill(&limbs);
    // Whoever keeps the rules goes on.
    if bool::from(broken) || !rules.allow(&values) { None } else { Some(values) }
}

/// A wide proof whose challenges are drawn.
pub(super) struct Challenged<'b> {
    statement: Statement<'b>,
    proof: &'b Proof,
    challenges: Challenges,
    handles: &'b Handles,
}

impl Challenged<'_> {
    /// Adds its equations to the entry of the batch that was begun last.
    pub(super) fn add(&self, enqueue: &mut Enqueue<'_>) {
        self.statement.add(self.proof, &self.challenges, self.handles, enqueue);
    }
}

impl Election {
    fn folded(&self, style: u16) -> Option<(&Folded, &Relation)> {
        let folded = self.0.folded.as_ref()?;
        Some((folded, folded.relations.get(usize::from(style))?.as_ref()?))
    }

    /// How many values the wide proof of a ballot of this style has; 0 if it has no such proof.
    pub(super) fn wide_values(&self, style: u16) -> usize {
        self.folded(style).map_or(0, |(_, relation)| relation.rules().values())
    }

    /// The largest number of points in the wide proof of a ballot.
    pub(super) fn wide_points(&self) -> usize {
        let relations = self.0.folded.iter().flat_map(|folded| &folded.relations).flatten();
        relations.map(|relation| Proof::size(relation.rules().values()) / 32).max().unwrap_or(0)
    }

    /// Absorbs the wide proof of a ballot, if its style has one, and draws its challenges.
    pub(super) fn challenge_folded<'b>(
        &'b self,
        ballot: &'b CastBallot,
        transcript: &mut Transcript,
    ) -> Result<Option<Challenged<'b>>, ProofCheck> {
        let CastBallot { header, voter, ciphertext, folded, proof: _ } = ballot;
        match (self.folded(header.style), folded) {
            (None, None) => Ok(None),
            (Some((Folded { handles, .. }, relation)), Some(proof)) => {
                transcript.append_element(b"X", voter);
                let statement = Statement { relation, ciphertext };
                let challenges = statement.challenges(proof, handles, transcript)?;
                Ok(Some(Challenged { statement, proof, challenges, handles }))
            }
            _ => Err(ProofCheck::Shape),
        }
    }

    /// Proves that the ciphertext of the statement that follows holds these values; `None` if the style has no folded contest.
    #[cfg(feature = "wide")]
    pub(super) fn prove_folded(
        &self,
        style: u16,
        bits::Statement { signer, ciphertext, .. }: &bits::Statement<'_>,
        (values, nonce): (&[u16], &Scalar),
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Proof>, RuleError> {
        let Some((Folded { generators, .. }, relation)) = self.folded(style) else {
            return Ok(None);
        };
        transcript.append_element(b"X", signer);
        let witness = crate::crypto::wide::Witness { values: values.to_vec(), nonce: *nonce };
        let statement = Statement { relation, ciphertext };
        Ok(Some(statement.prove(&witness, generators, transcript, rng)?))
    }

    /// Without the feature `wide` no wide proof is made.
    #[cfg(not(feature = "wide"))]
    pub(super) fn prove_folded(
        &self,
        style: u16,
        _: &bits::Statement<'_>,
        _: (&[u16], &Scalar),
        _: &mut Transcript,
        _: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Proof>, RuleError> {
        self.folded(style).map_or(Ok(None), |_| Err(RuleError::CannotFold))
    }
}

#[cfg(test)]
#[cfg(feature = "wide")]
mod tests;
