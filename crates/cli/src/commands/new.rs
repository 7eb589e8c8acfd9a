//! `postern new NAME`.

use std::path::PathBuf;

use postern_server::project;

use crate::output;

/// Make a project folder that runs as it is.
#[derive(clap::Args)]
pub(crate) struct New {
    /// The folder to make.
    name: PathBuf,
}

impl New {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        project::create(&self.name)?;
        let name = self.name.display();
        output::line(format_args!("Made the project `{name}`. Start it with:\n"));
        output::line(format_args!("  postern dev {name}"));
        Ok(())
    }
}
