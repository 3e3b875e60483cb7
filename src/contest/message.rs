//! What a voter writes in a contest as the bytes of a message, and back.
//!
//! ```text
//! message    of a ranking: for each option, and then for each line for write-ins, u8 rank, 0 if it has none;
//!            then, of any contest, for each line u8 length, the name, zeros up to the most bytes that it may have
//! ```
//!
//! Every message of a contest has the same length. If `k` different ranks are given, they are 1 to `k`.

use super::{Broken, Contest, Unreadable, Written};
use crate::{crypto::message, mistake::is_name};
use alloc::{string::String, vec::Vec};
use zeroize::Zeroizing;

/// The length in bytes of every message of the contest.
pub(super) fn length(contest: &Contest) -> usize {
    let lines = usize::from(contest.write_ins.places);
    let names = lines.saturating_mul(1 + usize::from(contest.write_ins.length));
    names.saturating_add(contest.kind().ranks(contest))
}

/// The message of these values, one for each option and line, and of these names, one for each line. A ranking writes all
/// values, a choice none.
///
/// For a valid vote the time depends on the contest and the names, and not on the ranks.
pub(crate) fn pack(
    contest: &Contest,
    values: &[u64],
    names: &[&str],
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let ranks = contest.kind().in_message(contest, values)?;
    let (lines, most) = (contest.write_ins.places, usize::from(contest.write_ins.length));
    if names.len() > usize::from(lines) {
        return Err(Broken::TooManyNames { found: names.len(), max: lines });
    }
    // Never grows: a reallocation would leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(length(contest)));
    out.extend(ranks.iter().map(|rank| *rank as u8));
    for line in 0..usize::from(lines) {
        let name = names.get(line).copied().unwrap_or_default();
        if name.len() > most || names.get(line).is_some() && !is_name(name) {
            return Err(Broken::Name { line });
        }
        // At most 255, which the manifest guarantees.
        out.push(name.len() as u8);
        out.extend_from_slice(name.as_bytes());
        out.extend((name.len()..most).map(|_| 0));
    }
    Ok(out)
}

impl Contest {
    /// What a voter wrote in this contest, from the encodings of the opened elements of its message slots.
    pub fn read_message(&self, slots: &[[u8; 32]]) -> Result<Written, Unreadable> {
        unpack(self, &message::decode(slots).map_err(Unreadable::Message)?)
    }
}

/// Reads a message of the contest.
fn unpack(contest: &Contest, message: &[u8]) -> Result<Written, Unreadable> {
    let (found, expected) = (message.len(), length(contest));
    if found != expected {
        return Err(Unreadable::Length { found, expected });
    }
    let (ranks, names) =
        message.split_at_checked(contest.kind().ranks(contest)).unwrap_or_default();
    let lines = names.chunks_exact(1 + usize::from(contest.write_ins.length));
    let names: Vec<Option<String>> = lines.map(name).collect();
    contest.kind().check_message(contest, ranks, &names)?;
    Ok(Written { ranks: ranks.to_vec(), names })
}

/// The text of a line; empty if the line is empty, `None` if it is not a name.
fn name(line: &[u8]) -> Option<String> {
    let (length, bytes) = line.split_first()?;
    let (name, padding) = bytes.split_at_checked(usize::from(*length))?;
    let name = core::str::from_utf8(name).ok()?;
    let fits = padding.iter().all(|byte| *byte == 0) && (name.is_empty() || is_name(name));
    fits.then(|| name.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::{Counting, Method, TieBreak};
    use proptest::prelude::*;

    fn contest(ties: bool) -> Contest {
        let counting = Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
        let contest = Contest::rank("council", ["a", "b", "c"], counting).write_ins(2, 12);
        if ties { contest.ties() } else { contest }
    }

    #[test]
    fn rankings_come_back() {
        let (plain, tied) = (contest(false), contest(true));
        for (contest, ranks, names) in [
            (&plain, [0, 0, 0, 0, 0], &[][..]),
            (&plain, [2, 0, 1, 0, 0], &[]),
            (&plain, [5, 3, 1, 2, 4], &["Ада", "Ben"]),
            (&tied, [1, 1, 2, 2, 0], &["Ada"]),
        ] {
            let message = pack(contest, &ranks, names).unwrap();
            assert_eq!(message.len(), 5 + 2 * 13);
            let Written { ranks: found, names: written } = unpack(contest, &message).unwrap();
            assert_eq!(found, ranks.map(|rank| rank as u8));
            let lines = names.iter().copied().chain([""; 2]).take(2);
            assert!(written.iter().map(|name| name.as_deref().unwrap()).eq(lines));
        }
    }

    #[test]
    fn the_broken_rule_is_named() {
        let check = |contest: &Contest, ranks: [u64; 5], names: &[&str]| {
            pack(contest, &ranks, names).map(drop).unwrap_err()
        };
        let (plain, tied) = (contest(false), contest(true));
        assert_eq!(check(&plain, [1, 0, 3, 0, 0], &[]), Broken::Gap { rank: 2 });
        assert_eq!(check(&plain, [0, 0, 6, 0, 0], &[]), Broken::Gap { rank: 1 });
        assert_eq!(check(&plain, [0, 0, u64::MAX, 0, 0], &[]), Broken::Gap { rank: 1 });
        assert_eq!(check(&plain, [1, 2, 2, 0, 0], &[]), Broken::Tie { rank: 2 });
        assert_eq!(check(&tied, [1, 3, 3, 0, 0], &[]), Broken::Gap { rank: 2 });
        let some = plain.clone().ranks(2..=3);
        assert_eq!(check(&some, [1, 0, 0, 0, 0], &[]), Broken::TooFew { found: 1, min: 2 });
        assert_eq!(check(&some, [1, 2, 3, 4, 0], &["x"]), Broken::TooMany { found: 4, max: 3 });
        assert_eq!(
            pack(&plain, &[1, 2], &[]).map(drop),
            Err(Broken::Options { found: 2, expected: 5 })
        );
        let three = ["x"; 3];
        assert_eq!(check(&plain, [0; 5], &three), Broken::TooManyNames { found: 3, max: 2 });
        let unseen = ["a\u{200b}b", "a\nb", "a\u{3164}", "a\u{fe0f}", "a\u{200d}b", "\u{2800}"];
        for name in ["", " x", "thirteen char"].into_iter().chain(unseen) {
            assert_eq!(check(&plain, [0, 0, 0, 1, 2], &["x", name]), Broken::Name { line: 1 });
        }
        for name in ["❤\u{fe0f}", "نی\u{200c}ما", "ක්\u{200d}ර", "Zoe\u{308}"] {
            assert!(pack(&plain, &[0, 0, 0, 1, 2], &["x", name]).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_no_vote_is_unreadable() {
        let contest = contest(false);
        let good = pack(&contest, &[2, 0, 1, 3, 0], &["Ada"]).unwrap();
        let read = |place: usize, byte: u8| {
            let mut changed = good.to_vec();
            changed[place] = byte;
            unpack(&contest, &changed).map(drop)
        };
        let line = |line| Err(Unreadable::Rule(Broken::Name { line }));
        assert_eq!(read(0, 3), Err(Unreadable::Rule(Broken::Gap { rank: 2 })));
        assert_eq!(read(1, 1), Err(Unreadable::Rule(Broken::Tie { rank: 1 })));
        assert_eq!(read(3, 0), line(0), "a name without a rank");
        assert_eq!(read(4, 4), line(1), "a rank without a name");
        assert_eq!(read(5, 2), line(0), "a byte behind the name");
        assert_eq!(read(5, 13), line(0), "a name that is too long");
        assert_eq!(read(6, 0xff), line(0), "not UTF-8");
        assert_eq!(read(6, b' '), line(0), "white space at the end");
        assert_eq!(read(18, 1), line(1));
        assert_eq!(
            unpack(&contest, &good[1..]),
            Err(Unreadable::Length { found: 30, expected: 31 })
        );
    }

    #[test]
    fn a_line_of_a_choice_that_cannot_be_read_leaves_the_others() {
        let contest = Contest::choose_one("mayor", ["a"]).write_ins(3, 4);
        let mut message = pack(&contest, &[], &["Ada", "Ben"]).unwrap();
        message[1] = 0xff;
        let written = unpack(&contest, &message).unwrap();
        assert_eq!(written.names, [None, Some("Ben".into()), Some(String::new())]);
    }

    proptest! {
        /// Every message that can be read has exactly one encoding.
        #[test]
        fn what_can_be_read_is_canonical(
            ranks in prop::collection::vec(0..4u8, 5), length in 0..4usize, ties: bool,
        ) {
            let contest = contest(ties);
            let mut message = ranks;
            message.extend([length as u8]);
            message.extend((0..12).map(|i| if i < length { b'x' } else { 0 }));
            message.extend([0; 13]);
            if let Ok(Written { ranks, names }) = unpack(&contest, &message) {
                let ranks: Vec<u64> = ranks.into_iter().map(u64::from).collect();
                let names: Vec<&str> =
                    names.iter().map(|n| n.as_deref().unwrap()).filter(|n| !n.is_empty()).collect();
                // Packing fills the lines with names from the first one on.
                if ranks[4] == 0 || ranks[3] > 0 {
                    prop_assert_eq!(&*pack(&contest, &ranks, &names).unwrap(), &message);
                }
            }
        }
    }
}
