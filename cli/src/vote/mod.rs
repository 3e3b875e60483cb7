//! The voter's device: from choices to a ballot, or to the challenge of the device.
//!
//! ```text
//! tabella vote election                                      asks for the credential and every contest
//! tabella vote election --credential c.txt --choices v.txt --cast
//! tabella vote election --credential c.txt --choices v.txt --spoil
//! tabella vote election --check opening.txt --voter voterkey1…
//! tabella vote --bundle bundle.txt --expect-manifest HASH    without the board
//! tabella register manifest-or-board …                       see `tabella register`
//! ```
//!
//! A file of choices has a line for each contest: its id, a colon, and the answer as it would be typed.

mod answer;

use crate::{
    ask, board,
    failure::{Failure, Result},
    files,
    out::{say, tell},
};
use answer::{Shown, Understood};
use clap::Args;
use rand_core::OsRng;
use std::{
    io::stdin,
    path::{Path, PathBuf},
};
use tabella::{
    Board, Choices, Credential, Election, Header, Manifest,
    ballot::{ElectionBundle, Origin, SealedBallot, SpoiledBallot},
    board::{Fate, Kind, Object, Phase, Receipt, from_text, to_text},
    manifest::ManifestHash,
    roll::VoterKey,
    tally::Withdrawal,
};

/// Who votes where, and how.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    tabella vote election                                ask for all that is needed\n  \
    tabella vote election --credential c.txt --choices v.txt --cast\n  \
    tabella vote election --check opening.txt --voter voterkey1…\n  \
    tabella vote --bundle bundle.txt --expect-manifest HASH\n\n\
    A file of choices has lines such as\n  \
    bridge: yes\n  board: 2 5\n  logo: 1=5 3=2\n  council: 3 1,2 +Zora Vale")]
pub struct Options {
    /// The folder of the board, or a copy of it
    #[arg(required_unless_present = "bundle", conflicts_with = "bundle")]
    board: Option<PathBuf>,
    /// Encrypt without the board, with the file that `tabella operator bundle` wrote; it need not come from anybody trusted
    #[arg(long, value_name = "FILE", requires = "expect_manifest")]
    bundle: Option<PathBuf>,
    /// The manifest's hash, from elsewhere than the board or the bundle: from a poster, a letter, or other people
    #[arg(long, value_name = "HASH")]
    expect_manifest: Option<ManifestHash>,
    /// The voter's ballot style by its id, which no bundle says; needed if there are several
    #[arg(long, value_name = "ID", requires = "bundle")]
    style: Option<String>,
    /// The voter's weight, which no bundle says
    #[arg(long, value_name = "NUMBER", requires = "bundle", default_value_t = 1)]
    weight: u64,
    /// How many ballots the voter has cast before, which no bundle says
    #[arg(long, value_name = "NUMBER", requires = "bundle", default_value_t = 0)]
    sequence: u32,
    /// The file with the voter's credential
    #[arg(long, value_name = "FILE")]
    credential: Option<PathBuf>,
    /// The file with the choices
    #[arg(long, value_name = "FILE")]
    choices: Option<PathBuf>,
    /// The station at which this device stands, by its id
    #[arg(long, value_name = "ID")]
    station: Option<String>,
    /// Show the texts in this language of the manifest
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Where the ballot goes
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Cast the ballot, for scripts: a device that knows before it encrypts cannot be challenged
    #[arg(long, conflicts_with_all = ["spoil", "check"])]
    cast: bool,
    /// Spoil the ballot, to see what the device has encrypted; for scripts, as above
    #[arg(long, conflicts_with = "check")]
    spoil: bool,
    /// Check on this device what another one has encrypted, from the opening of a spoiled ballot
    #[arg(long, value_name = "FILE", requires = "voter")]
    check: Option<PathBuf>,
    /// The voter's own key, to compare the opening with
    #[arg(long, value_name = "KEY", requires = "check")]
    voter: Option<VoterKey>,
}

/// Makes a ballot, or checks one.
pub fn run(options: &Options) -> Result<()> {
    files::is_folder(&options.out)?;
    let board = options.board.as_deref().map(board::read).transpose()?;
    let election = &election(options, board.as_ref())?;
    let manifest = election.manifest().clone();
    if let (Some(file), Some(voter)) = (&options.check, &options.voter) {
        tell!("{}\n{}", manifest.title(), manifest.hash());
        return check(election, board.as_ref(), file, voter);
    }
    let phase = board.as_ref().map_or(Phase::Voting, |board| board.state().phase());
    if phase != Phase::Voting {
        return Err(Failure::refused(format!("no ballot can be cast {phase}")));
    }
    tell!("{}\n{}", manifest.title(), manifest.hash());
    if options.expect_manifest.is_none() {
        tell!("Compare this hash with the one that the organiser published.\n");
    }
    let credential = credential(options.credential.as_deref())?;
    let (mut header, weight) = match &board {
        Some(board) => of_roll(board, &credential)?,
        None => of_options(options, &manifest)?,
    };
    if let Some(id) = &options.station {
        header.origin = station(&manifest, id)?;
    }
    let none = Choices::new().of_weight(weight);
    let shown = match &options.language {
        None => manifest.clone(),
        Some(language) => manifest.shown_in(language).ok_or_else(|| {
            let known = manifest.languages().join(", ");
            Failure::refused(format!("language '{language}' — expected one of {known}"))
        })?,
    };
    let withdrawn = board.as_ref().map_or(&[][..], |board| board.state().withdrawn());
    let form = form(&shown, header.style, withdrawn)?;
    let (choices, understood) = match &options.choices {
        Some(file) => answer::of_file(&form, none, file)?,
        None => ask_until_valid(&form, &shown, election, header.style, none)?,
    };
    let sealed = election.encrypt(&credential, &header, &choices, &mut OsRng);
    let sealed = sealed.map_err(|mistake| Failure::refused(mistake.named(&shown)))?;
    tell!("\nYour choices:");
    form.iter()
        .zip(&understood)
        .for_each(|(shown, answer)| tell!("  {}", shown.understood(answer)));
    if header.sequence > 0 {
        tell!("If you cast this ballot, it counts in place of the one that you cast before.");
    }
    tell!("Write this down before you go on; it is how you find your ballot:");
    tell!("  {}", sealed.tracker());
    match decide(options)? {
        true => {
            let file = options.out.join(format!("ballot-{}.txt", sealed.tracker()));
            send(&file, &sealed.cast())
        }
        false => spoil(sealed, election, &credential, &options.out),
    }
}

fn credential(file: Option<&Path>) -> Result<Credential> {
    if let Some(file) = file {
        return files::read_credential(file);
    }
    let text = ask::secret("Your credential (voter1…)", "--credential FILE")?;
    text.parse().map_err(|error| Failure::refused(format!("the credential: {error}")))
}

/// The election of the board, or of the bundle; the one that is expected.
fn election(options: &Options, board: Option<&Board>) -> Result<Election> {
    if let (Some(file), Some(expected)) = (&options.bundle, &options.expect_manifest) {
        let bundle = ElectionBundle::from_text(&files::read_text(file)?, expected, &mut OsRng);
        let named = |error| Failure::refused(format!("{}: {error}", file.display()));
        return Ok(bundle.map_err(named)?.election().clone());
    }
    let election = board.and_then(Board::election).ok_or_else(|| {
        Failure::refused("the election has no keys yet: `tabella status` says what it waits for")
    })?;
    let found = election.manifest().hash();
    match options.expect_manifest {
        Some(expected) if expected != found => Err(Failure::refused(format!(
            "the board is of the election with manifest {found}; expected {expected}"
        ))),
        _ => Ok(election.clone()),
    }
}

/// What goes in front of the voter's next ballot, and the voter's weight, as the voter says.
fn of_options(options: &Options, manifest: &Manifest) -> Result<(Header, u64)> {
    let style = board::style(manifest, options.style.as_deref())?;
    Ok((Header { sequence: options.sequence, ..Header::remote(style) }, options.weight))
}

fn station(manifest: &Manifest, id: &str) -> Result<Origin> {
    let place = manifest.station(id).and_then(|place| u16::try_from(place).ok());
    let known = || manifest.stations().iter().map(|s| s.id.as_str()).collect::<Vec<_>>();
    place.map(Origin::Station).ok_or_else(|| {
        Failure::refused(format!("station '{id}' — expected one of {}", known().join(", ")))
    })
}

/// The same as the board says.
fn of_roll(board: &Board, credential: &Credential) -> Result<(Header, u64)> {
    let state = board.state();
    let voter = state.roll().and_then(|roll| roll.voter(credential.public()));
    let Some(voter) = voter else {
        return Err(Failure::refused(format!("{} is not on the roll", credential.key())));
    };
    let sequence = state.next_sequence(credential.public()).unwrap_or(0);
    Ok((Header { sequence, ..Header::remote(voter.style) }, voter.weight))
}

/// The contests of the voter's ballot, as they are shown.
fn form<'a>(
    manifest: &'a Manifest,
    style: u16,
    withdrawn: &[Withdrawal],
) -> Result<Vec<Shown<'a>>> {
    let style = manifest.styles().get(usize::from(style));
    let style = style.ok_or_else(|| Failure::refused("the manifest lacks the voter's style"))?;
    let shown = style.contests.iter();
    Ok(shown.filter_map(|at| Shown::new(manifest, *at, style.district, withdrawn)).collect())
}

/// Asks contest by contest, and where the rules are not kept again.
fn ask_until_valid(
    form: &[Shown<'_>],
    manifest: &Manifest,
    election: &Election,
    style: u16,
    none: Choices,
) -> Result<(Choices, Vec<Understood>)> {
    let mut lines: Vec<Option<String>> = vec![None; form.len()];
    loop {
        let (mut choices, mut understood) = (none.clone(), Vec::new());
        for (shown, line) in form.iter().zip(&mut lines) {
            let mut answer = line.take().map(|line| (shown.answer(choices.clone(), &line), line));
            if answer.is_none() {
                tell!("\n{shown}");
            }
            let understood_here;
            (choices, understood_here) = loop {
                match answer.take() {
                    Some((Ok(answer), typed)) => {
                        *line = Some(typed);
                        break answer;
                    }
                    Some((Err(mistake), _)) => tell!("{mistake}"),
                    None => {}
                }
                let typed = ask::line("Your answer", "--choices FILE")?;
                answer = Some((shown.answer(choices.clone(), &typed), typed));
            };
            understood.push(understood_here);
        }
        let mistakes = choices.mistakes(election.manifest(), style);
        if mistakes.is_empty() {
            return Ok((choices, understood));
        }
        tell!("");
        mistakes.iter().for_each(|mistake| tell!("{}", mistake.named(manifest)));
        let whole = mistakes.iter().any(|mistake| mistake.contest().is_none());
        for (shown, line) in form.iter().zip(&mut lines) {
            if whole || mistakes.iter().any(|mistake| mistake.contest() == Some(shown.id())) {
                *line = None;
            }
        }
    }
}

/// Whether the ballot is cast; else it is spoiled.
fn decide(options: &Options) -> Result<bool> {
    if options.cast || options.spoil {
        return Ok(options.cast);
    }
    let ways = ["Cast it", "Challenge this device: open it instead, to see what it encrypted"];
    Ok(ask::choose("What now", &ways, "--cast or --spoil")? == 0)
}

fn send(file: &Path, object: &impl Object) -> Result<()> {
    files::replace(file, to_text(&[object])?.as_bytes())?;
    tell!("Send this file to the operator:");
    say!("{}", file.display())?;
    Ok(())
}

/// Spoils a ballot, and opens it against the operator's receipt. The nonce stays in memory alone: if the program ends before, the
/// ballot stays spoiled, and nobody can open it.
fn spoil(
    sealed: SealedBallot,
    election: &Election,
    credential: &Credential,
    out: &Path,
) -> Result<()> {
    let tracker = sealed.tracker();
    let (request, spoiled) = sealed.spoil(election, credential, &mut OsRng)?;
    send(&out.join(format!("spoil-{tracker}.txt")), &request)?;
    tell!(
        "Then enter the operator's receipt for it (receipt1…). Do not close this program before."
    );
    let opening = receive(&spoiled)?;
    send(&out.join(format!("opening-{tracker}.txt")), &opening)?;
    let shown = election.check_opening(&opening, &mut OsRng)?;
    tell!("This device encrypted:\n{shown}");
    tell!("Check it on another device, with your own key {}", credential.key());
    Ok(())
}

/// Reads receipts until one holds.
fn receive(spoiled: &SpoiledBallot) -> Result<tabella::ballot::SpoilOpening> {
    for line in stdin().lines() {
        let line = files::at(Path::new("standard input"), line)?;
        if line.trim().is_empty() {
            continue;
        }
        let receipt = line.parse::<Receipt>().map_err(|error| error.to_string());
        let opened = receipt
            .and_then(|receipt| spoiled.open(&receipt, &mut OsRng).map_err(|e| e.to_string()));
        match opened {
            Ok(opening) => return Ok(opening),
            Err(error) => tell!("{error}"),
        }
    }
    Err(Failure::refused(
        "no receipt came: the ballot stays spoiled, and cannot be opened any more",
    ))
}

/// Shows what another device encrypted.
fn check(election: &Election, board: Option<&Board>, file: &Path, voter: &VoterKey) -> Result<()> {
    let named =
        |error: &dyn std::fmt::Display| Failure::unreadable(format!("{}: {error}", file.display()));
    let objects = from_text(&files::read_text(file)?).map_err(|error| named(&error))?;
    let [object] = objects.as_slice() else {
        return Err(named(&format!("{} messages — expected the opening alone", objects.len())));
    };
    let (kind, body) = Kind::split(object).map_err(|error| named(&error))?;
    if kind != Kind::SpoilOpening {
        return Err(named(&format!("a {kind} — expected a spoil opening")));
    }
    let opening = election.read_opening(body).map_err(|error| named(&error))?;
    if opening.voter() != *voter {
        return Err(Failure::refused(format!(
            "the ballot is of {}, and not yours: the device showed you another's",
            opening.voter()
        )));
    }
    let opened = election.check_opening(&opening, &mut OsRng)?;
    if let Some(board) = board {
        let found = board.find(&opened.tracker, Some(voter))?;
        if found.is_none_or(|found| found.posted.fate != Fate::Spoiled) {
            return Err(Failure::refused(format!(
                "{} is not spoiled on this board: it is an old copy, or the ballot may be cast still",
                opened.tracker
            )));
        }
    }
    tell!("Compare the tracker with the one that the other device showed:");
    say!("{}\n{opened}", opened.tracker)?;
    Ok(())
}
