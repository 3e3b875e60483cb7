//! All that is wrong with choices at once, so that a form can show it beside each contest.

use super::{Choices, Chosen, Marks};
use crate::{
    ballot::RuleError,
    crypto::message,
    manifest::{BrokenLimit, Manifest},
};
use alloc::vec::Vec;

impl Choices {
    /// What is wrong with these choices on a ballot of this style (its place in the manifest): of each contest the first mistake, and
    /// then the first limit over several contests that is broken. None if [`Election::encrypt`](crate::Election::encrypt) takes them.
    ///
    /// Whatever depends on a contest that cannot be read is left out, since it says nothing yet: contests that go with one of its
    /// options, and limits over several contests.
    ///
    /// Variable time.
    ///
    /// ```
    /// # use tabella::{AuthorSecret, Choices, Contest, Manifest};
    /// # let (operator, trustee) = (AuthorSecret::random(&mut rand_core::OsRng)?, AuthorSecret::random(&mut rand_core::OsRng)?);
    /// # let manifest = Manifest::builder("m").operator(operator.public().clone()).trustees([trustee.public().clone()], 1);
    /// let manifest = manifest.contest(Contest::choose("board", ["ada", "ben"], 1..=1)).contest(Contest::choose_one("hall", ["yes", "no"]));
    /// let choices = Choices::new().pick("board", "ada").pick("board", "ben");
    /// let mistakes = choices.mistakes(&manifest.build()?, 0);
    /// assert_eq!(mistakes[0].to_string(), "contest 'board': 2 votes in total; at most 1 are allowed");
    /// assert_eq!(mistakes[1].to_string(), "contest 'hall': 0 votes in total; at least 1 are needed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mistakes(&self, manifest: &Manifest, style: u16) -> Vec<RuleError> {
        let Some(found) = manifest.styles().get(usize::from(style)) else {
            return [RuleError::UnknownStyle { found: style, styles: manifest.styles().len() }]
                .into();
        };
        let contests = manifest.held(found);
        let elsewhere = self.contests.keys().filter(|id| contests.iter().all(|c| c.id != **id));
        let unknown = |contest: &_| RuleError::UnknownContest { contest: Clone::clone(contest) };
        let mut mistakes: Vec<RuleError> = elsewhere.map(unknown).collect();

        let none = Marks::default();
        let read = contests.iter().map(|contest| {
            let chosen = self.contests.get(&contest.id).unwrap_or(&none).of(contest)?;
            let id = || contest.id.clone();
            message::encode(&chosen.message, contest.message_slots())
                .map_err(|error| RuleError::Message { contest: id(), error })?;
            match self.weight {
                None if contest.splits_weight() => Err(RuleError::NoWeight { contest: id() }),
                _ => Ok(chosen),
            }
        });
        let read: Vec<Result<Chosen, RuleError>> = read.collect();
        let votes: Vec<&[u64]> =
            read.iter().map(|read| read.as_ref().map_or(&[][..], |c| &c.values)).collect();
        let all = read.iter().all(Result::is_ok);
        for (place, (contest, read)) in contests.iter().zip(&read).enumerate() {
            let broken = match read {
                Err(mistake) => Some(mistake.clone()),
                Ok(Chosen { values, marks, .. }) => {
                    let open = manifest.is_open(found, place, &votes) || !all;
                    let weight = self.weight.unwrap_or_default();
                    let broken = contest.broken_vartime(values, marks, open, weight);
                    broken.map(|broken| RuleError::Broken { contest: contest.id.clone(), broken })
                }
            };
            mistakes.extend(broken);
        }
        let limit = all.then(|| manifest.broken_limit_vartime(found, &votes)).flatten();
        mistakes.extend(limit.map(|BrokenLimit { limit, found, max }| RuleError::JointLimit {
            limit,
            found,
            max,
        }));
        if mistakes.is_empty() {
            // Whatever else there is, one function decides what can be encrypted.
            mistakes.extend(self.for_style(manifest, style.into()).err());
        }
        mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthorSecret, Contest, contest::Broken};
    use alloc::string::ToString;
    use rand_core::OsRng;

    fn manifest() -> Manifest {
        let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
        let sheet = Contest::choose("names", ["a", "b"], 0..=2).write_ins(2, 30);
        Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([trustee.public().clone()], 1)
            .contest(Contest::choose_one("party", ["north", "south"]))
            .contest(Contest::choose("primary", ["x", "y"], 0..=1).with("party:north"))
            .contest(sheet)
            .contest(Contest::split("shares", ["p", "q"], 100))
            .build()
            .unwrap()
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let manifest = manifest();
        let told = |choices: Choices| {
            let all = choices.mistakes(&manifest, 0);
            all.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let good = || {
            let choices = Choices::new().of_weight(7).pick("party", "north").pick("primary", "x");
            choices.write_in("names", "Zora Vale").score("shares", "p", 7)
        };
        assert_eq!(told(good()), [""; 0]);
        let wrong = good().pick("party", "south").write_in("names", "a").pick("else", "x");
        let [elsewhere, party, names] = &told(wrong.score("shares", "q", 0))[..] else {
            panic!("three mistakes");
        };
        assert_eq!(elsewhere, "contest 'else' is not on this ballot style");
        assert!(party.starts_with("contest 'party': 2 votes in total"), "{party}");
        assert!(names.contains("is the option"), "{names}");
        // For a voter, options have names.
        let graded = Choices::new().of_weight(7).score("shares", "p", 3).pick("party", "north");
        let [shares] = &graded.clone().mistakes(&manifest, 0)[..] else { panic!("one mistake") };
        assert_eq!(shares.contest(), Some("shares"));
        let twice = graded.score("party", "south", 2).mistakes(&manifest, 0);
        assert_eq!(twice[0].named(&manifest), "party: 'south' has 2 votes; at most 1 are allowed");
        // A contest that goes with an option of one that is right, and of one that cannot be read.
        let closed = Choices::new().of_weight(7).score("shares", "p", 7).pick("primary", "x");
        let mistakes = closed.clone().pick("party", "south").mistakes(&manifest, 0);
        let broken = Broken::Closed;
        assert_eq!(mistakes, [RuleError::Broken { contest: "primary".into(), broken }]);
        let [unread] = &closed.pick("party", "east").mistakes(&manifest, 0)[..] else {
            panic!("one mistake");
        };
        assert!(matches!(unread, RuleError::UnknownOption { .. }), "{unread}");
        assert!(matches!(good().mistakes(&manifest, 1)[..], [RuleError::UnknownStyle { .. }]));
    }

    /// Whatever is chosen, none is told exactly if it can be encrypted.
    #[test]
    fn there_are_none_exactly_if_the_choices_can_be_encrypted() {
        let manifest = manifest();
        let (mut right, mut wrong) = (0, 0);
        for case in 0..1024_u32 {
            let mut choices = Choices::new();
            let bit = |place: u32| case >> place & 1 == 1;
            for (place, (contest, option)) in
                [("party", "north"), ("party", "south"), ("primary", "x"), ("names", "a")]
                    .into_iter()
                    .enumerate()
            {
                choices = if bit(place as u32) { choices.pick(contest, option) } else { choices };
            }
            choices = if bit(4) { choices.write_in("names", "b") } else { choices };
            choices = if bit(5) { choices.write_in("names", "Zora") } else { choices };
            choices = if bit(6) { choices.of_weight(3) } else { choices };
            choices = choices.score("shares", "p", u64::from(case >> 7 & 3));
            choices = if bit(9) { choices.mark("party", "blank") } else { choices };
            let mistakes = choices.mistakes(&manifest, 0);
            let result = choices.for_style(&manifest, 0).map(drop);
            assert_eq!(mistakes.is_empty(), result.is_ok(), "{mistakes:?}");
            if let Err(error) = result {
                assert!(mistakes.contains(&error), "{error}: {mistakes:?}");
                wrong += 1;
            } else {
                right += 1;
            }
        }
        assert!(right > 5 && wrong > 500, "{right} {wrong}");
    }
}
