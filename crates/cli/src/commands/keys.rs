//! `postern keys [DIR]`.

use std::path::PathBuf;

use anyhow::Context;
use postern_server::Project;

use crate::output;

/// Print the keys that `postern dev` made for the project.
#[derive(clap::Args)]
pub(crate) struct Keys {
    /// The project folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
}

impl Keys {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let keys = Project::open(&self.dir)?
            .keys()?
            .context("the project has no keys yet; `postern dev` makes them at its first start")?;
        if self.json {
            output::line(keys.to_json()?);
            return Ok(());
        }
        output::line(format_args!("publishable key   {}", keys.publishable));
        output::line(format_args!("secret key        {}", keys.secret.expose()));
        output::line(format_args!("anon key          {}", keys.legacy_anon()?));
        output::line(format_args!(
            "service_role key  {}",
            keys.legacy_service()?.expose()
        ));
        output::line(format_args!(
            "JWT secret        {}",
            keys.jwt_secret.expose()
        ));
        output::line(format_args!(
            "demo password     {}",
            keys.demo_password.expose()
        ));
        Ok(())
    }
}
