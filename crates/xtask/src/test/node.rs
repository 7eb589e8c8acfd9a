//! The client half: the real SDKs against the built binary, and the example apps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::counterparts::Counterparts;
use super::example;
use super::run::{Run, run_and_count, run_to_end};
use super::tally::Tally;
use crate::workspace;

/// The suites: the data API's, that of the auth service with its counterparts, and the journeys
/// through the console.
const SUITES: [&str; 3] = [
    "crates/cli/tests/sdk",
    "crates/cli/tests/sdk/auth",
    "console",
];
/// A folder without it has nothing that npm could install the same way twice.
const LOCK: &str = "package-lock.json";
/// Client programs find the built gateway here.
pub(super) const POSTERN_BIN: &str = "POSTERN_BIN";

/// The folders whose packages are installed.
pub(super) struct Clients {
    suites: Vec<PathBuf>,
    examples: Vec<PathBuf>,
    counterparts: Counterparts,
}

impl Clients {
    /// Installs the packages of the SDK suites and of every example that has a lock file.
    pub(super) fn install(run: &mut Run, node: &Result<(), String>) -> Result<Self> {
        let mut suites: Vec<PathBuf> = SUITES.iter().map(|it| workspace::root().join(it)).collect();
        let mut examples = locked_folders(&workspace::root().join("examples"))?;
        if let Err(why) = node {
            for folder in examples.drain(..).chain(suites.drain(..)) {
                run.skip(&format!("{}: {why}", shown(&folder)));
            }
        }
        let counterparts = Counterparts::install(run)?;
        Ok(Self {
            suites: suites.into_iter().filter(|it| install(run, it)).collect(),
            examples: examples.into_iter().filter(|it| install(run, it)).collect(),
            counterparts,
        })
    }

    /// Runs the SDK suites and the examples against the built gateway.
    pub(super) fn test(&self, run: &mut Run) -> Result<()> {
        let gateway = workspace::target_folder()?.join("debug/postern");
        for suite in &self.suites {
            run.step(&format!("npm test in {}", shown(suite)), |tally| {
                let mut command = Command::new("npm");
                command
                    .args(["test", "--silent"])
                    .current_dir(suite)
                    .env(POSTERN_BIN, &gateway);
                self.counterparts.announce(&mut command);
                run_and_count(&mut command, tally, Tally::of_node_line)
            });
        }
        for folder in &self.examples {
            run.step(&format!("npm start in {}", shown(folder)), |tally| {
                example::run(folder, &gateway)?;
                tally.passed += 1;
                Ok(())
            });
        }
        Ok(())
    }
}

/// The folders below `parent` that npm can install from a lock file.
fn locked_folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Ok(Vec::new());
    };
    let mut folders = Vec::new();
    for entry in entries {
        folders.push(entry?.path());
    }
    folders.retain(|it| it.join(LOCK).is_file());
    folders.sort();
    Ok(folders)
}

/// Installs the locked packages, unless that was done after the lock last changed.
fn install(run: &mut Run, folder: &Path) -> bool {
    let modified = |path: &str| {
        fs::metadata(folder.join(path))
            .and_then(|it| it.modified())
            .ok()
    };
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified(LOCK) {
        return true;
    }
    run.step(&format!("npm ci in {}", shown(folder)), |_| {
        run_to_end(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(folder),
        )
    })
}

fn shown(folder: &Path) -> String {
    folder
        .strip_prefix(workspace::root())
        .unwrap_or(folder)
        .display()
        .to_string()
}
