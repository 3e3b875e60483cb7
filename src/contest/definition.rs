//! What a contest is.

use super::{Wide, given::Given};
use crate::{
    count::{Counting, Fraction},
    text::Text,
};
use alloc::{collections::BTreeSet, string::String, vec::Vec};
use core::ops::RangeInclusive;

/// The id of the mark for voters who vote blank on purpose.
pub(crate) const BLANK: &str = "blank";

/// Most options and write-in lines of a contest that is counted ballot by ballot, and most candidates in one.
pub(crate) const MAX_CANDIDATES: usize = 255;

/// The cells in which the sum of a contest is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cell {
    /// One sum for each district.
    #[default]
    District,
    /// One sum for the whole election.
    Election,
}

/// The order in which a device shows the options of a contest. It depends on the district and never on the voter, so that everybody
/// can say what should be shown; see [`Manifest::display`](crate::Manifest::display).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Display {
    /// As in the manifest.
    #[default]
    Manifest,
    /// As in the manifest, but beginning with another option in each district.
    Rotate,
    /// By lot in each district.
    Lot,
}

/// How many votes a voter has in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The least total of votes over all options.
    pub min: u64,
    /// The largest total of votes over all options.
    pub max: u64,
    /// The most votes that one option can get, unless the option has its own limit.
    pub each: u64,
}

/// What a voter can choose in a contest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContestOption {
    /// The name by which it is referred to.
    pub id: String,
    /// The name by which it is shown; the id by default.
    pub name: Text,
    /// What tells it from an option of the same name, and is shown beside it: a year of birth, a place, a party.
    pub detail: Option<Text>,
    /// The most votes that it can get, if that is not [`Rule::each`].
    pub most: Option<u64>,
    /// The ids of the groups to which it belongs.
    pub groups: Vec<String>,
}

/// A party, a list or a region: options that are named together in limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The name by which it is referred to.
    pub id: String,
    /// A name for people.
    pub name: Text,
}

/// A box that goes with no vote and no other mark, whatever [`Rule::min`] is, and has a total of its own: "blank", "none of the
/// above", "invalid".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedMark {
    /// The name by which it is referred to.
    pub id: String,
    /// A name for people; the id by default.
    pub name: Text,
    /// Whether a ballot with this mark counts as valid in percentages of valid ballots.
    pub valid: bool,
}

/// A limit on the votes for some options: `min ≤ Σ cost·votes ≤ max`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Options by their ids, or all options of a group by its id. In a limit of a ballot style both have the contest's id and a colon
    /// before them.
    pub of: Vec<String>,
    /// What one vote costs, for each entry of `of`; 1 for all if it is empty.
    pub costs: Vec<u32>,
    /// The least sum; 0 in a limit of a ballot style.
    pub min: u64,
    /// The largest sum.
    pub max: u64,
    /// An option of at most one vote, or in a contest of lists a list, without which none of these options can get a vote. The limit holds
    /// if it has its vote.
    pub with: Option<String>,
}

/// The most that can be elected of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupCap {
    /// The group's id.
    pub of: String,
    /// How many.
    pub elected: u16,
}

/// What decides who is elected by totals, besides the votes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatRules {
    /// How many of a group can be elected at most. Whoever's group is full is passed over.
    pub caps: Vec<GroupCap>,
    /// A share that an option must exceed. Otherwise the seat stays open.
    pub needs: Option<Majority>,
    /// The share of all votes for lists that a list must reach to get seats.
    pub threshold: Option<Fraction>,
    /// Lists, by their ids, that get seats together, and then share them.
    pub joined: Vec<Vec<String>>,
}

/// More than a share of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Majority {
    /// The share. Exactly this share is not enough.
    pub more_than: Fraction,
    /// What it is a share of.
    pub of: Base,
}

/// When a question is answered by yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The option that stands for yes.
    pub yes: String,
    /// The share of votes that it must exceed.
    pub majority: Majority,
    /// The share of the voters on the roll, in the districts of the contest, of whom there must be ballots. Exactly this share is enough.
    pub quorum: Option<Fraction>,
}

/// What percentages of an option's votes are a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base {
    /// All votes for options and write-ins.
    Votes,
    /// All ballots without a mark that is not valid, by weight.
    Valid,
    /// All ballots, by weight.
    Ballots,
}

/// A question with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The name that identifies the contest.
    pub id: String,
    /// The title for people; the id by default.
    pub title: Text,
    /// The question in full, if the title is not.
    pub question: Option<Text>,
    /// The options.
    pub options: Vec<ContestOption>,
    /// Groups of options.
    pub groups: Vec<Group>,
    /// How many votes a voter has; in a ranking, how many options and write-ins are ranked.
    pub rule: Rule,
    /// Marks that go with no vote.
    pub marks: Vec<CountedMark>,
    /// Limits on the votes for some of the options.
    pub limits: Vec<Limit>,
    /// An option of another contest, as `contest:option`, without which nothing can be chosen here. It can get at most one vote,
    /// and its contest stands before this one and on all ballot styles of this one.
    pub with: Option<String>,
    /// Whether there is a total of the voters who gave an option any vote, for each option, beside its votes.
    pub voters: bool,
    /// What percentages are a share of, unless that follows from the rule.
    pub base: Option<Base>,
    /// In what cells it is opened.
    pub cell: Cell,
    /// In what order a device should show the options.
    pub display: Display,
    /// How a ballot proves amounts above 65,535.
    pub wide: Wide,
    /// Whether options are chosen or ranked.
    pub form: Form,
    /// Lines for names that are not among the options.
    pub write_ins: WriteIns,
    /// How rankings or write-ins are counted, if the contest has any; they are opened one by one. In a choice without write-ins, how
    /// many options its totals elect, if any.
    pub counting: Option<Counting>,
    /// Where totals elect, what else decides.
    pub seats: SeatRules,
    /// When the contest's question is answered by yes, if it is one.
    pub pass: Option<Pass>,
    /// The ids of two questions that cannot both take effect. The two options of this contest stand for them, and if both pass, the one
    /// with more votes here takes effect.
    pub if_both: Vec<String>,
}

/// What a voter does with the options of a contest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Gives them votes, which are added up.
    #[default]
    Choice,
    /// Gives each of them one of these grades. Counted is how often each option gets each grade.
    Grades {
        /// The grades by name, the worst first. They are referred to by their names in the first language.
        grades: Vec<Text>,
    },
    /// Ranks them. Rankings leave through a mix and are opened one by one.
    Ranking {
        /// Whether several options can have the same rank.
        ties: bool,
    },
    /// Chooses a list and gives votes to names. The groups are the lists; [`Rule::max`] lines that go to no name count for the list.
    Lists {
        /// Whether a voter can choose no list. Then such lines count for nobody.
        none: bool,
    },
    /// Ranks them for points. Each option's points are summed.
    Places {
        /// The points of each place, the best first.
        points: Vec<u32>,
        /// Whether fewer can be ranked than there are places.
        fewer: bool,
    },
    /// Ranks them all. For each two of them is summed who has which above the other.
    Pairs {
        /// Whether several options can have the same rank.
        ties: bool,
    },
    /// Gives each a score, and for each two of them is also summed who has which above the other.
    Star,
    /// Gives them votes, `v` of which cost `v²` credits.
    Quadratic {
        /// How many credits a voter has.
        credits: u64,
        /// Whether options can also get votes against them.
        against: bool,
    },
    /// Splits a weight over them. No voter weighs more than [`Rule::each`].
    Split,
}

/// Lines on a ballot for names that are not among the options. What voters write there leaves through a mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteIns {
    /// How many lines.
    pub places: u16,
    /// Most bytes of a name; 0 if there are no lines.
    pub length: u16,
}

impl Limit {
    /// At most `max` votes for these options or groups in all.
    pub fn at_most(max: u64, of: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::between(0..=max, of)
    }

    /// A number of votes from this range for these options or groups in all.
    pub fn between(
        votes: RangeInclusive<u64>,
        of: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let of = of.into_iter().map(Into::into).collect();
        Self { of, min: *votes.start(), max: *votes.end(), ..Self::default() }
    }

    /// Where a vote costs this, for each option or group.
    #[must_use]
    pub fn costs(mut self, costs: impl IntoIterator<Item = u32>) -> Self {
        self.costs = costs.into_iter().collect();
        self
    }

    /// Only with this option.
    #[must_use]
    pub fn with(mut self, option: &str) -> Self {
        self.with = Some(option.into());
        self
    }
}

impl Contest {
    /// Sets how the contest is counted.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.counting = Some(counting);
        self
    }

    /// With one more group of options.
    #[must_use]
    pub fn group(mut self, id: &str, name: impl Into<Text>) -> Self {
        self.groups.push(Group { id: id.into(), name: name.into() });
        self
    }

    /// With one more mark that goes with no vote.
    #[must_use]
    pub fn mark(self, id: &str, valid: bool) -> Self {
        self.named_mark(id, id, valid)
    }

    /// The same with a name for people.
    #[must_use]
    pub fn named_mark(mut self, id: &str, name: impl Into<Text>, valid: bool) -> Self {
        self.marks.push(CountedMark { id: id.into(), name: name.into(), valid });
        self
    }

    /// With a mark for voters who vote blank on purpose.
    #[must_use]
    pub fn blank(self) -> Self {
        self.mark(BLANK, false)
    }

    /// With one more limit.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit);
        self
    }

    /// On which something can be chosen only by those who give this option, `contest:option`, its vote.
    #[must_use]
    pub fn with(mut self, option: &str) -> Self {
        self.with = Some(option.into());
        self
    }

    /// With the number of voters for each option beside its votes.
    #[must_use]
    pub fn voters(mut self) -> Self {
        self.voters = true;
        self
    }

    /// With percentages of this.
    #[must_use]
    pub fn base(mut self, base: Base) -> Self {
        self.base = Some(base);
        self
    }

    /// With one more cap on how many of a group are elected.
    #[must_use]
    pub fn cap(mut self, group: &str, elected: u16) -> Self {
        self.seats.caps.push(GroupCap { of: group.into(), elected });
        self
    }

    /// Where only options can be elected that have more than this share of votes.
    #[must_use]
    pub fn needs(mut self, more_than: Fraction, of: Base) -> Self {
        self.seats.needs = Some(Majority { more_than, of });
        self
    }

    /// Where only lists get seats that have at least this share of all votes for lists.
    #[must_use]
    pub fn threshold(mut self, share: Fraction) -> Self {
        self.seats.threshold = Some(share);
        self
    }

    /// Where these lists, by their ids, get seats together.
    #[must_use]
    pub fn joined(mut self, lists: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.seats.joined.push(lists.into_iter().map(Into::into).collect());
        self
    }

    /// A question that is answered by yes if this option has more than this share of votes.
    #[must_use]
    pub fn passes(mut self, yes: &str, more_than: Fraction, of: Base) -> Self {
        let majority = Majority { more_than, of };
        self.pass = Some(Pass { yes: yes.into(), majority, quorum: None });
        self
    }

    /// Whose two options say which of these two questions, by id, takes effect if both pass.
    #[must_use]
    pub fn if_both(mut self, questions: [&str; 2]) -> Self {
        self.if_both = questions.map(Into::into).into();
        self
    }

    /// A question that also needs ballots of this share of the voters on the roll.
    #[must_use]
    pub fn quorum(mut self, share: Fraction) -> Self {
        if let Some(pass) = &mut self.pass {
            pass.quorum = Some(share);
        }
        self
    }

    /// Opened in these cells.
    #[must_use]
    pub fn cell(mut self, cell: Cell) -> Self {
        self.cell = cell;
        self
    }

    /// The most votes that an option or a line for write-ins can get, by its place, lines behind options.
    pub fn most(&self, place: usize) -> u64 {
        self.options.get(place).and_then(|option| option.most).unwrap_or(self.rule.each)
    }

    /// The grades, the worst first; none unless the voter grades the options.
    pub fn grades(&self) -> &[Text] {
        match &self.form {
            Form::Grades { grades } => grades,
            _ => &[],
        }
    }

    /// The grade that is given, by its name in the first language.
    pub(crate) fn grade_of(&self, given: Given) -> Option<&str> {
        let Given::Grade(grade) = given else { return None };
        let place = usize::try_from(grade).ok()?.checked_sub(1)?;
        self.grades().get(place).map(|grade| grade.in_language(0))
    }

    /// How many options can be elected if these are not: as many of each capped group as its cap says.
    pub(crate) fn electable(&self, withdrawn: &BTreeSet<usize>) -> usize {
        let names = self.by_name();
        let standing = |option: &usize| !withdrawn.contains(option);
        let mut left = (0..self.options.len()).filter(standing).count();
        for GroupCap { of, elected } in &self.seats.caps {
            // No option is in two capped groups.
            let members = names.find(of).iter().copied().filter(standing).count();
            left -= members.saturating_sub((*elected).into());
        }
        left
    }

    /// How many options and write-ins can get votes or ranks.
    pub(crate) fn candidates(&self) -> usize {
        self.options.len().saturating_add(self.write_ins.places.into())
    }
}
