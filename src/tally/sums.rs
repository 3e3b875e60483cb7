//! Sums of verified ballots, by contest and district.

use super::Turnout;
use crate::{
    ballot::{Origin, VerifiedBallot},
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader, put_count},
    contest::{Contest, MAX_WEIGHT},
    crypto::elgamal::Sum,
    manifest::{Manifest, ManifestHash},
    roll::Roll,
};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use core::fmt;

/// The sum of one contest over ballots of one district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) ballots: u64,
    pub(super) weight: u64,
    pub(super) sum: Sum,
}

impl Part {
    fn empty(slots: usize) -> Self {
        Self { ballots: 0, weight: 0, sum: Sum::zero(slots) }
    }
}

/// Sums over verified ballots, by contest and district, that say nothing of the election that they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(super) parts: BTreeMap<(usize, usize), Part>,
    districts: Vec<u64>,
    stations: Vec<u64>,
    remote: u64,
}

impl Sums {
    pub(crate) fn new(manifest: &Manifest) -> Self {
        Self {
            parts: BTreeMap::new(),
            districts: vec![0; manifest.districts().len()],
            stations: vec![0; manifest.stations().len()],
            remote: 0,
        }
    }

    /// Adds `factor` times a ballot of this manifest's election.
    pub(crate) fn add(&mut self, manifest: &Manifest, ballot: &VerifiedBallot, factor: i64) {
        let header = ballot.header();
        let Some(style) = manifest.styles().get(usize::from(header.style)) else { return };
        let one = factor.signum();
        let ciphertext = ballot.ciphertext();
        for (place, contest, b) in manifest.by_contest(style, &ciphertext.b) {
            let slots = contest.summed_slots();
            let b = b.get(..slots).unwrap_or_default();
            let key = (place, style.district);
            let part = self.parts.entry(key).or_insert_with(|| Part::empty(slots));
            part.ballots = part.ballots.wrapping_add_signed(one);
            part.weight = part.weight.wrapping_add_signed(factor);
            part.sum.add_scaled(&ciphertext.a, b, contest.factor(factor));
            // A ballot that was taken away leaves no trace.
            if part.ballots == 0 && *part == Part::empty(slots) {
                self.parts.remove(&key);
            }
        }
        let origin = match header.origin {
            Origin::Remote => Some(&mut self.remote),
            Origin::Station(station) => self.stations.get_mut(usize::from(station)),
        };
        for count in [origin, self.districts.get_mut(style.district)].into_iter().flatten() {
            *count = count.wrapping_add_signed(one);
        }
    }

    /// Whether these can be sums of this manifest's election.
    pub(crate) fn fits(&self, manifest: &Manifest) -> bool {
        let Self { parts, districts, stations, remote: _ } = self;
        let fits = |((contest, district), part): (&(usize, usize), &Part)| {
            let slots = manifest.contests().get(*contest).map(Contest::summed_slots);
            slots == Some(part.sum.b.len()) && *district < districts.len()
        };
        districts.len() == manifest.districts().len()
            && stations.len() == manifest.stations().len()
            && parts.iter().all(fits)
    }

    /// Adds sums over other ballots. `None`, and nothing added, if they cannot be of the same election.
    #[must_use = "sums of different elections do not merge"]
    pub(crate) fn merge(&mut self, other: &Self) -> Option<()> {
        let slots = |part: &Part| part.sum.b.len();
        let differs = |(key, part)| self.parts.get(key).is_some_and(|p| slots(p) != slots(part));
        if self.districts.len() != other.districts.len()
            || self.stations.len() != other.stations.len()
            || other.parts.iter().any(differs)
        {
            return None;
        }
        for (key, part) in &other.parts {
            let slots = part.sum.b.len();
            let into = self.parts.entry(*key).or_insert_with(|| Part::empty(slots));
            // Wrapping, as a ballot can be taken away in a tally without it.
            into.ballots = into.ballots.wrapping_add(part.ballots);
            into.weight = into.weight.wrapping_add(part.weight);
            into.sum.merge(&part.sum);
            if into.ballots == 0 && *into == Part::empty(slots) {
                self.parts.remove(key);
            }
        }
        let add = |into: &mut Vec<u64>, from: &[u64]| {
            into.iter_mut().zip(from).for_each(|(into, from)| *into = into.wrapping_add(*from));
        };
        add(&mut self.districts, &other.districts);
        add(&mut self.stations, &other.stations);
        self.remote = self.remote.wrapping_add(other.remote);
        Some(())
    }
}

impl Encode for Sums {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { parts, districts, stations, remote } = self;
        put_count(out, parts.len());
        for ((contest, district), Part { ballots, weight, sum }) in parts {
            put_count(out, *contest);
            put_count(out, *district);
            out.extend_from_slice(&ballots.to_be_bytes());
            out.extend_from_slice(&weight.to_be_bytes());
            put_count(out, sum.b.len());
            sum.encode(out);
        }
        for list in [districts, stations] {
            put_count(out, list.len());
            list.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        }
        out.extend_from_slice(&remote.to_be_bytes());
    }
}

impl Decode for Sums {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let list = reader.list(usize::MAX, 4 + 4 + 8 + 8 + 4 + 32, |reader| {
            let key = (reader.u32()? as usize, reader.u32()? as usize);
            let (ballots, weight) = (reader.u64()?, reader.u64()?);
            let slots = reader.count(usize::MAX, 32)?;
            let part = Part { ballots, weight, sum: Sum::decode(reader, slots)? };
            // What cancels out is left out.
            match part == Part::empty(slots) {
                true => Err(reader.error(0, DecodeErrorKind::NotCanonical)),
                false => Ok((key, part)),
            }
        })?;
        if !list.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(reader.error(0, DecodeErrorKind::NotCanonical));
        }
        Ok(Self {
            parts: list.into_iter().collect(),
            districts: reader.list(usize::MAX, 8, Reader::u64)?,
            stations: reader.list(usize::MAX, 8, Reader::u64)?,
            remote: reader.u64()?,
        })
    }
}

/// Sums over verified ballots of an election, by contest and district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialTally {
    pub(super) manifest: Manifest,
    pub(super) sums: Sums,
}

impl PartialTally {
    /// The tally of no ballots.
    pub fn new(manifest: &Manifest) -> Self {
        Self { sums: Sums::new(manifest), manifest: manifest.clone() }
    }

    /// Adds a ballot, which counts `weight` times.
    ///
    /// # Errors
    ///
    /// `OtherElection`, and nothing is added, if the ballot is one of another manifest; `OtherWeight` if it splits another weight; `TooHeavy` if no
    /// voter can have this one.
    pub fn add(&mut self, ballot: &VerifiedBallot, weight: u64) -> Result<(), TallyError> {
        let times = self.takes(ballot, weight)?;
        self.count(ballot, times);
        Ok(())
    }

    /// Takes a ballot away that was added with the same weight, to this tally or to one that is merged with it.
    ///
    /// # Errors
    ///
    /// `OtherElection`, and nothing is taken away, if the ballot is one of another manifest; `OtherWeight` if it splits another weight; `TooHeavy` if no
    /// voter can have this one.
    pub fn remove(&mut self, ballot: &VerifiedBallot, weight: u64) -> Result<(), TallyError> {
        let times = self.takes(ballot, weight)?;
        self.count(ballot, -times);
        Ok(())
    }

    /// Adds `factor` times a ballot that is known to be of this election.
    pub(crate) fn count(&mut self, ballot: &VerifiedBallot, factor: i64) {
        self.sums.add(&self.manifest, ballot, factor);
    }

    /// How often to add a ballot that counts so often.
    fn takes(&self, ballot: &VerifiedBallot, expected: u64) -> Result<i64, TallyError> {
        self.is_of(ballot.manifest()).map_err(TallyError::OtherElection)?;
        match ballot.weight().filter(|found| *found != expected) {
            Some(found) => Err(TallyError::OtherWeight { found, expected }),
            None if expected > MAX_WEIGHT => Err(TallyError::TooHeavy { found: expected }),
            None => Ok(expected as i64),
        }
    }

    pub(crate) fn sums(&self) -> &Sums {
        &self.sums
    }

    fn is_of(&self, found: ManifestHash) -> Result<(), OtherElection> {
        let expected = self.manifest.hash();
        if found == expected { Ok(()) } else { Err(OtherElection { found, expected }) }
    }

    /// Adds a tally over other ballots of the same election.
    ///
    /// # Errors
    ///
    /// `OtherElection`, and nothing is added, if the manifests differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), OtherElection> {
        let found = other.manifest.hash();
        self.is_of(found)?;
        // Sums of one manifest have one shape.
        self.sums.merge(&other.sums).ok_or(OtherElection { found, expected: found })
    }

    /// Adds sums over other ballots. `None`, and nothing added, if they cannot be of this election.
    #[must_use = "sums of different elections do not merge"]
    pub(crate) fn add_sums(&mut self, sums: &Sums) -> Option<()> {
        if sums.fits(&self.manifest) { self.sums.merge(sums) } else { None }
    }

    /// Turnout among the ballots added, beside the roll.
    ///
    /// # Errors
    ///
    /// `OtherElection` if the roll was checked against another manifest.
    pub fn turnout(&self, roll: &Roll) -> Result<Turnout, OtherElection> {
        self.is_of(roll.manifest())?;
        Ok(self.took_part(roll))
    }

    /// Turnout beside a roll that is known to be of this election.
    pub(crate) fn took_part(&self, roll: &Roll) -> Turnout {
        let Sums { districts, stations, remote, .. } = self.sums.clone();
        let mut on_roll = vec![0; districts.len()];
        for (place, style) in self.manifest.styles().iter().enumerate() {
            if let Some(count) = on_roll.get_mut(style.district) {
                *count += roll.voters_of_style(place);
            }
        }
        Turnout { districts, on_roll, stations, remote }
    }
}

/// Why a tally does not take a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TallyError {
    /// It is one of another election.
    OtherElection(OtherElection),
    /// It splits another weight than it is to count for.
    OtherWeight {
        /// The weight that it splits.
        found: u64,
        /// The weight that it is to count for.
        expected: u64,
    },
    /// It is to count more often than any voter's ballot does: more than [`MAX_WEIGHT`] times.
    TooHeavy {
        /// How often.
        found: u64,
    },
}

impl fmt::Display for TallyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherElection(error) => error.fmt(f),
            Self::OtherWeight { found, expected } => {
                write!(f, "the ballot splits the weight {found}; it cannot count for {expected}")
            }
            Self::TooHeavy { found } => {
                write!(f, "no ballot counts {found} times; at most {MAX_WEIGHT} are allowed")
            }
        }
    }
}

impl core::error::Error for TallyError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::OtherElection(error) => Some(error),
            Self::OtherWeight { .. } | Self::TooHeavy { .. } => None,
        }
    }
}

/// A ballot, a roll or a tally of one election was to be taken into the tally of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherElection {
    /// The manifest of what was to be taken in.
    pub found: ManifestHash,
    /// The manifest of the tally.
    pub expected: ManifestHash,
}

impl fmt::Display for OtherElection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, expected } = self;
        write!(
            f,
            "this belongs to the election of manifest {found}; the tally is of manifest {expected}"
        )
    }
}

impl core::error::Error for OtherElection {}
