//! The differential gate: the same policies as files and as native row-level security.
//!
//! Each world is a schema with random data and random policies, written down twice: as policy
//! files and as `CREATE POLICY` with grants. Each case is a random request under random claims. It
//! runs once rewritten by the policy files on a connection that no policy holds, and once
//! unrewritten under a role that native policies hold. Rows, counts, the class of the SQLSTATE and
//! the final state of all tables must be equal, or depart in a way that `outcome` names. The seed
//! is printed; `POSTERN_SEED`, `POSTERN_DIFFERENTIAL_CASES` and `POSTERN_DIFFERENTIAL_WORKERS`
//! repeat, lengthen and spread a run. `cargo xtask differential` sets them.

#![expect(clippy::print_stdout, reason = "a long run says how far it is")]

mod conditions;
mod data;
mod gate;
mod grants;
mod mutants;
mod outcome;
mod policies;
mod requests;
mod run;
mod server;
mod shape;
mod survivors;
mod tables;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use gate::{CASES_PER_SHAPE, Tally};
use run::Session;
use server::Server;
use tokio::sync::Mutex;

/// Differences after which a run ends, since more of them say no more.
const DIFFERENCES_MAX: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agrees_with_native_row_level_security() {
    let cases: usize = setting("POSTERN_DIFFERENTIAL_CASES").unwrap_or(1_000);
    let seed = setting("POSTERN_SEED").unwrap_or_else(rand::random::<u32>);
    let workers: usize = setting("POSTERN_DIFFERENTIAL_WORKERS").unwrap_or(2);
    let only: Option<usize> = setting("POSTERN_DIFFERENTIAL_SHAPE");
    let server = Arc::new(Server::start().await);
    println!(
        "differential: seed {seed}, {cases} cases, Postgres {}, labels {}",
        server.version, server.label
    );
    let shapes =
        only.unwrap_or_default()..only.map_or(cases.div_ceil(CASES_PER_SHAPE), |it| it + 1);
    let progress = Arc::new(Progress {
        seed,
        next: AtomicUsize::new(shapes.start),
        end: shapes.end,
        started: Instant::now(),
        tally: Mutex::new(Tally::default()),
    });

    let running: Vec<_> = (0..workers)
        .map(|_| tokio::spawn(work(Arc::clone(&server), Arc::clone(&progress))))
        .collect();
    for worker in running {
        worker.await.expect("a worker ends");
    }

    let tally = progress.tally.lock().await;
    tally.print();
    assert!(
        tally.differences.is_empty(),
        "there are differences; they are printed above"
    );
    assert!(
        tally.refused * 4 < tally.cases * 3,
        "too many cases are refused to prove much"
    );
    drop(tally);
    let server = Arc::into_inner(server).expect("INVARIANT: the workers have ended");
    server.stop().await;
}

/// Every protection, taken out alone, must make some case differ.
#[tokio::test]
async fn notices_every_missing_protection() {
    let cases_max: usize = setting("POSTERN_DIFFERENTIAL_MUTANT_CASES").unwrap_or(12_000);
    let seed = setting("POSTERN_SEED").unwrap_or(7);
    let server = Server::start().await;
    let mut session = Session::start(&server).await;

    let hunt = survivors::hunt(&mut session, seed, cases_max).await;

    hunt.print();
    let alive = hunt.alive();
    drop(session);
    server.stop().await;
    assert!(
        alive.is_empty(),
        "these protections can go unnoticed: {alive:?}"
    );
}

/// What the workers share.
struct Progress {
    seed: u32,
    /// The next shape, and the one behind the last.
    next: AtomicUsize,
    end: usize,
    started: Instant,
    tally: Mutex<Tally>,
}

async fn work(server: Arc<Server>, progress: Arc<Progress>) {
    let differences_max = setting("POSTERN_DIFFERENTIAL_DIFFERENCES").unwrap_or(DIFFERENCES_MAX);
    loop {
        let shape = progress.next.fetch_add(1, Ordering::Relaxed);
        if shape >= progress.end {
            return;
        }
        let mut session = Session::start(&server).await;
        let seed = progress.seed;
        // A task of its own: what panics there is a finding, and the others go on.
        let done = tokio::spawn(async move { gate::run_shape(&mut session, seed, shape).await });
        let done = done
            .await
            .unwrap_or_else(|panic| Tally::of_panic(seed, shape, &panic));
        for difference in &done.differences {
            println!("== difference\n{difference}\n==");
        }
        let mut tally = progress.tally.lock().await;
        tally.add(done);
        progress.print(&tally);
        if tally.differences.len() >= differences_max {
            return;
        }
    }
}

impl Progress {
    /// Says how far the run is, every thousand cases.
    fn print(&self, tally: &Tally) {
        let shapes = self.end.saturating_sub(self.next.load(Ordering::Relaxed));
        if !tally.cases.is_multiple_of(1_000) {
            return;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let cases = tally.cases;
        #[expect(clippy::cast_precision_loss, reason = "it is for people to read")]
        let (rate, left) = (cases as f64 / seconds, (shapes * CASES_PER_SHAPE) as f64);
        println!(
            "differential: {cases} cases, {rate:.0} a second, {:.0} s left, {} differences",
            left / rate,
            tally.differences.len()
        );
    }
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
