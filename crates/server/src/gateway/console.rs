//! The admin console, put together, and what it is told about the server around it.

mod builder;
mod operate;
mod people;
mod policies;
mod queries;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;
use postern_auth::AuthService;
use postern_auth::settings::Allowed;
use postern_console::{
    Backstage, Console, ConsoleParts, ConsoleSettings, Finding, Gravity, Health, Part,
};
use postern_db::Db;
use postern_db::console::SqlDesk;
use postern_mail::Transport;
use postern_rest::RestService;
use postern_telemetry::Telemetry;
use tokio::sync::Mutex;
use url::Url;

use super::{StartError, cause};
use crate::Config;
use crate::config::{ConsoleWish, MailConfig};
use crate::doctor;
use crate::migrations::Migrations;
use crate::policies::Workbench;
use crate::reload::Reporter;

/// How long the database may take to answer before we call it gone.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long findings are good: looking for them reads the whole catalogue.
const FINDINGS_KEPT: Duration = Duration::from_secs(60);

/// What the console is put together with.
pub(super) struct Shared {
    /// None where the auth service is off: then there is nobody to sign in.
    pub(super) auth: Option<Arc<AuthService>>,
    pub(super) rest: Arc<RestService>,
    pub(super) db: Db,
    pub(super) telemetry: Telemetry,
    /// Where letters go.
    pub(super) transport: Transport,
    pub(super) reporter: Reporter,
    /// The migrations of the project, where they may be written.
    pub(super) migrations: Option<Migrations>,
}

/// Puts the console together, unless it is off. Also says where the first admin is made.
///
/// SECURITY: before there is an admin, a console that others can reach is no console (attack 79):
/// one that was asked for stops the start, one that was not stays off.
pub(super) async fn start(
    config: &Config,
    address: SocketAddr,
    shared: Shared,
) -> Result<Option<(Arc<Console>, Option<String>)>, StartError> {
    let Some(auth) = shared.auth.filter(|_| config.console != ConsoleWish::Off) else {
        return Ok(None);
    };
    let failed = |error: &postern_auth::Error| StartError::Console(cause(error));
    let is_open = !address.ip().is_loopback();
    if is_open && !auth.has_admins().await.map_err(|error| failed(&error))? {
        return match config.console {
            ConsoleWish::On => Err(StartError::NoAdmin { address }),
            _ => Ok(None),
        };
    }
    let external = &config.people.settings.external_url;
    let external_url = Url::parse(external).map_err(|error| {
        StartError::Console(format!("`api.external_url` is no address: {error}"))
    })?;
    let sql = SqlDesk::new(&shared.db, config.console_database_url.as_ref())?;
    let console = Console::new(ConsoleParts {
        sql,
        settings: ConsoleSettings {
            external_url,
            publishable_keys: config.keys.publishable.clone(),
            secret_keys: config.keys.secret.len(),
        },
        auth: Arc::clone(&auth),
        rest: Arc::clone(&shared.rest),
        db: shared.db.clone(),
        telemetry: shared.telemetry,
        backstage: Arc::new(Stage {
            auth,
            transport: shared.transport,
            started: Instant::now(),
            config: config.clone(),
            rest: shared.rest,
            db: shared.db,
            reporter: shared.reporter,
            migrations: shared.migrations,
            findings: Mutex::new(None),
        }),
    });
    let setup = console.setup_path().await.map_err(|error| failed(&error))?;
    Ok(Some((Arc::new(console), setup)))
}

/// The server, as the console asks about it.
struct Stage {
    auth: Arc<AuthService>,
    transport: Transport,
    started: Instant,
    config: Config,
    rest: Arc<RestService>,
    db: Db,
    reporter: Reporter,
    migrations: Option<Migrations>,
    findings: Mutex<Option<(Instant, Vec<Finding>)>>,
}

impl Backstage for Stage {
    fn health(&self) -> LocalBoxFuture<'_, Vec<Part>> {
        Box::pin(async move {
            let (database, auth) = tokio::join!(self.database(), self.sign_in());
            vec![database, self.policies(), auth, self.mail()]
        })
    }

    fn findings(&self) -> LocalBoxFuture<'_, Result<Vec<Finding>, String>> {
        Box::pin(async move {
            let mut kept = self.findings.lock().await;
            if let Some((since, findings)) = &*kept
                && since.elapsed() < FINDINGS_KEPT
            {
                return Ok(findings.clone());
            }
            let found = self.examine().await?;
            *kept = Some((Instant::now(), found.clone()));
            Ok(found)
        })
    }
}

impl Stage {
    async fn database(&self) -> Part {
        let started = Instant::now();
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.db.ping()).await;
        let (health, note) = match answer {
            Ok(Ok(())) => {
                let micros = started.elapsed().as_micros();
                (
                    Health::Well,
                    format!("answers in {} ms", micros.div_ceil(1000)),
                )
            }
            Ok(Err(_)) | Err(_) => (Health::Ill, "does not answer".to_owned()),
        };
        Part {
            name: "Database",
            health,
            note,
        }
    }

    /// The auth service has a login of its own, which may fail where the data API's does not.
    async fn sign_in(&self) -> Part {
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.auth.has_admins()).await;
        let signup = &self.config.people.settings.signup;
        let (health, note) = match (answer, signup.new_users) {
            (Err(_) | Ok(Err(_)), _) => (Health::Ill, "its database does not answer"),
            (_, Allowed::Yes) => (Health::Well, "people can sign up"),
            (_, Allowed::No) => (Health::Well, "nobody can sign up"),
        };
        Part {
            name: "Auth",
            health,
            note: note.to_owned(),
        }
    }

    fn policies(&self) -> Part {
        let snapshot = self.rest.snapshot();
        let tables = snapshot.catalog.relations().count();
        Part {
            name: "Data API",
            health: Health::Well,
            note: format!("{tables} tables and views in the schema"),
        }
    }

    fn mail(&self) -> Part {
        let (health, note) = match &self.config.people.mail {
            MailConfig::Off => (Health::Off, "no letters are sent"),
            MailConfig::Dev => (Health::Well, "letters stay in the mailbox of postern dev"),
            MailConfig::Smtp(_) => (Health::Well, "letters go out by SMTP"),
        };
        Part {
            name: "Mail",
            health,
            note: note.to_owned(),
        }
    }

    async fn examine(&self) -> Result<Vec<Finding>, String> {
        let bench = Workbench::on(self.config.clone(), None).await;
        let bench = bench.map_err(|error| error.to_string())?;
        let findings = bench.examine().await.map_err(|error| error.to_string())?;
        Ok(findings.into_iter().map(told).collect())
    }
}

fn told(finding: doctor::Finding) -> Finding {
    Finding {
        gravity: match finding.gravity {
            doctor::Gravity::Grave => Gravity::Grave,
            doctor::Gravity::Warning => Gravity::Warning,
        },
        code: finding.code,
        what: finding.what,
        why: finding.why.to_owned(),
        fix: finding.fix,
    }
}
