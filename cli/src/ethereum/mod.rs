//! What a contract on an Ethereum chain says about a board: `BulletinBoard` of `examples/ethereum`.
//!
//! All answers are those of one node, which is believed as far as it agrees with itself. Ask a node of your own, or several.
//!
//! The programs of `examples/ethereum` read the same files.

pub mod contract;
pub mod rpc;

pub use contract::{Address, read};
pub use rpc::Client;
