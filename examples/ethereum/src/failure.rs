//! What ends a command, or a round of it.

use crate::{
    compare::Contradiction,
    ethereum::{contract::ChainError, rpc::RpcError},
    record::RecordError,
};
use std::{
    error::Error,
    fmt,
    io::{self, Write},
    path::PathBuf,
};

pub type Result<T> = std::result::Result<T, Failure>;

/// Why something was not done.
#[derive(Debug)]
pub enum Failure {
    /// A node does not answer, or not as it should.
    Node(RpcError),
    /// The contract cannot be read.
    Chain(ChainError),
    /// The record cannot be read.
    Record(RecordError),
    /// A file cannot be read or written.
    File(PathBuf, io::Error),
    /// Gas costs more than it may.
    TooDear {
        /// What a unit would have to cost at most, in wei.
        found: u128,
        /// What it may cost.
        most: u128,
    },
    /// The chain was reorganised while it was read.
    Reorganised,
    /// Chain and record contradict each other, or nodes do.
    Contradiction(Box<Contradiction>),
    /// The command cannot go on, and asking again does not help.
    Wrong(String),
}

impl Failure {
    /// Whether it may pass by itself: a node that is away, a chain that is just being reorganised, a record that is being written.
    pub fn passes(&self) -> bool {
        match self {
            Self::Node(error) => !matches!(error, RpcError::NoTls),
            Self::Record(RecordError::Refused(_)) => false,
            Self::Chain(_) | Self::Record(_) | Self::TooDear { .. } | Self::Reorganised => true,
            Self::File(..) | Self::Contradiction(_) | Self::Wrong(_) => false,
        }
    }

    /// The exit code: 1 if something is refuted, 2 if something cannot be read.
    pub fn code(&self) -> u8 {
        match self {
            Self::Contradiction(_) | Self::Record(RecordError::Refused(_)) => 1,
            _ => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(error) => error.fmt(f),
            Self::Chain(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::File(path, error) => write!(f, "{path:?}: {error}"),
            Self::TooDear { found, most } => {
                write!(f, "gas would cost up to {found} wei, and may cost {most}: see --max-fee")
            }
            Self::Reorganised => f.write_str("the chain was reorganised while it was read"),
            Self::Contradiction(contradiction) => contradiction.fmt(f),
            Self::Wrong(reason) => f.write_str(reason),
        }
    }
}

impl Error for Failure {}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        Self::Node(error)
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<Contradiction> for Failure {
    fn from(contradiction: Contradiction) -> Self {
        Self::Contradiction(Box::new(contradiction))
    }
}

/// Prints a line of the result. Nobody is left to hear of it if it cannot be written.
pub fn say(text: impl fmt::Display) {
    _ = writeln!(io::stdout(), "{text}");
}

/// Prints a line beside the result.
pub fn tell(text: impl fmt::Display) {
    _ = writeln!(io::stderr(), "{text}");
}

/// Says what happens in each round, and the same thing only once.
#[derive(Default)]
pub struct Teller(String);

impl Teller {
    pub fn tell(&mut self, text: impl fmt::Display) {
        let text = text.to_string();
        if text != self.0 {
            tell(&text);
            self.0 = text;
        }
    }
}
