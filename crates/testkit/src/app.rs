//! The real server on a free port, with a database, policies and keys of its own.
//!
//! The server lives on a thread with its own runtime, so that dropping a [`TestApp`] can stop it
//! and wait for the end, whatever the test's runtime is doing.

mod folder;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use postern_base::Secret;
use postern_server::config::{Sources, Value};
use postern_server::reload::{Notice, Reporter};
use postern_server::{Config, Gateway, Migrations, StartOptions, project};
use serde_json::json;
use tokio::sync::oneshot;

use crate::{Database, TestClient, TestClock, database};
use folder::Folder;

/// Keys and secret of every test server: they open databases that live for a second.
const SECRET: &str = "a-secret-of-the-tests-with-more-than-32-bytes";
const PUBLISHABLE_KEY: &str = "sb_publishable_of_the_tests_and_of_nothing_else";
const SECRET_KEY: &str = "sb_secret_of_the_tests_and_of_nothing_else";

/// What seals the secrets of test databases.
const MASTER_KEY: &str = "6b1f0c8e5a7d4293b0e1f2a3c4d5968778695a4b3c2d1e0f9f8e7d6c5b4a3921";

/// How long a server may take to start, on a machine that builds something else meanwhile.
const START_MAX: Duration = Duration::from_secs(60);
/// How long a server may take to stop before the test goes on without it.
const STOP_MAX: Duration = Duration::from_secs(10);
/// 2100-01-01: tokens of tests do not expire while somebody debugs.
const FAR_FUTURE_UNIX_SECS: i64 = 4_102_444_800;

/// A running server of one test; stopped when dropped.
pub struct TestApp {
    address: String,
    setup_path: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    // After the server in this list: a database goes when nobody uses it any more.
    database: Database,
    folder: Folder,
    clock: TestClock,
    advice: Advice,
}

/// What the server advised its operator.
type Advice = Arc<Mutex<Vec<String>>>;

/// What a [`TestApp`] is started with.
#[derive(Debug, Default)]
pub struct TestAppBuilder {
    migrations: String,
    policies: Vec<(String, String)>,
    files: Vec<(&'static str, String)>,
    settings: Vec<(&'static str, String)>,
    generic_plans: bool,
    arranged: String,
    auth: bool,
    console_login: bool,
    develops: bool,
}

impl TestAppBuilder {
    /// The schema and rows; the same text is run once and copied for each test.
    #[must_use]
    pub fn migrations(mut self, sql: &str) -> Self {
        self.migrations.push_str(sql);
        self.migrations.push('\n');
        self
    }

    /// A policy file by its name, such as `public.notes.toml`.
    #[must_use]
    pub fn policy(mut self, name: &str, text: &str) -> Self {
        self.policies.push((name.to_owned(), text.to_owned()));
        self
    }

    /// Another file of the project folder, such as `providers.toml`.
    #[must_use]
    pub fn file(mut self, name: &'static str, text: &str) -> Self {
        self.files.push((name, text.to_owned()));
        self
    }

    /// A setting by its path, such as `limits.rows_max`, as a flag would give it.
    #[must_use]
    pub fn setting(mut self, path: &'static str, text: &str) -> Self {
        self.settings.push((path, text.to_owned()));
        self
    }

    /// Makes Postgres plan without looking at parameters, as it does once a statement is busy.
    #[must_use]
    pub fn generic_plans(mut self) -> Self {
        self.generic_plans = true;
        self
    }

    /// SQL that is run on the test's own database before the server starts, by a superuser: what
    /// a copy of the template does not get, such as settings of roles in this database.
    #[must_use]
    pub fn arranged(mut self, sql: &str) -> Self {
        self.arranged.push_str(sql);
        self.arranged.push_str(";\n");
        self
    }

    /// Serves `/auth/v1` as well: mails go into a mailbox at `/_dev/mailbox.json`, hashes are
    /// cheap, limits are off; settings override all of that.
    #[must_use]
    pub fn auth(mut self) -> Self {
        self.auth = true;
        self
    }

    /// Gives the console a login of its own: a superuser's, which it must refuse.
    #[must_use]
    pub fn console_as_superuser(mut self) -> Self {
        self.console_login = true;
        self
    }

    /// Watches the folder `migrations` and applies what it holds, as `postern dev` does.
    #[must_use]
    pub fn develops(mut self) -> Self {
        self.develops = true;
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    /// When it does not start; the message is the server's.
    pub async fn start(self) -> TestApp {
        let started = self.try_start().await;
        started.unwrap_or_else(|error| panic!("the server did not start: {error:#}"))
    }

    /// Starts the server, for tests of a start that is refused.
    ///
    /// # Errors
    /// What the server says.
    pub async fn try_start(self) -> Result<TestApp> {
        let database = database(&self.migrations).await;
        if self.generic_plans {
            let set = format!(
                "alter database {} set plan_cache_mode = force_generic_plan",
                database.name()
            );
            database.client().await.batch_execute(&set).await?;
        }
        if !self.arranged.is_empty() {
            database
                .client()
                .await
                .batch_execute(&self.arranged)
                .await?;
        }
        let folder = Folder::new()?;
        for (name, text) in &self.policies {
            folder.write_policy(name, text)?;
        }
        for (name, text) in &self.files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            std::fs::write(path, text)?;
        }
        let config = self.config(folder.path(), &database)?;
        let migrations = self.develops.then(|| {
            let owner_url = Secret::new(database.url());
            Migrations::new(folder.path().join("migrations"), owner_url)
        });
        let clock = TestClock::default();
        let advice = Advice::default();
        let options = StartOptions {
            clock: Some(Arc::new(clock.clone())),
            reporter: reporter(&advice),
            migrations,
            ..StartOptions::default()
        };
        let (started, start) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let server = std::thread::Builder::new()
            .name("test server".into())
            .spawn(move || serve(config, options, &started, stopped))?;
        let (address, setup_path) =
            tokio::task::spawn_blocking(move || start.recv_timeout(START_MAX))
                .await?
                .context("the server said nothing in time")?
                .map_err(|message| anyhow!(message))?;
        let (stop, server) = (Some(stop), Some(server));
        Ok(TestApp {
            address,
            setup_path,
            stop,
            server,
            database,
            folder,
            clock,
            advice,
        })
    }

    fn config(&self, folder: &Path, database: &Database) -> Result<Config> {
        let secret = |text: &str| Value::Secret(Secret::new(text.to_owned()));
        let secrets = |text: &str| Value::SecretList(vec![Secret::new(text.to_owned())]);
        let mut generated = vec![
            ("api.port", Value::Number(0)),
            ("api.workers", Value::Number(1)),
            ("api.shutdown_timeout_ms", Value::Number(1_000)),
            // A test that waits for a lock must not be told of the machine's speed.
            ("database.statement_timeout_anon_ms", Value::Number(60_000)),
            ("database.statement_timeout_user_ms", Value::Number(60_000)),
            ("database.url", secret(&database.gateway_url())),
            ("auth.jwt_secrets", secrets(SECRET)),
            (
                "keys.publishable",
                Value::List(vec![PUBLISHABLE_KEY.into()]),
            ),
            ("keys.secret", secrets(SECRET_KEY)),
        ];
        if self.auth {
            generated.extend([
                ("keys.master_key", secret(MASTER_KEY)),
                ("auth.database_url", secret(&database.auth_url())),
                ("mail.transport", Value::Text("dev".into())),
                ("passwords.memory_kib", Value::Number(64)),
                ("passwords.passes", Value::Number(1)),
                ("rates.enabled", Value::Switch(false)),
                ("codes.email_pause_secs", Value::Number(0)),
                ("codes.sms_pause_secs", Value::Number(0)),
            ]);
        }
        if self.console_login {
            generated.push(("console.database_url", secret(&database.url())));
        }
        let sources = Sources {
            generated,
            flags: self
                .settings
                .iter()
                .map(|(path, text)| (*path, text.clone(), "test"))
                .collect(),
            ..Sources::default()
        };
        Config::load(folder, sources).map_err(|problems| anyhow!("{problems}"))
    }
}

impl TestApp {
    /// Begins to describe a server.
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::default()
    }

    /// The server's address, such as `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where the console's first admin is made.
    ///
    /// # Panics
    /// When no console is served, or there is an admin already.
    pub fn setup_path(&self) -> &str {
        let path = self.setup_path.as_deref();
        path.unwrap_or_else(|| panic!("there is nothing to set up"))
    }

    /// The database behind the server.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A visitor: the publishable key and no token.
    pub fn anon(&self) -> TestClient {
        TestClient::new(&self.address, PUBLISHABLE_KEY, None)
    }

    /// A user that is signed in.
    pub fn user(&self, sub: &str) -> TestClient {
        self.caller(json!({ "sub": sub }))
    }

    /// A user whose token has these claims besides the usual ones, or instead of them.
    ///
    /// # Panics
    /// When the claims are no object.
    pub fn caller(&self, claims: serde_json::Value) -> TestClient {
        TestClient::new(&self.address, PUBLISHABLE_KEY, Some(&token(claims)))
    }

    /// The holder of the secret key.
    pub fn service(&self) -> TestClient {
        TestClient::new(&self.address, SECRET_KEY, None)
    }

    /// A superuser's connection to the database, to arrange and to assert.
    pub async fn sql(&self) -> tokio_postgres::Client {
        self.database.client().await
    }

    /// What the server has advised its operator.
    pub fn advice(&self) -> Vec<String> {
        let advice = self.advice.lock();
        advice.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Moves the server's time on.
    pub fn advance(&self, secs: i64) {
        self.clock.advance(secs);
    }

    /// The publishable key of every test server.
    pub fn publishable_key(&self) -> &'static str {
        PUBLISHABLE_KEY
    }

    /// What every test server seals its secrets with.
    pub fn master_key(&self) -> &'static str {
        MASTER_KEY
    }

    /// The secret key of every test server.
    pub fn secret_key(&self) -> &'static str {
        SECRET_KEY
    }

    /// The project folder of the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes or replaces a file of another folder of policies while the server runs.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn write_file(&self, name: &str, text: &str) {
        let written = self.folder.write_file(name, text);
        written.unwrap_or_else(|error| panic!("`{name}` was not written: {error:#}"));
    }

    /// Writes or replaces a policy file while the server runs.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn write_policy(&self, name: &str, text: &str) {
        let written = self.folder.write_policy(name, text);
        written.unwrap_or_else(|error| panic!("`{name}` was not written: {error:#}"));
    }

    /// Removes a policy file while the server runs.
    ///
    /// # Panics
    /// When the file cannot be removed.
    pub fn remove_policy(&self, name: &str) {
        let removed = self.folder.remove_policy(name);
        removed.unwrap_or_else(|error| panic!("`{name}` was not removed: {error:#}"));
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // A server that has ended by itself has nobody left to be told.
        self.stop.take().map(|stop| stop.send(()));
        if let Some(server) = self.server.take()
            && server.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the server's thread panicked");
        }
    }
}

/// Runs the server until it is told to stop. Says its address, or why there is none.
fn serve(
    config: Config,
    options: StartOptions,
    started: &mpsc::Sender<Result<(String, Option<String>), String>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(started.send(Err(error.to_string()))),
    };
    runtime.block_on(async {
        let gateway = match Gateway::start_with(config, options).await {
            Ok(gateway) => gateway,
            Err(error) => return drop(started.send(Err(error.to_string()))),
        };
        let address = format!("http://{}", gateway.address());
        let setup_path = gateway.setup_path().map(str::to_owned);
        let heard = started.send(Ok((address, setup_path)));
        if heard.is_ok() {
            // An error means that the `TestApp` is gone, which is a reason to stop as well.
            stopped.await.ok();
        }
        if tokio::time::timeout(STOP_MAX, gateway.stop())
            .await
            .is_err()
        {
            eprintln!("the server did not stop within {STOP_MAX:?}");
        }
    });
}

/// Keeps what the operator is advised.
fn reporter(advice: &Advice) -> Reporter {
    let advice = Arc::clone(advice);
    Reporter::to(move |notice| {
        if let Notice::Advice(text) = notice {
            let mut advice = advice.lock().unwrap_or_else(PoisonError::into_inner);
            advice.push(text.clone());
        }
    })
}

fn token(claims: serde_json::Value) -> String {
    let mut all = json!({
        "role": "authenticated", "aud": "authenticated", "exp": FAR_FUTURE_UNIX_SECS
    });
    let (Some(all), serde_json::Value::Object(claims)) = (all.as_object_mut(), claims) else {
        panic!("claims are an object");
    };
    all.extend(claims);
    project::sign(all, &Secret::new(SECRET.to_owned()))
        .unwrap_or_else(|error| panic!("no token: {error}"))
}
