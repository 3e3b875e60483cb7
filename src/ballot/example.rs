//! Some ballot of a style, to try a manifest out before it is used.

use super::Choices;
use crate::manifest::Manifest;
use alloc::vec::Vec;

impl Choices {
    /// Choices that keep all rules of this ballot style, for trials: how large a ballot is and how long it takes does not depend on
    /// what is chosen. In a contest with marks the first one is set, elsewhere there are as few votes as can be.
    ///
    /// `None` if there is no such style, or if none are found soon: limits can be as hard as a knapsack.
    pub fn example(manifest: &Manifest, style: usize) -> Option<Self> {
        let number = style;
        let style = manifest.styles().get(style)?;
        let votes = manifest.some_votes(style)?;
        let lists: Vec<&[u64]> = votes.iter().map(Vec::as_slice).collect();
        let mut choices = Self::new();
        for (place, (contest, votes)) in manifest.held(style).into_iter().zip(&lists).enumerate() {
            if !manifest.is_open(style, place, &lists) {
                continue;
            }
            if let Some(mark) = contest.marks.first() {
                choices = choices.mark(&contest.id, &mark.id);
                continue;
            }
            for (value, given) in contest.example(votes) {
                choices = choices.give(contest, value, given);
            }
        }
        choices.for_style(manifest, number).ok()?;
        Some(choices)
    }
}
