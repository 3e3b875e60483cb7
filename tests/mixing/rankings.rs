//! Attacks on what is mixed, opened and counted: by voters through what they encrypt, and by mixers, trustees and the
//! operator through what they claim about it.

use attacks::{
    World, forge,
    mixes::{Hall, Sealed, ballot_with, open, re_encrypt, scalars, schulze},
    rng,
};
use curve25519_dalek::{RistrettoPoint, Scalar, traits::Identity};
use rand_chacha::{ChaCha20Rng, rand_core::RngCore};
use tabella::{
    audit::{self, Expect},
    ballot::{CastBallot, Choices, Election, Header},
    board::{Board, Kind, Refusal},
    contest::{Broken, Contest, Unreadable},
    crypto::{
        ProofCheck,
        elgamal::Ciphertext,
        group::Element,
        message::{self, NotAMessage, SlotFault},
    },
    tally::{LeftOut, Outcome},
};

/// Mixes all cells with trustees 1 and 2.
fn mix(world: &mut World, board: &mut Board) {
    let World { trustees, rng, .. } = world;
    board.mix(&trustees[..2], rng).unwrap();
}

/// From a board with ballots to the result, which an audit accepts.
fn finish(world: &mut World, board: &mut Board) -> Outcome {
    let World { operator, trustees, rng, .. } = &mut *world;
    board.close(operator, trustees, rng).unwrap();
    board.tally(operator, rng).unwrap();
    mix(world, board);
    open(world, board).0
}

/// Pfitzmann's attack: whoever recognises a row that was sent through the mix twice learns its content.
#[test]
fn nobody_can_send_the_message_of_another_ballot_through_the_mix() {
    let mut world = Hall::world(1);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let ballot = world.ballot(&election, 0, &Header::remote(0), &Hall::choices(0));
    board.post(&ballot, &mut world.rng).unwrap();
    let keys: Vec<Element> = election.slot_keys().to_vec();
    let r = Scalar::random(&mut world.rng);
    let victim = ballot.ciphertext().clone();
    let mut of_another = re_encrypt(&keys, &victim, &r);
    // Own votes in the summed slots, which the proof covers.
    let own = Ciphertext::encrypt(&keys[2..4], &[Scalar::ZERO, Scalar::ZERO], &r).unwrap();
    let bits: &[u64] = &[0, 0, 1];
    let mut cases = vec![
        ("the same ciphertext", victim.clone(), Scalar::ZERO),
        ("the same ciphertext, and a guess of its nonce", victim.clone(), r),
        ("re-encrypted", of_another.clone(), r),
        ("twice of it", re_encrypt(&keys, &twice(&victim), &r), r),
    ];
    of_another.b[2..4].copy_from_slice(&own.b);
    cases.push(("re-encrypted messages, and votes of one's own", of_another, r));
    // Only the message slots, with one's own nonce point: they do not hold the messages.
    let mut slots = victim.clone();
    slots.a = Element::from_secret(&r).unwrap();
    let mut honest = Ciphertext::encrypt(&keys, &scalars(6, &mut world.rng), &r).unwrap();
    honest.b[2..5].copy_from_slice(
        &Ciphertext::encrypt(&keys[2..5], &[0u64, 0, 1].map(Scalar::from), &r).unwrap().b,
    );
    honest.b[..2].copy_from_slice(&victim.b[..2]);
    for voter in [0, 1] {
        for (name, ciphertext, nonce) in &cases {
            let header = Header { sequence: 1 - voter as u32, ..Header::remote(0) };
            let sealed = Sealed { header, ciphertext, bits, nonce: *nonce };
            let content = sealed.bytes(&mut world, &election, voter);
            let object = forge::object(Kind::Ballot, &content);
            let refused = match ciphertext.a == victim.a {
                true => Refusal::NonceReused,
                false => Refusal::Proof(ProofCheck::Equation("BALLOT.V2")),
            };
            let found = board.post(&object, &mut world.rng);
            assert_eq!(found, Err(refused), "{name}, voter {voter}");
        }
    }
    // This is accepted but reveals nothing: its content is not a message.
    let sealed = Sealed { header: Header::remote(0), ciphertext: &honest, bits, nonce: r };
    let content = sealed.bytes(&mut world, &election, 2);
    board.post(&forge::object(Kind::Ballot, &content), &mut world.rng).unwrap();
    let outcome = finish(&mut world, &mut board);
    let invalid = |contest: &str| {
        let place = outcome.manifest().contest(contest);
        let counted = outcome.counted().iter().find(|counted| Some(counted.contest) == place);
        counted.unwrap().invalid.len()
    };
    assert_eq!(["council", "jury", "mayor"].map(invalid), [1, 1, 1]);
    assert_eq!(outcome.elected("council"), Ok(vec!["a"]));
}

fn twice(row: &Ciphertext) -> Ciphertext {
    let twice = |e: &Element| Element::new(e.point() + e.point()).unwrap();
    Ciphertext { a: twice(&row.a), b: row.b.iter().map(twice).collect() }
}

/// A generator with constant output, like that of a machine that was just switched on.
struct Stuck;

impl RngCore for Stuck {
    fn next_u32(&mut self) -> u32 {
        7
    }

    fn next_u64(&mut self) -> u64 {
        7
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_chacha::rand_core::Error> {
        bytes.fill(7);
        Ok(())
    }
}

impl rand_chacha::rand_core::CryptoRng for Stuck {}

/// With one nonce for two rankings, everybody could read their difference; and if one were spoiled and opened, the nonce of
/// the other would be on the board.
#[test]
fn other_rankings_and_names_have_other_nonces_even_if_the_generator_is_stuck() {
    let mut world = Hall::world(2);
    let election = world.open().election().unwrap().clone();
    let voter = &world.voters[0];
    let cast = |choices: &Choices| -> CastBallot {
        election.encrypt(voter, &Header::remote(0), choices, &mut Stuck).unwrap().cast()
    };
    let choices = Hall::choices(0);
    let other = |order: [&str; 3], name: &str| {
        let back = ["c", "b", "a"];
        Choices::new().rank("council", order).rank("jury", back).write_in("mayor", name)
    };
    let first = cast(&choices);
    assert_eq!(first, cast(&other(["a", "b", "c"], "Zoë")));
    let others = [other(["a", "c", "b"], "Zoë"), other(["a", "b", "c"], "Zoe")];
    for choices in &others {
        assert_ne!(first.ciphertext().a, cast(choices).ciphertext().a);
    }
    assert_ne!(cast(&others[0]).ciphertext().a, cast(&others[1]).ciphertext().a);
}

/// Removing repeated rows between mixes would lose a vote, so nobody removes any.
#[test]
fn a_mixer_who_knows_two_nonces_and_makes_their_rows_equal_drops_no_vote() {
    let mut world = Hall::world(3);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let keys: Vec<Element> = election.slot_keys().to_vec();
    let encode = |ranks: [u8; 3]| message::encode(&ranks, 1).unwrap()[0];
    let text = message::encode(&[&[4], &b"Zo\xc3\xab"[..], &[0; 16]].concat(), 1).unwrap()[0];
    let point = |vote: u64| RistrettoPoint::mul_base(&Scalar::from(vote));
    // Two voters tell the mixer their nonces and vote for c. The others do not.
    let plain = [encode([3, 2, 1]), encode([1, 2, 3]), point(0), point(0), point(1), text];
    let nonces = scalars(2, &mut world.rng);
    for (voter, nonce) in nonces.iter().enumerate() {
        let ciphertext = &Ciphertext::encrypt_points(&keys, &plain, nonce).unwrap();
        let header = Header::remote(0);
        let sealed = Sealed { header, ciphertext, bits: &[0, 0, 1], nonce: *nonce };
        let content = sealed.bytes(&mut world, &election, voter);
        board.post(&forge::object(Kind::Ballot, &content), &mut world.rng).unwrap();
    }
    let ballot = world.ballot(&election, 2, &Header::remote(0), &Hall::choices(0));
    board.post(&ballot, &mut world.rng).unwrap();
    let mut hall = Hall::closed(&mut world, board);
    let mut rng = world.rng.clone();
    let task = hall.task(&world, 1, 0);
    let mut shifts = scalars(3, &mut rng);
    // Outputs 0 and 2 are inputs 1 and 0.
    shifts[2] = shifts[0] + nonces[1] - nonces[0];
    let deed = task.deed(vec![1, 2, 0], shifts);
    assert_eq!(deed.outputs[0], deed.outputs[2]);
    let mix = task.done(&deed, &mut rng);
    assert_eq!(hall.post(&mix, &mut rng), Ok(()));
    let (outcome, report) = hall.finish(&mut world);
    assert_eq!((report.mixed[0].rows, report.faulty_mixes.len()), (3, 0));
    assert_eq!(outcome.mixed()[0].rows().len(), 3);
    assert_eq!(outcome.elected("council"), Ok(vec!["c"]));
    assert_eq!(outcome.elected("mayor"), Ok(vec!["Zoë"]));
    assert!(outcome.counted().iter().all(|counted| counted.invalid.is_empty()));
}

/// A ranking of a, b, c and at most two names in one contest, and in another Emil, Fay or a name of at most 30 bytes.
fn parish(seed: u8, voters: usize) -> World {
    World::new(seed, (3, 2), &vec![0; voters], |builder| {
        let council = Contest::rank("council", ["a", "b", "c"], schulze()).write_ins(2, 12);
        builder
            .minimum_cell(1)
            .ballots_per_voter(3)
            .contest(council.ranks(0..=3))
            .contest(Contest::choose_one("mayor", ["Emil", "Fay"]).write_ins(1, 30))
    })
}

/// A message of the council in two slots, and one of the mayor in two.
struct Paper {
    council: Vec<RistrettoPoint>,
    mayor: Vec<RistrettoPoint>,
    writes: bool,
}

fn line(length: u8, name: &[u8], most: usize) -> Vec<u8> {
    let mut line = vec![length];
    line.extend_from_slice(name);
    line.resize(1 + most, 0);
    line
}

fn council(ranks: [u8; 5], names: [(u8, &[u8]); 2]) -> Vec<RistrettoPoint> {
    let lines = names.map(|(length, name)| line(length, name, 12)).concat();
    message::encode(&[&ranks[..], &lines].concat(), 2).unwrap().to_vec()
}

fn mayor(length: u8, name: &[u8]) -> Vec<RistrettoPoint> {
    message::encode(&line(length, name, 30), 2).unwrap().to_vec()
}

fn points(n: usize, rng: &mut ChaCha20Rng) -> Vec<RistrettoPoint> {
    (0..n).map(|_| RistrettoPoint::random(rng)).collect()
}

fn rule(broken: Broken) -> Option<Unreadable> {
    Some(Unreadable::Rule(broken))
}

/// A paper, and why its ranking and its name do not count.
type Case = (Paper, Option<Unreadable>, Option<Unreadable>);

fn papers(rng: &mut ChaCha20Rng) -> Vec<Case> {
    let none: [(u8, &[u8]); 2] = [(0, b""); 2];
    let good = || council([2, 1, 0, 0, 0], none);
    let ada: [(u8, &[u8]); 2] = [(3, b"Ada"), (0, b"")];
    let zoe = || mayor(3, b"Zoe");
    let name = |line| rule(Broken::Name { line });
    let paper = |council, mayor, writes| Paper { council, mayor, writes };
    let short = |bytes: &[u8], slots| message::encode(bytes, slots).unwrap().to_vec();
    let length = |found, expected| Some(Unreadable::Length { found, expected });
    let not_full = |found| {
        let fault = SlotFault::NotFull { found };
        Some(Unreadable::Message(NotAMessage { slot: 0, fault }))
    };
    vec![
        (paper(good(), zoe(), true), None, None),
        (paper(council([0; 5], none), zoe(), true), None, None),
        (paper(council([2, 0, 0, 1, 0], ada), mayor(3, b"zOe"), true), None, None),
        (paper(council([1, 3, 0, 0, 0], none), zoe(), true), rule(Broken::Gap { rank: 2 }), None),
        (paper(council([2, 0, 0, 0, 0], none), zoe(), true), rule(Broken::Gap { rank: 1 }), None),
        (paper(council([6, 0, 0, 0, 0], none), zoe(), true), rule(Broken::Gap { rank: 1 }), None),
        (paper(council([1, 255, 2, 0, 0], none), zoe(), true), rule(Broken::Gap { rank: 3 }), None),
        (paper(council([1, 1, 2, 0, 0], none), zoe(), true), rule(Broken::Tie { rank: 1 }), None),
        (
            paper(council([1, 2, 3, 4, 0], ada), zoe(), true),
            rule(Broken::TooMany { found: 4, max: 3 }),
            None,
        ),
        (paper(council([1, 0, 0, 0, 0], ada), zoe(), true), name(0), None),
        (paper(council([1, 0, 0, 0, 2], ada), zoe(), true), name(0), None),
        (paper(council([1, 0, 0, 2, 3], ada), zoe(), true), name(1), None),
        (paper(council([1, 0, 0, 2, 0], none), zoe(), true), name(0), None),
        (paper(council([1, 0, 0, 2, 0], [(2, b"\xff\xfe"), none[0]]), zoe(), true), name(0), None),
        (paper(council([1, 0, 0, 2, 0], [(2, b"Ada"), none[0]]), zoe(), true), name(0), None),
        (paper(council([1, 0, 0, 2, 0], [(13, b"Ada"), none[0]]), zoe(), true), name(0), None),
        (paper(council([1, 0, 0, 2, 0], [(4, b"Ada "), none[0]]), zoe(), true), name(0), None),
        (
            paper(council([1, 0, 0, 2, 0], [(6, "A\u{202e}da".as_bytes()), none[0]]), zoe(), true),
            name(0),
            None,
        ),
        // Two lines with one name: the better rank counts. Also an option by its name.
        (paper(council([0, 0, 0, 1, 2], [(3, b"Ned"), (3, b"NED")]), zoe(), true), None, None),
        (
            paper(council([2, 0, 0, 1, 0], [(1, b"A"), none[0]]), mayor(4, b"EMIL"), true),
            None,
            None,
        ),
        // One byte too few, too many bytes, and none.
        (paper(short(&[0; 30], 2), zoe(), true), length(30, 31), None),
        (paper(short(&[0; 32], 2), zoe(), true), length(32, 31), None),
        (
            paper(vec![RistrettoPoint::identity(); 2], vec![RistrettoPoint::identity(); 2], true),
            length(0, 31),
            length(0, 31),
        ),
        (
            {
                let [mut council, mut mayor] = [good(), zoe()];
                council.reverse();
                mayor[0] = short(b"", 1)[0];
                paper(council, mayor, true)
            },
            not_full(2),
            not_full(0),
        ),
        (paper(good(), mayor(0, b""), true), None, name(0)),
        (paper(good(), mayor(2, b"\xc3\x28"), true), None, name(0)),
        (paper(good(), mayor(2, b" x"), true), None, name(0)),
        (paper(good(), mayor(31, b"x"), true), None, name(0)),
        (paper(good(), short(&[1; 30], 2), true), None, length(30, 31)),
        // Text on a line without votes is ignored.
        (paper(good(), zoe(), false), None, None),
        (paper(good(), mayor(2, b"\xff\xff"), false), None, None),
        (paper(good(), short(&[1; 58], 2), false), None, None),
        (paper(good(), points(2, rng), false), None, None),
    ]
}

fn cast(world: &mut World, board: &mut Board, voter: usize, sequence: u32, paper: &Paper) {
    let election: Election = board.election().unwrap().clone();
    let vote = |vote: bool| RistrettoPoint::mul_base(&Scalar::from(u64::from(vote)));
    let Paper { council, mayor, writes } = paper;
    let votes = [vote(!writes), vote(false), vote(*writes)];
    let points = [&council[..], &votes, mayor].concat();
    let bits = [u64::from(!writes), 0, u64::from(*writes)];
    let header = Header { sequence, ..Header::remote(0) };
    let content = ballot_with(world, &election, (voter, header), &points, &bits);
    board.post(&forge::object(Kind::Ballot, &content), &mut world.rng).unwrap();
}

/// The reasons of all invalid rows of a contest, sorted.
fn reasons(outcome: &Outcome, contest: usize) -> Vec<String> {
    let counted = outcome.counted().iter().find(|counted| counted.contest == contest).unwrap();
    let mut reasons: Vec<_> =
        counted.invalid.iter().map(|row| format!("{:?}", row.reason)).collect();
    reasons.sort();
    reasons
}

#[test]
fn what_cannot_be_read_is_counted_as_invalid_and_shown() {
    let mut rng = rng(9);
    let mut cases = papers(&mut rng);
    let random = Unreadable::Message(NotAMessage { slot: 0, fault: SlotFault::Padding });
    for _ in 0..3 {
        let paper =
            Paper { council: points(2, &mut rng), mayor: points(2, &mut rng), writes: true };
        cases.push((paper, Some(random), Some(random)));
    }
    let mut world = parish(4, cases.len());
    let mut board = world.open();
    for (voter, (paper, ..)) in cases.iter().enumerate() {
        cast(&mut world, &mut board, voter, 0, paper);
    }
    let outcome = finish(&mut world, &mut board);
    for contest in [0, 1] {
        let reason = |case: &Case| if contest == 0 { case.1 } else { case.2 };
        let readable = cases.len() - 3;
        let mut expected: Vec<_> =
            cases[..readable].iter().filter_map(reason).map(|r| format!("{r:?}")).collect();
        let mut found = reasons(&outcome, contest);
        assert_eq!(found.len(), expected.len() + 3, "{found:#?}");
        // It is chance what random elements look like.
        expected.retain(|reason| match found.iter().position(|found| found == reason) {
            Some(place) => {
                found.remove(place);
                false
            }
            None => true,
        });
        assert!(expected.is_empty(), "missing {expected:#?}, left {found:#?}");
        assert!(found.iter().all(|reason| reason.starts_with("Message(")), "{found:#?}");
    }
    let [council, mayor] = [0, 1].map(|contest| &outcome.counted()[contest]);
    assert_eq!(council.candidates, ["a", "b", "c", "Ada", "NED"]);
    assert_eq!(mayor.candidates, ["Emil", "Fay", "Zoe"]);
    // A vote for unreadable text is still a vote.
    let writes = cases.iter().filter(|case| case.0.writes).count() as u64;
    assert_eq!((outcome.cells()[1].write_ins, outcome.undervotes("mayor")), (writes, Ok(0)));
    assert_eq!(outcome.count("mayor", "Emil"), Ok(4));
    let votes = cases.iter().filter(|case| case.2.is_none()).count() as u64;
    assert_eq!(mayor.count.votes, votes);
    let rankings = cases.iter().filter(|case| case.1.is_none()).count() as u64;
    // One of them ranks nobody.
    assert_eq!(council.count.votes, rankings - 1);
    // What does not count is in the account, by reason.
    for (contest, held) in [(0, cases.len() as u64), (1, cases.len() as u64)] {
        let account = &outcome.accounts()[contest];
        assert_eq!(account.held, held);
        assert!(account.adds_up(), "{account:?}");
        let left_out: u64 = account.left_out.iter().map(|(_, votes)| votes).sum();
        assert_eq!(left_out, outcome.counted()[contest].invalid.len() as u64);
    }
    assert_eq!((outcome.accounts()[0].not_given, outcome.accounts()[1].not_given), (1, 0));
    for reason in [LeftOut::Gap, LeftOut::Tie, LeftOut::Ranked, LeftOut::Name, LeftOut::Length] {
        assert!(outcome.accounts()[0].left_out.iter().any(|(found, _)| *found == reason));
    }

    let report = audit::run(board.bytes(), &Expect::default(), &mut world.rng).unwrap();
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    for contest in [0, 1] {
        let rows = json["result"]["contests"][contest]["cells"][0]["rows"].as_array().unwrap();
        assert_eq!(rows.len(), cases.len());
        let shown = rows.iter().filter(|row| row.get("points").is_some()).count();
        assert_eq!(shown, outcome.counted()[contest].invalid.len());
    }
}

#[test]
fn an_election_in_which_nothing_can_be_read_has_a_result() {
    let mut world = parish(5, 3);
    let mut board = world.open();
    for voter in 0..3 {
        let mut rng = world.rng.clone();
        let paper =
            Paper { council: points(2, &mut rng), mayor: points(2, &mut rng), writes: true };
        cast(&mut world, &mut board, voter, 0, &paper);
    }
    let outcome = finish(&mut world, &mut board);
    assert_eq!([0, 1].map(|contest| reasons(&outcome, contest).len()), [3, 3]);
    assert_eq!((outcome.elected("council"), outcome.elected("mayor")), (Ok(vec![]), Ok(vec![])));
    assert_eq!(outcome.whole(1).unwrap().write_ins, 3);
}

#[test]
fn an_election_without_ballots_mixes_and_opens_nothing() {
    let mut world = parish(6, 2);
    let mut board = world.open();
    let World { operator, trustees, rng, manifest, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    board.tally(operator, rng).unwrap();
    assert!(board.state().cascades().is_empty());
    let table = tabella::crypto::dlog::DlogTable::new(10);
    let outcome = board.finish(operator, &table, rng).unwrap();
    assert_eq!((outcome.elected("council"), outcome.elected("mayor")), (Ok(vec![]), Ok(vec![])));
    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted() && report.mixed.is_empty(), "{report}");
}

/// Replaced, spoiled or refused ballots do not enter the mix.
#[test]
fn only_the_last_ballot_of_each_voter_is_mixed() {
    let mut world = parish(7, 3);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let header = |sequence| Header { sequence, ..Header::remote(0) };
    let vote = |option: &str| Choices::new().rank("council", [option]).write_in("mayor", "Zoe");
    for (voter, sequence, option) in [(0, 0, "a"), (1, 0, "b"), (0, 1, "b"), (0, 2, "c")] {
        let ballot = world.ballot(&election, voter, &header(sequence), &vote(option));
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let World { voters, rng, .. } = &mut world;
    let sealed = election.encrypt(&voters[2], &header(0), &vote("a"), rng).unwrap();
    let (request, _) = sealed.spoil(&election, &voters[2], rng).unwrap();
    board.post(&request, rng).unwrap();
    let late = world.ballot(&election, 0, &header(3), &vote("a"));
    assert!(board.post(&late, &mut world.rng).is_err());
    let outcome = finish(&mut world, &mut board);
    let rows = &outcome.mixed()[0];
    let mut ranks: Vec<_> = rows.rows().map(|row| row.written.unwrap().ranks).collect();
    ranks.sort();
    assert_eq!(ranks, [[0, 0, 1, 0, 0], [0, 1, 0, 0, 0]]);
}
