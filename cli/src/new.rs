//! Writes a manifest to begin with.
//!
//! ```text
//! tabella new manifest.json
//! tabella new manifest.json --id club-2031 --title "The club" --operator author1… --trustee "Ada Berg=author1…" \
//!     --trustee "Bruno Costa=author1…" --threshold 2 --question "Higher dues?" --option yes --option no
//! ```
//!
//! What is not given is asked. The manifest has one question, of which one option can be chosen, or blank; what else a contest can ask is
//! in docs/contests.md, with a manifest of each kind.

use crate::{
    ask,
    failure::{Failure, Result},
    files,
    out::{say, tell},
};
use clap::Args;
use std::path::PathBuf;
use tabella::{Contest, Manifest, crypto::signature::AuthorKey};

/// What stands in the file, which as JSON has no comments.
const MEANING: &str = "\
The file is JSON, to be changed by hand until the board is opened:
  id, title       the election's name for programs, and for people
  operator        who holds it: the public key that `tabella key` printed
  trustees        who open the result: names, and keys of `tabella trustee`
  threshold       how many of them are needed, and are enough
  close_quorum    how many sign that voting has ended (optional)
  minimum_cell    fewest ballots of which a sum is opened (optional, 10)
  contests        the questions: options, and how many can be chosen; scores,
                  rankings, lists, budgets and others: docs/contests.md, with an
                  example of each kind in docs/manifests
  districts, styles, stations, languages, log, proxies: optional; without
                  styles all contests are on everybody's ballot
Next:";

/// What the manifest says.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella new manifest.json")]
pub struct Options {
    /// The file to write
    file: PathBuf,
    /// The election's id: letters, digits, hyphens
    #[arg(long)]
    id: Option<String>,
    /// What the election is called
    #[arg(long)]
    title: Option<String>,
    /// The operator's public key, as `tabella key` prints it
    #[arg(long, value_name = "KEY")]
    operator: Option<AuthorKey>,
    /// A trustee's name and public key; given once for each
    #[arg(long, value_name = "NAME=KEY")]
    trustee: Vec<String>,
    /// How many trustees open the result together
    #[arg(long)]
    threshold: Option<u16>,
    /// The question
    #[arg(long)]
    question: Option<String>,
    /// An answer; given once for each
    #[arg(long)]
    option: Vec<String>,
}

/// Asks for what is missing, and writes the manifest.
pub fn run(options: &Options) -> Result<()> {
    let Options { file, id, title, operator, trustee, threshold, question, option } = options;
    files::is_new(file)?;
    let id = given(id, "The election's id, such as club-2031", "--id ID")?;
    let title = given(title, "What the election is called", "--title TITLE")?;
    let operator = match operator {
        Some(key) => key.clone(),
        None => parsed(&ask::line("The operator's key (author1…)", "--operator KEY")?)?,
    };
    let question = given(question, "The question", "--question QUESTION")?;
    let answers = list(option, "An answer (an empty line ends them)", "--option ANSWER")?;
    let trustees = list(
        trustee,
        "A trustee, as name=author1… (an empty line ends them)",
        "--trustee NAME=KEY",
    )?;
    let threshold = match threshold {
        Some(threshold) => *threshold,
        None => {
            let line = ask::line(
                &format!("How many of the {} trustees open together", trustees.len()),
                "--threshold NUMBER",
            )?;
            line.trim().parse().map_err(|_| {
                Failure::refused(format!("the threshold '{line}' — expected a number"))
            })?
        }
    };
    let mut builder = Manifest::builder(id.trim()).title(title.trim()).operator(operator);
    for trustee in &trustees {
        let (name, key) = trustee.split_once('=').ok_or_else(|| {
            Failure::refused(format!("the trustee '{trustee}' — expected NAME=KEY"))
        })?;
        builder = builder.trustee(name.trim(), parsed(key)?);
    }
    let contest = Contest::choose_one("question", answers.iter().map(|answer| answer.trim()));
    let manifest =
        builder.threshold(threshold).contest(contest.title(question.trim()).blank()).build()?;
    files::write_new(file, text(&manifest).as_bytes())?;
    tell!("{MEANING}");
    say!("tabella check {} --voters 100", file.display())?;
    Ok(())
}

/// Without the one ballot style: whoever adds a contest by hand need not add it there, too.
fn text(manifest: &Manifest) -> String {
    let text = manifest.to_json();
    let short = text.split_once(",\n  \"styles\": [").map(|(before, _)| format!("{before}\n}}\n"));
    let same =
        |short: &String| Manifest::from_json(short).is_ok_and(|m| m.hash() == manifest.hash());
    short.filter(same).unwrap_or(text)
}

fn given(value: &Option<String>, question: &str, option: &str) -> Result<String> {
    value.clone().map_or_else(|| ask::line(question, option), Ok)
}

fn parsed(key: &str) -> Result<AuthorKey> {
    key.trim()
        .parse()
        .map_err(|error| Failure::refused(format!("the key '{}': {error}", key.trim())))
}

/// Lines until an empty one, unless they are given.
fn list(given: &[String], question: &str, option: &str) -> Result<Vec<String>> {
    let mut list = given.to_vec();
    while given.is_empty() {
        let line = ask::line(question, option)?;
        if line.trim().is_empty() {
            break;
        }
        list.push(line);
    }
    Ok(list)
}
