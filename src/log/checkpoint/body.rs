//! What is signed: origin, size and root.

use super::{NoteError, NoteErrorKind, is_key_name};
use crate::log::{
    checkpoint::note::Lines,
    merkle::{Head, Root},
};
use alloc::string::{String, ToString};
use base64ct::{Base64, Encoding};
use core::{fmt, str::FromStr};

/// Size and root of a log's board.
///
/// As text it is three lines, each ending with a line feed: the origin, the size in decimal, the root in base64. More lines
/// are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: Head,
}

impl Checkpoint {
    /// A checkpoint of the log with this origin ([`Manifest::origin`](crate::manifest::Manifest::origin)).
    ///
    /// # Errors
    ///
    /// [`NoteErrorKind::Origin`].
    pub fn new(origin: &str, head: Head) -> Result<Self, NoteError> {
        if !is_key_name(origin) {
            return Err(NoteError { line: 1, at: 0, kind: NoteErrorKind::Origin });
        }
        Ok(Self { origin: origin.into(), head })
    }

    /// The log's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The number of entries on the board.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// The root over them.
    pub fn root(&self) -> Root {
        self.head.root
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        self.head
    }

    pub(super) fn read(lines: &mut Lines<'_>) -> Result<Self, NoteError> {
        let (origin, error) = lines.next(NoteErrorKind::Origin)?;
        if !is_key_name(origin) {
            return Err(error);
        }
        let (text, error) = lines.next(NoteErrorKind::Size)?;
        let size: u64 = text.parse().map_err(|_| error)?;
        if size.to_string() != text {
            return Err(error);
        }
        let (text, error) = lines.next(NoteErrorKind::Root)?;
        let mut root = [0; 32];
        match Base64::decode(text, &mut root) {
            Ok(bytes) if bytes.len() == 32 => {}
            _ => return Err(error),
        }
        Ok(Self { origin: origin.into(), head: Head { size, root: Root::from(root) } })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, head: Head { size, root } } = self;
        write!(f, "{origin}\n{size}\n{}\n", Base64::encode_string(root.as_bytes()))
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let checkpoint = Self::read(&mut lines)?;
        lines.finish()?;
        Ok(checkpoint)
    }
}
