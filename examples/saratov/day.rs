//! The day of the vote: when ballots arrive, how fast it is replayed, and the turnout as it came in.

use crate::common;
use rand_chacha::{ChaCha20Rng, rand_core::RngCore};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Voting begins at this hour, and lasts seven.
const OPENS: usize = 8;
const PART: f64 = 1_800.0;
/// How busy each half-hour is beside the others. They are invented: a rush before noon, and another before the end.
const BUSY: [u32; 14] = [3, 5, 7, 9, 10, 9, 8, 6, 6, 7, 8, 9, 8, 5];
/// Ballots that arrive within this time are verified together.
const TOGETHER: Duration = Duration::from_millis(250);

/// When so many ballots arrive, in seconds after the opening and in order.
pub fn times(ballots: usize, rng: &mut ChaCha20Rng) -> Vec<f64> {
    let all: u32 = BUSY.iter().sum();
    let mut draw = |n: u32| f64::from(rng.next_u32()) / (f64::from(u32::MAX) + 1.0) * f64::from(n);
    let mut times: Vec<f64> = (0..ballots)
        .map(|_| {
            let mut left = draw(all);
            let part = BUSY.iter().position(|busy| {
                left -= f64::from(*busy);
                left < 0.0
            });
            (part.unwrap_or(0) as f64 + draw(1)) * PART
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// The day, as fast as the board takes it or in so many minutes, and what came of it.
pub struct Day {
    start: Instant,
    /// Seconds of the day in one second here.
    pace: Option<f64>,
    /// How long each ballot waited for its answer, in seconds.
    waits: Vec<f64>,
    /// The ballots that the board took in each half-hour, and those of people who had not voted before.
    taken: [(u64, u64); BUSY.len()],
}

impl Day {
    pub fn new(minutes: Option<f64>) -> Self {
        let pace = minutes.map(|minutes| BUSY.len() as f64 * PART / (60.0 * minutes));
        Self { start: Instant::now(), pace, waits: Vec::new(), taken: Default::default() }
    }

    /// How many of these are there, and at most so many; waits until there is one.
    pub fn due(&self, times: &[f64], most: usize) -> usize {
        let (Some(pace), Some(first)) = (self.pace, times.first()) else {
            return times.len().min(most);
        };
        let ready = Duration::from_secs_f64(first / pace) + TOGETHER;
        thread::sleep(ready.saturating_sub(self.start.elapsed()));
        let now = self.start.elapsed().as_secs_f64() * pace;
        times.partition_point(|time| *time <= now).min(most)
    }

    /// The board has answered to a ballot of this time. It took it or not, as the first of a voter or not.
    pub fn answered(&mut self, time: f64, taken: bool, is_first: bool) {
        if let Some(pace) = self.pace {
            self.waits.push(self.start.elapsed().as_secs_f64() - time / pace);
        }
        let (ballots, people) = &mut self.taken[((time / PART) as usize).min(BUSY.len() - 1)];
        *ballots += u64::from(taken);
        *people += u64::from(taken && is_first);
    }

    /// Ballots that were taken, and people who cast one.
    pub fn sums(&self) -> (u64, u64) {
        self.taken.iter().fold((0, 0), |sums, taken| (sums.0 + taken.0, sums.1 + taken.1))
    }

    /// Draws the turnout as it came in.
    pub fn print(&mut self, on_roll: usize) {
        let mut people = 0;
        let rows: Vec<_> = (0..)
            .zip(&self.taken)
            .map(|(part, (ballots, new)): (usize, _)| {
                people += new;
                let clock = format!("{}:{:02}", OPENS + part / 2, part % 2 * 30);
                let turnout = 100.0 * people as f64 / on_roll.max(1) as f64;
                (clock, *ballots, format!("turnout {turnout:4.1} %"))
            })
            .collect();
        common::bars("Ballots in each half-hour from", &rows);
        self.waits.sort_by(f64::total_cmp);
        if let (Some(pace), [.., slowest]) = (self.pace, &self.waits[..]) {
            let at = |percent: usize| self.waits[self.waits.len() * percent / 100];
            println!(
                "Replayed {pace:.0} times as fast. From arrival to answer, ballots that are verified together and written: half of them \
                 {:.2} s, 99 of 100 {:.2} s, all {slowest:.2} s",
                at(50),
                at(99)
            );
        }
        println!();
    }
}
