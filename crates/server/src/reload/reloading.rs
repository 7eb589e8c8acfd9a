//! The loop that reloads: signals come in, snapshots go to the data API.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postern_db::{Change, SchemaWatch};
use postern_policy::Diagnostic;
use postern_rest::{RestService, Snapshot};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::check::CheckError;
use super::load::{Loader, tell_served};
use super::notice::{Notice, Reporter};
use super::sources::PolicySources;
use super::watch::watch;
use crate::migrations::Migrations;

/// How long to wait before trying again when the database could not be asked.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long a burst of changes may take to arrive.
const SETTLE: Duration = Duration::from_millis(20);
/// Most signals that wait; more say nothing new.
const SIGNALS_MAX: usize = 16;

/// Why to reload; of several reasons the greatest counts, as it does what the others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Signal {
    /// The schema changed.
    Schema,
    /// The operator asked (SIGHUP, or `NOTIFY pgrst, 'reload config'`).
    Asked,
    /// The policy files changed.
    Policies,
    /// The migration files changed.
    Migrations,
}

impl Signal {
    fn cause(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Migrations => "migrations",
            Self::Schema => "schema",
            Self::Asked => "configuration",
        }
    }
}

/// Everything that a reload needs.
pub(crate) struct Reloading {
    pub(crate) loader: Loader,
    pub(crate) service: Arc<RestService>,
    pub(crate) reporter: Reporter,
    pub(crate) migrations: Option<Migrations>,
    /// The files of the bundle that is served.
    pub(crate) last_good: PolicySources,
    /// The warnings that were told already.
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Reloading {
    /// Starts the loop and the tasks that feed it.
    pub(crate) fn spawn(self, schema: SchemaWatch) -> Vec<JoinHandle<()>> {
        let (sender, receiver) = mpsc::channel(SIGNALS_MAX);
        // Migrations come first: policies that were saved with them speak of what they make.
        let mut folders = Vec::new();
        if let Some(migrations) = &self.migrations {
            folders.push((migrations.dir().to_owned(), Signal::Migrations));
        }
        folders.push((self.loader.policies_dir().clone(), Signal::Policies));
        folders.push((self.loader.queries_dir(), Signal::Policies));
        if let Some(shadow) = self.loader.shadow_dir() {
            folders.push((shadow.clone(), Signal::Policies));
        }
        let mut tasks = vec![
            tokio::spawn(watch(folders, sender.clone())),
            tokio::spawn(watch_schema(schema, sender.clone())),
        ];
        #[cfg(unix)]
        tasks.push(tokio::spawn(watch_hangups(sender)));
        tasks.push(tokio::spawn(self.run(receiver)));
        tasks
    }

    async fn run(mut self, mut signals: mpsc::Receiver<Signal>) {
        while let Some(mut signal) = signals.recv().await {
            tokio::time::sleep(SETTLE).await;
            while let Ok(next) = signals.try_recv() {
                signal = signal.max(next);
            }
            while let Err(error) = self.reload(signal).await {
                self.reporter.tell(&Notice::Failed {
                    task: "reload",
                    error: error.to_string(),
                });
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }

    async fn reload(&mut self, signal: Signal) -> Result<(), postern_db::Error> {
        let started = Instant::now();
        if signal == Signal::Migrations
            && let Some(migrations) = &self.migrations
        {
            migrations.apply_and_tell(&self.reporter).await;
        }
        let catalog = Arc::new(self.loader.catalog().await?);
        let served = self.service.snapshot();
        let moved = catalog.version() != served.catalog.version();
        if !moved && signal == Signal::Schema {
            return Ok(());
        }
        match self.loader.load_for(Arc::clone(&catalog)).await {
            Ok(loaded) => {
                self.loader.keep(&loaded, &self.reporter);
                self.last_good = loaded.sources;
                self.serve(&loaded.snapshot, signal, started);
                self.warn(loaded.warnings);
            }
            Err(CheckError::Database(error)) => return Err(error),
            Err(CheckError::Policies(diagnostics)) => {
                if signal != Signal::Schema {
                    self.reporter.tell(&Notice::Refused(diagnostics));
                }
                if moved {
                    let reporter = &self.reporter;
                    let remains = self.loader.load_closing(catalog, &self.last_good, reporter);
                    let snapshot = remains.await?;
                    self.serve(&snapshot, signal, started);
                }
            }
        }
        Ok(())
    }
}

impl Reloading {
    /// Puts a snapshot in force, then tells of it.
    fn serve(&self, snapshot: &Snapshot, signal: Signal, started: Instant) {
        self.service.swap(snapshot.clone());
        tell_served(signal.cause(), snapshot, started, &self.reporter);
    }

    /// Tells of warnings that are new; the author has seen the others.
    fn warn(&mut self, warnings: Vec<Diagnostic>) {
        let new: Vec<_> = warnings
            .iter()
            .filter(|it| !self.warnings.contains(it))
            .cloned()
            .collect();
        if !new.is_empty() {
            self.reporter.tell(&Notice::Warned(new));
        }
        self.warnings = warnings;
    }
}

async fn watch_schema(mut schema: SchemaWatch, signals: mpsc::Sender<Signal>) {
    loop {
        let signal = match schema.next().await {
            Change::Schema => Signal::Schema,
            Change::Config => Signal::Asked,
        };
        if signals.send(signal).await.is_err() {
            return;
        }
    }
}

#[cfg(unix)]
async fn watch_hangups(signals: mpsc::Sender<Signal>) {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        if signals.send(Signal::Asked).await.is_err() {
            return;
        }
    }
}
