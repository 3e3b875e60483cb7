//! Records with one change each, the check that refuses them according to the specification, and all findings of an audit.

use super::{
    edit::{Begun, Edit, Found, judge, judge_files},
    elections::{self, Case},
    fields::{self, Shape},
    json::{Json, hex, list},
    mixed, of_files, structure,
};
use attacks::{
    cheats::{COLLUSIONS, Change, Cheat, FAMILIES, RESHARING_CHEATS},
    rng,
};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use tabella::{audit::Expect, board::Kind, log::merkle::Root, manifest::ManifestHash};

/// A changed record.
pub struct Mutation {
    pub name: String,
    pub base: &'static str,
    pub edit: Edit,
    pub partial: bool,
    pub manifest: Option<ManifestHash>,
    pub root: Option<Root>,
    /// The check that refuses it; `record` if it is not a record, `None` if it is accepted.
    pub expected: Option<&'static str>,
}

impl Mutation {
    pub fn new(
        name: impl Into<String>,
        base: &'static str,
        edit: Edit,
        expected: impl Into<Option<&'static str>>,
    ) -> Self {
        let expected = expected.into();
        Self { name: name.into(), base, edit, partial: false, manifest: None, root: None, expected }
    }

    fn json(&self, found: &[Found]) -> Json {
        let pair = |(check, entry): &Found| {
            Json::List(vec![check.as_str().into(), entry.map(Json::from).into()])
        };
        let mut fields = vec![
            ("name".into(), self.name.as_str().into()),
            ("base".into(), self.base.into()),
            ("edit".into(), self.edit.json()),
            ("findings".into(), list(found.iter().map(pair))),
        ];
        let mut add = |name: &str, value: Json| fields.push((name.into(), value));
        if self.partial {
            add("partial", true.into());
        }
        if let Some(manifest) = &self.manifest {
            add("expect_manifest", hex(manifest.as_bytes()));
        }
        if let Some(root) = &self.root {
            add("expect_root", hex(root.as_bytes()));
        }
        Json::Object(fields)
    }
}

/// The numbers on which the parts of each entry of a record depend.
fn shape(base: &str, entry: usize) -> Shape {
    let resharing = base == "ceremony" && entry > RESHARING;
    let members = if resharing { (4, 2) } else { (3, 2) };
    Shape { slots: 5, bits: 5, members, factors: 10, mix: (0, 0), whole: false }
}

/// The entry of the second record that orders the resharing.
const RESHARING: usize = 19;

/// All changed records.
pub fn all([election, ceremony, council]: &[Case; 3]) -> Vec<Mutation> {
    let bases = [election.entries(), ceremony.entries()];
    let unchanged = |case: &Case| Mutation::new("unchanged", case.name, Edit::Nothing, None);
    let mut all: Vec<Mutation> = [election, ceremony, council].map(unchanged).into();
    for (name, entries) in ["election", "ceremony"].into_iter().zip(&bases) {
        all.extend(of_fields(name, entries));
    }
    all.extend(forged("election", elections::election, &FAMILIES.concat()));
    all.extend(forged("ceremony", elections::ceremony, RESHARING_CHEATS));
    all.extend(collusions());
    all.extend(structure::of_election(&bases[0]));
    all.extend(structure::of_ceremony(&bases[1]));
    all.extend(structure::of_kinds("election", &bases[0], &structure::PLACES));
    all.extend(structure::of_another(&bases[0]));
    all.extend(of_files::all(election));
    all.extend(mixed::all(council));
    all
}

/// Each part of one entry of each kind, changed in every way.
fn of_fields(base: &'static str, entries: &[Vec<u8>]) -> Vec<Mutation> {
    let mut all = Vec::new();
    for entry in walked(base, entries) {
        let bytes = &entries[entry];
        let (kind, _) = Kind::split(bytes).unwrap();
        for field in fields::walk(bytes, &shape(base, entry)) {
            for (what, how, xor) in field.changes(bytes) {
                let name = format!("{kind}: {} is {what}", field.name);
                let edit = Edit::At { entry, at: field.range.start, xor };
                all.push(Mutation::new(
                    name,
                    base,
                    edit,
                    fields::expected(kind, &field, how, &fields::FREE),
                ));
            }
        }
    }
    all
}

/// The first entry of each kind, but the second ballot, which is from a station; in the second record, only kinds that the
/// first does not have.
fn walked(base: &str, entries: &[Vec<u8>]) -> Vec<usize> {
    let first = |kind: Kind| entries.iter().position(|entry| entry[0] == kind as u8);
    let kinds: &[Kind] = match base {
        "election" => &[
            Kind::Manifest,
            Kind::Commit,
            Kind::Round,
            Kind::Deal,
            Kind::Confirmation,
            Kind::Question,
            Kind::Rehearsal,
            Kind::Roll,
            Kind::SpoilRequest,
            Kind::SpoilOpening,
            Kind::Freeze,
            Kind::Close,
            Kind::Tally,
            Kind::Share,
            Kind::Result,
        ],
        _ => &[
            Kind::Complaint,
            Kind::Reshare,
            Kind::Erasure,
            Kind::Delegation,
            Kind::Withdrawal,
            Kind::Lift,
        ],
    };
    let mut walked: Vec<usize> = kinds.iter().map(|kind| first(*kind).unwrap()).collect();
    if base == "election" {
        walked.push(first(Kind::Ballot).unwrap() + 1);
    }
    walked.sort_unstable();
    walked
}

/// The forged record of a cheat, as a change of the honest one.
fn tail(case: &Case, honest: &[Vec<u8>]) -> Edit {
    let entries = case.entries();
    let from = honest.iter().zip(&entries).take_while(|(a, b)| a == b).count();
    Edit::Tail { from, entries: entries[from..].to_vec() }
}

/// A forged record by somebody with all secrets, with this change.
pub fn cheat(make: fn() -> Case, change: Change, honest: &[Vec<u8>]) -> Edit {
    let mut case = make();
    case.world.rng = rng(89);
    change(&mut case.plan, &mut case.world);
    tail(&case, honest)
}

/// Forged records by somebody with all secrets.
fn forged(base: &'static str, make: fn() -> Case, cheats: &[Cheat]) -> Vec<Mutation> {
    let honest = make();
    let (entries, manifest) = (honest.entries(), honest.world.manifest.hash());
    let forge = |(name, change, found): &Cheat| {
        let expected = found[0].0.name();
        let edit = cheat(make, *change, &entries);
        let mut new = Mutation::new(*name, base, edit, expected);
        new.manifest = (expected == "manifest.expected").then_some(manifest);
        new
    };
    cheats.par_iter().map(forge).collect()
}

/// What an audit detects only if it knows the root.
fn collusions() -> Vec<Mutation> {
    let honest = elections::election();
    let (entries, log) = (honest.entries(), honest.log());
    let root = log.tree.root();
    let mut all = Vec::new();
    for (name, change) in COLLUSIONS {
        let edit = cheat(elections::election, *change, &entries);
        all.push(Mutation::new(*name, "election", edit.clone(), None));
        let mut known =
            Mutation::new(format!("{name}, root known"), "election", edit, "record.expected");
        known.root = Some(root);
        all.push(known);
    }
    all
}

/// The library's findings for each of these.
pub fn judge_all(
    all: &[Mutation],
    bases: &[(&str, Vec<Vec<u8>>, PathBuf)],
    scratch: &Path,
) -> Vec<Vec<Found>> {
    let begun: Vec<Begun> = bases.iter().map(|(_, entries, _)| Begun::new(entries)).collect();
    let judge_one = |(i, mutation): (usize, &Mutation)| {
        let base = bases.iter().zip(&begun).find(|((name, ..), _)| *name == mutation.base);
        let ((_, entries, path), begun) = base.unwrap();
        let Mutation { edit, partial, manifest, root, .. } = mutation;
        let expect =
            Expect { partial: *partial, manifest: *manifest, root: *root, ..Expect::default() };
        if edit.is_of_files() {
            judge_files(path, &scratch.join(i.to_string()), edit, &expect)
        } else if *partial || manifest.is_some() || root.is_some() || *edit == Edit::Nothing {
            judge(&edit.board(entries), &expect)
        } else {
            begun.judge(&edit.board(entries), entries)
        }
    };
    all.par_iter().enumerate().map(judge_one).collect()
}

/// All of them as JSON, one on each line.
pub fn json(all: &[Mutation], found: &[Vec<Found>]) -> Json {
    Json::List(all.iter().zip(found).map(|(mutation, found)| mutation.json(found)).collect())
}
