//! Writing a record: whatever a crash leaves, everything complete is kept, and the writer continues to the same bytes.

use attacks::{
    World,
    folder::{BOARD, Files, Folder, Recorded},
};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write, stdin},
    process::{Child, Command, Stdio},
};
use tabella::{
    board::{Board, Kind},
    log::{
        Entries, ReadLog,
        checkpoint::{LogSecret, SignatureError, SignedCheckpoint},
        merkle::Tree,
    },
    record::{self, Cut, FolderError, WriteError, Writer},
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
    let good = Recorded::tiny(11, 0);
    let bytes = good.board.bytes();
    assert_eq!(bytes, good.files[BOARD]);
    let mut starts = vec![0];
    let mut entries = Entries::new(bytes);
    while entries.next().is_some() {
        starts.push(entries.at());
    }
    // A disk handles several at once.
    let parts = 16;
    std::thread::scope(|scope| {
        for part in 0..parts {
            let (good, starts) = (&good, &starts);
            scope.spawn(move || {
                let folder = Folder::new(&format!("crash-{part}"));
                (part..=bytes.len()).step_by(parts).for_each(|at| crash(good, starts, &folder, at));
            });
        }
    });
    // A complete record is not cut.
    let folder = Folder::new("crash");
    folder.put(&good.files);
    assert_eq!(resume(&folder).1, None);
    assert_eq!(folder.files(), good.files);
}

/// Only this many bytes were written.
fn crash(good: &Recorded, starts: &[usize], folder: &Folder, at: usize) {
    let bytes = good.board.bytes();
    fs::create_dir_all(folder.file("board")).unwrap();
    fs::write(folder.file(BOARD), &bytes[..at]).unwrap();
    let (mut writer, cut) = resume(folder);
    let whole = starts.iter().rposition(|start| *start <= at).unwrap();
    let torn = (at - starts[whole]) as u64;
    let expected = Cut { entry: whole as u64, entries: 0, torn };
    assert_eq!(cut, (torn > 0).then_some(expected), "{at}");
    assert_eq!(writer.head().size, whole as u64);
    assert_eq!(fs::read(folder.file(BOARD)).unwrap(), &bytes[..starts[whole]], "{at}");
    if at.is_multiple_of(7) {
        writer.follow(&good.board).unwrap();
        writer.sync().unwrap();
        assert_eq!(writer.head(), good.board.state().head());
        assert_eq!(fs::read(folder.file(BOARD)).unwrap(), bytes, "{at}");
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
    // Reading needs no repair.
    assert_eq!(read(&folder).len() as u64, good.board.state().size());
    drop(writer);
    let (held, _) = resume(&folder);
    let text = error(&folder).to_string();
    assert!(text.ends_with("another process holds it"), "{text}");
    drop(held);
    resume(&folder);
}

/// The folder in which another process creates a record.
const OTHER: &str = "TABELLA_TEST_WRITER";

/// The other process of the next test: on request it creates a record, reports how that went, and holds the record until the
/// next request.
#[test]
fn another_process_creates_a_record() {
    let Ok(folder) = env::var(OTHER) else { return };
    let good = Recorded::tiny(12, 0);
    let mut words = stdin().lines();
    println!("ready");
    words.next();
    let created = Writer::create(folder.as_ref()).and_then(|mut writer| {
        writer.follow(&good.board)?;
        writer.sync()?;
        Ok(writer)
    });
    match &created {
        Ok(writer) => println!("acknowledged {}", writer.head().size),
        Err(error) => println!("refused: {error}"),
    }
    words.next();
}

/// The next line of a process that does not come from the test harness.
fn said(output: &mut impl BufRead) -> String {
    let lines = output.lines().map_while(Result::ok);
    let mut own = lines.filter(|line| {
        ["ready", "acknowledged", "refused"].iter().any(|word| line.starts_with(word))
    });
    own.next().unwrap()
}

#[test]
fn of_two_processes_one_writes_and_loses_nothing() {
    let good = Recorded::tiny(12, 0);
    for round in 0..8 {
        let folder = Folder::new(&format!("processes{round}"));
        let start = || {
            let mut command = Command::new(env::current_exe().unwrap());
            command.args(["--exact", "writer::another_process_creates_a_record", "--nocapture"]);
            let pipes = command.env(OTHER, &folder.0).stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = pipes.spawn().unwrap();
            let output = BufReader::new(child.stdout.take().unwrap());
            (child, output)
        };
        let mut processes = [start(), start()];
        let say = |child: &mut Child| writeln!(child.stdin.as_mut().unwrap()).unwrap();
        for (_, output) in &mut processes {
            assert_eq!(said(output), "ready");
        }
        processes.iter_mut().for_each(|(child, _)| say(child));
        let mut answers = processes.each_mut().map(|(_, output)| said(output));
        answers.sort();
        assert_eq!(answers[0], format!("acknowledged {}", good.board.state().size()));
        assert!(answers[1].starts_with("refused: "), "{answers:?}");
        for (mut child, _) in processes {
            say(&mut child);
            assert!(child.wait().unwrap().success());
        }
        assert_eq!(fs::read(folder.file(BOARD)).unwrap(), good.files[BOARD]);
    }
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
    // A copy may omit empty files.
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
    // A crash may have come before anything was written; then it is begun once more.
    drop(Writer::create(&nested.0).unwrap());
    let full = Folder(folder.file("a/full"));
    drop(Writer::create(&full.0).unwrap());
    fs::write(full.file(BOARD), "x").unwrap();
    for path in [&folder, &full] {
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
    let files = folder.files();
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
    // An earlier checkpoint that was not written then is not known to be of this board.
    let mut tree = Tree::default();
    Entries::new(good.board.bytes()).take(5).for_each(|entry| tree.push(entry.unwrap()));
    refused(&mut writer, tree.head());
    assert_eq!(folder.files(), files);
    assert!(record::Folder::open(&folder.0).unwrap().checkpoints().unwrap().is_empty());
}

/// All objects of a board without large ones.
fn objects(board: &Board) -> Vec<Vec<u8>> {
    Entries::new(board.bytes()).map(|entry| entry.unwrap().to_vec()).collect()
}

#[test]
fn a_record_is_that_of_one_board() {
    let folder = Folder::new("one");
    let good = Recorded::tiny(17, 0);
    // Other elections, one of them longer.
    let (others, mut rng) = ([Recorded::tiny(18, 0), Recorded::tiny(19, 3)], attacks::rng(17));
    let all = objects(&good.board);
    let mut before = Board::new();
    for object in &all[..4] {
        before.post(object, &mut rng).unwrap();
    }
    let mut writer = Writer::create(&folder.0).unwrap();
    writer.follow(&before).unwrap();
    assert_eq!(writer.manifest(), Some(&good.world.manifest));
    let (head, files) = (writer.head(), folder.files());
    let diverged = |error: WriteError| {
        assert!(matches!(error, WriteError::Diverged { size: 4 }), "{error}");
        assert_eq!(folder.files(), files);
    };
    for other in &others {
        diverged(writer.follow(&other.board).unwrap_err());
        let object = objects(&other.board)[4].clone();
        diverged(writer.append(&object, other.board.state()).unwrap_err());
        diverged(writer.append(&object, before.state()).unwrap_err());
        let error = writer.views(other.board.state()).unwrap_err();
        assert!(matches!(error, WriteError::OtherBoard { .. }), "{error}");
    }
    // Junk, objects already there, later ones, and ones not yet accepted.
    for object in [&[][..], &[77], &[5, 1, 2], &all[3], &all[4], &all[6]] {
        diverged(writer.append(object, before.state()).unwrap_err());
        diverged(writer.append(object, good.board.state()).unwrap_err());
    }
    // The right one continues, object by object.
    for object in &all[4..] {
        before.post(object, &mut rng).unwrap();
        writer.append(object, before.state()).unwrap();
    }
    assert_ne!(writer.head(), head);
    drop(writer);
    let (mut writer, cut) = resume(&folder);
    assert_eq!((cut, writer.manifest()), (None, Some(&good.world.manifest)));
    writer.follow(&good.board).unwrap();
    assert_eq!(folder.files()[BOARD], good.files[BOARD]);
    let error = writer.follow(&others[1].board).unwrap_err();
    assert!(error.to_string().contains("does not continue the"), "{error}");
}

/// A folder that somebody else filled is not a record to continue, whatever a board would accept.
#[test]
fn a_record_begins_with_its_manifest_and_has_no_other() {
    let folder = Folder::new("mixed");
    let (good, other) = (Recorded::tiny(20, 0), Recorded::tiny(21, 0));
    let framed = |entry: &[u8]| [&(entry.len() as u16).to_be_bytes(), entry].concat();
    let manifest = objects(&other.board)[0].clone();
    let bytes = &good.files[BOARD];
    type Expected = fn(&WriteError) -> bool;
    let cases: [(Vec<u8>, Expected); 5] = [
        (framed(&[5, 1]), |e| matches!(e, WriteError::OutOfPlace { entry: 0, kind: Kind::Ballot })),
        ([&bytes[..], &framed(&manifest)].concat(), |e| {
            matches!(e, WriteError::OutOfPlace { kind: Kind::Manifest, .. })
        }),
        (other.files[BOARD].repeat(2), |e| {
            matches!(e, WriteError::OutOfPlace { kind: Kind::Manifest, .. })
        }),
        (framed(&[1, 2, 3]), |e| matches!(e, WriteError::Form { entry: 0, .. })),
        ([&bytes[..], &framed(&[77])].concat(), |e| matches!(e, WriteError::Form { .. })),
    ];
    for (number, (bytes, expected)) in cases.into_iter().enumerate() {
        let files = Files::from([(BOARD.into(), bytes)]);
        folder.put(&files);
        let error = error(&folder);
        assert!(expected(&error), "{number}: {error}");
        assert_eq!(folder.files(), files);
    }
    // A record with the checkpoints of another: no key of the manifest signed them.
    let mut files = good.files.clone();
    let head = good.board.state().head();
    let name = good.last_checkpoint();
    files.insert(
        name.clone(),
        other.signers.sign(&good.world.manifest, head, &[]).to_string().into(),
    );
    folder.put(&files);
    let missing = error(&folder);
    let WriteError::Signature { size, error: SignatureError::Missing { .. } } = missing else {
        panic!("{missing}")
    };
    assert_eq!(size, head.size);
    assert_eq!(folder.files(), files);
    files.insert(name, other.signers.sign(&other.world.manifest, head, &[]).to_string().into());
    folder.put(&files);
    let origin = error(&folder);
    assert!(matches!(origin, WriteError::Signature { .. }), "{origin}");
}

/// What a witness, or whoever transmits the text, adds to it does not reach the record.
#[test]
fn of_a_checkpoint_only_what_counts_is_written() {
    let folder = Folder::new("counts");
    let good = Recorded::tiny(22, 0);
    let (manifest, head) = (&good.world.manifest, good.board.state().head());
    let mut writer = Writer::create(&folder.0).unwrap();
    let early = writer.checkpoint(&good.signers.sign(manifest, Tree::default().head(), &[]));
    assert!(matches!(early, Err(WriteError::NoLog)), "{early:?}");
    writer.follow(&good.board).unwrap();
    let sign = |by: &[usize]| good.signers.sign(manifest, head, by);
    let stored = || fs::read_to_string(folder.file(&good.last_checkpoint())).unwrap();
    writer.checkpoint(&sign(&[0])).unwrap();
    let kept = stored();

    let lines = |note: &SignedCheckpoint| -> Vec<String> {
        note.signatures().iter().map(ToString::to_string).collect()
    };
    let own = lines(&sign(&[0, 1]));
    let junk = |n: usize| format!("— junk{n} {}", &own[2][own[2].len() - 41..]);
    // 97 unknown lines, one of them long, and one with the name of a witness but not its signature.
    let mut text = sign(&[]).to_string();
    (0..96).for_each(|n| text.push_str(&junk(n)));
    text.push_str(&format!("— long {}\n", "AAAA".repeat(30_000)));
    let of_another = lines(&good.signers.sign(manifest, Tree::default().head(), &[2]));
    text.push_str(&of_another[1]);
    let full: SignedCheckpoint = text.parse().unwrap();
    assert!(text.len() > 100_000 && full.signatures().len() == 99);
    writer.checkpoint(&full).unwrap();
    assert_eq!(stored(), kept);
    let mut answered = full.clone();
    let witness = good.signers.witnesses[1].public();
    answered.add_answer(witness, &own[2]).unwrap();
    writer.checkpoint(&answered).unwrap();
    assert_eq!(stored(), sign(&[0, 1]).to_string());

    // A copy from elsewhere is as long as it can be; a writer repairs it.
    drop(writer);
    let mut text = stored();
    (0..97).for_each(|n| text.push_str(&junk(n)));
    fs::write(folder.file(&good.last_checkpoint()), &text).unwrap();
    let (mut writer, _) = resume(&folder);
    writer.checkpoint(&sign(&[2])).unwrap();
    assert_eq!(stored(), sign(&[0, 1, 2]).to_string());

    // Without the log's signature it is not a checkpoint.
    let other = LogSecret::from_seed(&[5; 32]).sign(full.checkpoint());
    let text = stored();
    let missing = writer.checkpoint(&other).unwrap_err();
    assert!(matches!(missing, WriteError::Signature { .. }), "{missing}");
    assert_eq!(stored(), text);
}

#[test]
fn a_checkpoint_gathers_cosignatures() {
    let folder = Folder::new("cosigned");
    let good = Recorded::tiny(15, 0);
    let mut writer = Writer::create(&folder.0).unwrap();
    let sign = |head, witnesses: &[usize]| good.signers.sign(&good.world.manifest, head, witnesses);
    let notes = || record::Folder::open(&folder.0).unwrap().checkpoints().unwrap();
    let (mut early, mut rng) = (Board::new(), attacks::rng(15));
    for object in &objects(&good.board)[..3] {
        early.post(object, &mut rng).unwrap();
    }
    writer.follow(&early).unwrap();
    let first = writer.head();
    writer.checkpoint(&sign(first, &[])).unwrap();
    writer.follow(&good.board).unwrap();
    let last = writer.head();
    writer.checkpoint(&sign(last, &[0])).unwrap();
    writer.checkpoint(&sign(last, &[0, 2])).unwrap();
    assert_eq!(notes(), [sign(first, &[]), sign(last, &[0, 2])]);
    // A checkpoint that was written before and now has more signatures.
    writer.checkpoint(&sign(first, &[1])).unwrap();
    assert_eq!(notes(), [sign(first, &[1]), sign(last, &[0, 2])]);
    drop(writer);
    // The same after a restart.
    let (mut writer, cut) = resume(&folder);
    assert_eq!(cut, None);
    writer.checkpoint(&sign(first, &[1, 2])).unwrap();
    writer.checkpoint(&sign(last, &[0, 1, 2])).unwrap();
    // New ones come after the earlier ones.
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
    let open = world.open();
    let ahead = writer.views(open.state()).unwrap_err();
    assert!(matches!(ahead, WriteError::OtherBoard { .. }), "{ahead}");
    writer.follow(&open).unwrap();
    writer.views(open.state()).unwrap();
    assert_eq!(names(), ["manifest.json"]);
    drop(writer);
    fs::remove_dir_all(&folder.0).unwrap();
    let mut writer = Writer::create(&folder.0).unwrap();
    let Recorded { world, board, .. } = Recorded::tiny(16, 0);
    writer.follow(&board).unwrap();
    writer.views(board.state()).unwrap();
    assert_eq!(names(), ["manifest.json", "result.json"]);
    let views = record::Folder::open(&folder.0).unwrap().views().unwrap();
    let expected = tabella::views::result(board.state().outcome().unwrap());
    assert_eq!(views["result.json"].read().unwrap(), expected.as_bytes());
    let expected = tabella::views::manifest(&world.manifest);
    assert_eq!(views["manifest.json"].read().unwrap(), expected.as_bytes());
}
