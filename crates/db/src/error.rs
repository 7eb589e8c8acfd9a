//! What can go wrong between us and the database, as the caller may hear of it.
//!
//! A refusal by Postgres becomes a [`Rejection`]: one table ([`sqlstate`]) gives the HTTP status,
//! and [`scrub`] takes out what a caller under policies must not read (SECURITY: with a role that
//! bypasses row-level security Postgres quotes rows that policies hide).

mod raised;
mod scrub;
mod sqlstate;

use postern_base::codes::{self, Code};
use postern_query::Param;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address of the database makes no sense.
    #[error("the database address cannot be used: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// No connection could be made.
    #[error("the database cannot be reached: {reason}")]
    Unreachable {
        /// What the attempt ended with.
        reason: String,
    },
    /// A connection ended in the middle of a request.
    #[error("the connection to the database was lost")]
    Lost(#[source] tokio_postgres::Error),
    /// No connection became free in time.
    #[error("no database connection became free in time")]
    Busy,
    /// Postgres refused a request's statement.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    /// Postgres refused a statement of ours, or answered something that makes no sense.
    #[error("the database refused a statement of the gateway: {}", cause(.0))]
    Internal(#[source] tokio_postgres::Error),
    /// An answer was not of the promised shape.
    #[error("the database's answer was not understood: {reason}")]
    Shape {
        /// What was missing.
        reason: &'static str,
    },
}

/// A refusal by Postgres, already fit for the caller's eyes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// The SQLSTATE, or the dialect's code for refusals of our own.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The message.
    pub message: String,
    /// More about it.
    pub details: Option<String>,
    /// A way out.
    pub hint: Option<String>,
    /// Headers that a function asked for.
    pub headers: Vec<(String, String)>,
}

/// Whose eyes a refusal must be fit for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Audience<'a> {
    /// The holder of the secret key reads everything, and so does everybody where the database
    /// itself knows who asks.
    pub(crate) service: bool,
    /// The anonymous are told to sign in (401) where others are forbidden (403).
    pub(crate) anonymous: bool,
    /// What the request itself sent: quoting that back tells nothing new.
    pub(crate) params: &'a [Param],
}

impl Error {
    /// The name of the constraint that a statement of our own ran into.
    pub fn constraint(&self) -> Option<&str> {
        let Self::Internal(refused) = self else {
            return None;
        };
        refused.as_db_error()?.constraint()
    }

    /// The SQLSTATE and message of a refusal of a statement of our own, for the log.
    pub fn refused(&self) -> Option<(&str, &str)> {
        let Self::Internal(refused) = self else {
            return None;
        };
        let refused = refused.as_db_error()?;
        Some((refused.code().code(), refused.message()))
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Rejected(rejection) => rejection.status,
            other => other.registered().status,
        }
    }

    /// The code that clients read.
    pub fn code(&self) -> &str {
        match self {
            Self::Rejected(rejection) => &rejection.code,
            other => other.registered().code,
        }
    }

    /// The message that clients read.
    pub fn message(&self) -> &str {
        match self {
            Self::Rejected(rejection) => &rejection.message,
            Self::Unreachable { .. } | Self::Address { .. } => {
                "Database connection error. Retrying the connection."
            }
            Self::Lost(_) => "Database client error. Retrying the connection.",
            Self::Busy => "Timed out acquiring connection from connection pool.",
            Self::Internal(_) | Self::Shape { .. } => "An internal error occurred",
        }
    }

    /// More about it, as far as the caller may read it.
    pub fn details(&self) -> Option<&str> {
        self.rejection()?.details.as_deref()
    }

    /// A way out, as far as the caller may read it.
    pub fn hint(&self) -> Option<&str> {
        self.rejection()?.hint.as_deref()
    }

    /// Headers that a raised error asked for.
    pub fn headers(&self) -> &[(String, String)] {
        self.rejection().map_or(&[], |it| &it.headers)
    }

    /// The refusal, when it is one.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }

    fn registered(&self) -> &'static Code {
        match self {
            Self::Address { .. } | Self::Unreachable { .. } => &codes::CONNECTION,
            Self::Lost(_) => &codes::CONNECTION_LOST,
            Self::Busy => &codes::POOL_TIMEOUT,
            Self::Rejected(_) | Self::Internal(_) | Self::Shape { .. } => &codes::INTERNAL,
        }
    }
}

/// What Postgres says of a refusal, apart from the driver's type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Complaint {
    pub(crate) sqlstate: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    /// The function in the server's source that raised it.
    pub(crate) routine: Option<String>,
    /// Whether it points at a place in a statement's text, which means that no row was read yet.
    pub(crate) has_position: bool,
}

impl From<&tokio_postgres::error::DbError> for Complaint {
    fn from(error: &tokio_postgres::error::DbError) -> Self {
        Self {
            sqlstate: error.code().code().to_owned(),
            message: error.message().to_owned(),
            detail: error.detail().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            routine: error.routine().map(str::to_owned),
            has_position: error.position().is_some(),
        }
    }
}

/// Turns the driver's error about a request's statement into ours.
pub(crate) fn request(error: tokio_postgres::Error, audience: Audience<'_>) -> Error {
    match error.as_db_error() {
        Some(refusal) => Error::Rejected(Box::new(reject(Complaint::from(refusal), audience))),
        None => connection(error),
    }
}

/// The refusal of a role that no caller may have, in Postgres's words for a role that one is not
/// a member of.
pub(crate) fn no_role(role: &str, audience: Audience<'_>) -> Error {
    let complaint = Complaint {
        sqlstate: "42501".into(),
        message: format!("permission denied to set role \"{role}\""),
        ..Complaint::default()
    };
    Error::Rejected(Box::new(reject(complaint, audience)))
}

/// Turns the driver's error about connecting into ours.
pub(crate) fn unreachable(error: &tokio_postgres::Error) -> Error {
    Error::Unreachable {
        reason: cause(error),
    }
}

/// Turns the driver's error about a statement of ours into ours.
pub(crate) fn internal(error: tokio_postgres::Error) -> Error {
    if error.as_db_error().is_some() {
        Error::Internal(error)
    } else {
        connection(error)
    }
}

/// Makes the refusal that the audience may read.
pub(crate) fn reject(complaint: Complaint, audience: Audience<'_>) -> Rejection {
    if let Some(rejection) = raised::by_us(&complaint).or_else(|| raised::by_function(&complaint)) {
        return rejection;
    }
    let status = sqlstate::status(&complaint, audience.anonymous);
    let clean = if audience.service {
        complaint
    } else {
        scrub::scrub(complaint, audience.params)
    };
    Rejection {
        code: clean.sqlstate,
        status,
        message: clean.message,
        details: clean.detail,
        hint: clean.hint,
        headers: Vec::new(),
    }
}

fn connection(error: tokio_postgres::Error) -> Error {
    if error.is_closed() || is_io(&error) {
        Error::Lost(error)
    } else {
        Error::Internal(error)
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// The driver says only "db error" of itself; the cause says what happened.
fn cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}
