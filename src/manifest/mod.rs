//! What an election is: who runs it, what is voted on, by which rules, and where.
//!
//! A manifest is written once, with [`Manifest::builder`] or as JSON, and never changes. Everything else in an
//! election names it by its hash. It is checked when it is made, so whoever has a [`Manifest`] has a valid one.
//!
//! # Slots
//!
//! A ballot is one vector ciphertext over the slots of all its contests. In the manifest's order each contest
//! takes the lowest range of slots that overlaps no contest with which it shares a ballot style. So a contest
//! on all styles has the same slots everywhere, and contests that never meet on a ballot share slot keys.
//!
//! # Example
//!
//! ```
//! use rand_core::OsRng;
//! use tabella::{contest::Contest, crypto::signature::AuthorSecret, manifest::Manifest};
//!
//! let operator = AuthorSecret::random(&mut OsRng)?;
//! let trustees = [0, 1, 2].map(|_| AuthorSecret::random(&mut OsRng));
//! let mut keys = Vec::new();
//! for trustee in &trustees {
//!     keys.push(trustee.as_ref().map_err(|e| *e)?.public().clone());
//! }
//! let manifest = Manifest::builder("bridge")
//!     .title("Shall the old bridge be rebuilt?")
//!     .operator(operator.public().clone())
//!     .trustees(keys, 2)
//!     .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
//!     .build()?;
//! assert_eq!(manifest.slots(), 3);
//! assert_eq!(manifest.threshold(), 2);
//!
//! let mistake = Manifest::builder("bridge")
//!     .operator(operator.public().clone())
//!     .trustees([operator.public().clone()], 1)
//!     .contest(Contest::choose_one("bridge", ["yes", "yes"]))
//!     .build()
//!     .unwrap_err();
//! assert_eq!(mistake.path, "trustees[0].key");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod bytes;
mod check;
#[cfg(feature = "serde")]
mod json;
#[cfg(test)]
mod tests;

pub use crate::mistake::ManifestError;
use crate::{
    contest::Contest,
    crypto::{VerifyError, bits::Constraints, signature::AuthorKey},
    log::checkpoint::{LogKey, Witness},
};
pub use builder::Builder;
pub use bytes::{ManifestHash, ManifestReadError};

use alloc::{format, string::String, sync::Arc, vec::Vec};
use core::ops::Range;
use rand_core::{CryptoRng, RngCore};

/// A valid description of an election; it does not change. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    parts: Arc<Parts>,
    layout: Arc<check::Layout>,
    hash: ManifestHash,
}

/// The content of a manifest, valid or not. References are places in its lists.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    id: String,
    title: String,
    operator: AuthorKey,
    trustees: Vec<TrusteeEntry>,
    threshold: u16,
    close_quorum: Option<u16>,
    rehearsals: u16,
    minimum_cell: u32,
    ballots_per_voter: u32,
    districts: Vec<District>,
    stations: Vec<Station>,
    contests: Vec<Contest>,
    styles: Vec<BallotStyle>,
    log: Option<LogPolicy>,
}

/// Who signs checkpoints of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPolicy {
    key: LogKey,
    witnesses: Vec<Witness>,
    quorum: u16,
}

impl LogPolicy {
    /// The key of the log, which signs every checkpoint.
    pub fn key(&self) -> &LogKey {
        &self.key
    }

    /// The witnesses, who cosign.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// How many of them must have cosigned a checkpoint for it to count.
    pub fn quorum(&self) -> u16 {
        self.quorum
    }
}

/// One of those who hold the election's key together. The `i`-th entry, from 0, is trustee number `i + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrusteeEntry {
    /// A name for people.
    pub name: String,
    /// The key under which the trustee writes on the board.
    pub key: AuthorKey,
}

/// A part of the electorate whose votes are counted apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// The name by which it is referred to.
    pub id: String,
    /// A name for people.
    pub name: String,
}

/// A place where votes are cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// The name by which it is referred to.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The place of its district in [`Manifest::districts`].
    pub district: usize,
}

/// The contests that one kind of voter has on the ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotStyle {
    /// The name by which it is referred to.
    pub id: String,
    /// The place of its district in [`Manifest::districts`].
    pub district: usize,
    /// The places of its contests in [`Manifest::contests`], ascending.
    pub contests: Vec<usize>,
}

impl Manifest {
    /// A manifest with this id and nothing else yet.
    pub fn builder(id: &str) -> Builder {
        Builder::new(id)
    }

    /// SHA3-256 over `tabella/v1 manifest` and the canonical bytes.
    pub fn hash(&self) -> ManifestHash {
        self.hash
    }

    /// The election's id.
    pub fn id(&self) -> &str {
        &self.parts.id
    }

    /// The election's title.
    pub fn title(&self) -> &str {
        &self.parts.title
    }

    /// The key of the operator, who opens and closes the election.
    pub fn operator(&self) -> &AuthorKey {
        &self.parts.operator
    }

    /// The trustees, `n` of them.
    pub fn trustees(&self) -> &[TrusteeEntry] {
        &self.parts.trustees
    }

    /// How many trustees it takes to open a tally, `1..=n`.
    pub fn threshold(&self) -> u16 {
        self.parts.threshold
    }

    /// How many trustees sign the close, between the threshold `t` and `n`, if it is set here. Otherwise it follows
    /// from how many hold a share ([`Ceremony::close_quorum`](crate::keys::Ceremony::close_quorum)).
    pub fn close_quorum(&self) -> Option<u16> {
        self.parts.close_quorum
    }

    /// How many trustees must show that they hold their shares before voting can open, as far as so many hold one; 0
    /// unless set.
    pub fn rehearsals(&self) -> u16 {
        self.parts.rehearsals
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

    /// Who signs checkpoints of the board, if anybody does.
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

    /// The slots of a contest: those of its options and of the blank mark if it has one, which are summed; then those of
    /// write-ins or rankings, which are mixed.
    pub fn contest_slots(&self, contest: usize) -> Option<Range<usize>> {
        let first = *self.layout.first_slots.get(contest)?;
        Some(first..first.saturating_add(self.parts.contests.get(contest)?.slots()))
    }

    /// Of the slots of a contest those that are mixed.
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

    /// The contests of a style by place, each with its part of a list that has an item for each slot of a ballot of this
    /// style.
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
    /// [`style_slots`](Self::style_slots). The bits are those of its contests, one after the other.
    pub fn constraints(&self, style: usize) -> Option<Constraints> {
        let contests = &self.parts.styles.get(style)?.contests;
        let contests = contests.iter().map(|c| self.parts.contests.get(*c));
        let contests = contests.collect::<Option<Vec<_>>>()?;
        let mut constraints = Constraints::new(contests.iter().map(|c| c.slots()).sum());
        let mut first = 0;
        for contest in contests {
            contest.constrain(first, &mut constraints);
            first += contest.slots();
        }
        Some(constraints)
    }

    /// The least number of ballots whose sum is opened; 10 unless set.
    pub fn minimum_cell(&self) -> u32 {
        self.parts.minimum_cell
    }

    /// How many ballots one voter can cast, of which the last one counts; 16 unless set.
    pub fn ballots_per_voter(&self) -> u32 {
        self.parts.ballots_per_voter
    }

    /// Checks every author's proof of possession.
    ///
    /// # Errors
    ///
    /// Names the first key whose proof is invalid. If `rng` fails nothing was checked, and `expected` says so.
    pub fn verify_keys(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<(), ManifestError> {
        match self.unproven_key(rng) {
            Ok(None) => Ok(()),
            Ok(Some(mistake)) => Err(mistake),
            Err(_) => {
                let expected = "a working random number generator: the keys were not checked";
                Err(ManifestError::new("operator", self.operator(), expected))
            }
        }
    }

    /// The first key whose proof of possession is invalid, as a mistake. An error is one of `rng`.
    pub(crate) fn unproven_key(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<ManifestError>, VerifyError> {
        for (path, key) in self.parts.authors() {
            match key.verify(rng) {
                Ok(()) => {}
                Err(VerifyError::Randomness) => return Err(VerifyError::Randomness),
                Err(VerifyError::Invalid(_)) => {
                    let expected = "a key whose proof of possession is valid";
                    return Ok(Some(ManifestError::new(path, key, expected)));
                }
            }
        }
        Ok(None)
    }
}
