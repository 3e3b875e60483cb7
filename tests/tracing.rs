//! Events: what operators see of a board and of an audit, and what nobody sees.

use attacks::{World, rng};
use std::{
    cell::RefCell,
    fmt::{Debug, Write},
    ops::ControlFlow,
    sync::Once,
};
use tabella::{
    Board, Choices, Contest, Expect, Header, audit,
    board::{Memory, Object, Snapshot, replay},
    codec::Encode,
    keys::AtRest,
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

thread_local! {
    /// A line for each event of this thread, while somebody listens.
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Listens to all threads of the program: what one test's thread is not interested in is forgotten for all.
struct Collector;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        if LINES.with_borrow(Option::is_none) {
            return;
        }
        assert_eq!(event.metadata().target(), "tabella");
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        LINES
            .with_borrow_mut(|lines| lines.iter_mut().for_each(|lines| lines.push(line.0.clone())));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The events of this work.
fn events(work: impl FnOnce()) -> Vec<String> {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| tracing::subscriber::set_global_default(Collector).unwrap());
    LINES.set(Some(Vec::new()));
    work();
    LINES.take().unwrap()
}

#[track_caller]
fn has(events: &[String], parts: &[&str]) {
    let found = events.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(found, "{parts:?} is not in\n{}", events.join("\n"));
}

#[test]
fn events_tell_what_happens_and_no_secret() {
    let fruit = Contest::choose_one("fruit", ["apricot", "banana"]).blank();
    let mut world =
        World::new(253, (1, 1), &[0; 3], |builder| builder.contest(fruit).minimum_cell(1));
    let mut board = Board::new();
    let mut all = events(|| board = world.open());
    for phase in ["Committing", "Dealing", "Complaining", "Confirming", "Enrolling", "Voting"] {
        has(&all, &["INFO", "message=phase", &format!(" phase={phase}")]);
    }
    has(&all, &["DEBUG", "message=accepted", "entry=0", "kind=manifest"]);

    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("fruit", "banana");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    let sealed =
        election.encrypt(&world.voters[1], &Header::remote(0), &choices, &mut world.rng).unwrap();
    let (request, spoiled) = sealed.spoil(&election, &world.voters[1], &mut world.rng).unwrap();
    let mut opening = Vec::new();
    let voting = events(|| {
        board.post(&ballot, &mut world.rng).unwrap();
        board.post(&ballot, &mut world.rng).unwrap_err();
        let entry = board.post(&request, &mut world.rng).unwrap().entry;
        let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
        opening = spoiled.open(&receipt, &mut world.rng).unwrap().to_object();
        // One bit of its nonce is wrong.
        let mut wrong = opening.clone();
        *wrong.last_mut().unwrap() ^= 1;
        board.post(&wrong, &mut world.rng).unwrap_err();
        board.post(&opening, &mut world.rng).unwrap();
        world.finish(&mut board, &[0]);
    });
    has(&voting, &["DEBUG", "message=accepted", "kind=ballot"]);
    has(&voting, &["INFO", "message=refused", "this very ballot was accepted before"]);
    has(&voting, &["INFO", "message=refused", "reason="]);
    for phase in ["Frozen", "Closed", "Opening", "Finished"] {
        has(&voting, &["message=phase", &format!(" phase={phase}")]);
    }
    all.extend(voting);

    let (bytes, snapshot) = (board.bytes().to_vec(), Snapshot::of(board.state()).unwrap());
    let mut storage = Memory::default();
    let audited = events(|| {
        let expect = Expect::manifest(world.manifest.hash());
        let report = audit::run(&bytes, &expect, &mut rng(1)).unwrap();
        assert!(report.is_accepted());
        let cut = &bytes[..bytes.len() - 1];
        assert!(!audit::run(cut, &Expect::default(), &mut rng(1)).unwrap().is_accepted());
        storage = replay(&bytes, &mut rng(2)).unwrap().storage().clone();
    });
    has(&audited, &["DEBUG", "message=judging", "objects="]);
    has(&audited, &["INFO", "message=the record was read", "entries="]);
    has(&audited, &["INFO", "message=audited", "verdict=verified", "known=election"]);
    has(&audited, &["WARN", "message=finding", "check=record.form"]);
    has(&audited, &["message=audited", "verdict=refused", "known=nothing"]);
    has(&audited, &["INFO", "message=loaded", "known=0"]);
    all.extend(audited);

    let size = board.state().size();
    let loaded = events(|| {
        let go_on = &mut |_| ControlFlow::Continue(());
        Board::load_from(storage, Some(&snapshot), go_on, &mut rng(3)).unwrap();
    });
    has(&loaded, &["message=loaded", &format!("known={size}")]);
    has(&loaded, &["message=phase", " phase=Voting", "before=Enrolling"]);
    all.extend(loaded);

    // Nothing of what voters chose, and no secret of anybody.
    let mut never = vec!["apricot".to_owned(), "banana".into(), "blank".into()];
    for secret in world.secrets.iter().chain([&world.operator]) {
        never.push(hex::encode(&secret.expose_bytes()[..32]));
    }
    never.extend(world.voters.iter().map(|voter| voter.expose_text().to_string()));
    never.extend(world.trustees.iter().map(|trustee| hex::encode(&trustee.expose_bytes()[34..66])));
    never.push(hex::encode(&opening[opening.len() - 32..]));
    never.push(hex::encode(&ballot.to_bytes()[..64]));
    for secret in never {
        let line = all.iter().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{secret} in {line:?}");
    }
}
