//! A contest as JSON.

use super::{
    Base, Cell, Contest, ContestOption, CountedMark, Group, GroupCap, Limit, Majority, Pass,
    SeatRules, WriteIns, kinds::KINDS,
};
use crate::{
    count::{Counting, Formula, Fraction, MAX_PLACES, Method, Quota, TieBreak, Unfilled},
    json::{At, Fields, Json},
    mistake::ManifestError,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// The fields behind that of the kind.
const FIELDS: [&str; 10] =
    ["marks", "limits", "with", "voters", "base", "cell", "write_ins", "count", "pass", "if_both"];
const BASES: [(&str, Base); 3] =
    [("votes", Base::Votes), ("valid", Base::Valid), ("ballots", Base::Ballots)];
const CELLS: [(&str, Cell); 2] = [("district", Cell::District), ("election", Cell::Election)];
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
    pub(crate) fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let kinds = KINDS.map(|kind| kind.field());
        let names = [&["id", "title", "groups", "options"], &kinds[..], &FIELDS];
        let fields = at.object(&names.concat())?;
        let id = fields.need("id")?.text()?;
        let title = fields.optional("title").map_or(Ok(id), |title| title.text())?;
        let groups =
            fields.list("groups")?.iter().map(Group::from_json).collect::<Result<_, _>>()?;
        let options = fields.need("options")?.list()?;
        let options =
            options.iter().map(ContestOption::from_json).collect::<Result<Vec<_>, _>>()?;
        let lines = fields.optional("write_ins").map(|lines| WriteIns::from_json(&lines));
        let write_ins = lines.transpose()?.unwrap_or_default();
        let rules: Vec<_> =
            KINDS.iter().filter_map(|kind| Some((kind, fields.optional(kind.field())?))).collect();
        let [(kind, rule)] = rules.as_slice() else {
            let value = if rules.is_empty() { "" } else { "more than one" };
            let expected = format!("either {}", kinds.map(|kind| format!("'{kind}'")).join(" or "));
            return Err(ManifestError::new(format!("{}.{}", at.path(), kinds[0]), value, expected));
        };
        let all = options.len().saturating_add(write_ins.places.into());
        let (form, rule) = kind.rule_from_json(rule, all as u64)?;
        let marks = fields.list("marks")?;
        let marks = marks.iter().map(CountedMark::from_json).collect::<Result<_, _>>()?;
        let limits =
            fields.list("limits")?.iter().map(Limit::from_json).collect::<Result<_, _>>()?;
        let with = fields.optional("with").map(|with| with.text()).transpose()?;
        let voters = fields.get("voters").map_or(Ok(false), |voters| voters.bool())?;
        let base = fields.optional("base").map(|base| base.word(&BASES)).transpose()?;
        let cell = fields.optional("cell").map(|cell| cell.word(&CELLS)).transpose()?;
        let counting = fields.optional("count").map(|count| counting(&count)).transpose()?;
        let (counting, seats) = counting.unzip();
        let pass = fields.optional("pass").map(|pass| Pass::from_json(&pass)).transpose()?;
        let if_both = fields.get("if_both").map_or(Ok(Vec::new()), |ids| ids.texts())?;
        Ok(Self {
            id: id.into(),
            title: title.into(),
            groups,
            options,
            rule,
            marks,
            limits,
            with: with.map(Into::into),
            voters,
            base,
            cell: cell.unwrap_or_else(|| kind.cell()),
            form,
            write_ins,
            counting,
            seats: seats.unwrap_or_default(),
            pass,
            if_both,
        })
    }

    pub(crate) fn json(&self) -> Json {
        let Self {
            id,
            title,
            groups,
            options,
            rule: _,
            marks,
            limits,
            with,
            voters,
            base,
            cell,
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
            ("title", Some(title.as_str().into())),
            ("groups", list(groups.iter().map(Group::json))),
            ("options", Some(Json::list(options.iter().map(ContestOption::json)))),
            (kind.field(), Some(kind.rule_json(self))),
            ("marks", list(marks.iter().map(CountedMark::json))),
            ("limits", list(limits.iter().map(Limit::json))),
            ("with", with.as_deref().map(Json::from)),
            ("voters", voters.then(|| true.into())),
            ("base", base.as_ref().map(|base| Json::word(&BASES, base))),
            ("cell", Some(Json::word(&CELLS, cell))),
            ("write_ins", (places > 0).then(|| Json::object(lines))),
            ("count", counting.as_ref().map(|counting| counting_json(counting, seats))),
            ("pass", pass.as_ref().map(Pass::json)),
            ("if_both", (!if_both.is_empty()).then(|| texts(if_both))),
        ])
    }
}

/// A list that is left out if it is empty.
fn list(items: impl ExactSizeIterator<Item = Json>) -> Option<Json> {
    (items.len() > 0).then(|| Json::list(items))
}

fn texts(list: &[String]) -> Json {
    Json::list(list.iter().map(|text| text.as_str().into()))
}

impl Group {
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let fields = at.object(&["id", "name"])?;
        let id = fields.need("id")?.text()?;
        let name = fields.optional("name").map_or(Ok(id), |name| name.text())?;
        Ok(Self { id: id.into(), name: name.into() })
    }

    fn json(&self) -> Json {
        let Self { id, name } = self;
        Json::object([("id", Some(id.as_str().into())), ("name", Some(name.as_str().into()))])
    }
}

impl ContestOption {
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        match at.text_or_object(&["name", "max", "groups"])? {
            Ok(name) => Ok(name.into()),
            Err(fields) => Ok(Self {
                name: fields.need("name")?.text()?.into(),
                // 0 is refused later.
                most: fields.optional("max").map(|max| max.number()).transpose()?,
                groups: fields.get("groups").map_or(Ok(Vec::new()), |groups| groups.texts())?,
            }),
        }
    }

    fn json(&self) -> Json {
        let Self { name, most, groups } = self;
        if most.is_none() && groups.is_empty() {
            return name.as_str().into();
        }
        Json::object([
            ("name", Some(name.as_str().into())),
            ("max", most.map(Into::into)),
            ("groups", (!groups.is_empty()).then(|| texts(groups))),
        ])
    }
}

impl CountedMark {
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        match at.text_or_object(&["id", "valid"])? {
            Ok(id) => Ok(Self { id: id.into(), valid: false }),
            Err(fields) => Ok(Self {
                id: fields.need("id")?.text()?.into(),
                valid: fields.get("valid").map_or(Ok(false), |valid| valid.bool())?,
            }),
        }
    }

    fn json(&self) -> Json {
        let Self { id, valid } = self;
        match valid {
            false => id.as_str().into(),
            true => Json::object([("id", Some(id.as_str().into())), ("valid", Some(true.into()))]),
        }
    }
}

impl Limit {
    pub(crate) fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let fields = at.object(&["of", "cost", "min", "max", "with"])?;
        let costs = fields.list("cost")?;
        let with = fields.optional("with").map(|with| with.text()).transpose()?;
        Ok(Self {
            of: fields.need("of")?.texts()?,
            costs: costs.iter().map(|cost| cost.number()).collect::<Result<_, _>>()?,
            min: fields.get("min").map_or(Ok(0), |min| min.number())?,
            max: fields.need("max")?.number()?,
            with: with.map(Into::into),
        })
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
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let fields = at.object(&["places", "length"])?;
        let (places, length) = (fields.need("places")?, fields.need("length")?);
        Ok(Self { places: places.number()?, length: length.number()? })
    }
}

impl GroupCap {
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let fields = at.object(&["of", "elected"])?;
        let (of, elected) = (fields.need("of")?, fields.need("elected")?);
        Ok(Self { of: of.text()?.into(), elected: elected.number()? })
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
        let fields = at.object(&["yes", "more_than", "of", "quorum"])?;
        let yes = fields.need("yes")?.text()?.into();
        let quorum = fields.optional("quorum").map(|quorum| fraction(&quorum)).transpose()?;
        Ok(Self { yes, majority: Majority::from_json(&fields)?, quorum })
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
    let fields = at.object(&[
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
    ])?;
    let mut method = fields.need("method")?.word(&METHODS)?;
    for name in ["quota", "places", "divisor", "unfilled"] {
        let Some(given) = fields.optional(name) else { continue };
        match (&mut method, name) {
            (Method::Stv { quota, .. }, "quota") => *quota = given.word(&QUOTAS)?,
            (Method::Stv { places, .. }, "places") => *places = given.number()?,
            (Method::Lists { formula, .. }, "divisor") => *formula = given.word(&FORMULAS)?,
            (Method::Lists { unfilled, .. }, "unfilled") => *unfilled = given.word(&UNFILLED)?,
            (_, "quota" | "places") => {
                return given.wrong(format_args!("nothing: only the method stv has {name}"));
            }
            _ => return given.wrong(format_args!("nothing: only the method lists has {name}")),
        }
    }
    let seats = fields.get("seats").map_or(Ok(1), |seats| seats.number())?;
    let tie_break = fields.get("tie_break").map(|tie_break| tie_break.word(&TIE_BREAKS));
    let tie_break = tie_break.transpose()?.unwrap_or(TieBreak::Order);
    let caps = fields.list("caps")?;
    let caps = caps.iter().map(GroupCap::from_json).collect::<Result<_, _>>()?;
    let needs = fields
        .optional("needs")
        .map(|needs| Majority::from_json(&needs.object(&["more_than", "of"])?));
    let threshold = fields.optional("threshold").map(|threshold| fraction(&threshold));
    let joined = fields.list("joined")?;
    let joined = joined.iter().map(|lists| lists.texts()).collect::<Result<_, _>>()?;
    let rules =
        SeatRules { caps, needs: needs.transpose()?, threshold: threshold.transpose()?, joined };
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
