//! A count by any method.

use super::{
    Count, Counting, CountingError, LotKey, Method, Profile, Terms, piles::Piles, rounds, schulze,
    scores,
};
use alloc::{borrow::Cow, collections::BTreeSet};

/// Counts. Rankings that rank nobody count for nothing; if there are no others, nobody is elected.
pub fn count(profile: &Profile, counting: &Counting) -> Result<Count, CountingError> {
    count_with_lots(profile, counting, &[])
}

/// As [`count`], with the lot of every candidate. They are needed only for [`TieBreak::Lot`](super::TieBreak::Lot).
pub fn count_with_lots(
    profile: &Profile,
    counting: &Counting,
    lots: &[LotKey],
) -> Result<Count, CountingError> {
    count_without(profile, counting, lots, &BTreeSet::new())
}

/// As [`count_with_lots`], where some candidates were withdrawn and cannot be elected. By plurality they keep their votes. By other
/// methods those ranked behind them move up, and a ranking of nobody else counts for nothing.
///
/// # Errors
///
/// [`CountingError::Number`], too: somebody is withdrawn who does not stand.
pub fn count_without(
    profile: &Profile,
    counting: &Counting,
    lots: &[LotKey],
    withdrawn: &BTreeSet<usize>,
) -> Result<Count, CountingError> {
    counting.check(profile.candidates())?;
    if !counting.method.allows_ties()
        && let Some(candidates) = profile.rankings().find_map(|(ranking, _)| ranking.tied())
    {
        return Err(CountingError::Tied { candidates });
    }
    let Counting { method, seats, tie_break } = *counting;
    let terms = Terms { seats, tie_break, lots, withdrawn };
    let breaker = terms.check(profile.candidates())?;
    let standing = terms.standing(profile.candidates());
    let profile = match method {
        Method::Plurality => Cow::Borrowed(profile),
        _ if withdrawn.is_empty() => Cow::Borrowed(profile),
        _ => Cow::Owned(profile.without(withdrawn)),
    };
    let (profile, seats) = (profile.as_ref(), usize::from(seats));
    let piles = |places| {
        let mut piles = Piles::new(profile, places);
        withdrawn.iter().for_each(|candidate| piles.settle(*candidate));
        piles
    };
    let (elected, ties, workings) = match method {
        Method::Plurality => scores::plurality(profile, &standing, seats, breaker),
        Method::InstantRunoff => rounds::instant_runoff(&mut piles(0), breaker),
        Method::Stv { quota, places } => rounds::stv(&mut piles(places), seats, quota, breaker),
        Method::Schulze => schulze::schulze(profile, &standing, seats, breaker),
        Method::MajorityJudgment | Method::Star | Method::Lists { .. } => {
            return Err(CountingError::NotByRankings);
        }
        Method::Borda => scores::borda(profile, &standing, seats, breaker),
    };
    let (candidates, votes) = (profile.candidates(), profile.votes());
    Ok(Count { counting: *counting, candidates, votes, elected, ties, workings })
}
