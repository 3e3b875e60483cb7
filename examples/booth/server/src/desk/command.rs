//! What the operator does.

use super::answer::Reason;
use tabella::{
    AuthorSecret, DlogTable, Manifest,
    board::{Phase, State},
    keys::Round,
    log::merkle::Head,
    rand_core::OsRng,
    record::DiskBoard,
    tally::Withdrawal,
};

/// A command of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ends this round of the key ceremony. Once more changes nothing: the next round is not ended unseen.
    Round(Round),
    /// Asks the trustees whether they hold their shares.
    Rehearse,
    /// Freezes voting.
    Freeze,
    /// Lifts a freeze that no trustee has signed.
    Lift,
    /// Posts the sums, after everything was verified.
    Tally,
    /// Opens the totals and posts the result.
    Publish,
    /// Signs a checkpoint.
    Checkpoint,
    /// Withdraws an option that cannot be elected any more.
    Withdraw {
        /// The contest's id.
        contest: String,
        /// The option's id.
        option: String,
        /// Why, for everybody to read.
        reason: String,
    },
}

/// The commands that a board takes now, by their names.
pub fn taken(state: &State, has_log_key: bool) -> Vec<&'static str> {
    let (phase, mut names) = (state.phase(), Vec::new());
    if state.observer().is_some_and(|o| o.round() != Round::Done) && phase < Phase::Frozen {
        names.push("round");
    }
    match phase {
        Phase::Enrolling => names.push("rehearse"),
        Phase::Voting => names.extend(["freeze", "withdraw", "rehearse"]),
        Phase::Frozen if state.closed_by().is_empty() => names.push("lift"),
        Phase::Closed => names.push("tally"),
        Phase::Opening => names.push("publish"),
        _ => {}
    }
    if has_log_key {
        names.push("checkpoint");
    }
    names
}

/// Does what is done on the board at once, and says what was done. A tally needs the head of a board that was verified as a whole.
pub fn run(
    board: &mut DiskBoard,
    operator: &AuthorSecret,
    manifest: &Manifest,
    command: &Command,
    verified: Option<Head>,
) -> Result<String, Reason> {
    let rng = &mut OsRng;
    match command {
        Command::Round(round) => {
            let open = board.state().observer().map_or(Round::Done, |o| o.round());
            if open < *round {
                return Err(Reason {
                    reason: "wrong-round",
                    error: format!("{open} is open, and {round} comes later"),
                });
            }
            if open == *round {
                board.close_round(operator, rng)?;
            }
            Ok(format!("{round} is over"))
        }
        Command::Rehearse => {
            board.ask(operator, rng)?;
            Ok("the trustees are asked whether they hold their shares".into())
        }
        Command::Freeze => {
            board.freeze(operator, rng)?;
            let Head { size, root } = board.state().head();
            Ok(format!("voting is frozen; trustees sign size {size}, root {root}"))
        }
        Command::Lift => {
            board.lift(operator, rng)?;
            Ok("the freeze is lifted, and voting goes on".into())
        }
        Command::Withdraw { contest, option, reason } => {
            let withdrawal = Withdrawal::new(manifest, contest, option, reason)
                .map_err(|error| Reason { reason: "withdrawal", error: error.to_string() })?;
            board.withdraw(operator, &withdrawal, rng)?;
            Ok(format!("'{option}' of '{contest}' is withdrawn"))
        }
        Command::Tally => {
            let same = |head: Head| board.hashes().head(head.size).is_ok_and(|own| own == head);
            if !verified.is_some_and(same) {
                return Err(Reason {
                    reason: "other-board",
                    error: "the disk has another board than this process: start the server again"
                        .into(),
                });
            }
            let tally = board.tally(operator, rng)?;
            Ok(format!("the tally has {} cells", tally.cells().len()))
        }
        Command::Publish => {
            let bound = board.state().tally().map(|tally| tally.bound());
            let bound = bound.ok_or_else(|| Reason {
                reason: "out-of-phase",
                error: "there is no tally yet".into(),
            })?;
            board.finish(operator, &DlogTable::new(bound), rng)?;
            Ok("the result is on the board; now everybody can audit it".into())
        }
        Command::Checkpoint => Ok("a checkpoint is signed".into()),
    }
}
