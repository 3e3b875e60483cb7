//! The rounds of the key ceremony with arbitrary behaviour: who is at fault, who remains, and what opens.

use attacks::{
    World,
    dealer::{
        self, Dealer, Parts, commit, complaint, exposed, image, interpolate, messages, plus_order,
        receive, registered, world,
    },
    rng,
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use itertools::Itertools;
use proptest::{prelude::*, sample::subsequence};
use std::{collections::BTreeSet, sync::OnceLock};
use tabella::{
    board::{Board, Phase, Refusal},
    codec::{Decode, Encode},
    contest::Contest,
    crypto::{
        ProofCheck,
        signature::{AuthorSecret, Signature},
    },
    keys::{
        self, Blame, Commit, Complaint, Conviction, Deal, KeyError, Observer, Party, PartyFault,
        Recipient, Round, Setup,
    },
    manifest::Manifest,
};

/// Everything that a cheat does.
#[derive(Clone, Debug)]
struct Cheat {
    deal: CheatDeal,
    /// Bit mask of the members whose good shares they complain about.
    complaints: u16,
    /// Whether they do not report a bad share of their own.
    silent: bool,
    confirm: Confirm,
    /// Whether they send everything again with other content.
    twice: bool,
}

#[derive(Clone, Debug)]
enum CheatDeal {
    Good,
    NoCommit,
    NoDeal,
    WrongCommit,
    InvalidProof,
    Unreadable(usize),
    /// Bit mask of the members, and the fault.
    BadShares(u16, BadShare),
}

#[derive(Clone, Copy, Debug)]
enum BadShare {
    Garbage,
    NotCanonical,
    OtherValue,
}

#[derive(Clone, Debug)]
enum Confirm {
    Good,
    Not,
    Forged,
}

#[derive(Clone, Debug)]
struct Plan {
    n: u16,
    t: u16,
    /// By number, from 1; all others are honest.
    cheats: Vec<(u16, Cheat)>,
    seed: u8,
}

fn cheat() -> impl Strategy<Value = Cheat> {
    let share = prop_oneof![
        Just(BadShare::Garbage),
        Just(BadShare::NotCanonical),
        Just(BadShare::OtherValue)
    ];
    let deal = prop_oneof![
        3 => Just(CheatDeal::Good),
        1 => Just(CheatDeal::NoCommit),
        1 => Just(CheatDeal::NoDeal),
        1 => Just(CheatDeal::WrongCommit),
        1 => Just(CheatDeal::InvalidProof),
        1 => (0..300usize).prop_map(CheatDeal::Unreadable),
        4 => (any::<u16>(), share).prop_map(|(to, how)| CheatDeal::BadShares(to, how)),
    ];
    let complaints = prop_oneof![Just(0), any::<u16>()];
    let confirm = prop_oneof![Just(Confirm::Good), Just(Confirm::Not), Just(Confirm::Forged)];
    (deal, complaints, any::<bool>(), confirm, any::<bool>()).prop_map(
        |(deal, complaints, silent, confirm, twice)| Cheat {
            deal,
            complaints,
            silent,
            confirm,
            twice,
        },
    )
}

fn plan(most: u16) -> impl Strategy<Value = Plan> {
    let sizes = (1..=most).prop_flat_map(|n| (Just(n), 1..=n));
    sizes.prop_flat_map(|(n, t)| {
        let who = subsequence((1..=n).collect_vec(), 0..=usize::from(n - t));
        (who, proptest::collection::vec(cheat(), usize::from(n)), any::<u8>()).prop_map(
            move |(who, cheats, seed)| Plan {
                n,
                t,
                cheats: who.into_iter().zip(cheats).collect(),
                seed,
            },
        )
    })
}

fn people() -> &'static [AuthorSecret] {
    static PEOPLE: OnceLock<Vec<AuthorSecret>> = OnceLock::new();
    PEOPLE.get_or_init(|| {
        let mut rng = rng(9);
        (0..=9).map(|_| AuthorSecret::random(&mut rng).unwrap()).collect()
    })
}

fn of(mask: u16, number: u16) -> bool {
    mask & (1 << number) != 0
}

/// All public messages, in the order in which they were sent.
enum Sent {
    Commit(Commit),
    Deal(u16, Vec<u8>),
    Complaint(Complaint),
    Confirmation(u16, Signature),
    Close,
}

/// An observer that keeps all messages, so that others can follow.
struct Ceremony {
    observer: Observer,
    sent: Vec<Sent>,
}

impl Ceremony {
    fn send(&mut self, message: Sent) -> Result<(), KeyError> {
        let result = follow(&mut self.observer, &message, 1);
        self.sent.push(message);
        result
    }
}

fn follow(observer: &mut Observer, message: &Sent, seed: u8) -> Result<(), KeyError> {
    let rng = &mut rng(seed);
    match message {
        Sent::Commit(commit) => observer.take_commit(commit.clone(), rng),
        Sent::Deal(dealer, bytes) => observer.take_deal(*dealer, bytes, rng).map(drop),
        Sent::Complaint(complaint) => observer.take_complaint(complaint.clone(), rng),
        Sent::Confirmation(number, signature) => {
            observer.take_confirmation(*number, signature, rng)
        }
        Sent::Close => observer.close_round(),
    }
}

/// Runs a ceremony as planned, and checks everything that a ceremony guarantees.
fn run(Plan { n, t, cheats, seed }: Plan) {
    let secrets = &people()[1..=usize::from(n)];
    let c = registered(secrets);
    let c = |number: u16| c[usize::from(number) - 1];
    let manifest = Manifest::builder("plan")
        .operator(people()[0].public().clone())
        .trustees(secrets.iter().map(|s| s.public().clone()), t)
        .contest(Contest::choose_one("a", ["x"]))
        .build()
        .unwrap();
    let setup = Setup::first(&manifest);
    let mut rng = rng(seed);
    let numbers = 1..=n;
    let cheat = |number: u16| cheats.iter().find(|(i, _)| *i == number).map(|(_, cheat)| cheat);
    let honest = numbers.clone().filter(|i| cheat(*i).is_none()).collect_vec();
    assert!(honest.len() >= usize::from(t));

    let mut ceremony = Ceremony { observer: Observer::new(setup.clone()), sent: Vec::new() };
    let mut dealers = Vec::new();
    let mut planned: Vec<(u16, Vec<u8>)> = Vec::new();
    // Who is at fault for what, derived from the plan alone.
    let mut guilty: BTreeSet<u16> = BTreeSet::new();
    // The members to whom each dealer deals a bad share.
    let mut bad_to: Vec<(u16, u16)> = Vec::new();
    let mut in_play: BTreeSet<u16> = numbers.clone().collect();
    for number in numbers.clone() {
        let Some(cheat) = cheat(number) else {
            let secret = &secrets[usize::from(number) - 1];
            let (dealer, commit) = keys::Dealer::new(&setup, number, secret, &mut rng).unwrap();
            dealers.push(dealer);
            ceremony.send(Sent::Commit(commit)).unwrap();
            continue;
        };
        let mut dealer = Dealer::new(&setup, number, c(number), &mut rng);
        if let CheatDeal::BadShares(to, how) = cheat.deal {
            for j in numbers.clone().filter(|j| of(to, *j)) {
                let mut plain: [u8; 32] = dealer.plain(j).try_into().unwrap();
                let place = usize::from(j) - 1;
                match how {
                    BadShare::Garbage => dealer.shares[place].fill(j as u8),
                    BadShare::NotCanonical => {
                        plain = plus_order(plain);
                        dealer.shares[place] = dealer.encrypt(j, &plain);
                    }
                    BadShare::OtherValue => {
                        let value = Scalar::from_canonical_bytes(plain).unwrap() + Scalar::ONE;
                        dealer.shares[place] = dealer.encrypt(j, value.as_bytes());
                    }
                }
                bad_to.push((number, j));
            }
        }
        let mut bytes = dealer.bytes(&mut rng);
        match &cheat.deal {
            CheatDeal::NoCommit => {
                in_play.remove(&number);
                continue;
            }
            CheatDeal::NoDeal => drop(in_play.remove(&number)),
            CheatDeal::InvalidProof => bytes[Parts::of(&setup).z[0].start] ^= 1,
            CheatDeal::Unreadable(length) => bytes.resize(*length.min(&(bytes.len() - 1)), 0),
            _ => {}
        }
        let promised = match &cheat.deal {
            CheatDeal::WrongCommit => {
                Dealer::new(&setup, number, c(number), &mut rng).bytes(&mut rng)
            }
            _ => bytes.clone(),
        };
        ceremony.send(Sent::Commit(commit(&setup, number, &c(number), &promised))).unwrap();
        if cheat.twice {
            let again = commit(&setup, number, &c(number), b"something else");
            let error = ceremony.send(Sent::Commit(again));
            assert_eq!(error, Err(KeyError::Duplicate { number }));
        }
        if !matches!(cheat.deal, CheatDeal::NoDeal) {
            planned.push((number, bytes));
        }
    }
    ceremony.send(Sent::Close).unwrap();

    for dealer in dealers {
        let deal = dealer.deal(&ceremony.observer).unwrap();
        ceremony.send(Sent::Deal(deal.dealer(), deal.to_bytes())).unwrap();
    }
    let mut deals = planned.clone();
    for (number, bytes) in planned {
        ceremony.send(Sent::Deal(number, bytes.clone())).unwrap();
        let cheat = cheat(number).unwrap();
        if matches!(
            cheat.deal,
            CheatDeal::WrongCommit | CheatDeal::InvalidProof | CheatDeal::Unreadable(_)
        ) {
            guilty.insert(number);
            in_play.remove(&number);
            deals.retain(|(i, _)| *i != number);
        }
        if cheat.twice {
            let error = ceremony.send(Sent::Deal(number, bytes));
            assert_eq!(error, Err(KeyError::Duplicate { number }));
        }
    }
    // Unsigned garbage in the names of honest members, too early, too late or repeated.
    let error = ceremony.send(Sent::Deal(honest[0], vec![7; 40]));
    assert_eq!(error, Err(KeyError::Duplicate { number: honest[0] }));
    ceremony.send(Sent::Close).unwrap();
    deals.extend(honest.iter().map(|i| (*i, ceremony.observer.deal(*i).unwrap().to_bytes())));

    let before = in_play.clone();
    for number in numbers.clone() {
        let is_bad = |dealer: u16| bad_to.contains(&(dealer, number));
        let secret = &secrets[usize::from(number) - 1];
        let recipient = Recipient::new(&setup, number, secret).unwrap();
        let mut all = Vec::new();
        match cheat(number) {
            None => all = recipient.complain(&ceremony.observer, &mut rng).unwrap(),
            Some(cheat) => {
                for (dealer, bytes) in &deals {
                    let complain =
                        if is_bad(*dealer) { !cheat.silent } else { of(cheat.complaints, *dealer) };
                    if complain {
                        all.push(complaint(&setup, number, &c(number), bytes, None));
                    }
                }
            }
        }
        let expected = deals.iter().map(|(i, _)| *i).filter(|i| is_bad(*i)).sorted().collect_vec();
        if cheat(number).is_none() {
            assert_eq!(all.iter().map(Complaint::dealer).collect_vec(), expected);
        }
        for complaint in all {
            let dealer = complaint.dealer();
            let result = ceremony.send(Sent::Complaint(complaint.clone()));
            if !before.contains(&number) {
                assert_eq!(result, Err(KeyError::Out { number }));
                continue;
            }
            assert_eq!(result, Ok(()));
            let at_fault = if is_bad(dealer) { dealer } else { number };
            guilty.insert(at_fault);
            in_play.remove(&at_fault);
            let error = ceremony.send(Sent::Complaint(complaint));
            assert_eq!(error, Err(KeyError::Duplicate { number }));
        }
    }
    // All complaints are decided together when the round is closed, not before.
    assert_eq!(ceremony.observer.ceremony(), None);
    ceremony.send(Sent::Close).unwrap();

    let observer = &ceremony.observer;
    let found = observer.found().iter().map(|verdict| match verdict.party {
        Party::Dealer(number) | Party::Member(number) => number,
    });
    assert_eq!(found.collect::<BTreeSet<_>>(), guilty);
    assert!(honest.iter().all(|i| !guilty.contains(i) && in_play.contains(i)));
    let keys = observer.ceremony().unwrap().clone();
    assert_eq!(keys.holders(), in_play.iter().copied().collect_vec());
    assert_eq!(keys.dealers(), keys.holders());
    for (verdict, blame) in observer.certificates() {
        let told = Blame::from_bytes(&blame.to_bytes()).unwrap();
        let third_party = Setup::first(&manifest);
        assert_eq!(told.conviction(&third_party, &mut rng).as_ref(), Ok(verdict));
    }

    let trustees: Vec<_> = honest.iter().map(|i| receive(observer, *i, secrets).unwrap()).collect();
    for trustee in &trustees {
        let signature = trustee.confirm(&mut rng).unwrap().signature().clone();
        ceremony.send(Sent::Confirmation(trustee.number(), signature)).unwrap();
    }
    for number in numbers.filter(|i| cheat(*i).is_some()) {
        let mut text = tabella::crypto::transcript::Transcript::new(b"entry signature");
        text.append_bytes(b"ceremony", keys.hash());
        text.append_u64(b"trustee", number.into());
        let (signer, expected) = match cheat(number).unwrap().confirm {
            _ if !in_play.contains(&number) => (number, Err(KeyError::Out { number })),
            Confirm::Good => (number, Ok(())),
            Confirm::Not => continue,
            Confirm::Forged => (0, Err(KeyError::Signature { number })),
        };
        let signature = people()[usize::from(signer)].sign(&mut text, &mut rng).unwrap();
        assert_eq!(ceremony.send(Sent::Confirmation(number, signature)), expected);
    }
    ceremony.send(Sent::Close).unwrap();
    assert_eq!(ceremony.observer.round(), Round::Done);

    // Any t honest members can open without help: their shares are on one polynomial of degree t−1.
    let shares: Vec<_> = trustees.iter().map(|t| (t.number(), exposed(t).1[0])).collect();
    for (number, share) in &shares {
        assert_eq!([image(share)], keys.verification_keys(*number).unwrap());
    }
    let points = shares.iter().map(|(j, share)| (*j, RistrettoPoint::mul_base(share)));
    for some in points.combinations(t.into()).take(12) {
        assert_eq!(interpolate(&some), *keys.slot_keys()[0].point());
    }

    // An observer with only the messages, and another generator, reaches the same result.
    let mut other = Observer::new(Setup::first(&manifest));
    for message in &ceremony.sent {
        let _ = follow(&mut other, message, 77);
    }
    assert_eq!(other.found(), ceremony.observer.found());
    assert_eq!(other.ceremony(), Some(&keys));
    assert_eq!((other.confirmed(), other.round()), (ceremony.observer.confirmed(), Round::Done));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn key_complaint_whoever_cheats_the_honest_end_with_keys_and_are_not_blamed(plan in plan(9)) {
        run(plan);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "takes minutes"]
    fn key_complaint_whoever_cheats_in_larger_ceremonies(plan in plan(9)) {
        run(plan);
    }
}

/// A second implementation of a dealer, with its registered secret.
fn second(world: &World, number: u16, seed: u8) -> Dealer {
    let c = registered(&world.secrets)[usize::from(number) - 1];
    Dealer::new(&Setup::first(&world.manifest), number, c, &mut rng(seed))
}

/// The round of deals, after everybody's commit; number 2 committed to these bytes.
fn promised(world: &World, bytes: &[u8]) -> Observer {
    let setup = Setup::first(&world.manifest);
    let mut observer = Observer::new(setup.clone());
    let c = registered(&world.secrets)[1];
    let mut commits = world.ceremony.commits.clone();
    commits[1] = commit(&setup, 2, &c, bytes);
    for commit in commits {
        observer.take_commit(commit, &mut rng(0)).unwrap();
    }
    observer.close_round().unwrap();
    observer
}

/// The last dealer sees all other deals before it publishes its own, but cannot change it any more: another deal is evidence
/// against it and does not count for the keys.
#[test]
fn key_deal_the_last_dealer_cannot_steer() {
    let world = world(50, 3, 2, 1);
    let [first, other] = [51, 52].map(|seed| second(&world, 2, seed).bytes(&mut rng(seed)));
    let mut observer = promised(&world, &first);
    for number in [1u16, 3] {
        let deal = world.ceremony.deals[usize::from(number) - 1].to_bytes();
        assert_eq!(observer.take_deal(number, &deal, &mut rng(0)), Ok(None));
    }
    let mut honest = observer.clone();
    let guilty = Conviction { party: Party::Dealer(2), fault: PartyFault::WrongCommit };
    assert_eq!(observer.take_deal(2, &other, &mut rng(0)), Ok(Some(guilty.clone())));
    // It is too late now for the deal committed to.
    assert_eq!(observer.take_deal(2, &first, &mut rng(0)), Err(KeyError::Duplicate { number: 2 }));
    assert_eq!(observer.deal(2), None);
    observer.close_round().unwrap();
    observer.close_round().unwrap();
    assert_eq!(observer.ceremony().unwrap().holders(), [1, 3]);
    let [(verdict, blame)] = &observer.certificates().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(*verdict, &guilty);
    let setup = Setup::first(&world.manifest);
    assert_eq!(blame.conviction(&setup, &mut rng(1)), Ok(guilty));
    assert_eq!(verdict.to_string(), "dealer 2 showed another deal than it committed to");

    assert_eq!(honest.take_deal(2, &first, &mut rng(0)), Ok(None));
}

/// A copied commitment is useless, since the deal behind it is another dealer's.
#[test]
fn key_deal_a_copied_commit_promises_nothing() {
    let world = world(53, 3, 2, 1);
    let copied = world.ceremony.deals[0].to_bytes();
    let mut observer = promised(&world, &copied);
    for bytes in [copied.clone(), [&2u16.to_be_bytes()[..], &copied[2..]].concat()] {
        match observer.take_deal(2, &bytes, &mut rng(0)) {
            Ok(Some(verdict)) => {
                assert_eq!(bytes, copied);
                let fault = PartyFault::InvalidDeal(ProofCheck::Shape);
                assert_eq!(verdict, Conviction { party: Party::Dealer(2), fault });
            }
            Err(KeyError::Duplicate { number: 2 }) => {}
            other => panic!("{other:?}"),
        }
    }
    // On a board the number in the deal says whose it is: it is dealer 1's, as committed to.
    let mut observer = promised(&world, &copied);
    assert_eq!(observer.take_deal(1, &copied, &mut rng(0)), Ok(None));
    assert_eq!(observer.found(), []);
}

#[test]
fn key_deal_that_is_promised_and_bad_is_evidence_and_what_is_not_promised_is_not() {
    let world = world(54, 3, 2, 1);
    let good = second(&world, 2, 55).bytes(&mut rng(55));
    let mut invalid = good.clone();
    invalid[Parts::of(&Setup::first(&world.manifest)).z[0].start] ^= 1;
    let error = |bytes: &[u8]| {
        PartyFault::UnreadableDeal(
            Deal::from_bytes(bytes, &Setup::first(&world.manifest)).unwrap_err(),
        )
    };
    let short = good[..good.len() - 1].to_vec();
    let long = [&good[..], &[0]].concat();
    let garbage = vec![9; 70_000];
    let cases = [
        (invalid.clone(), PartyFault::InvalidDeal(ProofCheck::Equation("KEY.DEAL"))),
        (short.clone(), error(&short)),
        (long.clone(), error(&long)),
        (Vec::new(), error(&[])),
    ];
    for (bytes, fault) in cases {
        let mut observer = promised(&world, &bytes);
        let verdict = Conviction { party: Party::Dealer(2), fault: fault.clone() };
        assert_eq!(observer.take_deal(2, &bytes, &mut rng(0)), Ok(Some(verdict)));

        // The same in the name of a dealer who committed to something else.
        let mut observer = promised(&world, &good);
        let bad = KeyError::BadDeal { dealer: 2, fault };
        assert_eq!(observer.take_deal(2, &bytes, &mut rng(0)), Err(bad));
        assert_eq!(observer.found(), []);
        assert_eq!(observer.take_deal(2, &good, &mut rng(0)), Ok(None));
    }
    // Evidence is limited: what is far too long is not kept, and counts as if it never came.
    let mut observer = promised(&world, &garbage);
    let error = observer.take_deal(2, &garbage, &mut rng(0)).unwrap_err();
    assert!(matches!(error, KeyError::BadDeal { dealer: 2, .. }), "{error}");
    assert_eq!((observer.found(), observer.deal(2)), (&[][..], None));
}

#[test]
fn key_deal_is_shown_in_its_round_and_after_its_commit_alone() {
    let world = world(56, 3, 2, 1);
    let setup = Setup::first(&world.manifest);
    let make = |seed| keys::Dealer::new(&setup, 2, &world.secrets[1], &mut rng(seed)).unwrap();
    let mut observer = Observer::new(setup.clone());
    let (dealer, commit) = make(1);
    let (lost, _) = make(2);
    assert_eq!(dealer.number(), 2);
    assert_eq!(format!("{dealer:?}"), "Dealer(2, ..)");
    let error = dealer.clone().deal(&observer).unwrap_err();
    assert_eq!(error, KeyError::WrongRound { now: Round::Commit });
    for commit in [&world.ceremony.commits[0], &commit, &world.ceremony.commits[2]] {
        observer.take_commit(commit.clone(), &mut rng(0)).unwrap();
    }
    observer.close_round().unwrap();
    // A deal without its commit would be evidence against its honest dealer.
    assert_eq!(lost.deal(&observer).unwrap_err(), KeyError::NotCommitted { dealer: 2 });
    let deal = dealer.clone().deal(&observer).unwrap();
    assert_eq!(observer.take_deal(2, &deal.to_bytes(), &mut rng(0)), Ok(None));
    let world = dealer::world(57, 3, 2, 1);
    let error = dealer.clone().deal(&promised(&world, b"")).unwrap_err();
    assert_eq!(error, KeyError::WrongRound { now: Round::Deal });
}

#[test]
fn key_complaint_every_message_has_its_round() {
    let world = world(58, 3, 2, 1);
    let setup = Setup::first(&world.manifest);
    let c = registered(&world.secrets)[0];
    let deals = messages(&world);
    let bytes = deals[1].1.clone();
    let signature = world.trustees[0].confirm(&mut rng(0)).unwrap().signature().clone();
    let tries = |observer: &mut Observer| {
        let about = complaint(&setup, 1, &c, &bytes, None);
        let results = [
            follow(observer, &Sent::Commit(deals[0].0.clone()), 0),
            follow(observer, &Sent::Deal(1, deals[0].1.clone()), 0),
            follow(observer, &Sent::Complaint(about), 0),
            follow(observer, &Sent::Confirmation(1, signature.clone()), 0),
        ];
        results.map(|result| match result {
            Ok(()) => true,
            Err(KeyError::WrongRound { now }) => {
                assert_eq!(now, observer.round());
                false
            }
            Err(other) => panic!("{other}"),
        })
    };
    let mut observer = Observer::new(setup.clone());
    let all = |observer: &mut Observer, messages: &mut dyn Iterator<Item = Sent>| {
        messages.for_each(|message| follow(observer, &message, 0).unwrap());
        observer.close_round().unwrap();
    };
    assert_eq!(tries(&mut observer.clone()), [true, false, false, false]);
    all(&mut observer, &mut deals.iter().map(|(commit, _)| Sent::Commit(commit.clone())));
    assert_eq!(tries(&mut observer.clone()), [false, true, false, false]);
    let mut deal = deals.iter().map(|(commit, deal)| Sent::Deal(commit.dealer(), deal.clone()));
    all(&mut observer, &mut deal);
    assert_eq!(tries(&mut observer.clone()), [false, false, true, false]);
    all(&mut observer, &mut std::iter::empty());
    assert_eq!(tries(&mut observer.clone()), [false, false, false, true]);
    let trustees = world.trustees.iter();
    let confirm = |t: &keys::Trustee| {
        let confirmation = t.confirm(&mut rng(0)).unwrap();
        Sent::Confirmation(t.number(), confirmation.signature().clone())
    };
    all(&mut observer, &mut trustees.map(confirm));
    assert_eq!(tries(&mut observer), [false; 4]);
    assert_eq!(observer.close_round(), Err(KeyError::WrongRound { now: Round::Done }));
    assert_eq!(observer.confirmed().len(), 3);
}

/// If too few are left, the error names the others and nothing changes, so that they can still take part.
#[test]
fn key_complaint_too_few_that_are_left_change_nothing() {
    let world = world(60, 3, 2, 1);
    let setup = Setup::first(&world.manifest);
    let mut deals = messages(&world);
    for number in [1u16, 2] {
        let mut dealer = second(&world, number, number as u8);
        dealer.shares[2].fill(0);
        let bytes = dealer.bytes(&mut rng(0));
        deals[usize::from(number) - 1] = (dealer.commit(&bytes), bytes);
    }
    let mut observer = dealer::dealt(&setup, &deals);
    let recipient = Recipient::new(&setup, 3, &world.secrets[2]).unwrap();
    for complaint in recipient.complain(&observer, &mut rng(0)).unwrap() {
        observer.take_complaint(complaint, &mut rng(0)).unwrap();
    }
    let too_few =
        KeyError::TooFew { group: String::new(), found: 1, needed: 2, missing: vec![1, 2] };
    for _ in 0..2 {
        assert_eq!(observer.close_round(), Err(too_few.clone()));
        assert_eq!((observer.round(), observer.found()), (Round::Complain, &[][..]));
        assert_eq!((observer.deals().count(), observer.ceremony()), (3, None));
    }
    assert_eq!(too_few.to_string(), "1 trustees are left, but 2 are needed; missing: [1, 2]");
}

/// On a board: only t trustees, and what the operator cannot do.
#[test]
fn key_complaint_t_trustees_are_enough_and_each_step_is_an_entry() {
    let mut world = world(61, 4, 2, 1);
    let World { manifest, operator, secrets, rng, .. } = &mut world;
    let setup = Setup::first(manifest);
    let mut board = Board::new();
    board.post_manifest(manifest, operator, rng).unwrap();
    let mut dealers = Vec::new();
    for number in [2u16, 4] {
        let secret = &secrets[usize::from(number) - 1];
        let (dealer, commit) = keys::Dealer::new(&setup, number, secret, rng).unwrap();
        assert!(board.close_round(operator, rng).is_err());
        board.post(&commit, rng).unwrap();
        dealers.push(dealer);
    }
    assert_eq!(board.state().phase(), Phase::Committing);
    // Only the operator can end a round, and only the open one.
    let round = tabella::board::Kind::Round;
    let forged = attacks::forge::signed_by(&secrets[1], board.state(), manifest, round, &[0], rng);
    let error = board.post(&forged, rng).unwrap_err();
    assert_eq!(error, Refusal::Signature { kind: tabella::board::Kind::Round });
    for found in [1, 2, 3, 4, 255] {
        let other =
            board.state().sign(operator, manifest, tabella::board::Kind::Round, &[found], rng);
        let error = board.post(&other.unwrap(), rng).unwrap_err();
        assert_eq!(error, Refusal::WrongRound { found, expected: Round::Commit });
    }
    board.close_round(operator, rng).unwrap();
    for dealer in dealers {
        let deal = dealer.deal(board.state().observer().unwrap()).unwrap();
        board.post(&deal, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let observer = board.state().observer().unwrap().clone();
    assert_eq!(observer.ceremony().unwrap().holders(), [2, 4]);
    assert_eq!(board.state().ceremony(), None);
    let trustees = [2u16, 4].map(|i| receive(&observer, i, secrets).unwrap());
    board.post(&trustees[0].confirm(rng).unwrap(), rng).unwrap();
    let error = board.close_round(operator, rng).unwrap_err();
    let too_few = KeyError::TooFew { group: String::new(), found: 1, needed: 2, missing: vec![4] };
    assert_eq!(error, Refusal::Keys(too_few).into());
    board.post(&trustees[1].confirm(rng).unwrap(), rng).unwrap();
    board.close_round(operator, rng).unwrap();
    assert_eq!(board.state().phase(), Phase::Enrolling);
    assert_eq!(board.state().ceremony(), observer.ceremony());
    assert_eq!(board.election().unwrap().ceremony(), observer.ceremony());
    let points =
        trustees.each_ref().map(|t| (t.number(), RistrettoPoint::mul_base(&exposed(t).1[0])));
    assert_eq!(interpolate(&points), *observer.ceremony().unwrap().slot_keys()[0].point());
}
