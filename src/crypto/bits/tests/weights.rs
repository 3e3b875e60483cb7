//! Rules about the signer's weight.

use super::*;

/// Two shares of `0..=7` that are the weight together, or this number.
fn shares(world: &World, target: Option<i64>) -> Relation {
    let mut constraints = Constraints::new(2);
    let mut terms = Vec::new();
    for slot in 0..2 {
        terms.extend(weights(7).into_iter().map(|c| (constraints.bit([(slot, c)]), c)));
    }
    match target {
        Some(target) => constraints.row(terms, target),
        None => constraints.weight_row(terms),
    }
    Relation::new(constraints, &[0, 1], &world.keys).unwrap()
}

fn bits(shares: [i64; 2]) -> Vec<Scalar> {
    shares.into_iter().flat_map(|share| split(share, 7)).collect()
}

#[test]
fn ballot_v2_exactly_the_shares_of_the_weight_pass() {
    let world = World::new();
    let relation = shares(&world, None);
    assert!(relation.has_weight());
    for weight in [0, 1, 5, 7, 9, 14, u32::MAX.into(), 1 << 63, u64::MAX] {
        for (a, b) in [(0, 0), (1, 0), (2, 3), (7, 0), (4, 5), (7, 7)] {
            let ballot = world.ballot_of_weight(weight, &relation, &bits([a, b]), &mut OsRng);
            let expected = (i128::from(a + b) != i128::from(weight)).then_some(V2);
            assert_eq!(ballot.check(&relation, &world.bases), expected, "{a} + {b} of {weight}");
        }
    }
}

#[test]
fn ballot_v2_the_proof_is_about_one_weight() {
    let world = World::new();
    let relation = shares(&world, None);
    let ballot = world.ballot_of_weight(5, &relation, &bits([2, 3]), &mut OsRng);
    assert_eq!(ballot.check(&relation, &world.bases), None);
    for weight in [0, 4, 6, 5 + (1 << 16), 5 + (1 << 32), u64::MAX] {
        let other = Ballot { weight, ..ballot.clone() };
        assert!(is_equation(other.check(&relation, &world.bases)), "{weight}");
    }
    // The number 5 is another rule than a weight that is 5.
    let number = shares(&world, Some(5));
    assert_ne!(number.digest, relation.digest);
    assert!(is_equation(ballot.check(&number, &world.bases)));
    let of_number = world.ballot_of_weight(5, &number, &bits([2, 3]), &mut OsRng);
    assert!(is_equation(of_number.check(&relation, &world.bases)));
}

#[test]
fn a_weight_says_nothing_where_no_rule_is_about_it() {
    let world = World::new();
    let relation = shares(&world, Some(5));
    assert!(!relation.has_weight());
    let ballot = world.ballot_of_weight(5, &relation, &bits([1, 4]), &mut OsRng);
    let other = Ballot { weight: 77, ..ballot };
    assert_eq!(other.check(&relation, &world.bases), None);
}

/// It stands for the weight in the hash.
#[test]
fn the_least_number_is_no_target() {
    let world = World::new();
    let relation = |target| {
        let mut constraints = Constraints::new(1);
        let bit = constraints.bit([(0, 1)]);
        constraints.row([(bit, 1)], target);
        Relation::new(constraints, &[0], &world.keys)
    };
    assert!(relation(i64::MIN).is_none());
    assert!(relation(i64::MIN + 1).is_some());
}

#[test]
fn which_bits_keep_a_rule_depends_on_the_weight() {
    let world = World::new();
    let relation = shares(&world, None);
    let on: Vec<bool> = bits([2, 3]).iter().map(|bit| *bit == Scalar::ONE).collect();
    let constraints = relation.constraints();
    assert!(constraints.allow_with(&on, 5));
    assert!(!constraints.allow_with(&on, 4));
    assert!(!constraints.allow(&on));
    assert!(!constraints.allow(&[false; 6]));
}
