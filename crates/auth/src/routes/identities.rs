//! `GET /user/identities/authorize` and `DELETE /user/identities/{id}`.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Path, ServiceConfig};
use postern_base::codes::auth as codes;
use serde_json::json;

use super::{Entry, Failure};
use crate::oauth::Wish;
use crate::{Error, Limit, Result};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/user/identities/authorize", web::get().to(authorize))
        .route("/user/identities/{id}", web::delete().to(unlink));
}

async fn authorize(entry: Entry) -> Result<HttpResponse, Failure> {
    run(&entry).await.map_err(|it| entry.fail(it))
}

async fn run(entry: &Entry) -> Result<HttpResponse> {
    let wish = Wish::parse(entry.request.query_string())?;
    let caller = entry.caller().await?;
    entry.limit(Limit::SignIn).await?;
    let wants_address = wish.wants_address;
    let url = entry
        .service
        .begin_link(&caller, wish, &entry.context)
        .await?;
    Ok(if wants_address {
        HttpResponse::Ok().json(json!({ "url": url }))
    } else {
        HttpResponse::Found()
            .insert_header((LOCATION, url))
            .finish()
    })
}

async fn unlink(entry: Entry, id: Path<String>) -> Result<HttpResponse, Failure> {
    let unlinked = run_unlink(&entry, &id).await;
    unlinked.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn run_unlink(entry: &Entry, id: &str) -> Result<()> {
    let caller = entry.caller().await?;
    let id = id
        .parse()
        .map_err(|_| Error::new(&codes::VALIDATION_FAILED, "identity_id must be an UUID"))?;
    let service = &entry.service;
    service.unlink_identity(&caller, id, &entry.context).await
}
