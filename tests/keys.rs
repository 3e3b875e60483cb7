//! The deals of the key ceremony: the result of honest ones, how each cheat is detected, and who is named.

use attacks::{
    World, bit_flips,
    dealer::{
        self, Dealer, Parts, dealt, image, interpolate, messages, plus_order, receive, registered,
        world,
    },
    rng,
};
use curve25519_dalek::Scalar;
use itertools::Itertools;
use std::{collections::BTreeSet, ops::Range};
use tabella::{
    board::{Board, Phase, Refusal},
    codec::{DecodeErrorKind, Encode},
    crypto::{ProofCheck, ProveError, VerifyError, group::Element, transcript::Transcript},
    keys::{
        self, Conviction, Deal, KeyError, Observer, Party, PartyFault, Recipient, Round, Setup,
    },
    manifest::Manifest,
};

const KEY_DEAL: ProofCheck = ProofCheck::Equation("KEY.DEAL");

/// A second manifest with the same lengths and trustees.
fn sibling(world: &World, id: &str) -> Manifest {
    let entries = world.manifest.trustees().iter().map(|trustee| trustee.key.clone());
    Manifest::builder(id)
        .operator(world.operator.public().clone())
        .trustees(entries, world.manifest.threshold())
        .contest(world.manifest.contests()[0].clone())
        .build()
        .unwrap()
}

fn setup(world: &World) -> Setup {
    Setup::first(&world.manifest)
}

/// The ceremony in which all have committed to the deals of this world.
fn committed(world: &World) -> Observer {
    let mut observer = Observer::new(setup(world));
    for commit in &world.ceremony.commits {
        observer.take_commit(commit.clone(), &mut rng(0)).unwrap();
    }
    observer.close_round().unwrap();
    observer
}

/// A second implementation of a dealer, with its registered secret.
fn second(world: &World, number: u16, rng: &mut rand_chacha::ChaCha20Rng) -> Dealer {
    let c = registered(&world.secrets)[usize::from(number) - 1];
    Dealer::new(&setup(world), number, c, rng)
}

fn check(error: &VerifyError) -> ProofCheck {
    let [culprit] = error.culprits() else { panic!("{error}") };
    culprit.check
}

/// Readable bytes that are not the dealer's deal: neither alone nor in a ceremony, where they count neither for nor against
/// anybody.
#[track_caller]
fn refused(world: &World, bytes: &[u8], expected: ProofCheck) {
    let deal = Deal::from_bytes(bytes, &setup(world)).unwrap();
    assert_eq!(deal.to_bytes(), bytes);
    let error = deal.verify(&setup(world), &mut rng(0)).unwrap_err();
    assert_eq!(check(&error), expected);
    let mut observer = committed(world);
    let dealer = deal.dealer();
    let error = observer.take_deal(dealer, bytes, &mut rng(0)).unwrap_err();
    if setup(world).dealer(dealer).is_some() {
        assert_eq!(error, KeyError::BadDeal { dealer, fault: PartyFault::InvalidDeal(expected) });
    } else {
        assert_eq!(error, KeyError::NotCommitted { dealer });
    }
    assert_eq!((observer.found(), observer.deals().count()), (&[][..], 0));
}

#[test]
fn key_deal_an_honest_ceremony_gives_everybody_the_same_keys() {
    let small = (1..=4).flat_map(|n| (1..=n as u16).map(move |t| (n, t)));
    for (n, t) in small.chain([(5, 3), (7, 4)]) {
        let slots = 1 + n % 3;
        let world = world(1, n, t, slots);
        let ceremony = world.trustees[0].ceremony().clone();
        assert!(world.trustees.iter().all(|trustee| *trustee.ceremony() == ceremony));
        let mut reversed = messages(&world);
        reversed.reverse();
        let mut again = dealt(&setup(&world), &reversed);
        again.close_round().unwrap();
        assert_eq!(again.ceremony(), Some(&ceremony));
        assert_eq!((again.found(), again.round()), (&[][..], Round::Confirm));

        let parts = Parts::of(&setup(&world));
        for deal in &world.ceremony.deals {
            let bytes = deal.to_bytes();
            assert_eq!(bytes.len(), parts.z.last().unwrap().end);
            assert_eq!(bytes.len(), Deal::size(&setup(&world), deal.dealer()));
            assert_eq!(Deal::from_bytes(&bytes, &setup(&world)).as_ref(), Ok(deal));
        }
        assert_eq!(ceremony.slot_keys().len(), slots);
        assert_eq!(
            ceremony.slot_keys().iter().map(Element::as_bytes).collect::<BTreeSet<_>>().len(),
            slots
        );
        // In the exponent: any t verification keys yield the slot key, t−1 do not.
        for (slot, key) in ceremony.slot_keys().iter().enumerate() {
            let verification_key = |j| (j, *ceremony.verification_keys(j).unwrap()[slot].point());
            for some in (1..=n as u16).map(verification_key).combinations(t.into()) {
                assert_eq!(interpolate(&some), *key.point(), "{n} {t}");
                assert_ne!(interpolate(&some[1..]), *key.point(), "{n} {t}");
            }
        }
        for number in [0, n as u16 + 1, u16::MAX] {
            assert_eq!(ceremony.verification_keys(number), None);
        }
    }
}

#[test]
fn key_deal_a_dealer_written_from_the_specification_is_accepted() {
    for (n, t, slots) in [(1, 1, 1), (3, 2, 2), (4, 4, 1)] {
        let world = world(2, n, t, slots);
        let mut rng = rng(3);
        let dealer = second(&world, n as u16, &mut rng);
        let bytes = dealer.bytes(&mut rng);
        let mut deals = messages(&world);
        deals[n - 1] = (dealer.commit(&bytes), bytes);
        let mut observer = dealt(&setup(&world), &deals);
        observer.close_round().unwrap();
        for number in 1..=n as u16 {
            receive(&observer, number, &world.secrets).unwrap();
        }
    }
}

#[test]
fn key_deal_every_bit_flip_is_refused() {
    let world = world(4, 2, 2, 2);
    let bytes = world.ceremony.deals[0].to_bytes();
    let mut observer = committed(&world);
    let mut read = 0;
    bit_flips(&bytes, |bit, flipped| {
        let error = observer.take_deal(1, flipped, &mut rng(0)).unwrap_err();
        let KeyError::BadDeal { dealer: 1, fault } = error else { panic!("bit {bit}: {error}") };
        match Deal::from_bytes(flipped, observer.setup()) {
            Err(error) => assert_eq!(fault, PartyFault::UnreadableDeal(error)),
            Ok(deal) => {
                assert_eq!(deal.to_bytes(), flipped);
                let expected = if bit < 16 { ProofCheck::Shape } else { KEY_DEAL };
                assert_eq!(fault, PartyFault::InvalidDeal(expected), "bit {bit}");
                read += 1;
            }
        }
    });
    // All bit flips in number and shares can be read, nearly all in scalars, and some in elements.
    assert!(read > 16 + 8 * 2 * 80 + 4 * 250, "{read}");
    // None of this prevents the dealer from dealing.
    assert_eq!(observer.found(), []);
    assert_eq!(observer.take_deal(1, &bytes, &mut rng(0)), Ok(None));
}

#[test]
fn key_deal_every_truncation_and_extension_is_refused() {
    let world = world(5, 2, 2, 2);
    let bytes = world.ceremony.deals[0].to_bytes();
    let mut observer = committed(&world);
    let mut kind = |changed: &[u8]| {
        let error = observer.take_deal(1, changed, &mut rng(0)).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let KeyError::BadDeal { dealer: 1, fault: PartyFault::UnreadableDeal(error) } = error
        else {
            panic!("{error}")
        };
        assert_eq!(source, Some(error.to_string()));
        assert_eq!(Deal::from_bytes(changed, observer.setup()), Err(error));
        assert_eq!(observer.found(), []);
        error
    };
    for end in 0..bytes.len() {
        let error = kind(&bytes[..end]);
        assert!(matches!(error.kind, DecodeErrorKind::Truncated { .. }), "{end}: {error}");
    }
    for extra in [1, 31, 32, 80, bytes.len()] {
        let error = kind(&[bytes.clone(), bytes[..extra].to_vec()].concat());
        assert_eq!((error.at, error.kind), (bytes.len(), DecodeErrorKind::Trailing { extra }));
    }
}

#[test]
fn key_deal_no_two_parts_can_be_swapped() {
    let world = world(6, 3, 2, 2);
    let bytes = world.ceremony.deals[0].to_bytes();
    let parts = Parts::of(&setup(&world)).all();
    let mut read = 0;
    for (a, b) in parts.iter().tuple_combinations().filter(|(a, b)| a.len() == b.len()) {
        let mut swapped = bytes.clone();
        swapped[a.clone()].copy_from_slice(&bytes[b.clone()]);
        swapped[b.clone()].copy_from_slice(&bytes[a.clone()]);
        // A scalar is rarely an element, and an element rarely a scalar.
        if Deal::from_bytes(&swapped, &setup(&world)).is_ok() {
            refused(&world, &swapped, KEY_DEAL);
            read += 1;
        }
    }
    // At least nine elements, three shares and four scalars, each among themselves.
    assert!(read >= 9 * 8 / 2 + 3 + 4 * 3 / 2, "{read}");
}

#[test]
fn key_deal_no_part_can_come_from_another_deal() {
    let world = world(7, 3, 2, 2);
    let again = second(&world, 1, &mut rng(8)).bytes(&mut rng(9));
    let bytes = world.ceremony.deals[0].to_bytes();
    for other in [again, world.ceremony.deals[1].to_bytes()] {
        for part in Parts::of(&setup(&world)).all() {
            let mut mixed = bytes.clone();
            mixed[part.clone()].copy_from_slice(&other[part.clone()]);
            refused(&world, &mixed, KEY_DEAL);
        }
    }
}

#[test]
fn key_deal_binds_the_election_and_the_dealer() {
    let mut world = world(8, 3, 2, 2);
    let other = Setup::first(&sibling(&world, "other"));
    let mut elsewhere = Observer::new(other.clone());
    for (deal, commit) in world.ceremony.deals.iter().zip(&world.ceremony.commits) {
        let error = deal.verify(&other, &mut world.rng).unwrap_err();
        assert_eq!(check(&error), KEY_DEAL);
        let error = elsewhere.take_commit(commit.clone(), &mut world.rng).unwrap_err();
        assert_eq!(error, KeyError::Signature { number: deal.dealer() });
    }

    // A valid deal with the number of another trustee.
    let mut bytes = world.ceremony.deals[0].to_bytes();
    for number in [2u16, 3] {
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        refused(&world, &bytes, KEY_DEAL);
    }
    for number in [0, 4, u16::MAX] {
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        // The number gives the lengths.
        let error = Deal::from_bytes(&bytes, &setup(&world)).unwrap_err();
        let kind = DecodeErrorKind::Value { found: number.into(), max: 3 };
        assert_eq!((error.at, error.kind), (0, kind));
        let mut commit = world.ceremony.commits[0].to_bytes();
        commit[..2].copy_from_slice(&number.to_be_bytes());
        let error = Observer::new(setup(&world)).take_commit(attacks::read(&commit), &mut rng(0));
        assert_eq!(error, Err(KeyError::NoParty { number, parties: 3 }));
    }
    let first = setup(&world);
    for (number, secret) in [(0, 0), (1, 1), (2, 0), (4, 0), (u16::MAX, 0)] {
        let made = keys::Dealer::new(&first, number, &world.secrets[secret], &mut world.rng);
        assert_eq!(made.unwrap_err(), ProveError::WrongSecret, "{number}");
    }
    world.secrets.swap(0, 1);
    let error = keys::in_one_process(&world.manifest, &world.secrets, &mut world.rng).unwrap_err();
    assert_eq!(error, KeyError::WrongSecret { number: 1 });
}

#[test]
fn key_deal_of_other_lengths_is_refused() {
    let (n, t, slots) = (3, 2, 2);
    let mut world_of_deals = world(9, n, t, slots);
    for (n, t, slots) in [(4, t, slots), (n, 3, slots), (n, 1, slots), (n, t, 1), (n, t, 3)] {
        let other = setup(&world(9, n, t, slots));
        let deal = &world_of_deals.ceremony.deals[0];
        let error = deal.verify(&other, &mut world_of_deals.rng).unwrap_err();
        assert_eq!(check(&error), ProofCheck::Shape, "{n} {t} {slots}");
        assert!(Deal::from_bytes(&deal.to_bytes(), &other).is_err());
    }
}

#[test]
fn key_deal_with_an_identity_or_no_element_is_refused_where_it_stands() {
    let world = world(10, 2, 2, 2);
    let bytes = world.ceremony.deals[0].to_bytes();
    let parts = Parts::of(&setup(&world));
    let kind = |part: &Range<usize>, value: [u8; 32]| {
        let mut changed = bytes.clone();
        changed[part.clone()].copy_from_slice(&value);
        let error = Deal::from_bytes(&changed, &setup(&world)).unwrap_err();
        assert_eq!(error.at, part.start);
        error.kind
    };
    for part in parts.F.iter().flatten().chain([&parts.U]).chain(&parts.R) {
        assert_eq!(kind(part, [0; 32]), DecodeErrorKind::Identity);
        assert_eq!(kind(part, [0xff; 32]), DecodeErrorKind::NotAnElement);
    }
    for part in &parts.z {
        let z: [u8; 32] = bytes[part.clone()].try_into().unwrap();
        assert_eq!(kind(part, plus_order(z)), DecodeErrorKind::NotAScalar);
    }
}

#[test]
fn key_deal_a_ceremony_names_all_bad_dealers_and_only_them() {
    let world = world(11, 12, 2, 1);
    let first = setup(&world);
    let secrets = registered(&world.secrets);
    let mut deals = messages(&world);
    for dealer in [3, 4, 12] {
        let (commit, bytes) = &mut deals[dealer - 1];
        bytes[Parts::of(&first).z[1].start] ^= 1;
        *commit = dealer::commit(&first, dealer as u16, &secrets[dealer - 1], bytes);
    }
    // The order of the deals does not change who is named.
    deals.rotate_left(5);
    let mut observer = Observer::new(first);
    for (commit, _) in &deals {
        observer.take_commit(commit.clone(), &mut rng(0)).unwrap();
    }
    observer.close_round().unwrap();
    for (commit, deal) in &deals {
        let dealer = commit.dealer();
        let verdict = observer.take_deal(dealer, deal, &mut rng(0)).unwrap();
        let guilty =
            Conviction { party: Party::Dealer(dealer), fault: PartyFault::InvalidDeal(KEY_DEAL) };
        assert_eq!(verdict, [3, 4, 12].contains(&dealer).then_some(guilty));
    }
    let named = observer.found().iter().map(|verdict| verdict.party).sorted();
    assert_eq!(named.collect_vec(), [3, 4, 12].map(Party::Dealer));
    observer.close_round().unwrap();
    observer.close_round().unwrap();
    let ceremony = observer.ceremony().unwrap();
    assert_eq!(ceremony.holders(), [1, 2, 5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(ceremony.dealers(), [1, 2, 5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(receive(&observer, 3, &world.secrets).unwrap_err(), KeyError::Out { number: 3 });
    receive(&observer, 1, &world.secrets).unwrap();
}

#[test]
fn key_deal_that_is_there_twice_or_not_at_all_is_named() {
    let world = world(12, 4, 3, 1);
    let deals = messages(&world);
    let mut observer = Observer::new(setup(&world));
    let too_few = |found, missing: &[u16]| {
        Err(KeyError::TooFew { group: String::new(), found, needed: 3, missing: missing.to_vec() })
    };
    assert_eq!(observer.close_round(), too_few(0, &[1, 2, 3, 4]));
    let commit = |observer: &mut Observer, number: usize| {
        observer.take_commit(deals[number - 1].0.clone(), &mut rng(0))
    };
    commit(&mut observer, 3).unwrap();
    assert_eq!(commit(&mut observer, 3), Err(KeyError::Duplicate { number: 3 }));
    commit(&mut observer, 2).unwrap();
    assert_eq!(observer.close_round(), too_few(2, &[1, 4]));
    commit(&mut observer, 1).unwrap();
    observer.close_round().unwrap();
    assert_eq!(commit(&mut observer, 4), Err(KeyError::WrongRound { now: Round::Deal }));

    let deal = |observer: &mut Observer, number: usize| {
        observer.take_deal(number as u16, &deals[number - 1].1, &mut rng(0))
    };
    assert_eq!(deal(&mut observer, 4), Err(KeyError::NotCommitted { dealer: 4 }));
    deal(&mut observer, 1).unwrap();
    assert_eq!(deal(&mut observer, 1), Err(KeyError::Duplicate { number: 1 }));
    let again = second(&world, 1, &mut rng(1)).bytes(&mut rng(1));
    let error = observer.take_deal(1, &again, &mut rng(0));
    assert_eq!(error, Err(KeyError::Duplicate { number: 1 }));
    deal(&mut observer, 2).unwrap();
    assert_eq!(observer.close_round(), too_few(2, &[3, 4]));
    deal(&mut observer, 3).unwrap();
    observer.close_round().unwrap();
    assert_eq!(deal(&mut observer, 4), Err(KeyError::WrongRound { now: Round::Complain }));
    observer.close_round().unwrap();
    assert_eq!(observer.ceremony().unwrap().holders(), [1, 2, 3]);
    assert_eq!(observer.found(), []);
}

/// Dealer 3 waits for the other deals and chooses its own so that it alone knows the sum. It would have to break its
/// commitment, and even then it cannot prove what it does not know.
#[test]
fn key_deal_a_rogue_key_cannot_be_proved() {
    let world = world(13, 3, 2, 2);
    let mut rng = rng(14);
    let [first, other] = [1, 2].map(|i| second(&world, i, &mut rng));
    let mut rogue = second(&world, 3, &mut rng);
    let known = rogue.a[1][0];
    let others = first.F[1][0].point() + other.F[1][0].point();
    rogue.F[1][0] = Element::new(image(&known).point() - others).unwrap();
    // Only dealer 3 would know the slot's whole secret.
    assert_eq!(others + rogue.F[1][0].point(), *image(&known).point());
    refused(&world, &rogue.bytes(&mut rng), KEY_DEAL);

    // Another dealer's proof does not help: neither its deal with number 3 nor its commitments in a deal of one's own.
    let mut copy = first.bytes(&mut rng);
    copy[..2].copy_from_slice(&3u16.to_be_bytes());
    refused(&world, &copy, KEY_DEAL);
    let mut thief = second(&world, 3, &mut rng);
    thief.F = first.F.clone();
    refused(&world, &thief.bytes(&mut rng), KEY_DEAL);
}

#[test]
fn key_deal_needs_every_secret() {
    let world = world(15, 2, 2, 2);
    let secrets = registered(&world.secrets);
    let mut rng = rng(16);
    let mut changed = |change: &dyn Fn(&mut Dealer)| {
        let mut dealer = second(&world, 1, &mut rng);
        assert_eq!(dealer.deal(&mut rng).verify(&setup(&world), &mut rng), Ok(()));
        change(&mut dealer);
        refused(&world, &dealer.bytes(&mut rng), KEY_DEAL);
    };
    // Not a trustee, or another one.
    changed(&|dealer| dealer.c += Scalar::ONE);
    changed(&|dealer| dealer.c = secrets[1]);
    changed(&|dealer| dealer.u += Scalar::ONE);
    changed(&|dealer| dealer.a[0][0] += Scalar::ONE);
    changed(&|dealer| dealer.a[1][0] += Scalar::ONE);
    // Errors that cancel in the sum of all equations.
    changed(&|dealer| {
        dealer.a[0][0] += Scalar::ONE;
        dealer.a[1][0] -= Scalar::ONE;
    });
}

/// All dealers together can make a key the identity; nobody can vote with it.
#[test]
fn key_deal_a_sum_that_is_the_identity_is_refused() {
    let world = world(17, 3, 2, 3);
    let first = setup(&world);
    let c = registered(&world.secrets)[2];
    let mut rng = rng(18);
    let dealers = [1, 2].map(|i| second(&world, i, &mut rng));
    // The point j at which the sum of slot 1's polynomials is zero: its key, or a trustee's verification key.
    for j in 0..=3u16 {
        let mut a: Vec<Vec<_>> =
            (0..3).map(|_| (0..2).map(|_| Scalar::random(&mut rng)).collect()).collect();
        let constants = dealers[0].a[1][0] + dealers[1].a[1][0];
        let slopes = dealers[0].a[1][1] + dealers[1].a[1][1] + a[1][1];
        a[1][0] = -constants - Scalar::from(j) * slopes;
        let last = Dealer::of(&first, 3, c, a, Scalar::random(&mut rng));
        let deals = [&dealers[0], &dealers[1], &last].map(|dealer| {
            let bytes = dealer.bytes(&mut rng);
            (dealer.commit(&bytes), bytes)
        });
        let mut observer = dealt(&first, &deals);
        assert_eq!(observer.close_round(), Err(KeyError::IdentityKey { slot: 1 }), "{j}");
        assert_eq!((observer.round(), observer.ceremony()), (Round::Complain, None));
    }
}

/// A board that changes a share cannot make its dealer look guilty: the whole deal is then not the dealer's.
#[test]
fn key_deal_a_share_that_the_board_altered_is_not_the_dealers() {
    let mut world = world(19, 3, 2, 2);
    let mut board = Board::new();
    board.post_manifest(&world.manifest, &world.operator, &mut world.rng).unwrap();
    for commit in &world.ceremony.commits {
        board.post(commit, &mut world.rng).unwrap();
    }
    board.close_round(&world.operator, &mut world.rng).unwrap();
    let before = (board.state().size(), board.state().root());
    for share in &Parts::of(&setup(&world)).shares {
        let mut bytes = world.ceremony.deals[1].to_bytes();
        bytes[share.end - 1] ^= 0x80;
        refused(&world, &bytes, KEY_DEAL);
        let altered = Deal::from_bytes(&bytes, &setup(&world)).unwrap();
        let error = board.post(&altered, &mut world.rng).unwrap_err();
        let bad = KeyError::BadDeal { dealer: 2, fault: PartyFault::InvalidDeal(KEY_DEAL) };
        assert_eq!(error, Refusal::Keys(bad));
    }
    assert_eq!((board.state().size(), board.state().root()), before);
    assert_eq!(board.state().found().count(), 0);
    for deal in &world.ceremony.deals {
        board.post(deal, &mut world.rng).unwrap();
    }
    board.close_round(&world.operator, &mut world.rng).unwrap();
    assert_eq!(board.state().phase(), Phase::Complaining);
    let observer = board.state().observer().unwrap();
    for (secret, number) in world.secrets.iter().zip(1..) {
        let recipient = Recipient::new(observer.setup(), number, secret).unwrap();
        assert_eq!(recipient.complain(observer, &mut world.rng), Ok(vec![]));
    }
}

#[test]
fn key_deal_every_deal_is_under_the_signatures_of_a_ceremony() {
    let mut world = world(20, 3, 2, 1);
    let ceremony = world.trustees[0].ceremony().clone();
    let signature = world.trustees[1].confirm(&mut world.rng).unwrap().signature().clone();
    assert_eq!(ceremony.verify_confirmation(2, &signature, &mut world.rng), Ok(()));
    for number in [0, 1, 3, 4] {
        assert!(ceremony.verify_confirmation(number, &signature, &mut world.rng).is_err());
    }
    // The signed text again, and the same for another number.
    for number in 1..=3u16 {
        let mut text = Transcript::new(b"entry signature");
        text.append_bytes(b"ceremony", ceremony.hash());
        text.append_u64(b"trustee", number.into());
        let signature = world.secrets[1].sign(&mut text, &mut world.rng).unwrap();
        let verdict = ceremony.verify_confirmation(2, &signature, &mut world.rng);
        assert_eq!(verdict.is_ok(), number == 2);
    }
    for dealer in 1..=3u16 {
        let other = second(&world, dealer, &mut rng(21));
        let bytes = other.bytes(&mut rng(22));
        let mut deals = messages(&world);
        deals[usize::from(dealer) - 1] = (other.commit(&bytes), bytes);
        let mut observer = dealt(&setup(&world), &deals);
        observer.close_round().unwrap();
        let other = observer.ceremony().unwrap();
        assert_ne!(other.hash(), ceremony.hash());
        assert!(other.verify_confirmation(2, &signature, &mut world.rng).is_err());
        let error = observer.take_confirmation(2, &signature, &mut world.rng);
        assert_eq!(error, Err(KeyError::Signature { number: 2 }));
    }
}
