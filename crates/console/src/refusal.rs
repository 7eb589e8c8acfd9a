//! Why the data API or the database refused something, in words that an admin may read.

use actix_web::http::StatusCode;
use postern_rest::Failure as RestFailure;
use serde_json::Value;

use crate::failure::sentence;

/// A refusal of the data API.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The code, as clients of the API read it.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
    pub(crate) hint: Option<String>,
    /// What failed inside; it is for the log and not for the page.
    pub(crate) cause: Option<String>,
}

impl Refusal {
    /// Reads a failure of the data API.
    pub(crate) fn of(failure: RestFailure) -> Self {
        match failure {
            RestFailure::Query(error) => Self {
                status: status(error.code.status),
                code: error.code.code.to_owned(),
                details: error.details.as_deref().map(text),
                hint: error.hint,
                message: error.message,
                cause: None,
            },
            RestFailure::Db(error) => Self {
                status: status(error.status()),
                code: error.code().to_owned(),
                message: error.message().to_owned(),
                details: error.details().map(str::to_owned),
                hint: error.hint().map(str::to_owned),
                cause: error.rejection().is_none().then(|| error.to_string()),
            },
            RestFailure::Auth(_) | RestFailure::Api(_) => Self {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                code: String::new(),
                message: String::new(),
                details: None,
                hint: None,
                cause: Some(failure.to_string()),
            },
        }
    }

    /// What was asked for is not there any more.
    pub(crate) fn gone() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: String::new(),
            message: t!("failure.missing").to_owned(),
            details: None,
            hint: None,
            cause: None,
        }
    }

    /// All of it as sentences.
    pub(crate) fn text(&self) -> String {
        let parts = [
            Some(&self.message),
            self.details.as_ref(),
            self.hint.as_ref(),
        ];
        let parts = parts.into_iter().flatten().filter(|it| !it.is_empty());
        let sentences: Vec<_> = parts.map(|it| sentence(it)).collect();
        sentences.join(" ")
    }
}

fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
