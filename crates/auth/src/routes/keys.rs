//! The public keys and the addresses of the service, for whoever verifies its tokens.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use serde_json::json;

use super::{Entry, Failure};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/.well-known/jwks.json", web::get().to(jwks))
        .route(
            "/.well-known/openid-configuration",
            web::get().to(discovery),
        );
}

async fn jwks(entry: Entry) -> Result<HttpResponse, Failure> {
    let ring = entry.service.keys().ring().map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=600"))
        .json(ring.jwks()))
}

async fn discovery(entry: Entry) -> HttpResponse {
    let service = &entry.service;
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=600"))
        .json(json!({
            "issuer": service.own_url("").trim_end_matches('/'),
            "authorization_endpoint": service.own_url("authorize"),
            "token_endpoint": service.own_url("token"),
            "jwks_uri": service.own_url(".well-known/jwks.json"),
            "userinfo_endpoint": service.own_url("user"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
        }))
}
