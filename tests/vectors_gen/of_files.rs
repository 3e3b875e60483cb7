//! Changes of files other than the board.

use super::{edit::Edit, mutations::Mutation};
use crate::vectors_gen::elections::{CHECKPOINTS, Case, TIME};
use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use tabella::{
    log::merkle::{Head, Root},
    views,
};

const CHECK: &str = "record.checkpoints";
const VIEWS: &str = "record.views";
/// The files are not a record.
const NONE: &str = "record";

/// A witness's line with any time, including 0.
fn cosigned(election: &Case, witness: usize, head: Head, time: u64) -> String {
    let checkpoint = election.checkpoint(head, TIME);
    let line = &checkpoint.signatures()[1 + witness];
    let key = SigningKey::from_bytes(&[witness as u8 + 2; 32]);
    let message = format!("cosignature/v1\ntime {time}\n{}", checkpoint.checkpoint());
    let signature = key.sign(message.as_bytes()).to_bytes();
    let bytes = [&line.id()[..], &time.to_be_bytes(), &signature].concat();
    format!("— {} {}\n", line.name(), Base64::encode_string(&bytes))
}

/// The same line with another name.
fn renamed(line: &str, name: &str) -> String {
    line.replacen("junk", name.trim_end(), 1)
}

/// Flips the lowest bit of the first letter or digit from here on for which the result is a letter or digit.
fn letter(text: &str, from: &str) -> usize {
    let start = text.find(from).unwrap() + from.len();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() && (byte ^ 1).is_ascii_alphanumeric();
    start + text[start..].bytes().position(plain).unwrap()
}

pub fn all(election: &Case) -> Vec<Mutation> {
    let board = election.board();
    let head = |size: u64| {
        let mut tree = tabella::log::merkle::Tree::default();
        (0..size).for_each(|entry| tree.push(board.entry(entry).unwrap()));
        tree.head()
    };
    let size = board.state().size();
    assert_eq!(size, CHECKPOINTS[2]);
    let signed = election.checkpoint(head(size), TIME);
    let last = election.checkpoint(head(size), TIME + 600 * size).to_string();
    let lines: Vec<&str> = last.split_inclusive('\n').collect();
    let [origin, number, root, blank, log, first, second] = lines[..] else { panic!("{last}") };
    let name = |size: u64| format!("checkpoints/{size}.txt");
    let flip = |what: &str, from: &str, check: Option<&'static str>| {
        let edit = Edit::File { name: name(size), at: letter(&last, from), xor: vec![1] };
        Mutation::new(format!("checkpoint: {what} is other"), "election", edit, check)
    };
    let write = |what: &str, size: u64, text: &[&str], check: Option<&'static str>| {
        let edit = Edit::WriteFile { name: name(size), text: text.concat() };
        Mutation::new(format!("checkpoint: {what}"), "election", edit, check)
    };
    let of = |head: Head| election.checkpoint(head, TIME).to_string();
    let other_root = Head { size, root: Root::from([1; 32]) };
    let line = |witness: usize, of: Head, time: u64| cosigned(election, witness, of, time);
    let junk = format!("— junk {}\n", "AAAA".repeat(30));
    let of_last = |lines: &[&str]| format!("{origin}{number}{root}{blank}{log}{}", lines.concat());
    let (none, late) = (line(0, head(size), 0), line(0, head(size), u64::MAX >> 1));
    let (again, of_another) = (line(1, head(size), 7), line(0, head(7), 7));
    let mut all = vec![
        write("a cosignature with the time 0", size, &[&of_last(&[&none])], Some(CHECK)),
        write("one of two with the time 0", size, &[&of_last(&[&none, second])], None),
        write("the latest time that there is", size, &[&of_last(&[&late])], None),
        write("of a witness who cosigned again", size, &[&of_last(&[&again])], None),
        write(
            "a cosignature of another size",
            size,
            &[&of_last(&[&of_another, second])],
            Some(CHECK),
        ),
        write("an unknown key", size, &[&of_last(&[first, &junk])], None),
        write(
            "an unknown key in the name of the log",
            size,
            &[&of_last(&[first, &renamed(&junk, origin)])],
            None,
        ),
        write("only an unknown key", size, &[&of_last(&[&junk])], Some(CHECK)),
        flip("the origin", "tabella/", Some(CHECK)),
        flip("the size", origin, Some(NONE)),
        flip("the root", number, Some(CHECK)),
        flip("the log's id", log.rsplit_once(' ').unwrap().0, Some(CHECK)),
        flip("the log's signature", &log[..log.len() - 40], Some(CHECK)),
        flip("the first witness's time", &first[..first.rfind(' ').unwrap() + 9], Some(CHECK)),
        flip("the first witness's signature", &first[..first.len() - 40], Some(CHECK)),
        flip("the second witness's id", second.rsplit_once(' ').unwrap().0, None),
        write("the same again", size, &[&last], None),
        write("without the log", size, &[origin, number, root, blank, first, second], Some(CHECK)),
        write("without witnesses", size, &[origin, number, root, blank, log], Some(CHECK)),
        write("with one witness", size, &[origin, number, root, blank, log, second], None),
        write(
            "signatures in another order",
            size,
            &[origin, number, root, blank, second, log],
            None,
        ),
        write("a signature twice", size, &[&last, log], Some(NONE)),
        write("without signatures", size, &[origin, number, root, blank], Some(NONE)),
        write("without the empty line", size, &[origin, number, root, log], Some(NONE)),
        write("a line too many", size, &[&last, "\n"], Some(NONE)),
        write("without the last line feed", size, &[last.trim_end()], Some(NONE)),
        write(
            "a size with a zero before it",
            size,
            &[origin, "0", number, root, blank, log],
            Some(NONE),
        ),
        write("an empty file", size, &[], Some(NONE)),
        write("another root, signed", size, &[&of(other_root)], Some(CHECK)),
        write("an earlier one, signed", 5, &[&of(head(5))], None),
        write(
            "an earlier one with a later root",
            5,
            &[&of(Head { size: 5, ..head(7) })],
            Some(CHECK),
        ),
        write(
            "of more entries than there are",
            40,
            &[&of(Head { size: 40, ..head(size) })],
            Some(CHECK),
        ),
        write(
            "of no entries",
            0,
            &[&of(Head { size: 0, root: tabella::log::merkle::Tree::default().root() })],
            None,
        ),
    ];
    let drop = |name: &str, check: Option<&'static str>| {
        Mutation::new(format!("{name} is missing"), "election", Edit::DropFile(name.into()), check)
    };
    all.extend([
        drop("checkpoints/34.txt", Some(CHECK)),
        drop("checkpoints/19.txt", None),
        drop("manifest.json", None),
        drop("result.json", None),
        drop("board/00000000.bin", Some(NONE)),
    ]);
    // A finished record needs it whatever would have been accepted.
    let mut whole = drop("checkpoints/34.txt", Some(CHECK));
    (whole.name, whole.partial) =
        ("checkpoints/34.txt is missing, and a part would do".into(), true);
    all.push(whole);
    let stranger = |name: &str, text: &str, check: Option<&'static str>| {
        let edit = Edit::WriteFile { name: name.into(), text: text.into() };
        Mutation::new(format!("{name} is there"), "election", edit, check)
    };
    all.extend([
        stranger("notes.txt", "", Some(NONE)),
        stranger("result.json.part", "", None),
        stranger("checkpoints/034.txt", &last, Some(NONE)),
        stranger("board/00000001.bin", "", Some("record.form")),
        stranger("board/00000002.bin", "", Some(NONE)),
    ]);
    let result = views::result(board.state().outcome().unwrap());
    let view = |name: &str, at: usize| {
        let edit = Edit::File { name: name.into(), at, xor: vec![1] };
        Mutation::new(format!("{name} is other at byte {at}"), "election", edit, VIEWS)
    };
    all.extend([
        view("manifest.json", 10),
        view("result.json", letter(&result, "\"votes\": [")),
        view("result.json", result.len() - 1),
    ]);
    let long = Edit::WriteFile { name: "result.json".into(), text: format!("{result} ") };
    all.push(Mutation::new("result.json is longer", "election", long, VIEWS));
    let unasked = Edit::WriteFile { name: name(size), text: signed.to_string() };
    all.push(Mutation::new("a checkpoint without a log", "ceremony", unasked, CHECK));
    all
}
