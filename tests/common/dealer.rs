//! A dealer written a second time, from `docs/spec/keys.md` on merlin alone, which can be made to cheat.
//!
//! All its parts are open to change until [`Dealer::bytes`] proves knowledge of what it then holds.
#![allow(dead_code, non_snake_case)]

use crate::common::{World, rng};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand_chacha::ChaCha20Rng;
use std::ops::Range;
use tabella::{
    author::AuthorSecret,
    codec::Reader,
    error::DecodeError,
    group::Element,
    keys::{Deal, KeyError, Trustee},
    manifest::{Contest, Manifest},
};

#[derive(Clone)]
pub struct Dealer {
    pub manifest: Manifest,
    pub number: u16,
    /// The registered secret.
    pub c: Scalar,
    pub u: Scalar,
    /// `a_{ke}`
    pub a: Vec<Vec<Scalar>>,
    /// `F_{ke}`
    pub F: Vec<Vec<Element>>,
    pub U: Element,
    pub shares: Vec<Vec<u8>>,
}

pub fn image(secret: &Scalar) -> Element {
    Element::from_secret(secret).unwrap()
}

/// ChaCha20-Poly1305.
pub fn seal(key: &[u8; 32], nonce: [u8; 12], data: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: data };
    ChaCha20Poly1305::new(key.into()).encrypt(&nonce.into(), payload).unwrap()
}

impl Dealer {
    /// An honest dealer.
    pub fn new(manifest: &Manifest, number: u16, c: Scalar, rng: &mut ChaCha20Rng) -> Self {
        let t = manifest.threshold();
        let polynomial = |_| (0..t).map(|_| Scalar::random(rng)).collect();
        let a: Vec<Vec<Scalar>> = (0..manifest.slots()).map(polynomial).collect();
        Self::of(manifest, number, c, a, Scalar::random(rng))
    }

    /// A dealer of these polynomials.
    pub fn of(manifest: &Manifest, number: u16, c: Scalar, a: Vec<Vec<Scalar>>, u: Scalar) -> Self {
        let F = a.iter().map(|a| a.iter().map(image).collect()).collect();
        let manifest = manifest.clone();
        let mut new = Self { manifest, number, c, u, a, F, U: image(&u), shares: Vec::new() };
        let trustees = 1..=new.manifest.trustees().len() as u16;
        new.shares = trustees.map(|j| new.encrypt(j, &new.plain(j))).collect();
        new
    }

    /// `s_{jk} = Σₑ jᵉa_{ke}` of all slots, for trustee `j`.
    pub fn plain(&self, j: u16) -> Vec<u8> {
        let value = |a: &Vec<Scalar>| {
            let mut power = Scalar::ONE;
            let mut sum = Scalar::ZERO;
            for a in a {
                sum += power * a;
                power *= Scalar::from(j);
            }
            sum.to_bytes()
        };
        self.a.iter().flat_map(value).collect()
    }

    /// What trustee `j` can decrypt.
    pub fn encrypt(&self, j: u16, plain: &[u8]) -> Vec<u8> {
        let key = self.key(j);
        let data = self.data(self.number, j);
        seal(&key, [0; 12], &data, plain)
    }

    /// The associated data of a share from `i` to `j`.
    pub fn data(&self, i: u16, j: u16) -> Vec<u8> {
        [&self.manifest.hash().as_bytes()[..], &i.to_be_bytes(), &j.to_be_bytes()].concat()
    }

    /// The key of trustee `j`'s share.
    pub fn key(&self, j: u16) -> [u8; 32] {
        let C = self.manifest.trustees()[usize::from(j) - 1].key.element();
        let mut transcript = self.ceremony();
        transcript.append_message(b"proof", b"share key");
        transcript.append_u64(b"dealer", self.number.into());
        transcript.append_u64(b"recipient", j.into());
        transcript.append_message(b"U", self.U.as_bytes());
        transcript.append_message(b"C", C.as_bytes());
        transcript.append_message(b"shared", (self.u * C.point()).compress().as_bytes());
        let mut key = [0; 32];
        transcript.challenge_bytes(b"key", &mut key);
        key
    }

    fn ceremony(&self) -> Transcript {
        let mut transcript = Transcript::new(b"ceremony");
        transcript.append_message(b"protocol", b"tabella/v1");
        transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
        transcript.append_message(b"manifest", self.manifest.hash().as_bytes());
        transcript.append_u64(b"epoch", 0);
        transcript.append_u64(b"n", self.manifest.trustees().len() as u64);
        transcript.append_u64(b"t", self.manifest.threshold().into());
        transcript.append_u64(b"count", self.manifest.trustees().len() as u64);
        for trustee in self.manifest.trustees() {
            transcript.append_message(b"C", trustee.key.element().as_bytes());
        }
        transcript
    }

    /// The deal's bytes, with a proof of `c`, `u` and `a_{k0}`, whether they fit or not.
    pub fn bytes(&self, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let mut transcript = self.ceremony();
        transcript.append_message(b"proof", b"deal");
        transcript.append_u64(b"dealer", self.number.into());
        transcript.append_u64(b"count", self.F.len() as u64);
        for F in &self.F {
            transcript.append_u64(b"count", F.len() as u64);
            F.iter().for_each(|F| transcript.append_message(b"F", F.as_bytes()));
        }
        transcript.append_message(b"U", self.U.as_bytes());
        transcript.append_u64(b"count", self.shares.len() as u64);
        self.shares.iter().for_each(|share| transcript.append_message(b"share", share));

        let C = self.manifest.trustees()[usize::from(self.number) - 1].key.element();
        let images: Vec<_> = [*C, self.U].into_iter().chain(self.F.iter().map(|F| F[0])).collect();
        let secrets = [self.c, self.u].into_iter().chain(self.a.iter().map(|a| a[0]));
        transcript.append_message(b"linear", b"KEY.DEAL");
        transcript.append_u64(b"secrets", images.len() as u64);
        transcript.append_u64(b"count", images.len() as u64);
        for (j, P) in images.iter().enumerate() {
            transcript.append_message(b"P", P.as_bytes());
            transcript.append_u64(b"count", 1);
            transcript.append_u64(b"j", j as u64);
            transcript.append_message(b"B", Element::BASE.as_bytes());
        }
        let q: Vec<_> = images.iter().map(|_| Scalar::random(rng)).collect();
        let R: Vec<_> = q.iter().map(image).collect();
        transcript.append_u64(b"count", R.len() as u64);
        R.iter().for_each(|R| transcript.append_message(b"R", R.as_bytes()));
        let mut x = [0; 64];
        transcript.challenge_bytes(b"x", &mut x);
        let x = Scalar::from_bytes_mod_order_wide(&x);

        let mut out = self.number.to_be_bytes().to_vec();
        self.F.iter().flatten().for_each(|F| out.extend(F.as_bytes()));
        out.extend(self.U.as_bytes());
        self.shares.iter().for_each(|share| out.extend(share));
        R.iter().for_each(|R| out.extend(R.as_bytes()));
        q.iter().zip(secrets).for_each(|(q, w)| out.extend((q + x * w).as_bytes()));
        out
    }

    /// The deal, if its bytes can be read.
    pub fn deal(&self, rng: &mut ChaCha20Rng) -> Deal {
        read_deal(&self.manifest, &self.bytes(rng)).unwrap()
    }
}

/// A ceremony of `n` trustees, any `t` of whom open, for so many slots.
pub fn world(seed: u8, n: usize, t: u16, slots: usize) -> World {
    let options = (0..slots).map(|k| k.to_string());
    World::new(seed, (n, t), &[], |builder| builder.contest(Contest::choose_one("a", options)))
}

/// The trustees' registered secrets, which the library does not show: they are what [`World::new`] draws first.
pub fn registered(seed: u8, world: &World) -> Vec<Scalar> {
    let mut rng = rng(seed);
    let mut draw = || {
        let secret = Scalar::random(&mut rng.clone());
        AuthorSecret::random(&mut rng).unwrap();
        secret
    };
    draw();
    let secrets: Vec<_> = world.secrets.iter().map(|_| draw()).collect();
    for (scalar, secret) in secrets.iter().zip(&world.secrets) {
        assert_eq!(&image(scalar), secret.public().element());
    }
    secrets
}

pub fn receive(world: &World, deals: &[Deal], number: u16) -> Result<Trustee, KeyError> {
    let secret = &world.secrets[usize::from(number) - 1];
    Trustee::receive(&world.manifest, number, secret, deals, &mut rng(0))
}

/// Reads a deal that takes up all of these bytes.
pub fn read_deal(manifest: &Manifest, bytes: &[u8]) -> Result<Deal, DecodeError> {
    let mut reader = Reader::new(bytes);
    let deal = Deal::decode(&mut reader, manifest)?;
    reader.finish().map(|()| deal)
}

/// Where each part of a deal's bytes stands, after its number.
pub struct Parts {
    /// For each slot its coefficients.
    pub F: Vec<Vec<Range<usize>>>,
    pub U: Range<usize>,
    pub shares: Vec<Range<usize>>,
    pub R: Vec<Range<usize>>,
    pub z: Vec<Range<usize>>,
}

impl Parts {
    pub fn of(manifest: &Manifest) -> Self {
        let (S, n) = (manifest.slots(), manifest.trustees().len());
        let mut end = 2;
        let mut next = |length: usize| {
            end += length;
            end - length..end
        };
        let coefficients = 0..manifest.threshold();
        Self {
            F: (0..S).map(|_| coefficients.clone().map(|_| next(32)).collect()).collect(),
            U: next(32),
            shares: (0..n).map(|_| next(32 * S + 16)).collect(),
            R: (0..2 + S).map(|_| next(32)).collect(),
            z: (0..2 + S).map(|_| next(32)).collect(),
        }
    }

    pub fn all(&self) -> Vec<Range<usize>> {
        let Self { F, U, shares, R, z } = self;
        let lists = F.iter().flatten().chain([U]).chain(shares).chain(R).chain(z);
        lists.cloned().collect()
    }
}

/// The value at 0 of the polynomial in the exponent that goes through these points.
pub fn interpolate(points: &[(u16, RistrettoPoint)]) -> RistrettoPoint {
    let mut sum = RistrettoPoint::default();
    for (j, point) in points {
        let mut lambda = Scalar::ONE;
        for (i, _) in points.iter().filter(|(i, _)| i != j) {
            let [i, j] = [i, j].map(|x| Scalar::from(*x));
            lambda *= i * (i - j).invert();
        }
        sum += lambda * point;
    }
    sum
}

/// The same scalar, written as an integer above the group order.
pub fn plus_order(scalar: [u8; 32]) -> [u8; 32] {
    let mut carry = 1u16;
    // ℓ = (−1) + 1
    let sums = scalar.iter().zip((-Scalar::ONE).to_bytes()).map(|(a, b)| {
        let sum = u16::from(*a) + u16::from(b) + carry;
        carry = sum >> 8;
        sum as u8
    });
    sums.collect::<Vec<_>>().try_into().unwrap()
}
