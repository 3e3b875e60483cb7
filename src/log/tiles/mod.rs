//! A board as files that do not change once they are full ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles)).
//!
//! A server needs no program: it serves files, and clients compute any proof from the tiles that hold its hashes. This module
//! says which files there are, their names and their contents; the caller reads and writes them.
//!
//! ```
//! use tabella::log::{merkle::Hashes, tiles::{entry_bundles, hash_tiles, HashTile}};
//!
//! let paths: Vec<_> = hash_tiles(70_000).map(|tile| tile.to_string()).collect();
//! assert_eq!(paths.len(), 273 + 1 + 1 + 1 + 1);
//! assert_eq!(paths[272..], [
//!     "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
//! ]);
//! assert_eq!(entry_bundles(300).last().unwrap().to_string(), "tile/entries/001.p/44");
//!
//! let mut hashes = Hashes::default();
//! (0..300u16).for_each(|i| hashes.push(&i.to_be_bytes()));
//! let tile: HashTile = "tile/1/000.p/1".parse()?;
//! let bytes = tile.bytes(|level, index| hashes.get(level, index))?;
//! assert_eq!(bytes, hashes.get(8, 0).unwrap());
//! # Ok::<(), tabella::log::tiles::TileError>(())
//! ```

use crate::log::merkle::Range;
use alloc::vec::Vec;
use core::{fmt, str::FromStr};

/// Hashes in a full tile, and entries in a full bundle.
pub const WIDTH: u16 = 256;
/// The number of tile levels of a tree of less than 2⁶⁴ entries.
const LEVELS: u8 = 8;

/// A tile of hashes: 256, or fewer at the right edge.
///
/// As text it is its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashTile {
    level: u8,
    place: Place,
}

/// A bundle of entries: 256, or fewer at the right edge.
///
/// As text it is its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryBundle(Place);

/// A tile's place in its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    index: u64,
    width: u16,
}

/// The tiles of hashes of a tree of `size` entries: level by level, left to right.
pub fn hash_tiles(size: u64) -> impl Iterator<Item = HashTile> {
    (0..LEVELS).flat_map(move |level| {
        places(size >> (8 * level)).map(move |place| HashTile { level, place })
    })
}

/// The bundles of a board of `size` entries, left to right. Concatenated they are
/// [`Board::bytes`](crate::board::Board::bytes).
pub fn entry_bundles(size: u64) -> impl Iterator<Item = EntryBundle> {
    places(size).map(EntryBundle)
}

/// The places of the tiles that together hold `n` items.
fn places(n: u64) -> impl Iterator<Item = Place> {
    let (full, rest) = (n >> 8, n & 0xff);
    let last = (rest > 0).then_some(Place { index: full, width: rest as u16 });
    (0..full).map(|index| Place { index, width: WIDTH }).chain(last)
}

impl HashTile {
    /// The tile that holds, for the tree of `size` entries, the hash over the leaves `index·2^level..(index+1)·2^level` or
    /// the hashes below it; `None` if the tree has no such hash.
    pub fn of(level: u8, index: u64, size: u64) -> Option<Self> {
        let end = index.checked_add(1)?;
        if level > 63 || size >> level < end {
            return None;
        }
        let tile_level = level / 8;
        let index = index >> (8 - level % 8);
        let left = (size >> (8 * tile_level)) - (index << 8);
        let place = Place { index, width: left.min(WIDTH.into()) as u16 };
        Some(Self { level: tile_level, place })
    }

    /// The level, from 0 for hashes of leaves. Each hash covers 256^level leaves.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// The place in the level, from 0.
    pub fn index(&self) -> u64 {
        self.place.index
    }

    /// The number of its hashes, 1 to 256.
    pub fn width(&self) -> u16 {
        self.place.width
    }

    /// The content: the hashes, concatenated. `hashes` is as for [`Inclusion::prove`](crate::log::merkle::Inclusion::prove).
    ///
    /// # Errors
    ///
    /// [`TileError::Hash`].
    pub fn bytes(
        &self,
        hashes: impl Fn(u8, u64) -> Option<[u8; 32]>,
    ) -> Result<Vec<u8>, TileError> {
        let level = 8 * self.level;
        let mut bytes = Vec::with_capacity(usize::from(self.width()) * 32);
        for index in self.place.range() {
            let hash = hashes(level, index).ok_or(TileError::Hash { level, index })?;
            bytes.extend_from_slice(&hash);
        }
        Ok(bytes)
    }

    /// The hash over the leaves `index·2^level..(index+1)·2^level`, computed from this tile's content; `None` if that is not
    /// possible. Clients make proofs from tiles with it; the proof's root then vouches for the tiles.
    pub fn hash(&self, bytes: &[u8], level: u8, index: u64) -> Option<[u8; 32]> {
        let (hashes, []) = bytes.as_chunks() else { return None };
        if hashes.len() != usize::from(self.width()) || level / 8 != self.level {
            return None;
        }
        let height = level % 8;
        let first = index.checked_mul(1 << height)?.checked_sub(self.place.index << 8)?;
        let first = usize::try_from(first).ok()?;
        let mut range = Range::new(0);
        for hash in hashes.get(first..first.checked_add(1 << height)?)? {
            range.push_hash(*hash);
        }
        Some(*range.root()?.as_bytes())
    }
}

impl EntryBundle {
    /// The number of its first entry, divided by 256.
    pub fn index(&self) -> u64 {
        self.0.index
    }

    /// The number of its entries, 1 to 256.
    pub fn width(&self) -> u16 {
        self.0.width
    }

    /// The content: each entry after its length in two bytes, big-endian.
    ///
    /// # Errors
    ///
    /// [`TileError::Entry`]: the entry does not exist or has more than 65,535 bytes.
    pub fn bytes<E: AsRef<[u8]>>(
        &self,
        mut entry: impl FnMut(u64) -> Option<E>,
    ) -> Result<Vec<u8>, TileError> {
        let mut bytes = Vec::new();
        for index in self.0.range() {
            let wrong = TileError::Entry { index };
            let entry = entry(index).ok_or(wrong)?;
            let length = u16::try_from(entry.as_ref().len()).map_err(|_| wrong)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(entry.as_ref());
        }
        Ok(bytes)
    }
}

impl Place {
    fn range(self) -> impl Iterator<Item = u64> {
        (0..self.width.into()).map(move |i| (self.index << 8) + i)
    }

    /// The place at the end of a path, if it can exist in `level`.
    fn read(text: &str, level: u8) -> Result<Self, TileError> {
        let (groups, width) = match text.split_once(".p/") {
            Some((groups, width)) => (groups, width.parse().map_err(|_| TileError::Width)?),
            None => (text, WIDTH),
        };
        if width == 0 || width > WIDTH {
            return Err(TileError::Width);
        }
        let mut index = 0u64;
        for group in groups.split('/') {
            let group: u16 = group.trim_start_matches('x').parse().map_err(|_| TileError::Index)?;
            let next = index.checked_mul(1000).and_then(|index| index.checked_add(group.into()));
            index = next.ok_or(TileError::Index)?;
        }
        // The number of its last leaf is below 2^64.
        if index.checked_shr(64 - 8 * u32::from(level + 1)).unwrap_or(0) > 0 {
            return Err(TileError::Index);
        }
        Ok(Self { index, width })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, width } = *self;
        for power in (1..7).rev().map(|n| 1000u64.pow(n)).filter(|power| *power <= index) {
            write!(f, "x{:03}/", index / power % 1000)?;
        }
        write!(f, "{:03}", index % 1000)?;
        if width < WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
    }
}

impl fmt::Display for HashTile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, self.place)
    }
}

impl FromStr for HashTile {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let (level, rest) = text
            .strip_prefix("tile/")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(TileError::Prefix)?;
        let number = level.parse().ok().filter(|number| *number < LEVELS);
        let number = number.filter(|_| level.len() == 1).ok_or(TileError::Level)?;
        let tile = Self { level: number, place: Place::read(rest, number)? };
        canonical(tile, rest, tile.place)
    }
}

impl fmt::Display for EntryBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/entries/{}", self.0)
    }
}

impl FromStr for EntryBundle {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let rest = text.strip_prefix("tile/entries/").ok_or(TileError::Prefix)?;
        let place = Place::read(rest, 0)?;
        canonical(Self(place), rest, place)
    }
}

/// The tile, if this is the canonical text of its place.
fn canonical<T>(tile: T, text: &str, place: Place) -> Result<T, TileError> {
    let written = alloc::format!("{place}");
    if written == text {
        return Ok(tile);
    }
    let groups = |path: &str| path.split(".p/").next().map(alloc::string::String::from);
    let same = groups(&written) == groups(text);
    Err(if same { TileError::Width } else { TileError::Index })
}

/// Why text is not the path of a tile, or why a tile has no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TileError {
    /// A path begins with `tile/`, a level or `entries`, and another `/`.
    Prefix,
    /// The level is a digit from 0 to 7.
    Level,
    /// The index is in groups of three digits, `x` before all but the last and `/` between them.
    Index,
    /// The width, after `.p/`, is 1 to 255 without leading zeros; a full tile has none.
    Width,
    /// A needed hash is not known.
    Hash {
        /// Over 2^level leaves.
        level: u8,
        /// Its place in the level, from 0.
        index: u64,
    },
    /// A needed entry does not exist or has more than 65,535 bytes.
    Entry {
        /// Its place, from 0.
        index: u64,
    },
}

impl fmt::Display for TileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix => {
                f.write_str("the path of a tile begins with 'tile/' and a level or 'entries'")
            }
            Self::Level => f.write_str("the level of a tile is a digit from 0 to 7"),
            Self::Index => f.write_str("the index of a tile is in groups like 'x001/x234/067'"),
            Self::Width => f.write_str("the width of a tile is '.p/' and a number from 1 to 255"),
            Self::Hash { level, index } => write!(f, "hash {index} of level {level} is not known"),
            Self::Entry { index } => {
                write!(f, "entry {index} does not exist or has more than 65535 bytes")
            }
        }
    }
}

impl core::error::Error for TileError {}

#[cfg(test)]
mod tests;
