//! Changes of the third record: its mixes, opened rows and elected, and the definitions of contests with rows.

use super::{
    edit::{Edit, judge},
    elections::{self, Case},
    fields::{self, Shape, Type},
    mutations::{Mutation, cheat},
    structure,
};
use attacks::{
    cascade::{self, Forgery},
    cheats::{Change, add, edit},
    forge::{object, signed_share},
    rng,
};
use rayon::prelude::*;
use tabella::{
    audit::Expect,
    ballot::{CastBallot, Election},
    board::{Kind, Phase},
    codec::Encode,
    crypto::{elgamal::Ciphertext, group::Element},
    tally::Tally,
};

const BASE: &str = "council";
const ORDER: &str = "record.order";
const SIGNATURES: &str = "record.signatures";
const MIXES: &str = "mixes.proofs";
const TOTALS: &str = "result.totals";
const ELECTED: &str = "result.elected";

/// The tally; the first mixes of all cells; a wrong second mix of the first cell, then the right ones; shares, result.
const TALLY: usize = 29;
const FIRST: usize = 30;
const WRONG: usize = 33;
const SECOND: usize = 34;
const LAST: usize = 36;
const SHARE: usize = 37;
const RESULT: usize = 39;

/// Rows and slots of the first cell.
const ROWS: usize = 5;
const WIDTH: usize = 2;

const SHAPE: Shape =
    Shape { slots: 11, bits: 9, members: (3, 2), factors: 0, mix: (ROWS, WIDTH), whole: true };

/// Numbers of the contests for which another value is also valid.
const FREE: [&str; 23] = [
    "contests[0] lo",
    "contests[0] cell",
    "contests[0] display",
    "contests[0] length",
    "contests[0] places",
    "contests[0] seats",
    "contests[0] tie-break",
    "contests[1] lo",
    "contests[1] hi",
    "contests[1] base",
    "contests[1] cell",
    "contests[1] display",
    "contests[1] lines",
    "contests[1] length",
    "contests[1] tie-break",
    "contests[2] lo",
    "contests[2] base",
    "contests[2] cell",
    "contests[2] display",
    "contests[3] lo",
    "contests[3] base",
    "contests[3] cell",
    "contests[3] display",
];

pub fn all(case: &Case) -> Vec<Mutation> {
    let entries = case.entries();
    let kinds: Vec<u8> = entries[TALLY..].iter().map(|entry| entry[0]).collect();
    assert_eq!(kinds, [7, 19, 19, 19, 19, 19, 19, 19, 8, 8, 9]);
    [
        of_fields(&entries),
        of_order(&entries),
        of_mixes(case, &entries),
        of_ballots(&entries),
        structure::of_kinds(BASE, &entries, &[(FIRST, Phase::Mixing)]),
        forged(&entries),
        of_views(case),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Each part of a mix, and each number of a contest.
fn of_fields(entries: &[Vec<u8>]) -> Vec<Mutation> {
    let parts = [
        "lo", "hi", "each", "voters", "base", "cell", "form", "lines", "length", "method",
        "places", "seats",
    ];
    let of_contest = |name: &str| match name.split(' ').collect::<Vec<_>>()[..] {
        [contest, part] => {
            contest.starts_with("contests[") && (parts.contains(&part) || part == "tie-break")
        }
        _ => false,
    };
    let mut all = Vec::new();
    for entry in [0, SECOND] {
        let bytes = &entries[entry];
        let (kind, _) = Kind::split(bytes).unwrap();
        for field in fields::walk(bytes, &SHAPE) {
            if entry == 0 && !(field.of == Type::Number && of_contest(&field.name)) {
                continue;
            }
            for (what, how, xor) in field.changes(bytes) {
                let name = format!("{kind}: {} is {what}", field.name);
                let edit = Edit::At { entry, at: field.range.start, xor };
                let check = fields::expected(kind, &field, how, &FREE);
                all.push(Mutation::new(name, BASE, edit, check));
            }
        }
    }
    all
}

/// Mixes that are missing, repeated or moved.
fn of_order(entries: &[Vec<u8>]) -> Vec<Mutation> {
    // Mixes are made for a position in the cascade, not on the board. So if those of two cells are swapped, the first error
    // is in the operator's result.
    let dropped = [
        (TALLY, ORDER),
        (FIRST, MIXES),
        (31, MIXES),
        (32, MIXES),
        (WRONG, SIGNATURES),
        (SECOND, ORDER),
        (35, ORDER),
        (LAST, ORDER),
        (SHARE, SIGNATURES),
    ];
    let repeated = [
        (FIRST, MIXES),
        (31, MIXES),
        (32, MIXES),
        (WRONG, MIXES),
        (SECOND, MIXES),
        (35, MIXES),
        (LAST, ORDER),
    ];
    let swapped = [
        (TALLY, ORDER),
        (FIRST, SIGNATURES),
        (31, SIGNATURES),
        (32, SIGNATURES),
        (WRONG, MIXES),
        (SECOND, SIGNATURES),
        (35, SIGNATURES),
        (LAST, ORDER),
    ];
    let moved = [
        (SECOND, FIRST, MIXES),
        (WRONG, FIRST, MIXES),
        (FIRST, WRONG, SIGNATURES),
        (FIRST, SECOND, MIXES),
        (31, LAST, MIXES),
        (LAST, WRONG, SIGNATURES),
        (LAST, RESULT, ORDER),
        (FIRST, 25, ORDER),
        (SHARE, FIRST, ORDER),
    ];
    let kind = |at: usize| Kind::split(&entries[at]).unwrap().0;
    let mut all = Vec::new();
    for (at, check) in dropped {
        let name = format!("{} {at} is missing", kind(at));
        all.push(Mutation::new(name, BASE, Edit::Drop(vec![at]), check));
    }
    for (at, check) in repeated {
        let again = Edit::Insert { before: at + 1, entries: vec![entries[at].clone()] };
        all.push(Mutation::new(
            format!("{} {at} stands there twice", kind(at)),
            BASE,
            again,
            check,
        ));
    }
    for (at, check) in swapped {
        let name = format!("{} {at} changes places with the next entry", kind(at));
        all.push(Mutation::new(name, BASE, Edit::Swap(at, at + 1), check));
    }
    for (entry, before, check) in moved {
        let name = format!("entry {entry} moved before entry {before}");
        all.push(Mutation::new(name, BASE, Edit::Move { entry, before }, check));
    }
    let missing = Edit::Drop((FIRST..=LAST).collect());
    all.push(Mutation::new("no mixes", BASE, missing, ORDER));
    for size in [FIRST, 32, WRONG, LAST, SHARE, RESULT] {
        let (name, edit) = (format!("the first {size} entries"), Edit::Cut(size));
        all.push(Mutation::new(name.clone(), BASE, edit.clone(), "record.complete"));
        let mut part = Mutation::new(format!("{name} as a part"), BASE, edit, None);
        part.partial = true;
        all.push(part);
    }
    let elsewhere = Edit::Insert { before: 31, entries: vec![entries[FIRST].clone()] };
    all.push(Mutation::new("a mix where nothing is mixed", "election", elsewhere, ORDER));
    all
}

/// A mix of this cell by this trustee, before anything is done; the operator signs for trustees that do not exist.
fn forgery<'a>(
    case: &'a Case,
    election: &'a Election,
    entries: &[Vec<u8>],
    (trustee, cell, position): (u16, u32, u16),
) -> Forgery<'a> {
    let (plan, keys) = (&case.plan, &case.plan.keys);
    let tally = elections::tally(plan);
    let counted: Vec<CastBallot> =
        plan.counted.iter().map(|(bytes, _)| election.read_ballot(bytes).unwrap()).collect();
    let first = cascade::first_rows(election, &tally, &counted).swap_remove(cell as usize);
    let width = first.slots.len();
    let mut inputs = first.rows;
    if position > 0 {
        let bytes = &entries[FIRST + cell as usize][9..][..32 * (width + 1) * inputs.len()];
        let element = |bytes: &[u8]| Element::from_canonical(bytes.try_into().unwrap()).unwrap();
        let row = |row: &[u8]| Ciphertext {
            a: element(&row[..32]),
            b: row[32..].chunks(32).map(element).collect(),
        };
        inputs = bytes.chunks(32 * (width + 1)).map(row).collect();
    }
    let author = usize::from(trustee).checked_sub(1).and_then(|place| keys.secrets.get(place));
    Forgery {
        election,
        ceremony: &keys.ceremony,
        tally: tally.hash(),
        trustee,
        author: author.unwrap_or(&plan.operator),
        cell,
        position,
        key: election.slot_keys()[first.slots].to_vec(),
        inputs,
    }
}

/// Mixes made differently.
fn of_mixes(case: &Case, entries: &[Vec<u8>]) -> Vec<Mutation> {
    let election = case.plan.election();
    let mut all = Vec::new();
    let mut replace = |name: &str, content: Vec<u8>, check: &'static str| {
        let edit = Edit::Replace { entry: SECOND, bytes: object(Kind::Mix, &content) };
        all.push(Mutation::new(name, BASE, edit, check));
    };
    let at = |trustee, cell, position| forgery(case, &election, entries, (trustee, cell, position));
    let of = &mut rng(91);
    let mut make = |mix: Forgery| {
        let (_, body) = mix.shuffle(of);
        mix.signed(&body, of)
    };
    // Right except for its trustee, or for what it states.
    replace("a right mix by another trustee", make(at(2, 0, 1)), "shares.proofs");
    replace("a mix by the trustee who mixed the cell before", make(at(1, 0, 1)), MIXES);
    replace("a mix by a trustee who does not exist", make(at(4, 0, 1)), MIXES);
    replace("a mix by trustee 0", make(at(0, 0, 1)), MIXES);
    replace("a mix of a later position", make(Forgery { position: 2, ..at(3, 0, 1) }), MIXES);
    replace("a mix of the first rows again", make(at(3, 0, 0)), MIXES);
    let first = Forgery { position: 1, ..at(3, 0, 0) };
    replace("a mix of the first rows as the second", make(first.clone()), MIXES);
    replace("a mix of a cell that is only summed", make(Forgery { cell: 3, ..at(3, 0, 1) }), MIXES);
    replace("a mix of a cell that there is not", make(Forgery { cell: 9, ..at(3, 0, 1) }), MIXES);
    replace("a mix for another tally", make(Forgery { tally: [1; 32], ..at(3, 0, 1) }), MIXES);
    let another = Forgery { author: &case.plan.keys.secrets[1], ..at(3, 0, 1) };
    replace("a mix that another trustee signed", make(another), MIXES);
    let mut unsaid = make(Forgery { trustee: 2, ..at(3, 0, 1) });
    unsaid[1] = 3;
    replace("a mix whose maker says another number", unsaid, MIXES);
    // It is signed for the current rows and wrong, so it is kept, and a mix is missing.
    let (_, body) = first.shuffle(&mut rng(91));
    let signed = at(3, 0, 1).signed(&body, &mut rng(91));
    replace("a signed mix of the first rows in place of the second", signed, ORDER);
    // Of another length.
    let mut fewer = at(3, 0, 1);
    fewer.inputs.pop();
    replace("a row too few", make(fewer), MIXES);
    let mut more = at(3, 0, 1);
    more.inputs.push(more.inputs[0].clone());
    replace("a row too many", make(more), MIXES);
    let mut narrow = at(3, 0, 1);
    narrow.key.pop();
    narrow.inputs.iter_mut().for_each(|row| row.b.truncate(WIDTH - 1));
    replace("rows with a slot too few", make(narrow), MIXES);
    let mut wide = at(3, 0, 1);
    wide.key.push(wide.key[0]);
    wide.inputs.iter_mut().for_each(|row| row.b.push(row.b[0]));
    replace("rows with a slot too many", make(wide), MIXES);
    replace("a mix without content", vec![], MIXES);
    replace("a mix that is nothing but its header", vec![0, 3, 0, 0, 0, 0, 0, 1], MIXES);
    let good = entries[SECOND][1..].to_vec();
    replace("a mix with a byte too few", good[..good.len() - 1].to_vec(), MIXES);
    replace("a mix with a byte too many", [&good[..], &[0]].concat(), MIXES);
    let other = elections::other_council().entries();
    for (entry, other) in other.iter().enumerate().take(LAST + 1).skip(FIRST) {
        let edit = Edit::Replace { entry, bytes: other.clone() };
        let name = format!("mix {entry} is that of another election");
        all.push(Mutation::new(name, BASE, edit, MIXES));
    }
    let share = Edit::Replace { entry: SHARE, bytes: other[SHARE].clone() };
    let name = format!("share {SHARE} is that of another election");
    all.push(Mutation::new(name, BASE, share, "shares.proofs"));
    // Factors of rows, after that of the sums.
    let sums = 5;
    let pairs = [
        ("the first row's first", sums),
        ("the last row's last", sums + 5 * 2 + 3 * 2 + 8 * 4 - 1),
    ];
    for (name, place) in pairs {
        let at = 3 + 32 * place;
        let xor = fields::next_element(&entries[SHARE][at..at + 32]);
        let edit = Edit::At { entry: SHARE, at, xor };
        let name = format!("{name} factor of a share is other");
        all.push(Mutation::new(name, BASE, edit, "shares.proofs"));
    }
    all
}

/// Ballots with changed mixed slots.
fn of_ballots(entries: &[Vec<u8>]) -> Vec<Mutation> {
    // Kind, style, sequence, origin, X and A come first.
    let start = 72;
    let slots = [
        ("the ranking's first slot", 0),
        ("the ranking's last slot", 1),
        ("the votes of a line", 5),
        ("the slot of a name", 7),
        ("the slot behind it", 8),
    ];
    let (entry, mut all) = (17, Vec::new());
    for (name, slot) in slots {
        let at = start + 32 * slot;
        let old = &entries[entry][at..at + 32];
        let theirs = &entries[entry + 1][at..at + 32];
        let other: Vec<u8> = old.iter().zip(theirs).map(|(a, b)| a ^ b).collect();
        for (what, xor, check) in [
            ("other", fields::next_element(old), "ballot.proof"),
            ("that of the next ballot", other, "ballot.proof"),
            ("the identity", old.to_vec(), "ballot.form"),
        ] {
            let edit = Edit::At { entry, at, xor };
            all.push(Mutation::new(format!("{name} of a ballot is {what}"), BASE, edit, check));
        }
    }
    all
}

/// Where the parts of the result begin: the rows come after five totals and the turnout.
const M: usize = 5 * 8 + 4 + 16 + 4 + 16 + 4 + 8;

fn replace_end(content: &mut Vec<u8>, old: &str, new: &str) {
    let text = |text: &str| [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat();
    let old = text(old);
    let at = content.windows(old.len()).rposition(|window| window == old).unwrap();
    content.splice(at..at + old.len(), text(new));
}

/// The tally that the trustees of a plan's record open.
fn opened(plan: &attacks::forge::Plan) -> Tally {
    let log = plan.write(&mut rng(87));
    tabella::board::replay(&log.bytes, &mut rng(88)).unwrap().state().tally().unwrap().clone()
}

/// Forgeries by somebody with all secrets, and the check that each fails.
const FORGED: &[(&str, Change, Option<&str>)] = &[
    // The result.
    (
        "another mayor",
        |plan, _| edit(plan, Kind::Result, 0, |content| replace_end(content, "Zo\u{eb}", "Emil")),
        Some(ELECTED),
    ),
    (
        "a mayor for whom a line with an option's name counts",
        |plan, _| edit(plan, Kind::Result, 0, |content| replace_end(content, "Zo\u{eb}", "Dora")),
        Some(ELECTED),
    ),
    (
        "an elected name as fewer have written it",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| replace_end(content, "Zo\u{eb}", "zo\u{eb}"))
        },
        Some(ELECTED),
    ),
    (
        "a mayor for whom nobody voted",
        |plan, _| edit(plan, Kind::Result, 0, |content| replace_end(content, "Zo\u{eb}", "Zora")),
        Some(ELECTED),
    ),
    (
        "the council in another order",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| {
                replace_end(content, "Ben", "?");
                replace_end(content, "Ada", "Ben");
                replace_end(content, "?", "Ada");
            });
        },
        Some(ELECTED),
    ),
    (
        "nobody elected mayor",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| {
                content.truncate(content.len() - 12);
                content.extend([0; 4]);
            });
        },
        Some(ELECTED),
    ),
    (
        "two mayors",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| {
                let at = content.len() - 9;
                content[at] = 2;
                content.extend([0, 0, 0, 4]);
                content.extend(b"Emil");
            });
        },
        Some(ELECTED),
    ),
    (
        "the names of the elected are missing",
        |plan, _| edit(plan, Kind::Result, 0, |content| content.truncate(content.len() - 12)),
        Some(TOTALS),
    ),
    (
        "the identity as an opened element",
        |plan, _| edit(plan, Kind::Result, 0, |content| content[M..M + 32].fill(0)),
        Some(TOTALS),
    ),
    (
        "another opened element",
        |plan, _| edit(plan, Kind::Result, 0, |content| content.copy_within(M + 64..M + 96, M)),
        Some(TOTALS),
    ),
    (
        "no element as an opened one",
        |plan, _| edit(plan, Kind::Result, 0, |content| content[M] ^= 1),
        Some(TOTALS),
    ),
    (
        "opened rows in another order",
        |plan, _| edit(plan, Kind::Result, 0, |content| content[M..M + 320].rotate_left(64)),
        Some(TOTALS),
    ),
    (
        "a row's elements in another order",
        |plan, _| edit(plan, Kind::Result, 0, |content| content[M..M + 64].rotate_left(32)),
        Some(TOTALS),
    ),
    (
        "a row too few",
        |plan, _| edit(plan, Kind::Result, 0, |content| drop(content.drain(M..M + 64))),
        Some(TOTALS),
    ),
    (
        "a total one too high",
        |plan, _| edit(plan, Kind::Result, 0, |content| add(content, 0, 1)),
        Some(TOTALS),
    ),
    (
        "more took part in a district with rows",
        |plan, _| edit(plan, Kind::Result, 0, |content| add(content, 44, 1)),
        Some("result.turnout"),
    ),
    // Shares.
    (
        "a share of the rows before they were mixed",
        |plan, _| {
            let election = plan.election();
            let tally = elections::tally(plan);
            let counted: Vec<CastBallot> = plan
                .counted
                .iter()
                .map(|(bytes, _)| election.read_ballot(bytes).unwrap())
                .collect();
            let rows = cascade::first_rows(&election, &tally, &counted);
            let tally = tally.with_trusted_rows(rows);
            let share = plan.keys.trustees[0].expose_factors(&election, &tally, &mut rng(89));
            let share = share.unwrap().to_bytes();
            edit(plan, Kind::Share, 0, move |content| content.clone_from(&share));
        },
        Some("shares.proofs"),
    ),
    (
        "a share of the tally without its rows",
        |plan, _| {
            let (election, tally) = (plan.election(), elections::tally(plan));
            let share = plan.keys.trustees[0].expose_factors(&election, &tally, &mut rng(89));
            let share = share.unwrap().to_bytes();
            edit(plan, Kind::Share, 0, move |content| content.clone_from(&share));
        },
        Some("shares.proofs"),
    ),
    (
        "a signed share of rows that is wrong",
        |plan, _| {
            let (election, tally) = (plan.election(), opened(plan));
            let (author, ceremony) = (&plan.keys.secrets[1], &plan.keys.ceremony);
            let share = signed_share(&election, ceremony, &tally, 2, author, &mut rng(89));
            plan.after.push(((Kind::Mix, 6), object(Kind::Share, &share)));
        },
        None,
    ),
    ("a result opened by one", |plan, _| plan.openers = vec![1], Some(TOTALS)),
    ("other trustees open than mixed", |plan, _| plan.openers = vec![2, 3], None),
    // Mixes.
    ("cells that are not mixed", |plan, _| plan.mixers = vec![], Some(ORDER)),
    (
        "cells that are mixed once",
        |plan, _| (plan.mixers, plan.wrong_mixes) = (vec![1], vec![]),
        Some(ORDER),
    ),
    ("cells that are mixed three times", |plan, _| plan.mixers = vec![1, 2, 3], Some(ORDER)),
    ("cells that are mixed in another order", |plan, _| plan.mixers = vec![3, 1], None),
    (
        "a mix by a trustee who holds no share",
        |plan, _| *plan = elections::disputed_council().plan,
        Some(MIXES),
    ),
    ("no wrong mix", |plan, _| plan.wrong_mixes = vec![], None),
    (
        "a wrong mix and then the right one by the same trustee",
        |plan, _| plan.wrong_mixes[0].1 = 3,
        None,
    ),
    ("a wrong mix twice", |plan, _| plan.wrong_mixes.push(plan.wrong_mixes[0]), Some(MIXES)),
    (
        "wrong mixes of two cells",
        |plan, _| plan.wrong_mixes.push((4, 2, |body| body.copy_within(0..32, 32))),
        None,
    ),
    (
        "a signed row that is the identity",
        |plan, _| plan.wrong_mixes[0].2 = |body| body[..32].fill(0),
        None,
    ),
    (
        "a signed row that is no element",
        |plan, _| plan.wrong_mixes[0].2 = |body| body[64] ^= 1,
        None,
    ),
    ("a signed c that is no element", |plan, _| plan.wrong_mixes[0].2 = |body| body[C] ^= 1, None),
    (
        "a signed chain that is no element",
        |plan, _| plan.wrong_mixes[0].2 = |body| body[C + 32 * ROWS] ^= 1,
        None,
    ),
    (
        "a signed t1 that is another",
        |plan, _| plan.wrong_mixes[0].2 = |body| body.copy_within(C..C + 32, C + 64 * ROWS),
        None,
    ),
    (
        "a signed t1 that is no element",
        |plan, _| plan.wrong_mixes[0].2 = |body| body[C + 64 * ROWS] ^= 1,
        Some(MIXES),
    ),
    (
        "a signed s1 that is another",
        |plan, _| plan.wrong_mixes[0].2 = |body| body.copy_within(S + 32..S + 64, S),
        None,
    ),
    (
        "a signed s1 that is no scalar",
        |plan, _| plan.wrong_mixes[0].2 = |body| body[S + 31] |= 0x80,
        Some(MIXES),
    ),
    (
        "a signed s' that is no scalar",
        |plan, _| plan.wrong_mixes[0].2 = |body| body[S + 160 + 31] |= 0x80,
        Some(MIXES),
    ),
    // What determines the rows.
    (
        "a voter with weight 2",
        |plan, _| edit(plan, Kind::Roll, 0, |content| content[45] = 2),
        Some("roll.valid"),
    ),
    (
        "a ballot left out of sums and rows",
        |plan, _| drop(plan.counted.remove(3)),
        Some("tally.sums"),
    ),
    (
        "a voter's first ballot mixed, not the last",
        |plan, _| plan.counted.last_mut().unwrap().0 = plan.ballots[0].clone(),
        Some("tally.sums"),
    ),
    ("rows that begin in another order", |plan, _| plan.counted.rotate_left(1), Some(MIXES)),
];

/// The offsets of the proof and its responses in rows and proof of the wrong mix.
const C: usize = 32 * ROWS * (WIDTH + 1);
const S: usize = C + 64 * ROWS + 32 * (4 + WIDTH + 1);

fn forged(entries: &[Vec<u8>]) -> Vec<Mutation> {
    let forge = |(name, change, check): &(&str, Change, Option<&'static str>)| {
        let mut edit = cheat(elections::council, *change, entries);
        // Nothing is judged after a refused object.
        let found = judge(&edit.board(entries), &Expect::default());
        if let (Edit::Tail { from, entries }, Some((_, Some(entry)))) = (&mut edit, found.first()) {
            entries.truncate(*entry as usize + 1 - *from);
        }
        Mutation::new(*name, BASE, edit, *check)
    };
    FORGED.par_iter().map(forge).collect()
}

fn of_views(case: &Case) -> Vec<Mutation> {
    let result = tabella::views::result(case.board().state().outcome().unwrap());
    let flip = |(name, text, xor): (&str, &str, u8)| {
        let at = result.find(text).unwrap() + text.len() - 1;
        let edit = Edit::File { name: "result.json".into(), at, xor: vec![xor] };
        Mutation::new(format!("result.json shows {name}"), BASE, edit, "record.views")
    };
    let shown = [
        ("another rank", "\"ranks\": [\n                2", 1),
        ("another name", "\"ZO", 0x20),
        ("another surplus", "\"surplus\": \"1", 1),
        ("another element", "\"points\": [\n                \"0", 1),
        ("fewer votes that are left out", "\"reason\": \"listed\",\n            \"votes\": 1", 1),
        ("another reason of an invalid row", "\"invalid\": \"t", 1),
    ];
    shown.map(flip).into()
}
