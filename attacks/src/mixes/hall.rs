//! A small election with three mixed contests and four voters.

use super::{Task, schulze};
use crate::{World, forge};
use rand_chacha::ChaCha20Rng;
use tabella::{
    audit::{self, Expect, Report},
    ballot::{CastBallot, Choices, Election, Header},
    board::{Board, Kind, Refusal},
    codec::Encode,
    contest::Contest,
    crypto::{dlog::DlogTable, elgamal::Ciphertext, group::Element, shuffle::ShuffleError},
    keys::Trustee,
    manifest::Builder,
    tally::{Outcome, Tally},
};

/// The choices of the four voters of [`Hall`].
pub const CHOICES: [([&str; 3], &str); 4] = [
    (["a", "b", "c"], "Zoë"),
    (["b", "a", "c"], ""),
    (["b", "c", "a"], "ZOË"),
    (["c", "b", "a"], "Ned"),
];

/// A board that waits for mixes. It has three cells: two of rankings that take equally many slots, and one of a choice with a
/// write-in line. Any two of three trustees can open.
#[derive(Clone)]
pub struct Hall {
    pub board: Board,
    pub election: Election,
    /// The tally as the operator posted it.
    pub tally: Tally,
    /// The current rows of each cell.
    pub rows: Vec<Vec<Ciphertext>>,
}

impl Hall {
    pub fn world(seed: u8) -> World {
        Self::world_with(seed, |builder| builder)
    }

    /// The same with more in the manifest.
    pub fn world_with(seed: u8, more: impl FnOnce(Builder) -> Builder) -> World {
        let names = ["a", "b", "c"];
        World::new(seed, (3, 2), &[0; 4], |builder| {
            more(builder)
                .minimum_cell(1)
                .ballots_per_voter(3)
                .contest(Contest::rank("council", names, schulze()))
                .contest(Contest::rank("jury", names, schulze()))
                .contest(Contest::choose_one("mayor", ["Emil", "Fay"]).write_ins(1, 20))
        })
    }

    /// The choices of one voter.
    pub fn choices(voter: usize) -> Choices {
        let (order, name) = CHOICES[voter];
        let back = order.iter().rev().copied();
        let choices = Choices::new().rank("council", order).rank("jury", back);
        match name {
            "" => choices.pick("mayor", "Emil"),
            name => choices.write_in("mayor", name),
        }
    }

    /// The board with a ballot of each voter, closed and tallied.
    pub fn new(world: &mut World) -> Self {
        let mut board = world.open();
        let election = board.election().unwrap().clone();
        for voter in 0..4 {
            let ballot = world.ballot(&election, voter, &Header::remote(0), &Self::choices(voter));
            board.post(&ballot, &mut world.rng).unwrap();
        }
        Self::closed(world, board)
    }

    /// The same from this board, on which voting is open and all ballots count.
    pub fn closed(world: &mut World, mut board: Board) -> Self {
        let World { operator, trustees, rng, .. } = world;
        board.close(operator, trustees, rng).unwrap();
        Self::tallied(world, board)
    }

    /// The same from a closed board.
    pub fn tallied(world: &mut World, mut board: Board) -> Self {
        let tally = board.tally(&world.operator, &mut world.rng).unwrap();
        let election = board.election().unwrap().clone();
        let ballots = ballots(&board);
        let cells = tally.cells().iter().map(|cell| rows(&election, &ballots, cell.contest));
        let rows = cells.collect();
        Self { board, election, tally, rows }
    }

    /// What the next mix of this cell, by the trustee with this number, is bound to.
    pub fn task<'a>(&'a self, world: &'a World, trustee: u16, cell: usize) -> Task<'a> {
        let cascade = self.board.state().cascades().iter().find(|c| c.cell() == cell).unwrap();
        Task {
            election: &self.election,
            ceremony: self.board.state().ceremony().unwrap(),
            tally: self.tally.hash(),
            author: &world.secrets[usize::from(trustee) - 1],
            trustee,
            cell: cell as u32,
            position: cascade.by().len() as u16,
            key: cascade.key(),
            inputs: self.rows[cell].clone(),
        }
    }

    /// An honest mix of this cell by this trustee, not posted.
    pub fn mix(&self, trustee: &Trustee, cell: usize, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let prepared = trustee.prepare_mix(self.board.state(), cell, rng).unwrap();
        trustee.mix(self.board.state(), cell, prepared, rng).unwrap().to_bytes()
    }

    /// Posts the content of a mix.
    pub fn post(&mut self, content: &[u8], rng: &mut ChaCha20Rng) -> Result<(), Refusal> {
        let before = self.by();
        self.board.post(&forge::object(Kind::Mix, content), rng)?;
        let cell = u32::from_be_bytes(content[2..6].try_into().unwrap()) as usize;
        // A mix that is kept but does not count leaves the rows unchanged.
        if self.by() != before {
            let (count, columns) = (self.rows[cell].len(), self.rows[cell][0].b.len() + 1);
            self.rows[cell] = read_rows(&content[8..8 + 32 * count * columns], columns);
        }
        Ok(())
    }

    /// The trustees who mixed each cell.
    pub fn by(&self) -> Vec<Vec<u16>> {
        self.board.state().cascades().iter().map(|cascade| cascade.by().to_vec()).collect()
    }

    /// The mixes that are kept as wrong, with their trustees.
    pub fn faulty(&self) -> Vec<(u16, usize, ShuffleError)> {
        self.board.state().faulty_mixes().map(|(t, cell, error)| (t, cell, *error)).collect()
    }

    /// The missing mixes, by trustees who have not mixed the cell; then shares, result and audit.
    pub fn finish(mut self, world: &mut World) -> (Outcome, Report) {
        let World { trustees, rng, .. } = &mut *world;
        let cells: Vec<usize> = self.board.state().cascades().iter().map(|c| c.cell()).collect();
        for cell in cells {
            // The faulty mixes come last.
            let faulty = self.faulty();
            let wrong =
                |trustee: &Trustee| faulty.iter().any(|f| (f.0, f.1) == (trustee.number(), cell));
            let (late, early): (Vec<_>, Vec<_>) =
                trustees.iter().partition(|trustee| wrong(trustee));
            for trustee in early.into_iter().chain(late) {
                let cascade = self.board.state().cascades().iter().find(|c| c.cell() == cell);
                let cascade = cascade.unwrap();
                if !cascade.is_complete() && !cascade.by().contains(&trustee.number()) {
                    let mix = self.mix(trustee, cell, rng);
                    self.post(&mix, rng).unwrap();
                }
            }
        }
        open(world, &mut self.board)
    }
}

/// Opens with a quorum of trustees, then posts and audits the result.
pub fn open(world: &mut World, board: &mut Board) -> (Outcome, Report) {
    let World { manifest, operator, trustees, rng, .. } = world;
    let (election, tally) =
        (board.election().unwrap().clone(), board.state().tally().unwrap().clone());
    // These copies remember nothing, so they can open again after different mixes.
    for trustee in trustees.iter() {
        let opened = board.state().shares().iter().map(|share| share.trustee());
        let threshold = board.state().ceremony().unwrap().setup().threshold();
        let enough = if tally.opened().is_empty() { 0 } else { threshold.into() };
        if opened.clone().count() < enough && opened.clone().all(|other| other != trustee.number())
        {
            let share = trustee.expose_factors(&election, &tally, rng).unwrap();
            board.post(&share, rng).unwrap();
        }
    }
    let table = DlogTable::new(board.state().tally().unwrap().bound());
    let outcome = board.finish(operator, &table, rng).unwrap();
    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!(report.outcome.as_ref(), Some(&outcome));
    (outcome, report)
}

/// All ballots on a board, in order.
pub fn ballots(board: &Board) -> Vec<CastBallot> {
    let election = board.election().unwrap();
    let objects = (0..board.state().size()).filter_map(|entry| board.entry(entry));
    let ballots = objects.filter(|object| object[0] == Kind::Ballot as u8);
    ballots.map(|object| election.read_ballot(&object[1..]).unwrap()).collect()
}

/// The content of these ballots in the mixed slots of a contest.
pub fn rows(election: &Election, ballots: &[CastBallot], contest: usize) -> Vec<Ciphertext> {
    let manifest = election.manifest();
    let mixed = manifest.mixed_slots(contest).unwrap();
    let row = |ballot: &CastBallot| {
        let slots = manifest.style_slots(ballot.header().style.into()).unwrap();
        let Ciphertext { a, b } = ballot.ciphertext();
        let held = slots.iter().zip(b).filter(|(slot, _)| mixed.contains(slot));
        Ciphertext { a: *a, b: held.map(|(_, b)| *b).collect() }
    };
    ballots.iter().map(row).collect()
}

/// Rows from their bytes.
pub fn read_rows(bytes: &[u8], columns: usize) -> Vec<Ciphertext> {
    let element = |bytes: &[u8]| Element::from_canonical(bytes.try_into().unwrap()).unwrap();
    let row = |row: &[u8]| {
        let points: Vec<Element> = row.chunks_exact(32).map(element).collect();
        Ciphertext { a: points[0], b: points[1..].to_vec() }
    };
    bytes.chunks_exact(32 * columns).map(row).collect()
}
