//! Point reads while everybody signs in at once.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::LocalSet;

use super::address;
use super::requests::{self, Right};
use crate::connection::Connection;
use crate::load::{self, Outcome};
use crate::operation::Operation;
use crate::tokens::Tokens;

/// Connections that sign in again and again; more than may wait for a hash, so that some are
/// told to come back.
const STORM: usize = 48;
/// Connections that read.
const READERS: usize = 16;

/// The data API alone, and in the storm.
pub(crate) struct Storm {
    pub(crate) alone: Outcome,
    pub(crate) stormy: Outcome,
    /// Sign-ins that were done, and refused for a while, in each second of the storm.
    pub(crate) done_per_sec: f64,
    pub(crate) refused_per_sec: f64,
}

impl Storm {
    /// How much the storm raises the slowest hundredth.
    pub(crate) fn ratio(&self) -> f64 {
        self.stormy.percentile_ms(990) / self.alone.percentile_ms(990)
    }
}

#[derive(Default)]
struct Shared {
    stopping: Cell<bool>,
    done: Cell<u32>,
    refused: Cell<u32>,
}

pub(super) async fn measure(port: u16, tokens: &Tokens, cell: Duration) -> Result<Storm> {
    let mut alone = read(port, tokens, cell).await?;
    let shared = Rc::new(Shared::default());
    let local = LocalSet::new();
    let storm: Vec<_> = (0..STORM)
        .map(|number| local.spawn_local(sign_in_again(port, number, Rc::clone(&shared))))
        .collect();
    let stopping = Rc::clone(&shared);
    let started = std::time::Instant::now();
    let mut stormy = local
        .run_until(async {
            let stormy = read(port, tokens, cell).await?;
            stopping.stopping.set(true);
            for task in storm {
                task.await??;
            }
            Ok::<_, anyhow::Error>(stormy)
        })
        .await?;
    let secs = started.elapsed().as_secs_f64();
    alone.finish();
    stormy.finish();
    Ok(Storm {
        alone,
        stormy,
        done_per_sec: f64::from(shared.done.get()) / secs,
        refused_per_sec: f64::from(shared.refused.get()) / secs,
    })
}

async fn read(port: u16, tokens: &Tokens, cell: Duration) -> Result<Outcome> {
    let mut requests = Operation::Point.requests(tokens);
    requests.truncate(READERS);
    load::run(port, requests, cell, || Ok(())).await
}

async fn sign_in_again(port: u16, number: usize, shared: Rc<Shared>) -> Result<()> {
    let mut connection = Connection::open(port).await?;
    let mut turn = number;
    while !shared.stopping.get() {
        turn += STORM;
        let request = requests::sign_in(&address(turn), Right::Yes);
        let answer = connection.exchange(&request).await?;
        if answer.status == 200 {
            shared.done.set(shared.done.get() + 1);
        } else {
            shared.refused.set(shared.refused.get() + 1);
            // A client that heeds `Retry-After` a little.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}
