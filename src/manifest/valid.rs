//! A valid manifest.

use super::{
    BallotStyle, District, Groups, LogPolicy, ManifestError, ManifestHash, Member, Station,
    groups::sum, layout::Layout, parts::Parts,
};
use crate::{
    contest::Contest,
    crypto::{bits::Constraints, signature::AuthorKey},
    mistake::Mistakes,
    random,
    text::Text,
};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use core::ops::Range;
use rand_core::{CryptoRng, RngCore};

/// A valid description of an election. It never changes and is cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub(super) parts: Arc<Parts>,
    pub(super) layout: Arc<Layout>,
    pub(super) hash: ManifestHash,
}

impl Manifest {
    /// SHA3-256 over `tabella/v1 manifest` and the canonical bytes.
    pub fn hash(&self) -> ManifestHash {
        self.hash
    }

    /// The election's id.
    pub fn id(&self) -> &str {
        &self.parts.id
    }

    /// The election's title, in the language that is shown.
    pub fn title(&self) -> &str {
        &self.parts.title
    }

    /// The election's title in each language.
    pub fn title_texts(&self) -> &Text {
        &self.parts.title
    }

    /// The languages in which texts stand beside each other, such as `de` and `fr`; none if all texts are one string.
    pub fn languages(&self) -> &[String] {
        &self.parts.languages
    }

    /// The same manifest, with all texts shown in this language; `None` if it is not one of its languages.
    #[must_use]
    pub fn shown_in(&self, language: &str) -> Option<Self> {
        let place = self.parts.languages.iter().position(|known| known == language)?;
        let mut parts = (*self.parts).clone();
        parts.show_in(place);
        Some(Self { parts: parts.into(), ..self.clone() })
    }

    /// The key of the operator, who opens and closes the election.
    pub fn operator(&self) -> &AuthorKey {
        &self.parts.operator
    }

    /// The trustees, `n` of them, by group.
    pub fn trustees(&self) -> &[Member] {
        &self.parts.trustees
    }

    /// The groups of trustees, with how many of each it takes for what. Without groups there is one of all trustees.
    pub fn groups(&self) -> &Groups {
        &self.parts.groups
    }

    /// How many trustees it takes to open a tally, `1..=n`, those of all groups together.
    pub fn threshold(&self) -> u16 {
        self.parts.groups.threshold()
    }

    /// How many trustees, of all groups together, must show that they hold their shares before voting can open. The default is 0.
    pub fn rehearsals(&self) -> u16 {
        sum(self.parts.groups.iter().map(|group| group.rehearsals))
    }

    /// For how many voters one proxy can cast; `None` if nobody can cast for another.
    pub fn proxies(&self) -> Option<u16> {
        self.parts.proxies
    }

    /// Whether no roll is taken with a [class](crate::roll::SmallClass) of voters that is smaller than the minimum of a cell.
    pub fn forbids_small_classes(&self) -> bool {
        self.parts.weight_classes
    }

    /// The districts.
    pub fn districts(&self) -> &[District] {
        &self.parts.districts
    }

    /// The stations.
    pub fn stations(&self) -> &[Station] {
        &self.parts.stations
    }

    /// The contests.
    pub fn contests(&self) -> &[Contest] {
        &self.parts.contests
    }

    /// The ballot styles.
    pub fn styles(&self) -> &[BallotStyle] {
        &self.parts.styles
    }

    /// The keys that sign checkpoints of the board, if any do.
    pub fn log(&self) -> Option<&LogPolicy> {
        self.parts.log.as_ref()
    }

    /// The origin of the board's checkpoints and the name of the log's key: `tabella/`, the id, `/` and the hash.
    pub fn origin(&self) -> String {
        format!("tabella/{}/{}", self.parts.id, self.hash)
    }

    /// The place of the district with this id.
    pub fn district(&self, id: &str) -> Option<usize> {
        self.layout.districts.find(id, |i| Some(&self.parts.districts.get(i)?.id))
    }

    /// The place of the station with this id.
    pub fn station(&self, id: &str) -> Option<usize> {
        self.layout.stations.find(id, |i| Some(&self.parts.stations.get(i)?.id))
    }

    /// The place of the contest with this id.
    pub fn contest(&self, id: &str) -> Option<usize> {
        self.layout.contests.find(id, |i| Some(&self.parts.contests.get(i)?.id))
    }

    /// The place of the ballot style with this id.
    pub fn style(&self, id: &str) -> Option<usize> {
        self.layout.styles.find(id, |i| Some(&self.parts.styles.get(i)?.id))
    }

    /// `S`, the number of slot keys.
    pub fn slots(&self) -> usize {
        self.layout.slots
    }

    /// The slots of a contest: first the summed ones, of its options and the blank mark, if there is one; then the mixed
    /// ones, of write-ins or rankings.
    pub fn contest_slots(&self, contest: usize) -> Option<Range<usize>> {
        let first = *self.layout.first_slots.get(contest)?;
        Some(first..first.saturating_add(self.parts.contests.get(contest)?.slots()))
    }

    /// The mixed slots of a contest.
    pub fn mixed_slots(&self, contest: usize) -> Option<Range<usize>> {
        let slots = self.contest_slots(contest)?;
        let summed = self.parts.contests.get(contest)?.summed_slots();
        Some(slots.start.saturating_add(summed)..slots.end)
    }

    /// The slots of a ballot of this style: contests in the manifest's order, each contest's slots in order.
    pub fn style_slots(&self, style: usize) -> Option<Vec<usize>> {
        let mut slots = Vec::new();
        for contest in &self.parts.styles.get(style)?.contests {
            slots.extend(self.contest_slots(*contest)?);
        }
        Some(slots)
    }

    /// The contests of a style by place. Each comes with its part of a list that has one item for each slot of a ballot of
    /// this style.
    pub(crate) fn by_contest<'s, T>(
        &'s self,
        style: &'s BallotStyle,
        mut slots: &'s [T],
    ) -> impl Iterator<Item = (usize, &'s Contest, &'s [T])> {
        style.contests.iter().map_while(move |place| {
            let contest = self.parts.contests.get(*place)?;
            let (held, rest) = slots.split_at_checked(contest.slots())?;
            slots = rest;
            Some((*place, contest, held))
        })
    }

    /// The rules of a ballot of this style, over its slots numbered from 0 in the order of
    /// [`style_slots`](Self::style_slots). The bits are those of its contests, one after the other, and then
    /// those of its joint limits.
    pub fn constraints(&self, style: usize) -> Option<Constraints> {
        let held = self.held(self.parts.styles.get(style)?);
        let slots = held.iter().map(|contest| contest.slots()).sum();
        let mut constraints = self.rules(style)?.constraints(slots);
        let mut end = 0;
        for contest in held {
            end += contest.slots();
            let free = if contest.is_folded() { contest.slots() } else { contest.message_slots() };
            constraints.leave_free(end - free..end);
        }
        Some(constraints)
    }

    /// The least number of ballots whose sum is opened; 10 by default.
    pub fn minimum_cell(&self) -> u32 {
        self.parts.minimum_cell
    }

    /// How many ballots one voter can cast; the last one counts. The default is 16.
    pub fn ballots_per_voter(&self) -> u32 {
        self.parts.ballots_per_voter
    }

    /// Checks every author's proof of possession.
    ///
    /// # Errors
    ///
    /// Names the keys whose proofs are invalid. If `rng` fails, nothing was checked, and `expected` says so.
    pub fn verify_keys(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<(), ManifestError> {
        let Ok(seed) = random::seed(rng) else {
            let expected = "a working random number generator: the keys were not checked";
            return Err(ManifestError::new("operator", self.operator(), expected));
        };
        self.unproven_key_with(&seed).map_or(Ok(()), Err)
    }

    /// The keys whose proofs of possession are invalid, as mistakes.
    pub(crate) fn unproven_key_with(&self, seed: &[u8; 32]) -> Option<ManifestError> {
        let mut mistakes = Mistakes::default();
        for (path, key) in self.parts.authors().filter(|(_, key)| key.verify_with(seed).is_err()) {
            let expected = "a key whose proof of possession is valid";
            mistakes.add(ManifestError::new(path, key, expected))
        }
        mistakes.end().err()
    }
}
