//! The three elections with written records, and all their secrets.

use super::{
    ballots::style_rules,
    oracle::{Choice, Rows, generator},
};
use attacks::{
    World,
    dealer::{self, Dealer, registered},
    forge::{Forgery, Keys, Log, Plan, object, signed_share, spoil_opening, spoil_request},
    rng,
};
use curve25519_dalek::RistrettoPoint;
use std::{fs, path::Path};
use tabella::{
    ballot::{Choices, Election, Header, Origin, Tracker},
    board::{Board, Kind},
    codec::Encode,
    contest::{Cell, Contest},
    count::{Counting, Method, Quota, TieBreak},
    crypto::message,
    keys::{Complaint, Recipient, Setup},
    log::{
        checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret},
        merkle::Head,
    },
    record::Writer,
    roll::Credential,
    tally::{Tally, Withdrawal},
};

/// An election with everything needed to write its record again, with changes.
pub struct Case {
    pub name: &'static str,
    pub world: World,
    pub plan: Plan,
}

/// Sizes at which checkpoints of the first election are signed; the last is that of the whole board.
pub const CHECKPOINTS: [u64; 3] = [19, 24, 34];
/// When the first checkpoint was cosigned, in seconds since 1970.
pub const TIME: u64 = 1_790_000_000;

/// The key of the log, and those of two witnesses.
pub fn log_keys() -> (LogSecret, [WitnessSecret; 2]) {
    let witness = |number: u8| {
        WitnessSecret::from_seed(&format!("witness.example/w{number}"), &[number + 1; 32]).unwrap()
    };
    (LogSecret::from_seed(&[1; 32]), [1, 2].map(witness))
}

/// A town whose log signs checkpoints. Voter 5 spoils a ballot and has it opened.
pub fn election() -> Case {
    town(81)
}

/// Another election of the same form.
pub fn other() -> Case {
    town(80)
}

fn town(seed: u8) -> Case {
    let (log, witnesses) = log_keys();
    let mut world = World::town_with(seed, |builder| {
        let witnesses = witnesses.iter().map(|witness| witness.public().clone());
        builder.log(log.public()).witnesses(witnesses, 1)
    });
    let mut plan = Plan::town(&mut world);
    let Spoil { request, opening, .. } = spoil(&plan, &world);
    plan.after.push(((Kind::Ballot, 4), object(Kind::SpoilRequest, &request)));
    plan.after.push(((Kind::Ballot, 4), object(Kind::SpoilOpening, &opening)));
    Case { name: "election", world, plan }
}

/// The ballot that is spoiled in the first election.
pub struct Spoil {
    pub ballot: Vec<u8>,
    pub request: Vec<u8>,
    pub opening: Vec<u8>,
}

pub fn spoil(plan: &Plan, world: &World) -> Spoil {
    let (election, rng) = (plan.election(), &mut rng(82));
    let header = Header { style: 1, sequence: 0, origin: Origin::Station(1) };
    let forgery = Forgery::honest(&world.voters[5], header, &[0, 1, 0, 0, 1], 1_234_567);
    let ballot = forgery.bytes(&election, rng);
    let secrets = [forgery.signer, forgery.nonce];
    let request = spoil_request(&election, &Tracker::of(&ballot), secrets, rng);
    let opening = spoil_opening(&ballot, &forgery.nonce);
    Spoil { ballot, request, opening }
}

/// A town in which dealer 2 deals member 3 a bad share and is out, the shares are handed over during the vote, voter 0 also casts
/// for voter 2, an option is withdrawn, and one of the new trustees signs a wrong decryption share.
pub fn ceremony() -> Case {
    let mut world = World::town_with(83, |builder| builder.proxies(1));
    let (keys, complaint) = disputed(&world);
    let mut plan = Plan::town_with(&mut world, keys).reshared(&mut world);
    plan.rehearsers = vec![1, 3];
    plan.without = vec![(Kind::Confirmation, 1)];
    plan.after.push(((Kind::Round, 1), object(Kind::Complaint, &complaint.to_bytes())));
    let key = Credential::random(&mut rng(85)).unwrap();
    let delegation = object(Kind::Delegation, &world.delegation(2, &key, 0).to_bytes());
    let ballot = Forgery::honest(&key, Header::remote(0), &[0, 1, 1, 0, 0], 7_654_321);
    let ballot = ballot.bytes(&plan.election(), &mut rng(86));
    let last = (Kind::Ballot, plan.ballots.len() - 1);
    plan.after.extend([(last, delegation), (last, object(Kind::Ballot, &ballot))]);
    plan.counted.push((ballot, 1));
    let withdrawal =
        |(contest, option)| Withdrawal { contest, option, reason: "moved away".into() };
    plan.withdrawn = vec![withdrawal((1, 0))];
    (plan.lifted, plan.closers) = (Some(0), vec![1, 2, 3]);
    plan.handover.as_mut().unwrap().erasers = vec![1, 3];
    let keys = &plan.handover.as_ref().unwrap().keys;
    let (election, tally) = (plan.election(), tally(&plan));
    let (author, ceremony) = (&keys.secrets[1], &keys.ceremony);
    let wrong = signed_share(&election, ceremony, &tally, 2, author, &mut rng(84));
    plan.after.push(((Kind::Tally, 0), object(Kind::Share, &wrong)));
    Case { name: "ceremony", world, plan }
}

/// A council elected by rankings in each district, a mayor with write-ins, and a club with one ballot, which is not opened.
/// Voter 0 votes again and writes in the name of an option; voter 8 does not vote. Three messages break a rule or are not
/// messages; one mix is signed and wrong.
pub fn council() -> Case {
    council_with(90, undisputed)
}

/// The same, but dealer 2 deals a bad share and so has none, and mixes after trustee 1.
pub fn disputed_council() -> Case {
    let mut complaint = None;
    let mut case = council_with(90, |world| {
        let (keys, found) = disputed(world);
        complaint = Some(found);
        keys
    });
    let plan = &mut case.plan;
    plan.without = vec![(Kind::Confirmation, 1)];
    let complaint = object(Kind::Complaint, &complaint.unwrap().to_bytes());
    plan.after.push(((Kind::Round, 1), complaint));
    plan.closers = vec![1, 3];
    (plan.mixers, plan.wrong_mixes) = (vec![1, 2], vec![]);
    case
}

fn undisputed(world: &mut World) -> Keys {
    let World { manifest, secrets, ceremony, rng, .. } = world;
    Keys::first(manifest, secrets, ceremony, rng)
}

/// Another election of the same form.
pub fn other_council() -> Case {
    council_with(92, undisputed)
}

fn council_with(seed: u8, keys: impl FnOnce(&mut World) -> Keys) -> Case {
    let stv = Counting {
        method: Method::Stv { quota: Quota::Droop, places: 5 },
        seats: 2,
        tie_break: TieBreak::Backwards,
    };
    let council = Contest::rank("council", ["Ada", "Ben", "Cleo"], stv).write_ins(1, 30);
    let mayor = Contest::choose("mayor", ["Dora", "Emil"], 0..=2).blank().write_ins(2, 20);
    let mut world = World::new(seed, (3, 2), &[0, 0, 0, 0, 0, 1, 1, 2, 1], |builder| {
        builder
            .minimum_cell(3)
            .ballots_per_voter(2)
            .district("north", "North")
            .district("south", "South")
            .contest(council.cell(Cell::District))
            .contest(mayor.cell(Cell::Election))
            .contest(Contest::choose_one("pool", ["yes", "no"]))
            .contest(Contest::choose_one("club", ["yes", "no"]))
            .style("north", "north", ["council", "mayor", "pool"])
            .style("south", "south", ["council", "mayor"])
            .style("member", "south", ["council", "mayor", "club"])
    });
    let keys = keys(&mut world);
    let election = Election::new(&world.manifest, &keys.ceremony).unwrap();
    let ballots = council_ballots(&mut world, &election);
    let counted = ballots[1..].to_vec();
    let mut plan = Plan::with(&world, keys, ballots, counted);
    plan.rehearsers = Vec::new();
    plan.closers = vec![1, 2, 3];
    // A point of the first row is replaced by one of the last.
    plan.wrong_mixes = vec![(3, 2, |body| body.copy_within(4 * 96 + 64..5 * 96, 64))];
    Case { name: "council", world, plan }
}

fn council_ballots(world: &mut World, election: &Election) -> Vec<Vec<u8>> {
    let at = |style, sequence| Header { style, sequence, origin: Origin::Remote };
    let new = Choices::new;
    let ranked = |order: &[&'static str]| new().rank("council", order.iter().copied());
    let mut cast = |voter, header, choices: Choices| {
        world.ballot(election, voter, &header, &choices).to_bytes()
    };
    let first = ranked(&["Ben", "Ada"]).pick("mayor", "Emil").pick("pool", "yes");
    let first = cast(0, at(0, 0), first);
    let one = ranked(&["Ben", "Cleo", "Ada"]).write_in("mayor", "Zo\u{eb}").pick("pool", "no");
    let one = cast(1, at(0, 0), one);
    let two = new().rank_write_in("council", "ZOE\u{308}").rank("council", ["Ada"]);
    let two = two.write_in("mayor", "zoe\u{308}").pick("mayor", "Emil").pick("pool", "yes");
    let two = cast(2, at(0, 0), two);
    let five = ranked(&["Ben", "Cleo"]).write_in("mayor", "Fritz").write_in("mayor", "Zo\u{eb}");
    let five = cast(5, at(1, 0), five);
    let seven = cast(7, at(2, 0), new().blank("mayor").pick("club", "yes"));

    let mut forge =
        |voter: usize, header: Header, votes: &[Choice<'_>], free: [Vec<RistrettoPoint>; 2]| {
            let style = header.style;
            let (rules, joint) = style_rules(election.manifest(), usize::from(style));
            let rows = Rows::of(&rules, &joint);
            let bits = rows.witness(&rules, votes);
            let numbers: Vec<i64> = bits.iter().map(|bit| i64::from(*bit)).collect();
            let mut forgery =
                Forgery::honest(&world.voters[voter], header, &numbers, 7_000 + voter as u64);
            let constraints = election.manifest().constraints(usize::from(style)).unwrap();
            assert!(constraints.allow(&bits));
            forgery.values = constraints.values(&bits);
            forgery.free = rows.free.into_iter().zip(free.concat()).collect();
            forgery.bytes(election, &mut world.rng)
        };
    let written = |ranks: &[u8], lines: &[&str], length: usize| {
        let line = |name: &&str| {
            let mut line = vec![0; 1 + length];
            line[0] = name.len() as u8;
            line[1..=name.len()].copy_from_slice(name.as_bytes());
            line
        };
        let bytes: Vec<u8> = ranks.iter().copied().chain(lines.iter().flat_map(line)).collect();
        message::encode(&bytes, bytes.len().div_ceil(29)).unwrap().to_vec()
    };
    // The name of an option on a line, which no unmodified device writes.
    let last = forge(
        0,
        at(0, 1),
        &[(&[], 0), (&[1, 0, 1, 0], 0), (&[0, 1], 0)],
        [written(&[1, 0, 0, 2], &["Zo\u{eb}"], 30), written(&[], &["\u{ff24}ORA", ""], 20)],
    );
    // The same rank twice, and blank votes.
    let three = forge(
        3,
        at(0, 0),
        &[(&[], 0), (&[0, 0, 0, 0], 1), (&[0, 1], 0)],
        [written(&[1, 1, 0, 0], &[""], 30), written(&[], &["", ""], 20)],
    );
    // Points that do not encode a message; and a line without votes, so that its bad name is ignored.
    let four = forge(
        4,
        at(0, 0),
        &[(&[], 0), (&[0, 1, 0, 1], 0), (&[1, 0], 0)],
        [
            vec![generator("no message", 0), generator("no message", 1)],
            written(&[], &[" ", "Fritz"], 20),
        ],
    );
    // A vote for an empty line.
    let six = forge(
        6,
        at(1, 0),
        &[(&[], 0), (&[1, 0, 1, 0], 0)],
        [written(&[0, 1, 0, 0], &[""], 30), written(&[], &["", "Emil"], 20)],
    );
    vec![first, one, two, three, four, five, six, seven, last]
}

/// What is opened in a plan's election.
pub fn tally(plan: &Plan) -> Tally {
    Tally::new(&plan.sum(&plan.election(), &plan.counted, &mut rng(85)))
}

/// The messages and keys of a ceremony in which dealer 2 deals member 3 a bad share.
fn disputed(world: &World) -> (Keys, Complaint) {
    let (setup, rng) = (Setup::first(&world.manifest), &mut rng(86));
    let numbered = (1..).zip(registered(&world.secrets));
    let mut dealers: Vec<_> =
        numbered.map(|(number, secret)| Dealer::new(&setup, number, secret, rng)).collect();
    let mut plain = dealers[1].plain(3);
    plain[0] ^= 1;
    dealers[1].shares[2] = dealers[1].encrypt(3, &plain);
    let deals: Vec<_> = dealers.iter().map(|dealer| dealer.deal(rng)).collect();
    let promised = |(dealer, deal): (&Dealer, &tabella::keys::Deal)| {
        let bytes = deal.to_bytes();
        (dealer.commit(&bytes), bytes)
    };
    let messages: Vec<_> = dealers.iter().zip(&deals).map(promised).collect();
    let mut observer = dealer::dealt(&setup, &messages);
    let recipient = Recipient::new(&setup, 3, &world.secrets[2]).unwrap();
    let [complaint]: [Complaint; 1] =
        recipient.complain(&observer, rng).unwrap().try_into().unwrap();
    observer.take_complaint(complaint.clone(), rng).unwrap();
    observer.close_round().unwrap();
    let trustees =
        [1, 3].map(|number| dealer::receive(&observer, number, &world.secrets).unwrap()).into();
    let ceremony = observer.ceremony().unwrap().clone();
    let commits = messages.into_iter().map(|(commit, _)| commit).collect();
    let (secrets, confirmed) = (world.secrets.clone(), *ceremony.hash());
    (Keys { setup, secrets, commits, deals, trustees, ceremony, confirmed }, complaint)
}

impl Case {
    /// The record, the same each time.
    pub fn log(&self) -> Log {
        self.plan.write(&mut rng(87))
    }

    /// The record's entries.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        tabella::log::Entries::new(&self.log().bytes).map(|entry| entry.unwrap().to_vec()).collect()
    }

    /// The board that accepted it.
    pub fn board(&self) -> Board {
        tabella::board::replay(&self.log().bytes, &mut rng(88)).unwrap()
    }

    /// The signed checkpoint of a board of this size and root.
    pub fn checkpoint(&self, head: Head, time: u64) -> SignedCheckpoint {
        let (log, witnesses) = log_keys();
        let checkpoint = Checkpoint::new(&self.world.manifest.origin(), head).unwrap();
        let mut signed = log.sign(&checkpoint);
        for (witness, delay) in witnesses.iter().zip(1..) {
            let cosignature = witness.cosign(&checkpoint, time + delay).unwrap();
            signed.add(witness.public(), cosignature).unwrap();
        }
        signed
    }

    /// Writes the record into an empty folder as it grows, with its checkpoints and views.
    pub fn write(&self, path: &Path) {
        let _ = fs::remove_dir_all(path);
        let (mut board, rng) = (Board::new(), &mut rng(88));
        let mut writer = Writer::create(path).unwrap();
        for object in self.entries() {
            board.post(&object, rng).unwrap();
            writer.append(&object, board.state()).unwrap();
            let size = writer.head().size;
            if self.world.manifest.log().is_some() && CHECKPOINTS.contains(&size) {
                writer.checkpoint(&self.checkpoint(writer.head(), TIME + 600 * size)).unwrap();
            }
        }
        writer.sync().unwrap();
        writer.views(board.state()).unwrap();
    }
}

/// All files below a folder, by their relative names, in order.
pub fn files(path: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    fn walk(path: &Path, prefix: &str, files: &mut std::collections::BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), files);
            } else {
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut found = std::collections::BTreeMap::new();
    walk(path, "", &mut found);
    found
}
