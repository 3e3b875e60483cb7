//! A count by any method.

use super::{
    Count, Counting, CountingError, Method, Profile, piles::Piles, rounds, schulze, scores,
};

/// Counts. Rankings that rank nobody count for nothing; if there are no others, nobody is elected.
pub fn count(profile: &Profile, counting: &Counting) -> Result<Count, CountingError> {
    counting.check(profile.candidates())?;
    if !counting.method.allows_ties()
        && let Some(candidates) = profile.rankings().find_map(|(ranking, _)| ranking.tied())
    {
        return Err(CountingError::Tied { candidates });
    }
    let Counting { method, seats, tie_break } = *counting;
    let seats = usize::from(seats);
    let (elected, ties, workings) = match method {
        Method::Plurality => scores::plurality(profile, seats),
        Method::InstantRunoff => rounds::instant_runoff(&mut Piles::new(profile, 0), tie_break),
        Method::Stv { quota, places } => {
            rounds::stv(&mut Piles::new(profile, places), seats, quota, tie_break)
        }
        Method::Schulze => schulze::schulze(profile, seats),
        Method::Borda => scores::borda(profile, seats),
    };
    let (candidates, votes) = (profile.candidates(), profile.votes());
    Ok(Count { counting: *counting, candidates, votes, elected, ties, workings })
}
