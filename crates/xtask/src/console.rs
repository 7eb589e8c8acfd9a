//! `cargo xtask console`: builds `console/dist`, proves that it is fresh, takes its pictures.
//!
//! The built files are committed, so that building the server needs no Node; this is how they
//! are made, and how a test sees that they were made of today's sources.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;

/// Builds, checks or photographs, as `arguments` say.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            install()?;
            node(&["build.mjs"])
        }
        ["--check"] => check(),
        ["--shots"] => {
            install()?;
            run_to_end(workspace::cargo().args(["build", "--package", "postern-cli"]))?;
            node(&["tests/run.mjs", "--shots"])
        }
        other => bail!(
            "unknown arguments `{}`; expected `--check` or `--shots`",
            other.join(" ")
        ),
    }
}

/// Builds into a folder beside the committed one and compares.
pub(crate) fn check() -> Result<()> {
    install()?;
    let fresh = workspace::target_folder()?.join("console-dist");
    node(&["build.mjs", &fresh.to_string_lossy()])?;
    let committed = workspace::root().join("console/dist");
    let (want, have) = (contents(&fresh)?, contents(&committed)?);
    ensure!(
        want == have,
        "console/dist was not built from today's sources; run `cargo xtask console` and commit it"
    );
    println!("console/dist is fresh: {} files", have.len());
    Ok(())
}

/// Installs the locked packages, unless that was done after the lock last changed.
fn install() -> Result<()> {
    let modified = |path: &str| {
        let file = workspace::root().join("console").join(path);
        fs::metadata(file).and_then(|it| it.modified()).ok()
    };
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    run_to_end(npm.args(["ci", "--no-audit", "--no-fund"]))
}

fn node(arguments: &[&str]) -> Result<()> {
    run_to_end(Command::new("node").args(arguments))
}

fn run_to_end(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let folder = workspace::root().join("console");
    let status = command.current_dir(folder).status();
    let status = status.with_context(|| format!("`{program}` did not start"))?;
    ensure!(status.success(), "`{program}` ended with {status}");
    Ok(())
}

/// Names and bytes of a folder's files.
fn contents(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push((name.into_owned(), fs::read(&path)?));
    }
    files.sort();
    Ok(files)
}
