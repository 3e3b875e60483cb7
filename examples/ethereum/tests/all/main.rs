//! The programs against a node: anvil, or one that lies.

mod chain;
mod gas;
mod world;
