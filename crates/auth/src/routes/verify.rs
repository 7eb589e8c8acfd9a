//! `/verify`: a client's `POST` with JSON, and the page behind a mailed link with its button.
//!
//! `GET` shows the page and changes nothing, since mail scanners follow links (attack 35). The
//! page's button posts a form to the same address, from the same origin only.

mod page;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Bytes, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::{Entry, Failure};
use crate::{Fields, Limit, Result, Shown, Verified};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/verify", web::get().to(page::show))
        .route("/verify", web::head().to(page::show))
        .route("/verify", web::post().to(verify));
}

#[derive(Deserialize)]
struct VerifyIn {
    #[serde(rename = "type")]
    kind: Option<String>,
    token: Option<String>,
    token_hash: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

async fn verify(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    let media_type = entry.headers().get("content-type");
    let media_type = media_type.and_then(|it| it.to_str().ok());
    if media_type.is_some_and(|it| it.starts_with("application/x-www-form-urlencoded")) {
        return Ok(page::follow(entry, &body).await);
    }
    match run(&entry, &body).await {
        Ok(Verified::In(pair)) => Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(pair)),
        // The dialect writes this one status as text.
        Ok(Verified::Half(message)) => {
            Ok(HttpResponse::Ok().json(json!({ "msg": message, "code": "200" })))
        }
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run(entry: &Entry, body: &[u8]) -> Result<Verified> {
    entry.admit(Limit::Verify, body).await?;
    let given: VerifyIn = entry.json(body)?;
    let fields = Fields {
        kind: given.kind.as_deref().unwrap_or_default(),
        token: given.token.as_deref().unwrap_or_default(),
        token_hash: given.token_hash.as_deref().unwrap_or_default(),
        email: given.email.as_deref().unwrap_or_default(),
        phone: given.phone.as_deref().unwrap_or_default(),
    };
    let shown = Shown::parse(&fields)?;
    entry.service.verify(&shown, &entry.context).await
}
