//! How lists get seats.

/// How seats follow from the votes of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Formula {
    /// The highest of all quotients of votes and 1, 2, 3, … (V. D'Hondt 1882; Jefferson). Seats and joined lists are as by
    /// Hagenbach-Bischoff.
    DHondt,
    /// The highest of all quotients of votes and 1, 3, 5, … (A. Sainte-Laguë 1910; Webster).
    SainteLague,
    /// As many seats as the list has whole times the quota `votes of all / seats`, and then one for each of the largest remainders
    /// (T. Hare, A. Hamilton; Niemeyer).
    Hare,
}

/// What becomes of seats for which a list has no more names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// They stay open, as in § 6 of Germany's Bundeswahlgesetz.
    Open,
    /// Other lists get them, as in § 15 of the German Wahlordnung for works councils. With [`Formula::Hare`] the list keeps one seat
    /// for each name, and all other seats are given to the other lists anew.
    Others,
}
