//! A board that can be posted to.

use super::{
    Accepted, BoardError, Memory, NoReceipt, Object, Posted, Receipt, ReceiptError, Refusal, State,
    Storage, index::Index,
};
use crate::{
    ballot::Election,
    crypto::signature::AuthorSecret,
    keys::{Messages, Trustee},
    log::{LogError, entry::entries, merkle::Hashes},
    manifest::Manifest,
    parallel,
    roll::{Registration, VoterKey},
};
use alloc::{borrow::Cow, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// A board: the entries, and the state that decides on the next. The entries are in [`Memory`], or in another [`Storage`].
///
/// What is accepted is in the storage before anybody learns that it is accepted. If the storage fails, nothing is accepted any
/// more ([`failure`](Self::failure)).
#[derive(Clone, Debug)]
pub struct Board<S: Storage = Memory> {
    pub(super) state: State,
    pub(super) storage: S,
    pub(super) hashes: Hashes,
    pub(super) index: Index,
    failure: Option<S::Error>,
}

impl Default for Board {
    fn default() -> Self {
        Self::on(Memory::default())
    }
}

impl Board {
    /// An empty board in memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// A board in memory on which voting is open. See [`begin`](Self::begin).
    pub fn open(
        manifest: &Manifest,
        operator: &AuthorSecret,
        ceremony: &Messages,
        trustees: &[Trustee],
        roll: &[Registration],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, BoardError> {
        let mut board = Self::new();
        board.begin(manifest, operator, ceremony, trustees, roll, rng)?;
        Ok(board)
    }

    /// All entries as bytes: each behind its length in two bytes, big-endian.
    pub fn bytes(&self) -> &[u8] {
        self.storage.bytes()
    }

    /// One entry, from 0.
    pub fn entry(&self, index: u64) -> Option<&[u8]> {
        self.storage.get(index)
    }
}

impl<S: Storage> Board<S> {
    /// A board without entries. The storage must have none.
    pub fn on(storage: S) -> Self {
        Self {
            state: State::new(),
            storage,
            hashes: Hashes::default(),
            index: Index::default(),
            failure: None,
        }
    }

    /// The state after all entries.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The election, once its keys are in force.
    pub fn election(&self) -> Option<&Election> {
        self.state.election()
    }

    /// Where the entries are.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// The same, to be told more than objects. What is saved there past the board is not on the board, which then fails.
    pub fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    /// The state, and where the entries are.
    #[cfg(feature = "std")]
    pub(crate) fn split(&mut self) -> (&State, &mut S) {
        (&self.state, &mut self.storage)
    }

    /// One entry, from 0.
    pub fn read(&self, index: u64) -> Result<Option<Cow<'_, [u8]>>, LogError> {
        self.storage.entry(index)
    }

    /// The hashes of all entries' tree: for a proof that any entry is on the board, for tiles, and for the head of the board
    /// when it was smaller.
    pub fn hashes(&self) -> &Hashes {
        &self.hashes
    }

    /// Why the storage failed. From then on the state may be ahead of it, nothing is accepted, and there are no receipts:
    /// the board has to be opened again, which shows what was kept.
    pub fn failure(&self) -> Option<&S::Error> {
        self.failure.as_ref()
    }

    /// Posts an object: a message, or the bytes of one. It is appended if and only if it is accepted.
    pub fn post(
        &mut self,
        object: &(impl Object + ?Sized),
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        let mut results = self.post_all(&[object], rng);
        results.pop().unwrap_or(Err(Refusal::Randomness))
    }

    /// Posts objects in this order; ballots among them are verified in batches, and all are written together. One verdict for
    /// each.
    ///
    /// Nothing is accepted unless the storage has it: if that fails, what would have been accepted is [`Refusal::Unsaved`].
    pub fn post_all(
        &mut self,
        objects: &[impl Object],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<Accepted, Refusal>> {
        if self.failure.is_some() {
            return objects.iter().map(|_| Err(Refusal::Unsaved)).collect();
        }
        let objects: Vec<Vec<u8>> = objects.iter().map(Object::to_object).collect();
        let mut results = self.decide(&objects, rng);
        let accepted = objects.iter().zip(&results).filter(|(_, result)| result.is_ok());
        let accepted: Vec<&[u8]> = accepted.map(|(object, _)| &object[..]).collect();
        if accepted.is_empty() {
            return results;
        }
        match self.storage.save(&accepted, &self.state) {
            Ok(()) => self.note(&accepted),
            Err(error) => {
                self.failure = Some(error);
                results.iter_mut().filter(|r| r.is_ok()).for_each(|r| *r = Err(Refusal::Unsaved));
            }
        }
        results
    }

    pub(super) fn decide(
        &mut self,
        objects: &[Vec<u8>],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<Accepted, Refusal>> {
        let stored = |index| self.storage.entry(index).ok()?.map(Cow::into_owned);
        self.state.apply_all(objects, stored, rng)
    }

    /// Notes what is asked for later of objects that the storage has.
    pub(super) fn note(&mut self, objects: &[&[u8]]) {
        let keys = parallel::each_item(objects, |object| Index::keys(object));
        for (object, keys) in objects.iter().zip(keys) {
            self.index.add(self.hashes.size(), keys);
            entries(object).for_each(|entry| self.hashes.push(&entry));
        }
    }

    /// The operator's receipt for an entry. See [`State::receipt`].
    pub fn receipt(
        &self,
        operator: &AuthorSecret,
        entry: u64,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Receipt, BoardError> {
        if self.failure.is_some() {
            return Err(Refusal::Unsaved.into());
        }
        let size = self.state.size();
        let bytes = self.read(entry).map_err(BoardError::Storage)?;
        let bytes = bytes.ok_or(NoReceipt::NoEntry { entry, size })?;
        Ok(self.state.receipt(operator, entry, &bytes, rng)?)
    }
}

impl Board {
    /// Checks that this board keeps what a receipt says, for this voter. See [`Receipt::kept`].
    pub fn keeps(
        &self,
        receipt: &Receipt,
        voter: Option<&VoterKey>,
    ) -> Result<Posted, ReceiptError> {
        let (entry, size) = (receipt.entry(), receipt.size());
        let root = self.hashes.head(size).ok().map(|head| head.root);
        receipt.kept(self.entry(entry), root, voter)
    }
}
