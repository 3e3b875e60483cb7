//! Credentials for people who get them on paper.

use crate::{
    board,
    failure::{Failure, Result},
    files,
    out::{say, tell},
    progress::Progress,
};
use clap::Args;
use html_escape::encode_text;
use qrcode::{QrCode, render::svg};
use rand_core::OsRng;
use serde::Deserialize;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};
use tabella::{Credential, Manifest, roll::Registration};
use zeroize::Zeroizing;

/// For whom, and where to.
#[derive(Args)]
pub struct Options {
    /// The folder of the board, with its manifest
    board: PathBuf,
    /// The people as CSV, with a line of headings: name, and if need be style and weight
    people: PathBuf,
    /// Where the sheets go: a page for each person, to print. They are secret; nothing else has the credentials
    #[arg(long, value_name = "FILE")]
    sheets: PathBuf,
    /// Where the registrations go, for the roll. They are public
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A line of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    /// The id of the ballot style; not needed where there is one alone.
    style: Option<String>,
    weight: Option<u64>,
}

/// Makes the credentials.
pub fn run(Options { board, people, sheets, out }: &Options) -> Result<()> {
    if let Some(part) = files::left_behind(sheets)? {
        return Err(Failure::refused(format!(
            "{}: a run that was killed left it, with credentials that nobody can vote with. Erase it, and begin again",
            part.display()
        )));
    }
    if sheets.exists() && !out.exists() {
        let sheets = sheets.display();
        return Err(Failure::refused(format!(
            "{sheets}: is there already, without its registrations: a run that was interrupted left it, and nobody can vote with it. Erase it, and begin again"
        )));
    }
    [sheets, out].into_iter().try_for_each(|file| files::is_new(file))?;
    let manifest = board::manifest(board::read(board)?.state())?;
    let people = read(people, &manifest)?;
    let (mut registrations, mut pages) = (Vec::new(), Vec::new());
    let progress = Progress::new("making credentials", people.len() as u64);
    for (person, style) in &people {
        progress.at(pages.len() as u64);
        let credential = Credential::random(&mut OsRng)?;
        let mut registration = credential.registration(&manifest, *style, &mut OsRng)?;
        registration.weight = person.weight.unwrap_or(1);
        registrations.push(registration);
        pages.push(page(&manifest, &person.name, &credential)?);
    }
    drop(progress);
    let head = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>\n\
         section {{ page-break-after: always; font-family: sans-serif; max-width: 40em; margin: 4em auto }}\n\
         code {{ font-size: 120% }}\n</style>\n",
        encode_text(manifest.title())
    );
    // Never grows: a reallocation would leave credentials behind.
    let length = pages.iter().fold(head.len(), |length, page| length + page.len());
    let mut html = Zeroizing::new(String::with_capacity(length));
    html.push_str(&head);
    pages.iter().for_each(|page| html.push_str(page));
    // The sheets come first: registrations whose credentials nobody has are of no use.
    files::write_new_secret(sheets, html.as_bytes())?;
    files::write_new(out, Registration::to_text(&registrations).as_bytes())?;
    tell!(
        "{}: print it, hand out each page unseen, then erase it; who reads it can vote for all",
        sheets.display()
    );
    say!("{} credentials", people.len())?;
    Ok(())
}

/// The people, each with the place of the ballot style.
fn read(path: &Path, manifest: &Manifest) -> Result<Vec<(Person, u16)>> {
    let bytes = files::read(path)?;
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let mut people = Vec::new();
    for (line, person) in (2..).zip(table.deserialize()) {
        let at = |error: &dyn std::fmt::Display| {
            Failure::unreadable(format!("{}, line {line}: {error}", path.display()))
        };
        let person: Person = person.map_err(|error: csv::Error| at(&error))?;
        let style = board::style(manifest, person.style.as_deref()).map_err(|error| at(&error))?;
        super::check_weight(person.weight).map_err(|error| at(&error))?;
        people.push((person, style));
    }
    match people.len() {
        0 => Err(Failure::unreadable(format!("{}: nobody is in it", path.display()))),
        _ => Ok(people),
    }
}

/// The sheet of one person.
fn page(manifest: &Manifest, name: &str, credential: &Credential) -> Result<Zeroizing<String>> {
    let text = credential.expose_text();
    let code = QrCode::new(text.as_bytes())?;
    let code = Zeroizing::new(code.render::<svg::Color<'_>>().min_dimensions(200, 200).build());
    // The declaration belongs at the head of a file.
    let drawing = code.find("<svg").map_or("", |start| &code[start..]);
    let mut page = Zeroizing::new(String::with_capacity(drawing.len() + 2_048));
    write!(
        page,
        "<section>\n<h1>{}</h1>\n<p>For {}</p>\n<p>Whoever has this can vote in your name. Type it, or show the code to your device:</p>\n\
         <p><code>{}</code></p>\n{drawing}\n<p>Your public key, under which your ballots stand on the board:</p>\n<p><code>{}</code></p>\n\
         <p>The election: <code>{}</code></p>\n</section>\n",
        encode_text(manifest.title()),
        encode_text(name),
        *text,
        credential.key(),
        manifest.hash(),
    )?;
    Ok(page)
}
