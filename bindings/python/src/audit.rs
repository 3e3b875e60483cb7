//! The audit of a folder.

use crate::{
    ballot::Receipt,
    error::{other, parse, refused, unreadable},
    report::Report,
};
use pyo3::{FromPyObject, Py, PyAny, PyResult, Python, pyfunction};
use rand_core::OsRng;
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};
use tabella::{
    audit::{Audit, AuditError, Claim, Expect},
    log::checkpoint::SignedCheckpoint,
    record::Folder,
    roll::VoterKey,
};

/// Entries before the first call of `progress`, and the first look whether the user wants to stop.
const STEP: u64 = 500;
/// A step that takes less time is followed by a longer one: the more ballots in one, the faster each.
const SHORT: Duration = Duration::from_millis(250);

/// One path, or several.
#[derive(FromPyObject)]
pub enum Paths {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

/// One receipt, or several.
#[derive(FromPyObject)]
pub enum Receipts<'py> {
    One(ReceiptLike<'py>),
    Many(Vec<ReceiptLike<'py>>),
}

/// A receipt, or its text.
#[derive(FromPyObject)]
pub enum ReceiptLike<'py> {
    Receipt(pyo3::PyRef<'py, Receipt>),
    Text(String),
}

impl ReceiptLike<'_> {
    /// The receipt.
    pub fn read(&self) -> PyResult<tabella::board::Receipt> {
        match self {
            Self::Receipt(receipt) => Ok(receipt.0.clone()),
            Self::Text(text) => parse("the receipt", text),
        }
    }
}

fn checkpoints(paths: Option<Paths>) -> PyResult<Vec<SignedCheckpoint>> {
    let paths = match paths {
        None => Vec::new(),
        Some(Paths::One(path)) => vec![path],
        Some(Paths::Many(paths)) => paths,
    };
    let read = |path: PathBuf| {
        let wrong = |error: &dyn std::fmt::Display| unreadable(format_args!("{path:?}: {error}"));
        let text = fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        text.parse().map_err(|error| wrong(&error))
    };
    paths.into_iter().map(read).collect()
}

/// An audit that cannot go on. It says nothing of the election.
pub fn impossible(error: AuditError) -> pyo3::PyErr {
    match error {
        AuditError::Storage(_) => unreadable(error),
        _ => other(error),
    }
}

/// Checks a record with nothing but its folder, as `tabella audit` does: every ballot, every sum, every total.
///
/// A record that was compared with nothing can only be consistent: all of it could be made up. Give the manifest's hash
/// (`expect_manifest`), the board's root (`expect_root`) or a checkpoint's file (`checkpoint`), as you know them from
/// elsewhere. `partial` accepts a record that ends before the result. `receipts` are checked too, for the `voter` with this
/// key. `progress(done, of)` is called several times; what it raises ends the audit, and so does Ctrl-C. The
/// interpreter goes on with other threads meanwhile.
///
/// Raises `Unreadable` if the folder is no record, or an argument is not what it should be. A record that is wrong is a
/// report that says so.
#[pyfunction]
#[pyo3(signature = (folder, *, expect_manifest=None, expect_root=None, expect_size=None, partial=false, checkpoint=None,
    receipts=None, voter=None, language=None, progress=None))]
#[allow(clippy::too_many_arguments)]
pub fn audit(
    py: Python<'_>,
    folder: PathBuf,
    expect_manifest: Option<&str>,
    expect_root: Option<&str>,
    expect_size: Option<u64>,
    partial: bool,
    checkpoint: Option<Paths>,
    receipts: Option<Receipts<'_>>,
    voter: Option<&str>,
    language: Option<&str>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    let folder = Folder::open(&folder).map_err(unreadable)?;
    let voter: Option<VoterKey> = voter.map(|key| parse("voter", key)).transpose()?;
    let receipts = match receipts {
        None => Vec::new(),
        Some(Receipts::One(receipt)) => vec![receipt],
        Some(Receipts::Many(receipts)) => receipts,
    };
    let claim = |receipt: &ReceiptLike<'_>| Ok(Claim { receipt: receipt.read()?, voter });
    let expect = Expect {
        manifest: expect_manifest.map(|hash| parse("expect_manifest", hash)).transpose()?,
        root: expect_root.map(|root| parse("expect_root", root)).transpose()?,
        size: expect_size,
        partial,
        receipts: receipts.iter().map(claim).collect::<PyResult<_>>()?,
        known: checkpoints(checkpoint)?,
        checkpoints: Some(folder.checkpoints().map_err(unreadable)?),
        views: Some(folder.views().map_err(unreadable)?),
        ..Expect::default()
    };
    // A torn record has no number of entries; the audit says where it is torn.
    let of = py.detach(|| folder.entries()).ok();
    let (mut audit, mut log) = (Audit::new(&expect), folder.log());
    let (mut more, mut step) = (true, STEP);
    while more {
        let (until, start) = (audit.size().saturating_add(step), Instant::now());
        more = py.detach(|| audit.advance(&mut log, until, &mut OsRng)).map_err(impossible)?;
        if start.elapsed() < SHORT {
            step = step.saturating_mul(2);
        }
        py.check_signals()?;
        if let Some(progress) = &progress {
            progress.call1(py, (audit.size(), of.unwrap_or(audit.size())))?;
        }
    }
    let report = py.detach(|| audit.report());
    let Some(language) = language else { return Ok(Report(report)) };
    let none = || refused(format_args!("the manifest has no texts in the language '{language}'"));
    report.shown_in(language).map(Report).ok_or_else(none)
}
