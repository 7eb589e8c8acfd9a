//! The two places where the program writes: answers to standard output, the rest to error.

use std::io::Write;

/// Writes an answer; a reader who has gone away (`postern keys | head -1`) is no failure.
pub(crate) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes why a command failed, with what led to it.
pub(crate) fn error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "error: {error:#}");
}
