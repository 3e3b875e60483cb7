use super::{writer::Disk, *};
use crate::{
    board::{
        Accepted, Board, BoardError, Refusal, ReplayError, Snapshot, SnapshotError, fixture::Small,
    },
    log::{Entries, segment_name},
    roll::{Credential, Registration, RollError},
};
use alloc::{boxed::Box, format, sync::Arc, vec::Vec};
use core::ops::ControlFlow;
use rand_core::OsRng;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Mutex,
};

/// A folder of its own for each test, gone at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("tabella-board-{name}-{}", std::process::id());
        let place = Self(std::env::temp_dir().join(name));
        let _ = fs::remove_dir_all(&place.0);
        place
    }

    fn snapshot(&self) -> PathBuf {
        self.0.with_extension("snapshot")
    }

    fn open(&self) -> Result<Opened, WriteError> {
        open(&self.0, &mut OsRng)
    }

    fn segment(&self) -> PathBuf {
        self.0.join(segment_name(0))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.snapshot());
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A machine that stops at one of its writes or syncs.
#[derive(Clone, Debug, Default)]
struct Power {
    calls: Arc<Mutex<usize>>,
    /// The number of the call at which it stops.
    stops: Option<usize>,
    /// How many bytes of the segment have reached the disk.
    synced: Arc<Mutex<u64>>,
}

impl Power {
    fn call(&self) -> io::Result<()> {
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        match self.stops {
            Some(stops) if *calls > stops => Err(io::Error::from(io::ErrorKind::Interrupted)),
            _ => Ok(()),
        }
    }

    fn is_at_its_end(&self) -> bool {
        self.stops.is_some_and(|stops| *self.calls.lock().unwrap() == stops + 1)
    }
}

impl Disk for Power {
    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        match self.call() {
            Ok(()) => file.write_all(bytes),
            Err(error) => {
                if self.is_at_its_end() {
                    file.write_all(&bytes[..bytes.len() / 2])?;
                }
                Err(error)
            }
        }
    }

    fn sync(&mut self, path: &Path, file: &File) -> io::Result<()> {
        self.call()?;
        if path.extension().is_some_and(|end| end == "bin") {
            *self.synced.lock().unwrap() = file.metadata()?.len();
        }
        Ok(())
    }
}

/// The objects of a board, in the groups in which they arrive.
fn groups(small: &Small) -> Vec<Vec<Vec<u8>>> {
    let entries = Entries::new(small.board.bytes());
    let mut groups: Vec<_> = entries.map(|entry| [entry.unwrap().to_vec()].into()).collect();
    let ballots = small.ballots(6);
    groups.extend([&ballots[..3], &ballots[3..4], &ballots[4..]].map(<[_]>::to_vec));
    groups
}

/// The machine stops at every write and every sync in turn, and then has lost all, some or nothing of what it was not yet told to
/// sync. Every object that was acknowledged is there, and the board goes on to the same end.
#[test]
fn an_acknowledged_object_survives_every_crash() {
    let (place, small) = (Place::new("crash"), Small::open());
    let groups = groups(&small);
    let all: Vec<Vec<u8>> = groups.concat();
    let work = |disk: Power, acknowledged: &mut u64| -> Option<DiskBoard> {
        let mut board = Board::on(Writer::create_on(&place.0, Box::new(disk)).ok()?);
        for group in &groups {
            for result in board.post_all(group, &mut OsRng) {
                match result {
                    Ok(Accepted { entry, .. }) => {
                        assert_eq!(entry, *acknowledged);
                        *acknowledged += 1;
                    }
                    Err(refusal) => assert_eq!(refusal, Refusal::Unsaved),
                }
            }
        }
        Some(board)
    };
    let power = Power::default();
    let mut count = 0;
    drop(work(power.clone(), &mut count).unwrap());
    assert_eq!(count, all.len() as u64);
    let whole = fs::read(place.segment()).unwrap();
    let calls = *power.calls.lock().unwrap();
    // Two for each group at least, and the three ballots have one sync.
    assert!(calls > 2 * groups.len());
    for stops in 0..calls {
        for lost in 0..3 {
            fs::remove_dir_all(&place.0).unwrap();
            let power = Power { stops: Some(stops), ..Power::default() };
            let mut acknowledged = 0;
            let Some(mut board) = work(power.clone(), &mut acknowledged) else {
                assert_eq!(acknowledged, 0);
                fs::create_dir_all(&place.0).unwrap();
                continue;
            };
            assert!(board.failure().is_some() && acknowledged < all.len() as u64);
            assert_eq!(board.post(&all[0], &mut OsRng), Err(Refusal::Unsaved));
            let receipt = board.receipt(&small.operator, acknowledged, &mut OsRng).unwrap_err();
            assert_eq!(receipt, BoardError::Refused(Refusal::Unsaved));
            drop(board);
            let (synced, length) =
                (*power.synced.lock().unwrap(), fs::metadata(place.segment()).unwrap().len());
            let left = [length, synced, (length + synced) / 2][lost];
            File::options().write(true).open(place.segment()).unwrap().set_len(left).unwrap();
            let Opened { mut board, .. } = Opening::of(&place.0).open(&mut OsRng).unwrap();
            let size = board.state().size();
            assert!(size >= acknowledged, "{stops}, {lost}: {size}, {acknowledged}");
            for result in board.post_all(&all[size as usize..], &mut OsRng) {
                result.unwrap();
            }
            drop(board);
            assert_eq!(fs::read(place.segment()).unwrap(), whole, "{stops}, {lost}");
        }
    }
}

#[test]
fn a_board_on_disk_is_the_board_in_memory() {
    let (place, small) = (Place::new("same"), Small::open());
    let groups = groups(&small);
    let mut memory = Board::new();
    let mut disk = create(&place.0).unwrap();
    assert!(matches!(open(&place.0, &mut OsRng), Err(WriteError::Held(_))));
    for group in &groups {
        assert_eq!(disk.post_all(group, &mut OsRng), memory.post_all(group, &mut OsRng));
    }
    // What is refused is not written.
    let again = groups.last().unwrap();
    assert_eq!(disk.post_all(again, &mut OsRng), memory.post_all(again, &mut OsRng));
    drop(disk);
    assert_eq!(fs::read(place.segment()).unwrap(), memory.bytes());
    let Opened { mut board, cut, .. } = open(&place.0, &mut OsRng).unwrap();
    assert_eq!((cut, board.state().head()), (None, memory.state().head()));
    for index in (0..=memory.state().size()).rev() {
        assert_eq!(board.read(index).unwrap().as_deref(), memory.entry(index));
    }
    for index in 0..memory.state().size() {
        let proof = board.hashes().inclusion(index, board.state().size()).unwrap();
        proof.verify(memory.entry(index).unwrap(), &board.state().head()).unwrap();
    }
    // The operator goes on as with any board.
    let mut trustees = [small.trustee];
    board.close(&small.operator, &mut trustees, &mut OsRng).unwrap();
    board.tally(&small.operator, &mut OsRng).unwrap();
    let closed = board.state().head();
    drop(board);
    let opened = open(&place.0, &mut OsRng).unwrap();
    assert_eq!(opened.board.state().head(), closed);
    // An entry that the rules refuse.
    drop(opened);
    let mut bytes = memory.bytes().to_vec();
    let ballot = &groups.last().unwrap()[0];
    bytes.extend_from_slice(&(ballot.len() as u16).to_be_bytes());
    bytes.extend_from_slice(ballot);
    fs::write(place.segment(), bytes).unwrap();
    assert!(matches!(open(&place.0, &mut OsRng), Err(WriteError::Replay(_))));
}

#[test]
fn a_snapshot_beside_the_record_saves_proofs_and_decides_nothing() {
    let (place, small) = (Place::new("snapshot"), Small::open());
    let groups = groups(&small);
    fs::write(place.snapshot(), "of another record").unwrap();
    let mut board = create(&place.0).unwrap();
    assert!(!place.snapshot().exists());
    for group in &groups {
        for result in board.post_all(group, &mut OsRng) {
            result.unwrap();
        }
    }
    let head = board.state().head();
    let state = |opened: &Opened| {
        assert_eq!(opened.board.state().head(), head);
        (opened.board.state().counted(), opened.board.state().next_tally())
    };
    let expected = (board.state().counted(), board.state().next_tally());
    drop(board);
    // Nothing of it is in the folder, and what reads records knows nothing of it.
    let good = fs::read(place.snapshot()).unwrap();
    assert!(Folder::open(&place.0).is_ok());
    let known = Snapshot::from_bytes(&good).unwrap().head().size;
    assert!(known > 8 && known <= head.size);

    let opened = place.open().unwrap();
    assert_eq!(opened.known.as_ref().unwrap(), &known);
    assert_eq!(state(&opened), expected);
    drop(opened);
    let opened = Opening::of(&place.0).believing_nothing().open(&mut OsRng).unwrap();
    assert_eq!((opened.known.as_ref().unwrap(), state(&opened)), (&0, expected.clone()));
    drop(opened);
    // Damaged, and then a good one again.
    for bytes in [&good[..good.len() - 1], b"", &[&good[..], b"0"].concat()] {
        fs::write(place.snapshot(), bytes).unwrap();
        let opened = place.open().unwrap();
        let damaged = NoSnapshot::Snapshot(SnapshotError::Checksum);
        assert_eq!(opened.known.as_ref().unwrap_err().to_string(), damaged.to_string());
        assert_eq!(state(&opened), expected);
        drop(opened);
        assert_eq!(place.open().unwrap().known.unwrap(), head.size);
    }
    // An older one is as right.
    fs::write(place.snapshot(), &good).unwrap();
    assert_eq!(place.open().unwrap().known.unwrap(), known);
    fs::remove_file(place.snapshot()).unwrap();
    assert_eq!(place.open().unwrap().known.unwrap(), 0);
    assert!(place.snapshot().exists());

    // Entries that were acknowledged are gone.
    let whole = fs::read(place.segment()).unwrap();
    let last = groups.last().unwrap().last().unwrap().len() + 2;
    fs::write(place.segment(), &whole[..whole.len() - last]).unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, WriteError::Replay(ReplayError::OtherEntries { .. })), "{error}");
    let opened = Opening::of(&place.0).believing_nothing().open(&mut OsRng).unwrap();
    assert_eq!(opened.board.state().size(), head.size - 1);
}

#[test]
fn opening_tells_how_far_it_is() {
    let (place, small) = (Place::new("telling"), Small::open());
    let mut board = create(&place.0).unwrap();
    for group in &groups(&small) {
        for result in board.post_all(group, &mut OsRng) {
            result.unwrap();
        }
    }
    let of = board.state().size();
    drop(board);
    let before = fs::read(place.segment()).unwrap();
    // It is broken off in either stage, or at the end of none.
    for last in [Stage::Reading, Stage::Judging] {
        let mut told = Vec::new();
        let mut tell = |progress: Progress| {
            told.push(progress);
            if progress.stage == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = Opening::of(&place.0).telling(&mut tell).open(&mut OsRng).unwrap_err();
        assert!(matches!(stopped, WriteError::Replay(ReplayError::Stopped)), "{stopped}");
        let stages = [Stage::Reading, Stage::Judging].into_iter().filter(|stage| *stage <= last);
        assert!(told.iter().map(|told| told.stage).eq(stages), "{told:?}");
        assert!(told.iter().all(|told| told.of == of && told.done <= of), "{told:?}");
        assert_eq!(told[0].done, of);
        assert_eq!(fs::read(place.segment()).unwrap(), before);
    }
    let mut stop = |_| ControlFlow::Break(());
    let stopped = Writer::resume_telling(&place.0, &mut stop).map(drop).unwrap_err();
    assert!(matches!(stopped, WriteError::Replay(ReplayError::Stopped)), "{stopped}");
    assert_eq!(place.open().unwrap().board.state().size(), of);
}

/// Registrations that were acknowledged survive every crash, like ballots.
#[test]
fn an_acknowledged_registration_survives_every_crash() {
    let (place, small) = (Place::new("registrations"), Small::open());
    fs::create_dir_all(&place.0).unwrap();
    let (file, manifest) = (place.0.join("all.bin"), small.board.state().manifest().unwrap());
    let new = |_| Credential::random(&mut OsRng).unwrap().registration(manifest, 0, &mut OsRng);
    let all: Vec<Registration> = (0..6).map(new).collect::<Result<_, _>>().unwrap();
    let groups = [&all[..1], &all[1..4], &all[4..]];
    let open = |disk| Registrations::open_on(&file, manifest, Box::new(disk));
    for stops in 0.. {
        for lost in 0..3 {
            let _ = fs::remove_file(&file);
            let power = Power { stops: Some(stops), ..Power::default() };
            let mut acknowledged = 0;
            if let Ok(mut registrations) = open(power.clone()) {
                for group in groups {
                    let results = registrations.add_all(group, &mut OsRng);
                    let taken = results.iter().take_while(|result| result.is_ok());
                    assert!(taken.clone().count() == 0 || taken.count() == group.len());
                    for line in results.into_iter().flatten() {
                        assert_eq!(line, acknowledged);
                        acknowledged += 1;
                    }
                }
            }
            if acknowledged == all.len() {
                // It had no reason to stop.
                assert!(stops > 6);
                return;
            }
            let length = fs::metadata(&file).unwrap().len();
            let synced = *power.synced.lock().unwrap();
            let left = [length, synced, (length + synced) / 2][lost];
            File::options().write(true).open(&file).unwrap().set_len(left).unwrap();
            let mut registrations = Registrations::open(&file, manifest).unwrap();
            let kept = registrations.len();
            assert!(kept >= acknowledged, "{stops}, {lost}");
            assert_eq!(registrations.all().unwrap(), all[..kept]);
            for (line, result) in registrations.add_all(&all, &mut OsRng).into_iter().enumerate() {
                match result {
                    Ok(added) => assert!(added == line && line >= kept),
                    Err(RegistrationError::Roll(RollError::Duplicate { first, .. })) => {
                        assert!(first == line && line < kept);
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!(registrations.all().unwrap(), all);
        }
    }
}

#[test]
fn a_registration_that_the_roll_refuses_is_not_kept() {
    let (place, small) = (Place::new("refused"), Small::open());
    fs::create_dir_all(&place.0).unwrap();
    let (file, manifest) = (place.0.join("all.bin"), small.board.state().manifest().unwrap());
    let mut registrations = Registrations::open(&file, manifest).unwrap();
    let held = Registrations::open(&file, manifest).unwrap_err();
    assert!(matches!(held, RegistrationError::Write(WriteError::Held(_))), "{held}");
    let [good, other] = [0, 1]
        .map(|_| Credential::random(&mut OsRng).unwrap())
        .map(|voter| voter.registration(manifest, 0, &mut OsRng).unwrap());
    let (mut stolen, mut style, mut weight) = (good.clone(), other.clone(), other.clone());
    stolen.key = other.key;
    style.style = 1;
    weight.weight = 0;
    let all = [stolen, good.clone(), style, weight, good.clone()];
    let results = registrations.add_all(&all, &mut OsRng);
    let refused = |place: usize| match &results[place] {
        Err(RegistrationError::Roll(error)) => error.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(0), RollError::Possession { lines: [0].into() });
    assert_eq!(refused(2), RollError::UnknownStyle { line: 1, found: 1, styles: 1 });
    assert_eq!(refused(3), RollError::Weight { line: 1, found: 0 });
    assert_eq!(refused(4), RollError::Duplicate { line: 1, first: 0 });
    assert_eq!((results[1].as_ref().unwrap(), registrations.all().unwrap()), (&0, [good].into()));
    drop(registrations);
    // The same twice in a file, and one that cannot be read.
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, bytes.repeat(2)).unwrap();
    let twice = Registrations::open(&file, manifest).unwrap_err();
    let duplicate = RollError::Duplicate { line: 1, first: 0 };
    assert!(matches!(&twice, RegistrationError::Roll(error) if *error == duplicate), "{twice}");
    fs::write(&file, [&[0xff; 32], &bytes[32..]].concat()).unwrap();
    let error = Registrations::open(&file, manifest).unwrap().all().unwrap_err();
    assert!(matches!(error, RegistrationError::Form { line: 0, .. }), "{error}");
}
