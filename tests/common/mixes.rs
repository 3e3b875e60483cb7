//! Elections with mixes, and mixes and ballots as a cheat makes them.
//!
//! The shuffle has a second prover here, from the specification, that does not ask whether what it proves is true.
#![allow(dead_code, non_snake_case)]

use crate::common::{World, forge};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::ChaCha20Rng;
use sha3::{Digest, Sha3_512};
use tabella::{
    audit::{self, Expect, Report},
    ballot::{CastBallot, Choices, Election, Header},
    board::{Board, Kind, Refusal},
    codec::Encode,
    contest::Contest,
    count::{Counting, Method, TieBreak},
    crypto::{
        ProofCheck,
        bits::{Generators, Relation, Statement, Witness},
        dlog::DlogTable,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Proof, ShuffleError},
        signature::AuthorSecret,
        transcript::label,
    },
    keys::{Ceremony, Trustee},
    manifest::{Builder, Manifest},
    tally::{MixError, Outcome, Tally},
};

pub fn schulze() -> Counting {
    Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order }
}

/// What the four voters of [`Hall`] want.
pub const CHOICES: [([&str; 3], &str); 4] = [
    (["a", "b", "c"], "Zoë"),
    (["b", "a", "c"], ""),
    (["b", "c", "a"], "ZOË"),
    (["c", "b", "a"], "Ned"),
];

/// A board that waits for mixes: three cells, of two rankings that take as many slots, and of a choice with a line for
/// write-ins. Any two of three trustees open.
#[derive(Clone)]
pub struct Hall {
    pub board: Board,
    pub election: Election,
    /// The tally as the operator posted it.
    pub tally: Tally,
    /// The rows of each cell as they are now.
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

    /// The same of this board on which voting is open, whose ballots all count.
    pub fn closed(world: &mut World, mut board: Board) -> Self {
        let World { operator, trustees, rng, .. } = world;
        board.close(operator, trustees, rng).unwrap();
        Self::tallied(world, board)
    }

    /// The same of a board that is closed.
    pub fn tallied(world: &mut World, mut board: Board) -> Self {
        let tally = board.tally(&world.operator, &mut world.rng).unwrap();
        let election = board.election().unwrap().clone();
        let ballots = ballots(&board);
        let cells = tally.cells().iter().map(|cell| rows(&election, &ballots, cell.contest));
        let rows = cells.collect();
        Self { board, election, tally, rows }
    }

    /// What a mix of this trustee (by number) is bound to, as the next one of the cell.
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
        // One that is kept and does not count leaves the rows as they are.
        if self.by() != before {
            let (count, columns) = (self.rows[cell].len(), self.rows[cell][0].b.len() + 1);
            self.rows[cell] = read_rows(&content[8..8 + 32 * count * columns], columns);
        }
        Ok(())
    }

    /// Who has mixed each cell.
    pub fn by(&self) -> Vec<Vec<u16>> {
        self.board.state().cascades().iter().map(|cascade| cascade.by().to_vec()).collect()
    }

    /// Whose mixes are kept as wrong.
    pub fn faulty(&self) -> Vec<(u16, usize, ShuffleError)> {
        self.board.state().faulty_mixes().map(|(t, cell, error)| (t, cell, *error)).collect()
    }

    /// The mixes that are missing, by whoever has not mixed a cell; then shares, result and audit.
    pub fn finish(mut self, world: &mut World) -> (Outcome, Report) {
        let World { trustees, rng, .. } = &mut *world;
        let cells: Vec<usize> = self.board.state().cascades().iter().map(|c| c.cell()).collect();
        for cell in cells {
            // Who was wrong comes last.
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

/// Opens with as many trustees as it takes, and posts and audits the result.
pub fn open(world: &mut World, board: &mut Board) -> (Outcome, Report) {
    let World { manifest, operator, trustees, rng, .. } = world;
    let (election, tally) =
        (board.election().unwrap().clone(), board.state().tally().unwrap().clone());
    // These remember nothing, so that they can open again what was mixed otherwise.
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

/// All ballots on a board, in its order.
pub fn ballots(board: &Board) -> Vec<CastBallot> {
    let election = board.election().unwrap();
    let objects = (0..board.state().size()).filter_map(|entry| board.entry(entry));
    let ballots = objects.filter(|object| object[0] == Kind::Ballot as u8);
    ballots.map(|object| election.read_ballot(&object[1..]).unwrap()).collect()
}

/// What these ballots hold in the slots of a contest that are mixed.
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

/// A row under these keys, re-encrypted with `r`.
pub fn re_encrypt(key: &[Element], row: &Ciphertext, r: &Scalar) -> Ciphertext {
    let shift = |point: &Element, key: &Element| Element::new(point.point() + r * key.point());
    let b = row.b.iter().zip(key).map(|(b, key)| shift(b, key).unwrap()).collect();
    Ciphertext { a: shift(&row.a, &Element::BASE).unwrap(), b }
}

pub fn scalars(n: usize, rng: &mut ChaCha20Rng) -> Vec<Scalar> {
    (0..n).map(|_| Scalar::random(rng)).collect()
}

/// What a mix is made for and bound to.
#[derive(Clone)]
pub struct Task<'a> {
    pub election: &'a Election,
    pub ceremony: &'a Ceremony,
    pub tally: [u8; 32],
    pub author: &'a AuthorSecret,
    pub trustee: u16,
    pub cell: u32,
    pub position: u16,
    pub key: &'a [Element],
    pub inputs: Vec<Ciphertext>,
}

/// What a mixer does: which input each output is, with which re-encryption, and the rows that it shows.
#[derive(Clone)]
pub struct Deed {
    pub sources: Vec<usize>,
    pub shifts: Vec<Scalar>,
    pub outputs: Vec<Ciphertext>,
}

fn point(name: &str, index: u64) -> RistrettoPoint {
    let mut hash = Sha3_512::new();
    hash.update(b"tabella/v1 generator");
    hash.update([name.len() as u8]);
    hash.update(name.as_bytes());
    hash.update(index.to_be_bytes());
    RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
}

fn base(scalar: &Scalar) -> RistrettoPoint {
    RistrettoPoint::mul_base(scalar)
}

fn bytes(point: &RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

fn list<'b>(
    transcript: &mut merlin::Transcript,
    label: &'static [u8],
    items: impl ExactSizeIterator<Item = &'b [u8]>,
) {
    transcript.append_u64(b"count", items.len() as u64);
    items.for_each(|item| transcript.append_message(label, item));
}

fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut bytes = [0; 64];
    transcript.challenge_bytes(label, &mut bytes);
    Scalar::from_bytes_mod_order_wide(&bytes)
}

impl Task<'_> {
    /// What an honest mixer does.
    pub fn honest(&self, rng: &mut ChaCha20Rng) -> Deed {
        let n = self.inputs.len();
        self.deed((0..n).map(|i| (i + 1) % n).collect(), scalars(n, rng))
    }

    /// Re-encryptions of these inputs.
    pub fn deed(&self, sources: Vec<usize>, shifts: Vec<Scalar>) -> Deed {
        let outputs = sources.iter().zip(&shifts);
        let outputs = outputs.map(|(i, r)| re_encrypt(self.key, &self.inputs[*i], r)).collect();
        Deed { sources, shifts, outputs }
    }

    fn transcript(&self) -> merlin::Transcript {
        let Self { election, ceremony, tally, author, trustee, cell, position, .. } = self;
        let mut transcript = merlin::Transcript::new(b"election");
        transcript.append_message(b"protocol", b"tabella/v1");
        transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
        transcript.append_message(b"manifest", election.manifest().hash().as_bytes());
        transcript.append_message(b"ceremony", election.ceremony().hash());
        let keys = election.ceremony().slot_keys().iter();
        list(&mut transcript, b"Y", keys.map(|key| &key.as_bytes()[..]));
        transcript.append_message(b"proof", label::MIX);
        transcript.append_message(b"keys", ceremony.hash());
        transcript.append_message(b"tally", tally);
        transcript.append_u64(b"trustee", (*trustee).into());
        transcript.append_message(b"C", author.public().element().as_bytes());
        transcript.append_u64(b"cell", (*cell).into());
        transcript.append_u64(b"position", (*position).into());
        list(&mut transcript, b"Y", self.key.iter().map(|key| &key.as_bytes()[..]));
        self.rows(&mut transcript, b"in", &self.inputs.to_bytes());
        transcript
    }

    /// The count is that of rows, not of their elements.
    fn rows(&self, transcript: &mut merlin::Transcript, label: &'static [u8], rows: &[u8]) {
        transcript.append_u64(b"count", self.inputs.len() as u64);
        rows.chunks(32).for_each(|element| transcript.append_message(label, element));
    }

    /// The steps 1 to 7 of a shuffle, as the specification has them, whatever the outputs are.
    pub fn prove(&self, deed: &Deed, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let Deed { sources, shifts, outputs } = deed;
        let n = self.inputs.len();
        let h0 = point("M0", 0);
        let h: Vec<_> = (0..n).map(|i| point("M", i as u64)).collect();
        let mut transcript = self.transcript();
        self.rows(&mut transcript, b"out", &outputs.to_bytes());

        let rho = scalars(n, rng);
        let mut c: Vec<_> = rho.iter().map(base).collect();
        sources.iter().zip(&h).for_each(|(source, h)| c[*source] += h);
        let c: Vec<_> = c.iter().map(bytes).collect();
        list(&mut transcript, b"c", c.iter().map(|c| &c[..]));
        let mut wide = vec![0; 64 * n];
        transcript.challenge_bytes(b"u", &mut wide);
        let wide = wide.chunks(64).map(|wide| <[u8; 64]>::try_from(wide).unwrap());
        let u: Vec<_> = wide.map(|wide| Scalar::from_bytes_mod_order_wide(&wide)).collect();
        let u2: Vec<_> = sources.iter().map(|source| u[*source]).collect();

        let r_hat = scalars(n, rng);
        let mut chain = vec![(Scalar::ZERO, Scalar::ONE)];
        for (r, u) in r_hat.iter().zip(&u2) {
            let (varrho, theta) = chain[chain.len() - 1];
            chain.push((r + u * varrho, u * theta));
        }
        let c_hat = chain[1..].iter().map(|(varrho, theta)| base(varrho) + theta * h0);
        let c_hat: Vec<_> = c_hat.map(|point| bytes(&point)).collect();
        list(&mut transcript, b"chain", c_hat.iter().map(|c| &c[..]));
        let zeta = challenge(&mut transcript, b"zeta");
        let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(power * zeta));
        let powers: Vec<Scalar> = powers.take(n).collect();

        let (omega, omega2) = (scalars(5, rng), scalars(n, rng));
        let sum = |points: Vec<RistrettoPoint>| -> RistrettoPoint {
            omega2.iter().zip(points).map(|(omega, point)| omega * point).sum()
        };
        let column = |l: usize| {
            let points = outputs.iter().map(|row| if l == 0 { &row.a } else { &row.b[l - 1] });
            sum(points.map(|element| *element.point()).collect())
        };
        let keys = [Element::BASE].into_iter().chain(self.key.iter().copied());
        let t4 = keys.enumerate().map(|(l, key)| column(l) - omega[3] * key.point());
        let links = powers.iter().zip(&omega2).zip(&chain);
        let t5: RistrettoPoint = links
            .map(|((power, omega), (varrho, theta))| {
                base(&(power * omega * varrho)) + power * omega * theta * h0
            })
            .sum();
        let mut t = vec![base(&omega[0]), base(&omega[1]), base(&omega[2]) + sum(h)];
        t.extend(t4);
        t.push(base(&omega[4]) + t5);
        let t: Vec<_> = t.iter().map(bytes).collect();
        announce(&mut transcript, &t);
        let x = challenge(&mut transcript, b"x");

        let dot =
            |a: &[Scalar], b: &[Scalar]| -> Scalar { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut s = vec![
            omega[0] + x * rho.iter().sum::<Scalar>(),
            omega[1] + x * chain[n].0,
            omega[2] + x * dot(&u, &rho),
            omega[3] + x * dot(&u2, shifts),
            omega[4] + x * dot(&powers, &r_hat),
        ];
        s.extend(omega2.iter().zip(&u2).map(|(omega, u)| omega + x * u));
        let s: Vec<_> = s.iter().map(Scalar::to_bytes).collect();
        [c, c_hat, t, s].concat().concat()
    }

    /// The transcript up to these parts of rows and proof: all, or up to what cannot be read.
    pub fn absorbed(&self, rows: &[u8], proof: &[u8], until: Until) -> merlin::Transcript {
        let (n, w) = (self.inputs.len(), self.key.len());
        assert_eq!(proof.len(), Proof::size(n, w));
        let items: Vec<&[u8]> = proof.chunks(32).collect();
        let (c, rest) = items.split_at(n);
        let (c_hat, rest) = rest.split_at(n);
        let (t, rest) = rest.split_at(w + 5);
        let (s, s2) = rest.split_at(5);
        let mut transcript = self.transcript();
        self.rows(&mut transcript, b"out", rows);
        list(&mut transcript, b"c", c.iter().copied());
        transcript.challenge_bytes(b"u", &mut vec![0; 64 * n]);
        list(&mut transcript, b"chain", c_hat.iter().copied());
        challenge(&mut transcript, b"zeta");
        if until == Until::Announcements {
            return transcript;
        }
        announce(&mut transcript, t);
        challenge(&mut transcript, b"x");
        if until == Until::Answers {
            return transcript;
        }
        list(&mut transcript, b"s", s.iter().copied());
        match until {
            Until::LastAnswer => {
                transcript.append_u64(b"count", n as u64);
                s2[..n - 1].iter().for_each(|s| transcript.append_message(b"s'", s));
            }
            _ => list(&mut transcript, b"s'", s2.iter().copied()),
        }
        transcript
    }

    /// The content of a mix with these rows and this proof, signed so far.
    pub fn signed(
        &self,
        rows: &[u8],
        proof: &[u8],
        until: Until,
        rng: &mut ChaCha20Rng,
    ) -> Vec<u8> {
        let mut transcript = self.absorbed(rows, proof, until);
        let key = self.author.public().element();
        transcript.append_message(b"linear", b"BOARD.AUTHOR");
        transcript.append_u64(b"secrets", 1);
        transcript.append_u64(b"count", 1);
        transcript.append_message(b"P", key.as_bytes());
        transcript.append_u64(b"count", 1);
        transcript.append_u64(b"j", 0);
        transcript.append_message(b"B", Element::BASE.as_bytes());
        let nonce = Scalar::random(rng);
        let announcement = bytes(&base(&nonce));
        list(&mut transcript, b"R", [&announcement[..]].into_iter());
        let answer = nonce + challenge(&mut transcript, b"x") * forge::author_scalar(self.author);
        [&self.header()[..], rows, proof, &announcement, &answer.to_bytes()].concat()
    }

    pub fn header(&self) -> Vec<u8> {
        let mut content = self.trustee.to_be_bytes().to_vec();
        content.extend_from_slice(&self.cell.to_be_bytes());
        content.extend_from_slice(&self.position.to_be_bytes());
        content
    }

    /// The mix of a mixer who does this, proven and signed.
    pub fn done(&self, deed: &Deed, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let proof = self.prove(deed, rng);
        self.signed(&deed.outputs.to_bytes(), &proof, Until::End, rng)
    }

    /// The refusal of a mix of this trustee and cell.
    pub fn refusal(&self, error: MixError) -> Refusal {
        Refusal::Mix { trustee: self.trustee, cell: self.cell as usize, error }
    }
}

fn announce(transcript: &mut merlin::Transcript, t: &[impl AsRef<[u8]>]) {
    let [t1, t2, t3, t4 @ .., t5] = t else { panic!("too few announcements") };
    transcript.append_message(b"t1", t1.as_ref());
    transcript.append_message(b"t2", t2.as_ref());
    transcript.append_message(b"t3", t3.as_ref());
    list(transcript, b"t4", t4.iter().map(AsRef::as_ref));
    transcript.append_message(b"t5", t5.as_ref());
}

/// How much of a mix is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// What comes before the announcements.
    Announcements,
    /// What comes before the answers.
    Answers,
    /// All but the last answer.
    LastAnswer,
    /// All.
    End,
}

/// A ballot with anything in its slots, and a proof that is made with these bits and this nonce.
pub struct Sealed<'a> {
    pub header: Header,
    pub ciphertext: &'a Ciphertext,
    pub bits: &'a [u64],
    pub nonce: Scalar,
}

impl Sealed<'_> {
    /// The bytes of the ballot of this voter.
    pub fn bytes(&self, world: &mut World, election: &Election, voter: usize) -> Vec<u8> {
        let Self { header, ciphertext, bits, nonce } = self;
        let (manifest, style) = (election.manifest(), usize::from(header.style));
        let relation = relation(election, style);
        let voter = &world.voters[voter];
        let mut transcript = forge::context(election).proof(label::BALLOT);
        transcript.append_u64(b"style", header.style.into());
        transcript.append_u64(b"sequence", header.sequence.into());
        transcript.append_u64(b"remote", 0);
        let bits: Vec<Scalar> = bits.iter().map(|bit| Scalar::from(*bit)).collect();
        assert_eq!(bits.len(), manifest.constraints(style).unwrap().bits());
        let generators = Generators::new(bits.len());
        let witness = Witness { bits, nonce: *nonce, signer: forge::secret(voter) };
        let statement = Statement { relation: &relation, signer: voter.public(), ciphertext };
        let proof =
            statement.prove(&witness, &generators, &mut transcript, &mut world.rng).unwrap();
        let mut out = forge::header_bytes(header);
        voter.public().encode(&mut out);
        ciphertext.encode(&mut out);
        proof.encode(&mut out);
        out
    }
}

/// What the proof of a ballot of this style is about.
pub fn relation(election: &Election, style: usize) -> Relation {
    let manifest: &Manifest = election.manifest();
    let slots = manifest.style_slots(style).unwrap();
    let constraints = manifest.constraints(style).unwrap();
    Relation::new(constraints, &slots, election.ceremony().slot_keys()).unwrap()
}

/// The bytes of a ballot of this voter with these elements in its slots, as a device makes it that encrypts anything.
pub fn ballot_with(
    world: &mut World,
    election: &Election,
    (voter, header): (usize, Header),
    points: &[RistrettoPoint],
    bits: &[u64],
) -> Vec<u8> {
    let keys = relation(election, header.style.into()).keys();
    let nonce = Scalar::random(&mut world.rng);
    let ciphertext = &Ciphertext::encrypt_points(&keys, points, &nonce).unwrap();
    Sealed { header, ciphertext, bits, nonce }.bytes(world, election, voter)
}

/// What is found of a proof that fails this equation.
pub fn invalid(tag: &'static str) -> ShuffleError {
    ShuffleError::Invalid(ProofCheck::Equation(tag))
}

/// A row that has nothing to do with any ballot.
pub fn foreign_row(task: &Task<'_>, rng: &mut ChaCha20Rng) -> Ciphertext {
    let values = scalars(task.key.len(), rng);
    Ciphertext::encrypt(task.key, &values, &Scalar::random(rng)).unwrap()
}

/// A mix in which a row is replaced, signed.
pub fn with_a_row_replaced(task: &Task<'_>, rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut deed = task.honest(rng);
    deed.outputs[1] = foreign_row(task, rng);
    task.done(&deed, rng)
}
