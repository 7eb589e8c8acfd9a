//! `postern doctor`.

use std::path::PathBuf;
use std::process::ExitCode;

use postern_server::doctor::{Gravity, to_json};
use postern_server::policies::Workbench;

use crate::output;

/// Look for what is unsafe or slow in the database and the policies, and say how to mend it.
#[derive(clap::Args)]
pub(crate) struct Doctor {
    /// The project folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Print the findings as a JSON array.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Fails when something grave is found.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let workbench = Workbench::open(&self.dir).await?;
        let findings = workbench.examine().await;
        // Closed whatever came of it, so that no database is left behind.
        workbench.close().await?;
        let findings = findings?;
        let grave = findings.iter().filter(|it| it.gravity == Gravity::Grave);
        let grave = grave.count();
        if self.json {
            output::line(to_json(&findings));
        } else {
            for finding in &findings {
                output::line(format_args!("{finding}\n"));
            }
            let warnings = findings.len() - grave;
            output::line(format_args!("{grave} grave findings, {warnings} warnings"));
        }
        Ok(if grave > 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}
