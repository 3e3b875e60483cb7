//! How amounts are proven.

/// How a ballot proves amounts above 65,535.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wide {
    /// Bit by bit, like all other votes.
    #[default]
    Bits,
    /// All limbs of 16 bits together, in a proof of their own. It is shorter, and takes longer to make and to verify.
    Folded,
}
