//! `postern config [DIR]`.

use std::path::PathBuf;

use postern_server::{Config as Checked, Project, config};

use crate::output;

/// Print the effective configuration and where each value came from; secrets stay hidden.
#[derive(clap::Args)]
pub(crate) struct Config {
    /// The project folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
}

impl Config {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let project = Project::open(&self.dir)?;
        let raw = config::layer(project.sources()?)?;
        Checked::check(project.root(), &raw)?;
        output::line(raw.to_text());
        Ok(())
    }
}
