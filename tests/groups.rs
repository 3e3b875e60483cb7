//! Groups of trustees: the threshold of each opens, and whatever takes a number of trustees takes it in each group.

use attacks::{
    World,
    dealer::{
        Dealer, Parts, commit, complaint, dealt, dealt_to, image, interpolate, messages, receive,
        registered,
    },
    handover::{begin_groups, entries, people, show, started, take, vote},
    rng,
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use itertools::Itertools;
use serde_json::{Value, json};
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Header},
    board::{Board, BoardError, GuardError, Kind, Refusal},
    codec::{Encode, Reader},
    contest::Contest,
    count::{Counting, Method, Quota, TieBreak},
    crypto::{ProofCheck, dlog::DlogTable, group::Element},
    keys::{
        AtRest, Blame, Ceremony, Conviction, KeyError, NoConviction, Observer, Party, PartyFault,
        Rehearsal, Setup, Trustee,
    },
    manifest::Member,
    roll::Registration,
    tally::{MixError, Outcome, OutcomeError, Tally, Turnout, VerifiedShare, combine},
    views,
};

/// The ministry, and two of three universities.
const MINISTRY: [(&str, usize, u16); 2] = [("Ministry", 1, 1), ("Universities", 3, 2)];
/// Two of three, and two of three.
const TWINS: [(&str, usize, u16); 2] = [("North", 3, 2), ("South", 3, 2)];

fn referendum(seed: u8, groups: &[(&str, usize, u16)]) -> World {
    let bridge = Contest::choose_one("bridge", ["yes", "no"]);
    World::of_groups(seed, groups, &[0; 12], |builder| builder.contest(bridge))
}

/// Twelve votes, of which seven are for yes, closed and tallied.
fn tallied(world: &mut World) -> (Board, Tally) {
    let mut board = world.open();
    vote(world, &mut board, 0..7, "yes");
    vote(world, &mut board, 7..12, "no");
    let World { operator, trustees, rng, .. } = world;
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    (board, tally)
}

fn turnout(board: &Board) -> Turnout {
    board.state().partial_tally().unwrap().turnout(board.state().roll().unwrap()).unwrap()
}

fn outcome(
    board: &Board,
    tally: &Tally,
    shares: &[VerifiedShare],
) -> Result<Outcome, OutcomeError> {
    let state = board.state();
    let (election, ceremony) = (state.election().unwrap(), state.ceremony().unwrap());
    let table = DlogTable::new(tally.bound());
    Outcome::open(election, ceremony, tally, shares, turnout(board), &[], &table)
}

fn too_few(group: &str, found: usize, needed: usize, missing: &[u16]) -> KeyError {
    KeyError::TooFew { group: group.into(), found, needed, missing: missing.to_vec() }
}

/// A whole election, from the ceremony to the audit, with ballots that are summed and others that are mixed.
#[test]
fn key_groups_hold_an_election_together() {
    for (seed, groups, said, any) in [
        (
            1,
            MINISTRY,
            "any 1 of trustees [1] of Ministry and any 2 of trustees [2, 3, 4] of Universities open together",
            "Any 1 of the 1 trustees of <bdi lang=\"\">Ministry</bdi> and any 2 of the 3 trustees of",
        ),
        (
            2,
            TWINS,
            "any 2 of trustees [1, 2, 3] of North and any 2 of trustees [4, 5, 6] of South open together",
            "Any 2 of the 3 trustees of <bdi lang=\"\">North</bdi> and any 2 of the 3 trustees of",
        ),
    ] {
        let method = Method::Stv { quota: Quota::Droop, places: 2 };
        let counting = Counting { method, seats: 1, tie_break: TieBreak::Backwards };
        let mut world = World::of_groups(seed, &groups, &[0; 3], |builder| {
            let council = Contest::rank("council", ["Ada", "Ben"], counting);
            let bridge = Contest::choose_one("bridge", ["yes", "no"]);
            builder.minimum_cell(1).contest(bridge).contest(council)
        });
        let mut board = world.open();
        let election = board.election().unwrap().clone();
        for (voter, name) in ["Ada", "Ben", "Ada"].into_iter().enumerate() {
            let choices = Choices::new().pick("bridge", "yes").rank("council", [name]);
            let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
            board.post(&ballot, &mut world.rng).unwrap();
        }
        let World { operator, trustees, rng, manifest, .. } = &mut world;
        assert_eq!(manifest.threshold(), groups.iter().map(|(_, _, t)| t).sum::<u16>());
        let second = groups[0].1;
        let trustees_of = |number: u16| manifest.groups().place_of(number);

        // All of one group are not enough to close, to mix, or to open.
        board.freeze(operator, rng).unwrap();
        for trustee in &mut trustees[second..] {
            let close = trustee.sign_close(board.state(), &[], rng).unwrap();
            board.post(&close, rng).unwrap();
        }
        assert_eq!(board.state().closed(), None);
        let error = board.tally(operator, rng).unwrap_err();
        let (name, expected) = (groups[0].0, board.state().ceremony().unwrap().close_quorums()[0]);
        let group = String::from(name);
        assert_eq!(error, Refusal::Quorum { group: group.clone(), found: 0, expected }.into());
        assert!(error.to_string().starts_with(&format!("0 trustees of {name} signed")), "{error}");
        board.close(operator, &mut trustees[..second], rng).unwrap();
        board.tally(operator, rng).unwrap();

        let cell = board.state().cascades()[0].cell();
        for (place, trustee) in trustees[second..].iter().enumerate() {
            let prepared = trustee.prepare_mix(board.state(), cell, rng).unwrap();
            let mix = trustee.mix(board.state(), cell, prepared, rng);
            if place < 2 {
                board.post(&mix.unwrap(), rng).unwrap();
                assert!(!board.state().cascades()[0].is_complete());
                continue;
            }
            // A third of them would protect nobody more, and is refused by the board, too.
            assert_eq!(mix, Err(GuardError::MixedEnough));
            let mut header = trustee.number().to_be_bytes().to_vec();
            header.extend([0, 0, 0, cell as u8, 0, 2]);
            let error = board.post(&attacks::forge::object(Kind::Mix, &header), rng).unwrap_err();
            let trustee = trustee.number();
            assert_eq!(error, Refusal::Mix { trustee, cell, error: MixError::Enough });
        }
        let error = trustees[0].open(board.state(), rng).unwrap_err();
        assert!(matches!(error, GuardError::Phase { .. }));
        // Those of the other group alone still wait.
        board.mix(trustees, rng).unwrap();
        let cascade = &board.state().cascades()[0];
        assert_eq!(cascade.by().len(), usize::from(cascade.needed()));
        for (group, (.., threshold)) in groups.iter().enumerate() {
            let by = cascade.by().iter().filter(|by| trustees_of(**by) == Some(group));
            assert_eq!(by.count(), usize::from(*threshold));
        }

        for trustee in &mut trustees[second..] {
            let share = trustee.open(board.state(), rng).unwrap();
            board.post(&share, rng).unwrap();
        }
        let table = DlogTable::new(board.state().tally().unwrap().bound());
        let error = board.finish(operator, &table, rng).unwrap_err();
        let threshold = groups[0].2;
        let none = OutcomeError::TooFewShares { group: group.clone(), found: 0, threshold };
        assert_eq!(error, BoardError::Outcome(none));
        for trustee in &mut trustees[..threshold.into()] {
            let share = trustee.open(board.state(), rng).unwrap();
            board.post(&share, rng).unwrap();
        }
        let outcome = board.finish(operator, &table, rng).unwrap();
        assert_eq!(outcome.count("bridge", "yes"), Ok(3));
        assert_eq!(outcome.elected("council"), Ok(vec!["Ada"]));

        let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
        assert!(report.is_accepted(), "{report}");
        assert!(report.to_string().contains(said), "{report}");
        assert!(report.to_html().contains(any), "{}", report.to_html());
        let json: Value = serde_json::from_str(&report.to_json()).unwrap();
        let keys = &json["keys"][0];
        assert_eq!(keys["groups"][0]["group"], json!(name));
        assert_eq!(keys["groups"][1]["threshold"], json!(2));
        let first = json!(second + 1);
        assert_eq!(keys["groups"][1]["trustees"][0]["number"], first);
        assert_eq!((keys.get("threshold"), keys.get("trustees")), (None, None));
        attacks::write_record(&format!("groups-{}", groups[0].0.to_lowercase()), &board);
    }
}

/// Every set of shares that reaches each group's threshold opens the same, and no other opens anything.
#[test]
fn decrypt_open_takes_the_threshold_of_each_group() {
    for (seed, groups) in [(3, MINISTRY), (4, TWINS)] {
        let mut world = referendum(seed, &groups);
        let (mut board, tally) = tallied(&mut world);
        let ceremony = board.state().ceremony().unwrap().clone();
        let election = board.election().unwrap().clone();
        let World { operator, trustees, rng, manifest, .. } = &mut world;
        let mut verified = Vec::new();
        for trustee in trustees.iter_mut() {
            let share = trustee.open(board.state(), rng).unwrap();
            verified.push(share.verify(&election, &ceremony, &tally, rng).unwrap());
        }
        let all = outcome(&board, &tally, &verified).unwrap();
        assert_eq!(all.count("bridge", "yes"), Ok(7));
        let (mut opened, mut refused) = (0, 0);
        for some in verified.iter().cloned().powerset() {
            let found = manifest.groups().iter().map(|group| {
                let found = some.iter().filter(|share| group.has(share.trustee())).count();
                (group, found)
            });
            let lacks = found.clone().find(|(group, found)| *found < group.threshold.into());
            match lacks {
                None => {
                    opened += 1;
                    assert_eq!(outcome(&board, &tally, &some), Ok(all.clone()));
                }
                Some((group, found)) => {
                    refused += 1;
                    let (group, threshold) = (group.name.clone(), group.threshold);
                    let error = OutcomeError::TooFewShares { group, found, threshold };
                    assert_eq!(outcome(&board, &tally, &some), Err(error.clone()));
                    assert_eq!(combine(&ceremony, &tally, &some), Err(error));
                }
            }
        }
        let sets = |n: u32, t: u16| (t.into()..=n).map(|k| binomial(n, k)).sum::<usize>();
        let expected: usize = groups.iter().map(|(_, n, t)| sets(*n as u32, *t)).product();
        assert_eq!(opened, expected);
        assert_eq!(opened + refused, 1 << verified.len());

        // The board counts in each group as well: with a right result, posted too early.
        let content = all.to_bytes();
        let result = board.state().sign(operator, manifest, Kind::Result, &content, rng).unwrap();
        let group = groups[0].0.to_owned();
        let expected = groups[0].2;
        let error = board.post(&result, rng).unwrap_err();
        assert_eq!(error, Refusal::TooFewShares { group, found: 0, expected });
        assert!(error.to_string().contains(groups[0].0), "{error}");
        for trustee in trustees.iter_mut().rev() {
            let share = trustee.open(board.state(), rng).unwrap();
            board.post(&share, rng).unwrap();
        }
        let result = board.state().sign(operator, manifest, Kind::Result, &content, rng).unwrap();
        board.post(&result, rng).unwrap();
    }
}

fn binomial(n: u32, k: u32) -> usize {
    (0..k).fold(1, |product, i| product * (n - i) as usize / (i + 1) as usize)
}

/// A second implementation: slot keys are the sums over groups of what any `t` verification keys of the group give. Combined
/// nevertheless, fewer give something else, and so do those of different groups taken for one.
#[test]
fn key_groups_share_keys_that_add_up() {
    let world = referendum(5, &TWINS);
    let ceremony = world.trustees[0].ceremony();
    let key = |number: u16| *ceremony.verification_keys(number).unwrap()[0].point();
    let of = |numbers: &[u16]| interpolate(&numbers.iter().map(|j| (*j, key(*j))).collect_vec());
    let slot_key = *ceremony.slot_keys()[0].point();
    for north in (1..=3).powerset() {
        for south in (4..=6).powerset() {
            let enough = north.len() >= 2 && south.len() >= 2;
            assert_eq!(of(&north) + of(&south) == slot_key, enough, "{north:?} {south:?}");
            let together = [&north[..], &south].concat();
            assert_ne!(of(&together), slot_key, "{together:?}");
        }
    }
    assert_ne!(of(&[1, 2, 3]), of(&[4, 5, 6]));
}

fn observed(setup: &Setup, deals: &[Option<Vec<u8>>], world: &World) -> Observer {
    let mut observer = Observer::new(setup.clone());
    let secrets = registered(&world.secrets);
    for ((deal, c), number) in deals.iter().zip(&secrets).zip(1..) {
        if let Some(deal) = deal {
            observer.take_commit(commit(setup, number, c, deal), &mut rng(0)).unwrap();
        }
    }
    observer
}

/// A dealer deals to the members of its own group, with its degree.
#[test]
fn key_deal_to_another_group_is_evidence() {
    // Groups of equal size, but another threshold; and the same number of bytes.
    for groups in [[("A", 3, 2), ("B", 3, 3)], [("A", 2, 1), ("B", 3, 1)], TWINS] {
        let world = referendum(6, &groups);
        let setup = Setup::first(&world.manifest);
        let (c, rng) = (registered(&world.secrets), &mut rng(7));
        let other = &setup.groups()[1];
        let deal = Dealer::for_group(&setup, 1, c[0], other, rng).bytes(rng);
        let mut deals: Vec<_> = messages(&world).into_iter().map(|(_, deal)| Some(deal)).collect();
        deals[0] = Some(deal);
        let mut observer = observed(&setup, &deals, &world);
        observer.close_round().unwrap();
        let mut guilty = Vec::new();
        for (deal, number) in deals.iter().flatten().zip(1..) {
            guilty.extend(observer.take_deal(number, deal, rng).unwrap());
        }
        observer.close_round().unwrap();
        if groups != TWINS {
            let [Conviction { party: Party::Dealer(1), fault }] = &guilty[..] else { panic!() };
            assert!(matches!(fault, PartyFault::UnreadableDeal(_)), "{fault}");
        } else {
            // It can be read; but those who should have shares have none, and say so. Those who can decrypt them have no say.
            assert_eq!(guilty, []);
            let deal = deals[0].as_ref().unwrap();
            for number in 1..=6u16 {
                let secret = &c[usize::from(number) - 1];
                let complaint = complaint(&setup, number, secret, deal, None);
                let taken = observer.take_complaint(complaint, rng);
                let none = Err(KeyError::NoDeal { dealer: 1 });
                assert_eq!(taken, if number <= 3 { Ok(()) } else { none });
            }
        }
        observer.close_round().unwrap();
        let found: Vec<Party> = observer.found().iter().map(|found| found.party).collect();
        assert!(!found.is_empty() && found.iter().all(|party| *party == Party::Dealer(1)));
        for (conviction, blame) in observer.certificates() {
            assert_eq!(blame.conviction(&setup, rng).as_ref(), Ok(conviction));
        }
        let holders: Vec<u16> = (2..=setup.members().len() as u16).collect();
        assert_eq!(observer.ceremony().unwrap().holders(), holders);
    }
}

/// ATTACK. There is no share for members of other groups, so a complaint about one would always look true.
#[test]
fn key_complaint_about_a_deal_to_another_group_is_refused() {
    let world = referendum(8, &MINISTRY);
    let setup = Setup::first(&world.manifest);
    let (messages, c) = (messages(&world), registered(&world.secrets));
    let mut observer = dealt(&setup, &messages);
    for (complainer, dealer) in [(1, 2), (1, 4), (2, 1), (4, 1)] {
        let deal = &messages[usize::from(dealer) - 1].1;
        let secret = &c[usize::from(complainer) - 1];
        let complaint = complaint(&setup, complainer, secret, deal, None);
        let error = observer.take_complaint(complaint.clone(), &mut rng(0));
        assert_eq!(error, Err(KeyError::NoDeal { dealer }));
        let blame = Blame::Share { deal: deal.clone(), complaint };
        assert_eq!(blame.conviction(&setup, &mut rng(0)), Err(NoConviction::Complaint));
    }
    // Within a group it is heard, and false.
    let complaint = complaint(&setup, 2, &c[1], &messages[2].1, None);
    observer.take_complaint(complaint, &mut rng(0)).unwrap();
    observer.close_round().unwrap();
    let ceremony = observer.ceremony().unwrap();
    assert_eq!((ceremony.holders(), ceremony.dealers()), (vec![1, 3, 4], &[1, 3, 4][..]));
    // On a machine of its own, each receives the shares of its group.
    for number in [1, 3, 4] {
        receive(&observer, number, &world.secrets).unwrap();
    }
}

/// ATTACK. The dealer of a later group would cancel the keys of an earlier one, whose deals it has seen; but nobody knows the
/// secret behind such a commitment.
#[test]
fn key_deal_that_cancels_another_group_has_no_proof() {
    let world = referendum(9, &MINISTRY);
    let setup = Setup::first(&world.manifest);
    let (c, rng) = (registered(&world.secrets), &mut rng(10));
    let mut deals: Vec<_> = messages(&world).into_iter().map(|(_, deal)| Some(deal)).collect();
    let mut cheat = Dealer::new(&setup, 4, c[3], rng);
    let constant = Parts::of_group(&setup, dealt_to(&setup, 1)).F[0][0].clone();
    let first = attacks::dealer::element(deals[0].as_ref().unwrap(), &constant);
    cheat.F[0][0] = Element::new(image(&cheat.a[0][0]).point() - first.point()).unwrap();
    deals[3] = Some(cheat.bytes(rng));
    let mut observer = observed(&setup, &deals, &world);
    observer.close_round().unwrap();
    for (deal, number) in deals.iter().flatten().zip(1..) {
        let expected = (number == 4).then_some(Conviction {
            party: Party::Dealer(4),
            fault: PartyFault::InvalidDeal(ProofCheck::Equation("KEY.DEAL")),
        });
        assert_eq!(observer.take_deal(number, deal, rng), Ok(expected));
    }
}

/// Each round ends only when each group has done its part.
#[test]
fn key_groups_are_all_waited_for() {
    let world = referendum(11, &TWINS);
    let setup = Setup::first(&world.manifest);
    let messages = messages(&world);
    let mut observer = Observer::new(setup.clone());
    let rng = &mut rng(12);
    for (commit, _) in &messages[..4] {
        observer.take_commit(commit.clone(), rng).unwrap();
    }
    let error = observer.close_round().unwrap_err();
    assert_eq!(error, too_few("South", 1, 2, &[5, 6]));
    let said = "1 trustees of South are left, but 2 are needed; missing: [5, 6]";
    assert_eq!(error.to_string(), said);
    for (commit, _) in &messages[4..] {
        observer.take_commit(commit.clone(), rng).unwrap();
    }
    observer.close_round().unwrap();
    for place in [1, 3, 4, 5] {
        let (commit, deal) = &messages[place];
        observer.take_deal(commit.dealer(), deal, rng).unwrap();
    }
    assert_eq!(observer.close_round(), Err(too_few("North", 1, 2, &[1, 3])));
    observer.take_deal(3, &messages[2].1, rng).unwrap();
    observer.close_round().unwrap();

    // Two false complaints leave one dealer and holder of the south.
    let c = registered(&world.secrets);
    let mut few = observer.clone();
    for number in [4, 5] {
        let secret = &c[usize::from(number) - 1];
        let complaint = complaint(&setup, number, secret, &messages[5].1, None);
        few.take_complaint(complaint, rng).unwrap();
    }
    assert_eq!(few.close_round(), Err(too_few("South", 1, 2, &[4, 5])));
    observer.close_round().unwrap();

    let ceremony = observer.ceremony().unwrap().clone();
    assert_eq!(ceremony.holders(), [2, 3, 4, 5, 6]);
    // Of two holders both close; of three, three.
    assert_eq!((ceremony.close_quorums(), ceremony.hand_over_quorums()), (vec![2, 3], vec![2, 2]));
    let mut confirm = |observer: &mut Observer, number: u16| {
        let trustee = receive(observer, number, &world.secrets).unwrap();
        let signature = trustee.confirm(rng).unwrap();
        observer.take_confirmation(number, signature.signature(), rng).unwrap();
    };
    [4, 5, 6].into_iter().for_each(|number| confirm(&mut observer, number));
    assert_eq!(observer.close_round(), Err(too_few("North", 0, 2, &[2, 3])));
    [2, 3].into_iter().for_each(|number| confirm(&mut observer, number));
    observer.close_round().unwrap();
}

/// Of any two sets that close, and of one that closes and one that hands over, each group has its threshold in both.
#[test]
fn close_quorums_meet_in_each_group() {
    let bridge = || Contest::choose_one("bridge", ["yes", "no"]);
    for (a, b) in [((1, 1), (3, 2)), ((4, 2), (5, 3)), ((6, 1), (2, 2))] {
        let groups = [("A", a.0, a.1), ("B", b.0, b.1)];
        let world = World::of_groups(13, &groups, &[], |builder| builder.contest(bridge()));
        let ceremony = world.trustees[0].ceremony();
        let quorums = ceremony.close_quorums().into_iter().zip(ceremony.hand_over_quorums());
        for ((h, t), (close, hand_over)) in [a, b].into_iter().zip(quorums) {
            assert!(2 * usize::from(close) >= h + usize::from(t));
            assert_eq!(usize::from(close + hand_over), h + usize::from(t));
        }
    }
    // A number of its own for each.
    let keys: Vec<_> = people(5, &mut rng(14)).1.into_iter().map(|member| member.key).collect();
    let manifest = tabella::manifest::Manifest::builder("m")
        .operator(keys[0].clone())
        .group("A")
        .trustees(keys[1..3].to_vec(), 1)
        .close_quorum(1)
        .group("B")
        .trustees(keys[3..].to_vec(), 1)
        .contest(bridge())
        .build()
        .unwrap();
    let fixed: Vec<_> = manifest.groups().iter().map(|group| group.close_quorum).collect();
    assert_eq!(fixed, [Some(1), None]);
}

/// ATTACK. Two boards are closed only if in every group as many as can open are dishonest: here all of the north sign both, and
/// of the south one.
#[test]
fn two_closes_need_dishonest_trustees_of_every_group() {
    let mut world = referendum(15, &TWINS);
    let mut board = world.open();
    let mut fork = board.clone();
    vote(&mut world, &mut board, 0..12, "yes");
    vote(&mut world, &mut fork, 0..11, "no");
    // Copies remember nothing.
    let ceremony = world.trustees[0].ceremony().clone();
    let mut copies: Vec<Trustee> = world.trustees[..4]
        .iter()
        .map(|trustee| Trustee::from_exposed(&ceremony, &trustee.expose_bytes()).unwrap())
        .collect();
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    fork.freeze(operator, rng).unwrap();
    for trustee in copies.iter_mut() {
        let close = trustee.sign_close(fork.state(), &[], rng).unwrap();
        fork.post(&close, rng).unwrap();
    }
    for trustee in &mut trustees[4..] {
        let error = trustee.sign_close(fork.state(), &[], rng).unwrap_err();
        assert!(matches!(error, GuardError::OtherClose { .. }));
    }
    let error = fork.tally(operator, rng).unwrap_err();
    let group = String::from("South");
    assert_eq!(error, Refusal::Quorum { group, found: 1, expected: 3 }.into());
}

/// Members move between groups, and thresholds change; the keys, the groups and the ballots stay.
#[test]
fn key_reshare_goes_from_group_to_group() {
    let mut world = referendum(16, &MINISTRY);
    let mut board = world.open();
    vote(&mut world, &mut board, 0..7, "yes");
    let World { operator, secrets, trustees, rng, .. } = &mut world;
    let before = board.state().ceremony().unwrap().clone();
    // A university joins the ministry, and a newcomer the universities.
    let (newcomer, _) = people(1, rng);
    let order = [&secrets[..2], &secrets[2..], &newcomer].concat();
    let members = entries(&order);
    let new: [(&[Member], u16); 2] = [(&members[..2], 2), (&members[2..], 1)];
    assert_eq!(before.hand_over_quorums(), [1, 2]);

    // Only the universities deal.
    let mut fork = board.clone();
    fork.reshare(operator, &new, rng).unwrap();
    for trustee in &trustees[1..] {
        let setup = fork.state().observer().unwrap().setup().clone();
        let (_, commit) = trustee.expose_reshare(&setup, rng).unwrap();
        fork.post(&commit, rng).unwrap();
    }
    let error = fork.close_round(operator, rng).unwrap_err();
    assert_eq!(error, Refusal::Keys(too_few("Ministry", 0, 1, &[1])).into());

    let dealers = begin_groups(&mut board, operator, trustees, &new, rng);
    // Who has begun to hand over closes no more, and the ministry has nobody else.
    let mut early = fork.clone();
    let setup = early.state().observer().unwrap().setup().clone();
    let (_, commit) = trustees[0].expose_reshare(&setup, rng).unwrap();
    early.post(&commit, rng).unwrap();
    let error = early.freeze(operator, rng).unwrap_err();
    let group = String::from("Ministry");
    assert_eq!(error, Refusal::HandedOver { group, found: 0, expected: 1 }.into());
    assert!(error.to_string().starts_with("0 trustees of Ministry can still"), "{error}");

    let deals = show(&mut board, operator, dealers, rng);
    assert_eq!(deals[0].dealer(), 1);
    let mut heirs = take(&mut board, operator, &order, rng);
    let after = board.state().ceremony().unwrap().clone();
    assert_eq!(after.slot_keys(), before.slot_keys());
    assert_eq!(after.setup().groups().thresholds(), [2, 1]);
    assert_eq!(after.close_quorums(), [2, 2]);
    let names: Vec<&str> = after.setup().groups().iter().map(|g| g.name.as_str()).collect();
    assert_eq!(names, ["Ministry", "Universities"]);
    // The part of each group stays, so old shares of one open with new ones of the other.
    let key = |keys: &Ceremony, number| *keys.verification_keys(number).unwrap()[0].point();
    let of = |keys: &Ceremony, numbers: &[u16]| {
        interpolate(&numbers.iter().map(|j| (*j, key(keys, *j))).collect_vec())
    };
    let [ministry, universities] = [of(&before, &[1]), of(&before, &[2, 4])];
    assert_eq!([of(&after, &[1, 2]), of(&after, &[5])], [ministry, universities]);
    assert_eq!(ministry + universities, *after.slot_keys()[0].point());

    vote(&mut world, &mut board, 7..12, "no");
    let World { operator, manifest, trustees, rng, .. } = &mut world;
    let error = trustees[1].sign_close(board.state(), &[], rng).unwrap_err();
    assert_eq!(error, GuardError::OtherKeys);
    board.close(operator, &mut heirs, rng).unwrap();
    board.tally(operator, rng).unwrap();
    for place in [0, 1, 3] {
        let share = heirs[place].open(board.state(), rng).unwrap();
        board.post(&share, rng).unwrap();
    }
    let table = DlogTable::new(board.state().tally().unwrap().bound());
    let outcome = board.finish(operator, &table, rng).unwrap();
    assert_eq!((outcome.count("bridge", "yes"), outcome.count("bridge", "no")), (Ok(7), Ok(5)));
    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    let said = "epoch 1: any 2 of trustees [1, 2] of Ministry and any 1 of trustees [3, 4, 5] of Universities";
    assert!(report.to_string().contains(said), "{report}");
    attacks::write_record("groups-reshared", &board);
}

/// ATTACK. A dealer hands over to the new members of another group, or deals what it does not hold.
#[test]
fn key_reshare_stays_in_the_group() {
    let world = referendum(17, &TWINS);
    let ceremony = world.trustees[0].ceremony();
    let rng = &mut rng(18);
    let (secrets, members) = people(6, rng);
    let new: [(&[Member], u16); 2] = [(&members[..3], 2), (&members[3..], 2)];
    let setup = Setup::reshare(ceremony, 1, &ceremony.hand_over_quorums(), &new).unwrap();
    let mut dealers: Vec<Dealer> =
        world.trustees.iter().map(|trustee| Dealer::reshare(&setup, trustee, rng)).collect();
    // The first deals to the other group, of the same size.
    let other = &setup.groups()[1];
    dealers[0].shares =
        other.numbers().map(|j| dealers[0].encrypt(j, &dealers[0].plain(j))).collect();
    // The fourth deals the share of the fifth.
    let (_, fifth) = attacks::dealer::exposed(&world.trustees[4]);
    dealers[3].a[0][0] = fifth[0];
    dealers[3].F[0][0] = image(&fifth[0]);
    let bytes: Vec<Vec<u8>> = dealers.iter().map(|dealer| dealer.bytes(rng)).collect();
    let mut observer = Observer::new(setup.clone());
    for (dealer, bytes) in dealers.iter().zip(&bytes) {
        observer.take_commit(dealer.commit(bytes), rng).unwrap();
    }
    observer.close_round().unwrap();
    for (bytes, number) in bytes.iter().zip(1..) {
        let expected = (number == 4).then_some(Conviction {
            party: Party::Dealer(4),
            fault: PartyFault::InvalidDeal(ProofCheck::Equation("KEY.RESHARE")),
        });
        assert_eq!(observer.take_deal(number, bytes, rng), Ok(expected));
    }
    observer.close_round().unwrap();
    let c = registered(&secrets);
    observer.take_complaint(complaint(&setup, 2, &c[1], &bytes[0], None), rng).unwrap();
    let error = observer.take_complaint(complaint(&setup, 5, &c[4], &bytes[0], None), rng);
    assert_eq!(error, Err(KeyError::NoDeal { dealer: 1 }));
    observer.close_round().unwrap();
    let new = observer.ceremony().unwrap();
    assert_eq!((new.dealers(), new.slot_keys()), (&[2, 3, 5, 6][..], ceremony.slot_keys()));
    for number in 1..=6 {
        receive(&observer, number, &secrets).unwrap();
    }
}

/// A resharing names members and a threshold for each group of the manifest.
#[test]
fn key_reshare_names_every_group() {
    let mut world = referendum(19, &MINISTRY);
    let mut board = world.open();
    let World { operator, trustees, manifest, rng, .. } = &mut world;
    let members = people(5, rng).1;
    let size = board.state().size();
    let (one, four) = members.split_at(1);
    let all: (&[Member], u16) = (&members, 2);
    // One group left out, or one more.
    for groups in [&[all][..], &[], &[(one, 1), (four, 2), (one, 1)]] {
        let error = board.reshare(operator, groups, rng).unwrap_err();
        assert!(matches!(error, BoardError::Refused(Refusal::Malformed(_))), "{error}");
    }
    let refused: [[(&[Member], u16); 2]; 7] = [
        [all, (&[], 0)],
        [(&[], 1), all],
        [(one, 2), (four, 2)],
        [(one, 0), (four, 2)],
        [(one, 1), (four, 5)],
        // Somebody in both.
        [(one, 1), (&members, 2)],
        [(&members[..2], 1), (four, 2)],
    ];
    for groups in refused {
        let error = board.reshare(operator, &groups, rng).unwrap_err();
        assert_eq!(error, Refusal::Keys(KeyError::Members).into());
    }
    let many = people(256, rng).1;
    let error = board.reshare(operator, &[(&many[..1], 1), (&many[1..], 1)], rng).unwrap_err();
    assert!(error.to_string().contains("255"), "{error}");
    assert_eq!(board.state().size(), size);

    // A trustee deals only if all groups are those that it was told of.
    board.reshare(operator, &[(one, 1), (four, 2)], rng).unwrap();
    let setup = board.state().observer().unwrap().setup().clone();
    let others: [&[(&[Member], u16)]; 6] = [
        &[(one, 1)],
        &[(four, 2), (one, 1)],
        &[(one, 2), (four, 1)],
        &[(one, 1), (four, 3)],
        &[(&members[..2], 1), (&members[2..], 2)],
        &[(one, 1), (&four[1..], 2)],
    ];
    for groups in others {
        let error = trustees[0].hand_over(board.state(), groups, rng).unwrap_err();
        assert_eq!(error, GuardError::OtherMembers);
    }
    let (dealer, _) = trustees[0].hand_over(board.state(), &[(one, 1), (four, 2)], rng).unwrap();
    // At rest a deal has the size of its group.
    assert!(tabella::keys::Dealer::from_exposed(&setup, &dealer.expose_bytes()).is_some());

    // The entry says so, whoever reads it.
    let entry = board.entry(size).unwrap().to_vec();
    let line: Value = serde_json::from_str(&views::entry(size, &entry)).unwrap();
    assert_eq!(line["groups"][0], json!({"threshold": 1, "members": ["member 1"]}));
    assert_eq!(line["groups"][1]["members"].as_array().unwrap().len(), 4);
    let content = entry[1..entry.len() - 64].to_vec();
    for end in 0..content.len() {
        let cut = board.state().sign(operator, manifest, Kind::Reshare, &content[..end], rng);
        let error = board.post(&cut.unwrap(), rng).unwrap_err();
        assert!(matches!(error, Refusal::Malformed(_)), "{end}: {error}");
        views::entry(size, &entry[..end]);
    }
    let mut kept = 0;
    attacks::bit_flips(&content, |bit, flipped| {
        if bit % 7 > 0 {
            return;
        }
        let mut board = board.clone();
        let flipped = board.state().sign(operator, manifest, Kind::Reshare, flipped, rng).unwrap();
        // What is taken is another resharing, with the same groups.
        if board.post(&flipped, rng).is_ok() {
            let other = board.state().observer().unwrap().setup();
            assert_eq!(other.groups().len(), 2);
            assert_ne!((other.members(), other.groups()), (setup.members(), setup.groups()));
            kept += 1;
        }
        views::entry(size, &flipped);
    });
    assert!(kept > 0);
}

/// A number for each group must have rehearsed; others do not stand in.
#[test]
fn key_rehearsal_is_demanded_of_each_group() {
    let bridge = Contest::choose_one("bridge", ["yes", "no"]);
    let mut secrets = people(5, &mut rng(20)).0;
    let operator = secrets.pop().unwrap();
    let keys: Vec<_> = secrets.iter().map(|secret| secret.public().clone()).collect();
    let manifest = tabella::manifest::Manifest::builder("test")
        .operator(operator.public().clone())
        .group("Ministry")
        .trustees(keys[..1].to_vec(), 1)
        .rehearsals(1)
        .group("Universities")
        .trustees(keys[1..].to_vec(), 2)
        .rehearsals(2)
        .contest(bridge)
        .build()
        .unwrap();
    assert_eq!(manifest.rehearsals(), 3);
    let mut world = referendum(21, &MINISTRY);
    let rng = &mut world.rng.clone();
    (world.ceremony, world.trustees) =
        tabella::keys::in_one_process(&manifest, &secrets, rng).unwrap();
    let register =
        |voter: &tabella::roll::Credential| voter.registration(&manifest, 0, rng).unwrap();
    let roll: Vec<Registration> = world.voters.iter().map(register).collect();
    (world.operator, world.manifest) = (operator, manifest);
    let mut board = started(&mut world);
    let World { operator, trustees, rng, .. } = &mut world;
    board.ask(operator, rng).unwrap();
    let answer = |board: &mut Board, place: usize, rng: &mut _| {
        let rehearsal: Rehearsal = trustees[place].rehearse(board.state(), rng).unwrap();
        board.post(&rehearsal, rng).unwrap();
    };
    let refused = |board: &mut Board, group: &str, found, expected, rng: &mut _| {
        let error = board.post_roll(&roll, operator, rng).unwrap_err();
        let group = group.into();
        assert_eq!(error, Refusal::Rehearsals { group, found, expected }.into());
    };
    (1..4).for_each(|place| answer(&mut board, place, rng));
    refused(&mut board, "Ministry", 0, 1, rng);
    answer(&mut board, 0, rng);
    board.post_roll(&roll, operator, rng).unwrap();
}

/// A share that is signed and wrong names its trustee, and another of the group takes its place.
#[test]
fn decrypt_wrong_share_of_a_group_is_replaced_within_it() {
    let mut world = referendum(22, &TWINS);
    let (mut board, _) = tallied(&mut world);
    let World { operator, trustees, rng, .. } = &mut world;
    let wrong = attacks::dealer::wrong_share(&board, &trustees[4], 1, rng);
    board.post(&wrong, rng).unwrap();
    assert_eq!(board.state().faulty_shares().keys().collect_vec(), [&5]);
    for place in [0, 1, 2, 3] {
        let share = trustees[place].open(board.state(), rng).unwrap();
        board.post(&share, rng).unwrap();
    }
    let table = DlogTable::new(12);
    let error = board.finish(operator, &table, rng).unwrap_err();
    let group = String::from("South");
    let threshold = 2;
    assert_eq!(error, OutcomeError::TooFewShares { group, found: 1, threshold }.into());
    let share = trustees[5].open(board.state(), rng).unwrap();
    board.post(&share, rng).unwrap();
    let outcome = board.finish(operator, &table, rng).unwrap();
    assert_eq!(outcome.count("bridge", "yes"), Ok(7));
}

/// Deals of one group look like those of a ceremony without groups, whatever the other group is.
#[test]
fn key_deal_is_as_large_as_its_group() {
    let groups = [("A", 2, 1), ("B", 5, 3)];
    let world = referendum(23, &groups);
    let setup = Setup::first(&world.manifest);
    for deal in &world.ceremony.deals {
        let own = if deal.dealer() <= 2 { groups[0] } else { groups[1] };
        let alone = referendum(24, &[own]);
        let size = tabella::keys::Deal::size(&Setup::first(&alone.manifest), 1);
        assert_eq!(deal.to_bytes().len(), size);
        assert_eq!(tabella::keys::Deal::size(&setup, deal.dealer()), size);
    }
    // Who is nobody has no group, and its deal no size that could be read.
    for nobody in [0u16, 8, u16::MAX] {
        let mut bytes = world.ceremony.deals[0].to_bytes();
        bytes[..2].copy_from_slice(&nobody.to_be_bytes());
        let mut reader = Reader::new(&bytes);
        assert!(tabella::keys::Deal::decode(&mut reader, &setup).is_err());
    }
    let sum: RistrettoPoint = world
        .ceremony
        .deals
        .iter()
        .map(|deal| {
            let parts = Parts::of_group(&setup, dealt_to(&setup, deal.dealer()));
            *attacks::dealer::element(&deal.to_bytes(), &parts.F[0][0]).point()
        })
        .sum();
    assert_eq!(sum, *world.trustees[0].ceremony().slot_keys()[0].point());
    assert_ne!(sum, RistrettoPoint::mul_base(&Scalar::ONE));
}
