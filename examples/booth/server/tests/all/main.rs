//! The server over HTTP.

mod bad_input;
mod booth;
#[path = "../../src/load/client.rs"]
mod client;
mod crash;
mod flow;
mod pages;
