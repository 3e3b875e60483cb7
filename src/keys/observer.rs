//! The rounds of a ceremony as everybody sees them.

use super::{
    Blame, Ceremony, Commit, Complaint, Conviction, Deal, KeyError, Party, PartyFault, Setup,
    blame::{decide, read_deal},
    ceremony::enough,
    shares::Shares,
};
use crate::{
    codec::Encode,
    crypto::{ProofCheck, signature::Signature},
    random, work,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// How many bytes longer than it should be a deal can be and still be kept as evidence.
const MORE: usize = 65_535;

/// A round of a ceremony. The operator closes each round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Round {
    /// Dealers commit to their deals.
    Commit = 0,
    /// Dealers show the deals that they committed to.
    Deal = 1,
    /// Members complain about bad shares.
    Complain = 2,
    /// Members sign the keys.
    Confirm = 3,
    /// The ceremony is over.
    Done = 4,
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "the round of commits",
            Self::Deal => "the round of deals",
            Self::Complain => "the round of complaints",
            Self::Confirm => "the round of confirmations",
            Self::Done => "the end of the ceremony",
        })
    }
}

/// Follows a ceremony from its messages alone, without a secret. The same messages in the same order lead everybody to the
/// same keys and the same verdicts.
#[derive(Clone, Debug)]
pub struct Observer {
    setup: Setup,
    round: Round,
    commits: BTreeMap<u16, Commit>,
    deals: BTreeMap<u16, Deal>,
    complaints: BTreeMap<(u16, u16), Complaint>,
    found: Vec<Conviction>,
    /// The evidence for each verdict.
    evidence: Vec<Evidence>,
    out: BTreeSet<Party>,
    _copied: work::Copied,
    ceremony: Option<Ceremony>,
    /// The signatures of those who signed the keys.
    confirmed: BTreeMap<u16, Signature>,
}

/// What a certificate needs besides the messages that are kept anyway.
#[derive(Clone, Debug)]
enum Evidence {
    /// A deal that does not count.
    Deal(Vec<u8>),
    /// The complaint of this member about this dealer.
    Complaint(u16, u16),
}

impl Observer {
    /// Starts a ceremony.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            round: Round::Commit,
            commits: BTreeMap::new(),
            deals: BTreeMap::new(),
            complaints: BTreeMap::new(),
            found: Vec::new(),
            evidence: Vec::new(),
            out: BTreeSet::new(),
            _copied: work::Copied,
            ceremony: None,
            confirmed: BTreeMap::new(),
        }
    }

    /// The setup of the ceremony.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The current round.
    pub fn round(&self) -> Round {
        self.round
    }

    /// The commit of a dealer.
    pub(crate) fn commit(&self, dealer: u16) -> Option<&Commit> {
        self.commits.get(&dealer)
    }

    /// The numbers of the dealers who committed, ascending.
    pub fn committed(&self) -> impl Iterator<Item = u16> {
        self.commits.keys().copied()
    }

    /// The deal of a dealer who was not found at fault.
    pub fn deal(&self, dealer: u16) -> Option<&Deal> {
        self.deals.get(&dealer).filter(|_| !self.is_out(Party::Dealer(dealer)))
    }

    /// All deals of dealers who were not found at fault, by number.
    pub fn deals(&self) -> impl Iterator<Item = &Deal> + Clone {
        self.deals.values().filter(|deal| !self.is_out(Party::Dealer(deal.dealer())))
    }

    /// The verdicts so far. Complaints are decided when their round is closed.
    pub fn found(&self) -> &[Conviction] {
        &self.found
    }

    /// The verdicts, each with a certificate for others to check. A certificate holds a whole deal and is made only on
    /// request.
    pub fn certificates(&self) -> impl Iterator<Item = (&Conviction, Blame)> {
        self.found.iter().zip(&self.evidence).filter_map(|(conviction, evidence)| {
            let blame = match evidence {
                Evidence::Deal(deal) => {
                    let Party::Dealer(dealer) = conviction.party else { return None };
                    let commit = self.commits.get(&dealer)?.clone();
                    Blame::Deal { commit, deal: deal.clone() }
                }
                Evidence::Complaint(member, dealer) => {
                    let deal = self.deals.get(dealer)?.to_bytes();
                    let complaint = self.complaints.get(&(*member, *dealer))?.clone();
                    Blame::Share { deal, complaint }
                }
            };
            Some((conviction, blame))
        })
    }

    fn convict(&mut self, conviction: Conviction, evidence: Evidence) {
        self.out.insert(conviction.party);
        self.found.push(conviction);
        self.evidence.push(evidence);
    }

    /// The keys, once complaints are decided. They come into force when the last round is closed.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.ceremony.as_ref()
    }

    /// The trustees who signed the keys.
    pub fn confirmed(&self) -> BTreeSet<u16> {
        self.confirmed.keys().copied().collect()
    }

    /// What they signed, in the order of their numbers.
    pub(super) fn confirmations(&self) -> impl Iterator<Item = (u16, &Signature)> {
        self.confirmed.iter().map(|(number, signature)| (*number, signature))
    }

    /// Whether a party was found at fault. In the first ceremony each party is both dealer and member.
    fn is_out(&self, party: Party) -> bool {
        let (Party::Dealer(number) | Party::Member(number)) = party;
        let both = [Party::Dealer(number), Party::Member(number)];
        let is_first = self.setup.previous().is_none();
        self.out.contains(&party) || (is_first && both.iter().any(|p| self.out.contains(p)))
    }

    fn expect(&self, round: Round) -> Result<(), KeyError> {
        if self.round == round { Ok(()) } else { Err(KeyError::WrongRound { now: self.round }) }
    }

    /// Takes a commit.
    pub fn take_commit(
        &mut self,
        commit: Commit,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), KeyError> {
        self.take_commit_with(commit, &drawn(rng)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn take_commit_with(
        &mut self,
        commit: Commit,
        seed: &[u8; 32],
    ) -> Result<(), KeyError> {
        self.expect(Round::Commit)?;
        let number = commit.dealer();
        if self.setup.dealer(number).is_none() {
            return Err(KeyError::NoParty { number, parties: self.setup.dealers().len() });
        }
        if self.commits.contains_key(&number) {
            return Err(KeyError::Duplicate { number });
        }
        signed(commit.verify_with(&self.setup, seed), number)?;
        self.commits.insert(number, commit);
        Ok(())
    }

    /// Takes a deal as bytes. Returns whether it proves its dealer to be at fault; such a dealer is out.
    ///
    /// # Errors
    ///
    /// [`KeyError::BadDeal`] for a deal that anybody could have made. It counts neither for nor against anybody.
    pub fn take_deal(
        &mut self,
        dealer: u16,
        deal: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Conviction>, KeyError> {
        self.take_deal_with(dealer, deal, &drawn(rng)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn take_deal_with(
        &mut self,
        dealer: u16,
        deal: &[u8],
        seed: &[u8; 32],
    ) -> Result<Option<Conviction>, KeyError> {
        self.expect(Round::Deal)?;
        let commit = self.commits.get(&dealer).ok_or(KeyError::NotCommitted { dealer })?;
        let out = self.is_out(Party::Dealer(dealer));
        if out || self.deals.contains_key(&dealer) {
            return Err(KeyError::Duplicate { number: dealer });
        }
        let read = read_deal(&self.setup, dealer, deal, seed);
        let committed = commit.matches(&self.setup, deal);
        let fault = match (committed, read) {
            (true, Ok(deal)) => {
                self.deals.insert(dealer, deal);
                return Ok(None);
            }
            (true, Err(fault)) if deal.len() <= Deal::size(&self.setup, dealer) + MORE => fault,
            // The proof of a deal is its dealer's signature.
            (false, Ok(_)) => PartyFault::WrongCommit,
            (_, Err(fault)) => return Err(KeyError::BadDeal { dealer, fault }),
        };
        let conviction = Conviction { party: Party::Dealer(dealer), fault };
        self.convict(conviction.clone(), Evidence::Deal(deal.to_vec()));
        Ok(Some(conviction))
    }

    /// Takes a complaint. It is decided when the round is closed, together with all others.
    pub fn take_complaint(
        &mut self,
        complaint: Complaint,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), KeyError> {
        self.take_complaint_with(complaint, &drawn(rng)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn take_complaint_with(
        &mut self,
        complaint: Complaint,
        seed: &[u8; 32],
    ) -> Result<(), KeyError> {
        self.expect(Round::Complain)?;
        let (number, dealer) = (complaint.complainer(), complaint.dealer());
        self.check_member(number)?;
        // A share of another group cannot be bad: there is none.
        let is_dealt = self.setup.deals_to(dealer, number);
        let deal = self.deals.get(&dealer).zip(self.commits.get(&dealer)).filter(|_| is_dealt);
        let (deal, commit) = deal.ok_or(KeyError::NoDeal { dealer })?;
        if self.complaints.contains_key(&(number, dealer)) {
            return Err(KeyError::Duplicate { number });
        }
        signed(complaint.verify_committed(&self.setup, deal, commit.hash(), seed), number)?;
        self.complaints.insert((number, dealer), complaint);
        Ok(())
    }

    /// Takes a member's signature under the keys.
    pub fn take_confirmation(
        &mut self,
        number: u16,
        signature: &Signature,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), KeyError> {
        self.take_confirmation_with(number, signature, &drawn(rng)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn take_confirmation_with(
        &mut self,
        number: u16,
        signature: &Signature,
        seed: &[u8; 32],
    ) -> Result<(), KeyError> {
        self.expect(Round::Confirm)?;
        self.check_member(number)?;
        if self.confirmed.contains_key(&number) {
            return Err(KeyError::Duplicate { number });
        }
        let Some(ceremony) = &self.ceremony else {
            return Err(KeyError::WrongRound { now: self.round });
        };
        signed(ceremony.verify_confirmation_with(number, signature, seed), number)?;
        self.confirmed.insert(number, signature.clone());
        Ok(())
    }

    /// Closes the round. Later messages for it do not count.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooFew`] if too few parties of a group have done their part or are left. It names the others; nothing changes.
    pub fn close_round(&mut self) -> Result<(), KeyError> {
        match self.round {
            Round::Commit => {
                self.enough_dealers(|number| self.commits.contains_key(&number))?;
                self.round = Round::Deal;
            }
            Round::Deal => {
                self.enough_dealers(|number| self.deal(number).is_some())?;
                self.round = Round::Complain;
            }
            Round::Complain => {
                let before = self.found.len();
                self.decide_complaints();
                let ceremony = self
                    .enough_dealers(|number| self.deal(number).is_some())
                    .and_then(|()| Ceremony::new(&self.setup, self.deals(), &self.members_out()));
                match ceremony {
                    Ok(ceremony) => self.ceremony = Some(ceremony),
                    Err(error) => {
                        self.found.truncate(before);
                        self.evidence.truncate(before);
                        self.out = self.found.iter().map(|conviction| conviction.party).collect();
                        return Err(error);
                    }
                }
                self.round = Round::Confirm;
            }
            Round::Confirm => {
                let holders = self.ceremony.as_ref().map(Ceremony::holders).unwrap_or_default();
                let (groups, done) = (self.setup.groups(), |i| self.confirmed.contains_key(&i));
                enough(groups, &groups.thresholds(), holders, done)?;
                self.round = Round::Done;
            }
            Round::Done => return Err(KeyError::WrongRound { now: self.round }),
        }
        Ok(())
    }

    fn enough_dealers(&self, done: impl Fn(u16) -> bool) -> Result<(), KeyError> {
        let (needed, dealers) = (self.setup.dealers_needed(), self.setup.dealers());
        enough(self.setup.dealer_groups(), needed, dealers, done)
    }

    /// Decides all complaints together, each on its own: a party found at fault in one can still be right in another.
    fn decide_complaints(&mut self) {
        let Self { setup, deals, commits, complaints, .. } = &*self;
        let mut shares = BTreeMap::new();
        let conviction = |((member, dealer), complaint): (&(u16, u16), &Complaint)| {
            let (deal, commit) = deals.get(dealer).zip(commits.get(dealer))?;
            let shares = shares.entry(*dealer).or_insert_with(|| Shares::new(deal, commit.hash()));
            let conviction =
                decide(setup, deal, complaint, |share, member| shares.first_wrong(share, member));
            Some((conviction, Evidence::Complaint(*member, *dealer)))
        };
        let found: Vec<_> = complaints.iter().filter_map(conviction).collect();
        found.into_iter().for_each(|(conviction, evidence)| self.convict(conviction, evidence));
    }

    /// Members without a share: those found at fault, and in the first ceremony those who did not deal.
    fn members_out(&self) -> BTreeSet<u16> {
        let members = (1u16..).take(self.setup.members().len());
        members.filter(|number| self.holds_none(*number)).collect()
    }

    fn holds_none(&self, member: u16) -> bool {
        let absent = self.setup.previous().is_none() && !self.deals.contains_key(&member);
        absent || self.is_out(Party::Member(member))
    }

    fn check_member(&self, number: u16) -> Result<(), KeyError> {
        if self.setup.member(number).is_none() {
            return Err(KeyError::NoParty { number, parties: self.setup.members().len() });
        }
        if self.holds_none(number) {
            return Err(KeyError::Out { number });
        }
        Ok(())
    }
}

fn drawn(rng: &mut (impl CryptoRng + RngCore)) -> Result<[u8; 32], KeyError> {
    random::seed(rng).map_err(|_| KeyError::Randomness)
}

fn signed(result: Result<(), ProofCheck>, number: u16) -> Result<(), KeyError> {
    result.map_err(|_| KeyError::Signature { number })
}
