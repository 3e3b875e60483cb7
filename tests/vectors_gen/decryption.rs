//! Tally, decryption shares, combination and result of the first election.
#![allow(non_snake_case)]

use super::{
    elections::{Case, tally},
    json::{Json, hex, hexes, list, object},
    keys::{lagrange, opening},
    oracle::{Parts, encode, hash, point, scalar},
};
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT as G, traits::Identity,
};
use std::collections::{BTreeMap, BTreeSet};
use tabella::{board::Kind, crypto::elgamal::Sum, tally::Tally};

/// The parts of a decryption share.
struct Share<'b> {
    trustee: u16,
    P: Vec<&'b [u8]>,
    R: Vec<&'b [u8]>,
    R_sum: &'b [u8],
    R_author: &'b [u8],
    z: Vec<&'b [u8]>,
    z_author: &'b [u8],
}

impl<'b> Share<'b> {
    fn read(bytes: &'b [u8], factors: usize, slots: usize) -> Self {
        let mut parts = Parts(bytes);
        let trustee = parts.number(2) as u16;
        let (P, R) = (parts.many(factors), parts.many(slots));
        let [R_sum, R_author] = [parts.take(32), parts.take(32)];
        let z = parts.many(slots);
        let z_author = parts.take(32);
        assert!(parts.0.is_empty());
        Self { trustee, P, R, R_sum, R_author, z, z_author }
    }
}

pub fn json(case: &Case) -> Json {
    let (plan, tally) = (&case.plan, tally(&case.plan));
    let entries = case.entries();
    let of_kind = |kind: Kind| -> Vec<&[u8]> {
        entries.iter().filter(|entry| entry[0] == kind as u8).map(|entry| &entry[1..]).collect()
    };
    let posted = of_kind(Kind::Tally)[0];
    assert_eq!(&posted[..posted.len() - 64], tally.as_bytes());
    assert_eq!(tally.hash(), hash("tabella/v1 tally", &[tally.as_bytes()]));
    let cell = |cell: &tabella::tally::CellTally| {
        object! {
            "contest" => cell.contest, "districts" => list(cell.districts.iter().copied()), "ballots" => cell.ballots,
            "weight" => cell.weight, "A" => hex(encode(&cell.sum.a)), "B" => hexes(cell.sum.b.iter().map(encode)),
        }
    };
    let opened = |opened: &tabella::tally::Opened| {
        object! {"cell" => opened.ciphertext, "slot" => opened.slot}
    };
    let shares: Vec<Json> =
        of_kind(Kind::Share).into_iter().map(|bytes| share(plan, &tally, bytes)).collect();
    let result = of_kind(Kind::Result)[0];
    let (numbers, points) = combine(&tally, &of_kind(Kind::Share));
    let totals: Vec<u64> = {
        let mut parts = Parts(result);
        points.iter().map(|_| parts.number(8)).collect()
    };
    assert!(points.iter().zip(&totals).all(|(point, total)| *point == Scalar::from(*total) * G));
    object! {
        "context" => opening(&plan.election(), &plan.keys.ceremony).messages(),
        "tally" => object! {
            "bytes" => hex(tally.as_bytes()), "hash" => hex(tally.hash()),
            "cells" => Json::List(tally.cells().iter().map(cell).collect()),
            "opened" => Json::List(tally.opened().iter().map(opened).collect()),
        },
        "shares" => Json::List(shares),
        "lagrange" => hexes(numbers.iter().map(|j| lagrange(*j, &numbers).to_bytes())),
        "points" => hexes(points.iter().map(encode)),
        "totals" => list(totals),
        "result" => hex(&result[..result.len() - 64]),
    }
}

/// What a verifier computes for a share.
pub fn share(plan: &attacks::forge::Plan, tally: &Tally, bytes: &[u8]) -> Json {
    let mut slots: Vec<usize> = tally.opened().iter().map(|opened| opened.slot).collect();
    slots.sort_unstable();
    slots.dedup();
    let Share { trustee, P, R, R_sum, R_author, z, z_author } =
        Share::read(bytes, tally.opened().len(), slots.len());
    let ceremony = &plan.keys.ceremony;
    let C = ceremony.setup().member(trustee).unwrap().element();
    let keys = ceremony.verification_keys(trustee).unwrap();
    let start = opening(&plan.election(), ceremony);
    let mut tape = start
        .clone()
        .proof("decryption")
        .number("trustee", trustee.into())
        .bytes("C", C.as_bytes())
        .bytes("tally", tally.as_bytes())
        .list("P", &P);
    let w: Vec<Scalar> = tape
        .draw("w", 16 * P.len())
        .chunks(16)
        .map(|bytes| Scalar::from(u128::from_le_bytes(bytes.try_into().unwrap())))
        .collect();
    let mut tape = tape.list("R", &R).bytes("R sum", R_sum);
    let x = tape.challenge("x");
    let mut tape = tape.list("z", &z).bytes("R author", R_author);
    let x_author = tape.challenge("x author");

    let zero = RistrettoPoint::identity();
    for ((k, R), z) in slots.iter().zip(&R).zip(&z) {
        assert_eq!(point(R) + x * keys[*k].point() - scalar(z) * G, zero);
    }
    let answer = |slot: usize| scalar(z[slots.binary_search(&slot).unwrap()]);
    let mut d2 = x.invert() * point(R_sum);
    for ((opened, P), w) in tally.opened().iter().zip(&P).zip(&w) {
        let A = ciphertext(tally, opened.ciphertext).a;
        d2 += w * point(P) - x.invert() * answer(opened.slot) * w * A;
    }
    assert_eq!(d2, zero);
    assert_eq!(point(R_author) + x_author * C.point() - scalar(z_author) * G, zero);
    object! {
        "trustee" => trustee, "bytes" => hex(bytes), "P" => hexes(&P), "R" => hexes(&R), "R sum" => hex(R_sum),
        "R author" => hex(R_author), "z" => hexes(&z), "z author" => hex(z_author), "messages" => tape.since(&start),
        "w" => hexes(w.iter().map(Scalar::to_bytes)), "x" => hex(x.as_bytes()), "x author" => hex(x_author.as_bytes()),
    }
}

/// The numbers of the trustees who opened, and the resulting points.
pub fn combine(tally: &Tally, shares: &[&[u8]]) -> (Vec<u16>, Vec<RistrettoPoint>) {
    let slots: BTreeSet<usize> = tally.opened().iter().map(|opened| opened.slot).collect();
    let mut factors = BTreeMap::new();
    for bytes in shares {
        let share = Share::read(bytes, tally.opened().len(), slots.len());
        factors.insert(share.trustee, share.P.iter().map(|P| point(P)).collect::<Vec<_>>());
    }
    let numbers: Vec<u16> = factors.keys().copied().collect();
    let points: Vec<RistrettoPoint> = tally
        .opened()
        .iter()
        .enumerate()
        .map(|(i, opened)| {
            let sum: RistrettoPoint =
                factors.iter().map(|(j, factors)| lagrange(*j, &numbers) * factors[i]).sum();
            ciphertext(tally, opened.ciphertext).b[opened.place] - sum
        })
        .collect();
    (numbers, points)
}

/// The sum of a cell, or a row after all cells.
fn ciphertext(tally: &Tally, number: usize) -> Sum {
    let cells = tally.cells();
    if let Some(cell) = cells.get(number) {
        return cell.sum.clone();
    }
    let row = tally.mixed().iter().flat_map(|cell| &cell.rows).nth(number - cells.len()).unwrap();
    Sum { a: *row.a.point(), b: row.b.iter().map(|b| *b.point()).collect() }
}
