//! The client half: the real SDKs against the built binary, and the example apps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::example;
use super::run::{Run, run_and_count, run_to_end};
use super::tally::Tally;
use crate::workspace;

/// Client programs find the built gateway here.
pub(super) const POSTERN_BIN: &str = "POSTERN_BIN";

/// Runs the SDK suite and every example that has a lock file.
pub(super) fn test(run: &mut Run, node: Result<(), String>) -> Result<()> {
    let suite = workspace::root().join("crates/cli/tests/sdk");
    let examples = locked_folders(&workspace::root().join("examples"))?;
    if let Err(why) = node {
        for folder in examples.iter().chain([&suite]) {
            run.skip(&format!("{}: {why}", shown(folder)));
        }
        return Ok(());
    }
    let gateway = workspace::target_folder()?.join("debug/postern");
    if !suite.join("package-lock.json").is_file() {
        run.skip(&format!("{}: it has no package-lock.json", shown(&suite)));
    } else if install(run, &suite) {
        run.step(&format!("npm test in {}", shown(&suite)), |tally| {
            let mut command = Command::new("npm");
            command
                .args(["test", "--silent"])
                .current_dir(&suite)
                .env(POSTERN_BIN, &gateway);
            run_and_count(&mut command, tally, Tally::of_node_line)
        });
    }
    for folder in examples {
        if install(run, &folder) {
            run.step(&format!("npm start in {}", shown(&folder)), |tally| {
                example::run(&folder, &gateway)?;
                tally.passed += 1;
                Ok(())
            });
        }
    }
    Ok(())
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
    folders.retain(|it| it.join("package-lock.json").is_file());
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
    if installed.is_some() && installed >= modified("package-lock.json") {
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
