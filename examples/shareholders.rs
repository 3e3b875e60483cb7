//! A general meeting of a company, in which votes weigh as many as shares, and some shareholders let another one cast for them.
//!
//! ```text
//! cargo run --release --example shareholders -- --out target/shares
//! cargo run --release -- audit target/shares
//! ```
//!
//! The roll says how many shares each voter has, up to 2⁴⁰ in all. For the merger the tally multiplies each encrypted ballot by them. For the board
//! shareholders split them over the candidates, as a bank does whose clients do not agree; the proof of such a ballot says that all parts together
//! are the shares on the roll. A proxy casts under a new key, which voter, proxy and the new key itself sign; a ballot of the shareholder's own beats
//! it. Who stands for whom is public. And so are the numbers of shares: one total can then tell how a large shareholder voted, which the audit warns
//! of. The merger needs a majority of two thirds and a quorum, a seat on the board a fifth of all votes.

mod common;

use clap::Parser;
use common::{Recorder, Signers};
use rand_core::{CryptoRng, OsRng, RngCore};
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::{Choices, Header},
    board::Board,
    contest::{Base, Contest, ContestOption, MAX_WEIGHT},
    count::{Counting, Fraction, Method, TieBreak},
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys,
    manifest::Manifest,
    roll::{Credential, Delegation, Mandate},
    tally::Outcome,
};

/// A shareholder with shares, who casts instead, what the holder wants, and who gets how many shares.
type Holder =
    (&'static str, u64, Option<&'static str>, &'static str, &'static [(&'static str, u64)]);

/// Of 10¹² shares, more than half of which one shareholder has.
const HOLDERS: [Holder; 9] = [
    (
        "Pension fund",
        700_000_000_000,
        None,
        "yes",
        &[("Ott", 350_000_000_000), ("Ruf", 350_000_000_000)],
    ),
    ("Founders", 150_000_000_000, None, "yes", &[("Ruf", 150_000_000_000)]),
    ("Bank", 90_000_000_000, None, "no", &[("Ott", 31_050_000_000), ("Weiss", 58_950_000_000)]),
    ("Insurance", 45_000_000_000, Some("Bank"), "no", &[("Weiss", 45_000_000_000)]),
    (
        "Savers' union",
        14_999_979_460,
        None,
        "no",
        &[("Weiss", 10_000_000_000), ("Ott", 4_999_979_460)],
    ),
    ("Ada", 12_000, Some("Savers' union"), "no", &[("Weiss", 12_000)]),
    ("Ben", 7_500, Some("Savers' union"), "yes", &[("Ott", 7_500)]),
    ("Cem", 1_000, None, "yes", &[("Ott", 600), ("Ruf", 400)]),
    ("Dora", 40, None, "no", &[("abstain", 40)]),
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
    let counting = Counting { method: Method::Plurality, seats: 2, tie_break: TieBreak::Open };
    // Whoever abstains gives shares to an option that is never elected.
    let abstain = ContestOption::new("abstain").group("nobody");
    let candidates = [ContestOption::new("Ott"), "Ruf".into(), "Weiss".into(), abstain];
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
            Contest::split("board", candidates, MAX_WEIGHT)
                .group("nobody", "Nobody")
                .cap("nobody", 0)
                .title("Two members of the board, with more than a fifth of all shares that vote")
                .counting(counting)
                .needs(Fraction::new(1, 5)?, Base::Votes),
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

    for (voter, (name, shares, proxy, merger, split)) in voters.iter().zip(HOLDERS) {
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
        // The roll says what the shareholder weighs, also under the key of a proxy.
        let weight = board.state().roll().and_then(|roll| roll.voter(key.public()));
        let weight = weight.ok_or("not on the roll")?.weight;
        let choices = Choices::new().of_weight(weight).pick("merger", merger);
        let choices = split.iter().fold(choices, |all, (name, n)| all.score("board", name, *n));
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
        [("merger", vec!["yes", "no"]), ("board", vec!["Ott", "Ruf", "Weiss", "abstain"])]
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
    println!("Board: {}", outcome.elected("board")?.join(", "));
    Ok(())
}
