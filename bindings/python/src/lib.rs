//! Python bindings of tabella, thin over the crate's public functions. Their comments are what `help` shows; their types are in
//! `python/tabella/_tabella.pyi`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod audit;
mod ballot;
mod choices;
mod document;
mod election;
mod error;
mod proofs;
mod record;
mod report;
mod rows;

use pyo3::pymodule;

/// The compiled part of the package `tabella`.
#[pymodule]
mod _tabella {
    #[pymodule_export]
    use crate::{
        audit::audit,
        ballot::{Ballot, Found, Receipt},
        choices::WriteIn,
        election::{Election, Opened, Sealed, Voter},
        proofs::{
            Checkpoint, tracker, verify_checkpoint, verify_consistency, verify_entry_proof,
            verify_inclusion,
        },
        record::Record,
        report::{Check, Finding, Report},
    };
}
