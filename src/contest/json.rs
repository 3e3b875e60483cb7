//! A contest as JSON.

use super::{Cell, Contest, Form, Rule, WriteIns};
use crate::{
    count::{Counting, MAX_PLACES, Method, Quota, TieBreak},
    mistake::ManifestError,
};
use alloc::{format, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContestItem {
    id: String,
    title: Option<String>,
    options: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choose: Option<ChooseItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<RankItem>,
    #[serde(default)]
    blank: bool,
    cell: Option<CellItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_ins: Option<WriteInsItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<CountItem>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChooseItem {
    min: u32,
    max: u32,
    #[serde(default = "one")]
    each: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RankItem {
    #[serde(default)]
    min: u32,
    max: Option<u32>,
    #[serde(default)]
    ties: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteInsItem {
    places: u16,
    length: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountItem {
    method: MethodItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<QuotaItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<u8>,
    #[serde(default = "one_seat")]
    seats: u16,
    #[serde(default)]
    tie_break: TieBreakItem,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MethodItem {
    Plurality,
    InstantRunoff,
    Stv,
    Schulze,
    Borda,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum QuotaItem {
    #[default]
    Droop,
    Hare,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TieBreakItem {
    #[default]
    Order,
    Backwards,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CellItem {
    District,
    Election,
}

fn one() -> u32 {
    1
}

fn one_seat() -> u16 {
    1
}

impl ContestItem {
    /// The contest, at this path of a manifest.
    pub(crate) fn contest(self, path: &str) -> Result<Contest, ManifestError> {
        let Self { id, title, options, choose, rank, blank, cell, write_ins, count } = self;
        let WriteInsItem { places, length } =
            write_ins.unwrap_or(WriteInsItem { places: 0, length: 0 });
        let all = || u32::try_from(options.len()).unwrap_or(u32::MAX).saturating_add(places.into());
        let (form, min, max, each) = match (choose, rank) {
            (Some(ChooseItem { min, max, each }), None) => (Form::Choice, min, max, each),
            (None, Some(RankItem { min, max, ties })) => {
                (Form::Ranking { ties }, min, max.unwrap_or_else(all), 1)
            }
            (found, _) => {
                let value = if found.is_some() { "both" } else { "" };
                let expected = "either 'choose' or 'rank'";
                return Err(ManifestError::new(format!("{path}.choose"), value, expected));
            }
        };
        Ok(Contest {
            title: title.unwrap_or_else(|| id.clone()),
            id,
            options,
            rule: Rule { min, max, each, blank },
            cell: match cell {
                Some(CellItem::District) => Cell::District,
                Some(CellItem::Election) => Cell::Election,
                None => form.kind().cell(),
            },
            form,
            write_ins: WriteIns { places, length },
            counting: count.map(|count| count.counting(path)).transpose()?,
        })
    }

    /// A contest as JSON.
    pub(crate) fn of(contest: &Contest) -> Self {
        let Contest { id, title, options, rule, cell, form, write_ins, counting } = contest;
        let Rule { min, max, each, blank } = *rule;
        let (choose, rank) = match *form {
            Form::Choice => (Some(ChooseItem { min, max, each }), None),
            Form::Ranking { ties } => (None, Some(RankItem { min, max: Some(max), ties })),
        };
        let WriteIns { places, length } = *write_ins;
        Self {
            id: id.clone(),
            title: Some(title.clone()),
            options: options.clone(),
            choose,
            rank,
            blank,
            cell: Some(match cell {
                Cell::District => CellItem::District,
                Cell::Election => CellItem::Election,
            }),
            write_ins: (places > 0).then_some(WriteInsItem { places, length }),
            count: counting.as_ref().map(CountItem::of),
        }
    }
}

impl CountItem {
    fn counting(self, path: &str) -> Result<Counting, ManifestError> {
        let Self { method, quota, places, seats, tie_break } = self;
        let method = match (method, quota, places) {
            (MethodItem::Stv, quota, places) => Method::Stv {
                quota: match quota.unwrap_or_default() {
                    QuotaItem::Droop => Quota::Droop,
                    QuotaItem::Hare => Quota::Hare,
                },
                places: places.unwrap_or(MAX_PLACES),
            },
            (_, Some(_), _) => {
                let expected = "no quota: only the method stv has one";
                return Err(ManifestError::new(format!("{path}.count.quota"), "a quota", expected));
            }
            (_, None, Some(places)) => {
                let expected = "no decimal places: only the method stv has them";
                return Err(ManifestError::new(format!("{path}.count.places"), places, expected));
            }
            (MethodItem::Plurality, None, None) => Method::Plurality,
            (MethodItem::InstantRunoff, None, None) => Method::InstantRunoff,
            (MethodItem::Schulze, None, None) => Method::Schulze,
            (MethodItem::Borda, None, None) => Method::Borda,
        };
        let tie_break = match tie_break {
            TieBreakItem::Order => TieBreak::Order,
            TieBreakItem::Backwards => TieBreak::Backwards,
        };
        Ok(Counting { method, seats, tie_break })
    }

    fn of(counting: &Counting) -> Self {
        let Counting { method, seats, tie_break } = *counting;
        let (method, stv) = match method {
            Method::Plurality => (MethodItem::Plurality, None),
            Method::InstantRunoff => (MethodItem::InstantRunoff, None),
            Method::Stv { quota, places } => (MethodItem::Stv, Some((quota, places))),
            Method::Schulze => (MethodItem::Schulze, None),
            Method::Borda => (MethodItem::Borda, None),
        };
        let quota = stv.map(|(quota, _)| match quota {
            Quota::Droop => QuotaItem::Droop,
            Quota::Hare => QuotaItem::Hare,
        });
        let places = stv.map(|(_, places)| places);
        let tie_break = match tie_break {
            TieBreak::Order => TieBreakItem::Order,
            TieBreak::Backwards => TieBreakItem::Backwards,
        };
        Self { method, quota, places, seats, tie_break }
    }
}
