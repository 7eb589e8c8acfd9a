//! Watching for changes of the schema, whoever makes them.
//!
//! `NOTIFY pgrst, 'reload schema'` is what PostgREST listens to, and what our event trigger says
//! after every DDL statement. Where the trigger could not be installed, a number made of the
//! catalogue's row versions is compared twice a second.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio_postgres::Client;

use crate::connect::Target;
use crate::internal::Internal;
use crate::{Error, error};

/// The channel that reload requests arrive on.
const CHANNEL: &str = "pgrst";
/// How often the catalogue is looked at when nothing tells of its changes.
const POLL: Duration = Duration::from_millis(500);
/// How often we look whether something tells of changes.
const TRIGGER_CHECK: Duration = Duration::from_secs(30);
/// A poll may take this share of the time at most; big catalogues are polled less often.
const POLL_SHARE: u32 = 20;
/// The first and the longest pause before connecting again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Something that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The schema, possibly: read the catalogue again.
    Schema,
    /// The configuration, says somebody.
    Config,
}

/// A stream of changes; watching ends when it is dropped.
#[derive(Debug)]
pub struct SchemaWatch {
    changes: mpsc::Receiver<Change>,
    task: AbortHandle,
}

impl SchemaWatch {
    /// Returns once changes are heard of, or once connecting has failed for the first time: what
    /// happens from then until the next attempt counts as a change.
    pub(crate) async fn start(target: Target) -> Self {
        // One waiting signal is enough: a second one would say the same.
        let (sender, changes) = mpsc::channel(4);
        let (tried, first_try) = oneshot::channel();
        let task = tokio::spawn(watch(target, sender, tried)).abort_handle();
        // An error says that the task has ended, as it does when the runtime shuts down.
        let _ = first_try.await;
        Self { changes, task }
    }

    /// Waits for the next change. Signals may come in twos; reading the catalogue again is cheap
    /// compared to missing a change.
    pub async fn next(&mut self) -> Change {
        match self.changes.recv().await {
            Some(change) => change,
            None => std::future::pending().await,
        }
    }
}

impl Drop for SchemaWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(target: Target, changes: mpsc::Sender<Change>, tried: oneshot::Sender<()>) {
    let mut pause = BACKOFF.0;
    let mut first = Some(tried);
    loop {
        let connected = Watcher::connect(&target).await;
        match first.take() {
            // Whoever started us may have stopped waiting.
            Some(tried) => drop(tried.send(())),
            // What was said while we were away went unheard.
            None if connected.is_ok() => signal(&changes, Change::Schema),
            None => {}
        }
        match connected {
            Ok(mut watcher) => {
                pause = BACKOFF.0;
                let ended = watcher.run(&changes).await;
                tracing::warn!(reason = %ended, "lost the connection that watches the schema");
            }
            Err(error) => tracing::warn!(%error, "cannot connect for watching the schema"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(BACKOFF.1);
    }
}

struct Watcher {
    client: Client,
    notifications: mpsc::UnboundedReceiver<tokio_postgres::Notification>,
    has_trigger: bool,
    trigger_checked: Instant,
    fingerprint: Option<String>,
}

impl Watcher {
    async fn connect(target: &Target) -> Result<Self, Error> {
        let (sender, notifications) = mpsc::unbounded_channel();
        let tune = |config: &mut tokio_postgres::Config| {
            config
                .application_name("postern watch")
                .keepalives_idle(Duration::from_secs(30));
        };
        let client = target.open_listening(tune, Some(sender)).await?;
        client
            .batch_execute(&format!("listen {CHANNEL}"))
            .await
            .map_err(error::internal)?;
        let mut watcher = Self {
            client,
            notifications,
            has_trigger: false,
            trigger_checked: Instant::now(),
            fingerprint: None,
        };
        watcher.look_for_trigger().await?;
        if !watcher.has_trigger {
            watcher.has_changed().await?;
        }
        Ok(watcher)
    }

    /// Passes changes on until the connection ends; returns why.
    async fn run(&mut self, changes: &mpsc::Sender<Change>) -> Error {
        let mut pause = POLL;
        loop {
            tokio::select! {
                notification = self.notifications.recv() => match notification {
                    Some(notification) => pass_on(notification.payload(), changes),
                    None => return Error::Shape { reason: "the connection was closed" },
                },
                () = tokio::time::sleep(pause) => match self.poll(changes).await {
                    Ok(next) => pause = next,
                    Err(error) => return error,
                },
            }
        }
    }

    /// Compares the catalogue when nothing tells of its changes; returns the pause until the next.
    async fn poll(&mut self, changes: &mpsc::Sender<Change>) -> Result<Duration, Error> {
        if self.trigger_checked.elapsed() >= TRIGGER_CHECK {
            self.look_for_trigger().await?;
        }
        if self.has_trigger {
            return Ok(TRIGGER_CHECK);
        }
        let started = Instant::now();
        if self.has_changed().await? {
            signal(changes, Change::Schema);
        }
        Ok(POLL.max(started.elapsed() * POLL_SHARE))
    }

    async fn look_for_trigger(&mut self) -> Result<(), Error> {
        let rows = self.client.query(Internal::DdlWatchExists.sql(), &[]).await;
        self.has_trigger = !rows.map_err(error::internal)?.is_empty();
        self.trigger_checked = Instant::now();
        Ok(())
    }

    async fn has_changed(&mut self) -> Result<bool, Error> {
        let row = self
            .client
            .query_one(Internal::CatalogueFingerprint.sql(), &[])
            .await
            .map_err(error::internal)?;
        let now: String = row.get(0);
        let before = self.fingerprint.replace(now);
        Ok(before.is_some() && before != self.fingerprint)
    }
}

fn pass_on(payload: &str, changes: &mpsc::Sender<Change>) {
    match payload {
        // COMPAT(postgrest 14): an empty payload reloads both.
        "" => {
            signal(changes, Change::Schema);
            signal(changes, Change::Config);
        }
        "reload schema" => signal(changes, Change::Schema),
        "reload config" => signal(changes, Change::Config),
        other => tracing::debug!(payload = other, "a notification that means nothing to us"),
    }
}

/// A full channel already holds a signal that was not looked at yet.
fn signal(changes: &mpsc::Sender<Change>, change: Change) {
    let _ = changes.try_send(change);
}
