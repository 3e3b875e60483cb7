//! A small election for tests: its people with their secrets, and all steps from manifest to result.

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{CryptoRng, Error, RngCore, SeedableRng},
};
use std::path::PathBuf;
use tabella::{
    ballot::{CastBallot, Choices, Election, Header},
    board::{Board, GuardError, Kind, State},
    codec::Decode,
    contest::Contest,
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys::{self, Commit, Dealer, Messages, Observer, Trustee},
    manifest::{Builder, Manifest},
    record::Writer,
    roll::{Credential, Delegation, Mandate, Registration},
    tally::{Outcome, Tally},
};

/// The same generator for every run of a test.
pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// Everybody's secrets, and what follows from them until voting opens.
pub struct World {
    pub rng: ChaCha20Rng,
    pub operator: AuthorSecret,
    pub secrets: Vec<AuthorSecret>,
    pub manifest: Manifest,
    pub voters: Vec<Credential>,
    pub roll: Vec<Registration>,
    pub ceremony: Messages,
    pub trustees: Vec<Trustee>,
}

impl World {
    /// An election with `n` trustees, any `t` of whom can open, and a voter for each of these styles.
    pub fn new(
        seed: u8,
        (n, t): (usize, u16),
        styles: &[u16],
        complete: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let keys = |builder: Builder, secrets: &[AuthorSecret]| {
            builder.trustees(secrets.iter().map(|secret| secret.public().clone()), t)
        };
        Self::of(seed, n, styles, |builder, secrets| complete(keys(builder, secrets)))
    }

    /// The same with groups of trustees, each with its name, `n` and `t`.
    pub fn of_groups(
        seed: u8,
        groups: &[(&str, usize, u16)],
        styles: &[u16],
        complete: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let n = groups.iter().map(|(_, n, _)| n).sum();
        Self::of(seed, n, styles, |mut builder, mut secrets| {
            for (name, n, t) in groups {
                let (own, others) = secrets.split_at(*n);
                let keys = own.iter().map(|secret| secret.public().clone());
                (builder, secrets) = (builder.group(name).trustees(keys, *t), others);
            }
            complete(builder)
        })
    }

    fn of(
        seed: u8,
        n: usize,
        styles: &[u16],
        complete: impl FnOnce(Builder, &[AuthorSecret]) -> Builder,
    ) -> Self {
        let mut rng = rng(seed);
        let operator = AuthorSecret::random(&mut rng).unwrap();
        let secrets: Vec<_> = (0..n).map(|_| AuthorSecret::random(&mut rng).unwrap()).collect();
        let builder = Manifest::builder("test").operator(operator.public().clone());
        let builder = complete(builder, &secrets);
        let manifest = builder.build().unwrap();
        let voters: Vec<_> = styles.iter().map(|_| Credential::random(&mut rng).unwrap()).collect();
        let mut register =
            |(v, style): (&Credential, &u16)| v.registration(&manifest, *style, &mut rng);
        let roll = voters.iter().zip(styles).map(|pair| register(pair).unwrap()).collect();
        let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, &mut rng).unwrap();
        Self { rng, operator, secrets, manifest, voters, roll, ceremony, trustees }
    }

    /// Two of three trustees, twelve voters, and one contest with "yes", "no" and blank.
    pub fn referendum(seed: u8) -> Self {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
        Self::new(seed, (3, 2), &[0; 12], |builder| builder.contest(bridge))
    }

    /// A board on which voting is open.
    pub fn open(&mut self) -> Board {
        let Self { manifest, operator, ceremony, trustees, roll, rng, .. } = self;
        Board::open(manifest, operator, ceremony, trustees, roll, rng).unwrap()
    }

    /// A voter's ballot.
    pub fn ballot(
        &mut self,
        election: &Election,
        voter: usize,
        header: &Header,
        choices: &Choices,
    ) -> CastBallot {
        election.encrypt(&self.voters[voter], header, choices, &mut self.rng).unwrap().cast()
    }

    /// The statement that a voter lets another one cast under this key for her.
    pub fn delegation(&mut self, voter: usize, key: &Credential, proxy: usize) -> Delegation {
        let Self { manifest, voters, rng, .. } = self;
        let (voter, proxy) = (&voters[voter], &voters[proxy]);
        let [of_voter, of_key, of_proxy] = [voter, key, proxy].map(|of| *of.public());
        let mandate = Mandate { voter: of_voter, key: of_key, proxy: of_proxy };
        let [voter, key, proxy] =
            [voter, key, proxy].map(|of| mandate.sign(manifest, of, rng).unwrap());
        Delegation::new(mandate, voter, key, proxy)
    }

    /// An object with the operator's signature for the next place.
    pub fn sign(&mut self, board: &Board, kind: Kind, content: &[u8]) -> Vec<u8> {
        let Self { operator, manifest, rng, .. } = self;
        board.state().sign(operator, manifest, kind, content, rng).unwrap()
    }

    /// Closes, tallies, opens with these trustees (places from 0) and posts the result.
    pub fn finish(&mut self, board: &mut Board, openers: &[usize]) -> (Tally, Outcome) {
        let Self { operator, trustees, rng, .. } = self;
        board.close(operator, trustees, rng).unwrap();
        let tally = board.tally(operator, rng).unwrap();
        for place in openers {
            let share = trustees[*place].open(board.state(), rng).unwrap();
            board.post(&share, rng).unwrap();
        }
        let table = DlogTable::new(tally.bound());
        let outcome = board.finish(operator, &table, rng).unwrap();
        (tally, outcome)
    }

    /// A complete referendum in which seven vote yes, four no, one blank, and then the first votes no.
    pub fn referendum_board(&mut self) -> Board {
        let mut board = self.open();
        let election = board.election().unwrap().clone();
        for voter in 0..12 {
            let choices = match voter {
                0..7 => Choices::new().pick("bridge", "yes"),
                7..11 => Choices::new().pick("bridge", "no"),
                _ => Choices::new().blank("bridge"),
            };
            let ballot = self.ballot(&election, voter, &Header::remote(0), &choices);
            board.post(&ballot, &mut self.rng).unwrap();
        }
        let header = Header { sequence: 1, ..Header::remote(0) };
        let ballot = self.ballot(&election, 0, &header, &Choices::new().pick("bridge", "no"));
        board.post(&ballot, &mut self.rng).unwrap();
        self.finish(&mut board, &[0, 2]);
        board
    }
}

/// Hands a trustee's shares over to the members that the board names.
pub fn hand_over(
    trustee: &mut Trustee,
    state: &State,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(Dealer, Commit), GuardError> {
    let setup = state.observer().map(Observer::setup);
    let groups = setup.into_iter().flat_map(|setup| setup.groups().split(setup.members()));
    let groups: Vec<_> = groups.map(|(group, members)| (members, group.threshold)).collect();
    trustee.hand_over(state, &groups, rng)
}

/// Calls `check` with every single-bit flip of the bytes.
pub fn bit_flips(bytes: &[u8], mut check: impl FnMut(usize, &[u8])) {
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        check(bit, &flipped);
    }
}

/// Reads bytes that must be valid.
pub fn read<T: Decode>(bytes: &[u8]) -> T {
    T::from_bytes(bytes).unwrap()
}

/// A generator that works this many times and then fails.
pub struct Failing {
    pub rng: ChaCha20Rng,
    pub left: usize,
}

impl RngCore for Failing {
    fn next_u32(&mut self) -> u32 {
        panic!("only what can fail is asked")
    }

    fn next_u64(&mut self) -> u64 {
        panic!("only what can fail is asked")
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {
        panic!("only what can fail is asked")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.left = self.left.checked_sub(1).ok_or(core::num::NonZeroU32::MIN)?;
        self.rng.try_fill_bytes(bytes)
    }
}

impl CryptoRng for Failing {}

/// Leaves the record in a folder of this name, if the environment names one for records, for another verifier.
pub fn write_record(name: &str, board: &Board) {
    let Some(folder) = std::env::var_os("TABELLA_RECORDS") else { return };
    let folder = PathBuf::from(folder).join(name);
    // One of a name is enough.
    if folder.exists() {
        return;
    }
    let mut writer = Writer::create(&folder).unwrap();
    writer.follow(board).unwrap();
    writer.views(board.state()).unwrap();
}
