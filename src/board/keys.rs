//! What the board remembers of ceremonies, rehearsals and erasures.

use super::{Phase, Refusal};
use crate::{
    keys::{Blame, Ceremony, Conviction, KeyError, Observer, Round, Setup},
    manifest::Member,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

/// The trustees who hold the keys, those who held them, and those who are to get them.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// The ceremony that is going on.
    pub(super) running: Option<Observer>,
    /// Those that came to their end; the keys of the last one are in force.
    pub(super) ended: Vec<Observer>,
    /// Those that did not, in the order of their epochs.
    pub(super) left: Vec<Observer>,
    pub(super) question: Option<[u8; 32]>,
    pub(super) asked: BTreeSet<[u8; 32]>,
    /// Those who answered this question.
    pub(super) answered: BTreeSet<u16>,
    /// Those who answered any question about the keys in force.
    pub(super) rehearsed: BTreeSet<u16>,
    /// How often, by epoch and trustee.
    pub(super) rehearsals: BTreeMap<(u32, u16), u64>,
    pub(super) erased: BTreeSet<(u32, u16)>,
    /// Those who hold shares and have begun to hand them over, in any resharing: they sign no close.
    pub(super) handing: BTreeSet<u16>,
}

impl Keys {
    /// The first ceremony begins.
    pub(super) fn begin(setup: Setup) -> Self {
        Self { running: Some(Observer::new(setup)), ..Self::default() }
    }

    pub(super) fn phase(&self) -> Phase {
        match &self.running {
            Some(observer) if self.ended.is_empty() => match observer.round() {
                Round::Commit => Phase::Committing,
                Round::Deal => Phase::Dealing,
                Round::Complain => Phase::Complaining,
                Round::Confirm | Round::Done => Phase::Confirming,
            },
            _ => Phase::Enrolling,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn observer(&self) -> Option<&Observer> {
        self.running.as_ref().or(self.ended.last())
    }

    pub(super) fn last_ended(&self) -> Option<&Observer> {
        self.ended.last()
    }

    pub(super) fn in_force(&self) -> Option<&Ceremony> {
        self.last_ended()?.ceremony()
    }

    pub(super) fn ceremonies(&self) -> impl Iterator<Item = &Ceremony> {
        self.ended.iter().filter_map(Observer::ceremony)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Observer)> {
        let all = self.ended.iter().chain(&self.left).chain(&self.running);
        all.map(|observer| (observer.setup().epoch(), observer))
    }

    pub(super) fn found(&self) -> impl Iterator<Item = (u32, &Conviction)> {
        self.all().flat_map(|(epoch, observer)| {
            observer.found().iter().map(move |conviction| (epoch, conviction))
        })
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = (u32, &Conviction, Blame)> {
        self.all().flat_map(|(epoch, observer)| {
            observer.certificates().map(move |(conviction, blame)| (epoch, conviction, blame))
        })
    }

    /// The keys that will be in force when the open round is closed.
    pub(super) fn coming(&self) -> Option<&Ceremony> {
        let running = self.running.as_ref().filter(|running| running.round() == Round::Confirm);
        running?.ceremony()
    }

    /// Whether this trustee holds shares and can still sign a close.
    pub(super) fn can_close(&self, number: u16) -> bool {
        let holds = self.in_force().is_some_and(|keys| keys.verification_keys(number).is_some());
        holds && !self.handing.contains(&number)
    }

    pub(super) fn rehearsed(&self) -> &BTreeSet<u16> {
        &self.rehearsed
    }

    pub(super) fn rehearsals(&self) -> &BTreeMap<(u32, u16), u64> {
        &self.rehearsals
    }

    pub(super) fn question(&self) -> Option<&[u8; 32]> {
        self.question.as_ref()
    }

    pub(super) fn erased(&self) -> &BTreeSet<(u32, u16)> {
        &self.erased
    }

    /// Voting is closed, and with it who opens is fixed: a resharing that is not finished never was.
    pub(super) fn end(&mut self) {
        self.left.extend(self.running.take());
        self.ask(None);
    }

    pub(super) fn ask(&mut self, question: Option<[u8; 32]>) {
        self.question = question;
        self.answered.clear();
    }

    pub(super) fn close_round(&mut self, found: u8) -> Result<(), Refusal> {
        let Some(observer) = &mut self.running else { return Ok(()) };
        let expected = observer.round();
        if found != expected as u8 {
            return Err(Refusal::WrongRound { found, expected });
        }
        observer.close_round()?;
        if observer.round() == Round::Done {
            self.ended.extend(self.running.take());
            self.ask(None);
            self.rehearsed.clear();
            self.handing.clear();
        }
        Ok(())
    }

    /// A resharing to these members with this threshold of each group.
    pub(super) fn reshare(&mut self, groups: &[(Vec<Member>, u16)]) -> Result<(), KeyError> {
        let previous = self.in_force().ok_or(KeyError::Members)?;
        // Every attempt has an epoch of its own, so that no message of one fits another.
        let begun = self.ended.len() + self.left.len() + usize::from(self.is_running());
        let epoch = u32::try_from(begun).map_err(|_| KeyError::Members)?;
        let groups = groups.iter().map(|(members, threshold)| (members.as_slice(), *threshold));
        let groups: Vec<(&[Member], u16)> = groups.collect();
        let setup = Setup::reshare(previous, epoch, &previous.hand_over_quorums(), &groups);
        let observer = Observer::new(setup.ok_or(KeyError::Members)?);
        self.left.extend(self.running.replace(observer));
        Ok(())
    }

    /// The ceremony of this epoch, if its keys were in force once and are not any more.
    pub(super) fn past(&self, epoch: u32) -> Option<&Ceremony> {
        let (_, past) = self.ended.split_last()?;
        let place = past.binary_search_by_key(&epoch, |observer| observer.setup().epoch());
        past.get(place.ok()?)?.ceremony()
    }
}

#[cfg(test)]
mod tests {
    use crate::{board::fixture::Small, work::steps};
    use rand_core::OsRng;

    /// However many were abandoned, a resharing costs what it costs alone.
    #[test]
    fn the_end_of_a_round_copies_no_ceremony() {
        let rng = &mut OsRng;
        let Small { operator, trustee, mut board, .. } = Small::open();
        let members = board.state().manifest().unwrap().trustees().to_vec();
        for abandoned in 0..5 {
            board.reshare(&operator, &[(&members, 1)], rng).unwrap();
            let setup = board.state().observer().unwrap().setup().clone();
            assert_eq!(setup.epoch(), 1 + abandoned);
            let (_, commit) = trustee.expose_reshare(&setup, rng).unwrap();
            board.post(&commit, rng).unwrap();
            let (copies, closed) = steps(|| board.close_round(&operator, rng));
            assert!(closed.is_ok());
            assert_eq!(copies, 0);
        }
    }
}
