//! Votes by proxy: who may cast for whom, what counts, and what a proxy cannot find out.

use attacks::{World, bit_flips, forge, read};
use tabella::{
    audit::{self, Expect},
    ballot::{CastBallot, Choices, Header},
    board::{self, Board, Fate, Kind, Phase, Refusal},
    codec::{DecodeErrorKind, Encode},
    contest::Contest,
    count::{Counting, Method, TieBreak},
    crypto::{ProveError, dlog::DlogTable},
    log::Bytes,
    manifest::Builder,
    roll::{Credential, Delegation, DelegationError, Mandate, VoterKey},
    tally::{LookupError, Opening},
};

const VOTERS: usize = 6;

fn bridge(builder: Builder) -> Builder {
    builder.minimum_cell(1).proxies(2).contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
}

fn voting(seed: u8, complete: fn(Builder) -> Builder) -> (World, Board) {
    let mut world = World::new(seed, (3, 2), &[0; VOTERS], complete);
    let board = world.open();
    (world, board)
}

fn new_key(world: &mut World) -> Credential {
    Credential::random(&mut world.rng).unwrap()
}

/// A ballot under any key.
fn ballot(
    world: &mut World,
    board: &Board,
    of: &Credential,
    sequence: u32,
    option: &str,
) -> CastBallot {
    let header = Header { sequence, ..Header::remote(0) };
    let choices = Choices::new().pick("bridge", option);
    board.election().unwrap().encrypt(of, &header, &choices, &mut world.rng).unwrap().cast()
}

/// Lets this voter's ballots be cast by that one, and returns the new key.
fn delegate(world: &mut World, board: &mut Board, voter: usize, proxy: usize) -> Credential {
    let key = new_key(world);
    let delegation = world.delegation(voter, &key, proxy);
    board.post(&delegation, &mut world.rng).unwrap();
    key
}

/// Posts an object that is refused with this error, and checks that it leaves no trace.
#[track_caller]
fn refuse(board: &mut Board, object: &(impl board::Object + ?Sized), expected: Refusal) {
    let view = |board: &Board| {
        let state = board.state();
        let proxied: Vec<_> = state.roll().unwrap().proxied().copied().collect();
        (state.head(), proxied, state.partial_tally().cloned(), state.counted())
    };
    let before = view(board);
    assert_eq!(board.post(object, &mut attacks::rng(9)), Err(expected));
    assert_eq!(view(board), before);
}

fn totals(world: &mut World, board: &Board) -> [u64; 2] {
    let mut board = board.clone();
    let (_, outcome) = world.finish(&mut board, &[0, 1]);
    let report =
        audit::run(board.bytes(), &Expect::manifest(world.manifest.hash()), &mut world.rng);
    let report = report.unwrap();
    assert!(report.is_accepted(), "{report}");
    ["yes", "no"].map(|option| outcome.count("bridge", option).unwrap())
}

#[test]
fn a_proxys_ballot_counts_as_the_voters() {
    let (mut world, mut board) = voting(1, |builder| bridge(builder).ballots_per_voter(2));
    let key = delegate(&mut world, &mut board, 0, 1);
    let roll = board.state().roll().unwrap();
    assert_eq!(roll.proxied().len(), 1);
    let proxied = *roll.proxied().next().unwrap();
    let keys = [&world.voters[0], &key, &world.voters[1]].map(Credential::key);
    assert_eq!([proxied.voter, proxied.key, proxied.proxy], keys);
    // Behind all lines, with the voter's style and weight.
    let voter = roll.voter(key.public()).unwrap();
    assert_eq!((voter.line, voter.style, voter.weight), (VOTERS as u32, 0, 1));

    let first = ballot(&mut world, &board, &key, 0, "yes");
    let entry = board.post(&first, &mut world.rng).unwrap().entry;
    let other_style = Header { style: 1, ..Header::remote(0) };
    assert!(
        board
            .election()
            .unwrap()
            .encrypt(&key, &other_style, &Choices::new(), &mut world.rng)
            .is_err()
    );
    assert_eq!(board.state().next_sequence(key.public()), Some(1));
    assert_eq!(board.state().next_sequence(world.voters[0].public()), Some(0));
    refuse(&mut board, &first, Refusal::AlreadyOnBoard { entry });
    let again = ballot(&mut world, &board, &key, 0, "no");
    refuse(&mut board, &again, Refusal::WrongSequence { found: 0, expected: 1 });
    let second = ballot(&mut world, &board, &key, 1, "no");
    assert_eq!(board.post(&second, &mut world.rng).unwrap().replaces, Some(entry));
    let third = ballot(&mut world, &board, &key, 2, "no");
    refuse(&mut board, &third, Refusal::TooManyBallots { cap: 2 });
    let proxy = world.voters[1].clone();
    let own = ballot(&mut world, &board, &proxy, 0, "yes");
    board.post(&own, &mut world.rng).unwrap();
    assert_eq!((board.state().counted(), totals(&mut world, &board)), (2, [1, 1]));
}

#[test]
fn a_voters_own_ballot_beats_all_of_the_proxy() {
    for own_first in [false, true] {
        let (mut world, mut board) = voting(2, bridge);
        let key = delegate(&mut world, &mut board, 0, 1);
        let voter = world.voters[0].clone();
        let by_proxy = ballot(&mut world, &board, &key, 0, "yes");
        let own = ballot(&mut world, &board, &voter, 0, "no");
        let entry = if own_first {
            let entry = board.post(&own, &mut world.rng).unwrap().entry;
            refuse(&mut board, &by_proxy, Refusal::Overruled { entry });
            entry
        } else {
            let first = board.post(&by_proxy, &mut world.rng).unwrap().entry;
            assert_eq!(board.state().counted(), 1);
            let accepted = board.post(&own, &mut world.rng).unwrap();
            assert_eq!(accepted.replaces, Some(first));
            // Whoever looks the proxy's ballot up learns that it does not count.
            let found = board.find(&by_proxy.tracker(), Some(&key.key())).unwrap().unwrap();
            assert_eq!((found.posted.fate, found.replaced_by), (Fate::Cast, Some(accepted.entry)));
            let mut log = Bytes::new(board.bytes());
            assert_eq!(board::find(&mut log, &by_proxy.tracker(), None), Ok(Some(found)));
            // Even the very same ballot.
            refuse(&mut board, &by_proxy, Refusal::Overruled { entry: accepted.entry });
            accepted.entry
        };
        assert_eq!(board.state().counted(), 1);
        let later = ballot(&mut world, &board, &key, u32::from(!own_first), "yes");
        refuse(&mut board, &later, Refusal::Overruled { entry });
        // The voter can vote again, and that replaces her own one.
        let again = ballot(&mut world, &board, &voter, 1, "no");
        assert_eq!(board.post(&again, &mut world.rng).unwrap().replaces, Some(entry));
        let entry = board.state().size() - 1;
        refuse(&mut board, &later, Refusal::Overruled { entry });
        assert_eq!((board.state().counted(), totals(&mut world, &board)), (1, [0, 1]));
        // All in one batch give the same.
        let mut batch = Board::new();
        let objects: Vec<Vec<u8>> =
            (0..board.state().size()).map(|i| board.entry(i).unwrap().to_vec()).collect();
        assert!(batch.post_all(&objects, &mut world.rng).iter().all(Result::is_ok));
        assert_eq!(batch.state().partial_tally(), board.state().partial_tally());
    }
}

#[test]
fn delegations_are_refused_by_name() {
    let (mut world, mut board) = voting(3, bridge);
    let rng = &mut attacks::rng(7);
    let wrong = |error| Refusal::Delegation(error);
    let stranger = new_key(&mut world);
    world.voters.push(stranger);
    let key = new_key(&mut world);
    for (voter, proxy, error) in [
        (VOTERS, 0, DelegationError::UnknownVoter),
        (0, VOTERS, DelegationError::UnknownProxy),
        (0, 0, DelegationError::Oneself),
    ] {
        refuse(&mut board, &world.delegation(voter, &key, proxy), wrong(error));
    }
    // A key that is somebody's.
    for taken in [0, 1, 2] {
        let taken = world.voters[taken].clone();
        refuse(&mut board, &world.delegation(0, &taken, 1), wrong(DelegationError::KeyInUse));
    }
    let delegation = world.delegation(0, &key, 1);
    let entry = board.post(&delegation, rng).unwrap().entry;
    let other = new_key(&mut world);
    // Nobody can be shown two proxies, or the same twice.
    refuse(&mut board, &delegation, wrong(DelegationError::KeyInUse));
    refuse(&mut board, &world.delegation(0, &other, 2), wrong(DelegationError::Twice { entry }));
    refuse(&mut board, &world.delegation(2, &key, 3), wrong(DelegationError::KeyInUse));
    // No chains: neither from a proxy, nor from a key of one, nor to a voter who has a proxy.
    refuse(&mut board, &world.delegation(1, &other, 2), wrong(DelegationError::Chain));
    refuse(&mut board, &world.delegation(2, &other, 0), wrong(DelegationError::Chain));
    world.voters.push(key.clone());
    let last = world.voters.len() - 1;
    refuse(&mut board, &world.delegation(last, &other, 2), wrong(DelegationError::UnknownVoter));
    refuse(&mut board, &world.delegation(2, &other, last), wrong(DelegationError::UnknownProxy));
    // Two are the most.
    delegate(&mut world, &mut board, 2, 1);
    let most = DelegationError::TooMany { most: 2 };
    refuse(&mut board, &world.delegation(3, &other, 1), wrong(most));
    // Who has cast needs no proxy.
    let voter = world.voters[3].clone();
    let own = ballot(&mut world, &board, &voter, 0, "yes");
    let entry = board.post(&own, rng).unwrap().entry;
    refuse(&mut board, &world.delegation(3, &other, 4), wrong(DelegationError::HasCast { entry }));
    // Never while voting is frozen, and after it.
    let good = world.delegation(4, &other, 5);
    board.freeze(&world.operator, rng).unwrap();
    refuse(&mut board, &good, Refusal::Frozen);
    board.lift(&world.operator, rng).unwrap();
    let World { operator, trustees, .. } = &mut world;
    let mut closed = board.clone();
    closed.close(operator, trustees, rng).unwrap();
    refuse(&mut closed, &good, Refusal::Closed);
    board.post(&good, rng).unwrap();

    // Where the manifest says nothing, nobody casts for another.
    let (mut none, mut board) =
        voting(4, |builder| builder.contest(Contest::choose_one("bridge", ["a"])));
    let key = new_key(&mut none);
    refuse(&mut board, &none.delegation(0, &key, 1), wrong(DelegationError::NotAllowed));
    let by_nobody = board.election().unwrap().encrypt(
        &key,
        &Header::remote(0),
        &Choices::new().pick("bridge", "a"),
        rng,
    );
    refuse(&mut board, &by_nobody.unwrap().cast(), Refusal::UnknownVoter);
}

#[test]
fn a_delegation_comes_after_the_roll() {
    let mut world = World::new(5, (1, 1), &[0; 2], bridge);
    let open = world.open();
    let key = new_key(&mut world);
    let delegation = world.delegation(0, &key, 1);
    let mut board = Board::new();
    for entry in 0..open.state().size() {
        let phase = board.state().phase();
        let refusal = board.post(&delegation, &mut world.rng).unwrap_err();
        assert_eq!(refusal, Refusal::OutOfPhase { kind: Kind::Delegation, phase });
        board.post(open.entry(entry).unwrap(), &mut world.rng).unwrap();
    }
    assert_eq!(board.state().phase(), Phase::Voting);
    board.post(&delegation, &mut world.rng).unwrap();
}

#[test]
fn roll_delegate_needs_all_three_signatures() {
    let (mut world, mut board) = voting(6, bridge);
    let key = new_key(&mut world);
    let delegation = world.delegation(0, &key, 1);
    let bytes = delegation.to_bytes();
    assert_eq!((bytes.len(), read::<Delegation>(&bytes)), (288, delegation.clone()));
    delegation.verify(&world.manifest, &mut world.rng).unwrap();
    let signature = Refusal::Signature { kind: Kind::Delegation };

    // The same three people with another key, another voter, or in other roles.
    let other_key = new_key(&mut world);
    let others = [
        world.delegation(0, &other_key, 1),
        world.delegation(2, &key, 1),
        world.delegation(0, &key, 2),
        world.delegation(1, &key, 0),
    ];
    for other in &others {
        for place in 0..3 {
            let consent = |of: &[u8]| of[96 + 64 * place..160 + 64 * place].to_vec();
            let mut mixed = bytes.clone();
            mixed[96 + 64 * place..160 + 64 * place].copy_from_slice(&consent(&other.to_bytes()));
            refuse(&mut board, &forge::object(Kind::Delegation, &mixed), signature.clone());
        }
        let swapped = [&other.to_bytes()[..96], &bytes[96..]].concat();
        refuse(&mut board, &forge::object(Kind::Delegation, &swapped), signature.clone());
    }
    // For another election.
    let (mut twin, _) = voting(7, bridge);
    twin.voters = world.voters.clone();
    refuse(&mut board, &twin.delegation(0, &key, 1), signature.clone());
    let stranger = new_key(&mut world);
    let mandate = *delegation.mandate();
    let error = mandate.sign(&world.manifest, &stranger, &mut world.rng).unwrap_err();
    assert_eq!(error, ProveError::WrongSecret);
    let [voter, proxy] = [0, 1].map(|place| world.voters[place].clone());
    let consents = [&voter, &key, &proxy]
        .map(|c| mandate.sign(&world.manifest, c, &mut attacks::rng(1)).unwrap());
    let [a, b, c] = consents;
    let swapped = Delegation::new(mandate, b, a, c);
    refuse(&mut board, &swapped, signature.clone());

    for end in 0..bytes.len() {
        let refusal = board.post(&forge::object(Kind::Delegation, &bytes[..end]), &mut world.rng);
        assert!(matches!(refusal, Err(Refusal::Malformed(_))), "{end}");
    }
    let long = forge::object(Kind::Delegation, &[&bytes[..], &[0]].concat());
    let refusal = board.post(&long, &mut world.rng);
    let trailing = DecodeErrorKind::Trailing { extra: 1 };
    assert!(matches!(refusal, Err(Refusal::Malformed(e)) if e.kind == trailing));
    board.post(&delegation, &mut world.rng).unwrap();
}

#[test]
fn roll_delegate_every_bit_flip_is_refused() {
    let (mut world, mut board) = voting(8, bridge);
    let key = new_key(&mut world);
    let delegation = world.delegation(0, &key, 1);
    let mut signed = 0;
    bit_flips(&delegation.to_bytes(), |bit, flipped| {
        match board
            .post(&forge::object(Kind::Delegation, flipped), &mut attacks::rng(2))
            .unwrap_err()
        {
            Refusal::Malformed(_) | Refusal::Delegation(_) => {}
            Refusal::Signature { .. } => signed += 1,
            other => panic!("{bit}: {other}"),
        }
    });
    assert!(signed > 700, "{signed}");
    board.post(&delegation, &mut world.rng).unwrap();
}

/// A proxy who casts nine of ten ballots would otherwise read the tenth.
#[test]
fn all_ballots_of_a_proxy_count_once_for_the_minimum() {
    let complete = |builder: Builder| {
        let [one, two, three] =
            ["one", "two", "three"].map(|id| Contest::choose_one(id, ["yes", "no"]));
        let whole =
            Contest::choose_one("all", ["yes", "no"]).cell(tabella::contest::Cell::Election);
        let builder = builder.minimum_cell(3).proxies(2).contest(one).contest(two).contest(three);
        let builder =
            builder.contest(whole).district("n", "N").district("s", "S").district("w", "W");
        builder.style("n", "n", ["one", "two", "all"]).style("s", "s", ["one", "two", "all"]).style(
            "w",
            "w",
            ["one", "three", "all"],
        )
    };
    // Voter 0 casts for 1 in the same district, and for 4 in another.
    let styles = [0, 0, 0, 1, 1, 1, 1, 2, 2, 2];
    let cast = |delegations: &[(usize, usize)], own: &[usize]| {
        let mut world = World::new(9, (1, 1), &styles, complete);
        let mut board = world.open();
        let election = board.election().unwrap().clone();
        let mut keys: Vec<(Credential, u16)> = Vec::new();
        for (voter, proxy) in delegations {
            keys.push((delegate(&mut world, &mut board, *voter, *proxy), styles[*voter]));
        }
        keys.extend(own.iter().map(|voter| (world.voters[*voter].clone(), styles[*voter])));
        for (key, style) in &keys {
            let contests = world.manifest.styles()[usize::from(*style)].contests.clone();
            let ids = contests.iter().map(|place| world.manifest.contests()[*place].id.clone());
            let choices = ids.fold(Choices::new(), |choices, id| choices.pick(&id, "yes"));
            let sealed = election.encrypt(key, &Header::remote(*style), &choices, &mut world.rng);
            board.post(&sealed.unwrap().cast(), &mut world.rng).unwrap();
        }
        let World { operator, trustees, rng, .. } = &mut world;
        board.close(operator, trustees, rng).unwrap();
        let tally = board.tally(operator, rng).unwrap();
        if !tally.opened().is_empty() {
            board.post(&trustees[0].open(board.state(), rng).unwrap(), rng).unwrap();
        }
        let outcome = board.finish(operator, &DlogTable::new(tally.bound()), rng).unwrap();
        let expect = Expect::manifest(world.manifest.hash());
        let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
        assert!(report.is_accepted(), "{report}");
        let name = format!("proxies-{}-{}", delegations.len(), own.len());
        attacks::write_record(&name, &board);
        let cells =
            tally.cells().iter().map(|c| (c.contest, c.districts.clone(), c.ballots, c.opening));
        (cells.collect::<Vec<_>>(), outcome)
    };
    let shares = Opening::Shares;
    // Without proxies three voters of each district are enough.
    let (cells, _) = cast(&[], &[0, 1, 2, 3, 4, 5, 7, 8, 9]);
    let by_district = |contest: usize, districts: &[usize]| {
        districts.iter().map(|d| (contest, vec![*d], 3, shares)).collect::<Vec<_>>()
    };
    let expected = [by_district(0, &[0, 1, 2]), by_district(1, &[0, 1]), by_district(2, &[2])];
    assert_eq!(cells[..6], expected.concat());
    // Two people cast the three ballots of the first district.
    let (cells, outcome) = cast(&[(1, 0)], &[0, 2, 3, 4, 5, 7, 8, 9]);
    assert_eq!(cells[..2], [(0, vec![0, 1], 6, shares), (0, vec![2], 3, shares)]);
    assert_eq!(
        cells[2..],
        [(1, vec![0, 1], 6, shares), (2, vec![2], 3, shares), (3, vec![0, 1, 2], 9, shares)]
    );
    assert_eq!(outcome.count("all", "yes"), Ok(9));
    // Voter 0 also casts in the second, so five ballots of both are by three people; and two people are left in the last.
    let (cells, _) = cast(&[(1, 0), (4, 0)], &[0, 2, 3, 7, 8]);
    assert_eq!(cells[0], (0, vec![0, 1, 2], 7, shares));
    assert_eq!(cells[1..3], [(1, vec![0, 1], 5, shares), (2, vec![2], 2, Opening::TooFew)]);
    // Three ballots of two people are not opened, in no contest.
    let (cells, outcome) = cast(&[(1, 0), (4, 0)], &[3]);
    assert!(cells.iter().filter(|c| c.2 > 0).all(|c| c.3 == Opening::TooFew), "{cells:?}");
    let not_opened = LookupError::NotOpened { contest: "all".into(), ballots: 3, least: 3 };
    assert_eq!(outcome.count("all", "yes"), Err(not_opened));
    // A proxy who does not vote herself is one person, too.
    let (cells, _) = cast(&[(1, 3), (2, 3)], &[0, 4, 5]);
    assert_eq!(cells[0], (0, vec![0, 1], 5, shares));
}

#[test]
fn rankings_of_a_proxy_are_mixed_once() {
    let counting = Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
    let council = Contest::rank("council", ["x", "y"], counting);
    let mut world =
        World::new(10, (1, 1), &[0; 4], |b| b.minimum_cell(1).proxies(2).contest(council));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let [first, second] = [0, 1].map(|voter| delegate(&mut world, &mut board, voter, 2));
    let own = world.voters.clone();
    for (key, option) in
        [(&first, "x"), (&second, "x"), (&own[0], "y"), (&own[2], "y"), (&own[3], "x")]
    {
        let choices = Choices::new().rank("council", [option]);
        let sealed = election.encrypt(key, &Header::remote(0), &choices, &mut world.rng).unwrap();
        board.post(&sealed.cast(), &mut world.rng).unwrap();
    }
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    board.mix(trustees, rng).unwrap();
    board.post(&trustees[0].open(board.state(), rng).unwrap(), rng).unwrap();
    let outcome = board.finish(operator, &DlogTable::new(tally.bound()), rng).unwrap();
    assert_eq!((outcome.turnout().ballots(), outcome.account("council").unwrap().counted), (4, 4));
    assert!(audit::run(board.bytes(), &Expect::default(), rng).unwrap().is_accepted());
    attacks::write_record("proxies-mixed", &board);
}

#[test]
fn who_casts_for_whom_is_shown() {
    let (mut world, mut board) = voting(11, bridge);
    let [first, second] = [0, 2].map(|voter| delegate(&mut world, &mut board, voter, 1));
    let proxied = |of: VoterKey| board::proxied(&mut Bytes::new(board.bytes()), &of).unwrap();
    assert_eq!(proxied(world.voters[1].key()).len(), 2);
    let all: Vec<_> = board.state().roll().unwrap().proxied().copied().collect();
    assert_eq!(proxied(world.voters[0].key()), all[..1]);
    assert_eq!(proxied(second.key()), all[1..]);
    assert_eq!(proxied(world.voters[3].key()), []);
    let expect = Expect { partial: true, ..Expect::default() };
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert_eq!(report.proxied, all);
    assert!(report.to_string().contains(&format!("proxy     {}\n", all[0])));
    assert!(report.to_html().contains(&first.key().to_string()));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["proxied"][1]["key"], second.key().to_string());
    let line = tabella::views::entry(all[0].entry, board.entry(all[0].entry).unwrap());
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&line["kind"], &line["proxy"]),
        (&"delegation".into(), &all[0].proxy.to_string().into())
    );
}

/// A spoiled ballot of a proxy is opened like any other.
#[test]
fn a_proxy_can_have_a_ballot_opened() {
    let (mut world, mut board) = voting(12, bridge);
    let key = delegate(&mut world, &mut board, 0, 1);
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "no");
    let sealed = election.encrypt(&key, &Header::remote(0), &choices, &mut world.rng).unwrap();
    let (request, spoiled) = sealed.spoil(&election, &key, &mut world.rng).unwrap();
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
    board.post(&opening, &mut world.rng).unwrap();
    assert_eq!((board.state().opened_spoils(), board.state().counted()), (1, 0));
}

#[test]
fn a_mandate_names_three_keys() {
    let (mut world, _) = voting(13, bridge);
    let key = new_key(&mut world);
    let delegation = world.delegation(0, &key, 1);
    let [voter, proxy] = [0, 1].map(|place| *world.voters[place].public());
    assert_eq!(*delegation.mandate(), Mandate { voter, key: *key.public(), proxy });
}
