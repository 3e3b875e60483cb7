//! The outcome: opened totals by cell, and what follows from them.

use crate::{
    ballot::Election,
    batch::{Base, Bases, Batch},
    codec::{Encode, Reader},
    decrypt::{VerifiedShare, by_trustee, combine},
    dlog::DlogTable,
    error::{DecodeError, VerifyError},
    keys::Ceremony,
    manifest::Manifest,
    tally::{Opening, Tally, Turnout},
    transcript::Transcript,
};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};

/// The totals of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellOutcome {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// The places of its districts.
    pub districts: Vec<usize>,
    /// How many ballots.
    pub ballots: u64,
    /// The sum of their weights.
    pub weight: u64,
    /// Votes for each option, and blanks last if the contest has a blank slot. `None` if the contest was not
    /// opened since it has too few ballots.
    pub totals: Option<Vec<u64>>,
}

/// The outcome of an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    manifest: Manifest,
    cells: Vec<CellOutcome>,
    turnout: Turnout,
}

/// Why a tally gives no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeError {
    /// Fewer than `t` trustees have opened.
    TooFewShares {
        /// How many have.
        found: usize,
        /// How many are needed.
        threshold: u16,
    },
    /// A total is above the bound of the table of discrete logarithms.
    NotFound {
        /// The cell's place in the tally.
        cell: usize,
        /// The slot's place in the contest.
        place: usize,
    },
}

impl fmt::Display for OutcomeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewShares { found, threshold } => {
                write!(f, "{found} trustees have opened; {threshold} are needed")
            }
            Self::NotFound { cell, place } => {
                write!(f, "the total of slot {place} in cell {cell} is above the table's bound")
            }
        }
    }
}

impl core::error::Error for OutcomeError {}

impl Outcome {
    /// Opens a tally with shares that were verified against it; others do not count. The table's bound should be [`Tally::bound`].
    pub fn open(
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        shares: &[VerifiedShare],
        turnout: Turnout,
        table: &DlogTable,
    ) -> Result<Self, OutcomeError> {
        let threshold = ceremony.setup().threshold();
        let found = by_trustee(ceremony, tally, shares).len();
        let too_few = OutcomeError::TooFewShares { found, threshold };
        let opened = combine(ceremony, tally, shares).ok_or(too_few)?;
        let mut cells = Vec::new();
        for (cell, (sums, points)) in tally.cells().iter().zip_eq(opened).enumerate() {
            let find = |(place, point)| {
                table.find_vartime(&point).ok_or(OutcomeError::NotFound { cell, place })
            };
            let open = |points: Vec<_>| points.into_iter().enumerate().map(find).collect();
            cells.push(CellOutcome {
                contest: sums.contest,
                districts: sums.districts.clone(),
                ballots: sums.ballots,
                weight: sums.weight,
                totals: points.map(open).transpose()?,
            });
        }
        Ok(Self { manifest: election.manifest().clone(), cells, turnout })
    }

    /// Reads an outcome; the tally gives its shape.
    pub(crate) fn decode(
        reader: &mut Reader<'_>,
        manifest: &Manifest,
        tally: &Tally,
    ) -> Result<Self, DecodeError> {
        let mut cells = Vec::new();
        for cell in tally.cells() {
            let totals = match cell.opening {
                Opening::TooFew => None,
                Opening::Shares | Opening::Public | Opening::Empty => {
                    Some((0..cell.sum.b.len()).map(|_| reader.u64()).collect::<Result<_, _>>()?)
                }
            };
            cells.push(CellOutcome {
                contest: cell.contest,
                districts: cell.districts.clone(),
                ballots: cell.ballots,
                weight: cell.weight,
                totals,
            });
        }
        let mut list = |cap: usize| reader.list(cap, 8, Reader::u64);
        let (districts, stations) = (manifest.districts().len(), manifest.stations().len());
        let (districts, on_roll, stations) = (list(districts)?, list(districts)?, list(stations)?);
        let turnout = Turnout { districts, on_roll, stations, remote: reader.u64()? };
        reader.finish()?;
        Ok(Self { manifest: manifest.clone(), cells, turnout })
    }

    /// Checks all totals against the points that the shares open: `[DECRYPT.OPEN]  Mₖ − vₖG = 0`.
    ///
    /// The culprits of the error are places of cells.
    pub(crate) fn verify(
        &self,
        ceremony: &Ceremony,
        tally: &Tally,
        shares: &[VerifiedShare],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Option<Result<(), VerifyError>> {
        let opened = combine(ceremony, tally, shares)?;
        let mut batch = Batch::new(&Bases::basepoint());
        let mut transcript = Transcript::new(b"outcome");
        transcript.append_bytes(b"tally", tally.as_bytes());
        transcript.append_bytes(b"outcome", &self.to_bytes());
        for (cell, points) in self.cells.iter().zip_eq(&opened) {
            let mut enqueue = batch.enqueue(&mut transcript.clone());
            let totals = cell.totals.iter().flatten();
            for (total, point) in totals.zip_eq(points.iter().flatten()) {
                // [DECRYPT.OPEN] Mₖ − vₖG = 0
                let mut equation = enqueue.equation("DECRYPT.OPEN");
                equation.point(point, Scalar::ONE).base(Base::G, -Scalar::from(*total));
            }
        }
        Some(batch.verify(rng))
    }

    /// The manifest of the election whose outcome it is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The totals of all cells, by contest and then by district.
    pub fn cells(&self) -> &[CellOutcome] {
        &self.cells
    }

    /// Who took part.
    pub fn turnout(&self) -> &Turnout {
        &self.turnout
    }

    /// The cells of a contest, by its place in the manifest, put together. `None` if there is no such contest; without
    /// totals if one of its cells has none.
    pub fn whole(&self, contest: usize) -> Option<CellOutcome> {
        let slots = self.manifest.contests().get(contest)?.slots();
        let totals = Some(alloc::vec![0; slots]);
        let (districts, ballots, weight) = (Vec::new(), 0, 0);
        let mut whole = CellOutcome { contest, districts, ballots, weight, totals };
        for cell in self.cells.iter().filter(|cell| cell.contest == contest) {
            whole.districts.extend_from_slice(&cell.districts);
            whole.ballots = whole.ballots.saturating_add(cell.ballots);
            whole.weight = whole.weight.saturating_add(cell.weight);
            whole.totals = whole.totals.zip(cell.totals.as_ref()).map(|(mut sums, totals)| {
                sums.iter_mut().zip(totals).for_each(|(sum, n)| *sum = sum.saturating_add(*n));
                sums
            });
        }
        Some(whole)
    }

    fn contest_cells<'a>(&'a self, contest: &str) -> impl Iterator<Item = &'a CellOutcome> + 'a {
        let contest = self.manifest.contest(contest);
        self.cells.iter().filter(move |cell| Some(cell.contest) == contest)
    }

    /// Votes for an option in the whole election. `None` if there is no such contest or option, or if the contest
    /// was not opened.
    pub fn count(&self, contest: &str, option: &str) -> Option<u64> {
        let place = self.manifest.contests().get(self.manifest.contest(contest)?)?;
        let place = place.options.iter().position(|o| o == option)?;
        self.contest_cells(contest).map(|cell| cell.totals.as_ref()?.get(place).copied()).sum()
    }

    /// Ballots of the whole election that left a contest blank on purpose. `None` as for [`Outcome::count`], or
    /// if the contest has no blank vote.
    pub fn blanks(&self, contest: &str) -> Option<u64> {
        self.manifest.contest(contest)?;
        self.contest_cells(contest).map(|cell| cell.blanks(&self.manifest)).sum()
    }

    /// Votes of the whole election that could have been given and were not. `None` as for [`Outcome::count`].
    pub fn undervotes(&self, contest: &str) -> Option<u64> {
        self.manifest.contest(contest)?;
        self.contest_cells(contest).map(|cell| cell.undervotes(&self.manifest)).sum()
    }

    /// Share of an option among all votes for options, in percent. `None` as for [`Outcome::count`], or if there
    /// are no votes.
    pub fn percent(&self, contest: &str, option: &str) -> Option<f64> {
        let votes: u64 = self
            .contest_cells(contest)
            .map(|cell| cell.votes(&self.manifest))
            .sum::<Option<_>>()?;
        let count = self.count(contest, option)?;
        (votes > 0).then(|| 100.0 * count as f64 / votes as f64)
    }
}

impl CellOutcome {
    /// Votes for all options together.
    pub fn votes(&self, manifest: &Manifest) -> Option<u64> {
        let options = manifest.contests().get(self.contest)?.options.len();
        Some(self.totals.as_ref()?.iter().take(options).sum())
    }

    /// Ballots left blank on purpose; `None` if there is no blank slot or the cell was not opened.
    pub fn blanks(&self, manifest: &Manifest) -> Option<u64> {
        let options = manifest.contests().get(self.contest)?.options.len();
        self.totals.as_ref()?.get(options).copied()
    }

    /// Votes that could have been given and were not: `hi·ballots − votes − hi·blanks`, by weight.
    pub fn undervotes(&self, manifest: &Manifest) -> Option<u64> {
        let hi = u64::from(manifest.contests().get(self.contest)?.rule.max);
        let cast = self.weight.checked_sub(self.blanks(manifest).unwrap_or(0))?;
        hi.checked_mul(cast)?.checked_sub(self.votes(manifest)?)
    }
}

impl Encode for Outcome {
    /// The totals of every cell that has some, then the turnout; the tally tells the rest.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { manifest: _, cells, turnout } = self;
        for total in cells.iter().filter_map(|cell| cell.totals.as_ref()).flatten() {
            out.extend_from_slice(&total.to_be_bytes());
        }
        turnout.encode(out);
    }
}

/// The first number of a claimed turnout that differs from the one recomputed, in words.
pub(crate) fn turnout_difference(claimed: &Turnout, own: &Turnout) -> Option<(TurnoutPart, usize)> {
    let lists = [
        (TurnoutPart::District, &claimed.districts, &own.districts),
        (TurnoutPart::OnRoll, &claimed.on_roll, &own.on_roll),
        (TurnoutPart::Station, &claimed.stations, &own.stations),
    ];
    for (part, claimed, own) in lists {
        if claimed.len() != own.len() {
            return Some((part, claimed.len().min(own.len())));
        }
        if let Some(place) = claimed.iter().zip(own).position(|(a, b)| a != b) {
            return Some((part, place));
        }
    }
    (claimed.remote != own.remote).then_some((TurnoutPart::Remote, 0))
}

/// A list of the turnout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnoutPart {
    /// Ballots by district.
    District,
    /// Voters on the roll by district.
    OnRoll,
    /// Ballots by polling station.
    Station,
    /// Ballots cast remotely.
    Remote,
}

impl fmt::Display for TurnoutPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::District => "ballots of district",
            Self::OnRoll => "voters on the roll of district",
            Self::Station => "ballots of station",
            Self::Remote => "remote ballots",
        })
    }
}

impl Turnout {
    /// All ballots.
    pub fn ballots(&self) -> u64 {
        self.districts.iter().sum()
    }

    /// Ballots of a district as a share of its voters on the roll; `None` if there are none.
    pub fn percent(&self, district: usize) -> Option<f64> {
        let on_roll = *self.on_roll.get(district)?;
        let ballots = *self.districts.get(district)?;
        (on_roll > 0).then(|| 100.0 * ballots as f64 / on_roll as f64)
    }
}
