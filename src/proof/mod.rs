//! Zero-knowledge proofs that know no election.
//!
//! Each proof has a Statement, a Witness and a Proof, and the same functions: `prove`, `enqueue` into a
//! [`Batch`](crate::batch::Batch), and `verify`, which is a batch of one. The caller brings the transcript,
//! which already holds the context in which the proof is to count.

pub mod bits;
pub mod linear;
