//! What a quorum of decryption shares opens.

use super::{DecryptionShare, VerifiedShare};
use crate::{
    crypto::group::Element,
    keys::{Ceremony, lagrange},
    manifest::Lack,
    parallel,
    tally::{Opened, Opening, OutcomeError, Tally},
};
use alloc::{collections::BTreeMap, vec::Vec};
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};

/// The shares that were verified against this tally and these keys, one of each trustee.
fn by_trustee<'s>(
    ceremony: &Ceremony,
    tally: &Tally,
    shares: &'s [VerifiedShare],
) -> BTreeMap<u16, &'s DecryptionShare> {
    let against = [tally.hash(), *ceremony.hash()];
    let own = shares.iter().filter(|verified| verified.against == against);
    own.map(|VerifiedShare { share, .. }| (share.trustee, share)).collect()
}

/// What shares give together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combined {
    /// The points `Mₖ = vₖG` of every cell, in the order of the tally; `None` for cells that are not opened.
    pub cells: Vec<Option<Vec<RistrettoPoint>>>,
    /// The points of every mixed row, row by row.
    pub rows: Vec<RistrettoPoint>,
}

/// The shares of `t` trustees of each group, those with the lowest numbers, with their Lagrange coefficients.
///
/// Only shares that were verified against this tally and these keys are taken.
pub(crate) struct Quorum<'s> {
    lambdas: Vec<Scalar>,
    shares: Vec<&'s DecryptionShare>,
}

impl<'s> Quorum<'s> {
    /// If there are fewer in a group, and the tally needs some, that group is the error.
    pub(crate) fn of<'c>(
        ceremony: &'c Ceremony,
        tally: &Tally,
        shares: &'s [VerifiedShare],
    ) -> Result<Self, Lack<'c>> {
        let groups = ceremony.setup().groups();
        let mut by_trustee = by_trustee(ceremony, tally, shares);
        by_trustee.retain(|_, share| share.factors.len() == tally.opened().len());
        let lack = groups.lacking(&groups.thresholds(), |number| by_trustee.contains_key(&number));
        if let Some(lack) = lack.filter(|_| !tally.opened().is_empty()) {
            return Err(lack);
        }
        let (mut lambdas, mut quorum) = (Vec::new(), Vec::new());
        for group in groups.iter() {
            let own = group.numbers().filter(|number| by_trustee.contains_key(number));
            let own: Vec<u16> = own.take(group.threshold.into()).collect();
            lambdas.extend(lagrange(&own));
            quorum.extend(own.iter().filter_map(|number| by_trustee.get(number)));
        }
        Ok(Self { lambdas, shares: quorum })
    }

    /// `λⱼ` and `Pₘₖ` of each trustee, for the pair with this place among those that are opened.
    pub(crate) fn terms(&self, place: usize) -> impl Iterator<Item = (&Scalar, &RistrettoPoint)> {
        let factors = self.shares.iter().filter_map(move |share| share.factors.get(place));
        self.lambdas.iter().zip(factors.map(Element::point))
    }

    /// `Mₖ = Bₖ − Σⱼ λⱼPₘₖ`.
    fn open(&self, place: usize, b: &RistrettoPoint) -> RistrettoPoint {
        let (lambdas, factors): (Vec<&Scalar>, Vec<&RistrettoPoint>) = self.terms(place).unzip();
        b - RistrettoPoint::vartime_multiscalar_mul(lambdas, factors)
    }
}

/// Opens a tally. Of the shares that were verified against it and these keys, those of the `t` trustees of each group with the
/// lowest numbers are taken.
///
/// # Errors
///
/// `TooFewShares` if a group has fewer, unless the tally needs none.
pub fn combine(
    ceremony: &Ceremony,
    tally: &Tally,
    shares: &[VerifiedShare],
) -> Result<Combined, OutcomeError> {
    let quorum = Quorum::of(ceremony, tally, shares)?;
    let mut cells: Vec<Option<Vec<RistrettoPoint>>> = tally
        .cells()
        .iter()
        .map(|cell| (cell.opening != Opening::TooFew).then(|| cell.sum.b.clone()))
        .collect();
    let of_cells = |opened: &Opened| opened.ciphertext < tally.cells().len();
    let first = tally.opened().iter().take_while(|opened| of_cells(opened)).count();
    for (place, opened) in tally.opened().iter().take(first).enumerate() {
        let cell = cells.get_mut(opened.ciphertext).and_then(Option::as_mut);
        if let Some(point) = cell.and_then(|cell| cell.get_mut(opened.place)) {
            *point = quorum.open(place, point);
        }
    }
    let rows = tally.mixed().iter().flat_map(|cell| &cell.rows).flat_map(|row| &row.b);
    let rows: Vec<(usize, &Element)> = (first..).zip(rows).collect();
    let rows = parallel::each_item(&rows, |(place, b)| quorum.open(*place, b.point()));
    Ok(Combined { cells, rows })
}
