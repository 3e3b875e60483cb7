//! Mixes made as anybody wants them, right or wrong.
//!
//! The transcript is a second implementation, from the specification, so that anything can be signed.

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::ChaCha20Rng;
use tabella::{
    ballot::{CastBallot, Election},
    codec::Encode,
    crypto::{
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Generators, shuffle},
        signature::AuthorSecret,
        transcript::{Transcript, label},
    },
    keys::Ceremony,
    tally::{MixedCell, Tally},
};

/// A change of rows and proof before they are signed.
pub type Tamper = fn(&mut Vec<u8>);

/// A mix of the rows of one cell.
#[derive(Clone)]
pub struct Forgery<'a> {
    pub election: &'a Election,
    pub ceremony: &'a Ceremony,
    pub tally: [u8; 32],
    pub trustee: u16,
    pub author: &'a AuthorSecret,
    pub cell: u32,
    pub position: u16,
    pub key: Vec<Element>,
    pub inputs: Vec<Ciphertext>,
}

impl Forgery<'_> {
    /// Rows and proof of an honest mix.
    pub fn shuffle(&self, rng: &mut ChaCha20Rng) -> (Vec<Ciphertext>, Vec<u8>) {
        let Self { election, ceremony, tally, trustee, author, cell, position, key, inputs } = self;
        let mut transcript = crate::forge::context(election).proof(label::MIX);
        transcript.append_bytes(b"keys", ceremony.hash());
        transcript.append_bytes(b"tally", tally);
        transcript.append_u64(b"trustee", (*trustee).into());
        transcript.append_element(b"C", author.public().element());
        transcript.append_u64(b"cell", (*cell).into());
        transcript.append_u64(b"position", (*position).into());
        self.shuffle_on(transcript, key, inputs, rng)
    }

    fn shuffle_on(
        &self,
        mut transcript: Transcript,
        key: &[Element],
        inputs: &[Ciphertext],
        rng: &mut ChaCha20Rng,
    ) -> (Vec<Ciphertext>, Vec<u8>) {
        let generators = Generators::new(inputs.len());
        let (outputs, proof) = shuffle(key, inputs, &generators, &mut transcript, rng).unwrap();
        let bytes = [outputs.as_slice().to_bytes(), proof.to_bytes()].concat();
        (outputs, bytes)
    }

    /// The content of a mix with these rows and this proof, signed.
    pub fn signed(&self, body: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
        let Self { election, ceremony, tally, trustee, author, cell, position, key, inputs } = self;
        let (rows, width) = (inputs.len(), key.len());
        let keys = |key: &[Element]| key.iter().flat_map(|key| *key.as_bytes()).collect::<Vec<_>>();
        let mut tape = merlin::Transcript::new(b"election");
        tape.append_message(b"protocol", b"tabella/v1");
        tape.append_message(b"suite", b"ristretto255-merlin-sha3");
        tape.append_message(b"manifest", election.manifest().hash().as_bytes());
        tape.append_message(b"ceremony", election.ceremony_hash());
        list(&mut tape, b"Y", &keys(election.slot_keys()), None);
        tape.append_message(b"proof", b"mix");
        tape.append_message(b"keys", ceremony.hash());
        tape.append_message(b"tally", tally);
        tape.append_u64(b"trustee", (*trustee).into());
        let author_key = author.public().element().as_bytes();
        tape.append_message(b"C", author_key);
        tape.append_u64(b"cell", (*cell).into());
        tape.append_u64(b"position", (*position).into());

        let mut rest = body;
        let mut take = |count: usize| {
            let (taken, left) = rest.split_at(32 * count);
            rest = left;
            taken
        };
        list(&mut tape, b"Y", &keys(key), None);
        list(&mut tape, b"in", &inputs.as_slice().to_bytes(), Some(rows));
        list(&mut tape, b"out", take(rows * (width + 1)), Some(rows));
        list(&mut tape, b"c", take(rows), None);
        challenge(&mut tape, b"u", rows);
        list(&mut tape, b"chain", take(rows), None);
        challenge(&mut tape, b"zeta", 1);
        for label in [b"t1", b"t2", b"t3"] {
            tape.append_message(label, take(1));
        }
        list(&mut tape, b"t4", take(width + 1), None);
        tape.append_message(b"t5", take(1));
        challenge(&mut tape, b"x", 1);
        list(&mut tape, b"s", take(5), None);
        list(&mut tape, b"s'", take(rows), None);

        let nonce = Scalar::random(rng);
        let announcement = RistrettoPoint::mul_base(&nonce).compress();
        tape.append_message(b"linear", b"BOARD.AUTHOR");
        tape.append_u64(b"secrets", 1);
        tape.append_u64(b"count", 1);
        tape.append_message(b"P", author_key);
        tape.append_u64(b"count", 1);
        tape.append_u64(b"j", 0);
        tape.append_message(b"B", Element::BASE.as_bytes());
        list(&mut tape, b"R", announcement.as_bytes(), None);
        let answer = nonce + challenge(&mut tape, b"x", 1) * crate::forge::author_scalar(author);
        let header = [&trustee.to_be_bytes()[..], &cell.to_be_bytes(), &position.to_be_bytes()];
        [&header.concat(), body, announcement.as_bytes(), answer.as_bytes()].concat()
    }
}

/// Absorbs items of 32 bytes after their count, or after another count.
fn list(tape: &mut merlin::Transcript, label: &'static [u8], items: &[u8], count: Option<usize>) {
    tape.append_u64(b"count", count.unwrap_or(items.len() / 32) as u64);
    items.chunks(32).for_each(|item| tape.append_message(label, item));
}

/// Draws this many challenges and returns the first.
fn challenge(tape: &mut merlin::Transcript, label: &'static [u8], count: usize) -> Scalar {
    let mut bytes = vec![0; 64 * count];
    tape.challenge_bytes(label, &mut bytes);
    Scalar::from_bytes_mod_order_wide(bytes[..64].try_into().unwrap())
}

/// The first rows of each mixed cell: those of these ballots, in order.
pub fn first_rows(election: &Election, tally: &Tally, ballots: &[CastBallot]) -> Vec<MixedCell> {
    let manifest = election.manifest();
    let mixed = tally.cells().iter().enumerate().filter(|(_, cell)| cell.is_mixed());
    let rows = |(place, cell): (usize, &tabella::tally::CellTally)| {
        let row = |ballot: &CastBallot| {
            let style = &manifest.styles()[usize::from(ballot.header().style)];
            if !cell.districts.contains(&style.district) || !style.contests.contains(&cell.contest)
            {
                return None;
            }
            let contests = manifest.contests();
            let before = style.contests.iter().take_while(|contest| **contest != cell.contest);
            let first = before.map(|contest| contests[*contest].slots()).sum::<usize>()
                + contests[cell.contest].summed_slots();
            let Ciphertext { a, b } = ballot.ciphertext();
            let b = b[first..first + contests[cell.contest].mixed_slots()].to_vec();
            Some(Ciphertext { a: *a, b })
        };
        let slots = manifest.mixed_slots(cell.contest).unwrap();
        MixedCell { cell: place, slots, rows: ballots.iter().filter_map(row).collect() }
    };
    mixed.map(rows).collect()
}
