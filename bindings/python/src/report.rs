//! What an audit found.

use crate::{error::refused, rows};
use pyo3::{
    Bound, IntoPyObjectExt, PyAny, PyResult, Python,
    exceptions::PyValueError,
    pyclass, pymethods,
    types::{PyAnyMethods, PyModule},
};
use tabella::{
    audit::{self, Fault, Known, Status, Verdict},
    tally::Outcome,
};

/// A check of the audit, and how it ended.
#[pyclass(frozen, get_all, module = "tabella")]
pub struct Check {
    number: u8,
    name: &'static str,
    meaning: &'static str,
    status: &'static str,
    findings: u64,
}

#[pymethods]
impl Check {
    fn __repr__(&self) -> String {
        format!("<tabella.Check {} {}: {}>", self.number, self.name, self.status)
    }
}

/// What is wrong, and where. `str` gives all of it in a line.
#[pyclass(frozen, get_all, module = "tabella")]
pub struct Finding {
    /// The check's name.
    check: &'static str,
    /// The check's number.
    number: u8,
    /// The entry at which it failed, from 0, if it failed at one.
    entry: Option<u64>,
    /// Why.
    fault: String,
    /// The key of the voter, for a ballot that can be read.
    voter: Option<String>,
    text: String,
}

#[pymethods]
impl Finding {
    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("<tabella.Finding {}>", self.text)
    }
}

/// What an audit found. `str` gives the whole report.
#[pyclass(frozen, module = "tabella")]
pub struct Report(pub audit::Report);

impl Report {
    fn outcome(&self) -> PyResult<&Outcome> {
        self.0.outcome.as_ref().ok_or_else(|| refused("the record has no result that was verified"))
    }

    fn frame<'py>(
        py: Python<'py>,
        table: &str,
        rows: Vec<Bound<'py, PyAny>>,
        frame: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        PyModule::import(py, "tabella._frames")?.call_method1("frame", (table, rows, frame))
    }
}

#[pymethods]
impl Report {
    /// `verified`: everything is right, and it is the expected election. `consistent`: everything is right, and was compared
    /// with nothing. `refused`: something is wrong. Whether there is a result, `complete` says.
    #[getter]
    fn verdict(&self) -> &'static str {
        match self.0.verdict() {
            Verdict::Verified | Verdict::VerifiedSoFar => "verified",
            Verdict::Consistent | Verdict::ConsistentSoFar => "consistent",
            Verdict::Refused => "refused",
        }
    }

    /// That of `tabella audit`: 0 verified, 1 refused, 3 consistent.
    #[getter]
    fn exit_code(&self) -> u8 {
        match self.0.verdict() {
            Verdict::Verified | Verdict::VerifiedSoFar => 0,
            Verdict::Refused => 1,
            Verdict::Consistent | Verdict::ConsistentSoFar => 3,
        }
    }

    /// The verdict as a sentence.
    #[getter]
    fn first_line(&self) -> String {
        let verdict = self.0.verdict();
        format!("{}: {}", verdict.to_string().to_uppercase(), verdict.meaning())
    }

    /// Whether the record has a result, and it was verified.
    #[getter]
    fn complete(&self) -> bool {
        self.0.outcome.is_some()
    }

    /// What the record was compared with: nothing, which election it is, or all of its board.
    #[getter]
    fn known(&self) -> Option<&'static str> {
        match self.0.known() {
            Known::Nothing => None,
            Known::Election => Some("election"),
            Known::Board => Some("board"),
        }
    }

    /// The election's id.
    #[getter]
    fn election(&self) -> Option<&str> {
        self.0.election.as_ref().map(|(id, _)| id.as_str())
    }

    #[getter]
    fn title(&self) -> Option<&str> {
        self.0.election.as_ref().map(|(_, title)| title.as_str())
    }

    #[getter]
    fn manifest_hash(&self) -> Option<String> {
        self.0.manifest.map(|hash| hash.to_string())
    }

    #[getter]
    fn root(&self) -> String {
        self.0.root.to_string()
    }

    /// How many entries the record has.
    #[getter]
    fn size(&self) -> u64 {
        self.0.size
    }

    /// Accepted ballots, replaced ones too.
    #[getter]
    fn ballots(&self) -> u64 {
        self.0.ballots
    }

    /// Ballots that a later one of the same voter replaced.
    #[getter]
    fn replaced(&self) -> u64 {
        self.0.replaced
    }

    #[getter]
    fn spoiled(&self) -> u64 {
        self.0.spoiled
    }

    /// All checks, by number.
    #[getter]
    fn checks(&self) -> Vec<Check> {
        let check = |check: audit::Check| Check {
            number: check.number(),
            name: check.name(),
            meaning: check.meaning(),
            status: match self.0.status(check) {
                Status::Passed => "passed",
                Status::Failed => "failed",
                Status::NotReached => "not reached",
                Status::NotAsked => "not asked",
                _ => "unknown",
            },
            findings: self.0.count(check),
        };
        audit::Check::ALL.into_iter().map(check).collect()
    }

    /// What is wrong, in the order of the board; of each check the first thousand at most.
    #[getter]
    fn findings(&self) -> Vec<Finding> {
        let finding = |finding: &audit::Finding| Finding {
            check: finding.check.name(),
            number: finding.check.number(),
            entry: finding.entry,
            fault: finding.fault.to_string(),
            voter: match &finding.fault {
                Fault::Refused { voter, .. } => voter.map(|voter| voter.to_string()),
                _ => None,
            },
            text: finding.to_string(),
        };
        self.0.findings.iter().map(finding).collect()
    }

    /// Raises `Refused` with all findings, if there are any. A record that is only consistent passes.
    fn raise_if_refused(&self) -> PyResult<()> {
        if self.0.is_accepted() {
            return Ok(());
        }
        let findings: Vec<String> = self.0.findings.iter().map(ToString::to_string).collect();
        Err(refused(findings.join("\n")))
    }

    fn text(&self) -> String {
        self.0.to_string()
    }

    /// For programs; docs/spec/audit.md explains the names. It has all that was counted.
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_json())
    }

    /// A page for people.
    fn html(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_html())
    }

    /// Votes for an option in the whole election, by ids. Raises `Refused` if there are none.
    fn count(&self, contest: &str, option: &str) -> PyResult<u64> {
        self.outcome()?.count(contest, option).map_err(refused)
    }

    /// The elected of a contest that says who is, in the order of their election.
    fn elected(&self, contest: &str) -> PyResult<Vec<&str>> {
        self.outcome()?.elected(contest).map_err(refused)
    }

    /// A table without a data frame: a dict for each row. Raises `Refused` if the record has no verified result.
    #[pyo3(signature = (table="results", by=None))]
    fn rows<'py>(
        &self,
        py: Python<'py>,
        table: &str,
        by: Option<&str>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let outcome = self.outcome()?;
        fn all<'py, T: pyo3::IntoPyObject<'py>>(
            py: Python<'py>,
            rows: Vec<T>,
        ) -> PyResult<Vec<Bound<'py, PyAny>>> {
            rows.into_iter().map(|row| row.into_bound_py_any(py)).collect()
        }
        match (table, by) {
            ("results", None | Some("contest")) => all(py, rows::results(outcome)),
            ("results", Some("district")) => all(py, rows::results_by_district(outcome)),
            ("turnout", None | Some("district")) => all(py, rows::turnout(outcome)),
            ("turnout", Some("station")) => all(py, rows::turnout_by_station(outcome)),
            ("rounds", None) => all(py, rows::rounds(outcome)),
            ("rankings", None) => all(py, rows::rankings(outcome)),
            ("results", Some(by)) => Err(wrong("by", by, "contest or district")),
            ("turnout", Some(by)) => Err(wrong("by", by, "district or station")),
            ("rounds" | "rankings", Some(by)) => Err(wrong("by", by, "nothing")),
            (table, _) => Err(wrong("table", table, "results, turnout, rounds or rankings")),
        }
    }

    /// What was counted, a row for each option, mark, grade, list, name written in, and other sum of each contest; by
    /// district, of each cell, whose districts' ids are joined by `+` where several were counted together.
    ///
    /// `kind` is `option`, `grade`, `list`, `write-in`, `mark`, `other` or `not given`. `votes` is empty where nothing was
    /// opened, or there are no totals, as of rankings. `percent` is the option's share of what `tabella audit` and
    /// docs/contests.md say.
    #[pyo3(signature = (by="contest", *, frame=None))]
    fn results<'py>(
        &self,
        py: Python<'py>,
        by: &str,
        frame: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let table = if by == "district" { "results by district" } else { "results" };
        Self::frame(py, table, self.rows(py, "results", Some(by))?, frame)
    }

    /// Ballots and voters on the roll, a row for each district; or ballots, a row for each polling station, and one without
    /// a station for those cast remotely.
    #[pyo3(signature = (by="district", *, frame=None))]
    fn turnout<'py>(
        &self,
        py: Python<'py>,
        by: &str,
        frame: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let table = if by == "station" { "turnout by station" } else { "turnout" };
        Self::frame(py, table, self.rows(py, "turnout", Some(by))?, frame)
    }

    /// The rounds of instant runoff and single transferable vote: a row for each candidate in each round, and for the votes
    /// that are exhausted and lost to rounding.
    #[pyo3(signature = (*, frame=None))]
    fn rounds<'py>(&self, py: Python<'py>, frame: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        Self::frame(py, "rounds", self.rows(py, "rounds", None)?, frame)
    }

    /// What the opened ballots say: a row for each candidate that a ranking ranks, or name that was written in. An empty
    /// ballot and one that does not count have a row of the kind `empty` and `invalid`. `row` numbers the ballots of a cell
    /// as the last mix left them.
    #[pyo3(signature = (*, frame=None))]
    fn rankings<'py>(&self, py: Python<'py>, frame: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        Self::frame(py, "rankings", self.rows(py, "rankings", None)?, frame)
    }

    fn __str__(&self) -> String {
        self.text()
    }

    fn __repr__(&self) -> String {
        let (verdict, ballots) = (self.0.verdict(), self.0.ballots);
        let election = self.election().unwrap_or("no manifest");
        format!(
            "<tabella.Report {verdict}: {election}, {ballots} ballots, {} findings>",
            self.0.total()
        )
    }
}

fn wrong(name: &str, found: &str, expected: &str) -> pyo3::PyErr {
    PyValueError::new_err(format!("{name}='{found}': expected {expected}"))
}
