//! Canonical bytes of texts.

use crate::{
    codec::{DecodeError, Reader, put_count, put_list, put_text},
    mistake::MAX_LANGUAGES,
    text::Text,
};
use alloc::vec::Vec;

/// Appends a text: a list of one string, or of one for each language.
pub(crate) fn put_texts(out: &mut Vec<u8>, text: &Text) {
    put_list(out, text.strings(), |out, string| put_text(out, string));
}

/// Appends a text that may be left out: then the list is empty.
pub(super) fn put_texts_or_none(out: &mut Vec<u8>, text: Option<&Text>) {
    match text {
        Some(text) => put_texts(out, text),
        None => put_count(out, 0),
    }
}

/// Reads a text of at most so many bytes in each language.
pub(crate) fn texts(reader: &mut Reader<'_>, most: usize) -> Result<Text, DecodeError> {
    Ok(Text::each(reader.list(MAX_LANGUAGES, 4, |reader| reader.text(most))?))
}

/// Reads a text that may be left out.
pub(super) fn texts_or_none(
    reader: &mut Reader<'_>,
    most: usize,
) -> Result<Option<Text>, DecodeError> {
    Ok(Some(texts(reader, most)?).filter(|text| !text.strings().is_empty()))
}
