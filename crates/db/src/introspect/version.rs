//! The snapshot's fingerprint: equal content, equal number, in every process of one build.

use std::fmt::Write;

use postern_catalog::{Function, Relation};
use sha2::{Digest, Sha256};

/// Feeds what is written into a hash, so that no large text is built.
struct Sink(Sha256);

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// The fingerprint; the debug form names every field, new ones included.
pub(super) fn of(
    relations: &[Relation],
    functions: &[Function],
    operators: &[(String, String, String)],
    rest: &str,
) -> u64 {
    let mut sink = Sink(Sha256::new());
    let _ = write!(sink, "{relations:?}{functions:?}{operators:?}{rest}");
    let digest = sink.0.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
