//! `postern keys [DIR]` and `postern keys …`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use postern_server::{Desk, Project};

use crate::output;

/// Print the keys that `postern dev` made for the project, or look after those that sign tokens.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: Option<KeysCommand>,
    /// The project folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// List the keys that sign tokens.
    List {
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Sign with the standby key from now on; tokens of the one before are good until they expire.
    Rotate {
        /// Leave those keys, and seal what is stored anew with the present master key.
        #[arg(long)]
        reencrypt: bool,
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Refuse all tokens of a key that signs no more.
    Revoke {
        /// The key's id.
        kid: String,
        /// The project folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
}

impl Keys {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            None => self.print(),
            Some(KeysCommand::List { dir }) => list(&Desk::open(&dir).await?).await,
            Some(KeysCommand::Rotate {
                reencrypt: true,
                dir,
            }) => reseal(&Desk::open(&dir).await?).await,
            Some(KeysCommand::Rotate { dir, .. }) => {
                let desk = Desk::open(&dir).await?;
                let kid = desk.keys().rotate().await?;
                output::line(format_args!("{kid} signs from now on"));
                list(&desk).await
            }
            Some(KeysCommand::Revoke { kid, dir }) => {
                let desk = Desk::open(&dir).await?;
                desk.keys().revoke(&kid).await?;
                list(&desk).await
            }
        }
    }

    fn print(self) -> anyhow::Result<()> {
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

async fn reseal(desk: &Desk) -> anyhow::Result<()> {
    let done = desk.resealer().run().await?;
    for it in &done {
        output::line(format_args!("{}  {} sealed anew", it.what, it.renewed));
    }
    let unreadable: u64 = done.iter().map(|it| it.unreadable).sum();
    anyhow::ensure!(
        unreadable == 0,
        "{unreadable} values are sealed with a key that is neither `keys.master_key` nor one of \
         `keys.older_master_keys`; they were left as they are"
    );
    Ok(())
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    for key in desk.keys().list().await? {
        let (state, algorithm) = (key.state_name(), key.algorithm.name());
        let made = key.created_at.date();
        output::line(format_args!(
            "{}  {algorithm:<6} {state:<9} made {made}",
            key.id
        ));
    }
    Ok(())
}
