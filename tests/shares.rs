//! The shares of the key ceremony: members detect bad ones, and good ones open what they should.

use attacks::{
    World,
    dealer::{
        Dealer, Parts, dealt, element, exposed, image, interpolate, messages, plus_order, receive,
        registered, seal, world,
    },
    rng,
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use itertools::Itertools;
use tabella::{
    ballot::{Choices, Header},
    codec::Encode,
    contest::Contest,
    crypto::group::Element,
    keys::{Deal, KeyError, Observer, Party, PartyFault, Recipient, Setup, ShareFault},
    manifest::Builder,
    tally::{DecryptionShare, combine},
};

/// Deals in which dealer 2 of three cheats, with enough slots and coefficients to tell everything apart.
struct Cheat {
    world: World,
    dealer: Dealer,
}

impl Cheat {
    fn new(seed: u8) -> Self {
        let world = world(seed, 3, 2, 3);
        let c = registered(&world.secrets)[1];
        let dealer = Dealer::new(&Setup::first(&world.manifest), 2, c, &mut rng(seed));
        Self { world, dealer }
    }

    /// The round of complaints; the public part of the ceremony must be in order.
    fn observer(&self) -> Observer {
        let mut deals = messages(&self.world);
        let bytes = self.dealer.bytes(&mut rng(0));
        deals[1] = (self.dealer.commit(&bytes), bytes);
        dealt(&Setup::first(&self.world.manifest), &deals)
    }

    /// All members' verdicts on their shares, if nobody complains in time.
    fn faults(&self) -> [Option<ShareFault>; 3] {
        let observer = self.observer();
        let mut late = observer.clone();
        late.close_round().unwrap();
        [1, 2, 3].map(|number| {
            let secret = &self.world.secrets[usize::from(number) - 1];
            let recipient = Recipient::new(observer.setup(), number, secret).unwrap();
            let complaints = recipient.complain(&observer, &mut rng(1)).unwrap();
            match receive(&late, number, &self.world.secrets) {
                Ok(trustee) => {
                    assert_eq!((trustee.number(), complaints), (number, vec![]));
                    None
                }
                Err(KeyError::BadShare { dealer: 2, fault }) => {
                    let [complaint] = &complaints[..] else { panic!("{complaints:?}") };
                    assert_eq!((complaint.complainer(), complaint.dealer()), (number, 2));
                    // A complaint made in time puts the dealer out, for this fault.
                    let mut judged = observer.clone();
                    judged.take_complaint(complaint.clone(), &mut rng(2)).unwrap();
                    judged.close_round().unwrap();
                    let verdict = &judged.found()[0];
                    assert_eq!(verdict.party, Party::Dealer(2));
                    let bad = PartyFault::BadShare { to: number, fault };
                    assert_eq!(verdict.fault, bad);
                    assert_eq!(judged.ceremony().unwrap().holders(), [1, 3]);
                    Some(fault)
                }
                Err(other) => panic!("{other}"),
            }
        })
    }
}

#[test]
fn key_share_a_wrong_scalar_names_dealer_and_slot_to_its_receiver_alone() {
    for recipient in 1..=3u16 {
        for slot in 0..3 {
            let mut cheat = Cheat::new(30);
            assert_eq!(cheat.faults(), [None; 3]);
            let mut plain = cheat.dealer.plain(recipient);
            let value = &mut plain[32 * slot..32 * (slot + 1)];
            let wrong = Scalar::from_canonical_bytes(value.try_into().unwrap()).unwrap();
            value.copy_from_slice((wrong + Scalar::ONE).as_bytes());
            let place = usize::from(recipient) - 1;
            cheat.dealer.shares[place] = cheat.dealer.encrypt(recipient, &plain);
            let mut expected = [None; 3];
            expected[place] = Some(ShareFault::Equation { slot });
            assert_eq!(cheat.faults(), expected);
        }
    }
}

#[test]
fn key_share_the_values_of_another_trustee_or_slot_are_refused() {
    let mut cheat = Cheat::new(31);
    let mut plain = cheat.dealer.plain(3);
    cheat.dealer.shares[0] = cheat.dealer.encrypt(1, &plain);
    plain.rotate_left(32);
    cheat.dealer.shares[2] = cheat.dealer.encrypt(3, &plain);
    let wrong = Some(ShareFault::Equation { slot: 0 });
    assert_eq!(cheat.faults(), [wrong, None, wrong]);
}

#[test]
fn key_share_a_scalar_that_is_not_canonical_is_refused() {
    for slot in 0..3 {
        let mut cheat = Cheat::new(32);
        let mut plain = cheat.dealer.plain(1);
        let value = &mut plain[32 * slot..32 * (slot + 1)];
        let longer = plus_order(value.try_into().unwrap());
        value.copy_from_slice(&longer);
        cheat.dealer.shares[0] = cheat.dealer.encrypt(1, &plain);
        assert_eq!(cheat.faults(), [Some(ShareFault::Scalars), None, None]);
    }
}

#[test]
fn key_share_that_cannot_be_decrypted_is_refused() {
    let aead = [Some(ShareFault::Aead), None, None];
    let refused = |name: &str, change: &dyn Fn(&mut Dealer)| {
        let mut cheat = Cheat::new(33);
        change(&mut cheat.dealer);
        assert_eq!(cheat.faults(), aead, "{name}");
    };
    refused("garbage", &|dealer| dealer.shares[0].fill(7));
    refused("first bit", &|dealer| dealer.shares[0][0] ^= 1);
    refused("last bit", &|dealer| *dealer.shares[0].last_mut().unwrap() ^= 0x80);
    refused("another's share", &|dealer| dealer.shares[0] = dealer.shares[2].clone());
    let changed = |name: &str, change: &dyn Fn(&Dealer) -> Vec<u8>| {
        refused(name, &|dealer| dealer.shares[0] = change(dealer));
    };
    let values = |dealer: &Dealer| dealer.plain(1);
    changed("nonce", &|d| seal(&d.key(1), [1; 12], &d.data(2, 1), &values(d)));
    changed("dealer in the data", &|d| seal(&d.key(1), [0; 12], &d.data(3, 1), &values(d)));
    changed("recipient in the data", &|d| seal(&d.key(1), [0; 12], &d.data(2, 3), &values(d)));
    changed("key of another recipient", &|d| seal(&d.key(3), [0; 12], &d.data(2, 1), &values(d)));
    changed("key of another dealer", &|d| Dealer { number: 3, ..d.clone() }.encrypt(1, &values(d)));
    changed("key of another U", &|d| {
        let u = d.u + Scalar::ONE;
        Dealer { u, U: image(&u), ..d.clone() }.encrypt(1, &values(d))
    });
}

#[test]
fn key_share_of_another_length_cannot_be_dealt() {
    for length in [0, 32, 95, 97, 128] {
        let mut cheat = Cheat::new(34);
        let mut plain = cheat.dealer.plain(1);
        plain.resize(length, 0);
        cheat.dealer.shares[0] = cheat.dealer.encrypt(1, &plain);
        let bytes = cheat.dealer.bytes(&mut rng(0));
        let error = Deal::from_bytes(&bytes, &cheat.dealer.setup).unwrap_err();
        let mut observer = Observer::new(cheat.dealer.setup.clone());
        let commits = [0, 2].map(|i| cheat.world.ceremony.commits[i].clone());
        for commit in commits.into_iter().chain([cheat.dealer.commit(&bytes)]) {
            observer.take_commit(commit, &mut rng(1)).unwrap();
        }
        observer.close_round().unwrap();
        let verdict = observer.take_deal(2, &bytes, &mut rng(2)).unwrap().unwrap();
        assert_eq!(verdict.party, Party::Dealer(2), "{length}");
        assert_eq!(verdict.fault, PartyFault::UnreadableDeal(error), "{length}");
    }
}

/// [KEY.DEAL] does not cover higher coefficients, so a dealer may use another's commitment, whose logarithm it does not know.
/// It then has no valid share.
#[test]
fn key_share_of_a_coefficient_that_the_dealer_does_not_know_is_refused() {
    let mut cheat = Cheat::new(35);
    let first = cheat.world.ceremony.deals[0].to_bytes();
    let theirs = element(&first, &Parts::of(&cheat.dealer.setup).F[2][1]);
    cheat.dealer.F[2][1] = Element::new(-theirs.point()).unwrap();
    assert_eq!(cheat.faults(), [Some(ShareFault::Equation { slot: 2 }); 3]);
}

/// A polynomial that is zero at a trustee's number is as good as any other.
#[test]
fn key_share_zero_is_a_share() {
    let Cheat { world, dealer } = Cheat::new(36);
    let mut a = dealer.a.clone();
    a[1][0] = -Scalar::from(3u8) * a[1][1];
    let dealer = Dealer::of(&dealer.setup, 2, dealer.c, a, dealer.u);
    assert_eq!(dealer.plain(3)[32..64], [0; 32]);
    assert_eq!(Cheat { world, dealer }.faults(), [None; 3]);
}

#[test]
fn key_share_is_received_by_its_trustee_only() {
    let world = world(37, 3, 2, 1);
    let setup = Setup::first(&world.manifest);
    for (number, secret) in [(1, 1), (2, 0), (3, 0)] {
        let error = Recipient::new(&setup, number, &world.secrets[secret]).unwrap_err();
        assert_eq!(error, KeyError::WrongSecret { number });
    }
    for number in [0, 4, u16::MAX] {
        let error = Recipient::new(&setup, number, &world.secrets[0]).unwrap_err();
        assert_eq!(error, KeyError::NoParty { number, parties: 3 });
    }
    // A member that did not deal receives nothing in the first ceremony.
    let mut observer = dealt(&setup, &messages(&world)[1..]);
    observer.close_round().unwrap();
    let error = receive(&observer, 1, &world.secrets).unwrap_err();
    assert_eq!(error, KeyError::Out { number: 1 });
    let trustee = receive(&observer, 2, &world.secrets).unwrap();
    assert_eq!(format!("{trustee:?}"), "Trustee(2, ..)");
}

/// A recipient that is given another ceremony than its own returns an error and complains about nobody: a complaint would
/// open the good share of another member with the same number.
#[test]
fn key_share_is_not_complained_of_in_another_ceremony() {
    let world = world(39, 3, 2, 1);
    let mut entries: Vec<_> = world.manifest.trustees().iter().map(|t| t.key.clone()).collect();
    entries.rotate_left(1);
    let manifest = tabella::manifest::Manifest::builder("turned")
        .operator(world.operator.public().clone())
        .trustees(entries, 2)
        .contest(world.manifest.contests()[0].clone())
        .build()
        .unwrap();
    let mut secrets = world.secrets.clone();
    secrets.rotate_left(1);
    let (deals, _) = tabella::keys::in_one_process(&manifest, &secrets, &mut rng(1)).unwrap();
    let deals: Vec<_> =
        deals.commits.into_iter().zip(deals.deals.iter().map(Encode::to_bytes)).collect();
    let mut turned = dealt(&Setup::first(&manifest), &deals);
    let first = Setup::first(&world.manifest);
    let recipient = Recipient::new(&first, 1, &world.secrets[0]).unwrap();
    let wrong = KeyError::WrongSecret { number: 1 };
    assert_eq!(recipient.complain(&turned, &mut rng(2)), Err(wrong.clone()));
    turned.close_round().unwrap();
    assert_eq!(recipient.finish(&turned).unwrap_err(), wrong);
}

/// The shares are values of one polynomial for each slot, and match the verification keys.
#[test]
fn key_share_all_shares_together_are_one_polynomial() {
    let world = world(40, 5, 3, 2);
    let all: Vec<_> = world.trustees.iter().map(|t| (t.number(), exposed(t).1)).collect();
    let ceremony = world.trustees[0].ceremony();
    for (slot, key) in ceremony.slot_keys().iter().enumerate() {
        for (number, shares) in &all {
            assert_eq!(image(&shares[slot]), ceremony.verification_keys(*number).unwrap()[slot]);
        }
        let points = all.iter().map(|(j, shares)| (*j, RistrettoPoint::mul_base(&shares[slot])));
        for some in points.combinations(3) {
            assert_eq!(interpolate(&some), *key.point());
        }
    }
}

/// Shares of a polynomial of degree t−1: any t of them yield the sum, and t−1 yield another point.
#[test]
fn key_share_any_t_trustees_open_and_fewer_do_not() {
    for (n, t) in [(1, 1), (3, 1), (3, 2), (4, 3), (4, 4)] {
        let question = Contest::choose_one("a", ["yes", "no"]);
        let complete = |builder: Builder| builder.contest(question).minimum_cell(1);
        let mut world = World::new(38, (n, t), &[0; 3], complete);
        let mut board = world.open();
        let election = board.election().unwrap().clone();
        for (voter, option) in ["yes", "no", "yes"].into_iter().enumerate() {
            let choices = Choices::new().pick("a", option);
            let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
            board.post(&ballot, &mut world.rng).unwrap();
        }
        let World { operator, trustees, rng, .. } = &mut world;
        board.close(operator, trustees, rng).unwrap();
        let tally = board.tally(operator, rng).unwrap();
        let shares: Vec<_> =
            trustees.iter_mut().map(|t| t.open(board.state(), rng).unwrap()).collect();
        let ceremony = trustees[0].ceremony();
        let votes = [2u64, 1].map(|v| RistrettoPoint::mul_base(&v.into()));
        let expected = Some(vec![Some(votes.to_vec())]);

        let verify =
            |share: &DecryptionShare| share.clone().verify(&election, ceremony, &tally, rng);
        let verified: Vec<_> = shares.iter().map(verify).map(Result::unwrap).collect();
        for some in verified.iter().cloned().powerset() {
            let opened = combine(ceremony, &tally, &some).ok().map(|opened| opened.cells);
            assert_eq!(opened, expected.clone().filter(|_| some.len() >= t.into()));
        }
        let one_again = vec![verified[0].clone(); n];
        assert_eq!(combine(ceremony, &tally, &one_again).is_ok(), t == 1);

        // The library refuses t−1 shares; combined nevertheless, they do not yield the votes.
        let factor = |share: &DecryptionShare, slot: usize| {
            let at = 2 + 32 * slot;
            let bytes = share.to_bytes()[at..at + 32].try_into().unwrap();
            (share.trustee(), *Element::from_canonical(bytes).unwrap().point())
        };
        for (slot, vote) in votes.iter().enumerate() {
            let sum = tally.cells()[0].sum.b[slot];
            for some in shares.iter().map(|share| factor(share, slot)).combinations(t.into()) {
                assert_eq!(sum - interpolate(&some), *vote);
                for left_out in 0..some.len() {
                    let mut fewer = some.clone();
                    fewer.remove(left_out);
                    let opened = sum - interpolate(&fewer);
                    assert!((0..4u64).all(|v| opened != RistrettoPoint::mul_base(&v.into())));
                }
            }
        }
    }
}
