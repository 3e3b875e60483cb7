//! Which slots the contests take, and the places of ids.

use crate::{
    contest::Contest,
    manifest::{BallotStyle, ManifestError},
    mistake::{Mistakes, check_id},
};
use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};
use core::ops::Range;

/// Most slot keys of an election.
pub(super) const MAX_SLOTS: usize = 4_096;

/// What follows from a valid manifest: the slots of its contests, and the places of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) first_slots: Vec<usize>,
    pub(super) slots: usize,
    pub(super) districts: Index,
    pub(super) stations: Index,
    pub(super) contests: Index,
    pub(super) styles: Index,
}

/// The places of a list, sorted by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index(Vec<usize>);

impl Index {
    /// The index of these ids. They must be well-formed and distinct.
    pub(super) fn new<'a>(
        list: &str,
        most: usize,
        ids: impl ExactSizeIterator<Item = &'a String>,
    ) -> Result<Self, ManifestError> {
        let least = usize::from(list != "stations");
        if !(least..=most).contains(&ids.len()) {
            let value =
                if ids.len() == 0 { String::new() } else { format!("{} {list}", ids.len()) };
            return Err(ManifestError::new(list, value, format!("{least} to {most} {list}")));
        }
        let (mut seen, mut mistakes) = (BTreeMap::new(), Mistakes::default());
        for (i, id) in ids.enumerate() {
            let path = format!("{list}[{i}].id");
            mistakes.take(check_id(&path, id));
            if let Some(first) = seen.insert(id, i) {
                let expected = format!("an id of its own: {list}[{first}] has this one");
                mistakes.add(ManifestError::new(path, id, expected))
            }
        }
        mistakes.end()?;
        Ok(Self(seen.into_values().collect()))
    }

    /// The place of this id.
    pub(super) fn find<'a>(
        &self,
        id: &str,
        at: impl Fn(usize) -> Option<&'a String>,
    ) -> Option<usize> {
        let found = self.0.binary_search_by(|i| at(*i).map(String::as_str).cmp(&Some(id))).ok()?;
        self.0.get(found).copied()
    }
}

/// The slots that are taken, one bit each.
#[derive(Clone)]
struct Taken([u64; MAX_SLOTS / 64]);

impl Taken {
    const NONE: Self = Self([0; MAX_SLOTS / 64]);

    fn join(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }

    fn has(&self, slot: usize) -> bool {
        self.0.get(slot / 64).is_none_or(|word| word >> (slot % 64) & 1 == 1)
    }

    fn take(&mut self, slots: Range<usize>) {
        for slot in slots {
            if let Some(word) = self.0.get_mut(slot / 64) {
                *word |= 1 << (slot % 64);
            }
        }
    }

    /// The start of the lowest range of `n` free slots.
    fn lowest(&self, n: usize) -> Option<usize> {
        let mut start = 0;
        for slot in 0..MAX_SLOTS {
            if self.has(slot) {
                start = slot + 1;
            } else if slot + 1 - start == n {
                return Some(start);
            }
        }
        None
    }
}

/// The first slot of each contest, and the number of slots; or the contest for which there is no room.
pub(super) fn assign(
    contests: &[Contest],
    styles: &[BallotStyle],
) -> Result<(Vec<usize>, usize), usize> {
    let mut holders = vec![Vec::new(); contests.len()];
    for (s, style) in styles.iter().enumerate() {
        for contest in &style.contests {
            if let Some(styles) = holders.get_mut(*contest) {
                styles.push(s);
            }
        }
    }
    let mut taken = vec![Taken::NONE; styles.len()];
    let (mut first_slots, mut slots) = (Vec::with_capacity(contests.len()), 0);
    for (i, (contest, holders)) in contests.iter().zip(&holders).enumerate() {
        let mut met = Taken::NONE;
        for style in holders {
            met.join(taken.get(*style).ok_or(i)?);
        }
        let first = met.lowest(contest.slots()).ok_or(i)?;
        let end = first + contest.slots();
        for style in holders {
            taken.get_mut(*style).ok_or(i)?.take(first..end);
        }
        first_slots.push(first);
        slots = slots.max(end);
    }
    Ok((first_slots, slots))
}
