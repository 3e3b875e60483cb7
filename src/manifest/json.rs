//! The manifest as JSON that a person can write.
