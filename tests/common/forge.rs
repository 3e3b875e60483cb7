//! What somebody with all secrets can make, and the library's own provers and board would not.
//!
//! Transcripts are built here a second time, from the specification.

use super::{
    World,
    cascade::{self, Tamper},
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::ChaCha20Rng;
use sha3::{Digest, Sha3_256, Sha3_512};
use std::collections::{BTreeMap, BTreeSet};
use tabella::{
    ballot::{CastBallot, Choices, Election, Header, Origin, Tracker},
    board::{Board, Kind, Receipt, State},
    codec::Encode,
    contest::Contest,
    crypto::{
        bits::{Generators, Relation, Statement, Witness},
        dlog::DlogTable,
        elgamal::Ciphertext,
        group::Element,
        linear,
        signature::{AuthorSecret, Signature},
        transcript::{Transcript, label},
    },
    keys::{AtRest, Ceremony, Commit, Deal, Messages, Observer, Recipient, Setup, Trustee},
    log::{
        entry::entries,
        merkle::{Root, Tree},
    },
    manifest::{Builder, Manifest, TrusteeEntry},
    roll::{Credential, Registration, Roll, encode_registrations},
    tally::{MixedCell, Outcome, PartialTally, Tally},
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
    /// What slots hold instead whose places these are.
    pub free: BTreeMap<usize, RistrettoPoint>,
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
            free: BTreeMap::new(),
            bits: bits.to_vec(),
            known_nonce: Scalar::from(nonce),
        }
    }

    /// The bytes of the ballot.
    pub fn bytes(&self, election: &Election, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let Self { header, voter, signer, values, nonce, free, bits, known_nonce } = self;
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
        let mut points: Vec<RistrettoPoint> =
            scalars(values).iter().map(RistrettoPoint::mul_base).collect();
        free.iter().for_each(|(place, point)| points[*place] = *point);
        let ciphertext = Ciphertext::encrypt_points(&relation.keys(), &points, nonce).unwrap();
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

/// The content of a request to spoil the ballot with this tracker, signed with these two secrets.
pub fn spoil_request(
    election: &Election,
    tracker: &Tracker,
    [signer, nonce]: [Scalar; 2],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let [voter, point] = [signer, nonce].map(|secret| Element::from_secret(&secret).unwrap());
    let mut statement = linear::Statement::new("SPOIL.REQUEST", 2);
    statement.equation(voter, [(0, Element::BASE)]);
    statement.equation(point, [(1, Element::BASE)]);
    let mut transcript = context(election).proof(b"spoil");
    transcript.append_bytes(b"tracker", tracker.as_bytes());
    let proof = statement.prove(&[signer, nonce], &mut transcript, rng).unwrap();
    let mut out = tracker.as_bytes().to_vec();
    voter.encode(&mut out);
    point.encode(&mut out);
    proof.encode(&mut out);
    out
}

/// The content of the opening of this ballot with this nonce.
pub fn spoil_opening(ballot: &[u8], nonce: &Scalar) -> Vec<u8> {
    [&nonce.as_bytes()[..], ballot].concat()
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
        entries(object).for_each(|entry| self.entry(&entry));
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
        let place = (self.tree.size(), self.tree.root());
        self.append(&signed_at(author, place, manifest, kind, content, rng));
    }
}

/// An object with anybody's signature for the board's next place.
pub fn signed_by(
    author: &AuthorSecret,
    state: &State,
    manifest: &Manifest,
    kind: Kind,
    content: &[u8],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    signed_at(author, (state.size(), state.root()), manifest, kind, content, rng)
}

/// A receipt with anybody's signature in place of the operator's.
pub fn receipt_by(
    author: &AuthorSecret,
    manifest: &Manifest,
    receipt: &Receipt,
    rng: &mut ChaCha20Rng,
) -> Receipt {
    let mut transcript = Transcript::new(label::RECEIPT);
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_u64(b"fate", receipt.fate() as u64);
    transcript.append_u64(b"entry", receipt.entry());
    transcript.append_u64(b"size", receipt.size());
    transcript.append_bytes(b"root", receipt.root().as_bytes());
    transcript.append_bytes(b"tracker", receipt.tracker().as_bytes());
    let signature = author.sign(&mut transcript, rng).unwrap();
    let bytes = receipt.to_bytes();
    super::read(&[&bytes[..bytes.len() - 64], &signature.to_bytes()].concat())
}

fn signed_at(
    author: &AuthorSecret,
    (size, root): (u64, Root),
    manifest: &Manifest,
    kind: Kind,
    content: &[u8],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let mut transcript = Transcript::new(label::ENTRY);
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    transcript.append_u64(b"kind", kind as u64);
    transcript.append_bytes(b"content", content);
    let signature = author.sign(&mut transcript, rng).unwrap();
    [object(kind, content), signature.to_bytes()].concat()
}

/// The context of all proofs of a ceremony.
pub fn setup_context(setup: &Setup) -> Transcript {
    let mut transcript = Transcript::new(b"ceremony");
    transcript.append_bytes(b"manifest", setup.manifest().as_bytes());
    transcript.append_u64(b"epoch", setup.epoch().into());
    transcript.append_u64(b"n", setup.members().len() as u64);
    transcript.append_u64(b"t", setup.threshold().into());
    transcript.append_elements(b"C", setup.members().iter().map(|member| member.key.element()));
    if let Some(previous) = setup.previous() {
        transcript.append_bytes(b"previous", previous.hash());
    }
    transcript
}

/// The content of a commit to a deal of these bytes.
pub fn commit(
    setup: &Setup,
    dealer: u16,
    deal: &[u8],
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let hash = promise(setup, deal);
    let mut transcript = setup_context(setup).proof(label::COMMIT);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_bytes(b"deal", &hash);
    let signature = author.sign(&mut transcript, rng).unwrap();
    [&dealer.to_be_bytes()[..], &hash, &signature.to_bytes()].concat()
}

/// A deal with these secrets, whose shares nobody can decrypt.
pub fn deal(
    setup: &Setup,
    dealer: u16,
    author: &AuthorSecret,
    constants: &[Scalar],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let secrets: Vec<Scalar> =
        [author_scalar(author), Scalar::from(9u64)].iter().chain(constants).copied().collect();
    let images: Vec<Element> =
        secrets.iter().map(|secret| Element::from_secret(secret).unwrap()).collect();
    let others = vec![Element::BASE; usize::from(setup.threshold()) - 1];
    let shares = vec![vec![0; 32 * setup.slots() + 16]; setup.members().len()];
    let mut transcript = setup_context(setup).proof(label::DEAL);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"count", constants.len() as u64);
    let mut content = dealer.to_be_bytes().to_vec();
    for constant in &images[2..] {
        let commitments = [&[*constant], &others[..]].concat();
        transcript.append_elements(b"F", commitments.iter());
        commitments.iter().for_each(|commitment| commitment.encode(&mut content));
    }
    transcript.append_element(b"U", &images[1]);
    images[1].encode(&mut content);
    transcript.append_u64(b"count", shares.len() as u64);
    for share in &shares {
        transcript.append_bytes(b"share", share);
        content.extend_from_slice(share);
    }
    let tag = if setup.previous().is_some() { "KEY.RESHARE" } else { "KEY.DEAL" };
    let mut statement = linear::Statement::new(tag, secrets.len());
    for (secret, image) in images.into_iter().enumerate() {
        statement.equation(image, [(secret, Element::BASE)]);
    }
    statement.prove(&secrets, &mut transcript, rng).unwrap().encode(&mut content);
    content
}

/// The hash by which a deal with these bytes is promised.
fn promise(setup: &Setup, deal: &[u8]) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 deal");
    hash.update(setup.manifest().as_bytes());
    hash.update(setup.epoch().to_be_bytes());
    hash.update(deal);
    hash.finalize().into()
}

/// The content of a complaint about a share, good or bad.
pub fn complaint(
    setup: &Setup,
    deal: &[u8],
    (number, dealer): (u16, u16),
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let ephemeral = 2 + 32 * setup.slots() * usize::from(setup.threshold());
    let bytes: [u8; 32] = deal[ephemeral..ephemeral + 32].try_into().unwrap();
    let ephemeral = Element::from_canonical(bytes).unwrap();
    let secret = author_scalar(author);
    let shared = Element::new(ephemeral.point() * secret).unwrap();
    let mut statement = linear::Statement::new("KEY.COMPLAINT", 1);
    statement.equation(*author.public().element(), [(0, Element::BASE)]);
    statement.equation(shared, [(0, ephemeral)]);
    let mut transcript = setup_context(setup).proof(label::COMPLAINT);
    transcript.append_u64(b"complainer", number.into());
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_bytes(b"deal", &promise(setup, deal));
    let proof = statement.prove(&[secret], &mut transcript, rng).unwrap();
    let mut content = [number.to_be_bytes(), dealer.to_be_bytes()].concat();
    shared.encode(&mut content);
    proof.encode(&mut content);
    content
}

/// The content of a trustee's confirmation of a ceremony with this hash.
pub fn confirmation(
    number: u16,
    hash: &[u8; 32],
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let mut transcript = Transcript::new(label::ENTRY);
    transcript.append_bytes(b"ceremony", hash);
    transcript.append_u64(b"trustee", number.into());
    let signature = author.sign(&mut transcript, rng).unwrap();
    [&number.to_be_bytes()[..], &signature.to_bytes()].concat()
}

/// The content of a trustee's answer to a question.
pub fn rehearsal(
    election: &Election,
    trustee: &Trustee,
    question: &[u8; 32],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let (ceremony, number) = (trustee.ceremony(), trustee.number());
    let setup = ceremony.setup();
    let mut transcript = context(election);
    transcript.append_u64(b"epoch", setup.epoch().into());
    transcript.append_u64(b"n", setup.members().len() as u64);
    transcript.append_u64(b"t", setup.threshold().into());
    for number in 1..=setup.members().len() as u16 {
        let keys = ceremony.verification_keys(number).unwrap_or_default();
        transcript.append_elements(b"Yj", keys.iter());
    }
    let mut transcript = transcript.proof(label::REHEARSAL);
    transcript.append_u64(b"trustee", number.into());
    transcript.append_bytes(b"question", question);
    // Hash and number; the author's secret and public key; the shares of all slots.
    let stored = trustee.expose_bytes();
    let shares = stored[34 + 128..].chunks_exact(32).take(setup.slots());
    let secrets: Vec<Scalar> = [&stored[34..66]].into_iter().chain(shares).map(scalar).collect();
    let author = setup.member(number).unwrap().element();
    let keys = ceremony.verification_keys(number).unwrap();
    let mut statement = linear::Statement::new("KEY.REHEARSAL", secrets.len());
    for (secret, key) in [author].into_iter().chain(keys).enumerate() {
        statement.equation(*key, [(secret, Element::BASE)]);
    }
    let mut content = number.to_be_bytes().to_vec();
    statement.prove(&secrets, &mut transcript, rng).unwrap().encode(&mut content);
    content
}

/// The content of a trustee's word that it erased its shares.
pub fn erasure(
    ceremony: &Ceremony,
    number: u16,
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let setup = ceremony.setup();
    let mut transcript = setup_context(setup).proof(label::ERASURE);
    transcript.append_bytes(b"ceremony", ceremony.hash());
    transcript.append_u64(b"trustee", number.into());
    let signature = author.sign(&mut transcript, rng).unwrap();
    let (epoch, number) = (setup.epoch().to_be_bytes(), number.to_be_bytes());
    [&epoch[..], &number, &signature.to_bytes()].concat()
}

/// The content of the order to reshare.
pub fn members(setup: &Setup) -> Vec<u8> {
    let mut content = setup.threshold().to_be_bytes().to_vec();
    content.extend_from_slice(&(setup.members().len() as u32).to_be_bytes());
    for TrusteeEntry { name, key } in setup.members() {
        content.extend_from_slice(&(name.len() as u32).to_be_bytes());
        content.extend_from_slice(name.as_bytes());
        key.encode(&mut content);
    }
    content
}

fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

/// An author's secret scalar.
pub fn author_scalar(author: &AuthorSecret) -> Scalar {
    scalar(&author.expose_bytes()[..32])
}

/// A trustee's signature under a close at this size and root.
pub fn close_signature(
    election: &Election,
    keys: &[u8; 32],
    trustee: u16,
    (size, root): (u64, Root),
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Signature {
    let mut transcript = context(election).proof(label::CLOSE);
    transcript.append_bytes(b"keys", keys);
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    author.sign(&mut transcript, rng).unwrap()
}

/// The content of a decryption share that is nothing but signed: factors, announcements and answers are any.
pub fn signed_share(
    election: &Election,
    ceremony: &Ceremony,
    tally: &Tally,
    number: u16,
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    fn elements<'e>(
        transcript: &mut merlin::Transcript,
        label: &'static [u8],
        elements: impl ExactSizeIterator<Item = &'e Element>,
    ) {
        transcript.append_u64(b"count", elements.len() as u64);
        elements.for_each(|element| transcript.append_message(label, element.as_bytes()));
    }
    fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
        let mut bytes = [0; 64];
        transcript.challenge_bytes(label, &mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    }
    let slots: BTreeSet<usize> = tally.opened().iter().map(|opened| opened.slot).collect();
    let mut points = |count: usize| -> Vec<Element> {
        (0..count).map(|_| Element::from_secret(&Scalar::random(rng)).unwrap()).collect()
    };
    let (factors, of_slots, of_sum) =
        (points(tally.opened().len()), points(slots.len()), points(1));
    let answers: Vec<Scalar> = slots.iter().map(|_| Scalar::random(rng)).collect();

    let mut transcript = merlin::Transcript::new(b"election");
    transcript.append_message(b"protocol", b"tabella/v1");
    transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
    transcript.append_message(b"manifest", election.manifest().hash().as_bytes());
    transcript.append_message(b"ceremony", election.ceremony().hash());
    elements(&mut transcript, b"Y", election.ceremony().slot_keys().iter());
    let setup = ceremony.setup();
    transcript.append_u64(b"epoch", setup.epoch().into());
    transcript.append_u64(b"n", setup.members().len() as u64);
    transcript.append_u64(b"t", setup.threshold().into());
    for number in 1..=setup.members().len() as u16 {
        let keys = ceremony.verification_keys(number).unwrap_or_default();
        elements(&mut transcript, b"Yj", keys.iter());
    }
    transcript.append_message(b"proof", b"decryption");
    transcript.append_u64(b"trustee", number.into());
    transcript.append_message(b"C", author.public().element().as_bytes());
    transcript.append_message(b"tally", &tally.to_bytes());
    elements(&mut transcript, b"P", factors.iter());
    transcript.challenge_bytes(b"w", &mut vec![0; 16 * factors.len()]);
    elements(&mut transcript, b"R", of_slots.iter());
    transcript.append_message(b"R sum", of_sum[0].as_bytes());
    challenge(&mut transcript, b"x");
    transcript.append_u64(b"count", answers.len() as u64);
    answers.iter().for_each(|answer| transcript.append_message(b"z", answer.as_bytes()));
    let nonce = Scalar::random(rng);
    let of_author = Element::from_secret(&nonce).unwrap();
    transcript.append_message(b"R author", of_author.as_bytes());
    let answer = nonce + challenge(&mut transcript, b"x author") * author_scalar(author);

    let mut content = number.to_be_bytes().to_vec();
    let points = factors.iter().chain(&of_slots).chain(&of_sum).chain([&of_author]);
    points.for_each(|point| point.encode(&mut content));
    answers.iter().chain([&answer]).for_each(|answer| content.extend_from_slice(answer.as_bytes()));
    content
}

/// The content of a close, this trustee's signature.
pub fn close_content(trustee: u16, signature: &Signature) -> Vec<u8> {
    [&trustee.to_be_bytes()[..], &signature.to_bytes()].concat()
}

/// Entry of the first ballot of [`World::town`].
pub const FIRST_BALLOT: u64 = 19;

impl World {
    /// Two of three trustees, of whom two show before the vote that they hold shares; two districts with a station each,
    /// whose ballot styles have the same two contests; three voters in each, who can vote three times.
    pub fn town(seed: u8) -> Self {
        Self::town_with(seed, |builder| builder)
    }

    /// The same with more in the manifest.
    pub fn town_with(seed: u8, more: impl FnOnce(Builder) -> Builder) -> Self {
        Self::new(seed, (3, 2), &[0, 0, 0, 1, 1, 1], |builder| {
            more(
                builder
                    .minimum_cell(1)
                    .rehearsals(2)
                    .ballots_per_voter(3)
                    .district("north", "North")
                    .district("south", "South")
                    .station("hall", "Town hall", "north")
                    .station("school", "School", "south")
                    .contest(Contest::choose_one("mayor", ["ada", "ben"]))
                    .contest(Contest::choose_one("pool", ["yes", "no"]).blank())
                    .style("north", "north", ["mayor", "pool"])
                    .style("south", "south", ["mayor", "pool"]),
            )
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
            board.post(&ballot, &mut self.rng).unwrap();
        }
        board
    }
}

/// A ceremony with all its secrets.
pub struct Keys {
    pub setup: Setup,
    pub secrets: Vec<AuthorSecret>,
    pub commits: Vec<Commit>,
    pub deals: Vec<Deal>,
    pub trustees: Vec<Trustee>,
    pub ceremony: Ceremony,
    /// Hash of the ceremony that the trustees confirm.
    pub confirmed: [u8; 32],
}

impl Keys {
    fn new(
        setup: Setup,
        secrets: &[AuthorSecret],
        commits: Vec<Commit>,
        deal: impl FnOnce(&Observer) -> Vec<Deal>,
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let mut observer = Observer::new(setup.clone());
        for commit in &commits {
            observer.take_commit(commit.clone(), rng).unwrap();
        }
        observer.close_round().unwrap();
        let deals = deal(&observer);
        for deal in &deals {
            assert_eq!(observer.take_deal(deal.dealer(), &deal.to_bytes(), rng), Ok(None));
        }
        observer.close_round().unwrap();
        observer.close_round().unwrap();
        let receive = |(secret, number)| Recipient::new(&setup, number, secret)?.finish(&observer);
        let trustees = secrets.iter().zip(1u16..).map(receive).collect::<Result<_, _>>().unwrap();
        let ceremony = observer.ceremony().unwrap().clone();
        let (secrets, confirmed) = (secrets.to_vec(), *ceremony.hash());
        Self { setup, secrets, commits, deals, trustees, ceremony, confirmed }
    }

    /// The first ceremony, in which these messages were sent.
    pub fn first(
        manifest: &Manifest,
        secrets: &[AuthorSecret],
        messages: &Messages,
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let Messages { commits, deals } = messages.clone();
        Self::new(Setup::first(manifest), secrets, commits, |_| deals, rng)
    }

    /// A resharing to the holders of these secrets, by dealers with these numbers.
    pub fn reshare(
        &self,
        epoch: u32,
        secrets: &[AuthorSecret],
        threshold: u16,
        dealers: &[u16],
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let member = |(secret, place): (&AuthorSecret, usize)| TrusteeEntry {
            name: format!("heir {place}"),
            key: secret.public().clone(),
        };
        let members = secrets.iter().zip(1..).map(member).collect();
        let setup = Setup::reshare(
            &self.ceremony,
            epoch,
            self.ceremony.setup().threshold(),
            members,
            threshold,
        )
        .unwrap();
        let (mut promised, mut commits) = (Vec::new(), Vec::new());
        for trustee in self.trustees.iter().filter(|trustee| dealers.contains(&trustee.number())) {
            let (dealer, commit) = trustee.expose_reshare(&setup, rng).unwrap();
            promised.push(dealer);
            commits.push(commit);
        }
        let deal = |observer: &Observer| {
            promised.into_iter().map(|dealer| dealer.deal(observer).unwrap()).collect()
        };
        Self::new(setup, secrets, commits, deal, rng)
    }
}

/// A resharing during the vote.
pub struct Handover {
    pub keys: Keys,
    /// How many ballots are cast before it begins, and how many more before its first round ends.
    pub ballots: [usize; 2],
    /// Numbers of those who erase their old shares.
    pub erasers: Vec<u16>,
}

/// A change of one object's content before it is signed: its kind, its place among those of its kind, the content.
pub type Edit = Box<dyn Fn(Kind, usize, &mut Vec<u8>)>;

/// An election as a cheat wants it. [`Plan::write`] makes everything that follows fit it.
pub struct Plan {
    pub manifest: Manifest,
    pub operator: AuthorSecret,
    pub keys: Keys,
    pub question: [u8; 32],
    /// Numbers of the trustees who rehearse before the vote.
    pub rehearsers: Vec<u16>,
    pub roll: Vec<Registration>,
    pub ballots: Vec<Vec<u8>>,
    /// To whom the shares go during the vote.
    pub handover: Option<Handover>,
    /// Ballots that follow the close.
    pub late: Vec<Vec<u8>>,
    /// After how many signatures under a close the operator lifts a freeze, to freeze again, if at all.
    pub lifted: Option<usize>,
    /// Numbers of the trustees who sign the close, and what they sign if not the truth.
    pub closers: Vec<u16>,
    pub closed_at: Option<(u64, Root)>,
    /// What is summed, with weights. Ballots that the keys do not fit are left out.
    pub counted: Vec<(Vec<u8>, u32)>,
    /// Numbers of the trustees who mix each cell that is mixed, one after the other.
    pub mixers: Vec<u16>,
    /// Mixes that are signed and wrong: before which right one they stand, and by whom.
    pub wrong_mixes: Vec<(usize, u16, Tamper)>,
    /// Numbers of the trustees who open.
    pub openers: Vec<u16>,
    /// What the shares are made for, if not the tally on the board.
    pub opened: Option<Vec<(Vec<u8>, u32)>>,
    /// What trustees do after a resharing who do not hold the keys in force any more.
    pub by_old: Vec<Kind>,
    pub edit: Edit,
    /// Objects that are appended after the one of this kind and place.
    pub after: Vec<((Kind, usize), Vec<u8>)>,
    /// Objects that are left out.
    pub without: Vec<(Kind, usize)>,
    /// An object that another than the operator signs.
    pub signed_by: Option<((Kind, usize), AuthorSecret)>,
}

impl Plan {
    /// The honest election of a town.
    pub fn town(world: &mut World) -> Self {
        let World { manifest, secrets, ceremony, rng, .. } = &mut *world;
        let keys = Keys::first(manifest, secrets, ceremony, rng);
        Self::town_with(world, keys)
    }

    /// The same with the keys of this ceremony.
    pub fn town_with(world: &mut World, keys: Keys) -> Self {
        let election = Election::new(&world.manifest, &keys.ceremony).unwrap();
        let ballots: Vec<Vec<u8>> =
            world.town_ballots(&election).iter().map(Encode::to_bytes).collect();
        let counted = ballots[1..].to_vec();
        Self::with(world, keys, ballots, counted)
    }

    /// An election with these keys and ballots, of which those that are counted have weight 1.
    pub fn with(world: &World, keys: Keys, ballots: Vec<Vec<u8>>, counted: Vec<Vec<u8>>) -> Self {
        Self {
            manifest: world.manifest.clone(),
            operator: world.operator.clone(),
            keys,
            question: [7; 32],
            rehearsers: vec![1, 2, 3],
            roll: world.roll.clone(),
            counted: counted.into_iter().map(|ballot| (ballot, 1)).collect(),
            ballots,
            handover: None,
            late: Vec::new(),
            lifted: None,
            closers: vec![1, 2, 3],
            closed_at: None,
            mixers: vec![1, 3],
            wrong_mixes: Vec::new(),
            openers: vec![1, 3],
            opened: None,
            by_old: Vec::new(),
            edit: Box::new(|_, _, _| {}),
            after: Vec::new(),
            without: Vec::new(),
            signed_by: None,
        }
    }

    /// The same, but during the vote the shares go over to four new trustees, any two of whom open.
    pub fn reshared_town(world: &mut World) -> Self {
        Self::town(world).reshared(world)
    }

    /// The same as this one, but during the vote the shares go over to four new trustees, any two of whom open.
    pub fn reshared(mut self, world: &mut World) -> Self {
        let rng = &mut world.rng;
        let heirs: Vec<_> = (0..4).map(|_| AuthorSecret::random(rng).unwrap()).collect();
        let keys = self.keys.reshare(1, &heirs, 2, &[1, 3], rng);
        self.handover = Some(Handover { keys, ballots: [1, 2], erasers: vec![1, 2] });
        self
    }

    /// The election of the plan's manifest and deals.
    pub fn election(&self) -> Election {
        Election::new(&self.manifest, &self.keys.ceremony).unwrap()
    }

    /// The keys with which something of this kind is done after the vote.
    fn keys_for(&self, kind: Kind) -> &Keys {
        let handover = self.handover.as_ref().filter(|_| !self.by_old.contains(&kind));
        handover.map_or(&self.keys, |handover| &handover.keys)
    }

    /// The sums of these ballots, with weights.
    pub fn sum(
        &self,
        election: &Election,
        counted: &[(Vec<u8>, u32)],
        rng: &mut ChaCha20Rng,
    ) -> PartialTally {
        let mut partial = PartialTally::new(&self.manifest);
        for (bytes, weight) in counted {
            let ballot = election.read_ballot(bytes).unwrap();
            if let Ok(ballot) = election.verify(ballot, rng) {
                partial.add(&ballot, *weight).unwrap();
            }
        }
        partial
    }

    /// The whole record.
    pub fn write(&self, rng: &mut ChaCha20Rng) -> Log {
        let election = self.election();
        let mut writer = Writer { plan: self, log: Log::default(), posted: BTreeMap::new() };
        writer.post(Kind::Manifest, self.manifest.to_bytes(), rng);
        writer.ceremony(&self.keys, &[], rng);
        writer.post(Kind::Question, self.question.to_vec(), rng);
        for number in &self.rehearsers {
            let trustee = self.keys.trustees.iter().find(|trustee| trustee.number() == *number);
            let content = rehearsal(&election, trustee.unwrap(), &self.question, rng);
            writer.post(Kind::Rehearsal, content, rng);
        }
        writer.post(Kind::Roll, encode_registrations(&self.roll), rng);
        writer.vote(rng);
        writer.close(&election, rng);

        let partial = self.sum(&election, &self.counted, rng);
        let tally = Tally::new(&partial);
        let opened = self.opened.as_ref().map(|o| Tally::new(&self.sum(&election, o, rng)));
        writer.post(Kind::Tally, tally.to_bytes(), rng);
        let mixed = writer.mix(&election, &tally, rng);
        let opened = opened.unwrap_or(tally);
        let opened = if mixed.is_empty() { opened } else { opened.with_mixed(mixed) };
        // No ballots, nothing to open.
        let keys = self.keys_for(Kind::Share);
        let open =
            |trustee: &Trustee| trustee.expose_factors(&election, &opened, &mut rng.clone()).ok();
        let shares: Vec<_> = keys.trustees.iter().filter_map(open).collect();
        for share in shares.iter().filter(|share| self.openers.contains(&share.trustee())) {
            writer.post(Kind::Share, share.to_bytes(), rng);
        }
        let shares: Vec<_> = shares
            .into_iter()
            .map(|s| s.verify(&election, &keys.ceremony, &opened, rng).unwrap())
            .collect();
        let roll = Roll::new(&self.manifest, &self.roll, rng).unwrap();
        let (turnout, table) = (partial.turnout(&roll).unwrap(), DlogTable::new(5_000));
        // Without shares there is nothing to write, and something earlier that is refused.
        if let Ok(outcome) =
            Outcome::open(&election, &keys.ceremony, &opened, &shares, turnout, &table)
        {
            writer.post(Kind::Result, outcome.to_bytes(), rng);
        }
        writer.log
    }
}

/// Writes what a plan wants.
struct Writer<'p> {
    plan: &'p Plan,
    log: Log,
    /// How many objects there were of each kind, those left out included.
    posted: BTreeMap<Kind, usize>,
}

impl Writer<'_> {
    fn post(&mut self, kind: Kind, mut content: Vec<u8>, rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        let count = self.posted.entry(kind).or_default();
        let this = (kind, *count);
        *count += 1;
        if !plan.without.contains(&this) {
            (plan.edit)(kind, this.1, &mut content);
            let signer = match &plan.signed_by {
                Some((place, author)) if *place == this => author,
                _ => &plan.operator,
            };
            match kind {
                Kind::Manifest | Kind::Roll | Kind::Tally | Kind::Result => {
                    self.log.signed(kind, &content, &plan.manifest, signer, rng);
                }
                Kind::Round | Kind::Question | Kind::Reshare | Kind::Freeze | Kind::Lift => {
                    self.log.signed(kind, &content, &plan.manifest, signer, rng);
                }
                Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Confirmation => {
                    self.log.append(&object(kind, &content));
                }
                Kind::Ballot | Kind::SpoilRequest | Kind::SpoilOpening => {
                    self.log.append(&object(kind, &content));
                }
                Kind::Share | Kind::Rehearsal | Kind::Erasure | Kind::Mix | Kind::Close => {
                    self.log.append(&object(kind, &content));
                }
                _ => unreachable!("{kind}"),
            }
        }
        for (_, object) in plan.after.iter().filter(|(after, _)| *after == this) {
            self.log.append(object);
        }
    }

    fn ballots(&mut self, ballots: &[Vec<u8>], rng: &mut ChaCha20Rng) {
        ballots.iter().for_each(|ballot| self.post(Kind::Ballot, ballot.clone(), rng));
    }

    /// All rounds, with ballots before the end of the first.
    fn ceremony(&mut self, keys: &Keys, ballots: &[Vec<u8>], rng: &mut ChaCha20Rng) {
        keys.commits.iter().for_each(|commit| self.post(Kind::Commit, commit.to_bytes(), rng));
        self.ballots(ballots, rng);
        self.post(Kind::Round, vec![0], rng);
        keys.deals.iter().for_each(|deal| self.post(Kind::Deal, deal.to_bytes(), rng));
        self.post(Kind::Round, vec![1], rng);
        self.post(Kind::Round, vec![2], rng);
        for (author, number) in keys.secrets.iter().zip(1..) {
            let content = confirmation(number, &keys.confirmed, author, rng);
            self.post(Kind::Confirmation, content, rng);
        }
        self.post(Kind::Round, vec![3], rng);
    }

    /// All ballots, and the resharing among them.
    fn vote(&mut self, rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        let Some(Handover { keys, ballots: [before, during], erasers }) = &plan.handover else {
            return self.ballots(&plan.ballots, rng);
        };
        let (before, rest) = plan.ballots.split_at(*before);
        let (during, rest) = rest.split_at(*during);
        self.ballots(before, rng);
        self.post(Kind::Reshare, members(&keys.setup), rng);
        self.ceremony(keys, during, rng);
        for number in erasers {
            let author = &plan.keys.secrets[usize::from(*number) - 1];
            self.post(Kind::Erasure, erasure(&plan.keys.ceremony, *number, author, rng), rng);
        }
        self.ballots(rest, rng);
    }

    /// Mixes all cells that are mixed, and gives the rows that come out.
    fn mix(&mut self, election: &Election, tally: &Tally, rng: &mut ChaCha20Rng) -> Vec<MixedCell> {
        let plan = self.plan;
        let read = |(bytes, _): &(Vec<u8>, u32)| election.read_ballot(bytes).unwrap();
        let counted = plan.counted.iter().map(read);
        let counted: Vec<CastBallot> = counted
            .filter(|ballot| election.verify(ballot.clone(), &mut rng.clone()).is_ok())
            .collect();
        let mut cells = cascade::first_rows(election, tally, &counted);
        let Keys { ceremony, secrets, .. } = plan.keys_for(Kind::Mix);
        let mut right = 0;
        for (trustee, position) in plan.mixers.iter().zip(0..) {
            for MixedCell { cell, slots, rows } in &mut cells {
                let by = |trustee: u16| cascade::Forgery {
                    election,
                    ceremony,
                    tally: tally.hash(),
                    trustee,
                    author: &secrets[usize::from(trustee) - 1],
                    cell: *cell as u32,
                    position,
                    key: election.ceremony().slot_keys()[slots.clone()].to_vec(),
                    inputs: rows.clone(),
                };
                for (_, trustee, tamper) in plan.wrong_mixes.iter().filter(|mix| mix.0 == right) {
                    let mix = by(*trustee);
                    let (_, mut body) = mix.shuffle(rng);
                    tamper(&mut body);
                    let content = mix.signed(&body, rng);
                    self.post(Kind::Mix, content, rng);
                }
                let mix = by(*trustee);
                let (outputs, body) = mix.shuffle(rng);
                let content = mix.signed(&body, rng);
                self.post(Kind::Mix, content, rng);
                *rows = outputs;
                right += 1;
            }
        }
        cells
    }

    fn sign_close(&mut self, election: &Election, closers: &[u16], rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        let place = plan.closed_at.unwrap_or((self.log.tree.size(), self.log.tree.root()));
        let keys = plan.keys_for(Kind::Close);
        for number in closers {
            let author = &keys.secrets[usize::from(*number) - 1];
            let hash = keys.ceremony.hash();
            let signature = close_signature(election, hash, *number, place, author, rng);
            self.post(Kind::Close, close_content(*number, &signature), rng);
        }
    }

    fn close(&mut self, election: &Election, rng: &mut ChaCha20Rng) {
        let plan = self.plan;
        self.post(Kind::Freeze, vec![], rng);
        if let Some(signed) = plan.lifted {
            self.sign_close(election, &plan.closers[..signed], rng);
            self.post(Kind::Lift, vec![], rng);
            self.post(Kind::Freeze, vec![], rng);
        }
        self.sign_close(election, &plan.closers, rng);
        for ballot in &plan.late {
            self.log.append(&object(Kind::Ballot, ballot));
        }
    }
}
