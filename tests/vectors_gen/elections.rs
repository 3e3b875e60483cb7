//! The two elections whose records are written out, and all that is secret in them.

use crate::{
    common::{
        World,
        forge::{Forgery, Keys, Log, Plan, object, signed_share, spoil_opening, spoil_request},
        rng,
    },
    dealer::{self, Dealer, registered},
};
use std::{fs, path::Path};
use tabella::{
    ballot::{Header, Origin, Tracker},
    board::{Board, Kind, merkle::Head},
    checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret},
    codec::Encode,
    keys::{Complaint, Recipient, Setup},
    record::{self, Writer},
    tally::Tally,
};

/// An election with everything that is needed to write its record again, differently.
pub struct Case {
    pub name: &'static str,
    pub world: World,
    pub plan: Plan,
}

/// Sizes at which checkpoints of the first election are signed; the last is that of the whole board.
pub const CHECKPOINTS: [u64; 3] = [19, 24, 31];
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

/// A town in which dealer 2 deals member 3 a bad share and is out, whose shares go over to others during the vote, and in
/// which one of these signs a wrong decryption share.
pub fn ceremony() -> Case {
    let mut world = World::town(83);
    let (keys, complaint) = disputed(&world);
    let mut plan = Plan::town_with(&mut world, keys).reshared(&mut world);
    plan.rehearsers = vec![1, 3];
    plan.without = vec![(Kind::Confirmation, 1)];
    plan.after.push(((Kind::Round, 1), object(Kind::Complaint, &complaint.to_bytes())));
    plan.closers = vec![1, 2, 3];
    plan.handover.as_mut().unwrap().erasers = vec![1, 3];
    let keys = &plan.handover.as_ref().unwrap().keys;
    let (election, tally) = (plan.election(), tally(&plan));
    let (author, ceremony) = (&keys.secrets[1], &keys.ceremony);
    let wrong = signed_share(&election, ceremony, &tally, 2, author, &mut rng(84));
    plan.after.push(((Kind::Tally, 0), object(Kind::Share, &wrong)));
    Case { name: "ceremony", world, plan }
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
        record::Entries::new(&self.log().bytes).map(|entry| entry.unwrap().to_vec()).collect()
    }

    /// The board that has accepted it.
    pub fn board(&self) -> Board {
        record::replay(&self.log().bytes, &mut rng(88)).unwrap()
    }

    /// The signed checkpoint of a board of this size and root.
    pub fn checkpoint(&self, head: Head, time: u64) -> SignedCheckpoint {
        let (log, witnesses) = log_keys();
        let checkpoint = Checkpoint::new(&self.world.manifest.origin(), head).unwrap();
        let mut signed = log.sign(&checkpoint);
        for (witness, delay) in witnesses.iter().zip(1..) {
            signed.add(witness.cosign(&checkpoint, time + delay).unwrap()).unwrap();
        }
        signed
    }

    /// Writes the record into an empty folder as it grows, with its checkpoints and views.
    pub fn write(&self, path: &Path) {
        let _ = fs::remove_dir_all(path);
        let board = self.board();
        let mut writer = Writer::create(path).unwrap();
        for entry in 0..board.state().size() {
            writer.append(board.entry(entry).unwrap()).unwrap();
            let size = entry + 1;
            if self.world.manifest.log().is_some() && CHECKPOINTS.contains(&size) {
                writer.checkpoint(&self.checkpoint(writer.head(), TIME + 600 * size)).unwrap();
            }
        }
        writer.sync().unwrap();
        writer.views(board.state()).unwrap();
    }
}

/// All files below a folder, by their names in it, in order.
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
