//! The outcome as JSON.

use super::counted::{CountView, Rows};
use crate::{
    contest::{Contest, ContestOption, Text, Values},
    manifest::Manifest,
    tally::{Account, CellOutcome, MixedOutcome, Outcome},
};
use alloc::{
    rc::Rc,
    string::{String, ToString},
    vec::Vec,
};
use serde::{Serialize, Serializer};

/// What `result.json` holds.
#[derive(Serialize)]
pub(crate) struct ResultView<'a> {
    format: &'static str,
    election: &'a str,
    manifest: String,
    contests: Vec<ContestView<'a>>,
    turnout: TurnoutView<'a>,
}

#[derive(Serialize)]
struct ContestView<'a> {
    id: &'a str,
    title: &'a str,
    /// The options by their ids.
    options: Vec<&'a str>,
    /// Their names, unless these are the ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<String>>,
    /// The names of its grades, if options are graded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grade_names: Vec<&'a str>,
    /// The ids of its marks, if it has some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mark_ids: Vec<&'a str>,
    /// The options that cannot be elected, if there are some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    withdrawn: Vec<WithdrawnView<'a>>,
    #[serde(flatten)]
    whole: Sums,
    account: Option<AccountView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<CountView<'a>>,
    /// If the contest is a question that passes, and was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<PassView>,
    /// Which of two questions takes effect, if the contest decides that and all were opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    takes_effect: Option<Option<&'a str>>,
    cells: Vec<CellView<'a>>,
}

#[derive(Serialize)]
struct WithdrawnView<'a> {
    option: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct CellView<'a> {
    districts: Vec<&'a str>,
    #[serde(flatten)]
    sums: Sums,
    /// The rows that were mixed, in the order of the last mix.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Rows<'a>>,
}

/// What became of all votes that the ballots hold.
#[derive(Serialize)]
struct AccountView {
    held: u64,
    counted: u64,
    written_in: u64,
    marked: u64,
    not_given: u64,
    left_out: Vec<LeftOutView>,
}

#[derive(Serialize)]
struct LeftOutView {
    reason: &'static str,
    votes: u64,
}

/// The numbers of one cell, or of a contest.
#[derive(Serialize)]
struct Sums {
    ballots: u64,
    weight: u64,
    /// One for each option, unless it was not opened or the options are ranked.
    votes: Option<Vec<u64>>,
    /// For all that was written in, if something can be and the rows were opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    write_ins: Option<Option<u64>>,
    /// For each option how often it got each grade, if options are graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    grades: Option<Option<Vec<Vec<u64>>>>,
    /// One for each mark of the contest.
    marks: Option<Vec<u64>>,
    /// For each option, if they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    voters: Option<Option<Vec<u64>>>,
    /// What is summed besides, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<OtherView>,
    not_given: Option<u64>,
}

#[derive(Serialize)]
struct OtherView {
    of: Shared,
    total: u64,
}

/// How a question is answered.
#[derive(Serialize)]
struct PassView {
    passes: bool,
    majority: bool,
    quorum: bool,
}

#[derive(Serialize)]
struct TurnoutView<'a> {
    ballots: u64,
    on_roll: u64,
    remote: u64,
    districts: Vec<DistrictView<'a>>,
    stations: Vec<StationView<'a>>,
}

#[derive(Serialize)]
struct DistrictView<'a> {
    id: &'a str,
    name: &'a str,
    ballots: u64,
    on_roll: u64,
}

#[derive(Serialize)]
struct StationView<'a> {
    id: &'a str,
    name: &'a str,
    ballots: u64,
}

impl<'a> ResultView<'a> {
    pub(crate) fn of(outcome: &'a Outcome) -> Self {
        let manifest = outcome.manifest();
        let contests = manifest.contests().iter().enumerate();
        Self {
            format: "tabella/v1 result",
            election: manifest.id(),
            manifest: manifest.hash().to_string(),
            contests: contests
                .filter_map(|(place, contest)| ContestView::of(outcome, place, contest))
                .collect(),
            turnout: TurnoutView::of(outcome),
        }
    }
}

impl<'a> ContestView<'a> {
    fn of(outcome: &'a Outcome, place: usize, contest: &'a Contest) -> Option<Self> {
        let manifest = outcome.manifest();
        let cells = outcome.places_of(place).zip(outcome.cells_of(place));
        let (counted, account) = (outcome.counted_of(place), outcome.account_of(place));
        let values = Rc::new(Values::of(contest, MixedOutcome::count(outcome.mixed_cells(place))));
        let others = contest.other_slots().into_iter().map(|(slot, of)| (slot, of.into()));
        let others: Vec<(usize, Rc<str>)> = others.collect();
        Some(Self {
            id: &contest.id,
            title: &contest.title,
            options: contest.ids().collect(),
            names: contest
                .options
                .iter()
                .any(|option| option.shown() != option.id)
                .then(|| contest.options.iter().map(ContestOption::shown).collect()),
            grade_names: contest.grades().iter().map(Text::as_str).collect(),
            mark_ids: contest.marks.iter().map(|mark| mark.id.as_str()).collect(),
            withdrawn: outcome
                .withdrawn_of(place)
                .iter()
                .filter_map(|withdrawal| {
                    let option = contest.options.get(withdrawal.option)?;
                    Some(WithdrawnView { option: &option.id, reason: &withdrawal.reason })
                })
                .collect(),
            whole: Sums::of(manifest, &outcome.whole(place)?, &others),
            account: account.map(AccountView::of),
            count: counted.map(|counted| CountView::of(counted, contest.grades().len())),
            pass: outcome.answer_of(place).map(|answer| PassView {
                passes: answer.passes(),
                majority: answer.majority,
                quorum: answer.quorum,
            }),
            takes_effect: outcome.effect_of(place),
            cells: cells
                .map(|(place, cell)| CellView::of(outcome, place, cell, &values, &others))
                .collect(),
        })
    }
}

impl<'a> CellView<'a> {
    fn of(
        outcome: &'a Outcome,
        place: usize,
        cell: &CellOutcome,
        values: &Rc<Values>,
        others: &[(usize, Rc<str>)],
    ) -> Self {
        let manifest = outcome.manifest();
        let districts = cell.districts.iter().filter_map(|place| manifest.districts().get(*place));
        Self {
            districts: districts.map(|district| district.id.as_str()).collect(),
            sums: Sums::of(manifest, cell, others),
            rows: Rows::of(outcome, place, values),
        }
    }
}

impl AccountView {
    fn of(account: &Account) -> Self {
        let Account { contest: _, held, counted, written_in, marked, not_given, left_out } =
            account;
        let (held, counted, written_in) = (*held, *counted, *written_in);
        let (marked, not_given) = (*marked, *not_given);
        let left_out = left_out
            .iter()
            .map(|(reason, votes)| LeftOutView { reason: reason.code(), votes: *votes });
        let left_out = left_out.collect();
        Self { held, counted, written_in, marked, not_given, left_out }
    }
}

impl OtherView {
    fn of(cell: &CellOutcome, others: &[(usize, Rc<str>)]) -> Vec<Self> {
        let Some(totals) = &cell.totals else { return Vec::new() };
        let other = |(slot, of): &(usize, Rc<str>)| {
            Some(Self { of: Shared(of.clone()), total: *totals.get(*slot)? })
        };
        others.iter().filter_map(other).collect()
    }
}

/// Text that many cells have.
struct Shared(Rc<str>);

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Sums {
    /// `others` says what is summed besides, by slot.
    fn of(manifest: &Manifest, cell: &CellOutcome, others: &[(usize, Rc<str>)]) -> Self {
        let contest = manifest.contests().get(cell.contest);
        let options = contest.map_or(0, |c| c.options.len());
        let beside = contest.filter(|contest| contest.voters);
        let written = contest.filter(|contest| contest.flag_slots() > 0);
        Self {
            ballots: cell.ballots,
            weight: cell.weight,
            write_ins: written.map(|_| cell.votes().ok().map(|_| cell.write_ins)),
            votes: cell.options().ok(),
            grades: contest.filter(|contest| !contest.grades().is_empty()).map(|contest| {
                let totals = cell.totals.as_ref()?;
                let options = totals.chunks(contest.grades().len()).take(options);
                Some(options.map(<[u64]>::to_vec).collect())
            }),
            marks: cell.marks().ok().map(<[u64]>::to_vec),
            voters: beside.map(|_| cell.voters().ok().map(<[u64]>::to_vec)),
            others: OtherView::of(cell, others),
            not_given: cell.undervotes().ok(),
        }
    }
}

impl<'a> TurnoutView<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let (manifest, turnout) = (outcome.manifest(), outcome.turnout());
        let districts = manifest.districts().iter().zip(&turnout.districts).zip(&turnout.on_roll);
        let stations = manifest.stations().iter().zip(&turnout.stations);
        Self {
            ballots: turnout.ballots(),
            on_roll: turnout.on_roll.iter().sum(),
            remote: turnout.remote,
            districts: districts
                .map(|((district, ballots), on_roll)| DistrictView {
                    id: &district.id,
                    name: &district.name,
                    ballots: *ballots,
                    on_roll: *on_roll,
                })
                .collect(),
            stations: stations
                .map(|(station, ballots)| StationView {
                    id: &station.id,
                    name: &station.name,
                    ballots: *ballots,
                })
                .collect(),
        }
    }
}
