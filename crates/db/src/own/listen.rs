//! Listening to what other gateways say: revocations, changes of keys.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::connect::Target;

/// The first and the longest pause before connecting again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The line is up. What was said before went unheard: read the state itself.
    Connected,
    /// Somebody said something.
    Said {
        /// On which channel.
        channel: String,
        /// What.
        payload: String,
    },
}

/// A stream of notifications; listening ends when it is dropped.
#[derive(Debug)]
pub struct Listener {
    heard: mpsc::UnboundedReceiver<Heard>,
    task: AbortHandle,
}

impl Listener {
    pub(super) fn start(target: Target, channels: &'static [&'static str]) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let task = tokio::spawn(listen(target, channels, sender)).abort_handle();
        Self { heard, task }
    }

    /// Waits for the next thing to be heard.
    pub async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(target: Target, channels: &[&str], heard: mpsc::UnboundedSender<Heard>) {
    let listen: String = channels.iter().map(|it| format!("listen {it};")).collect();
    let mut pause = BACKOFF.0;
    loop {
        let (sender, mut notifications) = mpsc::unbounded_channel();
        let tune = |config: &mut tokio_postgres::Config| {
            config
                .application_name("postern listen")
                .keepalives_idle(Duration::from_secs(30));
        };
        let opened = match target.open_listening(tune, Some(sender)).await {
            Ok(client) => client.batch_execute(&listen).await.map(|()| client).ok(),
            Err(_) => None,
        };
        if let Some(_client) = opened {
            pause = BACKOFF.0;
            // An error means that nobody listens any more; the task is about to be aborted.
            let _ = heard.send(Heard::Connected);
            while let Some(said) = notifications.recv().await {
                let _ = heard.send(Heard::Said {
                    channel: said.channel().to_owned(),
                    payload: said.payload().to_owned(),
                });
            }
        }
        tracing::warn!("no connection for listening to revocations; trying again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(BACKOFF.1);
    }
}
