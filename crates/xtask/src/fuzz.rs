//! `cargo xtask fuzz`: the fuzz targets of `crates/fuzz`, each for a bounded time.
//!
//! Works on the pinned stable toolchain: coverage comes from LLVM's own pass, and no sanitizer is
//! asked for, since the code under test has no `unsafe`. `cargo fuzz` itself is not needed.

mod build;
mod hunt;
mod seeds;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace;
use build::Targets;
use hunt::Hunt;

/// The targets, each a file in `crates/fuzz/targets`.
pub(crate) const TARGETS: [&str; 4] = ["url", "policy", "lowering", "printer"];
/// How long each target runs unless told otherwise.
const SECONDS: u64 = 60;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    seconds: u64,
    /// Where chance starts; none for a new one each time.
    seed: Option<u32>,
    targets: Vec<&'static str>,
    /// Whether what the run finds becomes seeds.
    keep: bool,
}

/// Where everything of the fuzz targets is kept: programs, corpora, logs, failing inputs.
fn folder() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("fuzz"))
}

/// Runs the targets that `arguments` choose; fails when one of them found something.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let wanted = parse(arguments)?;
    if let Err(why) = build::prepare() {
        bail!("cannot fuzz here: {why}");
    }
    let targets = build::build()?;
    let failed = hunt(&targets, &wanted)?;
    if !failed.is_empty() {
        bail!("found something: {}", failed.join(", "));
    }
    if wanted.keep {
        for target in &wanted.targets {
            seeds::keep(&targets, target)?;
        }
    }
    Ok(())
}

/// The step of `cargo xtask test`: every target for its minute; the error says why it cannot be.
pub(crate) fn prepare() -> std::result::Result<(), String> {
    build::prepare()
}

/// Builds and runs all targets; returns the names of those that found something.
///
/// Chance starts at the same place each time, so that a change is not blamed for what only luck
/// finds; whoever looks for new things runs `cargo xtask fuzz`.
pub(crate) fn run_all() -> Result<Vec<&'static str>> {
    let mut wanted = parse(&[])?;
    wanted.seed = Some(1);
    hunt(&build::build()?, &wanted)
}

fn parse(arguments: &[String]) -> Result<Wanted> {
    let mut wanted = Wanted {
        seconds: SECONDS,
        seed: None,
        targets: Vec::new(),
        keep: false,
    };
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "--keep" => wanted.keep = true,
            "--seconds" => {
                let number = arguments.next().and_then(|it| it.parse().ok());
                wanted.seconds = number.context("`--seconds` wants a number")?;
            }
            name => match TARGETS.into_iter().find(|it| *it == name) {
                Some(target) => wanted.targets.push(target),
                None => bail!("no target `{name}`; there are {}", TARGETS.join(", ")),
            },
        }
    }
    if wanted.targets.is_empty() {
        wanted.targets = TARGETS.to_vec();
    }
    Ok(wanted)
}

/// As many targets at a time as there are cores.
fn hunt(targets: &Targets, wanted: &Wanted) -> Result<Vec<&'static str>> {
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    let mut failed = Vec::new();
    for together in wanted.targets.chunks(cores) {
        let mut hunts = Vec::new();
        for target in together {
            seeds::unpack(target)?;
            hunts.push(Hunt::start(targets, target, wanted)?);
        }
        hunt::watch(&mut hunts);
        for hunt in hunts {
            let target = hunt.target();
            if !hunt.end()? {
                failed.push(target);
            }
        }
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::{TARGETS, Wanted, parse};

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn all_targets_run_for_a_minute_by_default() {
        let wanted = parse(&[]).unwrap();

        assert_eq!(wanted.targets, TARGETS);
        assert_eq!(wanted.seconds, 60);
    }

    #[test]
    fn a_target_and_its_time_can_be_chosen() {
        assert_eq!(
            parse(&words("--seconds 5 url --keep")).unwrap(),
            Wanted {
                seconds: 5,
                seed: None,
                targets: vec!["url"],
                keep: true
            }
        );
        assert!(parse(&words("nonsense")).is_err());
        assert!(parse(&words("--seconds")).is_err());
    }
}
