//! The elected of lists.

use super::{
    Apportionment, AtLeast, CountingError, Formula, LotKey, Party, TieBreak, Unfilled, Winners,
    apportion::apportion,
    fill::{check_length, fill},
    ties::Breaker,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec,
    vec::Vec,
};

/// Lists, their votes, and how they get seats.
#[derive(Clone, Copy, Debug)]
pub struct Lists<'a> {
    /// The votes of every list.
    pub votes: &'a [u64],
    /// How many seats there are.
    pub seats: u16,
    /// How seats follow from votes.
    pub formula: Formula,
    /// What each list must reach by itself, joined or not.
    pub threshold: Option<AtLeast>,
    /// Lists that get seats together, and then share them by the same formula. Each list at most once.
    pub joined: &'a [Vec<usize>],
    /// What becomes of seats for which a list has no more names.
    pub unfilled: Unfilled,
    /// How ties are broken, between lists and between names. There are no rounds, so [`TieBreak::Backwards`] is as
    /// [`TieBreak::Order`].
    pub tie_break: TieBreak,
    /// The [lot](super::lot_key) of each list; needed only for [`TieBreak::Lot`].
    pub lots: &'a [LotKey],
}

/// The names on lists.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The votes of every name. `None` if voters give none to names: then those who stand earlier on the list are elected, without
    /// ties.
    pub votes: Option<&'a [u64]>,
    /// The names of each list. Each name is on at most one.
    pub of_list: &'a [Vec<usize>],
    /// Names that cannot be elected; the next ones of their list are.
    pub withdrawn: &'a BTreeSet<usize>,
    /// The lot of each name; needed only for [`TieBreak::Lot`].
    pub lots: &'a [LotKey],
}

/// A count of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListsCount {
    /// Lists with votes that do not reach the threshold.
    pub below: Vec<usize>,
    /// How many seats each list was given.
    pub seats: Vec<usize>,
    /// Who is elected on each list. Its open seats are those that it was given and cannot fill.
    pub winners: Vec<Winners>,
    /// How many seats stay open in all.
    pub open: usize,
    /// How seats were given to lists and joined lists.
    pub first: Apportionment,
    /// How those of joined lists were given to these, in the order of `joined`. `None` if no list of them takes part.
    pub joined: Vec<Option<Apportionment>>,
}

/// Seats for lists in proportion to their votes, and on each list for the names with the most votes.
///
/// Joined lists are first one list with the sum of their votes, and then share its seats by the same formula, as in Articles 40 to
/// 42 of Switzerland's Federal Act on Political Rights. A list takes part if it has votes and reaches the threshold by itself, as for
/// the surplus agreements of Israel's Knesset (Bader-Ofer); what others have counts for nothing. If none does, all seats stay open.
///
/// # Errors
///
/// - [`CountingError::Seats`]: no seats.
/// - [`CountingError::Number`]: a list that there is not or that is joined twice, a name that there is not or that is on two lists.
/// - [`CountingError::Length`]: names for more or fewer lists than have votes.
/// - [`CountingError::Lots`]: ties are broken by lot, and there is not one for each list and each name that can have votes.
pub fn count_lists(lists: &Lists<'_>, names: &Names<'_>) -> Result<ListsCount, CountingError> {
    let Lists { votes, seats, formula, threshold, joined, unfilled, tie_break, lots } = *lists;
    let candidates = names.of_list.iter().map(Vec::len).sum();
    if seats == 0 {
        return Err(CountingError::Seats { found: 0, candidates });
    }
    check_length(names.of_list.len(), votes.len())?;
    check_parts(joined, votes.len())?;
    check_parts(names.of_list, names.votes.map_or(usize::MAX, <[u64]>::len))?;
    let breaker = Breaker::new(tie_break, lots, votes.len())?;
    let by_votes = match names.votes {
        Some(votes) => Some((votes, Breaker::new(tie_break, names.lots, votes.len())?)),
        None => None,
    };

    let standing = |list: usize| {
        let all = names.of_list.get(list).into_iter().flatten().copied();
        all.filter(|name| !names.withdrawn.contains(name))
    };
    let (mut taking_part, mut below) = (BTreeMap::new(), Vec::new());
    for (list, votes) in votes.iter().copied().enumerate().filter(|(_, votes)| *votes > 0) {
        if threshold.is_none_or(|threshold| threshold.is_met_by(votes)) {
            let names = standing(list).count();
            taking_part.insert(list, Party { list, votes: votes.into(), names });
        } else {
            below.push(list);
        }
    }
    let parties_of = |group: &[usize]| -> Vec<Party> {
        let mut group = group.to_vec();
        group.sort_unstable();
        group.iter().filter_map(|list| taking_part.get(list)).copied().collect()
    };
    let joined: Vec<Vec<Party>> = joined.iter().map(|group| parties_of(group)).collect();
    let in_group: BTreeSet<usize> = joined.iter().flatten().map(|party| party.list).collect();
    let together = |parties: &Vec<Party>| {
        let first = parties.first()?;
        let votes = parties.iter().map(|party| party.votes).sum();
        Some(Party {
            list: first.list,
            votes,
            names: parties.iter().map(|party| party.names).sum(),
        })
    };
    let alone = taking_part.values().filter(|party| !in_group.contains(&party.list)).copied();
    let mut parties: Vec<Party> = alone.chain(joined.iter().filter_map(together)).collect();
    parties.sort_by_key(|party| party.list);

    let first = apportion(formula, parties, seats, unfilled, breaker);
    let given = |of: &Apportionment| -> BTreeMap<usize, usize> {
        of.parties.iter().map(|party| party.list).zip(of.seats.iter().copied()).collect()
    };
    let mut by_list = given(&first);
    let share = |parties: Vec<Party>| {
        let seats =
            by_list.get(&parties.first()?.list).copied().and_then(|n| u16::try_from(n).ok())?;
        Some(apportion(formula, parties, seats, unfilled, breaker))
    };
    let joined: Vec<_> = joined.into_iter().map(share).collect();
    joined.iter().flatten().for_each(|shares| by_list.extend(given(shares)));

    let mut by_number = vec![0; votes.len()];
    for (list, seats) in by_list {
        if let Some(entry) = by_number.get_mut(list) {
            *entry = seats;
        }
    }
    let elect = |(list, seats): (usize, &usize)| match by_votes {
        Some((votes, breaker)) => {
            fill(standing(list), |a, b| votes.get(b).cmp(&votes.get(a)), *seats, breaker)
        }
        None => {
            let elected: Vec<_> = standing(list).take(*seats).collect();
            Winners { open: seats - elected.len(), elected, ties: Vec::new() }
        }
    };
    let winners: Vec<Winners> = by_number.iter().enumerate().map(elect).collect();
    let elected: usize = winners.iter().map(|winners| winners.elected.len()).sum();
    let open = usize::from(seats) - elected;
    Ok(ListsCount { below, seats: by_number, winners, open, first, joined })
}

/// Checks that these are parts of `0..count` without a common number.
fn check_parts(parts: &[Vec<usize>], count: usize) -> Result<(), CountingError> {
    let mut seen = BTreeSet::new();
    match parts.iter().flatten().find(|number| **number >= count || !seen.insert(**number)) {
        Some(found) => Err(CountingError::Number { found: *found }),
        None => Ok(()),
    }
}
