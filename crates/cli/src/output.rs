//! The places where the program writes: answers to standard output, the rest to standard error.

use std::io::{self, BufRead, IsTerminal, Write};

use postern_base::Secret;

/// Writes an answer; a reader who has gone away (`postern keys | head -1`) is no failure.
pub(crate) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes something beside the answer.
pub(crate) fn notice(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes why a command failed; each error's text says what led to it.
pub(crate) fn error(error: &anyhow::Error) {
    notice(format_args!("error: {error}"));
}

/// Asks a question; only `y` or `yes` is a yes.
pub(crate) fn confirm(question: &str) -> bool {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "{question} [y/N] ").and_then(|()| out.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Writes how far something is, over what was written so before; nothing where nobody looks.
pub(crate) fn progress(text: impl std::fmt::Display) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush());
    }
}

/// Takes the line of [`progress`] away.
pub(crate) fn end_progress() {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[2K").and_then(|()| err.flush());
    }
}

/// Reads a line from standard input that must not be shown.
pub(crate) fn read_secret() -> io::Result<Secret<String>> {
    let mut text = String::new();
    io::stdin().lock().read_line(&mut text)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
