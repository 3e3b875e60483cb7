use super::*;
use crate::{
    board::{Kind, SIGNATURE},
    codec::{DecodeErrorKind, Encode},
    contest::Contest,
    crypto::signature::AuthorSecret,
    log::{Entries, LogError, ReadLog, Torn},
    record::Cut,
};
use alloc::{borrow::ToOwned, collections::BTreeMap, format, string::String, sync::Arc};
use rand_core::OsRng;
use std::sync::{Barrier, Mutex};

const BOARD: &str = "board/00000000.bin";

type Contents = BTreeMap<String, Vec<u8>>;

/// A folder of its own for each test, gone at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("tabella-writer-{name}-{}", std::process::id());
        let place = Self(std::env::temp_dir().join(name));
        let _ = fs::remove_dir_all(&place.0);
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn files(&self) -> Contents {
        let mut contents = Contents::new();
        for folder in FOLDERS.iter().chain(&[""]) {
            for file in fs::read_dir(self.file(folder)).unwrap() {
                let path = file.unwrap().path();
                if path.is_file() {
                    let name = path.strip_prefix(&self.0).unwrap().to_str().unwrap().to_owned();
                    contents.insert(name, fs::read(path).unwrap());
                }
            }
        }
        contents
    }

    fn put(&self, contents: &Contents) {
        fs::remove_dir_all(&self.0).unwrap();
        FOLDERS.iter().for_each(|folder| fs::create_dir_all(self.file(folder)).unwrap());
        contents.iter().for_each(|(name, bytes)| fs::write(self.file(name), bytes).unwrap());
    }

    fn resume(&self) -> (Writer, Option<Cut>) {
        Writer::resume(&self.0).unwrap()
    }

    fn error(&self) -> WriteError {
        Writer::resume(&self.0).unwrap_err()
    }

    fn read(&self) -> Vec<Vec<u8>> {
        let mut log = Folder::open(&self.0).unwrap().log();
        (0..).map_while(|index| log.entry(index).unwrap()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A manifest as the first object of a board; the writer leaves it to the board to verify the signature.
fn manifest() -> Vec<u8> {
    let rng = &mut OsRng;
    let operator = AuthorSecret::random(rng).unwrap().public().clone();
    let trustee = AuthorSecret::random(rng).unwrap().public().clone();
    let manifest = Manifest::builder("test").operator(operator).trustees([trustee], 1);
    let manifest = manifest.contest(Contest::choose_one("q", ["yes", "no"])).build().unwrap();
    [&[Kind::Manifest as u8], &manifest.to_bytes()[..], &[0; SIGNATURE]].concat()
}

impl Writer {
    /// Appends what no board would accept.
    fn write_unchecked(&mut self, object: &[u8]) -> Result<(), WriteError> {
        self.attempt(|writer| entries(object).try_for_each(|entry| writer.append_entry(&entry)))
    }
}

/// What a disk was asked for.
#[derive(Clone, Debug, PartialEq)]
enum Call {
    Write(Vec<u8>),
    Sync(PathBuf),
}

/// A disk that notes what it is asked for, and fails once.
#[derive(Clone, Debug, Default)]
struct Broken {
    calls: Arc<Mutex<Vec<Call>>>,
    /// The number of the call that fails.
    fails: Option<usize>,
}

impl Broken {
    fn note(&self, call: Call) -> io::Result<()> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(call);
        if self.fails == Some(calls.len() - 1) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

impl Disk for Broken {
    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        // A disk that is full takes a part.
        if let Err(error) = self.note(Call::Write(bytes.to_vec())) {
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        file.write_all(bytes)
    }

    fn sync(&mut self, path: &Path, _: &File) -> io::Result<()> {
        self.note(Call::Sync(path.into()))
    }
}

/// Every call to the disk fails in turn. What is said to be written is there after that, and nothing is said to be written
/// until the record is gone on with.
#[test]
fn a_writer_that_failed_stays_failed_until_it_resumes() {
    let (place, manifest) = (Place::new("failed"), manifest());
    let large = [&[Kind::Roll as u8][..], &[7; 150_000]].concat();
    let work = |writer: &mut Writer, done: &mut Vec<Head>| -> Result<(), WriteError> {
        for object in [&manifest[..], &[5, 1], &large, &[5, 2]] {
            writer.write_unchecked(object)?;
            writer.sync()?;
            done.push(writer.head());
        }
        writer.attempt(|writer| writer.replace("manifest.json", |out| out.write_all(b"{}")))
    };
    let good = Broken::default();
    let mut heads = Vec::new();
    work(&mut Writer::create_on(&place.0, Box::new(good.clone())).unwrap(), &mut heads).unwrap();
    assert_eq!(heads.len(), 4);
    let files = place.files();
    for number in 0..good.calls().len() {
        fs::remove_dir_all(&place.0).unwrap();
        let disk = Broken { fails: Some(number), ..Broken::default() };
        let Ok(mut writer) = Writer::create_on(&place.0, Box::new(disk)) else {
            // Nothing was said to be there; it can be gone on with, or begun again.
            let _ = fs::remove_dir_all(&place.0);
            fs::create_dir_all(&place.0).unwrap();
            continue;
        };
        let mut done = Vec::new();
        let error = work(&mut writer, &mut done).unwrap_err();
        assert!(matches!(error, WriteError::Folder(FolderError::Io(..))), "{number}: {error}");
        let failed = |error: WriteError| assert!(matches!(error, WriteError::Failed(_)), "{error}");
        failed(writer.sync().unwrap_err());
        failed(writer.write_unchecked(&[5, 9]).unwrap_err());
        failed(writer.follow(&Board::new()).unwrap_err());
        failed(writer.append(&[5, 9], &State::new()).unwrap_err());
        failed(writer.sync().unwrap_err());
        drop(writer);
        let (mut writer, _) = place.resume();
        let kept = writer.head();
        assert!(done.last().is_none_or(|last| last.size <= kept.size), "{number}");
        assert!(done.contains(&kept) || heads.contains(&kept) || kept.size == 0, "{number}");
        let left = heads.iter().filter(|head| head.size <= kept.size).count();
        for object in [&manifest[..], &[5, 1], &large, &[5, 2]].into_iter().skip(left) {
            writer.write_unchecked(object).unwrap();
        }
        assert_eq!(place.files()[BOARD], files[BOARD], "{number}");
        assert!(!place.file("manifest.json.part").exists());
    }
}

/// A system that could not write pages may keep them in memory as if it had.
#[test]
fn what_is_gone_on_with_is_written_once_more() {
    let place = Place::new("again");
    let mut writer = Writer::create(&place.0).unwrap();
    writer.write_unchecked(&manifest()).unwrap();
    for last in [SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT] {
        while writer.head().size < last {
            writer.write_unchecked(&[5, last as u8]).unwrap();
        }
        drop(writer);
        let disk = Broken::default();
        (writer, _) =
            Writer::resume_on(&place.0, Box::new(disk.clone()), &mut |_| ControlFlow::Continue(()))
                .unwrap();
        let file = segment_name((last - 1) / SEGMENT);
        let written: Vec<u8> = disk
            .calls()
            .iter()
            .filter_map(|call| match call {
                Call::Write(bytes) => Some(bytes.clone()),
                Call::Sync(_) => None,
            })
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(written, fs::read(place.file(&file)).unwrap(), "{last}");
        assert!(disk.calls().contains(&Call::Sync(place.file(&file))), "{last}");
    }
    assert_eq!(place.read().len() as u64, 2 * SEGMENT);
}

#[test]
fn the_names_of_new_folders_reach_the_disk() {
    let place = Place::new("names");
    let synced = |path: &Path| {
        let disk = Broken::default();
        drop(Writer::create_on(path, Box::new(disk.clone())).unwrap());
        let is = |name: &Path| disk.calls().contains(&Call::Sync(name.into()));
        assert!(is(&path.join("board")) && is(&path.join("")));
        [is(&place.file("a")), is(&place.0), is(place.0.parent().unwrap())]
    };
    assert_eq!(synced(&place.file("a/b")), [true, true, true]);
    assert_eq!(synced(&place.file("a/c")), [true, false, false]);
    // One that was made by hand just now.
    fs::create_dir(place.file("d")).unwrap();
    assert_eq!(synced(&place.file("d")), [false, true, false]);
}

/// Of many that begin one record at the same time, one does; what it wrote is there when the others have given up.
#[test]
fn a_record_that_several_begin_is_that_of_one() {
    let (place, manifest) = (Place::new("race"), manifest());
    // As many as it takes for two to meet between a look and a lock.
    for round in 0..300 {
        let _ = fs::remove_dir_all(&place.0);
        let barrier = Barrier::new(12);
        let begin = || {
            barrier.wait();
            loop {
                match Writer::create(&place.0) {
                    Ok(mut writer) => {
                        writer.write_unchecked(&manifest).unwrap();
                        writer.sync().unwrap();
                        return 1;
                    }
                    Err(WriteError::NotEmpty(_)) => return 0,
                    Err(WriteError::Held(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let acknowledged: u64 = std::thread::scope(|scope| {
            let all: Vec<_> = (0..12).map(|_| scope.spawn(begin)).collect();
            all.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(place.read().len() as u64, acknowledged, "{round}");
        assert!(acknowledged <= 1, "{round}");
    }
}

/// Writes objects, and cuts the files off at a number of places in the middle.
#[test]
fn an_object_whose_chunks_are_not_all_there_is_cut_off() {
    let place = Place::new("chunks");
    let manifest = manifest();
    let small = |n: u64| [&[Kind::Ballot as u8][..], &n.to_be_bytes()].concat();
    let large = [&[Kind::Roll as u8][..], &[7; 150_000]].concat();
    let chunks = entries(&large).count() as u64;
    assert_eq!(chunks, 4);
    // The large object lies in the middle of a segment, over its end in every way, and begins one.
    for before in [3, SEGMENT - 4, SEGMENT - 3, SEGMENT - 2, SEGMENT - 1, SEGMENT] {
        let _ = fs::remove_dir_all(&place.0);
        let mut writer = Writer::create(&place.0).unwrap();
        writer.write_unchecked(&manifest).unwrap();
        (1..before).for_each(|n| writer.write_unchecked(&small(n)).unwrap());
        let kept = writer.head();
        writer.write_unchecked(&large).unwrap();
        let whole = writer.head();
        writer.write_unchecked(&small(9)).unwrap();
        let end = writer.head();
        drop(writer);
        let files = place.files();
        let all: Vec<Vec<u8>> = place.read();
        assert_eq!(all.len() as u64, before + chunks + 1);
        for entries in before..=before + chunks + 1 {
            for torn in [0, 1, 2, 3] {
                let mut cut_off = Contents::new();
                let all = all.get(..entries as usize + 1).unwrap_or(&all);
                for (number, entry) in (0u64..).zip(all) {
                    let mut bytes = [&(entry.len() as u16).to_be_bytes(), &entry[..]].concat();
                    if number == entries {
                        bytes.truncate(torn);
                    }
                    cut_off
                        .entry(segment_name(number / SEGMENT))
                        .or_default()
                        .extend_from_slice(&bytes);
                }
                place.put(&cut_off);
                let (mut writer, cut) = place.resume();
                let head = match entries {
                    n if n < before + chunks => kept,
                    n if n == before + chunks => whole,
                    _ => end,
                };
                assert_eq!(writer.head(), head, "{before}, {entries}, {torn}");
                let torn = if entries > before + chunks { 0 } else { torn as u64 };
                let expected = Cut { entry: head.size, entries: entries - head.size, torn };
                let nothing = expected.entries == 0 && torn == 0;
                assert_eq!(cut, (!nothing).then_some(expected), "{before}, {entries}, {torn}");
                if head == kept {
                    writer.write_unchecked(&large).unwrap();
                }
                if head != end {
                    writer.write_unchecked(&small(9)).unwrap();
                }
                assert_eq!(writer.head(), end);
                drop(writer);
                assert_eq!(place.files(), files, "{before}, {entries}, {torn}");
            }
        }
    }
}

#[test]
fn what_no_crash_leaves_is_not_touched() {
    let place = Place::new("broken");
    let mut writer = Writer::create(&place.0).unwrap();
    let first = manifest();
    writer.write_unchecked(&first).unwrap();
    (1..SEGMENT + 5).for_each(|_| writer.write_unchecked(&[Kind::Ballot as u8, 1]).unwrap());
    writer.sync().unwrap();
    drop(writer);
    let good = place.files();
    let next = "board/00000001.bin";
    let log = |files: &Contents| {
        place.put(files);
        match place.error() {
            WriteError::Log(error) => error,
            other => panic!("{other}"),
        }
    };
    let mut ends = Entries::new(&good[BOARD]);
    (1..SEGMENT).for_each(|_| assert!(ends.next().is_some()));
    let (last, full) = (ends.at(), good[BOARD].len());
    // A segment before the last is short, torn, or too long.
    let mut files = good.clone();
    files.get_mut(BOARD).unwrap().truncate(last);
    let short = LogError::Short { file: BOARD.into(), found: 4095, expected: SEGMENT };
    assert_eq!(log(&files), short);
    assert_eq!(place.files(), files);
    files.get_mut(BOARD).unwrap().push(0);
    let torn = Torn { at: last, missing: 1 };
    assert_eq!(log(&files), LogError::Torn { file: BOARD.into(), torn });
    assert_eq!(place.files(), files);
    let mut files = good.clone();
    files.get_mut(BOARD).unwrap().push(0);
    assert_eq!(log(&files), LogError::Long { file: BOARD.into(), at: full as u64 });
    assert_eq!(place.files(), files);
    // An entry is no object, nor a part of one.
    let mut files = good.clone();
    files.get_mut(next).unwrap().extend_from_slice(&[0, 1, 0xff, 0, 1]);
    place.put(&files);
    let form = place.error();
    assert!(
        matches!(&form, WriteError::Form { entry, error }
            if *entry == SEGMENT + 5 && matches!(error.kind, DecodeErrorKind::Tag { .. })),
        "{form}"
    );
    assert_eq!(place.files(), files);
    let mut files = good;
    files.remove(BOARD).unwrap();
    place.put(&files);
    let missing = place.error();
    assert!(matches!(missing, WriteError::Folder(FolderError::Missing(_))), "{missing}");
    assert_eq!(place.files(), files);
}

/// Whatever stands where a file is to be written, nothing outside of the record is.
#[cfg(unix)]
#[test]
fn a_link_is_not_written_through() {
    let place = Place::new("link");
    let outside = Place::new("outside");
    fs::create_dir_all(&outside.0).unwrap();
    let kept = outside.file("kept");
    fs::write(&kept, "kept").unwrap();
    let mut writer = Writer::create(&place.0).unwrap();
    for name in ["manifest.json", "manifest.json.part"] {
        std::os::unix::fs::symlink(&kept, place.file(name)).unwrap();
    }
    writer.attempt(|writer| writer.replace("manifest.json", |out| out.write_all(b"{}"))).unwrap();
    assert_eq!(fs::read(&kept).unwrap(), b"kept");
    assert_eq!(fs::read(place.file("manifest.json")).unwrap(), b"{}");
    assert!(Folder::open(&place.0).unwrap().views().is_ok());
    // The next segment.
    writer.write_unchecked(&manifest()).unwrap();
    std::os::unix::fs::symlink(outside.file("new"), place.file("board/00000001.bin")).unwrap();
    (1..SEGMENT).for_each(|_| writer.write_unchecked(&[5, 1]).unwrap());
    assert!(writer.write_unchecked(&[5, 1]).is_err());
    assert!(!outside.file("new").exists());
}
