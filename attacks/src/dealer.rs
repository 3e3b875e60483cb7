//! A second implementation of a ceremony's parties, from `docs/spec/keys.md` on merlin alone, which can cheat.
//!
//! All parts of a dealer can be changed until [`Dealer::bytes`] proves knowledge of them.
#![allow(non_snake_case)]

use crate::{World, forge::promise, read, rng};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand_chacha::ChaCha20Rng;
use std::{collections::BTreeSet, ops::Range};
use tabella::{
    board::Board,
    codec::{Encode, Reader},
    contest::Contest,
    crypto::{group::Element, signature::AuthorSecret},
    keys::{AtRest, Commit, Complaint, Deal, KeyError, Observer, Recipient, Setup, Trustee},
    manifest::Group,
    tally::DecryptionShare,
};

#[derive(Clone)]
pub struct Dealer {
    pub setup: Setup,
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

/// The plaintext of [`seal`].
pub fn unseal(key: &[u8; 32], data: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: sealed, aad: data };
    ChaCha20Poly1305::new(key.into()).decrypt(&[0; 12].into(), payload).ok()
}

/// The key of a share from `i` to `j`, for those who know `K = uCⱼ = cⱼU`.
pub fn share_key(setup: &Setup, (i, j): (u16, u16), U: &Element, K: &RistrettoPoint) -> [u8; 32] {
    let mut transcript = context(setup);
    transcript.append_message(b"proof", b"share key");
    transcript.append_u64(b"dealer", i.into());
    transcript.append_u64(b"recipient", j.into());
    transcript.append_message(b"U", U.as_bytes());
    transcript.append_message(b"C", setup.member(j).unwrap().element().as_bytes());
    transcript.append_message(b"shared", K.compress().as_bytes());
    let mut key = [0; 32];
    transcript.challenge_bytes(b"key", &mut key);
    key
}

/// The associated data of a share from `i` to `j`.
pub fn associated_data(setup: &Setup, i: u16, j: u16) -> Vec<u8> {
    let (manifest, epoch) = (setup.manifest(), setup.epoch().to_be_bytes());
    [&manifest.as_bytes()[..], &epoch, &i.to_be_bytes(), &j.to_be_bytes()].concat()
}

/// The context of all messages of a ceremony.
pub fn context(setup: &Setup) -> Transcript {
    let mut transcript = Transcript::new(b"ceremony");
    transcript.append_message(b"protocol", b"tabella/v1");
    transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
    transcript.append_message(b"manifest", setup.manifest().as_bytes());
    transcript.append_u64(b"epoch", setup.epoch().into());
    for (group, members) in setup.groups().split(setup.members()) {
        transcript.append_u64(b"n", members.len() as u64);
        transcript.append_u64(b"t", group.threshold.into());
        transcript.append_u64(b"count", members.len() as u64);
        for member in members {
            transcript.append_message(b"C", member.key.element().as_bytes());
        }
    }
    if let Some(previous) = setup.previous() {
        transcript.append_message(b"previous", previous.hash());
    }
    transcript
}

/// A proof of one secret for each equation `image = secret·base`, true or not: announcements, responses.
/// The same number in two equations is the same secret.
pub fn prove(
    transcript: &mut Transcript,
    tag: &'static [u8],
    equations: &[(Element, usize, Element)],
    secrets: &[Scalar],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    transcript.append_message(b"linear", tag);
    transcript.append_u64(b"secrets", secrets.len() as u64);
    transcript.append_u64(b"count", equations.len() as u64);
    for (P, j, B) in equations {
        transcript.append_message(b"P", P.as_bytes());
        transcript.append_u64(b"count", 1);
        transcript.append_u64(b"j", *j as u64);
        transcript.append_message(b"B", B.as_bytes());
    }
    let q: Vec<_> = secrets.iter().map(|_| Scalar::random(rng)).collect();
    let announce = |(_, j, B): &(_, usize, Element)| Element::new(q[*j] * B.point()).unwrap();
    let R: Vec<_> = equations.iter().map(announce).collect();
    transcript.append_u64(b"count", R.len() as u64);
    R.iter().for_each(|R| transcript.append_message(b"R", R.as_bytes()));
    let mut x = [0; 64];
    transcript.challenge_bytes(b"x", &mut x);
    let x = Scalar::from_bytes_mod_order_wide(&x);
    let z = q.iter().zip(secrets).map(|(q, w)| (q + x * w).to_bytes());
    R.iter().map(|R| *R.as_bytes()).chain(z).flatten().collect()
}

/// A commit to the deal with these bytes, whatever they are.
pub fn commit(setup: &Setup, dealer: u16, c: &Scalar, deal: &[u8]) -> Commit {
    let hash = promise(setup, deal);
    let mut transcript = context(setup);
    transcript.append_message(b"proof", b"commit");
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_message(b"deal", &hash);
    let equation = (image(c), 0, Element::BASE);
    let signature = prove(&mut transcript, b"BOARD.AUTHOR", &[equation], &[*c], &mut rng(200));
    read(&[&dealer.to_be_bytes()[..], &hash, &signature].concat())
}

/// The group to whose members this dealer deals.
pub fn dealt_to(setup: &Setup, dealer: u16) -> &Group {
    let dealers = setup.previous().map_or(setup.groups(), |previous| previous.groups());
    &setup.groups()[dealers.place_of(dealer).unwrap()]
}

/// A complaint with the statement that `K` opens this member's share, which is true only for `K = cU`.
pub fn complaint(
    setup: &Setup,
    complainer: u16,
    c: &Scalar,
    deal: &[u8],
    K: Option<Element>,
) -> Complaint {
    let dealer = u16::from_be_bytes([deal[0], deal[1]]);
    let U = element(deal, &Parts::of_group(setup, dealt_to(setup, dealer)).U);
    let K = K.unwrap_or_else(|| Element::new(c * U.point()).unwrap());
    let mut transcript = context(setup);
    transcript.append_message(b"proof", b"complaint");
    transcript.append_u64(b"complainer", complainer.into());
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_message(b"deal", &promise(setup, deal));
    let equations = [(image(c), 0, Element::BASE), (K, 0, U)];
    let proof = prove(&mut transcript, b"KEY.COMPLAINT", &equations, &[*c], &mut rng(201));
    read(&[&complainer.to_be_bytes()[..], &deal[..2], K.as_bytes(), &proof].concat())
}

/// The element in this part of the bytes.
pub fn element(bytes: &[u8], part: &Range<usize>) -> Element {
    Element::from_canonical(bytes[part.clone()].try_into().unwrap()).unwrap()
}

impl Dealer {
    /// An honest dealer in the first ceremony.
    pub fn new(setup: &Setup, number: u16, c: Scalar, rng: &mut ChaCha20Rng) -> Self {
        Self::for_group(setup, number, c, dealt_to(setup, number), rng)
    }

    /// One that deals to the members of this group, whatever its own one is.
    pub fn for_group(
        setup: &Setup,
        number: u16,
        c: Scalar,
        group: &Group,
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let polynomial = |_| (0..group.threshold).map(|_| Scalar::random(rng)).collect();
        let a: Vec<Vec<Scalar>> = (0..setup.slots()).map(polynomial).collect();
        let mut new = Self::of(setup, number, c, a, Scalar::random(rng));
        new.shares = group.numbers().map(|j| new.encrypt(j, &new.plain(j))).collect();
        new
    }

    /// An honest dealer in a resharing.
    pub fn reshare(setup: &Setup, trustee: &Trustee, rng: &mut ChaCha20Rng) -> Self {
        let (c, shares) = exposed(trustee);
        let Self { mut a, u, .. } = Self::new(setup, trustee.number(), c, rng);
        a.iter_mut().zip(shares).for_each(|(a, share)| a[0] = share);
        Self::of(setup, trustee.number(), c, a, u)
    }

    /// A dealer with these polynomials.
    pub fn of(setup: &Setup, number: u16, c: Scalar, a: Vec<Vec<Scalar>>, u: Scalar) -> Self {
        let F = a.iter().map(|a| a.iter().map(image).collect()).collect();
        let setup = setup.clone();
        let mut new = Self { setup, number, c, u, a, F, U: image(&u), shares: Vec::new() };
        let members = dealt_to(&new.setup, number).numbers();
        new.shares = members.map(|j| new.encrypt(j, &new.plain(j))).collect();
        new
    }

    /// `s_{jk} = Σₑ jᵉa_{ke}` of all slots, for member `j`.
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

    /// The encrypted share of member `j`.
    pub fn encrypt(&self, j: u16, plain: &[u8]) -> Vec<u8> {
        let key = self.key(j);
        let data = self.data(self.number, j);
        seal(&key, [0; 12], &data, plain)
    }

    /// The associated data of a share from `i` to `j`.
    pub fn data(&self, i: u16, j: u16) -> Vec<u8> {
        associated_data(&self.setup, i, j)
    }

    /// The key of member `j`'s share.
    pub fn key(&self, j: u16) -> [u8; 32] {
        let C = self.setup.member(j).unwrap().element();
        share_key(&self.setup, (self.number, j), &self.U, &(self.u * C.point()))
    }

    /// The deal's bytes, with a proof of `c`, `u` and `a_{k0}`, true or not.
    pub fn bytes(&self, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let mut transcript = context(&self.setup);
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

        let C = self.setup.dealer(self.number).unwrap().element();
        let images = [*C, self.U].into_iter().chain(self.F.iter().map(|F| F[0]));
        let equations: Vec<_> = images.enumerate().map(|(j, P)| (P, j, Element::BASE)).collect();
        let constants = self.a.iter().map(|a| a[0]);
        let secrets: Vec<_> = [self.c, self.u].into_iter().chain(constants).collect();
        let resharing = self.setup.previous().is_some();
        let tag: &[u8] = if resharing { b"KEY.RESHARE" } else { b"KEY.DEAL" };
        let proof = prove(&mut transcript, tag, &equations, &secrets, rng);

        let mut out = self.number.to_be_bytes().to_vec();
        self.F.iter().flatten().for_each(|F| out.extend(F.as_bytes()));
        out.extend(self.U.as_bytes());
        self.shares.iter().for_each(|share| out.extend(share));
        out.extend(proof);
        out
    }

    /// The deal, if its bytes can be read.
    pub fn deal(&self, rng: &mut ChaCha20Rng) -> Deal {
        Deal::from_bytes(&self.bytes(rng), &self.setup).unwrap()
    }

    /// The commitment to a deal.
    pub fn commit(&self, deal: &[u8]) -> Commit {
        commit(&self.setup, self.number, &self.c, deal)
    }
}

/// A ceremony of `n` trustees, any `t` of whom can open, for this many slots.
pub fn world(seed: u8, n: usize, t: u16, slots: usize) -> World {
    let options = (0..slots).map(|k| k.to_string());
    World::new(seed, (n, t), &[], |builder| builder.contest(Contest::choose_one("a", options)))
}

/// The registered secrets of these people.
pub fn registered(secrets: &[AuthorSecret]) -> Vec<Scalar> {
    let scalar = |bytes: &[u8]| Scalar::from_canonical_bytes(bytes[..32].try_into().unwrap());
    let secrets = secrets.iter().map(|secret| (scalar(&secret.expose_bytes()).unwrap(), secret));
    let check = |(scalar, secret): (Scalar, &AuthorSecret)| {
        assert_eq!(&image(&scalar), secret.public().element());
        scalar
    };
    secrets.map(check).collect()
}

/// A trustee's registered secret and its shares of all slots.
pub fn exposed(trustee: &Trustee) -> (Scalar, Vec<Scalar>) {
    let bytes = trustee.expose_bytes();
    let scalar =
        |at: usize| Scalar::from_canonical_bytes(bytes[at..at + 32].try_into().unwrap()).unwrap();
    let slots = trustee.ceremony().setup().slots();
    (scalar(34), (0..slots).map(|slot| scalar(34 + 128 + 32 * slot)).collect())
}

/// A ceremony in its round of complaints, after these deals and their commits.
pub fn dealt(setup: &Setup, deals: &[(Commit, Vec<u8>)]) -> Observer {
    let mut observer = Observer::new(setup.clone());
    for (commit, _) in deals {
        observer.take_commit(commit.clone(), &mut rng(202)).unwrap();
    }
    observer.close_round().unwrap();
    for (commit, deal) in deals {
        assert_eq!(observer.take_deal(commit.dealer(), deal, &mut rng(203)), Ok(None));
    }
    observer.close_round().unwrap();
    observer
}

/// The messages of a world's ceremony without faults.
pub fn messages(world: &World) -> Vec<(Commit, Vec<u8>)> {
    let deals = world.ceremony.deals.iter().map(Encode::to_bytes);
    world.ceremony.commits.iter().cloned().zip(deals).collect()
}

/// The share of the member with this number in a ceremony whose complaints are decided.
pub fn receive(
    observer: &Observer,
    number: u16,
    secrets: &[AuthorSecret],
) -> Result<Trustee, KeyError> {
    let secret = &secrets[usize::from(number) - 1];
    Recipient::new(observer.setup(), number, secret)?.finish(observer)
}

/// The ranges of the parts of a deal's bytes, after its number.
pub struct Parts {
    /// For each slot its coefficients.
    pub F: Vec<Vec<Range<usize>>>,
    pub U: Range<usize>,
    pub shares: Vec<Range<usize>>,
    pub R: Vec<Range<usize>>,
    pub z: Vec<Range<usize>>,
}

impl Parts {
    pub fn of(setup: &Setup) -> Self {
        Self::of_group(setup, &setup.groups()[0])
    }

    /// Those of a deal to this group.
    pub fn of_group(setup: &Setup, group: &Group) -> Self {
        let (S, n) = (setup.slots(), group.members.len());
        let mut end = 2;
        let mut next = |length: usize| {
            end += length;
            end - length..end
        };
        let coefficients = 0..group.threshold;
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

/// The value at 0 of the polynomial in the exponent through these points.
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

/// The same scalar, encoded as an integer above the group order.
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

/// A share in which the factor at this place is wrong, but which its trustee signed; made from the specification on merlin
/// alone.
pub fn wrong_share(
    board: &Board,
    trustee: &Trustee,
    place: usize,
    rng: &mut ChaCha20Rng,
) -> DecryptionShare {
    let (state, tally) = (board.state(), board.state().tally().unwrap());
    let (election, ceremony) = (state.election().unwrap(), state.ceremony().unwrap());
    let right = trustee.expose_factors(election, tally, rng).unwrap().to_bytes();
    let factor = |i: usize| element(&right, &(2 + 32 * i..34 + 32 * i));
    let mut P: Vec<Element> = (0..tally.opened().len()).map(factor).collect();
    P[place] = Element::new(P[place].point() + P[place].point()).unwrap();

    let list = |transcript: &mut Transcript, label: &'static [u8], elements: &[Element]| {
        transcript.append_u64(b"count", elements.len() as u64);
        elements.iter().for_each(|e| transcript.append_message(label, e.as_bytes()));
    };
    let challenge = |transcript: &mut Transcript, label: &'static [u8]| {
        let mut bytes = [0; 64];
        transcript.challenge_bytes(label, &mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    };
    let mut transcript = Transcript::new(b"election");
    transcript.append_message(b"protocol", b"tabella/v1");
    transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
    transcript.append_message(b"manifest", election.manifest().hash().as_bytes());
    transcript.append_message(b"ceremony", election.ceremony_hash());
    list(&mut transcript, b"Y", election.slot_keys());
    let setup = ceremony.setup();
    transcript.append_u64(b"epoch", setup.epoch().into());
    for group in setup.groups().iter() {
        transcript.append_u64(b"n", group.members.len() as u64);
        transcript.append_u64(b"t", group.threshold.into());
        for number in group.numbers() {
            list(&mut transcript, b"Yj", ceremony.verification_keys(number).unwrap_or_default());
        }
    }
    transcript.append_message(b"proof", b"decryption");
    transcript.append_u64(b"trustee", trustee.number().into());
    transcript.append_message(b"C", setup.member(trustee.number()).unwrap().element().as_bytes());
    transcript.append_message(b"tally", &tally.to_bytes());
    list(&mut transcript, b"P", &P);
    transcript.challenge_bytes(b"w", &mut vec![0; 16 * P.len()]);

    let (c, shares) = exposed(trustee);
    let slots: BTreeSet<usize> = tally.opened().iter().map(|opened| opened.slot).collect();
    let q: Vec<_> = slots.iter().map(|_| Scalar::random(rng)).collect();
    let R: Vec<_> = q.iter().map(image).collect();
    list(&mut transcript, b"R", &R);
    transcript.append_message(b"R sum", Element::BASE.as_bytes());
    let x = challenge(&mut transcript, b"x");
    let z: Vec<_> = q.iter().zip(&slots).map(|(q, slot)| q + x * shares[*slot]).collect();
    transcript.append_u64(b"count", z.len() as u64);
    z.iter().for_each(|z| transcript.append_message(b"z", z.as_bytes()));
    let q_author = Scalar::random(rng);
    transcript.append_message(b"R author", image(&q_author).as_bytes());
    let z_author = q_author + challenge(&mut transcript, b"x author") * c;

    let mut out = trustee.number().to_be_bytes().to_vec();
    let elements = P.iter().chain(&R).chain([&Element::BASE]).map(|e| *e.as_bytes());
    out.extend(elements.chain([*image(&q_author).as_bytes()]).flatten());
    out.extend(z.iter().chain([&z_author]).flat_map(|z| z.to_bytes()));
    DecryptionShare::decode(&mut Reader::new(&out), tally).unwrap()
}
