//! The bundle that a voter's device reads, from a server that nobody trusts.

use attacks::{
    World, bit_flips,
    folder::Signers,
    handover::{people, reshare, started},
    rng,
};
use tabella::{
    Board, Choices, Contest, Header,
    ballot::{BundleError, ElectionBundle},
    codec::{ArmorError, DecodeErrorKind, Encode},
    keys::KeyError,
    log::checkpoint::SignatureError,
};

/// The bytes before the manifest.
const HEAD: usize = 17 + 4;
const CONFIRMATION: usize = 2 + 64;

fn bundle(world: &World, board: &Board) -> Vec<u8> {
    let bundle = board.state().bundle(None, &mut rng(0)).unwrap();
    assert_eq!(bundle.manifest(), &world.manifest);
    bundle.to_bytes()
}

fn read(world: &World, bytes: &[u8]) -> Result<ElectionBundle, BundleError> {
    ElectionBundle::from_bytes(bytes, &world.manifest.hash(), &mut rng(1))
}

/// Where the hash of the deals, the slot keys, the number of signatures and the signatures begin.
fn parts(world: &World) -> [usize; 4] {
    let dealt = HEAD + world.manifest.to_bytes().len();
    let signed = dealt + 32 + 32 * world.manifest.slots();
    [dealt, dealt + 32, signed, signed + 4]
}

/// The same with the signatures of these trustees, by their places among all.
fn signed_by(world: &World, bytes: &[u8], places: &[usize]) -> Vec<u8> {
    let [_, _, count, first] = parts(world);
    let mut out = bytes[..count].to_vec();
    out.extend((places.len() as u32).to_be_bytes());
    for place in places {
        out.extend(&bytes[first + place * CONFIRMATION..][..CONFIRMATION]);
    }
    out.extend([0; 4]);
    out
}

#[test]
fn ballots_from_a_bundle_are_those_of_the_board() {
    let mut world = World::referendum(230);
    let mut board = world.open();
    let bundle = read(&world, &bundle(&world, &board)).unwrap();
    let (own, election) = (board.election().unwrap().clone(), bundle.election());
    assert!(election.ceremony().is_none() && own.ceremony().is_some());
    assert_eq!(election.ceremony_hash(), own.ceremony_hash());
    assert_eq!(election.slot_keys(), own.slot_keys());
    assert_eq!(bundle.keys().signed_by().collect::<Vec<_>>(), [1, 2, 3]);
    let choices = Choices::new().pick("bridge", "yes");
    // The same secrets and the same randomness make the same bytes.
    let [here, there] = [&own, election].map(|election| {
        let header = Header::remote(0);
        election.encrypt(&world.voters[0], &header, &choices, &mut rng(9)).unwrap().cast()
    });
    assert_eq!(here.to_bytes(), there.to_bytes());
    board.post(&there, &mut world.rng).unwrap();
    // One that is spoiled is opened and checked without the board, too.
    let sealed =
        election.encrypt(&world.voters[1], &Header::remote(0), &choices, &mut rng(8)).unwrap();
    let (request, spoiled) = sealed.spoil(election, &world.voters[1], &mut rng(7)).unwrap();
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let opening = spoiled.open(&receipt, &mut rng(6)).unwrap();
    board.post(&opening, &mut world.rng).unwrap();
    assert_eq!(election.check_opening(&opening, &mut rng(5)).unwrap().to_string(), "bridge: yes 1");
}

#[test]
fn a_bundle_is_small_and_does_not_grow_with_the_roll() {
    let of = |voters: usize| {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
        let styles = vec![0; voters];
        let mut world = World::new(231, (3, 2), &styles, |builder| builder.contest(bridge));
        let board = world.open();
        bundle(&world, &board).len()
    };
    assert_eq!(of(1), of(40));
    assert!(of(1) < 2_000, "{}", of(1));
}

/// There is none before its keys are in force, and it stays the same for good.
#[test]
fn a_bundle_is_the_same_after_a_resharing() {
    let mut world = World::referendum(232);
    assert_eq!(Board::new().state().bundle(None, &mut rng(0)).unwrap_err(), BundleError::NoKeys);
    let mut begun = Board::new();
    begun.post_manifest(&world.manifest, &world.operator, &mut world.rng).unwrap();
    assert_eq!(begun.state().bundle(None, &mut rng(0)).unwrap_err(), BundleError::NoKeys);
    let mut board = started(&mut world);
    let before = bundle(&world, &board);
    let roll = world.roll.clone();
    board.post_roll(&roll, &world.operator, &mut world.rng).unwrap();
    let (secrets, _) = people(4, &mut world.rng);
    let World { operator, trustees, rng, .. } = &mut world;
    reshare(&mut board, operator, &mut trustees[..2], (&secrets, 3), rng);
    assert_eq!(board.state().ceremony().unwrap().setup().epoch(), 1);
    assert_eq!(bundle(&world, &board), before);
    let read = read(&world, &before).unwrap();
    let choices = Choices::new().pick("bridge", "no");
    let header = Header::remote(0);
    let sealed = read.election().encrypt(&world.voters[0], &header, &choices, &mut world.rng);
    board.post(&sealed.unwrap().cast(), &mut world.rng).unwrap();
}

/// Not one bit is without a meaning.
#[test]
fn changed_bytes_are_refused() {
    let mut world = World::new(233, (2, 1), &[0], |builder| {
        builder.contest(Contest::choose_one("bridge", ["yes", "no"]))
    });
    let board = world.open();
    let bytes = bundle(&world, &board);
    bit_flips(&bytes, |bit, flipped| assert!(read(&world, flipped).is_err(), "bit {bit}"));
    for end in 0..bytes.len() {
        assert!(read(&world, &bytes[..end]).is_err(), "{end} bytes");
    }
    let longer = [&bytes[..], &[0]].concat();
    let BundleError::Bytes(error) = read(&world, &longer).unwrap_err() else { panic!() };
    assert_eq!(error.kind, DecodeErrorKind::Trailing { extra: 1 });
    let [dealt, keys, count, first] = parts(&world);
    // Slot keys exchanged, and the hash of the deals of another ceremony.
    for (at, with) in [(dealt, [7; 32].as_slice()), (keys, &bytes[keys + 32..keys + 64])] {
        let mut other = bytes.clone();
        other[at..at + 32].copy_from_slice(with);
        assert_eq!(
            read(&world, &other).unwrap_err(),
            BundleError::Keys(KeyError::Signature { number: 1 })
        );
    }
    // Signatures twice, exchanged, under another's number, of nobody.
    for places in [[0, 0], [1, 0]] {
        let BundleError::Bytes(error) =
            read(&world, &signed_by(&world, &bytes, &places)).unwrap_err()
        else {
            panic!()
        };
        assert_eq!(error.kind, DecodeErrorKind::NotCanonical);
    }
    for (number, expected) in
        [(2, KeyError::Signature { number: 2 }), (3, KeyError::NoParty { number: 3, parties: 2 })]
    {
        let mut other = signed_by(&world, &bytes, &[0]);
        other[first + 1] = number;
        assert_eq!(read(&world, &other).unwrap_err(), BundleError::Keys(expected));
    }
    let mut many = bytes;
    many[count..count + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(matches!(read(&world, &many), Err(BundleError::Bytes(_))));
}

#[test]
fn too_few_signatures_are_refused_in_each_group() {
    let groups = [("Ministry", 1, 1), ("Universities", 3, 2)];
    let mut world = World::of_groups(234, &groups, &[0], |builder| {
        builder.contest(Contest::choose_one("bridge", ["yes", "no"]))
    });
    let board = world.open();
    let bytes = bundle(&world, &board);
    for enough in [&[0, 1, 2, 3][..], &[0, 1, 2], &[0, 2, 3]] {
        read(&world, &signed_by(&world, &bytes, enough)).unwrap();
    }
    let few = |group: &str, found, needed, missing: &[u16]| {
        let (group, missing) = (group.into(), missing.to_vec());
        BundleError::Keys(KeyError::TooFew { group, found, needed, missing })
    };
    for (places, error) in [
        (&[][..], few("Ministry", 0, 1, &[1])),
        (&[1, 2, 3], few("Ministry", 0, 1, &[1])),
        (&[0, 3], few("Universities", 1, 2, &[2, 3])),
    ] {
        assert_eq!(read(&world, &signed_by(&world, &bytes, places)).unwrap_err(), error);
    }
}

/// A server that shows another election, or parts of one.
#[test]
fn parts_of_another_election_are_refused() {
    let [mut here, mut there] = [235, 236].map(World::referendum);
    let [own, other] = [&mut here, &mut there].map(|world| {
        let board = world.open();
        bundle(world, &board)
    });
    let (found, expected) = (there.manifest.hash(), here.manifest.hash());
    let error = read(&here, &other).unwrap_err();
    assert_eq!(error, BundleError::OtherManifest { found, expected });
    assert!(error.to_string().contains(&expected.to_string()));
    let [dealt, keys, count, _] = parts(&here);
    assert_eq!(parts(&there), parts(&here));
    // All that comes behind the manifest, the keys alone, the signatures alone.
    for range in [dealt..own.len(), dealt..count, keys..count, count..own.len()] {
        let mut mixed = own.clone();
        mixed[range.clone()].copy_from_slice(&other[range.clone()]);
        let error = read(&here, &mixed).unwrap_err();
        assert_eq!(error, BundleError::Keys(KeyError::Signature { number: 1 }), "{range:?}");
    }
}

#[test]
fn the_checkpoint_is_the_logs() {
    let (signers, others) = (Signers::new(237), Signers::new(238));
    let contest = || Contest::choose_one("bridge", ["yes", "no"]);
    let mut world =
        World::new(237, (1, 1), &[0], |builder| signers.register(builder).contest(contest()));
    let board = world.open();
    let head = board.state().head();
    let signed = signers.sign(&world.manifest, head, &[0, 2]);
    let bundle = board.state().bundle(Some(signed.clone()), &mut rng(0)).unwrap();
    let bytes = bundle.to_bytes();
    let again = read(&world, &bytes).unwrap();
    assert_eq!(again.checkpoint(), Some(&signed));
    assert_eq!(again.checkpoint().unwrap().checkpoint().head(), head);
    bit_flips(&bytes, |bit, flipped| assert!(read(&world, flipped).is_err(), "bit {bit}"));
    // Signed by another log.
    let other = others.sign(&world.manifest, head, &[]);
    let error = board.state().bundle(Some(other), &mut rng(0)).unwrap_err();
    let name = world.manifest.origin();
    assert_eq!(error, BundleError::Checkpoint(SignatureError::Missing { name }));
    // A line that counts for nothing is left out when the bundle is made, and refused when it is read.
    let text = signed.to_string();
    let junk = format!("{text}— junk {}\n", "AAAA".repeat(30));
    let kept = board.state().bundle(Some(junk.parse().unwrap()), &mut rng(0)).unwrap();
    assert_eq!(kept.to_bytes(), bytes);
    let start = bytes.len() - text.len() - 4;
    let of = |text: &str| {
        [&bytes[..start], &(text.len() as u32).to_be_bytes(), text.as_bytes()].concat()
    };
    assert_eq!(of(&text), bytes);
    assert_eq!(read(&world, &of(&junk)).unwrap_err(), BundleError::Lines);
    assert!(matches!(read(&world, &of("junk")), Err(BundleError::Note(_))));
    // A manifest without a log.
    let mut plain = World::new(239, (1, 1), &[0], |builder| builder.contest(contest()));
    let board = plain.open();
    let error = board.state().bundle(Some(signed), &mut rng(0)).unwrap_err();
    assert_eq!(error, BundleError::NoLog);
}

#[test]
fn a_bundle_as_text() {
    let mut world = World::referendum(240);
    let board = world.open();
    let bundle = board.state().bundle(None, &mut rng(0)).unwrap();
    let (text, hash) = (bundle.to_text(), world.manifest.hash());
    let read = |text: &str| ElectionBundle::from_text(text, &hash, &mut rng(1));
    assert!(text.starts_with("-----BEGIN TABELLA ELECTION BUNDLE-----\n"));
    let mail = format!("Dear all,\r\n{}\r\nYours", text.replace('\n', "\r\n"));
    for text in [&text, &mail] {
        assert_eq!(read(text).unwrap().to_bytes(), bundle.to_bytes());
    }
    let label = |block, found: &str| {
        let (found, expected) = (found.into(), "one election bundle alone");
        BundleError::Text(ArmorError::Label { block, found, expected })
    };
    assert_eq!(read(&format!("{text}{text}")).unwrap_err(), label(2, "ELECTION BUNDLE"));
    let ballot = text.replace("ELECTION BUNDLE", "BALLOT");
    assert_eq!(read(&ballot).unwrap_err(), label(1, "BALLOT"));
    assert_eq!(read("nothing").unwrap_err(), BundleError::Text(ArmorError::NoBlock));
    assert!(matches!(
        read(&text[..text.len() - 40]).unwrap_err(),
        BundleError::Text(ArmorError::Block { block: 1, .. })
    ));
    let no_bundle = ElectionBundle::from_bytes(&[b'x'; 40], &hash, &mut rng(1)).unwrap_err();
    assert_eq!(no_bundle, BundleError::NoBundle);
}
