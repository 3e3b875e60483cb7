//! Compares what should be there with what is, piece by piece.

use crate::log::View;
use alloc::{boxed::Box, vec::Vec};
use std::io::{self, BufWriter, Read, Write};

/// Bytes that are compared at once.
const PIECE: usize = 1 << 16;

/// Reads as much as is written to it, and fails at the first difference.
struct Compare<'a> {
    found: Box<dyn Read + 'a>,
    piece: Vec<u8>,
    /// How many bytes are the same.
    same: usize,
    differs: bool,
}

impl Write for Compare<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.clear();
        let most = bytes.len() as u64;
        (&mut self.found).take(most).read_to_end(&mut self.piece)?;
        self.same += bytes.iter().zip(&self.piece).take_while(|(a, b)| a == b).count();
        if self.piece == bytes {
            return Ok(bytes.len());
        }
        self.differs = true;
        Err(io::Error::other("different"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first byte at which `found` is not what is written; `None` if there is none.
pub(super) fn differs(
    found: &View,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Option<usize>> {
    let (found, piece) = (found.open()?, Vec::new());
    let mut compare = Compare { found, piece, same: 0, differs: false };
    let mut out = BufWriter::with_capacity(PIECE, &mut compare);
    let result = write(&mut out).and_then(|()| out.flush());
    // What is left in it differs, or nobody asks any more.
    drop(out.into_parts());
    match result {
        Err(error) if !compare.differs => Err(error),
        Err(_) => Ok(Some(compare.same)),
        Ok(()) => {
            let more = compare.found.take(1).read_to_end(&mut Vec::new())?;
            Ok((more > 0).then_some(compare.same))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_differs_is_found_in_pieces() {
        let good: Vec<u8> = (0..3 * PIECE + 5).map(|n| (n / 251) as u8).collect();
        // Written in pieces of all kinds of lengths.
        let write =
            |out: &mut dyn Write| good.chunks(1_013).try_for_each(|chunk| out.write_all(chunk));
        let differs = |found: Vec<u8>| differs(&found.into(), write).unwrap();
        assert_eq!(differs(good.clone()), None);
        for at in [0, 1, 1_013, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, good.len() - 1] {
            let mut other = good.clone();
            other[at] ^= 1;
            assert_eq!(differs(other), Some(at));
            assert_eq!(differs(good[..at].to_vec()), Some(at));
        }
        assert_eq!(differs([&good[..], &[0]].concat()), Some(good.len()));
        assert_eq!(super::differs(&Vec::new().into(), |_| Ok(())).unwrap(), None);
        // What fails otherwise is no difference.
        let fails = |_: &mut dyn Write| Err(io::Error::other("full"));
        assert_eq!(super::differs(&good.clone().into(), fails).unwrap_err().to_string(), "full");
    }
}
