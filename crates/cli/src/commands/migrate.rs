//! `postern migrate [DIR]`.

use std::path::PathBuf;

use anyhow::Context;
use postern_server::{Migrations, Project};

use crate::output;

/// Apply the project's migrations to the database of `DATABASE_URL`.
#[derive(clap::Args)]
pub(crate) struct Migrate {
    /// The project folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
}

impl Migrate {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let project = Project::open(&self.dir)?;
        let url = project.config()?.database.url.context(
            "set DATABASE_URL to the database to migrate (`postern dev` migrates its own)",
        )?;
        let applied = Migrations::new(project.migrations_dir(), url)
            .apply()
            .await?;
        for name in &applied {
            output::line(format_args!("applied {name}"));
        }
        if applied.is_empty() {
            output::line("nothing to apply");
        }
        Ok(())
    }
}
