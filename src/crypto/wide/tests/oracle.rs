//! The crate `bulletproofs` as a second opinion on the range proof.

use super::*;
use curve25519_dalek::ristretto::CompressedRistretto;

#[test]
fn wide_generators_are_those_of_the_crate() {
    let World { generators: Generators { blinding, G, H }, proving, .. } = World::new();
    assert_eq!(proving.pedersen.B, *Element::BASE.point());
    assert_eq!(proving.pedersen.B_blinding, blinding);
    let shares = || (0..VALUES).map(|value| proving.bits.share(value));
    assert!(shares().flat_map(|share| share.G(16)).eq(&G));
    // The crate does not show its `H`. With others it would refuse every proof below.
    assert_eq!((G.len(), H.len()), (16 * VALUES, 16 * VALUES));
    let all = G.iter().chain(&H).chain([&blinding, Element::BASE.point()]);
    let mut bytes: Vec<_> = all.map(|point| point.compress().to_bytes()).collect();
    bytes.sort();
    bytes.dedup();
    assert_eq!(bytes.len(), 32 * VALUES + 2);
}

/// The bytes of commitments and range proof.
pub(super) fn range_bytes(proof: &Proof) -> Vec<u8> {
    let mut bytes = proof.V.to_bytes();
    proof.range.encode(&mut bytes);
    bytes
}

/// The crate's verdict on these bytes.
pub(super) fn accepts(world: &World, statement: &Statement<'_>, bytes: &[u8]) -> bool {
    let values = statement.relation.rules.values();
    let (commitments, proof) = bytes.split_at(32 * values);
    let Ok(proof) = bulletproofs::RangeProof::from_bytes(proof) else { return false };
    let mut V: Vec<_> =
        commitments.chunks(32).map(|V| CompressedRistretto::from_slice(V).unwrap()).collect();
    V.resize(values.next_power_of_two(), CompressedRistretto([0; 32]));
    let mut transcript = context();
    statement.absorb(&mut transcript);
    let ProvingGenerators { pedersen, bits } = &world.proving;
    proof.verify_multiple_with_rng(bits, pedersen, transcript.merlin(), &V, 16, &mut OsRng).is_ok()
}

/// Ours, of the range proof alone.
fn we_accept(world: &World, statement: &Statement<'_>, bytes: &[u8]) -> bool {
    let values = statement.relation.rules.values();
    let mut reader = Reader::new(bytes);
    let Ok(V) = reader.elements(values) else { return false };
    let Ok(range) = RangeProof::decode(&mut reader, values.next_power_of_two()) else {
        return false;
    };
    reader.finish().unwrap();
    let mut transcript = context();
    statement.absorb(&mut transcript);
    RangeProof::absorb_commitments(&V, &mut transcript);
    let challenges = range.challenges(&mut transcript).unwrap();
    let (bases, handles) = &world.bases;
    let mut batch = Batch::new(bases);
    let mut enqueue = batch.enqueue(&mut transcript);
    let V = enqueue.points(&V);
    range.enqueue(V, &challenges, handles, &mut enqueue);
    batch.verify(&mut OsRng).is_ok()
}

#[test]
fn wide_a_thousand_good_and_changed_range_proofs_have_the_verdict_of_the_crate() {
    let world = World::new();
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let (mut good, mut changed, mut read) = (0, 0, 0);
    while good + changed < 1_000 {
        let values = 1 + good % 4;
        let mut rules = Rules::new(values - values / 3);
        for _ in 0..values / 3 {
            rules.slack();
        }
        let relation = world.relation(rules);
        let chosen: Vec<u16> = (0..values).map(|_| rng.next_u32() as u16).collect();
        let cast = world.cast(&relation, &chosen, &mut rng);
        let statement = cast.statement(&relation);
        let bytes = range_bytes(&cast.proof);
        assert!(accepts(&world, &statement, &bytes) && we_accept(&world, &statement, &bytes));
        good += 1;
        // A bit of each field, and two fields exchanged.
        let items = bytes.len() / 32;
        for item in 0..items {
            let bit = rng.next_u32() as usize % 256;
            let mut flipped = bytes.clone();
            flipped[32 * item + bit / 8] ^= 1 << (bit % 8);
            let other = (item + 1 + rng.next_u32() as usize % (items - 1)) % items;
            let mut exchanged = bytes.clone();
            let (low, high) = exchanged.split_at_mut(32 * item.max(other));
            low[32 * item.min(other)..][..32].swap_with_slice(&mut high[..32]);
            for bytes in [flipped, exchanged] {
                assert_eq!(
                    accepts(&world, &statement, &bytes),
                    we_accept(&world, &statement, &bytes)
                );
                assert!(!accepts(&world, &statement, &bytes));
                read += usize::from(
                    bulletproofs::RangeProof::from_bytes(&bytes[32 * values..]).is_ok(),
                );
                changed += 1;
            }
        }
    }
    assert!(good > 10 && read > 500, "{good} {changed} {read}");
}
