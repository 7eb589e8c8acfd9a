//! How every refusal looks on the wire: the four-key JSON body of the data API.
//!
//! COMPAT(postgrest 14): the keys are `code`, `details`, `hint`, `message` in this order and
//! without spaces, null where there is nothing to say; `Proxy-Status` names the code as well, so
//! that a HEAD request can tell. Clients compare these bytes.

use std::borrow::Cow;
use std::fmt::Write as _;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use postern_base::codes::{self, Code};
use serde_json::Value;

use crate::auth::AuthError;

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// A refusal, ready to be sent; boxed, because it travels in the error half of many results.
#[derive(Clone, Debug)]
pub struct ApiError(Box<Refusal>);

#[derive(Clone, Debug)]
struct Refusal {
    status: StatusCode,
    code: Cow<'static, str>,
    message: String,
    details: Option<Value>,
    hint: Option<String>,
    headers: HeaderMap,
}

impl ApiError {
    /// A refusal with a registered code.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self::with_status(code.status, code.code, message)
    }

    /// A refusal with a code of the database, whose status the caller knows.
    pub fn with_status(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: code.into(),
            message: message.into(),
            details: None,
            hint: None,
            headers: HeaderMap::new(),
        }))
    }

    /// A failure inside: the client learns nothing but the id under which the log tells more.
    pub fn internal(request_id: &str) -> Self {
        Self::new(&codes::INTERNAL, "Something went wrong inside the server")
            .with_details(format!("The request id is {request_id}"))
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<Value>) -> Self {
        self.0.details = Some(details.into());
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds a header; one that cannot be sent is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.append(name, value);
        }
        self
    }

    /// Turns a denial (403) into "sign in first" (401), for callers who have not.
    #[must_use]
    pub fn for_anonymous(mut self) -> Self {
        if self.0.status == StatusCode::FORBIDDEN {
            self.0.status = StatusCode::UNAUTHORIZED;
        }
        self
    }

    /// The code, as clients read it.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What is wrong, in words.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The body's text.
    pub fn body(&self) -> String {
        let mut body = String::with_capacity(96 + self.0.message.len());
        body.push_str("{\"code\":");
        push_text(&mut body, &self.0.code);
        body.push_str(",\"details\":");
        match &self.0.details {
            Some(details) => {
                let _ = write!(body, "{details}");
            }
            None => body.push_str("null"),
        }
        body.push_str(",\"hint\":");
        match &self.0.hint {
            Some(hint) => push_text(&mut body, hint),
            None => body.push_str("null"),
        }
        body.push_str(",\"message\":");
        push_text(&mut body, &self.0.message);
        body.push('}');
        body
    }

    /// The whole answer.
    pub fn to_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status);
        response.insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        ));
        let proxy_status = format!("PostgREST; error={}", self.0.code);
        if let Ok(value) = HeaderValue::from_str(&proxy_status) {
            response.insert_header((PROXY_STATUS, value));
        }
        // Clients try again on 503 at once and together; one second spreads them.
        if self.0.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, HeaderValue::from_static("1")));
        }
        for (name, value) in &self.0.headers {
            response.append_header((name.clone(), value.clone()));
        }
        let challenged = self.0.headers.contains_key(header::WWW_AUTHENTICATE);
        if self.0.status == StatusCode::UNAUTHORIZED && !challenged {
            let challenge = HeaderValue::from_static("Bearer");
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        response.body(self.body())
    }
}

fn push_text(body: &mut String, text: &str) {
    let _ = write!(body, "{}", Value::from(text));
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.0.code, self.0.message)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        self.to_response()
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        let mut api = Self::new(error.code(), error.to_string());
        api.0.details = error.details().map(Value::from);
        api.0.hint = error.hint().map(str::to_owned);
        match error.challenge() {
            Some(challenge) => api.with_header(header::WWW_AUTHENTICATE, &challenge),
            None => api,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_four_keys_in_the_order_of_the_dialect() {
        let error = ApiError::new(&codes::NO_TABLE, "no \"x\"\r\n").with_hint("try y");

        assert_eq!(
            error.body(),
            r#"{"code":"PGRST205","details":null,"hint":"try y","message":"no \"x\"\r\n"}"#
        );
    }

    #[test]
    fn details_may_be_a_list() {
        let error = ApiError::new(&codes::AMBIGUOUS_EMBED, "m")
            .with_details(serde_json::json!([{ "cardinality": "many-to-one" }]));

        assert!(
            error
                .body()
                .contains(r#""details":[{"cardinality":"many-to-one"}]"#)
        );
    }

    #[test]
    fn a_denial_asks_the_anonymous_to_sign_in() {
        let error = ApiError::with_status(403, "42501", "permission denied").for_anonymous();

        let response = error.to_response();

        assert_eq!(response.status(), 401);
        assert_eq!(
            response
                .headers()
                .get("www-authenticate")
                .expect("it is there"),
            "Bearer"
        );
        assert_eq!(
            response.headers().get("proxy-status").expect("it is there"),
            "PostgREST; error=42501"
        );
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_left_out() {
        let error = ApiError::new(&codes::JWT, "m").with_header(header::LOCATION, "a\r\nb: c");

        assert!(error.to_response().headers().get("location").is_none());
    }
}
