//! Writing a record: whatever a crash leaves, what was whole stays, and the writer goes on to the same bytes.

mod common;

use common::{
    World,
    folder::{BOARD, Files, Folder, Recorded},
};
use std::fs;
use tabella::{
    board::{Board, Kind, Tree, entries},
    record::{self, Cut, Entries, FolderError, Log, LogError, SEGMENT, Torn, WriteError, Writer},
};

fn resume(folder: &Folder) -> (Writer, Option<Cut>) {
    Writer::resume(&folder.0).unwrap()
}

fn error(folder: &Folder) -> WriteError {
    Writer::resume(&folder.0).unwrap_err()
}

/// All entries of the record.
fn read(folder: &Folder) -> Vec<Vec<u8>> {
    let mut log = record::Folder::open(&folder.0).unwrap().log();
    (0..).map_while(|index| log.entry(index).unwrap()).collect()
}

#[test]
fn a_crash_at_every_byte_loses_nothing_but_what_was_not_whole() {
    let folder = Folder::new("crash");
    let good = Recorded::tiny(11, 0);
    let bytes = good.board.bytes();
    assert_eq!(bytes, good.files[BOARD]);
    let mut starts = vec![0];
    let mut entries = Entries::new(bytes);
    while entries.next().is_some() {
        starts.push(entries.at());
    }
    for at in 0..=bytes.len() {
        fs::create_dir_all(folder.file("board")).unwrap();
        fs::write(folder.file(BOARD), &bytes[..at]).unwrap();
        let (mut writer, cut) = resume(&folder);
        let whole = starts.iter().rposition(|start| *start <= at).unwrap();
        let torn = (at - starts[whole]) as u64;
        let expected = Cut { entry: whole as u64, entries: 0, torn };
        assert_eq!(cut, (torn > 0).then_some(expected), "{at}");
        assert_eq!(writer.head().size, whole as u64);
        assert_eq!(fs::read(folder.file(BOARD)).unwrap(), &bytes[..starts[whole]], "{at}");
        if at % 7 == 0 {
            writer.follow(&good.board).unwrap();
            writer.sync().unwrap();
            assert_eq!(writer.head(), good.board.state().head());
            assert_eq!(fs::read(folder.file(BOARD)).unwrap(), bytes, "{at}");
        }
    }
    // Whole as it is, nothing is cut.
    folder.put(&good.files);
    assert_eq!(resume(&folder).1, None);
    assert_eq!(folder.files(), good.files);
}

/// Writes objects, and cuts the files off at a number of places in the middle.
#[test]
fn an_object_whose_chunks_are_not_all_there_is_cut_off() {
    let folder = Folder::new("chunks");
    // The writer leaves it to the board to judge objects.
    let small = |n: u64| [&[Kind::Ballot as u8][..], &n.to_be_bytes()].concat();
    let large = [&[Kind::Roll as u8][..], &[7; 150_000]].concat();
    let chunks = entries(&large).count() as u64;
    assert_eq!(chunks, 4);
    // The large object lies in the middle of a segment, over its end in every way, and begins one.
    for before in [3, SEGMENT - 4, SEGMENT - 3, SEGMENT - 2, SEGMENT - 1, SEGMENT] {
        let _ = fs::remove_dir_all(&folder.0);
        let mut writer = Writer::create(&folder.0).unwrap();
        (0..before).for_each(|n| writer.append(&small(n)).unwrap());
        let kept = writer.head();
        writer.append(&large).unwrap();
        let whole = writer.head();
        writer.append(&small(9)).unwrap();
        let end = writer.head();
        drop(writer);
        let files = folder.files();
        let all: Vec<Vec<u8>> = read(&folder);
        assert_eq!(all.len() as u64, before + chunks + 1);
        for entries in before..=before + chunks + 1 {
            for torn in [0, 1, 2, 3] {
                let mut cut_off = Files::new();
                let all = all.get(..entries as usize + 1).unwrap_or(&all);
                for (number, entry) in (0u64..).zip(all) {
                    let mut bytes = [&(entry.len() as u16).to_be_bytes(), &entry[..]].concat();
                    if number == entries {
                        bytes.truncate(torn);
                    }
                    let name = format!("board/{:08}.bin", number / SEGMENT);
                    cut_off.entry(name).or_default().extend_from_slice(&bytes);
                }
                folder.put(&cut_off);
                let (mut writer, cut) = resume(&folder);
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
                    writer.append(&large).unwrap();
                }
                if head != end {
                    writer.append(&small(9)).unwrap();
                }
                assert_eq!(writer.head(), end);
                drop(writer);
                assert_eq!(folder.files(), files, "{before}, {entries}, {torn}");
            }
        }
    }
}

#[test]
fn only_one_writer_holds_a_record() {
    let folder = Folder::new("held");
    let good = Recorded::tiny(12, 0);
    let mut writer = Writer::create(&folder.0).unwrap();
    assert!(matches!(error(&folder), WriteError::Held(path) if path == folder.file(BOARD)));
    writer.follow(&good.board).unwrap();
    assert!(matches!(error(&folder), WriteError::Held(_)));
    // Whoever reads does not ask.
    assert_eq!(read(&folder).len() as u64, good.board.state().size());
    drop(writer);
    let (held, _) = resume(&folder);
    let text = error(&folder).to_string();
    assert!(text.ends_with("another process writes this record"), "{text}");
    drop(held);
    resume(&folder);
}

#[test]
fn what_a_crash_left_of_other_files_is_removed() {
    let folder = Folder::new("left");
    let good = Recorded::tiny(13, 0);
    folder.put(&good.files);
    for name in ["manifest.json.part", "result.json.part", "checkpoints/9.txt.part"] {
        fs::write(folder.file(name), "x").unwrap();
    }
    resume(&folder);
    assert_eq!(folder.files(), good.files);
    // A copy may have left out what is empty.
    folder.put(&Files::from([(BOARD.into(), good.files[BOARD].clone())]));
    fs::remove_dir(folder.file("checkpoints")).unwrap();
    let (mut writer, _) = resume(&folder);
    let signed = good.signers.sign(&good.world.manifest, writer.head(), &[0, 1]);
    writer.checkpoint(&signed).unwrap();
    assert_eq!(folder.files()[&good.last_checkpoint()], signed.to_string().as_bytes());
}

#[test]
fn a_new_record_needs_an_empty_folder() {
    let folder = Folder::new("new");
    let nested = Folder(folder.file("a/b"));
    drop(Writer::create(&nested.0).unwrap());
    for path in [&folder, &nested] {
        let error = Writer::create(&path.0).unwrap_err();
        assert!(matches!(&error, WriteError::NotEmpty(found) if *found == path.0), "{error}");
        assert!(error.to_string().ends_with("a new record needs an empty folder"));
    }
    assert_eq!(resume(&nested).0.head(), Tree::default().head());
    fs::write(folder.file("file"), "").unwrap();
    let error = Writer::create(&folder.file("file")).unwrap_err();
    assert!(matches!(error, WriteError::Folder(FolderError::Io(..))), "{error}");
    let error = Writer::resume(&folder.file("nothing")).unwrap_err();
    assert!(matches!(error, WriteError::Folder(FolderError::Io(..))), "{error}");
    assert!(!folder.file("nothing").exists());
}

#[test]
fn a_board_that_is_another_or_behind_is_refused() {
    let folder = Folder::new("other");
    let good = Recorded::tiny(14, 0);
    let mut world = World::referendum(14);
    let short = world.open();
    let mut writer = Writer::create(&folder.0).unwrap();
    writer.follow(&good.board).unwrap();
    writer.follow(&good.board).unwrap();
    let size = good.board.state().size();
    match writer.follow(&Board::new()).unwrap_err() {
        WriteError::Behind { found: 0, expected } => assert_eq!(expected, size),
        other => panic!("{other}"),
    }
    let manifest = &good.world.manifest;
    let other = short.state().head();
    let refused = |writer: &mut Writer, head| match writer
        .checkpoint(&good.signers.sign(manifest, head, &[]))
        .unwrap_err()
    {
        WriteError::OtherBoard { found, expected } => {
            assert_eq!((found, expected), (head, good.board.state().head()));
        }
        other => panic!("{other}"),
    };
    refused(&mut writer, other);
    // An earlier one that was not written then is not known to be of this board.
    let mut tree = Tree::default();
    Entries::new(good.board.bytes()).take(5).for_each(|entry| tree.push(entry.unwrap()));
    refused(&mut writer, tree.head());
    assert!(record::Folder::open(&folder.0).unwrap().checkpoints().unwrap().is_empty());
}

#[test]
fn a_checkpoint_gathers_cosignatures() {
    let folder = Folder::new("cosigned");
    let good = Recorded::tiny(15, 0);
    let mut writer = Writer::create(&folder.0).unwrap();
    let sign = |head, witnesses: &[usize]| good.signers.sign(&good.world.manifest, head, witnesses);
    let notes = || record::Folder::open(&folder.0).unwrap().checkpoints().unwrap();
    let first = writer.head();
    writer.checkpoint(&sign(first, &[])).unwrap();
    writer.follow(&good.board).unwrap();
    let last = writer.head();
    writer.checkpoint(&sign(last, &[0])).unwrap();
    writer.checkpoint(&sign(last, &[0, 2])).unwrap();
    assert_eq!(notes(), [sign(first, &[]), sign(last, &[0, 2])]);
    // One that was written before, and now has more signatures.
    writer.checkpoint(&sign(first, &[1])).unwrap();
    assert_eq!(notes(), [sign(first, &[1]), sign(last, &[0, 2])]);
    drop(writer);
    // The same after a restart.
    let (mut writer, cut) = resume(&folder);
    assert_eq!(cut, None);
    writer.checkpoint(&sign(first, &[1, 2])).unwrap();
    writer.checkpoint(&sign(last, &[0, 1, 2])).unwrap();
    // New ones stand behind those that were there.
    assert_eq!(notes(), [sign(first, &[1, 2]), sign(last, &[0, 2, 1])]);
    assert_eq!(fs::read_dir(folder.file("checkpoints")).unwrap().count(), 2);
}

#[test]
fn views_are_written_once_there_is_something_to_show() {
    let folder = Folder::new("views");
    let mut world = World::referendum(16);
    let mut writer = Writer::create(&folder.0).unwrap();
    let names = || -> Vec<String> {
        folder.files().into_keys().filter(|name| name.ends_with(".json")).collect()
    };
    writer.views(Board::new().state()).unwrap();
    assert!(names().is_empty());
    writer.views(world.open().state()).unwrap();
    assert_eq!(names(), ["manifest.json"]);
    let Recorded { world, board, .. } = Recorded::tiny(16, 0);
    writer.views(board.state()).unwrap();
    assert_eq!(names(), ["manifest.json", "result.json"]);
    let views = record::Folder::open(&folder.0).unwrap().views().unwrap();
    let expected = tabella::views::result(board.state().outcome().unwrap());
    assert_eq!(views["result.json"].read().unwrap(), expected.as_bytes());
    let expected = tabella::views::manifest(&world.manifest);
    assert_eq!(views["manifest.json"].read().unwrap(), expected.as_bytes());
}

#[test]
fn what_no_crash_leaves_is_not_touched() {
    let folder = Folder::new("broken");
    let mut writer = Writer::create(&folder.0).unwrap();
    let entry = [Kind::Ballot as u8, 1];
    (0..SEGMENT + 5).for_each(|_| writer.append(&entry).unwrap());
    writer.sync().unwrap();
    drop(writer);
    let good = folder.files();
    let next = "board/00000001.bin";
    let log = |files: &Files| {
        folder.put(files);
        match error(&folder) {
            WriteError::Log(error) => error,
            other => panic!("{other}"),
        }
    };
    // A segment before the last is short, torn, or too long.
    let mut files = good.clone();
    files.get_mut(BOARD).unwrap().truncate(4 * 4095);
    let short = LogError::Short { file: BOARD.into(), found: 4095, expected: SEGMENT };
    assert_eq!(log(&files), short);
    assert_eq!(folder.files(), files);
    files.get_mut(BOARD).unwrap().push(0);
    let torn = Torn { at: 4 * 4095, missing: 1 };
    assert_eq!(log(&files), LogError::Torn { file: BOARD.into(), torn });
    assert_eq!(folder.files(), files);
    let mut files = good.clone();
    files.get_mut(BOARD).unwrap().push(0);
    assert_eq!(log(&files), LogError::Long { file: BOARD.into(), at: 4 * SEGMENT });
    assert_eq!(folder.files(), files);
    // An entry is no object, nor a part of one.
    let mut files = good.clone();
    files.get_mut(next).unwrap().extend_from_slice(&[0, 1, 0xff, 0, 1]);
    folder.put(&files);
    let form = error(&folder);
    assert!(matches!(form, WriteError::Form { entry, .. } if entry == SEGMENT + 5), "{form}");
    assert_eq!(folder.files(), files);
    let mut files = good;
    files.remove(BOARD).unwrap();
    folder.put(&files);
    let missing = error(&folder);
    assert!(matches!(missing, WriteError::Folder(FolderError::Missing(_))), "{missing}");
    assert_eq!(folder.files(), files);
}
