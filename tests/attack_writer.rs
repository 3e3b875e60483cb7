//! A writer that goes on with a record does not lose or change what a checkpoint was signed for.

mod common;

use common::World;
use std::{fs, path::PathBuf};
use tabella::{
    board::{Board, Head, Tree},
    checkpoint::{Checkpoint, LogSecret},
    record::{Folder, Log, Writer},
};

fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("attack-{name}"));
    let _ = fs::remove_dir_all(&path);
    path
}

/// A record of a few ballots with a checkpoint of all of it.
fn written(name: &str) -> (PathBuf, Board) {
    let path = folder(name);
    let mut world = World::town(31);
    let board = world.town_board();
    let mut writer = Writer::create(&path).unwrap();
    writer.follow(&board).unwrap();
    let secret = LogSecret::from_seed(&[1; 32]);
    let signed = secret.sign(&Checkpoint::new("tabella/test", writer.head()).unwrap());
    writer.checkpoint(&signed).unwrap();
    (path, board)
}

#[test]
fn entries_in_a_checkpoint_are_not_cut_off() {
    let (path, board) = written("cut");
    let segment = path.join("board/00000000.bin");
    let good = fs::read(&segment).unwrap();
    let last = board.entry(board.state().size() - 1).unwrap().len();
    // The last entry seems to be longer than it is.
    let mut bytes = good.clone();
    let at = bytes.len() - last - 1;
    bytes[at] ^= 0x80;
    fs::write(&segment, &bytes).unwrap();
    let resumed = Writer::resume(&path);
    assert!(resumed.is_err(), "{resumed:?}");
    assert_eq!(fs::read(&segment).unwrap(), bytes, "it was changed");
    fs::write(&segment, &good[..good.len() - 1]).unwrap();
    assert!(Writer::resume(&path).is_err());
    // What is there is enough again.
    fs::write(&segment, &good).unwrap();
    let (writer, cut) = Writer::resume(&path).unwrap();
    assert_eq!((writer.head(), cut), (board.state().head(), None));
}

#[test]
fn a_record_that_is_not_its_checkpoints_is_not_gone_on_with() {
    let (path, board) = written("changed");
    let segment = path.join("board/00000000.bin");
    let mut bytes = fs::read(&segment).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let resumed = Writer::resume(&path);
    assert!(
        resumed.is_err(),
        "{resumed:?} would sign another board than {:?}",
        board.state().head()
    );
}

/// What no checkpoint has can be cut off.
#[test]
fn entries_behind_the_last_checkpoint_are_cut_off() {
    let (path, board) = written("behind");
    let segment = path.join("board/00000000.bin");
    let mut bytes = fs::read(&segment).unwrap();
    bytes.extend_from_slice(&[0, 9, 1, 2]);
    fs::write(&segment, &bytes).unwrap();
    let (writer, cut) = Writer::resume(&path).unwrap();
    assert_eq!(writer.head(), board.state().head());
    assert!(cut.is_some());
    let mut log = Folder::open(&path).unwrap().log();
    let mut tree = Tree::default();
    while let Some(entry) = log.entry(tree.size()).unwrap() {
        tree.push(&entry);
    }
    let Head { size, root } = board.state().head();
    assert_eq!((tree.size(), tree.root()), (size, root));
}
