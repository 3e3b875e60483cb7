//! Random histories of a vote, judged object by object, and by audits in steps, by parts and by merged parts.

use attacks::{
    World,
    forge::{
        Forgery, Log as Forged, close_content, close_signature, object, spoil_opening,
        spoil_request,
    },
    rng,
};
use rand_chacha::{ChaCha20Rng, rand_core::RngCore};
use tabella::{
    audit::{Audit, Expect, Fault, Part, Report},
    ballot::{Election, Header, Origin, Tracker},
    board::{Kind, Refusal, State},
    codec::{Decode, Encode},
    log::{Bytes, Entries, entry::Assembler},
    tally::Tally,
};

fn below(rng: &mut ChaCha20Rng, n: u64) -> u64 {
    rng.next_u64() % n
}

/// The oracle: everything before the vote, then objects one by one. Refused objects stand in the record, too.
struct Oracle {
    state: State,
    record: Forged,
    accepted: Vec<Vec<u8>>,
    /// Entries of refused objects, and of accepted ones.
    refused: Vec<(u64, String)>,
    ballots: u64,
    replaced: u64,
    stopped: bool,
}

impl Oracle {
    fn post(&mut self, object: &[u8], rng: &mut ChaCha20Rng) -> bool {
        let at = self.record.tree.size();
        self.record.append(object);
        let ballot = object.first() == Some(&(Kind::Ballot as u8));
        self.stopped |= !self.refused.is_empty() && !ballot;
        if self.stopped {
            return false;
        }
        let accepted = &self.accepted;
        match self.state.apply(object, |entry| accepted.get(entry as usize).cloned(), rng) {
            Ok(done) => {
                self.accepted.extend(tabella::log::entry::entries(object).map(|e| e.into_owned()));
                self.ballots += u64::from(done.kind == Kind::Ballot);
                self.replaced += u64::from(done.replaces.is_some());
                true
            }
            Err(refusal) => {
                self.stopped |= !ballot;
                self.refused.push((at, name(&refusal)));
                false
            }
        }
    }
}

impl Oracle {
    /// An object of the operator without content.
    fn operate(&mut self, kind: Kind, world: &World, rng: &mut ChaCha20Rng) {
        let object = self.state.sign(&world.operator, &world.manifest, kind, &[], rng).unwrap();
        self.post(&object, rng);
    }
}

fn name(refusal: &Refusal) -> String {
    format!("{refusal:?}").split([' ', '(']).next().unwrap_or_default().into()
}

struct Voter {
    sequence: u32,
    spoils: u32,
}

fn history(seed: u8, honest: bool) -> (World, Oracle) {
    let mut world = World::town(seed % 4);
    let mut rng = rng(100 + seed);
    let good = world.open();
    let election: Election = good.election().unwrap().clone();
    let mut oracle = Oracle {
        state: State::new(),
        record: Forged::default(),
        accepted: Vec::new(),
        refused: Vec::new(),
        ballots: 0,
        replaced: 0,
        stopped: false,
    };
    let mut assembler = Assembler::default();
    for entry in Entries::new(good.bytes()) {
        if let Some(object) = assembler.push(entry.unwrap()).unwrap() {
            assert!(oracle.post(&object, &mut rng));
        }
    }
    let styles = [0u16, 0, 0, 1, 1, 1];
    let mut voters: Vec<Voter> = styles.iter().map(|_| Voter { sequence: 0, spoils: 0 }).collect();
    let mut old: Vec<Vec<u8>> = Vec::new();
    let mut spoilt: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut nonce = 1000 + u64::from(seed) * 1000;
    let steps = 25 + below(&mut rng, 25);
    for _ in 0..steps {
        let who = below(&mut rng, 6) as usize;
        let style = styles[who];
        nonce += 1;
        let origin = match below(&mut rng, 2) {
            0 => Origin::Remote,
            _ => Origin::Station(style),
        };
        let bits = [[1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]][below(&mut rng, 3) as usize];
        let header = Header { style, sequence: voters[who].sequence, origin };
        // Some histories consist of ballots alone, so that more is judged after the first refused object.
        let kind = match below(&mut rng, 26) {
            10..=14 if seed % 3 == 1 => 0,
            kind => kind,
        };
        let make = |header: Header, nonce, rng: &mut ChaCha20Rng| {
            let forgery = Forgery::honest(&world.voters[who], header, &bits, nonce);
            (forgery.bytes(&election, rng), forgery)
        };
        let (ballot, forgery) = make(header, nonce, &mut rng);
        match kind {
            0..=9 => {
                let object = object(Kind::Ballot, &ballot);
                if honest && voters[who].sequence >= 3 {
                    continue;
                }
                if oracle.post(&object, &mut rng) {
                    voters[who].sequence += 1;
                    old.push(object);
                }
            }
            10..=12 if voters[who].spoils < 3 => {
                let tracker = Tracker::of(&ballot);
                let request =
                    spoil_request(&election, &tracker, [forgery.signer, forgery.nonce], &mut rng);
                if oracle.post(&object(Kind::SpoilRequest, &request), &mut rng) {
                    voters[who].spoils += 1;
                    let opening =
                        object(Kind::SpoilOpening, &spoil_opening(&ballot, &forgery.nonce));
                    spoilt.push((object(Kind::Ballot, &ballot), opening));
                }
            }
            13 | 14 => {
                if let Some((ballot, opening)) = spoilt.pop() {
                    oracle.post(&opening, &mut rng);
                    old.push(ballot);
                }
            }
            24 | 25 => {
                // Frozen and lifted, or frozen for good while others still send ballots.
                oracle.operate(Kind::Freeze, &world, &mut rng);
                if kind == 24 || honest {
                    oracle.operate(Kind::Lift, &world, &mut rng);
                }
            }
            _ if honest => {}
            15 => {
                // A proof that does not verify.
                let mut ballot = ballot;
                let at = ballot.len() - 32;
                ballot[at] ^= 1;
                oracle.post(&object(Kind::Ballot, &ballot), &mut rng);
            }
            16 => {
                oracle.post(&object(Kind::Ballot, &ballot[..ballot.len() - 1]), &mut rng);
            }
            17 if !old.is_empty() => {
                let again = old[below(&mut rng, old.len() as u64) as usize].clone();
                oracle.post(&again, &mut rng);
            }
            18 => {
                let header = Header { sequence: header.sequence + 1, ..header };
                let (ballot, _) = make(header, nonce, &mut rng);
                oracle.post(&object(Kind::Ballot, &ballot), &mut rng);
            }
            19 => {
                let header = Header { style: 1 - style, origin: Origin::Remote, ..header };
                let (ballot, _) = make(header, nonce, &mut rng);
                oracle.post(&object(Kind::Ballot, &ballot), &mut rng);
            }
            20 => {
                // The nonce of an earlier ballot.
                let (ballot, _) = make(header, nonce - 1, &mut rng);
                if oracle.post(&object(Kind::Ballot, &ballot), &mut rng) {
                    voters[who].sequence += 1;
                }
            }
            21 => {
                if let Some((ballot, _)) = spoilt.last() {
                    let ballot = ballot.clone();
                    oracle.post(&ballot, &mut rng);
                }
            }
            22 if below(&mut rng, 3) == 0 => {
                // A ballot that is too large for an entry.
                let mut large = object(Kind::Ballot, &ballot);
                large.resize(70_000, 0);
                oracle.post(&large, &mut rng);
            }
            _ => {}
        }
    }
    // The end.
    oracle.operate(Kind::Freeze, &world, &mut rng);
    let place = (oracle.state.size(), oracle.state.root());
    let ceremony = oracle.state.ceremony().unwrap().clone();
    for (author, number) in world.secrets.iter().zip(1..).take(3) {
        let signature =
            close_signature(&election, ceremony.hash(), number, place, author, &mut rng);
        oracle.post(&object(Kind::Close, &close_content(number, &signature)), &mut rng);
    }
    if !oracle.stopped {
        let tally = Tally::new(oracle.state.partial_tally().unwrap());
        let tally = oracle
            .state
            .sign(&world.operator, &world.manifest, Kind::Tally, &tally.to_bytes(), &mut rng)
            .unwrap();
        assert!(oracle.post(&tally, &mut rng));
    }
    (world, oracle)
}

fn summary(report: &Report) -> String {
    // Except for what it says about the given parts.
    let mut report = report.clone();
    report.believed.clear();
    report.to_json()
}

fn compare(oracle: &Oracle, report: &Report) {
    assert_eq!(report.ballots, oracle.ballots, "{report}");
    assert_eq!(report.replaced, oracle.replaced);
    assert_eq!(report.size, oracle.record.tree.size());
    assert_eq!(report.root, oracle.record.tree.root());
    assert_eq!(report.spoiled, oracle.state.spoiled());
    assert_eq!(report.opened_spoils, oracle.state.opened_spoils());
    let found: Vec<(u64, String)> = report
        .findings
        .iter()
        .filter_map(|finding| match &finding.fault {
            Fault::Refused { refusal, .. } => Some((finding.entry.unwrap(), name(refusal))),
            _ => None,
        })
        .collect();
    assert_eq!(found, oracle.refused);
}

fn sums(state: &State) -> String {
    let (Some(partial), Some(roll)) = (state.partial_tally(), state.roll()) else {
        return String::new();
    };
    let hash = Tally::new(partial).hash();
    format!("{hash:02x?} {:?}", partial.turnout(roll))
}

#[test]
fn every_way_to_audit_finds_what_the_rules_say() {
    let seeds: u8 = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(12);
    for seed in 0..seeds {
        let (world, oracle) = history(seed, seed % 4 == 0);
        let mut rng = rng(200u8.wrapping_add(seed));
        let bytes = &oracle.record.bytes;
        let size = oracle.record.tree.size();
        let expect = Expect { partial: true, ..Expect::default() };
        let mut whole = Audit::new(&expect);
        whole.advance(&mut Bytes::new(bytes), u64::MAX, &mut rng).unwrap();
        assert_eq!(sums(whole.state()), sums(&oracle.state), "seed {seed}");
        let whole_part = whole.part();
        let report = whole.report();
        compare(&oracle, &report);
        let expected = summary(&report);

        // In steps; each saves a part.
        let mut audit = Audit::new(&expect);
        let mut saved: Vec<Part> = Vec::new();
        loop {
            let until = audit.size() + 1 + below(&mut rng, 7);
            let more = audit.advance(&mut Bytes::new(bytes), until, &mut rng).unwrap();
            saved.extend(audit.part());
            if !more {
                break;
            }
        }
        if let Some(part) = &whole_part {
            assert_eq!(
                audit.part().as_ref().map(Encode::to_bytes),
                Some(part.to_bytes()),
                "seed {seed}"
            );
        }
        assert_eq!(sums(audit.state()), sums(&oracle.state));
        assert_eq!(summary(&audit.report()), expected, "seed {seed}");

        // From each saved part.
        for part in &saved {
            let part = Part::from_bytes(&part.to_bytes()).unwrap();
            let end = part.entries().end;
            let mut audit = Audit::with_parts(&expect, [part]);
            audit.advance(&mut Bytes::new(bytes), u64::MAX, &mut rng).unwrap();
            if !oracle.stopped {
                assert_eq!(sums(audit.state()), sums(&oracle.state), "seed {seed}, from {end}");
            }
            if let (Some(part), Some(own)) = (&whole_part, audit.part()) {
                assert_eq!(own, *part, "seed {seed}, from {end}");
            }
            assert_eq!(summary(&audit.report()), expected, "seed {seed}, from {end}");
        }

        // With parts that others examined, with gaps, and merged.
        let mut audit = Audit::new(&expect);
        let mut log = Bytes::new(bytes);
        while audit.state().roll().is_none() {
            assert!(audit.advance(&mut log, audit.size() + 1, &mut rng).unwrap());
        }
        let opened = audit.part().unwrap();
        for round in 0..6 {
            let mut parts = vec![opened.clone()];
            let mut at = audit.size();
            while at < size {
                let end = (at + 1 + below(&mut rng, 12)).min(size + below(&mut rng, 2));
                if round < 3 || below(&mut rng, 3) > 0 {
                    parts.push(audit.examine(&mut log, at..end, &mut rng).unwrap());
                }
                at = end;
            }
            if round % 3 == 1 {
                // Merged in some grouping.
                let mut merged: Vec<Part> = Vec::new();
                for part in parts {
                    match merged.last_mut() {
                        Some(last)
                            if last.entries().end == part.entries().start
                                && below(&mut rng, 2) == 0 =>
                        {
                            last.merge(&part).unwrap();
                        }
                        _ => merged.push(part),
                    }
                }
                parts = merged;
            }
            if round == 2 {
                let mut all = parts.remove(0);
                parts.iter().for_each(|part| all.merge(part).unwrap());
                if let Some(part) = whole_part.as_ref().filter(|_| !oracle.stopped) {
                    assert_eq!(*part, all, "seed {seed}");
                }
                parts = vec![all];
            }
            let mut audit = Audit::with_parts(&expect, parts);
            audit.advance(&mut Bytes::new(bytes), u64::MAX, &mut rng).unwrap();
            // The sums of a part are of no use if judging stopped before its end.
            if !oracle.stopped {
                assert_eq!(sums(audit.state()), sums(&oracle.state), "seed {seed}, round {round}");
            }
            assert_eq!(summary(&audit.report()), expected, "seed {seed}, round {round}");
        }
        drop(world);
    }
}
