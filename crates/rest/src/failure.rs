//! Why a request was refused, and how the refusal is rendered for its caller.

use actix_web::http::header::{HeaderName, WWW_AUTHENTICATE};
use postern_base::Identity;
use postern_base::codes::Code;
use postern_http::{ApiError, AuthError, RequestId};
use postern_telemetry::{Event, Telemetry};

/// A refusal of the data API.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The caller could not be told.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The request cannot become a statement.
    #[error(transparent)]
    Query(#[from] postern_query::Error),
    /// The database refused or failed.
    #[error(transparent)]
    Db(#[from] postern_db::Error),
    /// The answer is not what was asked for, or the request is no request.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl Failure {
    /// A refusal with a registered code.
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self::Api(ApiError::new(code, message))
    }

    /// Renders the refusal. A denial (403) asks the anonymous to sign in (401).
    pub(crate) fn render(
        self,
        identity: Option<&Identity>,
        id: &RequestId,
        telemetry: &Telemetry,
    ) -> ApiError {
        let request_id = id.as_str();
        let error = match self {
            Self::Auth(error) => {
                let code = error.code().code;
                telemetry.report(&Event::CallerRefused { code, request_id });
                error.into()
            }
            Self::Query(error) => of_query(error),
            Self::Db(error) => {
                if error.rejection().is_none() {
                    let error = &error.to_string();
                    telemetry.report(&Event::RequestFailed { error, request_id });
                }
                of_db(&error, request_id)
            }
            Self::Api(error) => error,
        };
        if identity.is_some_and(Identity::is_anonymous) {
            error.for_anonymous()
        } else {
            error
        }
    }
}

fn of_query(error: postern_query::Error) -> ApiError {
    let mut api = ApiError::new(error.code, error.message);
    if let Some(details) = error.details {
        api = api.with_details(*details);
    }
    if let Some(hint) = error.hint {
        api = api.with_hint(hint);
    }
    match error.shortfall {
        Some(shortfall) => api.with_header(WWW_AUTHENTICATE, &shortfall.challenge()),
        None => api,
    }
}

fn of_db(error: &postern_db::Error, request_id: &str) -> ApiError {
    if error.rejection().is_none() && error.status() == 500 {
        return ApiError::internal(request_id);
    }
    let mut api = ApiError::with_status(error.status(), error.code().to_owned(), error.message());
    if let Some(details) = error.details() {
        api = api.with_details(details);
    }
    if let Some(hint) = error.hint() {
        api = api.with_hint(hint);
    }
    for (name, value) in error.headers() {
        if let Ok(name) = HeaderName::try_from(name.as_str()) {
            api = api.with_header(name, value);
        }
    }
    api
}
