//! Ballots of devices that encrypt anything, opened and compared with the choices. No ciphertexts are made here; their
//! contents are opened directly.

use super::*;
use crate::{
    ballot::RuleError,
    contest::{ContestOption, Form, Limit},
    count::{Counting, Method, TieBreak},
    crypto::{message, signature::AuthorSecret},
    manifest::Manifest,
};
use alloc::{format, string::ToString, vec};
use curve25519_dalek::Scalar;
use itertools::Itertools;
use proptest::prelude::*;
use rand_core::OsRng;

/// Contests of every kind, with names that are easy to confuse.
fn contests() -> Vec<Contest> {
    let options = ["a", "b 1", "white"];
    let counting = Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
    vec![
        Contest::choose_one("c", options),
        Contest::choose_one("c", options).blank().write_ins(1, 6),
        Contest::approval("c", options).blank(),
        Contest::choose("c", options, 0..=2).write_ins(3, 40),
        Contest::choose("c", options, 0..=6).each(3).blank().write_ins(3, 6),
        Contest::rank("c", options, counting),
        Contest::rank("c", options, counting).write_ins(2, 6),
        Contest::rank("c", options, counting).ties().write_ins(3, 40),
    ]
}

fn is_ranking(contest: &Contest) -> bool {
    contest.form != Form::Choice
}

/// What a voter wants: the votes or the rank of each option and of each name written in.
#[derive(Clone, Debug)]
struct Wish {
    options: Vec<u64>,
    names: Vec<(&'static str, u64)>,
    blank: bool,
}

const NAMES: [&str; 6] = ["zo", "ZO", "y", "A", "a 1, b", "\"y"];

/// Any numbers; they are turned into a wish that keeps the rule of a contest.
type Numbers = (Vec<u64>, Vec<(usize, u64)>, bool);

fn numbers() -> impl Strategy<Value = Numbers> {
    let names = prop::collection::vec((0..NAMES.len(), 0..4u64), 0..4);
    (prop::collection::vec(0..4u64, 3), names, any::<bool>())
}

impl Wish {
    fn new(contest: &Contest, (options, names, blank): &Numbers) -> Self {
        let rule = &contest.rule;
        let names = names.iter().take(contest.write_ins.places.into());
        let names: Vec<_> = names.map(|(name, number)| (NAMES[*name], *number)).collect();
        let mut wish =
            Self { options: options.clone(), names, blank: *blank && !contest.marks.is_empty() };
        if let Form::Ranking { ties } = contest.form {
            wish.names.iter_mut().for_each(|(_, number)| *number += 1);
            // The ranks drawn, in order and without gaps.
            let mut drawn: Vec<(u64, usize)> = wish.values().map(|v| *v).zip(0..).collect();
            drawn.retain(|(rank, _)| *rank > 0);
            drawn.sort();
            let mut ranks: Vec<_> =
                drawn.iter().map(|(rank, who)| (*rank, if ties { 0 } else { *who })).collect();
            ranks.dedup();
            for (rank, who) in drawn {
                let key = (rank, if ties { 0 } else { who });
                let place = ranks.iter().position(|r| *r == key).unwrap();
                *wish.values().nth(who).unwrap() = place as u64 + 1;
            }
            return wish;
        }
        if wish.blank {
            wish.names.clear();
        }
        let mut most = if wish.blank { 0 } else { rule.max };
        for value in wish.values() {
            *value = (*value).min(rule.each).min(most);
            most -= *value;
        }
        if !wish.blank && wish.values().map(|v| *v).sum::<u64>() < rule.min {
            wish.options[0] = rule.min;
        }
        wish
    }

    fn values(&mut self) -> impl Iterator<Item = &mut u64> {
        self.options.iter_mut().chain(self.names.iter_mut().map(|(_, number)| number))
    }

    /// The same as choices, as an application gives them.
    fn choices(&self, contest: &Contest) -> Choices {
        let mut choices = Choices::new();
        let options = || contest.names().zip(&self.options);
        if is_ranking(contest) {
            for rank in 1..=6 {
                let options = options().filter(|(_, r)| **r == rank).map(|(name, _)| name);
                let names = self.names.iter().filter(|(_, r)| *r == rank).map(|(name, _)| *name);
                choices = choices.rank_equal("c", options, names);
            }
            return choices;
        }
        for (option, votes) in options() {
            choices = match votes {
                1 => choices.pick("c", option),
                // One by one and together.
                3 => choices.pick("c", option).score("c", option, 2),
                _ => choices.score("c", option, *votes),
            };
        }
        for (name, votes) in &self.names {
            choices = choices.score_write_in("c", name, *votes);
        }
        if self.blank { choices.blank("c") } else { choices }
    }

    /// Whether choices are refused because part of them would be lost.
    fn is_lost(&self, contest: &Contest) -> bool {
        let nobody = self.names.iter().any(|(name, votes)| *name == "A" || *votes == 0);
        let zo = self.names.iter().filter(|(name, _)| ["zo", "ZO"].contains(name));
        let same = |name| self.names.iter().filter(move |(n, _)| *n == name);
        let too_much = |lines: Vec<&(&str, u64)>| {
            let votes: u64 = lines.iter().map(|(_, votes)| votes).sum();
            lines.len() > 1 && (is_ranking(contest) || votes > contest.rule.each)
        };
        nobody
            || too_much(zo.collect())
            || too_much(same("y").collect())
            || too_much(same("a 1, b").collect())
            || too_much(same("\"y").collect())
    }
}

/// The content of a contest's slots.
#[derive(Clone, Debug, PartialEq)]
struct Slots {
    options: Vec<u64>,
    blank: u64,
    lines: Vec<u64>,
    message: Vec<u8>,
}

impl Slots {
    /// What an honest device makes, with each name on the line at this place.
    fn new(contest: &Contest, wish: &Wish, places: &[usize]) -> Self {
        let (lines, most) =
            (usize::from(contest.write_ins.places), usize::from(contest.write_ins.length));
        let (mut numbers, mut text) = (vec![0; lines], vec![0; lines * (1 + most)]);
        for ((name, number), line) in wish.names.iter().zip(places) {
            numbers[*line] = *number;
            let text = &mut text[line * (1 + most)..][..1 + name.len()];
            text[0] = name.len() as u8;
            text[1..].copy_from_slice(name.as_bytes());
        }
        let (options, blank) = (wish.options.clone(), wish.blank.into());
        if is_ranking(contest) {
            let ranks = options.iter().chain(&numbers).map(|rank| *rank as u8);
            return Self {
                options: vec![],
                blank,
                lines: vec![],
                message: ranks.chain(text).collect(),
            };
        }
        Self { options, blank, lines: numbers, message: text }
    }

    /// The slots for every order of the lines.
    fn all(contest: &Contest, wish: &Wish) -> Vec<Self> {
        let orders = (0..usize::from(contest.write_ins.places)).permutations(wish.names.len());
        orders.map(|places| Self::new(contest, wish, &places)).collect()
    }

    fn change(&mut self, contest: &Contest, (kind, place, value): (u8, usize, u8)) {
        let Self { options, blank, lines, message } = self;
        let vote = u64::from(value % 4);
        let length = usize::from(contest.write_ins.length) + 1;
        let places = usize::from(contest.write_ins.places);
        match kind {
            0 if !options.is_empty() => options[place % 3] = vote,
            1 if !contest.marks.is_empty() => *blank = vote,
            2 if !lines.is_empty() => lines[place % places] = vote,
            3 if !message.is_empty() => {
                let place = place % message.len();
                message[place] = value;
            }
            // The texts of two lines are swapped.
            _ if places > 1 => {
                let (first, text) = (place % (places - 1), message.len() - places * length);
                let both = &mut message[text + first * length..text + (first + 2) * length];
                both.rotate_left(length);
            }
            _ => {}
        }
    }

    fn points(&self, contest: &Contest) -> Vec<RistrettoPoint> {
        let Self { options, blank, lines, message } = self;
        let blank = (!contest.marks.is_empty()).then_some(blank);
        let values = options.iter().chain(blank).chain(lines);
        let values = values.map(|value| RistrettoPoint::mul_base(&Scalar::from(*value)));
        let message = message::encode(message, contest.message_slots()).unwrap();
        values.chain(message.iter().copied()).collect()
    }
}

fn opened(contest: &Contest, points: &[RistrettoPoint]) -> Result<OpenedBallot, OpeningError> {
    let table = DlogTable::new(contest.rule.each);
    let contests = vec![open_contest(contest, (true, 0), &mut points.iter().copied(), &table)?.1];
    let (tracker, header) = (Tracker::from([0; 32]), Header::remote(0));
    Ok(OpenedBallot { tracker, header, weight: None, contests })
}

fn manifest(contest: &Contest) -> Manifest {
    let key = || AuthorSecret::random(&mut OsRng).unwrap().public().clone();
    let manifest = Manifest::builder("m").operator(key()).trustees([key()], 1);
    manifest.contest(contest.clone()).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whenever a device encrypts anything other than the choices, it is found.
    #[test]
    fn a_ballot_compares_if_it_holds_exactly_the_choices(
        contest in 0..8usize, chosen in numbers(), other in numbers(), honest: bool, order in 0..6usize,
        changes in prop::collection::vec((0..5u8, 0..200usize, prop_oneof![0..4u8, Just(b'y'), any::<u8>()]), 0..3),
    ) {
        let contest = &contests()[contest];
        let chosen = Wish::new(contest, &chosen);
        let choices = chosen.choices(contest);
        let encrypted = if honest { chosen.clone() } else { Wish::new(contest, &other) };
        let orders = Slots::all(contest, &encrypted);
        let mut slots = orders[order % orders.len()].clone();
        changes.into_iter().for_each(|change| slots.change(contest, change));

        let exactly = Slots::all(contest, &chosen).contains(&slots);
        let found = opened(contest, &slots.points(contest));
        let compares = found.as_ref().is_ok_and(|ballot| ballot.compare(&choices).is_ok());
        prop_assert_eq!(compares, exactly, "{:?}\n{:?}\n{:?}", chosen, slots, found);
    }

    /// Elements of unknown logarithm, in any slot.
    #[test]
    fn an_element_that_is_no_vote_and_no_text_is_found(
        contest in 0..8usize, chosen in numbers(), place in 0..20usize, seed: [u8; 32],
    ) {
        let contest = &contests()[contest];
        let chosen = Wish::new(contest, &chosen);
        let mut points = Slots::all(contest, &chosen)[0].points(contest);
        let place = place % points.len();
        points[place] = RistrettoPoint::from_uniform_bytes(&[seed, seed].concat().try_into().unwrap());
        let ballot = opened(contest, &points);
        let compares = ballot.is_ok_and(|ballot| ballot.compare(&chosen.choices(contest)).is_ok());
        prop_assert!(!compares);
    }

    /// The plaintext is what was chosen, and nothing is encrypted that the count would leave out.
    #[test]
    fn what_is_encrypted_is_what_was_chosen_and_counts(contest in 0..8usize, chosen in numbers()) {
        let contest = &contests()[contest];
        let chosen = Wish::new(contest, &chosen);
        let choices = chosen.choices(contest);
        let refused = match choices.for_style(&manifest(contest), 0) {
            Ok(plain) => {
                // Ranks do not depend on the order of names.
                let mut right = Slots::all(contest, &chosen).into_iter();
                prop_assert!(right.any(|slots| slots.points(contest) == *plain.points));
                let ballot = opened(contest, &plain.points).unwrap();
                prop_assert_eq!(ballot.compare(&choices), Ok(()));
                false
            }
            Err(_) => true,
        };
        prop_assert_eq!(refused, chosen.is_lost(contest));
    }
}

/// Names made of the pieces of which the texts of ballots consist.
fn name() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        " 1",
        ", ",
        "\"",
        "\\",
        " (written in)",
        "b",
        "\n",
        "c:",
        "1. ",
        "u{a}",
        "\u{3164}",
        "\u{301}",
        "blank",
        " ",
        "\u{e9}",
        "e",
        "nothing",
        "\u{5d0}",
        "\u{2068}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..5).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn other_marks_have_another_text(
        ranking: bool,
        ballots in prop::collection::vec((prop::collection::vec((name(), 0..3u64), 0..3), 0..3u64, any::<u8>()), 2..40),
    ) {
        let contest = &contests()[if ranking { 7 } else { 3 }];
        let ballot = |(lines, option, byte): &(Vec<(String, u64)>, u64, u8)| {
            let wish = Wish { options: vec![(*option).min(1), *option / 2, 0], names: vec![], blank: false };
            let mut slots = Slots::new(contest, &wish, &[]);
            let text = slots.message.len() - 3 * 41;
            for (line, (name, number)) in lines.iter().enumerate().filter(|(_, (name, _))| name.len() <= 40) {
                let at = text + 41 * line;
                slots.message[at] = name.len() as u8;
                slots.message[at + 1..at + 1 + name.len()].copy_from_slice(name.as_bytes());
                if ranking { slots.message[3 + line] = *number as u8 } else { slots.lines[line] = *number }
            }
            // Some cannot be read.
            if *byte % 8 == 0 {
                slots.message[text + usize::from(byte / 8)] = *byte;
            }
            opened(contest, &slots.points(contest)).ok()
        };
        let ballots: Vec<OpenedBallot> = ballots.iter().filter_map(ballot).collect();
        for (one, other) in ballots.iter().tuple_combinations() {
            prop_assert_eq!(one == other, one.to_string() == other.to_string(), "{} {}", one, other);
        }
    }
}

#[test]
fn one_name_cannot_stand_for_two_marks() {
    let contest = &contests()[3];
    let text = |options: [u64; 3], names: &[(&'static str, u64)]| {
        let wish = Wish { options: options.to_vec(), names: names.to_vec(), blank: false };
        let places: Vec<usize> = (0..names.len()).collect();
        let slots = Slots::new(contest, &wish, &places);
        opened(contest, &slots.points(contest)).unwrap().to_string()
    };
    assert_eq!(text([1, 0, 0], &[("b", 1)]), r#"c: a 1, "b" 1 (written in)"#);
    assert_eq!(text([0, 0, 0], &[("a 1, b", 1)]), r#"c: "a 1, b" 1 (written in)"#);
    assert_eq!(text([0, 1, 1], &[]), r#"c: "b 1" 1, white 1"#);
    assert_eq!(text([0, 0, 0], &[("blank", 0)]), r#"c: "blank" 0 (written in)"#);
    assert_eq!(text([0, 0, 0], &[("", 1)]), "c: nothing 1 (written in)");
    assert_eq!(text([0, 0, 0], &[("nothing", 1)]), r#"c: "nothing" 1 (written in)"#);
    assert_eq!(
        text([0, 0, 0], &[("no\u{308}vote\"", 1)]),
        r#"c: "no\u{308}vote\"" 1 (written in)"#
    );
    assert_eq!(text([0, 0, 0], &[]), "c: no vote");
}

/// The error of choices in this contest.
fn refused(contest: &Contest, choices: &Choices) -> String {
    choices.for_style(&manifest(contest), 0).map(drop).unwrap_err().to_string()
}

#[test]
fn a_mark_of_one_kind_is_refused_where_the_other_is_taken() {
    let new = Choices::new;
    let takes_votes = |name: &str, rank| {
        format!(
            "contest 'c': \"{name}\" is given rank {rank}, but the contest takes votes: pick it, or give it a score"
        )
    };
    for contest in &contests()[..5] {
        assert_eq!(refused(contest, &new().rank("c", ["a"])), takes_votes("a", 1));
        let both = new().pick("c", "a").rank("c", ["white"]);
        assert_eq!(refused(contest, &both), takes_votes("white", 1));
        let written = new().pick("c", "a").rank_write_in("c", "zo");
        assert_eq!(refused(contest, &written), takes_votes("zo", 1));
    }
    for contest in &contests()[5..] {
        let ranking = |name: &str, votes| {
            format!(
                "contest 'c': \"{name}\" is given {votes} votes, but the contest is a ranking: rank it"
            )
        };
        assert_eq!(refused(contest, &new().pick("c", "a")), ranking("a", 1));
        assert_eq!(refused(contest, &new().score("c", "a", 0)), ranking("a", 0));
        let both = new().rank("c", ["a"]).score("c", "white", 2);
        assert_eq!(refused(contest, &both), ranking("white", 2));
        assert_eq!(refused(contest, &new().write_in("c", "zo")), ranking("zo", 1));
        let blank = "contest 'c' has no mark 'blank': it has no marks";
        assert_eq!(refused(contest, &new().blank("c")), blank);
    }
    // The first would get 1 and the third 3.
    let order = new().rank("c", ["a", "b 1", "white"]);
    assert_eq!(refused(&contests()[4], &order), takes_votes("a", 1));
    // A pick is one vote, even if an option can have more.
    assert!(new().pick("c", "a").for_style(&manifest(&contests()[4]), 0).is_ok());
    assert!(new().score("c", "a", 1).for_style(&manifest(&contests()[0]), 0).is_ok());
    let twice = new().pick("c", "a").pick("c", "a");
    let each = "contest 'c': option 0 (from 0) has 2 votes; at most 1 are allowed";
    assert_eq!(refused(&contests()[0], &twice), each);
    assert_eq!(
        refused(&contests()[5], &order.rank("c", ["a"])),
        "contest 'c': option 0 (from 0) is ranked or graded twice"
    );
    assert_eq!(
        refused(&contests()[0], &new().blank("c")),
        "contest 'c' has no mark 'blank': it has no marks"
    );
}

/// Contests with every kind of rule that goes beyond a total.
fn limited() -> Manifest {
    let key = || AuthorSecret::random(&mut OsRng).unwrap().public().clone();
    let two = |name: &str| ContestOption::new(name).most(2).group("g");
    Manifest::builder("m")
        .operator(key())
        .trustees([key()], 1)
        .contest(Contest::choose_one("party", ["left", "right"]).blank().mark("none", true))
        .contest(
            Contest::choose_one("chair", ["a", "b"]).with("party:left").blank().write_ins(1, 9),
        )
        .contest(
            Contest::choose("parks", [two("wood"), two("lake"), "pool".into()], 0..=4)
                .group("g", "Green")
                .voters()
                .limit(Limit::at_most(5, ["g", "pool"]).costs([1, 2]))
                .limit(Limit::between(1..=2, ["lake"]).with("pool")),
        )
        .limit("all", Limit::at_most(3, ["party:right", "parks:g"]))
        .build()
        .unwrap()
}

proptest! {
    /// What a device encrypts is what it opens, whatever the rules.
    #[test]
    fn what_is_encrypted_opens_as_it_was_chosen(
        marks in prop::collection::vec((0..3usize, 0..6usize, 0..4u64), 0..6), good: bool,
    ) {
        let manifest = limited();
        let new = if good { Choices::new().pick("party", "right") } else { Choices::new() };
        let choices = marks.into_iter().fold(new, |choices, (contest, place, votes)| {
            let (contest, options) = [
                ("party", &["left", "right", "!blank", "!none"][..]),
                ("chair", &["a", "b", "!blank", "+zo"]),
                ("parks", &["wood", "lake", "pool"]),
            ][contest];
            let option = options[place % options.len()];
            match option.split_at(1) {
                ("!", mark) => choices.mark(contest, mark),
                ("+", name) => choices.write_in(contest, name),
                _ => choices.score(contest, option, votes),
            }
        });
        if let Ok(plain) = choices.for_style(&manifest, 0) {
            let contests = open_all(&manifest, &manifest.styles()[0], plain.points.iter().copied(), 0);
            let (tracker, header) = (Tracker::from([0; 32]), Header::remote(0));
            let opened = OpenedBallot { tracker, header, weight: None, contests: contests.unwrap() };
            prop_assert_eq!(opened.compare(&choices), Ok(()));
        }
    }
}

#[test]
fn ballots_that_break_a_limit_are_opened_with_the_reason() {
    let manifest = limited();
    // Slots: left, right, blank, none; a, b, blank, line, message; wood, lake, pool and their voters.
    let open = |values: [u64; 17], end: &str| {
        let message = message::encode(&[0; 10], 1).unwrap();
        let point = |value: &u64| RistrettoPoint::mul_base(&Scalar::from(*value));
        let mut points: Vec<_> = values.iter().map(point).collect();
        points[8] = message[0];
        let error = open_all(&manifest, &manifest.styles()[0], points.into_iter(), 0).unwrap_err();
        assert!(error.to_string().contains(end), "{error}");
    };
    open([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "goes with no vote");
    open([0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "go with no other mark");
    open([0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "nothing can be chosen here");
    open(
        [0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 0],
        "'wood': the value is not from 0 to 2",
    );
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0], "'voters of wood'");
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], "among those of option 0");
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0], "goes with option 2");
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 1, 1, 0, 0, 0], "goes with option 2");
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 2, 1, 1, 1, 1, 0, 0], "5 votes in total");
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0], "limit 1 (from 0) get 0");
    open([0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1, 1, 1, 1, 0, 0], "get 4 in all, at most 3");
    open([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "0 votes in total; at least 1");
}

#[test]
fn a_listed_name_written_in_is_refused() {
    let listed = |name: &str| RuleError::Listed {
        contest: "c".into(),
        name: name.into(),
        option: "a".into(),
    };
    for contest in contests().iter().filter(|contest| contest.write_ins.places > 0) {
        for name in ["a", "A", "\u{ff21}", "a\u{3164}", " a"] {
            let choices = match is_ranking(contest) {
                true => Choices::new().rank_write_in("c", name),
                false => Choices::new().write_in("c", name),
            };
            let found = choices.for_style(&manifest(contest), 0).map(drop);
            assert_eq!(found, Err(listed(name)));
        }
    }
    let text =
        "contest 'c': \"\u{ff21}\" is written in, but is the option \"a\": mark the option instead";
    assert_eq!(listed("\u{ff21}").to_string(), text);
}

#[test]
fn what_the_count_would_leave_out_is_not_encrypted() {
    let score = &contests()[4];
    let new = Choices::new;
    assert_eq!(
        refused(score, &new().score_write_in("c", "zo", 2).score_write_in("c", "ZO", 2)),
        "contest 'c': \"zo\" and \"ZO\" count as one name, which can get no more than an option: write it once"
    );
    let enough = new().score_write_in("c", "zo", 2).score_write_in("c", "ZO", 1);
    assert!(enough.for_style(&manifest(score), 0).is_ok());
    let error = refused(score, &new().score_write_in("c", "zo", 0));
    assert_eq!(
        error,
        "contest 'c': \"zo\" is written in without a vote: give it one, or leave it out"
    );
    assert!(refused(score, &new().write_in("c", "\u{3164}")).contains("line 0 (from 0)"));
    let twice = new().rank_write_in("c", "zo").rank_write_in("c", "zo");
    assert!(refused(&contests()[6], &twice).contains("write it once"));
}
