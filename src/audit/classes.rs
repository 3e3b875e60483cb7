//! Weights that could tell how their voters vote, by name.

use crate::{board::State, roll::SmallClass};
use alloc::{string::String, vec::Vec};
use core::fmt;

/// A [class of voters](SmallClass) whose weight could tell how they vote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NamedClass {
    /// The contest's id.
    pub contest: String,
    /// The district's id; `None` if the contest is opened for the whole election.
    pub district: Option<String>,
    /// The weight.
    pub weight: u64,
    /// How many voters have it.
    pub voters: u64,
}

impl NamedClass {
    pub(super) fn all(state: &State) -> Vec<Self> {
        let (Some(manifest), Some(roll)) = (state.manifest(), state.roll()) else {
            return Vec::new();
        };
        let named = |SmallClass { contest, district, weight, voters }| {
            let contest = manifest.contests().get(contest)?.id.clone();
            let district = match district {
                Some(district) => Some(manifest.districts().get(district)?.id.clone()),
                None => None,
            };
            Some(Self { contest, district, weight, voters })
        };
        roll.small_classes(manifest).into_iter().filter_map(named).collect()
    }
}

impl fmt::Display for NamedClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contest, district, weight, voters } = self;
        write!(f, "contest {contest}, ")?;
        district.as_ref().map_or(Ok(()), |district| write!(f, "district {district}, "))?;
        write!(f, "weight {weight}: {voters} on the roll")
    }
}
