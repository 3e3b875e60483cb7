//! A checkpoint with signatures, and how they are made.

use super::{
    AddError, Checkpoint, LogKey, LogSecret, MAX_SIGNATURES, NoteError, NoteErrorKind,
    NoteSignature, SignatureError, Witness, WitnessSecret,
};
use crate::log::{
    checkpoint::{keys::Kind, note::Lines},
    merkle::{Consistency, MerkleError},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use core::{fmt, str::FromStr};
use ed25519_dalek::Signer;

/// A checkpoint with signatures. None of them is checked yet.
///
/// As text it is the checkpoint, an empty line, and one line for each signature: at most [`MAX_SIGNATURES`] and at most one
/// of each key. Signatures of unknown keys are kept, but do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    pub(super) signatures: Vec<NoteSignature>,
}

/// A witness's statement that at this time the checkpoint was the latest it saw, and consistent with all earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness's place in the given list.
    pub witness: usize,
    /// The time by the witness's clock, in seconds since 1970.
    pub time: u64,
}

impl SignedCheckpoint {
    /// The checkpoint. Its signatures are not checked.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signatures, valid or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Verifies a cosignature of this witness and adds it. An existing one of this witness that counts is kept.
    ///
    /// # Errors
    ///
    /// [`AddError::Signature`] if another key made it, it does not verify or its time is 0; [`NoteErrorKind::TooMany`].
    pub fn add(&mut self, witness: &Witness, signature: NoteSignature) -> Result<(), AddError> {
        self.check_counts(witness, &signature).map_err(AddError::Signature)?;
        let Some(place) = self.signatures.iter().position(|old| old.same_key(&signature)) else {
            if self.signatures.len() >= MAX_SIGNATURES {
                let kind = NoteErrorKind::TooMany;
                let at = self.to_string().len();
                return Err(AddError::Note(NoteError { line: MAX_SIGNATURES + 5, at, kind }));
            }
            self.signatures.push(signature);
            return Ok(());
        };
        if let Some(old) = self.signatures.get(place).cloned()
            && self.check_counts(witness, &old).is_err()
            && let Some(old) = self.signatures.get_mut(place)
        {
            *old = signature;
        }
        Ok(())
    }

    /// Verifies and adds the witness's own line of its answer to [`add-checkpoint`](add_checkpoint). Lines of other keys are
    /// ignored, whatever their name.
    ///
    /// # Errors
    ///
    /// [`AddError::Note`] if the answer is not signature lines; otherwise those of [`add`](Self::add). After an error the
    /// checkpoint is unchanged.
    pub fn add_answer(&mut self, witness: &Witness, answer: &str) -> Result<(), AddError> {
        let id = witness.id();
        let mut lines = Lines::new(answer).map_err(AddError::Note)?;
        let mut own = None;
        loop {
            let signature = lines.signature().map_err(AddError::Note)?;
            own = own.or_else(|| Some(signature).filter(|s| s.is_by(&witness.name, id)));
            if lines.finish().is_ok() {
                break;
            }
        }
        let missing = || SignatureError::Missing { name: witness.name.clone() };
        self.add(witness, own.ok_or_else(missing).map_err(AddError::Signature)?)
    }

    /// Only the log's signature and the cosignatures of these witnesses that count, without all other lines.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    pub(crate) fn verified(
        &self,
        origin: &str,
        key: &LogKey,
        witnesses: &[Witness],
    ) -> Result<Self, SignatureError> {
        self.verify(origin, key)?;
        let own = self.find(origin, Kind::Log.id(origin, key.as_bytes()));
        let of_witness = |line: &&NoteSignature| {
            let of = |witness: &Witness| self.check_counts(witness, line).is_ok();
            witnesses.iter().any(of)
        };
        let cosignatures = self.signatures.iter().filter(of_witness);
        let signatures = own.into_iter().chain(cosignatures).cloned().collect();
        Ok(Self { checkpoint: self.checkpoint.clone(), signatures })
    }

    /// Adds the lines of another copy whose keys did not sign this one. Both are [verified](Self::verified).
    #[cfg(feature = "std")]
    pub(crate) fn join(&mut self, copy: Self) {
        for line in copy.signatures {
            if !self.signatures.iter().any(|own| own.same_key(&line)) {
                self.signatures.push(line);
            }
        }
    }

    /// Checks that the log with this origin and this key signed.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Origin`], [`SignatureError::Missing`], [`SignatureError::Invalid`].
    pub fn verify(&self, origin: &str, key: &LogKey) -> Result<&Checkpoint, SignatureError> {
        if self.checkpoint.origin() != origin {
            let (found, expected) = (self.checkpoint.origin().into(), origin.into());
            return Err(SignatureError::Origin { found, expected });
        }
        let missing = || SignatureError::Missing { name: origin.into() };
        let id = Kind::Log.id(origin, key.as_bytes());
        let signature = self.find(origin, id).ok_or_else(missing)?;
        let invalid = || SignatureError::Invalid { name: origin.into() };
        let bytes = signature.bytes().try_into().map_err(|_| invalid())?;
        key.verify(self.checkpoint.to_string().as_bytes(), bytes).ok_or_else(invalid)?;
        Ok(&self.checkpoint)
    }

    /// Which of these witnesses cosigned, and when. It does not check that the log signed. A cosignature with the time 0 does
    /// not say when, nor what the witness saw before, and does not count.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Invalid`]: a cosignature of one of them does not verify, so the whole checkpoint must not be
    /// trusted.
    pub fn cosignatures(&self, witnesses: &[Witness]) -> Result<Vec<Cosignature>, SignatureError> {
        let mut cosignatures = Vec::new();
        for (place, witness) in witnesses.iter().enumerate() {
            let Some(signature) = self.find(&witness.name, witness.id()) else { continue };
            match self.time_of(witness, signature)? {
                0 => {}
                time => cosignatures.push(Cosignature { witness: place, time }),
            }
        }
        Ok(cosignatures)
    }

    /// The time of this witness's line, if it verifies; 0 if it states no time.
    fn time_of(&self, witness: &Witness, line: &NoteSignature) -> Result<u64, SignatureError> {
        let invalid = || SignatureError::Invalid { name: witness.name.clone() };
        let (time, bytes) = line.bytes().split_first_chunk().ok_or_else(invalid)?;
        let time = u64::from_be_bytes(*time);
        let bytes = bytes.try_into().map_err(|_| invalid())?;
        let message = cosigned(&self.checkpoint, time).map_err(|_| invalid())?;
        witness.key.verify(message.as_bytes(), bytes).ok_or_else(invalid)?;
        Ok(time)
    }

    /// Checks that a line is a cosignature of this witness that counts.
    fn check_counts(&self, witness: &Witness, line: &NoteSignature) -> Result<(), SignatureError> {
        if !line.is_by(&witness.name, witness.id()) {
            return Err(SignatureError::Missing { name: witness.name.clone() });
        }
        match self.time_of(witness, line)? {
            0 => Err(SignatureError::Time { found: 0 }),
            _ => Ok(()),
        }
    }

    fn find(&self, name: &str, id: [u8; 4]) -> Option<&NoteSignature> {
        self.signatures.iter().find(|signature| signature.is_by(name, id))
    }

    pub(super) fn read(lines: &mut Lines<'_>) -> Result<Self, NoteError> {
        let checkpoint = Checkpoint::read(lines)?;
        lines.blank()?;
        Ok(Self { checkpoint, signatures: lines.signatures()? })
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let signed = Self::read(&mut lines)?;
        lines.finish()?;
        Ok(signed)
    }
}

/// The body of the request `add-checkpoint`, with which a log asks a witness to cosign ([C2SP
/// tlog-witness](https://c2sp.org/tlog-witness)). The proof starts at the size that the witness last cosigned, or at 0.
///
/// # Errors
///
/// [`MerkleError::Size`]: the proof is for another checkpoint.
pub fn add_checkpoint(
    proof: &Consistency,
    signed: &SignedCheckpoint,
) -> Result<String, MerkleError> {
    let (found, expected) = (proof.new_size(), signed.checkpoint.size());
    if found != expected {
        return Err(MerkleError::Size { found, expected });
    }
    let mut body = format!("old {}\n", proof.old_size());
    for hash in proof.path() {
        body.push_str(&Base64::encode_string(hash));
        body.push('\n');
    }
    Ok(format!("{body}\n{signed}"))
}

impl LogSecret {
    /// Signs a checkpoint under the name of its origin.
    ///
    /// A log that signs two contradicting checkpoints has made a [`Fork`](super::Fork). So record the checkpoint before you
    /// call this.
    pub fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        let bytes = self.0.sign(format!("{checkpoint}").as_bytes()).to_bytes();
        let id = Kind::Log.id(checkpoint.origin(), self.public().as_bytes());
        let signature = NoteSignature::new(checkpoint.origin(), id, bytes.into());
        SignedCheckpoint { checkpoint: checkpoint.clone(), signatures: [signature].into() }
    }
}

/// What a witness signs: the time and the checkpoint.
fn cosigned(checkpoint: &Checkpoint, time: u64) -> Result<String, SignatureError> {
    if time > i64::MAX as u64 {
        return Err(SignatureError::Time { found: time });
    }
    Ok(format!("cosignature/v1\ntime {time}\n{checkpoint}"))
}

impl WitnessSecret {
    /// Cosigns a checkpoint at this time, in seconds since 1970.
    ///
    /// Before it calls this, a witness must check that the log signed the checkpoint and that it continues the last one
    /// cosigned, and record it.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Time`]: it is 0, which does not count, or not below 2⁶³.
    pub fn cosign(
        &self,
        checkpoint: &Checkpoint,
        time: u64,
    ) -> Result<NoteSignature, SignatureError> {
        if time == 0 {
            return Err(SignatureError::Time { found: time });
        }
        let signature = self.secret.sign(cosigned(checkpoint, time)?.as_bytes()).to_bytes();
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        Ok(NoteSignature::new(&self.public().name, self.public().id(), bytes))
    }
}
