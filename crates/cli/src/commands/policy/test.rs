//! `postern policy test`.

use std::path::PathBuf;

use anyhow::bail;
use postern_base::Secret;
use postern_server::policies::{TestOptions, Workbench};
use postern_trial::{Mutation, Progress};

use crate::output;

#[derive(clap::Args)]
pub(crate) struct Test {
    /// The project folder.
    #[arg(default_value = ".")]
    pub(super) dir: PathBuf,
    /// Make every predicate true, false and its contrary, drop each rule, and fail when no case
    /// notices.
    #[arg(long)]
    mutate: bool,
    /// Fail when a condition was not seen both ways.
    #[arg(long)]
    require_coverage: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// The database for a superuser, who makes the rows of the tests, where `DATABASE_URL` is the
    /// gateway's own login.
    #[arg(long, env = "OWNER_DATABASE_URL", hide_env_values = true)]
    owner_url: Option<String>,
}

impl Test {
    pub(super) async fn run(self, workbench: &Workbench) -> anyhow::Result<()> {
        let options = TestOptions {
            mutation: if self.mutate {
                Mutation::All
            } else {
                Mutation::Off
            },
            owner_url: self.owner_url.map(Secret::new),
        };
        let report = workbench.test(options, &mut tell).await;
        output::end_progress();
        let report = report.inspect_err(super::print_findings)?;
        if self.json {
            output::line(report.to_json());
        } else {
            output::line(&report);
        }
        let (seen, conditions) = report.coverage.counted();
        if !report.is_good() {
            bail!("the policies are not what the tests say");
        }
        if self.require_coverage && seen < conditions {
            bail!("the tests do not cover every condition");
        }
        Ok(())
    }
}

fn tell(progress: Progress<'_>) {
    match progress {
        Progress::Case { file, name } => output::progress(format_args!("{file}  {name}")),
        Progress::Mutant { number, of } => {
            output::progress(format_args!("mutant {number} of {of}"))
        }
    }
}
