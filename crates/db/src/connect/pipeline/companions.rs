//! Messages of the extended protocol, each with exactly one answer that completes it.

use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

/// Why none of these messages can fail to be made.
const FITS: &str = "INVARIANT: names and texts are our own, and no value comes near 2 GB";

/// Statements to be run with another one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Companions {
    pub(super) messages: BytesMut,
    pub(super) count: usize,
    /// How many of the answers decide about the statement.
    pub(super) decisive: Option<usize>,
}

impl Companions {
    /// Whatever comes from here on can fail without a failure of the statement: it is committed.
    pub(crate) fn commits_here(&mut self) {
        self.decisive = Some(self.count);
    }

    /// Prepares a statement by name.
    pub(crate) fn prepare(&mut self, name: &str, sql: &str) {
        frontend::parse(name, sql, [], &mut self.messages).expect(FITS);
        self.count += 1;
    }

    /// Runs a prepared statement with these values, as text.
    pub(crate) fn run(&mut self, name: &str, values: &[&str]) {
        let write = |value: &&str, out: &mut BytesMut| {
            out.put_slice(value.as_bytes());
            Ok(IsNull::No)
        };
        let bound = frontend::bind("", name, [], values, write, [], &mut self.messages);
        bound.map_err(|_| FITS).expect(FITS);
        frontend::execute("", 0, &mut self.messages).expect(FITS);
        self.count += 2;
    }

    /// Runs a statement without values that is not prepared.
    pub(crate) fn run_text(&mut self, sql: &str) {
        self.prepare("", sql);
        self.run("", &[]);
    }
}
