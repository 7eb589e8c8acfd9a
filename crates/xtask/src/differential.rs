//! `cargo xtask differential`: many cases of the differential gate, and its mutants.
//!
//! The tests of `postern-query` do the work and start their own throw-away Postgres; this command
//! builds them, tells them how many cases to run, and keeps what they say in a log.

mod log;

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use self::log::Log;
use crate::workspace;

/// Cases of a run that names no number.
const CASES: usize = 10_000;

/// The gate itself, and the hunt for mutants.
const AGREES: &str = "it::differential::agrees_with_native_row_level_security";
const NOTICES: &str = "it::differential::notices_every_missing_protection";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// None where mutants alone are asked for.
    cases: Option<usize>,
    seed: Option<u32>,
    workers: Option<usize>,
    mutants: bool,
}

/// Builds the tests, runs what `arguments` ask for, and names the log.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    crate::test::install_postgres()?;
    let built = tests(&["--no-run"]).status()?;
    if !built.success() {
        bail!("the build of the tests failed");
    }
    let mut log = Log::create(&workspace::target_folder()?.join("differential.log"))?;
    let mut failed = Vec::new();
    if options.cases.is_some() && !run_test(AGREES, &options, &mut log)? {
        failed.push("the rewriter differs from native row-level security");
    }
    if options.mutants && !run_test(NOTICES, &options, &mut log)? {
        failed.push("a protection can go unnoticed");
    }
    println!("the log is {}", log.path().display());
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{}", failed.join(", and "))
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        cases: None,
        seed: None,
        workers: None,
        mutants: false,
    };
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut number = || -> Result<u64> {
            let value = words
                .next()
                .with_context(|| format!("{word} wants a number"))?;
            value
                .parse()
                .with_context(|| format!("{word} wants a number, not `{value}`"))
        };
        match word {
            "--cases" => options.cases = Some(usize::try_from(number()?)?),
            "--seed" => options.seed = Some(u32::try_from(number()?)?),
            "--workers" => options.workers = Some(usize::try_from(number()?)?),
            "--mutants" => options.mutants = true,
            other => bail!(
                "unknown argument `{other}`; expected `--cases N`, `--seed S`, `--workers N`, \
                 `--mutants`"
            ),
        }
    }
    if !options.mutants {
        options.cases.get_or_insert(CASES);
    }
    Ok(options)
}

/// Runs one test with its output passed on and kept; says whether it passed.
fn run_test(name: &str, options: &Options, log: &mut Log) -> Result<bool> {
    let mut command = tests(&[name, "--", "--exact", "--nocapture"]);
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            command.env(name, value);
        }
    };
    set(
        "POSTERN_DIFFERENTIAL_CASES",
        options.cases.map(|it| it.to_string()),
    );
    set(
        "POSTERN_DIFFERENTIAL_WORKERS",
        options.workers.map(|it| it.to_string()),
    );
    set("POSTERN_SEED", options.seed.map(|it| it.to_string()));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo does not start")?;
    let output = child.stdout.take().context("the output is not piped")?;
    log.keep(output)?;
    Ok(child.wait()?.success())
}

fn tests(arguments: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(["test", "--package", "postern-query", "--test", "it"]);
    command.args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::{CASES, Options, parse};

    fn parsed(line: &str) -> Option<Options> {
        let words: Vec<String> = line.split_whitespace().map(Into::into).collect();
        parse(&words).ok()
    }

    #[test]
    fn reads_numbers_and_mutants() {
        let all = parsed("--cases 100000 --seed 7 --workers 1 --mutants");

        assert_eq!(
            all,
            Some(Options {
                cases: Some(100_000),
                seed: Some(7),
                workers: Some(1),
                mutants: true,
            })
        );
    }

    #[test]
    fn runs_cases_unless_mutants_alone_are_asked_for() {
        assert_eq!(parsed("").and_then(|it| it.cases), Some(CASES));
        assert_eq!(parsed("--mutants").and_then(|it| it.cases), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in ["--case 5", "--cases", "--cases many", "--seed -1"] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
