//! The `postern` binary: what the arguments mean, and nothing else.
//!
//! A command is at most thirty lines that call `postern-server`; whatever decides something lives
//! there, where tests and other programs reach it too.

mod commands;
mod logging;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A backend in front of Postgres: every query rewritten by your policy files.
#[derive(Parser)]
#[command(name = "postern", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(commands::new::New),
    Dev(commands::dev::Dev),
    Serve(commands::serve::Serve),
    Migrate(commands::migrate::Migrate),
    Policy(commands::policy::Policy),
    Doctor(commands::doctor::Doctor),
    Token(commands::token::Token),
    Keys(commands::keys::Keys),
    Users(commands::users::Users),
    Admin(commands::admin::Admin),
    Audit(commands::audit::Audit),
    Config(commands::config::Config),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Doctor(command) => return finish(command.run().await),
        Command::New(command) => command.run(),
        Command::Dev(command) => command.run().await,
        Command::Serve(command) => command.run().await,
        Command::Migrate(command) => command.run().await,
        Command::Policy(command) => command.run().await,
        Command::Token(command) => command.run(),
        Command::Keys(command) => command.run().await,
        Command::Users(command) => command.run().await,
        Command::Admin(command) => command.run().await,
        Command::Audit(command) => command.run().await,
        Command::Config(command) => command.run(),
    };
    finish(result.map(|()| ExitCode::SUCCESS))
}

/// The program's exit code; what went wrong is told on standard error.
fn finish(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::FAILURE
    })
}
