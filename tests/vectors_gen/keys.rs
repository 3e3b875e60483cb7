//! Every message of a ceremony with a complaint, and of a resharing.
#![allow(non_snake_case)]

use super::{
    ballots::context as election_context,
    elections::Case,
    json::{Json, hex, hexes, list, object},
    log::root,
    oracle::{Equation, Parts, Tape, base, encode, hash, linear, point, scalar},
};
use attacks::{
    dealer::{self, Dealer, registered, unseal},
    forge::Keys,
    rng,
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::collections::BTreeMap;
use tabella::{
    board::Kind,
    codec::Encode,
    keys::{Blame, Ceremony, Commit, Party, Setup},
};

/// The context of a ceremony.
fn context(setup: &Setup) -> Tape {
    let keys: Vec<_> =
        setup.members().iter().map(|member| *member.key.element().as_bytes()).collect();
    let tape = Tape::new("ceremony")
        .bytes("manifest", setup.manifest().as_bytes())
        .number("epoch", setup.epoch().into())
        .number("n", keys.len() as u64)
        .number("t", setup.threshold().into())
        .list("C", &keys);
    match setup.previous() {
        Some(previous) => tape.bytes("previous", previous.hash()),
        None => tape,
    }
}

/// The context that all decryption proofs share.
pub fn opening(election: &tabella::ballot::Election, ceremony: &Ceremony) -> Tape {
    let setup = ceremony.setup();
    let mut tape = election_context(election)
        .number("epoch", setup.epoch().into())
        .number("n", setup.members().len() as u64)
        .number("t", setup.threshold().into());
    for number in 1..=setup.members().len() as u16 {
        let keys = ceremony.verification_keys(number).unwrap_or_default();
        tape = tape.list("Yj", &keys.iter().map(|key| *key.as_bytes()).collect::<Vec<_>>());
    }
    tape
}

/// A signature of this key, and its parts.
fn signature(tape: &mut Tape, key: &[u8], signature: &[u8]) -> Scalar {
    let found = linear(tape, "BOARD.AUTHOR", &[(key, 0, &base())], 1, signature);
    assert!(found.holds);
    found.x
}

/// The parts of a deal.
struct Deal<'b> {
    dealer: u64,
    F: Vec<Vec<&'b [u8]>>,
    U: &'b [u8],
    shares: Vec<&'b [u8]>,
    proof: &'b [u8],
}

impl<'b> Deal<'b> {
    fn read(bytes: &'b [u8], setup: &Setup) -> Self {
        let mut parts = Parts(bytes);
        let (slots, n, t) = (setup.slots(), setup.members().len(), setup.threshold().into());
        let dealer = parts.number(2);
        let F = (0..slots).map(|_| parts.many(t)).collect();
        let U = parts.take(32);
        let shares = (0..n).map(|_| parts.take(32 * slots + 16)).collect();
        Self { dealer, F, U, shares, proof: parts.0 }
    }
}

pub fn json(case: &Case, undisputed: &Case) -> Json {
    let plan = &case.plan;
    let handover = plan.handover.as_ref().unwrap();
    let entries = case.entries();
    let of_kind = |kind: Kind| -> Vec<&[u8]> {
        entries.iter().filter(|entry| entry[0] == kind as u8).map(|entry| &entry[1..]).collect()
    };
    let election = plan.election();
    let secrets = registered(&plan.keys.secrets);
    let possession = {
        let key = plan.keys.secrets[0].public().to_bytes();
        let mut tape = Tape::new("author possession");
        let found = linear(&mut tape, "KEY.POSSESSION", &[(&key[..32], 0, &base())], 1, &key[32..]);
        assert!(found.holds);
        object! {"bytes" => hex(&key), "messages" => tape.messages(), "x" => hex(found.x.as_bytes())}
    };
    let rehearsal = of_kind(Kind::Rehearsal)[0];
    let erasure = of_kind(Kind::Erasure)[0];
    object! {
        "registered secrets" => hexes(secrets.iter().map(Scalar::to_bytes)),
        "possession" => possession,
        "undisputed" => of_election(undisputed),
        "first" => ceremony(&plan.keys, &of_kind(Kind::Commit)[..3], &of_kind(Kind::Deal)[..3], &[1, 3]),
        "complaint" => complaint(&plan.keys, of_kind(Kind::Complaint)[0], of_kind(Kind::Deal)[1], &secrets),
        "blames" => blames(&plan.keys, &secrets),
        "confirmation" => confirmation(&plan.keys, of_kind(Kind::Confirmation)[0]),
        "rehearsal" => rehearsed(&election, &plan.keys, &plan.question, rehearsal),
        "resharing" => ceremony(&handover.keys, &of_kind(Kind::Commit)[3..], &of_kind(Kind::Deal)[3..], &[1, 3]),
        "erasure" => erased(&plan.keys, erasure),
        "close" => {
            let close = entries.iter().position(|entry| entry[0] == Kind::Close as u8).unwrap();
            let frozen = (close as u64, root(&entries[..close]));
            close_signature(&election, &handover.keys, frozen, &entries[close][1..])
        },
    }
}

/// The ceremony of the first election.
fn of_election(case: &Case) -> Json {
    let keys = &case.plan.keys;
    let commits: Vec<_> = keys.commits.iter().map(Encode::to_bytes).collect();
    let deals: Vec<_> = keys.deals.iter().map(Encode::to_bytes).collect();
    let [commits, deals] =
        [&commits, &deals].map(|list| list.iter().map(Vec::as_slice).collect::<Vec<_>>());
    ceremony(keys, &commits, &deals, &[1, 2, 3])
}

fn promise(setup: &Setup, deal: &[u8]) -> [u8; 32] {
    hash("tabella/v1 deal", &[setup.manifest().as_bytes(), &setup.epoch().to_be_bytes(), deal])
}

fn commit(setup: &Setup, bytes: &[u8], deal: &[u8]) -> Json {
    let mut parts = Parts(bytes);
    let (dealer, h) = (parts.number(2), parts.take(32));
    assert_eq!(h, promise(setup, deal));
    let start = context(setup);
    let mut tape = start.clone().proof("commit").number("dealer", dealer).bytes("deal", h);
    let key = setup.dealer(dealer as u16).unwrap().element();
    let x = signature(&mut tape, key.as_bytes(), parts.0);
    object! {"bytes" => hex(bytes), "h" => hex(h), "messages" => tape.since(&start), "x" => hex(x.as_bytes())}
}

fn deal(setup: &Setup, bytes: &[u8]) -> Json {
    let Deal { dealer, F, U, shares, proof } = Deal::read(bytes, setup);
    let start = context(setup);
    let mut tape =
        start.clone().proof("deal").number("dealer", dealer).number("count", F.len() as u64);
    for F in &F {
        tape = tape.list("F", F);
    }
    let mut tape = tape.bytes("U", U).list("share", &shares);
    let (C, G) = (setup.dealer(dealer as u16).unwrap().element(), base());
    let images = [&C.as_bytes()[..], U].into_iter().chain(F.iter().map(|F| F[0]));
    let equations: Vec<Equation> = images.enumerate().map(|(j, P)| (P, j, &G[..])).collect();
    let tag = if setup.previous().is_some() { "KEY.RESHARE" } else { "KEY.DEAL" };
    let found = linear(&mut tape, tag, &equations, equations.len(), proof);
    assert!(found.holds);
    if let Some(keys) =
        setup.previous().and_then(|previous| previous.verification_keys(dealer as u16))
    {
        assert!(keys.iter().zip(&F).all(|(key, F)| key.as_bytes() == F[0]));
    }
    object! {
        "bytes" => hex(bytes), "dealer" => dealer, "F" => Json::List(F.iter().map(hexes).collect()), "U" => hex(U),
        "shares" => hexes(&shares), "proof" => hex(proof), "messages" => tape.since(&start),
        "x" => hex(found.x.as_bytes()),
    }
}

/// The Lagrange coefficient at 0 for one of these numbers.
pub fn lagrange(j: u16, all: &[u16]) -> Scalar {
    let others = all.iter().filter(|i| **i != j).map(|i| Scalar::from(*i));
    others.map(|i| i * (i - Scalar::from(j)).invert()).product()
}

/// A ceremony whose keys follow from these dealers' deals.
fn ceremony(keys: &Keys, commits: &[&[u8]], deals: &[&[u8]], left: &[u16]) -> Json {
    let Keys { setup, ceremony, .. } = keys;
    let read: BTreeMap<u64, Deal> = deals
        .iter()
        .map(|bytes| Deal::read(bytes, setup))
        .filter(|deal| left.contains(&(deal.dealer as u16)))
        .map(|deal| (deal.dealer, deal))
        .collect();
    let resharing = setup.previous().is_some();
    let lambda =
        |dealer: &u64| if resharing { lagrange(*dealer as u16, left) } else { Scalar::ONE };
    let value = |slot: usize, j: u16| -> RistrettoPoint {
        let at = |(dealer, deal): (&u64, &Deal)| {
            let mut power = lambda(dealer);
            let mut sum = RistrettoPoint::default();
            for F in &deal.F[slot] {
                sum += power * point(F);
                power *= Scalar::from(j);
            }
            sum
        };
        read.iter().map(at).sum()
    };
    let values = |j: u16| -> Vec<[u8; 32]> {
        (0..setup.slots()).map(|slot| encode(&value(slot, j))).collect()
    };
    let slot_keys = values(0);
    let bytes = |keys: &[tabella::crypto::group::Element]| {
        keys.iter().map(|key| *key.as_bytes()).collect::<Vec<_>>()
    };
    assert_eq!(bytes(ceremony.slot_keys()), slot_keys);
    let holders = ceremony.holders();
    for j in &holders {
        assert_eq!(bytes(ceremony.verification_keys(*j).unwrap()), values(*j));
    }
    let previous = setup.previous().map_or(&[][..], |previous| previous.hash());
    let numbers: Vec<u8> = holders.iter().chain(&[0]).flat_map(|j| j.to_be_bytes()).collect();
    let counted: Vec<u8> = deals
        .iter()
        .filter(|deal| left.contains(&u16::from_be_bytes([deal[0], deal[1]])))
        .flat_map(|deal| deal.to_vec())
        .collect();
    let epoch = setup.epoch().to_be_bytes();
    let dealt = hash(
        "tabella/v1 ceremony",
        &[setup.manifest().as_bytes(), &epoch, previous, &numbers, &counted],
    );
    let of = hash("tabella/v1 keys", &[&dealt, slot_keys.as_flattened()]);
    assert_eq!(&of, ceremony.hash());
    let commit = |(bytes, deal): (&&[u8], &&[u8])| commit(setup, bytes, deal);
    object! {
        "epoch" => setup.epoch(), "threshold" => setup.threshold(), "context" => context(setup).messages(),
        "commits" => Json::List(commits.iter().zip(deals).map(commit).collect()),
        "deals" => Json::List(deals.iter().map(|bytes| deal(setup, bytes)).collect()),
        "dealers left" => list(left.iter().copied()), "holders" => list(holders.iter().copied()),
        "slot keys" => hexes(&slot_keys),
        "verification keys" => Json::List(holders.iter().map(|j| hexes(values(*j))).collect()),
        "ceremony hash" => hex(of),
    }
}

/// The decision about the share that dealer 2 dealt member 3.
fn complaint(keys: &Keys, bytes: &[u8], deal: &[u8], secrets: &[Scalar]) -> Json {
    let setup = &keys.setup;
    let mut parts = Parts(bytes);
    let (complainer, dealer, K) = (parts.number(2), parts.number(2), parts.take(32));
    assert_eq!((complainer, dealer), (3, 2));
    let Deal { F, U, shares, .. } = Deal::read(deal, setup);
    let C = setup.member(3).unwrap().element().as_bytes();
    let start = context(setup);
    let mut tape = start
        .clone()
        .proof("complaint")
        .number("complainer", 3)
        .number("dealer", 2)
        .bytes("deal", &promise(setup, deal));
    let equations: [Equation; 2] = [(C, 0, &base()), (K, 0, U)];
    let found = linear(&mut tape, "KEY.COMPLAINT", &equations, 1, parts.0);
    assert!(found.holds && point(K) == secrets[2] * point(U));

    let of_share = start.clone().proof("share key").number("dealer", 2).number("recipient", 3);
    let mut of_share = of_share.bytes("U", U).bytes("C", C).bytes("shared", K);
    let key: [u8; 32] = of_share.draw("key", 32).try_into().unwrap();
    let epoch = setup.epoch().to_be_bytes();
    let data = [&setup.manifest().as_bytes()[..], &epoch, &2u16.to_be_bytes(), &3u16.to_be_bytes()]
        .concat();
    let plain = unseal(&key, &data, shares[2]).unwrap();
    let due = |F: &Vec<&[u8]>| encode(&(point(F[0]) + Scalar::from(3u64) * point(F[1])));
    let (due, got): (Vec<_>, Vec<_>) = F
        .iter()
        .zip(plain.chunks(32))
        .map(|(F, share)| (due(F), encode(&RistrettoPoint::mul_base(&scalar(share)))))
        .unzip();
    assert!(due[0] != got[0] && due[1..] == got[1..]);
    object! {
        "bytes" => hex(bytes), "K" => hex(K), "messages" => tape.since(&start), "x" => hex(found.x.as_bytes()),
        "share key" => object! {
            "messages" => of_share.since(&start), "key" => hex(key), "associated data" => hex(&data),
            "sealed" => hex(shares[2]), "plain" => hex(&plain),
        },
        "shares times G" => hexes(got), "from the commitments" => hexes(due), "verdict" => "dealer 2 is out",
    }
}

/// Evidence against dealers and members, and some that proves nothing.
fn blames(keys: &Keys, secrets: &[Scalar]) -> Json {
    let (setup, rng) = (&keys.setup, &mut rng(99));
    let deals: Vec<Vec<u8>> = keys.deals.iter().map(Encode::to_bytes).collect();
    let other = Dealer::new(setup, 1, secrets[0], rng).bytes(rng);
    let mut broken = deals[0].clone();
    *broken.last_mut().unwrap() ^= 1;
    let promised = dealer::commit(setup, 1, &secrets[0], &broken);
    let of_deal =
        |commit: &Commit, deal: &[u8]| Blame::Deal { commit: commit.clone(), deal: deal.to_vec() };
    let of_share = |member: u16, dealer: usize| {
        let (secret, deal) = (&secrets[usize::from(member) - 1], deals[dealer].clone());
        let complaint = dealer::complaint(setup, member, secret, &deal, None);
        Blame::Share { deal, complaint }
    };
    let stranger = {
        let complaint = dealer::complaint(setup, 3, &secrets[2], &deals[1], None);
        Blame::Share { deal: deals[0].clone(), complaint }
    };
    let commit = &keys.commits[0];
    let cases = [
        ("a bad share", of_share(3, 1), Some(Party::Dealer(2))),
        ("a good share", of_share(3, 0), Some(Party::Member(3))),
        ("a complaint about another deal", stranger, None),
        ("another deal than the one promised", of_deal(commit, &other), Some(Party::Dealer(1))),
        ("a promised deal with a wrong proof", of_deal(&promised, &broken), Some(Party::Dealer(1))),
        ("the deal that was promised", of_deal(commit, &deals[0]), None),
        ("a deal that anybody could make", of_deal(commit, &broken), None),
        ("a commit of another", of_deal(&keys.commits[1], &deals[0]), None),
    ];
    let of = |(name, blame, expected): (&str, Blame, Option<Party>)| {
        let verdict = blame.conviction(setup, rng);
        assert_eq!(verdict.as_ref().ok().map(|verdict| verdict.party), expected, "{name}");
        let guilty = verdict.ok().map(|verdict| match verdict.party {
            Party::Dealer(number) => list([Json::from("dealer"), number.into()]),
            Party::Member(number) => list([Json::from("member"), number.into()]),
        });
        object! {"name" => name, "bytes" => hex(blame.to_bytes()), "guilty" => guilty}
    };
    Json::List(cases.map(of).into())
}

fn confirmation(keys: &Keys, bytes: &[u8]) -> Json {
    let trustee = u16::from_be_bytes([bytes[0], bytes[1]]);
    let tape = Tape::new("entry signature").bytes("ceremony", keys.ceremony.hash());
    let mut tape = tape.number("trustee", trustee.into());
    let key = keys.setup.member(trustee).unwrap().element();
    let x = signature(&mut tape, key.as_bytes(), &bytes[2..]);
    object! {"bytes" => hex(bytes), "messages" => tape.messages(), "x" => hex(x.as_bytes())}
}

fn rehearsed(
    election: &tabella::ballot::Election,
    keys: &Keys,
    question: &[u8; 32],
    bytes: &[u8],
) -> Json {
    let trustee = u16::from_be_bytes([bytes[0], bytes[1]]);
    let start = opening(election, &keys.ceremony);
    let mut tape = start
        .clone()
        .proof("rehearsal")
        .number("trustee", trustee.into())
        .bytes("question", question);
    let (C, G) = (keys.setup.member(trustee).unwrap().element(), base());
    let images = [C].into_iter().chain(keys.ceremony.verification_keys(trustee).unwrap());
    let equations: Vec<Equation> =
        images.enumerate().map(|(j, image)| (&image.as_bytes()[..], j, &G[..])).collect();
    let found = linear(&mut tape, "KEY.REHEARSAL", &equations, equations.len(), &bytes[2..]);
    assert!(found.holds);
    object! {
        "context" => start.messages(), "bytes" => hex(bytes), "messages" => tape.since(&start),
        "x" => hex(found.x.as_bytes()),
    }
}

fn erased(keys: &Keys, bytes: &[u8]) -> Json {
    let mut parts = Parts(bytes);
    let (_, trustee) = (parts.number(4), parts.number(2));
    let start = context(&keys.setup);
    let tape = start.clone().proof("erasure").bytes("ceremony", keys.ceremony.hash());
    let mut tape = tape.number("trustee", trustee);
    let key = keys.setup.member(trustee as u16).unwrap().element();
    let x = signature(&mut tape, key.as_bytes(), parts.0);
    object! {"bytes" => hex(bytes), "messages" => tape.since(&start), "x" => hex(x.as_bytes())}
}

/// The first trustee's signature under the close of a board that was frozen at this size and root.
fn close_signature(
    election: &tabella::ballot::Election,
    keys: &Keys,
    (size, root): (u64, [u8; 32]),
    bytes: &[u8],
) -> Json {
    let mut parts = Parts(bytes);
    let trustee = parts.number(2);
    let start = election_context(election);
    let tape =
        start.clone().proof("close").bytes("keys", keys.ceremony.hash()).number("trustee", trustee);
    let mut tape = tape.number("size", size).bytes("root", &root);
    let key = keys.setup.member(trustee as u16).unwrap().element();
    let x = signature(&mut tape, key.as_bytes(), parts.take(64));
    object! {
        "bytes" => hex(bytes), "size" => size, "root" => hex(root),
        "messages" => tape.since(&start), "x" => hex(x.as_bytes())
    }
}
