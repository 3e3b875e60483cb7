//! The key ceremony, resharings and rehearsals as entries of the board.

use super::{Kind, Phase, Refusal, State};
use crate::{
    ballot::Election,
    codec::{Decode, DecodeError, Reader},
    crypto::{VerifyError, signature::AuthorKey},
    keys::{
        Blame, Ceremony, Commit, Complaint, Confirmation, Erasure, KeyError, Observer, Rehearsal,
        Round, Setup, Verdict,
    },
    manifest::TrusteeEntry,
    mistake::{MAX_NAME, all_distinct, is_name},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use rand_core::{CryptoRng, RngCore};

/// Most members of a resharing.
const MAX_MEMBERS: usize = 255;

/// Who holds the keys, who held them, and who shall.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// The ceremony that is going on.
    running: Option<Observer>,
    /// Those that came to their end; the keys of the last one are in force.
    ended: Vec<Observer>,
    /// Those that did not, in the order of their epochs.
    left: Vec<Observer>,
    question: Option<[u8; 32]>,
    asked: BTreeSet<[u8; 32]>,
    /// Those who answered this question.
    answered: BTreeSet<u16>,
    /// Those who answered any question about the keys in force.
    rehearsed: BTreeSet<u16>,
    /// How often, by epoch and trustee.
    rehearsals: BTreeMap<(u32, u16), u64>,
    erased: BTreeSet<(u32, u16)>,
    /// Those who hold shares and have begun to hand them over, in whichever resharing: they sign no close.
    handing: BTreeSet<u16>,
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

    pub(super) fn in_force(&self) -> Option<&Ceremony> {
        self.ended.last()?.ceremony()
    }

    pub(super) fn ceremonies(&self) -> impl Iterator<Item = &Ceremony> {
        self.ended.iter().filter_map(Observer::ceremony)
    }

    fn all(&self) -> impl Iterator<Item = (u32, &Observer)> {
        let all = self.ended.iter().chain(&self.left).chain(&self.running);
        all.map(|observer| (observer.setup().epoch(), observer))
    }

    pub(super) fn found(&self) -> impl Iterator<Item = (u32, &Verdict)> {
        self.all().flat_map(|(epoch, observer)| {
            observer.found().iter().map(move |verdict| (epoch, verdict))
        })
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = (u32, &Verdict, Blame)> {
        self.all().flat_map(|(epoch, observer)| {
            observer.certificates().map(move |(verdict, blame)| (epoch, verdict, blame))
        })
    }

    /// The keys that are in force as soon as the round is closed that is open.
    fn coming(&self) -> Option<&Ceremony> {
        let running = self.running.as_ref().filter(|running| running.round() == Round::Confirm);
        running?.ceremony()
    }

    /// How many of those who hold shares can still sign a close.
    pub(super) fn closers(&self) -> usize {
        let holders = self.in_force().map(Ceremony::holders).unwrap_or_default();
        holders.iter().filter(|number| !self.handing.contains(number)).count()
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

    fn ask(&mut self, question: Option<[u8; 32]>) {
        self.question = question;
        self.answered.clear();
    }

    fn close_round(&mut self, found: u8) -> Result<(), Refusal> {
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

    fn reshare(
        &mut self,
        members: Vec<TrusteeEntry>,
        threshold: u16,
        dealers: u16,
    ) -> Result<(), KeyError> {
        let previous = self.in_force().ok_or(KeyError::Members)?;
        // Every attempt has an epoch of its own, so that no message of one fits another.
        let begun = self.ended.len() + self.left.len() + usize::from(self.is_running());
        let epoch = u32::try_from(begun).map_err(|_| KeyError::Members)?;
        let setup = Setup::reshare(previous, epoch, dealers, members, threshold);
        let observer = Observer::new(setup.ok_or(KeyError::Members)?);
        self.left.extend(self.running.replace(observer));
        Ok(())
    }

    /// The ceremony of this epoch, if its keys were in force once and are not any more.
    fn past(&self, epoch: u32) -> Option<&Ceremony> {
        let (_, past) = self.ended.split_last()?;
        let place = past.binary_search_by_key(&epoch, |observer| observer.setup().epoch());
        past.get(place.ok()?)?.ceremony()
    }
}

impl State {
    pub(super) fn apply_keys(
        &mut self,
        kind: Kind,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        match kind {
            Kind::Round | Kind::Question | Kind::Reshare => self.apply_order(kind, body, rng),
            Kind::Rehearsal => self.apply_rehearsal(body, rng),
            Kind::Erasure => self.apply_erasure(body, rng),
            _ => self.apply_message(kind, body, rng),
        }
    }

    /// What the operator orders.
    fn apply_order(
        &mut self,
        kind: Kind,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let mut reader = Reader::new(self.signed(manifest, kind, body, rng)?);
        match kind {
            Kind::Round => {
                let round = reader.field("round").u8()?;
                reader.finish()?;
                // What may fail comes before anything changes.
                let coming = self.keys.coming().filter(|_| self.election.is_none());
                let election = coming.map(|ceremony| {
                    let election = Election::new(manifest, ceremony);
                    election.map_err(|_| KeyError::IdentityKey { slot: 0 })
                });
                let election = election.transpose()?;
                self.keys.close_round(round)?;
                self.election = self.election.take().or(election);
            }
            Kind::Question => {
                let question = reader.field("question").array()?;
                reader.finish()?;
                // Its answers are known already.
                if !self.keys.asked.insert(question) {
                    return Err(Refusal::AskedBefore);
                }
                self.keys.ask(Some(question));
            }
            _ => {
                let (threshold, members) = read_members(&mut reader)?;
                reader.finish()?;
                let names = || members.iter().map(|member| member.name.as_str());
                let operator = manifest.operator().element();
                if !all_distinct(names())
                    || !names().all(is_name)
                    || members.iter().any(|member| member.key.element() == operator)
                {
                    return Err(KeyError::Members.into());
                }
                for TrusteeEntry { key, .. } in &members {
                    match key.verify(rng) {
                        Ok(()) => {}
                        Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
                        Err(_) => return Err(KeyError::Members.into()),
                    }
                }
                let ceremony = self.ceremony().ok_or(KeyError::Members)?;
                let dealers = ceremony.hand_over_quorum();
                self.keys.reshare(members, threshold, dealers)?;
            }
        }
        Ok(())
    }

    /// What a party of the ceremony says.
    fn apply_message(
        &mut self,
        kind: Kind,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let out_of_phase = Refusal::OutOfPhase { kind, phase: self.phase() };
        let observer = self.keys.running.as_mut().ok_or(out_of_phase)?;
        let result = match kind {
            Kind::Commit => {
                let commit = Commit::from_bytes(body)?;
                let dealer = commit.dealer();
                let taken = observer.take_commit(commit, rng);
                if taken.is_ok() && !self.keys.ended.is_empty() {
                    self.keys.handing.insert(dealer);
                }
                taken
            }
            Kind::Deal => {
                let dealer = Reader::new(body).u16()?;
                observer.take_deal(dealer, body, rng).map(drop)
            }
            Kind::Complaint => observer.take_complaint(Complaint::from_bytes(body)?, rng),
            _ => {
                let confirmation = Confirmation::from_bytes(body)?;
                observer.take_confirmation(confirmation.trustee(), confirmation.signature(), rng)
            }
        };
        Ok(result?)
    }

    fn apply_rehearsal(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let kind = Kind::Rehearsal;
        let parts = (self.election(), self.ceremony(), self.question());
        let (Some(election), Some(ceremony), Some(question)) = parts else {
            return Err(Refusal::OutOfPhase { kind, phase: self.phase() });
        };
        let mut reader = Reader::new(body);
        let rehearsal = Rehearsal::decode(&mut reader, ceremony)?;
        reader.finish()?;
        let trustee = rehearsal.trustee();
        // Anybody can copy an answer; the board shall not fill with copies.
        if self.keys.answered.contains(&trustee) {
            return Err(Refusal::Trustee { number: trustee });
        }
        let context = crate::tally::context(election, ceremony);
        match rehearsal.verify(ceremony, &context, question, rng) {
            Ok(()) => {}
            Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
            Err(VerifyError::Invalid(_)) => return Err(Refusal::Promise { kind, trustee }),
        }
        let epoch = ceremony.setup().epoch();
        self.keys.answered.insert(trustee);
        self.keys.rehearsed.insert(trustee);
        *self.keys.rehearsals.entry((epoch, trustee)).or_default() += 1;
        Ok(())
    }

    fn apply_erasure(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let erasure = Erasure::from_bytes(body)?;
        let (kind, trustee) = (Kind::Erasure, erasure.trustee());
        let ceremony = self.keys.past(erasure.epoch()).ok_or(Refusal::Promise { kind, trustee })?;
        match erasure.verify(ceremony, rng) {
            Ok(()) => {}
            Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
            Err(VerifyError::Invalid(_)) => return Err(Refusal::Promise { kind, trustee }),
        }
        if !self.keys.erased.insert((erasure.epoch(), trustee)) {
            return Err(Refusal::Trustee { number: trustee });
        }
        Ok(())
    }
}

/// `u16 threshold`, then the members with their names and keys.
fn read_members(reader: &mut Reader<'_>) -> Result<(u16, Vec<TrusteeEntry>), DecodeError> {
    let threshold = reader.field("threshold").u16()?;
    let members = reader.field("members").list(MAX_MEMBERS, 4 + 96, |reader| {
        Ok(TrusteeEntry { name: reader.text(MAX_NAME)?, key: AuthorKey::decode(reader)? })
    })?;
    Ok((threshold, members))
}

#[cfg(test)]
mod tests {
    use crate::{
        board::Board,
        contest::Contest,
        crypto::signature::AuthorSecret,
        keys::in_one_process,
        manifest::{Manifest, TrusteeEntry},
        roll::Credential,
        work::steps,
    };
    use rand_core::OsRng;

    /// However many were abandoned, a resharing costs what it costs alone.
    #[test]
    fn the_end_of_a_round_copies_no_ceremony() {
        let rng = &mut OsRng;
        let operator = AuthorSecret::random(rng).unwrap();
        let secrets = [AuthorSecret::random(rng).unwrap()];
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([secrets[0].public().clone()], 1)
            .contest(Contest::choose_one("c", ["a"]))
            .build()
            .unwrap();
        let (messages, trustees) = in_one_process(&manifest, &secrets, rng).unwrap();
        let roll = [Credential::random(rng).unwrap().registration(&manifest, 0, rng).unwrap()];
        let mut board =
            Board::open(&manifest, &operator, &messages, &trustees, &roll, rng).unwrap();
        let members = [TrusteeEntry { name: "t".into(), key: secrets[0].public().clone() }];
        for abandoned in 0..5 {
            board.reshare(&operator, &members, 1, rng).unwrap();
            let setup = board.state().observer().unwrap().setup().clone();
            assert_eq!(setup.epoch(), 1 + abandoned);
            let (_, commit) = trustees[0].expose_reshare(&setup, rng).unwrap();
            board.post(&commit, rng).unwrap();
            let (copies, closed) = steps(|| board.close_round(&operator, rng));
            assert!(closed.is_ok());
            assert_eq!(copies, 0);
        }
    }
}
