//! A contest as JSON.

use super::{
    Base, Cell, Contest, ContestOption, CountedMark, Display, Form, Group, GroupCap, Limit,
    Majority, Pass, Rule, SeatRules, WriteIns, kinds::KINDS,
};
use crate::{
    count::{Counting, Formula, Fraction, MAX_PLACES, Method, Quota, TieBreak, Unfilled},
    json::{At, Fields, Json},
    mistake::{ManifestError, Mistakes},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// The fields behind that of the kind.
const FIELDS: [&str; 11] = [
    "marks",
    "limits",
    "with",
    "voters",
    "base",
    "cell",
    "display",
    "write_ins",
    "count",
    "pass",
    "if_both",
];
const BASES: [(&str, Base); 3] =
    [("votes", Base::Votes), ("valid", Base::Valid), ("ballots", Base::Ballots)];
const CELLS: [(&str, Cell); 2] = [("district", Cell::District), ("election", Cell::Election)];
const DISPLAYS: [(&str, Display); 3] =
    [("manifest", Display::Manifest), ("rotate", Display::Rotate), ("lot", Display::Lot)];
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

impl Contest {
    /// Reads a contest. In the place of what cannot be read a default stands.
    pub(crate) fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let kinds = KINDS.map(|kind| kind.field());
        let names = [&["id", "title", "question", "groups", "options"], &kinds[..], &FIELDS];
        let fields = at.fields(&names.concat(), mistakes);
        let id = mistakes.take(fields.need("id").and_then(|id| id.text()));
        let title = fields.translated("title", mistakes);
        let question = fields.translated("question", mistakes);
        let groups = items(fields.list("groups"), mistakes, Group::from_json);
        let options = fields.need("options").and_then(|options| options.list());
        let options = items(options, mistakes, ContestOption::from_json);
        let lines = fields.optional("write_ins").map(|lines| WriteIns::from_json(&lines, mistakes));
        let write_ins = lines.unwrap_or_default();
        let rules: Vec<_> =
            KINDS.iter().filter_map(|kind| Some((kind, fields.optional(kind.field())?))).collect();
        let (mut form, mut rule, mut kind_cell) =
            (Form::Choice, Rule { min: 0, max: 0, each: 0 }, Cell::default());
        if let [(kind, given)] = rules.as_slice() {
            let all = options.len().saturating_add(write_ins.places.into());
            kind_cell = kind.cell();
            if let Some(read) = mistakes.take(kind.rule_from_json(given, all as u64).map(Some)) {
                (form, rule) = read;
            }
        } else {
            let value = if rules.is_empty() { "" } else { "more than one" };
            let expected = format!("either {}", kinds.map(|kind| format!("'{kind}'")).join(" or "));
            let path = format!("{}.{}", at.path(), kinds[0]);
            mistakes.add(ManifestError::new(path, value, expected))
        }
        let marks = items(fields.list("marks"), mistakes, CountedMark::from_json);
        let limits = items(fields.list("limits"), mistakes, Limit::from_json);
        let with = fields.optional("with").map(|with| with.text()).transpose();
        let voters = fields.get("voters").map_or(Ok(false), |voters| voters.bool());
        let base = fields.optional("base").map(|base| base.word(&BASES)).transpose();
        let cell = fields.optional("cell").map(|cell| cell.word(&CELLS)).transpose();
        let display = fields.optional("display").map(|display| display.word(&DISPLAYS));
        let display = display.transpose();
        let counting = fields.optional("count").map(|count| counting(&count)).transpose();
        let (counting, seats) = mistakes.take(counting).unzip();
        let pass = fields.optional("pass").map(|pass| Pass::from_json(&pass)).transpose();
        let if_both = fields.get("if_both").map_or(Ok(Vec::new()), |ids| ids.texts());
        Self {
            id: id.into(),
            title: title.unwrap_or_else(|| id.into()),
            question,
            groups,
            options,
            rule,
            marks,
            limits,
            with: mistakes.take(with).map(Into::into),
            voters: mistakes.take(voters),
            base: mistakes.take(base),
            cell: mistakes.take(cell).unwrap_or(kind_cell),
            display: mistakes.take(display).unwrap_or_default(),
            form,
            write_ins,
            counting,
            seats: seats.unwrap_or_default(),
            pass: mistakes.take(pass),
            if_both: mistakes.take(if_both),
        }
    }

    pub(crate) fn json(&self) -> Json {
        let Self {
            id,
            title,
            question,
            groups,
            options,
            rule: _,
            marks,
            limits,
            with,
            voters,
            base,
            cell,
            display,
            form,
            write_ins,
            counting,
            seats,
            pass,
            if_both,
        } = self;
        let (kind, WriteIns { places, length }) = (form.kind(), *write_ins);
        let lines = [
            ("places", Some(u64::from(places).into())),
            ("length", Some(u64::from(length).into())),
        ];
        Json::object([
            ("id", Some(id.as_str().into())),
            ("title", Some(title.into())),
            ("question", question.as_ref().map(Json::from)),
            ("groups", list(groups.iter().map(Group::json))),
            ("options", Some(Json::list(options.iter().map(ContestOption::json)))),
            (kind.field(), Some(kind.rule_json(self))),
            ("marks", list(marks.iter().map(CountedMark::json))),
            ("limits", list(limits.iter().map(Limit::json))),
            ("with", with.as_deref().map(Json::from)),
            ("voters", voters.then(|| true.into())),
            ("base", base.as_ref().map(|base| Json::word(&BASES, base))),
            ("cell", Some(Json::word(&CELLS, cell))),
            ("display", (*display != Display::Manifest).then(|| Json::word(&DISPLAYS, display))),
            ("write_ins", (places > 0).then(|| Json::object(lines))),
            ("count", counting.as_ref().map(|counting| counting_json(counting, seats))),
            ("pass", pass.as_ref().map(Pass::json)),
            ("if_both", (!if_both.is_empty()).then(|| texts(if_both))),
        ])
    }
}

/// The items of a list.
fn items<T>(
    list: Result<Vec<At<'_>>, ManifestError>,
    mistakes: &mut Mistakes,
    read: impl Fn(&At<'_>, &mut Mistakes) -> T,
) -> Vec<T> {
    mistakes.take(list).iter().map(|item| read(item, mistakes)).collect()
}

/// A list that is left out if it is empty.
fn list(items: impl ExactSizeIterator<Item = Json>) -> Option<Json> {
    (items.len() > 0).then(|| Json::list(items))
}

fn texts(list: &[String]) -> Json {
    Json::list(list.iter().map(|text| text.as_str().into()))
}

impl Group {
    fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let fields = at.fields(&["id", "name"], mistakes);
        let id = mistakes.take(fields.need("id").and_then(|id| id.text()));
        let name = fields.translated("name", mistakes);
        Self { id: id.into(), name: name.unwrap_or_else(|| id.into()) }
    }

    fn json(&self) -> Json {
        let Self { id, name } = self;
        Json::object([("id", Some(id.as_str().into())), ("name", Some(name.into()))])
    }
}

impl ContestOption {
    fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let known = ["id", "name", "detail", "max", "groups"];
        let fields = match at.text_or_fields(&known, mistakes) {
            Ok(id) => return id.into(),
            Err(fields) => fields,
        };
        let name = fields.need("name").map(|name| name.translated(mistakes));
        let name = mistakes.take(name);
        // One name in all languages can be the id, too.
        let id = match (fields.get("id"), name.strings()) {
            (None, [name]) => Ok(name.as_str()),
            (None, []) => Ok(at.path()),
            (id, _) => id.map_or_else(|| fields.need("id"), Ok).and_then(|id| id.text()),
        };
        let max = fields.optional("max").map(|max| max.number()).transpose();
        let groups = fields.get("groups").map_or(Ok(Vec::new()), |groups| groups.texts());
        Self {
            id: mistakes.take(id).into(),
            name,
            detail: fields.translated("detail", mistakes),
            // 0 is refused later.
            most: mistakes.take(max),
            groups: mistakes.take(groups),
        }
    }

    fn json(&self) -> Json {
        let Self { id, name, detail, most, groups } = self;
        let is_plain = name.is_always(id);
        if is_plain && detail.is_none() && most.is_none() && groups.is_empty() {
            return id.as_str().into();
        }
        Json::object([
            ("id", (!is_plain).then(|| id.as_str().into())),
            ("name", Some(name.into())),
            ("detail", detail.as_ref().map(Json::from)),
            ("max", most.map(Into::into)),
            ("groups", (!groups.is_empty()).then(|| texts(groups))),
        ])
    }
}

impl CountedMark {
    fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let fields = match at.text_or_fields(&["id", "name", "valid"], mistakes) {
            Ok(id) => return Self { id: id.into(), name: id.into(), valid: false },
            Err(fields) => fields,
        };
        let valid = fields.get("valid").map_or(Ok(false), |valid| valid.bool());
        let id = mistakes.take(fields.need("id").and_then(|id| id.text()));
        Self {
            id: id.into(),
            name: fields.translated("name", mistakes).unwrap_or_else(|| id.into()),
            valid: mistakes.take(valid),
        }
    }

    fn json(&self) -> Json {
        let Self { id, name, valid } = self;
        let is_plain = name.is_always(id);
        if is_plain && !valid {
            return id.as_str().into();
        }
        Json::object([
            ("id", Some(id.as_str().into())),
            ("name", (!is_plain).then(|| name.into())),
            ("valid", valid.then(|| true.into())),
        ])
    }
}

impl Limit {
    pub(crate) fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let fields = at.fields(&["of", "cost", "min", "max", "with"], mistakes);
        let number = |cost: &At<'_>, mistakes: &mut Mistakes| mistakes.take(cost.number());
        let costs = items(fields.list("cost"), mistakes, number);
        let with = fields.optional("with").map(|with| with.text()).transpose();
        Self {
            of: mistakes.take(fields.need("of").and_then(|of| of.texts())),
            costs,
            min: mistakes.take(fields.get("min").map_or(Ok(0), |min| min.number())),
            max: mistakes.take(fields.need("max").and_then(|max| max.number())),
            with: mistakes.take(with).map(Into::into),
        }
    }

    pub(crate) fn json(&self) -> Json {
        let Self { of, costs, min, max, with } = self;
        Json::object([
            ("of", Some(texts(of))),
            ("cost", list(costs.iter().map(|cost| u64::from(*cost).into()))),
            ("min", (*min > 0).then(|| (*min).into())),
            ("max", Some((*max).into())),
            ("with", with.as_deref().map(Json::from)),
        ])
    }
}

impl WriteIns {
    fn from_json(at: &At<'_>, mistakes: &mut Mistakes) -> Self {
        let fields = at.fields(&["places", "length"], mistakes);
        let places = mistakes.take(fields.need("places").and_then(|places| places.number()));
        let length = mistakes.take(fields.need("length").and_then(|length| length.number()));
        Self { places, length }
    }
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
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
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

    fn json(&self) -> Json {
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
fn counting(at: &At<'_>) -> Result<(Counting, SeatRules), ManifestError> {
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

fn counting_json(Counting { method, seats, tie_break }: &Counting, rules: &SeatRules) -> Json {
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
