//! The examples' records, written as the board grows, with checkpoints that the log signs and witnesses cosign; small elections held in
//! one process; and results drawn as bars.
#![allow(dead_code)]

use comfy_table::{CellAlignment, Table, presets::NOTHING};
use rand_core::{CryptoRng, OsRng, RngCore};
use rayon::prelude::*;
use std::{
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use tabella::{
    audit::{Audit, Expect, Report},
    ballot::{CastBallot, Choices, Header},
    board::Board,
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys,
    log::checkpoint::{Checkpoint, LogSecret, WitnessSecret},
    manifest::{Builder, Manifest},
    record::{Folder, WriteError, Writer},
    roll::Credential,
    tally::Outcome,
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

/// Holds an election in which all trustees are one process: each voter of the first ballot style casts these choices. The record is
/// written to a folder and audited.
pub fn hold(
    folder: &Path,
    builder: Builder,
    trustees: &[&str],
    choices: &[Choices],
) -> Result<Outcome, Failure> {
    let rng = &mut OsRng;
    let (signers, operator) = (Signers::random(rng)?, AuthorSecret::random(rng)?);
    let mut builder = signers.register(builder.operator(operator.public().clone()));
    let mut secrets = Vec::new();
    for name in trustees {
        let secret = AuthorSecret::random(rng)?;
        builder = builder.trustee(name, secret.public().clone());
        secrets.push(secret);
    }
    let manifest = builder.build()?;
    let voters = choices.iter().map(|_| Credential::random(rng));
    let voters: Vec<Credential> = voters.collect::<Result<_, _>>()?;
    let roll = voters.iter().map(|voter| voter.registration(&manifest, 0, rng));
    let roll = roll.collect::<Result<Vec<_>, _>>()?;
    let (ceremony, mut trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
    let mut recorder = Recorder::create(folder, signers)?;
    let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
    recorder.checkpoint(&board)?;

    let election = board.election().ok_or("voting is not open")?.clone();
    let ballots = voters.par_iter().zip(choices).map(|(voter, choices)| {
        Ok(election.encrypt(voter, &Header::remote(0), choices, &mut OsRng)?.cast())
    });
    let ballots: Vec<CastBallot> = ballots.collect::<Result<_, Failure>>()?;
    for verdict in board.post_all(&ballots, rng) {
        verdict?;
    }
    recorder.checkpoint(&board)?;

    board.close(&operator, &mut trustees, rng)?;
    let tally = board.tally(&operator, rng)?;
    let threshold = usize::from(manifest.threshold());
    board.mix(&trustees[..threshold], rng)?;
    for trustee in trustees.iter_mut().rev().take(threshold) {
        board.post(&trustee.open(board.state(), rng)?, rng)?;
    }
    let outcome = board.finish(&operator, &DlogTable::new(tally.bound()), rng)?;
    recorder.finish(&board)?;
    let report = audit(folder, &board)?.into_result().map_err(|report| report.to_string())?;
    println!("{} ballots, verified. The record is in {folder:?}.", report.ballots);
    Ok(outcome)
}

/// Numbers as bars, with what belongs to each beside it.
pub fn bars(title: &str, rows: &[(String, u64, String)]) {
    const WIDTH: u64 = 40;
    let most = rows.iter().map(|(_, number, _)| *number).max().unwrap_or(0).max(1);
    let mut table = Table::new();
    table.load_preset(NOTHING);
    for (name, number, beside) in rows {
        // In eighths of a character.
        let eighths = u128::from(*number) * u128::from(8 * WIDTH) / u128::from(most);
        let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][(eighths % 8) as usize];
        let bar = "█".repeat((eighths / 8) as usize) + part;
        table.add_row([name.clone(), bar, number.to_string(), beside.clone()]);
    }
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("\n{title}\n{table}");
}
