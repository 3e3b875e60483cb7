//! Keys, trackers and receipts as text that people can type: bech32m.

use super::{DecodeError, DecodeErrorKind};
use crate::text::is_invisible;
use alloc::{string::String, vec::Vec};
use bech32::{Bech32m, Hrp};
use core::fmt;
use zeroize::Zeroizing;

/// Text that does not stand for the value that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// Not bech32m, or a character was mistyped: the checksum does not match.
    Checksum,
    /// The text stands for something else; it should begin with this prefix.
    Prefix(&'static str),
    /// The bytes are not the value's.
    Value(DecodeError),
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum => {
                f.write_str("the checksum does not match: look for a mistyped character")
            }
            Self::Prefix(prefix) => write!(f, "text that should begin with '{prefix}1'"),
            Self::Value(error) => write!(f, "well-formed text with a wrong value: {error}"),
        }
    }
}

impl core::error::Error for TextError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Value(error) => Some(error),
            Self::Checksum | Self::Prefix(_) => None,
        }
    }
}

/// Writes bytes as bech32m (BIP 350).
pub(crate) fn text(f: &mut fmt::Formatter<'_>, prefix: Hrp, bytes: &[u8]) -> fmt::Result {
    bech32::encode_to_fmt::<Bech32m, _>(f, prefix, bytes).map_err(|_| fmt::Error)
}

/// Reads bech32m as a person types it, or as a phone or a word processor makes it of what was typed: capitals, dashes for
/// hyphens, spaces of any kind, what cannot be seen, and letters of full width mean nothing. The checksum decides.
pub(crate) fn bytes_of_text(prefix: Hrp, text: &str) -> Result<Vec<u8>, TextError> {
    // The text may be a secret: its copy takes its memory at once, and is erased. What stays of it is ASCII if it is right, and
    // no character of ASCII comes from a shorter one.
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    let typed = text.chars().filter(|c| !c.is_whitespace() && !is_hyphen(*c) && !is_invisible(*c));
    for c in typed.map(halfwidth) {
        // Others have no place in it, and would take more memory.
        if !c.is_ascii() {
            return Err(TextError::Checksum);
        }
        kept.push(c.to_ascii_lowercase());
    }
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(&kept)
        .map_err(|_| TextError::Checksum)?;
    if checked.hrp() != prefix {
        return Err(TextError::Prefix(name(prefix)));
    }
    // The last character may hold bits that belong to no byte. They must be zero, or a key had several texts.
    let bytes: Vec<u8> = checked.byte_iter().collect();
    let unused = DecodeError::new(bytes.len(), DecodeErrorKind::NotCanonical);
    checked.validate_segwit_padding().map_err(|_| TextError::Value(unused))?;
    Ok(bytes)
}

/// Hyphens, dashes and minus signs.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}')
        || matches!(c, '\u{30fc}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ff70}')
}

/// Letters and digits as keyboards of East Asia make them are those of ASCII.
fn halfwidth(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

fn name(prefix: Hrp) -> &'static str {
    ["author", "voter", "voterkey", "tracker", "receipt", "log", "witness"]
        .into_iter()
        .find(|n| *n == prefix.as_str())
        .unwrap_or("tabella")
}
