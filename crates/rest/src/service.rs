//! The service: one snapshot, one database, and the way of a request between them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use postern_base::limits::Limits;
use postern_base::{Identity, RoleName};
use postern_catalog::Catalog;
use postern_db::{Answer, Caller, Db, RequestSettings};
use postern_http::Authenticator;
use postern_policy::Bundle;
use postern_query::request::RawRequest;
use postern_query::{Rewritten, Route, View};
use postern_telemetry::Telemetry;

use crate::Failure;

/// The catalogue and the policies that belong together; swapped as one.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The schema.
    pub catalog: Arc<Catalog>,
    /// The policies, checked against that schema.
    pub bundle: Arc<Bundle>,
}

/// Who decides about rows and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforce {
    /// The policy files: every statement is rewritten.
    #[default]
    Rewrite,
    /// The database alone: every statement runs as the caller's own role.
    Native,
    /// Both: what either of them hides is hidden.
    Both,
}

/// What an operator may choose about the data API.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// Where the API is mounted, without a slash at the end.
    pub base_path: String,
    /// The schemas that are served, the default one first; never empty.
    pub schemas: Vec<String>,
    /// The limits on requests.
    pub limits: Limits,
    /// Whether the OpenAPI description is served.
    pub openapi: bool,
    /// Where clients reach the server, such as `https://api.example.com`.
    pub public_url: Option<String>,
    /// Who decides about rows and columns.
    pub enforce: Enforce,
    /// The role of the database that callers without a user token have, where it decides.
    pub anon_role: String,
}

impl Default for RestSettings {
    fn default() -> Self {
        Self {
            base_path: "/rest/v1".into(),
            schemas: vec!["public".into()],
            limits: Limits::default(),
            openapi: true,
            public_url: None,
            enforce: Enforce::default(),
            anon_role: RoleName::ANON.into(),
        }
    }
}

/// What a service is made of.
pub struct RestParts {
    /// The first snapshot.
    pub snapshot: Snapshot,
    /// The database.
    pub db: Db,
    /// Tells callers apart.
    pub authenticator: Arc<Authenticator>,
    /// Takes reports.
    pub telemetry: Telemetry,
    /// The operator's choices.
    pub settings: RestSettings,
}

/// The data API without HTTP.
pub struct RestService {
    snapshot: ArcSwap<Snapshot>,
    db: Db,
    authenticator: Arc<Authenticator>,
    telemetry: Telemetry,
    settings: RestSettings,
}

/// A request that the database has answered.
#[derive(Debug)]
pub struct Outcome {
    /// The statement that ran; its shape says how the answer is rendered.
    pub rewritten: Rewritten,
    /// What came back.
    pub answer: Answer,
}

impl RestService {
    /// Makes the service.
    pub fn new(parts: RestParts) -> Self {
        let authenticator = Arc::clone(&parts.authenticator);
        parts
            .telemetry
            .ask_cached_tokens(move || authenticator.cached_tokens());
        Self {
            snapshot: ArcSwap::from_pointee(parts.snapshot),
            db: parts.db,
            authenticator: parts.authenticator,
            telemetry: parts.telemetry,
            settings: parts.settings,
        }
    }

    /// The snapshot in force; a request takes it once and keeps it.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Puts a new snapshot in force; requests on their way keep theirs.
    pub fn swap(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    /// The operator's choices.
    pub fn settings(&self) -> &RestSettings {
        &self.settings
    }

    /// Tells callers apart.
    pub fn authenticator(&self) -> &Arc<Authenticator> {
        &self.authenticator
    }

    /// Takes reports.
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// What exists for a caller.
    ///
    /// # Errors
    /// When the token names a role that no policy file defines.
    pub fn view<'a>(
        &self,
        snapshot: &'a Snapshot,
        identity: &'a Identity,
    ) -> Result<View<'a>, postern_query::Error> {
        let (catalog, bundle) = (&*snapshot.catalog, &*snapshot.bundle);
        let view = match self.settings.enforce {
            Enforce::Rewrite => View::new(catalog, bundle, identity)?,
            Enforce::Native => View::native(catalog, bundle, identity, self.role(identity)),
            Enforce::Both => {
                View::new(catalog, bundle, identity)?.in_database_role(self.role(identity))
            }
        };
        Ok(view.at(self.authenticator.now_unix_secs()))
    }

    /// The role of the database that a caller has: the one that the verified token names.
    fn role(&self, identity: &Identity) -> RoleName {
        let anonymous = self.settings.anon_role.as_str();
        RoleName::new(match identity {
            Identity::Anonymous(_) => anonymous,
            Identity::User(claims) => claims.role().unwrap_or(anonymous),
            Identity::Service(_) => RoleName::SERVICE,
        })
    }

    /// Answers one request. `session` is asked for the request's settings only when the statement
    /// takes the session path.
    ///
    /// # Errors
    /// The refusal in the dialect's terms, or the database's.
    pub async fn answer(
        &self,
        identity: &Identity,
        request: &RawRequest<'_>,
        session: impl FnOnce() -> RequestSettings,
    ) -> Result<Outcome, Failure> {
        let snapshot = self.snapshot();
        let view = self.view(&snapshot, identity)?;
        let limits = &self.settings.limits;
        let parsed = postern_query::parse(request, limits)?;
        let plan = postern_query::plan(parsed, &view, limits)?;
        let rewritten = postern_query::rewrite(&plan, &view)?;
        let settings = match rewritten.route() {
            Route::Fast => RequestSettings::default(),
            Route::Session { .. } => session(),
        };
        let caller = Caller {
            identity,
            role: view.role_name(),
            request: &settings,
        };
        let answer = self.db.run(&rewritten, &caller).await?;
        Ok(Outcome { rewritten, answer })
    }
}
