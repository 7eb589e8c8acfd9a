//! What happens while the managed server starts, for whoever shows progress.

use std::fmt;
use std::path::PathBuf;

/// One thing worth telling the person at the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// No server was found, and this command is to bring one.
    Installing(String),
    /// We are root, and the server runs as this account instead.
    RunsAs(String),
    /// The account cannot reach the project's folder, so the data lies here.
    DataElsewhere(PathBuf),
    /// A new data folder is being made.
    Initialising(PathBuf),
    /// A lock file of a server that is gone was removed.
    StaleLockRemoved,
    /// A server that had outlived its gateway was stopped.
    OrphanStopped(u32),
    /// The remembered port was taken, so another one is used.
    PortChanged {
        /// The port of the last time.
        from: u16,
        /// The port of this time.
        to: u16,
    },
    /// The server is being started.
    Starting,
    /// The server takes connections on this port.
    Ready(u16),
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installing(command) => {
                write!(
                    formatter,
                    "no PostgreSQL server was found; running `{command}`"
                )
            }
            Self::RunsAs(account) => write!(
                formatter,
                "the database runs as `{account}`, because PostgreSQL refuses to run as root"
            ),
            Self::DataElsewhere(dir) => write!(
                formatter,
                "the database keeps its data in {}, because its account cannot reach this project",
                dir.display()
            ),
            Self::Initialising(dir) => {
                write!(formatter, "making a new database in {}", dir.display())
            }
            Self::StaleLockRemoved => {
                formatter.write_str("removed the lock file of a database server that is gone")
            }
            Self::OrphanStopped(pid) => write!(
                formatter,
                "stopped a database server left over from before (process {pid})"
            ),
            Self::PortChanged { from, to } => write!(
                formatter,
                "the database moved from port {from}, which is taken, to port {to}"
            ),
            Self::Starting => formatter.write_str("starting the database"),
            Self::Ready(port) => {
                write!(formatter, "the database is ready on 127.0.0.1:{port}")
            }
        }
    }
}
