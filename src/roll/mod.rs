//! The roll: who may vote, with which ballot style and weight.
//!
//! A voter has a [`Credential`], made on the voter's own device. Its public key goes on the roll with a proof of possession,
//! so that nobody registers a key computed from another one.
//!
//! Where the manifest allows it, a voter can let another one cast for her, by a [`Delegation`] on the board.

mod classes;
mod credential;
mod delegation;
mod error;
mod key;
mod proxies;
mod registration;
mod voter;

pub use classes::SmallClass;
pub use credential::Credential;
pub use delegation::{Consent, Delegation, Mandate};
pub use error::RollError;
pub use key::VoterKey;
pub use proxies::{DelegationError, Proxied};
pub use registration::{Registration, encode_registrations};
pub use voter::Voter;

use proxies::Proxies;
use registration::{REGISTRATION, context, possession};

use crate::{
    codec::{Decode, DecodeError, Reader},
    contest::MAX_WEIGHT,
    crypto::{
        batch::{Bases, Batch},
        group::Element,
        transcript::Transcript,
    },
    log::entry::MAX_OBJECT,
    manifest::{BallotStyle, Manifest, ManifestHash},
    parallel, random,
};
use alloc::{string::String, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// Most voters on a roll.
const MAX_VOTERS: usize = 10_000_000;
/// Largest total of one slot, so that it can be opened.
const MAX_TOTAL: u64 = 1 << 40;
/// Most bytes in one object of rows and their parts of a proof, so that the rest of the object fits as well.
const MAX_ROWS: u64 = (MAX_OBJECT - (1 << 20)) as u64;
/// Registrations in one batch of proofs.
const CHUNK: usize = 2048;

/// A line of the roll in memory: 48 bytes.
#[derive(Clone, Copy, Debug)]
struct Line {
    key: [u8; 32],
    line: u32,
    weight: u64,
    style: u16,
}

impl Line {
    /// Style and weight.
    fn class(&self) -> (u16, u64) {
        (self.style, self.weight)
    }

    /// What is wrong with it by itself, apart from its proof.
    fn mistake(&self, rules: &[StyleRule]) -> Option<RollError> {
        let (line, found) = (self.line as usize, self.weight);
        let Some(StyleRule { is_mixed, most }) = rules.get(usize::from(self.style)) else {
            return Some(RollError::UnknownStyle { line, found: self.style, styles: rules.len() });
        };
        match most {
            _ if !(1..=MAX_WEIGHT).contains(&found) => Some(RollError::Weight { line, found }),
            _ if found > 1 && *is_mixed => Some(RollError::Weighted { line, found }),
            Some((max, contest)) if found > *max => {
                Some(RollError::AboveMost { line, found, max: *max, contest: contest.clone() })
            }
            _ => None,
        }
    }

    fn new(line: usize, registration: &Registration) -> Self {
        let Registration { key, style, weight, possession: _ } = registration;
        Self { key: *key.as_bytes(), line: line as u32, weight: *weight, style: *style }
    }
}

impl Registration {
    /// Checks a registration that arrives alone, with its proof of possession: whether a roll can have it as this line, from 0. What
    /// concerns several lines, only the roll tells.
    pub fn verify(
        &self,
        line: usize,
        manifest: &Manifest,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), RollError> {
        if let Some(mistake) = Line::new(line, self).mistake(&style_rules(manifest)) {
            return Err(mistake);
        }
        let seed = random::seed(rng).map_err(|_| RollError::Randomness)?;
        let mut block = Block::default();
        block.prove(&[(line, self)], &context(manifest.hash()), &seed);
        match block.unproven {
            lines if lines.is_empty() => Ok(()),
            lines => Err(RollError::Possession { lines }),
        }
    }
}

/// A roll; every line was checked.
///
/// It takes 48 bytes of memory for each voter.
#[derive(Clone, Debug)]
pub struct Roll {
    manifest: ManifestHash,
    /// Ascending by key.
    lines: Vec<Line>,
    by_style: Vec<u64>,
    proxies: Proxies,
}

/// The result of checking a part of a roll.
#[derive(Default)]
struct Block {
    lines: Vec<Line>,
    error: Option<DecodeError>,
    unproven: Vec<usize>,
}

impl Block {
    fn prove(
        &mut self,
        registrations: &[(usize, &Registration)],
        context: &Transcript,
        seed: &[u8; 32],
    ) {
        let mut batch = Batch::new(&Bases::new());
        for (_, r) in registrations {
            possession(r.key).enqueue(&r.possession, &mut context.clone(), &mut batch);
        }
        // Two parts with the same lines have the same transcripts, so each gets its own batch weights.
        let first = registrations.first().map_or(0, |(line, _)| *line);
        let seed = random::derive(seed, "roll", first as u64);
        let culprits = batch.culprits(&seed).into_iter();
        let lines = culprits.filter_map(|c| registrations.get(c.index));
        self.unproven.extend(lines.map(|(line, _)| *line));
    }
}

/// What a ballot style asks of a voter's weight.
struct StyleRule {
    /// Whether it has a contest that is mixed, whose voters weigh 1.
    is_mixed: bool,
    /// The most that a voter can weigh, where a contest splits the weight, and the contest's id.
    most: Option<(u64, String)>,
}

/// That of each style.
fn style_rules(manifest: &Manifest) -> Vec<StyleRule> {
    let rule = |style: &BallotStyle| {
        let held = manifest.held(style);
        let split = held.iter().filter(|contest| contest.splits_weight());
        StyleRule {
            is_mixed: held.iter().any(|contest| contest.mixed_slots() > 0),
            most: split.map(|contest| (contest.rule.each, contest.id.clone())).min(),
        }
    };
    manifest.styles().iter().map(rule).collect()
}

/// Bytes of the largest mix, share or result that opens all rows, if all voters of each style cast: `N(32(w+1)+96)` for the
/// `N` rows of `w` slots of a contest, and `32·ΣNw`.
fn largest_object(manifest: &Manifest, by_style: &[u64]) -> u64 {
    let (mut mix, mut opened) = (0, 0u64);
    for (place, contest) in manifest.contests().iter().enumerate() {
        let width = contest.mixed_slots() as u64;
        let holders = manifest.styles().iter().zip(by_style);
        let holders = holders.filter(|(style, _)| width > 0 && style.contests.contains(&place));
        // At most `MAX_VOTERS` rows of 64 slots.
        let rows: u64 = holders.map(|(_, voters)| voters).sum();
        mix = rows.saturating_mul(32 * (width + 1) + 96).max(mix);
        opened = opened.saturating_add(rows.saturating_mul(32 * width));
    }
    mix.max(opened)
}

impl Roll {
    /// Checks registrations against the manifest, and their proofs of possession in batches.
    pub fn new(
        manifest: &Manifest,
        registrations: &[Registration],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, RollError> {
        let seed = random::seed(rng).map_err(|_| RollError::Randomness)?;
        let context = context(manifest.hash());
        let numbered: Vec<_> = registrations.iter().enumerate().collect();
        let blocks = parallel::each(&numbered, CHUNK, |chunk| {
            let mut block = Block::default();
            block.lines.extend(chunk.iter().map(|(line, r)| Line::new(*line, r)));
            block.prove(chunk, &context, &seed);
            alloc::vec![block]
        });
        Self::of_blocks(manifest, blocks)
    }

    /// Reads and checks a roll from the bytes that [`encode_registrations`] writes.
    pub fn decode(
        manifest: &Manifest,
        bytes: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, RollError> {
        let seed = random::seed(rng).map_err(|_| RollError::Randomness)?;
        Self::decode_with(manifest, bytes, &seed)
    }

    /// The same with the batch weights from this seed.
    pub(crate) fn decode_with(
        manifest: &Manifest,
        bytes: &[u8],
        seed: &[u8; 32],
    ) -> Result<Self, RollError> {
        let body = body(bytes).map_err(RollError::Bytes)?;
        let context = context(manifest.hash());
        let parts: Vec<(usize, &[u8])> = body.chunks(CHUNK * REGISTRATION).enumerate().collect();
        // Part by part, so that memory holds only the points that the cores are working on.
        let blocks = parallel::each(&parts, 1, |parts| {
            let read = |(part, bytes): &(usize, &[u8])| {
                let mut block = Block::default();
                let mut registrations = Vec::with_capacity(CHUNK);
                for (line, bytes) in (part * CHUNK..).zip(bytes.chunks(REGISTRATION)) {
                    match Registration::from_bytes(bytes) {
                        Ok(registration) => registrations.push((line, registration)),
                        Err(e) => {
                            let at = 4 + line * REGISTRATION + e.at;
                            block.error = Some(DecodeError { at, ..e });
                            return block;
                        }
                    }
                }
                block.lines.extend(registrations.iter().map(|(line, r)| Line::new(*line, r)));
                let registrations: Vec<_> = registrations.iter().map(|(l, r)| (*l, r)).collect();
                block.prove(&registrations, &context, seed);
                block
            };
            parts.iter().map(read).collect()
        });
        Self::of_blocks(manifest, blocks)
    }

    /// Reads again, byte for byte, a roll that was checked before.
    pub(crate) fn read_again(manifest: &Manifest, bytes: &[u8]) -> Result<Self, RollError> {
        let mut block = Block::default();
        for (line, bytes) in body(bytes).map_err(RollError::Bytes)?.chunks(REGISTRATION).enumerate()
        {
            let mut reader = Reader::new(bytes);
            let mut read = || Ok((reader.array()?, reader.u16()?, reader.u64()?));
            let (key, style, weight) = read().map_err(RollError::Bytes)?;
            block.lines.push(Line { key, line: line as u32, weight, style });
        }
        Self::of_blocks(manifest, alloc::vec![block])
    }

    /// Joins the parts. The error is that of the first line with a mistake.
    fn of_blocks(manifest: &Manifest, blocks: Vec<Block>) -> Result<Self, RollError> {
        if let Some(error) = blocks.iter().find_map(|block| block.error) {
            return Err(RollError::Bytes(error));
        }
        let mut lines = Vec::with_capacity(blocks.iter().map(|block| block.lines.len()).sum());
        let mut unproven = Vec::new();
        for block in blocks {
            lines.extend(block.lines);
            unproven.extend(block.unproven);
        }
        if lines.is_empty() {
            return Err(RollError::Empty);
        }
        let rules = style_rules(manifest);
        let mut by_style = alloc::vec![0u64; rules.len()];
        let mistake = |line: &Line| {
            if let Some(voters) = by_style.get_mut(usize::from(line.style)) {
                *voters += 1;
            }
            line.mistake(&rules).map(|mistake| (line.line as usize, mistake))
        };
        let wrong = lines.iter().find_map(mistake);
        let weights = lines.iter().fold(0u64, |sum, line| sum.saturating_add(line.weight));
        lines.sort_unstable_by_key(|line| (line.key, line.line));
        let twice = lines.array_windows().filter(|[a, b]| a.key == b.key);
        let twice = twice.map(|[a, b]| {
            // Of three equal keys, the third names the first as well.
            let first = lines.partition_point(|line| line.key < a.key);
            let first = lines.get(first).map_or(a.line, |line| line.line) as usize;
            (b.line as usize, RollError::Duplicate { line: b.line as usize, first })
        });
        let wrong = wrong.into_iter().chain(twice).min_by_key(|(line, _)| *line);
        if let Some((_, mistake)) = wrong {
            return Err(mistake);
        }
        let voters = lines.len() as u64;
        let largest = manifest.contests().iter().map(|c| c.largest_total(voters, weights)).max();
        let found = largest.unwrap_or(weights);
        if found > MAX_TOTAL {
            return Err(RollError::TooHeavy { found, max: MAX_TOTAL });
        }
        let (found, max) = (largest_object(manifest, &by_style), MAX_ROWS);
        if found > max {
            return Err(RollError::TooManyRows { found, max });
        }
        if manifest.forbids_small_classes() {
            let small = classes::small(manifest, &classes::count(lines.iter().map(Line::class)));
            if let Some(first) = small.first() {
                return Err(RollError::SmallClass { first: *first, more: small.len() - 1 });
            }
        }
        if unproven.is_empty() {
            Ok(Self { manifest: manifest.hash(), lines, by_style, proxies: Proxies::default() })
        } else {
            Err(RollError::Possession { lines: unproven })
        }
    }

    /// The manifest against which the roll was checked.
    pub(crate) fn manifest(&self) -> ManifestHash {
        self.manifest
    }

    /// The voter with this public key, or the one for whom a proxy casts under it.
    pub fn voter(&self, key: &Element) -> Option<Voter> {
        self.voter_of(key.as_bytes())
    }

    /// All who registered, by their own keys, in the order of these; proxies and those for whom they cast are not apart.
    pub fn voters(&self) -> impl ExactSizeIterator<Item = (VoterKey, Voter)> {
        self.lines.iter().map(|line| {
            let Line { key, line, weight, style } = *line;
            (VoterKey::found(key), Voter { line, style, weight })
        })
    }

    /// The same for the bytes of a key.
    pub(crate) fn voter_of(&self, key: &[u8; 32]) -> Option<Voter> {
        let proxied = || self.proxies.find(&VoterKey::found(*key), self.lines.len());
        self.registered(key).or_else(proxied)
    }

    /// The voter whose own key has these bytes.
    pub(crate) fn registered(&self, key: &[u8; 32]) -> Option<Voter> {
        let place = self.lines.binary_search_by(|line| line.key.cmp(key)).ok()?;
        let Line { line, style, weight, .. } = *self.lines.get(place)?;
        Some(Voter { line, style, weight })
    }

    /// The classes of voters whose weight could tell how they vote, by contest, district and weight; none if the roll was checked
    /// against another manifest.
    ///
    /// Totals say at most how many of each weight voted so. Where each class has as many members as the manifest's minimum, that
    /// is no more than totals without weights say.
    pub fn small_classes(&self, manifest: &Manifest) -> Vec<SmallClass> {
        match manifest.hash() == self.manifest {
            true => classes::small(manifest, &classes::count(self.lines.iter().map(Line::class))),
            false => Vec::new(),
        }
    }

    /// All delegations, in the order of the board.
    pub fn proxied(&self) -> impl ExactSizeIterator<Item = &Proxied> {
        self.proxies.list()
    }

    /// Voter and proxy, if the one can let the other cast for her, who can cast for so many.
    pub(crate) fn may_delegate(
        &self,
        most: Option<u16>,
        mandate: &Mandate,
    ) -> Result<(Voter, Voter), DelegationError> {
        let Mandate { voter, key, proxy } = mandate;
        let most = most.ok_or(DelegationError::NotAllowed)?;
        let voter = self.registered(voter.as_bytes()).ok_or(DelegationError::UnknownVoter)?;
        let proxy = self.registered(proxy.as_bytes()).ok_or(DelegationError::UnknownProxy)?;
        if self.voter_of(key.as_bytes()).is_some() {
            return Err(DelegationError::KeyInUse);
        }
        self.proxies.check(voter, proxy, most)?;
        Ok((voter, proxy))
    }

    /// Takes the delegation in this entry.
    pub(crate) fn delegate(&mut self, entry: u64, mandate: &Mandate, [voter, proxy]: [Voter; 2]) {
        self.proxies.add(Proxied::new(entry, mandate), voter, proxy);
    }

    /// The line of the voter for whom a proxy casts under the key of this line.
    pub(crate) fn stands_for(&self, line: u32) -> Option<u32> {
        self.proxies.stands_for(line, self.lines.len())
    }

    /// The line under which a proxy casts for this voter, if there is one.
    pub(crate) fn proxy_line(&self, voter: u32) -> Option<u32> {
        self.proxies.line(voter, self.lines.len())
    }

    /// All lines under which proxies cast.
    pub(crate) fn proxy_lines(&self) -> impl Iterator<Item = u32> {
        self.proxies.lines(self.lines.len())
    }

    /// For each proxy, as whom she casts: as herself first.
    pub(crate) fn by_proxy(&self) -> impl Iterator<Item = Vec<Voter>> {
        self.proxies.by_proxy(self.lines.len())
    }

    /// The number of voters.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no voters; never true of a checked roll.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The number of voters with this ballot style.
    pub fn voters_of_style(&self, style: usize) -> u64 {
        self.by_style.get(style).copied().unwrap_or(0)
    }
}

/// The registrations in a roll's bytes, one after the other.
fn body(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    let mut reader = Reader::new(bytes);
    let count = reader.field("number of lines").count(MAX_VOTERS, REGISTRATION)?;
    let body = reader.field("lines").bytes(count * REGISTRATION)?;
    reader.finish()?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contest::Contest,
        count::{Counting, Method, TieBreak},
        crypto::signature::AuthorSecret,
    };
    use rand_core::OsRng;

    /// A roll with this many lines is too long for a test, so only the computed size is tested.
    #[test]
    fn rows_of_all_voters_must_fit_an_object() {
        let key = || AuthorSecret::random(&mut OsRng).unwrap().public().clone();
        let counting = Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
        // 3 + 1 + 51 bytes in two slots.
        let council = Contest::rank("council", ["a", "b", "c"], counting).write_ins(1, 50);
        // One slot for votes and 11 bytes in another.
        let mayor = Contest::choose_one("mayor", ["d"]).write_ins(1, 10);
        let manifest = Manifest::builder("rows")
            .operator(key())
            .trustees([key()], 1)
            .contest(council)
            .contest(mayor)
            .contest(Contest::choose_one("bridge", ["yes", "no"]))
            .style("both", "all", ["council", "mayor", "bridge"])
            .style("one", "all", ["mayor", "bridge"])
            .district("all", "all")
            .build()
            .unwrap();
        assert_eq!(largest_object(&manifest, &[0, 0]), 0);
        // A mix of the mayor has all rows; an opening has four slots of some rows and two of the others.
        assert_eq!(largest_object(&manifest, &[100, 900]), 1000 * (3 * 32 + 96));
        assert_eq!(largest_object(&manifest, &[1000, 0]), 1000 * (3 * 32 + 96));
        let most = MAX_ROWS / (3 * 32 + 96);
        assert!(largest_object(&manifest, &[0, most]) <= MAX_ROWS);
        assert!(largest_object(&manifest, &[1, most]) > MAX_ROWS);
        // There is room for header, announcements, responses and signature.
        assert!(MAX_ROWS + 9 + 32 * (64 + 10) + 64 < MAX_OBJECT as u64);
    }
}
