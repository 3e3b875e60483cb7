//! A board whose entries are in a database, and what it answers without reading all of them.

use attacks::World;
use sha3::{Digest, Sha3_256};
use std::{
    borrow::Cow,
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::ControlFlow,
};
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Header, Tracker},
    board::{
        self, Board, FindError, Kind, Posted, Refusal, ReplayError, Snapshot, SnapshotError, State,
        Storage,
    },
    codec::Encode,
    contest::Contest,
    log::{
        Bytes, LogError,
        entry::entries,
        merkle::{Head, Tree},
    },
    roll::{Credential, VoterKey},
};

/// Something that keeps entries by their number.
#[derive(Clone, Debug, Default)]
struct Database {
    rows: BTreeMap<u64, Vec<u8>>,
    full: bool,
    reads: Cell<u64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("full")
    }
}

impl std::error::Error for Full {}

impl Storage for Database {
    type Error = Full;

    fn entry(&self, index: u64) -> Result<Option<Cow<'_, [u8]>>, LogError> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.rows.get(&index).map(|entry| Cow::Borrowed(&entry[..])))
    }

    fn save(&mut self, objects: &[&[u8]], state: &State) -> Result<(), Full> {
        if self.full {
            return Err(Full);
        }
        for entry in objects.iter().flat_map(|object| entries(object)) {
            self.rows.insert(self.rows.len() as u64, entry.into_owned());
        }
        assert_eq!(self.rows.len() as u64, state.size());
        Ok(())
    }
}

/// The same board in memory and in a database, with ballots that are replaced, spoiled, opened and cast by proxies.
fn boards() -> (World, Board, Board<Database>) {
    let mut world = World::new(7, (3, 2), &[0; 6], |builder| {
        let contest = Contest::choose_one("bridge", ["yes", "no"]);
        builder.minimum_cell(1).proxies(2).ballots_per_voter(3).contest(contest)
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let sealed = |world: &mut World, of: &Credential, sequence: u32, option: &str| {
        let header = Header { sequence, ..Header::remote(0) };
        let choices = Choices::new().pick("bridge", option);
        election.encrypt(of, &header, &choices, &mut world.rng).unwrap()
    };
    let voters: Vec<Credential> = world.voters.drain(..).collect();
    for (voter, sequence) in [(0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1)] {
        let ballot = sealed(&mut world, &voters[voter], sequence, "yes").cast();
        board.post(&ballot, &mut world.rng).unwrap();
    }
    for opens in [true, false] {
        let (request, spoiled) = sealed(&mut world, &voters[3], 0, "no")
            .spoil(&election, &voters[3], &mut world.rng)
            .unwrap();
        let entry = board.post(&request, &mut world.rng).unwrap().entry;
        let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
        if opens {
            board.post(&spoiled.open(&receipt, &mut world.rng).unwrap(), &mut world.rng).unwrap();
        }
    }
    world.voters = voters;
    // A proxy casts twice for the fifth voter, who then votes herself.
    let key = Credential::random(&mut world.rng).unwrap();
    let delegation = world.delegation(4, &key, 5);
    board.post(&delegation, &mut world.rng).unwrap();
    for sequence in 0..2 {
        let ballot = sealed(&mut world, &key, sequence, "no").cast();
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let own = world.voters[4].clone();
    let ballot = sealed(&mut world, &own, 0, "yes").cast();
    board.post(&ballot, &mut world.rng).unwrap();
    world.voters.push(key);

    let mut disk = Board::on(Database::default());
    let objects = objects(&board);
    for result in disk.post_all(&objects, &mut world.rng) {
        result.unwrap();
    }
    (world, board, disk)
}

#[test]
fn an_index_finds_what_a_scan_finds() {
    let (mut world, memory, database) = boards();
    let size = memory.state().size();
    let entries = || (0..size).filter_map(|index| memory.entry(index));
    let mut trackers: BTreeSet<Tracker> =
        entries().filter_map(Posted::of_entry).map(|p| p.tracker).collect();
    assert_eq!(trackers.len(), 6 + 2 + 2 + 1);
    trackers.insert([7; 32].into());
    let keys: Vec<VoterKey> = world.voters.iter().map(Credential::key).collect();
    for tracker in &trackers {
        for voter in keys.iter().map(Some).chain([None]) {
            let scanned = board::find(&mut Bytes::new(memory.bytes()), tracker, voter);
            assert_eq!(memory.find(tracker, voter), scanned);
            database.storage().reads.set(0);
            assert_eq!(database.find(tracker, voter), scanned);
            // A few times each entry of one voter and of her proxy.
            assert!(
                database.storage().reads.get() <= 2 + 2 * 3 + 6,
                "{}",
                database.storage().reads.get()
            );
        }
    }
    for voter in &keys {
        let about = |index: &u64| {
            let entry = memory.entry(*index).unwrap();
            entry.windows(32).any(|bytes| bytes == voter.as_bytes())
        };
        // The roll has the keys, too.
        let first = entries().position(|entry| Posted::of_entry(entry).is_some()).unwrap() as u64;
        let expected: Vec<u64> = (first..size).filter(about).collect();
        assert_eq!(database.entries_of(voter).unwrap(), expected);
    }
    let stranger = Credential::random(&mut world.rng).unwrap().key();
    assert_eq!(database.entries_of(&stranger), Ok(vec![]));
}

#[test]
fn every_entry_of_a_running_board_is_proven() {
    let (_, memory, database) = boards();
    let head = database.state().head();
    assert_eq!(head, memory.state().head());
    for index in 0..head.size {
        let proof = database.hashes().inclusion(index, head.size).unwrap();
        proof.verify(&database.read(index).unwrap().unwrap(), &head).unwrap();
    }
    let old = database.hashes().head(head.size - 3).unwrap();
    database.hashes().consistency(old.size, head.size).unwrap().verify(&old, &head).unwrap();
}

#[test]
fn a_board_is_loaded_from_what_it_saved() {
    let (mut world, _, saved) = boards();
    let database = saved.storage().clone();
    let loaded = Board::load(database.clone(), &mut world.rng).unwrap();
    assert_eq!(loaded.state().head(), saved.state().head());
    assert_eq!(loaded.state().counted(), saved.state().counted());
    let load =
        |database: Database, world: &mut World| Board::load(database, &mut world.rng).map(drop);
    // An entry is gone, changed, or there twice.
    let last = loaded.state().size() - 1;
    let mut gone = database.clone();
    gone.rows.remove(&(last - 4));
    assert_eq!(Board::load(gone, &mut world.rng).unwrap().state().size(), last - 4);
    let mut changed = database.clone();
    *changed.rows.get_mut(&last).unwrap().last_mut().unwrap() ^= 1;
    assert!(
        matches!(load(changed, &mut world), Err(ReplayError::Refused { entry, .. }) if entry == last)
    );
    let mut twice = database.clone();
    twice.rows.insert(last + 1, database.rows[&last].clone());
    let expected =
        ReplayError::Refused { entry: last + 1, refusal: Refusal::AlreadyOnBoard { entry: last } };
    assert_eq!(load(twice, &mut world), Err(expected));
}

#[test]
fn a_storage_that_fails_takes_nothing_more() {
    let (mut world, _, mut board) = boards();
    let election = board.election().unwrap().clone();
    let ballot =
        world.ballot(&election, 5, &Header::remote(0), &Choices::new().pick("bridge", "yes"));
    let entry = board.state().size();
    board.storage_mut().full = true;
    assert_eq!(board.failure(), None);
    // What is refused has its own reason.
    let wrong = world.ballot(
        &election,
        5,
        &Header { sequence: 1, ..Header::remote(0) },
        &Choices::new().pick("bridge", "no"),
    );
    let results = board.post_all(&[&wrong, &ballot], &mut world.rng);
    let sequence = Refusal::WrongSequence { found: 1, expected: 0 };
    assert_eq!(results, [Err(sequence), Err(Refusal::Unsaved)]);
    assert_eq!(board.failure(), Some(&Full));
    board.storage_mut().full = false;
    assert_eq!(board.post(&ballot, &mut world.rng), Err(Refusal::Unsaved));
    assert!(board.receipt(&world.operator, 5, &mut world.rng).is_err());
    assert!(board.freeze(&world.operator, &mut world.rng).is_err());
    // Opened again, it goes on.
    let mut board = Board::load(board.storage().clone(), &mut world.rng).unwrap();
    assert_eq!(board.post(&ballot, &mut world.rng).unwrap().entry, entry);
    assert!(matches!(
        board.find(&board_tracker(&board, entry), Some(&world.voters[0].key())),
        Err(FindError::OtherVoter(_))
    ));
}

fn board_tracker(board: &Board<Database>, entry: u64) -> Tracker {
    Posted::of_entry(&board.read(entry).unwrap().unwrap()).unwrap().tracker
}

/// The entries of a finished election in a database, and what a program knew of each board on the way.
fn finished() -> (World, Board, Database, Vec<Snapshot>) {
    let (mut world, mut memory, _) = boards();
    world.finish(&mut memory, &[0, 1]);
    let mut board = Board::on(Database::default());
    let mut snapshots = Vec::new();
    for object in objects(&memory) {
        board.post(&object, &mut world.rng).unwrap();
        snapshots.extend(Snapshot::of(board.state()));
    }
    let database = board.storage().clone();
    (world, memory, database, snapshots)
}

/// All objects of a board that are one entry each.
fn objects(board: &Board) -> Vec<Vec<u8>> {
    (0..).map_while(|index| board.entry(index)).map(<[u8]>::to_vec).collect()
}

fn load(
    database: &Database,
    snapshot: &Snapshot,
    world: &mut World,
) -> Result<(Board<Database>, u64), ReplayError> {
    let progress = &mut |_| ControlFlow::Continue(());
    Board::load_from(database.clone(), Some(snapshot), progress, &mut world.rng)
}

#[test]
fn a_board_from_a_snapshot_is_the_board() {
    let (mut world, memory, database, snapshots) = finished();
    let roll = memory.state().size() - snapshots.len() as u64 + 1;
    for (size, snapshot) in (roll..).zip(&snapshots) {
        let snapshot = Snapshot::from_bytes(&snapshot.to_bytes()).unwrap();
        assert_eq!(snapshot.head(), memory.hashes().head(size).unwrap());
        let (board, known) = load(&database, &snapshot, &mut world).unwrap();
        assert_eq!(known, size);
        let (found, expected) = (board.state(), memory.state());
        assert_eq!((found.head(), found.counted()), (expected.head(), expected.counted()));
        assert_eq!(found.partial_tally(), expected.partial_tally());
        assert_eq!(found.next_tally(), expected.next_tally());
        assert_eq!((found.spoiled(), found.opened_spoils()), (2, 1));
        assert!(found.outcome().is_some());
        // Of the first entries alone, and then the others.
        let mut first = database.clone();
        first.rows.retain(|index, _| *index < size);
        let (mut board, _) = load(&first, &snapshot, &mut world).unwrap();
        for object in &objects(&memory)[size as usize..] {
            board.post(object, &mut world.rng).unwrap();
        }
        assert_eq!(board.state().partial_tally(), expected.partial_tally());
    }
    assert!(Snapshot::of(&State::new()).is_none());
}

#[test]
fn a_snapshot_of_other_entries_is_not_believed() {
    let (mut world, memory, database, snapshots) = finished();
    let (last, size) = (snapshots.last().unwrap(), memory.state().size());
    let expected = last.head();
    let mut shorter = database.clone();
    shorter.rows.remove(&(size - 1));
    let found = memory.hashes().head(size - 1).unwrap();
    let error = load(&shorter, last, &mut world).unwrap_err();
    assert_eq!(error, ReplayError::OtherEntries { found, expected });
    // Another ballot of the same voter.
    let ballot = snapshots[1].head().size - 1;
    let election = memory.election().unwrap().clone();
    let mut other = vec![Kind::Ballot as u8];
    world
        .ballot(&election, 0, &Header::remote(0), &Choices::new().pick("bridge", "no"))
        .encode(&mut other);
    let mut changed = database.clone();
    changed.rows.insert(ballot, other);
    let error = load(&changed, &snapshots[1], &mut world).unwrap_err();
    assert!(
        matches!(error, ReplayError::OtherEntries { expected, .. } if expected == snapshots[1].head())
    );
}

/// Puts parts of a snapshot together, as somebody would who can write to the disk.
fn forge(head: Head, sums_of: &Snapshot) -> Snapshot {
    let mut bytes = sums_of.to_bytes();
    bytes.truncate(bytes.len() - 32);
    let at = MAGIC.len() + 4 + env!("CARGO_PKG_VERSION").len();
    bytes[at..at + 8].copy_from_slice(&head.size.to_be_bytes());
    bytes[at + 8..at + 40].copy_from_slice(head.root.as_bytes());
    Snapshot::from_bytes(&sealed(bytes)).unwrap()
}

const MAGIC: &[u8] = b"tabella/v1 snapshot of a board";

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = Sha3_256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    let (_, _, _, snapshots) = finished();
    let good = snapshots[3].to_bytes();
    assert!(good.starts_with(MAGIC));
    attacks::bit_flips(&good, |place, bytes| {
        assert_eq!(Snapshot::from_bytes(bytes), Err(SnapshotError::Checksum), "{place}");
    });
    for length in 0..good.len() {
        assert_eq!(Snapshot::from_bytes(&good[..length]), Err(SnapshotError::Checksum));
    }
    let content = &good[..good.len() - 32];
    let mut other = MAGIC.to_vec();
    other.extend_from_slice(&4u32.to_be_bytes());
    other.extend_from_slice(b"0.0z");
    let error = Snapshot::from_bytes(&sealed(other)).unwrap_err();
    assert_eq!(error, SnapshotError::Program { found: "0.0z".into() });
    for length in 0..content.len() {
        let error = Snapshot::from_bytes(&sealed(content[..length].to_vec())).unwrap_err();
        assert!(matches!(error, SnapshotError::Form(_)), "{length}: {error}");
    }
    let longer = sealed([content, &[0]].concat());
    assert!(matches!(Snapshot::from_bytes(&longer), Err(SnapshotError::Form(_))));
    let magic = sealed([b"T", &content[1..]].concat());
    assert!(matches!(Snapshot::from_bytes(&magic), Err(SnapshotError::Form(_))));
}

/// What somebody who writes to the operator's disk gains by a snapshot: a board that posts a tally that nobody opens.
#[test]
fn wrong_sums_of_a_snapshot_are_seen_by_all_others() {
    let (mut world, memory, database, snapshots) = finished();
    // After the tally it is seen at once, and everything is verified.
    let wrong = forge(memory.state().head(), &snapshots[1]);
    let (board, known) = load(&database, &wrong, &mut world).unwrap();
    assert_eq!(known, 0);
    assert_eq!(board.state().partial_tally(), memory.state().partial_tally());
    // While voting is open the board believes it, and so it posts the wrong tally.
    let mut voting = database.clone();
    let frozen = memory.state().freezes()[0].entry;
    voting.rows.retain(|index, _| *index < frozen);
    let wrong = forge(memory.hashes().head(frozen).unwrap(), &snapshots[1]);
    let (mut board, known) = load(&voting, &wrong, &mut world).unwrap();
    assert_eq!(known, frozen);
    assert_ne!(board.state().partial_tally(), memory.state().partial_tally());
    let signatures = &objects(&memory)[frozen as usize..];
    let closed = signatures.iter().take_while(|object| object[0] != Kind::Tally as u8);
    for object in closed {
        board.post(object, &mut world.rng).unwrap();
    }
    board.tally(&world.operator, &mut world.rng).unwrap();
    // A trustee who replays it opens nothing, and the audit names the tally.
    let wrong_sum = |error: &ReplayError| {
        matches!(error, ReplayError::Refused { refusal: Refusal::WrongSum { .. }, .. })
    };
    let bytes = bytes(board.storage());
    assert!(wrong_sum(&board::replay(&bytes, &mut world.rng).unwrap_err()));
    assert!(wrong_sum(
        &Board::load(board.storage().clone(), &mut world.rng).map(drop).unwrap_err()
    ));
    let expect = Expect { partial: true, ..Expect::manifest(world.manifest.hash()) };
    let report = audit::run(&bytes, &expect, &mut world.rng).unwrap();
    assert!(!report.is_accepted(), "{report}");
}

/// The same for a ballot with an invalid proof, in the record and in the snapshot.
#[test]
fn a_ballot_that_only_a_snapshot_vouches_for_is_found_by_the_audit() {
    let (mut world, memory, mut database, snapshots) = finished();
    let size = snapshots[4].head().size;
    database.rows.retain(|index, _| *index < size);
    let ballot = database.rows.get_mut(&(size - 1)).unwrap();
    assert_eq!(ballot[0], Kind::Ballot as u8);
    // A scalar of its proof.
    let last = ballot.len() - 32;
    ballot[last] ^= 1;
    let mut tree = Tree::default();
    database.rows.values().for_each(|entry| tree.push(entry));
    let vouched = forge(tree.head(), &snapshots[4]);
    let (board, known) = load(&database, &vouched, &mut world).unwrap();
    assert_eq!((known, board.state().head()), (size, tree.head()));
    assert_ne!(tree.head(), memory.hashes().head(size).unwrap());
    let bytes = bytes(board.storage());
    let refused = |error| matches!(error, ReplayError::Refused { entry, .. } if entry == size - 1);
    assert!(refused(board::replay(&bytes, &mut world.rng).unwrap_err()));
    let expect = Expect { partial: true, ..Expect::manifest(world.manifest.hash()) };
    let report = audit::run(&bytes, &expect, &mut world.rng).unwrap();
    assert!(!report.is_accepted(), "{report}");
}

/// Everything but cast ballots and the roll's lines is verified again, whatever a snapshot vouches for.
#[test]
fn no_other_message_is_believed_because_of_a_snapshot() {
    let (mut world, memory, database, snapshots) = finished();
    let all = objects(&memory);
    let kinds = [
        Kind::SpoilRequest,
        Kind::SpoilOpening,
        Kind::Freeze,
        Kind::Close,
        Kind::Tally,
        Kind::Share,
        Kind::Result,
    ];
    for kind in kinds {
        let place = all.iter().rposition(|object| object[0] == kind as u8).unwrap();
        let size = place as u64 + 1;
        let right = snapshots.iter().find(|snapshot| snapshot.head().size == size).unwrap();
        let mut changed = database.clone();
        changed.rows.retain(|index, _| *index < size);
        assert_eq!(load(&changed, right, &mut world).unwrap().1, size, "{kind}");
        // The last scalar of a proof or a signature, or the nonce of an opening.
        let entry = changed.rows.get_mut(&(size - 1)).unwrap();
        let last = entry.len() - 32;
        entry[last] ^= 1;
        let mut tree = Tree::default();
        changed.rows.values().for_each(|entry| tree.push(entry));
        let vouched = forge(tree.head(), right);
        let error = load(&changed, &vouched, &mut world).map(drop).unwrap_err();
        let refused = matches!(error, ReplayError::Refused { entry, .. } if entry == size - 1);
        assert!(refused, "{kind}: {error}");
    }
}

/// The entries of a database as an auditor reads them.
fn bytes(database: &Database) -> Vec<u8> {
    let entry = |entry: &Vec<u8>| [&(entry.len() as u16).to_be_bytes(), &entry[..]].concat();
    database.rows.values().flat_map(entry).collect()
}

#[test]
fn loading_tells_how_far_it_is_and_can_be_broken_off() {
    let (mut world, memory, database, snapshots) = finished();
    let snapshot = &snapshots[2];
    let mut told = Vec::new();
    let mut progress = |done| {
        told.push(done);
        ControlFlow::Break(())
    };
    let stopped =
        Board::load_from(database, Some(snapshot), &mut progress, &mut world.rng).map(drop);
    assert_eq!(stopped, Err(ReplayError::Stopped));
    assert_eq!(told, [snapshot.head().size]);
    assert!(snapshot.head().size < memory.state().size());
}
