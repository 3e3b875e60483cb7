//! Shares handed over to other trustees: slot keys stay the same, old and new shares do not mix, and cheats are named.

#![allow(non_snake_case)]

use attacks::{
    World, bit_flips,
    dealer::{self, Dealer, complaint, exposed, image, interpolate, registered, world},
    handover::{begin, entries, open, people, reshare, show, started, take, vote},
    read, rng,
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use itertools::Itertools;
use tabella::{
    ballot::{Election, ElectionError},
    board::{GuardError, Kind, Phase, Refusal},
    codec::{Decode, Encode},
    contest::Contest,
    crypto::{ProofCheck, ProveError, signature::AuthorSecret},
    keys::{
        Ceremony, Conviction, Deal, Erasure, KeyError, Observer, Party, PartyFault, Recipient,
        Round, Setup, ShareFault, Trustee,
    },
};

/// A resharing without a board, from these old trustees to these people.
fn handed_over(
    previous: &Ceremony,
    epoch: u32,
    old: &[&Trustee],
    (secrets, t): (&[AuthorSecret], u16),
) -> Vec<Trustee> {
    let mut rng = rng(epoch as u8);
    let setup =
        Setup::reshare(previous, epoch, &[previous.setup().threshold()], &[(&entries(secrets), t)])
            .unwrap();
    let mut observer = Observer::new(setup.clone());
    let mut dealers = Vec::new();
    for trustee in old {
        let (dealer, commit) = trustee.expose_reshare(&setup, &mut rng).unwrap();
        observer.take_commit(commit, &mut rng).unwrap();
        dealers.push(dealer);
    }
    observer.close_round().unwrap();
    for dealer in dealers {
        let deal = dealer.deal(&observer).unwrap();
        assert_eq!(Deal::from_bytes(&deal.to_bytes(), &setup).as_ref(), Ok(&deal));
        assert_eq!(observer.take_deal(deal.dealer(), &deal.to_bytes(), &mut rng), Ok(None));
    }
    observer.close_round().unwrap();
    observer.close_round().unwrap();
    let receive = |(i, secret): (usize, &AuthorSecret)| {
        let recipient = Recipient::new(&setup, i as u16 + 1, secret).unwrap();
        recipient.finish(&observer).unwrap()
    };
    secrets.iter().enumerate().map(receive).collect()
}

/// The share of slot 1, in the exponent.
fn point(trustee: &Trustee) -> (u16, RistrettoPoint) {
    (trustee.number(), RistrettoPoint::mul_base(&exposed(trustee).1[1]))
}

#[test]
fn an_election_has_the_keys_of_its_own_first_ceremony() {
    let [here, other] = [90, 91].map(World::referendum);
    let first = here.trustees[0].ceremony();
    let election = Election::new(&here.manifest, first).unwrap();
    assert_eq!(election.ceremony(), Some(first));
    // The same number of slots, but other options would be counted.
    assert_eq!(here.manifest.slots(), other.manifest.slots());
    let (found, expected) = (other.manifest.hash(), here.manifest.hash());
    let error = Election::new(&here.manifest, other.trustees[0].ceremony()).unwrap_err();
    assert_eq!(error, ElectionError::OtherManifest { found, expected });
    let text =
        format!("the ceremony is that of manifest {found}; the election has manifest {expected}");
    assert_eq!(error.to_string(), text);
    // The slot keys are the same, but the context of all proofs would be another.
    let old: Vec<&Trustee> = here.trustees.iter().collect();
    let again = handed_over(first, 3, &old, (&here.secrets, 2));
    let error = Election::new(&here.manifest, again[0].ceremony()).unwrap_err();
    assert_eq!(error, ElectionError::NotFirst { epoch: 3 });
    let text = "the ceremony is a resharing, epoch 3; an election has the keys of its first ceremony, epoch 0";
    assert_eq!(error.to_string(), text);
}

#[test]
fn key_reshare_any_new_quorum_has_the_same_keys_and_no_mixture_has() {
    // From n and t, with this many dealers, to n′ and t′.
    let cases = [
        (3, 2, 2, 3, 2),
        (3, 2, 3, 3, 2),
        (3, 2, 2, 5, 3),
        (5, 3, 4, 2, 2),
        (4, 4, 4, 2, 1),
        (1, 1, 1, 4, 4),
        (3, 1, 1, 3, 3),
    ];
    for (n, t, dealers, new_n, new_t) in cases {
        let world = world(80, n, t, 2);
        let first = world.trustees[0].ceremony();
        let (secrets, _) = people(new_n, &mut rng(81));
        // Those with the highest numbers deal, so that their weights differ from those of 1..=t.
        let old = world.trustees.iter().rev().take(dealers).rev().collect_vec();
        let new = handed_over(first, 1, &old, (&secrets, new_t));
        let ceremony = new[0].ceremony();
        assert_eq!(ceremony.slot_keys(), first.slot_keys());
        assert_ne!(ceremony.hash(), first.hash());
        assert_eq!(ceremony.setup().previous().map(|before| before.hash()), Some(first.hash()));
        assert_eq!(ceremony.setup().epoch(), 1);
        assert_eq!(ceremony.holders(), (1..=new_n as u16).collect_vec());
        let key = *first.slot_keys()[1].point();
        for trustee in &new {
            assert_eq!(trustee.ceremony(), ceremony);
            let keys = exposed(trustee).1.iter().map(image).collect_vec();
            assert_eq!(ceremony.verification_keys(trustee.number()), Some(&keys[..]));
        }
        for some in new.iter().map(point).combinations(new_t.into()) {
            assert_eq!(interpolate(&some), key);
            assert_ne!(interpolate(&some[1..]), key);
        }
        // Any t of the old shares still open: trustees must erase them after a resharing.
        for some in world.trustees.iter().map(point).combinations(t.into()) {
            assert_eq!(interpolate(&some), key);
        }
        // A share of one epoch is useless in the other, however many there are of either.
        for size in 2..=usize::from(t.max(new_t)) {
            for split in 1..size {
                let mixed = world.trustees.iter().map(point).take(split);
                let mixed = mixed.chain(new.iter().map(point).skip(split)).collect_vec();
                if mixed.len() > split && split < t.into() && new_n - split < new_t.into() {
                    assert_ne!(interpolate(&mixed), key, "{n} {t} {new_n} {new_t}");
                }
            }
        }
        // And again: the new trustees deal in turn.
        let back = new.iter().take(new_t.into()).collect_vec();
        let third = handed_over(ceremony, 2, &back, (&world.secrets, t));
        assert_eq!(third[0].ceremony().slot_keys(), first.slot_keys());
        for some in third.iter().map(point).combinations(t.into()) {
            assert_eq!(interpolate(&some), key);
        }
        let old = world.trustees.iter().map(|t| exposed(t).1);
        // With a threshold of one, each trustee has the key itself, in every epoch.
        assert!(old.zip(&third).all(|(old, new)| (old == exposed(new).1) == (t == 1)));
    }
}

/// A trustee that refreshes its share holds two that look alike and cannot be combined.
#[test]
fn key_reshare_a_refresh_makes_shares_that_do_not_combine_with_the_old() {
    let world = world(82, 4, 3, 2);
    let first = world.trustees[0].ceremony();
    let old = world.trustees.iter().collect_vec();
    let new = handed_over(first, 1, &old, (&world.secrets, 3));
    let key = *first.slot_keys()[1].point();
    for numbers in (0..4usize).combinations(3) {
        for mask in 0..8 {
            let pick = |(i, place): (usize, &usize)| {
                let of = if mask >> i & 1 == 1 { &new } else { &world.trustees };
                point(&of[*place])
            };
            let opened = interpolate(&numbers.iter().enumerate().map(pick).collect_vec());
            assert_eq!(opened == key, mask == 0 || mask == 7, "{numbers:?} {mask}");
        }
    }
}

#[test]
fn key_reshare_is_set_up_from_different_members_and_a_fitting_threshold() {
    let world = world(83, 3, 2, 1);
    let ceremony = world.trustees[0].ceremony();
    let (_, some) = people(3, &mut rng(84));
    let reshare = |epoch, members: &[_], t| {
        Setup::reshare(ceremony, epoch, &[ceremony.setup().threshold()], &[(members, t)])
    };
    let setup = reshare(1, &some, 3).unwrap();
    assert_eq!((setup.dealers(), setup.dealers_needed()), (vec![1, 2, 3], &[2][..]));
    assert_eq!((setup.manifest(), setup.slots()), (world.manifest.hash(), 1));
    assert_eq!(setup.member(1), Some(&some[0].key));
    assert_eq!(setup.dealer(1), Some(&world.manifest.trustees()[0].key));
    assert_eq!((setup.dealer(0), setup.dealer(4), setup.member(4)), (None, None, None));
    assert_eq!(reshare(0, &some, 2), None);
    assert_eq!(reshare(1, &some, 0), None);
    assert_eq!(reshare(1, &some, 4), None);
    assert_eq!(reshare(1, &[], 1), None);
    assert_eq!(reshare(1, &[&some[..], &some[..1]].concat(), 2), None);
    // A trustee deals only in a resharing of its own ceremony, and nobody deals fresh secrets in one.
    let other = dealer::world(85, 3, 2, 1);
    let error = other.trustees[0].expose_reshare(&setup, &mut rng(0)).unwrap_err();
    assert_eq!(error, ProveError::Shape);
    let error = tabella::keys::Dealer::new(&setup, 1, &world.secrets[0], &mut rng(0)).unwrap_err();
    assert_eq!(error, ProveError::Shape);
}

#[test]
fn key_reshare_before_and_during_voting_ballots_count() {
    let mut world = World::referendum(86);
    let mut board = started(&mut world);
    let mut trustees = std::mem::take(&mut world.trustees);
    let World { operator, rng, .. } = &mut world;
    let slot_keys = board.state().ceremony().unwrap().slot_keys().to_vec();

    // Before the roll, from two of three to any three of five others.
    assert_eq!(board.state().phase(), Phase::Enrolling);
    let (five, _) = people(5, rng);
    let mut first = reshare(&mut board, operator, &mut trustees[1..], (&five, 3), rng);
    let roll = world.roll.clone();
    board.post_roll(&roll, &world.operator, &mut world.rng).unwrap();
    vote(&mut world, &mut board, 0..4, "yes");

    // While votes are cast, to the same people: a refresh. Ballots come between its messages.
    let World { operator, rng, .. } = &mut world;
    let dealers = begin(&mut board, operator, &mut first[..4], (&entries(&five), 3), rng);
    vote(&mut world, &mut board, 4..7, "no");
    let World { operator, rng, .. } = &mut world;
    show(&mut board, operator, dealers, rng);
    let mut second = take(&mut board, operator, &five, rng);
    vote(&mut world, &mut board, 7..12, "yes");

    // The old trustees cannot close. The five hand over to a single one, who does.
    let error = first[0].sign_close(board.state(), &[], &mut world.rng).unwrap_err();
    assert_eq!(error, GuardError::OtherKeys);
    let (one, _) = people(1, &mut world.rng);
    let World { operator, rng, .. } = &mut world;
    let mut third = reshare(&mut board, operator, &mut second[1..], (&one, 1), rng);
    assert_eq!(board.state().ceremony().unwrap().slot_keys(), slot_keys);
    assert_eq!(board.state().ceremony().unwrap().setup().epoch(), 3);
    board.close(operator, &mut third, rng).unwrap();
    board.tally(operator, rng).unwrap();
    for old in [&mut first[0], &mut second[0], &mut trustees[0]] {
        assert_eq!(old.open(board.state(), rng).unwrap_err(), GuardError::OtherKeys);
    }
    let outcome = open(&mut world, &mut board, &mut third);
    assert_eq!(outcome.count("bridge", "yes"), Ok(9));
    assert_eq!(outcome.count("bridge", "no"), Ok(3));
    let report = tabella::audit::run(
        board.bytes(),
        &tabella::audit::Expect::manifest(world.manifest.hash()),
        &mut world.rng,
    );
    report.unwrap().into_result().unwrap();
}

/// A decryption factor of an old share is refused when new shares are in force, and blames nobody.
#[test]
fn key_reshare_old_shares_are_refused_on_the_board() {
    let mut world = World::referendum(87);
    let mut board = world.open();
    vote(&mut world, &mut board, 0..12, "yes");
    let mut trustees = std::mem::take(&mut world.trustees);
    let World { operator, secrets, rng, .. } = &mut world;
    let mut new = reshare(&mut board, operator, &mut trustees, (secrets, 2), rng);
    board.close(operator, &mut new, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    let election = board.election().unwrap().clone();
    let old = trustees[0].expose_factors(&election, &tally, rng).unwrap();
    let error = board.post(&old, rng).unwrap_err();
    assert!(matches!(error, Refusal::Share { trustee: 1, .. }), "{error}");
    assert!(board.state().faulty_shares().is_empty());
    // Combined nevertheless, an old and a new share open nothing.
    let fresh = new[1].open(board.state(), rng).unwrap();
    let factor = |share: &tabella::tally::DecryptionShare| {
        (share.trustee(), *dealer::element(&share.to_bytes(), &(2..34)).point())
    };
    let sum = tally.cells()[0].sum.b[0];
    let right = RistrettoPoint::mul_base(&Scalar::from(12u8));
    assert_ne!(sum - interpolate(&[factor(&old), factor(&fresh)]), right);
    let both_old = trustees[1].expose_factors(&election, &tally, rng).unwrap();
    assert_eq!(sum - interpolate(&[factor(&old), factor(&both_old)]), right);
    let outcome = open(&mut world, &mut board, &mut new[1..]);
    assert_eq!(outcome.count("bridge", "yes"), Ok(12));
}

/// The observer of a resharing from three to four others, with what the old trustees need to cheat.
struct Cheat {
    world: World,
    secrets: Vec<AuthorSecret>,
    setup: Setup,
    dealers: Vec<Dealer>,
}

impl Cheat {
    fn new(seed: u8) -> Self {
        let world = world(seed, 3, 2, 2);
        let (secrets, members) = people(4, &mut rng(seed));
        let setup = Setup::reshare(
            world.trustees[0].ceremony(),
            1,
            &[world.manifest.threshold()],
            &[(&members, 3)],
        )
        .unwrap();
        let mut rng = rng(seed);
        let dealers = world.trustees.iter().map(|t| Dealer::reshare(&setup, t, &mut rng)).collect();
        Self { world, secrets, setup, dealers }
    }

    /// The end of the round of deals, and the verdict on each deal.
    fn observer(&self) -> (Observer, Vec<Option<Conviction>>) {
        let mut observer = Observer::new(self.setup.clone());
        let deals = self.dealers.iter().map(|dealer| dealer.bytes(&mut rng(0))).collect_vec();
        for (dealer, bytes) in self.dealers.iter().zip(&deals) {
            observer.take_commit(dealer.commit(bytes), &mut rng(0)).unwrap();
        }
        observer.close_round().unwrap();
        let numbers = self.dealers.iter().map(|dealer| dealer.number);
        let take = |(number, bytes): (u16, &Vec<u8>)| {
            observer.take_deal(number, bytes, &mut rng(0)).unwrap()
        };
        let shown = numbers.zip(&deals).map(take).collect();
        (observer, shown)
    }
}

#[test]
fn key_reshare_a_dealer_of_another_constant_is_named() {
    assert_eq!(Cheat::new(88).observer().1, [None, None, None]);
    let guilty = |dealer| {
        let fault = PartyFault::InvalidDeal(ProofCheck::Equation("KEY.RESHARE"));
        Some(Conviction { party: Party::Dealer(dealer), fault })
    };
    let changed = |change: &dyn Fn(&mut Cheat, usize)| {
        for place in 0..3 {
            let mut cheat = Cheat::new(88);
            change(&mut cheat, place);
            let mut expected = [None, None, None];
            expected[place] = guilty(place as u16 + 1);
            let (mut observer, shown) = cheat.observer();
            assert_eq!(shown, expected);
            let (verdict, blame) = observer.certificates().next().unwrap();
            assert_eq!(blame.conviction(&cheat.setup, &mut rng(1)).as_ref(), Ok(verdict));
            // The two others are enough, and the keys are the old ones.
            observer.close_round().unwrap();
            observer.close_round().unwrap();
            let ceremony = observer.ceremony().unwrap();
            assert_eq!(ceremony.slot_keys(), cheat.world.trustees[0].ceremony().slot_keys());
            assert_eq!(ceremony.holders(), [1, 2, 3, 4]);
            let points = cheat.secrets.iter().zip(1u16..).map(|(secret, number)| {
                let recipient = Recipient::new(&cheat.setup, number, secret).unwrap();
                point(&recipient.finish(&observer).unwrap())
            });
            for some in points.combinations(3) {
                assert_eq!(interpolate(&some), *ceremony.slot_keys()[1].point());
            }
        }
    };
    let deals = |cheat: &mut Cheat, place: usize, a: Vec<Vec<Scalar>>| {
        let Dealer { number, c, u, .. } = cheat.dealers[place];
        cheat.dealers[place] = Dealer::of(&cheat.setup, number, c, a, u);
    };
    // A constant of their own in one slot, the shares of both slots swapped, a fresh deal as in the first ceremony.
    changed(&|cheat, place| {
        let mut a = cheat.dealers[place].a.clone();
        a[1][0] += Scalar::ONE;
        deals(cheat, place, a);
    });
    changed(&|cheat, place| {
        let mut a = cheat.dealers[place].a.clone();
        a.swap(0, 1);
        deals(cheat, place, a);
    });
    // Another dealer's share, and the correct commitment to an unknown constant.
    changed(&|cheat, place| {
        let a = cheat.dealers[(place + 1) % 3].a.clone();
        deals(cheat, place, a);
    });
    changed(&|cheat, place| {
        let F = cheat.dealers[place].F.clone();
        let mut a = cheat.dealers[place].a.clone();
        a[0][0] += Scalar::ONE;
        deals(cheat, place, a);
        cheat.dealers[place].F = F;
    });
}

/// A quorum that the manifest sets for its own trustees may be too small for others: different honest trustees could then
/// sign two closes.
#[test]
fn key_reshare_two_quorums_meet_after_a_resharing() {
    for (fixed, first, expected) in
        [(None, 3, [3, 4, 2]), (Some(2), 2, [3, 4, 2]), (Some(3), 3, [3, 4, 2])]
    {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]);
        let world = World::new(94, (3, 2), &[0], |builder| {
            let builder = builder.contest(bridge);
            fixed.map_or(builder.clone(), |quorum| builder.close_quorum(quorum))
        });
        let ceremony = world.trustees[0].ceremony();
        assert_eq!(ceremony.close_quorums(), [first]);
        let old = world.trustees.iter().collect_vec();
        for ((n, t), expected) in [(3, 2), (5, 2), (2, 2)].into_iter().zip(expected) {
            let (secrets, _) = people(n, &mut rng(95));
            let new = handed_over(ceremony, 1, &old, (&secrets, t));
            assert_eq!(new[0].ceremony().close_quorums(), [expected]);
        }
    }
}

/// Dealers and members are numbered separately: a party that is out as one is not out as the other.
#[test]
fn key_reshare_complaints_tell_dealers_and_members_apart() {
    let mut cheat = Cheat::new(89);
    let mut plain = cheat.dealers[1].plain(2);
    plain[..32].copy_from_slice(Scalar::ONE.as_bytes());
    cheat.dealers[1].shares[1] = cheat.dealers[1].encrypt(2, &plain);
    let (mut observer, shown) = cheat.observer();
    assert_eq!(shown, [None, None, None]);
    observer.close_round().unwrap();
    let recipient = Recipient::new(&cheat.setup, 2, &cheat.secrets[1]).unwrap();
    let [made] = &recipient.complain(&observer, &mut rng(0)).unwrap()[..] else { panic!() };
    observer.take_complaint(made.clone(), &mut rng(0)).unwrap();
    // Member 3 complains about dealer 3, whose share is good; dealer 2 of the old trustees cannot complain at all.
    let c = registered(&cheat.secrets);
    let bytes = cheat.dealers[2].bytes(&mut rng(0));
    let lie = complaint(&cheat.setup, 3, &c[2], &bytes, None);
    observer.take_complaint(lie, &mut rng(0)).unwrap();
    let old = complaint(&cheat.setup, 1, &registered(&cheat.world.secrets)[0], &bytes, None);
    let error = observer.take_complaint(old, &mut rng(0)).unwrap_err();
    assert_eq!(error, KeyError::Signature { number: 1 });
    observer.close_round().unwrap();

    let fault = ShareFault::Equation { slot: 0 };
    let expected = [
        Conviction { party: Party::Dealer(2), fault: PartyFault::BadShare { to: 2, fault } },
        Conviction { party: Party::Member(3), fault: PartyFault::FalseComplaint { of: 3 } },
    ];
    assert_eq!(observer.found(), expected);
    for (verdict, blame) in observer.certificates() {
        assert_eq!(blame.conviction(&cheat.setup, &mut rng(0)).as_ref(), Ok(verdict));
    }
    let ceremony = observer.ceremony().unwrap();
    assert_eq!(ceremony.dealers(), [1, 3]);
    assert_eq!(ceremony.holders(), [1, 2, 4]);
    let mut points = Vec::new();
    for number in 1..=4u16 {
        let secret = &cheat.secrets[usize::from(number) - 1];
        let result = Recipient::new(&cheat.setup, number, secret).unwrap().finish(&observer);
        match result {
            Ok(trustee) => points.push(point(&trustee)),
            Err(error) => assert_eq!((number, error), (3, KeyError::Out { number: 3 })),
        }
    }
    assert_eq!(interpolate(&points), *ceremony.slot_keys()[1].point());
}

#[test]
fn key_reshare_too_few_old_dealers_change_nothing_and_a_new_attempt_has_another_epoch() {
    let mut world = World::referendum(90);
    let mut board = world.open();
    let before = board.state().ceremony().unwrap().clone();
    let mut trustees = std::mem::take(&mut world.trustees);
    let World { operator, secrets, rng, .. } = &mut world;
    board.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    let (_, commit) = attacks::hand_over(&mut trustees[2], board.state(), rng).unwrap();
    board.post(&commit, rng).unwrap();
    let too_few =
        KeyError::TooFew { group: String::new(), found: 1, needed: 2, missing: vec![1, 2] };
    let error = board.close_round(operator, rng).unwrap_err();
    assert_eq!(error, Refusal::Keys(too_few).into());
    assert_eq!(board.state().ceremony(), Some(&before));
    assert_eq!(board.state().observer().unwrap().round(), Round::Commit);

    // The same people again: no message of the first attempt is valid.
    board.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    let setup = board.state().observer().unwrap().setup().clone();
    assert_eq!(setup.epoch(), 2);
    let error = board.post(&commit, rng).unwrap_err();
    assert_eq!(error, Refusal::Keys(KeyError::Signature { number: 3 }));
    let (old, _) = trustees[2]
        .expose_reshare(
            &Setup::reshare(&before, 1, &[before.setup().threshold()], &[(&entries(secrets), 2)])
                .unwrap(),
            rng,
        )
        .unwrap();
    let dealers = {
        let mut dealers = Vec::new();
        for trustee in &mut trustees {
            let (dealer, commit) = attacks::hand_over(trustee, board.state(), rng).unwrap();
            board.post(&commit, rng).unwrap();
            dealers.push(dealer);
        }
        board.close_round(operator, rng).unwrap();
        dealers
    };
    let error = old.deal(board.state().observer().unwrap()).unwrap_err();
    assert_eq!(error, KeyError::WrongRound { now: Round::Deal });
    show(&mut board, operator, dealers, rng);
    let new = take(&mut board, operator, secrets, rng);
    assert_eq!(board.state().ceremony(), Some(new[0].ceremony()));
    assert_eq!(new[0].ceremony().setup().epoch(), 2);
    // No resharing builds on the abandoned attempt.
    board.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    assert_eq!(board.state().observer().unwrap().setup().epoch(), 3);
}

/// The close determines who opens.
#[test]
fn key_reshare_that_is_not_finished_is_dropped_by_the_close() {
    let mut world = World::referendum(91);
    let mut board = world.open();
    vote(&mut world, &mut board, 0..12, "no");
    let mut trustees = std::mem::take(&mut world.trustees);
    let World { operator, secrets, rng, .. } = &mut world;
    board.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    let setup = board.state().observer().unwrap().setup().clone();
    let mut early = board.clone();
    let (mut dealers, mut commits) = (Vec::new(), Vec::new());
    for trustee in &trustees {
        // Without the guard, which would close nothing afterwards.
        let (dealer, commit) = trustee.expose_reshare(&setup, rng).unwrap();
        board.post(&commit, rng).unwrap();
        dealers.push(dealer);
        commits.push(commit);
    }
    board.close_round(operator, rng).unwrap();
    show(&mut board, operator, dealers, rng);
    board.close_round(operator, rng).unwrap();
    let observer = board.state().observer().unwrap().clone();
    let recipient = Recipient::new(observer.setup(), 1, &secrets[0]).unwrap();
    let mut never = recipient.finish(&observer).unwrap();
    let signature = never.confirm(rng).unwrap();
    board.post(&signature, rng).unwrap();
    // Trustees that have begun to hand over sign no close, so there is none before this is over.
    let error = board.freeze(operator, rng).unwrap_err();
    assert_eq!(error, Refusal::HandedOver { group: String::new(), found: 0, expected: 3 }.into());
    // A resharing that nobody has begun ends with the close.
    let mut board = std::mem::take(&mut early);
    board.close(operator, &mut trustees, rng).unwrap();
    let error = board.post(&commits[0], rng).unwrap_err();
    assert_eq!(error, Refusal::OutOfPhase { kind: Kind::Commit, phase: Phase::Closed });
    for result in
        [board.close_round(operator, rng), board.reshare(operator, &[(&entries(secrets), 2)], rng)]
    {
        let error = result.unwrap_err();
        assert!(error.to_string().contains("after the close"), "{error}");
    }
    board.tally(operator, rng).unwrap();
    assert_eq!(never.open(board.state(), rng).unwrap_err(), GuardError::OtherKeys);
    assert_eq!(board.state().ceremony(), Some(trustees[0].ceremony()));
    let outcome = open(&mut world, &mut board, &mut trustees[..2]);
    assert_eq!(outcome.count("bridge", "no"), Ok(12));
}

#[test]
fn key_reshare_is_ordered_by_the_operator_for_members_who_have_their_keys() {
    let mut world = World::referendum(92);
    let mut board = world.open();
    let World { manifest, operator, rng, .. } = &mut world;
    let (secrets, members) = people(3, rng);
    let size = board.state().size();
    let refused = |error: tabella::board::BoardError| {
        assert_eq!(error, Refusal::Keys(KeyError::Members).into());
    };
    let doubled = [&members[..], &members[1..2]].concat();
    for (members, t) in [(&members[..], 0), (&members[..], 4), (&[][..], 1), (&doubled[..], 2)] {
        refused(board.reshare(operator, &[(members, t)], rng).unwrap_err());
    }
    // A key computed from another's has no proof of possession.
    let mut rogue = members.clone();
    let mut bytes = rogue[0].key.to_bytes();
    let key = secrets[0].public().element().point() + RistrettoPoint::mul_base(&Scalar::ONE);
    bytes[..32].copy_from_slice(key.compress().as_bytes());
    rogue[0].key = read(&bytes);
    refused(board.reshare(operator, &[(&rogue, 2)], rng).unwrap_err());

    let mut content = 2u16.to_be_bytes().to_vec();
    content.extend(1u32.to_be_bytes());
    content.extend(3u32.to_be_bytes());
    content.extend(b"one");
    secrets[0].public().encode(&mut content);
    let state = board.state();
    let forged =
        attacks::forge::signed_by(&secrets[0], state, manifest, Kind::Reshare, &content, rng);
    let error = board.post(&forged, rng).unwrap_err();
    assert_eq!(error, Refusal::Signature { kind: Kind::Reshare });
    for end in 0..content.len() {
        let cut = board.state().sign(operator, manifest, Kind::Reshare, &content[..end], rng);
        let error = board.post(&cut.unwrap(), rng).unwrap_err();
        assert!(matches!(error, Refusal::Malformed(_)), "{end}: {error}");
    }
    assert_eq!(board.state().size(), size);
    board.reshare(operator, &[(&members, 2)], rng).unwrap();
}

/// A trustee signs once that it erased shares that are no longer in force.
#[test]
fn key_reshare_erasures_are_of_past_epochs_once_and_signed() {
    let mut world = World::referendum(93);
    let mut board = world.open();
    let mut first = std::mem::take(&mut world.trustees);
    let World { operator, secrets, rng, .. } = &mut world;
    let of = |trustee: &Trustee, secrets: &[AuthorSecret], observer: &Observer| {
        let place = usize::from(trustee.number()) - 1;
        let recipient = Recipient::new(observer.setup(), trustee.number(), &secrets[place]);
        recipient.unwrap().finish(observer).unwrap()
    };
    let promise = |number| Refusal::Promise { kind: Kind::Erasure, trustee: number };
    let observer = board.state().observer().unwrap().clone();
    // Not while they are in force, nor while others are dealt.
    let early = of(&first[0], secrets, &observer).erase(rng).unwrap();
    assert_eq!((early.epoch(), early.trustee()), (0, 1));
    assert_eq!(board.post(&early, rng), Err(promise(1)));
    let dealers = begin(&mut board, operator, &mut first, (&entries(secrets), 2), rng);
    assert_eq!(board.post(&early, rng), Err(promise(1)));
    show(&mut board, operator, dealers, rng);
    let second = take(&mut board, operator, secrets, rng);
    let observer = board.state().observer().unwrap().clone();
    let current = of(&second[0], secrets, &observer).erase(rng).unwrap();
    assert_eq!(board.post(&current, rng), Err(promise(1)));

    board.post(&early, rng).unwrap();
    let repeated = board.post(&early, rng);
    assert_eq!(repeated, Err(Refusal::Trustee { number: 1 }));
    let erasure = first.remove(1).erase(rng).unwrap();
    let size = board.state().size();
    bit_flips(&erasure.to_bytes(), |bit, flipped| {
        let Ok(flipped) = Erasure::from_bytes(flipped) else { return };
        let error = board.post(&flipped, rng).unwrap_err();
        assert_eq!(error, promise(flipped.trustee()), "{bit}");
    });
    for end in 0..erasure.to_bytes().len() {
        assert!(Erasure::from_bytes(&erasure.to_bytes()[..end]).is_err());
    }
    assert_eq!(board.state().size(), size);
    board.post(&erasure, rng).unwrap();
    assert_eq!(board.state().erased().iter().copied().collect_vec(), [(0, 1), (0, 2)]);
}
