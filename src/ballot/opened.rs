//! What is inside an opened ballot: decrypted with its nonce, and not by encrypting once more.
//!
//! Nothing here comes from the code that encrypts, so a fault there does not hide itself.

use super::{Choices, Election, Header, SpoilOpening, Tracker};
use crate::{
    dlog::DlogTable,
    error::{Check, VerifyError},
    group::Element,
    manifest::{Broken, Contest, Rule},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use curve25519_dalek::RistrettoPoint;
use rand_core::{CryptoRng, RngCore};

/// The votes of one contest of an opened ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedContest {
    /// The contest's id.
    pub id: String,
    /// Each option with its votes, in the manifest's order.
    pub votes: Vec<(String, u32)>,
    /// Whether it is marked as blank; `None` if the contest has no blank vote.
    pub blank: Option<bool>,
}

/// The content of an opened ballot, which the board would have taken and counted. As text it has one line for each contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedBallot {
    /// The ballot's tracker: to compare with the one that the device showed.
    pub tracker: Tracker,
    /// Style, sequence number and origin.
    pub header: Header,
    /// The contests of the ballot style, in the manifest's order.
    pub contests: Vec<OpenedContest>,
}

impl fmt::Display for OpenedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, OpenedContest { id, votes, blank }) in self.contests.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n" };
            write!(f, "{line}{id}:")?;
            let mut comma = "";
            for (option, votes) in votes.iter().filter(|(_, votes)| *votes > 0) {
                write!(f, "{comma} {option} {votes}")?;
                comma = ",";
            }
            match (comma, *blank == Some(true)) {
                (_, true) => write!(f, "{comma} blank")?,
                ("", false) => f.write_str(" no vote")?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The first place at which an opened ballot is not what the voter chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The contest's id.
    pub contest: String,
    /// The option; `None` for the blank mark.
    pub option: Option<String>,
    /// Votes in the ballot.
    pub found: u32,
    /// Votes that the voter chose.
    pub chosen: u32,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contest, option, found, chosen } = self;
        let option = option.as_deref().unwrap_or("blank");
        write!(f, "contest '{contest}', '{option}': {found} in the ballot, but {chosen} was chosen")
    }
}

impl core::error::Error for Difference {}

impl OpenedBallot {
    /// Compares with what the voter chose.
    ///
    /// # Errors
    ///
    /// A [`Difference`]: the device encrypted something else. Choices for a contest or an option that is not on the
    /// ballot are one, too.
    pub fn compare(&self, chosen: &Choices) -> Result<(), Difference> {
        let of = |contest: &str| self.contests.iter().find(|opened| opened.id == contest);
        for OpenedContest { id, votes, blank } in &self.contests {
            let options = votes.iter().map(|(option, found)| (Some(option.as_str()), *found));
            let blank = core::iter::once((None, u32::from(*blank == Some(true))));
            for (option, found) in options.chain(blank) {
                let chosen = chosen.votes(id, option);
                if found != chosen {
                    let (contest, option) = (id.clone(), option.map(ToString::to_string));
                    return Err(Difference { contest, option, found, chosen });
                }
            }
        }
        for (contest, option, chosen) in chosen.marks() {
            let known = of(contest).is_some_and(|opened| {
                option.is_none_or(|option| opened.votes.iter().any(|(known, _)| known == option))
            });
            if !known && chosen > 0 {
                let (contest, option) = (contest.to_string(), option.map(ToString::to_string));
                return Err(Difference { contest, option, found: 0, chosen });
            }
        }
        Ok(())
    }
}

/// Why a nonce does not open a ballot, or what it opens is no ballot that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// `[SPOIL.OPEN]` `rG = A` does not hold: it is not the nonce of this ballot.
    Nonce,
    /// `[SPOIL.OPEN]` `Bₖ − rYₖ = vₖG` holds for no value that the option can have.
    Value {
        /// The contest's id.
        contest: String,
        /// The option; `None` for the blank mark.
        option: Option<String>,
        /// The largest value.
        max: u32,
    },
    /// The votes break the contest's rule.
    Rule {
        /// The contest's id.
        contest: String,
        /// How.
        broken: Broken,
    },
    /// This check of the ballot's own proof fails, so the board would not have taken it.
    Proof(Check),
    /// The random number generator failed; this says nothing of the ballot.
    Randomness,
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nonce => f.write_str("[SPOIL.OPEN] is not the nonce of this ballot"),
            Self::Value { contest, option, max } => {
                let option = option.as_deref().unwrap_or("blank");
                write!(
                    f,
                    "[SPOIL.OPEN] contest '{contest}', '{option}': holds no value from 0 to {max}"
                )
            }
            Self::Rule { contest, broken } => write!(f, "contest '{contest}': {broken}"),
            Self::Proof(check) => write!(f, "the ballot's proof is invalid: {check}"),
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for OpeningError {}

impl Election {
    /// Decrypts a ballot with its nonce and checks everything that makes it one that counts: the nonce, each value,
    /// each contest's rule, and the ballot's proof.
    ///
    /// What is left for the voter: the tracker is that which the device showed, and the votes are those that were
    /// chosen. That the board has the ballot as spoiled is the board's to say.
    ///
    /// Variable time: an opening is public.
    ///
    /// # Errors
    ///
    /// An [`OpeningError`] says which of these fails first, and where.
    pub fn check_opening(
        &self,
        opening: &SpoilOpening,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<OpenedBallot, OpeningError> {
        let SpoilOpening { ballot, nonce } = opening;
        let (manifest, style) = (self.manifest(), usize::from(ballot.header.style));
        // [SPOIL.OPEN] rG = A
        if Element::from_secret(nonce) != Some(ballot.ciphertext.a) {
            return Err(OpeningError::Nonce);
        }
        let slots = manifest.style_slots(style).unwrap_or_default();
        let keys = slots.iter().filter_map(|slot| self.ceremony().slot_keys().get(*slot));
        // [SPOIL.OPEN] Bₖ − rYₖ = vₖG
        let mut points =
            ballot.ciphertext.b.iter().zip(keys).map(|(b, y)| b.point() - nonce * y.point());
        let places =
            manifest.styles().get(style).map(|s| s.contests.as_slice()).unwrap_or_default();
        let contests: Vec<&Contest> =
            places.iter().filter_map(|place| manifest.contests().get(*place)).collect();
        let most = contests.iter().map(|contest| contest.rule.each).max().unwrap_or(1);
        let table = DlogTable::new(most.into());
        let contests = contests.into_iter().map(|contest| open(contest, &mut points, &table));
        let contests = contests.collect::<Result<_, _>>()?;
        match self.verify(ballot.clone(), rng) {
            Ok(ballot) => {
                Ok(OpenedBallot { tracker: ballot.tracker(), header: *ballot.header(), contests })
            }
            Err(VerifyError::Randomness) => Err(OpeningError::Randomness),
            Err(VerifyError::Invalid(culprits)) => {
                Err(OpeningError::Proof(culprits.first().map_or(Check::Shape, |c| c.check)))
            }
        }
    }
}

/// The votes of a contest whose points come next.
fn open(
    contest: &Contest,
    points: &mut impl Iterator<Item = RistrettoPoint>,
    table: &DlogTable,
) -> Result<OpenedContest, OpeningError> {
    let Contest { id, options, rule, .. } = contest;
    let mut value = |option: Option<&String>, max: u32| {
        let found = points.next().and_then(|point| table.find_vartime(&point));
        found.and_then(|v| u32::try_from(v).ok()).filter(|v| *v <= max).ok_or_else(|| {
            OpeningError::Value { contest: id.clone(), option: option.cloned(), max }
        })
    };
    let votes = options.iter().map(|option| Ok((option.clone(), value(Some(option), rule.each)?)));
    let votes: Vec<(String, u32)> = votes.collect::<Result<_, _>>()?;
    let blank = if rule.blank { Some(value(None, 1)? == 1) } else { None };
    match broken(rule, votes.iter().map(|(_, votes)| u64::from(*votes)).sum(), blank == Some(true))
    {
        None => Ok(OpenedContest { id: id.clone(), votes, blank }),
        Some(broken) => Err(OpeningError::Rule { contest: id.clone(), broken }),
    }
}

/// How votes break a rule, if they do: in plain numbers, and not with the bits that a ballot proves.
fn broken(rule: &Rule, sum: u64, blank: bool) -> Option<Broken> {
    let found = u32::try_from(sum).unwrap_or(u32::MAX);
    match blank {
        true if found > 0 => Some(Broken::BlankWithVotes),
        true => None,
        false if found < rule.min => Some(Broken::TooFew { found, min: rule.min }),
        false if found > rule.max => Some(Broken::TooMany { found, max: rule.max }),
        false => None,
    }
}
