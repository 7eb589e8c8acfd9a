//! The two servers under measurement, each a process of its own.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::connection::Connection;
use crate::tokens::SECRET;

/// Seals what a database keeps that is thrown away.
const MASTER_KEY: &str = "8e2b5d7094a1c6f3de0879b4523c1a6f7d9e8b0c4a5f6213e7d8c9b0a1f2e3d4";
/// How long a server may take to answer for the first time.
const READY: Duration = Duration::from_secs(30);

/// The variables that tell the floor where to listen and what to talk to.
pub(crate) const FLOOR_PORT: &str = "POSTERN_BENCH_PORT";
/// The database of the floor.
pub(crate) const FLOOR_DATABASE: &str = "POSTERN_BENCH_DATABASE_URL";

/// Set where the floor takes on the caller's role in a transaction.
pub(crate) const FLOOR_ROLES: &str = "POSTERN_BENCH_ROLES";

/// A server that is being measured; ended when dropped.
pub(crate) struct Server {
    program: Child,
    pub(crate) name: &'static str,
    pub(crate) port: u16,
}

impl Server {
    /// Starts the handler written by hand.
    pub(crate) async fn floor(database_url: &str) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").env(FLOOR_DATABASE, database_url);
        Self::start("floor", command, FLOOR_PORT).await
    }

    /// Starts the handler written by hand that takes on the caller's role.
    pub(crate) async fn floor_with_roles(database_url: &str) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").env(FLOOR_DATABASE, database_url);
        command.env(FLOOR_ROLES, "on");
        Self::start("floor with roles", command, FLOOR_PORT).await
    }

    /// Starts the gateway where the database decides.
    pub(crate) async fn native_gateway(program: &Path, database_url: &str) -> Result<Self> {
        let mut command = serve(program, &project_folder(), database_url);
        command.env("POSTERN_API_ENFORCE", "native");
        Self::start("postern", command, "POSTERN_API_PORT").await
    }

    /// Starts the gateway as `postern serve` does it in production.
    pub(crate) async fn gateway(program: &Path, database_url: &str) -> Result<Self> {
        let command = serve(program, &project_folder(), database_url);
        Self::start("postern", command, "POSTERN_API_PORT").await
    }

    /// Starts the gateway with the auth service: mails go to a port of this machine, and limits
    /// are off, because one address asks more often than anybody may.
    pub(crate) async fn gateway_with_people(
        program: &Path,
        [database_url, auth_url]: &[String; 2],
        mail_port: u16,
    ) -> Result<Self> {
        let mut command = serve(program, &project_folder(), database_url);
        command
            .env("POSTERN_AUTH_DATABASE_URL", auth_url)
            .env("POSTERN_KEYS_MASTER_KEY", MASTER_KEY)
            .env("POSTERN_RATES_ENABLED", "false")
            .env("POSTERN_CODES_EMAIL_PAUSE_SECS", "0")
            .env("POSTERN_MAIL_TRANSPORT", "smtp")
            .env("POSTERN_MAIL_HOST", "127.0.0.1")
            .env("POSTERN_MAIL_PORT", mail_port.to_string())
            .env("POSTERN_MAIL_SECURITY", "none")
            .env("POSTERN_MAIL_FROM", "bench@example.com");
        Self::start("postern", command, "POSTERN_API_PORT").await
    }

    /// Starts the gateway with the auth service and the console on a project of its own, once an
    /// owner is there who has this password.
    pub(crate) async fn gateway_with_console(
        program: &Path,
        project: &Path,
        [database_url, auth_url]: &[String; 2],
        (owner, password): (&str, &str),
    ) -> Result<Self> {
        let with_people = |command: &mut Command| {
            command
                .env("POSTERN_AUTH_DATABASE_URL", auth_url)
                .env("POSTERN_KEYS_MASTER_KEY", MASTER_KEY)
                .env("POSTERN_API_HOST", "127.0.0.1")
                .env("POSTERN_CONSOLE_ENABLED", "true")
                .env("POSTERN_RATES_ENABLED", "false");
        };
        // The first start makes the tables that the owner stands in.
        let mut first = serve(program, project, database_url);
        with_people(&mut first);
        drop(Self::start("postern", first, "POSTERN_API_PORT").await?);
        make_owner(program, project, (owner, password), |command| {
            command.env("DATABASE_URL", database_url);
            command.env("POSTERN_AUTH_JWT_SECRETS", SECRET);
            with_people(command);
        })?;
        let mut command = serve(program, project, database_url);
        with_people(&mut command);
        Self::start("postern", command, "POSTERN_API_PORT").await
    }

    /// Starts the gateway on a project of its own; whoever asks waits for it.
    pub(crate) fn gateway_of(program: &Path, project: &Path, database_url: &str) -> Result<Self> {
        let command = serve(program, project, database_url);
        Self::spawn("postern", command, "POSTERN_API_PORT")
    }

    async fn start(name: &'static str, command: Command, port_variable: &str) -> Result<Self> {
        let mut server = Self::spawn(name, command, port_variable)?;
        server.wait_until_ready().await?;
        Ok(server)
    }

    fn spawn(name: &'static str, mut command: Command, port_variable: &str) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = command
            .env(port_variable, port.to_string())
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self {
            program,
            name,
            port,
        })
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.program.id()
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let request = b"GET /health/ready HTTP/1.1\r\nHost: bench\r\n\r\n";
        let started = Instant::now();
        while started.elapsed() < READY {
            if let Some(status) = self.program.try_wait()? {
                bail!("the {} ended with {status}", self.name);
            }
            if let Ok(mut connection) = Connection::open(self.port).await
                && connection
                    .exchange(request)
                    .await
                    .is_ok_and(|it| it.status == 200)
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the {} was not ready within {READY:?}", self.name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of a bench run; there is nobody to tell about a failure.
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

fn serve(program: &Path, project: &Path, database_url: &str) -> Command {
    let mut command = Command::new(program);
    command
        .arg("serve")
        .arg(project)
        .env("DATABASE_URL", database_url)
        .env("POSTERN_AUTH_JWT_SECRETS", SECRET);
    command
}

fn make_owner(
    program: &Path,
    project: &Path,
    (owner, password): (&str, &str),
    prepare: impl Fn(&mut Command),
) -> Result<()> {
    let mut command = Command::new(program);
    command.args(["admin", "create", owner, "--password-stdin", "--dir"]);
    command
        .arg(project)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    prepare(&mut command);
    let mut child = command.spawn().context("cannot make an owner")?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{password}")?;
    }
    let status = child.wait()?;
    ensure!(status.success(), "making an owner ended with {status}");
    Ok(())
}

/// The folder of the project that is served.
pub(crate) fn project_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("project")
}
