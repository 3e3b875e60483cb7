//! The secret side of a ceremony: dealers, recipients, and trustees with their shares.

use super::{
    Ceremony, Commit, Complaint, Confirmation, Deal, Erasure, KeyError, Observer, Rehearsal, Round,
    Setup, ceremony::weights,
};
use crate::{
    codec::Encode,
    crypto::{ProveError, signature::AuthorSecret, transcript::Transcript},
};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A dealer who has committed to a deal and not published it yet.
///
/// Keep it secret until the deal is posted: whoever sees it earlier can choose a deal that depends on it. It can be stored
/// between the rounds ([`AtRest`](super::AtRest)).
#[derive(Clone)]
pub struct Dealer {
    setup: Setup,
    deal: Deal,
}

impl Dealer {
    /// Makes a deal in the first ceremony, as the trustee with this number, and commits to it.
    ///
    /// Make only one for a setup, and store it before you send the commit: a trustee who commits to one deal and publishes
    /// another is at fault.
    ///
    /// # Errors
    ///
    /// `WrongSecret` if the manifest has another key for this number. `Shape` if the ceremony is a resharing, in which a
    /// [`Trustee`] deals its shares.
    pub fn new(
        setup: &Setup,
        number: u16,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(Self, Commit), ProveError> {
        Self::commit(setup, Deal::new(setup, number, author, None, rng)?, author, rng)
    }

    fn commit(
        setup: &Setup,
        deal: Deal,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(Self, Commit), ProveError> {
        let commit = Commit::new(setup, &deal, author, rng)?;
        Ok((Self { setup: setup.clone(), deal }, commit))
    }

    /// The dealer's number.
    pub fn number(&self) -> u16 {
        self.deal.dealer()
    }

    /// The commit once more, for a dealer that was stored before its commit reached the board.
    pub fn commitment(
        &self,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Commit, ProveError> {
        Commit::new(&self.setup, &self.deal, author, rng)
    }

    /// Publishes the deal, once the round of commits is closed and includes this dealer's commit.
    pub fn deal(self, observer: &Observer) -> Result<Deal, KeyError> {
        let dealer = self.number();
        if observer.setup() != &self.setup || observer.round() != Round::Deal {
            return Err(KeyError::WrongRound { now: observer.round() });
        }
        let commit = observer.commit(dealer).ok_or(KeyError::NotCommitted { dealer })?;
        if !commit.matches(&self.setup, &self.deal.to_bytes()) {
            return Err(KeyError::NotCommitted { dealer });
        }
        Ok(self.deal)
    }

    pub(super) fn parts(&self) -> (&Setup, &Deal) {
        (&self.setup, &self.deal)
    }

    pub(super) fn from_parts(setup: Setup, deal: Deal) -> Self {
        Self { setup, deal }
    }
}

impl fmt::Debug for Dealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dealer({}, ..)", self.number())
    }
}

/// A member of a ceremony who receives shares. It needs only its registered secret and public data, so it can stop and resume
/// at any time.
#[derive(Clone, Debug)]
pub struct Recipient {
    number: u16,
    author: AuthorSecret,
}

impl Recipient {
    /// The member with this number and this registered secret.
    pub fn new(setup: &Setup, number: u16, author: &AuthorSecret) -> Result<Self, KeyError> {
        let parties = setup.members().len();
        let key = setup.member(number).ok_or(KeyError::NoParty { number, parties })?;
        if key != author.public() {
            return Err(KeyError::WrongSecret { number });
        }
        Ok(Self { number, author: author.clone() })
    }

    /// Checks the share of every deal, in the round of complaints, and complains about the bad ones.
    pub fn complain(
        &self,
        observer: &Observer,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<Complaint>, KeyError> {
        if observer.round() != Round::Complain {
            return Err(KeyError::WrongRound { now: observer.round() });
        }
        let Self { number, author } = self;
        let setup = observer.setup();
        // In another ceremony all shares would look bad, and complaints would reveal the good shares of another member with
        // the same number.
        if setup.member(*number) != Some(author.public()) {
            return Err(KeyError::WrongSecret { number: *number });
        }
        let bad = |deal: &&Deal| deal.receive(setup, *number, author).is_err();
        let own = |deal: &&Deal| setup.deals_to(deal.dealer(), *number);
        let complain = |deal| Complaint::new(setup, deal, *number, author, rng);
        let complaints: Result<_, _> =
            observer.deals().filter(own).filter(bad).map(complain).collect();
        complaints.map_err(|error| match error {
            ProveError::Shape | ProveError::WrongSecret | ProveError::OtherElection => {
                KeyError::WrongSecret { number: *number }
            }
            ProveError::Randomness | ProveError::ZeroChallenge => KeyError::Randomness,
        })
    }

    /// Adds up the shares, once complaints are decided.
    ///
    /// # Errors
    ///
    /// [`KeyError::Out`] if this member was found at fault or did not deal. [`KeyError::BadShare`] names a dealer whose share
    /// is bad if this member did not complain in time; it then has no share.
    pub fn finish(self, observer: &Observer) -> Result<Trustee, KeyError> {
        let Self { number, ref author } = self;
        let round = KeyError::WrongRound { now: observer.round() };
        let ceremony = observer.ceremony().ok_or(round)?;
        let setup = ceremony.setup();
        if setup.member(number) != Some(author.public()) {
            return Err(KeyError::WrongSecret { number });
        }
        if ceremony.verification_keys(number).is_none() {
            return Err(KeyError::Out { number });
        }
        let own = |deal: &&Deal| setup.deals_to(deal.dealer(), number);
        let deals: Vec<&Deal> = observer.deals().filter(own).collect();
        let dealers: Vec<u16> = deals.iter().map(|deal| deal.dealer()).collect();
        let weights = weights(setup, &dealers);
        let mut shares = Zeroizing::new(alloc::vec![Scalar::ZERO; setup.slots()]);
        for (deal, weight) in deals.into_iter().zip_eq(&weights) {
            let received = deal.receive(setup, number, author);
            let dealer = deal.dealer();
            let received = received.map_err(|fault| KeyError::BadShare { dealer, fault })?;
            for (share, part) in shares.iter_mut().zip_eq(received.iter()) {
                *share += weight * part;
            }
        }
        let (ceremony, author) = (ceremony.clone(), author.clone());
        Ok(Trustee::new(number, author, shares.to_vec(), ceremony, Memory::default()))
    }
}

/// What a trustee has signed and opened, since it must do neither twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Size and root of the board that it closed.
    pub(crate) closed: Option<(u64, [u8; 32])>,
    /// Hash of the tally that it opened.
    pub(crate) opened: Option<[u8; 32]>,
    /// The epoch of the last resharing in which it dealt its shares.
    pub(crate) handed_over: Option<u32>,
}

/// A trustee with its checked shares `sⱼₖ` of all slots.
///
/// It signs one close, and opens only the tally that follows from the board after that close. Keep only one copy: two copies
/// do not know of each other's signatures.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Trustee {
    number: u16,
    author: AuthorSecret,
    shares: Vec<Scalar>,
    #[zeroize(skip)]
    ceremony: Ceremony,
    #[zeroize(skip)]
    pub(crate) memory: Memory,
}

impl Trustee {
    pub(super) fn new(
        number: u16,
        author: AuthorSecret,
        shares: Vec<Scalar>,
        ceremony: Ceremony,
        memory: Memory,
    ) -> Self {
        Self { number, author, shares, ceremony, memory }
    }

    /// The trustee's number, from 1.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The ceremony of its shares.
    pub fn ceremony(&self) -> &Ceremony {
        &self.ceremony
    }

    /// The registered secret.
    pub(crate) fn author(&self) -> &AuthorSecret {
        &self.author
    }

    /// The shares of all slots.
    pub(crate) fn shares(&self) -> &[Scalar] {
        &self.shares
    }

    /// The share `sⱼₖ` of a slot.
    pub(crate) fn expose_share(&self, slot: usize) -> Option<&Scalar> {
        self.shares.get(slot)
    }

    /// Signs the keys, after all shares were received.
    pub fn confirm(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Confirmation, ProveError> {
        Confirmation::new(&self.ceremony, self.number, &self.author, rng)
    }

    /// Answers a question, in the context that all decryption proofs share.
    pub(crate) fn answer(
        &self,
        context: &Transcript,
        question: &[u8; 32],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Rehearsal, ProveError> {
        let secrets = (self.number, &self.author, self.shares.as_slice());
        Rehearsal::new(&self.ceremony, context, question, secrets, rng)
    }

    /// Deals its shares to the members of a resharing, and commits to the deal.
    ///
    /// It deals to any members, each time it is called. So the caller must check what [`Trustee::hand_over`] checks.
    ///
    /// # Errors
    ///
    /// `Shape` if the resharing does not begin with the ceremony of this trustee.
    pub fn expose_reshare(
        &self,
        setup: &Setup,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(Dealer, Commit), ProveError> {
        if setup.previous().map(|before| before.hash()) != Some(self.ceremony.hash()) {
            return Err(ProveError::Shape);
        }
        let deal = Deal::new(setup, self.number, &self.author, Some(&self.shares), rng)?;
        Dealer::commit(setup, deal, &self.author, rng)
    }

    /// Erases the shares and signs a statement of that. The trustee must erase all other copies first.
    pub fn erase(self, rng: &mut (impl CryptoRng + RngCore)) -> Result<Erasure, ProveError> {
        Erasure::new(&self.ceremony, self.number, &self.author, rng)
    }
}

impl fmt::Debug for Trustee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trustee({}, ..)", self.number)
    }
}
