//! The Rust half: formatting, lints, build, tests on one throw-away Postgres.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::run::{Run, run_and_count, run_to_end};
use super::tally::Tally;
use crate::workspace;

/// Test programs find their database server here.
const DATABASE_URL: &str = "POSTERN_TEST_DATABASE_URL";
/// And the role that the gateway signs in as here.
const GATEWAY_URL: &str = "POSTERN_TEST_GATEWAY_URL";
/// And the role that the auth service signs in as.
const AUTH_URL: &str = "POSTERN_TEST_AUTH_URL";
/// Tests that cannot run append their reason to the file named here.
const SKIPS: &str = "POSTERN_TEST_SKIPS";

/// Formatting and lints.
pub(super) fn check(run: &mut Run) {
    run.step("format", |_| {
        run_to_end(cargo().args(["fmt", "--all", "--check"]))
    });
    run.step("clippy", |_| {
        run_to_end(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--keep-going",
            "--",
            "-D",
            "warnings",
        ]))
    });
}

/// Builds every test, and with them every program that a test starts.
///
/// No `cargo build` comes first: without the tests' own dependencies many crates would have other
/// features, and be built a second time.
pub(super) fn build_tests() -> Result<()> {
    run_to_end(cargo().args(["test", "--workspace", "--no-run"]))
}

/// Builds the programs only.
pub(super) fn build_programs() -> Result<()> {
    run_to_end(cargo().args(["build", "--workspace"]))
}

/// Runs the tests of all crates.
pub(super) fn test(run: &mut Run) -> Result<()> {
    let skips = workspace::target_folder()?.join("test-skips.txt");
    fs::write(&skips, "")?;
    run.step("cargo test", |tally| {
        let postgres = TestPostgres::start()?;
        let mut command = cargo();
        command.args(["test", "--workspace", "--no-fail-fast"]);
        command.env(DATABASE_URL, &postgres.url);
        command
            .env(GATEWAY_URL, &postgres.gateway_url)
            .env(AUTH_URL, &postgres.auth_url)
            .env(SKIPS, &skips);
        run_and_count(&mut command, tally, Tally::of_cargo_line)
    });
    let skipped = fs::read_to_string(&skips)?;
    run.step("tests that did not apply", |tally| {
        skipped.lines().for_each(|why| println!("skipped: {why}"));
        tally.move_to_skipped(skipped.lines().count() as u64);
        Ok(())
    });
    Ok(())
}

/// Cargo with the settings of a test run.
fn cargo() -> Command {
    let mut command = workspace::cargo();
    if std::env::var_os("CI").is_some() {
        // A machine that is thrown away gains nothing from incremental state but disk use.
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// The one Postgres of a test run; gone when dropped.
struct TestPostgres {
    program: Child,
    /// Where the tests reach it, as a superuser.
    url: String,
    /// Where the gateway reaches it, with its own role.
    gateway_url: String,
    /// Where the auth service reaches it, with its own role.
    auth_url: String,
}

impl TestPostgres {
    /// Starts testkit's server program, which stops when its standard input closes.
    fn start() -> Result<Self> {
        let path = workspace::target_folder()?.join("debug/postern-test-postgres");
        let mut program = Command::new(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", path.display()))?;
        let output = program.stdout.take().context("the output is not piped")?;
        let mut lines = BufReader::new(output).lines();
        let mut next_line = || {
            let missing = "the test Postgres did not start; its message is above";
            lines.next().context(missing)?.context(missing)
        };
        let (url, gateway_url, auth_url) = (next_line()?, next_line()?, next_line()?);
        Ok(Self {
            program,
            url,
            gateway_url,
            auth_url,
        })
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        // Nothing to be done about a failure here: the program ends with us at the latest.
        self.program.wait().ok();
    }
}
