//! What each kind of contest implements, in a file of its own.

use super::{
    Broken, Contest, Form, OpenedRow, Unreadable,
    given::Given,
    left_out::LeftOut,
    limits::Votes,
    rules::{Rules, Term},
    summed::Summed,
};
#[cfg(feature = "serde")]
use super::{Cell, Rule};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader},
    count::{Method, Ranking},
    mistake::ManifestError,
};
use alloc::{string::String, vec::Vec};
use core::fmt;
use zeroize::Zeroizing;

/// A kind of contest. The values of a vote are one number for each option, then those that the kind has besides, then one for each
/// write-in line.
pub(super) trait Kind: Sync {
    /// How many slots that are opened as sums come before those of the marks: one for each option, unless the kind says otherwise.
    fn value_slots(&self, contest: &Contest) -> usize {
        contest.options.len()
    }

    /// What each of these counts, in words.
    fn value_names(&self, contest: &Contest) -> Vec<String> {
        contest.shown().collect()
    }

    /// How many slots that are opened as sums come behind those of the marks.
    fn more_slots(&self, _: &Contest) -> usize {
        0
    }

    /// What each of these counts, in words.
    fn more_names(&self, _: &Contest) -> Vec<String> {
        Vec::new()
    }

    /// Whether each option has a total, in the slot of its place.
    fn has_totals(&self) -> bool {
        false
    }

    /// Whether the rules have votes of each option, so that limits of a ballot style can be about them, and contests go with one.
    fn has_votes(&self) -> bool {
        false
    }

    /// How many votes a ballot without a mark holds, given or not; `None` if it is counted as one.
    fn held(&self, _: &Contest) -> Option<u64> {
        None
    }

    /// Whether the votes of a ballot are the voter's weight, and the rules say so. Then the ballot is added once.
    fn splits_weight(&self) -> bool {
        false
    }

    /// The rule about the weight that a vote of such a voter breaks, if it does. Variable time.
    fn broken_weight_vartime(&self, _: &Contest, _values: &[u64], _weight: u64) -> Option<Broken> {
        None
    }

    /// How many values a vote has behind those of the options.
    fn more_values(&self, _: &Contest) -> usize {
        0
    }

    /// The place of the value to which a voter gives this by name.
    fn place(&self, contest: &Contest, name: &str, _: Given) -> Option<usize> {
        contest.option(name)
    }

    /// The name by which a voter gives the value at this place.
    fn name<'c>(&self, contest: &'c Contest, place: usize) -> Option<&'c str> {
        contest.options.get(place).map(|option| option.id.as_str())
    }

    /// Some vote that keeps the rules, given that these votes for options and lines keep the limits: what is given, and the place of its
    /// value.
    fn example(&self, _: &Contest, votes: &[u64]) -> Vec<(usize, Given)> {
        let votes = votes.iter().map(|votes| Given::Votes(*votes)).enumerate();
        votes.filter(|(_, given)| !given.is_none()).collect()
    }

    /// How many slots an option's total has.
    fn option_slots(&self, _: &Contest, _option: usize) -> usize {
        1
    }

    /// What the totals of its summed slots say of a contest with ballots of this weight; `None` if one does not fit.
    fn summed(&self, contest: &Contest, totals: &[u64], _weight: u64) -> Option<Summed> {
        contest.option_totals(totals).map(Summed::Votes)
    }

    /// How many mixed slots, before those of the message, hold a number.
    fn flag_slots(&self, _: &Contest) -> usize {
        0
    }

    /// How many ranks the message begins with.
    fn ranks(&self, _: &Contest) -> usize {
        0
    }

    /// Adds its numbers and equations; the contest's slots begin at `first`. If there is a `gate`, a number of 0 or 1, nothing can
    /// be chosen unless it is 1. Returns the votes of each option.
    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes>;

    /// The numbers that these rules ask for, in order; `open` is that of the gate, 1 if there is none. Constant time in all of them.
    fn numbers(
        &self,
        contest: &Contest,
        values: &[u64],
        marks: &[bool],
        open: u64,
    ) -> Zeroizing<Vec<u64>>;

    /// The rule that a vote breaks, if it does, in plain numbers, and not with the bits that a ballot proves. Variable time.
    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken>;

    /// The largest value of each slot that is summed, and then of those before the message.
    fn slots(&self, contest: &Contest) -> Vec<u64>;

    /// The values and marks in these slots.
    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken>;

    /// The ranks that the message begins with, or the rule that they break.
    fn in_message<'v>(&self, _: &Contest, _: &'v [u64]) -> Result<&'v [u64], Broken> {
        Ok(&[])
    }

    /// The number of a mark; `None` if the contest does not take such marks. They are votes, unless the kind says otherwise.
    fn number(&self, given: Given) -> Option<u64> {
        match given {
            Given::Votes(votes) => Some(votes),
            _ => None,
        }
    }

    /// The mark of the number at a place.
    fn given(&self, _: &Contest, _place: usize, number: u64) -> Given {
        Given::Votes(number)
    }

    /// What marks the contest takes, as the end of an error message about a wrong mark.
    fn takes(&self) -> &'static str;

    /// The new value of an option that has `value` and is marked again.
    fn mark(&self, _option: usize, value: u64, number: u64) -> Result<u64, Broken> {
        Ok(value.saturating_add(number))
    }

    /// How many votes a mark with this number is.
    fn votes(&self, _: u64) -> u64 {
        1
    }

    /// Checks the ranks of a message, and the names that go with them.
    fn check_message(&self, _: &Contest, _: &[u8], _: &[Option<String>]) -> Result<(), Unreadable> {
        Ok(())
    }

    /// The number of each line of a row.
    fn of_lines(&self, _: &Contest, _: &OpenedRow) -> Result<Vec<u64>, Unreadable> {
        Ok(Vec::new())
    }

    /// How many votes, or rankings, are left out with a row.
    fn lost_with(&self, _: &OpenedRow) -> u64 {
        0
    }

    /// The support that a line gives its name. The names with the most support become candidates.
    fn support(&self, number: u64) -> u64 {
        number
    }

    /// What a row counts for. Each of its lines has a number and a candidate, or `None` if the name is not a candidate.
    fn count_row(&self, _: &Contest, _: &OpenedRow, _: &[(Option<usize>, u64)]) -> RowCount {
        RowCount::default()
    }

    /// Checks that the method can count the contest; the error says which methods can.
    fn check_method(&self, _: &Contest, method: Method) -> Result<(), &'static str> {
        if method == Method::Plurality { Ok(()) } else { Err("plurality") }
    }

    /// Checks what the kind requires of the rule besides its minimum and maximum.
    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError>;

    /// The JSON field that holds its rule.
    fn field(&self) -> &'static str;

    /// Form and rule from this field; `all` is how many can get votes or ranks.
    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, all: u64) -> Result<(Form, Rule), ManifestError>;

    /// The JSON of this field.
    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json;

    /// Appends the form's byte, and what belongs to it.
    fn put(&self, contest: &Contest, out: &mut Vec<u8>);

    /// The form behind this byte; `None` if it is not of this kind.
    fn read_form(&self, tag: u8, reader: &mut Reader<'_>) -> Result<Option<Form>, DecodeError>;

    /// The default cells of a contest in JSON.
    #[cfg(feature = "serde")]
    fn cell(&self) -> Cell {
        Cell::District
    }

    /// Makes room in the rule for new write-in lines.
    fn add_lines(&self, _: &mut Contest) {}

    /// The words for it in reports.
    fn words(&self) -> Words;

    /// The rule as a sentence for voters, without its marks and the full stop.
    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// What a row counts for.
#[derive(Default)]
pub(crate) struct RowCount {
    /// Rankings, and how often each counts.
    pub(crate) rankings: Vec<(Ranking, u64)>,
    /// Votes or rankings that count for nobody.
    pub(crate) left_out: Vec<(LeftOut, u64)>,
    /// Whether the row ranks nobody.
    pub(crate) unranked: bool,
}

/// Words for reports.
pub(crate) struct Words {
    /// What a ballot holds, in the plural.
    pub(crate) held: &'static str,
    /// What is counted, other than for write-ins.
    pub(crate) counted: &'static str,
    /// What could have been given and was not.
    pub(crate) not_given: &'static str,
}
