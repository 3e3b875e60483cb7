//! A writer that continues a record neither loses nor changes what a checkpoint was signed for.

use attacks::folder::Recorded;
use std::{fs, path::PathBuf, sync::OnceLock};
use tabella::{
    board::Board,
    log::{
        ReadLog,
        checkpoint::SignedCheckpoint,
        merkle::{Head, Tree},
    },
    record::{Folder, Writer},
};

fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("attack-{name}"));
    let _ = fs::remove_dir_all(&path);
    path
}

/// A record of a few ballots with a checkpoint of all of it.
fn written(name: &str) -> (PathBuf, Board) {
    let (path, recorded) = recorded(name);
    (path, recorded.board.clone())
}

fn recorded(name: &str) -> (PathBuf, &'static Recorded) {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    let (path, recorded) = (folder(name), RECORDED.get_or_init(|| Recorded::tiny(31, 0)));
    let mut writer = Writer::create(&path).unwrap();
    writer.follow(&recorded.board).unwrap();
    writer.checkpoint(&sign(recorded, &[])).unwrap();
    (path, recorded)
}

fn sign(recorded: &Recorded, by: &[usize]) -> SignedCheckpoint {
    recorded.signers.sign(&recorded.world.manifest, recorded.board.state().head(), by)
}

#[test]
fn entries_in_a_checkpoint_are_not_cut_off() {
    let (path, board) = written("cut");
    let segment = path.join("board/00000000.bin");
    let good = fs::read(&segment).unwrap();
    let last = board.entry(board.state().size() - 1).unwrap().len();
    // The last entry claims to be longer than it is.
    let mut bytes = good.clone();
    let at = bytes.len() - last - 1;
    bytes[at] ^= 0x80;
    fs::write(&segment, &bytes).unwrap();
    let resumed = Writer::resume(&path);
    assert!(resumed.is_err(), "{resumed:?}");
    assert_eq!(fs::read(&segment).unwrap(), bytes, "it was changed");
    fs::write(&segment, &good[..good.len() - 1]).unwrap();
    assert!(Writer::resume(&path).is_err());
    // The original bytes suffice again.
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

/// What no checkpoint covers can be cut off.
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

/// A repeated log signature without those of the witnesses does not remove theirs; nor does a later cosignature.
#[test]
fn cosignatures_are_not_written_over() {
    let (path, recorded) = recorded("cosigned");
    let (mut writer, _) = Writer::resume(&path).unwrap();
    let cosigned = sign(recorded, &[0]);
    writer.checkpoint(&cosigned).unwrap();
    writer.checkpoint(&sign(recorded, &[])).unwrap();
    let file = path.join(format!("checkpoints/{}.txt", recorded.board.state().size()));
    let kept = || -> SignedCheckpoint { fs::read_to_string(&file).unwrap().parse().unwrap() };
    assert_eq!(kept(), cosigned);
    let mut later = sign(recorded, &[]);
    let witness = &recorded.signers.witnesses[0];
    let line = witness.cosign(later.checkpoint(), 1_800_000_000).unwrap();
    later.add(witness.public(), line).unwrap();
    writer.checkpoint(&later).unwrap();
    assert_eq!(kept(), cosigned);
}
