//! A voter's choices in plaintext, and the rules that they can break.

mod mistakes;

use super::{folded, marks::Mark, refused::RuleError};
use crate::{
    contest::{BLANK, Broken, Contest, given::Given, pack},
    crypto::{
        ProveError,
        message::{self, PAYLOAD},
    },
    manifest::{BallotStyle, BrokenLimit, Manifest},
    text::normalise,
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::fmt;
use curve25519_dalek::{RistrettoPoint, Scalar};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What a voter wants, by the ids of contests and of options.
///
/// A contest that is not mentioned gets no votes and no blank mark. In a choice, options and write-ins get votes
/// ([`pick`](Self::pick), [`score`](Self::score), [`write_in`](Self::write_in), [`score_write_in`](Self::score_write_in));
/// repeated votes for an option are added up. In a ranking, each gets one rank ([`rank`](Self::rank),
/// [`rank_write_in`](Self::rank_write_in), [`rank_equal`](Self::rank_equal)).
#[derive(Clone, Default)]
pub struct Choices {
    contests: BTreeMap<String, Marks>,
    /// What is split, where a contest splits it.
    weight: Option<u64>,
}

#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
struct Marks {
    /// Those that go with no vote, by id.
    counted: Vec<String>,
    options: Vec<(String, Given)>,
    /// Options with the names of their grades.
    graded: Vec<(String, String)>,
    /// The names written in, one for each line.
    written: Vec<(String, Given)>,
}

impl Marks {
    /// The rank after the last one given.
    fn next_rank(&self) -> u64 {
        let rank = |(_, given): &(String, Given)| match given {
            Given::Rank(rank) => *rank,
            _ => 0,
        };
        let ranks = self.options.iter().chain(&self.written).map(rank);
        ranks.max().unwrap_or(0).saturating_add(1)
    }
}

impl Choices {
    /// No choices.
    pub fn new() -> Self {
        Self::default()
    }

    /// For a voter of this weight, which the roll has ([`Roll::voter`](crate::roll::Roll::voter)). Where a contest splits the weight the
    /// ballot needs it, and [`score`](Self::score) gives an option its share. Elsewhere it says nothing.
    #[must_use]
    pub fn of_weight(mut self, weight: u64) -> Self {
        self.weight = Some(weight);
        self
    }

    /// Gives an option one vote, or one more.
    #[must_use]
    pub fn pick(self, contest: &str, option: &str) -> Self {
        self.score(contest, option, 1)
    }

    /// Gives `votes` votes to an option. 0 votes have no effect.
    #[must_use]
    pub fn score(mut self, contest: &str, option: &str, votes: u64) -> Self {
        let marks = self.contests.entry(contest.into()).or_default();
        marks.options.push((option.into(), Given::Votes(votes)));
        self
    }

    /// Gives an option `votes` votes against it. 0 votes have no effect.
    #[must_use]
    pub fn against(mut self, contest: &str, option: &str, votes: u64) -> Self {
        let marks = self.contests.entry(contest.into()).or_default();
        marks.options.push((option.into(), Given::Against(votes)));
        self
    }

    /// Gives an option a grade, by its name in the first language.
    #[must_use]
    pub fn grade(mut self, contest: &str, option: &str, grade: &str) -> Self {
        let marks = self.contests.entry(contest.into()).or_default();
        marks.graded.push((option.into(), grade.into()));
        self
    }

    /// Leaves a contest blank on purpose.
    #[must_use]
    pub fn blank(self, contest: &str) -> Self {
        self.mark(contest, BLANK)
    }

    /// Sets a mark that goes with no vote, by its id.
    #[must_use]
    pub fn mark(mut self, contest: &str, mark: &str) -> Self {
        let marks = self.contests.entry(contest.into()).or_default();
        if !marks.counted.iter().any(|known| known == mark) {
            marks.counted.push(mark.into());
        }
        self
    }

    /// Writes a name in and gives it one vote.
    #[must_use]
    pub fn write_in(self, contest: &str, name: &str) -> Self {
        self.score_write_in(contest, name, 1)
    }

    /// Writes a name in and gives it `votes` votes, at least 1.
    #[must_use]
    pub fn score_write_in(mut self, contest: &str, name: &str, votes: u64) -> Self {
        let marks = self.contests.entry(contest.into()).or_default();
        marks.written.push((name.into(), Given::Votes(votes)));
        self
    }

    /// Ranks options one after the other, after everything ranked so far.
    #[must_use]
    pub fn rank<'a>(self, contest: &str, options: impl IntoIterator<Item = &'a str>) -> Self {
        let rank = |choices: Self, option| choices.rank_equal(contest, [option], []);
        options.into_iter().fold(self, rank)
    }

    /// Writes a name in and ranks it after everything ranked so far.
    #[must_use]
    pub fn rank_write_in(self, contest: &str, name: &str) -> Self {
        self.rank_equal(contest, [], [name])
    }

    /// Gives the next rank to all these options and names.
    #[must_use]
    pub fn rank_equal<'a>(
        mut self,
        contest: &str,
        options: impl IntoIterator<Item = &'a str>,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let marks = self.contests.entry(contest.into()).or_default();
        let rank = Given::Rank(marks.next_rank());
        marks.options.extend(options.into_iter().map(|option| (option.into(), rank)));
        marks.written.extend(names.into_iter().map(|name| (name.into(), rank)));
        self
    }

    /// Gives this to the option or list at a place among the contest's values, or behind them to the next line for write-ins.
    pub(super) fn give(mut self, contest: &Contest, value: usize, given: Given) -> Self {
        let marks = self.contests.entry(contest.id.clone()).or_default();
        match contest.name(value) {
            Some(name) => marks.options.push((name.into(), given)),
            None => {
                let name = format!("name {}", marks.written.len().saturating_add(1));
                marks.written.push((name, given));
            }
        }
        self
    }

    /// The ids of all contests that are mentioned.
    pub(super) fn contests(&self) -> impl Iterator<Item = &str> {
        self.contests.keys().map(String::as_str)
    }

    /// The marks of a contest, as on a ballot: all votes for an option are one mark.
    pub(super) fn marks(&self, contest: &str) -> Vec<Mark> {
        let Some(Marks { counted, options, graded, written }) = self.contests.get(contest) else {
            return Vec::new();
        };
        let (mut marks, mut sums, mut against) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for (name, given) in options {
            let (sums, votes) = match *given {
                Given::Votes(votes) => (&mut sums, votes),
                Given::Against(votes) => (&mut against, votes),
                given => {
                    marks.push(Mark::Option { name: name.clone(), given });
                    continue;
                }
            };
            let sum: &mut u64 = sums.entry(name).or_default();
            *sum = sum.saturating_add(votes);
        }
        let sums = sums.into_iter().map(|(name, votes)| (name, Given::Votes(votes)));
        let against = against.into_iter().map(|(name, votes)| (name, Given::Against(votes)));
        let voted = sums.chain(against).filter(|(_, given)| !given.is_none());
        marks.extend(voted.map(|(name, given)| Mark::Option { name: name.clone(), given }));
        marks.extend(graded.iter().map(|(name, grade)| {
            let (name, grade) = (name.clone(), grade.clone());
            Mark::Grade { name, grade }
        }));
        marks.extend(written.iter().map(|(name, given)| {
            let (name, given) = (Some(name.clone()), *given);
            Mark::WriteIn { name, given }
        }));
        marks.extend(counted.iter().map(|id| Mark::Counted { id: id.clone() }));
        marks
    }

    /// The plaintexts and the bits of all contests of a ballot style, in the order of its slots and of its constraints.
    pub(super) fn for_style(&self, manifest: &Manifest, style: usize) -> Result<Plain, RuleError> {
        let rules = manifest.rules(style).unwrap_or_default();
        let folded = manifest.folded(style);
        let Some(style) = manifest.styles().get(style) else {
            return Err(RuleError::Proof(ProveError::Shape));
        };
        let contests = manifest.held(style);
        if let Some(id) = self.contests.keys().find(|id| contests.iter().all(|c| c.id != **id)) {
            return Err(RuleError::UnknownContest { contest: id.clone() });
        }
        let split = contests.iter().find(|contest| contest.splits_weight());
        let weight = match (split, self.weight) {
            (None, _) => None,
            (Some(_), Some(weight)) => Some(weight),
            (Some(contest), None) => {
                return Err(RuleError::NoWeight { contest: contest.id.clone() });
            }
        };
        let of_voter = weight.unwrap_or_default();
        let none = Marks::default();
        let marks = contests.iter().map(|c| self.contests.get(&c.id).unwrap_or(&none).of(c));
        let chosen = marks.collect::<Result<Vec<Chosen>, _>>()?;
        // Never grows: a reallocation would leave a copy behind.
        let mut numbers = Zeroizing::new(Vec::with_capacity(rules.numbers()));
        let votes: Vec<&[u64]> = chosen.iter().map(|chosen| chosen.values.as_slice()).collect();
        for (place, (contest, Chosen { values, marks, .. })) in
            contests.iter().zip(&chosen).enumerate()
        {
            let open = manifest.gate(style, place, &votes);
            numbers.extend_from_slice(&contest.numbers(values, marks, open));
        }
        // The weight is public.
        let allowed = |contest: &&Contest| contest.allows_weight(of_voter);
        let bits = rules.witness(&numbers, of_voter).filter(|_| contests.iter().all(allowed));
        let Some(bits) = bits else {
            return Err(broken_rule_vartime(manifest, style, &contests, &chosen, of_voter));
        };
        let of_folded = match &folded {
            Some((rules, _)) => folded::values(rules, &contests, &votes),
            None => Some(Zeroizing::new(Vec::new())),
        };
        let Some(of_folded) = of_folded else {
            return Err(broken_rule_vartime(manifest, style, &contests, &chosen, of_voter));
        };
        let slots = contests.iter().map(|contest| contest.slots()).sum();
        let mut in_slots = rules.in_slots(&numbers, slots);
        let mut plain = Plain {
            folded: of_folded,
            weight,
            points: Zeroizing::new(Vec::with_capacity(slots)),
            bits: Zeroizing::new(bits.iter().map(|bit| Scalar::from(*bit)).collect()),
            written: Zeroizing::new(Vec::with_capacity(
                contests.iter().map(|contest| contest.message_slots()).sum(),
            )),
        };
        let limbs = plain.folded.iter().zip(folded.iter().flat_map(|(_, places)| places));
        for (limb, place) in limbs {
            if let Some(slot) = in_slots.get_mut(*place) {
                *slot = (*limb).into();
            }
        }
        let mut in_slots = in_slots.iter();
        for (contest, Chosen { message, .. }) in contests.iter().zip(&chosen) {
            let of_message = contest.message_slots();
            let counted = in_slots.by_ref().take(contest.slots() - of_message);
            // A slot of a contest holds no negative number.
            let point = |value: &i64| RistrettoPoint::mul_base(&Scalar::from(*value as u64));
            plain.points.extend(counted.map(point));
            for part in message.chunks(PAYLOAD) {
                let mut bytes = Zeroizing::new([0; 32]);
                let parts = bytes.iter_mut().zip(part);
                parts.for_each(|(byte, part)| *byte = *part);
                plain.written.push(Scalar::from_bytes_mod_order(*bytes));
            }
            let contest = || contest.id.clone();
            let message = message::encode(message, of_message)
                .map_err(|error| RuleError::Message { contest: contest(), error })?;
            plain.points.extend(message.iter());
            in_slots.by_ref().take(of_message).for_each(drop);
        }
        Ok(plain)
    }
}

/// The rule that these choices break.
fn broken_rule_vartime(
    manifest: &Manifest,
    style: &BallotStyle,
    contests: &[&Contest],
    chosen: &[Chosen],
    weight: u64,
) -> RuleError {
    let votes: Vec<&[u64]> = chosen.iter().map(|chosen| chosen.values.as_slice()).collect();
    for (place, (contest, Chosen { values, marks, .. })) in contests.iter().zip(chosen).enumerate()
    {
        let open = manifest.is_open(style, place, &votes);
        if let Some(broken) = contest.broken_vartime(values, marks, open, weight) {
            return RuleError::Broken { contest: contest.id.clone(), broken };
        }
    }
    match manifest.broken_limit_vartime(style, &votes) {
        Some(BrokenLimit { limit, found, max }) => RuleError::JointLimit { limit, found, max },
        None => RuleError::Proof(ProveError::Shape),
    }
}

/// What is chosen in a contest, and what is written in it as the bytes of a message.
struct Chosen {
    /// One for each option, and then for each line for write-ins.
    values: Zeroizing<Vec<u64>>,
    /// One for each mark of the contest.
    marks: Zeroizing<Vec<bool>>,
    message: Zeroizing<Vec<u8>>,
}

impl Marks {
    /// What they choose in this contest.
    fn of(&self, contest: &Contest) -> Result<Chosen, RuleError> {
        let Self { counted, options: marked, graded, written } = self;
        let id = || contest.id.clone();
        let broken = |broken| RuleError::Broken { contest: id(), broken };
        let number = |name: &str, given: Given| {
            contest.number(given).ok_or_else(|| {
                let (name, takes) = (name.into(), contest.takes());
                RuleError::WrongMark { contest: id(), name, given, takes }
            })
        };
        let mut values = Zeroizing::new(
            alloc::vec![0u64; contest.values().saturating_add(contest.write_ins.places.into())],
        );
        let (options, lines) = values.split_at_mut(contest.values());
        let mut mark = |option: &String, given: Given| {
            let place = contest.place(option, given);
            let value = place.and_then(|place| Some((place, options.get_mut(place)?)));
            let (place, value) = value.ok_or_else(|| {
                let (contest, option) = (id(), option.clone());
                RuleError::UnknownOption { contest, option }
            })?;
            let number = number(option, given)?;
            *value = contest.marked(place, *value, number).map_err(broken)?;
            Ok::<_, RuleError>(())
        };
        for (option, given) in marked {
            mark(option, *given)?;
        }
        for (option, grade) in graded {
            let grades = contest.grades();
            let known = (1..).zip(grades).find(|(_, known)| known.in_language(0) == grade);
            let (place, _) = known.ok_or_else(|| {
                let grades = grades.iter().map(|grade| grade.in_language(0).into()).collect();
                let grade = grade.clone();
                RuleError::UnknownGrade { contest: id(), grade, grades }
            })?;
            mark(option, Given::Grade(place))?;
        }
        let mut numbers = Zeroizing::new(Vec::with_capacity(written.len()));
        for (name, given) in written {
            numbers.push(number(name, *given)?);
        }
        check_names(contest, written, &numbers)?;
        lines.iter_mut().zip(numbers.iter()).for_each(|(line, number)| *line = *number);
        // Too many names for the lines are refused here.
        let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
        let message = pack(contest, &values, &names).map_err(broken)?;
        let mut marks = Zeroizing::new(alloc::vec![false; contest.marks.len()]);
        for mark in counted {
            let place = contest.marks.iter().position(|known| known.id == *mark);
            let set = place.and_then(|place| marks.get_mut(place)).ok_or_else(|| {
                let marks = contest.marks.iter().map(|mark| mark.id.clone()).collect();
                RuleError::UnknownMark { contest: id(), mark: mark.clone(), marks }
            })?;
            *set = true;
        }
        Ok(Chosen { values, marks, message })
    }
}

/// Refuses write-ins of which the count would leave out the name or some votes: a listed option, whose votes may be in a sum;
/// one name on several lines; a name that is empty once normalised; and a name without a vote.
fn check_names(
    contest: &Contest,
    written: &[(String, Given)],
    numbers: &[u64],
) -> Result<(), RuleError> {
    let id = || contest.id.clone();
    let keys = contest.by_key();
    // For each name its first line and the sum of its votes.
    let mut known: BTreeMap<String, (&str, u64)> = BTreeMap::new();
    for (line, ((name, _), number)) in written.iter().zip(numbers).enumerate() {
        let normal = normalise(name);
        if normal.is_empty() {
            return Err(RuleError::Broken { contest: id(), broken: Broken::Name { line } });
        }
        if let Some(option) = keys.get(&normal).and_then(|place| contest.options.get(*place)) {
            let (name, option) = (name.clone(), option.id.clone());
            return Err(RuleError::Listed { contest: id(), name, option });
        }
        if *number == 0 {
            return Err(RuleError::NoVote { contest: id(), name: name.clone() });
        }
        let (first, sum) = known.entry(normal).or_insert((name, 0));
        let again = *sum > 0;
        *sum = sum.saturating_add(contest.votes(*number));
        if again && *sum > contest.rule.each {
            let (first, second) = ((*first).into(), name.clone());
            return Err(RuleError::WrittenTwice { contest: id(), first, second });
        }
    }
    Ok(())
}

impl fmt::Debug for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choices(..)")
    }
}

/// The plaintext of a ballot.
pub(super) struct Plain {
    /// The voter's, where it is split.
    pub(super) weight: Option<u64>,
    /// One for each slot.
    pub(super) points: Zeroizing<Vec<RistrettoPoint>>,
    /// One for each bit of the constraints.
    pub(super) bits: Zeroizing<Vec<Scalar>>,
    /// The limbs of folded contests, and their slack.
    pub(super) folded: Zeroizing<Vec<u16>>,
    /// All messages, split into scalars.
    pub(super) written: Zeroizing<Vec<Scalar>>,
}
