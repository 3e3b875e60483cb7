//! What somebody with all secrets can make, and the library's own provers and board would not.
//!
//! Transcripts are built here a second time, from the specification.

use super::World;
use curve25519_dalek::Scalar;
use rand_chacha::ChaCha20Rng;
use sha3::{Digest, Sha3_512};
use tabella::{
    author::{AuthorSecret, Signature},
    ballot::{CastBallot, Choices, Election, Header, Origin},
    board::{Board, Kind, Root, Tree, entries},
    codec::Encode,
    dlog::DlogTable,
    elgamal::Ciphertext,
    group::{Element, Generators},
    keys::{Ceremony, Deal, Trustee},
    manifest::{Contest, Manifest},
    outcome::Outcome,
    proof::bits::{Relation, Statement, Witness},
    roll::{Credential, Registration, Roll, encode_registrations},
    tally::{PartialTally, Tally},
    transcript::{Transcript, label},
};

/// The context of all proofs of an election.
pub fn context(election: &Election) -> Transcript {
    let (manifest, ceremony) = (election.manifest(), election.ceremony());
    let mut transcript = Transcript::new(b"election");
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_bytes(b"ceremony", ceremony.hash());
    transcript.append_elements(b"Y", ceremony.slot_keys().iter());
    transcript
}

/// A credential's secret scalar.
pub fn secret(credential: &Credential) -> Scalar {
    let (_, seed) = bech32::decode(&credential.expose_text()).unwrap();
    let mut hash = Sha3_512::new();
    hash.update(b"tabella/v1 credential");
    hash.update(seed);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// A ballot as its maker wants it, right or wrong: the proof is made without a check of its witness.
#[derive(Clone)]
pub struct Forgery {
    pub header: Header,
    pub voter: Element,
    pub signer: Scalar,
    /// What is encrypted, and with which nonce.
    pub values: Vec<i64>,
    pub nonce: Scalar,
    /// What the proof is made with.
    pub bits: Vec<i64>,
    pub known_nonce: Scalar,
}

impl Forgery {
    /// A ballot that is right, with this voter, and a value for each bit and slot.
    pub fn honest(voter: &Credential, header: Header, bits: &[i64], nonce: u64) -> Self {
        Self {
            header,
            voter: *voter.public(),
            signer: secret(voter),
            values: bits.to_vec(),
            nonce: Scalar::from(nonce),
            bits: bits.to_vec(),
            known_nonce: Scalar::from(nonce),
        }
    }

    /// The bytes of the ballot.
    pub fn bytes(&self, election: &Election, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let Self { header, voter, signer, values, nonce, bits, known_nonce } = self;
        let (manifest, style) = (election.manifest(), usize::from(header.style));
        let constraints = manifest.constraints(style).unwrap();
        let slots = manifest.style_slots(style).unwrap();
        let slot_keys = election.ceremony().slot_keys();
        let relation = Relation::new(constraints, &slots, slot_keys).unwrap();
        let scalars = |numbers: &[i64]| -> Vec<Scalar> {
            let scalar = |n: &i64| {
                let size = Scalar::from(n.unsigned_abs());
                if *n < 0 { -size } else { size }
            };
            numbers.iter().map(scalar).collect()
        };
        let ciphertext = Ciphertext::encrypt(&relation.keys(), &scalars(values), nonce).unwrap();
        let mut transcript = context(election).proof(label::BALLOT);
        transcript.append_u64(b"style", header.style.into());
        transcript.append_u64(b"sequence", header.sequence.into());
        match header.origin {
            Origin::Remote => transcript.append_u64(b"remote", 0),
            Origin::Station(station) => transcript.append_u64(b"station", station.into()),
        }
        let witness = Witness { bits: scalars(bits), nonce: *known_nonce, signer: *signer };
        let statement = Statement { relation: &relation, signer: voter, ciphertext: &ciphertext };
        let generators = Generators::new(bits.len());
        let proof = statement.prove(&witness, &generators, &mut transcript, rng).unwrap();
        let mut out = header_bytes(header);
        voter.encode(&mut out);
        ciphertext.encode(&mut out);
        proof.encode(&mut out);
        out
    }
}

/// The first bytes of a ballot.
pub fn header_bytes(header: &Header) -> Vec<u8> {
    let mut out = header.style.to_be_bytes().to_vec();
    out.extend_from_slice(&header.sequence.to_be_bytes());
    match header.origin {
        Origin::Remote => out.push(0),
        Origin::Station(station) => {
            out.push(1);
            out.extend_from_slice(&station.to_be_bytes());
        }
    }
    out
}

/// The object of this kind and content.
pub fn object(kind: Kind, content: &[u8]) -> Vec<u8> {
    [&[kind as u8], content].concat()
}

/// Entries that nobody checks while they are written.
#[derive(Clone, Default)]
pub struct Log {
    pub bytes: Vec<u8>,
    pub tree: Tree,
}

impl Log {
    /// Appends one entry as it is.
    pub fn entry(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(&u16::try_from(entry.len()).unwrap().to_be_bytes());
        self.bytes.extend_from_slice(entry);
        self.tree.push(entry);
    }

    /// Appends an object.
    pub fn append(&mut self, object: &[u8]) {
        entries(object).iter().for_each(|entry| self.entry(entry));
    }

    /// Appends an object with a signature for its place.
    pub fn signed(
        &mut self,
        kind: Kind,
        content: &[u8],
        manifest: &Manifest,
        author: &AuthorSecret,
        rng: &mut ChaCha20Rng,
    ) {
        let mut transcript = Transcript::new(label::ENTRY);
        transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
        transcript.append_u64(b"size", self.tree.size());
        transcript.append_bytes(b"root", self.tree.root().as_bytes());
        transcript.append_u64(b"kind", kind as u64);
        transcript.append_bytes(b"content", content);
        let signature = author.sign(&mut transcript, rng).unwrap();
        self.append(&[object(kind, content), signature.to_bytes()].concat());
    }
}

/// A trustee's signature under a close at this size and root.
pub fn close_signature(
    election: &Election,
    trustee: u16,
    (size, root): (u64, Root),
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Signature {
    let mut transcript = context(election).proof(label::CLOSE);
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    author.sign(&mut transcript, rng).unwrap()
}

/// The content of a close.
pub fn close_content((size, root): (u64, Root), signatures: &[(u16, Signature)]) -> Vec<u8> {
    let mut content = size.to_be_bytes().to_vec();
    content.extend_from_slice(root.as_bytes());
    content.extend_from_slice(&(signatures.len() as u32).to_be_bytes());
    for (number, signature) in signatures {
        content.extend_from_slice(&number.to_be_bytes());
        signature.encode(&mut content);
    }
    content
}

/// Entry of the first ballot of [`World::town`].
pub const FIRST_BALLOT: u64 = 8;

impl World {
    /// Two of three trustees; two districts with a station each, whose ballot styles have the same two contests;
    /// three voters in each, who can vote three times.
    pub fn town(seed: u8) -> Self {
        Self::new(seed, (3, 2), &[0, 0, 0, 1, 1, 1], |builder| {
            builder
                .minimum_cell(1)
                .ballots_per_voter(3)
                .district("north", "North")
                .district("south", "South")
                .station("hall", "Town hall", "north")
                .station("school", "School", "south")
                .contest(Contest::choose_one("mayor", ["ada", "ben"]))
                .contest(Contest::choose_one("pool", ["yes", "no"]).blank())
                .style("north", "north", ["mayor", "pool"])
                .style("south", "south", ["mayor", "pool"])
        })
    }

    /// The ballots of [`World::town`]: voter 0 votes twice, 2 and 5 not at all.
    pub fn town_ballots(&mut self, election: &Election) -> Vec<CastBallot> {
        let choices = |mayor, pool| Choices::new().pick("mayor", mayor).pick("pool", pool);
        let at = |style, sequence, origin| Header { style, sequence, origin };
        let blank = Choices::new().pick("mayor", "ada").blank("pool");
        [
            (0, at(0, 0, Origin::Remote), choices("ada", "yes")),
            (1, at(0, 0, Origin::Station(0)), choices("ben", "no")),
            (3, at(1, 0, Origin::Remote), choices("ada", "yes")),
            (4, at(1, 0, Origin::Station(1)), blank),
            (0, at(0, 1, Origin::Remote), choices("ben", "no")),
        ]
        .map(|(voter, header, choices)| self.ballot(election, voter, &header, &choices))
        .into()
    }

    /// A board of [`World::town`] with its ballots, before the close.
    pub fn town_board(&mut self) -> Board {
        let mut board = self.open();
        let election = board.election().unwrap().clone();
        for ballot in self.town_ballots(&election) {
            board.cast(&ballot, &mut self.rng).unwrap();
        }
        board
    }
}

/// A change of one object's content before it is signed: its kind, its place among those of its kind, the content.
pub type Edit = Box<dyn Fn(Kind, usize, &mut Vec<u8>)>;

/// An election as a cheat wants it. [`Plan::write`] makes everything that follows fit it.
pub struct Plan {
    pub manifest: Manifest,
    pub operator: AuthorSecret,
    pub secrets: Vec<AuthorSecret>,
    pub deals: Vec<Deal>,
    pub trustees: Vec<Trustee>,
    pub roll: Vec<Registration>,
    pub ballots: Vec<Vec<u8>>,
    /// Ballots that follow the close.
    pub late: Vec<Vec<u8>>,
    /// Numbers of the trustees who sign the close, and what they sign if not the truth.
    pub closers: Vec<u16>,
    pub closed_at: Option<(u64, Root)>,
    /// What is summed, with weights. Ballots that the keys do not fit are left out.
    pub counted: Vec<(Vec<u8>, u32)>,
    /// Numbers of the trustees who open.
    pub openers: Vec<u16>,
    /// What the shares are made for, if not the tally on the board.
    pub opened: Option<Vec<(Vec<u8>, u32)>>,
    pub edit: Edit,
    /// Objects that are appended after those of this kind.
    pub after: Vec<(Kind, Vec<u8>)>,
    /// Kinds that are left out.
    pub without: Vec<Kind>,
}

impl Plan {
    /// The honest election of a town.
    pub fn town(world: &mut World) -> Self {
        let election = election(&world.manifest, &world.deals, &mut world.rng);
        let ballots: Vec<Vec<u8>> =
            world.town_ballots(&election).iter().map(Encode::to_bytes).collect();
        Self {
            manifest: world.manifest.clone(),
            operator: world.operator.clone(),
            secrets: world.secrets.clone(),
            deals: world.deals.clone(),
            trustees: world.trustees.clone(),
            roll: world.roll.clone(),
            counted: ballots[1..].iter().map(|ballot| (ballot.clone(), 1)).collect(),
            ballots,
            late: Vec::new(),
            closers: vec![1, 2, 3],
            closed_at: None,
            openers: vec![1, 3],
            opened: None,
            edit: Box::new(|_, _, _| {}),
            after: Vec::new(),
            without: Vec::new(),
        }
    }

    /// The election of the plan's manifest and deals.
    pub fn election(&self, rng: &mut ChaCha20Rng) -> Election {
        election(&self.manifest, &self.deals, rng)
    }

    fn sum(
        &self,
        election: &Election,
        counted: &[(Vec<u8>, u32)],
        rng: &mut ChaCha20Rng,
    ) -> PartialTally {
        let mut partial = PartialTally::new(&self.manifest);
        for (bytes, weight) in counted {
            let ballot = election.read_ballot(bytes).unwrap();
            if let Ok(ballot) = election.verify(ballot, rng) {
                partial.add(&ballot, *weight);
            }
        }
        partial
    }

    /// The whole record.
    pub fn write(&self, rng: &mut ChaCha20Rng) -> Log {
        let election = self.election(rng);
        let mut log = Log::default();
        let post = |log: &mut Log, kind, contents: Vec<Vec<u8>>, rng: &mut ChaCha20Rng| {
            for (place, mut content) in contents.into_iter().enumerate() {
                if self.without.contains(&kind) {
                    continue;
                }
                (self.edit)(kind, place, &mut content);
                match kind {
                    Kind::Manifest | Kind::Roll | Kind::Close | Kind::Tally | Kind::Result => {
                        log.signed(kind, &content, &self.manifest, &self.operator, rng);
                    }
                    Kind::Deal | Kind::Confirmation | Kind::Ballot | Kind::Share => {
                        log.append(&object(kind, &content));
                    }
                }
            }
            for (_, object) in self.after.iter().filter(|(after, _)| *after == kind) {
                log.append(object);
            }
        };
        post(&mut log, Kind::Manifest, vec![self.manifest.to_bytes()], rng);
        post(&mut log, Kind::Deal, self.deals.iter().map(Encode::to_bytes).collect(), rng);
        let mut confirm = |trustee: &Trustee| {
            let signature = trustee.confirm(rng).unwrap();
            [&trustee.number().to_be_bytes()[..], &signature.to_bytes()].concat()
        };
        let confirmations = self.trustees.iter().map(&mut confirm).collect();
        post(&mut log, Kind::Confirmation, confirmations, rng);
        post(&mut log, Kind::Roll, vec![encode_registrations(&self.roll)], rng);
        post(&mut log, Kind::Ballot, self.ballots.clone(), rng);
        let place = self.closed_at.unwrap_or((log.tree.size(), log.tree.root()));
        let mut sign = |number: &u16| {
            let author = &self.secrets[usize::from(*number) - 1];
            (*number, close_signature(&election, *number, place, author, rng))
        };
        let signatures: Vec<_> = self.closers.iter().map(&mut sign).collect();
        post(&mut log, Kind::Close, vec![close_content(place, &signatures)], rng);
        for ballot in &self.late {
            log.append(&object(Kind::Ballot, ballot));
        }

        let partial = self.sum(&election, &self.counted, rng);
        let tally = Tally::new(&partial);
        let opened = self.opened.as_ref().map(|o| Tally::new(&self.sum(&election, o, rng)));
        let opened = opened.unwrap_or_else(|| tally.clone());
        post(&mut log, Kind::Tally, vec![tally.to_bytes()], rng);
        // No ballots, nothing to open.
        let open = |trustee: &Trustee| trustee.open(&election, &opened, &mut rng.clone()).ok();
        let shares: Vec<_> = self.trustees.iter().filter_map(open).collect();
        let posted = shares.iter().filter(|share| self.openers.contains(&share.trustee()));
        post(&mut log, Kind::Share, posted.map(Encode::to_bytes).collect(), rng);
        let shares: Vec<_> =
            shares.into_iter().map(|s| s.verify(&election, &opened, rng).unwrap()).collect();
        let roll = Roll::new(&self.manifest, &self.roll, rng).unwrap();
        let (turnout, table) = (partial.turnout(&roll), DlogTable::new(5_000));
        // Without shares there is nothing to write, and something earlier that is refused.
        if let Ok(outcome) = Outcome::open(&election, &opened, &shares, turnout, &table) {
            post(&mut log, Kind::Result, vec![outcome.to_bytes()], rng);
        }
        log
    }
}

fn election(manifest: &Manifest, deals: &[Deal], rng: &mut ChaCha20Rng) -> Election {
    let ceremony = Ceremony::new(manifest, deals, rng).unwrap();
    Election::new(manifest, &ceremony).unwrap()
}
