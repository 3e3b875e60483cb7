//! New trustees for the shares of an election.

use super::Access;
use crate::{
    ask::confirm,
    failure::{Failure, Result},
    files,
    out::tell,
};
use clap::Args;
use rand_core::OsRng;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use tabella::{
    crypto::signature::AuthorKey,
    manifest::{Group, Manifest, Member},
};

/// To whom.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    access: Access,
    /// The new trustees as JSON, as a manifest has them: `{"threshold": 2, "trustees": [{"name": …, "key": …}, …]}`, or with groups
    /// `{"trustees": [{"group": …, "threshold": 1, "members": […]}, …]}`
    members: PathBuf,
    /// Do not ask before
    #[arg(long)]
    yes: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneGroup {
    threshold: u16,
    trustees: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InGroups {
    trustees: Vec<NamedGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedGroup {
    group: String,
    threshold: u16,
    members: Vec<Person>,
}

/// Begins a resharing.
pub fn run(Options { access, members, yes }: &Options) -> Result<()> {
    let (mut desk, secret) = access.open()?;
    let groups = read(members, &desk.manifest()?)?;
    for (people, threshold) in &groups {
        tell!("Any {threshold} of these will open:");
        people.iter().for_each(|Member { name, key, .. }| tell!("  {name}\n    {key}"));
    }
    confirm("Tell the trustees who the new ones are, over another channel. Begin?", *yes, "--yes")?;
    let groups: Vec<(&[Member], u16)> =
        groups.iter().map(|(people, threshold)| (people.as_slice(), *threshold)).collect();
    desk.write(|board| board.reshare(&secret, &groups, &mut OsRng))?;
    super::ended(desk, "a resharing began: its rounds are those of the ceremony")
}

/// The new trustees of each of the manifest's groups, each group with its threshold.
pub fn read(path: &Path, manifest: &Manifest) -> Result<Vec<(Vec<Member>, u16)>> {
    let text = files::read_text(path)?;
    let at =
        |what: &dyn std::fmt::Display| Failure::unreadable(format!("{}: {what}", path.display()));
    let person = |Person { name, key }: Person| {
        let key: AuthorKey =
            key.parse().map_err(|error| at(&format!("the key of {name}: {error}")))?;
        Ok(Member { name, key })
    };
    let people = |people: Vec<Person>| people.into_iter().map(person).collect::<Result<Vec<_>>>();
    let groups: Vec<&Group> = manifest.groups().iter().collect();
    if let [group] = groups.as_slice()
        && group.name.is_empty()
    {
        let OneGroup { threshold, trustees } =
            serde_json::from_str(&text).map_err(|error| at(&error))?;
        return Ok(vec![(people(trustees)?, threshold)]);
    }
    let InGroups { trustees } = serde_json::from_str(&text).map_err(|error| at(&error))?;
    let (found, expected) = (
        trustees.iter().map(|group| group.group.as_str()).collect::<Vec<_>>().join(", "),
        groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(", "),
    );
    if found != expected {
        return Err(at(&format!("groups {found} — expected those of the manifest, {expected}")));
    }
    trustees.into_iter().map(|group| Ok((people(group.members)?, group.threshold))).collect()
}
