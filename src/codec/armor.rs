//! Bytes as text that survives mail and copying: lines of base64 between a line that says what they are and one that ends them, as
//! in RFC 7468.

use alloc::{string::String, vec::Vec};
use core::fmt;
use pem_rfc7468::LineEnding;

/// Before what a block is.
const PREFIX: &str = "TABELLA ";
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// Text that is not blocks of base64.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArmorError {
    /// It has no block.
    NoBlock,
    /// A block, counted from 1, is not as RFC 7468 has it: a character was lost or changed, or its end.
    Block {
        /// Which one.
        block: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A block, counted from 1, is something else.
    Label {
        /// Which one.
        block: usize,
        /// What it is.
        found: String,
        /// What should stand there.
        expected: &'static str,
    },
}

impl fmt::Display for ArmorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBlock => {
                write!(f, "no text of this program: no line begins with '{BEGIN}{PREFIX}'")
            }
            Self::Block { block, reason } => write!(
                f,
                "block {block} was changed or cut off on its way ({reason}): ask for it once more"
            ),
            Self::Label { block, found, expected } => {
                write!(f, "block {block} is '{found}'; expected {expected}")
            }
        }
    }
}

impl core::error::Error for ArmorError {}

/// Bytes as a block of this label, in capitals.
pub(crate) fn armor(label: &str, bytes: &[u8]) -> String {
    let label = alloc::format!("{PREFIX}{}", label.to_uppercase());
    // A label of letters and spaces and any bytes can be written.
    pem_rfc7468::encode_string(&label, LineEnding::LF, bytes).unwrap_or_default()
}

/// The blocks of a text, each with its label in capitals. What stands around them is not read.
pub(crate) fn unarmor(text: &str) -> Result<Vec<(String, Vec<u8>)>, ArmorError> {
    let (mut blocks, mut open) = (Vec::new(), None::<String>);
    let read = |text: &str, block| {
        let (label, bytes) = pem_rfc7468::decode_vec(text.as_bytes()).map_err(|error| {
            let reason = alloc::format!("{error}");
            ArmorError::Block { block, reason }
        })?;
        let found =
            || ArmorError::Label { block, found: label.into(), expected: "one of this program" };
        Ok((label.strip_prefix(PREFIX).ok_or_else(found)?.into(), bytes))
    };
    for line in text.lines().map(str::trim_end) {
        if line.starts_with(BEGIN) {
            // One that has no end is read as it is, to say so.
            if let Some(unended) = open.replace(String::new()) {
                blocks.push(read(&unended, blocks.len() + 1)?);
            }
        }
        let Some(block) = &mut open else { continue };
        block.push_str(line);
        block.push('\n');
        if line.starts_with(END) {
            blocks.push(read(block, blocks.len() + 1)?);
            open = None;
        }
    }
    if let Some(unended) = open {
        blocks.push(read(&unended, blocks.len() + 1)?);
    }
    if blocks.is_empty() { Err(ArmorError::NoBlock) } else { Ok(blocks) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{borrow::ToOwned, vec};

    #[test]
    fn blocks_are_read_among_other_text() {
        let both = alloc::format!(
            "Dear all,\r\n{}and\n{}\nYours",
            armor("decryption share", &[7; 100]).replace('\n', "\r\n"),
            armor("ballot", &[8])
        );
        let expected =
            vec![("DECRYPTION SHARE".to_owned(), vec![7; 100]), ("BALLOT".to_owned(), vec![8])];
        assert_eq!(unarmor(&both), Ok(expected));
    }

    #[test]
    fn what_was_changed_on_its_way_is_refused() {
        let text = armor("deal", &[9; 100]);
        assert_eq!(unarmor("nothing here"), Err(ArmorError::NoBlock));
        let is_block = |text: &str, block| {
            let error = unarmor(text).unwrap_err();
            assert!(matches!(&error, ArmorError::Block { block: b, .. } if *b == block), "{error}");
        };
        // Cut off anywhere, also before another block.
        for end in BEGIN.len() + 1..text.len() - 2 {
            is_block(&text[..end], 1);
        }
        is_block(&alloc::format!("{text}{}\n{text}", &text[..80]), 2);
        is_block(&text.replace("CQkJ", "C?kJ"), 1);
        is_block(&text.replacen("DEAL", "DEED", 1), 1);
        let other = text.replace(PREFIX, "");
        assert!(matches!(unarmor(&other), Err(ArmorError::Label { .. })));
    }
}
