//! Complaints and certificates: they convict the guilty before everybody, and never an innocent party.

#![allow(non_snake_case)]

use attacks::{
    World, bit_flips,
    dealer::{
        Dealer, Parts, associated_data, commit, complaint, dealt, element, image, messages,
        receive, registered, share_key, unseal, world,
    },
    read, rng,
};
use curve25519_dalek::Scalar;
use itertools::Itertools;
use tabella::{
    codec::{Decode, Encode},
    crypto::{ProofCheck, group::Element},
    keys::{
        Blame, Commit, Complaint, Conviction, KeyError, NoConviction, Observer, Party, PartyFault,
        Recipient, Round, Setup, ShareFault,
    },
    manifest::Manifest,
};

/// A ceremony in its round of complaints, in which dealer 2 dealt bad shares to some members.
struct Bad {
    world: World,
    setup: Setup,
    /// The registered secrets, by place.
    c: Vec<Scalar>,
    dealer: Dealer,
    deals: Vec<(Commit, Vec<u8>)>,
    observer: Observer,
}

impl Bad {
    fn new(seed: u8, n: usize, t: u16, to: &[u16]) -> Self {
        let world = world(seed, n, t, 2);
        let setup = Setup::first(&world.manifest);
        let c = registered(&world.secrets);
        let mut dealer = Dealer::new(&setup, 2, c[1], &mut rng(seed));
        for j in to {
            let mut plain = dealer.plain(*j);
            let value = Scalar::from_canonical_bytes(plain[32..].try_into().unwrap()).unwrap();
            plain[32..].copy_from_slice((value + Scalar::ONE).as_bytes());
            dealer.shares[usize::from(*j) - 1] = dealer.encrypt(*j, &plain);
        }
        let mut deals = messages(&world);
        let bytes = dealer.bytes(&mut rng(0));
        deals[1] = (dealer.commit(&bytes), bytes);
        let observer = dealt(&setup, &deals);
        Self { world, setup, c, dealer, deals, observer }
    }

    /// A member's complaint about a dealer, true or not.
    fn complaint(&self, complainer: u16, dealer: u16) -> Complaint {
        let (c, deal) = (self.c[usize::from(complainer) - 1], &self.deals[usize::from(dealer) - 1]);
        complaint(&self.setup, complainer, &c, &deal.1, None)
    }

    /// The ceremony after these complaints.
    fn judged(&self, complaints: &[Complaint]) -> Observer {
        let mut observer = self.observer.clone();
        for complaint in complaints {
            observer.take_complaint(complaint.clone(), &mut rng(0)).unwrap();
        }
        observer.close_round().unwrap();
        observer
    }
}

fn bad_share(dealer: u16, to: u16) -> Conviction {
    let fault = PartyFault::BadShare { to, fault: ShareFault::Equation { slot: 1 } };
    Conviction { party: Party::Dealer(dealer), fault }
}

fn false_complaint(member: u16, of: u16) -> Conviction {
    Conviction { party: Party::Member(member), fault: PartyFault::FalseComplaint { of } }
}

fn verdicts(observer: &Observer) -> Vec<Conviction> {
    observer.found().to_vec()
}

#[test]
fn key_complaint_puts_out_the_dealer_if_true_and_the_complainer_if_false() {
    let bad = Bad::new(70, 4, 2, &[3]);
    // Made by the library, and from the specification.
    let recipient = Recipient::new(&bad.setup, 3, &bad.world.secrets[2]).unwrap();
    let made = recipient.complain(&bad.observer, &mut rng(0)).unwrap();
    assert_eq!(made.iter().map(|c| (c.complainer(), c.dealer())).collect_vec(), [(3, 2)]);
    for complaint in [made[0].clone(), bad.complaint(3, 2)] {
        let judged = bad.judged(&[complaint]);
        assert_eq!(verdicts(&judged), [bad_share(2, 3)]);
        assert_eq!(judged.ceremony().unwrap().holders(), [1, 3, 4]);
        for number in [1, 3, 4] {
            receive(&judged, number, &bad.world.secrets).unwrap();
        }
        let out = receive(&judged, 2, &bad.world.secrets).unwrap_err();
        assert_eq!(out, KeyError::Out { number: 2 });
    }
    let judged = bad.judged(&[bad.complaint(4, 1)]);
    assert_eq!(verdicts(&judged), [false_complaint(4, 1)]);
    // Nobody complained about dealer 2 in time, so 3 has no share. The others have one.
    assert_eq!(judged.ceremony().unwrap().holders(), [1, 2, 3]);
    let late = receive(&judged, 3, &bad.world.secrets).unwrap_err();
    let fault = ShareFault::Equation { slot: 1 };
    assert_eq!(late, KeyError::BadShare { dealer: 2, fault });
    receive(&judged, 1, &bad.world.secrets).unwrap();
    // About oneself, too: a dealer who complains about its own good share is out.
    assert_eq!(verdicts(&bad.judged(&[bad.complaint(1, 1)])), [false_complaint(1, 1)]);
    assert_eq!(
        bad_share(2, 3).to_string(),
        "dealer 2 dealt a bad share to trustee 3: [KEY.SHARE] does not hold in slot 1"
    );
    assert_eq!(
        false_complaint(4, 1).to_string(),
        "trustee 4 complained about dealer 1, whose share is good"
    );
}

/// Each complaint is decided on its own: a party found at fault in one can be right in another, and the order of complaints
/// does not affect the verdicts.
#[test]
fn key_complaint_all_are_judged_together() {
    let bad = Bad::new(71, 6, 2, &[1, 3]);
    let complaints = [(1, 2), (2, 1), (2, 5), (3, 2), (4, 2)].map(|(m, d)| bad.complaint(m, d));
    let expected = [
        bad_share(2, 1),
        false_complaint(2, 1),
        false_complaint(2, 5),
        bad_share(2, 3),
        false_complaint(4, 2),
    ];
    let mut first: Option<Observer> = None;
    for order in complaints.iter().cloned().permutations(5).step_by(7) {
        let judged = bad.judged(&order);
        assert_eq!(verdicts(&judged), expected);
        assert_eq!(judged.ceremony().unwrap().holders(), [1, 3, 5, 6]);
        assert_eq!(judged.ceremony().unwrap().dealers(), [1, 3, 5, 6]);
        let first = first.get_or_insert(judged.clone());
        assert_eq!((judged.ceremony(), judged.found()), (first.ceremony(), first.found()));
    }
    // Nobody can complain after the decision.
    let error = first.unwrap().take_complaint(complaints[0].clone(), &mut rng(0));
    assert_eq!(error, Err(KeyError::WrongRound { now: Round::Confirm }));
}

#[test]
fn key_complaint_every_bit_flip_and_truncation_is_refused() {
    let mut bad = Bad::new(72, 3, 1, &[3]);
    let bytes = bad.complaint(3, 2).to_bytes();
    assert_eq!(bytes.len(), 4 + 32 + 3 * 32);
    let mut read = 0;
    bit_flips(&bytes, |bit, flipped| {
        let Ok(complaint) = Complaint::from_bytes(flipped) else { return };
        let (number, dealer) = (complaint.complainer(), complaint.dealer());
        let error = bad.observer.take_complaint(complaint, &mut rng(0)).unwrap_err();
        let expected = match (number, dealer) {
            (1..=3, 1..=3) => KeyError::Signature { number },
            (1..=3, _) => KeyError::NoDeal { dealer },
            _ => KeyError::NoParty { number, parties: 3 },
        };
        assert_eq!(error, expected, "bit {bit}");
        read += 1;
    });
    assert!(read > 32 + 250, "{read}");
    for end in 0..bytes.len() {
        assert!(Complaint::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
    assert!(Complaint::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    assert!(bad.judged(&[]).found().is_empty());
}

#[test]
fn key_complaint_binds_complainer_dealer_deal_and_ceremony() {
    let bad = Bad::new(73, 4, 2, &[3]);
    let mut observer = bad.observer.clone();
    let mut refused = |complaint: Complaint| {
        let number = complaint.complainer();
        let error = observer.take_complaint(complaint, &mut rng(0));
        assert_eq!(error, Err(KeyError::Signature { number }));
    };
    let bytes = bad.complaint(3, 2).to_bytes();
    let with = |at: usize, new: &[u8]| {
        let mut changed = bytes.clone();
        changed[at..at + new.len()].copy_from_slice(new);
        read::<Complaint>(&changed)
    };
    // Another complainer, another dealer, both.
    refused(with(0, &1u16.to_be_bytes()));
    refused(with(2, &1u16.to_be_bytes()));
    refused(with(2, &3u16.to_be_bytes()));
    refused(with(0, &[0, 2, 0, 3]));
    // K and the proof of another complaint.
    let other = bad.complaint(3, 1).to_bytes();
    refused(with(4, &other[4..36]));
    refused(with(36, &other[36..]));
    refused(with(4, &other[4..]));
    // Points other than cU: random, of another member, of another deal, G, C and U.
    let deal = &bad.deals[1].1;
    let U = element(deal, &Parts::of(&bad.setup).U);
    let product = |s: &Scalar, P: &Element| Element::new(s * P.point()).unwrap();
    let other_U = element(&bad.deals[0].1, &Parts::of(&bad.setup).U);
    let points = [
        image(&Scalar::random(&mut rng(1))),
        product(&bad.c[0], &U),
        product(&bad.c[2], &other_U),
        product(&-bad.c[2], &U),
        Element::BASE,
        image(&bad.c[2]),
        U,
    ];
    for K in points {
        refused(complaint(&bad.setup, 3, &bad.c[2], deal, Some(K)));
    }
    // In another member's name.
    refused(complaint(&bad.setup, 3, &bad.c[0], deal, None));
    // Another deal of the same dealer, and the same in another election and in another epoch.
    let again = Dealer { u: bad.dealer.u, ..bad.dealer.clone() }.bytes(&mut rng(5));
    assert_ne!(&again, deal);
    refused(complaint(&bad.setup, 3, &bad.c[2], &again, None));
    for setup in others(&bad.world) {
        let there = Dealer::of(&setup, 2, bad.c[1], bad.dealer.a.clone(), bad.dealer.u);
        let there = Dealer { shares: bad.dealer.shares.clone(), ..there };
        refused(complaint(&setup, 3, &bad.c[2], deal, None));
        refused(complaint(&setup, 3, &bad.c[2], &there.bytes(&mut rng(6)), None));
    }
    observer.take_complaint(bad.complaint(3, 2), &mut rng(0)).unwrap();
    let again = observer.take_complaint(bad.complaint(3, 2), &mut rng(0));
    assert_eq!(again, Err(KeyError::Duplicate { number: 3 }));
    for (number, dealer, error) in [
        (0, 2, KeyError::NoParty { number: 0, parties: 4 }),
        (5, 2, KeyError::NoParty { number: 5, parties: 4 }),
        (3, 0, KeyError::NoDeal { dealer: 0 }),
        (3, 5, KeyError::NoDeal { dealer: 5 }),
    ] {
        let numbers = [u16::to_be_bytes(number), u16::to_be_bytes(dealer)].concat();
        let result = bad.observer.clone().take_complaint(with(0, &numbers), &mut rng(0));
        assert_eq!(result, Err(error));
    }
}

/// Another election of the same people, and the next ceremony of this one.
fn others(world: &World) -> [Setup; 2] {
    let entries = world.manifest.trustees();
    let sibling = Manifest::builder("sibling")
        .operator(world.operator.public().clone())
        .trustees(entries.iter().map(|t| t.key.clone()), world.manifest.threshold())
        .contest(world.manifest.contests()[0].clone())
        .build()
        .unwrap();
    let ceremony = world.trustees[0].ceremony();
    let next = Setup::reshare(
        ceremony,
        1,
        &[world.manifest.threshold()],
        &[(entries, world.manifest.threshold())],
    );
    [Setup::first(&sibling), next.unwrap()]
}

/// The point in a complaint opens the share that it is about, and no other share of any deal.
#[test]
fn key_complaint_opens_one_share_alone() {
    let bad = Bad::new(74, 4, 2, &[3]);
    let complaint = bad.complaint(3, 2).to_bytes();
    let K = element(&complaint, &(4..36));
    let parts = Parts::of(&bad.setup);
    let mut opened = Vec::new();
    for (i, (_, deal)) in (1u16..).zip(&bad.deals) {
        let U = element(deal, &parts.U);
        for (j, share) in (1u16..).zip(&parts.shares) {
            // With its own numbers, and with those of the share in the complaint.
            for (a, b, U) in [(i, j, U), (2, 3, bad.dealer.U)] {
                let key = share_key(&bad.setup, (a, b), &U, K.point());
                let data = associated_data(&bad.setup, i, j);
                if let Some(plain) = unseal(&key, &data, &deal[share.clone()]) {
                    assert_ne!(plain, bad.dealer.plain(3));
                    assert_eq!(plain[..32], bad.dealer.plain(3)[..32]);
                    opened.push((i, j, a, b));
                }
            }
        }
    }
    // Once in each of the two ways.
    assert_eq!(opened, [(2, 3, 2, 3); 2]);
}

/// A dealer who is caught makes a second deal with the same `U` and the same share, but with commitments that match it. The
/// complaint is about the first deal and proves nothing with the second.
#[test]
fn key_complaint_no_second_deal_turns_a_true_one_against_its_member() {
    let bad = Bad::new(75, 4, 2, &[3]);
    let mut a = bad.dealer.a.clone();
    // The share is one too large in slot 1, and so is the constant of the new polynomial.
    a[1][0] += Scalar::ONE;
    let mut second = Dealer::of(&bad.setup, 2, bad.c[1], a, bad.dealer.u);
    assert_eq!(second.U, bad.dealer.U);
    assert_eq!(second.shares[2], bad.dealer.shares[2]);
    second.shares = bad.dealer.shares.clone();
    let deal = second.bytes(&mut rng(1));
    let complaint = bad.complaint(3, 2);
    let turned = Blame::Share { deal: deal.clone(), complaint: complaint.clone() };
    assert_eq!(turned.conviction(&bad.setup, &mut rng(2)), Err(NoConviction::Complaint));
    let mut deals = bad.deals.clone();
    deals[1] = (second.commit(&deal), deal);
    let mut elsewhere = dealt(&bad.setup, &deals);
    let error = elsewhere.take_complaint(complaint.clone(), &mut rng(3));
    assert_eq!(error, Err(KeyError::Signature { number: 3 }));
    // With its own deal, the complaint is still true.
    let right = Blame::Share { deal: bad.deals[1].1.clone(), complaint };
    assert_eq!(right.conviction(&bad.setup, &mut rng(4)), Ok(bad_share(2, 3)));
}

/// Somebody who complains about everybody makes the others keep a few hundred bytes for each complaint, not a deal.
#[test]
fn verdicts_keep_no_copies_of_deals() {
    let bad = Bad::new(77, 6, 2, &[1, 2, 3, 4, 5, 6]);
    let kept = |judged: &Observer| format!("{judged:?}").len();
    let complaints = (1..=6).map(|member| bad.complaint(member, 2)).collect_vec();
    let [one, all] = [&complaints[..1], &complaints].map(|some| bad.judged(some));
    assert_eq!((one.found().len(), all.found().len()), (1, 6));
    // No keys are kept for parties that are out.
    let deal = format!("{:?}", bad.observer.deal(2)).len();
    assert!(kept(&all) < kept(&one) + 5 * deal / 2, "{} {} {deal}", kept(&all), kept(&one));
    assert_eq!(all.certificates().count(), 6);
}

/// One certificate of every kind, with its setup.
fn certificates() -> (Bad, Vec<(Conviction, Blame)>) {
    let bad = Bad::new(76, 2, 1, &[1]);
    let mut all = Vec::new();
    let mut add = |observer: &Observer| {
        let certificates = observer.certificates();
        all.extend(certificates.map(|(verdict, blame)| (verdict.clone(), blame)));
    };
    add(&bad.judged(&[bad.complaint(1, 2)]));
    add(&bad.judged(&[bad.complaint(2, 1)]));
    let good = &bad.deals[1].1;
    let mut invalid = good.clone();
    invalid[Parts::of(&bad.setup).z[2].start] ^= 1;
    let other = Dealer::new(&bad.setup, 2, bad.c[1], &mut rng(1)).bytes(&mut rng(1));
    for (promised, shown) in
        [(&other, good), (&invalid, &invalid), (&good[9..].to_vec(), &good[9..].to_vec())]
    {
        let mut observer = Observer::new(bad.setup.clone());
        observer.take_commit(commit(&bad.setup, 2, &bad.c[1], promised), &mut rng(0)).unwrap();
        observer.close_round().unwrap();
        assert!(observer.take_deal(2, shown, &mut rng(0)).unwrap().is_some());
        add(&observer);
    }
    (bad, all)
}

#[test]
fn key_complaint_certificates_convince_a_third_party() {
    let (bad, all) = certificates();
    let faults = all.iter().map(|(verdict, _)| &verdict.fault).collect_vec();
    let [
        PartyFault::BadShare { to: 1, .. },
        PartyFault::FalseComplaint { of: 1 },
        PartyFault::WrongCommit,
        PartyFault::InvalidDeal(ProofCheck::Equation("KEY.DEAL")),
        PartyFault::UnreadableDeal(_),
    ] = faults[..]
    else {
        panic!("{faults:?}")
    };
    // The bytes and the manifest are sufficient.
    let manifest: Manifest = Manifest::from_canonical(&bad.world.manifest.to_bytes()).unwrap();
    for (verdict, blame) in &all {
        let bytes = blame.to_bytes();
        let told = Blame::from_bytes(&bytes).unwrap();
        assert_eq!(&told, blame);
        assert_eq!(told.conviction(&Setup::first(&manifest), &mut rng(9)).as_ref(), Ok(verdict));
        for setup in others(&bad.world) {
            let expected = match blame {
                Blame::Deal { .. } => NoConviction::Commit,
                _ => NoConviction::Deal,
            };
            assert_eq!(told.conviction(&setup, &mut rng(9)), Err(expected));
        }
        for end in 0..bytes.len() {
            assert!(Blame::from_bytes(&bytes[..end]).is_err());
        }
        assert!(Blame::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }
    assert!(Blame::from_bytes(&[2, 0, 0, 0, 0]).is_err());
}

#[test]
fn key_complaint_altered_certificates_prove_nothing() {
    let (bad, all) = certificates();
    for (verdict, blame) in &all {
        let bytes = blame.to_bytes();
        let mut read = 0;
        for bit in (0..bytes.len() * 8).step_by(3) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(altered) = Blame::from_bytes(&flipped) else { continue };
            let result = altered.conviction(&bad.setup, &mut rng(0));
            assert!(result.is_err(), "{verdict}: bit {bit} gives {result:?}");
            read += 1;
        }
        assert!(read > 1000, "{read}");
    }
}

/// Evidence that proves nothing: a good deal as committed to, another dealer's commitment, no signature at all.
#[test]
fn key_complaint_certificates_against_the_honest_prove_nothing() {
    let bad = Bad::new(77, 3, 2, &[3]);
    let (commit_1, deal_1) = bad.deals[0].clone();
    let (commit_2, deal_2) = bad.deals[1].clone();
    let verdict = |blame: Blame| blame.conviction(&bad.setup, &mut rng(0));
    let of =
        |commit: &Commit, deal: &[u8]| Blame::Deal { commit: commit.clone(), deal: deal.to_vec() };
    assert_eq!(verdict(of(&commit_1, &deal_1)), Err(NoConviction::Innocent));
    assert_eq!(verdict(of(&commit_1, &deal_2)), Err(NoConviction::Deal));
    assert_eq!(verdict(of(&commit_1, &[])), Err(NoConviction::Deal));
    assert_eq!(verdict(of(&commit_1, &deal_1[1..])), Err(NoConviction::Deal));
    let mut altered = deal_1.clone();
    altered[Parts::of(&bad.setup).shares[2].start] ^= 1;
    assert_eq!(verdict(of(&commit_1, &altered)), Err(NoConviction::Deal));
    // Somebody else signs a commitment of dealer 1 to garbage.
    let forged = commit(&bad.setup, 1, &bad.c[1], &altered);
    assert_eq!(verdict(of(&forged, &altered)), Err(NoConviction::Commit));
    // A bad share concerns its two parties; the deal alone is no evidence of it.
    assert_eq!(verdict(of(&commit_2, &deal_2)), Err(NoConviction::Innocent));
    let about = |deal: &[u8], complaint: Complaint| Blame::Share { deal: deal.to_vec(), complaint };
    assert_eq!(verdict(about(&altered, bad.complaint(3, 1))), Err(NoConviction::Deal));
    assert_eq!(verdict(about(&deal_1, bad.complaint(3, 2))), Err(NoConviction::Deal));
    let forged = complaint(&bad.setup, 3, &bad.c[1], &deal_1, None);
    assert_eq!(verdict(about(&deal_1, forged)), Err(NoConviction::Complaint));
    assert_eq!(verdict(about(&deal_2, bad.complaint(3, 2))), Ok(bad_share(2, 3)));
}
