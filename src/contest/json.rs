//! A contest as JSON.

use super::{Cell, Contest, Rule, WriteIns, kinds::KINDS};
use crate::{
    count::{Counting, MAX_PLACES, Method, Quota, TieBreak},
    json::{At, Json},
    mistake::ManifestError,
};
use alloc::{format, string::ToString, vec::Vec};

const CELLS: [(&str, Cell); 2] = [("district", Cell::District), ("election", Cell::Election)];
const METHODS: [(&str, Method); 5] = [
    ("plurality", Method::Plurality),
    ("instant-runoff", Method::InstantRunoff),
    ("stv", Method::Stv { quota: Quota::Droop, places: MAX_PLACES }),
    ("schulze", Method::Schulze),
    ("borda", Method::Borda),
];
const QUOTAS: [(&str, Quota); 2] = [("droop", Quota::Droop), ("hare", Quota::Hare)];
const TIE_BREAKS: [(&str, TieBreak); 2] =
    [("order", TieBreak::Order), ("backwards", TieBreak::Backwards)];

impl Contest {
    pub(crate) fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let kinds = KINDS.map(|kind| kind.field());
        let names =
            [&["id", "title", "options"], &kinds[..], &["blank", "cell", "write_ins", "count"]];
        let fields = at.object(&names.concat())?;
        let id = fields.need("id")?.text()?;
        let title = fields.optional("title").map_or(Ok(id), |title| title.text())?;
        let options = fields.need("options")?.texts()?;
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
        let (form, rule) = kind.rule_from_json(rule, u32::try_from(all).unwrap_or(u32::MAX))?;
        let blank = fields.get("blank").map_or(Ok(false), |blank| blank.bool())?;
        let cell = fields.optional("cell").map(|cell| cell.word(&CELLS)).transpose()?;
        let counting = fields.optional("count").map(|count| Counting::from_json(&count));
        Ok(Self {
            id: id.into(),
            title: title.into(),
            options,
            rule: Rule { blank, ..rule },
            cell: cell.unwrap_or_else(|| kind.cell()),
            form,
            write_ins,
            counting: counting.transpose()?,
        })
    }

    pub(crate) fn json(&self) -> Json {
        let Self { id, title, options, rule, cell, form, write_ins, counting } = self;
        let (kind, WriteIns { places, length }) = (form.kind(), *write_ins);
        let lines = [
            ("places", Some(u32::from(places).into())),
            ("length", Some(u32::from(length).into())),
        ];
        Json::object([
            ("id", Some(id.as_str().into())),
            ("title", Some(title.as_str().into())),
            ("options", Some(Json::list(options.iter().map(|option| option.as_str().into())))),
            (kind.field(), Some(kind.rule_json(self))),
            ("blank", Some(rule.blank.into())),
            ("cell", Some(Json::word(&CELLS, cell))),
            ("write_ins", (places > 0).then(|| Json::object(lines))),
            ("count", counting.as_ref().map(Counting::json)),
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

impl Counting {
    fn from_json(at: &At<'_>) -> Result<Self, ManifestError> {
        let fields = at.object(&["method", "quota", "places", "seats", "tie_break"])?;
        let mut method = fields.need("method")?.word(&METHODS)?;
        for name in ["quota", "places"] {
            let Some(given) = fields.optional(name) else { continue };
            match (&mut method, name) {
                (Method::Stv { quota, places: _ }, "quota") => *quota = given.word(&QUOTAS)?,
                (Method::Stv { quota: _, places }, _) => *places = given.number()?,
                _ => return given.wrong(format_args!("nothing: only the method stv has {name}")),
            }
        }
        let seats = fields.get("seats").map_or(Ok(1), |seats| seats.number())?;
        let tie_break = fields.get("tie_break").map(|tie_break| tie_break.word(&TIE_BREAKS));
        let tie_break = tie_break.transpose()?.unwrap_or(TieBreak::Order);
        Ok(Self { method, seats, tie_break })
    }

    fn json(&self) -> Json {
        let Self { method, seats, tie_break } = self;
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
        ])
    }
}
