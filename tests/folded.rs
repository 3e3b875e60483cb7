//! Elections with amounts that are folded: counted, challenged, and what cheats put on their ballots.

use attacks::{
    World,
    forge::{Forgery, object, spoil_opening},
};
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Election, Header, OpeningError},
    board::{Board, Kind, Refusal},
    contest::{Broken, Contest, ContestOption, Limit},
    crypto::ProofCheck,
};

/// The most in all.
const ALL: u64 = (1 << 32) + 75_001;

/// A fund of three purposes, of which two stand in a limit, and in one of two districts a question.
fn town(seed: u8, voters: usize) -> World {
    let most = |name: &str, most| ContestOption::new(name).most(most);
    let options = [most("roof", 1 << 32), most("lift", 100_000), "fee".into()];
    let fund = Contest::choose("fund", options, 1..=ALL)
        .limit(Limit::at_most(250_001, ["lift", "fee"]).costs([2, 100_000]))
        .folded();
    let styles: Vec<u16> = (0..voters as u16).map(|voter| voter % 2).collect();
    World::new(seed, (3, 2), &styles, |builder| {
        let builder = builder.district("east", "East").district("west", "West").minimum_cell(1);
        let builder = builder.contest(fund).contest(Contest::choose_one("bridge", ["yes", "no"]));
        builder.style("e", "east", ["fund", "bridge"]).style("w", "west", ["fund"])
    })
}

fn give(roof: u64, lift: u64, fee: u64) -> Choices {
    let choices = Choices::new().score("fund", "roof", roof).score("fund", "lift", lift);
    choices.score("fund", "fee", fee)
}

fn cast(world: &mut World, board: &mut Board, voter: usize, sequence: u32, choices: &Choices) {
    let election = board.election().unwrap().clone();
    let style = voter as u16 % 2;
    let choices = if style == 0 { choices.clone().pick("bridge", "yes") } else { choices.clone() };
    let header = Header { sequence, ..Header::remote(style) };
    let ballot = world.ballot(&election, voter, &header, &choices);
    board.post(&ballot, &mut world.rng).unwrap();
}

#[test]
fn an_election_with_folded_amounts_adds_up() {
    let mut world = town(60, 4);
    let mut board = world.open();
    let ballots = [
        give(1 << 32, 75_000, 1),
        give(65_535, 65_536, 0),
        give(65_536, 65_535, 1),
        give(4_294_900_000, 0, 0),
    ];
    for (voter, choices) in ballots.iter().enumerate() {
        cast(&mut world, &mut board, voter, 0, choices);
    }
    // The last ballot counts.
    cast(&mut world, &mut board, 3, 1, &give(1, 0, 0));
    let (_, outcome) = world.finish(&mut board, &[0, 2]);
    let totals = ["roof", "lift", "fee"].map(|option| outcome.count("fund", option).unwrap());
    assert_eq!(totals, [(1 << 32) + 131_072, 206_071, 2]);
    assert_eq!(outcome.count("bridge", "yes"), Ok(2));
    assert!(outcome.account("fund").unwrap().adds_up());
    // Of the most that one option can get from four ballots.
    let percent = 100.0 * ((1u64 << 32) + 131_072) as f64 / (4u64 << 32) as f64;
    assert!((outcome.percent("fund", "roof").unwrap() - percent).abs() < 1e-9);
    let report = audit::run(board.bytes(), &Expect::default(), &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
}

/// The slots of a ballot: three limbs of the roof, two of the lift, the fee, and yes and no.
type Slots = [i64; 8];

/// Limbs that a wide proof can be about.
fn limbs(slots: &Slots) -> Vec<u16> {
    slots[..6].iter().map(|limb| *limb as u16).collect()
}

fn forgery(world: &World, slots: Slots, nonce: u64) -> Forgery {
    let bits = [slots[6], slots[7]];
    let honest = Forgery::honest(&world.voters[0], Header::remote(0), &bits, nonce);
    Forgery { values: slots.to_vec(), limbs: limbs(&slots), ..honest }
}

/// The content of this ballot, or what is wrong with it.
fn open(
    election: &Election,
    world: &mut World,
    ballot: &[u8],
    forgery: &Forgery,
) -> Result<String, OpeningError> {
    let opening = election.read_opening(&spoil_opening(ballot, &forgery.nonce)).unwrap();
    election.check_opening(&opening, &mut world.rng).map(|opened| opened.to_string())
}

/// What is encrypted, the equation that fails, and what an opening shows. Each wide proof is about the lower 16 bits of the limbs.
#[test]
fn folded_amounts_that_break_a_rule_are_refused_and_seen_when_they_are_opened() {
    let mut world = town(61, 1);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let good = [4_464, 1, 0, 10_000, 0, 1, 1, 0];
    let forged = forgery(&world, good, 3);
    let bytes = forged.bytes(&election, &mut world.rng);
    let shown = "fund: roof 70000, lift 10000, fee 1\nbridge: yes 1";
    assert_eq!(open(&election, &mut world, &bytes, &forged).as_deref(), Ok(shown));
    let value =
        |slot: &str, max| OpeningError::Value { contest: "fund".into(), slot: slot.into(), max };
    let rule = |broken| OpeningError::Rule { contest: "fund".into(), broken };
    let each = |option, found, max| rule(Broken::Each { option, found, max });
    let limit = |found| rule(Broken::Limit { limit: 0, found, min: 0, max: 250_001 });
    let (l3, l4) = ("WIDE.L3", "WIDE.L4");
    let cases = [
        // A limb that is none.
        ([65_536, 0, 0, 10_000, 0, 1, 1, 0], l3, value("roof, limb 0", 65_535)),
        ([4_464, -1, 1, 10_000, 0, 1, 1, 0], l3, value("roof, limb 1", 65_535)),
        ([4_464, 1, 0, 10_000, 65_536, 1, 1, 0], l3, value("lift, limb 1", 65_535)),
        ([4_464, 1, 0, 10_000, 0, 2, 1, 0], l4, value("fee", 1)),
        // Maxima: 2³² and 100,000.
        ([1, 0, 1, 0, 0, 0, 1, 0], l4, each(0, (1 << 32) + 1, 1 << 32)),
        ([0, 0, 2, 0, 0, 0, 1, 0], l4, each(0, 1 << 33, 1 << 32)),
        ([0, 0, 0, 34_465, 1, 0, 1, 0], l4, each(1, 100_001, 100_000)),
        // The total, and the limit.
        ([0, 0, 0, 0, 0, 0, 1, 0], l4, rule(Broken::TooFew { found: 0, min: 1 })),
        ([0, 0, 1, 9_466, 1, 0, 1, 0], l4, rule(Broken::TooMany { found: ALL + 1, max: ALL })),
        ([1, 0, 0, 9_465, 1, 1, 1, 0], l4, limit(250_002)),
    ];
    for (nonce, (slots, tag, error)) in (10..).zip(cases) {
        let forged = forgery(&world, slots, nonce);
        let bytes = forged.bytes(&election, &mut world.rng);
        let refusal = Refusal::Proof(ProofCheck::Equation(tag));
        let found = board.post(&*object(Kind::Ballot, &bytes), &mut world.rng);
        assert_eq!(found, Err(refusal), "{slots:?}");
        assert_eq!(open(&election, &mut world, &bytes, &forged), Err(error), "{slots:?}");
    }
    // A valid vote whose proof is about other limbs.
    let other = Forgery { limbs: limbs(&[4_465, 1, 0, 9_999, 0, 1, 1, 0]), ..forged.clone() };
    let bytes = other.bytes(&election, &mut world.rng);
    let proof = OpeningError::Proof(ProofCheck::Equation(l3));
    assert_eq!(open(&election, &mut world, &bytes, &other), Err(proof));
    let bytes = forged.bytes(&election, &mut world.rng);
    assert!(board.post(&*object(Kind::Ballot, &bytes), &mut world.rng).is_ok());
}

/// The voter challenges the device, and sees what was chosen.
#[test]
fn a_folded_ballot_is_opened_as_it_was_chosen() {
    let mut world = town(62, 1);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (sequence, choices) in
        [give(1 << 32, 75_000, 1), give(65_536, 0, 1)].into_iter().enumerate()
    {
        let choices = choices.pick("bridge", "no");
        let World { operator, voters, rng, .. } = &mut world;
        let header = Header::remote(0);
        let sealed = election.encrypt(&voters[0], &header, &choices, rng).unwrap();
        let (request, spoiled) = sealed.spoil(&election, &voters[0], rng).unwrap();
        let accepted = board.post(&request, rng).unwrap();
        let receipt = board.receipt(operator, accepted.entry, rng).unwrap();
        let opening = spoiled.open(&receipt, rng).unwrap();
        board.post(&opening, rng).unwrap();
        let opened = election.check_opening(&opening, rng).unwrap();
        assert_eq!(opened.compare(&choices), Ok(()), "{sequence}");
        assert!(opened.compare(&give(65_535, 1, 1)).is_err());
    }
}

#[test]
fn the_rows_of_a_style_are_those_of_the_specification() {
    let world = town(63, 1);
    let (rules, places) = world.manifest.folded(0).unwrap();
    assert_eq!(places, [0, 1, 2, 3, 4, 5]);
    // Slack: of three maxima, of the total and what is left of it, of the limit.
    assert_eq!((rules.limbs(), rules.values()), (6, 6 + 3 + 2 + 1 + 3 + 3 + 2));
    assert!(rules.allow(&rules.fill(&[4_464, 1, 0, 10_000, 0, 1])));
    assert!(!rules.allow(&rules.fill(&[4_464, 1, 0, 10_000, 2, 1])));
    assert!(world.manifest.folded(1).is_some());
    let bits = world.manifest.constraints(0).unwrap();
    assert_eq!((bits.slots(), bits.bits(), bits.rows()), (8, 2, 1));
    let none = world.manifest.constraints(1).unwrap();
    assert_eq!((none.slots(), none.bits(), none.rows()), (6, 0, 0));
}
