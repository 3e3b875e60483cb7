//! What is used wrongly is refused, and told what may be wrong.

use attacks::{World, handover::started, rng};
use std::collections::BTreeSet;
use tabella::{
    Board, Choices, Expect, Header, audit,
    board::{BoardError, Object, Refusal},
    crypto::{
        ProofCheck,
        transcript::{Transcript, label},
    },
};

/// Posts an object of one election to the board of another.
#[track_caller]
fn foreign(board: &mut Board, object: &(impl Object + ?Sized)) -> Refusal {
    let size = board.state().size();
    let refusal = board.post(&object.to_object()[..], &mut rng(0)).unwrap_err();
    assert_eq!(board.state().size(), size);
    assert!(refusal.to_string().contains("another election"), "{refusal}");
    refusal
}

#[test]
fn objects_of_another_election_are_refused_clearly() {
    let [mut here, mut there] = [248, 249].map(World::referendum);
    // The same people vote there, too.
    there.voters.clone_from(&here.voters);
    let register = |voter: &tabella::Credential| {
        voter.registration(&there.manifest, 0, &mut there.rng).unwrap()
    };
    there.roll = here.voters.iter().map(register).collect();
    let (mut board, mut other) = (Board::new(), there.open());
    let begins = Board::post_manifest(&mut board, &here.manifest, &here.operator, &mut here.rng);
    begins.unwrap();
    // Messages of the ceremony.
    let commit = here.ceremony.commits[0].clone();
    assert!(matches!(foreign(&mut board, &there.ceremony.commits[0]), Refusal::Keys(_)));
    board.post(&commit, &mut here.rng).unwrap();
    let mut board = here.open();
    let election = other.election().unwrap().clone();
    // A ballot, a request to spoil one, and what the operator and a trustee sign.
    let choices = Choices::new().pick("bridge", "yes");
    let ballot = there.ballot(&election, 0, &Header::remote(0), &choices);
    assert!(matches!(foreign(&mut board, &ballot), Refusal::Proof(_)));
    let sealed =
        election.encrypt(&there.voters[1], &Header::remote(0), &choices, &mut there.rng).unwrap();
    let (request, _) = sealed.spoil(&election, &there.voters[1], &mut there.rng).unwrap();
    assert!(matches!(foreign(&mut board, &request), Refusal::Signature { .. }));
    let freeze = other.state().sign(
        &there.operator,
        &there.manifest,
        tabella::board::Kind::Freeze,
        &[],
        &mut there.rng,
    );
    assert!(matches!(foreign(&mut board, &freeze.unwrap()), Refusal::Signature { .. }));
    // Strangers who vote there.
    let mut strangers = World::referendum(250);
    let elsewhere = strangers.open().election().unwrap().clone();
    let ballot = strangers.ballot(&elsewhere, 0, &Header::remote(0), &choices);
    assert_eq!(foreign(&mut board, &ballot), Refusal::UnknownVoter);
    let World { operator, trustees, rng, .. } = &mut there;
    other.freeze(operator, rng).unwrap();
    let close = trustees[0].sign_close(other.state(), &[], rng).unwrap();
    board.freeze(&here.operator, rng).unwrap();
    assert!(matches!(foreign(&mut board, &close), Refusal::Signature { .. }));
    // The other operator's secret on this board.
    let error = board.lift(operator, rng).unwrap_err();
    let text = error.to_string();
    let BoardError::OtherOperator(error) = error else { panic!("{text}") };
    assert_eq!(*error.found, *operator.public());
    assert!(text.contains(&here.operator.public().to_string()), "{text}");
}

/// Names of a caller's own proofs, also those that the library has for its own.
#[test]
fn extensions_collide_with_nothing() {
    let mut world = World::referendum(251);
    let board = started(&mut world);
    let election = board.election().unwrap();
    let choices = Choices::new().pick("bridge", "yes");
    let [one, two] =
        [0, 1].map(|voter| world.ballot(election, voter, &Header::remote(0), &choices));
    let labels = [
        label::AUTHOR,
        label::VOTER,
        label::DELEGATION,
        label::ENTRY,
        label::CLOSE,
        label::COMMIT,
        label::COMPLAINT,
        label::REHEARSAL,
        label::ERASURE,
        label::DEAL,
        label::SHARE_KEY,
        label::BALLOT,
        label::SPOIL,
        label::RECEIPT,
        label::MIX,
        label::DECRYPTION,
        label::EXTENSION,
    ];
    // The list has all labels that there are.
    let source = include_str!("../src/crypto/transcript.rs");
    assert_eq!(source.matches("    pub const ").count(), labels.len());
    let context = Transcript::new(b"election");
    let mut all: Vec<Transcript> = vec![context.clone()];
    for label in labels {
        // The library's proof, a caller's of the same name, and one that begins with the same bytes.
        all.push(context.proof(label));
        all.push(context.extension(label));
        all.push(election.extension(label));
        all.push(one.extension(election, label));
        all.push(two.extension(election, label));
        let mut message = context.clone();
        message.append_bytes(b"name", label);
        all.push(message);
    }
    all.push(context.extension(b""));
    let found: BTreeSet<[u8; 32]> = all.iter_mut().map(|of| of.digest(b"x")).collect();
    assert_eq!(found.len(), all.len());
    // A challenge depends on all that was absorbed, and is the same for prover and verifier.
    let draw = |number: u64| -> Result<_, ProofCheck> {
        let mut transcript = one.extension(election, b"mine");
        transcript.append_u64(b"n", number);
        transcript.challenge_scalar(b"x")
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn an_audit_that_was_told_nothing_says_so_first() {
    let mut world = World::referendum(252);
    let board = world.referendum_board();
    let audit = |expect: &Expect| audit::run(board.bytes(), expect, &mut rng(1)).unwrap();
    let first = |text: &str| text.lines().next().unwrap().to_owned();
    let (nothing, known) = (Expect::default(), Expect::manifest(world.manifest.hash()));
    let says = "compared with nothing: this can be any election, also one that was made up";
    let unknown = audit(&nothing);
    assert_eq!(first(&unknown.to_string()), says);
    assert!(
        unknown.to_html().contains(&format!("<p class=\"kind\">Audit of an election {says}</p>"))
    );
    // A size does not say which election it is, and neither does what is refused.
    let sized = Expect { size: Some(board.state().size()), ..Expect::default() };
    assert_eq!(first(&audit(&sized).to_string()), says);
    let cut = &board.bytes()[..board.bytes().len() - 1];
    let cut = audit::run(cut, &nothing, &mut rng(1)).unwrap();
    assert!(!cut.is_accepted() && first(&cut.to_string()) == says);
    let verified = audit(&known);
    assert!(first(&verified.to_string()).starts_with("election  "));
    assert!(!verified.to_html().contains(says));
    assert_eq!(nothing.to_string(), "not which election it is, so any election would do");
    let hash = world.manifest.hash();
    assert_eq!(known.to_string(), format!("which election it is; manifest {hash}"));
    let rooted = Expect { root: Some(board.state().root()), ..sized };
    let (size, root) = (board.state().size(), board.state().root());
    assert_eq!(rooted.to_string(), format!("which election it is; {size} entries; root {root}"));
}
