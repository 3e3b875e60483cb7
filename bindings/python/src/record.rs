//! A record to look things up in.

use crate::{
    audit::{ReceiptLike, impossible},
    ballot::{Ballot, Found},
    error::{parse, refused, unreadable},
    proofs::Checkpoint,
};
use pyo3::{
    Bound, PyAny, PyErr, PyResult, Python,
    exceptions::{PyIndexError, PyValueError},
    pyclass, pymethods,
    types::{PyAnyMethods, PyBytes, PyModule},
};
use rand_core::OsRng;
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};
use tabella::{
    Election, Expect, Manifest,
    audit::Audit,
    board::{self, Kind},
    codec::Encode,
    log::{
        ReadLog,
        checkpoint::{EntryProof, LogKey, SignedCheckpoint, Witness},
        merkle::{Hashes, Root},
    },
    record::Folder,
    roll::VoterKey,
    views,
};

/// A record to look things up in. Its manifest and its key ceremony are verified, and nothing else is: that takes an audit.
#[pyclass(frozen, module = "tabella")]
pub struct Record {
    folder: Folder,
    /// It is fastest in order.
    log: Mutex<Box<dyn ReadLog + Send>>,
    manifest: Manifest,
    /// `None` if the record ends, or goes wrong, before there are keys.
    election: Option<Election>,
    hashes: Hashes,
}

/// JSON as Python has it.
pub fn object<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    PyModule::import(py, "json")?.call_method1("loads", (json,))
}

impl Record {
    fn read(folder: Folder) -> PyResult<Self> {
        let mut log = folder.log();
        let hashes = tabella::log::hashes(&mut log).map_err(unreadable)?;
        let (mut audit, mut more) = (Audit::new(&Expect::default()), true);
        while more && audit.state().election().is_none() && audit.findings().is_empty() {
            let until = audit.size().saturating_add(1);
            more = audit.advance(&mut log, until, &mut OsRng).map_err(impossible)?;
        }
        let Some(manifest) = audit.state().manifest().cloned() else {
            return Err(audit.findings().first().map_or_else(
                || refused("the record has no manifest"),
                |finding| refused(format_args!("the record has no manifest: {finding}")),
            ));
        };
        let election = audit.state().election().cloned();
        Ok(Self { folder, log: Mutex::new(Box::new(log)), manifest, election, hashes })
    }

    fn read_entry(&self, index: u64) -> PyResult<Option<Vec<u8>>> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(log.entry(index).map_err(unreadable)?.map(|entry| entry.to_vec()))
    }

    fn bytes(&self, index: u64) -> PyResult<Vec<u8>> {
        let size = self.hashes.size();
        let none =
            || PyIndexError::new_err(format!("there is no entry {index}: the record has {size}"));
        self.read_entry(index)?.ok_or_else(none)
    }

    fn head(&self, size: u64) -> PyResult<Root> {
        Ok(self.hashes.head(size).map_err(|error| PyValueError::new_err(error.to_string()))?.root)
    }

    fn log_of(&self) -> PyResult<(&LogKey, &[Witness])> {
        let none = || refused("the manifest names no log, so nobody signs checkpoints");
        let log = self.manifest.log().ok_or_else(none)?;
        Ok((log.key(), log.witnesses()))
    }
}

#[pymethods]
impl Record {
    #[new]
    fn new(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        py.detach(|| Self::read(Folder::open(&folder).map_err(unreadable)?))
    }

    /// How many entries it has.
    fn __len__(&self) -> usize {
        usize::try_from(self.hashes.size()).unwrap_or(usize::MAX)
    }

    fn __repr__(&self) -> String {
        format!("<tabella.Record {}: {} entries>", self.manifest.id(), self.hashes.size())
    }

    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        object(py, &self.manifest.to_json())
    }

    #[getter]
    fn manifest_hash(&self) -> String {
        self.manifest.hash().to_string()
    }

    /// The name of its log in checkpoints.
    #[getter]
    fn origin(&self) -> String {
        self.manifest.origin()
    }

    /// The key that signs checkpoints, if the manifest names one.
    #[getter]
    fn log_key(&self) -> Option<String> {
        self.manifest.log().map(|log| log.key().to_string())
    }

    /// The root of the tree over all entries, or over the first ones.
    #[pyo3(signature = (size=None))]
    fn root(&self, size: Option<u64>) -> PyResult<String> {
        Ok(self.head(size.unwrap_or(self.hashes.size()))?.to_string())
    }

    /// An entry, from 0. They are read fastest in order.
    fn entry<'py>(&self, py: Python<'py>, index: u64) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.bytes(index)?))
    }

    /// What can be read in an entry by itself, as in `tabella audit --entries`. Nothing is verified.
    fn describe<'py>(&self, py: Python<'py>, index: u64) -> PyResult<Bound<'py, PyAny>> {
        object(py, &views::entry(index, &self.bytes(index)?))
    }

    /// The ballot in an entry.
    fn ballot<'py>(&self, py: Python<'py>, index: u64) -> PyResult<Bound<'py, PyBytes>> {
        match Kind::split(&self.bytes(index)?) {
            Ok((Kind::Ballot, ballot)) => Ok(PyBytes::new(py, ballot)),
            _ => Err(PyValueError::new_err(format!("entry {index} is no ballot"))),
        }
    }

    /// Verifies a ballot by itself: that its choices keep the rules of this election, and that its voter made it. Whether
    /// the voter is on the roll, and the ballot counts, an audit tells. Raises `Unreadable` or `Refused`.
    fn verify_ballot(&self, py: Python<'_>, ballot: &[u8]) -> PyResult<Ballot> {
        let none = || refused("the record has no keys yet, or none that were verified: audit it");
        let election = self.election.as_ref().ok_or_else(none)?;
        py.detach(|| Ballot::verify(election, ballot))
    }

    /// The ballot with this tracker. With the voter's key, `Refused` is raised if it is another voter's. Without it, it may
    /// be anybody's: compare `voter`.
    #[pyo3(signature = (tracker, voter=None))]
    fn find(&self, py: Python<'_>, tracker: &str, voter: Option<&str>) -> PyResult<Option<Found>> {
        let tracker = parse("tracker", tracker)?;
        let voter: Option<VoterKey> = voter.map(|key| parse("voter", key)).transpose()?;
        let found = py.detach(|| board::find(&mut self.folder.log(), &tracker, voter.as_ref()));
        let wrong = |error: board::FindError| -> PyErr {
            match error {
                board::FindError::OtherVoter(_) => refused(error),
                _ => unreadable(error),
            }
        };
        Ok(found.map_err(wrong)?.map(|found| Found::of(&self.manifest, &found)))
    }

    /// Checks that the operator signed the receipt, and that the record keeps it, for the voter with this key. Without a key
    /// it may be anybody's ballot: compare `voter`. Raises `Refused`.
    #[pyo3(signature = (receipt, voter=None))]
    fn verify_receipt(
        &self,
        py: Python<'_>,
        receipt: ReceiptLike<'_>,
        voter: Option<&str>,
    ) -> PyResult<Found> {
        let receipt = receipt.read()?;
        let voter: Option<VoterKey> = voter.map(|key| parse("voter", key)).transpose()?;
        receipt.verify(&self.manifest, &mut OsRng).map_err(refused)?;
        let entry = self.read_entry(receipt.entry())?;
        let root = self.hashes.head(receipt.size()).ok().map(|head| head.root);
        receipt.kept(entry.as_deref(), root, voter.as_ref()).map_err(refused)?;
        let tracker = receipt.tracker();
        let found = py.detach(|| board::find(&mut self.folder.log(), &tracker, voter.as_ref()));
        let found =
            found.map_err(refused)?.ok_or_else(|| refused("the ballot is not in the record"))?;
        Ok(Found::of(&self.manifest, &found))
    }

    /// Checks the signatures of a checkpoint with the manifest's keys, and its root with the record's. Raises `Refused`.
    fn verify_checkpoint(&self, checkpoint: &str) -> PyResult<Checkpoint> {
        let signed: SignedCheckpoint = checkpoint.parse().map_err(unreadable)?;
        let (key, witnesses) = self.log_of()?;
        let verified = Checkpoint::verify(&signed, &self.manifest.origin(), key, witnesses)?;
        let (size, found) = (signed.checkpoint().size(), signed.checkpoint().root());
        match self.hashes.head(size) {
            Ok(head) if head.root == found => Ok(verified),
            Ok(head) => Err(refused(format_args!(
                "the log signed the root {found} of its first {size} entries; those of the record have {}",
                head.root
            ))),
            Err(_) => Err(refused(format_args!(
                "the log signed {size} entries; the record has {}",
                self.hashes.size()
            ))),
        }
    }

    /// The proof that an entry is in the tree of all entries, or of the first ones.
    #[pyo3(signature = (index, size=None))]
    fn inclusion<'py>(
        &self,
        py: Python<'py>,
        index: u64,
        size: Option<u64>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let proof = self.hashes.inclusion(index, size.unwrap_or(self.hashes.size()));
        let proof = proof.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &proof.to_bytes()))
    }

    /// The proof that the tree of the first entries is the beginning of that of all entries, or of more.
    #[pyo3(signature = (old, new=None))]
    fn consistency<'py>(
        &self,
        py: Python<'py>,
        old: u64,
        new: Option<u64>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let proof = self.hashes.consistency(old, new.unwrap_or(self.hashes.size()));
        let proof = proof.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &proof.to_bytes()))
    }

    /// The record's checkpoints, by size. Nothing about them is verified.
    fn checkpoints(&self) -> PyResult<Vec<String>> {
        let checkpoints = self.folder.checkpoints().map_err(unreadable)?;
        Ok(checkpoints.iter().map(ToString::to_string).collect())
    }

    /// A C2SP tlog-proof that an entry is on the board of the last checkpoint.
    fn entry_proof(&self, index: u64) -> PyResult<String> {
        let none = || refused("the record has no checkpoint");
        let signed = self.folder.checkpoints().map_err(unreadable)?.pop().ok_or_else(none)?;
        let inclusion = self.hashes.inclusion(index, signed.checkpoint().size());
        let inclusion = inclusion.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(EntryProof::new(inclusion, signed).map_err(refused)?.to_string())
    }

    /// Checks such a proof against this record; returns the entry's number. Raises `Refused`.
    fn verify_entry_proof(&self, proof: &str) -> PyResult<u64> {
        let proof: EntryProof = proof.parse().map_err(unreadable)?;
        let entry = self.read_entry(proof.index())?;
        let entry = entry.ok_or_else(|| refused("the record ends before the entry"))?;
        proof.verify(&entry, &self.manifest.origin(), self.log_of()?.0).map_err(refused)?;
        Ok(proof.index())
    }
}
