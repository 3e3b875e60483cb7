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
    operator::reshare,
    out::{say, tell},
    progress::Progress,
    seen::Seen,
};
use clap::Args;
use duty::{Duty, duty};
use rand_core::OsRng;
use state::Sealed;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use tabella::{
    AuthorSecret, Manifest,
    board::{GuardError, Object, State, to_text},
    keys::{Dealer, KeyError, Recipient, Setup, Trustee},
    log::merkle::Root,
    manifest::{Group, ManifestHash, Member},
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
    /// An option that you know to be withdrawn; given once for each
    #[arg(long, num_args = 2, value_names = ["CONTEST", "OPTION"])]
    accept_withdrawal: Vec<String>,
    /// The new trustees that you know of, as `tabella operator reshare` takes them
    #[arg(long, value_name = "FILE")]
    accept_members: Option<PathBuf>,
    /// Erase the shares of earlier epochs, once they were handed over, and sign that. Erase all copies, too
    #[arg(long)]
    erase: bool,
    /// Find the shares again from the board: the state is lost, and with it what was signed
    #[arg(long)]
    recover: bool,
    #[command(flatten)]
    passphrase: Passphrase,
    /// The manifest's hash, as the operator published it elsewhere than on the board
    #[arg(long, value_name = "HASH")]
    expect_manifest: Option<ManifestHash>,
}

/// Does what this trustee has to do next.
pub fn run(options: &Options) -> Result<()> {
    let Options { board: folder, key, passphrase, .. } = options;
    let Some(folder) = folder else { return show_key(key, passphrase) };
    files::is_folder(&options.out)?;
    let (board, checkpoints) = board::read_signed(folder)?;
    let state = board.state();
    let manifest = board::manifest(board.state())?;
    if let Some(expected) = options.expect_manifest.filter(|hash| *hash != manifest.hash()) {
        return Err(Failure::refused(format!(
            "the board is of the election with manifest {}; expected {expected}",
            manifest.hash()
        )));
    }
    let _lock = state::lock(key)?;
    let (secret, phrase) = passphrase.key::<AuthorSecret>(key)?;
    tell!("{}  {}", manifest.title(), manifest.hash());
    tell!("The board is right. Its size is {}, and its root", state.size());
    tell!("  {}", state.root());
    if let Some(roll) = state.roll() {
        tell!("{} of {} voters have cast a ballot.", state.counted(), roll.len());
    }
    let seen = Seen::beside(key, &manifest.hash());
    seen.check(board.hashes())?;
    let sealed = Sealed { key, manifest: manifest.hash(), passphrase: &phrase, seen };
    let was = state.ceremonies().any(|keys| keys.setup().number_of(secret.public()).is_some());
    let is = state.observer().is_some_and(|o| o.setup().number_of(secret.public()).is_some());
    if !was && !is {
        return Err(Failure::refused(format!(
            "{} is the key of no trustee of this election; its public part is\n  {}",
            key.display(),
            secret.public()
        )));
    }
    if options.erase {
        return erase(state, &secret, &sealed, options);
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
fn erase(
    state: &State,
    secret: &AuthorSecret,
    sealed: &Sealed<'_>,
    options: &Options,
) -> Result<()> {
    let in_force = state.ceremony().map(|ceremony| ceremony.setup().epoch());
    let old = state.ceremonies().filter(|old| Some(old.setup().epoch()) != in_force);
    let mut erased = Vec::new();
    for ceremony in old {
        if let Some(number) = ceremony.setup().number_of(secret.public())
            && let Some(trustee) = sealed.trustee(ceremony, number)?
        {
            erased.push((ceremony, trustee));
        }
    }
    if erased.is_empty() {
        return Err(Failure::refused("there are no shares of an earlier epoch here"));
    }
    let key = sealed.key.display();
    let epochs: Vec<_> = erased.iter().map(|(old, _)| old.setup().epoch().to_string()).collect();
    tell!("Your shares of before, of epoch {}, are erased from this folder.", epochs.join(", "));
    let holds = state.ceremony().and_then(|keys| keys.setup().number_of(secret.public()));
    tell!(
        "Whoever has {key} and its passphrase finds them again from the board. {}",
        match holds {
            None => "So erase it, too, with all its copies.",
            Some(_) =>
                "You need it for your new shares: if it may have been copied, let the operator reshare to a new key of yours.",
        }
    );
    confirm("Are all copies erased, and shall these be?", options.yes, "--yes")?;
    for (ceremony, trustee) in erased {
        // Without the shares the statement could not be signed once more.
        let name = format!("erasure-{}", ceremony.setup().epoch());
        Post { options, name: &name, number: trustee.number() }
            .send(&[trustee.erase(&mut OsRng)?])?;
        sealed.erase(ceremony)?;
    }
    Ok(())
}

/// Shows who could open together.
fn show_members(setup: &Setup) {
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
    name: &'a str,
    number: u16,
}

impl Post<'_> {
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
    /// Whether to go on with this board, which is the one to go on from afterwards.
    fn ask(&self) -> Result<()> {
        confirm("Do it?", self.options.yes, "--yes")?;
        self.agreed()
    }

    fn agreed(&self) -> Result<()> {
        self.sealed.seen.keep(self.state.head())
    }

    fn does(&self, duty: &Duty, post: &Post<'_>) -> Result<()> {
        let (state, rng) = (self.state, &mut OsRng);
        let gone = || Failure::refused("the board changed while it was read");
        match duty {
            Duty::Commit(number) => {
                let setup = state.observer().ok_or_else(gone)?.setup();
                show_members(setup);
                if self.options.expect_manifest.is_none() {
                    tell!("Compare the hash above with the one that the operator published.");
                }
                self.ask()?;
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
                self.ask()?;
                post.send(&[dealer.deal(observer)?])
            }
            Duty::Complain(_, complaints) => {
                self.ask()?;
                post.send(complaints)
            }
            Duty::Confirm(number) => {
                let observer = state.observer().ok_or_else(gone)?;
                let ceremony = observer.ceremony().ok_or_else(gone)?;
                // What was stored remembers what was signed; shares that are added up once more do not.
                let stored = self.sealed.trustee(ceremony, *number)?;
                let trustee = match stored {
                    Some(trustee) => trustee,
                    None => {
                        let recipient = Recipient::new(observer.setup(), *number, self.secret)?;
                        recipient.finish(observer)?
                    }
                };
                self.ask()?;
                self.sealed.keep_trustee(&trustee)?;
                post.send(&[trustee.confirm(rng)?])
            }
            Duty::Rehearse(number) => {
                self.ask()?;
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
                    confirm(question, self.knows(withdrawn), "--accept-withdrawal for each")?;
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
                self.agreed()?;
                let signature = trustee.sign_close(state, withdrawn, rng)?;
                self.sealed.keep_trustee(&trustee)?;
                post.send(&[signature])
            }
            Duty::Mix(number, cells) => {
                let trustee = self.trustee(*number)?;
                self.ask()?;
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
                self.ask()?;
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
        let groups: Vec<(&[Member], u16)> = setup
            .groups()
            .split(setup.members())
            .map(|(group, members)| (members, group.threshold))
            .collect();
        show_members(setup);
        if let Some(file) = &self.options.accept_members {
            let known = reshare::read(file, &board::manifest(self.state)?)?;
            if !known.iter().map(|(people, least)| (people.as_slice(), *least)).eq(groups.clone()) {
                let file = file.display();
                return Err(Failure::refused(format!(
                    "the new trustees on the board are not those of {file}"
                )));
            }
        } else {
            tell!("Compare keys and threshold with what you know from elsewhere.");
            confirm("Are these the new trustees?", false, "--accept-members FILE")?;
        }
        self.ask()?;
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

    /// Whether the options name these withdrawals, and no others.
    fn knows(&self, withdrawn: &[Withdrawal]) -> bool {
        let contests = self.state.manifest().map_or(&[][..], Manifest::contests);
        let found = withdrawn.iter().filter_map(|withdrawal| {
            let contest = contests.get(withdrawal.contest)?;
            Some([contest.id.as_str(), contest.options.get(withdrawal.option)?.id.as_str()])
        });
        let known = self.options.accept_withdrawal.chunks_exact(2);
        let known: BTreeSet<[&str; 2]> = known.map(|known| [&*known[0], &*known[1]]).collect();
        known == found.collect()
    }

    /// The trustee with its shares, as it was stored.
    fn trustee(&self, number: u16) -> Result<Trustee> {
        let ceremony = self.state.ceremony();
        let ceremony = ceremony.ok_or_else(|| Failure::refused("there are no keys yet"))?;
        if let Some(trustee) = self.sealed.trustee(ceremony, number)? {
            return Ok(trustee);
        }
        let file = self.sealed.trustee_file(ceremony);
        let (file, lost) = (file.display(), "is not there, and with it what you signed and opened");
        if !self.options.recover {
            return Err(Failure::refused(format!(
                "{file}: {lost}. Look for it, or for a copy. If it is lost, compare the board's size and root with the other trustees, and add --recover: your shares are found again from the board"
            )));
        }
        let observer = self.state.observer_in_force();
        let observer = observer.ok_or_else(|| Failure::refused("there are no keys yet"))?;
        let recipient = Recipient::new(ceremony.setup(), number, self.secret);
        let trustee = recipient.and_then(|recipient| recipient.finish(observer));
        let trustee = trustee.map_err(|error: KeyError| Failure::refused(error))?;
        self.sealed.keep_trustee(&trustee)?;
        tell!("{file}: found again");
        Ok(trustee)
    }
}
