//! Keeps connections busy with sign-ins and refreshes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::task::LocalSet;

use super::requests::{self, Right};
use super::{address, outcome};
use crate::connection::Connection;
use crate::load::Outcome;

/// Signs people in over so many connections.
pub(super) async fn sign_ins(port: u16, connections: usize, cell: Duration) -> Result<Outcome> {
    on_each(connections, move |number| async move {
        let mut connection = Connection::open(port).await?;
        let mut latencies = Vec::new();
        let started = Instant::now();
        let mut turn = 0;
        while started.elapsed() < cell {
            let person = address(number + turn * connections);
            turn += 1;
            let sent = Instant::now();
            exchange(&mut connection, &requests::sign_in(&person, Right::Yes)).await?;
            latencies.push(micros(sent));
        }
        Ok((latencies, started.elapsed()))
    })
    .await
}

/// Refreshes one session on each of so many connections.
pub(super) async fn refreshes(port: u16, connections: usize, cell: Duration) -> Result<Outcome> {
    on_each(connections, move |number| async move {
        let mut connection = Connection::open(port).await?;
        let sign_in = requests::sign_in(&address(number), Right::Yes);
        let mut session = exchange(&mut connection, &sign_in).await?;
        let mut latencies = Vec::new();
        let started = Instant::now();
        while started.elapsed() < cell {
            let token = session["refresh_token"].as_str().context("no token")?;
            let request = requests::refresh(token);
            let sent = Instant::now();
            session = exchange(&mut connection, &request).await?;
            latencies.push(micros(sent));
        }
        Ok((latencies, started.elapsed()))
    })
    .await
}

async fn on_each<F>(connections: usize, work: impl Fn(usize) -> F) -> Result<Outcome>
where
    F: Future<Output = Result<(Vec<u32>, Duration)>> + 'static,
{
    let local = LocalSet::new();
    let tasks: Vec<_> = (0..connections)
        .map(|number| local.spawn_local(work(number)))
        .collect();
    local
        .run_until(async move {
            let (mut all, mut longest) = (Vec::new(), Duration::ZERO);
            for task in tasks {
                let (latencies, elapsed) = task.await??;
                all.extend(latencies);
                longest = longest.max(elapsed);
            }
            Ok(outcome(all, longest))
        })
        .await
}

async fn exchange(connection: &mut Connection, request: &[u8]) -> Result<Value> {
    let answer = connection.exchange(request).await?;
    let body = String::from_utf8_lossy(answer.body);
    ensure!(answer.status == 200, "status {}: {body}", answer.status);
    Ok(serde_json::from_str(&body)?)
}

pub(super) fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}
