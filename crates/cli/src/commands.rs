//! One file a command.

pub(crate) mod admin;
pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod new;
pub(crate) mod policy;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod users;

use postern_server::dev::Flag;

/// Where the server listens, for the commands that start one.
#[derive(clap::Args)]
pub(crate) struct Address {
    /// The address to listen on (`api.host`).
    #[arg(long)]
    host: Option<String>,
    /// The port to listen on (`api.port`).
    #[arg(long)]
    port: Option<u16>,
}

impl Address {
    /// The flags that were given, as configuration values.
    pub(crate) fn flags(self) -> Vec<Flag> {
        let host = self.host.map(|host| ("api.host", host, "--host"));
        let port = self
            .port
            .map(|port| ("api.port", port.to_string(), "--port"));
        host.into_iter().chain(port).collect()
    }
}
