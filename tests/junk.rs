//! Boards with far more errors than anybody reads.

use attacks::{World, rng};
use serde_json::Value;
use std::time::{Duration, Instant};
use tabella::{
    audit::{self, Audit, Check, Expect, KEPT, Part, Report, Status},
    ballot::{Choices, Header},
    codec::{Decode, Encode},
    log::Bytes,
};

/// Appends this many entries.
fn append(bytes: &mut Vec<u8>, entry: &[u8], times: usize) {
    let length = u16::try_from(entry.len()).unwrap().to_be_bytes();
    for _ in 0..times {
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(entry);
    }
}

/// An audit's findings about a board.
fn audited(bytes: &[u8], expect: &Expect, parts: Vec<Part>) -> (Option<Part>, Report) {
    let mut audit = Audit::with_parts(expect, parts);
    audit.advance(&mut Bytes::new(bytes), u64::MAX, &mut rng(3)).unwrap();
    (audit.part(), audit.report())
}

/// A board on which voting is open, with this many ballots of one byte.
fn junk(times: usize) -> (Vec<u8>, u64) {
    let mut world = World::referendum(90);
    let mut bytes = world.open().bytes().to_vec();
    let size = world.open().state().size();
    append(&mut bytes, &[5], times);
    (bytes, size)
}

#[test]
fn findings_are_counted_and_the_first_are_kept() {
    const JUNK: usize = 20_000;
    let (mut bytes, size) = junk(JUNK);
    // Among many findings of one kind, none of another kind is lost.
    append(&mut bytes, &[5, 0, 0, 0, 0, 0, 0, 0], 3);
    append(&mut bytes, &[77], 1);
    let expect = Expect { size: Some(1), ..Expect::default() };
    let (part, report) = audited(&bytes, &expect, vec![]);
    assert!(!report.is_accepted());
    assert_eq!(report.count(Check::BallotForm), JUNK as u64 + 3);
    assert_eq!(report.count(Check::RecordExpected), 1);
    assert_eq!(report.total(), JUNK as u64 + 4);
    assert_eq!(report.findings.len(), KEPT + 1);
    let more = (JUNK + 3 - KEPT) as u64;
    assert_eq!(report.left_out().collect::<Vec<_>>(), [(Check::BallotForm, more)]);
    assert_eq!(report.status(Check::BallotForm), Status::Failed);
    assert_eq!(report.findings[KEPT - 1].entry, Some(size + KEPT as u64 - 1));

    // Every report gives the number of findings, and lists no more than are kept.
    let text = report.to_string();
    assert!(text.contains(&format!("\nballot.form: and {more} more\n")));
    assert_eq!(text.matches("\nballot.form: entry ").count(), KEPT);
    let html = report.to_html();
    assert!(html.contains("<h3>20\u{202f}004 findings</h3>"));
    assert!(html.contains("<p>And 19\u{202f}003 more of <a href=\"#check-10\">10 ballot.form</a>"));
    assert!(html.len() < 400_000, "{}", html.len());
    let json: Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), KEPT + 1);
    assert_eq!(json["findings_left_out"], more);
    assert_eq!(json["checks"][9]["findings"], JUNK + 3);

    // With what was examined before, the findings are the same.
    let part = Part::from_bytes(&part.unwrap().to_bytes()).unwrap();
    let (_, again) = audited(&bytes, &expect, vec![part]);
    assert_eq!((&again.findings, &again.counts), (&report.findings, &report.counts));
}

/// The time of the quickest of three turns: other programs take time, too.
fn quickest<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let turn = |_| {
        let clock = Instant::now();
        let made = work();
        (clock.elapsed(), made)
    };
    (0..3).map(turn).min_by_key(|(time, _)| *time).unwrap()
}

/// An entry of one byte costs no multiplication, whether it is judged with others or alone.
#[test]
fn junk_costs_less_than_a_fiftieth_of_a_ballot() {
    const JUNK: u32 = 50_000;
    const BALLOTS: u32 = 30;
    let mut world = World::referendum(90);
    let election = world.open().election().unwrap().clone();
    let yes = Choices::new().pick("bridge", "yes");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &yes);
    let verify = |_| drop(election.verify(ballot.clone(), &mut rng(1)).unwrap());
    let (time, ()) = quickest(|| (0..BALLOTS).for_each(verify));
    let most = time / BALLOTS / 50;
    let (bytes, _) = junk(JUNK as usize);
    let mut parts = Vec::new();
    for _ in 0..2 {
        let (time, (part, report)) =
            quickest(|| audited(&bytes, &Expect::default(), parts.clone()));
        let each = time / JUNK;
        assert!(each < most, "{each:?}, at most {most:?}");
        assert_eq!(report.count(Check::BallotForm), u64::from(JUNK));
        // Now all of them are doubtful, and judged again.
        parts = part.into_iter().collect();
    }
}

/// The cost of 1.2 MB of junk: `cargo test --test junk -- --ignored --nocapture`.
#[test]
#[ignore = "prints times"]
fn times_of_400_000_entries() {
    let (bytes, _) = junk(400_000);
    let clock = Instant::now();
    let report = audit::run(&bytes, &Expect::default(), &mut rng(1)).unwrap();
    println!("audited after {:?}", clock.elapsed());
    let sizes = [report.to_html(), report.to_json(), report.to_string()].map(|text| text.len());
    println!("written after {:?}: HTML, JSON, text of {sizes:?} bytes", clock.elapsed());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
}
