//! The managed local Postgres: a server of our own under the project's `.postern/` folder.
//!
//! [`provide_programs`] installs the server's programs where that needs no question.
//! [`Cluster::start`] finds them, makes the data folder on first use, starts the server on a
//! loopback port and prepares the project's database. The server belongs to a small watchdog that
//! holds a pipe to us: when this process ends, however it ends, the pipe closes and the watchdog
//! stops the server. Nothing here is used by `serve`, which is given its database.

mod account;
mod binaries;
mod data_folder;
mod databases;
mod error;
mod install;
mod notice;
mod postmaster;
mod process;
mod state;

use std::path::{Path, PathBuf};

use postern_base::Secret;

pub use error::Error;
pub use install::provide_programs;
pub use notice::Notice;

use account::Account;
use binaries::Binaries;
use process::Process;
use state::State;

/// The superuser that owns the managed server; migrations run as it.
pub const OWNER_ROLE: &str = "postgres";
/// The role that the gateway signs in as.
pub const GATEWAY_ROLE: &str = "postern_gateway";
/// The role that the auth service signs in as.
pub const AUTH_ROLE: &str = "postern_auth";
/// The project's database.
pub const DATABASE: &str = "postern";

/// How much the server does against power cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Data survives a crash of the machine.
    Durable,
    /// Tests: no flushing, and the folder goes when the server stops.
    Throwaway,
}

/// What to start.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The state folder, such as `.postern`.
    pub dir: PathBuf,
    /// Where the server's binaries are, when they are not to be looked for.
    pub bin_dir: Option<PathBuf>,
    /// The port to listen on; a free one is chosen and remembered otherwise.
    pub port: Option<u16>,
    /// How much the server does against power cuts.
    pub durability: Durability,
}

impl ClusterConfig {
    /// A durable server in `dir`, everything else found or chosen.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            bin_dir: None,
            port: None,
            durability: Durability::Durable,
        }
    }

    /// A server for tests in a new folder under the system's temporary one.
    pub fn throwaway() -> Self {
        let name = format!("postern-test-{}", state::random_name());
        Self {
            durability: Durability::Throwaway,
            ..Self::new(std::env::temp_dir().join(name))
        }
    }
}

/// Who a connection to the managed server signs in as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// The superuser: migrations, introspection of everything, tests.
    Owner,
    /// The gateway's own role: no superuser, not held by row-level security.
    Gateway,
    /// The auth service's own role: users and sessions, and no table of the project.
    Auth,
}

/// A running managed server; it stops when this value is dropped.
#[derive(Debug)]
pub struct Cluster {
    process: Process,
    state: State,
    data_dir: PathBuf,
    _lock: std::fs::File,
}

impl Cluster {
    /// Starts the server, making its data folder first when there is none, and prepares the
    /// project's database: roles, support functions, grants.
    ///
    /// # Errors
    /// When binaries are missing, the folder belongs to another major version or to a running
    /// `postern dev`, or the server does not come up; each message says what to do.
    pub async fn start(
        config: &ClusterConfig,
        mut notify: impl FnMut(Notice) + Send,
    ) -> Result<Self, Error> {
        let lock = state::prepare_dir(&config.dir)?;
        let account = Account::choose()?;
        if let Some(name) = account.other_name() {
            notify(Notice::RunsAs(name.to_owned()));
        }
        if config.durability == Durability::Throwaway {
            // The watchdog removes the folder in the end, as that account.
            account.own(&config.dir)?;
        }
        let mut state = State::load_or_new(&config.dir)?;
        let data_dir = data_folder::locate(&config.dir, &mut state, &account, &mut notify)?;
        let binaries = Binaries::find(config.bin_dir.as_deref(), data_folder::major(&data_dir)?)?;
        data_folder::initialise(
            &data_dir,
            &state,
            &account,
            &binaries,
            config.durability,
            &mut notify,
        )
        .await?;
        data_folder::check_version(&data_dir, &binaries)?;
        postmaster::clear(&data_dir, &mut notify).await?;

        let launch = process::Launch {
            binaries: &binaries,
            account: &account,
            data_dir: &data_dir,
            log: &config.dir.join("postgres.log"),
            durability: config.durability,
            remove_dir: (config.durability == Durability::Throwaway).then_some(&*config.dir),
        };
        let process = process::start(&launch, config.port, &mut state, &mut notify).await?;
        state.save(&config.dir)?;
        let cluster = Self {
            process,
            state,
            data_dir,
            _lock: lock,
        };
        databases::prepare_server(&cluster).await?;
        cluster.create_database(DATABASE, None).await?;
        Ok(cluster)
    }

    /// The address of the project's database.
    pub fn url(&self, login: Login) -> Secret<String> {
        self.database_url(login, DATABASE)
    }

    /// The address of any database on this server.
    pub fn database_url(&self, login: Login, database: &str) -> Secret<String> {
        address(&self.state, self.process.port(), login, database)
    }

    /// The port that the server listens on.
    pub fn port(&self) -> u16 {
        self.process.port()
    }

    /// Where the data is.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Whether the server has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// Makes a database that the gateway can serve, unless it is there: empty, or a copy of
    /// `template` (which nobody may be connected to).
    ///
    /// # Errors
    /// When the server refuses; also when the template does not exist.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), Error> {
        databases::create(self, name, template).await
    }

    /// Removes a database and ends the connections to it.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        databases::remove(self, name).await
    }

    /// Stops the server (a fast shutdown) and waits until it has ended.
    ///
    /// # Errors
    /// When it does not end within its time.
    pub async fn stop(mut self) -> Result<(), Error> {
        self.process.stop().await
    }
}

/// The address of the project's database while a `postern dev` runs on it; none otherwise.
///
/// # Errors
/// When the state folder cannot be read.
pub fn running(dir: &Path, login: Login) -> Result<Option<Secret<String>>, Error> {
    if !dir.exists() {
        return Ok(None);
    }
    match state::prepare_dir(dir) {
        Ok(_free) => Ok(None),
        Err(Error::InUse { .. }) => {
            let state = State::load_or_new(dir)?;
            let port = state.port;
            Ok(port.map(|port| address(&state, port, login, DATABASE)))
        }
        Err(error) => Err(error),
    }
}

fn address(state: &State, port: u16, login: Login, database: &str) -> Secret<String> {
    let (user, password) = match login {
        Login::Owner => (OWNER_ROLE, &state.owner_password),
        Login::Gateway => (GATEWAY_ROLE, &state.gateway_password),
        Login::Auth => (AUTH_ROLE, &state.auth_password),
    };
    Secret::new(format!(
        "postgresql://{user}:{password}@127.0.0.1:{port}/{database}"
    ))
}

/// Deletes a project's managed database with everything in it.
///
/// # Errors
/// When a `postern dev` is running on it, or files cannot be removed.
pub async fn reset(dir: &Path) -> Result<(), Error> {
    if !dir.exists() {
        return Ok(());
    }
    let _lock = state::prepare_dir(dir)?;
    let state = State::load_or_new(dir)?;
    let data_dir = state
        .data_dir
        .clone()
        .unwrap_or_else(|| dir.join(data_folder::NAME));
    postmaster::clear(&data_dir, &mut |_| {}).await?;
    state::remove(dir, &data_dir)
}
