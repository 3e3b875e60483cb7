//! All that a trustee does, from the key to the last share: run it whenever the operator says that the board has moved on.
//!
//! ```text
//! tabella trustee --key t3.key                 makes the key and prints its public part
//! tabella trustee --key t3.key election        does what this trustee has to do next
//! ```
//!
//! The board is replayed and checked first, so a copy of the folder on a stick is enough, and no network is needed. What is to be
//! done is said in plain words, and asked; the one message to send is written to a file. The trustee's state stands beside its key,
//! under the same passphrase, and is stored before any message is written: whatever interrupts the program, run it again.

mod duty;
mod state;
mod witnessed;

use crate::{
    ask::{Passphrase, confirm},
    board,
    failure::{Failure, Result},
    files,
    out::{say, tell},
    progress::Progress,
};
use clap::Args;
use duty::{Duty, duty};
use rand_core::OsRng;
use state::Sealed;
use std::path::{Path, PathBuf};
use tabella::{
    AuthorSecret,
    board::{GuardError, Object, State, to_text},
    keys::{Dealer, KeyError, Recipient, Round, Trustee},
    log::merkle::Root,
    manifest::{Group, Member},
    tally::Withdrawal,
    views::waits,
};

/// A trustee's key, and the board.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    tabella trustee --key t3.key            make a key, and print what the operator needs of it\n  \
    tabella trustee --key t3.key election   do what has to be done next")]
pub struct Options {
    /// The folder of the board, or a copy of it
    board: Option<PathBuf>,
    /// The trustee's key; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The folder for the message
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Do not ask before. For the close it takes the root, too
    #[arg(long)]
    yes: bool,
    /// Sign the close of no board but the one that was frozen with this root, as you compared it with the other trustees
    #[arg(long, value_name = "ROOT")]
    root: Option<Root>,
    /// The withdrawals on the board are those that you know of
    #[arg(long)]
    accept_withdrawals: bool,
    /// The new trustees and their threshold on the board are those that you know of
    #[arg(long)]
    accept_members: bool,
    /// Erase the shares of earlier epochs, once they were handed over, and sign that. Erase all copies, too
    #[arg(long)]
    erase: bool,
    /// Find the shares again from the board: the state is lost, and with it what was signed
    #[arg(long)]
    recover: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Does what this trustee has to do next.
pub fn run(options: &Options) -> Result<()> {
    let Options { board: folder, key, passphrase, .. } = options;
    let Some(folder) = folder else { return show_key(key, passphrase) };
    files::is_folder(&options.out)?;
    let (board, checkpoints) = board::read_signed(folder)?;
    let state = board.state();
    let manifest = board::manifest(board.state())?;
    let _lock = state::lock(key)?;
    let (secret, phrase) = passphrase.key(key)?;
    tell!("{}  {}", manifest.title(), manifest.hash());
    tell!("The board is right. It has {} entries, and the root", state.size());
    tell!("  {}", state.root());
    if let Some(roll) = state.roll() {
        tell!("{} of {} voters have cast a ballot.", state.counted(), roll.len());
    }
    let sealed = Sealed { key, manifest: manifest.hash(), passphrase: &phrase };
    sealed.see(&board)?;
    if options.erase {
        return erase(state, &sealed, options);
    }
    let Some(duty) = duty(state, &secret)? else {
        match waits(state).as_slice() {
            [] => tell!("There is nothing more to do: the result is on the board."),
            waits => {
                tell!("There is nothing for you to do now. The board waits");
                waits.iter().for_each(|wait| tell!("  {wait}"));
            }
        }
        return Ok(());
    };
    tell!("Next: {duty}");
    witnessed::check(&board, &checkpoints, &duty)?;
    let post = Post { options, name: duty.name(), number: duty.number() };
    let member = Me { state, secret: &secret, sealed, options };
    member.does(&duty, &post)
}

/// Erases shares that are no longer in force.
fn erase(state: &State, sealed: &Sealed<'_>, options: &Options) -> Result<()> {
    let in_force = state.ceremony().map(|ceremony| ceremony.setup().epoch());
    let old = state.ceremonies().filter(|old| Some(old.setup().epoch()) != in_force);
    let mut erased = Vec::new();
    for ceremony in old {
        if let Some(trustee) = sealed.trustee(ceremony)? {
            erased.push((ceremony, trustee));
        }
    }
    let Some((_, first)) = erased.first() else {
        return Err(Failure::refused("there are no shares of an earlier epoch here"));
    };
    let number = first.number();
    tell!("Your shares of before, of {} epochs, are erased from this folder.", erased.len());
    confirm("Are all copies erased, and shall these be?", options.yes, "--yes")?;
    let (mut old, mut statements) = (Vec::new(), Vec::new());
    for (ceremony, trustee) in erased {
        statements.push(trustee.erase(&mut OsRng)?);
        old.push(ceremony);
    }
    // Without the shares the statement could not be signed once more.
    Post { options, name: "erasure", number }.send(&statements)?;
    old.into_iter().try_for_each(|ceremony| sealed.erase(ceremony))
}

fn show_key(key: &Path, passphrase: &Passphrase) -> Result<()> {
    let secret = match key.exists() {
        true => passphrase.key(key)?.0,
        false => passphrase.new_key(key)?,
    };
    tell!("Give the operator this, in person or by telephone, and keep {}:", key.display());
    say!("{}", secret.public())?;
    Ok(())
}

/// Where a message goes.
struct Post<'a> {
    options: &'a Options,
    name: &'static str,
    number: u16,
}

impl Post<'_> {
    fn ask(&self) -> Result<()> {
        confirm("Do it?", self.options.yes, "--yes")
    }

    fn send(&self, objects: &[impl Object]) -> Result<()> {
        let name = format!("trustee-{}-{}.txt", self.number, self.name);
        let file = self.options.out.join(name);
        files::replace(&file, to_text(objects)?.as_bytes())?;
        tell!("Send this file to the operator:");
        say!("{}", file.display())?;
        Ok(())
    }
}

/// The trustee before the board.
struct Me<'a> {
    state: &'a State,
    secret: &'a AuthorSecret,
    sealed: Sealed<'a>,
    options: &'a Options,
}

impl Me<'_> {
    fn does(&self, duty: &Duty, post: &Post<'_>) -> Result<()> {
        let (state, rng) = (self.state, &mut OsRng);
        let gone = || Failure::refused("the board changed while it was read");
        match duty {
            Duty::Commit(number) => {
                post.ask()?;
                let setup = state.observer().ok_or_else(gone)?.setup();
                // A deal that was stored is the one to go on with: two would be evidence against this trustee.
                let commit = match self.sealed.dealer(setup)? {
                    Some(dealer) => dealer.commitment(self.secret, rng)?,
                    None => {
                        let (dealer, commit) = Dealer::new(setup, *number, self.secret, rng)?;
                        self.sealed.keep_dealer(&dealer, setup)?;
                        commit
                    }
                };
                post.send(&[commit])
            }
            Duty::HandOver(number) => self.hand_over(*number, post),
            Duty::Deal(_) => {
                let observer = state.observer().ok_or_else(gone)?;
                let dealer = self.sealed.dealer(observer.setup())?.ok_or_else(|| {
                    Failure::refused(format!(
                        "{}: the deal that you committed to is gone, and cannot be made again. The ceremony goes on without your deal; tell the operator",
                        self.sealed.dealer_file(observer.setup()).display()
                    ))
                })?;
                post.ask()?;
                post.send(&[dealer.deal(observer)?])
            }
            Duty::Complain(_, complaints) => {
                post.ask()?;
                post.send(complaints)
            }
            Duty::Confirm(number) => {
                let observer = state.observer().ok_or_else(gone)?;
                let ceremony = observer.ceremony().ok_or_else(gone)?;
                // What was stored remembers what was signed; shares that are added up once more do not.
                let stored = self.sealed.trustee(ceremony)?;
                let trustee = match stored {
                    Some(trustee) => trustee,
                    None => {
                        let recipient = Recipient::new(observer.setup(), *number, self.secret)?;
                        recipient.finish(observer)?
                    }
                };
                post.ask()?;
                self.sealed.keep_trustee(&trustee)?;
                post.send(&[trustee.confirm(rng)?])
            }
            Duty::Rehearse(number) => {
                post.ask()?;
                post.send(&[self.trustee(*number)?.rehearse(state, rng)?])
            }
            Duty::Close(number) => {
                let mut trustee = self.trustee(*number)?;
                let withdrawn = state.withdrawn();
                let contests = state.manifest().map(|manifest| manifest.contests());
                for Withdrawal { contest, option, reason } in withdrawn {
                    let contest = contests.and_then(|contests| contests.get(*contest));
                    let option = contest.and_then(|contest| contest.options.get(*option));
                    if let Some((contest, option)) = contest.zip(option) {
                        tell!("Withdrawn: {} of '{}': {reason}", option.shown(), contest.title);
                    }
                }
                if !withdrawn.is_empty() {
                    let question = "Do you know of all these, and of no others?";
                    confirm(question, self.options.accept_withdrawals, "--accept-withdrawals")?;
                }
                let (size, root) = state.frozen().ok_or_else(gone)?;
                match self.options.root {
                    Some(expected) if expected != root => {
                        return Err(Failure::refused(format!(
                            "the board was frozen with the root {root}, and not with {expected}: somebody may be running two boards"
                        )));
                    }
                    Some(_) => {}
                    None => {
                        tell!("Compare size and root with the other trustees, by telephone:");
                        tell!("  {size}  {root}");
                    }
                }
                let agreed = self.options.yes && self.options.root.is_some();
                confirm(
                    "Are they the same, and shall this close be signed?",
                    agreed,
                    "--yes and --root ROOT",
                )?;
                let signature = trustee.sign_close(state, withdrawn, rng)?;
                self.sealed.keep_trustee(&trustee)?;
                post.send(&[signature])
            }
            Duty::Mix(number, cells) => {
                let trustee = self.trustee(*number)?;
                post.ask()?;
                let mixing = Progress::waiting("mixing");
                let mix = |cell: &usize| -> Result<_> {
                    let prepared = trustee.prepare_mix(state, *cell, &mut OsRng)?;
                    Ok(trustee.mix(state, *cell, prepared, &mut OsRng)?)
                };
                let mixes = cells.iter().map(mix).collect::<Result<Vec<_>>>()?;
                drop(mixing);
                post.send(&mixes)
            }
            Duty::Open(number) => {
                let mut trustee = self.trustee(*number)?;
                post.ask()?;
                let share = trustee.open(state, rng)?;
                self.sealed.keep_trustee(&trustee)?;
                post.send(&[share])
            }
        }
    }

    /// Deals the shares to new trustees.
    fn hand_over(&self, number: u16, post: &Post<'_>) -> Result<()> {
        let gone = || Failure::refused("the board changed while it was read");
        let setup = self.state.observer().ok_or_else(gone)?.setup();
        let mut trustee = self.trustee(number)?;
        let groups: Vec<_> = setup.groups().split(setup.members()).collect();
        for (Group { name, threshold, .. }, members) in &groups {
            match groups.len() {
                1 => tell!("Any {threshold} of these could open then:"),
                _ => tell!("{name}: any {threshold} of these could open then with the others:"),
            }
            for Member { name, key, .. } in *members {
                tell!("  {name}\n    {key}");
            }
        }
        tell!("Compare keys and threshold with what you know from elsewhere.");
        let question = "Are these the new trustees?";
        confirm(question, self.options.accept_members, "--accept-members")?;
        post.ask()?;
        let groups: Vec<(&[Member], u16)> =
            groups.into_iter().map(|(group, members)| (members, group.threshold)).collect();
        let commit = match trustee.hand_over(self.state, &groups, &mut OsRng) {
            Ok((dealer, commit)) => {
                // Without the deal nobody has seen the commit, and another deal is no harm.
                self.sealed.keep_dealer(&dealer, setup)?;
                self.sealed.keep_trustee(&trustee)?;
                commit
            }
            Err(error) => match self.sealed.dealer(setup)? {
                Some(dealer) if error == GuardError::HandedOver => {
                    dealer.commitment(self.secret, &mut OsRng)?
                }
                _ => return Err(error.into()),
            },
        };
        post.send(&[commit])
    }

    /// The trustee with its shares, as it was stored.
    fn trustee(&self, number: u16) -> Result<Trustee> {
        let ceremony = self.state.ceremony();
        let ceremony = ceremony.ok_or_else(|| Failure::refused("there are no keys yet"))?;
        if let Some(trustee) = self.sealed.trustee(ceremony)? {
            return Ok(trustee);
        }
        let file = self.sealed.trustee_file(ceremony);
        let (file, lost) = (file.display(), "is not there, and with it what you signed and opened");
        if !self.options.recover {
            return Err(Failure::refused(format!(
                "{file}: {lost}. Look for it, or for a copy. If it is lost, compare the board's size and root with the other trustees, and add --recover: your shares are found again from the board"
            )));
        }
        let ended = self.state.observer().filter(|observer| observer.round() == Round::Done);
        let observer = ended.ok_or_else(|| {
            Failure::refused(
                "shares are found again when no ceremony is going on: wait until it is over",
            )
        })?;
        let recipient = Recipient::new(ceremony.setup(), number, self.secret);
        let trustee = recipient.and_then(|recipient| recipient.finish(observer));
        let trustee = trustee.map_err(|error: KeyError| Failure::refused(error))?;
        self.sealed.keep_trustee(&trustee)?;
        tell!("{file}: found again");
        Ok(trustee)
    }
}
