//! Signed notes: lines of text, then lines of signatures (C2SP signed-note).

use alloc::{string::String, vec::Vec};
use base64ct::{Base64, Encoding};
use core::{fmt, str::FromStr};

/// Most signatures under a checkpoint.
pub const MAX_SIGNATURES: usize = 100;

/// Whether it can name a key: 1 to 200 bytes without white space, control characters and `+`.
pub(crate) fn is_key_name(name: &str) -> bool {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    (1..=200).contains(&name.len()) && !name.contains(wrong)
}

/// The start of a signature line: an em dash and a space.
const DASH: &str = "— ";

/// A signature line: the signer's name and key id, and the signature.
///
/// As text: `— name base64(id ‖ signature)` and a line feed. The id is the first four bytes of
/// `SHA-256(name ‖ 0x0a ‖ type ‖ key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl NoteSignature {
    pub(super) fn new(name: &str, id: [u8; 4], bytes: Vec<u8>) -> Self {
        Self { name: name.into(), id, bytes }
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The bytes after the id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_by(&self, name: &str, id: [u8; 4]) -> bool {
        self.name == name && self.id == id
    }

    pub(super) fn same_key(&self, other: &Self) -> bool {
        self.is_by(&other.name, other.id)
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, id, bytes } = self;
        writeln!(f, "{DASH}{name} {}", Base64::encode_string(&[id, bytes.as_slice()].concat()))
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let signature = lines.signature()?;
        lines.finish()?;
        Ok(signature)
    }
}

/// Text that is not a checkpoint, signed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteError {
    /// The first wrong line, from 1.
    pub line: usize,
    /// The byte at which that line starts.
    pub at: usize,
    /// What is wrong with it.
    pub kind: NoteErrorKind,
}

/// What is wrong with the line that a [`NoteError`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteErrorKind {
    /// It does not end with a line feed.
    Unterminated,
    /// It holds a control character.
    Control,
    /// Expected an origin: a name without white space and `+`.
    Origin,
    /// Expected the number of entries, in decimal without leading zeros.
    Size,
    /// Expected the root, 32 bytes in base64 with padding.
    Root,
    /// Expected an empty line.
    Blank,
    /// Expected a signature: an em dash, a space, a name without white space and `+`, a space, and at least five bytes in
    /// base64 with padding.
    Signature,
    /// A second signature of the same key.
    Repeated,
    /// More than [`MAX_SIGNATURES`] signatures.
    TooMany,
    /// Expected the end of the text.
    Trailing,
    /// Expected `c2sp.org/tlog-proof@v1`.
    Proof,
    /// Expected `index`, a space, and the number of an entry of the checkpoint's board, in decimal.
    Index,
    /// Expected a hash, 32 bytes in base64 with padding; or, after as many hashes as entry and size require, an empty line.
    Hash,
    /// The second checkpoint must have the same origin and size as the first, and a root that is larger as bytes.
    NoFork,
}

impl fmt::Display for NoteErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unterminated => "a line feed is missing at its end",
            Self::Control => "it holds a control character",
            Self::Origin => "expected an origin, without white space and '+'",
            Self::Size => "expected the number of entries, in decimal without leading zeros",
            Self::Root => "expected the root, 32 bytes in base64",
            Self::Blank => "expected an empty line",
            Self::Signature => "expected '— ', a name, a space, and id and signature in base64",
            Self::Repeated => "a second signature by the same key",
            Self::TooMany => "more signatures than a checkpoint can have",
            Self::Trailing => "expected the end",
            Self::Proof => "expected 'c2sp.org/tlog-proof@v1'",
            Self::Index => "expected 'index ' and the number of an entry in decimal",
            Self::Hash => {
                "expected as many hashes in base64 as the proof needs, then an empty line"
            }
            Self::NoFork => "expected the same origin and size, and a larger root",
        })
    }
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} (byte {}): {}", self.line, self.at, self.kind)
    }
}

impl core::error::Error for NoteError {}

/// Reads text line by line.
pub(super) struct Lines<'a> {
    rest: &'a str,
    line: usize,
    at: usize,
}

impl<'a> Lines<'a> {
    /// Every line must end with a line feed and hold no control characters.
    pub(super) fn new(text: &'a str) -> Result<Self, NoteError> {
        let lines = Self { rest: text, line: 1, at: 0 };
        let mut check = Self { ..lines };
        while !check.rest.is_empty() {
            let error = check.error(NoteErrorKind::Control);
            let (line, _) = check.next(NoteErrorKind::Trailing)?;
            if line.bytes().any(|byte| byte < b' ') {
                return Err(error);
            }
        }
        Ok(lines)
    }

    /// An error at the next line.
    pub(super) fn error(&self, kind: NoteErrorKind) -> NoteError {
        NoteError { line: self.line, at: self.at, kind }
    }

    /// The next line without its line feed, and the error to return if it is wrong.
    pub(super) fn next(&mut self, kind: NoteErrorKind) -> Result<(&'a str, NoteError), NoteError> {
        let error = self.error(kind);
        if self.rest.is_empty() {
            return Err(error);
        }
        let unterminated = self.error(NoteErrorKind::Unterminated);
        let (line, rest) = self.rest.split_once('\n').ok_or(unterminated)?;
        self.at += self.rest.len() - rest.len();
        self.line += 1;
        self.rest = rest;
        Ok((line, error))
    }

    /// Reads an empty line.
    pub(super) fn blank(&mut self) -> Result<(), NoteError> {
        let (line, error) = self.next(NoteErrorKind::Blank)?;
        if line.is_empty() { Ok(()) } else { Err(error) }
    }

    /// Reads a signature.
    pub(super) fn signature(&mut self) -> Result<NoteSignature, NoteError> {
        let (line, error) = self.next(NoteErrorKind::Signature)?;
        let line = line.strip_prefix(DASH).ok_or(error)?;
        let (name, base64) = line.split_once(' ').ok_or(error)?;
        let bytes = Base64::decode_vec(base64).map_err(|_| error)?;
        let (id, bytes) = bytes.split_first_chunk().ok_or(error)?;
        if !is_key_name(name) || bytes.is_empty() {
            return Err(error);
        }
        Ok(NoteSignature { name: name.into(), id: *id, bytes: bytes.into() })
    }

    /// Reads at least one signature, and all that follow.
    pub(super) fn signatures(&mut self) -> Result<Vec<NoteSignature>, NoteError> {
        let mut signatures: Vec<NoteSignature> = Vec::new();
        while signatures.is_empty() || self.rest.starts_with(DASH) {
            let [repeated, many] =
                [NoteErrorKind::Repeated, NoteErrorKind::TooMany].map(|kind| self.error(kind));
            if signatures.len() == MAX_SIGNATURES {
                return Err(many);
            }
            let signature = self.signature()?;
            if signatures.iter().any(|other| other.same_key(&signature)) {
                return Err(repeated);
            }
            signatures.push(signature);
        }
        Ok(signatures)
    }

    /// Checks that nothing is left.
    pub(super) fn finish(&self) -> Result<(), NoteError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(NoteErrorKind::Trailing)) }
    }
}
