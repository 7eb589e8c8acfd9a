//! The gateway's database: its pools, and the few things that it can be asked to do.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use postern_base::{Identity, Secret};
use postern_catalog::Catalog;
use postern_query::{Mode, Privileges, Probe, Rewritten};
use tokio::sync::{OnceCell, Semaphore};

use crate::about::{self, About};
use crate::config::{Class, DbConfig, LOCK_TIMEOUT_MS};
use crate::connect::Target;
use crate::internal::Internal;
use crate::pool::{Sessions, SessionsConfig, Shared, SharedConfig};
use crate::privileges;
use crate::roles::{self, RoleSettings, Roles};
use crate::run::{self, Answer, Caller, Exported};
use crate::survey::{self, Survey};
use crate::watch::SchemaWatch;
use crate::{Error, error, introspect};

/// How many groups of lanes there are: two modes, three timeout classes.
const GROUPS: usize = 6;

/// How many type checks of policies are on their way at the same time.
const PROBES_AT_ONCE: usize = 32;

/// A database behind the gateway; cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    config: DbConfig,
    target: Target,
    /// Lanes by mode and class.
    lanes: [[Arc<Shared>; 3]; 2],
    sessions: Arc<Sessions>,
    /// The sessions that rest in the anonymous role, where the database decides as well.
    natives: Option<Arc<Sessions>>,
    /// The sessions of statements whose answers are only compared, where there are any.
    rehearsals: Option<Arc<Sessions>>,
    /// What the roles that callers may have set for themselves.
    roles: Roles,
    /// Places for answers that are sent row by row: a part of the sessions, so that clients who
    /// take their time leave the others some.
    exports: Arc<Semaphore>,
    /// The server's time zones, read when the first request asks for one.
    time_zones: OnceCell<HashSet<String>>,
}

/// Whether a function can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callable {
    /// It can.
    Yes,
    /// There is no such function without arguments.
    Missing,
    /// It is there, and the role has no right to call it.
    Forbidden,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Db").field(&self.0.target).finish()
    }
}

impl Db {
    /// Connects to the database; later losses of connections are mended on the way.
    ///
    /// # Errors
    /// When the address makes no sense or the database cannot be reached now.
    pub async fn connect(config: &DbConfig) -> Result<Self, Error> {
        let target = Target::parse(&config.url)?;
        let kinds = 1 + usize::from(config.passthrough.is_some());
        let reserved = kinds * config.session_connections + config.rehearsal_connections;
        let extra = config.connections_max.saturating_sub(GROUPS + reserved);
        let budget = Arc::new(Semaphore::new(extra));
        let group = |mode, class| {
            Shared::new(SharedConfig {
                target: target.clone(),
                options: lane_options(config, mode, class),
                wished: per_runtime(match mode {
                    Mode::ReadOnly => config.read_connections,
                    Mode::ReadWrite => config.write_connections,
                }),
                acquire_timeout: config.acquire_timeout,
                budget: Arc::clone(&budget),
            })
        };
        let groups =
            |mode| [Class::Anon, Class::User, Class::Service].map(|class| group(mode, class));
        let db = Self(Arc::new(Inner {
            lanes: [groups(Mode::ReadOnly), groups(Mode::ReadWrite)],
            sessions: Sessions::new(SessionsConfig::of(config, &target, None)),
            natives: config.passthrough.as_ref().map(|it| {
                let role = Some(it.resting_role.clone());
                Sessions::new(SessionsConfig::of(config, &target, role))
            }),
            rehearsals: (config.rehearsal_connections > 0).then(|| {
                let role = config.passthrough.as_ref();
                let role = role.map(|it| it.resting_role.clone());
                let sessions = SessionsConfig::of(config, &target, role);
                Sessions::new(sessions.with_most(config.rehearsal_connections))
            }),
            exports: Arc::new(Semaphore::new((config.session_connections / 2).max(1))),
            config: config.clone(),
            target,
            roles: Roles::default(),
            time_zones: OnceCell::new(),
        }));
        db.ping().await?;
        if let Some(natives) = &db.0.natives {
            // A role that is not there, or may not be taken, is told of now and not by requests.
            natives.acquire().await?.give_back();
        }
        Ok(db)
    }

    /// What the login of an address keeps of PostgREST's configuration in the database: names
    /// without their prefix, and values.
    ///
    /// # Errors
    /// When the address makes no sense or the database cannot be reached.
    pub async fn login_settings(url: &Secret<String>) -> Result<Vec<(String, String)>, Error> {
        let target = Target::parse(url)?;
        let client = target.open(|it| {
            it.application_name("postern start");
        });
        roles::login_settings(&client.await?).await
    }

    /// Runs a statement that policies have been applied to.
    ///
    /// # Errors
    /// When Postgres refuses it (already fit for the caller's eyes), or no connection can be had.
    pub async fn run(&self, rewritten: &Rewritten, caller: &Caller<'_>) -> Result<Answer, Error> {
        run::run(self, rewritten, caller).await
    }

    /// Runs two statements for the sake of comparing their answers: on a connection of its own,
    /// in one READ ONLY transaction that sees one moment and is rolled back. Either may take as
    /// long as `allowed`.
    ///
    /// # Errors
    /// When no connection can be had, or it is lost; what Postgres refuses of either statement
    /// stands in its place.
    pub async fn rehearse(
        &self,
        pair: [&Rewritten; 2],
        caller: &Caller<'_>,
        allowed: Duration,
    ) -> Result<[Result<Answer, Error>; 2], Error> {
        run::rehearse(self, pair, caller, allowed).await
    }

    /// Runs a statement whose rows may be too many for one value: they go out as they are read.
    ///
    /// # Errors
    /// As [`Self::run`], as long as nothing was sent; afterwards the chunks end with the error.
    pub async fn export(
        &self,
        rewritten: &Arc<Rewritten>,
        caller: &Caller<'_>,
    ) -> Result<Exported, Error> {
        run::export(self, rewritten, caller).await
    }

    /// Prepares the type checks of policies, which are never executed, and tells of each in turn.
    /// They travel together: there is one for each rule and role.
    ///
    /// # Errors
    /// When no connection can be had. Postgres's refusals stand in the list, unscrubbed: the
    /// audience is the policies' author.
    pub async fn check(&self, probes: &[&Probe]) -> Result<Vec<Result<(), Error>>, Error> {
        let audience = error::Audience {
            service: true,
            anonymous: false,
            params: &[],
        };
        let ticket = self.lanes(Mode::ReadOnly, Class::Service).acquire().await?;
        let checks: Vec<_> = probes
            .iter()
            .map(|it| ticket.client.prepare(it.sql()))
            .collect();
        let checks = futures_util::stream::iter(checks).buffered(PROBES_AT_ONCE);
        let prepared: Vec<_> = checks.collect().await;
        ticket.answered();
        let judged = prepared.into_iter().map(|it| match it {
            Ok(_) => Ok(()),
            Err(refusal) => Err(error::request(refusal, audience)),
        });
        Ok(judged.collect())
    }

    /// Opens the connection that the catalogue is read on, for callers who have something else to
    /// wait for meanwhile; a failure is told by whoever needs it.
    pub async fn warm(&self) {
        if let Ok(lease) = self.0.sessions.acquire().await {
            lease.give_back();
        }
    }

    /// Reads the catalogue: the relations of `schemas` and of `extra` (which policies may look
    /// into), and the functions of `schemas`. Where the database decides, it learns as well what
    /// the callers' roles set for themselves.
    ///
    /// # Errors
    /// When the database cannot be reached or its catalogue makes no sense to us.
    pub async fn introspect<S: AsRef<str>>(
        &self,
        schemas: &[S],
        extra: &[S],
    ) -> Result<Catalog, Error> {
        let schemas: Vec<&str> = schemas.iter().map(AsRef::as_ref).collect();
        let extra: Vec<&str> = extra.iter().map(AsRef::as_ref).collect();
        let lease = self.0.sessions.acquire().await?;
        let catalog = introspect::read(&lease.client, &schemas, &extra).await?;
        if self.0.natives.is_some() {
            self.0.roles.refresh(&lease.client).await?;
        }
        lease.give_back();
        Ok(catalog)
    }

    /// Looks at the defences that the database itself has around the relations of `schemas`.
    ///
    /// # Errors
    /// When the database cannot be reached, or its catalogue makes no sense to us.
    pub async fn survey<S: AsRef<str>>(&self, schemas: &[S]) -> Result<Survey, Error> {
        let schemas: Vec<&str> = schemas.iter().map(AsRef::as_ref).collect();
        let lease = self.0.sessions.acquire().await?;
        let survey = survey::read(&lease.client, &schemas).await?;
        lease.give_back();
        Ok(survey)
    }

    /// What there is to say about the database itself.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn about(&self) -> Result<About, Error> {
        let lease = self.0.sessions.acquire().await?;
        let about = about::read(&lease.client).await;
        lease.give_back();
        about
    }

    /// What a role that callers may have has rights to in `schemas`.
    ///
    /// # Errors
    /// When it is no such role (fit for the caller's eyes), or the database cannot be reached.
    pub async fn privileges<S: AsRef<str>>(
        &self,
        role: &str,
        schemas: &[S],
        identity: &Identity,
    ) -> Result<Privileges, Error> {
        let schemas: Vec<&str> = schemas.iter().map(AsRef::as_ref).collect();
        let audience = error::Audience {
            service: true,
            anonymous: identity.is_anonymous(),
            params: &[],
        };
        let lease = self.0.sessions.acquire().await?;
        let read = privileges::read(&lease.client, role, &schemas, audience).await;
        // Nothing but our own reads ran on it, refused or not.
        if !lease.client.is_closed() {
            lease.give_back();
        }
        read
    }

    /// Starts to watch for changes of the schema; returns once it listens, or could not. Start it
    /// before introspecting: what changes in between is then not missed.
    pub async fn watch_schema(&self) -> SchemaWatch {
        SchemaWatch::start(self.0.target.clone()).await
    }

    /// Whether a function is called before every request's statement.
    pub fn calls_before_requests(&self) -> bool {
        self.0.config.pre_request.is_some()
    }

    /// Whether a role may call the function that is called before every request; without a role,
    /// whether the gateway's own login may. `None` when no function is configured.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn pre_request(&self, role: Option<&str>) -> Result<Option<Callable>, Error> {
        let Some((schema, name)) = &self.0.config.pre_request else {
            return Ok(None);
        };
        let lease = self.0.sessions.acquire().await?;
        let row = lease
            .client
            .query_opt(Internal::Callable.sql(), &[schema, name, &role])
            .await
            .map_err(error::internal)?;
        lease.give_back();
        let Some(row) = row else {
            return Ok(Some(Callable::Missing));
        };
        let may: bool = row.try_get(0).map_err(Error::Internal)?;
        Ok(Some(if may {
            Callable::Yes
        } else {
            Callable::Forbidden
        }))
    }

    /// Whether the server knows a time zone of this name.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn knows_time_zone(&self, name: &str) -> Result<bool, Error> {
        let read = || async {
            let ticket = self.lanes(Mode::ReadOnly, Class::Service).acquire().await?;
            let rows = ticket.client.query(Internal::TimeZones.sql(), &[]).await;
            ticket.answered();
            let rows = rows.map_err(error::internal)?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        };
        let known = self.0.time_zones.get_or_try_init(read).await?;
        Ok(known.contains(name))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        let ticket = self.lanes(Mode::ReadOnly, Class::Service).acquire().await?;
        let answer = ticket.client.batch_execute(Internal::Ping.sql()).await;
        ticket.answered();
        answer.map_err(error::internal)
    }

    pub(crate) fn config(&self) -> &DbConfig {
        &self.0.config
    }

    pub(crate) fn lanes(&self, mode: Mode, class: Class) -> &Arc<Shared> {
        let mode = match mode {
            Mode::ReadOnly => 0,
            Mode::ReadWrite => 1,
        };
        let class = match class {
            Class::Anon => 0,
            Class::User => 1,
            Class::Service => 2,
        };
        &self.0.lanes[mode][class]
    }

    pub(crate) fn exports(&self) -> &Arc<Semaphore> {
        &self.0.exports
    }

    pub(crate) fn sessions(&self) -> &Arc<Sessions> {
        &self.0.sessions
    }

    pub(crate) fn rehearsals(&self) -> Option<&Arc<Sessions>> {
        self.0.rehearsals.as_ref()
    }

    /// What the role of a statement sets for itself, where statements run as their callers' roles.
    pub(crate) fn role_settings(&self, role: Option<&str>) -> Option<Arc<RoleSettings>> {
        self.0.natives.as_ref()?;
        self.0.roles.settings(role?)
    }

    pub(crate) fn natives(&self) -> Option<&Arc<Sessions>> {
        self.0.natives.as_ref()
    }
}

/// A share of the connections for one of the web server's workers, of which there is one a core.
fn per_runtime(connections: usize) -> usize {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    connections.div_ceil(workers)
}

/// The settings that all connections of one group start with.
fn lane_options(config: &DbConfig, mode: Mode, class: Class) -> String {
    let read_only = match mode {
        Mode::ReadOnly => "on",
        Mode::ReadWrite => "off",
    };
    let timeout_ms = class.timeout(&config.statement_timeouts).as_millis();
    // A space or backslash in a value must be escaped here; that is all that this syntax knows.
    let path = run::search_path(None, &config.search_path)
        .replace('\\', "\\\\")
        .replace(' ', "\\ ");
    format!(
        "-c default_transaction_read_only={read_only} -c statement_timeout={timeout_ms} \
         -c lock_timeout={LOCK_TIMEOUT_MS} -c jit=off -c search_path={path}"
    )
}
