//! The service: one snapshot, one database, and the way of a request between them.

mod settings;
mod trial;

use std::sync::Arc;

use arc_swap::ArcSwap;
use postern_base::{FunctionName, Identity, RelationName, RoleName};
use postern_catalog::{Catalog, Function, Returns};
use postern_db::{Answer, Caller, Chunks, Db, Exported, RequestSettings};
use postern_http::Authenticator;
use postern_policy::Bundle;
use postern_query::request::{ApiRequest, RawRequest, Target};
use postern_query::{Privileges, Rewritten, Route, Shape, Shapes, View};
use postern_telemetry::Telemetry;

pub use self::settings::{Enforce, OpenApi, Plans, RestSettings, TxEnd};
use crate::media::Offer;
use crate::shadow::{Candidate, Shadow};
use crate::timing::{Stage, Stopwatch};
use crate::{Failure, SavedQueries};

/// The catalogue and the policies that belong together; swapped as one.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The schema.
    pub catalog: Arc<Catalog>,
    /// The policies, checked against that schema.
    pub bundle: Arc<Bundle>,
    /// The saved queries, checked against both.
    pub queries: Arc<SavedQueries>,
    /// Candidate policies, checked against that schema; enforced by nobody.
    pub candidate: Candidate,
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
    current: ArcSwap<Current>,
    db: Db,
    authenticator: Arc<Authenticator>,
    telemetry: Telemetry,
    settings: RestSettings,
    shadow: Shadow,
}

/// A snapshot with what was learnt under it, so that both are replaced together.
struct Current {
    snapshot: Arc<Snapshot>,
    shapes: Shapes,
}

impl Current {
    fn of(snapshot: Snapshot) -> Self {
        Self {
            snapshot: Arc::new(snapshot),
            shapes: Shapes::default(),
        }
    }

    /// Whether a view is of this very snapshot.
    ///
    /// SECURITY: a request that has begun under an earlier one keeps it, and must neither find nor
    /// leave a statement here.
    fn is_of(&self, view: &View<'_>) -> bool {
        let (catalog, bundle) = (&*self.snapshot.catalog, &*self.snapshot.bundle);
        std::ptr::eq(view.catalog(), catalog) && std::ptr::eq(view.bundle(), bundle)
    }
}

/// A request that the database has answered.
#[derive(Debug)]
pub struct Outcome {
    /// The statement that ran; its shape says how the answer is rendered.
    pub rewritten: Arc<Rewritten>,
    /// What came back.
    pub answer: Answer,
    /// The body, where it is too long to be one value.
    pub chunks: Option<Chunks>,
}

impl RestService {
    /// Makes the service.
    pub fn new(parts: RestParts) -> Self {
        let authenticator = Arc::clone(&parts.authenticator);
        parts
            .telemetry
            .ask_cached_tokens(move || authenticator.cached_tokens());
        let shadow = Shadow::new(parts.settings.shadow);
        shadow.enter(&parts.snapshot);
        Self {
            current: ArcSwap::from_pointee(Current::of(parts.snapshot)),
            db: parts.db,
            authenticator: parts.authenticator,
            telemetry: parts.telemetry,
            shadow,
            settings: parts.settings,
        }
    }

    /// The snapshot in force; a request takes it once and keeps it.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.load().snapshot)
    }

    /// Puts a new snapshot in force; requests on their way keep theirs.
    pub fn swap(&self, snapshot: Snapshot) {
        self.shadow.enter(&snapshot);
        self.current.store(Arc::new(Current::of(snapshot)));
    }

    /// The database.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// What candidate policies would change.
    pub(crate) fn shadow(&self) -> &Shadow {
        &self.shadow
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

    /// What the caller's role may use where the database alone decides: lists must not name what
    /// it would refuse.
    ///
    /// # Errors
    /// When the role is none that callers may have, or the database cannot be asked.
    pub async fn privileges(&self, identity: &Identity) -> Result<Option<Privileges>, Failure> {
        if self.settings.enforce != Enforce::Native {
            return Ok(None);
        }
        self.rights(identity).await.map(Some)
    }

    /// What the caller's role of the database may use.
    pub(crate) async fn rights(&self, identity: &Identity) -> Result<Privileges, Failure> {
        let (role, schemas) = (self.role(identity), &self.settings.schemas);
        let read = self.db.privileges(role.as_str(), schemas, identity).await?;
        Ok(read)
    }

    /// The role of the database that a caller has: the one that the verified token names.
    pub(crate) fn role(&self, identity: &Identity) -> RoleName {
        let anonymous = self.settings.anon_role.as_str();
        RoleName::new(match identity {
            Identity::Anonymous(_) => anonymous,
            Identity::User(claims) => claims.role().unwrap_or(anonymous),
            Identity::Service(_) => RoleName::SERVICE,
        })
    }

    /// What forms an answer can have besides the usual ones.
    pub(crate) fn offer(&self, view: &View<'_>, schema: &str, target: &Target) -> Offer {
        let (values, handlers) = made_by_functions(view, schema, target);
        Offer {
            plans: match self.settings.plans {
                Plans::Off => false,
                Plans::SecretKey => view.identity().is_service(),
                Plans::Everybody => true,
            },
            geojson: view.catalog().geojson().is_some(),
            values,
            handlers,
        }
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
        let stopwatch = &mut Stopwatch::start();
        self.answer_in(&view, request, stopwatch, session).await
    }

    /// Copies a request that was answered for the comparison with a candidate, if there is one.
    pub(crate) fn shadow_request(
        &self,
        snapshot: &Arc<Snapshot>,
        identity: &Identity,
        request: &RawRequest<'_>,
    ) {
        let telemetry = &self.telemetry;
        self.shadow.offer(snapshot, identity, request, telemetry);
    }

    /// Answers one request in a view that is there already, and notes how long each part took.
    pub(crate) async fn answer_in(
        &self,
        view: &View<'_>,
        request: &RawRequest<'_>,
        stopwatch: &mut Stopwatch,
        session: impl FnOnce() -> RequestSettings,
    ) -> Result<Outcome, Failure> {
        let rewritten = Arc::new(self.statement(view, request, stopwatch).await?);
        stopwatch.lap(Stage::Plan);
        stopwatch.note_statement(&rewritten);
        let (answer, chunks) = match rewritten.export() {
            None => (self.run(&rewritten, view, session).await?, None),
            Some(_) => {
                let exported = self.export(&rewritten, view, session()).await?;
                (exported.answer, exported.chunks)
            }
        };
        stopwatch.lap(Stage::Transaction);
        Ok(Outcome {
            rewritten,
            answer,
            chunks,
        })
    }

    /// Runs a statement as the caller of the view. `session` is asked for the request's settings
    /// only when something of the transaction may look at them.
    ///
    /// # Errors
    /// The database's refusal.
    pub(crate) async fn run(
        &self,
        rewritten: &Rewritten,
        view: &View<'_>,
        session: impl FnOnce() -> RequestSettings,
    ) -> Result<Answer, postern_db::Error> {
        let settings = match rewritten.route() {
            Route::Fast if !self.db.calls_before_requests() => RequestSettings::default(),
            Route::Fast | Route::Session { .. } => session(),
        };
        self.db.run(rewritten, &caller(view, &settings)).await
    }

    /// Runs a statement whose rows go out as they are read.
    async fn export(
        &self,
        rewritten: &Arc<Rewritten>,
        view: &View<'_>,
        settings: RequestSettings,
    ) -> Result<Exported, postern_db::Error> {
        self.db.export(rewritten, &caller(view, &settings)).await
    }

    /// The statement of a request: of its shape, if that is known, or made now.
    async fn statement(
        &self,
        view: &View<'_>,
        request: &RawRequest<'_>,
        stopwatch: &mut Stopwatch,
    ) -> Result<Rewritten, Failure> {
        let current = self.current.load_full();
        let shape = match current.is_of(view) {
            true => Shape::of(request, view),
            false => None,
        };
        let Some(shape) = shape else {
            return self.rewrite(request, view, stopwatch).await;
        };
        if let Some(known) = current.shapes.find(&shape, view)? {
            return Ok(known);
        }
        let made = self.rewrite(request, view, stopwatch).await?;
        let under = (view, &self.settings.limits);
        current.shapes.learn(shape, request, &made, under);
        Ok(made)
    }

    /// Makes the statement of a request.
    async fn rewrite(
        &self,
        request: &RawRequest<'_>,
        view: &View<'_>,
        stopwatch: &mut Stopwatch,
    ) -> Result<Rewritten, Failure> {
        let limits = &self.settings.limits;
        let mut parsed = postern_query::parse(request, limits)?;
        self.settle(&mut parsed).await?;
        stopwatch.lap(Stage::Parse);
        let plan = postern_query::plan(parsed, view, limits)?;
        Ok(postern_query::rewrite(&plan, view)?)
    }

    /// Decides on the preferences that are not the request's alone to decide.
    pub(crate) async fn settle(&self, request: &mut ApiRequest) -> Result<(), Failure> {
        let preferences = &mut request.preferences;
        request.end = self.settings.tx_end.settle(&mut preferences.tx);
        let Some(zone) = preferences.timezone.take() else {
            return Ok(());
        };
        if is_offset(&zone) || self.db.knows_time_zone(&zone).await? {
            preferences.timezone = Some(zone);
            return Ok(());
        }
        match preferences.strict {
            Some(true) => {
                Err(postern_query::Error::unknown_preferences(&[format!("timezone={zone}")]).into())
            }
            Some(false) | None => Ok(()),
        }
    }
}

/// The media types that functions return, and those of aggregates with their oids.
type Made = (Vec<String>, Vec<(String, u32)>);

/// The media types that functions return, and those that aggregates make of rows.
fn made_by_functions(view: &View<'_>, schema: &str, target: &Target) -> Made {
    let catalog = view.catalog();
    let has_handlers = catalog.handlers().next().is_some();
    let mut values = Vec::new();
    let mut rows_of = None;
    match target {
        Target::Relation(_) if !has_handlers => return Made::default(),
        Target::Relation(name) => rows_of = Some(RelationName::new(schema, name)),
        Target::Function(name) => {
            let overloads = catalog.overloads(&FunctionName::new(schema, name)).iter();
            let visible: Vec<_> = overloads.filter(|it| view.function(it).is_some()).collect();
            let media = visible.iter().filter_map(|it| it.media_type());
            values.extend(media.map(|it| it.name.clone()));
            let yields_rows =
                |it: &&Function| matches!(it.returns, Returns::Relation(_) | Returns::Columns(_));
            if !has_handlers || visible.is_empty() || !visible.iter().all(yields_rows) {
                return (values, Vec::new());
            }
            if let [function] = visible.as_slice()
                && let Returns::Relation(name) = &function.returns
            {
                rows_of = Some(name.clone());
            }
        }
    }
    let handlers = view.handlers(rows_of.as_ref()).into_iter();
    let made = handlers.filter_map(|it| Some((it.media_type()?.name.clone(), it.oid)));
    (values, made.collect())
}

/// Who asks, for the database.
fn caller<'a>(view: &'a View<'_>, request: &'a RequestSettings) -> Caller<'a> {
    Caller {
        identity: view.identity(),
        role: view.role_name(),
        request,
    }
}

/// Whether a time zone is a number of hours east of Greenwich, as Postgres takes it.
fn is_offset(zone: &str) -> bool {
    let digits = zone.strip_prefix(['+', '-']).unwrap_or(zone);
    let is_number =
        !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    is_number && digits.parse::<f64>().is_ok_and(|hours| hours <= 15.0)
}

#[cfg(test)]
mod tests {
    use super::is_offset;

    #[test]
    fn hours_are_numbers_that_a_day_has() {
        for zone in ["0", "3", "+3", "-5", "5.5", "-15"] {
            assert!(is_offset(zone), "{zone}");
        }
        for zone in [
            "", "+", "-", ".", "16", "1e1", "inf", "3h", "+-3", "1.2.3", "UTC",
        ] {
            assert!(!is_offset(zone), "{zone}");
        }
    }
}
