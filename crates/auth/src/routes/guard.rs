//! Limits and captchas in front of handlers: one line each, and the headers of the answer.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use serde_json::{Map, Value};

use super::Entry;
use crate::{Limit, Result, Standing};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

impl Entry {
    /// Counts the request and checks its captcha; the first line of handlers that strangers may
    /// call with an effect.
    ///
    /// # Errors
    /// `over_request_rate_limit`, `captcha_failed`, or 503 when neither can be told.
    pub async fn admit(&self, limit: Limit, body: &[u8]) -> Result<()> {
        self.limit(limit).await?;
        if self.service.is_admin(self.headers()) {
            return Ok(());
        }
        // Read as values: serde would also take an array for an object (attack 18).
        let body: Map<String, Value> = self.json(body)?;
        let meta = body.get("gotrue_meta_security").and_then(Value::as_object);
        let token = meta.and_then(|it| it.get("captcha_token"));
        let token = token.and_then(Value::as_str);
        self.service.check_captcha(token, &self.context).await
    }

    /// Counts the request by its network address.
    ///
    /// # Errors
    /// `over_request_rate_limit`, or 503 when it cannot be counted.
    pub async fn limit(&self, limit: Limit) -> Result<()> {
        if self.service.is_admin(self.headers()) {
            return Ok(());
        }
        let standing = self.service.count_request(limit, &self.context).await?;
        if let Some(standing) = standing {
            self.request.extensions_mut().insert(standing);
        }
        Ok(())
    }
}

/// Tells a client where it stands with the limit that its request was counted by, in the headers
/// of the IETF's draft: a structured item named after the limit.
pub(super) async fn tell_standing(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    if !response.headers().contains_key(CACHE_CONTROL) {
        // Tokens and users are nobody's to keep; what may be kept says so itself.
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let standing = response.request().extensions().get::<Standing>().copied();
    if let Some(it) = standing {
        let policy = format!("\"{}\";q={};w={}", it.name, it.burst, it.window_secs);
        let left = format!("\"{}\";r={};t={}", it.name, it.remaining, it.reset_secs);
        for (name, text) in [(POLICY, policy), (LEFT, left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}
