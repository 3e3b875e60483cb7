//! How a contest is counted, as JSON.

use super::{Base, GroupCap, Majority, Pass, SeatRules};
use crate::{
    count::{Counting, Formula, Fraction, MAX_PLACES, Method, Quota, TieBreak, Unfilled},
    json::{At, Fields, Json},
    mistake::{ManifestError, Mistakes},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

pub(super) const BASES: [(&str, Base); 3] =
    [("votes", Base::Votes), ("valid", Base::Valid), ("ballots", Base::Ballots)];
const METHODS: [(&str, Method); 8] = [
    ("plurality", Method::Plurality),
    ("instant-runoff", Method::InstantRunoff),
    ("stv", Method::Stv { quota: Quota::Droop, places: MAX_PLACES }),
    ("schulze", Method::Schulze),
    ("borda", Method::Borda),
    ("majority-judgment", Method::MajorityJudgment),
    ("star", Method::Star),
    ("lists", Method::Lists { formula: Formula::DHondt, unfilled: Unfilled::Open }),
];
const FORMULAS: [(&str, Formula); 3] =
    [("dhondt", Formula::DHondt), ("sainte-lague", Formula::SainteLague), ("hare", Formula::Hare)];
const UNFILLED: [(&str, Unfilled); 2] = [("open", Unfilled::Open), ("others", Unfilled::Others)];
const QUOTAS: [(&str, Quota); 2] = [("droop", Quota::Droop), ("hare", Quota::Hare)];
const TIE_BREAKS: [(&str, TieBreak); 4] = [
    ("order", TieBreak::Order),
    ("backwards", TieBreak::Backwards),
    ("lot", TieBreak::Lot),
    ("open", TieBreak::Open),
];

/// The items of a list.
pub(super) fn items<T>(
    list: Result<Vec<At<'_>>, ManifestError>,
    mistakes: &mut Mistakes,
    read: impl Fn(&At<'_>, &mut Mistakes) -> T,
) -> Vec<T> {
    mistakes.take(list).iter().map(|item| read(item, mistakes)).collect()
}

/// A list that is left out if it is empty.
pub(super) fn list(items: impl ExactSizeIterator<Item = Json>) -> Option<Json> {
    (items.len() > 0).then(|| Json::list(items))
}

pub(super) fn texts(list: &[String]) -> Json {
    Json::list(list.iter().map(|text| text.as_str().into()))
}

impl GroupCap {
    fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let fields = at.fields(&["of", "elected"], mistakes);
        let of = mistakes.take(fields.need("of").and_then(|of| of.text()));
        let elected = mistakes.take(fields.need("elected").and_then(|elected| elected.number()));
        Self { of: of.into(), elected }
    }

    fn json(&self) -> Json {
        let Self { of, elected } = self;
        let elected = u64::from(*elected).into();
        Json::object([("of", Some(of.as_str().into())), ("elected", Some(elected))])
    }
}

impl Majority {
    fn from_json(fields: &Fields<'_>) -> Result<Self, ManifestError> {
        let of = fields.need("of")?.word(&BASES)?;
        Ok(Self { more_than: fraction(&fields.need("more_than")?)?, of })
    }
}

impl Pass {
    pub(super) fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["yes", "more_than", "of", "quorum"], &mut mistakes);
        let yes: &str = mistakes.take(fields.need("yes").and_then(|yes| yes.text()));
        let quorum = fields.optional("quorum").map(|quorum| fraction(&quorum)).transpose();
        let quorum = mistakes.take(quorum);
        let majority = Majority::from_json(&fields);
        if let Err(error) = &majority {
            mistakes.add(error.clone());
        }
        mistakes.end()?;
        Ok(Self { yes: yes.into(), majority: majority?, quorum })
    }

    pub(super) fn json(&self) -> Json {
        let Self { yes, majority: Majority { more_than, of }, quorum } = self;
        Json::object([
            ("yes", Some(yes.as_str().into())),
            ("more_than", Some(more_than.to_string().as_str().into())),
            ("of", Some(Json::word(&BASES, of))),
            ("quorum", quorum.map(|quorum| quorum.to_string().as_str().into())),
        ])
    }
}

fn fraction(at: &At<'_>) -> Result<Fraction, ManifestError> {
    let parts = at.text()?.split_once('/');
    let parts = parts.and_then(|(n, d)| Some((n.parse().ok()?, d.parse().ok()?)));
    match parts.and_then(|(n, d)| Fraction::new(n, d).ok()) {
        Some(fraction) => Ok(fraction),
        None => at.wrong("a fraction from 0 to 1, such as '1/2'"),
    }
}

/// How it is counted, and what else decides.
pub(super) fn counting(at: &At<'_>) -> Result<(Counting, SeatRules), ManifestError> {
    let mut mistakes = Mistakes::default();
    let fields = at.fields(
        &[
            "method",
            "quota",
            "places",
            "divisor",
            "unfilled",
            "seats",
            "tie_break",
            "needs",
            "threshold",
            "joined",
            "caps",
        ],
        &mut mistakes,
    );
    let method = fields.need("method").and_then(|method| method.word(&METHODS));
    let mut method: Option<Method> = mistakes.take(method.map(Some));
    for name in ["quota", "places", "divisor", "unfilled"] {
        let Some(given) = fields.optional(name) else { continue };
        let read = match (&mut method, name) {
            (Some(Method::Stv { quota, .. }), "quota") => {
                given.word(&QUOTAS).map(|given| *quota = given)
            }
            (Some(Method::Stv { places, .. }), "places") => {
                given.number().map(|given| *places = given)
            }
            (Some(Method::Lists { formula, .. }), "divisor") => {
                given.word(&FORMULAS).map(|given| *formula = given)
            }
            (Some(Method::Lists { unfilled, .. }), "unfilled") => {
                given.word(&UNFILLED).map(|given| *unfilled = given)
            }
            (None, _) => Ok(()),
            (_, "quota" | "places") => {
                given.wrong(format_args!("nothing: only the method stv has {name}"))
            }
            _ => given.wrong(format_args!("nothing: only the method lists has {name}")),
        };
        mistakes.take(read);
    }
    let seats = mistakes.take(fields.get("seats").map_or(Ok(1), |seats| seats.number()));
    let tie_break = fields.get("tie_break").map(|tie_break| tie_break.word(&TIE_BREAKS));
    let tie_break = mistakes.take(tie_break.transpose()).unwrap_or(TieBreak::Order);
    let caps = items(fields.list("caps"), &mut mistakes, GroupCap::from_json);
    let needs = fields
        .optional("needs")
        .map(|needs| Majority::from_json(&needs.fields(&["more_than", "of"], &mut mistakes)));
    let needs = mistakes.take(needs.transpose());
    let threshold = fields.optional("threshold").map(|threshold| fraction(&threshold));
    let threshold = mistakes.take(threshold.transpose());
    let texts = |lists: &At<'_>, mistakes: &mut Mistakes| mistakes.take(lists.texts());
    let joined = items(fields.list("joined"), &mut mistakes, texts);
    mistakes.end()?;
    let method = method.unwrap_or(Method::Plurality);
    let rules = SeatRules { caps, needs, threshold, joined };
    Ok((Counting { method, seats, tie_break }, rules))
}

pub(super) fn counting_json(
    Counting { method, seats, tie_break }: &Counting,
    rules: &SeatRules,
) -> Json {
    let stv = match method {
        Method::Stv { quota, places } => Some((quota, u64::from(*places))),
        _ => None,
    };
    let lists = match method {
        Method::Lists { formula, unfilled } => Some((formula, unfilled)),
        _ => None,
    };
    let SeatRules { caps, needs, threshold, joined } = rules;
    let needs = needs.map(|Majority { more_than, of }| {
        let more_than = more_than.to_string().as_str().into();
        Json::object([("more_than", Some(more_than)), ("of", Some(Json::word(&BASES, &of)))])
    });
    Json::object([
        ("method", Some(method.to_string().as_str().into())),
        ("quota", stv.map(|(quota, _)| Json::word(&QUOTAS, quota))),
        ("places", stv.map(|(_, places)| places.into())),
        ("divisor", lists.map(|(formula, _)| Json::word(&FORMULAS, formula))),
        ("unfilled", lists.map(|(_, unfilled)| Json::word(&UNFILLED, unfilled))),
        ("seats", Some(u64::from(*seats).into())),
        ("tie_break", Some(Json::word(&TIE_BREAKS, tie_break))),
        ("needs", needs),
        ("threshold", threshold.map(|share| share.to_string().as_str().into())),
        ("joined", list(joined.iter().map(|lists| texts(lists)))),
        ("caps", list(caps.iter().map(GroupCap::json))),
    ])
}
