//! Saying that a test does not apply here.

use std::fs::OpenOptions;
use std::io::Write;

/// Where `cargo xtask test` collects the reasons.
const SKIPS: &str = "POSTERN_TEST_SKIPS";

/// Records why the calling test does nothing on this machine; the caller returns right after.
///
/// The test runner of Rust knows only passed and failed, so the reasons go into a file, and
/// `cargo xtask test` prints them and moves the tests from passed to skipped.
pub fn skip(why: &str) {
    eprintln!("skipped: {why}");
    let Some(path) = std::env::var_os(SKIPS) else {
        return;
    };
    let written = OpenOptions::new().create(true).append(true).open(path);
    // One write call: lines of programs that run at the same time do not mix.
    if let Err(error) = written.and_then(|mut file| file.write_all(format!("{why}\n").as_bytes())) {
        eprintln!("the reason was not recorded: {error}");
    }
}
