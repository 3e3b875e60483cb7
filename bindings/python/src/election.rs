//! An election in one process: one machine holds all secrets. For notebooks, tests and rehearsals.

use crate::{
    ballot::{Ballot, Found, Receipt},
    choices::choices,
    document::{Secrets, Trustees, text},
    error::{other, parse, refused},
    record::object,
    report::Report,
};
use pyo3::{
    Bound, FromPyObject, Py, PyAny, PyRef, PyResult, Python,
    exceptions::PyValueError,
    pyclass, pymethods,
    types::{PyAnyMethods, PyBytes, PyDict, PyDictMethods, PyMapping},
};
use rand_core::OsRng;
use rayon::prelude::*;
use std::{collections::BTreeMap, path::PathBuf};
use tabella::{
    AuthorSecret, Board, Choices, Credential, DlogTable, Expect, Header, Manifest, audit,
    ballot::{CastBallot, OpenedBallot, Origin, SealedBallot},
    board::Kind,
    keys::{self, Trustee},
    log::checkpoint::{Checkpoint, LogSecret},
    record::Writer,
    roll::VoterKey,
};

/// Voters: how many, style by style in turn; how many of each style; or the style and the weight of each.
#[derive(FromPyObject)]
pub enum Voters<'py> {
    Many(usize),
    OfStyles(Bound<'py, PyDict>),
    Each(Vec<(String, u64)>),
}

impl Voters<'_> {
    /// The style and the weight of each.
    fn each(self, manifest: &Manifest) -> PyResult<Vec<(u16, u64)>> {
        let styles = manifest.styles().len();
        let style = |id: &str| {
            let place = manifest.style(id).and_then(|place| u16::try_from(place).ok());
            place.ok_or_else(|| {
                PyValueError::new_err(format!("voters: there is no ballot style '{id}'"))
            })
        };
        match self {
            // There are at most 4,096 styles, and at least one.
            Self::Many(number) => {
                Ok((0..number).map(|n| ((n % styles.max(1)) as u16, 1)).collect())
            }
            Self::OfStyles(numbers) => {
                let of_style = |(id, number): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
                    Ok(vec![(style(&id.extract::<String>()?)?, 1); number.extract()?])
                };
                Ok(numbers.iter().map(of_style).collect::<PyResult<Vec<_>>>()?.concat())
            }
            Self::Each(voters) => {
                voters.into_iter().map(|(id, weight)| Ok((style(&id)?, weight))).collect()
            }
        }
    }
}

/// A voter, with the secret to vote, which stays inside.
#[pyclass(frozen, module = "tabella")]
pub struct Voter {
    credential: Credential,
    place: u16,
    #[pyo3(get)]
    style: String,
    #[pyo3(get)]
    weight: u64,
}

#[pymethods]
impl Voter {
    #[getter]
    fn key(&self) -> String {
        VoterKey::from(self.credential.public()).to_string()
    }

    fn __repr__(&self) -> String {
        format!("<tabella.Voter {}, style {}>", self.key(), self.style)
    }
}

/// A ballot on the voter's device, to be cast or spoiled, once.
#[pyclass(module = "tabella")]
pub struct Sealed {
    ballot: Option<SealedBallot>,
    credential: Credential,
    #[pyo3(get)]
    tracker: String,
}

impl Sealed {
    fn take(&mut self) -> PyResult<SealedBallot> {
        let used =
            || PyValueError::new_err("this ballot was cast or spoiled before: encrypt another");
        self.ballot.take().ok_or_else(used)
    }
}

#[pymethods]
impl Sealed {
    fn __repr__(&self) -> String {
        format!("<tabella.Sealed {}>", self.tracker)
    }
}

/// What a spoiled ballot held. `str` gives a line for each contest.
#[pyclass(frozen, module = "tabella")]
pub struct Opened {
    ballot: OpenedBallot,
    manifest: Manifest,
}

#[pymethods]
impl Opened {
    #[getter]
    fn tracker(&self) -> String {
        self.ballot.tracker.to_string()
    }

    #[getter]
    fn contests(&self) -> BTreeMap<String, Vec<String>> {
        let marks =
            |marks: &[tabella::ballot::Mark]| marks.iter().map(ToString::to_string).collect();
        self.ballot
            .contests
            .iter()
            .map(|opened| (opened.id.clone(), marks(&opened.marks)))
            .collect()
    }

    /// Raises `Refused` if the ballot held anything else.
    fn compare(&self, chosen: &Bound<'_, PyMapping>) -> PyResult<()> {
        let chosen = choices(&self.manifest, chosen, self.ballot.weight.unwrap_or(1))?;
        self.ballot.compare(&chosen).map_err(refused)
    }

    fn __str__(&self) -> String {
        self.ballot.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<tabella.Opened {}>", self.ballot.tracker)
    }
}

/// An election in one process, which holds the secrets of everybody: for notebooks, tests and rehearsals.
///
/// `manifest` is JSON or a dict as docs/contests.md describes it. All its keys are replaced by new ones, and its log has no
/// witnesses. `version` can be left out, and so can trustees: then `trustees` is their number or their names, and `threshold` is
/// more than half of them unless given. All mistakes are in a `ManifestError`.
///
/// `voters` is a number, spread over the ballot styles in turn; or a number for each style by id; or the style and the weight
/// of each. Voting is open from the beginning.
#[pyclass(module = "tabella")]
pub struct Election {
    operator: AuthorSecret,
    log: LogSecret,
    trustees: Vec<Trustee>,
    board: Board,
    manifest: Manifest,
    #[pyo3(get)]
    voters: Vec<Py<Voter>>,
}

impl Election {
    fn keys(&self) -> PyResult<tabella::Election> {
        self.board.election().cloned().ok_or_else(|| other("voting is not open"))
    }

    fn header(&self, voter: &Voter, station: Option<&str>) -> PyResult<Header> {
        let origin = match station {
            None => Origin::Remote,
            Some(id) => {
                let place = self.manifest.station(id).and_then(|place| u16::try_from(place).ok());
                let unknown =
                    || PyValueError::new_err(format!("there is no polling station '{id}'"));
                Origin::Station(place.ok_or_else(unknown)?)
            }
        };
        let sequence = self.board.state().next_sequence(voter.credential.public()).unwrap_or(0);
        Ok(Header { style: voter.place, sequence, origin })
    }

    fn receipt(&self, entry: u64) -> PyResult<Receipt> {
        self.board.receipt(&self.operator, entry, &mut OsRng).map(Receipt).map_err(refused)
    }

    /// The numbers of as many trustees of each group as mix and open.
    fn quorum(&self) -> Vec<u16> {
        let groups = self.manifest.groups().split(&self.trustees);
        let first = |(group, trustees): (&tabella::manifest::Group, &[Trustee])| {
            let numbers = trustees.iter().map(Trustee::number);
            numbers.take(group.threshold.into()).collect::<Vec<_>>()
        };
        groups.flat_map(first).collect()
    }

    fn do_mix(&mut self) -> PyResult<()> {
        let quorum = self.quorum();
        let mixers: Vec<&Trustee> =
            self.trustees.iter().filter(|trustee| quorum.contains(&trustee.number())).collect();
        for trustee in mixers {
            self.board.mix(std::slice::from_ref(trustee), &mut OsRng).map_err(refused)?;
        }
        Ok(())
    }

    fn do_open(&mut self) -> PyResult<()> {
        let quorum = self.quorum();
        for trustee in self.trustees.iter_mut().filter(|trustee| quorum.contains(&trustee.number()))
        {
            let share = trustee.open(self.board.state(), &mut OsRng).map_err(refused)?;
            self.board.post(&share, &mut OsRng).map_err(refused)?;
        }
        Ok(())
    }

    fn do_publish(&mut self) -> PyResult<()> {
        let bound = self.board.state().tally().map_or(0, |tally| tally.bound());
        self.board.finish(&self.operator, &DlogTable::new(bound), &mut OsRng).map_err(refused)?;
        Ok(())
    }

    fn do_close(&mut self) -> PyResult<()> {
        self.board.close(&self.operator, &mut self.trustees, &mut OsRng).map_err(refused)?;
        Ok(())
    }

    fn do_tally(&mut self) -> PyResult<()> {
        self.board.tally(&self.operator, &mut OsRng).map_err(refused)?;
        Ok(())
    }

    fn do_audit(&self) -> PyResult<Report> {
        let state = self.board.state();
        let expect = Expect {
            root: Some(state.root()),
            partial: state.outcome().is_none(),
            ..Expect::manifest(self.manifest.hash())
        };
        audit::run(self.board.bytes(), &expect, &mut OsRng).map(Report).map_err(other)
    }

    fn do_save(&self, folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
        let mut writer = Writer::create(folder)?;
        writer.follow(&self.board)?;
        let state = self.board.state();
        let checkpoint = Checkpoint::new(&self.manifest.origin(), state.head())?;
        writer.checkpoint(&self.log.sign(&checkpoint))?;
        Ok(writer.views(state)?)
    }

    /// Ballots of these voters, each behind those of the same voter before it. None is cast.
    fn encrypt_all(&self, votes: &[(Credential, Header, Choices)]) -> PyResult<Vec<CastBallot>> {
        let keys = self.keys()?;
        let encrypt =
            |(place, (credential, header, choices)): (usize, &(Credential, Header, Choices))| {
                let sealed = keys.encrypt(credential, header, choices, &mut OsRng);
                sealed
                    .map(SealedBallot::cast)
                    .map_err(|error| refused(format_args!("vote {place}: {error}")))
            };
        votes.par_iter().enumerate().map(encrypt).collect()
    }
}

#[pymethods]
impl Election {
    #[new]
    #[pyo3(signature = (manifest, *, voters, trustees=None, threshold=None))]
    fn new(
        py: Python<'_>,
        manifest: &Bound<'_, PyAny>,
        voters: Voters<'_>,
        trustees: Option<Trustees>,
        threshold: Option<u16>,
    ) -> PyResult<Self> {
        let Secrets { manifest, operator, trustees: secrets, log } =
            Secrets::new(&text(manifest)?, trustees, threshold)?;
        let voters = voters.each(&manifest)?;
        let open = || -> PyResult<_> {
            let enrol = |(style, weight): &(u16, u64)| {
                let credential = Credential::random(&mut OsRng)?;
                let mut line = credential.registration(&manifest, *style, &mut OsRng)?;
                line.weight = *weight;
                Ok((credential, line))
            };
            let enrolled = voters
                .par_iter()
                .map(enrol)
                .collect::<Result<Vec<_>, tabella::crypto::ProveError>>();
            let (credentials, roll): (Vec<_>, Vec<_>) =
                enrolled.map_err(other)?.into_iter().unzip();
            let (ceremony, trustees) =
                keys::in_one_process(&manifest, &secrets, &mut OsRng).map_err(other)?;
            let board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, &mut OsRng);
            Ok((credentials, trustees, board.map_err(refused)?))
        };
        let (credentials, trustees, board) = py.detach(open)?;
        let voter = |((place, weight), credential): ((u16, u64), Credential)| {
            let style = manifest.styles().get(usize::from(place));
            let style = style.map(|style| style.id.clone()).unwrap_or_default();
            Py::new(py, Voter { credential, place, style, weight })
        };
        let voters = voters.into_iter().zip(credentials).map(voter).collect::<PyResult<_>>()?;
        Ok(Self { operator, log, trustees, board, manifest, voters })
    }

    fn __repr__(&self) -> String {
        let (id, state) = (self.manifest.id(), self.board.state());
        format!(
            "<tabella.Election {id}: {}, {} voters, {} ballots>",
            state.phase(),
            self.voters.len(),
            state.counted()
        )
    }

    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        object(py, &self.manifest.to_json())
    }

    #[getter]
    fn manifest_hash(&self) -> String {
        self.manifest.hash().to_string()
    }

    #[getter]
    fn root(&self) -> String {
        self.board.state().root().to_string()
    }

    #[getter]
    fn size(&self) -> u64 {
        self.board.state().size()
    }

    #[getter]
    fn phase(&self) -> String {
        self.board.state().phase().to_string()
    }

    /// Encrypts choices and proves that they keep the rules; raises `Refused` if they do not.
    ///
    /// An answer is the id of an option or a mark, a `WriteIn`, a list of these (a ranking: the best first, a list in it for
    /// equal ranks), or a dict of these with votes (below 0: against) or grades.
    #[pyo3(signature = (voter, choices, *, station=None))]
    fn encrypt(
        &self,
        py: Python<'_>,
        voter: PyRef<'_, Voter>,
        choices: &Bound<'_, PyMapping>,
        station: Option<&str>,
    ) -> PyResult<Sealed> {
        let header = self.header(&voter, station)?;
        let choices = crate::choices::choices(&self.manifest, choices, voter.weight)?;
        let (keys, credential) = (self.keys()?, voter.credential.clone());
        let sealed = py.detach(|| keys.encrypt(&credential, &header, &choices, &mut OsRng));
        let ballot = sealed.map_err(refused)?;
        Ok(Sealed { tracker: ballot.tracker().to_string(), ballot: Some(ballot), credential })
    }

    /// Casts it. A voter's later ballot replaces the earlier one.
    fn cast(&mut self, py: Python<'_>, sealed: &Bound<'_, Sealed>) -> PyResult<Receipt> {
        let ballot = sealed.try_borrow_mut()?.take()?.cast();
        let accepted = py.detach(|| self.board.post(&ballot, &mut OsRng)).map_err(refused)?;
        self.receipt(accepted.entry)
    }

    /// Encrypts and casts.
    #[pyo3(signature = (voter, choices, *, station=None))]
    fn vote(
        &mut self,
        py: Python<'_>,
        voter: PyRef<'_, Voter>,
        choices: &Bound<'_, PyMapping>,
        station: Option<&str>,
    ) -> PyResult<Receipt> {
        let ballot = self.encrypt(py, voter, choices, station)?.take()?.cast();
        let accepted = py.detach(|| self.board.post(&ballot, &mut OsRng)).map_err(refused)?;
        self.receipt(accepted.entry)
    }

    /// The same for many, on all cores.
    fn vote_all(
        &mut self,
        py: Python<'_>,
        votes: Vec<(PyRef<'_, Voter>, Bound<'_, PyMapping>)>,
    ) -> PyResult<Vec<Receipt>> {
        let (mut more, mut ready) = (BTreeMap::<[u8; 32], u32>::new(), Vec::new());
        for (voter, answers) in &votes {
            let before = more.entry(*voter.credential.public().as_bytes()).or_default();
            let header = self.header(voter, None)?;
            let header = Header { sequence: header.sequence.saturating_add(*before), ..header };
            *before = before.saturating_add(1);
            let choices = choices(&self.manifest, answers, voter.weight)?;
            ready.push((voter.credential.clone(), header, choices));
        }
        drop(votes);
        py.detach(|| {
            let ballots = self.encrypt_all(&ready)?;
            let mut receipts = Vec::with_capacity(ballots.len());
            for (place, verdict) in
                self.board.post_all(&ballots, &mut OsRng).into_iter().enumerate()
            {
                let accepted =
                    verdict.map_err(|error| refused(format_args!("vote {place}: {error}")))?;
                receipts.push(self.receipt(accepted.entry)?);
            }
            Ok(receipts)
        })
    }

    /// Spoils it and opens it, to see whether the device encrypted what it was told. It can never be cast.
    fn spoil(&mut self, py: Python<'_>, sealed: &Bound<'_, Sealed>) -> PyResult<Opened> {
        let mut sealed = sealed.try_borrow_mut()?;
        let (ballot, credential, keys) = (sealed.take()?, &sealed.credential, self.keys()?);
        py.detach(|| -> PyResult<_> {
            let (request, spoiled) =
                ballot.spoil(&keys, credential, &mut OsRng).map_err(refused)?;
            let accepted = self.board.post(&request, &mut OsRng).map_err(refused)?;
            let receipt = self.receipt(accepted.entry)?.0;
            let opening = spoiled.open(&receipt, &mut OsRng).map_err(refused)?;
            self.board.post(&opening, &mut OsRng).map_err(refused)?;
            let ballot = keys.check_opening(&opening, &mut OsRng).map_err(refused)?;
            Ok(Opened { ballot, manifest: self.manifest.clone() })
        })
    }

    /// All trustees sign that voting ends.
    fn close(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.do_close())
    }

    /// Posts the sums of all cells.
    fn tally(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.do_tally())
    }

    /// As many trustees as the threshold mix what is opened ballot by ballot; nothing happens if nothing is.
    fn mix(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.do_mix())
    }

    /// As many trustees as the threshold open the tally.
    fn open(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.do_open())
    }

    /// Posts the result.
    fn publish(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.do_publish())
    }

    /// All that is left to do after voting, and the audit of it.
    fn finish(&mut self, py: Python<'_>) -> PyResult<Report> {
        py.detach(|| {
            self.do_close()?;
            self.do_tally()?;
            self.do_mix()?;
            self.do_open()?;
            self.do_publish()?;
            self.do_audit()
        })
    }

    /// Audits the board as it is, against its own manifest and root.
    fn audit(&self, py: Python<'_>) -> PyResult<Report> {
        py.detach(|| self.do_audit())
    }

    /// Writes the record to a folder that is empty or is made, with a checkpoint, for `audit` and `tabella audit`.
    fn save(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        py.detach(|| self.do_save(&folder).map_err(|error| error.to_string())).map_err(other)
    }

    fn ballot<'py>(&self, py: Python<'py>, entry: u64) -> PyResult<Bound<'py, PyBytes>> {
        match self.board.entry(entry).map(Kind::split) {
            Some(Ok((Kind::Ballot, ballot))) => Ok(PyBytes::new(py, ballot)),
            _ => Err(PyValueError::new_err(format!("entry {entry} is no ballot"))),
        }
    }

    /// As `Record.verify_ballot`.
    fn verify_ballot(&self, py: Python<'_>, ballot: &[u8]) -> PyResult<Ballot> {
        let keys = self.keys()?;
        py.detach(|| Ballot::verify(&keys, ballot))
    }

    /// As `Record.find`.
    #[pyo3(signature = (tracker, voter=None))]
    fn find(&self, tracker: &str, voter: Option<&str>) -> PyResult<Option<Found>> {
        let voter: Option<VoterKey> = voter.map(|key| parse("voter", key)).transpose()?;
        let found =
            self.board.find(&parse("tracker", tracker)?, voter.as_ref()).map_err(refused)?;
        Ok(found.map(|found| Found::of(&self.manifest, &found)))
    }
}
