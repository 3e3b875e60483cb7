//! Opening: each trustee sends one decryption factor for every sum, and one proof for all of them.
//!
//! For all opened pairs of a ciphertext `m`, which is the sum of a cell or a mixed row, and a slot `k`, in the tally's order, trustee `j`
//! sends `Pₘₖ = sⱼₖAₘ`. After all of them come the weights `wₘₖ`, numbers of 128 bits that fold the factors into one equation:
//!
//! ```text
//! [DECRYPT.D1]      Rₖ + x·Yⱼₖ − zₖG = 0                     for each slot k that is opened
//! [DECRYPT.D2]      x⁻¹·R + Σ wₘₖPₘₖ − Σₖ x⁻¹zₖ(Σₘ wₘₖAₘ) = 0
//! [DECRYPT.AUTHOR]  R′ + x′·Cⱼ − z′G = 0
//! ```
//!
//! D1 makes the `zₖ` answers for the shares behind `Yⱼₖ`; D2 for random `wₘₖ` makes every factor right. The third is
//! a signature of the trustee's registered key under all that came before, the answers `zₖ` included. So a share that is
//! signed and wrong is evidence against its trustee ([`DecryptionShare::fault`]). Any `t` valid shares give
//! `Mₖ = Bₖ − Σⱼ λⱼPₘₖ = vₖG`, with the Lagrange coefficients `λⱼ` at 0; more change nothing.

use crate::{
    ballot::Election,
    codec::{DecodeError, Encode, Reader},
    crypto::{
        Check, ProveError, VerifyError,
        batch::{Base, Bases, Batch},
        group::Element,
        transcript::{Transcript, ZeroChallenge, label, random_scalar, random_scalars},
    },
    keys::{Ceremony, Trustee},
    parallel,
    tally::{Opened, Tally},
};
use alloc::{collections::BTreeMap, vec::Vec};
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// A trustee's decryption factors with their proof, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionShare {
    pub(super) trustee: u16,
    pub(super) factors: Vec<Element>,
    proof: Proof,
}

/// Letters as in the module's text; one `Rₖ` and `zₖ` for each slot that is opened, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
struct Proof {
    R_slots: Vec<Element>,
    R_sum: Element,
    R_author: Element,
    z_slots: Vec<Scalar>,
    z_author: Scalar,
}

/// A decryption share whose proof was verified against a tally. Only [`DecryptionShare::verify`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedShare {
    pub(super) share: DecryptionShare,
    /// The tally's hash, and that of the ceremony whose keys were used.
    pub(super) against: [[u8; 32]; 2],
}

impl VerifiedShare {
    /// The trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.share.trustee
    }
}

/// The numbers of all slots that are opened, ascending.
fn opened_slots(tally: &Tally) -> Vec<usize> {
    tally.opened().iter().map(|o| o.slot).sorted().dedup().collect()
}

/// The context of everything that opens: the election, the epoch, `n`, `t` and all verification keys.
pub(crate) fn context(election: &Election, ceremony: &Ceremony) -> Transcript {
    let mut transcript = election.context().clone();
    let setup = ceremony.setup();
    transcript.append_u64(b"epoch", setup.epoch().into());
    transcript.append_u64(b"n", setup.members().len() as u64);
    transcript.append_u64(b"t", setup.threshold().into());
    for (_, number) in setup.members().iter().zip(1u16..) {
        let keys = ceremony.verification_keys(number).unwrap_or_default();
        transcript.append_elements(b"Yj", keys.iter());
    }
    transcript
}

/// Whether the keys are those of the election, whoever holds their shares now.
pub(crate) fn belongs(election: &Election, ceremony: &Ceremony) -> bool {
    election.manifest().hash() == ceremony.setup().manifest()
        && election.ceremony().slot_keys() == ceremony.slot_keys()
}

/// First round: the statement and the factors.
fn challenge_w(
    context: &Transcript,
    tally: &Tally,
    trustee: u16,
    author: &Element,
    factors: &[Element],
) -> (Transcript, Vec<Scalar>) {
    let mut transcript = context.proof(label::DECRYPTION);
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_element(b"C", author);
    transcript.append_bytes(b"tally", tally.as_bytes());
    transcript.append_elements(b"P", factors.iter());
    let w = transcript.weights(b"w", factors.len());
    (transcript, w)
}

/// Second round: the announcements.
#[allow(non_snake_case)]
fn challenge_x(
    R_slots: &[Element],
    R_sum: &Element,
    transcript: &mut Transcript,
) -> Result<Scalar, ZeroChallenge> {
    transcript.append_elements(b"R", R_slots.iter());
    transcript.append_element(b"R sum", R_sum);
    transcript.challenge(b"x")
}

/// Third round: the answers, and the announcement of the signature.
#[allow(non_snake_case)]
fn challenge_author(
    z_slots: &[Scalar],
    R_author: &Element,
    transcript: &mut Transcript,
) -> Result<Scalar, ZeroChallenge> {
    transcript.append_scalars(b"z", z_slots);
    transcript.append_element(b"R author", R_author);
    transcript.challenge(b"x author")
}

impl Trustee {
    /// All decryption factors of a tally, and the proof. Constant time in the shares.
    ///
    /// It opens whatever it is given, so it is for those alone who derived the tally from a closed board themselves, as
    /// [`Trustee::open`] does.
    ///
    /// # Errors
    ///
    /// `Shape` if the tally opens nothing, or more slots than this trustee has shares.
    #[allow(non_snake_case)]
    pub fn expose_factors(
        &self,
        election: &Election,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<DecryptionShare, ProveError> {
        if tally.manifest() != election.manifest().hash()
            || !belongs(election, self.ceremony())
            || tally.opened().is_empty()
        {
            return Err(ProveError::Shape);
        }
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);
        let nonce_points = tally.nonce_points();
        let nonce_point =
            |o: &Opened| nonce_points.get(o.ciphertext).copied().ok_or(ProveError::Shape);
        let share = |slot: usize| self.expose_share(slot).ok_or(ProveError::Shape);
        let factor = |o: &Opened| element(share(o.slot)? * nonce_point(o)?);
        let factors = parallel::each_item(tally.opened(), factor);
        let factors: Vec<Element> = factors.into_iter().collect::<Result<_, _>>()?;
        let author = self.author().public().element();
        let context = context(election, self.ceremony());
        let (mut transcript, w) = challenge_w(&context, tally, self.number(), author, &factors);

        let slots = opened_slots(tally);
        let shares: Vec<&Scalar> = slots.iter().map(|k| share(*k)).collect::<Result<_, _>>()?;
        let secret = self.author().expose_secret();
        let mut nonces = transcript.nonces(shares.iter().copied().chain([secret]), rng)?;
        let q = random_scalars(slots.len(), &mut nonces)?;
        let mut of_slot: BTreeMap<usize, (Vec<Scalar>, Vec<RistrettoPoint>)> = BTreeMap::new();
        for (o, w) in tally.opened().iter().zip_eq(&w) {
            let (scalars, points) = of_slot.entry(o.slot).or_default();
            scalars.push(*w);
            points.push(nonce_point(o)?);
        }
        let mut R_sum = RistrettoPoint::default();
        for (q, (scalars, points)) in q.iter().zip_eq(of_slot.values()) {
            R_sum += q * RistrettoPoint::vartime_multiscalar_mul(scalars, points);
        }
        let R_slots = q.iter().map(|q| element(RistrettoPoint::mul_base(q)));
        let R_slots: Vec<Element> = R_slots.collect::<Result<_, _>>()?;
        let R_sum = element(R_sum)?;
        let x = challenge_x(&R_slots, &R_sum, &mut transcript)?;
        let z_slots: Vec<Scalar> = q.iter().zip_eq(&shares).map(|(q, s)| q + x * **s).collect();

        let mut nonces = transcript.nonces([secret], rng)?;
        let q_author = Zeroizing::new(random_scalar(&mut nonces)?);
        let R_author = element(RistrettoPoint::mul_base(&q_author))?;
        let x_author = challenge_author(&z_slots, &R_author, &mut transcript)?;
        let z_author = *q_author + x_author * secret;
        let proof = Proof { R_slots, R_sum, R_author, z_slots, z_author };
        Ok(DecryptionShare { trustee: self.number(), factors, proof })
    }
}

impl DecryptionShare {
    /// The trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }

    /// Reads the share for a tally, which gives all lengths.
    pub fn decode(reader: &mut Reader<'_>, tally: &Tally) -> Result<Self, DecodeError> {
        let slots = opened_slots(tally).len();
        Ok(Self {
            trustee: reader.field("trustee").u16()?,
            factors: reader.field("decryption factors").elements(tally.opened().len())?,
            proof: Proof {
                R_slots: reader.field("R of the slots").elements(slots)?,
                R_sum: reader.field("R").element()?,
                R_author: reader.field("R′").element()?,
                z_slots: reader.field("z of the slots").scalars(slots)?,
                z_author: reader.field("z′").scalar()?,
            },
        })
    }

    /// Adds the share's equations to a batch, whose bases may be [`Bases::new`].
    pub fn enqueue(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        batch: &mut Batch,
    ) {
        if let Err(check) = self.try_enqueue(election, ceremony, tally, batch, false) {
            batch.enqueue_invalid(check);
        }
    }

    /// Adds all equations, or that of the signature alone.
    #[allow(non_snake_case)]
    fn try_enqueue(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        batch: &mut Batch,
        signature_alone: bool,
    ) -> Result<(), Check> {
        let Self { trustee, factors, proof } = self;
        let Proof { R_slots, R_sum, R_author, z_slots, z_author } = proof;
        let author = ceremony.setup().member(*trustee).ok_or(Check::Shape)?.element();
        let keys = ceremony.verification_keys(*trustee).ok_or(Check::Shape)?;
        let slots = opened_slots(tally);
        if tally.manifest() != election.manifest().hash()
            || !belongs(election, ceremony)
            || tally.opened().is_empty()
            || factors.len() != tally.opened().len()
            || R_slots.len() != slots.len()
            || z_slots.len() != slots.len()
            || slots.iter().any(|k| *k >= keys.len())
        {
            return Err(Check::Shape);
        }
        let context = context(election, ceremony);
        let zero = |_| Check::Challenge;
        let (mut transcript, w) = challenge_w(&context, tally, *trustee, author, factors);
        let x = challenge_x(R_slots, R_sum, &mut transcript).map_err(zero)?;
        let x_author = challenge_author(z_slots, R_author, &mut transcript).map_err(zero)?;
        transcript.append_scalars(b"z author", &[*z_author]);
        let mut enqueue = batch.enqueue(&mut transcript);

        if !signature_alone {
            let mut answers = BTreeMap::new();
            for ((R, z), k) in R_slots.iter().zip_eq(z_slots).zip_eq(&slots) {
                // [DECRYPT.D1] Rₖ + x·Yⱼₖ − zₖG = 0
                let mut d1 = enqueue.equation("DECRYPT.D1");
                d1.announcement(R).base(Base::G, -z);
                if let Some(key) = keys.get(*k) {
                    d1.point(key.point(), x);
                }
                answers.insert(*k, *z);
            }
            // [DECRYPT.D2] x⁻¹·R + Σ wₘₖPₘₖ − Σₘ x⁻¹(Σₖ zₖwₘₖ)Aₘ = 0
            // Divided by x, so that the factors, which are most of it, have short scalars.
            let inverse = x.invert();
            let mut d2 = enqueue.equation("DECRYPT.D2");
            d2.point(R_sum.point(), inverse);
            let nonce_points = tally.nonce_points();
            let mut of_ciphertext = alloc::vec![Scalar::ZERO; nonce_points.len()];
            for ((opened, P), w) in tally.opened().iter().zip_eq(factors).zip_eq(&w) {
                d2.point(P.point(), *w);
                let z = answers.get(&opened.slot).copied().unwrap_or_default();
                if let Some(sum) = of_ciphertext.get_mut(opened.ciphertext) {
                    *sum += z * w;
                }
            }
            for (scalar, point) in of_ciphertext.iter().zip_eq(&nonce_points) {
                if *scalar != Scalar::ZERO {
                    d2.point(point, -(inverse * scalar));
                }
            }
        }
        // [DECRYPT.AUTHOR] R′ + x′·Cⱼ − z′G = 0
        let mut signature = enqueue.equation("DECRYPT.AUTHOR");
        signature.announcement(R_author).point(author.point(), x_author).base(Base::G, -z_author);
        Ok(())
    }

    /// Verifies the share against the tally that it opens.
    pub fn verify(
        self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<VerifiedShare, VerifyError> {
        let mut batch = Batch::new(&Bases::new());
        self.enqueue(election, ceremony, tally, &mut batch);
        batch.verify(rng)?;
        Ok(VerifiedShare { share: self, against: [tally.hash(), *ceremony.hash()] })
    }

    /// The check that this share fails by its trustee's own fault: it is signed and wrong. Anybody who has the tally
    /// sees the same.
    ///
    /// `None` if it is valid, or if it is not signed, so that anybody could have made it up.
    pub fn fault(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<Check>, ProveError> {
        for signature_alone in [true, false] {
            let mut batch = Batch::new(&Bases::new());
            if self.try_enqueue(election, ceremony, tally, &mut batch, signature_alone).is_err() {
                return Ok(None);
            }
            match batch.verify(rng) {
                Ok(()) => {}
                Err(VerifyError::Randomness) => return Err(ProveError::Randomness),
                Err(VerifyError::Invalid(culprits)) => {
                    let check = culprits.first().map(|culprit| culprit.check);
                    return Ok(check.filter(|_| !signature_alone));
                }
            }
        }
        Ok(None)
    }
}

impl Encode for DecryptionShare {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { trustee, factors, proof } = self;
        let Proof { R_slots, R_sum, R_author, z_slots, z_author } = proof;
        out.extend_from_slice(&trustee.to_be_bytes());
        factors.as_slice().encode(out);
        R_slots.as_slice().encode(out);
        [*R_sum, *R_author].encode(out);
        z_slots.as_slice().encode(out);
        z_author.encode(out);
    }
}

#[cfg(test)]
mod tests;
