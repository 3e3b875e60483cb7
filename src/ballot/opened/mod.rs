//! The content of an opened ballot, decrypted with its nonce and not encrypted again.
//!
//! This code shares nothing with the code that encrypts, so a fault there cannot hide itself.

use crate::{
    ballot::{
        Choices, Election, Header, SpoilOpening, Tracker,
        marks::{List, Mark},
    },
    contest::{Broken, Contest, Unreadable, Written, given::Given},
    crypto::{ProofCheck, dlog::DlogTable, group::Element},
    manifest::{BallotStyle, BrokenLimit, Manifest},
    random,
};
use alloc::{string::String, vec::Vec};
use core::fmt;
use curve25519_dalek::RistrettoPoint;
use rand_core::{CryptoRng, RngCore};

/// The complete content of one contest of an opened ballot.
///
/// As text it is one line. Within an election, different contents have different texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedContest {
    /// The contest's id.
    pub id: String,
    /// In a choice, the options with votes in the manifest's order, then the lines for write-ins; in a ranking, everything
    /// ranked, the best first.
    pub marks: Vec<Mark>,
}

impl fmt::Display for OpenedContest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, marks } = self;
        match marks.as_slice() {
            [] => write!(f, "{id}: no vote"),
            marks => write!(f, "{id}: {}", List(marks)),
        }
    }
}

/// The content of an opened ballot that the board would have accepted and counted. As text it has one line for each contest,
/// without tracker and header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedBallot {
    /// The ballot's tracker, to compare with the one that the device showed.
    pub tracker: Tracker,
    /// Style, sequence number and origin.
    pub header: Header,
    /// The weight that it splits, if its style has a contest for that. All shares are this number together; the board compares it
    /// with the roll.
    pub weight: Option<u64>,
    /// The contests of the ballot style, in the manifest's order.
    pub contests: Vec<OpenedContest>,
}

impl fmt::Display for OpenedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, contest) in self.contests.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n" };
            write!(f, "{line}{contest}")?;
        }
        Ok(())
    }
}

/// The first contest in which an opened ballot differs from the voter's choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The contest's id.
    pub contest: String,
    /// The marks in the ballot that were not chosen.
    pub found: Vec<Mark>,
    /// The marks chosen that are not in the ballot.
    pub chosen: Vec<Mark>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contest, found, chosen } = self;
        write!(f, "contest '{contest}':")?;
        if !found.is_empty() {
            write!(f, " in the ballot, but not chosen: {}", List(found))?;
        }
        let semicolon = if found.is_empty() || chosen.is_empty() { "" } else { ";" };
        if !chosen.is_empty() {
            write!(f, "{semicolon} chosen, but not in the ballot: {}", List(chosen))?;
        }
        Ok(())
    }
}

impl core::error::Error for Difference {}

impl OpenedBallot {
    /// Compares with the voter's choices: the ballot must hold the same marks, each as often, in any order, and no others.
    /// Names are compared byte by byte, since the device encrypts them as typed.
    ///
    /// # Errors
    ///
    /// A [`Difference`] if the device encrypted something else, or if there are choices for a contest that is not on the
    /// ballot.
    pub fn compare(&self, chosen: &Choices) -> Result<(), Difference> {
        let is_here = |id: &str| self.contests.iter().any(|opened| opened.id == id);
        let elsewhere = chosen.contests().filter(|id| !is_here(id)).map(|id| (id, Vec::new()));
        let here = self.contests.iter().map(|opened| (opened.id.as_str(), opened.marks.clone()));
        for (contest, mut found) in here.chain(elsewhere) {
            let mut chosen = chosen.marks(contest);
            found.retain(|mark| match chosen.iter().position(|chosen| chosen == mark) {
                Some(place) => {
                    chosen.remove(place);
                    false
                }
                None => true,
            });
            if !found.is_empty() || !chosen.is_empty() {
                return Err(Difference { contest: contest.into(), found, chosen });
            }
        }
        Ok(())
    }
}

/// Why a nonce does not open a ballot, or why the opened ballot is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpeningError {
    /// `[SPOIL.OPEN]` `rG = A` does not hold: the nonce is not this ballot's.
    Nonce,
    /// `[SPOIL.OPEN]` `Bₖ − rYₖ = vₖG` holds for no allowed value of the slot.
    Value {
        /// The contest's id.
        contest: String,
        /// The slot: an option, a mark, or what else it counts.
        slot: String,
        /// The largest value.
        max: u64,
    },
    /// The votes break the contest's rule.
    Rule {
        /// The contest's id.
        contest: String,
        /// The rule.
        broken: Broken,
    },
    /// The votes break a limit over several contests.
    JointLimit {
        /// The limit's number in the ballot style.
        limit: usize,
        /// What the votes cost.
        found: u64,
        /// The most that is allowed.
        max: u64,
    },
    /// The ballot's own proof fails this check, so the board would have refused it.
    Proof(ProofCheck),
    /// The random number generator failed. This says nothing about the ballot.
    Randomness,
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nonce => {
                f.write_str("[SPOIL.OPEN] does not hold: this is not the nonce of the ballot")
            }
            Self::Value { contest, slot, max } => write!(
                f,
                "[SPOIL.OPEN] contest '{contest}', '{slot}': the value is not from 0 to {max}"
            ),
            Self::Rule { contest, broken } => write!(f, "contest '{contest}': {broken}"),
            Self::JointLimit { limit, found, max } => write!(
                f,
                "the options of limit {limit} (from 0) of the ballot style get {found} in all, at most {max} is allowed"
            ),
            Self::Proof(check) => write!(f, "the ballot's proof is invalid: {check}"),
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for OpeningError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Rule { broken, .. } => Some(broken),
            _ => None,
        }
    }
}

impl Election {
    /// Decrypts a ballot with its nonce and checks everything that makes it valid: the nonce, each value, each contest's
    /// rule, and the ballot's proof.
    ///
    /// The voter must still check that the tracker is the one the device showed and that the votes are the chosen ones.
    /// Whether the board has the ballot as spoiled is not checked here.
    ///
    /// Variable time: an opening is public.
    ///
    /// # Errors
    ///
    /// An [`OpeningError`] names the first of these that fails, and where.
    pub fn check_opening(
        &self,
        opening: &SpoilOpening,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<OpenedBallot, OpeningError> {
        self.check_opening_with(opening, &random::seed(rng).map_err(|_| OpeningError::Randomness)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn check_opening_with(
        &self,
        opening: &SpoilOpening,
        seed: &[u8; 32],
    ) -> Result<OpenedBallot, OpeningError> {
        let SpoilOpening { ballot, nonce } = opening;
        let (manifest, style) = (self.manifest(), usize::from(ballot.header.style));
        // [SPOIL.OPEN] rG = A
        if Element::from_secret(nonce) != Some(ballot.ciphertext.a) {
            return Err(OpeningError::Nonce);
        }
        let slots = manifest.style_slots(style).unwrap_or_default();
        let keys = slots.iter().filter_map(|slot| self.slot_keys().get(*slot));
        // [SPOIL.OPEN] Bₖ − rYₖ = vₖG
        let points =
            ballot.ciphertext.b.iter().zip(keys).map(|(b, y)| b.point() - nonce * y.point());
        let held = manifest.styles().get(style);
        let weight = ballot.weight();
        let open = |style| open_all(manifest, style, points, weight.unwrap_or_default());
        let contests = held.map_or(Ok(Vec::new()), open)?;
        let ballot = self.verify_with(ballot.clone(), seed).map_err(OpeningError::Proof)?;
        Ok(OpenedBallot { tracker: ballot.tracker(), header: *ballot.header(), weight, contests })
    }
}

/// The contents of the contests of a ballot of this weight.
fn open_all(
    manifest: &Manifest,
    style: &BallotStyle,
    mut points: impl Iterator<Item = RistrettoPoint>,
    weight: u64,
) -> Result<Vec<OpenedContest>, OpeningError> {
    let held = manifest.held(style);
    let most = held.iter().map(|contest| contest.largest()).max().unwrap_or(1);
    let table = DlogTable::new(most);
    let (mut votes, mut contests) = (Vec::<Vec<u64>>::new(), Vec::new());
    fn slices(votes: &[Vec<u64>]) -> Vec<&[u64]> {
        votes.iter().map(Vec::as_slice).collect()
    }
    for contest in held {
        let open = manifest.is_open(style, contests.len(), &slices(&votes));
        let (values, opened) = open_contest(contest, (open, weight), &mut points, &table)?;
        votes.push(values);
        contests.push(opened);
    }
    match manifest.broken_limit_vartime(style, &slices(&votes)) {
        Some(BrokenLimit { limit, found, max }) => {
            Err(OpeningError::JointLimit { limit, found, max })
        }
        None => Ok(contests),
    }
}

/// The content of the contest whose points come next, and the votes of its options and lines.
fn open_contest(
    contest: &Contest,
    (open, weight): (bool, u64),
    points: &mut impl Iterator<Item = RistrettoPoint>,
    table: &DlogTable,
) -> Result<(Vec<u64>, OpenedContest), OpeningError> {
    let Contest { id, write_ins, .. } = contest;
    let slots = contest.slot_values().into_iter().enumerate().map(|(slot, max)| {
        let found = points.next().and_then(|point| table.find_vartime(&point));
        let found = found.filter(|v| *v <= max);
        found.ok_or_else(|| {
            let slot = contest.slot_name(slot);
            OpeningError::Value { contest: id.clone(), slot, max }
        })
    });
    let slots: Vec<u64> = slots.collect::<Result<_, _>>()?;
    let rule = |broken| OpeningError::Rule { contest: id.clone(), broken };
    let (votes, counted) = contest.read_slots(&slots).map_err(rule)?;
    if let Some(broken) = contest.broken_vartime(&votes, &counted, open, weight) {
        return Err(rule(broken));
    }

    let message: Vec<[u8; 32]> =
        points.take(contest.message_slots()).map(|point| point.compress().to_bytes()).collect();
    let (Written { ranks, names }, reason) = match contest.read_message(&message) {
        Ok(written) => {
            let line = written.names.iter().position(Option::is_none);
            (written, line.map(|line| Unreadable::Rule(Broken::Name { line })))
        }
        Err(reason) => {
            let names = alloc::vec![None; write_ins.places.into()];
            (Written { ranks: Vec::new(), names }, Some(reason))
        }
    };
    // One for each option, and then for each line: numbers in slots, or ranks.
    let numbers = votes.iter().copied().chain(ranks.into_iter().map(u64::from));
    let mut given = numbers.enumerate().map(|(place, number)| contest.given(place, number));
    let of_options: Vec<Given> = given.by_ref().take(contest.values()).collect();
    let mut marks = Vec::new();
    let of_options = of_options.into_iter().enumerate().filter(|(_, given)| !given.is_none());
    for (place, given) in of_options {
        let name = contest.name(place).unwrap_or_default().into();
        marks.push(match contest.grade_of(given) {
            Some(grade) => Mark::Grade { name, grade: grade.into() },
            None => Mark::Option { name, given },
        });
    }
    for (name, given) in names.into_iter().zip(given) {
        // Text without a vote counts for nobody. But it was not chosen, and everybody could read it.
        if !given.is_none() || name.as_ref().is_some_and(|name| !name.is_empty()) {
            marks.push(Mark::WriteIn { name, given });
        }
    }
    // Marks with votes keep their order.
    marks.sort_by_key(|mark| match mark {
        Mark::Option { given: Given::Rank(rank), .. }
        | Mark::WriteIn { given: Given::Rank(rank), .. } => *rank,
        _ => 0,
    });
    let counted = contest.marks.iter().zip(counted).filter(|(_, set)| *set);
    marks.extend(counted.map(|(mark, _)| Mark::Counted { id: mark.id.clone() }));
    marks.extend(reason.map(|reason| Mark::Unreadable { reason, points: message }));
    Ok((votes, OpenedContest { id: id.clone(), marks }))
}

#[cfg(test)]
mod tests;
