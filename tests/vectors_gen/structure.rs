//! Entries that are missing, repeated, moved, of another kind or from another election.

use super::{edit::Edit, mutations::Mutation};
use crate::vectors_gen::{
    elections,
    fields::{check_of, is_signed},
};
use sha3::{Digest, Sha3_256};
use tabella::{
    board::{Kind, Phase},
    codec::Decode,
    crypto::signature::Signature,
};

/// Each check with the entries that should fail it.
type Expected = [(&'static str, &'static [usize])];

const FORM: &str = "record.form";
const ORDER: &str = "record.order";
const SIGNATURES: &str = "record.signatures";

/// The check that fails if an entry is missing. The operator's next signature is for another place in any case, so it is that
/// one unless something before it needs the entry.
const DROPPED: &Expected = &[
    (ORDER, &[0, 13, 14, 18, 26, 30]),
    ("keys.deals", &[4]),
    ("keys.confirmed", &[9]),
    (SIGNATURES, &[1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 15, 16, 17, 20, 21, 22, 23, 25, 31, 32]),
    ("ballot.sequence", &[19]),
    ("ballot.spoiled", &[24]),
    ("close.quorum", &[27, 28, 29]),
    ("record.complete", &[33]),
];

/// The check that fails if an entry is repeated.
const REPEATED: &Expected = &[
    (ORDER, &[0, 13, 18, 26, 29, 30, 33]),
    ("keys.deals", &[1, 2, 3, 5, 6, 7]),
    (SIGNATURES, &[4, 8, 9, 14]),
    ("keys.confirmed", &[10, 11, 12]),
    ("keys.rehearsed", &[15, 16, 17]),
    ("ballot.unique", &[19, 20, 21, 22, 23]),
    ("ballot.spoiled", &[24, 25]),
    ("close.quorum", &[27, 28]),
    ("shares.proofs", &[31, 32]),
];

/// The check that fails if an entry is swapped with the next.
const SWAPPED: &Expected = &[
    (ORDER, &[0, 13, 14, 18, 26, 30]),
    ("keys.deals", &[4]),
    ("keys.confirmed", &[9]),
    (SIGNATURES, &[1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 15, 16, 17]),
    // The operator freezes and tallies after the original entries.
    (SIGNATURES, &[19, 20, 21, 22, 23, 25, 27, 28, 31, 32]),
    ("ballot.spoiled", &[24]),
    ("close.quorum", &[29]),
];

/// The check that fails if an entry is replaced by that of another election.
const OF_ANOTHER: &Expected = &[
    ("keys.deals", &[0, 1, 2, 3, 5, 6, 7]),
    (SIGNATURES, &[4, 8, 9, 13, 14, 18, 26, 30, 33]),
    ("keys.confirmed", &[10, 11, 12]),
    ("keys.rehearsed", &[15, 16, 17]),
    ("ballot.voter", &[19, 20, 21, 22, 23]),
    ("ballot.spoiled", &[24, 25]),
    ("close.quorum", &[27, 28, 29]),
    ("shares.proofs", &[31, 32]),
];

/// [`DROPPED`] for the second record, from its complaint on.
const DROPPED_OF_CEREMONY: &Expected = &[
    (
        SIGNATURES,
        &[9, 18, 20, 21, 22, 23, 25, 26, 27, 29, 30, 31, 32, 34, 35, 36, 37, 39, 40, 48, 49, 50],
    ),
    // A freeze, its lift, and the final freeze.
    (ORDER, &[19, 41, 42, 43]),
    // A ballot of the proxy follows.
    ("ballot.voter", &[38]),
    ("keys.deals", &[24]),
    ("keys.confirmed", &[28]),
    ("keys.erased", &[33]),
    ("close.quorum", &[44, 45, 46]),
];

fn each(
    base: &'static str,
    what: &str,
    entries: &[Vec<u8>],
    expected: &Expected,
    edit: impl Fn(usize) -> Edit,
) -> Vec<Mutation> {
    let mut places: Vec<(usize, &'static str)> =
        expected.iter().flat_map(|(check, at)| at.iter().map(|at| (*at, *check))).collect();
    places.sort_unstable();
    let new = |(at, check): (usize, &'static str)| {
        let (kind, _) = Kind::split(&entries[at]).unwrap();
        Mutation::new(format!("{kind} {at} {what}"), base, edit(at), check)
    };
    places.into_iter().map(new).collect()
}

/// Sizes to which the first record is cut, one in each phase.
const CUTS: [usize; 10] = [1, 5, 9, 10, 14, 19, 27, 30, 31, 33];

pub fn of_election(entries: &[Vec<u8>]) -> Vec<Mutation> {
    let base = "election";
    let again = |at: usize| Edit::Insert { before: at + 1, entries: vec![entries[at].clone()] };
    let mut all = each(base, "is missing", entries, DROPPED, |at| Edit::Drop(vec![at]));
    all.extend(each(base, "stands there twice", entries, REPEATED, again));
    let swap = |at| Edit::Swap(at, at + 1);
    all.extend(each(base, "changes places with the next entry", entries, SWAPPED, swap));
    for (entry, before, check) in [
        (20, 24, SIGNATURES),
        (23, 18, ORDER),
        (25, 19, "ballot.spoiled"),
        (24, 19, SIGNATURES),
        (26, 19, SIGNATURES),
        (29, 26, ORDER),
        (10, 9, "keys.confirmed"),
        (15, 19, SIGNATURES),
        (31, 34, SIGNATURES),
    ] {
        let edit = Edit::Move { entry, before };
        all.push(Mutation::new(
            format!("entry {entry} moved before entry {before}"),
            base,
            edit,
            check,
        ));
    }
    for size in CUTS {
        let (name, edit) = (format!("the first {size} entries"), Edit::Cut(size));
        all.push(Mutation::new(name.clone(), base, edit.clone(), "record.complete"));
        let mut part = Mutation::new(format!("{name} as a part"), base, edit, None);
        part.partial = true;
        all.push(part);
    }
    let mut nothing = Mutation::new("nothing, as a part", base, Edit::Cut(0), "record.complete");
    nothing.partial = true;
    all.push(nothing);
    for missing in [1, entries[33].len(), entries[33].len() + 1] {
        let name = format!("the last {missing} bytes are missing");
        all.push(Mutation::new(name, base, Edit::Torn(missing), FORM));
    }
    all.extend(inserted(entries));
    all
}

pub fn of_ceremony(entries: &[Vec<u8>]) -> Vec<Mutation> {
    each("ceremony", "is missing", entries, DROPPED_OF_CEREMONY, |at| Edit::Drop(vec![at]))
}

/// Entries before the close that are not objects or not complete ones.
fn inserted(entries: &[Vec<u8>]) -> Vec<Mutation> {
    let ballot = &entries[20];
    let header = |object: &[u8], chunks: u32| {
        let length = (object.len() as u64).to_be_bytes();
        let hash = Sha3_256::digest(object);
        [&[0xfe, object[0]][..], &length, &hash, &chunks.to_be_bytes()].concat()
    };
    let chunk = |object: &[u8]| [&[0xff], object].concat();
    let mut cases: Vec<(String, Vec<Vec<u8>>, &'static str)> = vec![
        ("an entry without bytes".into(), vec![vec![]], FORM),
        ("a header that is cut".into(), vec![header(ballot, 1)[..20].to_vec()], FORM),
        ("a chunk without a header".into(), vec![chunk(ballot)], FORM),
        ("a header without chunks".into(), vec![header(ballot, 1)], FORM),
        (
            "a ballot in a chunk that fits an entry".into(),
            vec![header(ballot, 1), chunk(ballot)],
            FORM,
        ),
        (
            "a header for more bytes than an object has".into(),
            vec![
                [&[0xfe, 5][..], &(1u64 << 31).to_be_bytes(), &[0; 32], &[0, 0, 0x80, 1]].concat(),
            ],
            FORM,
        ),
    ];
    for kind in [0, 24, 77, 0xfd] {
        cases.push((format!("an object of kind {kind}"), vec![vec![kind, 1, 2, 3]], FORM));
    }
    for kind in [Kind::Ballot, Kind::SpoilRequest, Kind::SpoilOpening] {
        cases.push((format!("a {kind} without content"), vec![vec![kind as u8]], check_of(kind)));
        let long = [&entries[if kind == Kind::Ballot { 20 } else { 7 + kind as usize }][..], &[0]];
        cases.push((format!("a {kind} that is too long"), vec![long.concat()], check_of(kind)));
    }
    let new = |(name, inserted, check): (String, Vec<Vec<u8>>, &'static str)| {
        Mutation::new(name, "election", Edit::Insert { before: 26, entries: inserted }, check)
    };
    cases.into_iter().map(new).collect()
}

/// Whether objects of a kind belong to a phase, in this round of a ceremony, if one is running.
fn belongs(kind: Kind, phase: Phase) -> bool {
    use Kind::*;
    let ceremony = phase > Phase::Empty && phase < Phase::Enrolling;
    let before_close = phase == Phase::Enrolling || phase == Phase::Voting;
    let after_close =
        matches!(phase, Phase::Frozen | Phase::Closed | Phase::Mixing | Phase::Opening);
    match kind {
        Manifest => phase == Phase::Empty,
        Commit | Deal | Complaint | Confirmation | Round => ceremony,
        Roll => phase == Phase::Enrolling,
        Question | Rehearsal | Reshare => before_close,
        Erasure => before_close || after_close,
        Ballot | SpoilRequest | Withdrawal | Delegation | Freeze => phase == Phase::Voting,
        Lift | Close => phase == Phase::Frozen,
        SpoilOpening => phase == Phase::Voting || after_close,
        // While voting is frozen, the quorum is missing.
        Tally => phase == Phase::Closed || phase == Phase::Frozen,
        Mix => phase == Phase::Mixing,
        Share | Result => phase == Phase::Opening,
        _ => unreachable!("{kind}"),
    }
}

/// Whether an entry ends with a signature, whoever made it and for what.
fn has_signature(entry: &[u8]) -> bool {
    let (_, signature) = entry.split_at(entry.len() - 64);
    Signature::from_bytes(signature).is_ok()
}

/// The first entry of each kind in the first record, and its phase.
pub const PLACES: [(usize, Phase); 10] = [
    (0, Phase::Empty),
    (1, Phase::Committing),
    (5, Phase::Dealing),
    (9, Phase::Complaining),
    (10, Phase::Confirming),
    (14, Phase::Enrolling),
    (20, Phase::Voting),
    (27, Phase::Frozen),
    (30, Phase::Closed),
    (31, Phase::Opening),
];

/// Entries with each other kind that belongs in their place, one that does not, and one that does not exist.
pub fn of_kinds(
    base: &'static str,
    entries: &[Vec<u8>],
    places: &[(usize, Phase)],
) -> Vec<Mutation> {
    let mut all = Vec::new();
    for (entry, phase) in places.iter().copied() {
        let old = entries[entry][0];
        for new in 1..=24u8 {
            let kind = Kind::split(&[new]).map(|(kind, _)| kind).ok();
            let check = match kind {
                _ if new == old => continue,
                None => FORM,
                Some(kind) if !belongs(kind, phase) => ORDER,
                // Entry 14 asks the first question.
                Some(Kind::Rehearsal) if entry == 14 => ORDER,
                Some(Kind::Roll) => "keys.rehearsed",
                Some(Kind::Tally) if phase == Phase::Frozen => "close.quorum",
                Some(kind) if is_signed(kind) && has_signature(&entries[entry]) => SIGNATURES,
                Some(kind) => check_of(kind),
            };
            // Of those that belong elsewhere, one is enough.
            if check == ORDER && kind != Some(Kind::Rehearsal) && new != old % 21 + 1 {
                continue;
            }
            let name = format!("entry {entry} as an object of kind {new}");
            let edit = Edit::At { entry, at: 0, xor: vec![old ^ new] };
            all.push(Mutation::new(name, base, edit, check));
        }
    }
    all
}

/// Entries of another election of the same form.
pub fn of_another(entries: &[Vec<u8>]) -> Vec<Mutation> {
    let other = elections::other().entries();
    assert_eq!(entries.len(), other.len());
    let replace = |at: usize| Edit::Replace { entry: at, bytes: other[at].clone() };
    each("election", "is that of another election", entries, OF_ANOTHER, replace)
}
