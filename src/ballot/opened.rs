//! What is inside an opened ballot: decrypted with its nonce, and not by encrypting once more.
//!
//! Nothing here comes from the code that encrypts, so a fault there does not hide itself.

use super::{Choices, Election, Header, SpoilOpening, Tracker, choices::Mark};
use crate::{
    dlog::DlogTable,
    error::{Check, VerifyError},
    group::Element,
    manifest::{Broken, Contest, Form, Rule, Unreadable},
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
    /// Whether votes are given or ranks.
    pub form: Form,
    /// Each option with its votes, or with its rank and 0 for none, in the manifest's order.
    pub votes: Vec<(String, u32)>,
    /// Each write-in that has votes or a rank, line by line; `None` if what is written there cannot be read.
    pub write_ins: Vec<(Option<String>, u32)>,
    /// Whether it is marked as blank; `None` if the contest has no blank vote.
    pub blank: Option<bool>,
    /// Why a ranking cannot be read. It would be taken and counted as invalid.
    pub unreadable: Option<Unreadable>,
}

impl fmt::Display for OpenedContest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, form, votes, write_ins, blank, unreadable } = self;
        write!(f, "{id}:")?;
        if let Some(error) = unreadable {
            return write!(f, " a ranking that is invalid: {error}");
        }
        let options = votes.iter().map(|(option, votes)| (option.as_str(), "", *votes));
        let written = write_ins.iter().map(|(name, votes)| match name {
            Some(name) => (name.as_str(), " (written in)", *votes),
            None => ("something that cannot be read", " (written in)", *votes),
        });
        let mut given: Vec<_> = options.chain(written).filter(|(.., votes)| *votes > 0).collect();
        if *form != Form::Choice {
            given.sort_by_key(|(.., rank)| *rank);
        }
        let mut comma = "";
        for (name, remark, votes) in given {
            match form {
                Form::Choice => write!(f, "{comma} {name} {votes}{remark}")?,
                Form::Ranking { .. } => write!(f, "{comma} {votes}. {name}{remark}")?,
            }
            comma = ",";
        }
        match (comma, *blank == Some(true)) {
            (_, true) => write!(f, "{comma} blank"),
            ("", false) => f.write_str(" no vote"),
            _ => Ok(()),
        }
    }
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
        for (place, contest) in self.contests.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n" };
            write!(f, "{line}{contest}")?;
        }
        Ok(())
    }
}

/// The first place at which an opened ballot is not what the voter chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The contest's id.
    pub contest: String,
    /// The option, or the name that is written in; `None` for the blank mark.
    pub option: Option<String>,
    /// Votes in the ballot, or the rank.
    pub found: u32,
    /// Votes that the voter chose, or the rank.
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
        let differs = |contest: &str, mark, found: u32| {
            let chosen = chosen.votes(contest, mark);
            let option = match mark {
                Mark::Option(name) | Mark::WriteIn(name) => Some(name.to_string()),
                Mark::Blank => None,
            };
            let difference = Difference { contest: contest.to_string(), option, found, chosen };
            if found == chosen { Ok(()) } else { Err(difference) }
        };
        for opened in &self.contests {
            for (option, found) in &opened.votes {
                differs(&opened.id, Mark::Option(option), *found)?;
            }
            differs(&opened.id, Mark::Blank, u32::from(opened.blank == Some(true)))?;
            for (name, _) in &opened.write_ins {
                let name = name.as_deref().unwrap_or("what cannot be read");
                differs(&opened.id, Mark::WriteIn(name), opened.written(name))?;
            }
            if opened.unreadable.is_some() {
                differs(&opened.id, Mark::Option("what cannot be read"), 1)?;
            }
        }
        // What was chosen and is not there at all.
        for (contest, mark, _) in chosen.marks() {
            let opened = self.contests.iter().find(|opened| opened.id == contest);
            let known = opened.is_some_and(|opened| match mark {
                Mark::Option(option) => opened.votes.iter().any(|(known, _)| known == option),
                Mark::WriteIn(name) => opened.written(name) > 0,
                Mark::Blank => true,
            });
            if !known {
                differs(contest, mark, 0)?;
            }
        }
        Ok(())
    }
}

impl OpenedContest {
    /// Votes or rank of a name that is written in.
    fn written(&self, name: &str) -> u32 {
        let lines = self.write_ins.iter().filter(|(known, _)| known.as_deref() == Some(name));
        lines.map(|(_, votes)| *votes).sum()
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
    let Contest { id, options, rule, form, write_ins, .. } = contest;
    let summed = if *form == Form::Choice { options.as_slice() } else { &[] };
    let mut value = |option: Option<&str>, max: u32| {
        let found = points.next().and_then(|point| table.find_vartime(&point));
        found.and_then(|v| u32::try_from(v).ok()).filter(|v| *v <= max).ok_or_else(|| {
            OpeningError::Value { contest: id.clone(), option: option.map(Into::into), max }
        })
    };
    let votes = summed.iter().map(|option| Ok((option.clone(), value(Some(option), rule.each)?)));
    let mut votes: Vec<(String, u32)> = votes.collect::<Result<_, _>>()?;
    let blank = if rule.blank { Some(value(None, 1)? == 1) } else { None };
    let lines = (0..contest.flag_slots()).map(|_| value(Some("a write-in"), rule.each));
    let mut lines: Vec<u32> = lines.collect::<Result<_, _>>()?;
    let sum = votes.iter().map(|(_, votes)| votes).chain(&lines).map(|v| u64::from(*v)).sum();
    if *form == Form::Choice
        && let Some(broken) = broken(rule, sum, blank == Some(true))
    {
        return Err(OpeningError::Rule { contest: id.clone(), broken });
    }

    let message: Vec<[u8; 32]> =
        points.take(contest.message_slots()).map(|point| point.compress().to_bytes()).collect();
    let (mut names, mut unreadable) = (alloc::vec![None; write_ins.places.into()], None);
    match contest.read_message(&message) {
        Ok(written) => {
            if *form != Form::Choice {
                let (ranked, of_lines) =
                    written.ranks.split_at_checked(options.len()).unwrap_or_default();
                let ranked = ranked.iter().map(|rank| u32::from(*rank));
                votes = options.iter().cloned().zip(ranked).collect();
                lines = of_lines.iter().map(|rank| u32::from(*rank)).collect();
            }
            names = written.names;
        }
        Err(error) if *form != Form::Choice => unreadable = Some(error),
        // Lines with votes are shown as what cannot be read.
        Err(_) => {}
    }
    let names = names.into_iter().map(|name| name.filter(|name| !name.is_empty()));
    let write_ins = names.zip(lines).filter(|(_, votes)| *votes > 0).collect();
    Ok(OpenedContest { id: id.clone(), form: *form, votes, write_ins, blank, unreadable })
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
