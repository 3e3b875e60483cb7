//! A voter as the roll has her.

/// A voter on the roll, or a proxy in a voter's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voter {
    /// The line in the roll, from 0. Keys under which proxies cast follow behind it, in the order of the board.
    pub line: u32,
    /// The ballot style's place in the manifest.
    pub style: u16,
    /// How many times the voter's ballot counts, or what she splits in a contest for that.
    pub weight: u64,
}

impl Voter {
    /// How often a ballot is added: the weight, which no roll has above [`MAX_WEIGHT`](crate::contest::MAX_WEIGHT).
    pub(crate) fn times(&self) -> i64 {
        self.weight as i64
    }
}
