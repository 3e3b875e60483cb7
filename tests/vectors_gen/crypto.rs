//! Generators, hashes, transcripts, linear proofs, text.

use super::{
    elections::{Case, log_keys, spoil},
    json::{Json, hex, list, object},
    oracle::{Tape, base, encode, generator, hash, linear},
};
use attacks::rng;
use curve25519_dalek::Scalar;
use sha3::{Digest, Sha3_256, Sha3_512};
use tabella::{
    ballot::Tracker,
    board::Receipt,
    codec::{Decode, Encode, Reader},
    crypto::{
        ProofCheck, VerifyError,
        group::Element,
        linear::{Proof, Statement},
        signature::AuthorKey,
        transcript::Transcript,
    },
    roll::Credential,
};

pub fn json(case: &Case) -> Json {
    object! {
        "generators" => generators(),
        "elements" => elements(),
        "scalars" => scalars(),
        "hashes" => hashes(),
        "transcripts" => transcripts(),
        "linear" => proofs(),
        "texts" => texts(case),
    }
}

fn generators() -> Json {
    let [one, many] = [&[0][..], &[0, 1, 2, 255]];
    let names =
        [("H", one), ("R", one), ("S", one), ("G", many), ("G'", many), ("M0", one), ("M", many)];
    let all = names.into_iter().flat_map(|(name, indices)| indices.iter().map(move |i| (name, *i)));
    let of = |(name, index): (&str, u64)| {
        object! {"name" => name, "index" => index, "point" => hex(encode(&generator(name, index)))}
    };
    Json::List(all.map(of).collect())
}

/// Bytes that encode an element, and bytes that do not.
fn elements() -> Json {
    let mut negative = base();
    negative[0] ^= 1;
    let cases = [
        ("G", base()),
        ("the identity", [0; 32]),
        ("negative", negative),
        ("p", {
            let mut p = [0xff; 32];
            (p[0], p[31]) = (0xed, 0x7f);
            p
        }),
        ("high bit", {
            let mut bytes = base();
            bytes[31] ^= 0x80;
            bytes
        }),
    ];
    let of = |(name, bytes): (&str, [u8; 32])| {
        let read = Element::from_canonical(bytes).is_ok();
        assert_eq!(read, name == "G");
        object! {"name" => name, "bytes" => hex(bytes), "accepted" => read}
    };
    Json::List(cases.map(of).into())
}

/// Bytes that encode a scalar, and bytes that do not.
fn scalars() -> Json {
    let largest = (-Scalar::ONE).to_bytes();
    let mut order = largest;
    order[0] += 1;
    let cases = [
        ("0", [0; 32], true),
        ("ℓ - 1", largest, true),
        ("ℓ", order, false),
        ("2²⁵⁶ - 1", [0xff; 32], false),
    ];
    let of = |(name, bytes, accepted): (&str, [u8; 32], bool)| {
        assert_eq!(Reader::new(&bytes).scalar().is_ok(), accepted);
        object! {"name" => name, "bytes" => hex(bytes), "accepted" => accepted}
    };
    Json::List(cases.map(of).into())
}

/// The hashes of three bytes with their prefixes.
fn hashes() -> Json {
    let input = [1, 2, 3];
    let names = ["manifest", "deal", "ceremony", "keys", "relation", "tracker", "tally"];
    let mut all: Vec<Json> = names
        .iter()
        .map(|name| {
            let prefix = format!("tabella/v1 {name}");
            let hash = hash(&prefix, &[&input]);
            object! {"hash" => "SHA3-256", "prefix" => prefix, "input" => hex(input), "output" => hex(hash)}
        })
        .collect();
    assert_eq!(Tracker::of(&input).as_bytes(), &hash("tabella/v1 tracker", &[&input]));
    let seed = [7; 20];
    let wide = Sha3_512::new_with_prefix("tabella/v1 credential").chain_update(seed).finalize();
    let secret = Scalar::from_bytes_mod_order_wide(&wide.into());
    all.push(object! {
        "hash" => "SHA3-512", "prefix" => "tabella/v1 credential", "input" => hex(seed), "output" => hex(wide),
        "reduced" => hex(secret.as_bytes()), "public" => hex(Element::from_secret(&secret).unwrap().as_bytes()),
    });
    let plain = Sha3_256::digest(input);
    all.push(object! {"hash" => "SHA3-256", "prefix" => "", "input" => hex(input), "output" => hex(plain)});
    Json::List(all)
}

/// Transcripts of each form of message.
fn transcripts() -> Json {
    let tape = || Tape::new("example");
    let two = Element::from_secret(&Scalar::from(2u64)).unwrap();
    let elements = [Element::BASE, two];
    let cases: [(&str, Tape, Transcript); 5] = [
        ("nothing", tape(), Transcript::new(b"example")),
        ("proof", tape().proof("ballot"), Transcript::new(b"example").proof(b"ballot")),
        ("bytes", tape().bytes("a", b"xyz").bytes("b", b""), {
            let mut transcript = Transcript::new(b"example");
            transcript.append_bytes(b"a", b"xyz");
            transcript.append_bytes(b"b", b"");
            transcript
        }),
        ("number", tape().number("n", 258), {
            let mut transcript = Transcript::new(b"example");
            transcript.append_u64(b"n", 258);
            transcript
        }),
        (
            "elements",
            tape().bytes("X", two.as_bytes()).list("P", &elements.map(|e| *e.as_bytes())),
            {
                let mut transcript = Transcript::new(b"example");
                transcript.append_element(b"X", &two);
                transcript.append_elements(b"P", elements.iter());
                transcript
            },
        ),
    ];
    let of = |(name, mut tape, mut transcript): (&str, Tape, Transcript)| {
        assert_eq!(tape.clone().draw("key", 32), transcript.digest(b"key"));
        let x = tape.challenge("x");
        object! {"name" => name, "messages" => tape.messages(), "x" => hex(x.as_bytes())}
    };
    Json::List(cases.map(of).into())
}

/// Two public keys with the same secret for two bases, and invalid proofs.
fn proofs() -> Json {
    let secret = Scalar::from(1234u64);
    let other = Element::from_secret(&Scalar::from(5u64)).unwrap();
    let images =
        [Element::from_secret(&secret).unwrap(), Element::new(secret * other.point()).unwrap()];
    let mut statement = Statement::new("EXAMPLE", 1);
    statement.equation(images[0], [(0, Element::BASE)]);
    statement.equation(images[1], [(0, other)]);
    let context = Transcript::new(b"example");
    let proof = statement.prove(&[secret], &mut context.clone(), &mut rng(90)).unwrap().to_bytes();
    let change = |at: usize, to: [u8; 32]| {
        let mut bytes = proof.clone();
        bytes[at..at + 32].copy_from_slice(&to);
        bytes
    };
    let more = |at: usize| {
        let scalar = Scalar::from_canonical_bytes(proof[at..at + 32].try_into().unwrap()).unwrap();
        (scalar + Scalar::ONE).to_bytes()
    };
    let cases = [
        ("valid", proof.clone(), true),
        ("another first announcement", change(0, base()), false),
        ("another second announcement", change(32, base()), false),
        ("another response", change(64, more(64)), false),
    ];
    let of = |(name, bytes, valid): (&str, Vec<u8>, bool)| {
        let mut tape = Tape::new("example");
        let equations = [
            (&images[0].as_bytes()[..], 0, &base()[..]),
            (&images[1].as_bytes()[..], 0, &other.as_bytes()[..]),
        ];
        let found = linear(&mut tape, "EXAMPLE", &equations, 1, &bytes);
        let read = Proof::decode(&mut Reader::new(&bytes), 2, 1).unwrap();
        let verdict = statement.verify(&read, &mut context.clone(), &mut rng(91));
        assert_eq!((found.holds, verdict.is_ok()), (valid, valid), "{name}");
        if let Err(VerifyError::Invalid(culprits)) = verdict {
            assert_eq!(culprits[0].check, ProofCheck::Equation("EXAMPLE"));
        }
        object! {
            "name" => name, "proof" => hex(&bytes), "messages" => tape.messages(), "x" => hex(found.x.as_bytes()),
            "valid" => valid,
        }
    };
    Json::List(cases.map(of).into())
}

/// The text forms of keys and other data.
fn texts(case: &Case) -> Json {
    let (log, [witness, _]) = log_keys();
    let author = case.world.operator.public();
    let tracker = Tracker::of(&spoil(&case.plan, &case.world).ballot);
    let receipt = receipt(case);
    let (voter, key) = (case.world.voters[0].expose_text(), witness.public().key);
    let (_, seed) = bech32::decode(&voter).unwrap();
    let own = case.world.voters[0].key();
    let cases = [
        ("author", author.to_bytes(), author.to_string()),
        ("voter", seed, voter.to_string()),
        ("voterkey", own.as_bytes().to_vec(), own.to_string()),
        ("tracker", tracker.as_bytes().to_vec(), tracker.to_string()),
        ("receipt", receipt.to_bytes(), receipt.to_string()),
        ("log", log.public().as_bytes().to_vec(), log.public().to_string()),
        ("witness", key.as_bytes().to_vec(), key.to_string()),
    ];
    let mut all: Vec<Json> = cases
        .into_iter()
        .map(|(prefix, bytes, text)| object! {"prefix" => prefix, "bytes" => hex(bytes), "text" => text, "accepted" => true})
        .collect();
    let text = tracker.to_string();
    let grouped: Vec<_> =
        text.as_bytes().chunks(5).map(|part| std::str::from_utf8(part).unwrap()).collect();
    let last = if text.ends_with('q') { "p" } else { "q" };
    for (text, accepted) in [
        (text.to_uppercase(), true),
        (grouped.join("-"), true),
        (grouped.join(" "), true),
        (format!("T{}", &text[1..]), true),
        (format!(" {}\u{2013}{}\u{a0}\u{ad}\n", &text[..9], text[9..].to_uppercase()), true),
        (text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect(), true),
        (format!("{text}\u{e9}"), false),
        (format!("{}{last}", &text[..text.len() - 1]), false),
        (text[..text.len() - 1].into(), false),
        (voter.to_string(), false),
    ] {
        assert_eq!(text.parse() == Ok(tracker), accepted, "{text}");
        all.push(object! {"prefix" => "tracker", "bytes" => hex(tracker.as_bytes()), "text" => text, "accepted" => accepted});
    }
    assert_eq!(author.to_string().parse::<AuthorKey>().as_ref(), Ok(author));
    assert!(voter.parse::<Credential>().is_ok());
    assert_eq!(Receipt::from_bytes(&receipt.to_bytes()).as_ref(), Ok(&receipt));
    list(all)
}

/// The receipt for the ballot that is spoiled.
pub fn receipt(case: &Case) -> Receipt {
    case.board().receipt(&case.world.operator, 24, &mut rng(92)).unwrap()
}
