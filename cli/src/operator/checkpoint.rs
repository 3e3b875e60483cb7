//! Checkpoints of the board: its size and root, signed with the log's key.

use crate::{
    ask::Passphrase,
    board::Desk,
    failure::{Failure, Result},
    out::{self, tell},
    seen::Seen,
};
use clap::Args;
use std::path::PathBuf;
use tabella::{
    log::checkpoint::{Checkpoint, LogSecret},
    record::Folder,
};

/// Which board and key.
#[derive(Args)]
pub struct Options {
    /// The folder of the board
    board: PathBuf,
    /// The log's key, as `tabella key --log` made it; the manifest has its public part
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Signs the board as it is.
pub fn run(Options { board: path, log_key, passphrase }: &Options) -> Result<()> {
    let signed = Folder::open(path).map_err(Failure::unreadable)?.checkpoints();
    let mut desk = Desk::open(path)?;
    let manifest = desk.manifest()?;
    let log = manifest.log().ok_or_else(|| {
        Failure::refused("the manifest names no log: add `log` with a key, or publish the root")
    })?;
    let (secret, _) = passphrase.key::<LogSecret>(log_key)?;
    if secret.public() != *log.key() {
        return Err(Failure::refused(format!(
            "{} is the key {}, and the manifest's log has {}",
            log_key.display(),
            secret.public(),
            log.key()
        )));
    }
    // A second root of a size that was signed would prove that there are two boards.
    for known in signed.map_err(Failure::unreadable)? {
        let head = known.checkpoint().head();
        if !desk.board().hashes().head(head.size).is_ok_and(|own| own == head) {
            return Err(Failure::refused(format!(
                "a checkpoint of size {} with the root {} was signed before, which is not of this board: do not go on, and find out whether the folder is an old copy",
                head.size, head.root
            )));
        }
    }
    let seen = Seen::beside(log_key, &manifest.hash());
    seen.check(desk.board().hashes())?;
    let checkpoint = Checkpoint::new(&manifest.origin(), desk.state().head())?;
    seen.keep(desk.state().head())?;
    let note = secret.sign(&checkpoint);
    desk.write(|board| board.checkpoint(&note)).map_err(Failure::unreadable)?;
    let least = log.quorum();
    if least > 0 {
        tell!(
            "Now ask witnesses, of whom {least} must cosign: `tabella log {} witness 0`",
            path.display()
        );
    }
    out::result(format_args!("{note}"))
}
