//! What a board asks of a trustee.

use crate::failure::Result;
use rand_core::OsRng;
use std::fmt;
use tabella::{
    AuthorSecret,
    board::{Phase, State},
    keys::{Complaint, Observer, Recipient, Round},
};

/// What is to be done next, by the trustee with this number.
pub enum Duty {
    Commit(u16),
    HandOver(u16),
    Deal(u16),
    Complain(u16, Vec<Complaint>),
    Confirm(u16),
    Rehearse(u16),
    Close(u16),
    Mix(u16, Vec<usize>),
    Open(u16),
}

impl Duty {
    pub fn number(&self) -> u16 {
        match self {
            Self::Commit(number)
            | Self::HandOver(number)
            | Self::Deal(number)
            | Self::Complain(number, _)
            | Self::Confirm(number)
            | Self::Rehearse(number)
            | Self::Close(number)
            | Self::Mix(number, _)
            | Self::Open(number) => *number,
        }
    }

    /// A word for the file of its message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Commit(_) => "commit",
            Self::HandOver(_) => "hand-over",
            Self::Deal(_) => "deal",
            Self::Complain(..) => "complaint",
            Self::Confirm(_) => "confirmation",
            Self::Rehearse(_) => "rehearsal",
            Self::Close(_) => "close",
            Self::Mix(..) => "mix",
            Self::Open(_) => "share",
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(_) => f.write_str(
                "commit. You draw your part of the election's keys, keep it sealed beside your key, and send a fingerprint of it.",
            ),
            Self::HandOver(_) => {
                f.write_str("hand your shares over to new trustees. You sign no close afterwards.")
            }
            Self::Deal(_) => f.write_str("deal. You send the part of the keys that you committed to."),
            Self::Complain(_, complaints) => write!(
                f,
                "complain. {} of the shares that you were dealt are wrong; the board shows who is at fault.",
                complaints.len()
            ),
            Self::Confirm(_) => f.write_str(
                "confirm. The shares that you were dealt are right; you keep their sums and sign the election's keys.",
            ),
            Self::Rehearse(_) => f.write_str(
                "rehearse. You show that you still hold your shares. Nothing is opened by it.",
            ),
            Self::Close(_) => f.write_str(
                "sign the close. You sign that voting ends with this board, and never sign another.",
            ),
            Self::Mix(_, cells) => write!(
                f,
                "mix. You shuffle and re-encrypt the rankings or names of {}. Keep the machine free of other work.",
                match cells.len() {
                    1 => "one cell".to_owned(),
                    n => format!("{n} cells"),
                }
            ),
            Self::Open(_) => f.write_str(
                "open. You send your share of the opened sums and rows of this board, and of nothing else.",
            ),
        }
    }
}

/// What this trustee has to do next, if anything.
pub fn duty(state: &State, secret: &AuthorSecret) -> Result<Option<Duty>> {
    let holder = state.ceremony().and_then(|ceremony| {
        let number = ceremony.setup().number_of(secret.public())?;
        ceremony.verification_keys(number).map(|_| number)
    });
    let running = state.observer().filter(|observer| observer.round() != Round::Done);
    // While voting is frozen a ceremony rests.
    if let Some(observer) = running.filter(|_| state.phase() < Phase::Frozen)
        && let Some(duty) = in_ceremony(observer, holder, secret)?
    {
        return Ok(Some(duty));
    }
    let Some(number) = holder else { return Ok(None) };
    if state.question().is_some() && !state.answered().contains(&number) {
        return Ok(Some(Duty::Rehearse(number)));
    }
    Ok(match state.phase() {
        Phase::Frozen if !state.closed_by().contains(&number) => Some(Duty::Close(number)),
        Phase::Mixing => {
            let waiting = state.cascades().iter();
            let waiting = waiting.filter(|c| c.waits_for(number) && !c.by().contains(&number));
            let cells: Vec<usize> = waiting.map(|cascade| cascade.cell()).collect();
            (!cells.is_empty()).then_some(Duty::Mix(number, cells))
        }
        Phase::Opening => {
            let opens = state.tally().is_some_and(|tally| !tally.opened().is_empty());
            let opened = state.shares().iter().any(|share| share.trustee() == number);
            (opens && !opened).then_some(Duty::Open(number))
        }
        _ => None,
    })
}

/// What there is to do in a ceremony; `holder` is the number of one who holds shares already.
fn in_ceremony(
    observer: &Observer,
    holder: Option<u16>,
    secret: &AuthorSecret,
) -> Result<Option<Duty>> {
    let setup = observer.setup();
    let is_first = setup.previous().is_none();
    let member = setup.number_of(secret.public());
    let dealer = if is_first { member } else { holder };
    let committed = |number: &u16| observer.committed().any(|dealer| dealer == *number);
    Ok(match observer.round() {
        Round::Commit => {
            let duty = if is_first { Duty::Commit } else { Duty::HandOver };
            dealer.filter(|number| !committed(number)).map(duty)
        }
        Round::Deal => dealer
            .filter(|number| committed(number) && observer.deal(*number).is_none())
            .map(Duty::Deal),
        Round::Complain => match member {
            Some(number) => {
                let recipient = Recipient::new(setup, number, secret)?;
                let complaints = recipient.complain(observer, &mut OsRng)?;
                (!complaints.is_empty()).then_some(Duty::Complain(number, complaints))
            }
            None => None,
        },
        Round::Confirm => {
            let holds = |number: &u16| {
                let ceremony = observer.ceremony();
                ceremony.is_some_and(|c| c.verification_keys(*number).is_some())
            };
            let unsigned = |number: &u16| !observer.confirmed().contains(number);
            member.filter(|number| holds(number) && unsigned(number)).map(Duty::Confirm)
        }
        _ => None,
    })
}
