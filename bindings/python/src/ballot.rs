//! Ballots, and what a record says of them.

use crate::error::{parse, refused, unreadable};
use pyo3::{PyResult, pyclass, pymethods};
use rand_core::OsRng;
use tabella::{
    Election, Manifest,
    ballot::{Header, Origin},
    board,
};

/// A ballot whose proof was verified.
#[pyclass(frozen, get_all, module = "tabella")]
pub struct Ballot {
    tracker: String,
    voter: String,
    style: String,
    district: String,
    /// The polling station; none for a ballot cast remotely.
    station: Option<String>,
    /// How many ballots of this voter were accepted before.
    sequence: u32,
    /// What the ballot splits, if its style has a contest for that.
    weight: Option<u64>,
}

impl Ballot {
    /// Verifies the bytes of a ballot by themselves.
    pub fn verify(election: &Election, bytes: &[u8]) -> PyResult<Self> {
        let ballot = election.read_ballot(bytes).map_err(unreadable)?;
        let ballot = election.verify(ballot, &mut OsRng).map_err(refused)?;
        let manifest = election.manifest();
        let Header { style, sequence, origin } = *ballot.header();
        let style = manifest.styles().get(usize::from(style));
        let district = style.and_then(|style| manifest.districts().get(style.district));
        let station = match origin {
            Origin::Remote => None,
            Origin::Station(place) => manifest.stations().get(usize::from(place)),
        };
        Ok(Self {
            tracker: ballot.tracker().to_string(),
            voter: tabella::roll::VoterKey::from(ballot.voter()).to_string(),
            style: style.map(|style| style.id.clone()).unwrap_or_default(),
            district: district.map(|district| district.id.clone()).unwrap_or_default(),
            station: station.map(|station| station.id.clone()),
            sequence,
            weight: ballot.weight(),
        })
    }
}

#[pymethods]
impl Ballot {
    fn __repr__(&self) -> String {
        format!("<tabella.Ballot {} of {}>", self.tracker, self.voter)
    }
}

/// A ballot in a record, and what became of it, as the record says.
#[pyclass(frozen, get_all, module = "tabella")]
pub struct Found {
    entry: u64,
    fate: String,
    voter: String,
    tracker: String,
    sequence: Option<u32>,
    style: Option<String>,
    replaced_by: Option<u64>,
    opened_by: Option<u64>,
}

impl Found {
    /// With the names of the manifest.
    pub fn of(manifest: &Manifest, found: &board::Found) -> Self {
        let board::Found { entry, posted, replaced_by, opened_by } = *found;
        let board::Posted { fate, voter, tracker, header } = posted;
        let style = header.and_then(|header| manifest.styles().get(usize::from(header.style)));
        Self {
            entry,
            fate: fate.to_string(),
            voter: voter.to_string(),
            tracker: tracker.to_string(),
            sequence: header.map(|header| header.sequence),
            style: style.map(|style| style.id.clone()),
            replaced_by,
            opened_by,
        }
    }
}

#[pymethods]
impl Found {
    fn __repr__(&self) -> String {
        format!("<tabella.Found entry {}: {} by {}>", self.entry, self.fate, self.voter)
    }
}

/// The operator's signed statement that the board has a ballot. It is not verified; `str` gives its text.
#[pyclass(frozen, eq, module = "tabella")]
#[derive(PartialEq)]
pub struct Receipt(pub board::Receipt);

#[pymethods]
impl Receipt {
    #[new]
    fn new(text: &str) -> PyResult<Self> {
        parse("the receipt", text).map(Self)
    }

    #[getter]
    fn fate(&self) -> String {
        self.0.fate().to_string()
    }

    #[getter]
    fn entry(&self) -> u64 {
        self.0.entry()
    }

    #[getter]
    fn size(&self) -> u64 {
        self.0.size()
    }

    #[getter]
    fn root(&self) -> String {
        self.0.root().to_string()
    }

    #[getter]
    fn tracker(&self) -> String {
        self.0.tracker().to_string()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let receipt = &self.0;
        format!(
            "<tabella.Receipt {}, {} as entry {}>",
            receipt.tracker(),
            receipt.fate(),
            receipt.entry()
        )
    }
}
