//! The proof of a ballot's folded contests. It comes before the ballot's own on the same transcript, so that the voter signs it.

use super::{CastBallot, RuleError};
#[cfg(feature = "wide")]
use crate::crypto::wide::{ProvingGenerators, Witness};
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
    /// `None` if no style has one.
    shared: Option<Shared>,
}

#[derive(Debug)]
struct Shared {
    handles: Handles,
    #[cfg(feature = "wide")]
    generators: ProvingGenerators,
}

impl Folded {
    /// That of a manifest with these slot keys; `None` if there are too few.
    pub(super) fn new(
        manifest: &Manifest,
        keys: &[Element],
        slot_keys: BaseRange,
        bases: &mut Bases,
    ) -> Option<Self> {
        // A style whose limbs are free in the ballot's own proof must have a relation here.
        let relation = |style| match manifest.folded(style) {
            Some((rules, places)) => {
                Relation::new(rules, &places, &manifest.style_slots(style)?, keys).map(Some)
            }
            None => Some(None),
        };
        let relations = (0..manifest.styles().len()).map(relation).collect::<Option<Vec<_>>>()?;
        let values = relations.iter().flatten().map(|relation| relation.rules().values()).max();
        let shared = values.map(|values| Shared {
            handles: Generators::new(values).share_with(slot_keys, bases),
            #[cfg(feature = "wide")]
            generators: ProvingGenerators::new(values),
        });
        Some(Self { relations, shared })
    }

    fn of(&self, style: u16) -> Option<(&Relation, &Shared)> {
        self.relations.get(usize::from(style))?.as_ref().zip(self.shared.as_ref())
    }

    /// How many values the wide proof of a ballot of this style has; `None` if it has no such proof.
    pub(super) fn values(&self, style: u16) -> Option<usize> {
        self.of(style).map(|(relation, _)| relation.rules().values())
    }

    /// No wide proof has more terms, with those of shared generators; 0 if there are none.
    pub(super) fn terms(&self) -> usize {
        let values = self.relations.iter().flatten().map(|relation| relation.rules().values());
        values.map(|n| Proof::size(n) / 32 + 2 * 16 * n.next_power_of_two()).max().unwrap_or(0)
    }

    /// Absorbs the wide proof of a ballot, if its style has one, and draws its challenges.
    pub(super) fn challenge<'b>(
        &'b self,
        ballot: &'b CastBallot,
        transcript: &mut Transcript,
    ) -> Result<Option<Challenged<'b>>, ProofCheck> {
        let CastBallot { header, voter, weight: _, ciphertext, folded, proof: _ } = ballot;
        match (self.of(header.style), folded) {
            (None, None) => Ok(None),
            (Some((relation, Shared { handles, .. })), Some(proof)) => {
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
    pub(super) fn prove(
        &self,
        style: u16,
        bits::Statement { signer, ciphertext, .. }: &bits::Statement<'_>,
        (values, nonce): (&[u16], &Scalar),
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Proof>, RuleError> {
        let Some((relation, Shared { generators, .. })) = self.of(style) else { return Ok(None) };
        transcript.append_element(b"X", signer);
        let witness = Witness { values: values.to_vec(), nonce: *nonce };
        let statement = Statement { relation, ciphertext };
        Ok(Some(statement.prove(&witness, generators, transcript, rng)?))
    }

    /// Without the feature `wide` no wide proof is made.
    #[cfg(not(feature = "wide"))]
    pub(super) fn prove(
        &self,
        style: u16,
        _: &bits::Statement<'_>,
        _: (&[u16], &Scalar),
        _: &mut Transcript,
        _: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Proof>, RuleError> {
        self.of(style).map_or(Ok(None), |_| Err(RuleError::CannotFold))
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

#[cfg(test)]
#[cfg(feature = "wide")]
mod tests;
