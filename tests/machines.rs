//! An election whose trustees use separate machines. Each step of a trustee is a process that gets the board's bytes and the
//! trustee's own sealed files, and leaves a message and its sealed files. Nothing else is exchanged.

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{OsRng, SeedableRng},
};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Header, SpoilRequest},
    board::{Board, CloseSignature, Kind, Object, Phase, Receipt},
    codec::{Decode, Encode, Reader},
    contest::Contest,
    count::{Counting, Method, TieBreak},
    crypto::{
        dlog::DlogTable,
        signature::{AuthorKey, AuthorSecret},
    },
    keys::{
        AtRest, Commit, Confirmation, Deal, Dealer, Erasure, Recipient, Rehearsal, Round, Trustee,
    },
    manifest::{Manifest, Member},
    roll::{Credential, Registration},
    tally::DecryptionShare,
};

/// The step of a process; without it, the test of the processes does nothing.
const STEP: &str = "TABELLA_TEST_STEP";
const PASSPHRASE: &str = "TABELLA_TEST_PASSPHRASE";
/// The members to whom a trustee hands over, which it knows from elsewhere: a threshold and keys.
const MEMBERS: &str = "TABELLA_TEST_MEMBERS";

// A trustee's folder. It holds no files but these, and only the sealed ones stay.
const BOARD: &str = "board";
const MESSAGE: &str = "message";
const SECRET: &str = "secret";
const DEALER: &str = "dealer";
const SHARES: &str = "shares";

/// A trustee as others see it: a folder from which messages come.
struct Machine {
    folder: PathBuf,
    passphrase: String,
    key: AuthorKey,
}

impl Machine {
    /// Its owner makes a registered secret and stores it under a passphrase.
    fn new(folder: &Path, name: &str) -> (Self, AuthorSecret) {
        let secret = AuthorSecret::random(&mut OsRng).unwrap();
        let (folder, key) = (folder.join(name), secret.public().clone());
        fs::create_dir_all(&folder).unwrap();
        let passphrase = format!("seven lamps in the harbour of {name}");
        (Self { folder, passphrase, key }, secret)
    }

    /// One step in a separate process. It gets the board and returns its message.
    fn step(&self, step: &str, board: &Board, more: &[(&str, &str)]) -> Vec<u8> {
        fs::write(self.folder.join(BOARD), board.bytes()).unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "machines::a_trustee_takes_a_step", "--nocapture"]);
        command.env_clear().current_dir(&self.folder);
        command.env(STEP, step).env(PASSPHRASE, &self.passphrase).envs(more.iter().copied());
        let output = command.output().unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&said));
        let message = fs::read(self.folder.join(MESSAGE)).unwrap();
        fs::remove_file(self.folder.join(MESSAGE)).unwrap();
        message
    }
}

/// All of them take this step, for the same board; then their messages are posted.
fn all<'m>(
    step: &str,
    machines: impl IntoIterator<Item = &'m Machine>,
    board: &mut Board,
    more: &[(&str, &str)],
) {
    let messages: Vec<_> =
        machines.into_iter().map(|machine| machine.step(step, board, more)).collect();
    for message in messages.iter().filter(|message| !message.is_empty()) {
        board.post(message, &mut OsRng).unwrap();
    }
}

/// A trustee's process: the environment says which step.
#[test]
fn a_trustee_takes_a_step() {
    let (Ok(step), Ok(passphrase)) = (env::var(STEP), env::var(PASSPHRASE)) else { return };
    let rng = &mut OsRng;
    let board = tabella::board::replay(&fs::read(BOARD).unwrap(), rng).unwrap();
    let state = board.state();
    let observer = state.observer().unwrap();
    let setup = observer.setup();
    let secret = || AuthorSecret::unseal(&(), &fs::read(SECRET).unwrap(), &passphrase).unwrap();
    let number = |secret: &AuthorSecret| -> u16 {
        let own = |(member, _): &(&Member, u16)| member.key == *secret.public();
        setup.members().iter().zip(1..).find(own).unwrap().1
    };
    let shares = || {
        let ceremony = state.ceremony().unwrap();
        Trustee::unseal(ceremony, &fs::read(SHARES).unwrap(), &passphrase).unwrap()
    };
    let keep = |trustee: &Trustee| {
        let ceremony = trustee.ceremony().clone();
        fs::write(SHARES, trustee.seal(&ceremony, &passphrase, &mut OsRng).unwrap()).unwrap();
    };
    let keep_dealer = |dealer: &Dealer| {
        fs::write(DEALER, dealer.seal(setup, &passphrase, &mut OsRng).unwrap()).unwrap();
    };
    let message = match step.as_str() {
        "promise" => {
            let secret = secret();
            let (dealer, commit) = Dealer::new(setup, number(&secret), &secret, rng).unwrap();
            keep_dealer(&dealer);
            commit.to_object()
        }
        "deal" => {
            let dealer = Dealer::unseal(setup, &fs::read(DEALER).unwrap(), &passphrase).unwrap();
            dealer.deal(observer).unwrap().to_object()
        }
        "complain" => {
            let secret = secret();
            let recipient = Recipient::new(setup, number(&secret), &secret).unwrap();
            let complaints = recipient.complain(observer, rng).unwrap();
            complaints.first().map(Object::to_object).unwrap_or_default()
        }
        "confirm" => {
            let secret = secret();
            let recipient = Recipient::new(setup, number(&secret), &secret).unwrap();
            let trustee = recipient.finish(observer).unwrap();
            keep(&trustee);
            trustee.confirm(rng).unwrap().to_object()
        }
        "rehearse" => shares().rehearse(state, rng).unwrap().to_object(),
        "hand over" => {
            let told = env::var(MEMBERS).unwrap();
            let (threshold, keys) = told.split_once(' ').unwrap();
            let keys: Vec<AuthorKey> = keys.split(' ').map(|key| key.parse().unwrap()).collect();
            let mut trustee = shares();
            let (dealer, commit) = trustee
                .hand_over(state, &[(&members(&keys), threshold.parse().unwrap())], rng)
                .unwrap();
            keep(&trustee);
            keep_dealer(&dealer);
            commit.to_object()
        }
        "erase" => {
            // Its shares belong to the keys before those in force.
            let past = state.ceremonies().next().unwrap();
            let sealed = fs::read(SHARES).unwrap();
            let erasure = Trustee::unseal(past, &sealed, &passphrase).unwrap().erase(rng).unwrap();
            for file in [SECRET, DEALER, SHARES] {
                fs::remove_file(file).unwrap();
            }
            erasure.to_object()
        }
        "close" => {
            let mut trustee = shares();
            let signature = trustee.sign_close(state, &[], rng).unwrap();
            keep(&trustee);
            signature.to_object()
        }
        "mix" => {
            let trustee = shares();
            let waits = |by: &[u16]| !by.contains(&trustee.number());
            let mut cells = state.cascades().iter().filter(|c| !c.is_complete() && waits(c.by()));
            let cell = cells.next().unwrap().cell();
            let prepared = trustee.prepare_mix(state, cell, rng).unwrap();
            trustee.mix(state, cell, prepared, rng).unwrap().to_object()
        }
        "open" => {
            let mut trustee = shares();
            let share = trustee.open(state, rng).unwrap();
            keep(&trustee);
            share.to_object()
        }
        other => panic!("no such step: {other}"),
    };
    fs::write(MESSAGE, message).unwrap();
}

fn members(keys: &[AuthorKey]) -> Vec<Member> {
    let entry = |(key, number): (&AuthorKey, u16)| Member {
        name: format!("new {number}"),
        key: key.clone(),
    };
    keys.iter().zip(1..).map(entry).collect()
}

/// From the first secret to the audited result. The operator and the voters also send only bytes or text.
#[test]
fn trustees_on_machines_of_their_own_hold_a_whole_election() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("machines");
    let _ = fs::remove_dir_all(&folder);
    let rng = &mut ChaCha20Rng::from_seed([41; 32]);
    let operator = AuthorSecret::random(rng).unwrap();
    let (first, first_secrets): (Vec<_>, Vec<_>) =
        ["ada", "ben", "cleo"].map(|name| Machine::new(&folder, name)).into_iter().unzip();
    let (second, second_secrets): (Vec<_>, Vec<_>) =
        ["dora", "emil", "faye"].map(|name| Machine::new(&folder, name)).into_iter().unzip();
    let counting = Counting { method: Method::InstantRunoff, seats: 1, tie_break: TieBreak::Order };
    let manifest = Manifest::builder("machines")
        .operator(operator.public().clone())
        .trustees(first.iter().map(|machine| machine.key.clone()), 2)
        .rehearsals(3)
        .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
        .contest(Contest::rank("mayor", ["Dora", "Emil", "Faye"], counting))
        .build()
        .unwrap();
    // The manifest is sent as text, and everybody stores their secret for it.
    let manifest = Manifest::from_json(&manifest.to_json()).unwrap();
    for (machine, secret) in
        first.iter().zip(first_secrets).chain(second.iter().zip(second_secrets))
    {
        let sealed = secret.seal(&(), &machine.passphrase, rng).unwrap();
        fs::write(machine.folder.join(SECRET), sealed).unwrap();
    }

    // The key ceremony, and a rehearsal.
    let mut board = Board::new();
    board.post_manifest(&manifest, &operator, rng).unwrap();
    for step in ["promise", "deal", "complain", "confirm"] {
        all(step, &first, &mut board, &[]);
        board.close_round(&operator, rng).unwrap();
    }
    board.ask(&operator, rng).unwrap();
    all("rehearse", &first, &mut board, &[]);

    // Voters register, vote, spoil and revote by bytes; the operator's receipts are text.
    let voters: Vec<Credential> = (0..12).map(|_| Credential::random(rng).unwrap()).collect();
    let voters: Vec<Credential> = voters.iter().map(|v| v.expose_text().parse().unwrap()).collect();
    let roll: Vec<Registration> = voters
        .iter()
        .map(|voter| voter.registration(&manifest, 0, rng).unwrap().to_bytes())
        .map(|bytes| Registration::from_bytes(&bytes).unwrap())
        .collect();
    board.post_roll(&roll, &operator, rng).unwrap();
    let election = board.election().unwrap().clone();
    let cast =
        |board: &mut Board, voter: usize, header: &Header, yes: bool, rng: &mut ChaCha20Rng| {
            let order = if yes { ["Dora", "Emil"] } else { ["Faye", "Dora"] };
            let choices =
                Choices::new().pick("bridge", if yes { "yes" } else { "no" }).rank("mayor", order);
            let sealed = election.encrypt(&voters[voter], header, &choices, rng).unwrap();
            board.post(&sealed.cast().to_object(), rng).unwrap()
        };
    let doubt = Choices::new().blank("bridge").rank("mayor", ["Emil"]);
    let sealed = election.encrypt(&voters[0], &Header::remote(0), &doubt, rng).unwrap();
    let (request, spoiled) = sealed.spoil(&election, &voters[0], rng).unwrap();
    let entry = board.post(&request.to_object(), rng).unwrap().entry;
    let receipt = board.receipt(&operator, entry, rng).unwrap().to_string();
    let receipt: Receipt = receipt.parse().unwrap();
    let opening = spoiled.open(&receipt, rng).unwrap();
    for voter in 0..6 {
        cast(&mut board, voter, &Header::remote(0), voter != 5, rng);
    }

    // All shares are handed over to others while people vote.
    let keys: Vec<AuthorKey> = second.iter().map(|machine| machine.key.clone()).collect();
    board.reshare(&operator, &[(&members(&keys), 2)], rng).unwrap();
    let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let told = format!("2 {}", texts.join(" "));
    all("hand over", &first, &mut board, &[(MEMBERS, &told)]);
    board.close_round(&operator, rng).unwrap();
    cast(&mut board, 6, &Header::remote(0), true, rng);
    all("deal", &first, &mut board, &[]);
    board.close_round(&operator, rng).unwrap();
    for step in ["complain", "confirm"] {
        assert_ne!(board.state().observer().unwrap().round(), Round::Done);
        all(step, &second, &mut board, &[]);
        board.close_round(&operator, rng).unwrap();
    }
    all("erase", &first, &mut board, &[]);
    for voter in 7..12 {
        cast(&mut board, voter, &Header::remote(0), voter < 9, rng);
    }
    let again = Header { sequence: 1, ..Header::remote(0) };
    assert!(cast(&mut board, 11, &again, true, rng).replaces.is_some());

    // The operator freezes too early once.
    board.freeze(&operator, rng).unwrap();
    board.lift(&operator, rng).unwrap();
    board.ask(&operator, rng).unwrap();
    all("rehearse", &second, &mut board, &[]);
    board.freeze(&operator, rng).unwrap();
    board.post(&opening.to_object(), rng).unwrap();
    all("close", &second, &mut board, &[]);
    let tally = board.tally(&operator, rng).unwrap();
    for machine in [&second[2], &second[0]] {
        while board.state().phase() == Phase::Mixing {
            let waiting = board.state().cascades();
            let by: usize = waiting.iter().map(|cascade| cascade.by().len()).sum();
            let cells = waiting.len();
            let message = machine.step("mix", &board, &[]);
            board.post(&message, rng).unwrap();
            // The next one's turn comes when this one has mixed all cells.
            if (by + 1).is_multiple_of(cells) {
                break;
            }
        }
    }
    all("open", [&second[1], &second[2]], &mut board, &[]);
    let table = DlogTable::new(tally.bound());
    let outcome = board.finish(&operator, &table, rng).unwrap();
    assert_eq!((outcome.count("bridge", "yes"), outcome.count("bridge", "no")), (Ok(9), Ok(3)));
    assert_eq!(outcome.elected("mayor"), Ok(vec!["Dora"]));

    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.keys.len(), report.erased.len(), report.opened_spoils), (2, 3, 1));
    assert_eq!((report.freezes.len(), report.closed_by.len()), (2, 3));
    let read: BTreeSet<u8> =
        (0..board.state().size()).filter_map(|at| read_again(&board, board.entry(at)?)).collect();
    assert_eq!(read, BTreeSet::from([2, 3, 5, 6, 8, 10, 14, 16, 17, 18]));
    // Besides the public board, only sealed files stay on a machine.
    for machine in first.iter().chain(&second) {
        for file in fs::read_dir(&machine.folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!([BOARD, SECRET, DEALER, SHARES].contains(&name.as_str()), "{name}");
        }
    }
}

/// The kind of an object that a trustee or a voter sent, read as its type and written again. There are no complaints here,
/// and only the board can read a mix, since it has the rows before it.
fn read_again(board: &Board, entry: &[u8]) -> Option<u8> {
    let state = board.state();
    let (election, tally) = (state.election()?, state.tally()?);
    let (kind, body) = Kind::split(entry).ok()?;
    let ceremony = state.ceremony()?;
    let reader = &mut Reader::new(body);
    let again = match kind {
        Kind::Commit => Commit::from_bytes(body).unwrap().to_object(),
        // A deal belongs to one of the ceremonies.
        Kind::Deal => {
            let mut setups = state.ceremonies().map(|ceremony| ceremony.setup());
            setups.find_map(|setup| Deal::decode(&mut Reader::new(body), setup).ok())?.to_object()
        }
        Kind::Confirmation => Confirmation::from_bytes(body).unwrap().to_object(),
        Kind::Rehearsal => Rehearsal::decode(reader, ceremony).unwrap().to_object(),
        Kind::Erasure => Erasure::from_bytes(body).unwrap().to_object(),
        Kind::Ballot => election.read_ballot(body).unwrap().to_object(),
        Kind::SpoilRequest => SpoilRequest::from_bytes(body).unwrap().to_object(),
        Kind::SpoilOpening => election.read_opening(body).unwrap().to_object(),
        Kind::Close => CloseSignature::from_bytes(body).unwrap().to_object(),
        Kind::Share => DecryptionShare::decode(reader, tally).unwrap().to_object(),
        _ => return None,
    };
    assert_eq!(again, entry, "{kind}");
    Some(kind as u8)
}
