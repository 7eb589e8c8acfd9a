//! `postern serve [DIR]`.

use std::path::PathBuf;

use postern_server::{Gateway, production, signals};

use crate::{logging, output};

/// Serve a database in production: `DATABASE_URL`, real secrets, JSON logs, SIGTERM to stop.
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// The folder of postern.toml and the policy files.
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    address: super::Address,
}

impl Serve {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = production::load(&self.dir, self.address.flags())?;
        logging::start(&config.log, logging::Voice::Log);
        production::prepare_database(&config).await?;
        let gateway = Gateway::start(config).await?;
        if let Some(path) = gateway.setup_path() {
            // Printed and not logged: logs are kept, and whoever has the address becomes owner.
            output::notice(format_args!(
                "make the first admin within half an hour: http://{}{path}",
                gateway.address()
            ));
        }
        signals::stop_requested().await;
        gateway.stop().await;
        Ok(())
    }
}
