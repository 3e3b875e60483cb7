use super::{
    open::open_on,
    writer::{Disk, Files},
    *,
};
use crate::{
    board::{Accepted, Board, BoardError, Refusal, fixture::Small},
    log::{Entries, segment_name},
};
use alloc::{boxed::Box, format, sync::Arc, vec::Vec};
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

    fn segment(&self) -> PathBuf {
        self.0.join(segment_name(0))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
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
            let Opened { mut board, .. } = open_on(&place.0, Box::new(Files), &mut OsRng).unwrap();
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
