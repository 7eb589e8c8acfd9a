//! Connections that serve one request at a time, for transactions with settings of their own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Client;

use super::Statements;
use crate::Error;
use crate::admin::quote_identifier;
use crate::config::{DbConfig, IDLE_IN_TRANSACTION_MS, LOCK_TIMEOUT_MS};
use crate::connect::Target;
use crate::run::search_path;

/// A connection with its statements.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) statements: Statements,
    /// The role that it rests in between requests, if that is not the gateway's own.
    pub(crate) resting: Option<String>,
    /// Which runtime moves its messages.
    runtime: runtime::Id,
}

/// The sessions of one database.
pub(crate) struct Sessions {
    config: SessionsConfig,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Session>>,
}

/// What sessions are made of.
pub(crate) struct SessionsConfig {
    target: Target,
    most: usize,
    acquire_timeout: Duration,
    /// The schemas that a connection starts with, where statements are first parsed.
    search_path: String,
    resting: Option<String>,
}

impl SessionsConfig {
    /// Sessions as the configuration has them, resting in this role if there is one.
    pub(crate) fn of(config: &DbConfig, target: &Target, resting: Option<String>) -> Self {
        Self {
            target: target.clone(),
            most: config.session_connections.max(1),
            acquire_timeout: config.acquire_timeout,
            search_path: search_path(None, &config.search_path),
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
        Arc::new(Self {
            places: Arc::new(Semaphore::new(config.most)),
            config,
            idle: Mutex::default(),
        })
    }

    /// Borrows a session, waiting for one when all are taken.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Lease, Error> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(self.config.acquire_timeout, place).await;
        let Ok(Ok(place)) = place else {
            return Err(Error::Busy);
        };
        let session = match self.take_idle() {
            Some(session) => session,
            None => self.open().await?,
        };
        Ok(Lease {
            session: Some(session),
            clean: false,
            sessions: Arc::clone(self),
            _place: place,
        })
    }

    async fn open(&self) -> Result<Session, Error> {
        let config = &self.config;
        let client = config.target.open(|it| tune(it, config)).await?;
        if let Some(role) = &config.resting {
            let rest = format!("set role {}", quote_identifier(role));
            client.batch_execute(&rest).await.map_err(|refusal| {
                let reason = format!("role {role} cannot be taken: {refusal}");
                Error::Unreachable { reason }
            })?;
        }
        Ok(Session {
            client,
            statements: Statements::default(),
            resting: config.resting.clone(),
            runtime: Handle::current().id(),
        })
    }

    /// A session of this runtime if there is one, for the reasons of `shared`; else any.
    fn take_idle(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|session| !session.client.is_closed());
        let here = Handle::current().id();
        match idle.iter().rposition(|session| session.runtime == here) {
            Some(index) => Some(idle.swap_remove(index)),
            None => idle.pop(),
        }
    }
}

/// A borrowed session. It goes back only when its borrower says that it is clean; in every other
/// case (an error on the way, a request that was given up) what it does is cancelled and it closes.
pub(crate) struct Lease {
    session: Option<Session>,
    clean: bool,
    sessions: Arc<Sessions>,
    _place: OwnedSemaphorePermit,
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
            let idle = self.sessions.idle.lock();
            idle.unwrap_or_else(PoisonError::into_inner).push(session);
        } else if let Ok(runtime) = Handle::try_current() {
            let token = session.client.cancel_token();
            let target = self.sessions.config.target.clone();
            drop(session);
            runtime.spawn(async move { target.cancel(token).await });
        }
    }
}

fn tune(config: &mut tokio_postgres::Config, sessions: &SessionsConfig) {
    let given = config.get_options().unwrap_or_default();
    // A space or backslash in a value must be escaped here; that is all that this syntax knows.
    let path = sessions
        .search_path
        .replace('\\', "\\\\")
        .replace(' ', "\\ ");
    let options = format!(
        "{given} -c search_path={path} -c lock_timeout={LOCK_TIMEOUT_MS} -c jit=off \
         -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}"
    );
    config.options(options).application_name("postern session");
}
