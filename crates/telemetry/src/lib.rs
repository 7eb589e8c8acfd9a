//! What the program can report: one enum of events, and what logs and metrics make of each.
//!
//! Nobody else logs or counts: a caller says what happened ([`Event`]), and [`Telemetry`] decides
//! at which level it is logged and which counters it moves. Events never hold secrets, tokens,
//! bodies or query strings. The last requests are kept in memory for the console ([`requests`]).

mod event;
mod log;
mod metrics;
mod redact;
pub mod requests;
mod traffic;

use std::sync::Arc;

pub use event::Event;
pub use log::{Format, init_logging, init_quiet_logging};
pub use redact::redact;
pub use traffic::{Minute, Traffic};

use metrics::Metrics;
use requests::{DenialCount, Denials, Record, RequestLog};

/// Takes reports; cheap to clone and shared by everything that runs.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    metrics: Metrics,
    requests: RequestLog,
    denials: Denials,
}

impl Telemetry {
    /// Makes a telemetry with all counters at zero that keeps no requests.
    pub fn new() -> Self {
        Self::keeping(0)
    }

    /// Makes a telemetry that keeps so many requests.
    pub fn keeping(requests_max: usize) -> Self {
        Self(Arc::new(Shared {
            metrics: Metrics::new(),
            requests: RequestLog::new(requests_max),
            denials: Denials::default(),
        }))
    }

    /// Logs and counts what happened.
    pub fn report(&self, event: &Event<'_>) {
        self.0.metrics.count(event);
        log::write(event);
    }

    /// The last requests.
    pub fn requests(&self) -> &RequestLog {
        &self.0.requests
    }

    /// Keeps a request, and counts it where policies denied it.
    pub fn remember(&self, record: Record) {
        self.0.denials.note(&record);
        self.0.requests.keep(record);
    }

    /// What policies denied most often since the server started.
    pub fn top_denials(&self, limit: usize) -> Vec<DenialCount> {
        self.0.denials.top(limit)
    }

    /// What was asked for in the last hour.
    pub fn traffic(&self) -> Traffic {
        self.0.metrics.traffic()
    }

    /// Says where to ask, whenever metrics are shown, how many verified tokens are kept. The first
    /// source stays.
    pub fn ask_cached_tokens(&self, source: impl Fn() -> u64 + Send + Sync + 'static) {
        self.0.metrics.ask_cached_tokens(Box::new(source));
    }

    /// All metrics in Prometheus's text format.
    pub fn metrics_text(&self) -> String {
        self.0.metrics.to_text()
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn requests_are_counted_by_method_and_status() {
        let telemetry = Telemetry::new();
        let event = Event::RequestFinished {
            method: "GET",
            status: 404,
            duration: Duration::from_millis(3),
            request_id: "r1",
            panicked: false,
        };

        telemetry.report(&event);
        telemetry.clone().report(&event);

        let text = telemetry.metrics_text();
        let line = r#"postern_http_requests_total{method="GET",status="404"} 2"#;
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("postern_http_request_duration_seconds_count"),
            "{text}"
        );
    }

    #[test]
    fn refused_callers_and_failures_are_counted() {
        let telemetry = Telemetry::new();

        telemetry.report(&Event::CallerRefused {
            code: "PGRST303",
            request_id: "r1",
        });
        telemetry.report(&Event::RequestFailed {
            error: "the connection was lost",
            request_id: "r2",
        });
        telemetry.ask_cached_tokens(|| 7);

        let text = telemetry.metrics_text();
        for line in [
            "postern_auth_failures_total{code=\"PGRST303\"} 1",
            "postern_request_failures_total 1",
            "postern_cached_tokens 7",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn odd_methods_share_one_label() {
        let telemetry = Telemetry::new();
        telemetry.report(&Event::RequestFinished {
            method: "BREW",
            status: 405,
            duration: Duration::ZERO,
            request_id: "r1",
            panicked: false,
        });

        assert!(telemetry.metrics_text().contains(r#"method="other""#));
    }

    #[test]
    fn reloads_and_panics_are_counted() {
        let telemetry = Telemetry::new();

        telemetry.report(&Event::PoliciesRefused { errors: 3 });
        telemetry.report(&Event::SnapshotServed {
            tables: 7,
            bundle: "abc",
            duration: Duration::from_millis(5),
        });

        let text = telemetry.metrics_text();
        assert!(
            text.contains("postern_reloads_total{outcome=\"refused\"} 1"),
            "{text}"
        );
        assert!(
            text.contains("postern_reloads_total{outcome=\"served\"} 1"),
            "{text}"
        );
    }
}
