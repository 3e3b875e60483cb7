//! A proof that an entry is on a board, for somebody who has only the log's key.

use crate::log::{
    checkpoint::{LogKey, NoteError, NoteErrorKind, SignatureError, SignedCheckpoint, note::Lines},
    merkle::{Inclusion, MerkleError},
};
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};
use core::{fmt, str::FromStr};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
const INDEX: &str = "index ";

/// A signed checkpoint, and the proof that an entry is on its board.
///
/// As text it is a C2SP [tlog-proof](https://c2sp.org/tlog-proof) without extra data. A voter keeps it to show later that the
/// ballot was on the board. It does not contain the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryProof {
    inclusion: Inclusion,
    signed: SignedCheckpoint,
}

/// Why an [`EntryProof`] is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryProofError {
    /// The log did not sign the checkpoint.
    Signature(SignatureError),
    /// The entry is not at this place on the board, or the proof is for another size.
    Merkle(MerkleError),
}

impl fmt::Display for EntryProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(error) => error.fmt(f),
            Self::Merkle(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EntryProofError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Signature(error) => Some(error),
            Self::Merkle(error) => Some(error),
        }
    }
}

impl EntryProof {
    /// Joins a proof and its checkpoint.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Size`]: their sizes differ.
    pub fn new(inclusion: Inclusion, signed: SignedCheckpoint) -> Result<Self, MerkleError> {
        let (found, expected) = (inclusion.size(), signed.checkpoint().size());
        if found != expected {
            return Err(MerkleError::Size { found, expected });
        }
        Ok(Self { inclusion, signed })
    }

    /// The entry's number, from 0.
    pub fn index(&self) -> u64 {
        self.inclusion.index()
    }

    /// The checkpoint. Its signatures are not checked yet.
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Checks that the log with this origin and key signed a board with this entry at its place. Cosignatures are not checked
    /// ([`SignedCheckpoint::cosignatures`]).
    pub fn verify(&self, entry: &[u8], origin: &str, key: &LogKey) -> Result<(), EntryProofError> {
        let checkpoint = self.signed.verify(origin, key).map_err(EntryProofError::Signature)?;
        self.inclusion.verify(entry, &checkpoint.head()).map_err(EntryProofError::Merkle)
    }
}

impl fmt::Display for EntryProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\n{INDEX}{}", self.index())?;
        for hash in self.inclusion.path() {
            writeln!(f, "{}", Base64::encode_string(hash))?;
        }
        write!(f, "\n{}", self.signed)
    }
}

impl FromStr for EntryProof {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let (line, error) = lines.next(NoteErrorKind::Proof)?;
        if line != FIRST_LINE {
            return Err(error);
        }
        let (line, error) = lines.next(NoteErrorKind::Index)?;
        let digits = line.strip_prefix(INDEX).ok_or(error)?;
        let index: u64 = digits.parse().map_err(|_| error)?;
        if alloc::format!("{index}") != digits {
            return Err(error);
        }
        let mut path = Vec::new();
        let before_checkpoint = loop {
            let (line, error) = lines.next(NoteErrorKind::Hash)?;
            if line.is_empty() {
                break error;
            }
            let mut hash = [0; 32];
            match Base64::decode(line, &mut hash) {
                Ok(bytes) if bytes.len() == 32 => path.push(hash),
                _ => return Err(error),
            }
        };
        let signed = SignedCheckpoint::read(&mut lines)?;
        lines.finish()?;
        let inclusion = Inclusion::new(index, signed.checkpoint().size(), path);
        let inclusion = inclusion.map_err(|_| before_checkpoint)?;
        Ok(Self { inclusion, signed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{
        checkpoint::{Checkpoint, LogSecret},
        merkle::Hashes,
    };
    use alloc::string::ToString;

    const ORIGIN: &str = "tabella/test";

    fn proofs(size: u64) -> (LogSecret, Vec<EntryProof>) {
        let secret = LogSecret::from_seed(&[1; 32]);
        let mut hashes = Hashes::default();
        (0..size).for_each(|n| hashes.push(&n.to_be_bytes()));
        let head = hashes.head(size).unwrap();
        let signed = secret.sign(&Checkpoint::new(ORIGIN, head).unwrap());
        let prove =
            |n| EntryProof::new(hashes.inclusion(n, size).unwrap(), signed.clone()).unwrap();
        let proofs = (0..size).map(prove).collect();
        (secret, proofs)
    }

    #[test]
    fn a_proof_is_of_one_entry_of_one_log() {
        for size in [1, 2, 3, 8, 21] {
            let (secret, proofs) = proofs(size);
            for (n, proof) in proofs.iter().enumerate() {
                let entry = (n as u64).to_be_bytes();
                let text = proof.to_string();
                assert_eq!(text.parse::<EntryProof>().as_ref(), Ok(proof));
                assert_eq!(proof.index(), n as u64);
                proof.verify(&entry, ORIGIN, &secret.public()).unwrap();
                let error = proof.verify(b"other", ORIGIN, &secret.public()).unwrap_err();
                assert!(matches!(error, EntryProofError::Merkle(_)));
                let other = LogSecret::from_seed(&[2; 32]).public();
                for (origin, key) in [(ORIGIN, other), ("tabella/other", secret.public())] {
                    let error = proof.verify(&entry, origin, &key).unwrap_err();
                    assert!(matches!(error, EntryProofError::Signature(_)));
                }
            }
        }
    }

    /// After any change of one character, the text cannot be read, is not the canonical text, or proves nothing.
    #[test]
    fn a_changed_proof_is_none() {
        let (secret, proofs) = proofs(6);
        let text = proofs[4].to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 4\n"));
        let judge = |changed: &str| {
            let Ok(proof) = changed.parse::<EntryProof>() else { return };
            assert_eq!(proof.to_string(), changed);
            // Signatures of unknown keys are ignored, and so are their names.
            let result = proof.verify(&4u64.to_be_bytes(), ORIGIN, &secret.public());
            assert!(result.is_err(), "{changed}");
        };
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            for new in ["", "0", "A", "\n", " ", "=", "index 4\n"] {
                let end = at + text[at..].chars().next().unwrap().len_utf8();
                for end in [at, end] {
                    let mut changed = text.clone();
                    changed.replace_range(at..end, new);
                    if changed != text {
                        judge(&changed);
                    }
                }
            }
            judge(&text[..at]);
        }
        let error = "c2sp.org/tlog-proof@v1\nindex 04\n".parse::<EntryProof>().unwrap_err();
        assert_eq!((error.line, error.kind), (2, NoteErrorKind::Index));
        let (_, others) = self::proofs(5);
        let inclusion = others[0].inclusion.clone();
        let error = EntryProof::new(inclusion, proofs[0].signed.clone()).unwrap_err();
        assert_eq!(error, MerkleError::Size { found: 5, expected: 6 });
    }
}
