//! What the auth suite talks to besides our own server: a Python with the Python client, a browser.
//!
//! Neither is needed to run the suite: its tests that cannot run say so.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::python::Python;
use super::run::Run;
use super::tools;

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
        let python = Python::new("sdk-python", REQUIREMENTS)?;
        if !python.is_fresh() {
            run.step("pip install", |_| match tools::install_python() {
                Ok(()) => python.make(),
                Err(why) => {
                    println!("no Python client: {why}");
                    Ok(())
                }
            });
        }
        Ok(Self {
            python: python.is_fresh().then(|| python.program("python")),
        })
    }

    /// Tells `command` where the counterparts are.
    pub(super) fn announce(&self, command: &mut Command) {
        if let Some(python) = &self.python {
            command.env(PYTHON, python);
        }
    }
}
