//! A general meeting of a company, in which votes weigh as many as shares, and some shareholders let another one cast for them.
//!
//! ```text
//! cargo run --release --example shareholders -- --out target/shares
//! cargo run --release -- audit target/shares
//! ```
//!
//! The roll says how many shares each voter has, up to 2⁴⁰ in all; the tally multiplies each encrypted ballot by them. A proxy casts under a new
//! key, which voter, proxy and the new key itself sign; a ballot of the shareholder's own beats it. Who stands for whom is public. And so are
//! the numbers of shares: one total can then tell how a large shareholder voted, which the audit warns of. Two resolutions need majorities of the
//! shares that vote, one of them a quorum too.

mod common;

use clap::Parser;
use common::{Recorder, Signers};
use rand_core::{CryptoRng, OsRng, RngCore};
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::{Choices, Header},
    board::Board,
    contest::{Base, Contest},
    count::{Counting, Fraction, Method, TieBreak},
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys,
    manifest::Manifest,
    roll::{Credential, Delegation, Mandate},
    tally::Outcome,
};

/// Shareholders with their shares, whom they let cast for them, and what they want.
const HOLDERS: [(&str, u32, Option<&str>, &str, &str); 9] = [
    ("Pension fund", 2_400_000_000, None, "yes", "Ott"),
    ("Founders", 2_100_000_000, None, "yes", "Ruf"),
    ("Bank", 900_000_000, None, "no", "Ott"),
    ("Insurance", 750_000_000, Some("Bank"), "no", "Weiss"),
    ("Savers' union", 300_000_000, None, "no", "Weiss"),
    ("Ada", 12_000, Some("Savers' union"), "no", "Weiss"),
    ("Ben", 7_500, Some("Savers' union"), "yes", "Ott"),
    ("Cem", 1_000, None, "yes", "Ott"),
    ("Dora", 40, None, "no", "Ruf"),
];

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Counts a general meeting by shares, with proxies.
#[derive(Parser)]
struct Options {
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/shares")]
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

fn run(Options { out }: &Options) -> Result<(), Failure> {
    let rng = &mut OsRng;
    let (signers, operator) = (Signers::random(rng)?, AuthorSecret::random(rng)?);
    let counting = Counting { method: Method::Plurality, seats: 1, tie_break: TieBreak::Open };
    let mut builder = signers
        .register(Manifest::builder("meeting.2031").title("General meeting"))
        .operator(operator.public().clone())
        .threshold(2)
        .minimum_cell(1)
        .proxies(2)
        .contest(
            Contest::choose_one("merger", ["yes", "no"])
                .title("Shall the company merge with Acme?")
                .mark("abstain", false)
                .passes("yes", Fraction::new(2, 3)?, Base::Votes)
                .quorum(Fraction::new(1, 2)?),
        )
        .contest(
            Contest::choose_one("chair", ["Ott", "Ruf", "Weiss"])
                .title("Chair of the board, with more than half of the shares that vote")
                .blank()
                .counting(counting)
                .needs(Fraction::new(1, 2)?, Base::Valid),
        );
    let mut secrets = Vec::new();
    for name in ["Notary", "Auditor", "Works council"] {
        let secret = AuthorSecret::random(rng)?;
        builder = builder.trustee(name, secret.public().clone());
        secrets.push(secret);
    }
    let manifest = builder.build()?;
    let voters: Vec<Credential> =
        HOLDERS.iter().map(|_| Credential::random(rng)).collect::<Result<_, _>>()?;
    let mut roll = Vec::new();
    for (voter, (_, shares, ..)) in voters.iter().zip(HOLDERS) {
        let mut registration = voter.registration(&manifest, 0, rng)?;
        registration.weight = shares;
        roll.push(registration);
    }
    let (ceremony, mut trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
    let mut recorder = Recorder::create(out, signers)?;
    let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
    recorder.checkpoint(&board)?;

    for (voter, (name, shares, proxy, merger, chair)) in voters.iter().zip(HOLDERS) {
        let choices = Choices::new().pick("merger", merger).pick("chair", chair);
        let key = match proxy {
            None => voter.clone(),
            Some(proxy) => {
                let place = HOLDERS.iter().position(|(name, ..)| *name == proxy);
                let proxy = place.and_then(|place| voters.get(place)).ok_or("no such proxy")?;
                let key = Credential::random(rng)?;
                board.post(&delegation(&manifest, [voter, &key, proxy], rng)?, rng)?;
                key
            }
        };
        let election = board.election().ok_or("voting is not open")?;
        let ballot = election.encrypt(&key, &Header::remote(0), &choices, rng)?.cast();
        board.post(&ballot, rng)?;
        let by = proxy.map(|proxy| format!(", cast by {proxy}")).unwrap_or_default();
        println!("{name}: {shares} shares{by}");
    }
    recorder.checkpoint(&board)?;

    board.close(&operator, &mut trustees, rng)?;
    let tally = board.tally(&operator, rng)?;
    for trustee in &mut trustees[1..] {
        board.post(&trustee.open(board.state(), rng)?, rng)?;
    }
    let outcome = board.finish(&operator, &DlogTable::new(tally.bound()), rng)?;
    recorder.finish(&board)?;
    let report = common::audit(out, &board)?.into_result().map_err(|report| report.to_string())?;
    println!("\n{} ballots, verified. The record is in {out:?}.", report.ballots);
    show(&outcome)
}

/// Signed by the voter, the new key and the proxy, each of whom would do so on a device of their own.
fn delegation(
    manifest: &Manifest,
    signers: [&Credential; 3],
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Delegation, Failure> {
    let [voter, key, proxy] = signers.map(|signer| *signer.public());
    let mandate = Mandate { voter, key, proxy };
    let [of_voter, of_key, of_proxy] = signers.map(|signer| mandate.sign(manifest, signer, rng));
    Ok(Delegation::new(mandate, of_voter?, of_key?, of_proxy?))
}

fn show(outcome: &Outcome) -> Result<(), Failure> {
    for (contest, options) in
        [("merger", vec!["yes", "no"]), ("chair", vec!["Ott", "Ruf", "Weiss"])]
    {
        let mut rows = Vec::new();
        for option in options {
            let percent = outcome.percent(contest, option)?;
            let beside = format!("shares, {percent:.2} %");
            rows.push((option.into(), outcome.count(contest, option)?, beside));
        }
        common::bars(contest, &rows);
    }
    let answer = outcome.answer("merger")?;
    println!("The merger {}.", if answer.passes() { "is resolved" } else { "is refused" });
    let elected = outcome.elected("chair")?;
    println!("Chair: {}", if elected.is_empty() { "nobody has enough" } else { elected[0] });
    Ok(())
}
