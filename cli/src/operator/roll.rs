//! The roll: who may vote.

use super::{Access, ended};
use crate::{
    ask::confirm,
    failure::{Failure, Result},
    files,
    out::tell,
};
use clap::Args;
use rand_core::OsRng;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fmt::Display,
    path::{Path, PathBuf},
};
use tabella::{
    Manifest,
    roll::{Registration, Roll, VoterKey},
};

/// Who is on it.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    access: Access,
    /// Registrations that voters sent, one in each file
    #[arg(required_unless_present = "made")]
    registrations: Vec<PathBuf>,
    /// Who may vote, as CSV with a line of headings: key (voterkey1…), and if need be name, style and weight. Registrations of others, or for
    /// another style, are refused. Without it check before who may be on the roll, and all have weight 1
    #[arg(long, value_name = "FILE")]
    allowed: Option<PathBuf>,
    /// Registrations that `credentials` made, with the weights of its table
    #[arg(long, value_name = "FILE")]
    made: Vec<PathBuf>,
    /// Do not ask before
    #[arg(long)]
    yes: bool,
}

/// A line of the list of those who may vote.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    key: String,
    name: Option<String>,
    style: Option<String>,
    weight: Option<u64>,
}

/// Posts the roll.
pub fn run(Options { access, registrations: sent, allowed, made, yes }: &Options) -> Result<()> {
    let (mut desk, secret) = access.open()?;
    let manifest = desk.manifest()?;
    let allowed = allowed.as_ref().map(|list| read_allowed(list, &manifest)).transpose()?;
    let mut registrations = Vec::new();
    for file in made {
        registrations.extend(read(file)?);
    }
    let sent = sent.iter().map(|file| Ok((file, one(file)?))).collect::<Result<Vec<_>>>()?;
    match &allowed {
        Some(allowed) => registrations.extend(of_allowed(sent, allowed, &manifest)?),
        None => {
            for (file, registration) in sent {
                tell!("{}: style {}", file.display(), style(&manifest, registration.style));
                registrations.push(registration);
            }
        }
    }
    let roll = Roll::new(&manifest, &registrations, &mut OsRng)?;
    for (place, style) in manifest.styles().iter().enumerate() {
        tell!("style {}: {} voters", style.id, roll.voters_of_style(place));
    }
    for class in roll.small_classes(&manifest) {
        tell!("warning: {class}");
    }
    let voters = roll.len();
    let weight: u64 = registrations.iter().map(|registration| registration.weight).sum();
    let most = registrations.iter().map(|registration| registration.weight).max().unwrap_or(0);
    if most > 1 {
        tell!("{voters} voters weigh {weight} together, one of them at most {most}");
    }
    let question = format!("The roll of {voters} voters cannot be changed later. Open voting?");
    confirm(&question, *yes, "--yes")?;
    desk.write(|board| board.post_roll(&registrations, &secret, &mut OsRng))?;
    ended(desk, &format!("voting is open for {voters} voters"))
}

fn style(manifest: &Manifest, place: u16) -> &str {
    manifest.styles().get(usize::from(place)).map_or("?", |style| &style.id)
}

fn read(file: &Path) -> Result<Vec<Registration>> {
    let named = |error| Failure::unreadable(format!("{}: {error}", file.display()));
    Registration::from_text(&files::read_text(file)?).map_err(named)
}

/// The registration that a voter sent. Weight and number of lines are the operator's to decide, and stand in no proof of the voter.
fn one(file: &Path) -> Result<Registration> {
    let found = read(file)?;
    let named = |what: &dyn Display| {
        let file = file.display();
        Failure::refused(format!("{file}: {what}; `--made` takes those of `credentials`"))
    };
    match found.as_slice() {
        [one] if one.weight == 1 => Ok(one.clone()),
        [one] => Err(named(&format!("weight {} — expected 1", one.weight))),
        several => Err(named(&format!("{} registrations — expected one", several.len()))),
    }
}

/// Who may vote, by key, with the place of the style.
type List = BTreeMap<VoterKey, (Allowed, u16)>;

fn read_allowed(path: &Path, manifest: &Manifest) -> Result<List> {
    let bytes = files::read(path)?;
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let mut list = List::new();
    for (line, allowed) in (2..).zip(table.deserialize()) {
        let at = |error: &dyn Display| {
            Failure::unreadable(format!("{}, line {line}: {error}", path.display()))
        };
        let allowed: Allowed = allowed.map_err(|error: csv::Error| at(&error))?;
        let key: VoterKey = allowed.key.parse().map_err(|error| at(&error))?;
        let place =
            crate::board::style(manifest, allowed.style.as_deref()).map_err(|error| at(&error))?;
        super::check_weight(allowed.weight).map_err(|error| at(&error))?;
        if list.insert(key, (allowed, place)).is_some() {
            return Err(at(&format!("{key} stands in it twice")));
        }
    }
    match list.is_empty() {
        true => Err(Failure::unreadable(format!("{}: nobody is in it", path.display()))),
        false => Ok(list),
    }
}

/// The registrations of those who may vote, with their weights. All that is wrong is told at once.
fn of_allowed(
    sent: Vec<(&PathBuf, Registration)>,
    allowed: &List,
    manifest: &Manifest,
) -> Result<Vec<Registration>> {
    let (mut wrong, mut found) = (Vec::new(), BTreeMap::new());
    for (file, mut registration) in sent {
        let (file, key) = (file.display(), VoterKey::from(&registration.key));
        match allowed.get(&key) {
            None => wrong.push(format!("{file}: {key} is not in the list of those who may vote")),
            Some((_, place)) if *place != registration.style => wrong.push(format!(
                "{file}: style {} — expected {}",
                style(manifest, registration.style),
                style(manifest, *place)
            )),
            Some((allowed, _)) => {
                registration.weight = allowed.weight.unwrap_or(1);
                if let Some((other, _)) = found.insert(key, (file.to_string(), registration)) {
                    wrong.push(format!("{file}: the same voter as in {other}"));
                }
            }
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::refused(wrong.join("\n")));
    }
    for (key, (Allowed { name, .. }, _)) in allowed {
        if !found.contains_key(key) {
            tell!("not registered: {} {key}", name.as_deref().unwrap_or_default());
        }
    }
    Ok(found.into_values().map(|(_, registration)| registration).collect())
}
