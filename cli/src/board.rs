//! The board in a record's folder.

use crate::{
    failure::{Failure, Result},
    interrupt,
    out::tell,
    progress::Progress as Bar,
};
use rand_core::OsRng;
use std::{ops::ControlFlow, path::Path};
use tabella::{
    Board, Manifest,
    board::{Memory, ReplayError, State},
    log::{ReadLog, checkpoint::SignedCheckpoint},
    record::{self, DiskBoard, Folder, Opened, Opening, Progress, Stage, WriteError},
};

/// A board that the operator writes to. What it accepts is on the disk before anybody hears of it.
pub struct Desk {
    board: DiskBoard,
}

impl Desk {
    /// An empty board in a new folder.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self { board: record::create(path).map_err(Failure::unreadable)? })
    }

    /// The board in this folder. What a crash left behind the last whole message is cut off. What the snapshot beside it vouches for
    /// is not verified again.
    pub fn open(path: &Path) -> Result<Self> {
        Self::opened(path, true)
    }

    /// The same with everything verified.
    pub fn open_verified(path: &Path) -> Result<Self> {
        Self::opened(path, false)
    }

    fn opened(path: &Path, believes: bool) -> Result<Self> {
        let mut bar: Option<(Stage, Bar)> = None;
        let mut show = |Progress { stage, done, of }| {
            let what = match stage {
                Stage::Reading => "reading the board",
                Stage::Judging => "opening the board",
            };
            let shown = bar.take().filter(|(before, _)| *before == stage);
            bar.insert(shown.unwrap_or_else(|| (stage, Bar::new(what, of)))).1.at(done);
            ControlFlow::Continue(())
        };
        let opening = Opening::of(path).telling(&mut show);
        let opening = if believes { opening } else { opening.believing_nothing() };
        let opened = opening.open(&mut OsRng);
        let Opened { board, cut, .. } = opened.map_err(|error| match error {
            WriteError::Replay(error) => Failure::refused(format!("{}: {error}", path.display())),
            error => Failure::unreadable(error),
        })?;
        if let Some(cut) = cut {
            tell!(
                "what stood behind entry {} was not whole, as after a crash, and was cut off",
                cut.entry
            );
        }
        Ok(Self { board })
    }

    pub fn board(&self) -> &DiskBoard {
        &self.board
    }

    pub fn state(&self) -> &State {
        self.board.state()
    }

    /// Does something that changes the folder. An interrupt waits until it is done.
    pub fn write<T>(&mut self, change: impl FnOnce(&mut DiskBoard) -> T) -> T {
        let _writing = interrupt::writing();
        change(&mut self.board)
    }

    /// Writes what people and programs read of the board beside it.
    pub fn views(&mut self) -> Result<()> {
        self.write(DiskBoard::views).map_err(Failure::unreadable)
    }

    /// The election's manifest.
    pub fn manifest(&self) -> Result<Manifest> {
        manifest(self.state())
    }
}

/// Replays the board in a folder that somebody else writes.
pub fn read(path: &Path) -> Result<Board> {
    Ok(read_signed(path)?.0)
}

/// The same with the checkpoints beside it, which are not verified.
pub fn read_signed(path: &Path) -> Result<(Board, Vec<SignedCheckpoint>)> {
    let folder = Folder::open(path).map_err(Failure::unreadable)?;
    let checkpoints = folder.checkpoints().map_err(Failure::unreadable)?;
    let mut log = folder.log();
    let (mut bytes, mut entries) = (Vec::new(), 0);
    // It may have been copied while it was written.
    let torn = |error| Failure::unreadable(format!("{}: {error}; copy it again", path.display()));
    while let Some(entry) = log.entry(entries).map_err(torn)? {
        // Entries are at most 65,535 bytes, by the format.
        bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        bytes.extend_from_slice(&entry);
        entries += 1;
    }
    let named = |error: ReplayError| Failure::refused(format!("{}: {error}", path.display()));
    let memory = Memory::of(&bytes).map_err(|torn| named(ReplayError::Torn(torn)))?;
    let bar = Bar::new("checking the board", entries);
    let mut show = |done| {
        bar.at(done);
        ControlFlow::Continue(())
    };
    let (board, _) = Board::load_from(memory, None, &mut show, &mut OsRng).map_err(named)?;
    Ok((board, checkpoints))
}

/// The manifest of a board.
pub fn manifest(state: &State) -> Result<Manifest> {
    let manifest = state.manifest().cloned();
    manifest.ok_or_else(|| Failure::refused("the board is empty: the manifest comes first"))
}

/// The place of the ballot style with this id, which need not be named where there is one alone.
pub fn style(manifest: &Manifest, id: Option<&str>) -> Result<u16> {
    let styles = manifest.styles();
    let place = match id {
        Some(id) => manifest.style(id),
        None if styles.len() == 1 => Some(0),
        None => None,
    };
    place.and_then(|place| u16::try_from(place).ok()).ok_or_else(|| {
        let known: Vec<&str> = styles.iter().map(|style| style.id.as_str()).collect();
        let found = id.unwrap_or_default();
        Failure::refused(format!("style '{found}' — expected one of {}", known.join(", ")))
    })
}
