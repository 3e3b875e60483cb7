//! What a report says about checkpoints, and about text that nobody verified.

use attacks::World;
use tabella::{
    audit::{self, Check, Expect, Status},
    board::Board,
    contest::Contest,
    log::{
        checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret},
        merkle::{Head, Tree},
    },
    views,
};

fn witnesses() -> [WitnessSecret; 3] {
    [1, 2, 3].map(|n| WitnessSecret::from_seed(&format!("witness.example/{n}"), &[n; 32]).unwrap())
}

fn log() -> LogSecret {
    LogSecret::from_seed(&[9; 32])
}

/// A finished election with a log and three witnesses; the quorum is two.
fn election() -> (World, Board) {
    let mut world = World::new(41, (1, 1), &[0; 2], |builder| {
        builder
            .minimum_cell(1)
            .contest(Contest::choose_one("q", ["yes", "no"]))
            .log(log().public())
            .witnesses(witnesses().iter().map(|w| w.public().clone()), 2)
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..2 {
        let choices = tabella::ballot::Choices::new().pick("q", "yes");
        let header = tabella::ballot::Header::remote(0);
        let ballot = world.ballot(&election, voter, &header, &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    world.finish(&mut board, &[0]);
    (world, board)
}

fn head(board: &Board, size: u64) -> Head {
    let mut tree = Tree::default();
    (0..size).for_each(|n| tree.push(board.entry(n).unwrap()));
    tree.head()
}

fn checkpoint(world: &World, head: Head, by: &[usize]) -> SignedCheckpoint {
    let mut signed = log().sign(&Checkpoint::new(&world.manifest.origin(), head).unwrap());
    for witness in by {
        let witness = &witnesses()[*witness];
        let line = witness.cosign(signed.checkpoint(), 1_700_000_000).unwrap();
        signed.add(witness.public(), line).unwrap();
    }
    signed
}

fn audit(world: &mut World, board: &Board, checkpoints: Vec<SignedCheckpoint>) -> audit::Report {
    let expect = Expect { checkpoints: Some(checkpoints), ..Expect::default() };
    audit::run(board.bytes(), &expect, &mut world.rng).unwrap()
}

/// A checkpoint from elsewhere, given after those of the record, is not the last one.
#[test]
fn the_last_checkpoint_is_the_largest() {
    let (mut world, board) = election();
    let size = board.state().size();
    let checkpoints = vec![
        checkpoint(&world, board.state().head(), &[0, 1]),
        checkpoint(&world, head(&board, size - 3), &[]),
    ];
    let report = audit(&mut world, &board, checkpoints);
    assert!(report.is_accepted(), "{report}");
    let last = report.checkpoints.last().unwrap();
    assert_eq!((last.size, last.witnesses.len()), (size, 2), "{report}");
    assert!(!report.to_html().contains("No witness"), "{report}");
}

/// One copy may have what another lacks.
#[test]
fn a_copy_of_the_last_checkpoint_needs_no_cosignatures_of_its_own() {
    let (mut world, board) = election();
    let all = board.state().head();
    let copies = [vec![0, 1], vec![], vec![1]].map(|by| checkpoint(&world, all, &by));
    let report = audit(&mut world, &board, copies.to_vec());
    assert!(report.is_accepted(), "{report}");
    assert_eq!(report.checkpoints.len(), 1);
    assert_eq!(report.checkpoints[0].witnesses.len(), 2);
    // Two witnesses count as two, wherever their lines stand; one counts as one, however often.
    let apart = [vec![0], vec![2]].map(|by| checkpoint(&world, all, &by));
    assert!(audit(&mut world, &board, apart.to_vec()).is_accepted());
    let same = [vec![2], vec![2], vec![]].map(|by| checkpoint(&world, all, &by));
    let report = audit(&mut world, &board, same.to_vec());
    assert_eq!(report.status(Check::RecordCheckpoints), Status::Failed);
    assert_eq!(report.findings.len(), 1, "{report}");
}

/// What may be partial needs its witnesses all the same, once it has a result.
#[test]
fn a_whole_record_needs_its_witnesses_even_if_it_may_be_partial() {
    let (mut world, board) = election();
    let all = board.state().head();
    for (checkpoints, accepted) in [
        (vec![], false),
        (vec![checkpoint(&world, all, &[1])], false),
        (vec![checkpoint(&world, all, &[0, 1])], true),
    ] {
        let expect = Expect { checkpoints: Some(checkpoints), partial: true, ..Expect::default() };
        let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
        assert_eq!(report.is_accepted(), accepted, "{report}");
    }
}

/// An unverified name does not move the cursor of a terminal.
#[test]
fn names_in_an_entry_are_names() {
    let mut entry = vec![15, 0, 1, 0, 0, 0, 1];
    let name = "x\u{9b}2J\u{202e}y";
    entry.extend_from_slice(&(name.len() as u32).to_be_bytes());
    entry.extend_from_slice(name.as_bytes());
    entry.resize(entry.len() + 96 + 96, 0);
    let line = views::entry(0, &entry);
    assert!(!line.contains('\u{9b}') && !line.contains('\u{202e}'), "{line:?}");
    assert!(line.contains("resharing"), "{line}");
}
