//! The rules of acceptance: one pure state machine that server, board and auditor all run.

use super::{
    Kind, Phase, Refusal, Root, Tree,
    entry::{self, MAX_OBJECT},
    signing::{SIGNATURE, close_transcript},
    voting::Voting,
};
use crate::{
    author::Signature,
    ballot::{Election, VerifiedBallot},
    codec::{Decode, Encode, Reader},
    decrypt::{DecryptionShare, VerifiedShare},
    error::{Check, DecodeErrorKind, VerifyError},
    keys::{Ceremony, Deal},
    manifest::Manifest,
    outcome::{Outcome, turnout_difference},
    roll::{Roll, RollError},
    tally::{PartialTally, Tally},
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
    deals: Vec<Deal>,
    ceremony: Option<Ceremony>,
    confirmed: BTreeSet<u16>,
    voting: Option<Voting>,
    tally: Option<Tally>,
    shares: Vec<VerifiedShare>,
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
        match (&self.manifest, &self.ceremony, &self.voting, &self.tally, &self.outcome) {
            (_, _, _, _, Some(_)) => Phase::Finished,
            (_, _, _, Some(_), _) => Phase::Opening,
            (_, _, Some(voting), _, _) if voting.closed => Phase::Closed,
            (_, _, Some(_), _, _) => Phase::Voting,
            (Some(manifest), Some(_), _, _, _) => {
                if self.confirmed.len() < manifest.trustees().len() {
                    Phase::Confirming
                } else {
                    Phase::Enrolling
                }
            }
            (Some(_), None, _, _, _) => Phase::Dealing,
            (None, _, _, _, _) => Phase::Empty,
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

    /// The manifest, once it is on the board.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The deals so far.
    pub fn deals(&self) -> &[Deal] {
        &self.deals
    }

    /// The ceremony, once all trustees have dealt.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.ceremony.as_ref()
    }

    /// The election, once the roll is on the board.
    pub fn election(&self) -> Option<&Election> {
        self.voting.as_ref().map(|voting| &voting.election)
    }

    /// The roll, once it is on the board.
    pub fn roll(&self) -> Option<&Roll> {
        self.voting.as_ref().map(|voting| &voting.roll)
    }

    /// How many ballots this voter has cast: the next sequence number.
    pub fn next_sequence(&self, voter: &crate::group::Element) -> Option<u32> {
        let voting = self.voting.as_ref()?;
        let voter = voting.roll.voter(voter)?;
        Some(voting.last.get(&voter.line).map_or(0, |last| last.count))
    }

    /// How many ballots count, each voter's last one.
    pub fn counted(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.last.len() as u64)
    }

    /// The tally of the ballots that count so far.
    pub fn partial_tally(&self) -> Option<&PartialTally> {
        self.voting.as_ref().map(|voting| &voting.partial)
    }

    /// The tally, once it is on the board.
    pub fn tally(&self) -> Option<&Tally> {
        self.tally.as_ref()
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
    /// one replaces, and its answer is checked.
    pub fn apply_all<B: AsRef<[u8]> + Sync>(
        &mut self,
        objects: &[B],
        stored: impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<Accepted, Refusal>> {
        let is_ballot = |object: &B| matches!(Kind::split(object.as_ref()), Ok((Kind::Ballot, _)));
        let mut results = Vec::with_capacity(objects.len());
        // Ballots of this call that may be replaced by later ones of this call.
        let mut recent = BTreeMap::new();
        for run in objects.chunk_by(|a, b| is_ballot(a) == is_ballot(b)) {
            if self.phase() == Phase::Voting && run.first().is_some_and(is_ballot) {
                self.apply_ballots(run, &stored, &mut recent, rng, &mut results);
            } else {
                results.extend(run.iter().map(|object| self.apply_other(object.as_ref(), rng)));
            }
        }
        results
    }

    fn apply_other(
        &mut self,
        object: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        if object.len() > MAX_OBJECT {
            return Err(Refusal::TooLarge { found: object.len(), max: MAX_OBJECT });
        }
        let (kind, body) = Kind::split(object)?;
        let phase = self.phase();
        match (phase, kind) {
            (Phase::Empty, Kind::Manifest) => self.apply_manifest(body, rng)?,
            (Phase::Dealing, Kind::Deal) => self.apply_deal(body, rng)?,
            (Phase::Confirming, Kind::Confirmation) => self.apply_confirmation(body, rng)?,
            (Phase::Enrolling, Kind::Roll) => self.apply_roll(body, rng)?,
            (Phase::Voting, Kind::Close) => self.apply_close(body, rng)?,
            (Phase::Closed, Kind::Tally) => self.apply_tally(body, rng)?,
            (Phase::Opening, Kind::Share) => self.apply_share(body, rng)?,
            (Phase::Opening, Kind::Result) => self.apply_result(body, rng)?,
            (Phase::Closed | Phase::Opening | Phase::Finished, Kind::Ballot) => {
                return Err(Refusal::Closed);
            }
            _ => return Err(Refusal::OutOfPhase { kind, phase }),
        }
        Ok(self.append(kind, object))
    }

    fn append(&mut self, kind: Kind, object: &[u8]) -> Accepted {
        let entry = self.tree.size();
        entry::entries(object).iter().for_each(|entry| self.tree.push(entry));
        Accepted { entry, kind, replaces: None }
    }

    fn known_manifest(&self) -> Result<&Manifest, Refusal> {
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
        self.manifest = Some(manifest);
        Ok(())
    }

    fn apply_deal(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let mut reader = Reader::new(body);
        let deal = Deal::decode(&mut reader, manifest)?;
        reader.finish()?;
        if self.deals.iter().any(|other| other.dealer() == deal.dealer()) {
            return Err(Refusal::Trustee { number: deal.dealer() });
        }
        deal.verify(manifest, rng)?;
        let mut deals = self.deals.clone();
        deals.push(deal);
        if deals.len() == manifest.trustees().len() {
            self.ceremony = Some(Ceremony::new(manifest, &deals, rng)?);
        }
        self.deals = deals;
        Ok(())
    }

    fn apply_confirmation(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let mut reader = Reader::new(body);
        let number = reader.u16()?;
        let signature = Signature::decode(&mut reader)?;
        reader.finish()?;
        let trustee = usize::from(number).checked_sub(1).and_then(|i| manifest.trustees().get(i));
        let (Some(ceremony), Some(_)) = (&self.ceremony, trustee) else {
            return Err(Refusal::Trustee { number });
        };
        if self.confirmed.contains(&number) {
            return Err(Refusal::Trustee { number });
        }
        match ceremony.verify_confirmation(manifest, number, &signature, rng) {
            Ok(()) => {}
            Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
            Err(_) => return Err(Refusal::Signature { kind: Kind::Confirmation }),
        }
        self.confirmed.insert(number);
        Ok(())
    }

    fn apply_roll(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Roll, body, rng)?;
        let roll = Roll::decode(manifest, content, rng).map_err(|error| match error {
            RollError::Randomness => Refusal::Randomness,
            other => Refusal::Roll(other),
        })?;
        let election = self.ceremony.as_ref().and_then(|c| Election::new(manifest, c));
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Roll, phase: self.phase() };
        self.voting = Some(Voting {
            election: election.ok_or(out_of_phase)?,
            roll,
            last: BTreeMap::new(),
            nonces: BTreeSet::new(),
            partial: PartialTally::new(manifest),
            closed: false,
        });
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
        let Ok(verdicts) = voting.election.verify_all(&bodies, rng) else {
            return results.extend(objects.iter().map(|_| Err(Refusal::Randomness)));
        };
        for ((object, body), verdict) in objects.iter().zip(bodies).zip(verdicts) {
            let entry = self.tree.size();
            let result = voting.accept(entry, body, verdict, stored, recent);
            if result.is_ok() {
                self.tree.push(object.as_ref());
            }
            results.push(result);
        }
    }

    fn apply_close(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Close, body, rng)?;
        let Some(election) = self.election() else { return Err(Refusal::Closed) };
        let mut reader = Reader::new(content);
        let found = (reader.u64()?, Root::from(reader.array()?));
        let expected = (self.size(), self.root());
        if found != expected {
            return Err(Refusal::WrongClose { found, expected });
        }
        let trustees = manifest.trustees();
        let signatures = reader.list(trustees.len(), 2 + SIGNATURE, |reader| {
            Ok((reader.u16()?, Signature::decode(reader)?))
        })?;
        reader.finish()?;
        if !signatures.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(Refusal::Malformed(reader.error(0, DecodeErrorKind::NotCanonical)));
        }
        for (number, signature) in &signatures {
            let place = usize::from(*number).checked_sub(1);
            let trustee = place.and_then(|i| trustees.get(i));
            let key = &trustee.ok_or(Refusal::Trustee { number: *number })?.key;
            let mut transcript = close_transcript(election, *number, expected.0, expected.1);
            match key.verify_signature(signature, &mut transcript, rng) {
                Ok(()) => {}
                Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
                Err(_) => return Err(Refusal::Signature { kind: Kind::Close }),
            }
        }
        if signatures.len() < usize::from(manifest.close_quorum()) {
            let expected = manifest.close_quorum();
            return Err(Refusal::Quorum { found: signatures.len(), expected });
        }
        if let Some(voting) = &mut self.voting {
            voting.closed = true;
        }
        Ok(())
    }

    fn apply_tally(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Tally, body, rng)?;
        let Some(partial) = self.partial_tally() else { return Err(Refusal::Closed) };
        let tally = Tally::new(partial);
        if content != tally.to_bytes() {
            return Err(Refusal::WrongSum { cell: first_difference(&tally, content) });
        }
        self.tally = Some(tally);
        Ok(())
    }

    fn apply_share(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let (Some(election), Some(tally)) = (self.election(), &self.tally) else {
            return Err(Refusal::OutOfPhase { kind: Kind::Share, phase: self.phase() });
        };
        let mut reader = Reader::new(body);
        let share = DecryptionShare::decode(&mut reader, tally)?;
        reader.finish()?;
        let number = share.trustee();
        if self.shares.iter().any(|other| other.trustee() == number) {
            return Err(Refusal::Trustee { number });
        }
        let share = share.verify(election, tally, rng).map_err(|error| match error {
            VerifyError::Randomness => Refusal::Randomness,
            VerifyError::Invalid(culprits) => Refusal::Share {
                trustee: number,
                check: culprits.first().map_or(Check::Shape, |culprit| culprit.check),
            },
        })?;
        self.shares.push(share);
        Ok(())
    }

    fn apply_result(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Result, body, rng)?;
        let (Some(voting), Some(tally)) = (&self.voting, &self.tally) else {
            return Err(Refusal::OutOfPhase { kind: Kind::Result, phase: self.phase() });
        };
        let outcome = Outcome::decode(&mut Reader::new(content), manifest, tally)?;
        match outcome.verify(&voting.election, tally, &self.shares, rng) {
            None => {
                let (found, expected) = (self.shares.len(), manifest.threshold());
                return Err(Refusal::TooFewShares { found, expected });
            }
            Some(Err(VerifyError::Randomness)) => return Err(Refusal::Randomness),
            Some(Err(VerifyError::Invalid(culprits))) => {
                let cell = culprits.first().map_or(0, |culprit| culprit.index);
                return Err(Refusal::WrongTotal { cell });
            }
            Some(Ok(())) => {}
        }
        let own = voting.partial.turnout(&voting.roll);
        if let Some((part, place)) = turnout_difference(outcome.turnout(), &own) {
            return Err(Refusal::WrongTurnout { part, place });
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
