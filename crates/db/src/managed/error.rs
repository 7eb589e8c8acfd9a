//! What can go wrong with the managed server, each with the way out.

use std::path::PathBuf;

/// Why the managed server cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server binaries were found.
    #[error(
        "no PostgreSQL server was found (looked in {looked}); install one: \
         `apt-get install postgresql` on Debian and Ubuntu, `dnf install postgresql-server` on \
         Fedora, `brew install postgresql` on macOS; or name its folder of binaries in the \
         configuration, or use a database of your own with `postern serve`"
    )]
    NoBinaries {
        /// The folders that were looked into.
        looked: String,
    },
    /// The data belongs to another major version.
    #[error(
        "the data in `{}` was made by PostgreSQL {data}, but the server found in `{}` is \
         version {server}; install PostgreSQL {data}, or upgrade the data with \
         `pg_upgrade --old-datadir '{}' --new-datadir <new folder> --old-bindir <binaries of \
         {data}> --new-bindir '{}'`, or start over with `postern dev --reset`",
        data_dir.display(), bin_dir.display(), data_dir.display(), bin_dir.display()
    )]
    OtherVersion {
        /// The data folder.
        data_dir: PathBuf,
        /// The folder of the binaries.
        bin_dir: PathBuf,
        /// The data's major version.
        data: u32,
        /// The server's major version.
        server: u32,
    },
    /// Another process of ours uses the state folder.
    #[error("`{}` is in use: another `postern dev` is running in this project", dir.display())]
    InUse {
        /// The state folder.
        dir: PathBuf,
    },
    /// The configured port is taken.
    #[error(
        "port {port}, chosen for the database in the configuration, is taken by another program"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Nothing to drop root's rights with.
    #[error(
        "PostgreSQL refuses to run as root, and there is no account or command (`setpriv`, \
         `runuser`, `su`) to run it as somebody else with: {reason}"
    )]
    NoAccount {
        /// What was missing.
        reason: String,
    },
    /// A program that we need failed.
    #[error("`{program}` failed: {output}")]
    Program {
        /// Its name.
        program: String,
        /// What it wrote.
        output: String,
    },
    /// The server ended or did not answer in time.
    #[error("the database server did not start: {reason}\n{log}")]
    NotStarted {
        /// What was seen.
        reason: String,
        /// The end of its log.
        log: String,
    },
    /// The server did not end in time.
    #[error("the database server (process {pid}) did not stop within {seconds} s")]
    NotStopped {
        /// Its process id.
        pid: u32,
        /// How long we waited.
        seconds: u64,
    },
    /// A file or folder could not be handled.
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The server refused a statement of ours.
    #[error("the managed database refused to be prepared: {0}")]
    Prepare(#[from] crate::Error),
}

impl Error {
    pub(super) fn file(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
