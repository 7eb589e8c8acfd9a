//! `postern dev [DIR]`.

use std::path::PathBuf;
use std::sync::Arc;

use postern_server::dev::{self, Console, Dev as Session};
use postern_server::{project::Project, signals};

use crate::{logging, output};

/// Serve a project from a database of its own, and reload as its files change.
#[derive(clap::Args)]
pub(crate) struct Dev {
    /// The project folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    address: super::Address,
    /// Throw the database away first; asks.
    #[arg(long)]
    reset: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Dev {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        logging::start(
            &Project::open(&self.dir)?.config()?.log,
            logging::Voice::Console,
        );
        if self.reset {
            let question = format!("Delete all data of `{}`?", self.dir.display());
            anyhow::ensure!(
                self.yes || output::confirm(&question),
                "nothing was deleted"
            );
            dev::reset(&self.dir).await?;
        }
        let console = Arc::new(Console::new(|text| output::line(text)));
        let session = tokio::select! {
            session = Session::start(&self.dir, self.address.flags(), &console) => session?,
            () = signals::stop_requested() => anyhow::bail!("stopped before it had started"),
        };
        output::line(session.banner()?);
        let ended = tokio::select! {
            () = signals::stop_requested() => Ok(()),
            error = session.database_ended() => Err(error),
        };
        console.line("stopping");
        session.stop().await?;
        Ok(ended?)
    }
}
