//! The console: what its pages show and change, put together by the server.

use std::sync::Arc;

use postern_auth::AuthService;
use postern_db::Db;
use postern_db::console::SqlDesk;
use postern_rest::RestService;
use postern_telemetry::Telemetry;
use url::Url;

use crate::backstage::Backstage;
use crate::import::Imports;
use crate::pages::sql::Runs;
use crate::place::Place;
use crate::setup::Setup;

/// What a [`Console`] is made of.
pub struct ConsoleParts {
    /// Admins, users, keys and the audit log.
    pub auth: Arc<AuthService>,
    /// The data API, for what is shown of the project's own rows.
    pub rest: Arc<RestService>,
    /// The database, for what is kept in our own schema.
    pub db: Db,
    /// Where SQL runs that admins type.
    pub sql: SqlDesk,
    /// What happened lately.
    pub telemetry: Telemetry,
    /// The server around it.
    pub backstage: Arc<dyn Backstage>,
    /// The operator's choices.
    pub settings: ConsoleSettings,
}

/// The operator's choices.
#[derive(Clone, Debug)]
pub struct ConsoleSettings {
    /// The address under which the world reaches the server.
    pub external_url: Url,
    /// The keys that apps carry.
    pub publishable_keys: Vec<String>,
    /// How many secret keys there are; they themselves are shown to nobody.
    pub secret_keys: usize,
}

/// The console of one server.
pub struct Console {
    pub(crate) auth: Arc<AuthService>,
    pub(crate) rest: Arc<RestService>,
    pub(crate) db: Db,
    pub(crate) sql: SqlDesk,
    pub(crate) runs: Runs,
    pub(crate) telemetry: Telemetry,
    pub(crate) backstage: Arc<dyn Backstage>,
    pub(crate) settings: ConsoleSettings,
    pub(crate) setup: Setup,
    pub(crate) imports: Imports,
}

impl Console {
    /// Makes the console.
    pub fn new(parts: ConsoleParts) -> Self {
        let setup = Setup::new(parts.auth.now());
        Self {
            auth: parts.auth,
            rest: parts.rest,
            db: parts.db,
            sql: parts.sql,
            runs: Runs::default(),
            telemetry: parts.telemetry,
            backstage: parts.backstage,
            settings: parts.settings,
            setup,
            imports: Imports::default(),
        }
    }

    /// Where the first admin is made; none when there is one already.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn setup_path(&self) -> Result<Option<String>, postern_auth::Error> {
        if self.auth.has_admins().await? {
            return Ok(None);
        }
        let token = self.setup.token().expose().clone();
        Ok(Some(Place::Setup(token).to_string()))
    }
}
