//! The voter's side of the record: trackers, receipts, and ballots that are spoiled instead of cast.

use attacks::{
    Failing, World, bit_flips,
    forge::{self, FIRST_BALLOT, Forgery, object, secret, spoil_opening, spoil_request},
    read, rng,
};
use curve25519_dalek::Scalar;
use tabella::{
    audit::{self, Expect},
    ballot::{
        Choices, Difference, Election, Given, Header, Mark, OpenedContest, OpeningError, Origin,
        SealedBallot, SpoilRequest, SpoiledBallot, Tracker,
    },
    board::{
        Board, BoardError, Fate, Kind, NoReceipt, Phase, Posted, Receipt, ReceiptError, Refusal,
        State,
    },
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, TextError},
    contest::{Broken, Contest},
    crypto::{ProofCheck, ProveError, VerifyError, signature::AuthorSecret},
    log::merkle::{Head, Tree},
};

const VOTER: usize = 0;

fn header(style: u16, sequence: u32) -> Header {
    Header { style, sequence, origin: Origin::Remote }
}

fn ada() -> Choices {
    Choices::new().pick("mayor", "ada").pick("pool", "yes")
}

/// The fate of the ballot with this tracker, whoever's it is, and its entry.
fn find(board: &Board, tracker: &Tracker) -> Option<(Fate, u64)> {
    board.find(tracker, None).unwrap().map(|found| (found.posted.fate, found.entry))
}

fn keeps(board: &Board, receipt: &Receipt) -> Result<(), ReceiptError> {
    board.keeps(receipt, None).map(drop)
}

fn ben() -> Choices {
    Choices::new().pick("mayor", "ben").blank("pool")
}

/// The mark of one vote for an option.
fn vote(option: &str) -> Mark {
    Mark::Option { name: option.into(), given: Given::Votes(1) }
}

/// A town in which voting is open.
fn open_town(seed: u8) -> (World, Board, Election) {
    let mut world = World::town(seed);
    let board = world.open();
    let election = board.election().unwrap().clone();
    (world, board, election)
}

/// The actions of a voter who spoils ballots.
trait Spoils {
    fn seal(&mut self, election: &Election, sequence: u32, choices: &Choices) -> SealedBallot;

    /// A ballot to spoil.
    fn spoil(&mut self, election: &Election, choices: &Choices) -> (SpoilRequest, SpoiledBallot);

    /// A spoil request on the board, and the operator's receipt for it.
    fn spoil_on(&mut self, board: &mut Board, choices: &Choices) -> (SpoiledBallot, Receipt);

    /// A ballot with known contents and nonce.
    fn known(&mut self, election: &Election, sequence: u32, nonce: u64) -> Known;
}

impl Spoils for World {
    fn seal(&mut self, election: &Election, sequence: u32, choices: &Choices) -> SealedBallot {
        let voter = &self.voters[VOTER];
        election.encrypt(voter, &header(0, sequence), choices, &mut self.rng).unwrap()
    }

    fn spoil(&mut self, election: &Election, choices: &Choices) -> (SpoilRequest, SpoiledBallot) {
        let sealed = self.seal(election, 0, choices);
        sealed.spoil(election, &self.voters[VOTER], &mut self.rng).unwrap()
    }

    fn spoil_on(&mut self, board: &mut Board, choices: &Choices) -> (SpoiledBallot, Receipt) {
        let (request, spoiled) = self.spoil(&board.election().unwrap().clone(), choices);
        let accepted = board.post(&request, &mut self.rng).unwrap();
        assert_eq!((accepted.kind, accepted.replaces), (Kind::SpoilRequest, None));
        let receipt = board.receipt(&self.operator, accepted.entry, &mut self.rng).unwrap();
        (spoiled, receipt)
    }

    fn known(&mut self, election: &Election, sequence: u32, nonce: u64) -> Known {
        let voter = &self.voters[VOTER];
        let forgery = Forgery::honest(voter, header(0, sequence), &[1, 0, 1, 0, 0], nonce);
        Known::new(election, &forgery, &mut self.rng)
    }
}

/// The objects that cast, spoil and open a ballot.
struct Known {
    tracker: Tracker,
    cast: Vec<u8>,
    request: Vec<u8>,
    opening: Vec<u8>,
}

impl Known {
    fn new(election: &Election, forgery: &Forgery, rng: &mut rand_chacha::ChaCha20Rng) -> Self {
        let ballot = forgery.bytes(election, rng);
        let (tracker, secrets) = (Tracker::of(&ballot), [forgery.signer, forgery.nonce]);
        let request = spoil_request(election, &tracker, secrets, rng);
        Self {
            tracker,
            request: object(Kind::SpoilRequest, &request),
            opening: object(Kind::SpoilOpening, &spoil_opening(&ballot, &forgery.nonce)),
            cast: object(Kind::Ballot, &ballot),
        }
    }
}

/// Everything that a state holds.
fn view(state: &State) -> String {
    format!("{state:?}")
}

/// Posts an object that is refused with this error, and checks that it leaves no trace.
#[track_caller]
fn refuse(board: &mut Board, object: &[u8], expected: Refusal) {
    let before = (view(board.state()), board.bytes().len());
    assert_eq!(board.post(object, &mut rng(77)), Err(expected));
    assert!((view(board.state()), board.bytes().len()) == before, "it left a trace");
}

fn malformed(at: usize, kind: DecodeErrorKind) -> Refusal {
    Refusal::Malformed(DecodeError::new(at, kind))
}

const SIGNATURE: Refusal = Refusal::Signature { kind: Kind::SpoilRequest };

#[test]
fn a_spoiled_ballot_is_opened_by_everybody_and_never_counted() {
    let (mut world, mut board, election) = open_town(1);
    for ballot in world.town_ballots(&election) {
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let counted = board.state().partial_tally().cloned();
    let sealed = world.seal(&election, 2, &ada());
    let shown = sealed.tracker();
    let (request, spoiled) = sealed.spoil(&election, &world.voters[VOTER], &mut world.rng).unwrap();
    assert_eq!([request.tracker(), spoiled.tracker()], [shown; 2]);
    assert_eq!(request.voter(), world.voters[VOTER].public());
    let accepted = board.post(&request, &mut world.rng).unwrap();
    assert_eq!((board.state().spoiled(), board.state().opened_spoils()), (1, 0));
    assert_eq!(find(&board, &shown), Some((Fate::Spoiled, accepted.entry)));

    let receipt = board.receipt(&world.operator, accepted.entry, &mut world.rng).unwrap();
    let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
    let opened = board.post(&opening, &mut world.rng).unwrap();
    assert_eq!((opened.kind, opened.entry), (Kind::SpoilOpening, accepted.entry + 1));
    assert_eq!((board.state().spoiled(), board.state().opened_spoils()), (1, 1));

    // Another device, with the tracker from the voter and everything else from the board.
    let (_, content) = Kind::split(board.entry(opened.entry).unwrap()).unwrap();
    let opening = election.read_opening(content).unwrap();
    assert_eq!((opening.tracker(), opening.to_bytes().as_slice()), (shown, content));
    let opened = election.check_opening(&opening, &mut world.rng).unwrap();
    assert_eq!((opened.tracker, opened.header), (shown, header(0, 2)));
    let contest = |id: &str, option| OpenedContest { id: id.into(), marks: vec![vote(option)] };
    assert_eq!(opened.contests, [contest("mayor", "ada"), contest("pool", "yes")]);
    assert_eq!(opened.to_string(), "mayor: ada 1\npool: yes 1");
    assert_eq!(opened.compare(&ada()), Ok(()));

    // A second one is never opened; the voter then votes with the same sequence number as before.
    world.spoil_on(&mut board, &ben());
    assert_eq!(board.state().partial_tally().cloned(), counted);
    let header = header(0, 2);
    let ballot = world.ballot(&election, VOTER, &header, &ada());
    assert_eq!(board.post(&ballot, &mut world.rng).unwrap().replaces, Some(FIRST_BALLOT + 4));
    let (_, outcome) = world.finish(&mut board, &[0, 1]);
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Ok(3), Ok(1)));
    assert_eq!(outcome.turnout().ballots(), 4);
    let expect = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.ballots, report.spoiled, report.opened_spoils), (6, 2, 1));
    assert!(report.to_string().contains("\nspoiled   2 ballots, 1 of them opened\n"), "{report}");
    let again = tabella::board::replay(board.bytes(), &mut world.rng).unwrap();
    assert_eq!((again.state().spoiled(), again.state().opened_spoils()), (2, 1));
}

/// The first of the two on the board wins, whichever it is, and whether they come one by one or together.
#[test]
fn cast_and_spoil_exclude_each_other() {
    let (mut world, mut board, election) = open_town(2);
    let [first, second, third] =
        [(0, 5), (0, 6), (1, 7)].map(|(s, n)| world.known(&election, s, n));
    let spoiled = board.post(&first.request, &mut world.rng).unwrap().entry;
    refuse(&mut board, &first.cast, Refusal::Spoiled { entry: spoiled });
    refuse(&mut board, &first.request, Refusal::AlreadyOnBoard { entry: spoiled });
    board.post(&first.opening, &mut world.rng).unwrap();
    refuse(&mut board, &first.cast, Refusal::Spoiled { entry: spoiled });
    assert_eq!(find(&board, &first.tracker), Some((Fate::Spoiled, spoiled)));

    let cast = board.post(&second.cast, &mut world.rng).unwrap().entry;
    let counted = board.state().partial_tally().cloned();
    refuse(&mut board, &second.request, Refusal::AlreadyOnBoard { entry: cast });
    refuse(&mut board, &second.opening, Refusal::UnknownSpoil);
    // The board forgets the tracker of a replaced ballot, but not its nonce.
    board.post(&third.cast, &mut world.rng).unwrap();
    refuse(&mut board, &second.request, Refusal::NonceReused);
    assert_eq!(find(&board, &second.tracker), Some((Fate::Cast, cast)));
    assert_ne!(board.state().partial_tally().cloned(), counted);

    let [fourth, fifth] = [(2, 8), (2, 9)].map(|(s, n)| world.known(&election, s, n));
    let objects = [&fourth.cast, &fourth.request, &fifth.request, &fifth.cast, &fifth.opening];
    let entry = board.state().size();
    let results = board.post_all(&objects, &mut world.rng);
    assert_eq!(results[0].as_ref().unwrap().replaces, Some(cast + 1));
    assert_eq!(results[1], Err(Refusal::AlreadyOnBoard { entry }));
    assert!(results[2].is_ok() && results[4].is_ok());
    // The voter has now cast as many as allowed, but the spoiling is reported first.
    assert_eq!(results[3], Err(Refusal::Spoiled { entry: entry + 1 }));
}

/// A request with another nonce point than the ballot's has no effect: it takes no vote away, can never be opened, and blocks
/// nobody.
#[test]
fn a_request_that_does_not_fit_its_ballot_changes_nothing() {
    let (mut world, mut board, election) = open_town(3);
    let [old, last] = [(0, 5), (1, 6)].map(|(s, n)| world.known(&election, s, n));
    let cast = board.post(&old.cast, &mut world.rng).unwrap().entry;
    board.post(&last.cast, &mut world.rng).unwrap();
    let counted = board.state().partial_tally().cloned();
    let signer = secret(&world.voters[VOTER]);
    let other = [signer, Scalar::from(50u64)];
    let request = spoil_request(&election, &old.tracker, other, &mut world.rng);
    board.post(&object(Kind::SpoilRequest, &request), &mut world.rng).unwrap();
    refuse(&mut board, &old.opening, Refusal::UnknownSpoil);
    assert_eq!(find(&board, &old.tracker), Some((Fate::Cast, cast)));
    assert_eq!(board.state().partial_tally().cloned(), counted);

    // Another voter names a ballot that is still to be cast.
    let next = world.known(&election, 2, 7);
    let stranger = [secret(&world.voters[1]), Scalar::from(51u64)];
    let request = spoil_request(&election, &next.tracker, stranger, &mut world.rng);
    let entry = board.post(&object(Kind::SpoilRequest, &request), &mut world.rng).unwrap().entry;
    assert_eq!(find(&board, &next.tracker), Some((Fate::Spoiled, entry)));
    refuse(&mut board, &next.opening, Refusal::UnknownSpoil);
    let cast = board.post(&next.cast, &mut world.rng).unwrap().entry;
    assert_eq!(find(&board, &next.tracker), Some((Fate::Cast, cast)));
}

#[test]
fn spoil_request_is_signed_by_the_voter_who_knows_the_nonce() {
    let (mut world, mut board, election) = open_town(4);
    let known = world.known(&election, 0, 5);
    let content = &known.request[1..];
    assert_eq!(content.len(), 224);
    let [voter, stranger] = [VOTER, 1].map(|place| secret(&world.voters[place]));
    let nonce = Scalar::from(5u64);
    let mut request = |election: &Election, tracker: &Tracker, secrets: [Scalar; 2]| {
        object(Kind::SpoilRequest, &spoil_request(election, tracker, secrets, &mut world.rng))
    };
    // The voter's key and the nonce point, with proofs for others.
    for secrets in [[stranger, nonce], [voter, Scalar::from(6u64)]] {
        let forged = request(&election, &known.tracker, secrets);
        refuse(&mut board, &[&known.request[..97], &forged[97..]].concat(), SIGNATURE);
    }
    let mut other = World::town(5);
    let other = other.open().election().unwrap().clone();
    refuse(&mut board, &request(&other, &known.tracker, [voter, nonce]), SIGNATURE);
    let elsewhere = request(&election, &Tracker::from([9; 32]), [voter, nonce]);
    refuse(&mut board, &[&known.request[..33], &elsewhere[33..]].concat(), SIGNATURE);
    let unknown = request(&election, &known.tracker, [Scalar::from(7u64), nonce]);
    refuse(&mut board, &unknown, Refusal::UnknownVoter);
    // Nobody can block a ballot with its nonce point, which can be seen in transit.
    let blocked = request(&election, &Tracker::from([9; 32]), [stranger, Scalar::from(6u64)]);
    let blocking = [&blocked[..65], &known.request[65..97], &blocked[97..]].concat();
    refuse(&mut board, &blocking, SIGNATURE);

    let at = |bytes: &[u8]| SpoilRequest::from_bytes(bytes).unwrap();
    at(content).verify(&election, &mut world.rng).unwrap();
    let error = at(content).verify(&other, &mut world.rng).unwrap_err();
    assert_eq!(error.culprits()[0].check, ProofCheck::Equation("SPOIL.REQUEST"));
    let before = view(board.state());
    bit_flips(content, |bit, flipped| {
        let error = board.post(&object(Kind::SpoilRequest, flipped), &mut world.rng).unwrap_err();
        let expected = match bit / 8 {
            0..32 => error == SIGNATURE,
            32..64 => matches!(error, Refusal::Malformed(_) | Refusal::UnknownVoter),
            _ => error == SIGNATURE || matches!(error, Refusal::Malformed(_)),
        };
        assert!(expected, "bit {bit}: {error}");
    });
    for length in 0..content.len() {
        let error = board.post(&known.request[..=length], &mut world.rng).unwrap_err();
        let end = matches!(
            error,
            Refusal::Malformed(DecodeError { at, kind: DecodeErrorKind::Truncated { .. }, .. }) if at == length
        );
        assert!(end, "{length}: {error}");
    }
    let longer = [&known.request[..], &[0]].concat();
    let trailing = malformed(224, DecodeErrorKind::Trailing { extra: 1 });
    assert_eq!(board.post(&longer, &mut world.rng), Err(trailing));
    assert!(view(board.state()) == before, "a trace was left");
    board.post(&known.request, &mut world.rng).unwrap();
}

#[test]
fn a_voter_spoils_as_many_ballots_as_can_be_cast() {
    let (mut world, mut board, election) = open_town(6);
    let voter = *world.voters[VOTER].public();
    for place in 0..3 {
        let known = world.known(&election, 0, 10 + place);
        board.post(&known.request, &mut world.rng).unwrap();
        assert_eq!(board.state().next_sequence(&voter), Some(0));
    }
    let known = world.known(&election, 0, 20);
    refuse(&mut board, &known.request, Refusal::TooManySpoils { cap: 3 });
    // It can still be cast, as can two more. Others can also spoil.
    for sequence in 0..3 {
        let known = world.known(&election, sequence, 20 + u64::from(sequence));
        board.post(&known.cast, &mut world.rng).unwrap();
    }
    let other = Forgery::honest(&world.voters[4], header(1, 0), &[1, 0, 1, 0, 0], 30);
    let other = Known::new(&election, &other, &mut world.rng);
    board.post(&other.request, &mut world.rng).unwrap();
    assert_eq!(board.state().spoiled(), 4);
}

#[test]
fn two_spoiled_ballots_do_not_share_a_nonce() {
    let (mut world, mut board, election) = open_town(7);
    let [first, second] = [0, 1].map(|sequence| world.known(&election, sequence, 5));
    board.post(&first.request, &mut world.rng).unwrap();
    refuse(&mut board, &second.request, Refusal::NonceReused);
    let again = world.known(&election, 0, 5);
    assert_ne!(again.tracker, first.tracker);
    refuse(&mut board, &again.cast, Refusal::NonceReused);
}

#[test]
fn openings_are_refused_by_name() {
    let (mut world, mut board, election) = open_town(8);
    let known = world.known(&election, 0, 5);
    refuse(&mut board, &known.opening, Refusal::UnknownSpoil);
    board.post(&known.request, &mut world.rng).unwrap();
    let other_proof = world.known(&election, 0, 5);
    refuse(&mut board, &other_proof.opening, Refusal::UnknownSpoil);
    let wrong = spoil_opening(&known.cast[1..], &Scalar::from(6u64));
    let wrong = object(Kind::SpoilOpening, &wrong);
    refuse(&mut board, &wrong, Refusal::Opening(OpeningError::Nonce));
    let none = object(Kind::SpoilOpening, &spoil_opening(&known.cast[1..], &Scalar::ZERO));
    refuse(&mut board, &none, Refusal::Opening(OpeningError::Nonce));
    let end = known.opening.len() - 1;
    let missing = |missing| DecodeErrorKind::Truncated { missing };
    refuse(&mut board, &known.opening[..end], malformed(end - 1, missing(1)));
    refuse(&mut board, &known.opening[..32], malformed(31, missing(1)));
    let longer = [&known.opening[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(end, DecodeErrorKind::Trailing { extra: 1 }));

    let before = view(board.state());
    bit_flips(&known.opening[1..], |bit, flipped| {
        // Every bit of the nonce and of the ballot's head, and some of the rest.
        if bit / 8 < 80 || bit % 37 == 0 {
            let error = board.post(&object(Kind::SpoilOpening, flipped), &mut rng(1)).unwrap_err();
            let expected = match bit / 8 {
                0..32 => error == Refusal::Opening(OpeningError::Nonce),
                39..71 => error == Refusal::UnknownVoter,
                _ => error == Refusal::UnknownSpoil,
            };
            assert!(expected || matches!(error, Refusal::Malformed(_)), "bit {bit}: {error}");
        }
    });
    assert!(view(board.state()) == before, "a trace was left");
    let entry = board.post(&known.opening, &mut world.rng).unwrap().entry;
    refuse(&mut board, &known.opening, Refusal::AlreadyOpened { entry });
}

/// The result is the deadline for an opening: a later one is refused as such and changes nothing.
#[test]
fn openings_are_taken_until_the_result_and_requests_until_the_close() {
    let (mut world, mut board, election) = open_town(9);
    let known: Vec<_> = (5..8).map(|nonce| world.known(&election, 0, nonce)).collect();
    for known in &known {
        board.post(&known.request, &mut world.rng).unwrap();
    }
    for ballot in world.town_ballots(&election) {
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let late = world.known(&election, 0, 9);
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    refuse(&mut board, &late.request, Refusal::Closed);
    board.post(&known[0].opening, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    board.post(&known[1].opening, rng).unwrap();
    for trustee in &mut trustees[..2] {
        let share = trustee.open(board.state(), rng).unwrap();
        board.post(&share, rng).unwrap();
    }
    let table = tabella::crypto::dlog::DlogTable::new(tally.bound());
    board.finish(operator, &table, rng).unwrap();
    let (kind, phase) = (Kind::SpoilOpening, Phase::Finished);
    refuse(&mut board, &known[2].opening, Refusal::OutOfPhase { kind, phase });
    refuse(&mut board, &late.request, Refusal::Closed);
    let report = audit::run(board.bytes(), &Expect::default(), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.spoiled, report.opened_spoils), (3, 2));
}

/// What somebody puts into a spoiled ballot, and what its opening shows.
#[test]
fn spoil_open_finds_what_is_wrong_with_a_ballot() {
    let (mut world, mut board, election) = open_town(10);
    let honest = Forgery::honest(&world.voters[VOTER], header(0, 0), &[1, 0, 1, 0, 0], 5);
    let value = |contest: &str, slot: &str| OpeningError::Value {
        contest: contest.into(),
        slot: slot.into(),
        max: 1,
    };
    let rule = |contest: &str, broken| OpeningError::Rule { contest: contest.into(), broken };
    let many = Broken::TooMany { found: 2, max: 1 };
    let cases = [
        ([2, 0, 1, 0, 0], value("mayor", "ada")),
        ([1, -1, 1, 0, 0], value("mayor", "ben")),
        ([1, 0, 1, 0, 2], value("pool", "blank")),
        ([1, 1, 1, 0, 0], rule("mayor", many)),
        ([0, 0, 1, 0, 0], rule("mayor", Broken::TooFew { found: 0, min: 1 })),
        ([1, 0, 1, 1, 0], rule("pool", many)),
        ([1, 0, 0, 1, 1], rule("pool", Broken::MarkWithVotes)),
        ([1, 0, 0, 0, 0], rule("pool", Broken::TooFew { found: 0, min: 1 })),
    ];
    let mut bad: Vec<(Forgery, OpeningError)> = Vec::new();
    for (values, error) in cases {
        bad.push((Forgery { values: values.to_vec(), ..honest.clone() }, error));
    }
    // A valid vote with an invalid proof.
    let v2 = || OpeningError::Proof(ProofCheck::Equation("BALLOT.V2"));
    let known_nonce = Scalar::from(6u64);
    bad.push((Forgery { known_nonce, ..honest.clone() }, v2()));
    bad.push((Forgery { bits: vec![0, 1, 1, 0, 0], ..honest.clone() }, v2()));
    let signer = secret(&world.voters[1]);
    let unsigned = Forgery { signer, ..honest.clone() };
    let bytes = unsigned.bytes(&election, &mut world.rng);
    let opening = election.read_opening(&spoil_opening(&bytes, &unsigned.nonce)).unwrap();
    assert_eq!(election.check_opening(&opening, &mut world.rng), Err(v2()));

    for (place, (forgery, error)) in bad.into_iter().enumerate() {
        // A new board after every three, which is the cap.
        if place % 3 == 0 {
            board = world.open();
        }
        let nonce = Scalar::from(100 + place as u64);
        let known_nonce = if forgery.known_nonce == known_nonce { known_nonce } else { nonce };
        let forgery = Forgery { nonce, known_nonce, ..forgery };
        let known = Known::new(&election, &forgery, &mut world.rng);
        let opening = election.read_opening(&known.opening[1..]).unwrap();
        let found = election.check_opening(&opening, &mut world.rng).unwrap_err();
        assert_eq!(found, error, "{place}");
        board.post(&known.request, &mut world.rng).unwrap();
        let refusal = match error {
            OpeningError::Proof(check) => Refusal::Proof(check),
            other => Refusal::Opening(other),
        };
        refuse(&mut board, &known.opening, refusal);
    }
    // Another district's ballot.
    let other = Forgery { header: header(1, 0), nonce: Scalar::from(7u64), ..honest };
    let other = Forgery { known_nonce: other.nonce, ..other };
    let mut board = world.open();
    let known = Known::new(&election, &other, &mut world.rng);
    board.post(&known.request, &mut world.rng).unwrap();
    refuse(&mut board, &known.opening, Refusal::WrongStyle { found: 1, expected: 0 });
}

/// ATTACK. A device that encrypts another choice cannot know whether it will be challenged.
#[test]
fn a_device_that_encrypts_another_choice_is_caught_by_comparing() {
    let (mut world, mut board, election) = open_town(11);
    // The voter chose Ada; the device encrypts a vote for Ben.
    let (spoiled, receipt) = world.spoil_on(&mut board, &ben());
    let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
    board.post(&opening, &mut world.rng).unwrap();
    let opened = election.check_opening(&opening, &mut world.rng).unwrap();
    assert_eq!(opened.to_string(), "mayor: ben 1\npool: blank");
    let difference = |contest: &str, found: &[Mark], chosen: &[Mark]| {
        let contest = contest.into();
        Err(Difference { contest, found: found.to_vec(), chosen: chosen.to_vec() })
    };
    let mayor = opened.compare(&ada());
    assert_eq!(mayor, difference("mayor", &[vote("ben")], &[vote("ada")]));
    assert_eq!(
        mayor.unwrap_err().to_string(),
        "contest 'mayor': in the ballot, but not chosen: ben 1; chosen, but not in the ballot: ada 1"
    );
    let pool = Choices::new().pick("mayor", "ben").pick("pool", "yes");
    assert_eq!(
        opened.compare(&pool),
        difference("pool", &[Mark::Counted { id: "blank".into() }], &[vote("yes")])
    );
    let unmarked = opened.compare(&Choices::new().pick("mayor", "ben"));
    assert_eq!(unmarked, difference("pool", &[Mark::Counted { id: "blank".into() }], &[]));
    let text = "contest 'pool': in the ballot, but not chosen: blank";
    assert_eq!(unmarked.unwrap_err().to_string(), text);
    // Choices for contests or options that are not on this ballot.
    for (contest, option) in [("mayor", "eve"), ("bridge", "yes")] {
        let more = opened.compare(&ben().pick(contest, option));
        assert_eq!(more, difference(contest, &[], &[vote(option)]));
        let text = format!("contest '{contest}': chosen, but not in the ballot: {option} 1");
        assert_eq!(more.unwrap_err().to_string(), text);
    }
    let blank = ben().blank("mayor");
    assert_eq!(
        opened.compare(&blank),
        difference("mayor", &[], &[Mark::Counted { id: "blank".into() }])
    );
    // A rank is not a vote, and two votes are not one.
    let rank = Mark::Option { name: "ben".into(), given: Given::Rank(1) };
    let ranked = Choices::new().rank("mayor", ["ben"]).blank("pool");
    assert_eq!(opened.compare(&ranked), difference("mayor", &[vote("ben")], &[rank]));
    assert!(opened.compare(&ben().pick("mayor", "ben")).is_err());
    assert_eq!(opened.compare(&ben()), Ok(()));

    // It cannot open another ballot than the one whose tracker it showed.
    let (_, other) = world.spoil(&election, &ada());
    let (found, expected) = (spoiled.tracker(), other.tracker());
    let error = other.open(&receipt, &mut world.rng).unwrap_err();
    assert_eq!(error, ReceiptError::OtherBallot { found, expected });
}

#[test]
fn scores_and_undervotes_are_read_from_an_opened_ballot() {
    let scores = Contest::choose("budget", ["park", "road", "school"], 0..=1000).each(700).blank();
    let approval = Contest::approval("talks", ["a", "b"]);
    let mut world = World::new(12, (2, 2), &[0; 2], |b| b.contest(scores).contest(approval));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let cases = [
        (
            Choices::new()
                .score("budget", "park", 700)
                .score("budget", "school", 257)
                .pick("talks", "b"),
            "budget: park 700, school 257\ntalks: b 1",
        ),
        (Choices::new(), "budget: no vote\ntalks: no vote"),
        (
            Choices::new().blank("budget").pick("talks", "a").pick("talks", "b"),
            "budget: blank\ntalks: a 1, b 1",
        ),
    ];
    for (choices, text) in cases {
        let (spoiled, receipt) = world.spoil_on(&mut board, &choices);
        let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
        board.post(&opening, &mut world.rng).unwrap();
        let opened = election.check_opening(&opening, &mut world.rng).unwrap();
        assert_eq!(opened.to_string(), text);
        assert_eq!(opened.compare(&choices), Ok(()));
    }
}

#[test]
fn a_nonce_leaves_the_device_for_the_right_receipt_only() {
    let (mut world, mut board, election) = open_town(13);
    let (request, spoiled) = world.spoil(&election, &ada());
    let tracker = spoiled.tracker();
    assert_eq!(format!("{spoiled:?}"), format!("SpoiledBallot({tracker}, ..)"));
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let World { operator, secrets, rng, .. } = &mut world;
    let receipt = board.receipt(operator, entry, rng).unwrap();
    let forged = forge::receipt_by(&secrets[0], election.manifest(), &receipt, rng);
    assert_eq!(spoiled.open(&forged, rng), Err(ReceiptError::Signature));
    // A receipt with one change: for a cast ballot, or for another tracker.
    let mut cast = receipt.to_bytes();
    cast[0] = 0;
    let (found, expected) = (Fate::Cast, Fate::Spoiled);
    let error = ReceiptError::OtherFate { found, expected };
    assert_eq!(spoiled.open(&read(&cast), rng), Err(error));
    let mut other = receipt.to_bytes();
    other[17 + 32] ^= 1;
    assert!(matches!(spoiled.open(&read(&other), rng), Err(ReceiptError::OtherBallot { .. })));
    let mut moved = receipt.to_bytes();
    moved[8] ^= 1;
    assert_eq!(spoiled.open(&read(&moved), rng), Err(ReceiptError::Signature));
    let failing = &mut Failing { rng: rng.clone(), left: 0 };
    assert_eq!(spoiled.open(&receipt, failing), Err(ReceiptError::Randomness));
    // The operator's receipt from another election.
    let mut elsewhere = World::town(14);
    elsewhere.operator = operator.clone();
    let mut builder = tabella::manifest::Manifest::builder("other")
        .operator(operator.public().clone())
        .trustees(elsewhere.secrets.iter().map(|s| s.public().clone()), 2);
    builder = builder.contest(Contest::choose_one("mayor", ["ada", "ben"]));
    let manifest = builder.build().unwrap();
    assert_eq!(receipt.verify(&manifest, rng), Err(ReceiptError::Signature));
    // After all this, the right receipt still opens it.
    let opening = spoiled.open(&receipt, rng).unwrap();
    assert_eq!(opening.tracker(), tracker);
    board.post(&opening, rng).unwrap();

    // Another voter's credential cannot spoil it.
    let sealed = world.seal(&election, 0, &ada());
    let error = sealed.spoil(&election, &world.voters[1], &mut world.rng).unwrap_err();
    assert_eq!(error, ProveError::WrongSecret);
    // Another election's operator cannot spoil it either: it could still be cast in its own election.
    let sealed = world.seal(&election, 0, &ada());
    let mut other = World::town(21);
    let other = other.open().election().unwrap().clone();
    let error = sealed.spoil(&other, &world.voters[VOTER], &mut world.rng).unwrap_err();
    assert_eq!(error, ProveError::OtherElection);
    let sealed = world.seal(&election, 0, &ada());
    let failing = &mut Failing { rng: rng_of(&world), left: 0 };
    let error = sealed.spoil(&election, &world.voters[VOTER], failing).unwrap_err();
    assert_eq!(error, ProveError::Randomness);
}

fn rng_of(world: &World) -> rand_chacha::ChaCha20Rng {
    world.rng.clone()
}

#[test]
fn a_generator_that_fails_is_no_verdict_on_a_spoil() {
    let (mut world, mut board, election) = open_town(15);
    let known = world.known(&election, 0, 5);
    let failing = || Failing { rng: rng(5), left: 0 };
    let before = view(board.state());
    assert_eq!(board.post(&known.request, &mut failing()), Err(Refusal::Randomness));
    assert!(view(board.state()) == before);
    let request = SpoilRequest::from_bytes(&known.request[1..]).unwrap();
    assert_eq!(request.verify(&election, &mut failing()), Err(VerifyError::Randomness));
    board.post(&known.request, &mut world.rng).unwrap();
    let before = view(board.state());
    assert_eq!(board.post(&known.opening, &mut failing()), Err(Refusal::Randomness));
    assert!(view(board.state()) == before);
    let opening = election.read_opening(&known.opening[1..]).unwrap();
    let error = election.check_opening(&opening, &mut failing());
    assert_eq!(error, Err(OpeningError::Randomness));
}

#[test]
fn receipts_are_for_ballots_on_the_board_and_nothing_else() {
    let (mut world, mut board, _) = open_town(16);
    let election = board.election().unwrap().clone();
    let ballots = world.town_ballots(&election);
    let accepted = board.post_all(&ballots, &mut world.rng);
    let World { operator, manifest, rng, .. } = &mut world;
    // All receipts of one call, with one root.
    let head = Head { size: board.state().size(), root: board.state().root() };
    for (ballot, accepted) in ballots.iter().zip(accepted) {
        let entry = accepted.unwrap().entry;
        let receipt = board.receipt(operator, entry, rng).unwrap();
        assert_eq!((receipt.fate(), receipt.entry()), (Fate::Cast, entry));
        assert_eq!((receipt.tracker(), receipt.head()), (ballot.tracker(), head));
        receipt.verify(manifest, rng).unwrap();
        assert_eq!(keeps(&board, &receipt), Ok(()));
    }
    let state = board.state();
    for (entry, refused) in [
        (0, NoReceipt::NoBallot { entry: 0, kind: Some(Kind::Manifest) }),
        (FIRST_BALLOT - 1, NoReceipt::NoBallot { entry: FIRST_BALLOT - 1, kind: Some(Kind::Roll) }),
        (head.size, NoReceipt::NoEntry { entry: head.size, size: head.size }),
    ] {
        let error = board.receipt(operator, entry, rng).unwrap_err();
        assert_eq!(error, BoardError::Receipt(refused));
    }
    let text = NoReceipt::NoBallot { entry: 0, kind: Some(Kind::Manifest) }.to_string();
    assert_eq!(
        text,
        "receipts are for ballots and spoil requests; entry 0 is of the kind 'manifest'"
    );
    let ballot = board.entry(FIRST_BALLOT).unwrap();
    let error = state.receipt(operator, head.size, ballot, rng);
    assert_eq!(error, Err(NoReceipt::NoEntry { entry: head.size, size: head.size }));
    let error = State::new().receipt(operator, 0, ballot, rng);
    assert_eq!(error, Err(NoReceipt::NoManifest));
    let failing = &mut Failing { rng: rng.clone(), left: 0 };
    let error = state.receipt(operator, FIRST_BALLOT, ballot, failing);
    assert_eq!(error, Err(NoReceipt::Sign(ProveError::Randomness)));
}

#[test]
fn board_author_signs_every_bit_of_a_receipt() {
    let (mut world, mut board, _) = open_town(17);
    let (_, receipt) = world.spoil_on(&mut board, &ada());
    let World { manifest, rng, .. } = &mut world;
    let bytes = receipt.to_bytes();
    assert_eq!((bytes.len(), Receipt::from_bytes(&bytes)), (145, Ok(receipt.clone())));
    receipt.verify(manifest, rng).unwrap();
    bit_flips(&bytes, |bit, flipped| {
        if let Ok(flipped) = Receipt::from_bytes(flipped) {
            assert_eq!(flipped.verify(manifest, rng), Err(ReceiptError::Signature), "bit {bit}");
        }
    });
    for end in 0..bytes.len() {
        assert!(Receipt::from_bytes(&bytes[..end]).is_err());
    }
    // There is no receipt for an entry that the board does not have.
    let mut beyond = bytes.clone();
    beyond.copy_within(9..17, 1);
    let found = receipt.head().size;
    let kind = DecodeErrorKind::Value { found, max: found - 1 };
    assert_eq!(Receipt::from_bytes(&beyond), Err(DecodeError::new(1, kind)));
    let failing = &mut Failing { rng: rng.clone(), left: 0 };
    assert_eq!(receipt.verify(manifest, failing), Err(ReceiptError::Randomness));
    let other = AuthorSecret::random(rng).unwrap();
    let forged = forge::receipt_by(&other, manifest, &receipt, rng);
    assert_eq!(forged.verify(manifest, rng), Err(ReceiptError::Signature));
}

#[test]
fn a_board_that_does_not_keep_a_receipt_is_found_out() {
    let (mut world, mut board, election) = open_town(18);
    let known = world.known(&election, 0, 5);
    let before = board.clone();
    let entry = board.post(&known.cast, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let head = receipt.head();
    let kept = |entry, root| receipt.kept(entry, root, None).map(drop);
    assert_eq!(keeps(&board, &receipt), Ok(()));
    // The board continues, and keeps it.
    let (_, later) = world.spoil_on(&mut board, &ada());
    assert_eq!((keeps(&board, &receipt), keeps(&board, &later)), (Ok(()), Ok(())));

    // The ballot was left out: nothing is there yet, then another's ballot, then the same one after another's.
    let mut other = before;
    assert_eq!(keeps(&other, &receipt), Err(ReceiptError::NotThere { found: None, entry }));
    let stranger = world.ballot(&election, 1, &header(0, 0), &ben());
    other.post(&stranger, &mut world.rng).unwrap();
    let found = Some((Fate::Cast, stranger.tracker()));
    assert_eq!(keeps(&other, &receipt), Err(ReceiptError::NotThere { found, entry }));
    other.post(&known.cast, &mut world.rng).unwrap();
    assert_eq!(keeps(&other, &receipt), Err(ReceiptError::NotThere { found, entry }));
    // It was spoiled instead of cast.
    let request = Some(&known.request[..]);
    let found = Some((Fate::Spoiled, known.tracker));
    assert_eq!(kept(request, Some(head.root)), Err(ReceiptError::NotThere { found, entry }));
    // It is there, but on another board, or on one that ends too early.
    let root = Tree::default().root();
    let error =
        |found| Err(ReceiptError::OtherBoard { found, expected: head.root, size: head.size });
    assert_eq!(kept(Some(&known.cast), Some(root)), error(Some(root)));
    assert_eq!(kept(Some(&known.cast), None), error(None));
    assert_eq!(kept(Some(&known.cast), Some(head.root)), Ok(()));
    // An object other than a ballot or a request has no tracker.
    let opening = Some(&known.opening[..]);
    assert_eq!(kept(opening, None), Err(ReceiptError::NotThere { found: None, entry }));
    assert_eq!(Posted::of_entry(&known.request[..224]), None);
    assert_eq!(Posted::of_entry(&[]), None);
}

#[test]
fn trackers_and_receipts_are_read_back_from_text() {
    let (mut world, mut board, _) = open_town(19);
    let (spoiled, receipt) = world.spoil_on(&mut board, &ada());
    let tracker = spoiled.tracker();
    let text = tracker.to_string();
    assert_eq!(text.parse(), Ok(tracker));
    let (head, tail) = text.split_at(20);
    assert_eq!(format!("{head} -{tail}\n").to_uppercase().parse(), Ok(tracker));
    let typo = |text: &str, at: usize| {
        let mut typo = text.to_string().into_bytes();
        typo[at] = if typo[at] == b'q' { b'p' } else { b'q' };
        String::from_utf8(typo).unwrap()
    };
    for at in 8..text.len() {
        assert_eq!(typo(&text, at).parse::<Tracker>(), Err(TextError::Checksum), "{at}");
    }
    let receipt_text = receipt.to_string();
    assert!(receipt_text.starts_with("receipt1"));
    assert_eq!(receipt_text.parse(), Ok(receipt));
    for at in 8..receipt_text.len() {
        assert_eq!(typo(&receipt_text, at).parse::<Receipt>(), Err(TextError::Checksum), "{at}");
    }
    assert_eq!(receipt_text.parse::<Tracker>(), Err(TextError::Prefix("tracker")));
    assert_eq!(text.parse::<Receipt>(), Err(TextError::Prefix("receipt")));
    // The right prefix, with one byte too many or too few.
    let hrp = bech32::Hrp::parse("tracker").unwrap();
    for length in [0, 31, 33] {
        let text = bech32::encode::<bech32::Bech32m>(hrp, &vec![7; length]).unwrap();
        assert!(matches!(text.parse::<Tracker>(), Err(TextError::Value(_))), "{length}");
    }
}

/// Without a receipt a request reveals nothing that a ballot needs.
#[test]
fn a_request_holds_no_ballot_that_could_be_cast() {
    let (mut world, _, election) = open_town(20);
    let (request, spoiled) = world.spoil(&election, &ada());
    let bytes = request.to_bytes();
    let mut board = world.open();
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let ballot = spoiled.open(&receipt, &mut world.rng).unwrap().ballot().to_bytes();
    // Of the ciphertext and the proof, the request has only the nonce point.
    let shared: Vec<usize> = (7..ballot.len())
        .step_by(32)
        .filter(|at| bytes.windows(32).any(|w| w == &ballot[*at..*at + 32]))
        .collect();
    assert_eq!(shared, [7, 39]);
    assert!(forge::header_bytes(&header(0, 0)).len() == 7);
}
