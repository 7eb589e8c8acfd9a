//! What the log of requests keeps of each.
//!
//! SECURITY: addresses and messages are cleaned before they are kept (attack 81); bodies and
//! headers are not read, but for the client's address.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{Error, HttpMessage, HttpRequest};
use postern_base::Clock;
use postern_http::{ApiError, Finished, TrustedProxies};
use postern_telemetry::requests::{Record, Service, Told, clean_address};
use postern_telemetry::{Telemetry, redact};

use crate::Config;

/// Most bytes of a message that are kept.
const MESSAGE_BYTES_MAX: usize = 600;
/// Most bytes of a code that are kept.
const CODE_BYTES_MAX: usize = 64;
/// What machines ask for all the time, and what pages are made of.
const UNTOLD: [&str; 4] = [
    "/health/",
    "/metrics",
    "/console/assets/",
    "/console/logs/tail",
];

/// Keeps requests.
#[derive(Clone)]
pub(super) struct Memory {
    telemetry: Telemetry,
    clock: Arc<dyn Clock>,
    proxies: TrustedProxies,
}

impl Memory {
    pub(super) fn new(config: &Config, telemetry: &Telemetry, clock: &Arc<dyn Clock>) -> Self {
        Self {
            telemetry: telemetry.clone(),
            clock: Arc::clone(clock),
            proxies: config.people.settings.limits.trusted_proxies.clone(),
        }
    }

    /// Keeps a request, if there is a log.
    pub(super) fn note(&self, finished: &Finished<'_>) {
        let is_told = !UNTOLD.iter().any(|it| finished.path.starts_with(it));
        // Browsers ask before almost every call of an app; nobody looks for that.
        let is_asking = finished.method == Method::OPTIONS && finished.status.is_success();
        if self.telemetry.requests().is_on() && is_told && !is_asking {
            self.telemetry.remember(self.record(finished));
        }
    }

    fn record(&self, finished: &Finished<'_>) -> Record {
        let service = service(finished.path);
        let request = finished.request;
        let (code, message) = finished.error.map(said).unwrap_or_default();
        Record {
            number: 0,
            at: self.clock.now_unix_secs(),
            id: finished.request_id.into(),
            method: finished.method.as_str().into(),
            address: clean_address(service, finished.path, finished.query),
            service,
            status: finished.status.as_u16(),
            code,
            message,
            duration: finished.duration,
            client: request.and_then(|it| {
                let peer = it.peer_addr()?.ip();
                Some(self.proxies.client(peer, it.headers()))
            }),
            received: request.and_then(received),
            sent: finished.sent,
            told: request.and_then(|it| it.extensions_mut().remove::<Told>()),
        }
    }
}

fn service(path: &str) -> Service {
    let below = |base: &str| {
        let rest = path.strip_prefix(base);
        rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    if below("/rest/v1") || below("/policy/v1") {
        Service::Data
    } else if below("/auth/v1") {
        Service::Auth
    } else if below("/console") {
        Service::Console
    } else {
        Service::Other
    }
}

fn received(request: &HttpRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Code and words of a refusal, as far as its caller was told them. Details stay away: they hold
/// values of rows.
fn said(error: &Error) -> (Option<Box<str>>, Option<Box<str>>) {
    let (code, message) = if let Some(error) = error.as_error::<ApiError>() {
        (error.code(), error.message())
    } else if let Some(error) = error.as_error::<postern_auth::routes::Failure>() {
        (error.code(), error.message())
    } else {
        return (None, None);
    };
    let kept = |text: &str, most: usize| -> Box<str> {
        let text = redact(text);
        text[..text.floor_char_boundary(most)].into()
    };
    (
        Some(kept(code, CODE_BYTES_MAX)),
        Some(kept(message, MESSAGE_BYTES_MAX)),
    )
}
