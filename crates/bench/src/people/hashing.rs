//! The bare cost of what no sign-in can do without: Argon2id with the gateway's own parameters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use postern_base::Secret;
use postern_password::{Hasher, Params};
use postern_vault::SystemRandom;

use super::drive::micros;
use super::outcome;
use crate::load::Outcome;

/// As many threads as the gateway hashes on by default: half of the processors.
pub(super) fn slots() -> usize {
    std::thread::available_parallelism().map_or(1, |it| (it.get() / 2).max(1))
}

/// Verifies on so many threads, as long as a cell takes.
pub(super) fn measure(threads: usize, cell: Duration) -> Result<Outcome> {
    let hasher = Arc::new(Hasher::new(Params::default(), Arc::new(SystemRandom)));
    let started = Instant::now();
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let hasher = Arc::clone(&hasher);
            std::thread::spawn(move || verify_for(&hasher, cell))
        })
        .collect();
    let mut latencies = Vec::new();
    for thread in threads {
        latencies.extend(thread.join().map_err(|_| anyhow!("a hash panicked"))??);
    }
    Ok(outcome(latencies, started.elapsed()))
}

fn verify_for(hasher: &Hasher, cell: Duration) -> Result<Vec<u32>> {
    let password = Secret::new(String::from("correct-horse-battery-staple"));
    let mut latencies = Vec::new();
    let started = Instant::now();
    while started.elapsed() < cell {
        let begun = Instant::now();
        hasher.verify(hasher.decoy(), &password)?;
        latencies.push(micros(begun));
    }
    Ok(latencies)
}
