//! Weights that voters split over options: what can be cast, what cheats cannot, and a whole meeting.

use attacks::{
    World, bit_flips,
    forge::{Forgery, header_bytes, object, spoil_opening, spoil_request},
    rng,
};
use curve25519_dalek::Scalar;
use tabella::{
    audit::{self, Audit, Check, Expect, Fault},
    ballot::{Choices, Election, Header, Mark, OpeningError, RuleError},
    board::{self, Board, Kind, Refusal},
    codec::{DecodeErrorKind, Encode},
    contest::{Broken, Contest, ContestOption, MAX_WEIGHT},
    count::{Counting, Method, TieBreak},
    crypto::ProofCheck,
    log::{Bytes, Entries},
    manifest::Builder,
    roll::{Credential, Roll, RollError, encode_registrations},
    tally::{PartialTally, ShareOf, TallyError},
};

const V1: Refusal = Refusal::Proof(ProofCheck::Equation("BALLOT.V1"));
const V2: Refusal = Refusal::Proof(ProofCheck::Equation("BALLOT.V2"));

/// By line of the roll. The last one votes in another style, without a split.
const WEIGHTS: [u64; 6] = [1_000, 700, 70_000, 1, 1_000, 5];
const STYLES: [u16; 6] = [0, 0, 0, 1, 1, 2];

/// Shares up to a number of two limbs, and of one; and a choice that is counted by weight on the same ballot.
fn meeting(builder: Builder) -> Builder {
    let seats = Counting { method: Method::Plurality, seats: 2, tie_break: TieBreak::Order };
    builder
        .minimum_cell(1)
        .proxies(2)
        .contest(Contest::choose_one("chair", ["Ada", "Ben"]).blank())
        .contest(Contest::split("board", ["Cem", "Dora", "Emil"], 70_000).counting(seats))
        .contest(Contest::split("site", ["hill", "lake"], 2_000))
        .district("d", "d")
        .district("e", "e")
        .style("whole", "d", ["chair", "board"])
        .style("site", "e", ["chair", "board", "site"])
        .style("chair", "e", ["chair"])
}

fn world(seed: u8) -> World {
    let mut world = World::new(seed, (3, 2), &STYLES, meeting);
    for (line, weight) in world.roll.iter_mut().zip(WEIGHTS) {
        line.weight = weight;
    }
    world
}

fn open(seed: u8) -> (World, Board, Election) {
    let mut world = world(seed);
    let board = world.open();
    let election = board.election().unwrap().clone();
    (world, board, election)
}

/// Shares of the board, and a chair.
fn shares(weight: u64, board: [u64; 3], chair: &str) -> Choices {
    let names = ["Cem", "Dora", "Emil"].into_iter().zip(board);
    let choices = Choices::new().of_weight(weight).pick("chair", chair);
    names.fold(choices, |choices, (name, share)| choices.score("board", name, share))
}

fn header(style: u16, sequence: u32) -> Header {
    Header { sequence, ..Header::remote(style) }
}

/// Posts an object that is refused with this error, and leaves no trace.
#[track_caller]
fn refuse(board: &mut Board, object: &(impl board::Object + ?Sized), expected: Refusal) {
    let view =
        |board: &Board| (board.state().head(), board.state().partial_tally().cloned().unwrap());
    let before = view(board);
    assert_eq!(board.post(object, &mut rng(9)), Err(expected));
    assert!(view(board) == before, "a trace was left");
}

/// The bits of a ballot of style 0: chair, blank, and three shares of 17 bits.
fn bits(board: [u64; 3]) -> Vec<i64> {
    // The last weight of 0..=70,000 is 70,000 − 2¹⁶ + 1.
    let share = |share: u64| {
        assert!(share < 1 << 16);
        (0..17).map(move |j| (share >> j & 1) as i64)
    };
    [1, 0, 0].into_iter().chain(board.into_iter().flat_map(share)).collect()
}

/// A ballot of this voter of style 0 that states the first weight and proves the second, with these shares.
fn forgery(voter: &Credential, weights: [u64; 2], board: [u64; 3]) -> Forgery {
    let bits = bits(board);
    let mut forgery = Forgery::honest(voter, header(0, 0), &bits, 77);
    let limbs = board.into_iter().flat_map(|share| [share as i64, 0]);
    forgery.values = [1, 0, 0].into_iter().chain(limbs).collect();
    Forgery { weights, ..forgery }
}

fn cast(forgery: &Forgery, election: &Election) -> Vec<u8> {
    object(Kind::Ballot, &forgery.bytes(election, &mut rng(5)))
}

/// Everybody votes, one by a proxy, one twice, one not at all.
fn hold(world: &mut World) -> Board {
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let key = Credential::random(&mut world.rng).unwrap();
    let delegation = world.delegation(2, &key, 0);
    board.post(&delegation, &mut world.rng).unwrap();
    let both = |weight: u64, board, site: [u64; 2]| {
        let choices = shares(weight, board, "Ben").score("site", "hill", site[0]);
        choices.score("site", "lake", site[1])
    };
    let ballots = [
        (0, header(0, 0), shares(1_000, [0, 0, 1_000], "Ben")),
        (0, header(0, 1), shares(1_000, [600, 400, 0], "Ada")),
        (3, header(1, 0), both(1, [0, 1, 0], [1, 0])),
        (4, header(1, 0), both(1_000, [250, 250, 500], [999, 1])),
        (5, header(2, 0), Choices::new().blank("chair")),
    ];
    for (voter, header, choices) in ballots {
        let ballot = world.ballot(&election, voter, &header, &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    // The weight of the voter for whom the proxy casts.
    let choices = shares(70_000, [0, 65_536, 4_464], "Ada");
    let ballot = election.encrypt(&key, &header(0, 0), &choices, &mut world.rng).unwrap().cast();
    board.post(&ballot, &mut world.rng).unwrap();
    let of_proxy = shares(1_000, [600, 400, 0], "Ada");
    let ballot = election.encrypt(&key, &header(0, 1), &of_proxy, &mut world.rng).unwrap().cast();
    refuse(&mut board, &ballot, Refusal::WrongWeight { found: 1_000, expected: 70_000 });
    world.finish(&mut board, &[0, 2]);
    board
}

#[test]
fn a_meeting_is_counted_by_shares() {
    let mut world = world(1);
    let board = hold(&mut world);
    let outcome = board.state().outcome().unwrap().clone();
    let totals = |contest: &str, options: &[&str]| -> Vec<u64> {
        options.iter().map(|option| outcome.count(contest, option).unwrap()).collect()
    };
    assert_eq!(totals("board", &["Cem", "Dora", "Emil"]), [850, 66_187, 4_964]);
    assert_eq!(totals("site", &["hill", "lake"]), [1_000, 1]);
    // The choice on the same ballots is counted by weight.
    assert_eq!(totals("chair", &["Ada", "Ben"]), [71_000, 1_001]);
    assert_eq!(outcome.blanks("chair"), Ok(5));
    assert_eq!(outcome.elected("board"), Ok(vec!["Dora", "Emil"]));
    for (contest, weight) in [("board", 72_001), ("site", 1_001)] {
        let place = outcome.manifest().contest(contest).unwrap();
        let whole = outcome.whole(place).unwrap();
        assert_eq!((whole.weight, whole.votes()), (weight, Ok(weight)));
        assert_eq!(outcome.undervotes(contest), Ok(0));
        assert_eq!(whole.all_of_share(), Ok(weight));
        assert_eq!(ShareOf::of(&outcome.manifest().contests()[place]), ShareOf::Votes);
        let account = outcome.account(contest).unwrap();
        assert_eq!((account.held, account.counted, account.not_given), (weight, weight, 0));
        assert!(account.adds_up());
    }
    assert!((outcome.percent("board", "Cem").unwrap() - 85_000.0 / 72_001.0).abs() < 1e-9);

    let expect = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!(report.outcome.as_ref(), Some(&outcome));
    assert!(report.to_html().contains("Dora"), "{report}");
    let again = board::replay(board.bytes(), &mut world.rng).unwrap();
    assert_eq!(again.state().outcome(), Some(&outcome));
    attacks::write_record("split-meeting", &board);
}

/// The bound of the discrete logarithm is that of ballots, and not of weights.
#[test]
fn cells_are_opened_whatever_the_weight() {
    let mut world = World::new(2, (1, 1), &[0; 3], |builder| {
        builder.minimum_cell(1).contest(Contest::split("c", ["a", "b"], MAX_WEIGHT))
    });
    world.roll.iter_mut().for_each(|line| line.weight = MAX_WEIGHT);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, a) in [0, 65_536, MAX_WEIGHT].into_iter().enumerate() {
        let choices = Choices::new().of_weight(MAX_WEIGHT).score("c", "a", a);
        let choices = choices.score("c", "b", MAX_WEIGHT - a);
        let ballot = world.ballot(&election, voter, &header(0, 0), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (tally, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(tally.bound(), 3 * ((1 << 17) - 1));
    assert_eq!(outcome.count("c", "a"), Ok(MAX_WEIGHT + 65_536));
    assert_eq!(outcome.count("c", "b"), Ok(2 * MAX_WEIGHT - 65_536));
}

/// What is examined in parts is what one audit finds.
#[test]
fn an_audit_in_parts_finds_the_same() {
    let mut world = world(3);
    let board = hold(&mut world);
    // One more ballot, which nobody accepted: of a weight that the voter does not have.
    let wrong = {
        let forged = forgery(&world.voters[1], [800; 2], [500, 300, 0]);
        cast(&forged, board.election().unwrap())
    };
    let entries: Vec<&[u8]> = Entries::new(board.bytes()).map(|entry| entry.unwrap()).collect();
    let freeze = entries.iter().position(|e| e.first() == Some(&(Kind::Freeze as u8))).unwrap();
    let with_wrong: Vec<u8> = entries[..freeze]
        .iter()
        .copied()
        .chain([wrong.as_slice()])
        .flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], entry].concat())
        .collect();
    for bytes in [board.bytes(), &with_wrong] {
        let single = audit::run(bytes, &Expect::default(), &mut world.rng).unwrap();
        let found = single.findings.iter().any(|finding| {
            let weight = Refusal::WrongWeight { found: 800, expected: 700 };
            let refused = |fault: &Fault| matches!(fault, Fault::Refused { refusal, .. } if *refusal == weight);
            finding.check == Check::BallotVoter && refused(&finding.fault)
        });
        assert_eq!(found, bytes.len() == with_wrong.len(), "{single}");
        let mut opened = Audit::new(&Expect::default());
        let mut log = Bytes::new(bytes);
        while opened.state().roll().is_none() {
            let until = opened.size() + 1;
            opened.advance(&mut log, until, &mut world.rng).unwrap();
        }
        let (first, last) = (opened.size(), Entries::new(bytes).count() as u64);
        for middle in first..=last {
            let mut part = |range| opened.examine(&mut log, range, &mut world.rng).unwrap();
            let parts = [part(first..middle), part(middle..last)];
            let mut audit = Audit::with_parts(&Expect::default(), parts);
            audit.advance(&mut Bytes::new(bytes), u64::MAX, &mut world.rng).unwrap();
            let report = audit.report();
            assert_eq!(report.findings, single.findings, "{middle}");
            assert_eq!(report.outcome, single.outcome, "{middle}");
        }
    }
}

#[test]
fn a_device_says_what_is_wrong_with_shares() {
    let (mut world, _, election) = open(4);
    let mut error = |choices: &Choices| {
        let voter = &world.voters[0];
        election.encrypt(voter, &header(0, 0), choices, &mut world.rng).unwrap_err()
    };
    let broken = |broken| RuleError::Broken { contest: "board".into(), broken };
    let found = error(&shares(1_000, [600, 399, 0], "Ada"));
    assert_eq!(found, broken(Broken::Shares { found: 999, weight: 1_000 }));
    assert!(found.to_string().contains("the shares are 999 together"), "{found}");
    let found = error(&shares(1_000, [600, 401, 0], "Ada"));
    assert_eq!(found, broken(Broken::Shares { found: 1_001, weight: 1_000 }));
    // More than any voter can have, and nothing.
    for weight in [70_001, 0] {
        let found = error(&shares(weight, [weight, 0, 0], "Ada"));
        let each = Broken::Each { option: 0, found: 70_001, max: 70_000 };
        let expected = Broken::Weight { found: weight, max: 70_000 };
        assert_eq!(found, broken(if weight == 0 { expected } else { each }));
    }
    let found = error(&shares(70_001, [70_000, 1, 0], "Ada"));
    assert_eq!(found, broken(Broken::Weight { found: 70_001, max: 70_000 }));
    let found = error(&Choices::new().pick("chair", "Ada").score("board", "Cem", 1_000));
    assert_eq!(found, RuleError::NoWeight { contest: "board".into() });
    assert!(found.to_string().contains("Choices::of_weight"), "{found}");
    let found = error(&shares(1_000, [1_000, 0, 0], "Ada").rank("board", ["Dora"]));
    assert!(found.to_string().contains("takes shares of the weight"), "{found}");
    // Where nothing is split the weight says nothing, and is not in the ballot.
    let chair = Choices::new().of_weight(12).pick("chair", "Ada");
    let ballot = world.ballot(&election, 5, &header(2, 0), &chair);
    let without = world.ballot(&election, 5, &header(2, 0), &Choices::new().pick("chair", "Ada"));
    assert_eq!((ballot.weight(), without.weight()), (None, None));
    assert_eq!(ballot.to_bytes().len(), without.to_bytes().len());
}

#[test]
fn the_board_takes_no_weight_but_the_rolls() {
    let (mut world, mut board, election) = open(5);
    let other = shares(700, [700, 0, 0], "Ada");
    let ballot = world.ballot(&election, 0, &header(0, 0), &other);
    assert_eq!(ballot.weight(), Some(700));
    // Valid by itself: it is the board that has the roll.
    let verified = election.verify(ballot.clone(), &mut world.rng).unwrap();
    let refusal = Refusal::WrongWeight { found: 700, expected: 1_000 };
    assert!(refusal.to_string().contains("the roll gives this voter weight 1000"), "{refusal}");
    refuse(&mut board, &ballot, refusal);
    let mut tally = PartialTally::new(&world.manifest);
    let error = TallyError::OtherWeight { found: 700, expected: 1_000 };
    assert_eq!(tally.add(&verified, 1_000), Err(error));
    assert_eq!(tally.remove(&verified, 1_000), Err(error));
    assert_eq!(tally, PartialTally::new(&world.manifest));
    let error = TallyError::OtherWeight { found: 700, expected: 1 << 40 };
    assert_eq!(tally.add(&verified, 1 << 40), Err(error));
    tally.add(&verified, 700).unwrap();
    tally.remove(&verified, 700).unwrap();
    assert_eq!(tally, PartialTally::new(&world.manifest));

    let honest = shares(1_000, [999, 1, 0], "Ada");
    let ballot = world.ballot(&election, 0, &header(0, 0), &honest);
    let entry = board.post(&ballot, &mut world.rng).unwrap().entry;
    let found = board.find(&ballot.tracker(), Some(&world.voters[0].key())).unwrap().unwrap();
    assert_eq!((found.entry, found.posted.header), (entry, Some(header(0, 0))));
    // 8 bytes stand between voter and nonce.
    let bytes = ballot.to_bytes();
    assert_eq!(bytes[7 + 32..7 + 32 + 8], 1_000u64.to_be_bytes());
    assert_eq!(election.read_ballot(&bytes), Ok(ballot));
    let bits = world.manifest.constraints(0).unwrap().bits();
    assert_eq!(bytes.len(), 7 + 32 + 8 + 32 * (1 + 3 + 6) + 32 * (bits + 6));
}

/// A prover who knows everything, and keeps the roll's weight in what the ballot states.
#[test]
fn ballot_v2_no_other_sum_than_the_weight_is_proven() {
    let (world, mut board, election) = open(6);
    let of = |weights, board| forgery(&world.voters[0], weights, board);
    for shares in [[600, 401, 0], [600, 399, 0], [0, 0, 0], [1_000, 1_000, 0], [2_000, 0, 0]] {
        refuse(&mut board, &cast(&of([1_000; 2], shares), &election), V2);
    }
    // Shares whose sum is the weight where limbs are added up wrongly.
    let mut carried = of([1_000; 2], [1_000, 0, 0]);
    (carried.values[3], carried.values[4]) = (1_000 - (1 << 16), 1);
    refuse(&mut board, &cast(&carried, &election), V2);
    // More for one, less than nothing for another: in the slots, and in the bits.
    let mut negative = of([1_000; 2], [1_000, 0, 0]);
    (negative.values[3], negative.values[5]) = (1_001, -1);
    refuse(&mut board, &cast(&negative, &election), V2);
    negative.bits[3] = 1;
    negative.bits[3 + 17] = -1;
    refuse(&mut board, &cast(&negative, &election), V1);
    // Another weight in the proof than in the ballot.
    for weight in [999, 1_001, 0, MAX_WEIGHT] {
        let shares = [weight.min(2_000), 0, 0];
        let error = board.post(&cast(&of([1_000, weight], shares), &election), &mut rng(7));
        assert_eq!(error, Err(V1), "{weight}");
        // In both it is not the roll's.
        let found = Refusal::WrongWeight { found: weight, expected: 1_000 };
        refuse(&mut board, &cast(&of([weight; 2], shares), &election), found);
    }
    let honest = cast(&of([1_000; 2], [600, 400, 0]), &election);
    board.post(&honest, &mut rng(8)).unwrap();
}

/// Ballots of a voter are nobody else's, whatever weight the other has.
#[test]
fn ballot_v1_a_ballot_is_not_replayed_for_another_weight() {
    let (mut world, mut board, election) = open(7);
    let ballot = world.ballot(&election, 0, &header(0, 0), &shares(1_000, [600, 400, 0], "Ada"));
    let bytes = ballot.to_bytes();
    let head = header_bytes(&header(0, 0)).len();
    let of_other = |weight: u64| {
        let key = world.voters[1].public().to_bytes();
        let rest = &bytes[head + 40..];
        object(Kind::Ballot, &[&bytes[..head], &key, &weight.to_be_bytes(), rest].concat())
    };
    refuse(&mut board, &of_other(1_000), Refusal::WrongWeight { found: 1_000, expected: 700 });
    refuse(&mut board, &of_other(700), V1);
    // A voter of the same weight in another style.
    let key = world.voters[4].public().to_bytes();
    let other = [&bytes[..head], &key, &bytes[head + 32..]].concat();
    refuse(
        &mut board,
        &object(Kind::Ballot, &other),
        Refusal::WrongStyle { found: 0, expected: 1 },
    );
    board.post(&ballot, &mut world.rng).unwrap();
}

#[test]
fn every_bit_and_every_truncation_of_a_split_ballot_is_refused() {
    let mut world =
        World::new(8, (1, 1), &[0], |builder| builder.contest(Contest::split("c", ["a", "b"], 3)));
    world.roll[0].weight = 3;
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().of_weight(3).score("c", "a", 1).score("c", "b", 2);
    let ballot = world.ballot(&election, 0, &header(0, 0), &choices);
    let good = object(Kind::Ballot, &ballot.to_bytes());
    bit_flips(&good[1..], |bit, flipped| {
        let error = board.post(&object(Kind::Ballot, flipped), &mut rng(1)).unwrap_err();
        if (39..47).contains(&(bit / 8)) {
            let found = 3 ^ 1 << (8 * (46 - bit / 8) + bit % 8);
            match error {
                Refusal::Malformed(error) => {
                    let kind = DecodeErrorKind::Value { found, max: MAX_WEIGHT };
                    assert_eq!(
                        (error.field, error.kind),
                        (Some("the voter's weight"), kind),
                        "bit {bit}"
                    );
                }
                error => {
                    assert_eq!(error, Refusal::WrongWeight { found, expected: 3 }, "bit {bit}")
                }
            }
            assert_eq!(found > MAX_WEIGHT, bit / 8 < 42, "bit {bit}");
        }
    });
    for end in 0..good.len() {
        let error = board.post(&good[..end], &mut rng(1)).unwrap_err();
        assert!(matches!(error, Refusal::Malformed(_)), "{end}: {error}");
    }
    // Without its weight, and with one where none belongs.
    let short = [&good[..40], &good[48..]].concat();
    let error = election.read_ballot(&short[1..]).unwrap_err();
    assert!(matches!(error.kind, DecodeErrorKind::Truncated { missing: 8 }), "{error}");
    board.post(&good, &mut rng(1)).unwrap();
    let world = &mut World::referendum(9);
    let election = world.open().election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "yes").of_weight(3);
    let bytes = world.ballot(&election, 0, &header(0, 0), &choices).to_bytes();
    let long = [&bytes[..39], &3u64.to_be_bytes(), &bytes[39..]].concat();
    let error = election.read_ballot(&long).unwrap_err();
    assert!(matches!(error.kind, DecodeErrorKind::Trailing { extra: 8 }), "{error}");
}

#[test]
fn a_challenge_shows_shares_and_weight() {
    let (mut world, mut board, election) = open(10);
    let choices = shares(1_000, [600, 400, 0], "Ada");
    let voter = world.voters[0].clone();
    let sealed = election.encrypt(&voter, &header(0, 0), &choices, &mut world.rng).unwrap();
    let (request, spoiled) = sealed.spoil(&election, &voter, &mut world.rng).unwrap();
    let accepted = board.post(&request, &mut world.rng).unwrap();
    let receipt = board.receipt(&world.operator, accepted.entry, &mut world.rng).unwrap();
    let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
    board.post(&opening, &mut world.rng).unwrap();
    let opened = election.check_opening(&opening, &mut world.rng).unwrap();
    assert_eq!((opened.weight, opened.compare(&choices)), (Some(1_000), Ok(())));
    assert_eq!(opened.to_string(), "chair: Ada 1\nboard: Cem 600, Dora 400");
    let difference = opened.compare(&shares(1_000, [400, 600, 0], "Ada")).unwrap_err();
    assert!(difference.found.iter().all(|mark| matches!(mark, Mark::Option { .. })));

    // What a dishonest device makes: shares that are not the weight, and the weight of somebody else.
    let mut spoil = |board: &mut Board, forgery: Forgery, nonce: u64| {
        let (nonce, signer) = (Scalar::from(nonce), forgery.signer);
        let ballot = Forgery { nonce, known_nonce: nonce, ..forgery }.bytes(&election, &mut rng(5));
        let tracker = election.read_ballot(&ballot).unwrap().tracker();
        let request = spoil_request(&election, &tracker, [signer, nonce], &mut world.rng);
        board.post(&object(Kind::SpoilRequest, &request), &mut rng(6)).unwrap();
        spoil_opening(&ballot, &nonce)
    };
    let more = spoil(&mut board, forgery(&voter, [1_000; 2], [600, 401, 0]), 78);
    let opening = election.read_opening(&more).unwrap();
    let broken = Broken::Shares { found: 1_001, weight: 1_000 };
    let error = OpeningError::Rule { contest: "board".into(), broken };
    assert_eq!(election.check_opening(&opening, &mut rng(7)), Err(error.clone()));
    refuse(&mut board, &object(Kind::SpoilOpening, &more), Refusal::Opening(error));
    let other = spoil(&mut board, forgery(&voter, [700; 2], [600, 100, 0]), 79);
    let opening = election.read_opening(&other).unwrap();
    // What the voter sees is not the weight that the roll has.
    let opened = election.check_opening(&opening, &mut rng(7)).unwrap();
    assert_eq!(
        (opened.weight, opened.to_string().ends_with("Cem 600, Dora 100")),
        (Some(700), true)
    );
    let refusal = Refusal::WrongWeight { found: 700, expected: 1_000 };
    refuse(&mut board, &object(Kind::SpoilOpening, &other), refusal);
}

#[test]
fn a_roll_has_no_weight_that_cannot_be_split() {
    let world = world(11);
    let verdict = |line: usize, weight: u64| {
        let mut roll = world.roll.clone();
        roll[line].weight = weight;
        Roll::decode(&world.manifest, &encode_registrations(&roll), &mut rng(0)).map(|_| ())
    };
    let above = |line, found, max, contest: &str| {
        Err(RollError::AboveMost { line, found, max, contest: contest.into() })
    };
    assert_eq!(verdict(1, 70_000), Ok(()));
    assert_eq!(verdict(1, 70_001), above(1, 70_001, 70_000, "board"));
    // The least of the style's contests.
    assert_eq!(verdict(3, 2_000), Ok(()));
    assert_eq!(verdict(3, 2_001), above(3, 2_001, 2_000, "site"));
    let error = verdict(4, MAX_WEIGHT).unwrap_err();
    assert!(error.to_string().contains("line 4 of the roll has weight 1099511627775"), "{error}");
    assert!(error.to_string().contains("at most 2000"), "{error}");
    // Nothing is split in this style.
    assert_eq!(verdict(5, (1 << 40) - 72_701), Ok(()));
    assert_eq!(verdict(1, 0), Err(RollError::Weight { line: 1, found: 0 }));
}

/// Sums of weights that are split need not be opened from one slot.
#[test]
fn only_what_is_summed_by_weight_bounds_weights() {
    let complete = |choice: bool| {
        move |builder: Builder| {
            let builder = builder.contest(Contest::split("c", ["a", "b"], MAX_WEIGHT));
            if choice { builder.contest(Contest::choose_one("d", ["a"])) } else { builder }
        }
    };
    for choice in [false, true] {
        let mut world = World::new(12, (1, 1), &[0; 300], complete(choice));
        world.roll.iter_mut().for_each(|line| line.weight = MAX_WEIGHT);
        let error = Roll::new(&world.manifest, &world.roll, &mut rng(0)).err();
        let found = 300 * MAX_WEIGHT;
        assert_eq!(error, choice.then_some(RollError::TooHeavy { found, max: 1 << 40 }));
    }
}

/// Two proofs on one transcript, one of which is about the weight.
#[test]
fn a_folded_contest_and_a_split_one_stand_on_one_ballot() {
    let fund = Contest::choose("fund", [ContestOption::new("roof").most(1 << 20)], 1..=900_000);
    let mut world = World::new(12, (1, 1), &[0; 3], |builder| {
        let split = Contest::split("board", ["Cem", "Dora"], 70_000);
        builder.minimum_cell(1).contest(fund.folded()).contest(split)
    });
    let weights = [70_000, 3, 500];
    world.roll.iter_mut().zip(weights).for_each(|(line, weight)| line.weight = weight);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = |weight: u64, roof| {
        let choices = Choices::new().of_weight(weight).score("fund", "roof", roof);
        choices.pick("board", "Dora").score("board", "Cem", weight - 1)
    };
    let mut cast = Vec::new();
    for (voter, (weight, roof)) in weights.into_iter().zip([900_000, 65_536, 1]).enumerate() {
        let header = Header::remote(0);
        let ballot = world.ballot(&election, voter, &header, &choices(weight, roof));
        cast.push(object(Kind::Ballot, &ballot.to_bytes()));
    }
    // Kind, style, sequence, origin, and the voter's key; then the weight.
    let at = 1 + 7 + 32;
    let mut other = cast[1].clone();
    other[at..at + 8].copy_from_slice(&4u64.to_be_bytes());
    refuse(&mut board, &other, Refusal::WrongWeight { found: 4, expected: 3 });
    // Behind A and four B the wide proof of another ballot, which is as long.
    let wide = at + 8 + 32 * (1 + election.manifest().style_slots(0).unwrap().len());
    let own = 32 * (6 + election.manifest().constraints(0).unwrap().bits());
    let end = cast[1].len() - own;
    let swapped = [&cast[1][..wide], &cast[0][wide..end], &cast[1][end..]].concat();
    let refused = board.post(&swapped, &mut rng(9)).unwrap_err();
    assert!(
        matches!(refused, Refusal::Proof(ProofCheck::Equation(tag)) if tag.starts_with("WIDE."))
    );
    let swapped = [&cast[1][..end], &cast[0][end..]].concat();
    let refused = board.post(&swapped, &mut rng(9)).unwrap_err();
    assert!(
        matches!(refused, Refusal::Proof(ProofCheck::Equation(tag)) if tag.starts_with("BALLOT."))
    );
    for ballot in &cast {
        board.post(ballot, &mut world.rng).unwrap();
    }
    let (_, outcome) = world.finish(&mut board, &[0]);
    let weight: u64 = weights.iter().sum();
    // A fund that is not split is given by each as often as she weighs.
    let given = 900_000 * 70_000 + 65_536 * 3 + 500;
    assert_eq!(outcome.count("fund", "roof"), Ok(given));
    assert_eq!(outcome.count("board", "Dora"), Ok(3));
    assert_eq!(outcome.count("board", "Cem"), Ok(weight - 3));
    let expect = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    attacks::write_record("split-folded", &board);
}
