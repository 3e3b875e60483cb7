//! The rules of acceptance: one pure state machine that server, board and auditor all run.

use super::{
    Kind, Phase, Refusal, Root, Tree,
    entry::{self, MAX_OBJECT},
};
use crate::{
    author::{AuthorSecret, Signature},
    ballot::{BallotError, CastBallot, Election, Tracker, VerifiedBallot},
    codec::{Decode, Encode, Reader, put_count},
    decrypt::{DecryptionShare, VerifiedShare},
    error::{Check, DecodeErrorKind, ProveError, VerifyError},
    keys::{Ceremony, Deal, Trustee},
    manifest::{Manifest, ManifestHash},
    outcome::{Outcome, turnout_difference},
    roll::{Roll, RollError, Voter},
    tally::{PartialTally, Tally},
    transcript::{Transcript, label},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use rand_core::{CryptoRng, RngCore};

/// Bytes of an author's signature, which stand last in an object.
const SIGNATURE: usize = 64;

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

#[derive(Clone, Debug)]
struct Voting {
    election: Election,
    roll: Roll,
    /// For the voters who have cast, by their line in the roll.
    last: BTreeMap<u32, Last>,
    nonces: BTreeSet<[u8; 32]>,
    partial: PartialTally,
    closed: bool,
}

/// A voter's last accepted ballot, and how many there were.
#[derive(Clone, Copy, Debug)]
struct Last {
    count: u32,
    entry: u64,
    tracker: Tracker,
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
        for run in objects.chunk_by(|a, b| is_ballot(a) == is_ballot(b)) {
            if self.phase() == Phase::Voting && run.first().is_some_and(is_ballot) {
                self.apply_ballots(run, &stored, rng, &mut results);
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

    /// The content of a signed object, if the operator signed it for this place of the board.
    fn signed<'b>(
        &self,
        manifest: &Manifest,
        kind: Kind,
        body: &'b [u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<&'b [u8], Refusal> {
        let mut reader = Reader::new(body);
        let content = reader.bytes(body.len().saturating_sub(SIGNATURE))?;
        let signature = Signature::decode(&mut reader)?;
        reader.finish()?;
        let mut transcript = self.entry_transcript(manifest.hash(), kind, content);
        match manifest.operator().verify_signature(&signature, &mut transcript, rng) {
            Ok(()) => Ok(content),
            Err(VerifyError::Randomness) => Err(Refusal::Randomness),
            Err(VerifyError::Invalid(_)) => Err(Refusal::Signature { kind }),
        }
    }

    /// An entry's signature binds the election, the place of the entry and everything before it.
    fn entry_transcript(&self, manifest: ManifestHash, kind: Kind, content: &[u8]) -> Transcript {
        let mut transcript = Transcript::new(label::ENTRY);
        transcript.append_bytes(b"manifest", manifest.as_bytes());
        transcript.append_u64(b"size", self.size());
        transcript.append_bytes(b"root", self.root().as_bytes());
        transcript.append_u64(b"kind", kind as u64);
        transcript.append_bytes(b"content", content);
        transcript
    }

    /// The object of this kind and content, signed by the operator for the board's next place.
    pub fn sign(
        &self,
        operator: &AuthorSecret,
        manifest: &Manifest,
        kind: Kind,
        content: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>, ProveError> {
        let mut transcript = self.entry_transcript(manifest.hash(), kind, content);
        let signature = operator.sign(&mut transcript, rng)?;
        let mut object = alloc::vec![kind as u8];
        object.extend_from_slice(content);
        signature.encode(&mut object);
        Ok(object)
    }

    fn apply_manifest(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        use crate::manifest::ManifestReadError::Mistake;

        let content = body.get(..body.len().saturating_sub(SIGNATURE)).unwrap_or_default();
        let manifest = Manifest::from_canonical(content).map_err(Refusal::Manifest)?;
        manifest.verify_keys(rng).map_err(|error| Refusal::Manifest(Mistake(error)))?;
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
        deal.verify(manifest, rng).map_err(Refusal::Keys)?;
        let mut deals = self.deals.clone();
        deals.push(deal);
        if deals.len() == manifest.trustees().len() {
            self.ceremony = Some(Ceremony::new(manifest, &deals, rng).map_err(Refusal::Keys)?);
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
        rng: &mut (impl CryptoRng + RngCore),
        results: &mut Vec<Result<Accepted, Refusal>>,
    ) {
        let Some(voting) = &mut self.voting else { return };
        let bodies: Vec<&[u8]> =
            objects.iter().map(|o| o.as_ref().get(1..).unwrap_or_default()).collect();
        let Ok(verdicts) = voting.election.verify_all(&bodies, rng) else {
            return results.extend(objects.iter().map(|_| Err(Refusal::Randomness)));
        };
        // Ballots of this call that may be replaced by later ones of this call.
        let mut recent = BTreeMap::new();
        for ((object, body), verdict) in objects.iter().zip(bodies).zip(verdicts) {
            let entry = self.tree.size();
            let result = voting.accept(entry, body, verdict, stored, &mut recent);
            if result.is_ok() {
                self.tree.push(object.as_ref());
            }
            results.push(result);
        }
    }

    /// Signs by the operator, and puts trustees' signatures together: the object that closes the voting now.
    pub fn close(
        &self,
        operator: &AuthorSecret,
        trustees: &[Trustee],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>, ProveError> {
        let (Some(manifest), Some(election)) = (&self.manifest, self.election()) else {
            return Err(ProveError::Shape);
        };
        let mut signatures = BTreeMap::new();
        for trustee in trustees {
            let mut transcript =
                close_transcript(election, trustee.number(), self.size(), self.root());
            signatures.insert(trustee.number(), trustee.author().sign(&mut transcript, rng)?);
        }
        let mut content = self.size().to_be_bytes().to_vec();
        content.extend_from_slice(self.root().as_bytes());
        put_count(&mut content, signatures.len());
        for (number, signature) in &signatures {
            content.extend_from_slice(&number.to_be_bytes());
            signature.encode(&mut content);
        }
        self.sign(operator, manifest, Kind::Close, &content, rng)
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

/// What a trustee signs to close: the election, the trustee, and the board's size and root.
fn close_transcript(election: &Election, trustee: u16, size: u64, root: Root) -> Transcript {
    let mut transcript = election.context().proof(label::CLOSE);
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    transcript
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

impl Voting {
    /// Decides on a ballot whose reading and proof were tried already.
    fn accept(
        &mut self,
        entry: u64,
        body: &[u8],
        verdict: Result<VerifiedBallot, BallotError>,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
    ) -> Result<Accepted, Refusal> {
        let tracker = Tracker::of(body);
        let ballot = match verdict {
            Ok(ballot) => ballot,
            Err(error @ BallotError::Bytes(_)) => return Err(error.into()),
            Err(error @ BallotError::Proof(_)) => {
                // What is wrong with voter or style says more than that the proof is wrong, too.
                self.voter(&self.election.read_ballot(body)?, tracker)?;
                return Err(error.into());
            }
        };
        let voter = self.voter(&ballot, tracker)?;
        let last = self.last.get(&voter.line).copied();
        let (found, expected) = (ballot.header().sequence, last.map_or(0, |last| last.count));
        if found != expected {
            return Err(Refusal::WrongSequence { found, expected });
        }
        let cap = self.election.manifest().ballots_per_voter();
        if expected >= cap {
            return Err(Refusal::TooManyBallots { cap });
        }
        let nonce = *ballot.ciphertext().a.as_bytes();
        if self.nonces.contains(&nonce) {
            return Err(Refusal::NonceReused);
        }
        let replaced = match last {
            None => None,
            Some(last) => {
                let old = recent.remove(&last.entry).or_else(|| {
                    let object = stored(last.entry)?;
                    self.election.read_again(object.get(1..)?, &last.tracker)
                });
                Some(old.ok_or(Refusal::Storage { entry: last.entry })?)
            }
        };

        // Nothing fails from here on, so a refusal leaves no trace.
        if let Some(old) = &replaced {
            self.partial.remove(old, voter.weight);
        }
        self.partial.add(&ballot, voter.weight);
        self.nonces.insert(nonce);
        self.last.insert(voter.line, Last { count: expected + 1, entry, tracker });
        recent.insert(entry, ballot);
        Ok(Accepted { entry, kind: Kind::Ballot, replaces: last.map(|last| last.entry) })
    }

    /// The voter of a ballot, if the style is the voter's and the ballot is not the one accepted last.
    fn voter(&self, ballot: &CastBallot, tracker: Tracker) -> Result<Voter, Refusal> {
        let voter = *self.roll.voter(ballot.voter()).ok_or(Refusal::UnknownVoter)?;
        let (found, expected) = (ballot.header().style, voter.style);
        if found != expected {
            return Err(Refusal::WrongStyle { found, expected });
        }
        match self.last.get(&voter.line) {
            Some(last) if last.tracker == tracker => {
                Err(Refusal::AlreadyOnBoard { entry: last.entry })
            }
            _ => Ok(voter),
        }
    }
}
