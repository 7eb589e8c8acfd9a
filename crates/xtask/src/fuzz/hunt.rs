//! One target running: its progress, its end, and what it found.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::build::Targets;
use super::{Wanted, folder, seeds};

/// Longest input; what is longer reaches nothing new.
const INPUT_BYTES_MAX: usize = 4096;
/// The same for inputs of which trees are grown. They start at full length: short ones run out of
/// choices before they have said anything.
const GROWN_BYTES_MAX: usize = 1024;
/// How long one input may take before it counts as found; far more than any should, since other
/// work of the machine counts in.
const INPUT_SECS_MAX: u64 = 60;
/// How much memory a target may take before that counts as found.
const MEMORY_MIB_MAX: usize = 2048;
/// How often the progress is told.
const PROGRESS: Duration = Duration::from_secs(15);
/// How much of a log is shown of a target that found something.
const LINES_SHOWN: usize = 60;

/// A running target; killed when dropped.
pub(super) struct Hunt {
    target: &'static str,
    program: Child,
    log: PathBuf,
}

impl Hunt {
    /// Starts a target on its corpus.
    pub(super) fn start(targets: &Targets, target: &'static str, wanted: &Wanted) -> Result<Self> {
        let folder = folder()?;
        let (log, found) = (folder.join(format!("{target}.log")), folder.join("found"));
        fs::create_dir_all(&found)?;
        let output = File::create(&log)?;
        let mut command = Command::new(targets.program(target));
        command
            .arg(format!("-max_total_time={}", wanted.seconds))
            .arg(format!("-timeout={INPUT_SECS_MAX}"))
            .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
            .arg(format!("-artifact_prefix={}/{target}-", found.display()))
            .arg("-print_final_stats=1");
        if let Some(seed) = wanted.seed {
            command.arg(format!("-seed={seed}"));
        }
        if ["lowering", "printer"].contains(&target) {
            command.arg(format!("-max_len={GROWN_BYTES_MAX}"));
            command.arg("-len_control=0");
        } else {
            command.arg(format!("-max_len={INPUT_BYTES_MAX}"));
        }
        if let Some(words) = seeds::dictionary(target) {
            command.arg(format!("-dict={}", words.display()));
        }
        let program = command
            .arg(seeds::corpus(target)?)
            // A log of frames says less than the panic's message, which stands in it anyway.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start the target `{target}`"))?;
        Ok(Self {
            target,
            program,
            log,
        })
    }

    /// The target's name.
    pub(super) fn target(&self) -> &'static str {
        self.target
    }

    fn is_running(&mut self) -> bool {
        matches!(self.program.try_wait(), Ok(None))
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    fn progress(&self) -> String {
        let log = self.log();
        let status = log.lines().rev().find_map(status_of);
        format!("{}: {}", self.target, status.unwrap_or("starting".into()))
    }

    /// Tells how it went; whether nothing was found.
    pub(super) fn end(mut self) -> Result<bool> {
        let status = self.program.wait()?;
        if status.success() {
            println!("{} (done, nothing found)", self.progress());
            return Ok(true);
        }
        let log = self.log();
        let lines: Vec<&str> = log.lines().filter(|it| status_of(it).is_none()).collect();
        let from = lines.len().saturating_sub(LINES_SHOWN);
        println!("{}: FOUND something ({status}):", self.target);
        lines[from..].iter().for_each(|it| println!("  {it}"));
        println!(
            "{}: once more with `{} <the file above>`",
            self.target,
            "target/fuzz/<host>/release/".to_owned() + self.target
        );
        Ok(false)
    }
}

impl Drop for Hunt {
    fn drop(&mut self) {
        // It has ended already unless we are on our way out with an error.
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

/// Tells the progress until all have ended.
pub(super) fn watch(hunts: &mut [Hunt]) {
    let mut told = Instant::now();
    while hunts.iter_mut().any(Hunt::is_running) {
        sleep(Duration::from_millis(200));
        if told.elapsed() > PROGRESS {
            told = Instant::now();
            hunts.iter().for_each(|it| println!("{}", it.progress()));
        }
    }
}

/// Reads `#4096 pulse  cov: 3452 ft: 10293 corp: 699/10Kb … exec/s: 3029 rss: 38Mb`.
fn status_of(line: &str) -> Option<String> {
    let (runs, rest) = line
        .strip_prefix('#')?
        .split_once(|it: char| it.is_whitespace())?;
    let mut words = rest.split_whitespace();
    let mut after = |name: &str| words.by_ref().find(|it| *it == name).and(words.next());
    let (edges, rate) = (after("cov:")?, after("exec/s:").unwrap_or("?"));
    Some(format!("{runs} runs, {edges} edges, {rate} a second"))
}

#[cfg(test)]
mod tests {
    use super::status_of;

    #[test]
    fn reads_what_the_driver_prints() {
        let line = "#4096\tpulse  cov: 345 ft: 10293 corp: 6/1b lim: 29 exec/s: 30 rss: 38Mb";

        assert_eq!(
            status_of(line).as_deref(),
            Some("4096 runs, 345 edges, 30 a second")
        );
        assert_eq!(status_of("INFO: seed corpus: files: 3"), None);
        assert_eq!(status_of("# a comment"), None);
    }
}
