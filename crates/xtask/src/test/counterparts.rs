//! What the suites need besides our own server: a Python with the Python client, one with grammars
//! of other languages, a browser.
//!
//! None is needed to run the suites: tests that cannot run say so.

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

/// The pinned grammars of languages whose own tools no registry of packages has.
const GRAMMARS: &str = "crates/cli/tests/sdk/python/parsers.txt";
/// The suite finds the Python that has those grammars here.
const PARSERS: &str = "POSTERN_TEST_PARSERS";

/// The counterparts that could be had.
pub(super) struct Counterparts {
    python: Option<PathBuf>,
    parsers: Option<PathBuf>,
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
        let parsers = Python::new("sdk-parsers", GRAMMARS)?;
        if python.is_fresh() && !parsers.is_fresh() {
            // Wheels of grammars are not made for every machine.
            run.step("pip install of grammars", |_| {
                if let Err(why) = parsers.make() {
                    println!("no grammars for the snippets of other languages: {why}");
                }
                Ok(())
            });
        }
        let there = |it: &Python| it.is_fresh().then(|| it.program("python"));
        Ok(Self {
            python: there(&python),
            parsers: there(&parsers),
        })
    }

    /// Tells `command` where the counterparts are.
    pub(super) fn announce(&self, command: &mut Command) {
        if let Some(python) = &self.python {
            command.env(PYTHON, python);
        }
        if let Some(parsers) = &self.parsers {
            command.env(PARSERS, parsers);
        }
    }
}
