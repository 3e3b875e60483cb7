//! The elected by votes that were summed.

use super::{
    CountingError, MoreThan, Terms, Winners,
    fill::{Room, fill_with_room},
};
use alloc::vec::Vec;

/// How many of a group can be elected at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The group.
    pub of: Vec<usize>,
    /// How many.
    pub most: u16,
}

/// Who is elected by votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotesCount {
    /// Who is elected.
    pub winners: Winners,
    /// Those who do not have the votes that are needed.
    pub too_few: Vec<usize>,
    /// Those whose turn came while their group was full, in this order.
    pub passed_over: Vec<usize>,
}

/// The candidates with the most votes. If there are no votes at all, nobody is elected.
///
/// A seat stays open if nobody is left with as many votes as are `needed`, or in a group that is not full.
///
/// # Errors
///
/// - [`CountingError::Number`]: a cap names a candidate that there is not, or one that another cap names. With groups that overlap,
///   taking whoever comes first can leave seats open that other choices would fill.
pub fn count_votes(
    votes: &[u64],
    needed: Option<MoreThan>,
    caps: &[Cap],
    terms: &Terms<'_>,
) -> Result<VotesCount, CountingError> {
    let breaker = terms.check(votes.len())?;
    let mut room = Room::default();
    for (group, Cap { of, most }) in caps.iter().enumerate() {
        room.left.push(usize::from(*most));
        for candidate in of.iter().copied() {
            if candidate >= votes.len() || room.group.insert(candidate, group).is_some() {
                return Err(CountingError::Number { found: candidate });
            }
        }
    }
    let of = |candidate: usize| votes.get(candidate).copied().unwrap_or(0);
    let standing = terms.standing(votes.len());
    let enough = |candidate: &usize| needed.is_none_or(|needed| needed.is_met_by(of(*candidate)));
    let (standing, too_few): (Vec<_>, Vec<_>) = standing.into_iter().partition(enough);
    let seats = usize::from(terms.seats);
    let (winners, passed_over) = if votes.iter().all(|votes| *votes == 0) {
        (Winners::nobody(seats), Vec::new())
    } else {
        fill_with_room(standing, |a, b| of(b).cmp(&of(a)), seats, breaker, room)
    };
    Ok(VotesCount { winners, too_few, passed_over })
}
