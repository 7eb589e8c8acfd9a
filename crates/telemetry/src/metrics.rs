//! Counters and histograms in Prometheus's form.
//!
//! Labels come from fixed sets only, so that no client can grow the number of series.
//! SECURITY: no version is among them, because whoever reaches the server may read them.

use std::sync::OnceLock;

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

use crate::Event;
use crate::traffic::{Recent, Traffic};

/// Upper bounds of the duration histogram's buckets, in seconds.
const DURATION_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Asked for a gauge's value when metrics are shown.
pub(crate) type TokenSource = Box<dyn Fn() -> u64 + Send + Sync>;

#[derive(Default)]
struct Asked(OnceLock<TokenSource>);

impl std::fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Asked(…)")
    }
}

#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: Histogram,
    panics: IntCounter,
    bypasses: IntCounter,
    refusals: IntCounterVec,
    failures: IntCounter,
    cached_tokens: IntGauge,
    token_source: Asked,
    reloads: IntCounterVec,
    relations: IntGauge,
    closed_tables: IntCounter,
    task_failures: IntCounterVec,
    shadow: IntCounterVec,
    recent: Recent,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let durations = HistogramOpts::new(
            "postern_http_request_duration_seconds",
            "From the request's head to the answer's first byte.",
        )
        .buckets(DURATION_BUCKETS.to_vec());
        Self {
            requests: counters(
                &registry,
                ("postern_http_requests_total", "Requests answered."),
                &["method", "status"],
            ),
            durations: register(&registry, Histogram::with_opts(durations)),
            panics: counter(&registry, "postern_panics_total", "Panics caught."),
            bypasses: counter(
                &registry,
                "postern_policy_bypasses_total",
                "Requests with the secret key.",
            ),
            refusals: counters(
                &registry,
                ("postern_auth_failures_total", "Keys and tokens refused."),
                &["code"],
            ),
            failures: counter(
                &registry,
                "postern_request_failures_total",
                "Requests that failed inside.",
            ),
            cached_tokens: register(
                &registry,
                IntGauge::new("postern_cached_tokens", "Verified tokens kept."),
            ),
            token_source: Asked::default(),
            reloads: counters(
                &registry,
                ("postern_reloads_total", "Reloads of schema and policies."),
                &["outcome"],
            ),
            relations: register(
                &registry,
                IntGauge::new("postern_catalog_relations", "Relations in the snapshot."),
            ),
            closed_tables: counter(
                &registry,
                "postern_tables_closed_total",
                "Policies that stopped fitting the schema.",
            ),
            task_failures: counters(
                &registry,
                (
                    "postern_task_failures_total",
                    "Failures of background tasks.",
                ),
                &["task"],
            ),
            shadow: counters(
                &registry,
                (
                    "postern_shadow_requests_total",
                    "Requests compared with candidate policies.",
                ),
                &["outcome"],
            ),
            recent: Recent::new(),
            registry,
        }
    }

    pub(crate) fn traffic(&self) -> Traffic {
        self.recent.read()
    }

    pub(crate) fn count(&self, event: &Event<'_>) {
        match *event {
            Event::RequestFinished {
                method,
                status,
                duration,
                panicked,
                ..
            } => {
                let labels = &[method_label(method), status_label(status)];
                self.requests.with_label_values(labels).inc();
                self.durations.observe(duration.as_secs_f64());
                self.recent.note(status, duration);
                self.panics.inc_by(u64::from(panicked));
            }
            Event::PoliciesBypassed { .. } => self.bypasses.inc(),
            Event::CallerRefused { code, .. } => {
                self.refusals.with_label_values(&[code]).inc();
            }
            Event::RequestFailed { .. } => self.failures.inc(),
            Event::SnapshotServed { tables, .. } => {
                self.reloads.with_label_values(&["served"]).inc();
                self.relations
                    .set(i64::try_from(tables).unwrap_or(i64::MAX));
            }
            Event::PoliciesRefused { .. } => {
                self.reloads.with_label_values(&["refused"]).inc();
            }
            Event::TableClosed { .. } => self.closed_tables.inc(),
            Event::TaskFailed { task, .. } => {
                self.task_failures.with_label_values(&[task]).inc();
            }
            Event::ShadowCompared { outcome } => {
                self.shadow.with_label_values(&[outcome]).inc();
            }
            Event::AuthOff
            | Event::Advice { .. }
            | Event::ShadowDiffers { .. }
            | Event::LoginSetting { .. }
            | Event::Started { .. }
            | Event::Stopping
            | Event::Stopped
            | Event::PolicyDiagnostic { .. }
            | Event::MigrationApplied { .. } => {}
        }
    }

    pub(crate) fn ask_cached_tokens(&self, source: TokenSource) {
        // Only one service verifies tokens; a second source would be a mistake of ours.
        let _ = self.token_source.0.set(source);
    }

    pub(crate) fn to_text(&self) -> String {
        if let Some(source) = self.token_source.0.get() {
            self.cached_tokens
                .set(i64::try_from(source()).unwrap_or(i64::MAX));
        }
        let mut bytes = Vec::new();
        // Writing to memory fails only for metrics without samples; those are left out.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    register(registry, IntCounter::new(name, help))
}

fn counters(registry: &Registry, name: (&str, &str), labels: &[&str]) -> IntCounterVec {
    register(
        registry,
        IntCounterVec::new(Opts::new(name.0, name.1), labels),
    )
}

fn register<T>(registry: &Registry, metric: prometheus::Result<T>) -> T
where
    T: prometheus::core::Collector + Clone + 'static,
{
    let metric = metric.expect("INVARIANT: metric names are literals of this file, and valid");
    registry
        .register(Box::new(metric.clone()))
        .expect("INVARIANT: each metric is registered once in a registry of its own");
    metric
}

fn method_label(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"];
    KNOWN.iter().find(|it| **it == method).unwrap_or(&"other")
}

/// A status as text without making one: the set is small.
fn status_label(status: u16) -> &'static str {
    match status {
        101 => "101",
        200 => "200",
        201 => "201",
        204 => "204",
        206 => "206",
        300 => "300",
        304 => "304",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        406 => "406",
        408 => "408",
        409 => "409",
        413 => "413",
        414 => "414",
        416 => "416",
        429 => "429",
        500 => "500",
        503 => "503",
        504 => "504",
        _ => "other",
    }
}
