//! One run of the tests: its steps with their times, its counts, its last line.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::tally::Tally;

/// The counts so far.
pub(super) struct Run {
    tally: Tally,
    started: Instant,
    failed_steps: Vec<String>,
}

impl Run {
    pub(super) fn new() -> Self {
        Self {
            tally: Tally::default(),
            started: Instant::now(),
            failed_steps: Vec::new(),
        }
    }

    /// Runs a named step and prints its time; a failing step counts as one failed test unless it
    /// has counted a failure itself. Returns whether it passed.
    pub(super) fn step(&mut self, name: &str, work: impl FnOnce(&mut Tally) -> Result<()>) -> bool {
        println!("== {name}");
        let (started, failed_before) = (Instant::now(), self.tally.failed);
        let outcome = work(&mut self.tally);
        let seconds = started.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("== {name}: ok in {seconds:.1} s"),
            Err(error) => {
                println!("== {name}: FAILED in {seconds:.1} s: {error:#}");
                self.failed_steps.push(name.to_owned());
                if self.tally.failed == failed_before {
                    self.tally.failed += 1;
                }
                return false;
            }
        }
        true
    }

    /// Says that something was left out, and why.
    pub(super) fn skip(&mut self, why: &str) {
        println!("skipped: {why}");
        self.tally.skipped += 1;
    }

    /// Prints the sum as the last line; fails when anything failed.
    pub(super) fn finish(self) -> Result<()> {
        let failed = !self.failed_steps.is_empty() || self.tally.failed > 0;
        if failed {
            println!("failed: {}", self.failed_steps.join(", "));
        }
        println!("took {:.0} s", self.started.elapsed().as_secs_f64());
        println!("{}", self.tally);
        if failed {
            // The line above is the last one: no message of `main` may follow it.
            std::process::exit(1);
        }
        Ok(())
    }
}

/// Runs `command`, its output passed on.
pub(crate) fn run_to_end(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!(
            "{} ended with {status}",
            command.get_program().to_string_lossy()
        );
    }
    Ok(())
}

/// Runs `command` with its output passed on line by line, and adds up what `count` reads in them.
pub(super) fn run_and_count(
    command: &mut Command,
    tally: &mut Tally,
    count: fn(&str) -> Option<Tally>,
) -> Result<()> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    let output = child.stdout.take().context("the output is not piped")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some(counted) = count(&line) {
            tally.add(&counted);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!(
            "{} ended with {status}",
            command.get_program().to_string_lossy()
        );
    }
    Ok(())
}
