//! The server's process and the watchdog that ends it with us.
//!
//! The watchdog is a line of shell: it starts the server in the background and reads from a pipe
//! whose other end only we hold. When we end, even by SIGKILL, the read ends, and the watchdog
//! asks the server for a fast shutdown. The server inherits the write end of a second pipe, so
//! that its end is seen at once, without asking for its process id.

use std::fs::OpenOptions;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::account::Account;
use super::binaries::Binaries;
use super::state::State;
use super::{Durability, Error, Notice, OWNER_ROLE};
use crate::connect::Target;

/// How long the server has for its first answer.
const START: Duration = Duration::from_secs(60);
/// How long it has for ending.
const STOP: Duration = Duration::from_secs(20);
/// How often a port that was free a moment ago may turn out taken.
const PORT_TRIES: usize = 5;

/// `$1` is a folder to remove in the end or empty, the rest is the server's command line.
const WATCHDOG: &str = r#"
doomed=$1; shift
"$@" </dev/null &
server=$!
trap '' INT TERM HUP
exec >&-
while read -r _; do :; done
kill -INT "$server" 2>/dev/null
wait "$server"
[ -z "$doomed" ] || rm -rf "$doomed" 2>/dev/null
exit 0
"#;

/// Everything that the server's command line depends on.
pub(super) struct Launch<'a> {
    pub(super) binaries: &'a Binaries,
    pub(super) account: &'a Account,
    pub(super) data_dir: &'a Path,
    pub(super) log: &'a Path,
    pub(super) durability: Durability,
    pub(super) remove_dir: Option<&'a Path>,
}

/// A running server with its watchdog.
#[derive(Debug)]
pub(super) struct Process {
    watchdog: Child,
    leash: Option<ChildStdin>,
    ended: Arc<AtomicBool>,
    port: u16,
}

/// Starts the server on the wanted port, the remembered one, or a free one.
pub(super) async fn start(
    launch: &Launch<'_>,
    wanted: Option<u16>,
    state: &mut State,
    notify: &mut (impl FnMut(Notice) + Send),
) -> Result<Process, Error> {
    notify(Notice::Starting);
    let mut tries = 0;
    loop {
        let port = choose_port(wanted, state.port)?;
        let mut process = spawn(launch, port)?;
        match process.wait_until_ready(launch, state).await {
            Ok(()) => {
                if let Some(from) = state.port.filter(|from| *from != port) {
                    notify(Notice::PortChanged { from, to: port });
                }
                state.port = Some(port);
                notify(Notice::Ready(port));
                return Ok(process);
            }
            Err(error) => {
                process.stop().await?;
                tries += 1;
                if !is_port_trouble(&error) || tries >= PORT_TRIES {
                    return Err(error);
                }
            }
        }
    }
}

impl Process {
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Lets go of the leash and waits for the watchdog, which waits for the server.
    pub(super) async fn stop(&mut self) -> Result<(), Error> {
        self.leash = None;
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline {
            if matches!(self.watchdog.try_wait(), Ok(Some(_)) | Err(_)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(Error::NotStopped {
            pid: self.watchdog.id(),
            seconds: STOP.as_secs(),
        })
    }

    async fn wait_until_ready(&self, launch: &Launch<'_>, state: &State) -> Result<(), Error> {
        let url = format!(
            "postgresql://{OWNER_ROLE}:{}@127.0.0.1:{}/postgres",
            state.owner_password, self.port
        );
        let target = Target::parse(&postern_base::Secret::new(url))?;
        let deadline = Instant::now() + START;
        loop {
            let failure = match target.open(|_| {}).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            let reason = if self.has_ended() {
                "it ended at once".to_owned()
            } else if Instant::now() > deadline {
                format!("no answer within {} s ({failure})", START.as_secs())
            } else {
                tokio::time::sleep(Duration::from_millis(15)).await;
                continue;
            };
            return Err(Error::NotStarted {
                reason,
                log: end_of(launch.log),
            });
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.leash = None;
        // Reaped if it is quick; the watchdog outlives us by a moment otherwise.
        let _ = self.watchdog.try_wait();
    }
}

fn spawn(launch: &Launch<'_>, port: u16) -> Result<Process, Error> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(launch.log)
        .map_err(Error::file("open", launch.log))?;
    let mut command = launch.account.command(Path::new("sh"));
    command
        .args(["-c", WATCHDOG, "postern-watchdog"])
        .arg(launch.remove_dir.unwrap_or(Path::new("")))
        .arg(launch.binaries.program("postgres"))
        .arg("-D")
        .arg(launch.data_dir);
    for setting in settings(port, launch.durability) {
        command.arg("-c").arg(setting);
    }
    let mut watchdog = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        // A group of its own: Ctrl-C in the terminal must reach us first, not the server.
        .process_group(0)
        .spawn()
        .map_err(Error::file("run", Path::new("sh")))?;
    let leash = watchdog.stdin.take();
    let ended = Arc::new(AtomicBool::new(false));
    if let Some(mut tail) = watchdog.stdout.take() {
        let ended = Arc::clone(&ended);
        std::thread::spawn(move || {
            let mut sink = Vec::new();
            let _ = tail.read_to_end(&mut sink);
            ended.store(true, Ordering::Release);
        });
    }
    Ok(Process {
        watchdog,
        leash,
        ended,
        port,
    })
}

fn settings(port: u16, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // Loopback only: a socket's path is short-lived, limited in length and open to all users.
        "unix_socket_directories=".to_owned(),
        "logging_collector=off".to_owned(),
        "max_connections=200".to_owned(),
        "password_encryption=scram-sha-256".to_owned(),
    ];
    if durability == Durability::Throwaway {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "autovacuum=off",
            ]
            .map(str::to_owned),
        );
    }
    settings
}

fn choose_port(wanted: Option<u16>, remembered: Option<u16>) -> Result<u16, Error> {
    if let Some(port) = wanted {
        return if is_free(port) {
            Ok(port)
        } else {
            Err(Error::PortTaken { port })
        };
    }
    if let Some(port) = remembered.filter(|port| is_free(*port)) {
        return Ok(port);
    }
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Error::file("find a port on", Path::new("127.0.0.1")))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn is_port_trouble(error: &Error) -> bool {
    matches!(error, Error::NotStarted { log, .. } if log.contains("could not bind"))
}

/// The last lines of the server's log.
fn end_of(log: &Path) -> String {
    const LINES: usize = 12;
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
