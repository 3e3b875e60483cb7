//! For whom a board waits, in words.

use crate::{
    board::{Phase, State},
    keys::{Ceremony, Observer, Round, Setup},
    manifest::Group,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// For whom and what a board waits, a sentence for each, as `tabella status` and servers show it to people.
///
/// ```
/// assert!(tabella::views::waits(&tabella::board::State::new()).is_empty());
/// ```
pub fn waits(state: &State) -> Vec<String> {
    let mut waits = Vec::new();
    let phase = state.phase();
    let running = state.observer().filter(|observer| observer.round() != Round::Done);
    if let Some(observer) = running.filter(|_| phase < Phase::Closed) {
        waits.extend(of_round(observer));
    }
    let Some(ceremony) = state.ceremony() else { return waits };
    let (setup, holders) = (ceremony.setup(), ceremony.holders());
    let without = |done: &dyn Fn(u16) -> bool| {
        names(setup, holders.iter().copied().filter(|number| !done(*number)))
    };
    if state.question().is_some() {
        let missing = without(&|number| state.answered().contains(&number));
        if !missing.is_empty() {
            waits.push(format!("for answers to the rehearsal from {missing}"));
        }
    }
    match phase {
        Phase::Enrolling => waits.push("for the operator to post the roll".into()),
        Phase::Voting => waits.push("for ballots, until the operator freezes voting".into()),
        Phase::Frozen => {
            let signed = |number| state.closed_by().contains(&number);
            waits.extend(of_groups(
                "signatures of the close",
                ceremony,
                &ceremony.close_quorums(),
                &signed,
            ));
        }
        Phase::Closed => waits.push("for the operator to post the tally".into()),
        Phase::Mixing => {
            for cascade in state.cascades().iter().filter(|cascade| !cascade.is_complete()) {
                let what = format!("mixes of cell {}", cascade.cell());
                let mixed = |number| cascade.by().contains(&number);
                waits.extend(of_groups(&what, ceremony, &setup.groups().thresholds(), &mixed));
            }
        }
        Phase::Opening => {
            let opened = |number| state.shares().iter().any(|share| share.trustee() == number);
            let opens = state.tally().is_some_and(|tally| !tally.opened().is_empty());
            let needed = setup.groups().thresholds();
            let missing = of_groups("decryption shares", ceremony, &needed, &opened);
            match opens && !missing.is_empty() {
                true => waits.extend(missing),
                false => waits.push("for the operator to publish the result".into()),
            }
        }
        _ => {}
    }
    waits
}

/// What a board waits for of each group in which fewer have done it than needed.
fn of_groups(
    what: &str,
    ceremony: &Ceremony,
    needed: &[u16],
    done: &dyn Fn(u16) -> bool,
) -> Vec<String> {
    let (setup, holders) = (ceremony.setup(), ceremony.holders());
    let of_group = |(group, needed): (&Group, &u16)| {
        let own = holders.iter().copied().filter(|number| group.has(*number));
        let there = own.clone().filter(|number| done(*number)).count();
        let of = if group.name.is_empty() { "" } else { " of " };
        let missing = names(setup, own.filter(|number| !done(*number)));
        let wait =
            format!("for {what}, {there} of {needed}{of}{} are there, from {missing}", group.name);
        (there < (*needed).into()).then_some(wait)
    };
    setup.groups().iter().zip(needed).filter_map(of_group).collect()
}

/// What the open round of a ceremony waits for.
fn of_round(observer: &Observer) -> Vec<String> {
    let setup = observer.setup();
    let dealers = |done: &dyn Fn(u16) -> bool| {
        let left = setup.dealers().into_iter().filter(|number| !done(*number));
        match setup.previous() {
            None => names(setup, left),
            Some(_) => numbers(left),
        }
    };
    let (what, from) = match observer.round() {
        Round::Commit => {
            let committed: Vec<u16> = observer.committed().collect();
            ("commits", dealers(&|number| committed.contains(&number)))
        }
        Round::Deal => ("deals", dealers(&|number| observer.deal(number).is_some())),
        Round::Complain => ("complaints about bad shares, if there are any", String::new()),
        _ => {
            let holders = observer.ceremony().map(|ceremony| ceremony.holders());
            let left = holders.into_iter().flatten();
            let left = left.filter(|number| !observer.confirmed().contains(number));
            ("signatures of the keys", names(setup, left))
        }
    };
    let mut waits = Vec::new();
    if observer.round() == Round::Complain {
        waits.push(format!("for {what}"));
    } else if !from.is_empty() {
        waits.push(format!("for {what} from {from}"));
    }
    waits.push("for the operator to end the round".into());
    waits
}

/// Trustees by number and name.
fn names(setup: &Setup, numbers: impl Iterator<Item = u16>) -> String {
    let name = |number: u16| {
        let member = setup.members().get(usize::from(number).saturating_sub(1));
        format!("{number} ({})", member.map_or("?", |member| &member.name))
    };
    numbers.map(name).collect::<Vec<_>>().join(", ")
}

fn numbers(numbers: impl Iterator<Item = u16>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthorSecret, Board, Contest, Credential, Manifest, keys};
    use rand_core::OsRng;

    #[test]
    fn a_board_waits_for_each_group() {
        let rng = &mut OsRng;
        let secrets = [(); 5].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
        let [operator, trustees @ ..] = &secrets;
        let keys: Vec<_> = trustees.iter().map(|secret| secret.public().clone()).collect();
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .group("Ministry")
            .trustee("Ada", keys[0].clone())
            .threshold(1)
            .group("Universities")
            .trustees(keys[1..].to_vec(), 2)
            .minimum_cell(1)
            .contest(Contest::choose_one("c", ["a", "b"]))
            .build()
            .unwrap();
        let (ceremony, mut holders) = keys::in_one_process(&manifest, trustees, rng).unwrap();
        let voter = Credential::random(rng).unwrap().registration(&manifest, 0, rng).unwrap();
        let mut board =
            Board::open(&manifest, operator, &ceremony, &holders, &[voter], rng).unwrap();
        board.freeze(operator, rng).unwrap();
        for holder in &mut holders[1..3] {
            let close = holder.sign_close(board.state(), &[], rng).unwrap();
            board.post(&close, rng).unwrap();
        }
        let expected = [
            "for signatures of the close, 0 of 1 of Ministry are there, from 1 (Ada)",
            "for signatures of the close, 2 of 3 of Universities are there, from 4 (trustee 4)",
        ];
        assert_eq!(waits(board.state()), expected);
        let close = holders[0].sign_close(board.state(), &[], rng).unwrap();
        board.post(&close, rng).unwrap();
        assert_eq!(waits(board.state()), expected[1..]);
    }
}
