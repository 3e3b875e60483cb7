//! A contest as JSON.

use super::{
    Base, Cell, Contest, ContestOption, CountedMark, Display, Form, Group, GroupCap, Limit, Rule,
    WriteIns, kinds::KINDS,
};
use crate::{
    count::{Counting, MAX_PLACES, Method, Quota, TieBreak},
    json::{At, Json},
    mistake::{ManifestError, Mistakes},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// The fields behind that of the kind.
const FIELDS: [&str; 9] =
    ["marks", "limits", "with", "voters", "base", "cell", "display", "write_ins", "count"];
const BASES: [(&str, Base); 3] =
    [("votes", Base::Votes), ("valid", Base::Valid), ("ballots", Base::Ballots)];
const CELLS: [(&str, Cell); 2] = [("district", Cell::District), ("election", Cell::Election)];
const DISPLAYS: [(&str, Display); 3] =
    [("manifest", Display::Manifest), ("rotate", Display::Rotate), ("lot", Display::Lot)];
const METHODS: [(&str, Method); 6] = [
    ("plurality", Method::Plurality),
    ("instant-runoff", Method::InstantRunoff),
    ("stv", Method::Stv { quota: Quota::Droop, places: MAX_PLACES }),
    ("schulze", Method::Schulze),
    ("borda", Method::Borda),
    ("majority-judgment", Method::MajorityJudgment),
];
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
            let all = u32::try_from(all).unwrap_or(u32::MAX);
            kind_cell = kind.cell();
            if let Some(read) = mistakes.take(kind.rule_from_json(given, all).map(Some)) {
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
        let (counting, caps) = mistakes.take(counting).unzip();
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
            caps: caps.unwrap_or_default(),
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
            caps,
        } = self;
        let (kind, WriteIns { places, length }) = (form.kind(), *write_ins);
        let lines = [
            ("places", Some(u32::from(places).into())),
            ("length", Some(u32::from(length).into())),
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
            ("count", counting.as_ref().map(|counting| counting_json(counting, caps))),
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
            ("cost", list(costs.iter().map(|cost| (*cost).into()))),
            ("min", (*min > 0).then_some(Json::Whole(*min))),
            ("max", Some(Json::Whole(*max))),
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
        let elected = u32::from(*elected).into();
        Json::object([("of", Some(of.as_str().into())), ("elected", Some(elected))])
    }
}

/// How it is counted, and the caps.
fn counting(at: &At<'_>) -> Result<(Counting, Vec<GroupCap>), ManifestError> {
    let mut mistakes = Mistakes::default();
    let fields =
        at.fields(&["method", "quota", "places", "seats", "tie_break", "caps"], &mut mistakes);
    let method = fields.need("method").and_then(|method| method.word(&METHODS));
    let mut method: Option<Method> = mistakes.take(method.map(Some));
    for name in ["quota", "places"] {
        let Some(given) = fields.optional(name) else { continue };
        match (&mut method, name) {
            (Some(Method::Stv { quota, places: _ }), "quota") => {
                *quota = mistakes.take(given.word(&QUOTAS).map(Some)).unwrap_or(Quota::Droop);
            }
            (Some(Method::Stv { quota: _, places }), _) => *places = mistakes.take(given.number()),
            (Some(_), _) => {
                let expected = format_args!("nothing: only the method stv has {name}");
                mistakes.take(given.wrong(expected))
            }
            (None, _) => {}
        }
    }
    let seats = mistakes.take(fields.get("seats").map_or(Ok(1), |seats| seats.number()));
    let tie_break = fields.get("tie_break").map(|tie_break| tie_break.word(&TIE_BREAKS));
    let tie_break = mistakes.take(tie_break.transpose()).unwrap_or(TieBreak::Order);
    let caps = items(fields.list("caps"), &mut mistakes, GroupCap::from_json);
    mistakes.end()?;
    let method = method.unwrap_or(Method::Plurality);
    Ok((Counting { method, seats, tie_break }, caps))
}

fn counting_json(Counting { method, seats, tie_break }: &Counting, caps: &[GroupCap]) -> Json {
    let stv = match method {
        Method::Stv { quota, places } => Some((quota, u32::from(*places))),
        _ => None,
    };
    Json::object([
        ("method", Some(method.to_string().as_str().into())),
        ("quota", stv.map(|(quota, _)| Json::word(&QUOTAS, quota))),
        ("places", stv.map(|(_, places)| places.into())),
        ("seats", Some(u32::from(*seats).into())),
        ("tie_break", Some(Json::word(&TIE_BREAKS, tie_break))),
        ("caps", list(caps.iter().map(GroupCap::json))),
    ])
}
