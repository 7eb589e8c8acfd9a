//! The stream beneath the driver: puts companions into what is sent, and takes their answers out
//! of what is received.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use super::Pipeline;
use super::progress::{Fate, HEADER, length};

/// Read from the connection at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// A connection to a server, after whatever was negotiated about its encryption.
pub(in crate::connect) struct PipelinedStream<S> {
    inner: S,
    pipeline: Pipeline,
    /// What the driver has handed over and the connection has not taken yet.
    outbox: BytesMut,
    /// What came and was not looked at yet.
    inbox: Inbox,
    /// The message that is being passed on or dropped.
    message: Message,
}

/// Bytes that came: those from `start` to `end`.
struct Inbox {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

/// The rest of a message.
#[derive(Clone, Copy, Debug, Default)]
struct Message {
    left: usize,
    fate: Fate,
}

impl<S> PipelinedStream<S> {
    pub(super) fn new(inner: S, pipeline: Pipeline) -> Self {
        Self {
            inner,
            pipeline,
            outbox: BytesMut::new(),
            inbox: Inbox {
                bytes: vec![0; CHUNK].into(),
                start: 0,
                end: 0,
            },
            message: Message::default(),
        }
    }

    /// Moves what is in the inbox: to the driver, or nowhere.
    fn sort(&mut self, into: &mut ReadBuf<'_>) -> io::Result<()> {
        while into.remaining() > 0 && !self.inbox.waiting().is_empty() {
            if self.message.left == 0 {
                let Some(header) = self.inbox.waiting().first_chunk::<HEADER>() else {
                    return Ok(());
                };
                self.message = Message {
                    left: length(header)?,
                    fate: self.pipeline.progress().fate(header[0]),
                };
            }
            let waiting = self.inbox.waiting();
            let mut taken = self.message.left.min(waiting.len());
            match self.message.fate {
                Fate::Passed => {
                    taken = taken.min(into.remaining());
                    into.put_slice(&waiting[..taken]);
                }
                Fate::Kept => {
                    let mut progress = self.pipeline.progress();
                    progress.row.extend_from_slice(&waiting[..taken]);
                }
                Fate::Dropped => {}
            }
            self.inbox.start += taken;
            self.message.left -= taken;
        }
        Ok(())
    }
}

impl Inbox {
    fn waiting(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Room for more; at most the part of a header is kept.
    fn room(&mut self) -> ReadBuf<'_> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        ReadBuf::new(&mut self.bytes[self.end..])
    }
}

impl<S: AsyncWrite + Unpin> PipelinedStream<S> {
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outbox.is_empty() {
            let sent = ready!(Pin::new(&mut self.inner).poll_write(context, &self.outbox))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.outbox.advance(sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PipelinedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let already = into.filled().len();
        loop {
            this.sort(into)?;
            if into.filled().len() > already || into.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut room = this.inbox.room();
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut room))?;
            let read = room.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            this.inbox.end += read;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PipelinedStream<S> {
    /// Takes all of it, so that what the driver hands over next begins with a message.
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        ready!(this.poll_drain(context))?;
        let mut progress = this.pipeline.progress();
        if progress.is_waiting() {
            progress.weave(from, &mut this.outbox)?;
        } else {
            this.outbox.extend_from_slice(from);
        }
        drop(progress);
        if let Poll::Ready(Err(failure)) = this.poll_drain(context) {
            return Poll::Ready(Err(failure));
        }
        Poll::Ready(Ok(from.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(context))?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for PipelinedStream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.inner.channel_binding()
    }
}
