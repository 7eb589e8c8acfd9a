//! The habits of the house as a check: floors, lengths, banned words, module docs.
//!
//! Runs as `cargo xtask tidy` and as a normal test of this crate, so that `cargo test` alone finds
//! a broken arrow. Every message names what to do instead. The scanner is rough on purpose: it
//! knows comments, literals and braces, not Rust.

mod asvs;
mod attacks;
mod floors;
mod functions;
mod lines;
mod links;
mod scan;
mod words;

#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::{Result, bail};

use crate::workspace::{self, SourceFile};

/// Something that tidy has to say about a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    weight: Weight,
    path: String,
    /// 1-based; 0 when the whole file is meant.
    line: usize,
    message: String,
}

/// Whether a finding breaks the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Failure,
    Warning,
}

impl Finding {
    fn failure(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            weight: Weight::Failure,
            path: path.into(),
            line,
            message: message.into(),
        }
    }

    fn warning(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            weight: Weight::Warning,
            ..Self::failure(path, line, message)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Failure => "tidy",
            Weight::Warning => "note",
        };
        match self.line {
            0 => write!(f, "{weight}: {}: {}", self.path, self.message),
            line => write!(f, "{weight}: {}:{line}: {}", self.path, self.message),
        }
    }
}

/// Prints every finding and the figures; fails when a finding is more than a note.
pub(crate) fn run() -> Result<()> {
    let files = workspace::source_files()?;
    let findings = findings(&files)?;
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {}", functions::Figures::of(&files));
    let failures = findings
        .iter()
        .filter(|it| it.weight == Weight::Failure)
        .count();
    if failures > 0 {
        bail!("{failures} findings, see above");
    }
    println!("tidy: {} files are tidy", files.len());
    Ok(())
}

fn findings(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let mut findings = floors::check(&floors::packages(&workspace::metadata()?)?);
    asvs::check(files, &mut findings);
    let root = workspace::root();
    for file in files {
        check_file(file, &mut findings);
        links::check(file, |path| root.join(path).exists(), &mut findings);
    }
    attacks::check(files, &mut findings);
    Ok(findings)
}

fn check_file(file: &SourceFile, findings: &mut Vec<Finding>) {
    lines::check(file, findings);
    words::check(file, findings);
}
