//! The examples' records, written as the board grows, with checkpoints that the log signs and witnesses cosign.
#![allow(dead_code)]

use rand_core::{CryptoRng, OsRng, RngCore};
use std::{
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use tabella::{
    audit::{Audit, Expect, Report},
    board::Board,
    log::checkpoint::{Checkpoint, LogSecret, WitnessSecret},
    manifest::{Builder, Manifest},
    record::{Folder, WriteError, Writer},
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The signers of checkpoints.
pub struct Signers {
    /// The operator's log.
    pub log: LogSecret,
    /// Witnesses. Here they cosign everything; real ones ask for a proof that it continues what they saw before.
    pub witnesses: Vec<WitnessSecret>,
}

impl Signers {
    /// A log with two witnesses.
    pub fn random(rng: &mut (impl CryptoRng + RngCore)) -> Result<Self, Failure> {
        let mut witnesses = Vec::new();
        for name in ["witness.example/east", "witness.example/west"] {
            let mut seed = [0; 32];
            rng.try_fill_bytes(&mut seed)?;
            witnesses.push(WitnessSecret::from_seed(name, &seed)?);
        }
        Ok(Self { log: LogSecret::random(rng)?, witnesses })
    }

    /// Registers the log and the witnesses, any two of whom must cosign.
    pub fn register(&self, builder: Builder) -> Builder {
        let witnesses = self.witnesses.iter().map(|witness| witness.public().clone());
        builder.log(self.log.public()).witnesses(witnesses, 2)
    }
}

/// Writes a record.
pub struct Recorder {
    writer: Writer,
    signers: Signers,
}

impl Recorder {
    /// Begins a record in a folder, which is created, or is empty, or holds an older record, which is removed.
    pub fn create(folder: &Path, signers: Signers) -> Result<Self, WriteError> {
        if Folder::open(folder).is_ok() {
            let _ = remove(folder);
        }
        Ok(Self { writer: Writer::create(folder)?, signers })
    }

    /// Writes the new entries of the board, and a checkpoint of it.
    pub fn checkpoint(&mut self, board: &Board) -> Result<(), Failure> {
        self.writer.follow(board)?;
        let Some(manifest) = board.state().manifest() else { return Ok(()) };
        let checkpoint = Checkpoint::new(&manifest.origin(), board.state().head())?;
        let mut signed = self.signers.log.sign(&checkpoint);
        let time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        for witness in &self.signers.witnesses {
            signed.add(witness.public(), witness.cosign(&checkpoint, time)?)?;
        }
        Ok(self.writer.checkpoint(&signed)?)
    }

    /// Writes the last checkpoint, and the views.
    pub fn finish(mut self, board: &Board) -> Result<(), Failure> {
        self.checkpoint(board)?;
        Ok(self.writer.views(board.state())?)
    }
}

/// Audits a record that should be that of this board.
pub fn audit(folder: &Path, board: &Board) -> Result<Report, Failure> {
    let folder = Folder::open(folder)?;
    let expect = Expect {
        manifest: board.state().manifest().map(Manifest::hash),
        size: Some(board.state().size()),
        root: Some(board.state().root()),
        checkpoints: Some(folder.checkpoints()?),
        views: Some(folder.views()?),
        ..Expect::default()
    };
    let mut audit = Audit::new(&expect);
    audit.advance(&mut folder.log(), u64::MAX, &mut OsRng)?;
    Ok(audit.report())
}

/// Removes a record and nothing else.
pub fn remove(folder: &Path) -> io::Result<()> {
    for part in ["board", "checkpoints"] {
        let part = folder.join(part);
        if part.exists() {
            fs::remove_dir_all(part)?;
        }
    }
    for view in ["manifest.json", "result.json"] {
        let view = folder.join(view);
        if view.exists() {
            fs::remove_file(view)?;
        }
    }
    Ok(())
}
