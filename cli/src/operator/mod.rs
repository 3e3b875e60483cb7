//! What the operator of an election does, with its board in a folder.
//!
//! ```text
//! tabella operator open election manifest.json --key operator.key
//! tabella operator take election inbox/*.txt --key operator.key --receipts receipts
//! tabella operator round election --key operator.key
//! tabella operator credentials election people.csv --sheets sheets.html --out registrations.txt
//! tabella operator roll election --made registrations.txt --key operator.key
//! tabella operator freeze election --key operator.key
//! tabella operator tally election --key operator.key
//! tabella operator publish election --key operator.key
//! ```

mod credentials;
mod reshare;
mod take;

use crate::{
    ask::{Passphrase, confirm},
    board::Desk,
    failure::{Failure, Result},
    files,
};
use clap::{Args, Subcommand};
use rand_core::OsRng;
use std::path::{Path, PathBuf};
use tabella::{
    AuthorSecret, DlogTable, Manifest,
    keys::Round,
    roll::{Registration, Roll},
    tally::Withdrawal,
};

/// What to do.
#[derive(Args)]
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
    #[command(after_help = "Example:\n  tabella operator round election --key operator.key")]
    Round(Access),
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
        after_help = "Example:\n  tabella operator roll election --made registrations.txt --key operator.key"
    )]
    Roll {
        #[command(flatten)]
        access: Access,
        /// Registrations that voters sent: one in each file, of weight 1. Check before who may be on the roll, and in which style
        #[arg(required_unless_present = "made")]
        registrations: Vec<PathBuf>,
        /// Registrations that `credentials` made, with the weights of its table
        #[arg(long, value_name = "FILE")]
        made: Vec<PathBuf>,
        /// Do not ask before
        #[arg(long)]
        yes: bool,
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
        Command::Roll { access, registrations, made, yes } => {
            roll(access, registrations, made, *yes)
        }
        Command::Round(access) => {
            let (mut desk, secret) = access.open()?;
            let round = desk.board.state().observer().map_or(Round::Done, |o| o.round());
            desk.board.close_round(&secret, &mut OsRng)?;
            for (_, conviction) in desk.board.state().found() {
                eprintln!("{conviction}");
            }
            ended(desk, &format!("{round} is over"))
        }
        Command::Rehearse(access) => {
            let (mut desk, secret) = access.open()?;
            desk.board.ask(&secret, &mut OsRng)?;
            ended(desk, "the trustees are asked whether they hold their shares")
        }
        Command::Withdraw { access, contest, option, reason } => {
            let (mut desk, secret) = access.open()?;
            let withdrawal = Withdrawal::new(&desk.manifest()?, contest, option, reason)?;
            desk.board.withdraw(&secret, &withdrawal, &mut OsRng)?;
            ended(desk, &format!("'{option}' of '{contest}' is withdrawn"))
        }
        Command::Freeze { access, yes } => {
            let (mut desk, secret) = access.open()?;
            let question = "No ballot is taken from here on. Freeze voting?";
            confirm(question, *yes, "--yes")?;
            desk.board.freeze(&secret, &mut OsRng)?;
            let (size, root) = (desk.board.state().size(), desk.board.state().root());
            ended(desk, &format!("voting is frozen; trustees sign size {size}, root {root}"))
        }
        Command::Lift(access) => {
            let (mut desk, secret) = access.open()?;
            desk.board.lift(&secret, &mut OsRng)?;
            ended(desk, "the freeze is lifted, and voting goes on")
        }
        Command::Tally(access) => {
            // Everything is counted from here on.
            let (mut desk, secret) = (Desk::open_verified(&access.board)?, access.secret()?);
            let tally = desk.board.tally(&secret, &mut OsRng)?;
            ended(desk, &format!("the tally has {} cells", tally.cells().len()))
        }
        Command::Publish(access) => publish(access),
    }
}

/// Says what was done.
fn ended(mut desk: Desk, done: &str) -> Result<()> {
    desk.views()?;
    println!("{done}");
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
    let mut desk = Desk::create(&access.board)?;
    desk.board.post_manifest(&manifest, &secret, &mut OsRng)?;
    ended(desk, &manifest.hash().to_string())
}

fn roll(access: &Access, sent: &[PathBuf], made: &[PathBuf], yes: bool) -> Result<()> {
    let (mut desk, secret) = access.open()?;
    let manifest = desk.manifest()?;
    let read = |file: &PathBuf| {
        let named = |error| Failure::unreadable(format!("{}: {error}", file.display()));
        Registration::from_text(&files::read_text(file)?).map_err(named)
    };
    let mut registrations = Vec::new();
    for file in made {
        registrations.extend(read(file)?);
    }
    for file in sent {
        // Weight and number of lines are the operator's to decide, and stand in no proof of the voter.
        let found = read(file)?;
        let [registration] = found.as_slice() else {
            let (file, n) = (file.display(), found.len());
            return Err(Failure::refused(format!(
                "{file}: {n} registrations — expected one; `--made` takes those of `credentials`"
            )));
        };
        if registration.weight != 1 {
            let (file, weight) = (file.display(), registration.weight);
            return Err(Failure::refused(format!(
                "{file}: weight {weight} — expected 1; `--made` takes those of `credentials`"
            )));
        }
        let style = manifest.styles().get(usize::from(registration.style));
        eprintln!("{}: style {}", file.display(), style.map_or("?", |style| &style.id));
        registrations.push(registration.clone());
    }
    let roll = Roll::new(&manifest, &registrations, &mut OsRng)?;
    for (place, style) in manifest.styles().iter().enumerate() {
        eprintln!("style {}: {} voters", style.id, roll.voters_of_style(place));
    }
    for class in roll.small_classes(&manifest) {
        eprintln!("warning: {class}");
    }
    let voters = roll.len();
    let weight: u64 = registrations.iter().map(|registration| u64::from(registration.weight)).sum();
    let most = registrations.iter().map(|registration| registration.weight).max().unwrap_or(0);
    if most > 1 {
        eprintln!("{voters} voters weigh {weight} together, one of them at most {most}");
    }
    let question = format!("The roll of {voters} voters cannot be changed later. Open voting?");
    confirm(&question, yes, "--yes")?;
    desk.board.post_roll(&registrations, &secret, &mut OsRng)?;
    ended(desk, &format!("voting is open for {voters} voters"))
}

fn publish(access: &Access) -> Result<()> {
    let (mut desk, secret) = access.open()?;
    let tally = desk.board.state().tally().cloned();
    let tally = tally.ok_or_else(|| Failure::refused("there is no tally yet: `tabella status`"))?;
    desk.board.finish(&secret, &DlogTable::new(tally.bound()), &mut OsRng)?;
    let manifest = desk.manifest()?.hash();
    let board = access.board.display();
    ended(
        desk,
        &format!("published: `tabella audit {board} --expect-manifest {manifest}` counts it again"),
    )
}
