//! A count by any method.

use super::{
    Count, Counting, CountingError, LotKey, Method, Profile, piles::Piles, rounds, schulze, scores,
    ties::Breaker,
};

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
    counting.check(profile.candidates())?;
    if !counting.method.allows_ties()
        && let Some(candidates) = profile.rankings().find_map(|(ranking, _)| ranking.tied())
    {
        return Err(CountingError::Tied { candidates });
    }
    let Counting { method, seats, tie_break } = *counting;
    let seats = usize::from(seats);
    let breaker = Breaker::new(tie_break, lots, profile.candidates())?;
    let (elected, ties, workings) = match method {
        Method::Plurality => scores::plurality(profile, seats, breaker),
        Method::InstantRunoff => rounds::instant_runoff(&mut Piles::new(profile, 0), breaker),
        Method::Stv { quota, places } => {
            rounds::stv(&mut Piles::new(profile, places), seats, quota, breaker)
        }
        Method::Schulze => schulze::schulze(profile, seats, breaker),
        Method::MajorityJudgment | Method::Star | Method::Lists { .. } => {
            return Err(CountingError::NotByRankings);
        }
        Method::Borda => scores::borda(profile, seats, breaker),
    };
    let (candidates, votes) = (profile.candidates(), profile.votes());
    Ok(Count { counting: *counting, candidates, votes, elected, ties, workings })
}
