//! How the stream gets beneath the driver: as what its TLS connector makes.
//!
//! Without encryption it is made in the same place. The driver's "direct" negotiation hands the
//! bare connection to the connector, which has nothing to negotiate then.

use std::future::{self, Ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

use super::Pipeline;
use super::stream::PipelinedStream;

/// A connector whose streams take companions.
#[derive(Clone)]
pub(in crate::connect) struct Pipelined<C> {
    pub(in crate::connect) connector: C,
    pub(in crate::connect) pipeline: Pipeline,
}

/// The connector of connections that are not encrypted.
#[derive(Clone, Copy)]
pub(in crate::connect) struct Plain;

/// A connection that is not encrypted.
pub(in crate::connect) struct PlainStream<S>(S);

impl<S, C: MakeTlsConnect<S>> MakeTlsConnect<S> for Pipelined<C> {
    type Stream = PipelinedStream<C::Stream>;
    type TlsConnect = Pipelined<C::TlsConnect>;
    type Error = C::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Self::TlsConnect, Self::Error> {
        Ok(Pipelined {
            connector: self.connector.make_tls_connect(domain)?,
            pipeline: self.pipeline.clone(),
        })
    }
}

impl<S, C: TlsConnect<S>> TlsConnect<S> for Pipelined<C> {
    type Stream = PipelinedStream<C::Stream>;
    type Error = C::Error;
    type Future = Connecting<C::Future>;

    fn connect(self, stream: S) -> Self::Future {
        Connecting {
            connecting: Box::pin(self.connector.connect(stream)),
            pipeline: self.pipeline,
        }
    }
}

/// A connection on its way.
pub(in crate::connect) struct Connecting<F> {
    connecting: Pin<Box<F>>,
    pipeline: Pipeline,
}

impl<S, E, F: Future<Output = Result<S, E>>> Future for Connecting<F> {
    type Output = Result<PipelinedStream<S>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let connected = ready!(self.connecting.as_mut().poll(context));
        let pipeline = self.pipeline.clone();
        Poll::Ready(connected.map(|stream| PipelinedStream::new(stream, pipeline)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> MakeTlsConnect<S> for Plain {
    type Stream = PlainStream<S>;
    type TlsConnect = Self;
    type Error = io::Error;

    fn make_tls_connect(&mut self, _: &str) -> io::Result<Self> {
        Ok(*self)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsConnect<S> for Plain {
    type Stream = PlainStream<S>;
    type Error = io::Error;
    type Future = Ready<io::Result<PlainStream<S>>>;

    fn connect(self, stream: S) -> Self::Future {
        future::ready(Ok(PlainStream(stream)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for PlainStream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PlainStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PlainStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
