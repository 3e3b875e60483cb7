//! Changes of a record, and what an audit then finds.

use super::{
    elections::files,
    json::{Json, hex, hexes, list, object},
};
use attacks::rng;
use std::{fs, path::Path};
use tabella::{
    audit::{self, Audit, Expect, Report},
    log::Bytes,
    record::Folder,
};

/// A change of entries, which are then judged alone, or of another file.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Nothing is changed.
    Nothing,
    /// Bytes of an entry are XORed with these.
    At {
        entry: usize,
        at: usize,
        xor: Vec<u8>,
    },
    Drop(Vec<usize>),
    Swap(usize, usize),
    /// An entry, and the one before which it is moved, by their numbers in the base.
    Move {
        entry: usize,
        before: usize,
    },
    Insert {
        before: usize,
        entries: Vec<Vec<u8>>,
    },
    Replace {
        entry: usize,
        bytes: Vec<u8>,
    },
    /// Only this many entries remain.
    Cut(usize),
    /// This many bytes are missing at the end of the last segment.
    Torn(usize),
    /// All entries from this one on are replaced.
    Tail {
        from: usize,
        entries: Vec<Vec<u8>>,
    },
    File {
        name: String,
        at: usize,
        xor: Vec<u8>,
    },
    WriteFile {
        name: String,
        text: String,
    },
    DropFile(String),
}

/// Entries, each after its length.
pub fn bytes_of(entries: &[Vec<u8>]) -> Vec<u8> {
    let framed = |entry: &Vec<u8>| [&(entry.len() as u16).to_be_bytes(), &entry[..]].concat();
    entries.iter().flat_map(framed).collect()
}

fn xor_into(bytes: &mut [u8], at: usize, xor: &[u8]) {
    bytes[at..at + xor.len()].iter_mut().zip(xor).for_each(|(byte, xor)| *byte ^= xor);
}

impl Edit {
    pub fn is_of_files(&self) -> bool {
        matches!(self, Self::File { .. } | Self::WriteFile { .. } | Self::DropFile(_))
    }

    /// The bytes of the changed board.
    pub fn board(&self, base: &[Vec<u8>]) -> Vec<u8> {
        let mut entries = base.to_vec();
        match self {
            Self::At { entry, at, xor } => xor_into(&mut entries[*entry], *at, xor),
            Self::Drop(dropped) => {
                let kept = entries.into_iter().enumerate().filter(|(i, _)| !dropped.contains(i));
                entries = kept.map(|(_, entry)| entry).collect();
            }
            Self::Swap(a, b) => entries.swap(*a, *b),
            Self::Move { entry, before } => {
                let moved = entries.remove(*entry);
                entries.insert(before - usize::from(before > entry), moved);
            }
            Self::Insert { before, entries: new } => {
                entries.splice(before..before, new.iter().cloned());
            }
            Self::Replace { entry, bytes } => entries[*entry].clone_from(bytes),
            Self::Cut(kept) => entries.truncate(*kept),
            Self::Tail { from, entries: tail } => {
                entries.truncate(*from);
                entries.extend(tail.iter().cloned());
            }
            Self::Torn(missing) => {
                let mut bytes = bytes_of(&entries);
                bytes.truncate(bytes.len() - missing);
                return bytes;
            }
            _ => {}
        }
        bytes_of(&entries)
    }

    pub fn json(&self) -> Json {
        match self {
            Self::Nothing => object! {},
            Self::At { entry, at, xor } => {
                object! {"entry" => *entry, "at" => *at, "xor" => hex(xor)}
            }
            Self::Drop(entries) => object! {"drop" => list(entries.iter().copied())},
            Self::Swap(a, b) => object! {"swap" => list([*a, *b])},
            Self::Move { entry, before } => {
                object! {"move" => object! {"entry" => *entry, "before" => *before}}
            }
            Self::Insert { before, entries } => {
                object! {"insert" => object! {"before" => *before, "entries" => hexes(entries)}}
            }
            Self::Replace { entry, bytes } => {
                object! {"replace" => object! {"entry" => *entry, "bytes" => hex(bytes)}}
            }
            Self::Cut(entries) => object! {"cut" => *entries},
            Self::Torn(bytes) => object! {"torn" => *bytes},
            Self::Tail { from, entries } => {
                object! {"tail" => object! {"from" => *from, "entries" => hexes(entries)}}
            }
            Self::File { name, at, xor } => {
                object! {"file" => name.as_str(), "at" => *at, "xor" => hex(xor)}
            }
            Self::WriteFile { name, text } => {
                object! {"write" => object! {"file" => name.as_str(), "text" => text.as_str()}}
            }
            Self::DropFile(name) => object! {"drop_file" => name.as_str()},
        }
    }
}

/// Check and entry.
pub type Found = (String, Option<u64>);

fn found(report: &Report) -> Vec<Found> {
    let pair = |finding: &audit::Finding| (finding.check.name().to_string(), finding.entry);
    report.findings.iter().map(pair).collect()
}

/// Audits of a record that stopped behind each of its entries, and how many bytes each has read.
pub struct Begun(Vec<(usize, Audit)>);

impl Begun {
    pub fn new(entries: &[Vec<u8>]) -> Self {
        let (bytes, mut audit) = (bytes_of(entries), Audit::new(&Expect::default()));
        let mut begun = vec![(0, audit.clone())];
        for until in 1..=entries.len() {
            audit.advance(&mut Bytes::new(&bytes), until as u64, &mut rng(0)).unwrap();
            // In the middle of a large object an audit does not stop.
            let read = bytes_of(&entries[..audit.size() as usize]).len();
            begun.push((read, audit.clone()));
        }
        Self(begun)
    }

    /// What an audit of these bytes finds: one that goes on from where they begin to differ.
    pub fn judge(&self, bytes: &[u8], base: &[Vec<u8>]) -> Vec<Found> {
        let same = bytes_of(base).iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let (_, begun) = self.0.iter().rfind(|(read, _)| *read <= same).unwrap();
        let mut audit = begun.clone();
        audit.advance(&mut Bytes::new(bytes), u64::MAX, &mut rng(0)).unwrap();
        verdict(&audit.report())
    }
}

/// What an audit of these bytes finds.
pub fn judge(bytes: &[u8], expect: &Expect) -> Vec<Found> {
    verdict(&audit::run(bytes, expect, &mut rng(0)).unwrap())
}

fn verdict(report: &Report) -> Vec<Found> {
    assert_eq!(report.is_accepted(), report.findings.is_empty());
    found(report)
}

/// What an audit of a record's folder finds, including its checkpoints and views; `record` if it is not a record.
pub fn judge_folder(path: &Path, expect: &Expect) -> Vec<Found> {
    let read = || {
        let folder = Folder::open(path)?;
        Ok::<_, tabella::record::FolderError>((folder.checkpoints()?, folder.views()?, folder))
    };
    let Ok((checkpoints, views, folder)) = read() else { return vec![("record".into(), None)] };
    let (checkpoints, views) = (Some(checkpoints), Some(views));
    let mut audit = Audit::new(&Expect { checkpoints, views, ..expect.clone() });
    audit.advance(&mut folder.log(), u64::MAX, &mut rng(0)).unwrap();
    found(&audit.report())
}

/// The same with a changed file, in a copy of the folder.
pub fn judge_files(base: &Path, copy: &Path, edit: &Edit, expect: &Expect) -> Vec<Found> {
    let _ = fs::remove_dir_all(copy);
    for (name, bytes) in files(base) {
        let path = copy.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    match edit {
        Edit::File { name, at, xor } => {
            let mut bytes = fs::read(copy.join(name)).unwrap();
            xor_into(&mut bytes, *at, xor);
            fs::write(copy.join(name), bytes).unwrap();
        }
        Edit::WriteFile { name, text } => {
            fs::create_dir_all(copy.join(name).parent().unwrap()).unwrap();
            fs::write(copy.join(name), text).unwrap();
        }
        Edit::DropFile(name) => fs::remove_file(copy.join(name)).unwrap(),
        _ => {}
    }
    let found = judge_folder(copy, expect);
    fs::remove_dir_all(copy).unwrap();
    found
}
