//! What a `postmaster.pid` of an earlier run means, and ending the server that it names.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Error, Notice};

/// How long a server that lost its gateway has for ending by itself.
const GRACE: Duration = Duration::from_secs(3);
/// How long it has after we told it to.
const SHUTDOWN: Duration = Duration::from_secs(20);

/// Leaves the data folder without a running server and without a stale lock file.
///
/// We hold the state folder's lock, so a live server here has no gateway: either it is just
/// shutting down after its gateway died, or its watchdog was killed as well.
pub(super) async fn clear(
    data_dir: &Path,
    notify: &mut (impl FnMut(Notice) + Send),
) -> Result<(), Error> {
    let lock = data_dir.join("postmaster.pid");
    let Some(pid) = read_pid(&lock) else {
        return Ok(());
    };
    if is_server(pid, data_dir) && !gone_within(pid, data_dir, GRACE).await {
        signal(pid, "INT");
        if !gone_within(pid, data_dir, SHUTDOWN).await {
            return Err(Error::NotStopped {
                pid,
                seconds: SHUTDOWN.as_secs(),
            });
        }
        notify(Notice::OrphanStopped(pid));
    }
    if lock.exists() {
        std::fs::remove_file(&lock).map_err(Error::file("remove", &lock))?;
        notify(Notice::StaleLockRemoved);
    }
    Ok(())
}

/// The process id in a lock file.
pub(super) fn read_pid(lock: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(lock).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// Sends a signal to a process by its id, with the shell's own `kill`.
pub(super) fn signal(pid: u32, name: &str) {
    let _ = Command::new("sh")
        .args(["-c", r#"kill -"$1" "$2""#, "sh", name, &pid.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Whether the process exists and is a server on this data folder; ids are used again.
fn is_server(pid: u32, data_dir: &Path) -> bool {
    let command_line = std::fs::read(format!("/proc/{pid}/cmdline"))
        .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        .or_else(|_| {
            Command::new("ps")
                .args(["-o", "command=", "-p", &pid.to_string()])
                .output()
                .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        })
        .unwrap_or_default();
    command_line.contains("postgres") && command_line.contains(&*data_dir.to_string_lossy())
}

async fn gone_within(pid: u32, data_dir: &Path, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if !is_server(pid, data_dir) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}
