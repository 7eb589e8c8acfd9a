//! `postern admin …`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use postern_auth::admins::{AdminRole, Standing};
use postern_server::Desk;

use crate::output;

/// Add, list and keep out the people who run the project.
#[derive(clap::Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    command: AdminCommand,
    /// The project folder.
    #[arg(long, default_value = ".", global = true)]
    dir: PathBuf,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Add an admin; prints a password that is made up for them, once.
    Create {
        /// The e-mail address.
        email: String,
        /// owner, editor or viewer.
        #[arg(long, default_value = "owner")]
        role: String,
        /// Read the password from standard input instead of making one up.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List them.
    List,
    /// Take all second factors from an admin who has lost them and the recovery codes.
    ///
    /// Authenticator apps, passkeys and recovery codes go and every session ends; the password
    /// stays and signs in alone until a factor is added. Noted in the audit log.
    ResetFactors {
        /// The e-mail address.
        email: String,
    },
    /// Keep an admin out.
    Ban {
        /// The e-mail address.
        email: String,
        /// Let them in again.
        #[arg(long)]
        lift: bool,
    },
}

impl Admin {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let admins = Desk::open(&self.dir).await?.admins();
        match self.command {
            AdminCommand::Create {
                email,
                role,
                password_stdin,
            } => {
                let role = AdminRole::parse(&role)
                    .context("the role is none: expected owner, editor or viewer")?;
                let given = password_stdin.then(output::read_secret).transpose()?;
                let (admin, made_up) = admins.create(&email, role, given).await?;
                output::line(format_args!("added {} as {}", admin.email, role.as_str()));
                if let Some(password) = made_up {
                    output::line(format_args!("password {}", password.expose()));
                    output::notice("The password is shown this once and kept nowhere in clear.");
                }
            }
            AdminCommand::List => {
                for admin in admins.list().await? {
                    let state = admin.banned_at.map_or("", |_| "  banned");
                    let role = admin.role.as_str();
                    output::line(format_args!("{role:<8}{}{state}", admin.email));
                }
            }
            AdminCommand::ResetFactors { email } => {
                let reset = admins.reset_factors(&email).await?;
                output::line(format_args!(
                    "reset {email}: {} factors and {} recovery codes are gone, {} sessions ended",
                    reset.factors, reset.codes, reset.sessions
                ));
                output::notice(
                    "The password alone signs in now. Add a factor under Account right after.",
                );
            }
            AdminCommand::Ban { email, lift } => {
                let (standing, done) = match lift {
                    true => (Standing::Welcome, "let in again"),
                    false => (Standing::Banned, "banned"),
                };
                let admin = admins.set_standing(&email, standing).await?;
                output::line(format_args!("{done}: {}", admin.email));
            }
        }
        Ok(())
    }
}
