//! The manifest as JSON that a person can write.

use crate::{
    codec::TextError,
    contest::{Contest, Limit},
    crypto::signature::AuthorKey,
    json::{At, Json},
    log::checkpoint::Witness,
    manifest::{
        BallotStyle, Builder, District, LogPolicy, Manifest, ManifestError, Member, Station,
        builder::{BALLOTS_PER_VOTER, MINIMUM_CELL},
        bytes::VERSION,
    },
};
use alloc::{
    format,
    string::{String, ToString},
};
use core::{fmt::Display, str::FromStr};

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
    ///     "choose": { "min": 1, "max": 1, "each": 1 }, "marks": ["blank"], "cell": "district"
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
    /// What has a default in the [`Builder`] may be left out, and so may `each` (1), `marks` (none) and `cell`
    /// (`district`, for rankings `election`), and of a log its witnesses (none) and their quorum (0). A contest with no
    /// `title` has its id as title. A contest has either `choose` or `rank`, in which `min` is 0, `max` everything that can
    /// be ranked and `ties` false unless set. Methods are `plurality`, `instant-runoff`, `stv` with the quotas `droop`
    /// (unless set) and `hare` and 1 to 9 decimal `places` (9 unless set), `schulze` and `borda`; `seats` is 1 unless set, and
    /// `tie_break` `order` or `backwards`.
    ///
    /// # Errors
    ///
    /// The first mistake found. If the text is not JSON, the value is the line and column.
    pub fn from_json(json: &str) -> Result<Self, ManifestError> {
        // Some editors write a byte-order mark.
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        builder(&At::whole(&Json::read(json)?))?.build()
    }

    /// The manifest as JSON, indented; [`from_json`](Self::from_json) reads it back.
    pub fn to_json(&self) -> String {
        // Serialization fails only for map keys that are not text and for failing writers; neither occurs here.
        serde_json::to_string_pretty(&json(self)).unwrap_or_default()
    }
}

fn builder(document: &At<'_>) -> Result<Builder, ManifestError> {
    let fields = document.object(&[
        "version",
        "id",
        "title",
        "operator",
        "trustees",
        "threshold",
        "close_quorum",
        "rehearsals",
        "minimum_cell",
        "ballots_per_voter",
        "districts",
        "stations",
        "contests",
        "styles",
        "log",
    ])?;
    let version = fields.need("version")?;
    if version.number::<u32>()? != u32::from(VERSION) {
        return version.wrong(VERSION);
    }
    let id = fields.need("id")?.text()?;
    let title = fields.optional("title").map_or(Ok(id), |title| title.text())?;
    let number = |name, default| fields.get(name).map_or(Ok(default), |number| number.number());
    let mut builder = Manifest::builder(id)
        .title(title)
        .rehearsals(fields.get("rehearsals").map_or(Ok(0), |number| number.number())?)
        .minimum_cell(number("minimum_cell", MINIMUM_CELL)?)
        .ballots_per_voter(number("ballots_per_voter", BALLOTS_PER_VOTER)?);
    if let Some(operator) = fields.optional("operator") {
        builder = builder.operator(author(&operator)?);
    }
    for trustee in fields.list("trustees")? {
        let fields = trustee.object(&["name", "key"])?;
        let (name, key) = (fields.need("name")?, fields.need("key")?);
        builder = builder.trustee(name.text()?, author(&key)?);
    }
    if let Some(threshold) = fields.optional("threshold") {
        builder = builder.threshold(threshold.number()?);
    }
    if let Some(quorum) = fields.optional("close_quorum") {
        builder = builder.close_quorum(quorum.number()?);
    }
    for district in fields.list("districts")? {
        let fields = district.object(&["id", "name"])?;
        let (id, name) = (fields.need("id")?, fields.need("name")?);
        builder = builder.district(id.text()?, name.text()?);
    }
    for station in fields.list("stations")? {
        let fields = station.object(&["id", "name", "district"])?;
        let (id, name) = (fields.need("id")?, fields.need("name")?);
        builder = builder.station(id.text()?, name.text()?, fields.need("district")?.text()?);
    }
    for contest in fields.list("contests")? {
        builder = builder.contest(Contest::from_json(&contest)?);
    }
    for style in fields.list("styles")? {
        let fields = style.object(&["id", "district", "contests", "limits"])?;
        let (id, district) = (fields.need("id")?, fields.need("district")?);
        builder = builder.style(id.text()?, district.text()?, fields.need("contests")?.texts()?);
        for limit in fields.list("limits")? {
            builder = builder.limit(id.text()?, Limit::from_json(&limit)?);
        }
    }
    match fields.optional("log") {
        Some(log) => with_log(builder, &log),
        None => Ok(builder),
    }
}

fn with_log(builder: Builder, log: &At<'_>) -> Result<Builder, ManifestError> {
    let fields = log.object(&["key", "witnesses", "quorum"])?;
    let key = parse(&fields.need("key")?, "a log's key, beginning with 'log1'")?;
    let mut builder = builder.log(key);
    for witness in fields.list("witnesses")? {
        let fields = witness.object(&["name", "key"])?;
        let (name, key) = (fields.need("name")?, fields.need("key")?);
        let key = parse(&key, "a witness's key, beginning with 'witness1'")?;
        builder = builder.witness(name.text()?, key);
    }
    let quorum = fields.get("quorum").map_or(Ok(0), |quorum| quorum.number())?;
    Ok(builder.witnesses([], quorum))
}

fn json(manifest: &Manifest) -> Json {
    let district = |place: usize| {
        let district = manifest.districts().get(place);
        text(district.map(|district| district.id.as_str()).unwrap_or_default())
    };
    let trustees = manifest
        .trustees()
        .iter()
        .map(|Member { name, key }| Json::object([("name", text(name)), ("key", text(key))]));
    let districts = manifest
        .districts()
        .iter()
        .map(|District { id, name }| Json::object([("id", text(id)), ("name", text(name))]));
    let stations = manifest.stations().iter().map(|Station { id, name, district: place }| {
        Json::object([("id", text(id)), ("name", text(name)), ("district", district(*place))])
    });
    let styles = manifest.styles().iter().map(|style| {
        let BallotStyle { id, district: place, contests, limits } = style;
        let contests = contests.iter().filter_map(|place| manifest.contests().get(*place));
        let contests = Json::list(contests.map(|contest| contest.id.as_str().into()));
        Json::object([
            ("id", text(id)),
            ("district", district(*place)),
            ("contests", Some(contests)),
            ("limits", (!limits.is_empty()).then(|| Json::list(limits.iter().map(Limit::json)))),
        ])
    });
    Json::object([
        ("version", number(VERSION)),
        ("id", text(manifest.id())),
        ("title", text(manifest.title())),
        ("operator", text(manifest.operator())),
        ("trustees", Some(Json::list(trustees))),
        ("threshold", number(manifest.threshold())),
        ("close_quorum", manifest.close_quorum().and_then(number)),
        ("rehearsals", number(manifest.rehearsals())),
        ("minimum_cell", number(manifest.minimum_cell())),
        ("ballots_per_voter", number(manifest.ballots_per_voter())),
        ("districts", Some(Json::list(districts))),
        ("stations", Some(Json::list(stations))),
        ("contests", Some(Json::list(manifest.contests().iter().map(Contest::json)))),
        ("styles", Some(Json::list(styles))),
        ("log", manifest.log().map(log)),
    ])
}

fn log(policy: &LogPolicy) -> Json {
    let witnesses = policy
        .witnesses()
        .iter()
        .map(|Witness { name, key }| Json::object([("name", text(name)), ("key", text(key))]));
    Json::object([
        ("key", text(policy.key())),
        ("witnesses", Some(Json::list(witnesses))),
        ("quorum", number(policy.quorum())),
    ])
}

fn text(value: impl Display) -> Option<Json> {
    Some(value.to_string().as_str().into())
}

fn number(value: impl Into<u64>) -> Option<Json> {
    Some(value.into().into())
}

fn author(at: &At<'_>) -> Result<AuthorKey, ManifestError> {
    parse(at, "an author's key, beginning with 'author1'")
}

fn parse<T: FromStr<Err = TextError>>(at: &At<'_>, expected: &str) -> Result<T, ManifestError> {
    let text = at.text()?;
    text.parse().map_err(|error| {
        // A secret that was put here by mistake must not reach a log.
        let is_secret = text.trim_start().to_ascii_lowercase().starts_with("voter1");
        let text = if is_secret { "a voter's credential, not shown" } else { text };
        ManifestError::new(at.path(), text, format!("{expected}: {error}"))
    })
}
