use super::*;
use crate::log::merkle::{Consistency, Hashes, Inclusion, leaf_hash};
use alloc::string::{String, ToString};
use tlog_tiles as oracle;

fn hashes(n: u32) -> Hashes {
    let mut hashes = Hashes::default();
    (0..n).for_each(|i| hashes.push(&i.to_be_bytes()));
    hashes
}

/// The other implementation puts the height in the path and calls entries data.
fn path(tile: &oracle::Tile) -> String {
    tile.path().replacen("tile/8/data/", "tile/entries/", 1).replacen("tile/8/", "tile/", 1)
}

struct Reader<'a>(&'a Hashes);

impl oracle::HashReader for Reader<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<oracle::Hash>, oracle::Error> {
        let hash = |index: &u64| {
            let (level, n) = oracle::split_stored_hash_index(*index);
            oracle::Hash(self.0.get(level, n).unwrap())
        };
        Ok(indexes.iter().map(hash).collect())
    }
}

#[test]
fn tiles_are_those_of_another_implementation() {
    for size in (0..=520).chain([65_535, 65_536, 65_537, 70_000, 131_328, 300_000]) {
        let tiles: Vec<_> = hash_tiles(size).map(|tile| tile.to_string()).collect();
        let other: Vec<_> = oracle::Tile::new_tiles(8, 0, size).iter().map(path).collect();
        assert_eq!(tiles, other, "{size}");
        for tile in hash_tiles(size) {
            assert_eq!(tile.to_string().parse(), Ok(tile));
        }
        let data = |tile: oracle::Tile| {
            let (n, w) = (tile.level_index(), tile.width());
            path(&oracle::Tile::new(8, 0, n, w, true))
        };
        let other = oracle::Tile::new_tiles(8, 0, size).into_iter().filter(|t| t.level() == 0);
        let bundles = entry_bundles(size).map(|bundle| bundle.to_string());
        assert!(bundles.eq(other.map(data)), "{size}");
    }
}

#[test]
fn paths_are_those_of_another_implementation() {
    let mut n = 1u64;
    while n < 1 << 55 {
        for index in [n - 1, n, n + 1, 999 * n] {
            for (width, level) in [(1, 0), (17, 0), (255, 0), (256, 0)] {
                let tile = HashTile { level, place: Place { index, width } };
                let other = oracle::Tile::new(8, level, index, width.into(), false);
                assert_eq!(tile.to_string(), path(&other));
                assert_eq!(tile.to_string().parse::<HashTile>().is_ok(), index < 1 << 56);
                let bundle = EntryBundle(tile.place);
                let other = oracle::Tile::new(8, level, index, width.into(), true);
                assert_eq!(bundle.to_string(), path(&other));
            }
        }
        n *= 10;
    }
    let tile = HashTile { level: 4, place: Place { index: 1_234_067, width: 256 } };
    assert_eq!(tile.to_string(), "tile/4/x001/x234/067");
}

#[test]
fn contents_are_those_of_another_implementation() {
    let hashes = hashes(66_000);
    for size in [1, 2, 255, 256, 257, 600, 65_535, 65_536, 66_000] {
        for (tile, other) in hash_tiles(size).zip(oracle::Tile::new_tiles(8, 0, size)) {
            let bytes = tile.bytes(|level, index| hashes.get(level, index)).unwrap();
            assert_eq!(bytes, other.read_data(&Reader(&hashes)).unwrap(), "{tile} of {size}");
        }
    }
}

#[test]
fn proofs_are_those_of_another_implementation() {
    let hashes = hashes(600);
    let raw = |path: &[oracle::Hash]| path.iter().map(|hash| hash.0).collect::<Vec<_>>();
    for size in [1, 2, 3, 255, 256, 257, 600] {
        for index in (0..size).step_by(7) {
            let proof = oracle::prove_record(size, index, &Reader(&hashes)).unwrap();
            assert_eq!(hashes.inclusion(index, size).unwrap().path(), raw(&proof));
        }
        for old in (1..=size).step_by(5) {
            let proof = oracle::prove_tree(size, old, &Reader(&hashes)).unwrap();
            assert_eq!(hashes.consistency(old, size).unwrap().path(), raw(&proof));
        }
        let root = oracle::tree_hash(size, &Reader(&hashes)).unwrap();
        assert_eq!(hashes.head(size).unwrap().root.as_bytes(), &root.0);
    }
}

#[test]
fn proofs_follow_from_tiles_alone() {
    let hashes = hashes(66_000);
    for size in [1, 100, 256, 257, 700, 65_536, 66_000] {
        let from_tiles = |level, index| {
            let tile = HashTile::of(level, index, size)?;
            assert!(hash_tiles(size).any(|other| other == tile), "{tile} of {size}");
            let bytes = tile.bytes(|level, index| hashes.get(level, index)).unwrap();
            tile.hash(&bytes, level, index)
        };
        let index = size * 2 / 3;
        let proof = Inclusion::prove(index, size, from_tiles).unwrap();
        assert_eq!(Ok(proof), hashes.inclusion(index, size));
        let proof = Consistency::prove(index, size, from_tiles).unwrap();
        assert_eq!(Ok(proof), hashes.consistency(index, size));
    }
    assert_eq!(HashTile::of(0, 5, 5), None);
    assert_eq!(HashTile::of(3, 1, 15), None);
    assert_eq!(HashTile::of(64, 0, u64::MAX), None);
    assert_eq!(HashTile::of(0, u64::MAX, u64::MAX), None);
    let tile = HashTile::of(2, 1, 15).unwrap();
    assert_eq!((tile.level(), tile.index(), tile.width()), (0, 0, 15));
    let bytes = tile.bytes(|level, index| hashes.get(level, index)).unwrap();
    assert_eq!(tile.hash(&bytes, 2, 2), hashes.get(2, 2));
    assert_eq!(tile.hash(&bytes, 2, 3), None);
    assert_eq!(tile.hash(&bytes, 9, 0), None);
    assert_eq!(tile.hash(&bytes[1..], 0, 0), None);
    assert_eq!(tile.hash(&bytes[32..], 0, 0), None);
}

#[test]
fn bundles_hold_the_entries_of_their_leaves() {
    let entries: Vec<Vec<u8>> =
        (0..300u32).map(|i| i.to_be_bytes()[..i as usize % 5].into()).collect();
    let mut all = Vec::new();
    for bundle in entry_bundles(300) {
        let bytes = bundle.bytes(|index| entries.get(index as usize)).unwrap();
        let mut rest = bytes.as_slice();
        for i in 0..u64::from(bundle.width()) {
            let (length, tail) = rest.split_first_chunk().unwrap();
            let (entry, tail) = tail.split_at(u16::from_be_bytes(*length).into());
            let expected = &entries[(256 * bundle.index() + i) as usize];
            assert_eq!(leaf_hash(entry), leaf_hash(expected));
            rest = tail;
        }
        assert!(rest.is_empty());
        all.extend(bytes);
    }
    assert_eq!(all.len(), entries.iter().map(|entry| 2 + entry.len()).sum::<usize>());
    let bundle = entry_bundles(301).last().unwrap();
    let missing = bundle.bytes(|index| entries.get(index as usize));
    assert_eq!(missing, Err(TileError::Entry { index: 300 }));
    let large = [0; 65_536];
    assert_eq!(bundle.bytes(|_| Some(&large)), Err(TileError::Entry { index: 256 }));
    assert!(bundle.bytes(|_| Some(&large[1..])).is_ok());
    let tile = hash_tiles(301).nth(1).unwrap();
    let error = TileError::Hash { level: 0, index: 256 };
    assert_eq!(tile.bytes(|_, _| None), Err(error));
}

#[test]
fn a_tile_has_one_path() {
    let wrong = [
        ("", TileError::Prefix),
        ("tile", TileError::Prefix),
        ("tile/000", TileError::Prefix),
        ("/tile/0/000", TileError::Prefix),
        ("tile/8/000", TileError::Level),
        ("tile/00/000", TileError::Level),
        ("tile/+1/000", TileError::Level),
        ("tile/entries/000", TileError::Level),
        ("tile/0/", TileError::Index),
        ("tile/0/0", TileError::Index),
        ("tile/0/0000", TileError::Index),
        ("tile/0/x000", TileError::Index),
        ("tile/0/x000/000", TileError::Index),
        ("tile/0/001/000", TileError::Index),
        ("tile/0/x001/x000", TileError::Index),
        ("tile/0/xx001/000", TileError::Index),
        ("tile/0/x001/000/", TileError::Index),
        ("tile/0/+01", TileError::Index),
        ("tile/0/x018/x446/x744/x073/x709/x551/616", TileError::Index),
        // 2^56 tiles of 256 leaves, and 2^48 of 65,536.
        ("tile/0/x072/x057/x594/x037/x927/936", TileError::Index),
        ("tile/1/x281/x474/x976/x710/656", TileError::Index),
        ("tile/7/001", TileError::Index),
        ("tile/0/000.p/", TileError::Width),
        ("tile/0/000.p/0", TileError::Width),
        ("tile/0/000.p/256", TileError::Width),
        ("tile/0/000.p/257", TileError::Width),
        ("tile/0/000.p/01", TileError::Width),
        ("tile/0/000.p/+1", TileError::Width),
        ("tile/0/000.p/1/", TileError::Width),
        ("tile/0/000.p1", TileError::Index),
    ];
    for (path, error) in wrong {
        assert_eq!(path.parse::<HashTile>(), Err(error), "{path}");
    }
    assert_eq!("tile/0/000".parse::<EntryBundle>(), Err(TileError::Prefix));
    assert_eq!("tile/entries/0".parse::<EntryBundle>(), Err(TileError::Index));
    let right = [
        "tile/0/x072/x057/x594/x037/x927/935",
        "tile/7/000.p/255",
        "tile/1/x281/x474/x976/x710/655",
    ];
    for path in right {
        assert_eq!(path.parse::<HashTile>().unwrap().to_string(), path);
    }
}
