//! `/factors/recovery-codes`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Bytes, ServiceConfig};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Entry, Failure};
use crate::mfa::{RecoveryCodesOut, RecoveryStatusOut};
use crate::{Limit, Result, TokenPair};

const PATH: &str = "/factors/recovery-codes";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route(PATH, web::get().to(status))
        .route(PATH, web::post().to(generate))
        .route(PATH, web::delete().to(unenrol))
        .route("/factors/recovery-codes/verify", web::post().to(verify))
        .route(
            "/factors/recovery-codes/regenerate",
            web::post().to(regenerate),
        );
}

#[derive(Deserialize)]
struct GenerateIn {
    friendly_name: Option<String>,
}

#[derive(Deserialize)]
struct VerifyIn {
    code: Option<String>,
}

/// Answers with what must not be kept on the way.
fn answer(entry: &Entry, result: Result<impl Serialize>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(result.map_err(|it| entry.fail(it))?))
}

async fn status(entry: Entry) -> Result<HttpResponse, Failure> {
    answer(&entry, run_status(&entry).await)
}

async fn run_status(entry: &Entry) -> Result<RecoveryStatusOut> {
    let caller = entry.caller().await?;
    entry.service.recovery_status(&caller).await
}

async fn generate(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, run_generate(&entry, &body).await)
}

async fn run_generate(entry: &Entry, body: &[u8]) -> Result<RecoveryCodesOut> {
    let given: GenerateIn = entry.json(body)?;
    let caller = entry.caller().await?;
    let name = given.friendly_name.as_deref();
    let service = &entry.service;
    service
        .generate_recovery_codes(&caller, name, &entry.context)
        .await
}

async fn regenerate(entry: Entry) -> Result<HttpResponse, Failure> {
    answer(&entry, run_regenerate(&entry).await)
}

async fn run_regenerate(entry: &Entry) -> Result<RecoveryCodesOut> {
    let caller = entry.caller().await?;
    let service = &entry.service;
    service
        .regenerate_recovery_codes(&caller, &entry.context)
        .await
}

async fn verify(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, run_verify(&entry, &body).await)
}

async fn run_verify(entry: &Entry, body: &[u8]) -> Result<TokenPair> {
    entry.limit(Limit::Verify).await?;
    let given: VerifyIn = entry.json(body)?;
    let caller = entry.caller().await?;
    let code = given.code.unwrap_or_default();
    let service = &entry.service;
    service
        .verify_recovery_code(&caller, &code, &entry.context)
        .await
}

async fn unenrol(entry: Entry) -> Result<HttpResponse, Failure> {
    answer(&entry, run_unenrol(&entry).await)
}

async fn run_unenrol(entry: &Entry) -> Result<Value> {
    let caller = entry.caller().await?;
    let service = &entry.service;
    let id = service
        .unenrol_recovery_codes(&caller, &entry.context)
        .await?;
    Ok(json!({ "id": id }))
}
