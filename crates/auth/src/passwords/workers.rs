//! Threads of their own for hashing, which give way to everybody else.
//!
//! A hash holds a core for as long as hundreds of reads take. The system gives these threads what
//! the others leave, so that a storm of sign-ins slows sign-ins, and hardly the data API
//! (attack 71).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What a thread is given to do.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// How nice the threads are: beside a busy thread each gets about a tenth.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The threads; they end when this is dropped and what they do is done.
pub(super) struct Workers(Sender<Job>);

impl Workers {
    /// Starts so many threads.
    pub(super) fn start(count: usize) -> Self {
        let (jobs, taken) = channel::<Job>();
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..count {
            let taken = Arc::clone(&taken);
            let thread = std::thread::Builder::new().name("hashing".into());
            if let Err(error) = thread.spawn(move || work(&taken)) {
                tracing::error!(%error, "a thread for hashing could not be started");
            }
        }
        Self(jobs)
    }

    /// Has a job done. One that cannot be done is dropped, by which its caller hears of it.
    pub(super) fn run(&self, job: Job) {
        // An error means that there are no threads.
        let _ = self.0.send(job);
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    give_way();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else {
            return;
        };
        // The panic hook has logged it, and the caller hears of it; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

/// Linux counts niceness by thread; elsewhere it would be the whole server's.
#[cfg(target_os = "linux")]
fn give_way() {
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(%error, "hashing cannot give way to other work");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}
