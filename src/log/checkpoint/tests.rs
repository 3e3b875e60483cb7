use super::{keys::Kind, *};
use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, TextError},
    log::merkle::{Consistency, Hashes, Head, MerkleError},
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use rand_core::OsRng;
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, Verifier, VerifierList};

const ORIGIN: &str =
    "tabella/bridge/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const TIME: u64 = 1_679_315_147;

fn log() -> LogSecret {
    LogSecret::from_seed(&[1; 32])
}

fn witness(i: u8) -> WitnessSecret {
    WitnessSecret::from_seed(&format!("witness.example/w{i}"), &[i + 1; 32]).unwrap()
}

fn hashes() -> Hashes {
    let mut hashes = Hashes::default();
    (0..31u8).for_each(|i| hashes.push(&[i]));
    hashes
}

fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint::new(ORIGIN, hashes().head(size).unwrap()).unwrap()
}

/// A checkpoint signed by the log and by two witnesses.
fn signed() -> SignedCheckpoint {
    let mut signed = log().sign(&checkpoint(31));
    for i in [1, 2] {
        let cosignature = witness(i).cosign(&checkpoint(31), TIME + u64::from(i)).unwrap();
        signed.add(witness(i).public(), cosignature).unwrap();
    }
    signed
}

/// Replaces the line of the same key, as anybody can in the text.
fn put(signed: &mut SignedCheckpoint, line: NoteSignature) {
    signed.signatures.retain(|old| !old.same_key(&line));
    signed.signatures.push(line);
}

/// The line of a witness that states no time.
fn timeless(i: u8, checkpoint: &Checkpoint) -> NoteSignature {
    let key = ed25519_dalek::SigningKey::from_bytes(&[i + 1; 32]);
    let message = format!("cosignature/v1\ntime 0\n{checkpoint}");
    let signature = ed25519_dalek::Signer::sign(&key, message.as_bytes()).to_bytes();
    let witness = witness(i).public().clone();
    NoteSignature::new(&witness.name, witness.id(), [&[0; 8], &signature[..]].concat())
}

fn witnesses() -> Vec<Witness> {
    [3, 2, 1].map(|i| witness(i).public().clone()).into()
}

/// The text, byte for byte: what the specification prints.
#[test]
fn the_text_of_a_checkpoint_is_fixed() {
    let example = include_str!("../../../docs/spec/checkpoints.md");
    for part in [signed().to_string(), fork().to_string(), log().public().vkey(ORIGIN)] {
        assert!(example.contains(&part), "not in docs/spec/checkpoints.md:\n{part}");
    }
    let names = [log().public().to_string(), witness(1).public().to_string()];
    for part in names.into_iter().chain([witness(1).public().key.to_string(), request()]) {
        assert!(example.contains(&part), "not in docs/spec/checkpoints.md:\n{part}");
    }
}

#[test]
fn what_we_sign_is_read_by_another_implementation() {
    let text = signed().to_string();
    let note = Note::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(note.text(), checkpoint(31).to_string().as_bytes());
    let verifier = StandardVerifier::new(&log().public().vkey(ORIGIN)).unwrap();
    let key_id = Kind::Log.id(ORIGIN, log().public().as_bytes());
    assert_eq!(verifier.key_id().to_be_bytes(), key_id);
    let (verified, unverified) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 2));
    assert_eq!(verified[0].name(), ORIGIN);
    assert_eq!(note.to_bytes(), text.as_bytes());
}

#[test]
fn what_another_implementation_signs_is_read_by_us() {
    let (secret, vkey) = signed_note::generate_key(&mut OsRng, ORIGIN);
    let signer = StandardSigner::new(&secret).unwrap();
    let mut note = Note::new(checkpoint(7).to_string().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    let text = alloc::string::String::from_utf8(note.to_bytes()).unwrap();
    let signed: SignedCheckpoint = text.parse().unwrap();
    let (name, key) = LogKey::from_vkey(&vkey).unwrap();
    assert_eq!((name.as_str(), key.vkey(&name)), (ORIGIN, vkey));
    assert_eq!(signed.verify(ORIGIN, &key), Ok(&checkpoint(7)));
    assert_eq!(signed.to_string(), text);
}

/// A witness for `signed_note`; the message with the time is made by hand.
struct Cosigner(ed25519_dalek::SigningKey, [u8; 4]);

impl Signer for Cosigner {
    fn name(&self) -> &str {
        "witness.example/w1"
    }
    fn key_id(&self) -> u32 {
        u32::from_be_bytes(self.1)
    }
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        let message = [b"cosignature/v1\ntime 1679315148\n", text].concat();
        let signature = ed25519_dalek::Signer::try_sign(&self.0, &message)?.to_bytes();
        Ok([&[0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcc], signature.as_slice()].concat())
    }
}

#[test]
fn cosignatures_are_those_of_another_implementation() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[2; 32]);
    let public = [&[4], key.verifying_key().as_bytes().as_slice()].concat();
    let id = signed_note::key_id("witness.example/w1", &public);
    let mut note = Note::new(checkpoint(31).to_string().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&Cosigner(key, id.to_be_bytes())]).unwrap();
    let line = witness(1).cosign(&checkpoint(31), TIME + 1).unwrap();
    let ours = format!("{}\n{line}", checkpoint(31));
    assert_eq!(note.to_bytes(), ours.as_bytes());
    let text = alloc::string::String::from_utf8(note.to_bytes()).unwrap();
    let theirs: SignedCheckpoint = text.parse().unwrap();
    let expected = [Cosignature { witness: 2, time: TIME + 1 }];
    assert_eq!(theirs.cosignatures(&witnesses()).unwrap(), expected);
}

/// The example of tlog-cosignature. Its keys are not published, so only the form of its lines is tested.
#[test]
fn the_example_of_c2sp_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\n\
                CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                — example.com/behind-the-sofa \
                Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
                — witness.example.com/w1 \
                jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let signed: SignedCheckpoint = text.parse().unwrap();
    assert_eq!(signed.checkpoint().size(), 20_852_163);
    assert_eq!(signed.signatures()[1].bytes()[..8], TIME.to_be_bytes());
    assert_eq!(signed.signatures()[1].bytes().len(), 8 + 64);
    assert_eq!(signed.to_string(), text);
}

#[test]
fn who_signed_and_cosigned_is_known() {
    let signed = signed();
    assert_eq!(signed.verify(ORIGIN, &log().public()).unwrap().head(), checkpoint(31).head());
    let expected =
        [Cosignature { witness: 1, time: TIME + 2 }, Cosignature { witness: 2, time: TIME + 1 }];
    assert_eq!(signed.cosignatures(&witnesses()).unwrap(), expected);
    assert_eq!(signed.cosignatures(&[]), Ok(vec![]));
    // Another key under a known name, and a known key under another name, are unknown.
    let named = |name: &str, i| WitnessSecret::from_seed(name, &[i; 32]).unwrap().public().clone();
    let others = [named("witness.example/w1", 9), named("other.example", 2)];
    assert_eq!(signed.cosignatures(&others), Ok(vec![]));
}

#[test]
fn another_key_name_or_origin_is_refused() {
    let signed = signed();
    let key = log().public();
    let other = "tabella/bridge/other";
    let origin = SignatureError::Origin { found: ORIGIN.into(), expected: other.into() };
    assert_eq!(signed.verify(other, &key), Err(origin));
    let missing = SignatureError::Missing { name: ORIGIN.into() };
    let wrong = LogSecret::from_seed(&[7; 32]).public();
    assert_eq!(signed.verify(ORIGIN, &wrong), Err(missing.clone()));
    // The right key with another name.
    let text = signed.to_string().replacen(&format!("— {ORIGIN}"), "— other", 1);
    let renamed: SignedCheckpoint = text.parse().unwrap();
    assert_eq!(renamed.verify(ORIGIN, &key), Err(missing));
    // A signature of the wrong length with the right id.
    let id = Kind::Log.id(ORIGIN, key.as_bytes());
    let mut short = signed.clone();
    put(&mut short, NoteSignature::new(ORIGIN, id, vec![0; 63]));
    let invalid = SignatureError::Invalid { name: ORIGIN.into() };
    assert_eq!(short.verify(ORIGIN, &key), Err(invalid));
    // A cosignature is not a log's signature, nor the other way round, even with the same key.
    let same = WitnessSecret::from_seed(ORIGIN, &[1; 32]).unwrap();
    let line = same.cosign(&checkpoint(31), TIME).unwrap();
    let cosigned: SignedCheckpoint = format!("{}\n{line}", checkpoint(31)).parse().unwrap();
    let missing = SignatureError::Missing { name: ORIGIN.into() };
    assert_eq!(cosigned.verify(ORIGIN, &key), Err(missing));
    let alone = log().sign(&checkpoint(31));
    assert_eq!(alone.cosignatures(&[same.public().clone()]), Ok(vec![]));
}

#[test]
fn a_wrong_cosignature_is_named() {
    let secret = witness(1);
    let mut line = secret.cosign(&checkpoint(30), TIME).unwrap();
    let mut signed = signed();
    put(&mut signed, line.clone());
    let invalid = SignatureError::Invalid { name: "witness.example/w1".into() };
    assert_eq!(signed.cosignatures(&witnesses()), Err(invalid.clone()));
    // Those of the others still count.
    assert_eq!(signed.cosignatures(&witnesses()[..2]).unwrap().len(), 1);
    line = NoteSignature::new(line.name(), line.id(), line.bytes()[..71].into());
    put(&mut signed, line.clone());
    assert_eq!(signed.cosignatures(&witnesses()), Err(invalid.clone()));
    // Times of 2^63 and more.
    let late = [&[0xff; 8], &line.bytes()[8..], &[0]].concat();
    put(&mut signed, NoteSignature::new(line.name(), line.id(), late));
    assert_eq!(signed.cosignatures(&witnesses()), Err(invalid));
    let time = 1 << 63;
    let late = SignatureError::Time { found: time };
    assert_eq!(secret.cosign(&checkpoint(31), time), Err(late));
    assert!(secret.cosign(&checkpoint(31), time - 1).is_ok());
}

#[test]
fn any_bit_flipped_is_noticed() {
    let bytes = signed().to_string().into_bytes();
    let key = log().public();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(text) = core::str::from_utf8(&flipped) else { continue };
        let Ok(signed) = text.parse::<SignedCheckpoint>() else { continue };
        assert_eq!(signed.to_string(), text, "one value has one text");
        let seen = signed.cosignatures(&witnesses());
        let verified = signed.verify(ORIGIN, &key).is_ok();
        assert!(!verified || seen.is_err() || seen.unwrap().len() < 2, "bit {bit}");
    }
}

#[test]
fn text_that_is_cut_off_is_refused() {
    let text = signed().to_string();
    let ends: Vec<_> = text.match_indices('\n').map(|(i, _)| i + 1).collect();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let read = text[..end].parse::<SignedCheckpoint>();
        // Without whole signature lines, the text can still be valid.
        let fifth = ends.get(4).unwrap();
        assert_eq!(read.is_ok(), end >= *fifth && ends.contains(&end), "{end}");
    }
}

#[test]
fn the_first_wrong_line_is_named() {
    use NoteErrorKind::*;
    let good = signed().to_string();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let second = lines[1].trim_end();
    let cases: &[(usize, &str, NoteErrorKind)] = &[
        (1, "\n", Origin),
        (1, "tabella bridge\n", Origin),
        (1, "tabella+bridge\n", Origin),
        (1, "tabella\u{a0}bridge\n", Origin),
        (1, "tabella\tbridge\n", Control),
        (2, "\n", Size),
        (2, "031\n", Size),
        (2, "+31\n", Size),
        (2, "-1\n", Size),
        (2, "31 \n", Size),
        (2, "31\r\n", Control),
        (2, "18446744073709551616\n", Size),
        (3, "\n", Root),
        (3, "AAAA\n", Root),
        // 33 bytes; no padding; a bit set that belongs to no byte.
        (3, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", Root),
        (3, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", Root),
        (3, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n", Root),
        (4, "", Blank),
        (4, "extension\n", Blank),
        (4, "\n\n", Signature),
        (5, "- name AAAAAAA=\n", Signature),
        (5, "—name AAAAAAA=\n", Signature),
        (5, "— name\n", Signature),
        (5, "—  AAAAAAA=\n", Signature),
        (5, "— na+me AAAAAAA=\n", Signature),
        (5, "— name  AAAAAAA=\n", Signature),
        (5, "— name AAAAAA==\n", Signature),
        (5, "— name AAAAAAB=\n", Signature),
        (5, "— name AAAAAAA\n", Signature),
        (5, "— name AAAAAAA= \n", Signature),
        (6, lines[4], Repeated),
        (6, "\n", Trailing),
        (6, "more\n", Trailing),
    ];
    for (line, new, kind) in cases {
        let mut changed = lines.clone();
        changed[line - 1] = new;
        let text = changed.concat();
        let error = text.parse::<SignedCheckpoint>().unwrap_err();
        let at = if new == &"\n\n" { 1 } else { 0 };
        let start = lines[..line - 1].concat().len() + at;
        assert_eq!(error, NoteError { line: line + at, at: start, kind: *kind }, "{text}");
    }
    let error = |text: &str| text.parse::<SignedCheckpoint>().unwrap_err();
    assert_eq!(error(""), NoteError { line: 1, at: 0, kind: Origin });
    let at = lines[0].len();
    assert_eq!(error(lines[0]), NoteError { line: 2, at, kind: Size });
    let cut = [lines[0], second].concat();
    assert_eq!(error(&cut), NoteError { line: 2, at, kind: Unterminated });
    let four = lines[..4].concat();
    assert_eq!(error(&four), NoteError { line: 5, at: four.len(), kind: Signature });
    let three = lines[..3].concat();
    assert_eq!(three.parse(), Ok(checkpoint(31)));
    assert_eq!(four.parse::<Checkpoint>().unwrap_err().kind, Trailing);
    let head = checkpoint(31).head();
    assert_eq!(Checkpoint::new("a b", head).unwrap_err().kind, Origin);
    assert!(error(&four).to_string().starts_with("line 5 (byte "));
}

#[test]
fn a_hundred_signatures_are_enough() {
    let mut signed = log().sign(&checkpoint(31));
    for i in 2..100u8 {
        put(&mut signed, NoteSignature::new("name", [i; 4], vec![0]));
    }
    let cosign = |i| witness(i).cosign(&checkpoint(31), TIME).unwrap();
    signed.add(witness(1).public(), cosign(1)).unwrap();
    let text = signed.to_string();
    assert_eq!(text.parse(), Ok(signed.clone()));
    let more = cosign(2);
    let error = NoteError { line: 105, at: text.len(), kind: NoteErrorKind::TooMany };
    assert_eq!(format!("{text}{more}").parse::<SignedCheckpoint>(), Err(error));
    assert_eq!(signed.add(witness(2).public(), more.clone()), Err(AddError::Note(error)));
    let answer = signed.add_answer(witness(2).public(), &more.to_string());
    assert_eq!(answer, Err(AddError::Note(error)));
    assert_eq!(signed.signatures().len(), 100);
    assert_eq!(signed.to_string(), text);
}

#[test]
fn answers_of_witnesses_are_added() {
    let mut alone = log().sign(&checkpoint(31));
    let lines: Vec<String> = signed().signatures()[1..].iter().map(|l| l.to_string()).collect();
    alone.add_answer(witness(1).public(), &lines[0]).unwrap();
    alone.add_answer(witness(2).public(), &lines[1]).unwrap();
    assert_eq!(alone, signed());
    let line = &alone.signatures()[1].clone();
    assert_eq!(line.to_string().parse(), Ok(line.clone()));
    for wrong in ["", "31\n", "\n", &format!("{}\n", lines[0]), lines[0].trim_end()] {
        let error = alone.add_answer(witness(1).public(), wrong).unwrap_err();
        assert!(matches!(error, AddError::Note(_)), "{wrong:?}: {error:?}");
    }
    assert_eq!(alone, signed());
}

#[test]
fn of_an_answer_the_line_of_the_witness_that_was_asked_is_taken() {
    let (one, two) = (witness(1).public().clone(), witness(2).public().clone());
    let good: Vec<String> = signed().signatures().iter().map(|line| line.to_string()).collect();
    let id = Kind::Log.id(ORIGIN, log().public().as_bytes());
    let mut lines: Vec<NoteSignature> = Vec::new();
    // Lines with the log's name, with the other witness's name, of many unknown keys, and one that fills the checkpoint.
    lines.push(NoteSignature::new(ORIGIN, id, vec![7; 64]));
    lines.push(NoteSignature::new(&two.name, two.id(), vec![7; 72]));
    lines.extend((0..200u8).map(|n| NoteSignature::new("junk", [n; 4], vec![n])));
    lines.push(NoteSignature::new("junk", [9; 4], vec![9; 100_000]));
    let mut answer: String = lines.iter().map(|line| line.to_string()).collect();
    answer.push_str(&good[1]);
    let mut note = log().sign(&checkpoint(31));
    note.add_answer(&two, &good[2]).unwrap();
    note.add_answer(&one, &answer).unwrap();
    assert_eq!(note.to_string().len(), signed().to_string().len());
    note.verify(ORIGIN, &log().public()).unwrap();
    assert_eq!(note.cosignatures(&[one.clone(), two.clone()]).unwrap().len(), 2);

    // Without a line of the witness that was asked, or with a wrong one, nothing changes.
    let refused = |witness: &Witness, answer: &str, expected: SignatureError| {
        let mut copy = note.clone();
        assert_eq!(copy.add_answer(witness, answer), Err(AddError::Signature(expected)));
        assert_eq!(copy, note);
    };
    let missing = |w: &Witness| SignatureError::Missing { name: w.name.clone() };
    let invalid = |w: &Witness| SignatureError::Invalid { name: w.name.clone() };
    refused(&one, &good[2], missing(&one));
    refused(witness(3).public(), &answer, missing(witness(3).public()));
    let wrong = NoteSignature::new(&one.name, one.id(), vec![7; 72]);
    refused(&one, &wrong.to_string(), invalid(&one));
    refused(&one, &format!("{wrong}{}", good[1]), invalid(&one));
    refused(&one, &timeless(1, &checkpoint(31)).to_string(), SignatureError::Time { found: 0 });
    let of_another = witness(1).cosign(&checkpoint(30), TIME).unwrap();
    refused(&one, &of_another.to_string(), invalid(&one));
    let mut copy = note.clone();
    let other = copy.add(&one, witness(2).cosign(&checkpoint(31), TIME).unwrap());
    assert_eq!(other, Err(AddError::Signature(missing(&one))));
}

#[test]
fn a_cosignature_that_counts_stays() {
    let (cosign, one) = (|time| witness(1).cosign(&checkpoint(31), time).unwrap(), witness(1));
    let mut note = log().sign(&checkpoint(31));
    let wrong = NoteSignature::new(&one.public().name, one.public().id(), vec![7; 72]);
    let late = Cosignature { witness: 0, time: 7 };
    // A line that does not count is replaced by one that does.
    for bad in [wrong, timeless(1, &checkpoint(31))] {
        put(&mut note, bad);
        note.add(one.public(), cosign(7)).unwrap();
        note.add(one.public(), cosign(8)).unwrap();
        assert_eq!(note.signatures().len(), 2);
        assert_eq!(note.cosignatures(&[one.public().clone()]), Ok(vec![late]));
    }
}

#[test]
fn a_cosignature_without_a_time_does_not_count() {
    let mut note = signed();
    put(&mut note, timeless(1, &checkpoint(31)));
    let expected = [Cosignature { witness: 1, time: TIME + 2 }];
    assert_eq!(note.cosignatures(&witnesses()).unwrap(), expected);
    let none = SignatureError::Time { found: 0 };
    assert_eq!(witness(1).cosign(&checkpoint(31), 0), Err(none));
    // A line that does not verify is refused, whatever its time.
    let mut bytes = timeless(1, &checkpoint(31)).bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let one = witness(1).public().clone();
    put(&mut note, NoteSignature::new(&one.name, one.id(), bytes));
    let invalid = SignatureError::Invalid { name: one.name };
    assert_eq!(note.cosignatures(&witnesses()), Err(invalid));
}

#[test]
fn what_a_record_keeps_of_a_checkpoint_is_verified_and_small() {
    let mut note = signed();
    put(&mut note, NoteSignature::new("junk", [9; 4], vec![9; 100_000]));
    put(&mut note, timeless(3, &checkpoint(31)));
    let mut wrong = witness(2).cosign(&checkpoint(30), TIME).unwrap();
    put(&mut note, wrong.clone());
    let kept = note.verified(ORIGIN, &log().public(), &witnesses()).unwrap();
    assert_eq!(kept.signatures(), &signed().signatures()[..2]);
    wrong = NoteSignature::new(ORIGIN, signed().signatures()[0].id(), vec![7; 64]);
    put(&mut note, wrong);
    let invalid = SignatureError::Invalid { name: ORIGIN.into() };
    assert_eq!(note.verified(ORIGIN, &log().public(), &witnesses()), Err(invalid));

    // The longest that a manifest allows: an origin and names of 200 bytes, and 32 witnesses.
    let origin = "o".repeat(200);
    let long = Checkpoint::new(&origin, Head { size: u64::MAX, ..checkpoint(31).head() }).unwrap();
    let mut longest = log().sign(&long);
    for i in 0..32u8 {
        let name = format!("{i:0200}");
        let witness = WitnessSecret::from_seed(&name, &[i + 1; 32]).unwrap();
        longest.add(witness.public(), witness.cosign(&long, u64::MAX >> 1).unwrap()).unwrap();
    }
    assert!(longest.to_string().len() as u64 * 8 < MAX_BYTES);
}

/// A board whose last entry was replaced.
fn fork() -> Fork {
    let mut other = Hashes::default();
    (0..30u8).for_each(|i| other.push(&[i]));
    other.push(b"another");
    let other = Checkpoint::new(ORIGIN, other.head(31).unwrap()).unwrap();
    Fork::find(&log().sign(&checkpoint(31)), &log().sign(&other)).unwrap()
}

#[test]
fn a_fork_convinces_who_knows_the_key() {
    let fork = fork();
    let key = log().public();
    fork.verify(ORIGIN, &key).unwrap();
    let text = fork.to_string();
    assert_eq!(text.parse(), Ok(fork.clone()));
    let [lower, upper] = fork.checkpoints().map(Clone::clone);
    assert_eq!(Fork::find(&upper, &lower), Some(fork.clone()));
    assert_eq!(Fork::find(&lower, &lower), None);
    assert_eq!(Fork::find(&lower, &log().sign(&checkpoint(30))), None);
    let elsewhere = Checkpoint::new("elsewhere", checkpoint(30).head()).unwrap();
    assert_eq!(Fork::find(&log().sign(&checkpoint(30)), &log().sign(&elsewhere)), None);
    // A fork with a forged signature proves nothing.
    let wrong = LogSecret::from_seed(&[9; 32]).public();
    fork.verify(ORIGIN, &wrong).unwrap_err();
    let forged = LogSecret::from_seed(&[9; 32]).sign(upper.checkpoint());
    Fork::find(&lower, &forged).unwrap().verify(ORIGIN, &key).unwrap_err();
    Fork::find(&LogSecret::from_seed(&[9; 32]).sign(lower.checkpoint()), &upper)
        .unwrap()
        .verify(ORIGIN, &key)
        .unwrap_err();
}

#[test]
fn what_is_no_fork_is_not_read_as_one() {
    let fork = fork();
    let [lower, upper] = fork.checkpoints();
    let at = lower.to_string().len() + 1;
    let error = NoteError { line: 7, at, kind: NoteErrorKind::NoFork };
    for (a, b) in [(lower, lower), (lower, &log().sign(&checkpoint(30)))] {
        let error = NoteError { at: a.to_string().len() + 1, ..error };
        assert_eq!(format!("{a}\n{b}").parse::<Fork>(), Err(error));
    }
    let at = upper.to_string().len() + 1;
    assert_eq!(format!("{upper}\n{lower}").parse::<Fork>(), Err(NoteError { at, ..error }));
    let blank = NoteError { line: 6, at: at - 1, kind: NoteErrorKind::Blank };
    assert_eq!(format!("{lower}{upper}").parse::<Fork>(), Err(blank));
    assert!(lower.to_string().parse::<Fork>().is_err());
    assert!(format!("{fork}\n").parse::<Fork>().is_err());
    let text = fork.to_string().into_bytes();
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(text) = core::str::from_utf8(&flipped) else { continue };
        if let Ok(fork) = text.parse::<Fork>() {
            fork.verify(ORIGIN, &log().public()).unwrap_err();
        }
    }
}

fn request() -> String {
    let proof = hashes().consistency(20, 31).unwrap();
    add_checkpoint(&proof, &log().sign(&checkpoint(31))).unwrap()
}

#[test]
fn requests_to_witnesses_hold_proof_and_checkpoint() {
    let body = request();
    let (proof, note) = body.split_once("\n\n").unwrap();
    assert_eq!(note.parse(), Ok(log().sign(&checkpoint(31))));
    let mut lines = proof.lines();
    assert_eq!(lines.next(), Some("old 20"));
    let path = lines.map(|line| Base64::decode_vec(line).unwrap().try_into().unwrap()).collect();
    let read = Consistency::new(20, 31, path).unwrap();
    read.verify(&checkpoint(20).head(), &checkpoint(31).head()).unwrap();
    let first = hashes().consistency(0, 31).unwrap();
    let body = add_checkpoint(&first, &log().sign(&checkpoint(31))).unwrap();
    assert!(body.starts_with("old 0\n\ntabella/"));
    let error = MerkleError::Size { found: 31, expected: 30 };
    assert_eq!(add_checkpoint(&first, &log().sign(&checkpoint(30))), Err(error));
}

#[test]
fn keys_have_two_texts_each() {
    let key = log().public();
    assert!(key.to_string().starts_with("log1"));
    assert_eq!(key.to_string().parse(), Ok(key));
    assert_eq!(LogKey::from_vkey(&key.vkey(ORIGIN)), Ok((ORIGIN.into(), key)));
    let public = witness(1).public().clone();
    assert!(public.key.to_string().starts_with("witness1"));
    assert_eq!(public.key.to_string().parse(), Ok(public.key));
    assert_eq!(public.to_string().parse(), Ok(public.clone()));
    // Neither is read as the other.
    assert_eq!(public.key.to_string().parse::<LogKey>(), Err(TextError::Prefix("log")));
    assert_eq!(key.to_string().parse::<WitnessKey>(), Err(TextError::Prefix("witness")));
    let error = VkeyError::Type { found: 1, expected: 4 };
    assert_eq!(key.vkey(ORIGIN).parse::<Witness>(), Err(error));
    let error = VkeyError::Type { found: 4, expected: 1 };
    assert_eq!(LogKey::from_vkey(&public.to_string()), Err(error));
    let vkey = key.vkey("log");
    let (head, base64) = vkey.rsplit_once('+').filter(|(head, _)| head.len() == 12).unwrap();
    let upper = head.to_uppercase().replace("LOG", "log");
    let wrong = [
        ("log".into(), VkeyError::Parts),
        (head.into(), VkeyError::Parts),
        (vkey.replacen("log", "", 1), VkeyError::Name),
        (vkey.replacen("log", "my log", 1), VkeyError::Name),
        (vkey.replacen("log", "lag", 1), VkeyError::Id),
        (format!("{upper}+{base64}"), VkeyError::Id),
        (format!("{head}+"), VkeyError::Base64),
        (format!("{head}+{base64}="), VkeyError::Base64),
        (format!("{head}+AQ=="), VkeyError::Key),
    ];
    for (text, error) in wrong {
        assert_eq!(LogKey::from_vkey(&text), Err(error), "{text}");
    }
}

#[test]
fn unusable_keys_are_refused() {
    let not_a_key = DecodeError::new(0, DecodeErrorKind::NotAKey);
    let identity = [&[1u8][..], &[0; 31]].concat();
    // y = p + 3, the second encoding of 3; and a y without a point.
    let mut not_canonical = [0xff; 32];
    (not_canonical[0], not_canonical[31]) = (0xf0, 0x7f);
    let second = [&[2u8][..], &[0; 31]].concat();
    // Points of order 2, 4 and 8.
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let order_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let order_8 = hex::decode(order_8).unwrap();
    let wrong = [&identity[..], &not_canonical, &second, &minus_one, &[0; 32], &order_8];
    for bytes in wrong {
        assert_eq!(LogKey::from_bytes(bytes), Err(not_a_key), "{bytes:?}");
        assert_eq!(WitnessKey::from_bytes(bytes), Err(not_a_key));
        let vkey = Kind::Log.vkey("log", bytes.try_into().unwrap());
        assert_eq!(LogKey::from_vkey(&vkey), Err(VkeyError::Key));
        let vkey = Kind::Cosignature.vkey("log", bytes.try_into().unwrap());
        assert_eq!(vkey.parse::<Witness>(), Err(VkeyError::Key));
    }
    assert!(LogKey::from_bytes(&[0; 31]).is_err());
}

/// RFC 8032, section 7.1, test 1: the key of a known seed.
#[test]
fn a_seed_is_that_of_rfc_8032() {
    let bytes = |hex: &str| -> [u8; 32] { hex::decode(hex).unwrap().try_into().unwrap() };
    let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let secret = LogSecret::from_seed(&seed);
    let public = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(secret.public().as_bytes(), &public);
    assert_eq!(secret.expose_seed(), &seed);
    let shown = format!("{secret:?} {:?}", WitnessSecret::from_seed("w", &seed).unwrap());
    assert!(!shown.contains("9d61") && !shown.contains("157, 97"), "{shown}");
    assert!(WitnessSecret::from_seed("my witness", &seed).is_err());
    assert!(LogSecret::random(&mut OsRng).unwrap().public() != secret.public());
}
