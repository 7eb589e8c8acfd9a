//! The way of the rows from the task that reads them to whoever sends them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use postern_base::limits::EXPORT_STALL_SECS_MAX;
use tokio::sync::{mpsc, oneshot};

use super::Failure;
use crate::Error;
use crate::run::Answer;

/// What is collected before it is handed on.
pub(super) const CHUNK_BYTES: u64 = 256 * 1024;
/// What is collected at most while a batch is being read.
const OVERFULL_BYTES: u64 = 4 * CHUNK_BYTES;

/// The parts of a body, in order. Unless the last part came, its end is an error, so that what was
/// cut off never looks whole.
#[derive(Debug)]
pub struct Chunks {
    parts: mpsc::Receiver<Part>,
    ended: bool,
}

#[derive(Debug)]
enum Part {
    Text(Bytes),
    Failed(Error),
    End,
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(part) = self.parts.poll_recv(context) else {
            return Poll::Pending;
        };
        Poll::Ready(match part {
            Some(Part::Text(text)) => Some(Ok(text)),
            Some(Part::End) => {
                self.ended = true;
                None
            }
            Some(Part::Failed(error)) => {
                self.ended = true;
                Some(Err(error))
            }
            None => {
                self.ended = true;
                Some(Err(Error::Shape {
                    reason: "an answer was cut off",
                }))
            }
        })
    }
}

/// A sink and what comes out of it; one part waits in between, so that the rows behind it are not
/// read before the client has taken what came before.
pub(super) fn channel(opened: oneshot::Sender<Result<Answer, Error>>) -> (Sink, Chunks) {
    let (sender, parts) = mpsc::channel(1);
    let sink = Sink {
        opened: Some(opened),
        known: Answer::default(),
        text: String::new(),
        written: 0,
        parts: sender,
    };
    let chunks = Chunks {
        parts,
        ended: false,
    };
    (sink, chunks)
}

/// Where the text of the body goes.
pub(super) struct Sink {
    /// Told once: when the first part is full, or all is there.
    opened: Option<oneshot::Sender<Result<Answer, Error>>>,
    known: Answer,
    text: String,
    written: u64,
    parts: mpsc::Sender<Part>,
}

impl Sink {
    /// Notes what is known of the answer besides its rows.
    pub(super) fn know(&mut self, known: Answer) {
        self.known = known;
    }

    /// Completes when nobody waits for the rows any more.
    pub(super) fn left(&self) -> impl Future<Output = ()> + use<> {
        let parts = self.parts.clone();
        async move { parts.closed().await }
    }

    /// Adds to the text.
    pub(super) fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.written += text.len() as u64;
    }

    /// How much text there was in all.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Whether so much is collected that the next row must wait.
    pub(super) fn is_overfull(&self) -> bool {
        self.text.len() as u64 >= OVERFULL_BYTES
    }

    /// Hands on what is collected once there is enough of it.
    pub(super) async fn flush_if_full(&mut self) -> Result<(), Failure> {
        if self.text.len() as u64 >= CHUNK_BYTES / 2 {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Hands on what is collected.
    pub(super) async fn flush(&mut self) -> Result<(), Failure> {
        if let Some(opened) = self.opened.take() {
            let known = Answer {
                body: None,
                ..std::mem::take(&mut self.known)
            };
            let _ = opened.send(Ok(known));
        }
        let text = std::mem::take(&mut self.text);
        self.pass(Part::Text(Bytes::from(text))).await
    }

    /// Hands on the rest, or all of it if it was little.
    pub(super) async fn end(&mut self, rows: u64) {
        if let Some(opened) = self.opened.take() {
            let whole = Answer {
                body: Some(std::mem::take(&mut self.text)),
                page_rows: rows,
                ..std::mem::take(&mut self.known)
            };
            let _ = opened.send(Ok(whole));
        } else if self.flush().await.is_ok() {
            // Without this part the answer counts as cut off.
            let _ = self.pass(Part::End).await;
        }
    }

    /// Tells of a failure, whether or not the answer has begun.
    pub(super) async fn fail(&mut self, error: Error) {
        match self.opened.take() {
            Some(opened) => drop(opened.send(Err(error))),
            None => drop(self.pass(Part::Failed(error)).await),
        }
    }

    /// Waits for the client, but not for ever.
    async fn pass(&mut self, part: Part) -> Result<(), Failure> {
        let stall = Duration::from_secs(EXPORT_STALL_SECS_MAX);
        match tokio::time::timeout(stall, self.parts.send(part)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Failure::Ours(Error::Busy)),
        }
    }
}
