//! The manifest as JSON that a person can write.

use crate::{
    codec::{
        Encode, TextError,
        serial::{Serial, read, reason},
    },
    contest::{Contest, Limit},
    crypto::signature::AuthorKey,
    json::{At, Fields, Json},
    log::checkpoint::{LogKey, Witness, WitnessKey},
    manifest::{
        BallotStyle, Builder, District, Group, LogPolicy, Manifest, ManifestError, Member, Station,
        builder::{BALLOTS_PER_VOTER, MINIMUM_CELL},
        bytes::VERSION,
    },
    mistake::Mistakes,
    text::Text,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt::Display, str::FromStr};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// What JSON says if small classes of voters are forbidden.
const WEIGHT_CLASSES: &str = "classes";
/// How many trustees of a group it takes for what.
const NUMBERS: [&str; 3] = ["threshold", "close_quorum", "rehearsals"];

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
    ///   "proxies": { "most": 2 },
    ///   "weights": "classes",
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
    /// Trustees in groups are `"trustees": [{ "group": "Ministry", "threshold": 1, "members": [{ "name": "Ada", "key": "author1…" }] }]`,
    /// where each group can have its `close_quorum` and `rehearsals`. None of these then stands beside them.
    ///
    /// With `"languages": ["de", "fr"]` each text is a string, or an object with a string for each language; `docs/contests.md` says
    /// more about these, and about all that a contest can ask.
    ///
    /// # Errors
    ///
    /// All mistakes, and those that [`Builder::build`] finds. If the text is not JSON, that alone, with line and column as the value.
    pub fn from_json(json: &str) -> Result<Self, ManifestError> {
        // Some editors write a byte-order mark.
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        Self::of_tree(&Json::read(json)?)
    }

    fn of_tree(json: &Json) -> Result<Self, ManifestError> {
        let mut mistakes = Mistakes::default();
        let document = At::whole(json, &[]);
        if !matches!(json, Json::Object(_)) {
            return document.wrong("an object in braces");
        }
        let languages = languages(&document, &mut mistakes);
        let builder = builder(&At::whole(json, &languages), &mut mistakes).languages(&languages);
        builder.build_with(mistakes)
    }

    /// The manifest as JSON, indented; [`from_json`](Self::from_json) reads it back.
    pub fn to_json(&self) -> String {
        // Serialization fails only for map keys that are not text and for failing writers; neither occurs here.
        let json = json(self).in_languages(self.languages());
        serde_json::to_string_pretty(&json).unwrap_or_default()
    }
}

/// As JSON a manifest is the object that [`Manifest::from_json`] reads, also within other JSON; otherwise its canonical bytes.
impl Serial for Manifest {
    const WHAT: &'static str = "a manifest";

    fn serial_text(&self) -> String {
        self.to_json()
    }

    fn serial_bytes(&self) -> Vec<u8> {
        self.to_bytes()
    }

    fn of_text(text: &str) -> Result<Self, String> {
        Self::from_json(text).map_err(reason)
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, String> {
        Self::from_canonical(bytes).map_err(reason)
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => json(self).in_languages(self.languages()).serialize(serializer),
            false => serializer.serialize_bytes(&self.serial_bytes()),
        }
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => Self::of_tree(&Json::deserialize(deserializer)?).map_err(D::Error::custom),
            false => read(deserializer),
        }
    }
}

fn languages(document: &At<'_>, mistakes: &mut Mistakes) -> Vec<String> {
    let languages = document.field("languages");
    mistakes.take(languages.map_or(Ok(Vec::new()), |languages| languages.texts()))
}

/// What the document says. In the place of what cannot be read a default stands.
fn builder(document: &At<'_>, mistakes: &mut Mistakes) -> Builder {
    let fields = document.fields(
        &[
            "version",
            "id",
            "languages",
            "title",
            "operator",
            "trustees",
            "threshold",
            "close_quorum",
            "rehearsals",
            "minimum_cell",
            "ballots_per_voter",
            "proxies",
            "weights",
            "districts",
            "stations",
            "contests",
            "styles",
            "log",
        ],
        mistakes,
    );
    let version = fields.need("version").and_then(|version| {
        if version.number::<u32>()? == u32::from(VERSION) { Ok(()) } else { version.wrong(VERSION) }
    });
    mistakes.take(version);
    let id = mistakes.take(fields.need("id").and_then(|id| id.text()));
    let title = fields.translated("title", mistakes).unwrap_or_else(|| id.into());
    let number = |name, default| fields.get(name).map_or(Ok(default), |number| number.number());
    let mut builder = Manifest::builder(id)
        .title(title)
        .minimum_cell(mistakes.take(number("minimum_cell", MINIMUM_CELL)))
        .ballots_per_voter(mistakes.take(number("ballots_per_voter", BALLOTS_PER_VOTER)));
    if let Some(proxies) = fields.optional("proxies") {
        let fields = proxies.fields(&["most"], mistakes);
        builder =
            builder.proxies(mistakes.take(fields.need("most").and_then(|most| most.number())));
    }
    if let Some(weights) = fields.optional("weights") {
        mistakes.take(weights.word(&[(WEIGHT_CLASSES, ())]));
        builder = builder.weight_classes();
    }
    if let Some(operator) = fields.optional("operator") {
        builder = builder.operator(key(author(&operator), mistakes));
    }
    if !fields.are_known() {
        builder = builder.stand_in_operator();
    }
    let trustees = mistakes.take(fields.list("trustees"));
    if trustees.iter().any(|item| item.field("group").is_some()) {
        for number in NUMBERS.iter().filter_map(|name| fields.optional(name)) {
            mistakes.take(number.wrong("nothing: each group of trustees has its own"))
        }
        for group in trustees {
            let [threshold, quorum, rehearsals] = NUMBERS;
            let names = ["group", threshold, quorum, rehearsals, "members"];
            let fields = group.fields(&names, mistakes);
            builder = builder.group(text_of(&fields, "group", mistakes));
            let members = mistakes.take(fields.list("members"));
            builder = group_of(builder, members, &fields, mistakes);
        }
    } else {
        builder = group_of(builder, trustees, &fields, mistakes);
    }
    for district in mistakes.take(fields.list("districts")) {
        let fields = district.fields(&["id", "name"], mistakes);
        let (id, name) = (text_of(&fields, "id", mistakes), texts_of(&fields, "name", mistakes));
        builder = builder.district(id, name);
    }
    for station in mistakes.take(fields.list("stations")) {
        let fields = station.fields(&["id", "name", "district"], mistakes);
        let [id, district] = ["id", "district"].map(|name| text_of(&fields, name, mistakes));
        builder = builder.station(id, texts_of(&fields, "name", mistakes), district);
    }
    for contest in mistakes.take(fields.list("contests")) {
        builder = builder.contest(Contest::from_json(&contest, mistakes));
    }
    for style in mistakes.take(fields.list("styles")) {
        let fields = style.fields(&["id", "district", "contests", "limits"], mistakes);
        let [id, district] = ["id", "district"].map(|name| text_of(&fields, name, mistakes));
        let contests = fields.need("contests").and_then(|contests| contests.texts());
        builder = builder.style(id, district, mistakes.take(contests));
        for limit in mistakes.take(fields.list("limits")) {
            builder = builder.limit(id, Limit::from_json(&limit, mistakes));
        }
    }
    match fields.optional("log") {
        // A log that cannot be read whole is not checked, and with it its witnesses are left out.
        Some(log) => match mistakes.take(log_of(&log).map(Some)) {
            Some((key, witnesses, quorum)) => builder.log(key).witnesses(witnesses, quorum),
            None => builder,
        },
        None => builder,
    }
}

/// Trustees, and how many of them it takes for what.
fn group_of(
    mut builder: Builder,
    members: Vec<At<'_>>,
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Builder {
    for member in members {
        let fields = member.fields(&["name", "key"], mistakes);
        let name = text_of(&fields, "name", mistakes);
        builder =
            builder.trustee(name, key(fields.need("key").and_then(|key| author(&key)), mistakes));
    }
    let [threshold, quorum, rehearsals] = NUMBERS;
    let numbers = [fields.optional(threshold), fields.optional(quorum), fields.get(rehearsals)];
    let [threshold, quorum, rehearsals] =
        numbers.map(|number| number.map(|number| mistakes.take(number.number())));
    if let Some(threshold) = threshold {
        builder = builder.threshold(threshold);
    }
    if !fields.are_known() {
        builder = builder.stand_in_threshold();
    }
    if let Some(quorum) = quorum {
        builder = builder.close_quorum(quorum);
    }
    builder.rehearsals(rehearsals.unwrap_or(0))
}

fn text_of<'j>(fields: &Fields<'j>, name: &str, mistakes: &mut Mistakes) -> &'j str {
    mistakes.take(fields.need(name).and_then(|text| text.text()))
}

fn texts_of(fields: &Fields<'_>, name: &str, mistakes: &mut Mistakes) -> Text {
    let text = fields.need(name).map(|text| text.translated(mistakes));
    mistakes.take(text)
}

/// A key, or what stands in its place.
fn key(found: Result<AuthorKey, ManifestError>, mistakes: &mut Mistakes) -> AuthorKey {
    mistakes.take(found.map(Some)).unwrap_or_else(AuthorKey::nobody)
}

fn log_of(log: &At<'_>) -> Result<(LogKey, Vec<Witness>, u16), ManifestError> {
    let mut mistakes = Mistakes::default();
    let fields = log.fields(&["key", "witnesses", "quorum"], &mut mistakes);
    let key = fields.need("key").and_then(|key| parse(&key, "a log's key, beginning with 'log1'"));
    let key: Option<LogKey> = mistakes.take(key.map(Some));
    let mut witnesses = Vec::new();
    for witness in mistakes.take(fields.list("witnesses")) {
        let fields = witness.fields(&["name", "key"], &mut mistakes);
        let name = text_of(&fields, "name", &mut mistakes).into();
        let expected = "a witness's key, beginning with 'witness1'";
        let key = fields.need("key").and_then(|key| parse(&key, expected));
        let key: Option<WitnessKey> = mistakes.take(key.map(Some));
        witnesses.extend(key.map(|key| Witness { name, key }));
    }
    let quorum = mistakes.take(fields.get("quorum").map_or(Ok(0), |quorum| quorum.number()));
    mistakes.end()?;
    let key = key.map_or_else(|| fields.need("key")?.wrong("a log's key"), Ok)?;
    Ok((key, witnesses, quorum))
}

fn json(manifest: &Manifest) -> Json {
    let district = |place: usize| {
        let district = manifest.districts().get(place);
        text(district.map(|district| district.id.as_str()).unwrap_or_default())
    };
    let groups = manifest.groups();
    let members = |members: &[Member]| {
        let member = |Member { name, key }: &Member| {
            Json::object([("name", text(name)), ("key", text(key))])
        };
        Json::list(members.iter().map(member))
    };
    let numbers = |group: &Group| {
        let Group { threshold, close_quorum, rehearsals, .. } = group;
        [number(*threshold), close_quorum.and_then(number), number(*rehearsals)]
    };
    let in_group = |(group, list): (&Group, &[Member])| {
        let [threshold, quorum, rehearsals] = numbers(group);
        Json::object([
            ("group", text(&group.name)),
            ("threshold", threshold),
            ("close_quorum", quorum),
            ("rehearsals", rehearsals),
            ("members", Some(members(list))),
        ])
    };
    let (trustees, [threshold, quorum, rehearsals]) = match groups.first() {
        Some(group) if !groups.are_named() => (members(manifest.trustees()), numbers(group)),
        _ => (Json::list(groups.split(manifest.trustees()).map(in_group)), [const { None }; 3]),
    };
    let districts = manifest
        .districts()
        .iter()
        .map(|District { id, name }| Json::object([("id", text(id)), ("name", Some(name.into()))]));
    let stations = manifest.stations().iter().map(|Station { id, name, district: place }| {
        let name = Some(name.into());
        Json::object([("id", text(id)), ("name", name), ("district", district(*place))])
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
    let languages = manifest.languages().iter().map(|language| language.as_str().into());
    let languages: Vec<Json> = languages.collect();
    Json::object([
        ("version", number(VERSION)),
        ("id", text(manifest.id())),
        ("languages", (!languages.is_empty()).then(|| Json::list(languages))),
        ("title", Some(manifest.title_texts().into())),
        ("operator", text(manifest.operator())),
        ("trustees", Some(trustees)),
        ("threshold", threshold),
        ("close_quorum", quorum),
        ("rehearsals", rehearsals),
        ("minimum_cell", number(manifest.minimum_cell())),
        ("ballots_per_voter", number(manifest.ballots_per_voter())),
        ("proxies", manifest.proxies().map(|most| Json::object([("most", number(most))]))),
        ("weights", manifest.forbids_small_classes().then(|| WEIGHT_CLASSES.into())),
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
