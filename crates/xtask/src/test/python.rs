//! A Python with pinned packages of its own, below the target folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::run::run_to_end;
use crate::workspace;

/// A virtual environment and the list of packages that it is made from.
pub(crate) struct Python {
    home: PathBuf,
    requirements: PathBuf,
}

impl Python {
    /// The environment of this name for a list of the tree.
    pub(crate) fn new(name: &str, requirements: &str) -> Result<Self> {
        Ok(Self {
            home: workspace::target_folder()?.join(name),
            requirements: workspace::root().join(requirements),
        })
    }

    /// A program of the environment.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    /// Whether it holds what the list says.
    pub(crate) fn is_fresh(&self) -> bool {
        let wanted = fs::read(&self.requirements).ok();
        wanted.is_some() && wanted == fs::read(self.mark()).ok()
    }

    /// Makes it anew.
    pub(crate) fn make(&self) -> Result<()> {
        run_to_end(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&self.home),
        )?;
        run_to_end(
            Command::new(self.program("python"))
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(&self.requirements),
        )?;
        fs::copy(&self.requirements, self.mark())?;
        Ok(())
    }

    /// The mark that an installation came to its end, with the list it was made from.
    fn mark(&self) -> PathBuf {
        self.home.join("installed.txt")
    }
}
