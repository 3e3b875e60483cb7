use super::*;
use crate::contest::tests::{check_rules, in_order, names, without_gaps};

/// Exactly all orders, and with ties exactly all weak orders, by triples and by ranks.
#[test]
fn exactly_the_orders_can_be_cast() {
    for (options, ties, marks) in [
        (2, false, 0),
        (3, false, 1),
        (3, false, 2),
        (4, false, 0),
        (2, true, 1),
        (3, true, 0),
        (3, true, 1),
    ] {
        for from in [0, 99] {
            let kind = PairsKind { by_ranks: [from; 2] };
            let mut contest = Contest::pairs("c", names(options));
            if ties {
                contest = contest.ties();
            }
            for mark in ["blank", "none"].into_iter().take(marks) {
                contest = contest.mark(mark, false);
            }
            let n = options as u64;
            let allowed = |values: &[u64]| match ties {
                true => values.iter().all(|v| (1..=n).contains(v)) && without_gaps(values),
                false => in_order(values) == Some(n),
            };
            check_rules(
                &contest,
                |first, gate, rules| kind.add_rules(&contest, first, gate, rules),
                |values, marks, open| kind.numbers(&contest, values, marks, open).to_vec(),
                n,
                allowed,
                // No such contest goes with an option.
                &[false],
            );
        }
    }
}
