//! Runs an example as its README says: `postern dev` on the folder, then `npm start`.
//!
//! Both work on a copy, so that a developer's own `.postern/` folder is left alone.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::node::POSTERN_BIN;
use super::run::run_to_end;

/// A first start makes a database cluster, which takes a while on a busy machine.
const READY_SECS_MAX: u64 = 120;
/// How long a stopping gateway may take before it is killed.
const STOP_SECS_MAX: u64 = 20;

/// Starts the gateway on a copy of `folder`, runs the example's client, stops the gateway.
pub(super) fn run(folder: &Path, gateway: &Path) -> Result<()> {
    let copy = Copy::of(folder)?;
    let mut server = DevServer::start(&copy.path, gateway)?;
    server.wait_until_ready()?;
    run_to_end(
        Command::new("npm")
            .args(["start", "--silent"])
            .current_dir(&copy.path)
            .env(POSTERN_BIN, gateway)
            .env("API_URL", format!("http://127.0.0.1:{}", server.port)),
    )
}

/// A throw-away copy of an example.
pub(crate) struct Copy {
    /// Its folder.
    pub(crate) path: PathBuf,
}

impl Copy {
    /// Copies an example, without what its own server and its clients made.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let name = folder
            .file_name()
            .context("an example has a name")?
            .to_string_lossy();
        let path = std::env::temp_dir().join(format!("postern-{name}-{}", std::process::id()));
        let copy = Self { path };
        copy_folder(folder, &copy.path)?;
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.join("node_modules"), copy.path.join("node_modules"))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // A folder left behind in the temporary one harms nobody.
        fs::remove_dir_all(&self.path).ok();
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "node_modules" || name == ".postern" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// A running `postern dev`; stopped when dropped.
pub(crate) struct DevServer {
    program: Child,
    /// Where it listens, on this machine alone.
    pub(crate) port: u16,
}

impl DevServer {
    /// Starts a gateway on a project.
    pub(crate) fn start(project: &Path, gateway: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = Command::new(gateway)
            .arg("dev")
            .arg(project)
            .args(["--port", &port.to_string()])
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", gateway.display()))?;
        Ok(Self { program, port })
    }

    /// Waits for the first start, which makes a database.
    pub(crate) fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(READY_SECS_MAX) {
            if let Some(status) = self.program.try_wait()? {
                bail!("`postern dev` ended with {status} before it was ready");
            }
            if is_ready(self.port).unwrap_or(false) {
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        bail!("`postern dev` was not ready within {READY_SECS_MAX} s")
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        // What Ctrl-C does; the standard library sends no signal but KILL.
        Command::new("kill")
            .args(["-INT", &self.program.id().to_string()])
            .status()
            .ok();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(STOP_SECS_MAX) {
            if matches!(self.program.try_wait(), Ok(Some(_))) {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

fn is_ready(port: u16) -> Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream
        .write_all(b"GET /health/ready HTTP/1.1\r\nHost: postern\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(answer.ends_with(b" 200"))
}
