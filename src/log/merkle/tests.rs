use super::*;
use crate::{
    codec::{Decode, DigitsError, Encode},
    log::merkle::range::subtrees,
};
use alloc::{string::ToString, vec::Vec};
use ct_merkle::mem_backed_tree::MemoryBackedTree;

/// The leaves of the Certificate Transparency test suite.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

fn hash(hex: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hex::decode_to_slice(hex, &mut hash).unwrap();
    hash
}

fn entries(n: u64) -> Vec<Vec<u8>> {
    (0..n).map(|i| i.to_be_bytes().repeat(i as usize % 5)).collect()
}

fn hashes(n: u64) -> Hashes {
    let mut hashes = Hashes::default();
    entries(n).iter().for_each(|entry| hashes.push(entry));
    hashes
}

/// The roots of that suite, for sizes 0 to 8.
#[test]
fn roots_are_those_of_certificate_transparency() {
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::default();
    for (size, root) in roots.iter().enumerate() {
        assert_eq!((tree.size(), tree.root().to_string().as_str()), (size as u64, *root));
        if let Some(leaf) = LEAVES.get(size) {
            tree.push(&hex::decode(leaf).unwrap());
        }
    }
}

#[test]
fn roots_are_those_of_another_implementation() {
    let mut tree = Tree::default();
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 0..=130u64 {
        assert_eq!(tree.root().as_bytes()[..], oracle.root().as_bytes()[..], "size {size}");
        assert_eq!(subtrees(0, tree.size()).count(), size.count_ones() as usize);
        let entry = size.to_be_bytes().repeat(size as usize % 5);
        tree.push(&entry);
        oracle.push(entry);
    }
}

#[test]
fn a_root_as_text_is_read_back_or_the_fault_named() {
    let mut tree = Tree::default();
    tree.push(b"entry");
    let text = tree.root().to_string();
    assert_eq!(text.parse(), Ok(tree.root()));
    assert_eq!(text.to_uppercase().parse(), Ok(tree.root()));
    assert_eq!(text[..62].parse::<Root>(), Err(DigitsError::Count { found: 62 }));
    assert_eq!((text.clone() + "0").parse::<Root>(), Err(DigitsError::Count { found: 65 }));
    let wrong = text[..7].to_string() + "g" + &text[8..];
    assert_eq!(wrong.parse::<Root>(), Err(DigitsError::Digit { at: 7 }));
}

#[test]
fn proofs_are_those_of_certificate_transparency() {
    let mut hashes = Hashes::default();
    LEAVES.iter().for_each(|leaf| hashes.push(&hex::decode(leaf).unwrap()));
    let inclusion: [(u64, u64, &[&str]); 6] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            7,
            8,
            &[
                "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];
    for (index, size, path) in inclusion {
        let path: Vec<_> = path.iter().map(|hex| hash(hex)).collect();
        assert_eq!(hashes.inclusion(index, size), Inclusion::new(index, size, path));
    }
    let consistency: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (old, new, path) in consistency {
        let path: Vec<_> = path.iter().map(|hex| hash(hex)).collect();
        assert_eq!(hashes.consistency(old, new), Consistency::new(old, new, path));
    }
}

#[test]
fn inclusion_proofs_are_those_of_another_implementation() {
    let (entries, hashes) = (entries(70), hashes(70));
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=70u64 {
        oracle.push(entries[size as usize - 1].clone());
        let head = hashes.head(size).unwrap();
        assert_eq!(head.root.as_bytes()[..], oracle.root().as_bytes()[..]);
        for index in 0..size {
            let proof = hashes.inclusion(index, size).unwrap();
            let other = oracle.prove_inclusion(index as usize);
            assert_eq!(proof.path().as_flattened(), other.as_bytes(), "{index} in {size}");
            let entry = &entries[index as usize];
            proof.verify(entry, &head).unwrap();
            proof.verify_hash(leaf_hash(entry), &head).unwrap();
            assert_eq!(Inclusion::from_bytes(&proof.to_bytes()), Ok(proof));
        }
    }
}

#[test]
fn consistency_proofs_are_those_of_another_implementation() {
    let (entries, hashes) = (entries(70), hashes(70));
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for new in 0..=70u64 {
        let head = hashes.head(new).unwrap();
        for old in 0..=new {
            let proof = hashes.consistency(old, new).unwrap();
            if old == 0 || old == new {
                assert_eq!(proof.path(), [[0; 32]; 0]);
            } else {
                let other = oracle.prove_consistency((new - old) as usize);
                assert_eq!(proof.path().as_flattened(), other.as_bytes(), "{old} to {new}");
            }
            proof.verify(&hashes.head(old).unwrap(), &head).unwrap();
            assert_eq!(Consistency::from_bytes(&proof.to_bytes()), Ok(proof));
        }
        oracle.push(entries.get(new as usize).cloned().unwrap_or_default());
    }
}

/// All strings with one bit flipped, all shorter ones, and a longer one.
fn mutations(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let flip = |bit: usize| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    };
    let cut = |end: usize| bytes[..end].to_vec();
    let longer = [bytes, &[0]].concat();
    (0..bytes.len() * 8).map(flip).chain((0..bytes.len()).map(cut)).chain([longer])
}

#[test]
fn a_proof_of_inclusion_with_any_bit_flipped_is_refused() {
    let (entries, hashes) = (entries(13), hashes(13));
    for size in 1..=13 {
        let head = hashes.head(size).unwrap();
        for index in 0..size {
            let entry = &entries[index as usize];
            let bytes = hashes.inclusion(index, size).unwrap().to_bytes();
            for changed in mutations(&bytes) {
                if let Ok(proof) = Inclusion::from_bytes(&changed) {
                    proof.verify(entry, &head).unwrap_err();
                }
            }
        }
    }
}

#[test]
fn a_proof_of_consistency_with_any_bit_flipped_is_refused() {
    let hashes = hashes(13);
    for new in 1..=13 {
        let head = hashes.head(new).unwrap();
        for old in 0..=new {
            let old_head = hashes.head(old).unwrap();
            let bytes = hashes.consistency(old, new).unwrap().to_bytes();
            for changed in mutations(&bytes) {
                if let Ok(proof) = Consistency::from_bytes(&changed) {
                    proof.verify(&old_head, &head).unwrap_err();
                }
            }
        }
    }
}

#[test]
fn proofs_hold_for_their_entry_place_and_heads_alone() {
    let hashes = hashes(40);
    let heads: Vec<Head> = (0..=40).map(|size| hashes.head(size).unwrap()).collect();
    // Entries 0, 5, 10 … are empty, so that only their places differ.
    for (index, size) in [(0, 3), (0, 4), (5, 17), (16, 17), (39, 40)] {
        let proof = hashes.inclusion(index, size).unwrap();
        let head = heads[size as usize];
        for other in (0..40).filter(|other| *other != index && (other % 5, index % 5) != (0, 0)) {
            let error = proof.verify_hash(hashes.get(0, other).unwrap(), &head).unwrap_err();
            assert!(matches!(error, MerkleError::Root { size: at, .. } if at == size));
        }
        let entry = hashes.get(0, index).unwrap();
        for other in heads.iter().filter(|other| other.size != size) {
            let error = MerkleError::Size { found: size, expected: other.size };
            assert_eq!(proof.verify_hash(entry, other), Err(error));
        }
        for place in (0..40).filter(|place| *place != index) {
            if let Ok(moved) = Inclusion::new(place, size, proof.path().to_vec()) {
                moved.verify_hash(entry, &head).unwrap_err();
            }
        }
    }
    for (old, new) in [(0, 9), (3, 4), (4, 9), (6, 33), (32, 40), (40, 40)] {
        let proof = hashes.consistency(old, new).unwrap();
        let (old_head, new_head) = (heads[old as usize], heads[new as usize]);
        let other = Root([7; 32]);
        let wrong = [
            (Head { root: other, ..old_head }, new_head),
            (old_head, Head { root: other, ..new_head }),
            (Head { size: old + 1, ..old_head }, new_head),
            (old_head, Head { size: new + 1, ..new_head }),
        ];
        for (i, (old_head, new_head)) in wrong.iter().enumerate() {
            // An empty tree is the beginning of any.
            if (old, i) != (0, 1) {
                proof.verify(old_head, new_head).unwrap_err();
            }
        }
    }
}

#[test]
fn what_cannot_be_proved_is_named() {
    let hashes = hashes(5);
    assert_eq!(hashes.inclusion(5, 5), Err(MerkleError::Index { index: 5, size: 5 }));
    assert_eq!(hashes.inclusion(0, 0), Err(MerkleError::Index { index: 0, size: 0 }));
    assert_eq!(hashes.consistency(4, 3), Err(MerkleError::Order { old: 4, new: 3 }));
    assert_eq!(hashes.inclusion(1, 6), Err(MerkleError::Missing { level: 1, index: 2 }));
    assert_eq!(hashes.consistency(5, 8), Err(MerkleError::Missing { level: 0, index: 5 }));
    assert_eq!(hashes.head(6), Err(MerkleError::Missing { level: 1, index: 2 }));
    let wrong = MerkleError::Length { found: 1, expected: 3 };
    assert_eq!(Inclusion::new(0, 5, [[0; 32]; 1].into()), Err(wrong));
    let wrong = MerkleError::Length { found: 1, expected: 2 };
    assert_eq!(Consistency::new(2, 5, [[0; 32]; 1].into()), Err(wrong));
    // The largest numbers neither overflow nor allocate.
    assert_eq!(
        Inclusion::new(0, u64::MAX, Vec::new()),
        Err(MerkleError::Length { found: 0, expected: 64 })
    );
    let bytes = [[255; 8], [255; 8]].concat();
    assert!(Inclusion::from_bytes(&bytes).is_err());
    assert_eq!(Consistency::from_bytes(&bytes).unwrap().path(), [[0; 32]; 0]);
}

#[test]
fn ranges_join_at_every_place() {
    let hashes = hashes(40);
    let leaf = |i| hashes.get(0, i).unwrap();
    for start in 0..=40 {
        let mut range = Range::new(start);
        for end in start..=40 {
            assert_eq!(hashes.range(start, end), Ok(range.clone()), "{start}..{end}");
            assert_eq!(range.root(), (start == 0).then(|| hashes.head(end).unwrap().root));
            let bytes = range.to_bytes();
            assert_eq!(Range::from_bytes(&bytes), Ok(range.clone()));
            Range::from_bytes(&bytes[..bytes.len() - 1]).unwrap_err();
            Range::from_bytes(&[&bytes[..], &[0]].concat()).unwrap_err();
            for middle in start..=end {
                let mut left = hashes.range(start, middle).unwrap();
                let right = hashes.range(middle, end).unwrap();
                assert_eq!(left.append(&right), Some(()));
                assert_eq!(left, range, "{start}..{middle}..{end}");
            }
            if end < 40 {
                range.push_hash(leaf(end));
            }
        }
    }
}

#[test]
fn ranges_with_a_gap_or_an_overlap_do_not_join() {
    let hashes = hashes(9);
    let mut left = hashes.range(1, 5).unwrap();
    for start in (0..9).filter(|start| *start != 5) {
        assert_eq!(left.append(&hashes.range(start, 9).unwrap()), None);
        assert_eq!(left, hashes.range(1, 5).unwrap());
    }
    assert_eq!(Tree::from_range(left), None);
    let tree = Tree::from_range(hashes.range(0, 9).unwrap()).unwrap();
    assert_eq!(tree.head(), hashes.head(9).unwrap());
    assert_eq!(tree.0.end(), 9);
}

#[test]
fn a_range_ends_before_numbers_do() {
    let mut range = Range::new(u64::MAX - 1);
    range.push(b"last");
    let full = range.clone();
    range.push(b"beyond");
    assert_eq!(range, full);
    assert_eq!(Range::from_bytes(&full.to_bytes()), Ok(full));
    let most = subtrees(1, u64::MAX).count();
    assert_eq!(most, 126);
    let backwards = [2u64.to_be_bytes(), 1u64.to_be_bytes()].concat();
    Range::from_bytes(&backwards).unwrap_err();
}
