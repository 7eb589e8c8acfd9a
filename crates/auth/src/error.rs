//! Why the auth service refuses, with the code that clients switch on.
//!
//! SECURITY: a message never tells whether an account exists, unless the caller is that account
//! or holds the secret key. What fails inside keeps its source for the log alone.

use std::borrow::Cow;

use postern_base::codes::{Code, auth as codes};
use postern_db::Error as DbError;

/// SQLSTATEs that pass: serialization failure, deadlock, lock not available.
const PASSING: &[&str] = &["40001", "40P01", "55P03"];

/// What the auth service's methods end with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal; boxed, because it travels in the error half of every result.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    code: &'static Code,
    status: u16,
    message: Cow<'static, str>,
    form: Form,
    weak_password: Option<Vec<String>>,
    retry_after_secs: Option<u64>,
    inner: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Which of the dialect's two shapes a refusal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `code` and `message`, or their older names.
    Usual,
    /// `error` and `error_description`, as OAuth 2.0 has them (RFC 6749, section 5.2).
    OAuth,
}

impl Error {
    /// A refusal with a registered code.
    pub fn new(code: &'static Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Refusal {
            code,
            status: code.status,
            message: message.into(),
            form: Form::Usual,
            weak_password: None,
            retry_after_secs: None,
            inner: None,
        }))
    }

    /// A value of the request is missing or makes no sense.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(&codes::VALIDATION_FAILED, message)
    }

    /// Something failed inside; the client learns nothing but the request id.
    pub fn internal(
        message: &'static str,
        inner: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let mut error = Self::new(&codes::UNEXPECTED_FAILURE, message);
        error.0.inner = Some(inner.into());
        error
    }

    /// Too much work is waiting; try again after this pause.
    pub fn busy(retry_after_secs: u64) -> Self {
        Self::new(&codes::SERVICE_BUSY, "Too many requests are waiting")
            .retry_after(retry_after_secs)
    }

    /// The password is too easy to guess, for these reasons.
    pub fn weak_password(message: impl Into<Cow<'static, str>>, reasons: Vec<String>) -> Self {
        let mut error = Self::new(&codes::WEAK_PASSWORD, message);
        error.0.weak_password = Some(reasons);
        error
    }

    /// The same refusal with another status than the code's usual one.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    /// The same refusal in OAuth's shape.
    #[must_use]
    pub fn oauth(mut self) -> Self {
        self.0.form = Form::OAuth;
        self
    }

    /// The same refusal with `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.0.retry_after_secs = Some(secs);
        self
    }

    /// The code that clients read.
    pub fn code(&self) -> &'static str {
        self.0.code.code
    }

    /// Whether this is the refusal with that code.
    pub fn is(&self, code: &'static Code) -> bool {
        self.0.code.code == code.code
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The message that clients read.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Which shape it has on the wire.
    pub fn form(&self) -> Form {
        self.0.form
    }

    /// Why the password is weak.
    pub fn weak_password_reasons(&self) -> Option<&[String]> {
        self.0.weak_password.as_deref()
    }

    /// After how many seconds to try again.
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.0.retry_after_secs
    }

    /// What failed inside, in words for the log: of a refusal by the database its code and
    /// message, but never the rows that it quotes.
    pub fn cause_for_the_log(&self) -> Option<String> {
        let inner = self.inner()?;
        let refused = inner.downcast_ref::<DbError>().and_then(DbError::refused);
        Some(match refused {
            Some((sqlstate, message)) => format!("{self}: {message} (SQLSTATE {sqlstate})"),
            None => format!("{self}: {inner}"),
        })
    }

    /// What failed inside.
    pub fn inner(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.inner.as_deref()
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        if !will_pass(&error) {
            // A trigger of the project on a table of ours: its author finds the name in the log.
            return Self::internal("Database error", error);
        }
        let mut busy = Self::busy(1);
        busy.0.inner = Some(error.into());
        busy
    }
}

/// Whether another try will do: the database is away, or two waited for each other.
fn will_pass(error: &DbError) -> bool {
    match error {
        DbError::Unreachable { .. } | DbError::Lost(_) | DbError::Busy => true,
        other => other
            .refused()
            .is_some_and(|(state, _)| PASSING.contains(&state)),
    }
}

impl From<postern_vault::Error> for Error {
    fn from(error: postern_vault::Error) -> Self {
        Self::internal("A stored secret could not be opened", error)
    }
}
