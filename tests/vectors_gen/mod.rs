//! Makes all test vectors, each time the same.

pub mod edit;
pub mod elections;
pub mod fields;
pub mod json;
pub mod mutations;
