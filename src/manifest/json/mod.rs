//! The manifest as JSON that a person can write.

use crate::{
    codec::TextError,
    contest::ContestItem,
    crypto::signature::AuthorKey,
    log::checkpoint::Witness,
    manifest::{
        BallotStyle, Builder, District, Manifest, ManifestError, Station, TrusteeEntry,
        builder::{BALLOTS_PER_VOTER, MINIMUM_CELL},
        bytes::VERSION,
    },
};
use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    id: String,
    title: Option<String>,
    operator: Option<String>,
    #[serde(default)]
    trustees: Vec<TrusteeItem>,
    threshold: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_quorum: Option<u16>,
    #[serde(default)]
    rehearsals: u16,
    #[serde(default = "minimum_cell")]
    minimum_cell: u32,
    #[serde(default = "ballots_per_voter")]
    ballots_per_voter: u32,
    #[serde(default)]
    districts: Vec<DistrictItem>,
    #[serde(default)]
    stations: Vec<StationItem>,
    #[serde(default)]
    contests: Vec<ContestItem>,
    #[serde(default)]
    styles: Vec<StyleItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogItem>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogItem {
    key: String,
    #[serde(default)]
    witnesses: Vec<WitnessItem>,
    #[serde(default)]
    quorum: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessItem {
    name: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrusteeItem {
    name: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistrictItem {
    id: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StationItem {
    id: String,
    name: String,
    district: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StyleItem {
    id: String,
    district: String,
    contests: Vec<String>,
}

fn minimum_cell() -> u32 {
    MINIMUM_CELL
}

fn ballots_per_voter() -> u32 {
    BALLOTS_PER_VOTER
}

impl Manifest {
    /// Reads JSON of this shape.
    ///
    /// ```json
    /// {
    ///   "version": 1,
    ///   "id": "bridge",
    ///   "title": "Shall the old bridge be rebuilt?",
    ///   "operator": "author1…",
    ///   "trustees": [{ "name": "Ada", "key": "author1…" }],
    ///   "threshold": 1,
    ///   "close_quorum": 1,
    ///   "rehearsals": 1,
    ///   "minimum_cell": 10,
    ///   "ballots_per_voter": 16,
    ///   "districts": [{ "id": "north", "name": "North bank" }],
    ///   "stations": [{ "id": "school", "name": "The school", "district": "north" }],
    ///   "contests": [{
    ///     "id": "bridge", "title": "The bridge", "options": ["yes", "no"],
    ///     "choose": { "min": 1, "max": 1, "each": 1 }, "blank": true, "cell": "district"
    ///   }, {
    ///     "id": "council", "title": "The council", "options": ["Ada", "Ben", "Cleo"],
    ///     "rank": { "min": 0, "max": 4, "ties": false }, "write_ins": { "places": 1, "length": 50 },
    ///     "count": { "method": "stv", "quota": "droop", "places": 9, "seats": 2,
    ///                "tie_break": "backwards" },
    ///     "cell": "election"
    ///   }],
    ///   "styles": [{ "id": "north", "district": "north", "contests": ["bridge", "council"] }],
    ///   "log": {
    ///     "key": "log1…",
    ///     "witnesses": [{ "name": "witness.example/w1", "key": "witness1…" }],
    ///     "quorum": 1
    ///   }
    /// }
    /// ```
    ///
    /// What has a default in the [`Builder`] may be left out, and so may `each` (1), `blank` (false) and `cell`
    /// (`district`, for rankings `election`), and of a log its witnesses (none) and their quorum (0). A contest with no
    /// `title` has its id as title. A contest has either `choose` or `rank`, in which `min` is 0, `max` everything that can
    /// be ranked and `ties` false unless set. Methods are `plurality`, `instant-runoff`, `stv` with the quotas `droop`
    /// (unless set) and `hare` and 1 to 9 decimal `places` (9 unless set), `schulze` and `borda`; `seats` is 1 unless set, and `tie_break` `order` or `backwards`.
    ///
    /// # Errors
    ///
    /// The first mistake found. Text that is not JSON at all has its line and column as value.
    pub fn from_json(json: &str) -> Result<Self, ManifestError> {
        // Some editors write a byte-order mark.
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        let mut reader = serde_json::Deserializer::from_str(json);
        let document: Document =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| {
                let path = error.path().to_string();
                mistake(if path == "." { "" } else { &path }, error.inner())
            })?;
        reader.end().map_err(|error| mistake("", &error))?;
        document.builder()?.build()
    }

    /// The manifest as JSON, indented; [`from_json`](Self::from_json) reads it back.
    pub fn to_json(&self) -> String {
        // Only maps with keys that are no text, and writers that fail, make errors; there are none.
        serde_json::to_string_pretty(&Document::of(self)).unwrap_or_default()
    }
}

impl Document {
    fn builder(self) -> Result<Builder, ManifestError> {
        let Self { version, id, title, operator, trustees, threshold, close_quorum, .. } = self;
        if version != u32::from(VERSION) {
            return Err(ManifestError::new("version", version, VERSION));
        }
        let mut builder = Manifest::builder(&id)
            .title(title.as_ref().unwrap_or(&id))
            .rehearsals(self.rehearsals)
            .minimum_cell(self.minimum_cell)
            .ballots_per_voter(self.ballots_per_voter);
        if let Some(text) = operator {
            builder = builder.operator(key("operator", &text)?);
        }
        for (i, TrusteeItem { name, key: text }) in trustees.iter().enumerate() {
            builder = builder.trustee(name, key(&format!("trustees[{i}].key"), text)?);
        }
        if let Some(threshold) = threshold {
            builder = builder.threshold(threshold);
        }
        if let Some(quorum) = close_quorum {
            builder = builder.close_quorum(quorum);
        }
        for DistrictItem { id, name } in &self.districts {
            builder = builder.district(id, name);
        }
        for StationItem { id, name, district } in &self.stations {
            builder = builder.station(id, name, district);
        }
        for (i, contest) in self.contests.into_iter().enumerate() {
            builder = builder.contest(contest.contest(&format!("contests[{i}]"))?);
        }
        for StyleItem { id, district, contests } in self.styles {
            builder = builder.style(&id, &district, contests);
        }
        if let Some(LogItem { key: text, witnesses, quorum }) = self.log {
            builder = builder.log(parse("log.key", &text, "a log's key, beginning with 'log1'")?);
            for (i, WitnessItem { name, key: text }) in witnesses.iter().enumerate() {
                let path = format!("log.witnesses[{i}].key");
                let expected = "a witness's key, beginning with 'witness1'";
                builder = builder.witness(name, parse(&path, text, expected)?);
            }
            builder = builder.witnesses([], quorum);
        }
        Ok(builder)
    }

    fn of(manifest: &Manifest) -> Self {
        let district = |place| {
            let district: Option<&District> = manifest.districts().get(place);
            district.map(|d| d.id.clone()).unwrap_or_default()
        };
        let trustees = manifest.trustees().iter();
        let districts = manifest.districts().iter();
        let stations = manifest.stations().iter();
        Self {
            version: VERSION.into(),
            id: manifest.id().to_owned(),
            title: Some(manifest.title().to_owned()),
            operator: Some(manifest.operator().to_string()),
            trustees: trustees
                .map(|TrusteeEntry { name, key }| TrusteeItem {
                    name: name.clone(),
                    key: key.to_string(),
                })
                .collect(),
            threshold: Some(manifest.threshold()),
            close_quorum: manifest.close_quorum(),
            rehearsals: manifest.rehearsals(),
            minimum_cell: manifest.minimum_cell(),
            ballots_per_voter: manifest.ballots_per_voter(),
            districts: districts
                .map(|District { id, name }| DistrictItem { id: id.clone(), name: name.clone() })
                .collect(),
            stations: stations
                .map(|Station { id, name, district: place }| StationItem {
                    id: id.clone(),
                    name: name.clone(),
                    district: district(*place),
                })
                .collect(),
            contests: manifest.contests().iter().map(ContestItem::of).collect(),
            styles: manifest
                .styles()
                .iter()
                .map(|BallotStyle { id, district: place, contests }| StyleItem {
                    id: id.clone(),
                    district: district(*place),
                    contests: contests
                        .iter()
                        .filter_map(|c| manifest.contests().get(*c))
                        .map(|contest| contest.id.clone())
                        .collect(),
                })
                .collect(),
            log: manifest.log().map(|log| LogItem {
                key: log.key().to_string(),
                witnesses: log.witnesses().iter().map(WitnessItem::of).collect(),
                quorum: log.quorum(),
            }),
        }
    }
}

impl WitnessItem {
    fn of(Witness { name, key }: &Witness) -> Self {
        Self { name: name.clone(), key: key.to_string() }
    }
}

fn key(path: &str, text: &str) -> Result<AuthorKey, ManifestError> {
    parse(path, text, "an author's key, beginning with 'author1'")
}

fn parse<T: FromStr<Err = TextError>>(
    path: &str,
    text: &str,
    expected: &str,
) -> Result<T, ManifestError> {
    text.parse().map_err(|error| {
        // A secret that was put here by mistake is not for a log.
        let is_secret = text.trim_start().to_ascii_lowercase().starts_with("voter1");
        let text = if is_secret { "a voter's credential, not shown" } else { text };
        ManifestError::new(path, text, format!("{expected}: {error}"))
    })
}

/// What serde says, taken apart. Its messages are `invalid type: FOUND, expected WHAT`, the same with `value`
/// and `length`, and ``KIND field `NAME` `` or ``variant``; serde_json adds the place to them.
fn mistake(path: &str, error: &serde_json::Error) -> ManifestError {
    let place = format!("line {}, column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head);
    if error.classify() != Category::Data {
        return ManifestError::new(or_whole(path), place, format!("well-formed JSON: {message}"));
    }
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    let field = |name: &str| match path {
        "" => name.to_owned(),
        _ if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        _ => format!("{path}.{name}"),
    };
    let (kind, rest) = message.split_once(": ").unwrap_or_default();
    let found = rest.rsplit_once(", expected ");
    if let (true, Some((value, expected))) = (kind.starts_with("invalid "), found) {
        let value = value.trim_start_matches("string ").trim_matches(['"', '`']);
        return ManifestError::new(or_whole(path), value, in_words(expected));
    }
    let name = quoted(message);
    if message.starts_with("missing field") {
        return ManifestError::new(field(&name), "", "this field");
    }
    if message.starts_with("duplicate field") {
        return ManifestError::new(field(&name), place, "this field only once");
    }
    if let Some((_, expected)) = message.split_once(", expected ") {
        let path = if message.starts_with("unknown field") { field(&name) } else { path.into() };
        return ManifestError::new(path, name, expected);
    }
    ManifestError::new(or_whole(path), place, message)
}

fn or_whole(path: &str) -> &str {
    if path.is_empty() { "the manifest" } else { path }
}

/// What serde expects, in words.
fn in_words(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "a string" => "text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in square brackets",
        _ if expected.starts_with("struct ") => "an object in braces",
        _ => expected,
    }
}
