//! Rules of acceptance: what the board refuses is refused by name and leaves no trace.

use attacks::{
    Failing, World, bit_flips,
    forge::{
        self, FIRST_BALLOT, Forgery, Keys, Plan, close_content, close_signature, header_bytes,
        object, signed_by,
    },
    read, rng,
};
use curve25519_dalek::Scalar;
use proptest::prelude::*;
use std::{fmt::Debug, sync::LazyLock};
use tabella::{
    audit::{self, Expect},
    ballot::{BallotError, Choices, Election, Header, Origin},
    board::{Accepted, Board, BoardError, Kind, Phase, Refusal, State},
    codec::{DecodeError, DecodeErrorKind, Encode},
    contest::Contest,
    crypto::{
        ProofCheck,
        dlog::DlogTable,
        signature::{AuthorKey, AuthorSecret},
    },
    keys::{Ceremony, Conviction, KeyError, Messages, Party, PartyFault, Round, Setup},
    log::{Bytes, Entries},
    manifest::{Manifest, ManifestReadError},
    roll::{Credential, Registration, RollError},
    tally::TurnoutPart,
};

const KINDS: [Kind; 23] = [
    Kind::Manifest,
    Kind::Deal,
    Kind::Confirmation,
    Kind::Roll,
    Kind::Ballot,
    Kind::Close,
    Kind::Tally,
    Kind::Share,
    Kind::Result,
    Kind::Commit,
    Kind::Complaint,
    Kind::Round,
    Kind::Question,
    Kind::Rehearsal,
    Kind::Reshare,
    Kind::Erasure,
    Kind::SpoilRequest,
    Kind::SpoilOpening,
    Kind::Mix,
    Kind::Freeze,
    Kind::Lift,
    Kind::Withdrawal,
    Kind::Delegation,
];
const V1: Refusal = Refusal::Proof(ProofCheck::Equation("BALLOT.V1"));

/// Everything visible of a board.
fn view(board: &Board) -> impl PartialEq + Debug + use<> {
    let state = board.state();
    (
        (state.phase(), state.size(), state.root(), board.bytes().to_vec()),
        // Rounds, commits, deals, complaints, confirmations and parties that are out.
        (format!("{:?}", state.observer()), state.ceremony().cloned(), state.found().count()),
        (state.question().copied(), state.rehearsed().clone(), state.erased().clone()),
        (state.election().is_some(), state.counted(), state.partial_tally().cloned()),
        (state.spoiled(), state.opened_spoils()),
        (state.freezes().to_vec(), state.frozen(), state.closed(), state.closed_by().to_vec()),
        state.faulty_shares().clone(),
        (state.cascades().to_vec(), state.faulty_mixes().count()),
        (state.tally().cloned(), state.shares().to_vec(), state.outcome().cloned()),
    )
}

/// Posts an object that is refused with this error, and checks that it leaves no trace.
#[track_caller]
fn refuse(board: &mut Board, object: &[u8], expected: Refusal) {
    let before = view(board);
    assert_eq!(board.post(object, &mut rng(77)), Err(expected));
    assert_eq!(view(board), before);
}

fn malformed(at: usize, kind: DecodeErrorKind) -> Refusal {
    Refusal::Malformed(DecodeError::new(at, kind))
}

/// All objects of a board without large ones.
fn objects(board: &Board) -> Vec<Vec<u8>> {
    (0..board.state().size()).map(|i| board.entry(i).unwrap().to_vec()).collect()
}

/// The board as it was before this entry.
fn before(board: &Board, entry: u64) -> Board {
    let mut earlier = Board::new();
    objects(board).iter().take(entry as usize).for_each(|object| {
        earlier.post(object, &mut rng(76)).unwrap();
    });
    earlier
}

/// The content of the first object of this kind, without its signature.
fn signed_content(board: &Board, kind: Kind) -> Vec<u8> {
    let object = objects(board).into_iter().find(|o| o[0] == kind as u8).unwrap();
    object[1..object.len() - 64].to_vec()
}

fn remote(style: u16, sequence: u32) -> Header {
    Header { style, sequence, origin: Origin::Remote }
}

/// A town in which voting is open.
fn open_town(seed: u8) -> (World, Board, Election) {
    let mut world = World::town(seed);
    let board = world.open();
    let election = board.election().unwrap().clone();
    (world, board, election)
}

/// The kinds of objects that a state accepts.
fn takes(state: &State) -> Vec<Kind> {
    let mut kinds = match round(state) {
        Round::Commit => vec![Kind::Commit, Kind::Round],
        Round::Deal => vec![Kind::Deal, Kind::Round],
        Round::Complain => vec![Kind::Complaint, Kind::Round],
        Round::Confirm => vec![Kind::Confirmation, Kind::Round],
        _ => vec![],
    };
    let keys = [Kind::Question, Kind::Rehearsal, Kind::Reshare, Kind::Erasure];
    kinds.extend_from_slice(match state.phase() {
        Phase::Enrolling | Phase::Voting => &keys,
        Phase::Frozen | Phase::Closed | Phase::Mixing | Phase::Opening => &[Kind::Erasure],
        _ => &[],
    });
    kinds.extend_from_slice(match state.phase() {
        Phase::Empty => &[Kind::Manifest],
        Phase::Committing | Phase::Dealing | Phase::Complaining | Phase::Confirming => &[],
        Phase::Enrolling => &[Kind::Roll],
        Phase::Voting => &[
            Kind::Ballot,
            Kind::SpoilRequest,
            Kind::SpoilOpening,
            Kind::Withdrawal,
            Kind::Delegation,
            Kind::Freeze,
        ],
        Phase::Frozen => &[Kind::SpoilOpening, Kind::Lift, Kind::Close],
        Phase::Closed => &[Kind::SpoilOpening, Kind::Tally],
        Phase::Mixing => &[Kind::SpoilOpening, Kind::Mix],
        Phase::Opening => &[Kind::SpoilOpening, Kind::Share, Kind::Result],
        _ => &[],
    });
    kinds
}

fn round(state: &State) -> Round {
    state.observer().map_or(Round::Done, |observer| observer.round())
}

/// The objects of a town that reshares during the vote.
fn reshared_town(seed: u8) -> Vec<Vec<u8>> {
    let mut world = World::town(seed);
    let log = Plan::reshared_town(&mut world).write(&mut world.rng);
    Entries::new(&log.bytes).map(|entry| entry.unwrap().to_vec()).collect()
}

#[test]
fn each_phase_takes_its_kinds_and_no_others() {
    let objects = reshared_town(1);
    let mut world = World::town(1);
    let (setup, deal) = (Setup::first(&world.manifest), world.ceremony.deals[0].to_bytes());
    let complaint = forge::complaint(&setup, &deal, (2, 1), &world.secrets[1], &mut world.rng);
    let complaint = object(Kind::Complaint, &complaint);
    // Kinds that this town does not have.
    let others = [
        Kind::SpoilRequest,
        Kind::SpoilOpening,
        Kind::Mix,
        Kind::Lift,
        Kind::Withdrawal,
        Kind::Delegation,
    ];
    let others = others.map(|kind| object(kind, &[]));
    let mut board = Board::new();
    let mut steps = Vec::new();
    for next in objects.iter().map(Some).chain([None]) {
        let (phase, now) = (board.state().phase(), round(board.state()));
        steps.push((phase, now));
        let takes = takes(board.state());
        for kind in KINDS.into_iter().filter(|kind| !takes.contains(kind)) {
            let object = objects
                .iter()
                .chain([&complaint])
                .chain(&others)
                .find(|o| o[0] == kind as u8)
                .unwrap();
            let of_ceremony =
                matches!(kind, Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Confirmation);
            let of_voters = matches!(kind, Kind::Ballot | Kind::SpoilRequest | Kind::Delegation);
            let refusal = match kind {
                _ if of_voters && phase >= Phase::Closed => Refusal::Closed,
                _ if of_voters && phase == Phase::Frozen => Refusal::Frozen,
                Kind::Tally if phase == Phase::Frozen => Refusal::Quorum {
                    group: String::new(),
                    found: board.state().closed_by().len(),
                    expected: 3,
                },
                _ if of_ceremony && now != Round::Done => {
                    Refusal::Keys(KeyError::WrongRound { now })
                }
                _ => Refusal::OutOfPhase { kind, phase },
            };
            refuse(&mut board, object, refusal);
        }
        refuse(&mut board, &[], malformed(0, DecodeErrorKind::Truncated { missing: 1 }));
        refuse(&mut board, &[24, 1], malformed(0, DecodeErrorKind::Tag { found: 24 }));
        refuse(&mut board, &[0], malformed(0, DecodeErrorKind::Tag { found: 0 }));
        if let Some(next) = next {
            let entry = board.state().size();
            let accepted = board.post(next, &mut world.rng).unwrap();
            assert_eq!((accepted.entry, accepted.kind as u8), (entry, next[0]));
            assert!(takes.contains(&accepted.kind), "a {} in {phase:?}", accepted.kind);
            // Voter 0 votes before the resharing and after it.
            assert_eq!(accepted.replaces, (entry == 38).then_some(FIRST_BALLOT));
        }
    }
    steps.dedup();
    // Eleven phases; voting has five steps more: the four rounds of the resharing and one after them.
    assert_eq!(steps.len(), 11 + 5);
    assert_eq!(objects.len() as u64, board.state().size());
}

#[test]
fn an_object_beyond_the_limit_is_refused_before_it_is_read() {
    let max = 1 << 30;
    let mut object = vec![0; max + 1];
    // The largest is read: its first byte is no kind.
    refuse(&mut Board::new(), &object[..max], malformed(0, DecodeErrorKind::Tag { found: 0 }));
    let refusal = Refusal::TooLarge { found: max + 1, max };
    refuse(&mut Board::new(), &object, refusal.clone());
    // The same for a ballot, before voting and while ballots are verified in batches.
    object[0] = Kind::Ballot as u8;
    refuse(&mut Board::new(), &object, refusal.clone());
    let (mut world, mut board, election) = open_town(21);
    refuse(&mut board, &object, refusal.clone());
    let largest = board.post(&object[..max], &mut world.rng);
    assert!(matches!(largest, Err(Refusal::Malformed(_))), "{largest:?}");
    let [first, next] =
        [0, 1].map(|sequence| world.vote(&election, 0, &remote(0, sequence), "ada"));
    let verdicts = board.post_all(&[&first[..], &object, &next], &mut world.rng);
    assert_eq!(verdicts[1], Err(refusal));
    assert_eq!(verdicts[2].as_ref().unwrap().replaces, Some(FIRST_BALLOT));
}

#[test]
fn manifests_are_refused_by_name() {
    let mut world = World::town(2);
    let mut board = Board::new();
    let bytes = world.manifest.to_bytes();
    let longer = [&bytes[..], &[0]].concat();
    let longer = world.sign(&board, Kind::Manifest, &longer);
    let kind = DecodeErrorKind::Trailing { extra: 1 };
    let error = ManifestReadError::Bytes(DecodeError::new(bytes.len(), kind));
    refuse(&mut board, &longer, Refusal::Manifest(error));

    let stranger = AuthorSecret::random(&mut world.rng).unwrap();
    let state = board.state();
    let sign = |author: &AuthorSecret, manifest: &Manifest, rng: &mut _| {
        signed_by(author, state, manifest, Kind::Manifest, &manifest.to_bytes(), rng)
    };
    let by_stranger = sign(&stranger, &world.manifest, &mut world.rng);
    // The third trustee's key with the proof of another key.
    let keys: Vec<AuthorKey> = world.secrets.iter().map(|s| s.public().clone()).collect();
    let unproven = [&keys[2].to_bytes()[..32], &keys[1].to_bytes()[32..]].concat();
    let unproven: AuthorKey = read(&unproven);
    let manifest = Manifest::builder("test")
        .operator(world.operator.public().clone())
        .trustees([keys[0].clone(), keys[1].clone(), unproven], 2)
        .contest(Contest::choose_one("bridge", ["yes", "no"]))
        .build()
        .unwrap();
    let object = sign(&world.operator, &manifest, &mut world.rng);
    refuse(&mut board, &by_stranger, Refusal::Signature { kind: Kind::Manifest });
    let mistake = manifest.verify_keys(&mut world.rng).unwrap_err();
    assert_eq!(mistake.path, "trustees[2].key");
    refuse(&mut board, &object, Refusal::Manifest(ManifestReadError::Mistake(mistake)));
    board.post_manifest(&world.manifest, &world.operator, &mut world.rng).unwrap();
}

fn keys(error: KeyError) -> Refusal {
    Refusal::Keys(error)
}

fn too_few(found: usize, missing: &[u16]) -> Refusal {
    keys(KeyError::TooFew { group: String::new(), found, needed: 2, missing: missing.to_vec() })
}

fn with_number(object: &[u8], number: u8) -> Vec<u8> {
    [&[object[0], 0, number], &object[3..]].concat()
}

/// A town whose trustees have committed to their deals.
fn founded_town(seed: u8) -> (World, Board, Setup) {
    let mut world = World::town(seed);
    let mut board = Board::new();
    board.post_manifest(&world.manifest, &world.operator, &mut world.rng).unwrap();
    let setup = Setup::first(&world.manifest);
    (world, board, setup)
}

fn close_round(world: &mut World, board: &mut Board) {
    board.close_round(&world.operator, &mut world.rng).unwrap();
}

#[test]
fn commits_are_refused_by_name() {
    let (mut world, mut board, _) = founded_town(3);
    let commits = world.ceremony.commits.clone();
    let commit = object(Kind::Commit, &commits[0].to_bytes());
    for number in [0, 4] {
        let refusal = keys(KeyError::NoParty { number: number.into(), parties: 3 });
        refuse(&mut board, &with_number(&commit, number), refusal);
    }
    refuse(&mut board, &with_number(&commit, 2), keys(KeyError::Signature { number: 2 }));
    for byte in [3, 34] {
        let mut changed = commit.clone();
        changed[byte] ^= 1;
        refuse(&mut board, &changed, keys(KeyError::Signature { number: 1 }));
    }
    let end = commit.len() - 1;
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &commit[..end], malformed(end - 1, missing));
    let longer = [&commit[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(end, DecodeErrorKind::Trailing { extra: 1 }));
    board.post(&commit, &mut world.rng).unwrap();
    refuse(&mut board, &commit, keys(KeyError::Duplicate { number: 1 }));

    let end_of_round = world.sign(&board, Kind::Round, &[0]);
    refuse(&mut board, &end_of_round, too_few(1, &[2, 3]));
    board.post(&commits[1], &mut world.rng).unwrap();
    close_round(&mut world, &mut board);
    let late = object(Kind::Commit, &commits[2].to_bytes());
    refuse(&mut board, &late, keys(KeyError::WrongRound { now: Round::Deal }));
}

#[test]
fn ends_of_rounds_are_refused_by_name() {
    let (mut world, mut board, _) = founded_town(22);
    let rounds = [Round::Commit, Round::Deal, Round::Complain, Round::Confirm];
    let messages = world.ceremony.clone();
    for (expected, number) in rounds.into_iter().zip(0..) {
        assert_eq!(round(board.state()), expected);
        if expected != Round::Complain {
            // Nobody has done their part.
            let nothing = world.sign(&board, Kind::Round, &[number]);
            refuse(&mut board, &nothing, too_few(0, &[1, 2, 3]));
        }
        match expected {
            Round::Commit => messages.commits.iter().for_each(|commit| {
                board.post(commit, &mut world.rng).unwrap();
            }),
            Round::Deal => messages.deals.iter().for_each(|deal| {
                board.post(deal, &mut world.rng).unwrap();
            }),
            _ => {}
        }
        if expected == Round::Confirm {
            for trustee in &world.trustees {
                let signature = trustee.confirm(&mut world.rng).unwrap();
                board.post(&signature, &mut world.rng).unwrap();
            }
        }
        for found in (0..=255).filter(|found| *found != number) {
            let other = world.sign(&board, Kind::Round, &[found]);
            refuse(&mut board, &other, Refusal::WrongRound { found, expected });
        }
        let nothing = world.sign(&board, Kind::Round, &[]);
        refuse(&mut board, &nothing, malformed(0, DecodeErrorKind::Truncated { missing: 1 }));
        let two = world.sign(&board, Kind::Round, &[number, number]);
        refuse(&mut board, &two, malformed(1, DecodeErrorKind::Trailing { extra: 1 }));
        let World { manifest, secrets, rng, .. } = &mut world;
        let by_trustee =
            signed_by(&secrets[0], board.state(), manifest, Kind::Round, &[number], rng);
        refuse(&mut board, &by_trustee, Refusal::Signature { kind: Kind::Round });
        let good = world.sign(&board, Kind::Round, &[number]);
        board.post(&good, &mut world.rng).unwrap();
        let refusal = match expected {
            Round::Confirm => Refusal::OutOfPhase { kind: Kind::Round, phase: Phase::Enrolling },
            // It was signed for another place.
            _ => Refusal::Signature { kind: Kind::Round },
        };
        refuse(&mut board, &good, refusal);
    }
}

#[test]
fn deals_are_refused_by_name() {
    let (mut world, mut board, _) = founded_town(23);
    let Messages { commits, deals } = world.ceremony.clone();
    for commit in &commits[..2] {
        board.post(commit, &mut world.rng).unwrap();
    }
    close_round(&mut world, &mut board);
    let deal = object(Kind::Deal, &deals[0].to_bytes());
    let equation = |dealer| {
        let fault = PartyFault::InvalidDeal(ProofCheck::Equation("KEY.DEAL"));
        keys(KeyError::BadDeal { dealer, fault })
    };
    // The proof binds the dealer, the commitments, and every encrypted share.
    refuse(&mut board, &with_number(&deal, 2), equation(2));
    let mut changed = deal.clone();
    changed[3 + 32 * (2 * world.manifest.slots() + 1)] ^= 1;
    refuse(&mut board, &changed, equation(1));
    for dealer in [0, 3, 4] {
        let refusal = keys(KeyError::NotCommitted { dealer: dealer.into() });
        refuse(&mut board, &with_number(&deal, dealer), refusal);
    }
    let uncommitted = object(Kind::Deal, &deals[2].to_bytes());
    refuse(&mut board, &uncommitted, keys(KeyError::NotCommitted { dealer: 3 }));
    let unreadable = |at, kind| {
        let fault = PartyFault::UnreadableDeal(DecodeError::new(at, kind));
        keys(KeyError::BadDeal { dealer: 1, fault })
    };
    let end = deal.len() - 1;
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &deal[..end], unreadable(end - 1, missing));
    let longer = [&deal[..], &[0]].concat();
    refuse(&mut board, &longer, unreadable(end, DecodeErrorKind::Trailing { extra: 1 }));
    refuse(&mut board, &deal[..2], malformed(1, missing));
    board.post(&deal, &mut world.rng).unwrap();
    refuse(&mut board, &deal, keys(KeyError::Duplicate { number: 1 }));
    let end_of_round = world.sign(&board, Kind::Round, &[1]);
    refuse(&mut board, &end_of_round, too_few(1, &[2, 3]));

    // A valid deal other than the one committed to is evidence and puts its dealer out.
    let World { manifest, secrets, rng, .. } = &mut world;
    let (others, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    let other = object(Kind::Deal, &others.deals[1].to_bytes());
    board.post(&other, rng).unwrap();
    let found: Vec<_> = board.state().found().collect();
    let verdict = Conviction { party: Party::Dealer(2), fault: PartyFault::WrongCommit };
    assert_eq!(found, [(0, &verdict)]);
    let promised = object(Kind::Deal, &deals[1].to_bytes());
    refuse(&mut board, &promised, keys(KeyError::Duplicate { number: 2 }));
    refuse(&mut board, &other, keys(KeyError::Duplicate { number: 2 }));
    let end_of_round = world.sign(&board, Kind::Round, &[1]);
    refuse(&mut board, &end_of_round, too_few(1, &[2, 3]));
}

#[test]
fn complaints_and_confirmations_are_refused_by_name() {
    let (mut world, mut board, setup) = founded_town(24);
    let Messages { commits, deals } = world.ceremony.clone();
    for commit in &commits[..2] {
        board.post(commit, &mut world.rng).unwrap();
    }
    close_round(&mut world, &mut board);
    for deal in &deals[..2] {
        board.post(deal, &mut world.rng).unwrap();
    }
    close_round(&mut world, &mut board);

    let [first, second] = [0, 1].map(|place: usize| deals[place].to_bytes());
    let complain = |deal: &[u8], who: (u16, u16), author: usize| {
        let author = &world.secrets[author - 1];
        object(Kind::Complaint, &forge::complaint(&setup, deal, who, author, &mut rng(5)))
    };
    let good = complain(&first, (2, 1), 2);
    for number in [0, 4] {
        let refusal = keys(KeyError::NoParty { number: number.into(), parties: 3 });
        refuse(&mut board, &with_number(&good, number), refusal);
    }
    // Whoever did not deal in the first ceremony has no share, and so none to complain about.
    refuse(&mut board, &complain(&first, (3, 1), 3), keys(KeyError::Out { number: 3 }));
    for dealer in [0, 3, 4] {
        let unknown = complain(&first, (2, dealer), 2);
        refuse(&mut board, &unknown, keys(KeyError::NoDeal { dealer }));
    }
    let unsigned = keys(KeyError::Signature { number: 2 });
    refuse(&mut board, &complain(&first, (2, 1), 1), unsigned.clone());
    // About another deal, of another dealer.
    refuse(&mut board, &complain(&second, (2, 1), 2), unsigned.clone());
    // Another point, which would decrypt something else.
    let mut point = good.clone();
    point[5..37].copy_from_slice(&complain(&first, (1, 1), 1)[5..37]);
    refuse(&mut board, &point, unsigned);
    let end = good.len() - 1;
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &good[..end], malformed(end - 1, missing));
    let longer = [&good[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(end, DecodeErrorKind::Trailing { extra: 1 }));
    let mut disturbed = board.clone();
    disturbed.post(&good, &mut rng(1)).unwrap();
    refuse(&mut disturbed, &good, keys(KeyError::Duplicate { number: 2 }));
    // The share is good, so the second trustee is out and the first is alone.
    let end_of_round = world.sign(&disturbed, Kind::Round, &[2]);
    refuse(&mut disturbed, &end_of_round, too_few(1, &[2, 3]));

    close_round(&mut world, &mut board);
    let hash = *board.state().observer().unwrap().ceremony().unwrap().hash();
    let confirm = |number: u16, hash: &[u8; 32], author: usize| {
        let author = &world.secrets[author - 1];
        object(Kind::Confirmation, &forge::confirmation(number, hash, author, &mut rng(6)))
    };
    let good = confirm(1, &hash, 1);
    for number in [0, 4] {
        let refusal = keys(KeyError::NoParty { number: number.into(), parties: 3 });
        refuse(&mut board, &with_number(&good, number), refusal);
    }
    refuse(&mut board, &confirm(3, &hash, 3), keys(KeyError::Out { number: 3 }));
    refuse(&mut board, &with_number(&good, 2), keys(KeyError::Signature { number: 2 }));
    // The keys of the ceremony in which all three dealt.
    let other = confirm(1, world.trustees[0].ceremony().hash(), 1);
    refuse(&mut board, &other, keys(KeyError::Signature { number: 1 }));
    refuse(&mut board, &good[..66], malformed(65, missing));
    let longer = [&good[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(66, DecodeErrorKind::Trailing { extra: 1 }));
    board.post(&good, &mut rng(1)).unwrap();
    refuse(&mut board, &confirm(1, &hash, 1), keys(KeyError::Duplicate { number: 1 }));
    let second = confirm(2, &hash, 2);
    let end_of_round = world.sign(&board, Kind::Round, &[3]);
    refuse(&mut board, &end_of_round, too_few(1, &[2]));
    board.post(&second, &mut rng(1)).unwrap();
    close_round(&mut world, &mut board);
    assert_eq!(board.state().ceremony().unwrap().holders(), [1, 2]);
    assert_eq!(board.state().phase(), Phase::Enrolling);
}

/// ATTACK. All dealers together make a key that everybody can open.
#[test]
fn keys_that_are_the_identity_are_refused() {
    let (mut world, mut board, setup) = founded_town(25);
    let constant = |place: usize| Scalar::from(place as u64 + 2);
    let ones: Vec<Scalar> = (0..setup.slots()).map(constant).collect();
    let mut others = ones.clone();
    // The first two of the three sum to zero in one slot.
    others[3] = -ones[3];
    let World { secrets, rng, .. } = &mut world;
    let deals = [(1, &ones), (2, &others)].map(|(number, constants)| {
        let author = &secrets[usize::from(number) - 1];
        let deal = forge::deal(&setup, number, author, constants, rng);
        let commit = forge::commit(&setup, number, &deal, author, rng);
        board.post(&object(Kind::Commit, &commit), rng).unwrap();
        deal
    });
    close_round(&mut world, &mut board);
    for deal in deals {
        board.post(&object(Kind::Deal, &deal), &mut world.rng).unwrap();
    }
    close_round(&mut world, &mut board);
    let end_of_round = world.sign(&board, Kind::Round, &[2]);
    refuse(&mut board, &end_of_round, keys(KeyError::IdentityKey { slot: 3 }));
}

#[test]
fn rehearsals_and_questions_are_refused_by_name() {
    let mut world = World::town(26);
    let opened = world.open();
    // Before the question.
    let mut board = before(&opened, 14);
    let election = board.election().unwrap().clone();
    let phase = Phase::Enrolling;
    let rehearse = |world: &World, place: usize, question: &[u8; 32]| {
        let trustee = &world.trustees[place];
        object(Kind::Rehearsal, &forge::rehearsal(&election, trustee, question, &mut rng(7)))
    };
    let (first, second) = ([1; 32], [2; 32]);
    let good = rehearse(&world, 0, &first);
    refuse(&mut board, &good, Refusal::OutOfPhase { kind: Kind::Rehearsal, phase });
    for (content, refusal) in [
        (vec![0; 31], malformed(31, DecodeErrorKind::Truncated { missing: 1 })),
        (vec![0; 33], malformed(32, DecodeErrorKind::Trailing { extra: 1 })),
    ] {
        let question = world.sign(&board, Kind::Question, &content);
        refuse(&mut board, &question, refusal);
    }
    let World { manifest, secrets, rng, .. } = &mut world;
    let state = board.state();
    let by_trustee = signed_by(&secrets[0], state, manifest, Kind::Question, &first, rng);
    refuse(&mut board, &by_trustee, Refusal::Signature { kind: Kind::Question });
    let question = world.sign(&board, Kind::Question, &first);
    board.post(&question, &mut world.rng).unwrap();

    let wrong = |trustee| Refusal::Promise { kind: Kind::Rehearsal, trustee };
    for number in [0, 2, 4] {
        refuse(&mut board, &with_number(&good, number), wrong(number.into()));
    }
    refuse(&mut board, &rehearse(&world, 0, &second), wrong(1));
    let mut changed = good.clone();
    let last = changed.len() - 32;
    changed[last] ^= 1;
    refuse(&mut board, &changed, wrong(1));
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &good[..good.len() - 1], malformed(good.len() - 2, missing));
    let longer = [&good[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(good.len() - 1, DecodeErrorKind::Trailing { extra: 1 }));
    let roll = signed_content(&opened, Kind::Roll);
    let early = world.sign(&board, Kind::Roll, &roll);
    refuse(&mut board, &early, Refusal::Rehearsals { group: String::new(), found: 0, expected: 2 });
    board.post(&good, &mut world.rng).unwrap();
    // The same question cannot be answered twice, neither with the same answer nor with another.
    refuse(&mut board, &good, Refusal::Trustee { number: 1 });
    let again = world.trustees[0].rehearse(board.state(), &mut world.rng).unwrap();
    refuse(&mut board, &object(Kind::Rehearsal, &again.to_bytes()), Refusal::Trustee { number: 1 });
    let early = world.sign(&board, Kind::Roll, &roll);
    refuse(&mut board, &early, Refusal::Rehearsals { group: String::new(), found: 1, expected: 2 });

    // Another question: the answers to the first still count, but do not answer it.
    let old = rehearse(&world, 1, &first);
    let question = world.sign(&board, Kind::Question, &second);
    board.post(&question, &mut world.rng).unwrap();
    refuse(&mut board, &good, wrong(1));
    refuse(&mut board, &old, wrong(2));
    board.post(&rehearse(&world, 0, &second), &mut world.rng).unwrap();
    assert_eq!(board.state().rehearsed().len(), 1);
    let early = world.sign(&board, Kind::Roll, &roll);
    refuse(&mut board, &early, Refusal::Rehearsals { group: String::new(), found: 1, expected: 2 });
    board.post(&rehearse(&world, 1, &second), &mut world.rng).unwrap();
    let roll = world.sign(&board, Kind::Roll, &roll);
    board.post(&roll, &mut world.rng).unwrap();
}

#[test]
fn resharings_and_erasures_are_refused_by_name() {
    let mut world = World::town(27);
    let plan = Plan::reshared_town(&mut world);
    let log = plan.write(&mut world.rng);
    let full = tabella::board::replay(&log.bytes, &mut world.rng).unwrap();
    let mut board = before(&full, 20);
    let heirs = &plan.handover.as_ref().unwrap().keys;
    let content = forge::members(&heirs.setup);

    // Threshold, count, and for each member: the length of a name of six letters, name, key, proof.
    let member = 4 + 6 + 96;
    let edited = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut content = content.clone();
        edit(&mut content);
        content
    };
    let many = |count: u32| {
        let members = (0..count).map(|_| content[6..6 + member].to_vec());
        [&content[..2], &count.to_be_bytes(), &members.collect::<Vec<_>>().concat()].concat()
    };
    let members = keys(KeyError::Members);
    let count = |found: u32| malformed(2, DecodeErrorKind::Count { found: found.into(), cap: 255 });
    let missing = |at, missing| malformed(at, DecodeErrorKind::Truncated { missing });
    let longer = DecodeErrorKind::Trailing { extra: 1 };
    let cases = [
        (edited(&|c| c[1] = 0), members.clone()),
        (edited(&|c| c[1] = 5), members.clone()),
        (edited(&|c| c[0] = 1), members.clone()),
        (many(0), members.clone()),
        (many(2), members.clone()),
        // The second key with the first one's proof.
        (edited(&|c| c.copy_within(16 + 32..16 + 96, 16 + member + 32)), members.clone()),
        (many(256), count(256)),
        (edited(&|c| c[2..6].fill(0xff)), count(u32::MAX)),
        (edited(&|c| c[5] = 255), missing(2, 255 * 100 - 4 * member)),
        (edited(&|c| c.truncate(5)), missing(5, 1)),
        (edited(&|c| c.truncate(1)), missing(1, 1)),
        (edited(&|c| c.push(0)), malformed(content.len(), longer)),
    ];
    for (content, refusal) in cases {
        let order = world.sign(&board, Kind::Reshare, &content);
        refuse(&mut board, &order, refusal);
    }
    let World { manifest, secrets, rng, .. } = &mut world;
    let by_trustee = signed_by(&secrets[0], board.state(), manifest, Kind::Reshare, &content, rng);
    refuse(&mut board, &by_trustee, Refusal::Signature { kind: Kind::Reshare });

    // Before anything is handed over, nothing can be erased.
    let erase = |ceremony: &Ceremony, number: u16, author: &AuthorSecret| {
        object(Kind::Erasure, &forge::erasure(ceremony, number, author, &mut rng.clone()))
    };
    let wrong = |trustee| Refusal::Promise { kind: Kind::Erasure, trustee };
    let Keys { ceremony, secrets, .. } = &plan.keys;
    let erasures =
        [1, 2, 3].map(|number| erase(ceremony, number, &secrets[usize::from(number) - 1]));
    for (erasure, number) in erasures.iter().zip(1..) {
        refuse(&mut board, erasure, wrong(number));
    }
    let mut board = before(&full, 35);
    assert_eq!(board.state().ceremony(), Some(&heirs.ceremony));
    refuse(&mut board, &erase(&heirs.ceremony, 1, &heirs.secrets[0]), wrong(1));
    refuse(&mut board, &erase(ceremony, 2, &secrets[0]), wrong(2));
    let renumbered = |number: u8| {
        let mut erasure = erasures[0].clone();
        erasure[6] = number;
        erasure
    };
    [0, 2, 4].into_iter().for_each(|n| refuse(&mut board, &renumbered(n), wrong(n.into())));
    for epoch in [1, 2, 255] {
        let mut other = erasures[0].clone();
        other[4] = epoch;
        refuse(&mut board, &other, wrong(1));
    }
    let end = erasures[0].len() - 1;
    let truncated = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &erasures[0][..end], malformed(end - 1, truncated));
    refuse(&mut board, &[&erasures[0][..], &[0]].concat(), malformed(end, longer));
    board.post(&erasures[0], &mut rng.clone()).unwrap();
    refuse(&mut board, &erasures[0], Refusal::Trustee { number: 1 });
    // The last ones may come while trustees open.
    let mut board = before(&full, 44);
    assert_eq!(board.state().phase(), Phase::Opening);
    board.post(&erasures[2], &mut rng.clone()).unwrap();
    assert_eq!(board.state().erased().len(), 3);
}

/// ATTACK. Trustees who have handed over their shares act as if they had not.
#[test]
fn old_trustees_neither_close_nor_open_after_a_resharing() {
    let mut world = World::town(31);
    let mut plan = Plan::reshared_town(&mut world);
    let honest = plan.write(&mut world.rng);
    let full = tabella::board::replay(&honest.bytes, &mut world.rng).unwrap();
    plan.by_old = vec![Kind::Close, Kind::Share];
    let entries = |log: &forge::Log| -> Vec<Vec<u8>> {
        Entries::new(&log.bytes).map(|entry| entry.unwrap().to_vec()).collect()
    };
    let mut board = before(&full, 40);
    let close = &entries(&plan.write(&mut world.rng))[40];
    refuse(&mut board, close, Refusal::Signature { kind: Kind::Close });
    // The quorum is that of the new trustees; one of them has number four.
    let (heirs, election) = (&plan.handover.as_ref().unwrap().keys, plan.election());
    let place = board.state().frozen().unwrap();
    let hash = *heirs.ceremony.hash();
    let close = |number: u16| {
        let author = &heirs.secrets[usize::from(number) - 1];
        let signature = close_signature(&election, &hash, number, place, author, &mut rng(8));
        object(Kind::Close, &close_content(number, &signature))
    };
    board.post(&close(1), &mut world.rng).unwrap();
    board.post(&close(4), &mut world.rng).unwrap();
    let tally = full.entry(43).unwrap();
    refuse(&mut board, tally, Refusal::Quorum { group: String::new(), found: 2, expected: 3 });
    board.post(&close(2), &mut world.rng).unwrap();
    assert_eq!(board.state().phase(), Phase::Closed);

    let mut board = before(&full, 44);
    plan.by_old = vec![Kind::Share];
    let share = &entries(&plan.write(&mut world.rng))[44];
    let check = ProofCheck::Equation("DECRYPT.D1");
    refuse(&mut board, share, Refusal::Share { trustee: 1, check });
    // Nor can the one who did not hand over, under whatever number.
    let trustee = &plan.keys.trustees[1];
    let tally = board.state().tally().unwrap();
    let share = trustee.expose_factors(&election, tally, &mut world.rng).unwrap();
    let share = object(Kind::Share, &share.to_bytes());
    for number in [1, 2, 3, 4] {
        let refusal = Refusal::Share { trustee: number.into(), check };
        refuse(&mut board, &with_number(&share, number), refusal);
    }
}

/// A message of one attempt to reshare is invalid for every other, and an abandoned attempt does not change the keys.
#[test]
fn a_resharing_that_is_ordered_anew_begins_anew() {
    let mut world = World::town(28);
    let plan = Plan::reshared_town(&mut world);
    let log = plan.write(&mut world.rng);
    let full = tabella::board::replay(&log.bytes, &mut world.rng).unwrap();
    let mut board = before(&full, 26);
    assert_eq!(round(board.state()), Round::Deal);
    let keys_before = board.state().ceremony().cloned();
    let order = world.sign(&board, Kind::Reshare, &signed_content(&full, Kind::Reshare));
    board.post(&order, &mut world.rng).unwrap();
    assert_eq!(board.state().ceremony().cloned(), keys_before);
    assert_eq!(board.state().observer().unwrap().setup().epoch(), 2);
    let commit = full.entry(21).unwrap();
    refuse(&mut board, commit, keys(KeyError::Signature { number: 1 }));
    refuse(&mut board, full.entry(26).unwrap(), keys(KeyError::WrongRound { now: Round::Commit }));

    // The close ends it, and no other begins. Here nobody has begun to hand over, so there is a quorum.
    let mut board = before(&full, 21);
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let phase = Phase::Closed;
    refuse(&mut board, commit, Refusal::OutOfPhase { kind: Kind::Commit, phase });
    let content = signed_content(&full, Kind::Reshare);
    let order = world.sign(&board, Kind::Reshare, &content);
    refuse(&mut board, &order, Refusal::OutOfPhase { kind: Kind::Reshare, phase });
    let World { operator, rng, .. } = &mut world;
    board.tally(operator, rng).unwrap();
    let phase = Phase::Opening;
    refuse(&mut board, commit, Refusal::OutOfPhase { kind: Kind::Commit, phase });
    assert_eq!(board.state().ceremony().cloned(), keys_before);
}

#[test]
fn rolls_are_refused_by_name() {
    let mut world = World::town(4);
    let opened = world.open();
    let mut board = before(&opened, FIRST_BALLOT - 1);
    let World { operator, roll, rng, .. } = &mut world;
    let with = |change: &dyn Fn(&mut Vec<Registration>)| {
        let mut changed = roll.clone();
        change(&mut changed);
        changed
    };
    let elsewhere = World::town(5).roll[0].clone();
    let cases = [
        (Vec::new(), RollError::Empty),
        (with(&|r| r.push(r[1].clone())), RollError::Duplicate { line: 6, first: 1 }),
        (with(&|r| r[3].style = 2), RollError::UnknownStyle { line: 3, found: 2, styles: 2 }),
        (with(&|r| r[5].weight = 0), RollError::Weight { line: 5, found: 0 }),
        // A key registered for another election.
        (with(&|r| r[2] = elsewhere.clone()), RollError::Possession { lines: vec![2] }),
    ];
    for (roll, error) in cases {
        let before = view(&board);
        let refusal = board.post_roll(&roll, operator, rng).unwrap_err();
        assert_eq!(refusal, BoardError::Refused(Refusal::Roll(error)));
        assert_eq!(view(&board), before);
    }
    let stranger = AuthorSecret::random(rng).unwrap();
    let refusal = board.post_roll(roll, &stranger, rng).unwrap_err();
    assert!(matches!(refusal, BoardError::OtherOperator(_)), "{refusal}");
    board.post_roll(roll, operator, rng).unwrap();
}

#[test]
fn ballots_are_refused_by_name() {
    let (mut world, mut board, election) = open_town(6);
    let first = world.vote(&election, 0, &remote(0, 0), "ada");
    board.post(&first, &mut world.rng).unwrap();

    // For the other district, with a valid proof.
    let other_style = world.vote(&election, 0, &remote(1, 1), "ada");
    refuse(&mut board, &other_style, Refusal::WrongStyle { found: 1, expected: 0 });
    let stranger = Credential::random(&mut world.rng).unwrap();
    let forgery = Forgery::honest(&stranger, remote(0, 0), &[1, 0, 1, 0, 0], 5);
    let unknown = object(Kind::Ballot, &forgery.bytes(&election, &mut world.rng));
    refuse(&mut board, &unknown, Refusal::UnknownVoter);
    // The same bytes again count once, and the answer names their entry.
    refuse(&mut board, &first, Refusal::AlreadyOnBoard { entry: FIRST_BALLOT });
    let ahead = world.vote(&election, 0, &remote(0, 2), "ada");
    refuse(&mut board, &ahead, Refusal::WrongSequence { found: 2, expected: 1 });
    let behind = world.vote(&election, 0, &remote(0, 0), "ada");
    refuse(&mut board, &behind, Refusal::WrongSequence { found: 0, expected: 1 });
    let max = u32::MAX;
    let last = world.vote(&election, 0, &remote(0, max), "ada");
    refuse(&mut board, &last, Refusal::WrongSequence { found: max, expected: 1 });

    let entries = [1, 2].map(|sequence| {
        let ballot = world.vote(&election, 0, &remote(0, sequence), "ben");
        board.post(&ballot, &mut world.rng).unwrap()
    });
    assert_eq!(entries.map(|a| (a.entry, a.replaces)), [(20, Some(19)), (21, Some(20))]);
    let fourth = world.vote(&election, 0, &remote(0, 3), "ada");
    refuse(&mut board, &fourth, Refusal::TooManyBallots { cap: 3 });
    assert_eq!(board.state().next_sequence(world.voters[0].public()), Some(3));
    assert_eq!(board.state().next_sequence(stranger.public()), None);
    assert_eq!(board.state().counted(), 1);
    let (_, outcome) = world.finish(&mut board, &[0, 1]);
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Ok(0), Ok(1)));
}

/// ATTACK. Somebody withholds a voter's old ballot and posts it later as the last one.
#[test]
fn a_withheld_ballot_does_not_become_the_last_one() {
    let (mut world, mut board, election) = open_town(7);
    let withheld = [0, 1].map(|sequence| world.vote(&election, 0, &remote(0, sequence), "ada"));
    for sequence in [0, 1] {
        let ballot = world.vote(&election, 0, &remote(0, sequence), "ben");
        board.post(&ballot, &mut world.rng).unwrap();
    }
    for (ballot, found) in withheld.iter().zip(0..) {
        refuse(&mut board, ballot, Refusal::WrongSequence { found, expected: 2 });
    }
    // Nor can one that was on the board before.
    let replaced = board.entry(FIRST_BALLOT).unwrap().to_vec();
    refuse(&mut board, &replaced, Refusal::WrongSequence { found: 0, expected: 2 });
}

/// Each value that the proof covers is changed alone; all other rules of the board are kept.
#[test]
fn a_ballot_is_good_for_one_statement_only() {
    let (mut world, mut board, election) = open_town(8);
    let station = |place| Header { origin: Origin::Station(place), ..remote(0, 0) };
    let good = world.vote(&election, 0, &station(0), "ada");
    let other = world.vote(&election, 1, &station(0), "ada");
    let head = 1 + header_bytes(&station(0)).len();
    let with_header = |header: &Header, voter: usize, tail: &[u8]| {
        let key = world.voters[voter].public().as_bytes();
        [&[Kind::Ballot as u8], &header_bytes(header)[..], key, tail].concat()
    };
    let tail = &good[head + 32..];
    assert_eq!(with_header(&station(0), 0, tail), good);
    // Another station, remote, and another voter of the same style.
    refuse(&mut board, &with_header(&station(1), 0, tail), V1);
    refuse(&mut board, &with_header(&remote(0, 0), 0, tail), V1);
    refuse(&mut board, &with_header(&station(0), 1, tail), V1);
    // Style 1 has the same slots and rules, so only the transcript distinguishes them.
    refuse(&mut board, &with_header(&Header { style: 1, ..station(0) }, 3, tail), V1);
    // Each point of the ciphertext is replaced by that of another valid ballot.
    for point in 0..=election.manifest().slots() {
        let place = head + 32 * (1 + point);
        let mut swapped = good.clone();
        swapped[place..place + 32].copy_from_slice(&other[place..place + 32]);
        refuse(&mut board, &swapped, V1);
    }

    // Another sequence number, when it is the expected one.
    board.post(&good, &mut rng(0)).unwrap();
    let next = with_header(&Header { sequence: 1, ..station(0) }, 0, tail);
    // The nonce point alone reveals it; the proof would, too.
    refuse(&mut board, &next, Refusal::NonceReused);
    let error = election.verify(election.read_ballot(&next[1..]).unwrap(), &mut rng(0));
    assert_eq!(error.unwrap_err().culprits()[0].check, ProofCheck::Equation("BALLOT.V1"));
}

#[test]
fn a_ballot_is_good_for_one_election_only() {
    let (mut world, _, election) = open_town(9);
    let ballot = world.vote(&election, 0, &remote(0, 0), "ada");

    // The same manifest and roll with other keys.
    let again = tabella::keys::in_one_process(&world.manifest, &world.secrets, &mut world.rng);
    (world.ceremony, world.trustees) = again.unwrap();
    refuse(&mut world.open(), &ballot, V1);

    // The same people in another election.
    let mut other = World::town(10);
    let register = |(voter, line): (&Credential, &Registration)| -> Registration {
        voter.registration(&other.manifest, line.style, &mut rng(1)).unwrap()
    };
    other.roll = world.voters.iter().zip(&world.roll).map(register).collect();
    refuse(&mut other.open(), &ballot, V1);
}

/// ATTACK. A nonce point is copied, by somebody who was given the nonce, or without it.
#[test]
fn a_nonce_counts_as_seen_once_its_ballot_is_accepted() {
    let (mut world, mut board, election) = open_town(11);
    let bits = [0, 1, 0, 0, 1];
    let mut forge = |voter: usize, header, nonce| {
        let forgery = Forgery::honest(&world.voters[voter], header, &bits, nonce);
        object(Kind::Ballot, &forgery.bytes(&election, &mut world.rng))
    };
    let first = forge(0, remote(0, 0), 5);
    let other = forge(1, remote(0, 0), 6);
    // Voter 1 posts voter 0's nonce point first, without a valid proof: that blocks nobody.
    let a = 8 + 32;
    let mut copy = other.clone();
    copy[a..a + 32].copy_from_slice(&first[a..a + 32]);
    refuse(&mut board, &copy, V1);
    // Nor does a valid proof on a ballot that is refused for another reason.
    refuse(
        &mut board,
        &forge(1, remote(0, 2), 5),
        Refusal::WrongSequence { found: 2, expected: 0 },
    );
    board.post(&first, &mut rng(0)).unwrap();

    refuse(&mut board, &forge(1, remote(0, 0), 5), Refusal::NonceReused);
    refuse(&mut board, &forge(0, remote(0, 1), 5), Refusal::NonceReused);
    board.post(&other, &mut rng(0)).unwrap();
    board.post(&forge(0, remote(0, 1), 7), &mut rng(0)).unwrap();
    // A replaced ballot's nonce is still remembered.
    refuse(&mut board, &forge(3, remote(1, 0), 5), Refusal::NonceReused);
}

/// Somebody who floods a board with ballots in others' names cannot make it decode a point or verify a proof, unless roll,
/// sequence and nonce are right.
#[test]
fn cheap_rules_come_before_points_and_proofs() {
    let (mut world, mut board, election) = open_town(13);
    let stranger = world.voters.len();
    world.voters.push(Credential::random(&mut world.rng).unwrap());
    let cast = world.vote(&election, 0, &remote(0, 0), "ada");
    let mut next = world.vote(&election, 1, &remote(0, 0), "ada");
    next[40..72].copy_from_slice(&cast[40..72]);
    let mut ballots = vec![
        (world.vote(&election, stranger, &remote(0, 0), "ada"), Refusal::UnknownVoter),
        (
            world.vote(&election, 0, &remote(1, 1), "ada"),
            Refusal::WrongStyle { found: 1, expected: 0 },
        ),
        (
            world.vote(&election, 0, &remote(0, 0), "ben"),
            Refusal::WrongSequence { found: 0, expected: 1 },
        ),
        (
            world.vote(&election, 0, &remote(0, 2), "ben"),
            Refusal::WrongSequence { found: 2, expected: 1 },
        ),
        (next, Refusal::NonceReused),
    ];
    board.post(&cast, &mut world.rng).unwrap();
    let mut all = Vec::new();
    for (ballot, refusal) in &mut ballots {
        let end = ballot.len();
        // Neither an element nor a scalar.
        ballot[72..end].fill(255);
        let verdict = board.post(ballot, &mut world.rng);
        assert_eq!(verdict.unwrap_err(), *refusal);
        all.push(ballot.clone());
    }
    let verdicts = board.post_all(&all, &mut world.rng);
    assert!(
        verdicts
            .iter()
            .zip(&ballots)
            .all(|(verdict, (_, refusal))| verdict.as_ref() == Err(refusal))
    );
    let good = world.vote(&election, 0, &remote(0, 1), "ben");
    let mut wrong = good.clone();
    wrong[72..104].fill(255);
    let kind = DecodeErrorKind::NotAnElement;
    refuse(&mut board, &wrong, malformed(71, kind));
    board.post(&good, &mut world.rng).unwrap();
}

#[test]
fn storage_that_gives_back_something_else_is_noticed() {
    let (mut world, mut board, election) = open_town(12);
    let first = world.vote(&election, 0, &remote(0, 0), "ada");
    let other = world.vote(&election, 0, &remote(0, 0), "ben");
    board.post(&first, &mut world.rng).unwrap();
    let next = world.vote(&election, 0, &remote(0, 1), "ben");
    let mut state: State = board.state().clone();
    let answers = [None, Some(Vec::new()), Some(other), Some(first[..first.len() - 1].to_vec())];
    for answer in answers {
        let result = state.apply(&next, |_| answer.clone(), &mut world.rng);
        assert_eq!(result, Err(Refusal::Storage { entry: FIRST_BALLOT }));
        assert_eq!((state.size(), state.root()), (board.state().size(), board.state().root()));
        assert_eq!(state.partial_tally(), board.state().partial_tally());
    }
    let stored = |entry| (entry == FIRST_BALLOT).then(|| first.clone());
    let accepted = state.apply(&next, stored, &mut world.rng).unwrap();
    let replaces = Some(FIRST_BALLOT);
    assert_eq!(accepted, Accepted { entry: 20, kind: Kind::Ballot, replaces });
}

#[test]
fn tallies_are_refused_by_name() {
    let mut world = World::town(14);
    let mut board = world.town_board();
    board.close(&world.operator, &mut world.trustees, &mut world.rng).unwrap();
    let honest = tabella::tally::Tally::new(board.state().partial_tally().unwrap());
    let bytes = honest.to_bytes();
    assert_eq!(honest.cells().len(), 4);
    let mut at = 4;
    for (cell, tally) in honest.cells().iter().enumerate() {
        let length = tally.to_bytes().len();
        // Contest, number of ballots, the last point of the sum.
        for byte in [at + 3, at + 19, at + length - 1] {
            let mut changed = bytes.clone();
            changed[byte] ^= 1;
            let object = world.sign(&board, Kind::Tally, &changed);
            refuse(&mut board, &object, Refusal::WrongSum { cell });
        }
        let object = world.sign(&board, Kind::Tally, &bytes[..at]);
        refuse(&mut board, &object, Refusal::WrongSum { cell });
        at += length;
    }
    let mut more = bytes.clone();
    more[3] += 1;
    for wrong in [more, [&bytes[..], &[0]].concat()] {
        let object = world.sign(&board, Kind::Tally, &wrong);
        refuse(&mut board, &object, Refusal::WrongSum { cell: 4 });
    }
    let trustee = &world.secrets[0];
    let state = board.state();
    let object = signed_by(trustee, state, &world.manifest, Kind::Tally, &bytes, &mut rng(1));
    refuse(&mut board, &object, Refusal::Signature { kind: Kind::Tally });
    let object = world.sign(&board, Kind::Tally, &bytes);
    board.post(&object, &mut world.rng).unwrap();
}

#[test]
fn shares_and_results_are_refused_by_name() {
    let mut world = World::town(15);
    let mut full = world.town_board();
    let before = full.clone();
    let (tally, _) = world.finish(&mut full, &[0, 1, 2]);
    let mut board = before;
    for entry in full.state().size() - 9..full.state().size() - 4 {
        board.post(full.entry(entry).unwrap(), &mut world.rng).unwrap();
    }
    assert_eq!(board.state().phase(), Phase::Opening);
    let shares: Vec<_> = objects(&full).into_iter().filter(|o| o[0] == Kind::Share as u8).collect();
    let share = &shares[0];
    let (d1, author) = (ProofCheck::Equation("DECRYPT.D1"), ProofCheck::Equation("DECRYPT.AUTHOR"));
    let wrong = |trustee, check| Refusal::Share { trustee, check };

    // With another trustee's number, with nobody's; with another's factors; with a changed response.
    let renumbered = |number: u8| [&[share[0], 0, number], &share[3..]].concat();
    refuse(&mut board, &renumbered(2), wrong(2, d1));
    refuse(&mut board, &renumbered(0), wrong(0, ProofCheck::Shape));
    refuse(&mut board, &renumbered(4), wrong(4, ProofCheck::Shape));
    let factors = 3..3 + 32 * tally.opened().len();
    let mut swapped = share.clone();
    swapped[factors.clone()].copy_from_slice(&shares[1][factors.clone()]);
    refuse(&mut board, &swapped, wrong(1, d1));
    let mut answer = share.clone();
    let last = answer.len() - 32;
    answer[last] ^= 1;
    refuse(&mut board, &answer, wrong(1, author));
    let mut no_point = share.clone();
    no_point[3..35].fill(0xff);
    refuse(&mut board, &no_point, malformed(2, DecodeErrorKind::NotAnElement));
    no_point[3..35].fill(0);
    refuse(&mut board, &no_point, malformed(2, DecodeErrorKind::Identity));
    let trailing = DecodeErrorKind::Trailing { extra: 1 };
    let longer = [&share[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(share.len() - 1, trailing));

    let result = signed_content(&full, Kind::Result);
    let post_result =
        |board: &Board, world: &mut World, content: &[u8]| world.sign(board, Kind::Result, content);
    let early = post_result(&board, &mut world, &result);
    refuse(
        &mut board,
        &early,
        Refusal::TooFewShares { group: String::new(), found: 0, expected: 2 },
    );
    board.post(share, &mut world.rng).unwrap();
    refuse(&mut board, share, Refusal::Trustee { number: 1 });
    let early = post_result(&board, &mut world, &result);
    refuse(
        &mut board,
        &early,
        Refusal::TooFewShares { group: String::new(), found: 1, expected: 2 },
    );
    board.post(&shares[2], &mut world.rng).unwrap();

    // 2 + 2 totals for the mayor, 3 + 3 for the pool, then the turnout.
    let cells = [0, 0, 1, 1, 2, 2, 2, 3, 3, 3];
    let turnout = 8 * cells.len();
    let parts = [
        (4, TurnoutPart::District, 0),
        (12, TurnoutPart::District, 1),
        (24, TurnoutPart::OnRoll, 0),
        (32, TurnoutPart::OnRoll, 1),
        (44, TurnoutPart::Station, 0),
        (52, TurnoutPart::Station, 1),
        (60, TurnoutPart::Remote, 0),
    ];
    assert_eq!(result.len(), turnout + 68);
    let totals =
        cells.into_iter().enumerate().map(|(i, cell)| (8 * i, Refusal::WrongTotal { cell }));
    let turnouts =
        parts.map(|(at, part, place)| (turnout + at, Refusal::WrongTurnout { part, place }));
    for (at, refusal) in totals.chain(turnouts) {
        // One more, and a number that is not in any table.
        for byte in [at + 7, at] {
            let mut changed = result.clone();
            changed[byte] = changed[byte].wrapping_add(1);
            let object = post_result(&board, &mut world, &changed);
            refuse(&mut board, &object, refusal.clone());
        }
    }
    // A list of the turnout that is shorter than the manifest's, and one that is longer.
    let mut shorter = result.clone();
    shorter.drain(turnout + 12..turnout + 20);
    shorter[turnout + 3] = 1;
    let object = post_result(&board, &mut world, &shorter);
    refuse(&mut board, &object, Refusal::WrongTurnout { part: TurnoutPart::District, place: 1 });
    let mut count = result.clone();
    count[turnout + 3] = 3;
    let object = post_result(&board, &mut world, &count);
    refuse(&mut board, &object, malformed(turnout, DecodeErrorKind::Count { found: 3, cap: 2 }));
    let object = post_result(&board, &mut world, &result[..result.len() - 1]);
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &object, malformed(result.len() - 1, missing));
    let state = board.state();
    let by_trustee =
        signed_by(&world.secrets[0], state, &world.manifest, Kind::Result, &result, &mut rng(1));
    refuse(&mut board, &by_trustee, Refusal::Signature { kind: Kind::Result });
    // Signed when there was one share fewer.
    refuse(&mut board, &early, Refusal::Signature { kind: Kind::Result });
    let object = post_result(&board, &mut world, &result);
    board.post(&object, &mut world.rng).unwrap();
}

/// ATTACK. A trustee signs a share that opens nothing, to stop the tally or to incriminate others.
#[test]
fn a_share_that_is_signed_and_wrong_is_kept_and_does_not_count() {
    let mut world = World::town(30);
    let mut board = world.town_board();
    let election = board.election().unwrap().clone();
    let World { operator, trustees, secrets, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    let ceremony = board.state().ceremony().unwrap().clone();
    let mut wrong = |number: u16, author: usize| {
        let author = &secrets[author - 1];
        let share = forge::signed_share(&election, &ceremony, &tally, number, author, &mut *rng);
        object(Kind::Share, &share)
    };
    let [first, second] = [wrong(2, 2), wrong(2, 2)];
    let d1 = ProofCheck::Equation("DECRYPT.D1");
    let refused = |trustee| Refusal::Share { trustee, check: d1 };
    // Not signed by the trustee that it names.
    refuse(&mut board, &wrong(1, 2), refused(1));
    refuse(&mut board, &wrong(2, 1), refused(2));
    for number in [0, 4] {
        let shape = Refusal::Share { trustee: number, check: ProofCheck::Shape };
        refuse(&mut board, &wrong(number, 2), shape);
    }
    board.post(&first, rng).unwrap();
    let faulty = |board: &Board| board.state().faulty_shares().clone();
    assert_eq!(faulty(&board), [(2, d1)].into());
    // One wrong share is evidence enough.
    refuse(&mut board, &first, refused(2));
    refuse(&mut board, &second, refused(2));
    board.post(&trustees[0].open(board.state(), rng).unwrap(), rng).unwrap();
    assert_eq!(board.state().shares().len(), 1);
    let table = DlogTable::new(tally.bound());
    assert!(board.finish(operator, &table, rng).is_err());

    // The two others can open without the second trustee, and the second can still open, too.
    let mut without = board.clone();
    without.post(&trustees[2].open(board.state(), rng).unwrap(), rng).unwrap();
    let outcome = without.finish(operator, &table, rng).unwrap();
    assert_eq!(faulty(&without), [(2, d1)].into());
    board.post(&trustees[1].open(board.state(), rng).unwrap(), rng).unwrap();
    assert_eq!(faulty(&board), [].into());
    assert_eq!(board.finish(operator, &table, rng).unwrap(), outcome);
    let report = audit::run(without.bytes(), &Expect::default(), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.opened_by, report.faulty_shares), (vec![1, 3], vec![2]));
}

/// A failing generator says nothing about the object, whatever it is.
#[test]
fn a_failing_generator_is_no_verdict() {
    let mut world = World::town(16);
    let log = Plan::reshared_town(&mut world).write(&mut world.rng);
    let full = tabella::board::replay(&log.bytes, &mut world.rng).unwrap();
    let mut board = Board::new();
    for object in objects(&full) {
        let before = view(&board);
        for left in 0.. {
            match board.post(&object, &mut Failing { rng: rng(1), left }) {
                Ok(_) => {
                    assert!(left > 0, "kind {} was accepted unchecked", object[0]);
                    break;
                }
                Err(refusal) => assert_eq!(refusal, Refusal::Randomness),
            }
            assert_eq!(view(&board), before);
        }
    }
    assert_eq!(board.bytes(), full.bytes());
}

/// Objects between two ballots of one call make no difference.
#[test]
fn a_ballot_replaces_one_of_the_same_call() {
    let (mut world, mut board, election) = open_town(20);
    let ballots = [0, 1].map(|sequence| world.vote(&election, 0, &remote(0, sequence), "ada"));
    let [first, next] = &ballots;
    for between in [vec![], vec![vec![42]], vec![vec![], next[..99].to_vec(), vec![42]]] {
        let objects = [vec![first.clone()], between, vec![next.clone()]].concat();
        let mut board = board.clone();
        let verdicts = board.post_all(&objects, &mut world.rng);
        let accepted = verdicts.last().unwrap().as_ref().unwrap();
        assert_eq!((accepted.entry, accepted.replaces), (20, Some(FIRST_BALLOT)));
    }
    board.post(first, &mut world.rng).unwrap();
    assert_eq!(board.post(next, &mut world.rng).unwrap().replaces, Some(FIRST_BALLOT));
}

/// Entries of a record have other numbers than those of a board if the record has refused objects.
fn without_entry(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::AlreadyOnBoard { .. } => Refusal::AlreadyOnBoard { entry: 0 },
        other => other,
    }
}

/// Valid and invalid ballots, and other objects, for a board on which voting has just begun.
static POOL: LazyLock<(Board, Vec<Vec<u8>>)> = LazyLock::new(|| {
    let (mut world, board, election) = open_town(17);
    let mut pool = Vec::new();
    for (voter, sequence) in [(0, 0), (0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 0)] {
        pool.push(world.vote(&election, voter, &remote(0, sequence), "ada"));
    }
    let bits = [0, 1, 0, 0, 1];
    for (voter, header) in [(1, remote(0, 0)), (2, remote(0, 0)), (0, remote(0, 1))] {
        let forgery = Forgery::honest(&world.voters[voter], header, &bits, 5);
        pool.push(object(Kind::Ballot, &forgery.bytes(&election, &mut world.rng)));
    }
    pool.push(world.vote(&election, 0, &remote(1, 0), "ada"));
    let mut wrong = pool[7].clone();
    *wrong.last_mut().unwrap() ^= 1;
    pool.push(wrong);
    let mut wrong = pool[0].clone();
    let end = wrong.len() - 32;
    wrong[end] ^= 1;
    pool.push(wrong);
    pool.push(pool[5][..100].to_vec());
    // Each of these breaks several rules; the first of them is named.
    let stranger = world.voters.len();
    world.voters.push(Credential::random(&mut world.rng).unwrap());
    let mixed_up = [(stranger, 0, 0), (1, 1, 0), (0, 0, 3), (0, 0, 1), (2, 0, 1), (2, 0, u32::MAX)];
    for (voter, style, sequence) in mixed_up {
        let mut wrong = world.vote(&election, voter, &remote(style, sequence), "ada");
        let end = wrong.len() - 32;
        wrong[end] ^= 1;
        pool.push(wrong.clone());
        // The nonce point is not a point.
        wrong[40..72].fill(255);
        pool.push(wrong);
    }
    let mut wrong = pool[2].clone();
    wrong[72..104].fill(255);
    pool.push(wrong);
    let World { operator, trustees, rng, .. } = &mut world;
    let mut frozen = board.clone();
    let [freeze, lift] =
        [frozen.freeze(operator, rng).unwrap(), frozen.lift(operator, rng).unwrap()]
            .map(|accepted| frozen.entry(accepted.entry).unwrap().to_vec());
    let mut closed = board.clone();
    closed.post(&freeze, rng).unwrap();
    for trustee in trustees {
        let signature = trustee.sign_close(closed.state(), &[], rng).unwrap();
        pool.push(object(Kind::Close, &signature.to_bytes()));
    }
    pool.extend([freeze, lift]);
    pool.push(board.entry(FIRST_BALLOT - 1).unwrap().to_vec());
    pool.extend([vec![], vec![Kind::Ballot as u8], vec![42]]);
    (board, pool)
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// An audit says about each ballot in a record what the board said, with a part of another auditor or without.
    #[test]
    fn an_audit_refuses_what_the_board_refuses(
        picks in prop::collection::vec(0..POOL.1.len(), 0..16),
    ) {
        let (board, pool) = &*POOL;
        let ballots = picks.iter().map(|i| &pool[*i]).filter(|o| o.first() == Some(&(Kind::Ballot as u8)));
        let (mut single, mut record, mut expected) = (board.clone(), board.bytes().to_vec(), Vec::new());
        for (place, ballot) in ballots.enumerate() {
            record.extend((ballot.len() as u16).to_be_bytes());
            record.extend_from_slice(ballot);
            if let Err(refusal) = single.post(ballot, &mut rng(1)) {
                expected.push((Some(FIRST_BALLOT + place as u64), without_entry(refusal)));
            }
        }
        let mut alone = audit::Audit::new(&Expect::default());
        alone.advance(&mut Bytes::new(&record), FIRST_BALLOT, &mut rng(2)).unwrap();
        let part = alone.examine(&mut Bytes::new(&record), FIRST_BALLOT..u64::MAX, &mut rng(3)).unwrap();
        for parts in [vec![], vec![part]] {
            let mut audit = audit::Audit::with_parts(&Expect::default(), parts);
            audit.advance(&mut Bytes::new(&record), u64::MAX, &mut rng(4)).unwrap();
            let refused = audit.findings().iter().filter_map(|finding| match &finding.fault {
                audit::Fault::Refused { refusal, .. } => Some((finding.entry, without_entry(refusal.clone()))),
                _ => None,
            });
            prop_assert_eq!(refused.collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(audit.state().root(), single.state().root());
        }
    }

    /// However objects are grouped into calls, the verdicts are the same as one by one.
    #[test]
    fn verdicts_in_batches_are_verdicts_one_by_one(
        picks in prop::collection::vec(0..POOL.1.len(), 0..16),
        cut in 0..16usize,
    ) {
        let (board, pool) = &*POOL;
        let objects: Vec<&[u8]> = picks.iter().map(|i| pool[*i].as_slice()).collect();
        let [mut single, mut batch] = [board.clone(), board.clone()];
        let one_by_one: Vec<_> = objects.iter().map(|o| single.post(o, &mut rng(1))).collect();
        let (head, tail) = objects.split_at(cut.min(objects.len()));
        let mut verdicts = batch.post_all(head, &mut rng(2));
        verdicts.extend(batch.post_all(tail, &mut rng(3)));
        prop_assert_eq!(verdicts, one_by_one);
        prop_assert!(view(&batch) == view(&single));
    }
}

type Objects = Vec<Vec<u8>>;

/// What is posted in the town that reshares while it votes, from the first ballot to the tally; and other objects.
static VOTE: LazyLock<(Board, Objects, Objects)> = LazyLock::new(|| {
    let mut world = World::town(29);
    let plan = Plan::reshared_town(&mut world);
    let log = plan.write(&mut world.rng);
    let full = tabella::board::replay(&log.bytes, &mut world.rng).unwrap();
    let mut vote = objects(&full).split_off(FIRST_BALLOT as usize);
    vote.truncate(25);
    assert_eq!(vote[24][0], Kind::Tally as u8);
    let board = before(&full, FIRST_BALLOT);
    let election = board.election().unwrap().clone();
    let mut others = vec![vec![], vec![Kind::Ballot as u8], vec![Kind::Deal as u8, 0], vec![42]];
    for (voter, sequence) in [(0, 0), (0, 1), (0, 2), (1, 1), (2, 0)] {
        others.push(world.vote(&election, voter, &remote(0, sequence), "ben"));
    }
    let mut wrong = vote[3].clone();
    *wrong.last_mut().unwrap() ^= 1;
    others.push(wrong);
    others.extend(vote.iter().cloned());
    (board, vote, others)
});

/// A resharing between ballots: all in one call, or one by one.
#[test]
fn ballots_and_a_resharing_interleave_in_one_call() {
    let (board, vote, _) = &*VOTE;
    let [mut single, mut batch] = [board.clone(), board.clone()];
    let one_by_one: Vec<_> = vote.iter().map(|o| single.post(o, &mut rng(1))).collect();
    assert!(one_by_one.iter().all(Result::is_ok), "{one_by_one:?}");
    let verdicts = batch.post_all(vote, &mut rng(2));
    assert_eq!(verdicts, one_by_one);
    assert!(view(&batch) == view(&single));
    let replaced: Vec<_> = verdicts.into_iter().filter_map(|v| v.unwrap().replaces).collect();
    assert_eq!(replaced, [FIRST_BALLOT]);
    assert_eq!(batch.state().ceremony().unwrap().setup().epoch(), 1);
    assert_eq!(batch.state().phase(), Phase::Opening);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// The same with objects inserted and left out.
    #[test]
    fn verdicts_during_a_resharing_are_verdicts_one_by_one(
        added in prop::collection::vec((0..VOTE.1.len(), 0..VOTE.2.len()), 0..8),
        left_out in prop::collection::vec(0..VOTE.1.len(), 0..2),
        cut in 0..60usize,
    ) {
        let (board, vote, others) = &*VOTE;
        let mut objects: Vec<&[u8]> = Vec::new();
        for (place, object) in vote.iter().enumerate() {
            if !left_out.contains(&place) {
                objects.push(object);
            }
            objects.extend(added.iter().filter(|(p, _)| *p == place).map(|(_, i)| &others[*i][..]));
        }
        let [mut single, mut batch] = [board.clone(), board.clone()];
        let one_by_one: Vec<_> = objects.iter().map(|o| single.post(o, &mut rng(1))).collect();
        let (head, tail) = objects.split_at(cut.min(objects.len()));
        let mut verdicts = batch.post_all(head, &mut rng(2));
        verdicts.extend(batch.post_all(tail, &mut rng(3)));
        prop_assert_eq!(verdicts, one_by_one);
        prop_assert!(view(&batch) == view(&single));
    }
}

/// The ballots of a referendum that each break one equation, and that equation.
fn forgeries(voter: &Credential, header: Header) -> [(Forgery, &'static str); 4] {
    let honest = || Forgery::honest(voter, header, &[1, 0], 3);
    let two_and_minus_one = Forgery { bits: vec![2, -1], values: vec![2, -1], ..honest() };
    let unknown_nonce = Forgery { known_nonce: Scalar::from(4u64), ..honest() };
    let more_votes = Forgery { values: vec![1000, 0], ..honest() };
    let no_signer = Forgery { signer: Scalar::ONE, ..honest() };
    [
        (two_and_minus_one, "BALLOT.V1"),
        (unknown_nonce, "BALLOT.V2"),
        (more_votes, "BALLOT.V2"),
        (no_signer, "BALLOT.V2"),
    ]
}

#[test]
fn one_bad_ballot_among_a_thousand_is_named() {
    let contest = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world = World::new(18, (1, 1), &[0; 21], |b| b.contest(contest).ballots_per_voter(50));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let yes = Choices::new().pick("bridge", "yes");
    let mut ballots = Vec::new();
    for sequence in 0..50 {
        for voter in 0..20 {
            ballots.push(world.ballot(&election, voter, &remote(0, sequence), &yes));
        }
    }
    let bytes: Vec<Vec<u8>> = ballots.iter().map(Encode::to_bytes).collect();
    let rng = &mut world.rng;
    for ((forgery, tag), place) in
        forgeries(&world.voters[20], remote(0, 0)).into_iter().zip([0, 333, 998, 1000])
    {
        let bad = forgery.bytes(&election, rng);
        let error = BallotError::Proof(ProofCheck::Equation(tag));
        assert_eq!(election.verify_all(&[&bad], rng).unwrap(), [Err(error)]);
        let mut with_bad = bytes.clone();
        with_bad.insert(place, bad);
        let results = election.verify_all(&with_bad, rng).unwrap();
        for (i, (result, bytes)) in results.into_iter().zip(with_bad).enumerate() {
            let result = result.map(|ballot| ballot.to_bytes());
            assert_eq!(result, if i == place { Err(error) } else { Ok(bytes) }, "ballot {i}");
        }
    }

    let (forgery, _) = forgeries(&world.voters[20], remote(0, 0))[2].clone();
    let bad = election.read_ballot(&forgery.bytes(&election, rng)).unwrap();
    ballots.insert(500, bad);
    let results = board.post_all(&ballots, rng);
    let refused: Vec<_> = results.iter().enumerate().filter(|(_, r)| r.is_err()).collect();
    let proof = Err(Refusal::Proof(ProofCheck::Equation("BALLOT.V2")));
    assert_eq!(refused, [(500, &proof)]);
    assert_eq!((board.state().size(), board.state().counted()), (9 + 1000, 20));
}

/// The time for 4,096 ballots of which some are invalid, as a multiple of the time if all are valid.
#[test]
#[ignore = "measures"]
fn bad_ballots_among_thousands_cost_little() {
    let (mut world, _, election) = open_town(31);
    let mut ballots: Vec<Vec<u8>> = (0..4096)
        .map(|sequence| world.vote(&election, 0, &remote(0, sequence), "ada").split_off(1))
        .collect();
    let mut base = f64::NAN;
    for count in [0, 1, 10, 100, 1000, 4096_usize] {
        let bad = |place: &usize| (place + 1) * count / 4096 > place * count / 4096;
        for (_, ballot) in ballots.iter_mut().enumerate().filter(|(place, _)| bad(place)) {
            let end = ballot.len() - 32;
            ballot[end] ^= 1;
        }
        let times: Vec<f64> = (0..5)
            .map(|_| {
                let start = std::time::Instant::now();
                let verdicts = election.verify_all(&ballots, &mut world.rng).unwrap();
                assert_eq!(verdicts.iter().filter(|verdict| verdict.is_err()).count(), count);
                start.elapsed().as_secs_f64()
            })
            .collect();
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        base = if count == 0 { least } else { base };
        println!("{count:5} bad: {:.0} ms, {:.2} times", 1e3 * least, least / base);
        for (_, ballot) in ballots.iter_mut().enumerate().filter(|(place, _)| bad(place)) {
            let end = ballot.len() - 32;
            ballot[end] ^= 1;
        }
    }
}

#[test]
fn a_ballot_is_refused_after_any_change_of_its_bytes() {
    let contest = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world = World::new(19, (1, 1), &[0], |b| b.contest(contest));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "no");
    let ballot = world.ballot(&election, 0, &remote(0, 0), &choices).to_bytes();
    let mut proofs = 0;
    bit_flips(&ballot, |bit, flipped| {
        let refusal = board.post(&object(Kind::Ballot, flipped), &mut world.rng).unwrap_err();
        match refusal {
            Refusal::Proof(ProofCheck::Equation(_)) => proofs += 1,
            Refusal::Malformed(_) | Refusal::UnknownVoter => {}
            Refusal::WrongSequence { .. } => {
                let ballot = election.read_ballot(flipped).unwrap();
                assert!(election.verify(ballot, &mut world.rng).is_err(), "bit {bit}");
            }
            other => panic!("bit {bit}: {other}"),
        }
    });
    // Five scalars of 253 bits, and about a quarter of all flips in points, can be read.
    assert!(proofs > 1500, "{proofs} proofs were checked");
    for end in 0..ballot.len() {
        let refusal =
            board.post(&object(Kind::Ballot, &ballot[..end]), &mut world.rng).unwrap_err();
        assert!(matches!(refusal, Refusal::Malformed(_)), "{end} bytes: {refusal}");
    }
    for extra in [1, 32, 64, 10_000] {
        let longer = [&ballot[..], &vec![0; extra]].concat();
        let kind = DecodeErrorKind::Trailing { extra };
        refuse(&mut board, &object(Kind::Ballot, &longer), malformed(ballot.len(), kind));
    }
    board.post(&object(Kind::Ballot, &ballot), &mut world.rng).unwrap();
}
