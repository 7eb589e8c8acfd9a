//! `postern audit verify`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use postern_auth::audit::{Findings, Mark};
use postern_server::Desk;

use crate::output;

/// Look after the audit log.
#[derive(clap::Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Find entries that were edited, removed, moved or cut off.
    Verify {
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// The mark that an earlier verification printed: finds a log that was set back.
        #[arg(long)]
        mark: Option<String>,
    },
}

impl Audit {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let AuditCommand::Verify { dir, mark } = self.command;
        let mark = mark
            .map(|text| Mark::parse(&text).context("the mark is none: expected `12:0a1b…`"))
            .transpose()?;
        let log = Desk::open(&dir).await?.audit_log();
        let findings = log.verify(mark.as_ref()).await?;
        print(&findings);
        let faults = findings.faults.len() + findings.more;
        anyhow::ensure!(findings.is_sound(), "the audit log has {faults} faults");
        Ok(())
    }
}

fn print(findings: &Findings) {
    for fault in &findings.faults {
        output::notice(fault);
    }
    output::line(format_args!(
        "{} entries sealed, {} waiting, {} of others",
        findings.sealed, findings.waiting, findings.foreign
    ));
    if let Some(mark) = findings.head.as_ref().filter(|_| findings.is_sound()) {
        output::line(format_args!("mark {mark}"));
        output::line("Keep the mark elsewhere; `postern audit verify --mark` goes by it.");
    }
}
