//! Keeps a server busy over many connections and measures what comes back.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::task::LocalSet;

use crate::connection::Connection;

/// How long a server is loaded before anything counts.
const WARM_UP: Duration = Duration::from_millis(1_000);

/// What one run against one server gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Sorted after [`Outcome::finish`].
    latencies_us: Vec<u32>,
    pub(crate) elapsed: Duration,
}

impl Outcome {
    /// An outcome of latencies that were taken elsewhere.
    pub(crate) fn of(latencies_us: Vec<u32>, elapsed: Duration) -> Self {
        Self {
            latencies_us,
            elapsed,
        }
    }

    /// Adds another run.
    pub(crate) fn add(&mut self, other: Self) {
        self.latencies_us.extend(other.latencies_us);
        self.elapsed += other.elapsed;
    }

    /// Sorts the latencies; call it once before asking for percentiles.
    pub(crate) fn finish(&mut self) {
        self.latencies_us.sort_unstable();
    }

    pub(crate) fn requests(&self) -> usize {
        self.latencies_us.len()
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate needs no 53 bits")]
    pub(crate) fn per_second(&self) -> f64 {
        self.requests() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that `per_mille` of the requests do not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, per_mille: usize) -> f64 {
        let index = self.requests() * per_mille / 1000;
        let index = index.min(self.requests().saturating_sub(1));
        f64::from(self.latencies_us.get(index).copied().unwrap_or(0)) / 1000.0
    }
}

/// What the connections' tasks share.
struct Shared {
    recording: Cell<bool>,
    stopping: Cell<bool>,
}

/// Loads the server at `port` and calls `around` right before and right after the counted time.
pub(crate) async fn run(
    port: u16,
    requests: Vec<Vec<Vec<u8>>>,
    duration: Duration,
    mut around: impl FnMut() -> Result<()>,
) -> Result<Outcome> {
    let shared = Rc::new(Shared {
        recording: Cell::new(false),
        stopping: Cell::new(false),
    });
    let local = LocalSet::new();
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|requests| local.spawn_local(keep_busy(port, requests, Rc::clone(&shared))))
        .collect();
    let timing = async {
        tokio::time::sleep(WARM_UP).await;
        around()?;
        let started = Instant::now();
        shared.recording.set(true);
        tokio::time::sleep(duration).await;
        shared.recording.set(false);
        let elapsed = started.elapsed();
        around()?;
        shared.stopping.set(true);
        Ok::<_, anyhow::Error>(elapsed)
    };
    local
        .run_until(async move {
            let elapsed = timing.await?;
            let mut outcome = Outcome {
                elapsed,
                ..Outcome::default()
            };
            for task in tasks {
                outcome.latencies_us.extend(task.await??);
            }
            ensure!(outcome.requests() > 0, "no request was answered in time");
            Ok(outcome)
        })
        .await
}

async fn keep_busy(port: u16, requests: Vec<Vec<u8>>, shared: Rc<Shared>) -> Result<Vec<u32>> {
    let mut connection = Connection::open(port).await.context("cannot connect")?;
    let mut latencies_us = Vec::with_capacity(8 * 1024);
    for request in requests.iter().cycle() {
        if shared.stopping.get() {
            break;
        }
        let sent = Instant::now();
        let answer = connection.exchange(request).await?;
        if !matches!(answer.status, 200 | 201) {
            bail!(
                "status {} for {}: {}",
                answer.status,
                String::from_utf8_lossy(request)
                    .lines()
                    .next()
                    .unwrap_or_default(),
                String::from_utf8_lossy(answer.body)
            );
        }
        if shared.recording.get() {
            latencies_us.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies_us)
}
