//! `postern policy …`.

mod diff;
mod explain;
mod test;

use std::path::PathBuf;

use clap::Subcommand;
use postern_policy::Diagnostic;
use postern_server::policies::{Workbench, WorkbenchError};
use postern_server::reload::Loaded;

use crate::output;

/// Check, lock, write and explain policy files.
#[derive(clap::Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Subcommand)]
enum PolicyCommand {
    /// Check all policy files against the database; every finding names its place and the fix.
    Check {
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Write the lock file: what `"*"` stands for from now on.
    Lock {
        /// Write nothing, and fail when the lock is not that of the schema; for CI.
        #[arg(long)]
        check: bool,
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Write a starter policy file for a table.
    New {
        /// The table, such as `public.notes`.
        table: String,
        /// owner, team, public-read, private, insert-only, read-only, admin-only or public.
        #[arg(long, default_value = "owner")]
        template: String,
        /// The project folder.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
    },
    /// Write the database's grants and row-level security as policy files.
    Import {
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Print the policy files as a migration for the database itself.
    Export {
        /// As grants and row-level security, the one form there is.
        #[arg(long, required = true)]
        rls: bool,
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Tell what a request becomes for a caller: role, rules, SQL, path.
    Explain(explain::Explain),
    /// Tell what one set of policy files lets people do that another does not.
    Diff(diff::Diff),
    /// Run the test files of `tests/` in a transaction that is rolled back.
    Test(test::Test),
}

impl Policy {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let dir = match &self.command {
            PolicyCommand::Check { dir }
            | PolicyCommand::Lock { dir, .. }
            | PolicyCommand::New { dir, .. }
            | PolicyCommand::Import { dir }
            | PolicyCommand::Export { dir, .. }
            | PolicyCommand::Explain(explain::Explain { dir, .. })
            | PolicyCommand::Diff(diff::Diff { dir, .. })
            | PolicyCommand::Test(test::Test { dir, .. }) => dir,
        };
        let workbench = Workbench::open(dir).await?;
        let result = match self.command {
            PolicyCommand::Check { .. } => check(&workbench).await,
            PolicyCommand::Lock { check: true, .. } => check_lock(&workbench).await,
            PolicyCommand::Lock { .. } => lock(&workbench).await,
            PolicyCommand::New {
                table, template, ..
            } => new(&workbench, &table, &template).await,
            PolicyCommand::Import { .. } => import(&workbench).await,
            PolicyCommand::Export { .. } => export(&workbench).await,
            PolicyCommand::Explain(explain) => explain.run(&workbench).await,
            PolicyCommand::Diff(diff) => diff.run(&workbench).await,
            PolicyCommand::Test(test) => test.run(&workbench).await,
        };
        // Closed whatever came of the command, so that no database is left behind.
        workbench.close().await?;
        result
    }
}

/// Loads the bundle, or prints every finding.
async fn load(workbench: &Workbench) -> anyhow::Result<Loaded> {
    Ok(workbench.check().await.inspect_err(print_findings)?)
}

/// Prints the findings that an error is made of.
fn print_findings(error: &WorkbenchError) {
    if let WorkbenchError::Policies(diagnostics) = error {
        print(diagnostics);
    }
}

fn print(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        output::notice(format_args!(
            "{diagnostic}
"
        ));
    }
}

async fn check(workbench: &Workbench) -> anyhow::Result<()> {
    let loaded = load(workbench).await?;
    print(&loaded.warnings);
    let (files, warnings) = (loaded.sources.files.len(), loaded.warnings.len());
    output::line(format_args!(
        "{files} policy files, no errors, {warnings} warnings"
    ));
    Ok(())
}

async fn lock(workbench: &Workbench) -> anyhow::Result<()> {
    let path = workbench.lock().await?;
    output::line(format_args!("wrote {}", path.display()));
    Ok(())
}

async fn check_lock(workbench: &Workbench) -> anyhow::Result<()> {
    workbench.check_lock().await?;
    output::line("the lock is that of the schema");
    Ok(())
}

async fn new(workbench: &Workbench, table: &str, template: &str) -> anyhow::Result<()> {
    let path = workbench.new_file(table, template).await?;
    output::line(format_args!(
        "wrote {}; look its columns over",
        path.display()
    ));
    Ok(())
}

async fn import(workbench: &Workbench) -> anyhow::Result<()> {
    let (written, notes) = workbench.import().await?;
    for note in notes {
        output::notice(format_args!("note: {note}"));
    }
    for path in &written {
        output::line(format_args!("wrote {}", path.display()));
    }
    let count = written.len();
    output::line(format_args!(
        "{count} files; look them over, then run `postern policy check`"
    ));
    Ok(())
}

async fn export(workbench: &Workbench) -> anyhow::Result<()> {
    let migration = workbench.export().await.inspect_err(print_findings)?;
    output::line(migration.trim_end());
    Ok(())
}
