//! What the auth suite talks to besides our own server: a Python with the Python client, a browser.
//!
//! Neither is needed to run the suite: its tests that cannot run say so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::run::{Run, run_to_end};
use super::tools;
use crate::workspace;

/// The pinned packages of the Python client's test.
const REQUIREMENTS: &str = "crates/cli/tests/sdk/auth/python/requirements.txt";
/// The suite finds the Python that has those packages here.
const PYTHON: &str = "POSTERN_TEST_PYTHON";

/// The counterparts that could be had.
pub(super) struct Counterparts {
    python: Option<PathBuf>,
}

impl Counterparts {
    /// Installs what is missing; what cannot be had is told, and left to the suite to skip.
    pub(super) fn install(run: &mut Run) -> Result<Self> {
        if let Err(why) = tools::install_chromium() {
            println!("no browser for the passkey tests: {why}");
        }
        let home = workspace::target_folder()?.join("sdk-python");
        if !is_fresh(&home) {
            run.step("pip install", |_| make(&home));
        }
        Ok(Self {
            python: is_fresh(&home).then(|| home.join("bin/python")),
        })
    }

    /// Tells `command` where the counterparts are.
    pub(super) fn announce(&self, command: &mut Command) {
        if let Some(python) = &self.python {
            command.env(PYTHON, python);
        }
    }
}

/// The mark that an installation came to its end, with the list it was made from.
fn mark(home: &Path) -> PathBuf {
    home.join("installed.txt")
}

fn is_fresh(home: &Path) -> bool {
    let wanted = fs::read(workspace::root().join(REQUIREMENTS)).ok();
    wanted.is_some() && wanted == fs::read(mark(home)).ok()
}

fn make(home: &Path) -> Result<()> {
    let requirements = workspace::root().join(REQUIREMENTS);
    if let Err(why) = tools::install_python() {
        println!("no Python client: {why}");
        return Ok(());
    }
    run_to_end(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(home),
    )?;
    run_to_end(
        Command::new(home.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&requirements),
    )?;
    fs::copy(&requirements, mark(home))?;
    Ok(())
}
