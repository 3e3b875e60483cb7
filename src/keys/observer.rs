//! The rounds of a ceremony as everybody sees them.

use super::{
    Blame, Ceremony, Commit, Complaint, Deal, Fault, KeyError, Party, Setup, Verdict,
    blame::{decide, read_deal},
};
use crate::{author::Signature, codec::Encode, error::VerifyError};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// How many bytes too long a promised deal may be to be kept as evidence.
const MORE: usize = 65_535;

/// What a ceremony waits for. The operator closes each round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Round {
    /// Dealers promise their deals.
    Commit = 0,
    /// Dealers deal as promised.
    Deal = 1,
    /// Members complain of bad shares.
    Complain = 2,
    /// Members sign the keys.
    Confirm = 3,
    /// Nothing: the keys are there.
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

/// Follows a ceremony from its messages alone. It holds no secret, and everybody who gives it the same messages in
/// the same order comes to the same keys and the same verdicts.
#[derive(Clone, Debug)]
pub struct Observer {
    setup: Setup,
    round: Round,
    commits: BTreeMap<u16, Commit>,
    deals: BTreeMap<u16, Deal>,
    complaints: BTreeMap<(u16, u16), Complaint>,
    found: Vec<(Verdict, Blame)>,
    ceremony: Option<Ceremony>,
    confirmed: BTreeSet<u16>,
}

impl Observer {
    /// A ceremony that begins.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            round: Round::Commit,
            commits: BTreeMap::new(),
            deals: BTreeMap::new(),
            complaints: BTreeMap::new(),
            found: Vec::new(),
            ceremony: None,
            confirmed: BTreeSet::new(),
        }
    }

    /// What the ceremony began with.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What it waits for.
    pub fn round(&self) -> Round {
        self.round
    }

    /// The commit of a dealer.
    pub fn commit(&self, dealer: u16) -> Option<&Commit> {
        self.commits.get(&dealer)
    }

    /// The deal of a dealer who is not found guilty of anything.
    pub fn deal(&self, dealer: u16) -> Option<&Deal> {
        self.deals.get(&dealer).filter(|_| !self.is_out(Party::Dealer(dealer)))
    }

    /// All deals of dealers who are not found guilty of anything, in the order of their numbers.
    pub fn deals(&self) -> impl Iterator<Item = &Deal> + Clone {
        self.deals.values().filter(|deal| !self.is_out(Party::Dealer(deal.dealer())))
    }

    /// Everybody found guilty of something and of what, each with the certificate for others to check. Complaints are
    /// decided when their round is closed.
    pub fn found(&self) -> &[(Verdict, Blame)] {
        &self.found
    }

    /// The keys, once complaints are decided. They are in force when the last round is closed.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.ceremony.as_ref()
    }

    /// The trustees who signed the keys.
    pub fn confirmed(&self) -> &BTreeSet<u16> {
        &self.confirmed
    }

    /// Whether somebody is found guilty. In the first ceremony a dealer is a member and the other way around.
    fn is_out(&self, party: Party) -> bool {
        let same = |other: Party| {
            let (Party::Dealer(a) | Party::Member(a)) = party;
            let (Party::Dealer(b) | Party::Member(b)) = other;
            party == other || (a == b && self.setup.previous().is_none())
        };
        self.found.iter().any(|(verdict, _)| same(verdict.party))
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
        self.expect(Round::Commit)?;
        let number = commit.dealer();
        if self.setup.dealer(number).is_none() {
            return Err(KeyError::NoParty { number });
        }
        if self.commits.contains_key(&number) {
            return Err(KeyError::Duplicate { number });
        }
        signed(commit.verify(&self.setup, rng), number)?;
        self.commits.insert(number, commit);
        Ok(())
    }

    /// Takes a deal as bytes, and says if it shows that its dealer is at fault. A dealer at fault is out.
    ///
    /// # Errors
    ///
    /// [`KeyError::BadDeal`] for a deal that anybody could have made up. It counts for nothing and against nobody.
    pub fn take_deal(
        &mut self,
        dealer: u16,
        deal: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Verdict>, KeyError> {
        self.expect(Round::Deal)?;
        let commit = self.commits.get(&dealer).ok_or(KeyError::NotCommitted { dealer })?;
        let out = self.is_out(Party::Dealer(dealer));
        if out || self.deals.contains_key(&dealer) {
            return Err(KeyError::Duplicate { number: dealer });
        }
        let read = read_deal(&self.setup, dealer, deal, rng).map_err(|_| KeyError::Randomness)?;
        let promised = commit.promises(&self.setup, deal);
        let fault = match (promised, read) {
            (true, Ok(deal)) => {
                self.deals.insert(dealer, deal);
                return Ok(None);
            }
            (true, Err(fault)) if deal.len() <= Deal::size(&self.setup) + MORE => fault,
            // The proof of a deal is its dealer's signature.
            (false, Ok(_)) => Fault::WrongCommit,
            (_, Err(fault)) => return Err(KeyError::BadDeal { dealer, fault }),
        };
        let verdict = Verdict { party: Party::Dealer(dealer), fault };
        let blame = Blame::Deal { commit: commit.clone(), deal: deal.to_vec() };
        self.found.push((verdict.clone(), blame));
        Ok(Some(verdict))
    }

    /// Takes a complaint. It is decided when the round is closed, together with all others.
    pub fn take_complaint(
        &mut self,
        complaint: Complaint,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), KeyError> {
        self.expect(Round::Complain)?;
        let (number, dealer) = (complaint.complainer(), complaint.dealer());
        self.check_member(number)?;
        let deal = self.deals.get(&dealer).ok_or(KeyError::NoDeal { dealer })?;
        if self.complaints.contains_key(&(number, dealer)) {
            return Err(KeyError::Duplicate { number });
        }
        signed(complaint.verify(&self.setup, deal, rng), number)?;
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
        self.expect(Round::Confirm)?;
        self.check_member(number)?;
        if self.confirmed.contains(&number) {
            return Err(KeyError::Duplicate { number });
        }
        let Some(ceremony) = &self.ceremony else {
            return Err(KeyError::WrongRound { now: self.round });
        };
        signed(ceremony.verify_confirmation(number, signature, rng), number)?;
        self.confirmed.insert(number);
        Ok(())
    }

    /// Ends the round. After that, what comes too late for it does not count.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooFew`] if too few have done their part, or are left. It names the others, and changes nothing.
    pub fn close_round(&mut self) -> Result<(), KeyError> {
        let dealers = self.setup.dealers();
        let enough = |found: usize, needed: usize, missing: Vec<u16>| {
            if found >= needed { Ok(()) } else { Err(KeyError::TooFew { found, needed, missing }) }
        };
        match self.round {
            Round::Commit => {
                let missing = dealers.into_iter().filter(|i| !self.commits.contains_key(i));
                enough(self.commits.len(), self.setup.dealers_needed(), missing.collect())?;
                self.round = Round::Deal;
            }
            Round::Deal => {
                let missing = dealers.into_iter().filter(|i| self.deal(*i).is_none());
                enough(self.deals().count(), self.setup.dealers_needed(), missing.collect())?;
                self.round = Round::Complain;
            }
            Round::Complain => {
                let mut judged = self.clone();
                judged.decide_complaints();
                let missing = dealers.into_iter().filter(|i| judged.deal(*i).is_none());
                let found = judged.deals().count();
                enough(found, self.setup.dealers_needed(), missing.collect())?;
                let ceremony = Ceremony::new(&self.setup, judged.deals(), &judged.members_out())?;
                judged.ceremony = Some(ceremony);
                judged.round = Round::Confirm;
                *self = judged;
            }
            Round::Confirm => {
                let holders = self.ceremony.as_ref().map(Ceremony::holders).unwrap_or_default();
                let missing = holders.into_iter().filter(|i| !self.confirmed.contains(i));
                let needed = self.setup.threshold().into();
                enough(self.confirmed.len(), needed, missing.collect())?;
                self.round = Round::Done;
            }
            Round::Done => return Err(KeyError::WrongRound { now: self.round }),
        }
        Ok(())
    }

    /// All complaints together, each on its own: whom one of them puts out can still be right in another.
    fn decide_complaints(&mut self) {
        for ((_, dealer), complaint) in &self.complaints {
            if let Some(deal) = self.deals.get(dealer) {
                let verdict = decide(&self.setup, deal, complaint);
                let (deal, complaint) = (deal.to_bytes(), complaint.clone());
                self.found.push((verdict, Blame::Share { deal, complaint }));
            }
        }
    }

    /// Members who hold no share: those found guilty, and in the first ceremony those who did not deal.
    fn members_out(&self) -> BTreeSet<u16> {
        let members = (1u16..).take(self.setup.members().len());
        let absent = |i: u16| self.setup.previous().is_none() && !self.deals.contains_key(&i);
        members.filter(|i| self.is_out(Party::Member(*i)) || absent(*i)).collect()
    }

    fn check_member(&self, number: u16) -> Result<(), KeyError> {
        if self.setup.member(number).is_none() {
            return Err(KeyError::NoParty { number });
        }
        if self.members_out().contains(&number) {
            return Err(KeyError::Out { number });
        }
        Ok(())
    }
}

fn signed(result: Result<(), VerifyError>, number: u16) -> Result<(), KeyError> {
    match result {
        Ok(()) => Ok(()),
        Err(VerifyError::Randomness) => Err(KeyError::Randomness),
        Err(VerifyError::Invalid(_)) => Err(KeyError::Signature { number }),
    }
}
