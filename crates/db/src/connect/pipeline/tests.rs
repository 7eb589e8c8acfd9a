//! What goes over the wire, and what the driver gets to see of it, byte by byte.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::stream::PipelinedStream;
use super::{Companions, Pipeline};

/// What the driver sends for a prepared statement, less what is in its messages.
const STATEMENT: [u8; 3] = *b"BES";

/// The driver's end, the server's end, and what both are told.
struct Wire {
    driver: PipelinedStream<DuplexStream>,
    server: DuplexStream,
    pipeline: Pipeline,
}

impl Wire {
    fn new() -> Self {
        let (near, server) = duplex(64 * 1024);
        let pipeline = Pipeline::default();
        Self {
            driver: PipelinedStream::new(near, pipeline.clone()),
            server,
            pipeline,
        }
    }

    /// Settings before it; something that asks, commits and undoes behind it.
    fn attach(&self) {
        let (mut before, mut behind) = (Companions::default(), Companions::default());
        before.run("set", &["a", "b"]);
        behind.run("ask", &[]);
        behind.run("commit", &[]);
        behind.commits_here();
        behind.run("undo", &[]);
        self.pipeline.attach(before, behind);
    }

    /// The tags that the server gets of these messages.
    async fn sent(&mut self, tags: &[u8]) -> io::Result<Vec<u8>> {
        self.driver.write_all(&messages(tags)).await?;
        self.driver.flush().await?;
        let mut bytes = vec![0; 4096];
        let count = self.server.read(&mut bytes).await?;
        bytes.truncate(count);
        Ok(tags_of(&bytes))
    }

    /// The tags that the driver gets of these messages, which come in pieces of this size.
    async fn received(&mut self, tags: &[u8], piece: usize, expected: usize) -> Vec<u8> {
        let mut bytes = vec![0; messages(tags).len()];
        let mut got = Vec::new();
        for part in messages(tags).chunks(piece) {
            self.server.write_all(part).await.expect("room");
        }
        while tags_of(&got).len() < expected {
            let count = self.driver.read(&mut bytes).await.expect("reads");
            got.extend_from_slice(&bytes[..count]);
        }
        tags_of(&got)
    }
}

/// Messages with these tags, and three bytes in each.
fn messages(tags: &[u8]) -> Vec<u8> {
    tags.iter()
        .flat_map(|tag| [*tag, 0, 0, 0, 7, b'x', *tag, b'x'])
        .collect()
}

/// The tags of whole messages.
fn tags_of(mut bytes: &[u8]) -> Vec<u8> {
    let mut tags = Vec::new();
    while let Some((&[tag, a, b, c, d], _)) = bytes.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some(rest) = bytes.get(length + 1..) else {
            break;
        };
        tags.push(tag);
        bytes = rest;
    }
    tags
}

#[tokio::test]
async fn what_has_no_companions_passes_as_it_is() {
    let mut wire = Wire::new();

    assert_eq!(wire.sent(b"PDSQ").await.expect("sent"), b"PDSQ");
    for piece in [1, 3, 8, 1000] {
        assert_eq!(wire.received(b"12DDCZ", piece, 6).await, b"12DDCZ");
    }
}

#[tokio::test]
async fn companions_travel_under_the_statements_sync_and_their_answers_are_taken_out() {
    for piece in [1, 5, 7, 1000] {
        let mut wire = Wire::new();
        wire.attach();

        // A statement that the driver has no more use for is closed in the same breath.
        let sent = wire.sent(b"CSBES").await.expect("sent");
        assert_eq!(sent, b"CSBEBEBEBEBES");
        let seen = wire.received(b"3Z2DC2DDC2DC2C2CZ", piece, 7).await;

        assert_eq!(seen, b"3Z2DDCZ", "in pieces of {piece}");
        assert!(wire.pipeline.is_idle());
        assert!(!wire.pipeline.has_failed_before() && !wire.pipeline.has_failed_behind());
    }
}

#[tokio::test]
async fn companions_go_with_one_statement_only() {
    let mut wire = Wire::new();
    wire.attach();
    wire.sent(&STATEMENT).await.expect("sent");
    wire.received(b"2DC2C2DC2C2CZ", 1000, 3).await;

    assert_eq!(wire.sent(&STATEMENT).await.expect("sent"), STATEMENT);
    assert_eq!(wire.received(b"2DCZ", 1000, 4).await, b"2DCZ");
}

#[tokio::test]
async fn a_refusal_of_the_settings_is_the_statements() {
    let mut wire = Wire::new();
    wire.attach();
    wire.sent(&STATEMENT).await.expect("sent");

    assert_eq!(wire.received(b"2EZ", 1000, 2).await, b"EZ");
    assert!(wire.pipeline.has_failed_before());
    assert!(wire.pipeline.is_idle());
}

#[tokio::test]
async fn a_refusal_of_the_commit_is_the_statements_and_a_later_one_is_not() {
    for (answers, seen, is_unclean) in [
        (b"2C2C2DC2E".as_slice(), b"2CEZ".as_slice(), false),
        (b"2C2C2DC2C2E", b"2CZ", true),
        (b"2C2C2DC2CE", b"2CZ", true),
    ] {
        let mut wire = Wire::new();
        wire.attach();
        wire.sent(&STATEMENT).await.expect("sent");

        let answers = [answers, b"Z"].concat();
        assert_eq!(wire.received(&answers, 1000, seen.len()).await, seen);
        assert!(!wire.pipeline.has_failed_before());
        assert_eq!(wire.pipeline.has_failed_behind(), is_unclean);
        assert!(wire.pipeline.is_idle());
    }
}

#[tokio::test]
async fn companions_without_their_statement_are_not_idle() {
    let mut wire = Wire::new();
    wire.attach();
    assert!(!wire.pipeline.is_idle());

    assert_eq!(wire.sent(b"Q").await.expect("sent"), b"Q");
    assert!(!wire.pipeline.is_idle());
}

#[tokio::test]
async fn a_part_of_a_message_ends_the_connection() {
    let mut wire = Wire::new();
    wire.attach();

    let cut = &messages(b"BE")[..11];
    let refused = wire.driver.write_all(cut).await;

    let kind = refused.err().map(|it| it.kind());
    assert_eq!(kind, Some(io::ErrorKind::InvalidData));
}

#[tokio::test]
async fn the_row_behind_a_statement_is_kept() {
    let mut wire = Wire::new();
    wire.attach();
    wire.sent(&STATEMENT).await.expect("sent");
    // Two columns: a text, and nothing.
    let mut row = vec![b'D', 0, 0, 0, 16, 0, 2, 0, 0, 0, 2, b'h', b'i'];
    row.extend_from_slice(&(-1_i32).to_be_bytes());
    let answers = [messages(b"2C2C2"), row, messages(b"C2C2CZ")].concat();
    wire.server.write_all(&answers).await.expect("room");

    let mut seen = vec![0; 24];
    wire.driver.read_exact(&mut seen).await.expect("reads");

    assert_eq!(tags_of(&seen), b"2CZ");
    assert_eq!(wire.pipeline.row(), [Some("hi".to_owned()), None]);
}
