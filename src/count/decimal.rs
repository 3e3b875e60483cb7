//! Decimal numbers in fixed point.

use core::{cmp::Ordering, fmt};

/// A number of votes or points, not below 0, with a fixed number of decimal places: an integer of units of `10^−places`.
///
/// Numbers are equal if their values are, however many places they have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    units: u128,
    places: u8,
}

impl Decimal {
    /// `places` are those of a count, at most 9.
    pub(super) const fn new(units: u128, places: u8) -> Self {
        Self { units, places }
    }

    /// How many units of `10^−places`.
    pub fn units(self) -> u128 {
        self.units
    }

    /// How many decimal places.
    pub fn places(self) -> u8 {
        self.places
    }

    /// Units of a whole.
    fn one(places: u8) -> u128 {
        10u128.saturating_pow(places.into())
    }

    /// What stands before the point, and the units behind it.
    fn split(self) -> (u128, u128) {
        let one = Self::one(self.places);
        (self.units / one, self.units % one)
    }

    /// The whole number that it is, if it is one.
    pub(crate) fn whole(self) -> Option<u128> {
        let (whole, rest) = self.split();
        (rest == 0).then_some(whole)
    }

    /// Rounded to at most `places` decimal places, half a unit up.
    pub(crate) fn rounded(self, places: u8) -> Self {
        let Some(dropped) = self.places.checked_sub(places) else { return self };
        let unit = Self::one(dropped);
        let up = u128::from(self.units % unit >= unit.div_ceil(2) && dropped > 0);
        Self::new(self.units / unit + up, places)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.places == other.places {
            return self.units.cmp(&other.units);
        }
        let most = self.places.max(other.places);
        // What is behind the point is less than a whole, so it fits with the places of the other, too.
        let parts = |number: &Self| {
            let (whole, rest) = number.split();
            (whole, rest.saturating_mul(Self::one(most - number.places)))
        };
        parts(self).cmp(&parts(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

/// With all its places: `5`, `7.33333`, `0.5`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = self.split();
        match usize::from(self.places) {
            0 => write!(f, "{whole}"),
            places => write!(f, "{whole}.{rest:0places$}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use alloc::string::ToString;

    #[test]
    fn numbers_are_text_with_all_their_places() {
        for (units, places, text) in [
            (0, 0, "0"),
            (120, 0, "120"),
            (0, 5, "0.00000"),
            (7, 3, "0.007"),
            (12_345, 3, "12.345"),
            (95, 1, "9.5"),
            (u128::from(u64::MAX) * 1_000_000_000, 9, "18446744073709551615.000000000"),
        ] {
            assert_eq!(Decimal::new(units, places).to_string(), text);
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        assert_eq!(Decimal::new(5, 0), Decimal::new(5_000_000_000, 9));
        assert!(Decimal::new(5, 0) > Decimal::new(49, 1));
        assert!(Decimal::new(51, 1) > Decimal::new(5_099_999_999, 9));
        assert_eq!(Decimal::default(), Decimal::new(0, 5));
        assert_eq!(Decimal::new(5_000, 3).whole(), Some(5));
        assert_eq!(Decimal::new(5_001, 3).whole(), None);
    }

    #[test]
    fn numbers_are_rounded() {
        let rounded = |units, places| Decimal::new(units, places).rounded(2).to_string();
        assert_eq!(rounded(95, 1), "9.5");
        assert_eq!(rounded(12_345, 3), "12.35");
        assert_eq!(rounded(12_344, 3), "12.34");
        assert_eq!(rounded(999_995, 5), "10.00");
        assert_eq!(rounded(120, 0), "120");
        assert_eq!(rounded(1_234, 2), "12.34");
    }
}
