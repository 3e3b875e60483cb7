//! Reading opened rows.

use super::{Broken, Contest, OpenedRow, Unreadable};
use crate::{crypto::dlog::DlogTable, text::normalise, work};
use alloc::{collections::BTreeMap, vec::Vec};
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT, ristretto::CompressedRistretto,
};

/// How many values are encoded in advance for any contest with write-ins.
const FIRST_VALUES: u64 = 255;

/// The values that the write-in lines of a contest can hold: `0·G`, …, `each·G`.
///
/// The encodings of the first multiples are in a table as large as the number of lines to look up. Larger values are searched
/// for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    first: BTreeMap<[u8; 32], u64>,
    others: Option<DlogTable>,
}

impl Values {
    /// For `rows` opened rows of this contest.
    pub(crate) fn of(contest: &Contest, rows: usize) -> Self {
        let lines = rows.saturating_mul(contest.flag_slots());
        if lines == 0 {
            return Self::default();
        }
        let each = contest.rule.each;
        let last = (lines as u64).max(FIRST_VALUES).min(each);
        // Encodes the doubles of these points with one inversion for all.
        let half = RISTRETTO_BASEPOINT_POINT * Scalar::from(2_u64).invert();
        let mut next = RistrettoPoint::default();
        let halves = (0..=last).map(|_| {
            work::step();
            let point = next;
            next += half;
            point
        });
        let halves: Vec<RistrettoPoint> = halves.collect();
        let encoded = RistrettoPoint::double_and_compress_batch(&halves).into_iter();
        let first = encoded.map(|point| point.to_bytes()).zip(0..).collect();
        Self { first, others: (last < each).then(|| DlogTable::new(each)) }
    }

    pub(crate) fn find(&self, point: &[u8; 32]) -> Option<u64> {
        self.first.get(point).copied().or_else(|| {
            let point = CompressedRistretto(*point).decompress()?;
            self.others.as_ref()?.find_vartime(&point)
        })
    }
}

impl OpenedRow {
    pub(crate) fn read(contest: Option<&Contest>, values: &Values, points: &[[u8; 32]]) -> Self {
        let lines = contest.map_or(0, Contest::flag_slots);
        let (flags, message) = points.split_at_checked(lines).unwrap_or_default();
        let votes: Option<Vec<u64>> = flags.iter().map(|point| values.find(point)).collect();
        let written = match (contest, &votes) {
            (Some(contest), Some(_)) => contest.read_message(message),
            _ => Err(Unreadable::Votes),
        };
        Self { votes: votes.unwrap_or_default(), written }
    }

    /// The lines that count, each a name with its votes or rank. If a line with votes or a rank cannot be read, the first
    /// reason.
    pub(crate) fn lines(&self, contest: &Contest) -> Result<Vec<(&str, u64)>, Unreadable> {
        let votes = contest.kind().of_lines(contest, self)?;
        let mut lines = Vec::new();
        // Text without votes is ignored.
        for (line, votes) in votes.into_iter().enumerate().filter(|(_, votes)| *votes > 0) {
            let written = self.written.as_ref().map_err(|error| *error)?;
            let name = written.names.get(line).and_then(Option::as_deref);
            let name = name.filter(|name| !normalise(name).is_empty());
            lines.push((name.ok_or(Unreadable::Rule(Broken::Name { line }))?, votes));
        }
        Ok(lines)
    }
}
