//! Calls a hook and reads its answer: five seconds, a bounded answer, one form of refusal.
//!
//! SECURITY: what a hook decides fails closed. A hook that cannot be reached, answers too late, too
//! much or something else than JSON lets nobody in.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::{CONTENT_TYPE, HeaderName};
use postern_base::codes::auth as codes;
use postern_db::own::OwnDb;
use postern_outbound::{Error as OutboundError, Outbound, Request, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{HookPoint, HookTarget, SigningKeys};
use crate::settings::Hooks;
use crate::wire::timestamp;
use crate::{Error, Result};

/// How long a hook may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer in bytes.
const ANSWER_BYTES_MAX: usize = 200 * 1024;
/// Longest message of a hook that is passed on, in characters.
const MESSAGE_CHARS_MAX: usize = 500;
/// Most calls that nobody waits for, at once.
const BACKGROUND_MAX: usize = 32;

/// Who calls hooks; cheap to clone.
#[derive(Clone)]
pub(crate) struct HookCaller {
    outbound: Outbound,
    db: OwnDb,
    hooks: Arc<Hooks>,
    background: Arc<Semaphore>,
}

/// From where and when a hook is called, for its metadata.
#[derive(Clone, Debug)]
pub(crate) struct Occasion {
    /// The client's address; empty where no request is behind it.
    pub(crate) ip_address: String,
    /// The time.
    pub(crate) now: OffsetDateTime,
}

impl HookCaller {
    /// Makes the caller of these hooks.
    pub(crate) fn new(outbound: Outbound, db: OwnDb, hooks: Hooks) -> Self {
        Self {
            outbound,
            db,
            hooks: Arc::new(hooks),
            background: Arc::new(Semaphore::new(BACKGROUND_MAX)),
        }
    }

    /// Whether anything is called at this place.
    pub(crate) fn has(&self, point: HookPoint) -> bool {
        self.hooks.targets.contains_key(&point)
    }

    /// Calls the hook of a place; nothing where there is none.
    ///
    /// # Errors
    /// When the hook refuses, or does not answer as it should.
    pub(crate) async fn call(
        &self,
        point: HookPoint,
        payload: Value,
        occasion: &Occasion,
    ) -> Result<Option<Value>> {
        let Some(target) = self.hooks.targets.get(&point) else {
            return Ok(None);
        };
        let id = Uuid::new_v4().to_string();
        let payload = with_metadata(payload, point, &id, occasion);
        let answer = match target {
            HookTarget::Http { url, keys } => {
                let message = Message {
                    id,
                    now: occasion.now,
                    payload,
                };
                self.post(url, keys, &message).await
            }
            HookTarget::Function { schema, name } => {
                let called = self.db.call_hook(schema, name, &payload, TIMEOUT);
                called.await.map_err(of_database)
            }
        };
        let answer = answer.inspect_err(|error| {
            let inner = error.inner().map(ToString::to_string);
            tracing::warn!(hook = point.key(), %error, inner, "a hook failed");
        })?;
        match refusal(&answer) {
            Some(refused) => Err(refused),
            None => Ok(Some(answer)),
        }
    }

    /// Calls a hook that decides nothing, without anybody waiting for it: the time of an answer
    /// then tells nothing either.
    pub(crate) fn tell(&self, point: HookPoint, payload: Value, occasion: Occasion) {
        if !self.has(point) {
            return;
        }
        let Ok(place) = Arc::clone(&self.background).try_acquire_owned() else {
            tracing::warn!(
                hook = point.key(),
                "a hook was not told: too many calls are open"
            );
            return;
        };
        let caller = self.clone();
        tokio::spawn(async move {
            // Failures are logged where they happen.
            let _ = caller.call(point, payload, &occasion).await;
            drop(place);
        });
    }

    /// Posts signed JSON; the sender of texts by HTTP uses it as well.
    pub(crate) async fn post(
        &self,
        url: &str,
        keys: &SigningKeys,
        message: &Message,
    ) -> Result<Value> {
        let body = message.payload.to_string();
        let unix_secs = message.now.unix_timestamp();
        let header = |text: &str| {
            let value = HeaderValue::from_str(text);
            value.map_err(|error| Error::internal("A hook could not be called", error))
        };
        let request = Request::post(url)
            .accept_json()
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(HeaderName::from_static("webhook-id"), header(&message.id)?)
            .header(
                HeaderName::from_static("webhook-timestamp"),
                header(&unix_secs.to_string())?,
            )
            .header(
                HeaderName::from_static("webhook-signature"),
                header(&keys.sign(&message.id, unix_secs, body.as_bytes()))?,
            )
            .timeout(TIMEOUT)
            .response_bytes_max(ANSWER_BYTES_MAX)
            .body(body);
        let answer = self.outbound.request(request).await;
        read(&answer.map_err(of_outbound)?)
    }
}

/// What is posted.
pub(crate) struct Message {
    /// The same for each try at the same thing, so that the receiver can tell.
    pub(crate) id: String,
    /// When.
    pub(crate) now: OffsetDateTime,
    /// What.
    pub(crate) payload: Value,
}

fn with_metadata(mut payload: Value, point: HookPoint, id: &str, occasion: &Occasion) -> Value {
    payload["metadata"] = json!({
        "uuid": id,
        "time": timestamp(occasion.now),
        "name": point.wire_name(),
        "ip_address": occasion.ip_address,
    });
    payload
}

/// Reads an answer of the web.
fn read(answer: &Response) -> Result<Value> {
    let is_json = answer
        .headers
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.trim_start().starts_with("application/json"));
    if answer.status.as_u16() == 204 || (answer.status.is_success() && answer.body.is_empty()) {
        return Ok(json!({}));
    }
    if !is_json {
        return Err(Error::new(
            &codes::HOOK_PAYLOAD_INVALID,
            "Invalid JSON response. Received content-type that is not application/json",
        ));
    }
    let value: Value = answer.json().map_err(of_outbound)?;
    if value.get("error").is_some_and(|it| !it.is_null()) || answer.status.is_success() {
        return if value.is_object() {
            Ok(value)
        } else {
            Err(no_object())
        };
    }
    let status = OutboundError::Status {
        host: answer.host().to_owned(),
        status: answer.status,
    };
    Err(of_outbound(status))
}

/// The refusal that an answer holds: `{"error": {"http_code": 403, "message": "…"}}`.
fn refusal(answer: &Value) -> Option<Error> {
    if !answer.is_object() {
        return Some(no_object());
    }
    let error = answer.get("error").filter(|it| !it.is_null())?;
    let message = error
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let message: String = message.chars().take(MESSAGE_CHARS_MAX).collect();
    let message = if message.is_empty() {
        "A hook refused the request".into()
    } else {
        message
    };
    let status = error.get("http_code").and_then(Value::as_u64);
    let status = status.and_then(|it| u16::try_from(it).ok());
    // Nothing but a refusal: a hook cannot make a success of it.
    let status = status.filter(|it| (400..=599).contains(it)).unwrap_or(500);
    Some(Error::new(&codes::HOOK_REFUSED, message).with_status(status))
}

fn no_object() -> Error {
    Error::new(
        &codes::HOOK_PAYLOAD_INVALID,
        "A hook's answer is not a JSON object",
    )
}

fn timed_out() -> Error {
    Error::new(
        &codes::HOOK_TIMEOUT,
        "Failed to reach hook within maximum time of 5 seconds",
    )
}

fn of_outbound(error: OutboundError) -> Error {
    match error {
        OutboundError::Timeout { .. } => timed_out(),
        OutboundError::TooLarge { .. } => Error::new(
            &codes::HOOK_PAYLOAD_OVER_SIZE_LIMIT,
            "Payload size of a hook's answer exceeded the limit of 200 KB",
        ),
        OutboundError::Json { .. } => no_object(),
        other => Error::internal("Error running hook", other),
    }
}

fn of_database(error: postern_db::Error) -> Error {
    match error.refused() {
        Some(("57014", _)) => timed_out(),
        Some(_) => Error::internal("Error running hook", error),
        None => Error::from(error),
    }
}
