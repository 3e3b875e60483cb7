//! Group, transcripts, encryption and proofs, independent of elections.
//!
//! Each proof has a Statement, a Witness and a Proof, and the same functions: `prove`, `enqueue` into a
//! [`Batch`](batch::Batch), and `verify`, which is a batch of one. The caller provides the transcript, which already holds
//! the context to which the proof is bound.

pub mod batch;
pub mod bits;
pub(crate) mod decryption;
pub mod dlog;
pub mod elgamal;
mod error;
pub mod group;
pub mod linear;
pub mod message;
pub mod shuffle;
pub mod signature;
pub mod transcript;
pub mod wide;

pub use error::{Culprit, ProofCheck, ProveError, VerifyError};

#[cfg(feature = "serde")]
mod serial {
    use super::{
        group::Element,
        signature::{AuthorKey, Signature},
    };
    use crate::codec::serial::serial;

    serial! { text:
        AuthorKey, "a registered key";
    }
    serial! { hex:
        Element, "an element";
        Signature, "a signature";
    }
}
