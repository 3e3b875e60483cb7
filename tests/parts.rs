//! An audit in parts, one after the other or by several auditors: the verdict is that of a single audit.
//!
//! That several processes exchange parts as files is tested with `tabella merge`.

use attacks::{
    World,
    cheats::{self, COLLUSIONS, FAMILIES, RESHARING_CHEATS, remote, spoil, vote},
    folder::Recorded,
    forge::{Forgery, Log as Record, Plan, object},
    rng,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use std::{ops::Range, sync::OnceLock};
use tabella::{
    audit::{self, Audit, AuditError, Check, Expect, Fault, Part, PartError, Report},
    board::{Kind, Phase},
    codec::{Decode, Encode},
    log::{Bytes, Entries, LogError, ReadLog, merkle::Tree},
    roll::Credential,
    tally::Withdrawal,
};

/// A record, and the report of a single audit.
struct Case {
    name: String,
    bytes: Vec<u8>,
    size: u64,
    report: Report,
}

impl Case {
    fn new(name: &str, record: &Record) -> Self {
        let report = audit::run(&record.bytes, &Expect::default(), &mut rng(1)).unwrap();
        Self { name: name.into(), bytes: record.bytes.clone(), size: record.tree.size(), report }
    }

    /// An audit of the first entries.
    fn until(&self, parts: impl IntoIterator<Item = Part>, entries: u64) -> Audit {
        let mut audit = Audit::with_parts(&Expect::default(), parts);
        audit.advance(&mut Bytes::new(&self.bytes), entries, &mut rng(2)).unwrap();
        audit
    }

    /// An audit up to the opening of voting.
    fn opened(&self) -> Audit {
        let mut audit = Audit::new(&Expect::default());
        let mut log = Bytes::new(&self.bytes);
        while audit.state().phase() < Phase::Voting {
            let until = audit.size() + 1;
            assert!(audit.advance(&mut log, until, &mut rng(2)).unwrap(), "{}", self.name);
        }
        audit
    }

    /// What a single audit that stops after each entry can save there.
    fn saved(&self) -> Vec<Option<Part>> {
        let (mut audit, mut log) = (Audit::new(&Expect::default()), Bytes::new(&self.bytes));
        let saved = (0..=self.size + 1).map(|entries| {
            audit.advance(&mut log, entries, &mut rng(2)).unwrap();
            audit.part()
        });
        let saved: Vec<_> = saved.collect();
        // The same as from an audit that stops there for the first time.
        assert_eq!(saved[self.size as usize], self.until([], self.size).part(), "{}", self.name);
        saved
    }

    fn examine(&self, audit: &Audit, entries: Range<u64>) -> Part {
        audit.examine(&mut Bytes::new(&self.bytes), entries, &mut rng(3)).unwrap()
    }

    /// With these parts the report is the same.
    fn same(&self, parts: impl IntoIterator<Item = Part>, how: &str) {
        let report = self.until(parts, u64::MAX).report();
        let name = &self.name;
        assert_eq!(report.findings, self.report.findings, "{name}, {how}");
        assert_eq!(apart_from_parts(&report), apart_from_parts(&self.report), "{name}, {how}");
        assert_eq!(report.outcome, self.report.outcome, "{name}, {how}");
    }
}

/// A part after a round trip as bytes.
fn sent(part: &Part) -> Part {
    let bytes = part.to_bytes();
    let read = Part::from_bytes(&bytes).unwrap();
    assert_eq!((&read, read.to_bytes()), (part, bytes));
    read
}

fn forged() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(make_forged)
}

fn make_forged() -> Vec<Case> {
    let mut world = World::town(1);
    let rng = &mut rng(0);
    let cheats = FAMILIES.into_iter().flatten().map(|(name, change, _)| (name, change, false));
    let resharing = RESHARING_CHEATS.iter().map(|(name, change, _)| (name, change, true));
    let collusions = COLLUSIONS.iter().map(|(name, change)| (name, change, false));
    let cases = cheats.chain(resharing).chain(collusions).map(|(name, change, reshared)| {
        let mut plan =
            if reshared { Plan::reshared_town(&mut world) } else { Plan::town(&mut world) };
        change(&mut plan, &mut world);
        Case::new(name, &plan.write(rng))
    });
    cases.collect()
}

/// Ballots that are refused, each for another reason.
fn bad_ballots(plan: &Plan, world: &mut World) -> Vec<Vec<u8>> {
    let election = plan.election();
    let mut proof = vote(plan, world, 2, &remote(0, 0));
    let at = proof.len() - 40;
    proof[at] ^= 1;
    let stranger = Credential::random(&mut world.rng).unwrap();
    let stranger = Forgery::honest(&stranger, remote(0, 0), &[1, 0, 1, 0, 0], 77);
    // Voter 5 uses the nonce of voter 2.
    let nonces = [(2, 0), (5, 1)].map(|(voter, style)| {
        Forgery::honest(&world.voters[voter], remote(style, 0), &[1, 0, 1, 0, 0], 78)
            .bytes(&election, &mut world.rng)
    });
    let [first, copied] = nonces;
    vec![
        proof,
        vote(plan, world, 2, &remote(0, 3)),
        first.clone(),
        copied,
        first,
        vote(plan, world, 5, &remote(0, 0)),
        stranger.bytes(&election, &mut world.rng),
        vec![],
        vec![9; 70_000],
    ]
}

/// A town in which voters 2 and 5 delegate between ballots, the proxies cast before and after that, and voter 2 casts a ballot of
/// her own, too. The first vote of the other proxy is replaced.
fn by_proxy(rng: &mut ChaCha20Rng) -> Record {
    let mut world = World::town_with(2, |builder| builder.proxies(2));
    let mut plan = Plan::town(&mut world);
    let keys = [(); 2].map(|()| Credential::random(rng).unwrap());
    let election = plan.election();
    let mut under = |key: &Credential, style, sequence, nonce| {
        let ballot = Forgery::honest(key, remote(style, sequence), &[1, 0, 1, 0, 0], nonce);
        ballot.bytes(&election, rng)
    };
    let [first, second] = [(0, 91), (1, 92)].map(|(s, nonce)| under(&keys[0], 0, s, nonce));
    let [third, fourth] = [(0, 93), (1, 94)].map(|(s, nonce)| under(&keys[1], 1, s, nonce));
    let delegations = [(2, &keys[0], 0), (5, &keys[1], 0)]
        .map(|(voter, key, proxy)| world.delegation(voter, key, proxy).to_bytes());
    let own = vote(&plan, &mut world, 2, &remote(0, 0));
    let mut after = |place, kind, content: &[u8]| {
        plan.after.push(((Kind::Ballot, place), object(kind, content)));
    };
    after(0, Kind::Delegation, &delegations[0]);
    after(0, Kind::Ballot, &first);
    after(1, Kind::Ballot, &second);
    after(2, Kind::Delegation, &delegations[1]);
    after(2, Kind::Ballot, &third);
    after(3, Kind::Ballot, &own);
    after(4, Kind::Ballot, &fourth);
    plan.counted.extend([(own, 1), (fourth, 1)]);
    plan.write(rng)
}

/// Records in which much happens and little is wrong.
fn mixed() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut world = World::town(1);
        let rng = &mut rng(0);
        let town = Plan::town(&mut world);
        let mut cases = vec![Case::new("a town", &town.write(rng))];
        let reshared = Plan::reshared_town(&mut world);
        cases.push(Case::new("a town that reshares", &reshared.write(rng)));

        let mut spoiled = Plan::town(&mut world);
        let (spoil, _) = spoil(&spoiled, &mut world);
        spoiled.after.push(((Kind::Ballot, 1), spoil.request.clone()));
        spoiled.after.push(((Kind::Ballot, 3), spoil.opening.clone()));
        cases.push(Case::new("a spoiled ballot", &spoiled.write(rng)));

        // A ballot after a freeze that was lifted.
        let mut lifted = Plan::town(&mut world);
        lifted.lifted = Some(0);
        let ballot = vote(&lifted, &mut world, 2, &remote(0, 0));
        lifted.after.push(((Kind::Lift, 0), object(Kind::Ballot, &ballot)));
        lifted.counted.push((ballot, 1));
        cases.push(Case::new("a lifted freeze", &lifted.write(rng)));
        assert!(cases.iter().all(|case| case.report.is_accepted()));
        assert_eq!((cases[2].report.opened_spoils, cases[3].report.freezes.len()), (1, 2));

        let mut withdrawn = Plan::reshared_town(&mut world);
        let withdrawal = |option| Withdrawal { contest: 1, option, reason: "ill".into() };
        withdrawn.withdrawn = vec![withdrawal(1)];
        cases.push(Case::new("an option that is withdrawn", &withdrawn.write(rng)));
        assert!(cases[4].report.is_accepted() && cases[4].report.withdrawn.len() == 1);

        cases.push(Case::new("votes by proxy", &by_proxy(rng)));
        let report = &cases[5].report;
        assert!(
            report.is_accepted() && report.proxied.len() == 2 && report.replaced == 4,
            "{report}"
        );

        let mut frozen = Plan::town(&mut world);
        let mut ballots = bad_ballots(&frozen, &mut world);
        ballots.insert(1, vote(&frozen, &mut world, 2, &remote(0, 0)));
        for ballot in ballots {
            frozen.after.push(((Kind::Freeze, 0), object(Kind::Ballot, &ballot)));
        }
        cases.push(Case::new("ballots while voting is frozen", &frozen.write(rng)));

        // A spoiled ballot that is nevertheless cast is valid by itself.
        let (request, ballot) = cheats::spoil(&spoiled, &mut world);
        let mut cast = Plan::town(&mut world);
        cast.after.push(((Kind::Ballot, 1), request.request));
        cast.ballots.push(ballot);
        cases.push(Case::new("a spoiled ballot is cast", &cast.write(rng)));

        let mut late = Plan::town(&mut world);
        late.late = vec![late.ballots[1].clone(), vote(&late, &mut world, 2, &remote(0, 0))];
        cases.push(Case::new("late ballots", &late.write(rng)));

        for reshared in [false, true] {
            let mut plan =
                if reshared { Plan::reshared_town(&mut world) } else { Plan::town(&mut world) };
            let bad = bad_ballots(&plan, &mut world);
            for (place, ballot) in bad.iter().enumerate() {
                // After a refused ballot only ballots are judged, so these come after the resharing.
                let after = if reshared { 3 + place % 2 } else { place % 5 };
                plan.after.push(((Kind::Ballot, after), object(Kind::Ballot, ballot)));
            }
            plan.late = bad;
            let case = Case::new(if reshared { "bad, reshared" } else { "bad" }, &plan.write(rng));
            assert!(case.report.findings.len() >= 8, "{}", case.report);
            cases.push(case);
        }
        // A large object in the place of a ballot, and no other error.
        let mut large = Plan::town(&mut world);
        large.after.push(((Kind::Ballot, 2), object(Kind::Ballot, &[5; 140_000])));
        cases.push(Case::new("a large ballot", &large.write(rng)));
        cases
    })
}

/// Continues from the part saved after this many entries.
fn goes_on(case: &Case, saved: &[Option<Part>], entries: u64) {
    // In the middle of an object that can never be complete, nothing can be saved.
    let Some(part) = &saved[entries as usize] else {
        return assert!(case.report.findings.iter().any(|f| f.check == Check::RecordForm));
    };
    let range = part.entries();
    assert!(range.start == 0 && range.end >= entries.min(case.size), "{}, {entries}", case.name);
    case.same([sent(part)], &format!("saved at {entries}"));
    if !entries.is_multiple_of(3) {
        return;
    }
    // Saved again later, it equals the part that a single audit saves.
    for later in [entries + 3, case.size] {
        let again = case.until([sent(part)], later);
        if let Some(again) = again.part() {
            let name = &case.name;
            // What is not judged any more can end within a large object.
            if let Some(Some(one)) = saved.get(later as usize)
                && one.entries() == again.entries()
            {
                assert_eq!(one.to_bytes(), again.to_bytes(), "{name}, {entries}, {later}");
            }
            if later == case.size {
                case.same([sent(&again)], &format!("saved at {entries} and {later}"));
            }
        }
    }
}

/// A report without what it says about the given parts.
fn apart_from_parts(report: &Report) -> String {
    let mut report = report.clone();
    report.believed.clear();
    report.to_string()
}

#[test]
fn an_audit_goes_on_from_every_place() {
    for case in mixed() {
        let saved = case.saved();
        (0..=case.size + 1).for_each(|entries| goes_on(case, &saved, entries));
    }
}

#[test]
fn an_audit_of_a_forged_record_goes_on_from_where_it_was() {
    for (number, case) in forged().iter().enumerate() {
        let entries = (0..=case.size).filter(|entry| (entry + number as u64).is_multiple_of(13));
        let saved = case.saved();
        entries.for_each(|entries| goes_on(case, &saved, entries));
    }
}

/// Merges neighbours, from the left, from the right, or from the middle.
fn merged(parts: &[Part], from: usize) -> Part {
    match parts {
        [part] => part.clone(),
        _ => {
            let middle = match from {
                0 => parts.len() - 1,
                1 => 1,
                _ => parts.len() / 2,
            };
            let (left, right) = parts.split_at(middle);
            let mut left = merged(left, from);
            left.merge(&merged(right, from)).unwrap();
            sent(&left)
        }
    }
}

#[test]
fn parts_that_were_examined_apart_merge_to_one() {
    for case in mixed() {
        let audit = case.opened();
        let opened = audit.part().unwrap();
        let start = audit.size();
        let one = case.examine(&audit, start..case.size);
        assert_eq!(one.entries(), start..case.size);
        for each in [1, 2, 3, 7] {
            let ranges = (start..case.size).step_by(each);
            let ranges = ranges.map(|from| from..(from + each as u64).min(case.size));
            let parts: Vec<Part> = ranges.map(|range| case.examine(&audit, range)).collect();
            for from in 0..3 {
                assert_eq!(merged(&parts, from).to_bytes(), one.to_bytes(), "{}", case.name);
            }
            let all: Vec<Part> = [std::slice::from_ref(&opened), &parts[..]].concat();
            case.same([merged(&all, 2)], "all merged");
            case.same(all.clone(), "none merged");
            case.same(all.iter().rev().step_by(2).cloned(), "every other");
            case.same(parts.iter().skip(1).step_by(2).cloned(), "every other, polls not open");
        }
        // If nothing stops it, the audit itself makes the same part.
        if case.report.is_accepted() {
            let mut whole = opened;
            whole.merge(&one).unwrap();
            assert_eq!(Some(whole), case.until([], case.size).part(), "{}", case.name);
        }
    }
}

#[test]
fn parts_of_forged_records_give_the_same_report() {
    for (number, case) in forged().iter().enumerate() {
        if case.report.findings.iter().any(|f| f.entry.is_some_and(|entry| entry < 19)) {
            continue;
        }
        let audit = case.opened();
        let (start, middle) = (audit.size(), audit.size() + 1 + number as u64 % 6);
        let parts = [start..middle, middle..case.size].map(|range| case.examine(&audit, range));
        case.same([merged(&parts, 0)], "merged");
        case.same(parts, "apart");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_parts_give_the_same_report(
        case in 0..10usize,
        lengths in prop::collection::vec((1..9u64, any::<bool>(), any::<bool>()), 1..12),
    ) {
        let case = &mixed()[case];
        let audit = case.opened();
        let mut start = audit.size();
        let mut parts: Vec<Part> = Vec::new();
        for (length, given, merge) in lengths {
            let end = (start + length).min(case.size + 2);
            let part = case.examine(&audit, start..end);
            start = end;
            match parts.last_mut() {
                _ if !given => {}
                Some(last) if merge && last.entries().end == part.entries().start => {
                    last.merge(&part).unwrap();
                }
                _ => parts.push(part),
            }
        }
        case.same(parts.iter().map(sent), "any");
        // Saved by an audit that used them.
        let saved = case.until(parts, start).part();
        case.same(saved.iter().map(sent), "saved");
    }
}

/// Also if the chunks of one large ballot reach from one part into the next.
#[test]
fn parts_that_follow_each_other_can_be_saved_again() {
    for case in mixed() {
        let audit = case.opened();
        for cut in audit.size() + 1..case.size {
            let parts =
                [case.examine(&audit, audit.size()..cut), case.examine(&audit, cut..case.size)];
            let saved = case.until(parts, case.size).part();
            case.same(saved.iter().map(sent), "saved");
        }
    }
}

/// Also if a part has the roll and no ballots: the roll's proofs were not verified again.
#[test]
fn a_report_says_what_was_believed() {
    let case = &mixed()[0];
    let opened = case.opened();
    let size = opened.size();
    let report = case.until(opened.part(), u64::MAX).report();
    assert_eq!((report.believed.len(), report.believed.first()), (1, Some(&(0..size))));
    let before = case.until([], 3).part();
    assert!(case.until(before, u64::MAX).report().believed.is_empty());
    assert!(case.report.believed.is_empty());
}

/// A record of these entries.
fn record<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Record {
    let mut record = Record::default();
    entries.into_iter().for_each(|entry| record.entry(entry));
    record
}

/// The verdict is that of a full audit of the changed record, and the report says that it was changed.
fn changed(part: &Part, tampered: &Case, how: &str) {
    let report = tampered.until([part.clone()], u64::MAX).report();
    let (first, others) = report.findings.split_first().unwrap();
    assert_eq!((first.check, first.entry), (Check::RecordExpected, None), "{how}\n{report}");
    let Fault::Changed { entries } = &first.fault else { panic!("{how}\n{report}") };
    assert_eq!(entries.start, part.entries().start, "{how}");
    assert!(entries.end <= part.entries().end && !report.is_accepted(), "{how}");
    assert!(first.to_string().ends_with("are not those that were examined before"), "{first}");
    let full = &tampered.report;
    assert_eq!(others, full.findings, "{how}");
    assert_eq!((report.size, report.root), (full.size, full.root), "{how}");
    assert_eq!((report.ballots, report.replaced), (full.ballots, full.replaced), "{how}");
    assert_eq!((&report.outcome, &report.keys), (&full.outcome, &full.keys), "{how}");
}

#[test]
fn a_record_that_changed_after_it_was_examined_is_audited_from_the_start() {
    for case in [&mixed()[0], &mixed()[2], &mixed()[5]] {
        let entries: Vec<&[u8]> = Entries::new(&case.bytes).map(Result::unwrap).collect();
        let audit = case.opened();
        let start = audit.size();
        let covered = 2 + start as usize..(case.size as usize - 4);
        let saved = case.until([], covered.end as u64).part().unwrap();
        let examined = case.examine(&audit, covered.start as u64..covered.end as u64);
        let parts = [sent(&saved), sent(&examined)];
        assert_eq!(saved.entries().end, covered.end as u64);
        let try_all = |tampered: &[&[u8]], places: Range<usize>, how: &str| {
            let tampered = Case::new(how, &record(tampered.iter().copied()));
            for part in &parts {
                let entries = part.entries();
                if places.start < entries.end as usize && entries.start < places.end as u64 {
                    changed(part, &tampered, how);
                } else {
                    tampered.same([part.clone()], how);
                }
            }
        };
        for place in 0..entries.len() {
            let bit = place * 37 % (entries[place].len().max(1) * 8);
            let mut entry = entries[place].to_vec();
            let Some(byte) = entry.get_mut(bit / 8) else { continue };
            *byte ^= 1 << (bit % 8);
            let mut tampered = entries.clone();
            tampered[place] = &entry;
            try_all(&tampered, place..place + 1, &format!("bit {bit} of entry {place}"));
        }
        for place in [1, start as usize + 3, covered.end - 1] {
            let mut without = entries.clone();
            without.remove(place);
            try_all(&without, place..usize::MAX, &format!("entry {place} is gone"));
            let mut swapped = entries.clone();
            swapped.swap(place - 1, place);
            try_all(&swapped, place - 1..place + 1, &format!("entry {place} comes earlier"));
            try_all(&entries[..place], place..usize::MAX, &format!("ends at {place}"));
        }
        // The end of the record is the end of what was examined, and torn.
        let mut torn = record(entries[..covered.end].iter().copied());
        torn.bytes.pop();
        torn.tree = record(entries[..covered.end - 1].iter().copied()).tree;
        let torn = Case::new("torn", &torn);
        parts.iter().for_each(|part| changed(part, &torn, "torn"));
    }
}

#[test]
fn a_record_that_has_grown_is_audited_from_where_it_was() {
    for case in mixed() {
        let entries: Vec<&[u8]> = Entries::new(&case.bytes).map(Result::unwrap).collect();
        let mut saved: Option<Part> = None;
        for end in (0..=entries.len()).step_by(4).chain([entries.len()]) {
            let grown = Case::new(&case.name, &record(entries[..end].iter().copied()));
            grown.same(saved.clone(), "grown");
            // A part that ends within a large object covers its beginning.
            saved = grown.until(saved, u64::MAX).part().or_else(|| grown.until([], 19).part());
        }
    }
}

#[test]
fn a_part_of_another_election_helps_nothing() {
    let mut world = World::town(7);
    let other = Case::new("another", &Plan::town(&mut world).write(&mut rng(0)));
    let case = &mixed()[0];
    for end in [3, 19, 22, case.size] {
        changed(&other.until([], end).part().unwrap(), case, "another election");
    }
    let audit = other.opened();
    let examined = other.examine(&audit, audit.size()..other.size);
    changed(&examined, case, "another election");
    // Some of each.
    let own = case.opened();
    let first = case.examine(&own, 19..21);
    let second = other.examine(&audit, 21..23);
    let report = case.until([first.clone(), second.clone()], u64::MAX).report();
    assert_eq!(report.findings.len(), 1, "{report}");
    assert_eq!(report.outcome, case.report.outcome);
    let mut merged = first.clone();
    assert_eq!(merged.merge(&second), Err(PartError::Election));
    assert_eq!(merged, first);
    let apart = PartError::Apart { end: 21, start: 19 };
    assert_eq!(merged.merge(&first), Err(apart));
    assert_eq!(merged, first);
    assert_eq!(apart.to_string(), "a part that begins at entry 19 behind one that ends at 21");
}

#[test]
fn parts_that_overlap_are_passed_over() {
    let case = &mixed()[0];
    let audit = case.opened();
    let parts =
        [19..22, 21..24, 22..25, 22..22, 40..50, 19..20].map(|range| case.examine(&audit, range));
    case.same(parts, "overlapping");
    case.same([case.until([], 21).part().unwrap(), case.until([], 23).part().unwrap()], "twice");
}

/// The maker of a part is trusted. But what a part says about other entries is not used, and nothing breaks.
#[test]
fn changed_parts_are_refused_or_do_no_harm() {
    let case = &mixed()[0];
    let part = case.until([], 24).part().unwrap();
    let bytes = part.to_bytes();
    for end in 0..bytes.len() {
        assert!(Part::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
    assert!(Part::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    let (mut read, mut expected) = (0, 0);
    attacks::bit_flips(&bytes, |bit, flipped| {
        let Ok(part) = Part::from_bytes(flipped) else { return };
        assert_eq!(part.to_bytes(), flipped, "{bit}");
        read += 1;
        if read % 29 == 0 {
            let report = case.until([part], u64::MAX).report();
            let of = |check| report.findings.iter().any(|f| f.check == check);
            expected += u64::from(of(Check::RecordExpected));
            // Wrong sums make a valid tally look wrong, never the other way round.
            assert!(
                report.findings.is_empty()
                    || of(Check::RecordExpected)
                    || of(Check::TallySums)
                    || of(Check::ResultTurnout)
                    || of(Check::BallotProof),
                "{bit}\n{report}"
            );
        }
    });
    assert!(read > 29 && expected > 0);
}

#[test]
fn ballots_are_examined_only_while_voting_is_open() {
    let case = &mixed()[0];
    let mut log = Bytes::new(&case.bytes);
    let mut refused = |audit: &Audit, range| audit.examine(&mut log, range, &mut rng(1)).err();
    let phases =
        [(0, Phase::Empty), (18, Phase::Enrolling), (28, Phase::Closed), (32, Phase::Finished)];
    for (entries, phase) in phases {
        let error = refused(&case.until([], entries), 19..20);
        assert_eq!(error, Some(AuditError::NotVoting { phase }), "{entries}");
    }
    let open = case.until([], 22);
    for start in [0, 18] {
        assert_eq!(refused(&open, start..22), Some(AuditError::TooEarly { first: 19 }));
    }
    assert_eq!(refused(&open, 19..22), None);
    // After the end there is nothing, which is no error.
    let part = case.examine(&open, 100..200);
    assert_eq!(part.entries(), 100..100);
    case.same([part], "nothing");
}

/// A log that fails when this entry is read, the first time or again.
struct Failing<'a> {
    log: Bytes<'a>,
    entry: u64,
    again: bool,
    asked: bool,
}

impl ReadLog for Failing<'_> {
    fn entry(&mut self, index: u64) -> Result<Option<Vec<u8>>, LogError> {
        if index == self.entry && (self.asked || !self.again) {
            return Err(LogError::Storage { file: "disk".into(), reason: "gone".into() });
        }
        self.asked |= index == self.entry;
        self.log.entry(index)
    }
}

#[test]
fn a_log_that_fails_says_nothing_of_the_record() {
    let case = &mixed()[0];
    let expected =
        AuditError::Storage(LogError::Storage { file: "disk".into(), reason: "gone".into() });
    let log = |entry, again| Failing { log: Bytes::new(&case.bytes), entry, again, asked: false };
    let opened = case.opened();
    let part = case.examine(&opened, 19..24);
    for parts in [vec![], vec![part]] {
        // Ballot 19 is looked up when its voter votes again.
        for (entry, again) in [(0, false), (22, false), (case.size, false), (19, true)] {
            let mut audit = Audit::with_parts(&Expect::default(), parts.clone());
            let result = audit.advance(&mut log(entry, again), u64::MAX, &mut rng(1));
            assert_eq!(result.err(), Some(expected.clone()), "{entry}");
        }
    }
    let result = opened.examine(&mut log(21, false), 19..24, &mut rng(1));
    assert_eq!(result.err(), Some(expected));
}

/// What the auditor expects is also compared in an audit that was begun again.
#[test]
fn what_is_expected_does_not_depend_on_parts() {
    let good = Recorded::tiny(5, 0);
    let bytes = good.board.bytes();
    let size = good.board.state().size();
    let run = |expect: &Expect, parts: Vec<Part>| {
        let mut audit = Audit::with_parts(expect, parts);
        audit.advance(&mut Bytes::new(bytes), u64::MAX, &mut rng(1)).unwrap();
        (audit.part(), audit.report())
    };
    let head = good.board.state().head();
    let expect = Expect {
        receipts: vec![good.receipt.clone().into()],
        checkpoints: Some(vec![
            good.signers.sign(&good.world.manifest, Tree::default().head(), &[]),
            good.signers.sign(&good.world.manifest, head, &[0, 1]),
        ]),
        size: Some(size),
        ..Expect::default()
    };
    let (part, report) = run(&expect, vec![]);
    assert!(report.is_accepted() && report.checkpoints.len() == 2, "{report}");
    let (_, again) = run(&expect, vec![sent(&part.unwrap())]);
    assert_eq!(apart_from_parts(&again), apart_from_parts(&report));
    assert_eq!((again.believed.len(), again.believed.first()), (1, Some(&(0..size))));
    let other = mixed()[0].until([], 7).part().unwrap();
    let (_, again) = run(&expect, vec![other]);
    assert_eq!(again.findings.len(), 1);
    assert_eq!((again.checkpoints, again.outcome), (report.checkpoints, report.outcome));
}
