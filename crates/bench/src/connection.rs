//! One keep-alive HTTP/1.1 connection, as cheap as it can be: the generator shares the machine
//! with what it measures.

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD_END: &[u8] = b"\r\n\r\n";

/// A connection and its buffer.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, borrowed from the connection's buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// The status line and the headers.
    pub(crate) head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let body_start = loop {
            self.read_more().await?;
            if let Some(end) = find(&self.buffer, HEAD_END) {
                break end + HEAD_END.len();
            }
        };
        let head = std::str::from_utf8(&self.buffer[..body_start])?;
        let status = head
            .get(9..12)
            .and_then(|it| it.parse().ok())
            .context("no status")?;
        let length = body_length(head, status)?;
        while self.buffer.len() < body_start + length {
            self.read_more().await?;
        }
        Ok(Answer {
            status,
            head: std::str::from_utf8(&self.buffer[..body_start])?,
            body: &self.buffer[body_start..body_start + length],
        })
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn body_length(head: &str, status: u16) -> Result<usize> {
    if status == 204 || status == 304 {
        return Ok(0);
    }
    for line in head.split("\r\n").skip(1) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            return Ok(value.trim().parse()?);
        }
    }
    bail!("an answer without Content-Length: {head}")
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|it| it == needle)
}
