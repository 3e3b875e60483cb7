//! Attacks by a device on its voter: a ballot with other content than chosen, which is spoiled and opened.

use attacks::{
    World, forge,
    mixes::{Sealed, relation, schulze},
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use tabella::{
    ballot::{Choices, Difference, Election, Given, Header, Mark, OpenedBallot},
    contest::{Broken, Contest, Unreadable},
    crypto::{elgamal::Ciphertext, message},
};

/// A line for at most this many bytes, with this length and text.
fn line(length: u8, name: &[u8], most: usize) -> Vec<u8> {
    let mut line = vec![length];
    line.extend_from_slice(name);
    line.resize(1 + most, 0);
    line
}

/// The content of a spoiled ballot of voter 0 with these elements in its slots.
fn spoiled(
    world: &mut World,
    election: &Election,
    points: &[RistrettoPoint],
    bits: &[u64],
) -> OpenedBallot {
    let (header, nonce) = (Header::remote(0), Scalar::random(&mut world.rng));
    let keys = relation(election, 0).keys();
    let ciphertext = &Ciphertext::encrypt_points(&keys, points, &nonce).unwrap();
    let bytes = Sealed { header, ciphertext, bits, nonce }.bytes(world, election, 0);
    let opening = election.read_opening(&forge::spoil_opening(&bytes, &nonce)).unwrap();
    election.check_opening(&opening, &mut world.rng).unwrap()
}

/// ATTACK. What a device writes instead of the choices, or besides them, is detected by comparing.
#[test]
fn a_device_that_writes_something_else_is_caught_by_comparing() {
    let mut world = World::new(8, (2, 2), &[0], |b| {
        let council = Contest::rank("council", ["ada", "ben"], schulze()).ties();
        b.contest(council.write_ins(2, 5))
            .contest(Contest::choose("mayor", ["Emil"], 0..=1).write_ins(1, 30))
    });
    let election = world.open().election().unwrap().clone();
    let encode = |bytes: &[u8], slots| message::encode(bytes, slots).unwrap().to_vec();
    let council = |ranks: [u8; 4], names: [&str; 2]| {
        let lines = names.map(|name| line(name.len() as u8, name.as_bytes(), 5)).concat();
        encode(&[&ranks[..], &lines].concat(), 1)
    };
    let mayor = |name: &[u8]| encode(&line(name.len() as u8, name, 30), 2);
    let mut found = |council: &[RistrettoPoint],
                     votes: [u64; 2],
                     mayor: &[RistrettoPoint],
                     chosen: &Choices| {
        let points = votes.map(|vote| RistrettoPoint::mul_base(&Scalar::from(vote)));
        let bits = [votes[0], votes[1], votes[0] + votes[1]];
        let ballot = spoiled(&mut world, &election, &[council, &points, mayor].concat(), &bits);
        (
            ballot
                .compare(chosen)
                .map_err(|Difference { contest, found, chosen }| (contest, found, chosen)),
            ballot,
        )
    };
    let written = |name: Option<&str>, given| Mark::WriteIn { name: name.map(Into::into), given };
    let right = council([1, 2, 3, 0], ["zoe", ""]);
    let none = Choices::new().rank("council", ["ada", "ben"]).rank_write_in("council", "zoe");
    let (same, ballot) = found(&right, [0, 0], &mayor(b""), &none);
    assert_eq!(same, Ok(()));
    assert_eq!(
        ballot.to_string(),
        "council: 1. ada, 2. ben, 3. \"zoe\" (written in)\nmayor: no vote"
    );

    // Ranks of one name are not added up.
    let twice = council([1, 2, 1, 2], ["zoe", "zoe"]);
    let [first, second, third] = [1, 2, 3].map(|rank| written(Some("zoe"), Given::Rank(rank)));
    let (other, ballot) = found(&twice, [0, 0], &mayor(b""), &none);
    assert_eq!(other, Err(("council".into(), vec![first, second], vec![third])));
    let text =
        "council: 1. ada, 1. \"zoe\" (written in), 2. ben, 2. \"zoe\" (written in)\nmayor: no vote";
    assert_eq!(ballot.to_string(), text);

    // Text without a vote is not counted, but everybody can read it.
    let emil = none.clone().pick("mayor", "Emil");
    let spy = written(Some("voter 17"), Given::Votes(0));
    let (other, ballot) = found(&right, [1, 0], &mayor(b"voter 17"), &emil);
    assert_eq!(other, Err(("mayor".into(), vec![spy], vec![])));
    assert!(ballot.to_string().ends_with("\nmayor: Emil 1, \"voter 17\" 0 (written in)"));

    // A vote for unreadable text; and the same without a vote, on a line or instead of all lines.
    let points = |message: &[RistrettoPoint]| -> Vec<[u8; 32]> {
        message.iter().map(|point| point.compress().to_bytes()).collect()
    };
    let junk = mayor(b"\xff");
    let reason = Unreadable::Rule(Broken::Name { line: 0 });
    let unreadable = Mark::Unreadable { reason, points: points(&junk) };
    let vote = written(None, Given::Votes(1));
    let (other, ballot) = found(&right, [0, 1], &junk, &none);
    assert_eq!(other, Err(("mayor".into(), vec![vote.clone(), unreadable.clone()], vec![])));
    let text = format!("\nmayor: what cannot be read 1 (written in), {unreadable}");
    assert!(ballot.to_string().ends_with(&text), "{ballot}");
    let chosen = none.clone().write_in("mayor", "what cannot be read");
    let name = written(Some("what cannot be read"), Given::Votes(1));
    let (other, _) = found(&right, [0, 1], &junk, &chosen);
    assert_eq!(other, Err(("mayor".into(), vec![vote, unreadable.clone()], vec![name])));
    let (other, _) = found(&right, [1, 0], &junk, &emil);
    assert_eq!(other, Err(("mayor".into(), vec![unreadable], vec![])));
    let short = encode(&[0; 30], 2);
    let reason = Unreadable::Length { found: 30, expected: 31 };
    let unreadable = Mark::Unreadable { reason, points: points(&short) };
    let (other, _) = found(&right, [1, 0], &short, &emil);
    assert_eq!(other, Err(("mayor".into(), vec![unreadable], vec![])));

    // An invalid ranking is shown with its whole content.
    let gap = council([1, 3, 0, 0], ["", ""]);
    let reason = Unreadable::Rule(Broken::Gap { rank: 2 });
    let unreadable = Mark::Unreadable { reason, points: points(&gap) };
    let (other, ballot) = found(&gap, [0, 0], &mayor(b""), &Choices::new());
    assert_eq!(other, Err(("council".into(), vec![unreadable], vec![])));
    let text = format!(
        "council: what cannot be read (nothing has rank 2; ranks are given from 1 on without gaps): {}\nmayor: no vote",
        hex::encode(points(&gap)[0])
    );
    assert_eq!(ballot.to_string(), text);
}
