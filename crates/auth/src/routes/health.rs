//! `GET /health` and `GET /settings`: what a client may know before anybody signs in.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde_json::json;

use super::Entry;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/health", web::get().to(health))
        .route("/settings", web::get().to(settings));
}

/// Names the dialect; our own version is nobody's business (attack 72).
async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "version": "v2",
        "name": "GoTrue",
        "description": "The auth service of Postern, in the dialect of GoTrue",
    }))
}

async fn settings(entry: Entry) -> HttpResponse {
    HttpResponse::Ok().json(entry.service.public_settings())
}
