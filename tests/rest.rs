//! Trustees that stop and resume: what they store, and how it is checked.

use attacks::{
    World,
    dealer::{dealt, exposed, messages, receive, world},
    handover::entries,
    rng,
};
use std::io;
use tabella::{
    board::Board,
    codec::Encode,
    contest::Contest,
    crypto::{ProveError, signature::AuthorSecret},
    keys::{
        self, AtRest, Ceremony, Dealer, KeyError, Observer, Recipient, Setup, Trustee,
        vault::{VaultError, VaultKind, VaultReadError, VaultWriteError},
    },
    log::checkpoint::LogSecret,
    manifest::Manifest,
};

const WORDS: &str = "seven lamps in the harbour";

/// Seals and unseals in both ways, and returns the result.
#[track_caller]
fn rest<T: AtRest>(secret: &T, public: &T::Public) -> T {
    let sealed = secret.seal(public, WORDS, &mut rng(1)).unwrap();
    let mut file = Vec::new();
    secret.write_sealed(public, WORDS, &mut file, &mut rng(1)).unwrap();
    assert_eq!(file, sealed);
    let back = T::read_sealed(public, WORDS, &mut io::Cursor::new(&file)).unwrap();
    let bytes = secret.expose_bytes();
    assert!(!file.windows(16).any(|window| bytes.windows(16).next() == Some(window)));
    assert_eq!(back.expose_bytes(), bytes);
    assert_eq!(T::unseal(public, &sealed, WORDS).unwrap().expose_bytes(), bytes);
    back
}

fn error<T: AtRest>(public: &T::Public, sealed: &[u8], words: &str) -> VaultError {
    let read = T::read_sealed(public, words, &mut io::Cursor::new(sealed)).err();
    let unsealed = T::unseal(public, sealed, words).err().unwrap();
    let Some(VaultReadError::Vault(read)) = read else { panic!("{read:?}") };
    assert_eq!(read, unsealed);
    unsealed
}

/// Each mistake has a separate error.
#[track_caller]
fn mistakes<T: AtRest>(secret: &T, public: &T::Public, other: &T::Public, kind: VaultKind) {
    let sealed = secret.seal(public, WORDS, &mut rng(2)).unwrap();
    assert_eq!(error::<T>(public, &sealed, "seven lamps"), VaultError::Passphrase);
    assert_eq!(error::<T>(public, &sealed, ""), VaultError::Passphrase);
    // A registered secret belongs to no election.
    if let (Some(found), Some(expected)) = (T::manifest(public), T::manifest(other)) {
        let election = VaultError::Election { found, expected };
        assert_eq!(error::<T>(other, &sealed, WORDS), election);
    }
    let mut damaged = sealed.clone();
    damaged[100] ^= 1;
    let checksum = VaultError::Checksum { at: sealed.len() - 32 };
    assert_eq!(error::<T>(public, &damaged, WORDS), checksum);
    let cut = &sealed[..sealed.len() - 1];
    let truncated = VaultError::Truncated { found: cut.len(), expected: sealed.len() };
    assert_eq!(error::<T>(public, cut, WORDS), truncated);
    assert!(matches!(error::<T>(public, b"", WORDS), VaultError::NotAVault { at: 0 }));
    // The right passphrase and election, with a secret of another kind.
    assert_eq!(T::KIND, kind);
    let mut full = io::Cursor::new([0; 10]);
    let error = secret.write_sealed(public, WORDS, &mut &mut full.get_mut()[..], &mut rng(3));
    assert!(matches!(error, Err(VaultWriteError::Io(_))));
}

fn other_world() -> World {
    world(131, 3, 2, 2)
}

#[test]
fn key_rest_of_all_three_secrets_each_mistake_has_its_error() {
    let (world, other) = (world(130, 3, 2, 2), other_world());
    let [first, elsewhere] = [&world, &other].map(|w| Setup::first(&w.manifest));
    mistakes(&world.secrets[0], &(), &(), VaultKind::Author);
    let log = LogSecret::random(&mut rng(3)).unwrap();
    assert_eq!(rest(&log, &()).public(), log.public());
    mistakes(&log, &(), &(), VaultKind::Log);
    assert_eq!(VaultKind::of(&log.seal(&(), WORDS, &mut rng(4)).unwrap()), Some(VaultKind::Log));
    assert_eq!(VaultKind::of(b"tabella vault"), None);
    let (dealer, _) = Dealer::new(&first, 2, &world.secrets[1], &mut rng(4)).unwrap();
    mistakes(&dealer, &first, &elsewhere, VaultKind::Ceremony);
    let [here, there] = [&world, &other].map(|w| w.trustees[0].ceremony().clone());
    mistakes(&world.trustees[0], &here, &there, VaultKind::Shares);

    let sealed = world.secrets[0].seal(&(), WORDS, &mut rng(5)).unwrap();
    let kind = |expected| VaultError::Kind { found: VaultKind::Author as u8, expected };
    assert_eq!(error::<Trustee>(&here, &sealed, WORDS), kind(VaultKind::Shares));
    assert_eq!(error::<Dealer>(&first, &sealed, WORDS), kind(VaultKind::Ceremony));
}

/// The steps of docs/ceremony.md: between two steps a trustee has only its sealed files.
#[test]
fn the_steps_of_the_ceremony_can_be_done_as_they_are_written() {
    let (mut rng, words) = (rng(150), |number: u16| format!("the words of trustee {number}"));
    // Before, 1. There is no manifest, and nobody knows the others.
    let mut files = Vec::new();
    let mut keys = Vec::new();
    for number in 1..=3 {
        let secret = AuthorSecret::random(&mut rng).unwrap();
        files.push(secret.seal(&(), &words(number), &mut rng).unwrap());
        keys.push(secret.public().to_string());
    }
    let open = |number: u16| {
        let file = &files[usize::from(number) - 1];
        AuthorSecret::unseal(&(), file, &words(number)).unwrap()
    };
    for (key, number) in keys.iter().zip(1..) {
        assert_eq!(open(number).public().to_string(), *key);
    }
    // Before, 2. Each trustee finds its own key in the manifest.
    let operator = AuthorSecret::random(&mut rng).unwrap();
    let manifest = Manifest::builder("steps")
        .operator(operator.public().clone())
        .trustees(keys.iter().map(|key| key.parse().unwrap()), 2)
        .rehearsals(2)
        .contest(Contest::choose_one("bridge", ["yes", "no"]))
        .build()
        .unwrap();
    let mut board = Board::new();
    board.post_manifest(&manifest, &operator, &mut rng).unwrap();
    for (entry, number) in manifest.trustees().iter().zip(1..) {
        assert_eq!(entry.key, *open(number).public());
    }
    // The rounds. What a trustee needs of the board, it gets by replaying it.
    let replayed = |board: &Board, rng: &mut _| tabella::board::replay(board.bytes(), rng).unwrap();
    let setup = Setup::first(&manifest);
    let mut deals = Vec::new();
    for number in 1..=3 {
        let (dealer, commit) = Dealer::new(&setup, number, &open(number), &mut rng).unwrap();
        deals.push(dealer.seal(&setup, &words(number), &mut rng).unwrap());
        board.post(&commit, &mut rng).unwrap();
    }
    board.close_round(&operator, &mut rng).unwrap();
    for (file, number) in deals.iter().zip(1..) {
        let dealer = Dealer::unseal(&setup, file, &words(number)).unwrap();
        let copy = replayed(&board, &mut rng);
        let deal = dealer.deal(copy.state().observer().unwrap()).unwrap();
        board.post(&deal, &mut rng).unwrap();
    }
    board.close_round(&operator, &mut rng).unwrap();
    for number in 1..=3 {
        let recipient = Recipient::new(&setup, number, &open(number)).unwrap();
        let copy = replayed(&board, &mut rng);
        assert_eq!(recipient.complain(copy.state().observer().unwrap(), &mut rng), Ok(vec![]));
    }
    board.close_round(&operator, &mut rng).unwrap();
    let mut shares = Vec::new();
    for number in 1..=3 {
        let recipient = Recipient::new(&setup, number, &open(number)).unwrap();
        let copy = replayed(&board, &mut rng);
        let trustee = recipient.finish(copy.state().observer().unwrap()).unwrap();
        shares.push(trustee.seal(trustee.ceremony(), &words(number), &mut rng).unwrap());
        board.post(&trustee.confirm(&mut rng).unwrap(), &mut rng).unwrap();
    }
    board.close_round(&operator, &mut rng).unwrap();
    board.ask(&operator, &mut rng).unwrap();
    for (file, number) in shares.iter().zip(1..) {
        let copy = replayed(&board, &mut rng);
        let keys = copy.state().ceremony().unwrap();
        let trustee = Trustee::unseal(keys, file, &words(number)).unwrap();
        board.post(&trustee.rehearse(copy.state(), &mut rng).unwrap(), &mut rng).unwrap();
    }
    assert_eq!(board.state().ceremony().unwrap().setup(), &setup);

    // The registered secret of another election or of another trustee is detected where it is used.
    let other = other_world();
    let file = other.secrets[0].seal(&(), WORDS, &mut rng).unwrap();
    let secret = AuthorSecret::unseal(&(), &file, WORDS).unwrap();
    for secret in [secret, open(2)] {
        let error = Recipient::new(&setup, 1, &secret).unwrap_err();
        assert_eq!(error, KeyError::WrongSecret { number: 1 });
        let error = Dealer::new(&setup, 1, &secret, &mut rng).unwrap_err();
        assert_eq!(error, ProveError::WrongSecret);
    }
}

/// Data of another ceremony of the same election is detected, even if all lengths are the same.
#[test]
fn key_rest_belongs_to_one_ceremony() {
    let world = world(132, 3, 2, 2);
    let ceremony = world.trustees[0].ceremony();
    let next = |epoch, t| {
        Setup::reshare(
            ceremony,
            epoch,
            &[ceremony.setup().threshold()],
            &[(&entries(&world.secrets), t)],
        )
        .unwrap()
    };
    let (dealer, _) = world.trustees[0].expose_reshare(&next(1, 2), &mut rng(6)).unwrap();
    rest(&dealer, &next(1, 2));
    let sealed = dealer.seal(&next(1, 2), WORDS, &mut rng(7)).unwrap();
    for other in [next(2, 2), next(1, 3), Setup::first(&world.manifest)] {
        assert_eq!(error::<Dealer>(&other, &sealed, WORDS), VaultError::Content);
    }
    let (first, _) =
        Dealer::new(&Setup::first(&world.manifest), 1, &world.secrets[0], &mut rng(8)).unwrap();
    let sealed = first.seal(&Setup::first(&world.manifest), WORDS, &mut rng(9)).unwrap();
    assert_eq!(error::<Dealer>(&next(1, 2), &sealed, WORDS), VaultError::Content);

    // The shares of one ceremony with the keys of another one of the same people.
    let (_, again) = keys::in_one_process(&world.manifest, &world.secrets, &mut rng(10)).unwrap();
    let sealed = world.trustees[0].seal(ceremony, WORDS, &mut rng(11)).unwrap();
    let other: &Ceremony = again[0].ceremony();
    assert_ne!(other, ceremony);
    assert_eq!(error::<Trustee>(other, &sealed, WORDS), VaultError::Content);
}

/// Only the shares behind the verification keys are accepted as a trustee's.
#[test]
fn key_rest_shares_are_checked_against_the_verification_keys() {
    let world = world(133, 3, 2, 2);
    let trustee = &world.trustees[1];
    let ceremony = trustee.ceremony();
    let bytes = trustee.expose_bytes();
    let shares = 34 + 128..34 + 128 + 64;
    assert_eq!(bytes.len(), shares.end + 3);
    // The ceremony, the number, the registered secret and key, and the shares.
    for at in (0..98).chain(shares.clone()) {
        for bit in [0, 3, 7] {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << bit;
            assert!(Trustee::from_exposed(ceremony, &changed).is_none(), "{at}");
        }
    }
    for end in 0..bytes.len() {
        assert!(Trustee::from_exposed(ceremony, &bytes[..end]).is_none());
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(Trustee::from_exposed(ceremony, &longer).is_none());
    // Another trustee's shares, and the right ones in another order.
    let mut other = bytes.to_vec();
    other[shares.clone()].copy_from_slice(&world.trustees[0].expose_bytes()[shares.clone()]);
    assert!(Trustee::from_exposed(ceremony, &other).is_none());
    let mut turned = bytes.to_vec();
    turned[shares].rotate_left(32);
    assert!(Trustee::from_exposed(ceremony, &turned).is_none());

    let secret = &world.secrets[0];
    let bytes = secret.expose_bytes();
    for bit in 0..64 * 8 {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(AuthorSecret::from_exposed(&(), &changed).is_none(), "{bit}");
    }
    for end in 0..bytes.len() {
        assert!(AuthorSecret::from_exposed(&(), &bytes[..end]).is_none());
    }
}

/// A trustee that keeps its registered secret and stops after each message ends with the same shares.
#[test]
fn key_rest_a_trustee_comes_back_in_every_round() {
    let world = world(134, 3, 2, 2);
    let setup = Setup::first(&world.manifest);
    let secret = rest(&world.secrets[1], &());
    assert_eq!(secret.public(), world.secrets[1].public());
    let (dealer, commit) = Dealer::new(&setup, 2, &secret, &mut rng(12)).unwrap();
    let mut deals = messages(&world);
    let mut observer = Observer::new(setup.clone());
    deals[1].0 = commit;
    for (commit, _) in &deals {
        observer.take_commit(commit.clone(), &mut rng(0)).unwrap();
    }
    observer.close_round().unwrap();

    let back = rest(&dealer, &setup);
    let deal = back.deal(&observer).unwrap();
    assert_eq!(deal, dealer.clone().deal(&observer).unwrap());
    deals[1].1 = deal.to_bytes();
    let mut observer = dealt(&setup, &deals);
    let again = rest(&secret, &());
    let recipient = Recipient::new(&setup, 2, &again).unwrap();
    assert_eq!(recipient.complain(&observer, &mut rng(0)), Ok(vec![]));
    observer.close_round().unwrap();
    let never_stopped = receive(&observer, 2, &world.secrets).unwrap();
    let trustee = Recipient::new(&setup, 2, &again).unwrap().finish(&observer).unwrap();
    let trustee = rest(&trustee, observer.ceremony().unwrap());
    assert_eq!(exposed(&trustee), exposed(&never_stopped));
    let confirmation = trustee.confirm(&mut rng(0)).unwrap();
    observer.take_confirmation(2, confirmation.signature(), &mut rng(0)).unwrap();
    let trustee = rest(&trustee, observer.ceremony().unwrap());
    assert_eq!(exposed(&trustee), exposed(&never_stopped));

    // A dealer that lost its deal cannot publish another one: it is committed to the first.
    let (other, commit) = Dealer::new(&setup, 2, &secret, &mut rng(13)).unwrap();
    let mut late = Observer::new(setup.clone());
    for (commit, _) in &deals {
        late.take_commit(commit.clone(), &mut rng(0)).unwrap();
    }
    let error = late.take_commit(commit, &mut rng(0)).unwrap_err();
    assert_eq!(error, KeyError::Duplicate { number: 2 });
    late.close_round().unwrap();
    let error = rest(&other, &setup).deal(&late).unwrap_err();
    assert_eq!(error, KeyError::NotCommitted { dealer: 2 });
}
