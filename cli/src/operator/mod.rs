//! What the operator of an election does, with its board in a folder.
//!
//! ```text
//! tabella operator open election manifest.json --key operator.key
//! tabella operator take election inbox/*.txt --key operator.key --receipts receipts
//! tabella operator round election deals --key operator.key
//! tabella operator credentials election people.csv --sheets sheets.html --out registrations.txt
//! tabella operator roll election --made registrations.txt --key operator.key
//! tabella operator bundle election --out bundle.txt
//! tabella operator freeze election --key operator.key
//! tabella operator tally election --key operator.key
//! tabella operator publish election --key operator.key
//! ```

mod checkpoint;
mod credentials;
pub mod reshare;
mod roll;
mod take;

use crate::{
    ask::{Passphrase, confirm},
    board::{self, Desk},
    failure::{Failure, Result},
    files,
    out::{say, tell},
    progress::Progress,
};
use clap::{Args, Subcommand, ValueEnum};
use rand_core::OsRng;
use std::path::{Path, PathBuf};
use tabella::{
    AuthorSecret, DlogTable, Manifest, contest::MAX_WEIGHT, keys::Round, tally::Withdrawal,
};

/// What to do.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tabella operator open election manifest.json --key operator.key"
)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

/// A board and the operator's key.
#[derive(Args)]
struct Access {
    /// The folder of the board
    board: PathBuf,
    /// The operator's key, as `tabella key` made it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Subcommand)]
enum Command {
    /// Begin a board in a new folder with a manifest, which is then fixed
    #[command(
        after_help = "Example:\n  tabella operator open election manifest.json --key operator.key"
    )]
    Open {
        #[command(flatten)]
        access: Access,
        /// The manifest as JSON
        manifest: PathBuf,
    },
    /// Post messages of trustees and voters: ballots, deals, mixes and all others
    #[command(
        after_help = "Example:\n  tabella operator take election inbox/*.txt --key operator.key --receipts receipts"
    )]
    Take(take::Options),
    /// End the open round of the key ceremony; what comes later for it does not count
    #[command(after_help = "Example:\n  tabella operator round election deals --key operator.key")]
    Round {
        #[command(flatten)]
        access: Access,
        /// The round that ends. One that has ended already is left as it is
        round: Ending,
    },
    /// Hand the shares over to other trustees, or to the same ones as a refresh; the keys of the election stay
    #[command(
        after_help = "Example:\n  tabella operator reshare election members.json --key operator.key"
    )]
    Reshare(reshare::Options),
    /// Ask the trustees whether they still hold their shares
    #[command(after_help = "Example:\n  tabella operator rehearse election --key operator.key")]
    Rehearse(Access),
    /// Make credentials for people: sheets to print, and registrations for the roll
    #[command(
        after_help = "Example:\n  tabella operator credentials election people.csv --sheets sheets.html --out registrations.txt"
    )]
    Credentials(credentials::Options),
    /// Post the roll, from all registrations; voting is open from here
    #[command(
        after_help = "Examples:\n  tabella operator roll election --made registrations.txt --key operator.key\n  \
            tabella operator roll election inbox/*.txt --allowed voters.csv --key operator.key"
    )]
    Roll(roll::Options),
    /// Sign a checkpoint of the board with the log's key, for voters, witnesses and monitors
    #[command(after_help = "Example:\n  tabella operator checkpoint election --log-key log.key")]
    Checkpoint(checkpoint::Options),
    /// Write what voters' devices need to encrypt, without the board
    #[command(after_help = "Example:\n  tabella operator bundle election --out bundle.txt")]
    Bundle {
        /// The folder of the board, or a copy of it
        board: PathBuf,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Withdraw an option that can no longer be elected
    #[command(
        after_help = "Example:\n  tabella operator withdraw election council \"Emil Ruf\" \"died on 3 May\" --key operator.key"
    )]
    Withdraw {
        #[command(flatten)]
        access: Access,
        /// The contest's id
        contest: String,
        /// The option's id
        option: String,
        /// Why, for everybody to read
        reason: String,
    },
    /// Freeze voting: no ballot is taken, and trustees sign the close
    #[command(after_help = "Example:\n  tabella operator freeze election --key operator.key")]
    Freeze {
        #[command(flatten)]
        access: Access,
        /// Do not ask before
        #[arg(long)]
        yes: bool,
    },
    /// Lift a freeze that no trustee has signed
    #[command(after_help = "Example:\n  tabella operator lift election --key operator.key")]
    Lift(Access),
    /// Post the sums that are to be opened, after the close
    #[command(after_help = "Example:\n  tabella operator tally election --key operator.key")]
    Tally(Access),
    /// Open with the trustees' shares and post the result; nothing follows on the board
    #[command(after_help = "Example:\n  tabella operator publish election --key operator.key")]
    Publish(Access),
}

/// A round that the operator ends.
#[derive(Clone, Copy, ValueEnum)]
enum Ending {
    /// The fingerprints of the deals
    Commits,
    /// The deals themselves
    Deals,
    /// Complaints about bad shares, if there are any
    Complaints,
    /// Signatures of the keys
    Confirmations,
}

impl From<Ending> for Round {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Commits => Self::Commit,
            Ending::Deals => Self::Deal,
            Ending::Complaints => Self::Complain,
            Ending::Confirmations => Self::Confirm,
        }
    }
}

impl Access {
    fn open(&self) -> Result<(Desk, AuthorSecret)> {
        // A wrong folder is told before anybody types a passphrase.
        let desk = Desk::open(&self.board)?;
        Ok((desk, self.secret()?))
    }

    fn secret(&self) -> Result<AuthorSecret> {
        Ok(self.passphrase.key(&self.key)?.0)
    }
}

/// Does what the operator asked for.
pub fn run(Options { command }: &Options) -> Result<()> {
    match command {
        Command::Open { access, manifest } => open(access, manifest),
        Command::Take(options) => take::run(options),
        Command::Credentials(options) => credentials::run(options),
        Command::Reshare(options) => reshare::run(options),
        Command::Roll(options) => roll::run(options),
        Command::Checkpoint(options) => checkpoint::run(options),
        Command::Round { access, round } => end_round(access, (*round).into()),
        Command::Bundle { board, out } => bundle(board, out),
        Command::Rehearse(access) => {
            let (mut desk, secret) = access.open()?;
            desk.write(|board| board.ask(&secret, &mut OsRng))?;
            ended(desk, "the trustees are asked whether they hold their shares")
        }
        Command::Withdraw { access, contest, option, reason } => {
            let (mut desk, secret) = access.open()?;
            let withdrawal = Withdrawal::new(&desk.manifest()?, contest, option, reason)?;
            desk.write(|board| board.withdraw(&secret, &withdrawal, &mut OsRng))?;
            ended(desk, &format!("'{option}' of '{contest}' is withdrawn"))
        }
        Command::Freeze { access, yes } => {
            let (mut desk, secret) = access.open()?;
            let question = "No ballot is taken from here on. Freeze voting?";
            confirm(question, *yes, "--yes")?;
            desk.write(|board| board.freeze(&secret, &mut OsRng))?;
            let (size, root) = (desk.state().size(), desk.state().root());
            ended(desk, &format!("voting is frozen; trustees sign size {size}, root {root}"))
        }
        Command::Lift(access) => {
            let (mut desk, secret) = access.open()?;
            desk.write(|board| board.lift(&secret, &mut OsRng))?;
            ended(desk, "the freeze is lifted, and voting goes on")
        }
        Command::Tally(access) => {
            // Everything is counted from here on.
            let (mut desk, secret) = (Desk::open_verified(&access.board)?, access.secret()?);
            let adding = Progress::waiting("adding up");
            let tally = desk.write(|board| board.tally(&secret, &mut OsRng))?;
            drop(adding);
            ended(desk, &format!("the tally has {} cells", tally.cells().len()))
        }
        Command::Publish(access) => publish(access),
    }
}

/// Refuses a weight of such a table that no voter can have.
fn check_weight(weight: Option<u64>) -> Result<()> {
    match weight.filter(|weight| !(1..=MAX_WEIGHT).contains(weight)) {
        Some(found) => {
            Err(Failure::refused(format!("weight {found} — expected 1 to {MAX_WEIGHT}")))
        }
        None => Ok(()),
    }
}

/// Says what was done.
fn ended(mut desk: Desk, done: &str) -> Result<()> {
    desk.views()?;
    say!("{done}")?;
    Ok(())
}

fn open(access: &Access, manifest: &Path) -> Result<()> {
    let text = files::read_text(manifest)?;
    let named = |error| Failure::refused(format!("{}:\n{error}", manifest.display()));
    let manifest = Manifest::from_json(&text).map_err(named)?;
    manifest.verify_keys(&mut OsRng)?;
    let secret = access.secret()?;
    if secret.public() != manifest.operator() {
        let key = access.key.display();
        return Err(Failure::refused(format!(
            "{key} is the key {}, and the manifest's operator has {}",
            secret.public(),
            manifest.operator()
        )));
    }
    // A run that was interrupted may have posted it.
    if let Ok(desk) = Desk::open(&access.board)
        && desk.manifest().is_ok_and(|known| known.hash() == manifest.hash())
    {
        return ended(desk, &manifest.hash().to_string());
    }
    let mut desk = Desk::create(&access.board)?;
    desk.write(|board| board.post_manifest(&manifest, &secret, &mut OsRng))?;
    ended(desk, &manifest.hash().to_string())
}

/// Ends a round of the ceremony that goes on. The same command once more changes nothing: the next round is not ended unseen.
fn end_round(access: &Access, round: Round) -> Result<()> {
    let (mut desk, secret) = access.open()?;
    let Some(open) = desk.state().observer().map(|observer| observer.round()) else {
        return Err(Failure::refused("no ceremony has begun: first `tabella operator open`"));
    };
    if open < round {
        return Err(Failure::refused(format!("{open} is open, and {round} comes later")));
    }
    if open == round {
        desk.write(|board| board.close_round(&secret, &mut OsRng))?;
        for (_, conviction) in desk.state().found() {
            tell!("{conviction}");
        }
    }
    ended(desk, &format!("{round} is over"))
}

fn bundle(path: &Path, out: &Path) -> Result<()> {
    let (board, mut checkpoints) = board::read_signed(path)?;
    let (state, manifest) = (board.state(), board::manifest(board.state())?);
    checkpoints.retain(|signed| signed.checkpoint().size() <= state.size());
    // One of a log that the manifest does not name says nothing.
    let checkpoint = checkpoints.pop().filter(|_| manifest.log().is_some());
    files::replace(out, state.bundle(checkpoint, &mut OsRng)?.to_text().as_bytes())?;
    tell!("Voters compare this hash with the one that you publish elsewhere:");
    say!("{}", manifest.hash())?;
    Ok(())
}

fn publish(access: &Access) -> Result<()> {
    let (mut desk, secret) = access.open()?;
    // A run that was interrupted may have posted the result, and not written what people read of it.
    if desk.state().outcome().is_none() {
        let tally = desk.state().tally().map(|tally| tally.bound());
        let bound = tally.ok_or_else(|| {
            Failure::refused(
                "there is no tally yet: `tabella status` says what the board waits for",
            )
        })?;
        let _opening = Progress::waiting("opening the totals");
        let table = DlogTable::new(bound);
        desk.write(|board| board.finish(&secret, &table, &mut OsRng))?;
    }
    let (manifest, board) = (desk.manifest()?, access.board.display());
    if manifest.log().is_some() {
        tell!(
            "Now sign the whole board: `tabella operator checkpoint {board}`, and let the witnesses cosign"
        );
    }
    let manifest = manifest.hash();
    ended(
        desk,
        &format!("published: `tabella audit {board} --expect-manifest {manifest}` counts it again"),
    )
}
