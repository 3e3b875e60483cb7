//! Makes all test vectors, the same each time.

pub mod ballots;
pub mod bundle;
pub mod counts;
pub mod crypto;
pub mod decryption;
pub mod edit;
pub mod elections;
pub mod example;
pub mod fields;
pub mod folded;
pub mod json;
pub mod keys;
pub mod kinds;
pub mod log;
pub mod messages;
pub mod mixed;
pub mod mixing;
pub mod mutations;
pub mod of_files;
pub mod oracle;
pub mod shuffles;
pub mod structure;
pub mod wide;
