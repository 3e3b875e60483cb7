//! A second prover of the shuffle, from the specification, which does not check that its statement is true.
#![allow(non_snake_case)]

use crate::forge;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::ChaCha20Rng;
use sha3::{Digest, Sha3_512};
use tabella::{
    ballot::Election,
    board::Refusal,
    codec::Encode,
    crypto::{
        ProofCheck,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Proof, ShuffleError},
        signature::AuthorSecret,
        transcript::label,
    },
    keys::Ceremony,
    tally::MixError,
};

/// A row under these keys, re-encrypted with `r`.
pub fn re_encrypt(key: &[Element], row: &Ciphertext, r: &Scalar) -> Ciphertext {
    let shift = |point: &Element, key: &Element| Element::new(point.point() + r * key.point());
    let b = row.b.iter().zip(key).map(|(b, key)| shift(b, key).unwrap()).collect();
    Ciphertext { a: shift(&row.a, &Element::BASE).unwrap(), b }
}

pub fn scalars(n: usize, rng: &mut ChaCha20Rng) -> Vec<Scalar> {
    (0..n).map(|_| Scalar::random(rng)).collect()
}

/// The statement and context of a mix.
#[derive(Clone)]
pub struct Task<'a> {
    pub election: &'a Election,
    pub ceremony: &'a Ceremony,
    pub tally: [u8; 32],
    pub author: &'a AuthorSecret,
    pub trustee: u16,
    pub cell: u32,
    pub position: u16,
    pub key: &'a [Element],
    pub inputs: Vec<Ciphertext>,
}

/// What a mixer does: the input and re-encryption of each output, and the rows that it publishes.
#[derive(Clone)]
pub struct Deed {
    pub sources: Vec<usize>,
    pub shifts: Vec<Scalar>,
    pub outputs: Vec<Ciphertext>,
}

fn point(name: &str, index: u64) -> RistrettoPoint {
    let mut hash = Sha3_512::new();
    hash.update(b"tabella/v1 generator");
    hash.update([name.len() as u8]);
    hash.update(name.as_bytes());
    hash.update(index.to_be_bytes());
    RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
}

fn base(scalar: &Scalar) -> RistrettoPoint {
    RistrettoPoint::mul_base(scalar)
}

fn bytes(point: &RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

fn list<'b>(
    transcript: &mut merlin::Transcript,
    label: &'static [u8],
    items: impl ExactSizeIterator<Item = &'b [u8]>,
) {
    transcript.append_u64(b"count", items.len() as u64);
    items.for_each(|item| transcript.append_message(label, item));
}

fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut bytes = [0; 64];
    transcript.challenge_bytes(label, &mut bytes);
    Scalar::from_bytes_mod_order_wide(&bytes)
}

impl Task<'_> {
    /// What an honest mixer does.
    pub fn honest(&self, rng: &mut ChaCha20Rng) -> Deed {
        let n = self.inputs.len();
        self.deed((0..n).map(|i| (i + 1) % n).collect(), scalars(n, rng))
    }

    /// Re-encryptions of these inputs.
    pub fn deed(&self, sources: Vec<usize>, shifts: Vec<Scalar>) -> Deed {
        let outputs = sources.iter().zip(&shifts);
        let outputs = outputs.map(|(i, r)| re_encrypt(self.key, &self.inputs[*i], r)).collect();
        Deed { sources, shifts, outputs }
    }

    fn transcript(&self) -> merlin::Transcript {
        let Self { election, ceremony, tally, author, trustee, cell, position, .. } = self;
        let mut transcript = merlin::Transcript::new(b"election");
        transcript.append_message(b"protocol", b"tabella/v1");
        transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
        transcript.append_message(b"manifest", election.manifest().hash().as_bytes());
        transcript.append_message(b"ceremony", election.ceremony_hash());
        let keys = election.slot_keys().iter();
        list(&mut transcript, b"Y", keys.map(|key| &key.as_bytes()[..]));
        transcript.append_message(b"proof", label::MIX);
        transcript.append_message(b"keys", ceremony.hash());
        transcript.append_message(b"tally", tally);
        transcript.append_u64(b"trustee", (*trustee).into());
        transcript.append_message(b"C", author.public().element().as_bytes());
        transcript.append_u64(b"cell", (*cell).into());
        transcript.append_u64(b"position", (*position).into());
        list(&mut transcript, b"Y", self.key.iter().map(|key| &key.as_bytes()[..]));
        self.rows(&mut transcript, b"in", &self.inputs.to_bytes());
        transcript
    }

    /// The count is that of rows, not of elements.
    fn rows(&self, transcript: &mut merlin::Transcript, label: &'static [u8], rows: &[u8]) {
        transcript.append_u64(b"count", self.inputs.len() as u64);
        rows.chunks(32).for_each(|element| transcript.append_message(label, element));
    }

    /// Steps 1 to 7 of a shuffle from the specification, whatever the outputs are.
    pub fn prove(&self, deed: &Deed, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let Deed { sources, shifts, outputs } = deed;
        let n = self.inputs.len();
        let h0 = point("M0", 0);
        let h: Vec<_> = (0..n).map(|i| point("M", i as u64)).collect();
        let mut transcript = self.transcript();
        self.rows(&mut transcript, b"out", &outputs.to_bytes());

        let rho = scalars(n, rng);
        let mut c: Vec<_> = rho.iter().map(base).collect();
        sources.iter().zip(&h).for_each(|(source, h)| c[*source] += h);
        let c: Vec<_> = c.iter().map(bytes).collect();
        list(&mut transcript, b"c", c.iter().map(|c| &c[..]));
        let mut wide = vec![0; 64 * n];
        transcript.challenge_bytes(b"u", &mut wide);
        let wide = wide.chunks(64).map(|wide| <[u8; 64]>::try_from(wide).unwrap());
        let u: Vec<_> = wide.map(|wide| Scalar::from_bytes_mod_order_wide(&wide)).collect();
        let u2: Vec<_> = sources.iter().map(|source| u[*source]).collect();

        let r_hat = scalars(n, rng);
        let mut chain = vec![(Scalar::ZERO, Scalar::ONE)];
        for (r, u) in r_hat.iter().zip(&u2) {
            let (varrho, theta) = chain[chain.len() - 1];
            chain.push((r + u * varrho, u * theta));
        }
        let c_hat = chain[1..].iter().map(|(varrho, theta)| base(varrho) + theta * h0);
        let c_hat: Vec<_> = c_hat.map(|point| bytes(&point)).collect();
        list(&mut transcript, b"chain", c_hat.iter().map(|c| &c[..]));
        let zeta = challenge(&mut transcript, b"zeta");
        let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(power * zeta));
        let powers: Vec<Scalar> = powers.take(n).collect();

        let (omega, omega2) = (scalars(5, rng), scalars(n, rng));
        let sum = |points: Vec<RistrettoPoint>| -> RistrettoPoint {
            omega2.iter().zip(points).map(|(omega, point)| omega * point).sum()
        };
        let column = |l: usize| {
            let points = outputs.iter().map(|row| if l == 0 { &row.a } else { &row.b[l - 1] });
            sum(points.map(|element| *element.point()).collect())
        };
        let keys = [Element::BASE].into_iter().chain(self.key.iter().copied());
        let t4 = keys.enumerate().map(|(l, key)| column(l) - omega[3] * key.point());
        let links = powers.iter().zip(&omega2).zip(&chain);
        let t5: RistrettoPoint = links
            .map(|((power, omega), (varrho, theta))| {
                base(&(power * omega * varrho)) + power * omega * theta * h0
            })
            .sum();
        let mut t = vec![base(&omega[0]), base(&omega[1]), base(&omega[2]) + sum(h)];
        t.extend(t4);
        t.push(base(&omega[4]) + t5);
        let t: Vec<_> = t.iter().map(bytes).collect();
        announce(&mut transcript, &t);
        let x = challenge(&mut transcript, b"x");

        let dot =
            |a: &[Scalar], b: &[Scalar]| -> Scalar { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut s = vec![
            omega[0] + x * rho.iter().sum::<Scalar>(),
            omega[1] + x * chain[n].0,
            omega[2] + x * dot(&u, &rho),
            omega[3] + x * dot(&u2, shifts),
            omega[4] + x * dot(&powers, &r_hat),
        ];
        s.extend(omega2.iter().zip(&u2).map(|(omega, u)| omega + x * u));
        let s: Vec<_> = s.iter().map(Scalar::to_bytes).collect();
        [c, c_hat, t, s].concat().concat()
    }

    /// The transcript up to this point of rows and proof, or up to the first item that cannot be read.
    pub fn absorbed(&self, rows: &[u8], proof: &[u8], until: Until) -> merlin::Transcript {
        let (n, w) = (self.inputs.len(), self.key.len());
        assert_eq!(proof.len(), Proof::size(n, w));
        let items: Vec<&[u8]> = proof.chunks(32).collect();
        let (c, rest) = items.split_at(n);
        let (c_hat, rest) = rest.split_at(n);
        let (t, rest) = rest.split_at(w + 5);
        let (s, s2) = rest.split_at(5);
        let mut transcript = self.transcript();
        self.rows(&mut transcript, b"out", rows);
        list(&mut transcript, b"c", c.iter().copied());
        transcript.challenge_bytes(b"u", &mut vec![0; 64 * n]);
        list(&mut transcript, b"chain", c_hat.iter().copied());
        challenge(&mut transcript, b"zeta");
        if until == Until::Announcements {
            return transcript;
        }
        announce(&mut transcript, t);
        challenge(&mut transcript, b"x");
        if until == Until::Answers {
            return transcript;
        }
        list(&mut transcript, b"s", s.iter().copied());
        match until {
            Until::LastAnswer => {
                transcript.append_u64(b"count", n as u64);
                s2[..n - 1].iter().for_each(|s| transcript.append_message(b"s'", s));
            }
            _ => list(&mut transcript, b"s'", s2.iter().copied()),
        }
        transcript
    }

    /// The content of a mix with these rows and this proof, signed up to this point.
    pub fn signed(
        &self,
        rows: &[u8],
        proof: &[u8],
        until: Until,
        rng: &mut ChaCha20Rng,
    ) -> Vec<u8> {
        let mut transcript = self.absorbed(rows, proof, until);
        let key = self.author.public().element();
        transcript.append_message(b"linear", b"BOARD.AUTHOR");
        transcript.append_u64(b"secrets", 1);
        transcript.append_u64(b"count", 1);
        transcript.append_message(b"P", key.as_bytes());
        transcript.append_u64(b"count", 1);
        transcript.append_u64(b"j", 0);
        transcript.append_message(b"B", Element::BASE.as_bytes());
        let nonce = Scalar::random(rng);
        let announcement = bytes(&base(&nonce));
        list(&mut transcript, b"R", [&announcement[..]].into_iter());
        let answer = nonce + challenge(&mut transcript, b"x") * forge::author_scalar(self.author);
        [&self.header()[..], rows, proof, &announcement, &answer.to_bytes()].concat()
    }

    pub fn header(&self) -> Vec<u8> {
        let mut content = self.trustee.to_be_bytes().to_vec();
        content.extend_from_slice(&self.cell.to_be_bytes());
        content.extend_from_slice(&self.position.to_be_bytes());
        content
    }

    /// The mix of a mixer who does this, proven and signed.
    pub fn done(&self, deed: &Deed, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let proof = self.prove(deed, rng);
        self.signed(&deed.outputs.to_bytes(), &proof, Until::End, rng)
    }

    /// The refusal of a mix of this trustee and cell.
    pub fn refusal(&self, error: MixError) -> Refusal {
        Refusal::Mix { trustee: self.trustee, cell: self.cell as usize, error }
    }
}

fn announce(transcript: &mut merlin::Transcript, t: &[impl AsRef<[u8]>]) {
    let [t1, t2, t3, t4 @ .., t5] = t else { panic!("too few announcements") };
    transcript.append_message(b"t1", t1.as_ref());
    transcript.append_message(b"t2", t2.as_ref());
    transcript.append_message(b"t3", t3.as_ref());
    list(transcript, b"t4", t4.iter().map(AsRef::as_ref));
    transcript.append_message(b"t5", t5.as_ref());
}

/// How much of a mix the signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Everything before the announcements.
    Announcements,
    /// Everything before the responses.
    Answers,
    /// Everything but the last response.
    LastAnswer,
    /// Everything.
    End,
}

/// The error for a proof that fails this equation.
pub fn invalid(tag: &'static str) -> ShuffleError {
    ShuffleError::Invalid(ProofCheck::Equation(tag))
}

/// A row unrelated to any ballot.
pub fn foreign_row(task: &Task<'_>, rng: &mut ChaCha20Rng) -> Ciphertext {
    let values = scalars(task.key.len(), rng);
    Ciphertext::encrypt(task.key, &values, &Scalar::random(rng)).unwrap()
}

/// A signed mix in which a row was replaced.
pub fn with_a_row_replaced(task: &Task<'_>, rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut deed = task.honest(rng);
    deed.outputs[1] = foreign_row(task, rng);
    task.done(&deed, rng)
}
