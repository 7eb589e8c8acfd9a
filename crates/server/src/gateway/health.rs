//! `/health/live`, `/health/ready`, `/metrics` and `/`: for machines that look after the server.
//!
//! They need no key, and tell no more than that it works: no version, no address, no schema.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, web};

use super::app::State;
use crate::config::Metrics;

/// How long the database may take to answer before we call it gone.
const READY_WITHIN: Duration = Duration::from_secs(2);

pub(super) fn routes(config: &mut web::ServiceConfig, exposed: Metrics) {
    config
        .route("/", web::get().to(root))
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready));
    if exposed == Metrics::Open {
        config.route("/metrics", web::get().to(metrics));
    }
}

async fn root() -> HttpResponse {
    status("ok", HttpResponse::Ok())
}

/// The process runs and answers; the database does not matter here.
async fn live() -> HttpResponse {
    status("ok", HttpResponse::Ok())
}

/// Requests would be served: the database answers, and a bundle is loaded (else no start).
async fn ready(state: web::Data<State>) -> HttpResponse {
    match tokio::time::timeout(READY_WITHIN, state.db.ping()).await {
        Ok(Ok(())) => status("ready", HttpResponse::Ok()),
        Ok(Err(_)) | Err(_) => {
            let mut response = HttpResponse::ServiceUnavailable();
            response.insert_header((RETRY_AFTER, "1"));
            status("no database", response)
        }
    }
}

async fn metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(state.telemetry.metrics_text())
}

fn status(text: &str, mut response: actix_web::HttpResponseBuilder) -> HttpResponse {
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({ "status": text }))
}
