//! How a refusal looks: two shapes by the version that the client asks for, and OAuth's.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::{Error, Form};

const CODE_HEADER: HeaderName = HeaderName::from_static("x-sb-error-code");
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-supabase-api-version");
const API_VERSION: &str = "2024-01-01";

/// A refusal on its way to a client.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    is_new_shape: bool,
}

impl Failure {
    /// Makes a failure in the shape that the client reads.
    pub(super) fn new(error: Error, is_new_shape: bool) -> Self {
        Self {
            error,
            is_new_shape,
        }
    }

    /// The code, as clients read it.
    pub fn code(&self) -> &str {
        self.error.code()
    }

    /// What is wrong, in words.
    pub fn message(&self) -> &str {
        self.error.message()
    }

    fn body(&self) -> Value {
        let error = &self.error;
        let mut body = match (error.form(), self.is_new_shape) {
            (Form::OAuth, _) => {
                return json!({ "error": error.code(), "error_description": error.message() });
            }
            (Form::Usual, true) => json!({ "code": error.code(), "message": error.message() }),
            (Form::Usual, false) => json!({
                "code": error.status(), "error_code": error.code(), "msg": error.message(),
            }),
        };
        if let Some(reasons) = error.weak_password_reasons() {
            body["weak_password"] = json!({ "reasons": reasons });
        }
        body
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(formatter)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CODE_HEADER, self.error.code()));
        if self.is_new_shape {
            response.insert_header((VERSION_HEADER, API_VERSION));
        }
        if let Some(secs) = self.error.retry_after_secs() {
            response.insert_header((RETRY_AFTER, secs.to_string()));
        }
        response.json(self.body())
    }
}
