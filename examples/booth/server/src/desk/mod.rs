//! The thread that owns the board, and how others ask it.
//!
//! What waits is bounded. If there is no room, whoever asks is told so at once.

mod answer;
mod command;
mod owner;
mod verify;

pub use answer::{Answer, Reason, Receipted};
pub use command::Command;
pub(crate) use owner::{Keys, Owner};

use crate::published::Published;
use std::sync::Arc;
use tabella::record::DiskBoard;
use tokio::sync::{mpsc, oneshot, watch};

/// What the thread is asked.
pub(crate) enum Ask {
    /// To post messages.
    Post(Vec<Vec<u8>>, oneshot::Sender<Vec<Answer>>),
    /// A question about the board.
    Question(Question),
    /// What the operator wants.
    Operate(Command, Reply),
    /// To go on with a tally after the board was verified.
    Verified(Result<tabella::log::merkle::Head, String>, Reply),
    /// To look whether a checkpoint is due.
    Tick,
    /// To end.
    Stop,
}

pub(crate) type Question = Box<dyn FnOnce(&DiskBoard) + Send>;
pub(crate) type Reply = oneshot::Sender<Result<String, Reason>>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// Too much is waiting; nothing was taken.
    Busy,
    /// The server ends, or its disk failed.
    Stopping,
}

/// A way to the thread.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) asks: mpsc::Sender<Ask>,
    pub(crate) published: watch::Receiver<Arc<Published>>,
}

impl Desk {
    /// The board as it was after the last write.
    pub fn published(&self) -> Arc<Published> {
        self.published.borrow().clone()
    }

    /// How many asks wait.
    pub fn waiting(&self) -> usize {
        self.asks.max_capacity() - self.asks.capacity()
    }

    /// Posts messages; answers when the disk has those that are accepted.
    ///
    /// # Errors
    ///
    /// After `Stopping` they may be there.
    pub async fn post(&self, objects: Vec<Vec<u8>>) -> Result<Vec<Answer>, Down> {
        self.answered(|reply| Ask::Post(objects, reply)).await
    }

    /// Asks a question about the board, which is answered between two writes.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&DiskBoard) -> T + Send + 'static,
    ) -> Result<T, Down> {
        self.answered(|reply| {
            Ask::Question(Box::new(move |board| {
                // Whoever asked may have gone.
                let _ = reply.send(question(board));
            }))
        })
        .await
    }

    /// Does what the operator wants.
    pub async fn operate(&self, command: Command) -> Result<Result<String, Reason>, Down> {
        self.answered(|reply| Ask::Operate(command, reply)).await
    }

    async fn answered<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Down> {
        let (reply, answer) = oneshot::channel();
        self.asks.try_send(ask(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Down::Busy,
            mpsc::error::TrySendError::Closed(_) => Down::Stopping,
        })?;
        answer.await.map_err(|_| Down::Stopping)
    }
}
