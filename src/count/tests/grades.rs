use super::*;
use alloc::collections::BTreeSet;
use core::cmp::Ordering;

fn judge(grades: &[Vec<u64>], seats: u16, tie_break: TieBreak) -> GradesCount {
    let lots = keys(&(0..grades.len()).rev().collect::<Vec<_>>());
    let terms = Terms { seats, tie_break, lots: &lots, withdrawn: &BTreeSet::new() };
    count_grades(grades, &terms).unwrap()
}

/// M. Balinski and R. Laraki, Election by Majority Judgement: Experimental Evidence (2007), three polling stations in Orsay, 22 April
/// 2007: Sarkozy, Bayrou, Voynet, Royal; Excellent, Very good, Good, Acceptable, Poor, To reject, in thousandths. Royal's row as
/// printed has a sum of 1,001 and 126 at the end. Their majority-gauges are Bayrou (44.3, Good+, 30.6), Royal (39.4, Good−, 41.5),
/// Sarkozy (38.9, Good−, 46.9), Voynet (29.8, Acceptable−, 46.6).
#[test]
fn orsay_2007() {
    let grades = [
        vec![191, 198, 143, 115, 71, 282],
        vec![136, 307, 251, 148, 84, 74],
        vec![29, 93, 175, 237, 261, 205],
        vec![167, 227, 191, 168, 122, 125],
    ];
    let count = judge(&grades, 1, TieBreak::Open);
    assert_eq!(count.winners.elected, [1]);
    assert_eq!(count.order, [1, 3, 0, 2]);
    let judgment = |median, better, worse| Judgment { median, better, worse };
    let expected = [
        judgment(2, 389, 468),
        judgment(2, 443, 306),
        judgment(3, 297, 466),
        judgment(2, 394, 415),
    ];
    assert_eq!(count.judgments, expected);
    // The first grades that differ: of Royal 500 − 415 = 85 stand below the middle before the first Acceptable, of Bayrou
    // 500 − 443 = 57 above it before the first Very good. Voynet's median is another.
    assert_eq!(count.removed, [Some(2 * 57 + 1), Some(2 * 32), Some(0)]);
}

#[test]
fn equal_grades() {
    let grades = [vec![1, 2, 0], vec![1, 2, 0], vec![0, 3, 0]];
    let tie = |order, decided| Tie { round: 0, order, decided };
    let count = judge(&grades, 1, TieBreak::Order);
    assert_eq!(count.removed, [None, Some(2)]);
    assert_eq!(count.winners.ties, [tie(vec![0, 1], Decided::Order)]);
    let count = judge(&grades, 1, TieBreak::Lot);
    assert_eq!((&count.winners.elected[..], &count.order[..]), (&[1][..], &[1, 0, 2][..]));
    let count = judge(&grades, 1, TieBreak::Open);
    assert_eq!((count.winners.open, count.winners.ties), (1, vec![tie(vec![0, 1], Decided::Open)]));
    let nobody = judge(&[vec![0, 0], vec![0, 0]], 2, TieBreak::Order);
    assert_eq!(nobody.winners, Winners { open: 2, ..Winners::default() });
}

#[test]
fn wrong_grades() {
    let none = BTreeSet::new();
    let of = |grades: &[Vec<u64>]| {
        let terms = Terms { seats: 1, tie_break: TieBreak::Order, lots: &[], withdrawn: &none };
        count_grades(grades, &terms).map(|count| count.winners.elected)
    };
    let large = vec![u64::MAX - 1, 1];
    assert_eq!(of(&[vec![u64::MAX - 2, 2], large]), Ok(vec![1]));
    let length = CountingError::Length { found: 1, expected: 2 };
    assert_eq!(of(&[vec![1, 0], vec![1]]), Err(length));
    let totals = |candidate| Err(CountingError::Totals { candidate });
    assert_eq!(of(&[vec![1, 0], vec![1, 1]]), totals(1));
    assert_eq!(of(&[vec![u64::MAX, 1]]), totals(0));
}

/// One median after the other.
fn one_by_one(row: &[u64]) -> Vec<usize> {
    let mut all: Vec<usize> =
        row.iter().enumerate().flat_map(|(grade, n)| vec![grade; *n as usize]).collect();
    let mut values = Vec::new();
    while !all.is_empty() {
        values.push(all.remove(all.len() / 2));
    }
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn grades_one_by_one(ballots in vec(vec(0usize..4, 3), 1..12)) {
        let row = |c: usize| {
            (0..4).map(|g| ballots.iter().filter(|b| b[c] == g).count() as u64).collect::<Vec<_>>()
        };
        let grades = [row(0), row(1), row(2)];
        let values = grades.each_ref().map(|row| one_by_one(row));
        let count = judge(&grades, 3, TieBreak::Order);
        let mut order = vec![0, 1, 2];
        order.sort_by(|a, b| values[*a].cmp(&values[*b]));
        prop_assert_eq!(&count.order, &order);
        prop_assert_eq!(&count.winners.elected, &order);
        for (pair, removed) in order.windows(2).zip(&count.removed) {
            let [a, b] = [&values[pair[0]], &values[pair[1]]];
            let differ = a.iter().zip(b).position(|(a, b)| a.cmp(b) != Ordering::Equal);
            prop_assert_eq!(removed.map(|removed| removed as usize), differ);
        }
        for (judgment, values) in count.judgments.iter().zip(&values) {
            prop_assert_eq!(judgment.median, values[0]);
        }
    }
}
