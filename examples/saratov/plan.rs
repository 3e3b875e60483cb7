//! What the simulation decides and nobody would know in a real election: who votes, and how.

use crate::{common::Signers, day};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use tabella::{
    ballot::Origin,
    contest::{Cell, Contest},
    crypto::ProveError,
    manifest::{Manifest, ManifestError},
    roll::Credential,
};

/// How many districts and stations the real election had.
const DISTRICTS: usize = 45;
const STATIONS: usize = 110;
/// Bad ballots of each kind.
const BAD: usize = 10;

/// The id of the contest that is on every ballot.
pub const SURVEY: &str = "again";

/// How many people are on the roll, how many of them cast a ballot, and how many of these do it twice.
#[derive(Clone, Copy)]
pub struct Size {
    pub roll: usize,
    pub voters: usize,
    pub twice: usize,
}

impl Size {
    /// Saratov: 14,932 voted. How many of them voted again was not published.
    pub const SARATOV: Self = Self { roll: 41_478, voters: 14_932, twice: 200 };
    /// The later record of the same platform, in Volgograd: 185,000 on the roll, 207,000 ballots. How many people cast these was not
    /// published; here 150,000 do.
    pub const VOLGOGRAD: Self = Self { roll: 185_000, voters: 150_000, twice: 57_000 };

    /// The same with so many voters.
    pub fn scaled(self, voters: usize) -> Self {
        let scaled = |n: usize| (n * voters + self.voters / 2) / self.voters;
        Self { roll: scaled(self.roll), voters, twice: scaled(self.twice) }
    }
}

/// A whole election before it happens. Everything follows from the numbers of voters and districts and from a seed.
pub struct Plan {
    seed: u64,
    /// The candidates of each district.
    pub districts: Vec<Vec<String>>,
    /// The district of each polling station.
    pub stations: Vec<u16>,
    /// Everybody on the roll.
    pub people: Vec<Person>,
    /// What is sent before the close, in order.
    pub arrivals: Vec<Arrival>,
    /// When each of them arrives, in seconds after the opening.
    pub times: Vec<f64>,
    /// What is sent after the close.
    pub late: Vec<Arrival>,
}

/// Somebody on the roll.
pub struct Person {
    pub district: u16,
    /// The first and the second vote, if any.
    pub votes: [Option<Vote>; 2],
}

impl Person {
    /// The vote that counts.
    pub fn last(&self) -> Option<&Vote> {
        self.votes.iter().rev().flatten().next()
    }
}

/// A person's choices, and where the vote is cast.
#[derive(Clone, Copy)]
pub struct Vote {
    pub origin: Origin,
    /// The candidate's place; `None` is a blank vote.
    pub candidate: Option<u8>,
    /// The answer in the survey, if there is one.
    pub again: Option<bool>,
}

/// A ballot that is sent in the name of the person with this place on the roll.
#[derive(Clone, Copy)]
pub struct Arrival {
    pub person: usize,
    pub what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The person's vote with this number, 0 or 1.
    Vote(u8),
    Bad(Bad),
}

/// A ballot that must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// A ballot altered on its way: the ciphertexts of two candidates are swapped.
    ForgedProof,
    /// A ballot of the next district.
    WrongDistrict,
    /// A ballot with a credential that is not on the roll.
    UnknownCredential,
    /// The same bytes once more.
    Replay,
    /// A sequence number is left out.
    WrongSequence,
    /// Only the time is wrong.
    AfterClose,
}

impl Bad {
    pub const ALL: [Self; 6] = [
        Self::ForgedProof,
        Self::WrongDistrict,
        Self::UnknownCredential,
        Self::Replay,
        Self::WrongSequence,
        Self::AfterClose,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::ForgedProof => "forged proof",
            Self::WrongDistrict => "wrong district",
            Self::UnknownCredential => "unknown credential",
            Self::Replay => "replay",
            Self::WrongSequence => "wrong sequence number",
            Self::AfterClose => "after the close",
        }
    }
}

/// The uses of random numbers; each use has its own streams.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// The plan.
    Plan,
    /// The operator, the board and the auditor.
    Board,
    /// A trustee, by number.
    Trustee,
    /// A voter's credential.
    Credential,
    /// A voter's request for a line on the roll.
    Registration,
    /// A voter's ballots, by voter; `CAST_AGAIN` is added for the second one.
    Ballot,
    SecondBallot,
    BadBallot,
    /// Credentials that nobody registers.
    Stranger,
    /// The keys of the log and its witnesses.
    Log,
}

impl Plan {
    pub fn new(size: Size, districts: usize, seed: u64) -> Self {
        let mut plan = Self {
            seed,
            districts: Vec::new(),
            stations: Vec::new(),
            people: Vec::new(),
            arrivals: Vec::new(),
            times: Vec::new(),
            late: Vec::new(),
        };
        let rng = &mut plan.rng(Purpose::Plan, 0);
        let mut names = surnames(rng).into_iter().cycle();
        for _ in 0..districts {
            let candidates = 3 + below(rng, 5);
            plan.districts.push(names.by_ref().take(candidates).collect());
        }
        let stations = (districts * STATIONS / DISTRICTS).max(districts);
        plan.stations = (0..stations).map(|station| (station % districts) as u16).collect();
        plan.enrol(size.roll, size.voters, rng);
        plan.send_in(size.twice, rng);
        plan.times = day::times(plan.arrivals.len(), rng);
        plan
    }

    /// A generator for one use, which depends only on the seed.
    pub fn rng(&self, purpose: Purpose, index: usize) -> ChaCha20Rng {
        let mut rng = ChaCha20Rng::seed_from_u64(self.seed);
        rng.set_stream((purpose as u64) << 32 | index as u64);
        rng
    }

    /// The credential of the person with this place on the roll. Only that person's device has it.
    pub fn credential(&self, person: usize) -> Result<Credential, ProveError> {
        Credential::random(&mut self.rng(Purpose::Credential, person))
    }

    /// The log and its witnesses.
    pub fn signers(&self) -> Result<Signers, crate::Failure> {
        Signers::random(&mut self.rng(Purpose::Log, 0))
    }

    /// The contest that this district votes on.
    pub fn contest(district: usize) -> String {
        format!("seat-{}", district + 1)
    }

    /// Districts, stations, contests and styles; the caller adds operator and trustees.
    pub fn manifest(
        &self,
        complete: impl FnOnce(tabella::manifest::Builder) -> tabella::manifest::Builder,
    ) -> Result<Manifest, ManifestError> {
        let mut builder = Manifest::builder("saratov").title("An election of Saratov's size");
        for (place, candidates) in self.districts.iter().enumerate() {
            let (district, contest) = (format!("district-{}", place + 1), Self::contest(place));
            let seat = Contest::choose_one(&contest, candidates).blank();
            builder = builder
                .district(&district, format!("District {}", place + 1))
                .contest(seat.title(format!("Who shall sit for district {}?", place + 1)))
                .style(&district, &district, [contest.as_str(), SURVEY]);
        }
        for (place, district) in self.stations.iter().enumerate() {
            let (id, name) = (format!("station-{}", place + 1), format!("Station {}", place + 1));
            builder = builder.station(&id, &name, &format!("district-{}", district + 1));
        }
        let survey = Contest::choose(SURVEY, ["yes", "no"], 0..=1);
        let survey = survey.title("Would you use electronic voting again?").cell(Cell::Election);
        complete(builder.contest(survey)).build()
    }

    /// Assigns everybody to a district and decides who votes, and how.
    fn enrol(&mut self, roll: usize, cast: usize, rng: &mut ChaCha20Rng) {
        let sizes: Vec<f64> = self.districts.iter().map(|_| 0.6 + 0.8 * unit(rng)).collect();
        let sizes = apportion(roll, &sizes);
        let interest: Vec<f64> =
            sizes.iter().map(|n| *n as f64 * (0.26 + 0.2 * unit(rng))).collect();
        let mut voters = apportion(cast, &interest);
        // Where more would vote than are on the roll, the others vote elsewhere.
        let mut left = 0;
        for (voters, size) in voters.iter_mut().zip(&sizes) {
            left += voters.saturating_sub(*size);
            *voters = (*voters).min(*size);
        }
        for (voters, size) in voters.iter_mut().zip(&sizes) {
            let more = left.min(size - *voters);
            *voters += more;
            left -= more;
        }
        for (district, (size, voters)) in sizes.into_iter().zip(voters).enumerate() {
            let stations: Vec<u16> = (0u16..)
                .zip(&self.stations)
                .filter(|(_, of)| usize::from(**of) == district)
                .map(|(station, _)| station)
                .collect();
            let favour: Vec<f64> =
                self.districts[district].iter().map(|_| 0.2 + unit(rng)).collect();
            for person in 0..size {
                let vote = (person < voters).then(|| random_vote(&stations, &favour, rng));
                self.people.push(Person { district: district as u16, votes: [vote, None] });
            }
        }
        shuffle(&mut self.people, rng);
    }

    /// Decides who votes twice, who cheats how, and the order of arrival.
    fn send_in(&mut self, twice: usize, rng: &mut ChaCha20Rng) {
        let everybody = 0..self.people.len();
        let (mut voters, mut others): (Vec<usize>, Vec<usize>) =
            everybody.partition(|person| self.people[*person].votes[0].is_some());
        shuffle(&mut voters, rng);
        shuffle(&mut others, rng);
        let arrival = |what| move |person: &usize| Arrival { person: *person, what };

        let (again, once) = voters.split_at(twice);
        for person in again {
            let Person { district, votes } = &mut self.people[*person];
            let candidates = self.districts[usize::from(*district)].len();
            let place = below(rng, candidates + 1);
            // They change their choice of candidate, and vote from home this time.
            votes[1] = votes[0].map(|first| Vote {
                origin: Origin::Remote,
                candidate: (place < candidates).then_some(place as u8),
                ..first
            });
        }
        self.arrivals.extend(voters.iter().map(arrival(What::Vote(0))));
        self.arrivals.extend(again.iter().map(arrival(What::Vote(1))));
        for kind in Bad::ALL {
            let people = match kind {
                Bad::Replay => once,
                _ => &others,
            };
            let bad = people.iter().take(BAD).map(arrival(What::Bad(kind)));
            if kind == Bad::AfterClose { &mut self.late } else { &mut self.arrivals }.extend(bad);
        }

        shuffle(&mut self.arrivals, rng);
        let mut first = vec![usize::MAX; self.people.len()];
        for (at, Arrival { person, what }) in self.arrivals.iter().enumerate() {
            if *what == What::Vote(0) {
                first[*person] = at;
            }
        }
        // A second ballot or a replay comes after the first ballot; nobody has both.
        for at in 0..self.arrivals.len() {
            let Arrival { person, what } = self.arrivals[at];
            let later = matches!(what, What::Vote(1) | What::Bad(Bad::Replay));
            if later && at < first[person] {
                self.arrivals.swap(at, first[person]);
            }
        }
    }
}

/// 60 % vote at a station of their district; 3 % vote blank; 83 % would vote electronically again, 5 % don't say.
fn random_vote(stations: &[u16], favour: &[f64], rng: &mut ChaCha20Rng) -> Vote {
    let at_station = unit(rng) < 0.6;
    let origin = if at_station {
        Origin::Station(stations[below(rng, stations.len())])
    } else {
        Origin::Remote
    };
    let mut left = unit(rng) * favour.iter().sum::<f64>();
    let candidate = favour.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    let candidate = candidate.filter(|_| unit(rng) >= 0.03).map(|place| place as u8);
    let says = unit(rng) >= 0.05;
    let again = says.then(|| unit(rng) < 0.83);
    Vote { origin, candidate, again }
}

/// Splits `total` into integers in proportion to weights, by the largest remainders.
fn apportion(total: usize, weights: &[f64]) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|w| total as f64 * w / sum).collect();
    let mut parts: Vec<usize> = exact.iter().map(|x| *x as usize).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let left = total - parts.iter().sum::<usize>();
    order.iter().take(left).for_each(|place| parts[*place] += 1);
    parts
}

/// A number in `0..1`.
fn unit(rng: &mut ChaCha20Rng) -> f64 {
    f64::from(rng.next_u32()) / (f64::from(u32::MAX) + 1.0)
}

/// A number in `0..n`.
fn below(rng: &mut ChaCha20Rng, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

fn shuffle<T>(list: &mut [T], rng: &mut ChaCha20Rng) {
    for end in (1..list.len()).rev() {
        list.swap(end, below(rng, end + 1));
    }
}

/// Invented surnames, all different.
fn surnames(rng: &mut ChaCha20Rng) -> Vec<String> {
    const HEADS: [&str; 20] = [
        "Ar", "Bel", "Cor", "Dal", "El", "Fir", "Gal", "Hol", "Ir", "Jas", "Kar", "Lum", "Mir",
        "Nor", "Or", "Pel", "Ras", "Sol", "Tar", "Ver",
    ];
    const TAILS: [&str; 12] = [
        "ado", "ansen", "beck", "den", "ekki", "inov", "lund", "mark", "onto", "rini", "sky",
        "tova",
    ];
    let mut names: Vec<String> =
        HEADS.iter().flat_map(|head| TAILS.map(|tail| format!("{head}{tail}"))).collect();
    shuffle(&mut names, rng);
    names
}

/// Picks `n` of these, in ascending order.
pub fn some_of(all: std::ops::RangeInclusive<u16>, n: usize, rng: &mut ChaCha20Rng) -> Vec<u16> {
    let mut list: Vec<u16> = all.collect();
    shuffle(&mut list, rng);
    list.truncate(n);
    list.sort_unstable();
    list
}
