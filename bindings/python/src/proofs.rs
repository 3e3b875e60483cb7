//! Proofs about a log, for those who have no more of it than a root or a key.

use crate::error::{parse, refused, unreadable};
use pyo3::{PyResult, pyclass, pyfunction, pymethods};
use tabella::{
    ballot::Tracker,
    codec::Decode,
    log::{
        checkpoint::{EntryProof, LogKey, SignedCheckpoint, Witness},
        merkle::{Consistency, Head, Inclusion},
    },
};

/// A checkpoint whose signatures were verified.
#[pyclass(frozen, get_all, module = "tabella")]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: String,
    /// Those who cosigned it, and when by their clocks, in seconds since 1970.
    witnesses: Vec<(String, u64)>,
}

impl Checkpoint {
    /// Verifies the log's signature, and those of these witnesses that are there.
    pub fn verify(
        signed: &SignedCheckpoint,
        origin: &str,
        key: &LogKey,
        witnesses: &[Witness],
    ) -> PyResult<Self> {
        let checkpoint = signed.verify(origin, key).map_err(refused)?;
        let by = signed.cosignatures(witnesses).map_err(refused)?;
        let name = |place: usize| witnesses.get(place).map(|witness| witness.name.clone());
        Ok(Self {
            origin: checkpoint.origin().into(),
            size: checkpoint.size(),
            root: checkpoint.root().to_string(),
            witnesses: by.into_iter().filter_map(|by| Some((name(by.witness)?, by.time))).collect(),
        })
    }
}

#[pymethods]
impl Checkpoint {
    fn __repr__(&self) -> String {
        format!("<tabella.Checkpoint {}: size {}, root {}>", self.origin, self.size, self.root)
    }
}

fn head(size: u64, name: &str, root: &str) -> PyResult<Head> {
    Ok(Head { size, root: parse(name, root)? })
}

/// The tracker of a ballot with these bytes.
#[pyfunction]
pub fn tracker(ballot: &[u8]) -> String {
    Tracker::of(ballot).to_string()
}

/// Checks that the tree of this size and root has the entry where the proof says. Raises `Refused`.
#[pyfunction]
pub fn verify_inclusion(proof: &[u8], entry: &[u8], size: u64, root: &str) -> PyResult<()> {
    let proof = Inclusion::from_bytes(proof).map_err(unreadable)?;
    proof.verify(entry, &head(size, "root", root)?).map_err(refused)
}

/// Checks that one tree is the beginning of the other. Raises `Refused`.
#[pyfunction]
pub fn verify_consistency(
    proof: &[u8],
    old_size: u64,
    old_root: &str,
    new_size: u64,
    new_root: &str,
) -> PyResult<()> {
    let proof = Consistency::from_bytes(proof).map_err(unreadable)?;
    let (old, new) = (head(old_size, "old_root", old_root)?, head(new_size, "new_root", new_root)?);
    proof.verify(&old, &new).map_err(refused)
}

/// Checks that the log with this origin and key signed, and the cosignatures of those of the witnesses (name, key) that are
/// there.
///
/// Raises `Refused` if a signature is wrong or that of the log is missing.
#[pyfunction]
#[pyo3(signature = (checkpoint, origin, key, witnesses=Vec::new()))]
pub fn verify_checkpoint(
    checkpoint: &str,
    origin: &str,
    key: &str,
    witnesses: Vec<(String, String)>,
) -> PyResult<Checkpoint> {
    let signed: SignedCheckpoint = checkpoint.parse().map_err(unreadable)?;
    let witness = |(name, key): (String, String)| Ok(Witness { key: parse(&name, &key)?, name });
    let witnesses = witnesses.into_iter().map(witness).collect::<PyResult<Vec<_>>>()?;
    Checkpoint::verify(&signed, origin, &parse("key", key)?, &witnesses)
}

/// Checks a C2SP tlog-proof, as `tabella log … find` writes it, with the log's key alone; returns the entry's number.
#[pyfunction]
pub fn verify_entry_proof(proof: &str, entry: &[u8], origin: &str, key: &str) -> PyResult<u64> {
    let proof: EntryProof = proof.parse().map_err(unreadable)?;
    proof.verify(entry, origin, &parse("key", key)?).map_err(refused)?;
    Ok(proof.index())
}
