//! The rules of acceptance: one pure state machine that server, board and auditor all run.

use super::{
    Freeze, Kind, Phase, Refusal,
    closing::Closing,
    keys::Keys,
    mixing::Mixing,
    signing::SIGNATURE,
    voting::{Examined, Voting},
};
use crate::{
    ballot::{BallotError, Election, VerifiedBallot},
    codec::{Encode, Reader},
    crypto::{ProofCheck, VerifyError, shuffle::ShuffleError},
    keys::{Blame, Ceremony, Observer, Setup, Verdict},
    log::{
        entry::{self, MAX_OBJECT},
        merkle::{Head, Root, Tree},
    },
    manifest::Manifest,
    roll::{Roll, RollError},
    tally::{
        Cascade, CellTally, DecryptionShare, Outcome, PartialTally, Sums, Tally, VerifiedShare,
        turnout_difference,
    },
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use rand_core::{CryptoRng, RngCore};

/// Everything that decides what the board accepts next. Storage of the entries is the caller's.
#[derive(Clone, Debug, Default)]
pub struct State {
    tree: Tree,
    manifest: Option<Manifest>,
    pub(super) keys: Keys,
    pub(super) election: Option<Election>,
    pub(super) voting: Option<Voting>,
    pub(super) closing: Closing,
    tally: Option<Tally>,
    mixing: Option<Mixing>,
    shares: Vec<VerifiedShare>,
    faulty: BTreeMap<u16, ProofCheck>,
    outcome: Option<Outcome>,
}

/// An object that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its first entry.
    pub entry: u64,
    /// What it is.
    pub kind: Kind,
    /// For a ballot of a voter who had cast before: the entry of the ballot that it replaces.
    pub replaces: Option<u64>,
}

impl State {
    /// The state of an empty board.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far the election is.
    pub fn phase(&self) -> Phase {
        if self.outcome.is_some() {
            return Phase::Finished;
        }
        if self.tally.is_some() {
            let mixed = self.mixing.as_ref().is_none_or(Mixing::is_complete);
            return if mixed { Phase::Opening } else { Phase::Mixing };
        }
        match (&self.manifest, &self.voting) {
            (_, Some(_)) if self.closing.closed => Phase::Closed,
            (_, Some(_)) if self.closing.frozen.is_some() => Phase::Frozen,
            (_, Some(_)) => Phase::Voting,
            (Some(_), None) => self.keys.phase(),
            (None, None) => Phase::Empty,
        }
    }

    /// How many entries were accepted.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Root of the Merkle tree over all entries.
    pub fn root(&self) -> Root {
        self.tree.root()
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        self.tree.head()
    }

    /// The manifest, once it is on the board.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The ceremony that is going on, or else the one whose keys are in force.
    pub fn observer(&self) -> Option<&Observer> {
        self.keys.observer()
    }

    /// The keys in force, once the first ceremony is over: who holds shares now.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.keys.in_force()
    }

    /// Who was found guilty of what in which epoch.
    pub fn found(&self) -> impl Iterator<Item = (u32, &Verdict)> {
        self.keys.found()
    }

    /// The same with the certificate of each, which is made when it is asked for and holds a whole deal.
    pub fn certificates(&self) -> impl Iterator<Item = (u32, &Verdict, Blame)> {
        self.keys.certificates()
    }

    /// Trustees who have shown that they hold the shares in force.
    pub fn rehearsed(&self) -> &BTreeSet<u16> {
        self.keys.rehearsed()
    }

    /// How often each trustee of each epoch has shown that it holds its shares.
    pub fn rehearsals(&self) -> &BTreeMap<(u32, u16), u64> {
        self.keys.rehearsals()
    }

    /// The question that trustees can answer now.
    pub fn question(&self) -> Option<&[u8; 32]> {
        self.keys.question().filter(|_| self.phase() != Phase::Frozen)
    }

    /// Which trustees of which earlier epoch signed that they erased their shares.
    pub fn erased(&self) -> &BTreeSet<(u32, u16)> {
        self.keys.erased()
    }

    /// The election, once its keys are in force.
    pub fn election(&self) -> Option<&Election> {
        self.election.as_ref()
    }

    /// Size and root of the board right behind the freeze in force, while voting is frozen and when it is closed: what a
    /// trustee signs to close.
    pub fn frozen(&self) -> Option<(u64, Root)> {
        self.closing.frozen
    }

    /// When voting was frozen, and when a freeze was lifted.
    pub fn freezes(&self) -> &[Freeze] {
        &self.closing.freezes
    }

    /// Size and root of the board with which voting ended, once a quorum of trustees has signed them.
    pub fn closed(&self) -> Option<(u64, Root)> {
        self.frozen().filter(|_| self.closing.closed)
    }

    /// The trustees who signed the close, in the order of their signatures.
    pub fn closed_by(&self) -> &[u16] {
        &self.closing.signed
    }

    /// The ceremonies whose keys were in force, in their order; those of the last one are.
    pub fn ceremonies(&self) -> impl Iterator<Item = &Ceremony> {
        self.keys.ceremonies()
    }

    /// Trustees whose last decryption share is signed and wrong, and the check that it fails.
    pub fn faulty_shares(&self) -> &BTreeMap<u16, ProofCheck> {
        &self.faulty
    }

    /// The roll, once it is on the board.
    pub fn roll(&self) -> Option<&Roll> {
        self.voting.as_ref().map(|voting| &voting.roll)
    }

    /// How many ballots this voter has cast: the next sequence number.
    pub fn next_sequence(&self, voter: &crate::crypto::group::Element) -> Option<u32> {
        let voting = self.voting.as_ref()?;
        let voter = voting.roll.voter(voter)?;
        Some(voting.last.get(voter.line).map_or(0, |last| last.count))
    }

    /// How many ballots count, each voter's last one.
    pub fn counted(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.last.len() as u64)
    }

    /// How many ballots were spoiled. None of them counts.
    pub fn spoiled(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.spoils.count().0)
    }

    /// How many of the spoiled ballots were opened.
    pub fn opened_spoils(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.spoils.count().1)
    }

    /// The tally of the ballots that count so far.
    pub fn partial_tally(&self) -> Option<&PartialTally> {
        self.voting.as_ref().map(|voting| &voting.partial)
    }

    /// The tally, once it is on the board; after the last mix with the rows that came out of it.
    pub fn tally(&self) -> Option<&Tally> {
        self.tally.as_ref()
    }

    /// The cells that are mixed, and how far they are.
    pub fn cascades(&self) -> &[Cascade] {
        self.mixing.as_ref().map_or(&[], |mixing| &mixing.cascades)
    }

    pub(super) fn mixing(&self) -> Option<&Mixing> {
        self.mixing.as_ref()
    }

    /// Trustees whose last mix of a cell is signed and wrong, with the cell's place in the tally, and what is wrong.
    pub fn faulty_mixes(&self) -> impl Iterator<Item = (u16, usize, &ShuffleError)> {
        let faulty = self.mixing.iter().flat_map(|mixing| &mixing.faulty);
        faulty.map(|((trustee, cell), error)| (*trustee, *cell, error))
    }

    /// The decryption shares accepted so far.
    pub fn shares(&self) -> &[VerifiedShare] {
        &self.shares
    }

    /// The outcome, once it is on the board.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Decides on one object. See [`State::apply_all`].
    pub fn apply(
        &mut self,
        object: &[u8],
        stored: impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        let mut results = self.apply_all(&[object], stored, rng);
        results.pop().unwrap_or(Err(Refusal::Randomness))
    }

    /// Decides on objects, in this order; ballots among them are verified in batches. The verdicts are those of
    /// deciding one by one, and what is refused leaves no trace.
    ///
    /// `stored` gives back an entry that was accepted in an earlier call. It is asked for a ballot that another
    /// one replaces, and with the tally for ballots with rankings or write-ins, and its answers are checked.
    pub fn apply_all<B: AsRef<[u8]> + Sync>(
        &mut self,
        objects: &[B],
        stored: impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<Accepted, Refusal>> {
        let is_ballot = |object: &B| {
            let object = object.as_ref();
            object.len() <= MAX_OBJECT && object.first() == Some(&(Kind::Ballot as u8))
        };
        let mut results = Vec::with_capacity(objects.len());
        // Ballots of this call that may be replaced by later ones of this call.
        let mut recent = BTreeMap::new();
        // All ballots of this call that were accepted. The tally asks for them.
        let mut accepted = BTreeMap::new();
        for run in objects.chunk_by(|a, b| is_ballot(a) == is_ballot(b)) {
            if self.phase() == Phase::Voting && run.first().is_some_and(is_ballot) {
                let before = results.len();
                self.apply_ballots(run, &stored, &mut recent, rng, &mut results);
                for (object, result) in run.iter().zip(results.iter().skip(before)) {
                    accepted.extend(result.as_ref().ok().map(|ok| (ok.entry, object.as_ref())));
                }
            } else {
                let stored = |entry: u64| match accepted.get(&entry) {
                    Some(object) => Some(object.to_vec()),
                    None => stored(entry),
                };
                let apply = |object: &B| self.apply_other(object.as_ref(), &stored, rng);
                results.extend(run.iter().map(apply));
            }
        }
        results
    }

    fn apply_other(
        &mut self,
        object: &[u8],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        if object.len() > MAX_OBJECT {
            return Err(Refusal::TooLarge { found: object.len(), max: MAX_OBJECT });
        }
        let (kind, body) = Kind::split(object)?;
        let phase = self.phase();
        match (phase, kind) {
            (Phase::Empty, Kind::Manifest) => self.apply_manifest(body, rng)?,
            (_, Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Confirmation | Kind::Round)
                if self.keys.is_running() && phase != Phase::Frozen =>
            {
                self.apply_keys(kind, body, rng)?
            }
            (
                Phase::Enrolling | Phase::Voting,
                Kind::Question | Kind::Rehearsal | Kind::Reshare | Kind::Erasure,
            ) => self.apply_keys(kind, body, rng)?,
            (Phase::Frozen | Phase::Closed | Phase::Mixing | Phase::Opening, Kind::Erasure) => {
                self.apply_keys(kind, body, rng)?
            }
            (Phase::Enrolling, Kind::Roll) => self.apply_roll(body, false, rng)?,
            (Phase::Voting, Kind::Freeze) => self.check_freeze(body, rng)?,
            (Phase::Frozen, Kind::Lift) => self.apply_lift(body, rng)?,
            (Phase::Frozen, Kind::Close) => self.apply_close(body, rng)?,
            (Phase::Frozen, Kind::Tally) => return Err(self.missing_quorum()),
            (Phase::Closed, Kind::Tally) => self.apply_tally(body, stored, rng)?,
            (Phase::Mixing, Kind::Mix) => self.apply_mix(body, rng)?,
            (Phase::Opening, Kind::Share) => self.apply_share(body, rng)?,
            (Phase::Opening, Kind::Result) => self.apply_result(body, rng)?,
            (Phase::Voting, Kind::SpoilRequest) => self.apply_spoil(kind, body, rng)?,
            (
                Phase::Voting | Phase::Frozen | Phase::Closed | Phase::Mixing | Phase::Opening,
                Kind::SpoilOpening,
            ) => self.apply_spoil(kind, body, rng)?,
            (
                Phase::Closed | Phase::Mixing | Phase::Opening | Phase::Finished,
                Kind::Ballot | Kind::SpoilRequest,
            ) => return Err(Refusal::Closed),
            (Phase::Frozen, Kind::Ballot | Kind::SpoilRequest) => return Err(Refusal::Frozen),
            _ => return Err(Refusal::OutOfPhase { kind, phase }),
        }
        let accepted = self.append(kind, object);
        if kind == Kind::Freeze {
            self.closing.freeze(accepted.entry, (self.size(), self.root()));
        }
        Ok(accepted)
    }

    fn append(&mut self, kind: Kind, object: &[u8]) -> Accepted {
        let entry = self.tree.size();
        entry::entries(object).for_each(|entry| self.tree.push(&entry));
        Accepted { entry, kind, replaces: None }
    }

    pub(super) fn known_manifest(&self) -> Result<&Manifest, Refusal> {
        let phase = self.phase();
        self.manifest.as_ref().ok_or(Refusal::OutOfPhase { kind: Kind::Manifest, phase })
    }

    fn apply_manifest(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        use crate::manifest::ManifestReadError::Mistake;

        let content = body.get(..body.len().saturating_sub(SIGNATURE)).unwrap_or_default();
        let manifest = Manifest::from_canonical(content).map_err(Refusal::Manifest)?;
        if let Some(mistake) = manifest.unproven_key(rng).map_err(|_| Refusal::Randomness)? {
            return Err(Refusal::Manifest(Mistake(mistake)));
        }
        self.signed(&manifest, Kind::Manifest, body, rng)?;
        self.keys = Keys::begin(Setup::first(&manifest));
        self.manifest = Some(manifest);
        Ok(())
    }

    /// A roll that is `known` is read without points, as its lines were checked before.
    fn apply_roll(
        &mut self,
        body: &[u8],
        known: bool,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        // Who is out cannot rehearse, and does not keep the others from voting.
        let holders = self.ceremony().map_or(0, |ceremony| ceremony.holders().len());
        let holders = u16::try_from(holders).unwrap_or(u16::MAX);
        let (found, expected) = (self.rehearsed().len(), manifest.rehearsals().min(holders));
        if found < usize::from(expected) {
            return Err(Refusal::Rehearsals { found, expected });
        }
        let content = self.signed(manifest, Kind::Roll, body, rng)?;
        let roll = match known {
            true => Roll::read_again(manifest, content),
            false => Roll::decode(manifest, content, rng),
        };
        let roll = roll.map_err(|error| match error {
            RollError::Randomness => Refusal::Randomness,
            other => Refusal::Roll(other),
        })?;
        let election = self.election.clone();
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Roll, phase: self.phase() };
        self.voting = Some(Voting::new(election.ok_or(out_of_phase)?, roll));
        Ok(())
    }

    fn apply_ballots<B: AsRef<[u8]> + Sync>(
        &mut self,
        objects: &[B],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
        rng: &mut (impl CryptoRng + RngCore),
        results: &mut Vec<Result<Accepted, Refusal>>,
    ) {
        let Some(voting) = &mut self.voting else { return };
        let bodies: Vec<&[u8]> =
            objects.iter().map(|o| o.as_ref().get(1..).unwrap_or_default()).collect();
        let verified = voting.verify(&bodies, rng);
        for ((object, body), verified) in objects.iter().zip(bodies).zip(verified) {
            let entry = self.tree.size();
            let result = voting.accept(entry, body, verified, stored, recent);
            if result.is_ok() {
                self.tree.push(object.as_ref());
            }
            results.push(result);
        }
    }

    fn apply_spoil(
        &mut self,
        kind: Kind,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let (entry, phase) = (self.size(), self.phase());
        let voting = self.voting.as_mut().ok_or(Refusal::OutOfPhase { kind, phase })?;
        match kind {
            Kind::SpoilRequest => voting.accept_request(entry, body, rng),
            _ => voting.accept_opening(entry, body, rng),
        }
    }

    /// Decides on a roll whose lines were checked before, byte for byte.
    pub(crate) fn apply_known_roll(
        &mut self,
        object: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        match (self.phase(), Kind::split(object)) {
            (Phase::Enrolling, Ok((Kind::Roll, body))) => {
                self.apply_roll(body, true, rng)?;
                Ok(self.append(Kind::Roll, object))
            }
            // Nothing else that a roll stands for is asked for an earlier entry.
            _ => self.apply_other(object, &|_| None, rng),
        }
    }

    /// Verifies ballots, on all cores, without deciding on them. `None` before it opens.
    pub(crate) fn examine<B: AsRef<[u8]> + Sync>(
        &self,
        objects: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Option<Result<Examined, VerifyError>> {
        self.voting.as_ref().map(|voting| voting.examine(objects, rng))
    }

    /// Adds sums over ballots that were found valid and are still to be decided on. `None`, and nothing added, if
    /// they cannot be of this election.
    pub(crate) fn add_sums(&mut self, sums: &Sums) -> Option<()> {
        self.voting.as_mut()?.partial.add_sums(sums)
    }

    /// Decides on a ballot with this verdict. One that is valid is in the sums already. There it stays if and only if it is
    /// accepted.
    pub(crate) fn apply_examined(
        &mut self,
        ballot: &[u8],
        verdict: Result<(), BallotError>,
        stored: impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Result<Accepted, Refusal> {
        let (entry, phase) = (self.tree.size(), self.phase());
        let (kind, body) = Kind::split(ballot)?;
        let open = |_: &&mut Voting| matches!(phase, Phase::Voting | Phase::Frozen);
        let voting = self.voting.as_mut().filter(open);
        let voting = voting.ok_or(Refusal::OutOfPhase { kind, phase })?;
        if phase == Phase::Frozen {
            if verdict.is_ok() {
                voting.forget(body);
            }
            return Err(Refusal::Frozen);
        }
        let accepted = voting.accept_examined(entry, body, verdict, &stored)?;
        self.tree.push(ballot);
        Ok(accepted)
    }

    fn apply_tally(
        &mut self,
        body: &[u8],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Tally, body, rng)?;
        let (Some(voting), Some(ceremony)) = (&self.voting, self.ceremony()) else {
            return Err(Refusal::Closed);
        };
        let tally = Tally::new(&voting.partial);
        if content != tally.as_bytes() {
            return Err(Refusal::WrongSum { cell: first_difference(&tally, content) });
        }
        let cells = tally.cells().iter().enumerate().filter(|(_, cell)| cell.is_mixed());
        let (places, cells): (Vec<usize>, Vec<&CellTally>) = cells.unzip();
        if !cells.is_empty() {
            let rows = places.into_iter().zip(voting.rows(&cells, stored)?);
            self.mixing = Some(Mixing::new(&voting.election, ceremony, &tally, rows));
        }
        self.tally = Some(tally);
        Ok(())
    }

    fn apply_mix(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Mix, phase: self.phase() };
        let Self { election, keys, tally, mixing, .. } = self;
        let parts = (election, keys.in_force(), &mut *tally, mixing);
        let (Some(election), Some(ceremony), Some(known), Some(mixing)) = parts else {
            return Err(out_of_phase);
        };
        mixing.accept(election, ceremony, known, body, rng)?;
        if mixing.is_complete() {
            *tally = Some(known.clone().with_mixed(mixing.take_rows()?));
        }
        Ok(())
    }

    fn apply_share(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let parts = (self.election(), self.ceremony(), &self.tally);
        let (Some(election), Some(ceremony), Some(tally)) = parts else {
            return Err(Refusal::OutOfPhase { kind: Kind::Share, phase: self.phase() });
        };
        let mut reader = Reader::new(body);
        let share = DecryptionShare::decode(&mut reader, tally)?;
        reader.finish()?;
        let number = share.trustee();
        if self.shares.iter().any(|other| other.trustee() == number) {
            return Err(Refusal::Trustee { number });
        }
        match share.clone().verify(election, ceremony, tally, rng) {
            Ok(share) => {
                self.shares.push(share);
                self.faulty.remove(&number);
            }
            Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
            Err(VerifyError::Invalid(culprits)) => {
                let fault = share.fault(election, ceremony, tally, rng);
                let check = culprits.first().map_or(ProofCheck::Shape, |culprit| culprit.check);
                match fault.map_err(|_| Refusal::Randomness)? {
                    // Once is enough: the same trustee cannot fill the board.
                    Some(check) if !self.faulty.contains_key(&number) => {
                        self.faulty.insert(number, check);
                    }
                    _ => return Err(Refusal::Share { trustee: number, check }),
                }
            }
        }
        Ok(())
    }

    fn apply_result(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Result, body, rng)?;
        let parts = (&self.voting, self.ceremony(), &self.tally);
        let (Some(voting), Some(ceremony), Some(tally)) = parts else {
            return Err(Refusal::OutOfPhase { kind: Kind::Result, phase: self.phase() });
        };
        let (outcome, elected) = Outcome::decode(&mut Reader::new(content), manifest, tally)?;
        match outcome.verify(ceremony, tally, &self.shares, rng) {
            None => {
                let (found, expected) = (self.shares.len(), ceremony.setup().threshold());
                return Err(Refusal::TooFewShares { found, expected });
            }
            Some(Err(VerifyError::Randomness)) => return Err(Refusal::Randomness),
            Some(Err(VerifyError::Invalid(culprits))) => {
                let cell = culprits.first().map_or(0, |culprit| culprit.index);
                return Err(Refusal::WrongTotal { cell });
            }
            Some(Ok(())) => {}
        }
        let own = voting.partial.took_part(&voting.roll);
        if let Some((part, place)) = turnout_difference(outcome.turnout(), &own) {
            return Err(Refusal::WrongTurnout { part, place });
        }
        // Only what was opened is counted: a count can take long.
        let outcome = outcome.count_rows();
        if let Some(contest) = outcome.wrong_elected(&elected) {
            return Err(Refusal::WrongElected { contest });
        }
        if let Some(contest) = outcome.wrong_account() {
            return Err(Refusal::WrongAccount { contest });
        }
        self.outcome = Some(outcome);
        Ok(())
    }
}

/// The first cell whose bytes differ from those of the tally.
fn first_difference(tally: &Tally, content: &[u8]) -> usize {
    let mut at = 4;
    tally
        .cells()
        .iter()
        .take_while(|cell| {
            let bytes = cell.to_bytes();
            let same = content.get(at..at + bytes.len()) == Some(bytes.as_slice());
            at += bytes.len();
            same
        })
        .count()
}
