//! `cargo xtask test`: everything that must hold before a change lands.
//!
//! Needs nothing but Rust: what is missing is installed by the ordinary package clients, and what
//! cannot be had is skipped with its reason. The last line is the sum of all real tests.

mod counterparts;
pub(crate) mod example;
mod node;
pub(crate) mod python;
pub(crate) mod run;
mod rust;
mod tally;
pub(crate) mod tools;

use anyhow::{Result, bail};

use crate::fuzz;
use node::Clients;
use run::Run;

/// Which part of the tests to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Everything,
    Rust,
    Sdk,
    Tidy,
}

pub(crate) use tools::install_postgres;

/// Runs the tests that `arguments` choose; fails when any of them failed.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let part = parse(arguments)?;
    let mut run = Run::new();
    run.step("tidy", |_| crate::tidy::run());
    if part != Part::Tidy {
        test_everything_else(part, &mut run)?;
    }
    run.finish()
}

fn parse(arguments: &[String]) -> Result<Part> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Ok(Part::Everything),
        ["--only", "rust"] => Ok(Part::Rust),
        ["--only", "sdk"] => Ok(Part::Sdk),
        ["--only", "tidy"] => Ok(Part::Tidy),
        other => bail!(
            "unknown arguments `{}`; expected `--only rust|sdk|tidy`",
            other.join(" ")
        ),
    }
}

fn test_everything_else(part: Part, run: &mut Run) -> Result<()> {
    // Packages come before any server of ours starts: installing one may start or restart servers.
    // And before the Rust tests, of which one runs a client library.
    run.step("postgres binaries", |_| {
        install_postgres()?;
        if let Err(why) = tools::install_postgis() {
            println!("no PostGIS for the test of its features: {why}");
        }
        Ok(())
    });
    let node = tools::install_node();
    match &node {
        Ok(()) => drop(run.step("console/dist is fresh", |_| crate::console::check())),
        Err(why) => run.skip(&format!("console/dist is fresh: {why}")),
    }
    let clients = match part {
        Part::Rust => None,
        _ => Some(Clients::install(run, &node)?),
    };
    if part != Part::Sdk {
        rust::check(run);
    }
    let built = run.step("build", |_| match part {
        Part::Sdk => rust::build_programs(),
        _ => rust::build_tests(),
    });
    if !built {
        return Ok(());
    }
    if part != Part::Sdk {
        rust::test(run)?;
    }
    if let Some(clients) = clients {
        clients.test(run)?;
    }
    if part != Part::Sdk {
        hunt(run);
    }
    Ok(())
}

/// Every fuzz target for its minute; each that finds nothing is a test passed.
fn hunt(run: &mut Run) {
    if let Err(why) = fuzz::prepare() {
        run.skip(&format!("fuzz targets: {why}"));
        return;
    }
    run.step("fuzz", |tally| {
        let failed = fuzz::run_all()?;
        tally.failed += failed.len() as u64;
        tally.passed += (fuzz::TARGETS.len() - failed.len()) as u64;
        match failed.is_empty() {
            true => Ok(()),
            false => bail!("found something: {}", failed.join(", ")),
        }
    });
}
