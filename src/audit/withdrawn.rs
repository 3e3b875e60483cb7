//! Options that were withdrawn, by name.

use crate::{board::State, tally::Withdrawal};
use alloc::{string::String, vec::Vec};
use core::fmt;

/// An option that was withdrawn while voting was open, and cannot be elected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Withdrawn {
    /// The contest's id.
    pub contest: String,
    /// The option's name, with the detail beside it.
    pub option: String,
    /// Why, as the operator says.
    pub reason: String,
}

impl Withdrawn {
    pub(super) fn all(state: &State) -> Vec<Self> {
        let named = |withdrawal: &Withdrawal| {
            let (contest, option) = withdrawal.names(state.manifest()?)?;
            let (contest, reason) = (contest.id.clone(), withdrawal.reason.clone());
            Some(Self { contest, option, reason })
        };
        state.withdrawn().iter().filter_map(named).collect()
    }
}

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contest, option, reason } = self;
        write!(f, "{contest}: '{option}': {reason}")
    }
}
