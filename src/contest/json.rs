//! A contest as JSON.

use super::{
    Cell, Contest, ContestOption, CountedMark, Display, Form, Group, Limit, Pass, Rule, Wide,
    WriteIns,
    json_count::{BASES, counting, counting_json, items, list, texts},
    kinds::KINDS,
};
use crate::{
    json::{At, Json},
    mistake::{ManifestError, Mistakes},
};
use alloc::{format, vec::Vec};

/// The fields behind that of the kind.
const FIELDS: [&str; 12] = [
    "marks",
    "limits",
    "with",
    "voters",
    "base",
    "cell",
    "display",
    "wide",
    "write_ins",
    "count",
    "pass",
    "if_both",
];
const CELLS: [(&str, Cell); 2] = [("district", Cell::District), ("election", Cell::Election)];
const DISPLAYS: [(&str, Display); 3] =
    [("manifest", Display::Manifest), ("rotate", Display::Rotate), ("lot", Display::Lot)];
const WIDES: [(&str, Wide); 2] = [("bits", Wide::Bits), ("folded", Wide::Folded)];

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
        let wide = fields.optional("wide").map(|wide| wide.word(&WIDES)).transpose();
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
            wide: mistakes.take(wide).unwrap_or_default(),
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
            wide,
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
            ("wide", (*wide != Wide::Bits).then(|| Json::word(&WIDES, wide))),
            ("write_ins", (places > 0).then(|| Json::object(lines))),
            ("count", counting.as_ref().map(|counting| counting_json(counting, seats))),
            ("pass", pass.as_ref().map(Pass::json)),
            ("if_both", (!if_both.is_empty()).then(|| texts(if_both))),
        ])
    }
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
