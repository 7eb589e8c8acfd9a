//! The log of a run: all lines are shown and kept.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A file that gets what is shown.
pub(super) struct Log {
    file: File,
    path: PathBuf,
}

impl Log {
    /// Begins an empty log.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Shows and keeps what comes, to its end.
    pub(super) fn keep(&mut self, output: impl Read) -> Result<()> {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            writeln!(self.file, "{line}")?;
        }
        Ok(())
    }
}
