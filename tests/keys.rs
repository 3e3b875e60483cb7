//! The deals of the key ceremony: what honest ones give, and how each cheat is found and who is named.

mod common;
#[path = "common/dealer.rs"]
mod dealer;

use common::{World, bit_flips, rng};
use curve25519_dalek::Scalar;
use dealer::{
    Dealer, Parts, image, interpolate, plus_order, read_deal, receive, registered, world,
};
use itertools::Itertools;
use std::ops::Range;
use tabella::{
    board::{Board, Phase, Refusal},
    codec::Encode,
    error::{Check, DecodeErrorKind, ProveError},
    group::Element,
    keys::{self, Ceremony, Deal, KeyError},
    manifest::Manifest,
    transcript::Transcript,
};

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

/// The error that says that the proofs of these deals are invalid.
fn invalid(dealers: &[u16]) -> KeyError {
    let check = Check::Equation("KEY.DEAL");
    KeyError::Proof { dealers: dealers.iter().map(|dealer| (*dealer, check)).collect() }
}

/// The verdict on a deal that is read and verified alone, as the board does.
#[track_caller]
fn refused(world: &World, bytes: &[u8]) -> KeyError {
    let deal = read_deal(&world.manifest, bytes).unwrap();
    assert_eq!(deal.to_bytes(), bytes);
    deal.verify(&world.manifest, &mut rng(0)).unwrap_err()
}

#[test]
fn key_deal_an_honest_ceremony_gives_everybody_the_same_keys() {
    let small = (1..=4).flat_map(|n| (1..=n as u16).map(move |t| (n, t)));
    for (n, t) in small.chain([(5, 3), (7, 4)]) {
        let slots = 1 + n % 3;
        let mut world = world(1, n, t, slots);
        let ceremony = world.trustees[0].ceremony().clone();
        assert!(world.trustees.iter().all(|trustee| *trustee.ceremony() == ceremony));
        world.deals.reverse();
        let again = Ceremony::new(&world.manifest, &world.deals, &mut world.rng);
        assert_eq!(again.as_ref(), Ok(&ceremony));

        let parts = Parts::of(&world.manifest);
        for deal in &world.deals {
            let bytes = deal.to_bytes();
            assert_eq!(bytes.len(), parts.z.last().unwrap().end);
            assert_eq!(read_deal(&world.manifest, &bytes).as_ref(), Ok(deal));
        }
        assert_eq!(ceremony.slot_keys().len(), slots);
        assert!(ceremony.slot_keys().iter().map(Element::as_bytes).all_unique());
        // In the exponent: any t verification keys give the slot key, t−1 do not.
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
        let secrets = registered(2, &world);
        let mut rng = rng(3);
        let mut deals = world.deals.clone();
        let dealer = Dealer::new(&world.manifest, n as u16, secrets[n - 1], &mut rng);
        deals[n - 1] = dealer.deal(&mut rng);
        for number in 1..=n as u16 {
            receive(&world, &deals, number).unwrap();
        }
    }
}

#[test]
fn key_deal_every_bit_flip_is_refused() {
    let world = world(4, 2, 2, 2);
    let bytes = world.deals[0].to_bytes();
    let mut read = 0;
    bit_flips(&bytes, |bit, flipped| {
        let Ok(deal) = read_deal(&world.manifest, flipped) else { return };
        assert_eq!(deal.to_bytes(), flipped);
        let error = deal.verify(&world.manifest, &mut rng(0)).unwrap_err();
        if bit < 16 {
            let number = deal.dealer();
            assert_eq!(error, KeyError::UnknownTrustee { number, trustees: 2 });
        } else {
            assert_eq!(error, invalid(&[1]), "bit {bit}");
        }
        read += 1;
    });
    // All flips of number and shares can be read, nearly all of scalars, and some of elements.
    assert!(read > 16 + 8 * 2 * 80 + 4 * 250, "{read}");
}

#[test]
fn key_deal_every_truncation_and_extension_is_refused() {
    let world = world(5, 2, 2, 2);
    let bytes = world.deals[0].to_bytes();
    for end in 0..bytes.len() {
        let error = read_deal(&world.manifest, &bytes[..end]).unwrap_err();
        assert!(matches!(error.kind, DecodeErrorKind::Truncated { .. }), "{end}: {error}");
    }
    for extra in [1, 31, 32, 80, bytes.len()] {
        let longer = [bytes.clone(), bytes[..extra].to_vec()].concat();
        let error = read_deal(&world.manifest, &longer).unwrap_err();
        assert_eq!((error.at, error.kind), (bytes.len(), DecodeErrorKind::Trailing { extra }));
    }
}

#[test]
fn key_deal_no_two_parts_can_be_swapped() {
    let world = world(6, 3, 2, 2);
    let bytes = world.deals[0].to_bytes();
    let parts = Parts::of(&world.manifest).all();
    let mut read = 0;
    for (a, b) in parts.iter().tuple_combinations().filter(|(a, b)| a.len() == b.len()) {
        let mut swapped = bytes.clone();
        swapped[a.clone()].copy_from_slice(&bytes[b.clone()]);
        swapped[b.clone()].copy_from_slice(&bytes[a.clone()]);
        // A scalar is seldom an element and an element seldom a scalar.
        if read_deal(&world.manifest, &swapped).is_ok() {
            assert_eq!(refused(&world, &swapped), invalid(&[1]), "{a:?} {b:?}");
            read += 1;
        }
    }
    // At least: nine elements, three shares and four scalars, each among themselves.
    assert!(read >= 9 * 8 / 2 + 3 + 4 * 3 / 2, "{read}");
}

#[test]
fn key_deal_no_part_can_come_from_another_deal() {
    let mut world = world(7, 3, 2, 2);
    let again = Deal::new(&world.manifest, 1, &world.secrets[0], &mut world.rng).unwrap();
    let bytes = world.deals[0].to_bytes();
    for other in [again.to_bytes(), world.deals[1].to_bytes()] {
        for part in Parts::of(&world.manifest).all() {
            let mut mixed = bytes.clone();
            mixed[part.clone()].copy_from_slice(&other[part.clone()]);
            assert_eq!(refused(&world, &mixed), invalid(&[1]), "{part:?}");
        }
    }
}

#[test]
fn key_deal_binds_the_election_and_the_dealer() {
    let mut world = world(8, 3, 2, 2);
    let other = sibling(&world, "other");
    for deal in &world.deals {
        let error = deal.verify(&other, &mut world.rng).unwrap_err();
        assert_eq!(error, invalid(&[deal.dealer()]));
    }
    let error = Ceremony::new(&other, &world.deals, &mut world.rng).unwrap_err();
    assert_eq!(error, invalid(&[1, 2, 3]));

    // A deal that is good, under the number of another trustee.
    let mut bytes = world.deals[0].to_bytes();
    for number in [2u16, 3] {
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        assert_eq!(refused(&world, &bytes), invalid(&[number]));
    }
    for number in [0, 4, u16::MAX] {
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        let unknown = KeyError::UnknownTrustee { number, trustees: 3 };
        assert_eq!(refused(&world, &bytes), unknown);
        let deals = [read_deal(&world.manifest, &bytes).unwrap()];
        assert_eq!(Ceremony::new(&world.manifest, &deals, &mut world.rng), Err(unknown));
    }
    for (number, secret) in [(0, 0), (1, 1), (2, 0), (4, 0), (u16::MAX, 0)] {
        let made = Deal::new(&world.manifest, number, &world.secrets[secret], &mut world.rng);
        assert_eq!(made, Err(ProveError::Shape), "{number}");
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
        let other = world(9, n, t, slots);
        let deal = &world_of_deals.deals[0];
        let error = deal.verify(&other.manifest, &mut world_of_deals.rng).unwrap_err();
        assert_eq!(error, KeyError::Shape { dealer: 1 }, "{n} {t} {slots}");
        assert!(read_deal(&other.manifest, &deal.to_bytes()).is_err());
    }
}

#[test]
fn key_deal_with_an_identity_or_no_element_is_refused_where_it_stands() {
    let world = world(10, 2, 2, 2);
    let bytes = world.deals[0].to_bytes();
    let parts = Parts::of(&world.manifest);
    let kind = |part: &Range<usize>, value: [u8; 32]| {
        let mut changed = bytes.clone();
        changed[part.clone()].copy_from_slice(&value);
        let error = read_deal(&world.manifest, &changed).unwrap_err();
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
    let mut world = world(11, 12, 2, 1);
    let mut bad = world.deals.clone();
    for dealer in [3, 4, 12] {
        let mut bytes = bad[dealer - 1].to_bytes();
        let z = Parts::of(&world.manifest).z[1].clone();
        bytes[z.start] ^= 1;
        bad[dealer - 1] = read_deal(&world.manifest, &bytes).unwrap();
    }
    // The order of the deals does not change who is named.
    bad.rotate_left(5);
    let error = Ceremony::new(&world.manifest, &bad, &mut world.rng).unwrap_err();
    assert_eq!(error, invalid(&[3, 4, 12]));
    assert_eq!(receive(&world, &bad, 1).unwrap_err(), invalid(&[3, 4, 12]));
}

#[test]
fn key_deal_that_is_there_twice_or_not_at_all_is_named() {
    let mut world = world(12, 4, 2, 1);
    let again = Deal::new(&world.manifest, 3, &world.secrets[2], &mut world.rng).unwrap();
    let [one, two, three, four] = [0, 1, 2, 3].map(|i| world.deals[i].clone());
    let mut error = |deals: &[&Deal]| {
        let deals: Vec<Deal> = deals.iter().copied().cloned().collect();
        Ceremony::new(&world.manifest, &deals, &mut world.rng).unwrap_err()
    };
    let duplicate = KeyError::Duplicate { dealer: 3 };
    assert_eq!(error(&[&one, &two, &three, &four, &again]), duplicate);
    assert_eq!(error(&[&three, &one, &two, &four, &three]), duplicate);
    assert_eq!(error(&[&three, &three]), duplicate);
    let missing = |dealers: &[u16]| KeyError::Missing { dealers: dealers.to_vec() };
    assert_eq!(error(&[]), missing(&[1, 2, 3, 4]));
    assert_eq!(error(&[&two, &four]), missing(&[1, 3]));
    assert_eq!(error(&[&three, &two, &one]), missing(&[4]));
}

/// Dealer 3 waits for the others' deals and chooses its part so that the sum is its own.
#[test]
fn key_deal_a_rogue_key_cannot_be_proved() {
    let world = world(13, 3, 2, 2);
    let secrets = registered(13, &world);
    let mut rng = rng(14);
    let [first, second] =
        [1, 2].map(|i| Dealer::new(&world.manifest, i, secrets[usize::from(i) - 1], &mut rng));
    let mut deals = vec![first.deal(&mut rng), second.deal(&mut rng)];

    let mut rogue = Dealer::new(&world.manifest, 3, secrets[2], &mut rng);
    let known = rogue.a[1][0];
    let others = first.F[1][0].point() + second.F[1][0].point();
    rogue.F[1][0] = Element::new(image(&known).point() - others).unwrap();
    // All of the slot's key would be known to dealer 3 alone.
    assert_eq!(others + rogue.F[1][0].point(), *image(&known).point());
    deals.push(rogue.deal(&mut rng));
    let error = Ceremony::new(&world.manifest, &deals, &mut rng).unwrap_err();
    assert_eq!(error, invalid(&[3]));

    // Another's proof does not help: neither its deal under number 3 nor its commitments in a deal of one's own.
    let mut copy = first.bytes(&mut rng);
    copy[..2].copy_from_slice(&3u16.to_be_bytes());
    assert_eq!(refused(&world, &copy), invalid(&[3]));
    let mut thief = Dealer::new(&world.manifest, 3, secrets[2], &mut rng);
    thief.F = first.F.clone();
    assert_eq!(refused(&world, &thief.bytes(&mut rng)), invalid(&[3]));
}

#[test]
fn key_deal_needs_every_secret() {
    let world = world(15, 2, 2, 2);
    let secrets = registered(15, &world);
    let mut rng = rng(16);
    let mut changed = |change: &dyn Fn(&mut Dealer)| {
        let mut dealer = Dealer::new(&world.manifest, 1, secrets[0], &mut rng);
        assert_eq!(dealer.deal(&mut rng).verify(&world.manifest, &mut rng), Ok(()));
        change(&mut dealer);
        assert_eq!(refused(&world, &dealer.bytes(&mut rng)), invalid(&[1]));
    };
    // Somebody who is not the trustee, or is another one.
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

/// All dealers together can make a key the identity; nobody may vote with it.
#[test]
fn key_deal_a_sum_that_is_the_identity_is_refused() {
    let world = world(17, 3, 2, 3);
    let secrets = registered(17, &world);
    let mut rng = rng(18);
    let dealers = [1, 2].map(|i| {
        let c = secrets[usize::from(i) - 1];
        Dealer::new(&world.manifest, i, c, &mut rng)
    });
    // The place j at which the sum of slot 1's polynomials is zero: its key, or a trustee's verification key.
    for j in 0..=3u16 {
        let mut a: Vec<Vec<_>> =
            (0..3).map(|_| (0..2).map(|_| Scalar::random(&mut rng)).collect()).collect();
        let constants = dealers[0].a[1][0] + dealers[1].a[1][0];
        let slopes = dealers[0].a[1][1] + dealers[1].a[1][1] + a[1][1];
        a[1][0] = -constants - Scalar::from(j) * slopes;
        let u = Scalar::random(&mut rng);
        let last = Dealer::of(&world.manifest, 3, secrets[2], a, u).deal(&mut rng);
        let deals = [dealers[0].deal(&mut rng), dealers[1].deal(&mut rng), last];
        let error = Ceremony::new(&world.manifest, &deals, &mut rng).unwrap_err();
        assert_eq!(error, KeyError::IdentityKey { slot: 1 }, "{j}");
    }
}

/// A board that alters a share cannot make its dealer look guilty: the deal as a whole is not the dealer's.
#[test]
fn key_deal_a_share_that_the_board_altered_is_not_the_dealers() {
    let mut world = world(19, 3, 2, 2);
    let mut board = Board::new();
    board.post_manifest(&world.manifest, &world.operator, &mut world.rng).unwrap();
    let honest = world.deals[1].clone();
    for share in &Parts::of(&world.manifest).shares {
        let mut bytes = honest.to_bytes();
        bytes[share.end - 1] ^= 0x80;
        let altered = read_deal(&world.manifest, &bytes).unwrap();
        let error = board.post_deal(&altered, &mut world.rng).unwrap_err();
        assert_eq!(error, Refusal::Keys(invalid(&[2])));
        world.deals[1] = altered;
        for number in 1..=3 {
            // Not `BadShare`, although one of them could not decrypt it.
            assert_eq!(receive(&world, &world.deals, number).unwrap_err(), invalid(&[2]));
        }
    }
    world.deals[1] = honest;
    for deal in &world.deals {
        board.post_deal(deal, &mut world.rng).unwrap();
    }
    assert_eq!(board.state().phase(), Phase::Confirming);
}

#[test]
fn key_deal_every_deal_is_under_the_signatures_of_a_ceremony() {
    let mut world = world(20, 3, 2, 1);
    let ceremony = world.trustees[0].ceremony().clone();
    let signature = world.trustees[1].confirm(&mut world.rng).unwrap();
    let World { manifest, rng, deals, secrets, .. } = &mut world;
    assert_eq!(ceremony.verify_confirmation(manifest, 2, &signature, rng), Ok(()));
    for number in [0, 1, 3, 4] {
        assert!(ceremony.verify_confirmation(manifest, number, &signature, rng).is_err());
    }
    // The signed text once more, and the same for another number.
    for number in 1..=3u16 {
        let mut text = Transcript::new(b"entry signature");
        text.append_bytes(b"ceremony", ceremony.hash());
        text.append_u64(b"trustee", number.into());
        let signature = secrets[1].sign(&mut text, rng).unwrap();
        let verdict = ceremony.verify_confirmation(manifest, 2, &signature, rng);
        assert_eq!(verdict.is_ok(), number == 2);
    }
    for dealer in 1..=3u16 {
        let mut other = deals.clone();
        let place = usize::from(dealer) - 1;
        other[place] = Deal::new(manifest, dealer, &secrets[place], rng).unwrap();
        let other = Ceremony::new(manifest, &other, rng).unwrap();
        assert_ne!(other.hash(), ceremony.hash());
        assert!(other.verify_confirmation(manifest, 2, &signature, rng).is_err());
    }
}
