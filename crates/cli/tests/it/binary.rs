//! Running the `postern` binary: once to its end, or in the background.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::http;

/// A first start makes a database cluster, which takes a while on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(90);
/// How long a process may take to end after it was asked to.
const END_WITHIN: Duration = Duration::from_secs(60);

/// What a finished command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The binary with an environment in which nothing of ours is set.
pub(crate) fn postern(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    let ours = std::env::vars().filter(|(name, _)| name.starts_with("POSTERN_"));
    for (name, _) in ours {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").args(arguments);
    command
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str]) -> Said {
    run_command(&mut postern(arguments))
}

/// Runs a prepared command to its end.
pub(crate) fn run_command(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Said {
        success: output.status.success(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A command in the background; killed when the test ends without having stopped it.
pub(crate) struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
    pub(crate) port: u16,
}

impl Running {
    /// Starts a server and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(command: Command, port: u16) -> Self {
        let mut running = Self::spawn(command, port);
        let deadline = Instant::now() + READY_WITHIN;
        while !http::get(port, "/health/ready", &[]).is_ok_and(|it| it.status == 200) {
            let ended = running.child.try_wait().unwrap();
            let late = Instant::now() > deadline;
            assert!(ended.is_none() && !late, "not ready: {}", running.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        running
    }

    pub(crate) fn spawn(mut command: Command, port: u16) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &said);
        collect(child.stderr.take().unwrap(), &said);
        Self { child, said, port }
    }

    /// What it has said so far, on both streams.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it has said this.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&self, text: &str) {
        self.wait_until_it_has_said(text, 1);
    }

    /// Waits until it has said this a second time.
    #[track_caller]
    pub(crate) fn wait_until_it_says_twice(&self, text: &str) {
        self.wait_until_it_has_said(text, 2);
    }

    #[track_caller]
    fn wait_until_it_has_said(&self, text: &str, times: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.said().matches(text).count() < times {
            assert!(
                Instant::now() < deadline,
                "it has not said {text:?} {times} times: {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// The most memory that it ever had, in MB.
    #[track_caller]
    pub(crate) fn most_memory_mb(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() / 1024
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + END_WITHIN;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end: {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to stop, and waits for the end.
    #[track_caller]
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("INT");
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static, said: &Arc<Mutex<String>>) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
}
