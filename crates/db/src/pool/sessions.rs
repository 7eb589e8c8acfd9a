//! Connections that serve one request at a time, for transactions with settings of their own.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio_postgres::Client;

use super::Statements;
use super::places::{Choice, Counted, Place, Places};
use crate::Error;
use crate::config::{DbConfig, IDLE_IN_TRANSACTION_MS, LOCK_TIMEOUT_MS};
use crate::connect::{Pipeline, Target};
use crate::run::{Endings, search_path};

/// A connection with its statements.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) statements: Statements,
    /// The role that it rests in between requests, if that is not the gateway's own.
    pub(crate) resting: Option<String>,
    /// What puts companions to its statements, where its transactions may be made of them.
    pub(crate) pipeline: Option<Pipeline>,
    /// How its transactions end.
    pub(crate) endings: Endings,
    /// The settings that it starts with, which a request need not set again.
    pub(crate) start: Start,
    /// Which runtime moves its messages.
    pub(super) runtime: runtime::Id,
    _counted: Counted,
}

/// What a session's settings are where nobody sets anything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    pub(crate) search_path: String,
    /// In milliseconds; empty is the server's own.
    pub(crate) statement_timeout: String,
}

/// The sessions of one database.
pub(crate) struct Sessions {
    config: SessionsConfig,
    places: Arc<Places>,
}

/// What sessions are made of.
pub(crate) struct SessionsConfig {
    target: Target,
    most: usize,
    acquire_timeout: Duration,
    start: Start,
    resting: Option<String>,
}

impl SessionsConfig {
    /// Sessions as the configuration has them, resting in this role if there is one.
    pub(crate) fn of(config: &DbConfig, target: &Target, resting: Option<String>) -> Self {
        let user = config.statement_timeouts.user.as_millis();
        Self {
            target: target.clone(),
            most: config.session_connections.max(1),
            acquire_timeout: config.acquire_timeout,
            start: Start {
                search_path: search_path(None, &config.search_path),
                // The other sessions also read the catalogue, which may take longer.
                statement_timeout: resting.as_ref().map_or(String::new(), |_| user.to_string()),
            },
            resting,
        }
    }

    /// The same for another number of them.
    pub(crate) fn with_most(self, most: usize) -> Self {
        Self { most, ..self }
    }
}

impl Sessions {
    pub(crate) fn new(config: SessionsConfig) -> Arc<Self> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            places: Places::new(config.most, workers),
            config,
        })
    }

    /// Borrows a session, waiting for one when all are taken.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Lease, Error> {
        let place = self.places.take(Handle::current().id());
        let place = tokio::time::timeout(self.config.acquire_timeout, place).await;
        let Ok(Some(place)) = place else {
            return Err(Error::Busy);
        };
        let session = match self.places.choose(&place) {
            Choice::Take(session) => session,
            Choice::Open(counted, replaced) => {
                drop(replaced);
                self.open(counted).await?
            }
        };
        Ok(Lease {
            session: Some(session),
            clean: false,
            sessions: Arc::clone(self),
            _place: place,
        })
    }

    async fn open(&self, counted: Counted) -> Result<Session, Error> {
        let config = &self.config;
        let endings = Endings::of(config.resting.as_deref());
        let (client, pipeline) = match &config.resting {
            None => (config.target.open(|it| tune(it, config)).await?, None),
            Some(role) => {
                let opened = config.target.open_pipelined(|it| tune(it, config)).await?;
                let (client, pipeline) = opened;
                let rested = endings.rest(&client, pipeline.as_ref()).await;
                rested.map_err(|refusal| {
                    let reason = format!("role {role} cannot be taken: {refusal}");
                    Error::Unreachable { reason }
                })?;
                (client, pipeline)
            }
        };
        Ok(Session {
            client,
            statements: Statements::default(),
            pipeline,
            endings,
            resting: config.resting.clone(),
            start: config.start.clone(),
            runtime: Handle::current().id(),
            _counted: counted,
        })
    }
}

/// A borrowed session. It goes back only when its borrower says that it is clean; in every other
/// case (an error on the way, a request that was given up) what it does is cancelled and it closes.
pub(crate) struct Lease {
    session: Option<Session>,
    clean: bool,
    sessions: Arc<Sessions>,
    _place: Place,
}

impl Lease {
    /// Gives the session back for others to use.
    pub(crate) fn give_back(mut self) {
        self.clean = true;
    }
}

impl std::ops::Deref for Lease {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
            .as_ref()
            .expect("INVARIANT: the session is taken out in drop only")
    }
}

impl std::ops::DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
            .as_mut()
            .expect("INVARIANT: the session is taken out in drop only")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        if session.client.is_closed() {
            return;
        }
        if self.clean {
            self.sessions.places.put_back(session);
        } else if let Ok(runtime) = Handle::try_current() {
            let token = session.client.cancel_token();
            let target = self.sessions.config.target.clone();
            let pipeline = session.pipeline.clone();
            drop(session);
            runtime.spawn(async move { target.cancel(token, pipeline.as_ref()).await });
        }
    }
}

fn tune(config: &mut tokio_postgres::Config, sessions: &SessionsConfig) {
    let given = config.get_options().unwrap_or_default();
    // A space or backslash in a value must be escaped here; that is all that this syntax knows.
    let path = sessions
        .start
        .search_path
        .replace('\\', "\\\\")
        .replace(' ', "\\ ");
    let mut options = format!(
        "{given} -c search_path={path} -c lock_timeout={LOCK_TIMEOUT_MS} -c jit=off \
         -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}"
    );
    let timeout = &sessions.start.statement_timeout;
    if !timeout.is_empty() {
        options.push_str(" -c statement_timeout=");
        options.push_str(timeout);
    }
    config.options(options).application_name("postern session");
}
