//! A small election by a manifest's rules, with fresh keys, to measure what ballots take.

use rand_core::OsRng;
use serde_json::{Value, json};
use std::{
    error::Error,
    slice,
    time::{Duration, Instant},
};
use tabella::{
    AuthorSecret, Board, Choices, Credential, DlogTable, Expect, Header, Manifest, audit,
    codec::Encode, keys,
};

/// Encrypting goes on for about so long.
const LONG_ENOUGH: Duration = Duration::from_secs(1);
/// Fewest and most ballots by which the larger of two elections is larger.
const MORE: [usize; 2] = [16, 512];

/// An election to hold.
pub struct Trial {
    manifest: Manifest,
    operator: AuthorSecret,
    trustees: Vec<AuthorSecret>,
}

/// A contest that orders options and is counted from sums, by its id.
pub struct Ordered {
    pub contest: String,
    /// An election by it alone.
    pub sums: Trial,
    /// The same with a mix of rankings instead of sums.
    pub mix: Trial,
}

/// What one ballot takes, in seconds and bytes.
pub struct Cost {
    pub encrypt: f64,
    /// Bytes of the largest ballot.
    pub ballot: usize,
    /// Bytes of the record for each ballot, with the voter's entry on the roll and what mixes it.
    pub bytes: f64,
    /// Bytes of the record without ballots.
    pub fixed: f64,
    /// By all cores.
    pub audit: f64,
}

/// Kinds that order options, and that a mix of rankings could replace.
const ORDERED: [&str; 2] = ["pairs", "places"];

impl Trial {
    /// One by the whole manifest.
    pub fn of(manifest: &Manifest) -> Result<Self, Box<dyn Error>> {
        Self::new(document(manifest)?)
    }

    /// The contests that order options and are counted from sums.
    pub fn ordered(manifest: &Manifest) -> Result<Vec<Ordered>, Box<dyn Error>> {
        let mut trials = Vec::new();
        for (contest, mut document) in with_one_ordered(manifest)? {
            let sums = Self::new(document.clone())?;
            if let Some(fields) = document["contests"][0].as_object_mut() {
                for field in ORDERED.iter().chain(&["marks", "cell"]) {
                    fields.remove(*field);
                }
                let count = json!({"method": "schulze", "seats": 1, "tie_break": "order"});
                fields.insert("rank".into(), json!({}));
                fields.insert("count".into(), count);
            }
            trials.push(Ordered { contest, sums, mix: Self::new(document)? });
        }
        Ok(trials)
    }

    fn new(mut document: Value) -> Result<Self, Box<dyn Error>> {
        let operator = AuthorSecret::random(&mut OsRng)?;
        document["operator"] = json!(operator.public().to_string());
        let mut trustees = Vec::new();
        for item in document["trustees"].as_array_mut().into_iter().flatten() {
            let members = match item.get("members") {
                Some(_) => item["members"].as_array_mut().map_or(&mut [][..], Vec::as_mut_slice),
                None => slice::from_mut(item),
            };
            for trustee in members {
                let secret = AuthorSecret::random(&mut OsRng)?;
                trustee["key"] = json!(secret.public().to_string());
                trustees.push(secret);
            }
        }
        // What would only make a small election impossible.
        document["minimum_cell"] = json!(1);
        if let Some(fields) = document.as_object_mut() {
            fields.remove("weights");
            fields.remove("log");
        }
        let manifest = Manifest::from_json(&document.to_string())?;
        Ok(Self { manifest, operator, trustees })
    }

    /// Holds it twice, the second time with more ballots: what they take more is theirs.
    pub fn hold(&self) -> Result<Cost, Box<dyn Error>> {
        let few = self.manifest.styles().len();
        let small = self.hold_with(few)?;
        let each = small.encrypting.as_secs_f64() / few as f64;
        let [least, most] = MORE;
        let more = ((LONG_ENOUGH.as_secs_f64() / each) as usize).clamp(least, most);
        // Each style as often as the others.
        let more = more.div_ceil(few) * few;
        let large = self.hold_with(few + more)?;
        let per_ballot = |small: f64, large: f64| ((large - small) / more as f64).max(0.0);
        let bytes = per_ballot(small.bytes as f64, large.bytes as f64);
        Ok(Cost {
            encrypt: large.encrypting.as_secs_f64() / (few + more) as f64,
            ballot: large.largest,
            bytes,
            fixed: small.bytes as f64 - bytes * few as f64,
            audit: per_ballot(small.audit.as_secs_f64(), large.audit.as_secs_f64()),
        })
    }

    /// Holds it with so many ballots, whose styles take turns.
    fn hold_with(&self, ballots: usize) -> Result<Held, Box<dyn Error>> {
        let Self { manifest, operator, trustees } = self;
        let rng = &mut OsRng;
        let styles = manifest.styles().len();
        let example = |style| {
            let found = Choices::example(manifest, style);
            found.ok_or_else(|| format!("found no ballot that keeps the limits of styles[{style}]"))
        };
        let choices = (0..styles).map(example).collect::<Result<Vec<_>, _>>()?;
        let (mut voters, mut roll) = (Vec::new(), Vec::new());
        for style in (0..styles).cycle().take(ballots) {
            let voter = Credential::random(rng)?;
            roll.push(voter.registration(manifest, u16::try_from(style)?, rng)?);
            voters.push((voter, style));
        }
        let (ceremony, mut trustees) = keys::in_one_process(manifest, trustees, rng)?;
        let mut board = Board::open(manifest, operator, &ceremony, &trustees, &roll, rng)?;
        let election = board.election().ok_or("voting did not open")?.clone();
        let start = Instant::now();
        let mut cast = Vec::new();
        for (voter, style) in &voters {
            let header = Header::remote(u16::try_from(*style)?);
            cast.push(election.encrypt(voter, &header, &choices[*style], rng)?.cast());
        }
        let encrypting = start.elapsed();
        let largest = cast.iter().map(|ballot| ballot.to_bytes().len()).max().unwrap_or(0);
        for accepted in board.post_all(&cast, rng) {
            accepted?;
        }
        board.close(operator, &mut trustees, rng)?;
        let tally = board.tally(operator, rng)?;
        board.mix(&trustees, rng)?;
        let needed = manifest.groups().iter().flat_map(|group| {
            let numbers = group.numbers().take(group.threshold.into());
            numbers.collect::<Vec<u16>>()
        });
        let openers: Vec<u16> = needed.collect();
        for trustee in trustees.iter_mut().filter(|t| openers.contains(&t.number())) {
            board.post(&trustee.open(board.state(), rng)?, rng)?;
        }
        board.finish(operator, &DlogTable::new(tally.bound()), rng)?;
        let mut audits = Vec::new();
        for _ in 0..3 {
            let start = Instant::now();
            audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng)?.into_result()?;
            audits.push(start.elapsed());
        }
        let audit = audits.into_iter().min().unwrap_or_default();
        Ok(Held { encrypting, largest, bytes: board.bytes().len(), audit })
    }
}

/// What an election took.
struct Held {
    encrypting: Duration,
    largest: usize,
    bytes: usize,
    audit: Duration,
}

fn document(manifest: &Manifest) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&manifest.to_json())
}

/// For each contest that orders options its id, and the manifest with it alone, in one district and open to all.
fn with_one_ordered(manifest: &Manifest) -> Result<Vec<(String, Value)>, serde_json::Error> {
    let mut document = document(manifest)?;
    let contests = document["contests"].take();
    if let Some(fields) = document.as_object_mut() {
        for others in ["styles", "districts", "stations"] {
            fields.remove(others);
        }
    }
    let ordered = contests.as_array().into_iter().flatten().filter_map(Value::as_object);
    let ordered = ordered.filter(|fields| ORDERED.iter().any(|kind| fields.contains_key(*kind)));
    let alone = ordered.map(|fields| {
        let mut contest = fields.clone();
        contest.remove("with");
        let id = contest["id"].as_str().unwrap_or_default().to_owned();
        let mut document = document.clone();
        document["contests"] = json!([contest]);
        (id, document)
    });
    Ok(alone.collect())
}
