//! The entries of a board in files with equal numbers of entries.

use crate::log::{LogError, ReadLog, Torn};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Entries in a segment: 16 entry bundles of C2SP tlog-tiles. The last segment has fewer.
pub const SEGMENT: u64 = 4096;
/// The offset of every 64th entry is kept, in eight bytes.
const STEP: u64 = 64;

/// A log in segments, each opened by its number. Memory grows by one byte for eight entries, whatever their size.
pub struct Segments<F, R> {
    open: F,
    /// The offset of every 64th entry in its segment, as far as it was read.
    known: Vec<u64>,
    /// The reader for reading in order, and the one for lookups.
    readers: [Option<Place<R>>; 2],
}

struct Place<R> {
    segment: u64,
    reader: BufReader<R>,
    /// The next entry, and its offset in its segment.
    entry: u64,
    at: u64,
}

impl<F, R> fmt::Debug for Segments<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments").finish_non_exhaustive()
    }
}

/// The name of a segment's file.
pub(crate) fn segment_name(segment: u64) -> String {
    format!("board/{segment:08}.bin")
}

impl<F, R> Segments<F, R>
where
    F: FnMut(u64) -> io::Result<Option<R>>,
    R: Read + Seek,
{
    /// A log whose segments `open` returns by number, from 0; `None` after the last one.
    pub fn new(open: F) -> Self {
        Self { open, known: Vec::new(), readers: [None, None] }
    }

    fn storage(segment: u64, error: &io::Error) -> LogError {
        LogError::Storage { file: segment_name(segment), reason: error.to_string() }
    }

    /// A reader at a known entry at or before the wanted one.
    fn seek(&mut self, index: u64) -> Result<Option<Place<R>>, LogError> {
        let (segment, first) = (index / SEGMENT, index / SEGMENT * SEGMENT);
        let Some(reader) = (self.open)(segment).map_err(|e| Self::storage(segment, &e))? else {
            return Ok(None);
        };
        let mut place = Place {
            segment,
            reader: BufReader::with_capacity(1 << 16, reader),
            entry: first,
            at: 0,
        };
        if let Some(at) = self.known.get((index / STEP) as usize) {
            (place.entry, place.at) = (index / STEP * STEP, *at);
            let sought = place.reader.seek(SeekFrom::Start(*at));
            sought.map_err(|e| Self::storage(segment, &e))?;
        }
        Ok(Some(place))
    }
}

impl<R: Read> Place<R> {
    /// Reads the next entry of the segment.
    fn next(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        let storage = |e: io::Error| LogError::Storage {
            file: segment_name(self.segment),
            reason: e.to_string(),
        };
        let mut length = [0; 2];
        let found = fill(&mut self.reader, &mut length).map_err(storage)?;
        let torn = |missing| {
            let torn = Torn { at: self.at as usize, missing };
            LogError::Torn { file: segment_name(self.segment), torn }
        };
        match found {
            0 => return Ok(None),
            1 => return Err(torn(1)),
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(length));
        let mut entry = alloc::vec![0; length];
        let found = fill(&mut self.reader, &mut entry).map_err(storage)?;
        if found < length {
            return Err(torn(length - found));
        }
        self.at += 2 + length as u64;
        self.entry += 1;
        Ok(Some(entry))
    }
}

/// Reads until the buffer is full or the end is reached. Returns the number of bytes read.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut found = 0;
    while let Some(rest) = buffer.get_mut(found..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => found += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

impl<F, R> ReadLog for Segments<F, R>
where
    F: FnMut(u64) -> io::Result<Option<R>>,
    R: Read + Seek,
{
    fn entry(&mut self, index: u64) -> Result<Option<Vec<u8>>, LogError> {
        let segment = index / SEGMENT;
        let goes_on = |place: &Option<Place<R>>| {
            place.as_ref().is_some_and(|p| p.entry == index && p.segment == segment)
        };
        let near = |place: &Option<Place<R>>| {
            let near =
                |p: &Place<R>| p.segment == segment && p.entry <= index && index - p.entry < STEP;
            place.as_ref().is_some_and(near)
        };
        let [reading, looking] = &mut self.readers;
        let slot = match (goes_on(reading), near(looking)) {
            (true, _) => 0,
            (false, true) => 1,
            // Reading in order opens a segment at its first entry; everything else is a lookup.
            _ => usize::from(!index.is_multiple_of(SEGMENT) && reading.is_some()),
        };
        let Some(mut place) = (match self.readers.get_mut(slot).and_then(Option::take) {
            Some(place)
                if place.segment == segment
                    && place.entry <= index
                    && index - place.entry < STEP =>
            {
                Some(place)
            }
            _ => self.seek(index)?,
        }) else {
            return Ok(None);
        };
        loop {
            let (entry, at) = (place.entry, place.at);
            let Some(found) = place.next()? else {
                // Only a full segment can be followed by others.
                if (self.open)(segment + 1).map_err(|e| Self::storage(segment + 1, &e))?.is_some() {
                    let (file, found) = (segment_name(segment), entry % SEGMENT);
                    return Err(LogError::Short { file, found, expected: SEGMENT });
                }
                return Ok(None);
            };
            if entry.is_multiple_of(STEP) && entry / STEP == self.known.len() as u64 {
                self.known.push(at);
            }
            if entry == index {
                if place.entry.is_multiple_of(SEGMENT) {
                    let more = fill(&mut place.reader, &mut [0])
                        .map_err(|e| Self::storage(segment, &e))?;
                    if more > 0 {
                        return Err(LogError::Long { file: segment_name(segment), at: place.at });
                    }
                } else if let Some(slot) = self.readers.get_mut(slot) {
                    *slot = Some(place);
                }
                return Ok(Some(found));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn log(segments: &[Vec<u8>]) -> impl ReadLog + use<'_> {
        Segments::new(move |n| Ok(segments.get(n as usize).cloned().map(Cursor::new)))
    }

    fn segments(entries: u64) -> Vec<Vec<u8>> {
        let mut segments = Vec::new();
        for n in 0..entries {
            if n % SEGMENT == 0 {
                segments.push(Vec::new());
            }
            let entry = content(n);
            let segment: &mut Vec<u8> = segments.last_mut().unwrap();
            segment.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            segment.extend_from_slice(&entry);
        }
        segments
    }

    fn content(n: u64) -> Vec<u8> {
        n.to_be_bytes()[..1 + n as usize % 8].to_vec()
    }

    #[test]
    fn entries_come_in_any_order() {
        for size in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT + 70] {
            let segments = segments(size);
            let mut log = log(&segments);
            for n in [5, 4097, 8191, 3, 8192, 0, 4096, 12_300] {
                assert_eq!(log.entry(n).unwrap(), (n < size).then(|| content(n)), "{n} of {size}");
            }
            for n in 0..size + 2 {
                assert_eq!(log.entry(n).unwrap(), (n < size).then(|| content(n)), "{n} of {size}");
                if n % 97 == 3 {
                    let earlier = n * 7 % (n + 1);
                    let expected = (earlier < size).then(|| content(earlier));
                    assert_eq!(log.entry(earlier).unwrap(), expected, "{earlier} of {size}");
                }
            }
        }
    }

    #[test]
    fn broken_segments_are_named() {
        let good = segments(2 * SEGMENT + 5);
        let all = |segments: &[Vec<u8>]| {
            let mut log = log(segments);
            for n in 0.. {
                match log.entry(n) {
                    Ok(Some(entry)) => assert_eq!(entry, content(n)),
                    Ok(None) => return Ok(n),
                    Err(error) => return Err((n, error)),
                }
            }
            unreachable!()
        };
        assert_eq!(all(&good), Ok(2 * SEGMENT + 5));
        let mut short = good.clone();
        let last = short[0].len() - 2 - content(SEGMENT - 1).len();
        short[0].truncate(last);
        let error =
            LogError::Short { file: segment_name(0), found: SEGMENT - 1, expected: SEGMENT };
        assert_eq!(all(&short), Err((SEGMENT - 1, error)));
        let mut torn = good.clone();
        torn[1].pop();
        let (n, error) = all(&torn).unwrap_err();
        assert!(
            matches!(error, LogError::Torn { ref file, torn: Torn { missing: 1, .. } } if *file == segment_name(1))
        );
        assert_eq!(n, 2 * SEGMENT - 1);
        let mut long = good.clone();
        let at = long[0].len() as u64;
        long[0].extend_from_slice(&[0, 1, 9]);
        assert_eq!(all(&long), Err((SEGMENT - 1, LogError::Long { file: segment_name(0), at })));
    }
}
