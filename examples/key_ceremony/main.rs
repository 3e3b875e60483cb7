//! A key ceremony in which things go wrong: seven trustees, any four of whom can open.
//!
//! ```text
//! cargo run --release --example key_ceremony -- --out target/ceremony
//! cargo run --release -- audit target/ceremony
//! ```
//!
//! One trustee deals a bad share, one complains about a good one, one disappears and comes back. Then a share is lost during
//! the vote, and the shares are handed over to five new trustees, any three of whom can open. Here all of them are one
//! process; `docs/ceremony.md` says who does what on which machine, and what to do when things go wrong.

mod cheat;
#[path = "../common/mod.rs"]
mod common;

use clap::Parser;
use common::{Recorder, Signers};
use rand_core::OsRng;
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::{Choices, Header},
    board::{Board, GuardError, Kind},
    contest::Contest,
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys::{AtRest, Dealer, Observer, Recipient, Setup, Trustee, vault::VaultError},
    manifest::{Manifest, Member},
    roll::Credential,
};

const FIRST: [&str; 7] = ["Ada", "Ben", "Cem", "Dora", "Eli", "Fay", "Gus"];
const SECOND: [&str; 5] = ["Hana", "Ivo", "Jun", "Kim", "Lea"];
/// Their numbers.
const ADA: u16 = 1;
const BEN: u16 = 2;
const CEM: u16 = 3;
const DORA: u16 = 4;
const FAY: u16 = 6;
const GUS: u16 = 7;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a key ceremony in which things go wrong, and an election on its keys.
#[derive(Parser)]
struct Options {
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/key_ceremony")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("failed: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A trustee without a share.
struct Party {
    number: u16,
    name: &'static str,
    author: AuthorSecret,
}

fn parties(names: &[&'static str]) -> Result<Vec<Party>, Failure> {
    let party = |(name, number): (&&'static str, u16)| -> Result<Party, Failure> {
        Ok(Party { number, name, author: AuthorSecret::random(&mut OsRng)? })
    };
    names.iter().zip(1u16..).map(party).collect()
}

fn run(options: &Options) -> Result<(), Failure> {
    let rng = &mut OsRng;
    let signers = Signers::random(rng)?;
    let operator = AuthorSecret::random(rng)?;
    let first = parties(&FIRST)?;
    let mut builder = Manifest::builder("bridge").title("Shall the old bridge be rebuilt?");
    for Party { name, author, .. } in &first {
        builder = builder.trustee(name, author.public().clone());
    }
    let manifest = signers
        .register(builder)
        .operator(operator.public().clone())
        .threshold(4)
        .rehearsals(4)
        .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
        .build()?;
    let mut recorder = Recorder::create(&options.out, signers)?;
    let mut board = Board::new();
    board.post_manifest(&manifest, &operator, rng)?;

    println!("Seven trustees: {}. Any four of them can open.\n", FIRST.join(", "));
    let mut trustees = first_ceremony(&mut board, &operator, &first)?;

    println!("\nBefore voting opens, four trustees must show that they hold their shares.");
    board.ask(&operator, rng)?;
    for trustee in &trustees {
        let rehearsal = trustee.rehearse(board.state(), rng)?;
        board.post(&rehearsal, rng)?;
        println!("  {} does.", FIRST[usize::from(trustee.number() - 1)]);
    }
    let voters = (0..30).map(|_| Credential::random(rng)).collect::<Result<Vec<_>, _>>()?;
    let roll = voters.iter().map(|voter| voter.registration(&manifest, 0, rng));
    let roll = roll.collect::<Result<Vec<_>, _>>()?;
    board.post_roll(&roll, &operator, rng)?;
    vote(&mut board, &voters[..20], 13)?;
    recorder.checkpoint(&board)?;
    println!("\nVoting is open. Twenty people have voted.\n");

    let second = parties(&SECOND)?;
    let mut new = hand_over(&mut board, &operator, &first, &second, &mut trustees)?;
    vote(&mut board, &voters[20..], 4)?;
    println!("\nTen more people vote, under the same key.");

    match trustees[0].sign_close(board.state(), &[], rng) {
        Err(GuardError::OtherKeys) => {
            println!("Ada can't sign the close any more: others have the keys now.");
        }
        other => return Err(format!("Ada should not close: {other:?}").into()),
    }
    println!("Those who handed over erase their shares and sign that they did.");
    for trustee in trustees {
        board.post(&trustee.erase(rng)?, rng)?;
    }
    board.close(&operator, &mut new, rng)?;
    let tally = board.tally(&operator, rng)?;
    for trustee in &mut new[1..4] {
        board.post(&trustee.open(board.state(), rng)?, rng)?;
    }
    let outcome = board.finish(&operator, &DlogTable::new(tally.bound()), rng)?;
    println!("The polls close. Ivo, Jun and Kim open.\n");
    let counts = (outcome.count("bridge", "yes")?, outcome.count("bridge", "no")?);
    println!("yes {}, no {}", counts.0, counts.1);
    if counts != (17, 13) {
        return Err("the voters cast 17 and 13".into());
    }

    recorder.finish(&board)?;
    let report = common::audit(&options.out, &board)?;
    println!("\nThe audit of the record in {:?}:\n\n{report}", options.out);
    report.into_result()?;
    println!("verified");
    Ok(())
}

fn observer(board: &Board) -> Result<&Observer, Failure> {
    board.state().observer().ok_or_else(|| "there is no ceremony".into())
}

/// The ceremony, and the trustees with a share at its end. Gus is among them, late.
fn first_ceremony(
    board: &mut Board,
    operator: &AuthorSecret,
    parties: &[Party],
) -> Result<Vec<Trustee>, Failure> {
    let rng = &mut OsRng;
    let setup = observer(board)?.setup().clone();
    let party = |number: u16| &parties[usize::from(number - 1)];

    println!("Each commits to a deal, unseen.");
    let mut dealers = Vec::new();
    for Party { number, author, .. } in parties.iter().filter(|party| party.number != BEN) {
        let (dealer, commit) = Dealer::new(&setup, *number, author, rng)?;
        board.post(&commit, rng)?;
        dealers.push(dealer);
    }
    let (commit, bad_deal) = cheat::bad_deal(&setup, BEN, &party(BEN).author, DORA)?;
    board.post(&commit, rng)?;
    board.close_round(operator, rng)?;

    println!(
        "Each publishes its deal. Ben's looks like the others, but Dora's share in it is bad."
    );
    for dealer in dealers {
        let deal = dealer.deal(observer(board)?)?;
        board.post(&deal, rng)?;
    }
    board.post(&[&[Kind::Deal as u8], &bad_deal[..]].concat(), rng)?;
    board.close_round(operator, rng)?;

    println!("Gus disappears. The others check their shares.");
    for Party { number, name, author } in parties.iter().filter(|party| party.number != GUS) {
        let recipient = Recipient::new(&setup, *number, author)?;
        for complaint in recipient.complain(observer(board)?, rng)? {
            let of = FIRST[usize::from(complaint.dealer() - 1)];
            println!("  {name} complains about {of} and publishes the one bad share.");
            board.post(&complaint, rng)?;
        }
    }
    println!("  Cem complains about Ada, whose share is good.");
    let deal = observer(board)?.deal(ADA).ok_or("Ada dealt")?;
    let complaint = cheat::complaint(&setup, CEM, &party(CEM).author, deal)?;
    board.post(&complaint, rng)?;
    board.close_round(operator, rng)?;

    println!("Everybody can see who is at fault, and that {}", convictions(board, &setup)?);
    let mut trustees = Vec::new();
    let present = |party: &&Party| ![BEN, CEM, GUS].contains(&party.number);
    for Party { number, author, .. } in parties.iter().filter(present) {
        let trustee = Recipient::new(&setup, *number, author)?.finish(observer(board)?)?;
        board.post(&trustee.confirm(rng)?, rng)?;
        trustees.push(trustee);
    }
    board.close_round(operator, rng)?;
    println!("Ada, Dora, Eli and Fay sign the keys. That is enough: the ceremony is over.");

    println!("Gus comes back. The board and his registered secret give him his share.");
    trustees.push(Recipient::new(&setup, GUS, &party(GUS).author)?.finish(observer(board)?)?);
    Ok(trustees)
}

/// Says who was found at fault, after a third party with only the manifest has checked each certificate.
fn convictions(board: &Board, setup: &Setup) -> Result<String, Failure> {
    let mut text = String::from("nobody else is:");
    for (conviction, certificate) in observer(board)?.certificates() {
        if certificate.conviction(setup, &mut OsRng)? != *conviction {
            return Err("a certificate differs from the board".into());
        }
        text += &format!("\n  {conviction}");
    }
    Ok(text)
}

/// Fay's share is lost; the others deal theirs to five new trustees. Only those who dealt remain in `old`.
fn hand_over(
    board: &mut Board,
    operator: &AuthorSecret,
    first: &[Party],
    second: &[Party],
    old: &mut Vec<Trustee>,
) -> Result<Vec<Trustee>, Failure> {
    let rng = &mut OsRng;
    lose_a_share(old)?;
    println!("Four are left, just enough. They deal their shares to {}.", SECOND.join(", "));
    let members: Vec<Member> = second
        .iter()
        .map(|party| Member { name: party.name.into(), key: party.author.public().clone() })
        .collect();
    board.reshare(operator, &[(&members, 3)], rng)?;
    let setup = observer(board)?.setup().clone();
    let mut dealers = Vec::new();
    for trustee in old.iter_mut() {
        let (dealer, commit) = trustee.hand_over(board.state(), &[(&members, 3)], rng)?;
        board.post(&commit, rng)?;
        dealers.push(dealer);
    }
    board.close_round(operator, rng)?;
    for dealer in dealers {
        let name = first[usize::from(dealer.number() - 1)].name;
        board.post(&dealer.deal(observer(board)?)?, rng)?;
        println!("  {name} deals.");
    }
    board.close_round(operator, rng)?;
    board.close_round(operator, rng)?;
    let mut new = Vec::new();
    for Party { number, author, .. } in second {
        let trustee = Recipient::new(&setup, *number, author)?.finish(observer(board)?)?;
        board.post(&trustee.confirm(rng)?, rng)?;
        new.push(trustee);
    }
    board.close_round(operator, rng)?;
    let keys = board.state().ceremony().ok_or("no keys are in force")?;
    println!(
        "All five confirm. Any {} of them can open now, {} of them close, and the slot keys are the same.",
        keys.setup().threshold(),
        keys.close_quorums().iter().sum::<u16>()
    );
    Ok(new)
}

/// Fay's share was stored under a passphrase that she no longer knows.
fn lose_a_share(old: &mut Vec<Trustee>) -> Result<(), Failure> {
    let place =
        old.iter().position(|trustee| trustee.number() == FAY).ok_or("Fay holds a share")?;
    let fay = old.remove(place);
    let keys = fay.ceremony().clone();
    let vault = fay.seal(&keys, "the old bridge over the Volga", &mut OsRng)?;
    drop(fay);
    println!("Fay stored her share under a passphrase and gets it wrong:");
    match Trustee::unseal(&keys, &vault, "the old bridge across the Volga") {
        Err(error @ VaultError::Passphrase) => println!("  {error}."),
        other => return Err(format!("the vault should stay closed: {other:?}").into()),
    }
    Ok(())
}

/// The first `yes` of these voters vote yes, the others no.
fn vote(board: &mut Board, voters: &[Credential], yes: usize) -> Result<(), Failure> {
    let election = board.election().ok_or("there are no keys")?.clone();
    for (i, voter) in voters.iter().enumerate() {
        let choices = Choices::new().pick("bridge", if i < yes { "yes" } else { "no" });
        let sealed = election.encrypt(voter, &Header::remote(0), &choices, &mut OsRng)?;
        board.post(&sealed.cast(), &mut OsRng)?;
    }
    Ok(())
}
