//! What the configuration means: typed, checked, secrets wrapped.

use std::path::{Path, PathBuf};

use postern_base::{RoleName, Secret, limits::Limits};
use postern_rest::Enforce;

use super::dialect::{Dialect, dialect};
use super::error::{Problem, Problems};
use super::people::{People, Wrong, people};
use super::policies::{Policies, policies};
use super::raw::{Origin, RawConfig};
use super::{Sources, layer};

/// The configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that relative paths start at.
    pub folder: PathBuf,
    /// `[api]`
    pub api: Api,
    /// `[database]`
    pub database: Database,
    /// `[auth]`
    pub auth: Auth,
    /// `[keys]`
    pub keys: Keys,
    /// `[policies]`
    pub policies: Policies,
    /// `[limits]`
    pub limits: Limits,
    /// `[log]`
    pub log: Log,
    /// How many requests the console can show.
    pub requests_kept: usize,
    /// How the data API's transactions run and what its answers tell.
    pub dialect: Dialect,
    /// The auth service.
    pub people: People,
    /// What all of it was read from.
    pub(super) raw: RawConfig,
    /// The admin console.
    pub console: ConsoleWish,
    /// The login that SQL typed into the console runs with; the gateway's without one.
    pub console_database_url: Option<Secret<String>>,
}

/// Whether the admin console is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleWish {
    /// It is not.
    Off,
    /// Nobody has said so: it is served where that opens nothing, and stops no server.
    WhereSafe,
    /// It is: the server does not start where it would lie open.
    On,
}

/// The address of the server and what it serves.
#[derive(Clone, Debug)]
pub struct Api {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The schemas that are served; the first is the default one.
    pub schemas: Vec<String>,
    /// Schemas that policies may look into.
    pub extra_schemas: Vec<String>,
    /// Who decides about rows and columns.
    pub enforce: Enforce,
    /// The database role of callers without a user token, where the database decides.
    pub anon_role: String,
    /// Whether a request without a key is refused.
    pub apikey: ApiKey,
    /// Whether `/metrics` is served.
    pub metrics: Metrics,
    /// Server threads.
    pub workers: usize,
    /// How long requests in flight may take to finish when the server stops.
    pub shutdown_timeout_ms: u64,
}

/// Whether `/metrics` is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metrics {
    /// To everybody who reaches the server.
    Open,
    /// To nobody.
    Off,
}

/// Whether requests must carry an `apikey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKey {
    /// A request without one is anonymous.
    Optional,
    /// A request without one is refused.
    Required,
}

/// How the database is reached.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its connection string.
    pub url: Option<Secret<String>>,
    /// Connections that reads share.
    pub read_connections: usize,
    /// Connections that writes share.
    pub write_connections: usize,
    /// Connections for statements that need one of their own.
    pub session_connections: usize,
    /// Statement timeout for anonymous callers.
    pub statement_timeout_anon_ms: u64,
    /// Statement timeout for signed-in callers.
    pub statement_timeout_user_ms: u64,
    /// Statement timeout for the service key.
    pub statement_timeout_service_ms: u64,
    /// Where the Postgres server's programs are.
    pub bin_dir: Option<PathBuf>,
    /// The port of the managed database; none takes a free one and remembers it.
    pub port: Option<u16>,
}

/// Which user tokens are believed.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Secrets of HS256 tokens; the first one signs.
    pub jwt_secrets: Vec<Secret<String>>,
    /// Public keys of other tokens.
    pub jwks: Option<Jwks>,
    /// The `iss` that tokens of those keys must carry.
    pub issuer: Option<String>,
    /// The audience that tokens must name.
    pub audience: Option<String>,
}

/// Where public keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jwks {
    /// The text itself: JSON or PEM.
    Inline(String),
    /// A file that holds it.
    File(PathBuf),
    /// An address that serves it.
    Url(String),
}

/// The project's API keys.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Publishable keys.
    pub publishable: Vec<String>,
    /// Secret keys.
    pub secret: Vec<Secret<String>>,
}

/// What is written to standard error.
#[derive(Clone, Debug)]
pub struct Log {
    /// Text or JSON.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Config {
    /// Layers the sources and checks that the values hold together.
    ///
    /// # Errors
    /// Returns everything that is wrong.
    pub fn load(folder: &Path, sources: Sources) -> Result<Self, Problems> {
        Self::check(folder, &layer(sources)?)
    }

    /// Checks that the values of the layers hold together.
    ///
    /// # Errors
    /// Returns everything that is wrong.
    pub fn check(folder: &Path, raw: &RawConfig) -> Result<Self, Problems> {
        check_values(raw)?;
        let invalid = |(key, reason): Wrong| {
            Problems(vec![Problem::Invalid {
                place: raw.setting(key).origin.clone(),
                key: key.into(),
                reason,
            }])
        };
        let people = people(folder, raw).map_err(invalid)?;
        let policies = policies(folder, raw).map_err(invalid)?;
        Ok(Self {
            people,
            folder: folder.into(),
            api: api(raw),
            database: database(folder, raw),
            auth: Auth {
                jwt_secrets: raw.secrets("auth.jwt_secrets"),
                jwks: raw.text("auth.jwks").map(|text| jwks(folder, text)),
                issuer: raw.text("auth.issuer"),
                audience: raw.text("auth.audience"),
            },
            keys: Keys {
                publishable: raw.list("keys.publishable"),
                secret: raw.secrets("keys.secret"),
            },
            policies,
            limits: limits(raw),
            log: Log {
                format: match raw.text("log.format").as_deref() {
                    Some("json") => LogFormat::Json,
                    _ => LogFormat::Text,
                },
                level: raw.text("log.level").unwrap_or_default(),
            },
            requests_kept: raw.size("logs.kept"),
            dialect: dialect(raw),
            console: console(raw),
            console_database_url: raw.secret("console.database_url"),
            raw: raw.clone(),
        })
    }
}

fn console(raw: &RawConfig) -> ConsoleWish {
    let is_said = raw.setting("console.enabled").origin != Origin::Default;
    match (raw.switch("console.enabled"), is_said) {
        (false, _) => ConsoleWish::Off,
        (true, false) => ConsoleWish::WhereSafe,
        (true, true) => ConsoleWish::On,
    }
}

fn api(raw: &RawConfig) -> Api {
    Api {
        host: raw.text("api.host").unwrap_or_default(),
        port: raw.size("api.port"),
        schemas: raw.list("api.schemas"),
        extra_schemas: raw.list("api.extra_schemas"),
        enforce: match raw.text("api.enforce").as_deref() {
            Some("native") => Enforce::Native,
            Some("both") => Enforce::Both,
            _ => Enforce::Rewrite,
        },
        anon_role: raw.text("api.anon_role").unwrap_or_default(),
        apikey: if raw.switch("api.require_apikey") {
            ApiKey::Required
        } else {
            ApiKey::Optional
        },
        metrics: match raw.text("api.metrics").as_deref() {
            Some("off") => Metrics::Off,
            _ => Metrics::Open,
        },
        workers: match raw.size("api.workers") {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        },
        shutdown_timeout_ms: raw.number("api.shutdown_timeout_ms"),
    }
}

fn database(folder: &Path, raw: &RawConfig) -> Database {
    Database {
        url: raw.secret("database.url"),
        read_connections: raw.size("database.read_connections"),
        write_connections: raw.size("database.write_connections"),
        session_connections: raw.size("database.session_connections"),
        statement_timeout_anon_ms: raw.number("database.statement_timeout_anon_ms"),
        statement_timeout_user_ms: raw.number("database.statement_timeout_user_ms"),
        statement_timeout_service_ms: raw.number("database.statement_timeout_service_ms"),
        bin_dir: raw.text("database.bin_dir").map(|dir| folder.join(dir)),
        port: Some(raw.size("database.port")).filter(|port| *port != 0),
    }
}

fn limits(raw: &RawConfig) -> Limits {
    Limits {
        body_bytes_max: raw.size("limits.body_bytes_max"),
        uri_bytes_max: raw.size("limits.uri_bytes_max"),
        filters_max: raw.size("limits.filters_max"),
        embed_depth_max: raw.size("limits.embed_depth_max"),
        in_list_max: raw.size("limits.in_list_max"),
        json_depth_max: raw.size("limits.json_depth_max"),
        rows_max: raw.number("limits.rows_max"),
    }
}

/// Checks what types alone do not say.
fn check_values(raw: &RawConfig) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let mut invalid = |key: &str, reason: String| {
        problems.0.push(Problem::Invalid {
            place: raw.setting(key).origin.clone(),
            key: key.into(),
            reason,
        });
    };
    if raw.list("api.schemas").is_empty() {
        invalid("api.schemas", "names no schema; name at least one".into());
    }
    let anon_role = raw.text("api.anon_role").unwrap_or_default();
    if ["", "none", RoleName::SERVICE].contains(&anon_role.as_str()) {
        let reason = format!("`{anon_role}` cannot be the role of everybody; name another");
        invalid("api.anon_role", reason);
    }
    for (key, prefix) in [
        ("keys.publishable", "sb_secret_"),
        ("keys.secret", "sb_publishable_"),
    ] {
        let secret_keys = raw.secrets(key).into_iter().map(|key| key.expose().clone());
        if raw
            .list(key)
            .into_iter()
            .chain(secret_keys)
            .any(|it| it.starts_with(prefix))
        {
            invalid(
                key,
                format!("holds a key that starts with `{prefix}`; the two are mixed up"),
            );
        }
    }
    problems.into_result()
}

fn jwks(folder: &Path, text: String) -> Jwks {
    if text.starts_with("http://") || text.starts_with("https://") {
        Jwks::Url(text)
    } else if text.trim_start().starts_with('{') || text.contains("-----BEGIN") {
        Jwks::Inline(text)
    } else {
        Jwks::File(folder.join(text))
    }
}
