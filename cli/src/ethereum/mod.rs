//! What a contract on an Ethereum chain says about a board: `BulletinBoard` of `examples/ethereum`.
//!
//! All answers are those of one node, which is believed as far as it agrees with itself. Ask a node of your own, or several.

mod contract;
mod rpc;

pub use contract::{Address, ChainError, Published, read};
pub use rpc::{Client, RpcError, bytes_of, number_of};
