//! The running server: what is mounted where, from the first connection to the last answer.
//!
//! [`Gateway::start`] is the one way to start it: the command line, the tests and the benchmarks
//! all run what an operator runs, on whatever address the configuration says.

mod app;
mod bind;
mod console;
mod health;
mod people;
mod pre_request;
mod remember;
mod settings;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
pub use bind::{BindError, bind};
pub(crate) use people::vault;
use postern_base::{Clock, SystemClock};
use postern_db::Db;
use postern_http::Authenticator;
use postern_policy::Diagnostic;
use postern_rest::{RestParts, RestService};
use postern_telemetry::{Event, Telemetry};
pub(crate) use settings::{database as database_settings, take_over};
use tokio::task::JoinHandle;

use crate::Config;
use crate::config::Problems;
use crate::reload::{Loader, Reloading, Reporter, Snapshot};

/// How long the head of a request may take: longer is a slowloris, not a slow line.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may idle between requests.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to notice that the connection is being closed.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Most connections that one worker holds.
const CONNECTIONS_PER_WORKER_MAX: usize = 10_000;

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No database is configured.
    #[error("no database is configured; set DATABASE_URL, or `url` in [database]")]
    NoDatabase,
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The keys or secrets cannot be used.
    #[error("the keys are not usable: {0}")]
    Keys(#[from] postern_http::KeyError),
    /// The master key is none.
    #[error("`keys.master_key` is not usable: {0}; make one with `openssl rand -hex 32`")]
    MasterKey(#[from] postern_vault::Error),
    /// The mail server's settings cannot be used.
    #[error("the settings in [mail] are not usable: {0}")]
    Mail(#[from] postern_mail::SettingsError),
    /// A mail template has an error.
    #[error("a mail template cannot be used: {0}")]
    Template(#[from] postern_mail::TemplateError),
    /// The auth service cannot start.
    #[error("the auth service cannot start: {}", cause(.0))]
    People(postern_auth::Error),
    /// The console cannot start.
    #[error("the console cannot start: {0}")]
    Console(String),
    /// The console would lie open.
    #[error(
        "`console.enabled` is set, nobody runs the project yet, and {address} is reached from \
         elsewhere; add an admin with `postern admin create you@example.com`, or set \
         `console.enabled = false`, or listen on 127.0.0.1 and set up in a browser"
    )]
    NoAdmin {
        /// Where it would listen.
        address: SocketAddr,
    },
    /// The database cannot be used.
    #[error("the database cannot be used: {0}")]
    Database(#[from] postern_db::Error),
    /// What the database's login sets cannot be used.
    #[error(transparent)]
    Login(#[from] Problems),
    /// The policy files have errors; each is printed with its place and the fix.
    #[error("{}", refusal(.0))]
    Policies(Vec<Diagnostic>),
    /// The server could not be set up.
    #[error("the server cannot start: {0}")]
    Server(#[from] std::io::Error),
}

/// What is behind an error of the auth service.
pub(crate) fn cause(error: &postern_auth::Error) -> String {
    match error.inner() {
        Some(inner) => format!("{error}: {inner}"),
        None => error.to_string(),
    }
}

fn refusal(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::from("the policy files have errors; nothing is served\n");
    for diagnostic in diagnostics {
        text.push_str(&format!("\n{diagnostic}\n"));
    }
    text
}

/// What a start is told beyond the configuration.
#[derive(Default)]
pub struct StartOptions {
    /// A socket that already listens; without one the configured address is taken.
    pub listener: Option<TcpListener>,
    /// Who is told of reloads; the log without one.
    pub reporter: Reporter,
    /// Migrations to watch and apply, as `postern dev` does.
    pub migrations: Option<crate::migrations::Migrations>,
    /// The time; the machine's own without one.
    pub clock: Option<Arc<dyn Clock>>,
}

/// A running server; [`Gateway::stop`] ends it.
pub struct Gateway {
    address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    tasks: Vec<JoinHandle<()>>,
    telemetry: Telemetry,
    rest: Arc<RestService>,
    has_console: bool,
    setup_path: Option<String>,
}

impl Gateway {
    /// Starts the server with the log as its reporter.
    ///
    /// # Errors
    /// Returns why it cannot start, with the way out.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_with(config, StartOptions::default()).await
    }

    /// Starts the server.
    ///
    /// # Errors
    /// Returns why it cannot start, with the way out.
    pub async fn start_with(mut config: Config, options: StartOptions) -> Result<Self, StartError> {
        let listener = options.listener.map_or_else(|| bind(&config.api), Ok)?;
        let address = listener.local_addr()?;
        people::settle_address(&mut config, address);
        let telemetry = Telemetry::keeping(config.requests_kept);
        let reporter = options.reporter.with_telemetry(telemetry.clone());
        let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));

        let auth = settings::auth(&config);
        let authenticator = Arc::new(Authenticator::new(auth, Arc::clone(&clock))?);
        take_over(&mut config, &telemetry).await?;
        let db = Db::connect(&settings::database(&config)?).await?;
        pre_request::look(&db, &config, &reporter).await?;
        // Watching starts before reading, so that no change falls in between.
        let (schema_watch, ()) = tokio::join!(db.watch_schema(), db.warm());
        let loader = Loader::new(db.clone(), &config);
        let first = loader.load_first(&reporter).await?;
        let rest = Arc::new(RestService::new(RestParts {
            snapshot: first.snapshot,
            db: db.clone(),
            authenticator: Arc::clone(&authenticator),
            telemetry: telemetry.clone(),
            settings: settings::rest(&config),
        }));

        let memory = remember::Memory::new(&config, &telemetry, &clock);
        let shared = people::Shared {
            authenticator: Arc::clone(&authenticator),
            clock,
            telemetry: telemetry.clone(),
        };
        let people = people::start(&config, shared).await?;
        let mut tasks = background(&config, &authenticator, &rest);
        tasks.extend(
            Reloading {
                loader,
                service: Arc::clone(&rest),
                reporter: reporter.clone(),
                migrations: options.migrations.clone(),
                last_good: first.sources,
                warnings: first.warnings,
            }
            .spawn(schema_watch),
        );
        let shared = console::Shared {
            auth: people.as_ref().map(|it| Arc::clone(&it.service)),
            rest: Arc::clone(&rest),
            db: db.clone(),
            telemetry: telemetry.clone(),
            transport: people::way_of_letters(people.as_ref()),
            reporter,
            migrations: options.migrations,
        };
        let (console, setup_path) = console::start(&config, address, shared).await?.unzip();
        let state = app::State {
            console: console.clone(),
            rest: Arc::clone(&rest),
            auth: people.as_ref().map(|it| Arc::clone(&it.service)),
            dev_mailbox: people.as_ref().and_then(|it| it.dev_mailbox.clone()),
            db,
            telemetry: telemetry.clone(),
            memory,
            limits: config.limits.clone(),
            metrics: config.api.metrics,
        };
        tasks.extend(people.into_iter().flat_map(|it| it.tasks));
        let server = serve(&config, listener, state)?;
        telemetry.report(&Event::Started {
            address: &address.to_string(),
            workers: config.api.workers,
        });
        Ok(Self {
            address,
            handle: server.handle(),
            server: tokio::spawn(server),
            tasks,
            telemetry,
            rest,
            has_console: console.is_some(),
            setup_path: setup_path.flatten(),
        })
    }

    /// Whether `/console` is served.
    pub fn has_console(&self) -> bool {
        self.has_console
    }

    /// Where the first admin is made, for half an hour; none when there is one.
    pub fn setup_path(&self) -> Option<&str> {
        self.setup_path.as_deref()
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is served now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.rest.snapshot()
    }

    /// Takes no new requests, finishes those in flight within the configured time, and ends.
    pub async fn stop(self) {
        self.telemetry.report(&Event::Stopping);
        // Whoever follows the log would hold up the end.
        self.telemetry.requests().close();
        for task in &self.tasks {
            task.abort();
        }
        self.handle.stop(true).await;
        // An I/O error of a server that has been told to end has nobody left to matter to.
        let _ = self.server.await;
        self.telemetry.report(&Event::Stopped);
    }
}

/// What goes on beside the requests of the data API.
fn background(
    config: &Config,
    authenticator: &Arc<Authenticator>,
    rest: &Arc<RestService>,
) -> Vec<JoinHandle<()>> {
    let mut tasks = vec![tokio::spawn(Arc::clone(authenticator).watch_keys())];
    if config.policies.shadow.is_some() {
        tasks.push(tokio::spawn(Arc::clone(rest).compare_with_candidate()));
    }
    tasks
}

fn serve(
    config: &Config,
    listener: TcpListener,
    state: app::State,
) -> Result<actix_web::dev::Server, StartError> {
    let shutdown_secs = config.api.shutdown_timeout_ms.div_ceil(1000);
    let server = HttpServer::new(move || app::build(&state))
        .workers(config.api.workers)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .max_connections(CONNECTIONS_PER_WORKER_MAX)
        .shutdown_timeout(shutdown_secs)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}
