//! Seats that are given in order of merit.

use super::{CountingError, LotKey, Tie, TieBreak, ties::Breaker};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::cmp::Ordering;

/// What the rules for totals have in common.
///
/// There is no count of other seats than 1 to as many as there are candidates ([`CountingError::Seats`]), if somebody is withdrawn
/// who does not stand ([`CountingError::Number`]), or if ties are broken by lot and not each candidate has one
/// ([`CountingError::Lots`]).
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// How many are to be elected.
    pub seats: u16,
    /// How ties are broken. There are no rounds, so [`TieBreak::Backwards`] is as [`TieBreak::Order`].
    pub tie_break: TieBreak,
    /// The [lot](super::lot_key) of each candidate; needed only for [`TieBreak::Lot`].
    pub lots: &'a [LotKey],
    /// Candidates who cannot be elected. The others are counted as if these did not stand.
    pub withdrawn: &'a BTreeSet<usize>,
}

impl<'a> Terms<'a> {
    /// Checks that this many candidates can be counted so.
    pub(super) fn check(&self, candidates: usize) -> Result<Breaker<'a>, CountingError> {
        let Self { seats: found, tie_break, lots, withdrawn } = *self;
        if found == 0 || usize::from(found) > candidates {
            return Err(CountingError::Seats { found, candidates });
        }
        if let Some(found) = withdrawn.last().copied().filter(|last| *last >= candidates) {
            return Err(CountingError::Number { found });
        }
        Breaker::new(tie_break, lots, candidates)
    }

    /// Those of this many candidates who can be elected.
    pub(super) fn standing(&self, candidates: usize) -> Vec<usize> {
        (0..candidates).filter(|candidate| !self.withdrawn.contains(candidate)).collect()
    }
}

/// Checks that there are as many numbers as there must be.
pub(super) fn check_length(found: usize, expected: usize) -> Result<(), CountingError> {
    if found == expected { Ok(()) } else { Err(CountingError::Length { found, expected }) }
}

/// Who is elected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Winners {
    /// The elected, in this order.
    pub elected: Vec<usize>,
    /// How many seats stay open.
    pub open: usize,
    /// The ties that mattered, in the order in which they were broken.
    pub ties: Vec<Tie>,
}

impl Winners {
    /// Nobody.
    pub(super) fn nobody(seats: usize) -> Self {
        Self { open: seats, ..Self::default() }
    }
}

/// How many more of each group can be elected.
#[derive(Clone, Default)]
pub(super) struct Room {
    /// The group of each candidate who is in one.
    pub(super) group: BTreeMap<usize, usize>,
    pub(super) left: Vec<usize>,
}

impl Room {
    fn of(&mut self, candidate: usize) -> Option<&mut usize> {
        self.left.get_mut(*self.group.get(&candidate)?)
    }

    fn is_full(&mut self, candidate: usize) -> bool {
        self.of(candidate).is_some_and(|left| *left == 0)
    }

    fn take(&mut self, candidate: usize) {
        if let Some(left) = self.of(candidate) {
            *left = left.saturating_sub(1);
        }
    }
}

/// Fills seats with candidates in order, those ahead being less. `open` seats are those for which there is nobody, too.
pub(super) fn fill(
    candidates: impl IntoIterator<Item = usize>,
    ahead: impl Fn(usize, usize) -> Ordering,
    seats: usize,
    breaker: Breaker<'_>,
) -> Winners {
    fill_with_room(candidates, ahead, seats, breaker, Room::default()).0
}

/// As [`fill`], but whoever's group is full is passed over. Also gives those who were.
pub(super) fn fill_with_room(
    candidates: impl IntoIterator<Item = usize>,
    ahead: impl Fn(usize, usize) -> Ordering,
    seats: usize,
    breaker: Breaker<'_>,
    mut room: Room,
) -> (Winners, Vec<usize>) {
    let mut order: Vec<usize> = candidates.into_iter().collect();
    order.sort_by(|a, b| ahead(*a, *b).then_with(|| breaker.compare(*a, *b)));
    let (mut winners, mut passed_over) = (Winners::default(), Vec::new());
    let mut left = seats;
    for equals in order.chunk_by(|a, b| ahead(*a, *b).is_eq()) {
        if left == 0 {
            break;
        }
        let (full, tied): (Vec<_>, Vec<_>) = equals.iter().partition(|c| room.is_full(**c));
        passed_over.extend(full);
        let sure = sure(&tied, &room, left);
        let contested = sure.len() < tied.len();
        for candidate in tied.iter().copied() {
            if left == 0 {
                break;
            }
            if room.is_full(candidate) {
                // Under a tie that stays open, it is not said which of the equals this is.
                if !breaker.leaves_open() {
                    passed_over.push(candidate);
                }
                continue;
            }
            left -= 1;
            room.take(candidate);
            if !breaker.leaves_open() {
                winners.elected.push(candidate);
            }
        }
        if breaker.leaves_open() {
            winners.elected.extend(sure);
        }
        if tied.len() > 1 {
            let decided = breaker.decided(contested);
            winners.ties.push(Tie { round: 0, order: tied, decided });
        }
    }
    winners.open = seats - winners.elected.len();
    (winners, passed_over)
}

/// Those of the tied who are elected in whatever order they come.
fn sure(tied: &[usize], room: &Room, left: usize) -> Vec<usize> {
    let mut of_group = BTreeMap::<usize, usize>::new();
    for group in tied.iter().filter_map(|candidate| room.group.get(candidate)) {
        *of_group.entry(*group).or_default() += 1;
    }
    let room_of = |group: &usize| room.left.get(*group).copied().unwrap_or(0);
    let alone = tied.iter().filter(|candidate| !room.group.contains_key(candidate)).count();
    let groups: usize = of_group.iter().map(|(group, tied)| (*tied).min(room_of(group))).sum();
    if alone + groups > left {
        return Vec::new();
    }
    let fits = |candidate: &usize| {
        room.group
            .get(candidate)
            .is_none_or(|group| of_group.get(group).is_some_and(|tied| *tied <= room_of(group)))
    };
    tied.iter().copied().filter(fits).collect()
}
