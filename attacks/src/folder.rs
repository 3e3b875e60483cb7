//! Records in folders: made once, then damaged.

use crate::{World, rng};
use rand_chacha::rand_core::RngCore;
use std::{collections::BTreeMap, env, fs, path::PathBuf, process};
use tabella::{
    ballot::{Choices, Header},
    board::{Board, Receipt},
    contest::Contest,
    log::{
        checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret},
        merkle::Head,
    },
    manifest::{Builder, Manifest},
    record::Writer,
};

/// The first segment.
pub const BOARD: &str = "board/00000000.bin";

/// All files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A separate folder for each test, empty at first and removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("tabella-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// All files in it.
    pub fn files(&self) -> Files {
        let mut files = Files::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for file in fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&self.0).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, fs::read(path).unwrap());
                }
            }
        }
        files
    }

    /// Replaces everything in it by these files.
    pub fn put(&self, files: &Files) {
        fs::remove_dir_all(&self.0).unwrap();
        for folder in ["board", "checkpoints"] {
            fs::create_dir_all(self.file(folder)).unwrap();
        }
        for (name, bytes) in files {
            fs::write(self.file(name), bytes).unwrap();
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The log and the witnesses, who sign the checkpoints of an election.
pub struct Signers {
    pub log: LogSecret,
    pub witnesses: [WitnessSecret; 3],
}

impl Signers {
    pub fn new(seed: u8) -> Self {
        let rng = &mut rng(seed);
        let log = LogSecret::random(rng).unwrap();
        let names = ["east", "west", "south"].map(|name| format!("witness.example/{name}"));
        let witnesses = names.map(|name| {
            let mut seed = [0; 32];
            rng.fill_bytes(&mut seed);
            WitnessSecret::from_seed(&name, &seed).unwrap()
        });
        Self { log, witnesses }
    }

    /// Registers the log and its witnesses, any two of whom must cosign.
    pub fn register(&self, builder: Builder) -> Builder {
        let witnesses = self.witnesses.iter().map(|witness| witness.public().clone());
        builder.log(self.log.public()).witnesses(witnesses, 2)
    }

    /// A checkpoint signed by the log and by the witnesses at these places.
    pub fn sign(&self, manifest: &Manifest, head: Head, witnesses: &[usize]) -> SignedCheckpoint {
        let checkpoint = Checkpoint::new(&manifest.origin(), head).unwrap();
        let mut signed = self.log.sign(&checkpoint);
        for place in witnesses {
            let witness = &self.witnesses[*place];
            let cosignature = witness.cosign(&checkpoint, 1_700_000_000).unwrap();
            signed.add(witness.public(), cosignature).unwrap();
        }
        signed
    }
}

/// An election with a log and witnesses, and its record.
pub struct Recorded {
    pub world: World,
    pub signers: Signers,
    pub board: Board,
    /// The operator's receipt for the second ballot.
    pub receipt: Receipt,
    pub files: Files,
}

impl Recorded {
    /// One trustee, two voters, one contest, and this many questions to the trustee. There is a checkpoint before the
    /// ballots, between them, and at the end.
    pub fn tiny(seed: u8, questions: usize) -> Self {
        let signers = Signers::new(seed);
        let mut world = World::new(seed, (1, 1), &[0; 2], |builder| {
            let contest = Contest::choose_one("q", ["yes", "no"]);
            signers.register(builder.minimum_cell(1).contest(contest))
        });
        let folder = Folder::new(&format!("made-{seed}-{questions}"));
        let mut writer = Writer::create(&folder.0).unwrap();
        let mut checkpoint = |world: &World, board: &Board| {
            writer.follow(board).unwrap();
            writer.checkpoint(&signers.sign(&world.manifest, writer.head(), &[0, 1])).unwrap();
        };
        let mut board = world.open();
        checkpoint(&world, &board);
        let election = board.election().unwrap().clone();
        for (voter, option) in ["yes", "no"].into_iter().enumerate() {
            let choices = Choices::new().pick("q", option);
            let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
            board.post(&ballot, &mut world.rng).unwrap();
            if voter == 0 {
                (0..questions).for_each(|_| drop(board.ask(&world.operator, &mut world.rng)));
                checkpoint(&world, &board);
            }
        }
        let entry = board.state().size() - 1;
        let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
        world.finish(&mut board, &[0]);
        checkpoint(&world, &board);
        writer.views(board.state()).unwrap();
        let files = folder.files();
        Self { world, signers, board, receipt, files }
    }

    /// The name of the last checkpoint's file.
    pub fn last_checkpoint(&self) -> String {
        format!("checkpoints/{}.txt", self.board.state().size())
    }
}
