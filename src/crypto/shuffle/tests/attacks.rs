//! Shuffles that are wrong in one step, each refused by the equation for that step.

use super::*;
use crate::crypto::shuffle::tests::forge::*;

/// Refused by these equations, the first of which is named, and by the classic proof, too.
fn refused(cheat: &Cheat, tags: &[&'static str]) {
    let proof = cheat.prove(OURS);
    assert_eq!(failing(OURS, &cheat.statement(), &cheat.generators, &proof), tags);
    assert_eq!(cheat.verdict(&proof), Err(ShuffleError::Invalid(ProofCheck::Equation(tags[0]))));
    let classic = cheat.prove_classic();
    assert_eq!(failing_classic(&cheat.statement(), &cheat.generators, &classic), tags);
}

/// Accepted by a verifier with these weaker rules, and refused by ours because of this equation alone.
fn refused_by_ours_alone(cheat: &Cheat, weak: Rules, tag: &'static str) {
    let proof = cheat.prove(weak);
    assert!(failing(weak, &cheat.statement(), &cheat.generators, &proof).is_empty());
    refused(cheat, &[tag]);
    // The proof for the weak verifier is invalid for ours, too.
    assert!(matches!(cheat.verdict(&proof), Err(ShuffleError::Invalid(_))));
}

fn half() -> Scalar {
    Scalar::from(2u64).invert()
}

fn scale(matrix: Matrix, factor: Scalar) -> Matrix {
    matrix.into_iter().map(|row| row.into_iter().map(|x| x * factor).collect()).collect()
}

/// Output 0 is half of an input and output 1 is twice one. The product of all `u′ᵢ` stays the same.
fn scaled() -> [Matrix; 2] {
    let mut committed = matrix([[2, 0, 0], [0, 1, 0], [0, 0, 1]]);
    committed[1][1] = half();
    let mut outputs = matrix([[1, 0, 0], [0, 2, 0], [0, 0, 1]]);
    outputs[0][0] = half();
    [committed, outputs]
}

/// Half of input 0 moves to output 1. All rows of the matrix add up to 1.
fn moved() -> [Matrix; 2] {
    [matrix([[2, -1], [0, 1]]), scale(matrix([[1, 0], [1, 2]]), half())]
}

#[test]
fn mix_an_honest_prover_is_accepted_by_all_verifiers() {
    for (pi, width) in [(&[0][..], 1), (&[1, 0], 3), (&[2, 0, 1, 4, 3], 2)] {
        let cheat = Cheat::new(pi, width);
        let proof = cheat.prove(OURS);
        assert_eq!(cheat.verdict(&proof), Ok(()));
        assert!(failing(OURS, &cheat.statement(), &cheat.generators, &proof).is_empty());
        let classic = cheat.prove_classic();
        assert!(failing_classic(&cheat.statement(), &cheat.generators, &classic).is_empty());
    }
}

#[test]
fn mix_s1_scaled_rows_are_refused() {
    refused(&Cheat::with(scaled(), 2), &["MIX.S1"]);
}

/// ATTACK. An output is the sum of two inputs, one of which is also an output: its vote can be seen in both.
#[test]
fn mix_s1_related_rows_are_refused() {
    let mut cheat = Cheat::with([matrix([[1, 0], [-1, 1]]), matrix([[1, 1], [0, 1]])], 1);
    refused(&cheat, &["MIX.S1", "MIX.S2"]);
    cheat.links = Links::Patched;
    refused(&cheat, &["MIX.S1", "MIX.S5"]);
}

/// A prover that knows discrete logarithms between generators opens its commitments to any matrix.
#[test]
fn mix_s1_foreign_generators_are_refused() {
    let mut cheat = Cheat::with(scaled(), 1);
    // With h₁ = 2h₀ the commitments to the scaled rows have the right sum: 2h₀ + h₁/2 = h₀ + h₁.
    let [h0, ours] = [cheat.generators.rows[0], cheat.generators.rows[1]];
    cheat.generators.rows[1] = h0 + h0;
    let proof = cheat.prove(OURS);
    assert!(failing(OURS, &cheat.statement(), &cheat.generators, &proof).is_empty());
    assert_eq!(cheat.verdict(&proof), Ok(()));
    cheat.generators.rows[1] = ours;
    assert_eq!(cheat.verdict(&proof), Err(ShuffleError::Invalid(ProofCheck::Equation("MIX.S1"))));
}

#[test]
fn mix_s1_rows_reordered_after_the_proof_are_refused() {
    let mut cheat = Cheat::new(&[1, 2, 0], 1);
    let proof = cheat.prove(OURS);
    cheat.outputs.swap(0, 1);
    assert_eq!(cheat.verdict(&proof), Err(ShuffleError::Invalid(ProofCheck::Equation("MIX.S1"))));
    cheat.outputs.swap(0, 1);
    assert_eq!(cheat.verdict(&proof), Ok(()));
}

#[test]
fn mix_s1_errors_that_cancel_are_refused() {
    let cheat = Cheat::new(&[1, 2, 0], 1);
    let honest = cheat.prove(OURS);
    let one = Scalar::ONE;
    let tagged = |change: &dyn Fn(&mut Responses)| {
        let mut proof = honest.clone();
        change(&mut proof.s);
        cheat.verdict(&proof)
    };
    let invalid = |tag| Err(ShuffleError::Invalid(ProofCheck::Equation(tag)));
    let first = tagged(&|s| (s.s1, s.s2) = (s.s1 + one, s.s2 - one));
    assert_eq!(first, invalid("MIX.S1"));
    let second = tagged(&|s| (s.s2, s.s5) = (s.s2 + one, s.s5 - one));
    assert_eq!(second, invalid("MIX.S2"));
    // In column 0 the key is G, so an error in s₄ can cancel one in s₃.
    let third = tagged(&|s| (s.s3, s.s4) = (s.s3 + one, s.s4 + one));
    assert_eq!(third, invalid("MIX.S3"));
}

/// ATTACK. A part of one ballot is moved to another.
#[test]
fn mix_s2_a_part_of_a_row_in_another_is_refused() {
    refused(&Cheat::with(moved(), 2), &["MIX.S2"]);
}

/// ATTACK. One input twice and another not at all.
#[test]
fn mix_s2_a_duplicated_row_is_refused() {
    let twice = matrix([[1, 0, 0], [1, 0, 0], [0, 0, 1]]);
    refused(&Cheat::with([twice.clone(), twice], 2), &["MIX.S2", "MIX.S4"]);
}

/// ATTACK. With `uⱼ = qʲ` the product of `u₁, u₁, u₁` is that of `u₀, u₁, u₂`. If the mixer cast inputs 0 and 2 and they are
/// empty, only the sum of the outputs is fixed: input 1 twice, and once with the opposite sign.
#[test]
fn mix_s2_powers_of_one_challenge_would_let_copies_of_a_row_pass() {
    let copies = matrix([[0, 1, 0], [0, 1, 0], [0, -1, 0]]);
    let mut cheat = Cheat::with([matrix([[0, 1, 0]; 3]), copies.clone()], 1);
    cheat.empty_input(0);
    cheat.empty_input(2);
    cheat.set_outputs(&copies);
    refused_by_ours_alone(&cheat, Rules { powers: true, ..OURS }, "MIX.S2");
}

/// The responses follow another matrix than the commitments.
#[test]
fn mix_s3_answers_for_another_matrix_are_refused() {
    let mut cheat = Cheat::with(scaled(), 2);
    cheat.committed = permutation(&[0, 1, 2]);
    refused(&cheat, &["MIX.S3"]);
}

/// ATTACK. Commitments chosen after `u` open to whatever the responses need.
#[test]
fn mix_s3_commitments_outside_of_the_challenge_would_let_scaled_rows_pass() {
    let weak = Rules { free_commitments: true, ..OURS };
    let mut cheat = Cheat::with(scaled(), 1);
    // Row i of the commitments adds up to 1 and yields u′ᵢ: two equations in two of its entries.
    let u = cheat.u(weak);
    let answered = [u[0] + u[0], half() * u[1]];
    let slope = (u[1] - u[0]).invert();
    for (row, u_prime) in cheat.committed.iter_mut().zip(answered) {
        let second = (u_prime - u[0]) * slope;
        *row = vec![Scalar::ONE - second, second, Scalar::ZERO];
    }
    refused_by_ours_alone(&cheat, weak, "MIX.S3");
}

/// ATTACK. A row is replaced by one of the mixer's own.
#[test]
fn mix_s4_a_replaced_row_is_refused() {
    let mut cheat = Cheat::new(&[1, 2, 0], 3);
    let values = [1u64, 2, 3].map(Scalar::from);
    cheat.outputs[1] = Ciphertext::encrypt(&cheat.key, &values, &half()).unwrap();
    refused(&cheat, &["MIX.S4"]);
    // One slot of one row is enough.
    for slot in 0..3 {
        let mut cheat = Cheat::new(&[1, 2, 0], 3);
        let point = &mut cheat.outputs[2].b[slot];
        *point = element(point.point() + Element::BASE.point());
        refused(&cheat, &["MIX.S4"]);
    }
}

/// ATTACK. One input twice, with commitments to a permutation.
#[test]
fn mix_s4_a_dropped_row_is_refused() {
    let mut cheat = Cheat::new(&[0, 1, 2], 2);
    cheat.set_outputs(&matrix([[1, 0, 0], [1, 0, 0], [0, 0, 1]]));
    refused(&cheat, &["MIX.S4"]);
}

/// ATTACK. Two rows swap one slot each, so that flags and texts no longer belong together.
#[test]
fn mix_s4_slots_swapped_between_rows_are_refused() {
    let mut cheat = Cheat::new(&[2, 0, 1], 2);
    let [first, second, _] = &mut cheat.outputs[..] else { unreachable!() };
    core::mem::swap(&mut first.b[1], &mut second.b[1]);
    refused(&cheat, &["MIX.S4"]);
}

/// ATTACK. The moved half again, with a last commitment that satisfies S2.
#[test]
fn mix_s5_a_patched_chain_is_refused() {
    let mut cheat = Cheat::with(moved(), 1);
    cheat.links = Links::Patched;
    refused(&cheat, &["MIX.S5"]);
}

/// ATTACK. Two ballots averaged, 2 : 1 and 1 : 2. If `ζ` is known before the chain is sent, two wrong links cancel.
#[test]
fn mix_s5_a_zeta_before_the_chain_would_let_two_averaged_ballots_pass() {
    let third = Scalar::from(3u64).invert();
    let averages = scale(matrix([[2, 1], [1, 2]]), third);
    let mut cheat = Cheat::with([matrix([[2, -1], [-1, 2]]), averages], 1);
    cheat.links = Links::Solved;
    refused_by_ours_alone(&cheat, Rules { zeta_first: true, ..OURS }, "MIX.S5");
    cheat.links = Links::True;
    refused(&cheat, &["MIX.S2"]);
}

/// ATTACK. An output with the nonce 0 reveals its votes to everybody and marks it for the mixer.
#[test]
fn mix_an_output_with_the_identity_is_refused() {
    let cheat = Cheat::new(&[1, 0], 2);
    let proof = cheat.prove(OURS).to_bytes();
    let (inputs, outputs) = (cheat.inputs.to_bytes(), cheat.outputs.to_bytes());
    for column in 0..3 {
        let at = 32 * (3 + column);
        let mut outputs = outputs.clone();
        outputs[at..at + 32].fill(0);
        let stored = Stored {
            key: &cheat.key,
            rows: 2,
            inputs: &inputs[..],
            outputs: &outputs[..],
            proof: &proof[..],
        };
        let verdict = stored.verify(&cheat.generators, &mut context(), &mut rng(1));
        let place = Place::Output { row: 1, column };
        let error = DecodeError::new(at, DecodeErrorKind::Identity);
        assert_eq!(verdict, Err(ShuffleError::Bytes { place, error }));
    }
}

/// Inputs can be equal, and a mixer can make equal outputs. Nothing is dropped between mixes, so nobody is harmed.
#[test]
fn mix_equal_rows_stay_in_the_count() {
    let mut cheat = Cheat::new(&[2, 0, 1], 1);
    cheat.inputs[1] = cheat.inputs[0].clone();
    cheat.set_outputs(&permutation(&[2, 0, 1]));
    assert_eq!(cheat.verdict(&cheat.prove(OURS)), Ok(()));
}
