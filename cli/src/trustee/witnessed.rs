//! How much of a board witnesses have cosigned.

use super::duty::Duty;
use crate::{
    failure::{Failure, Result},
    out::tell,
};
use tabella::{
    Board,
    board::{Kind, State},
    log::checkpoint::SignedCheckpoint,
};

/// Refuses a duty that cannot be taken back if witnesses have not cosigned the board that asks for it: another board could ask other
/// trustees for something else. A manifest without witnesses leaves the comparison to people.
pub fn check(board: &Board, checkpoints: &[SignedCheckpoint], duty: &Duty) -> Result<()> {
    let state = board.state();
    let Some(log) = state.manifest().and_then(|manifest| manifest.log()) else { return Ok(()) };
    let (quorum, witnesses) = (usize::from(log.quorum()), log.witnesses());
    let Some(needed) = needed(board, state, duty).filter(|_| quorum > 0) else { return Ok(()) };
    let origin = state.manifest().map(|manifest| manifest.origin()).unwrap_or_default();
    let counts = |signed: &&SignedCheckpoint| {
        let head = signed.checkpoint().head();
        let is_this_board = board.hashes().head(head.size).is_ok_and(|own| own == head);
        let cosigned = signed.cosignatures(witnesses).map_or(0, |cosigned| cosigned.len());
        is_this_board && signed.verify(&origin, log.key()).is_ok() && cosigned >= quorum
    };
    let cosigned = checkpoints.iter().filter(counts).map(|signed| signed.checkpoint().size()).max();
    match cosigned {
        Some(size) if size >= needed => {
            tell!(
                "Witnesses have cosigned the first {size} entries, {quorum} of {} at least.",
                witnesses.len()
            );
            Ok(())
        }
        found => Err(Failure::refused(format!(
            "{quorum} of the {} witnesses must have cosigned the first {needed} entries of this board before you act on them, and they have cosigned {}: \
             ask the operator for a newer checkpoint with their cosignatures",
            witnesses.len(),
            found.map_or("none".into(), |size| size.to_string()),
        ))),
    }
}

/// The size of the board that asks for it; `None` if it can be taken back or harms nobody.
fn needed(board: &Board, state: &State, duty: &Duty) -> Option<u64> {
    match duty {
        Duty::Close(_) | Duty::Open(_) => state.frozen().map(|(size, _)| size),
        Duty::HandOver(_) => {
            let reshares = |index: &u64| {
                let kind = board.entry(*index).and_then(|entry| Kind::split(entry).ok());
                kind.is_some_and(|(kind, _)| kind == Kind::Reshare)
            };
            // One in several entries does not show its kind: then all of the board is needed.
            let begun = (0..state.size()).rev().find(reshares);
            Some(begun.map_or(state.size(), |index| index + 1))
        }
        _ => None,
    }
}
