//! `/passkeys`: registering, signing in, managing.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Bytes, Path, ServiceConfig};
use postern_base::codes::auth as codes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Entry, Failure};
use crate::passkeys::CeremonyOut;
use crate::store::Passkey;
use crate::{Error, Limit, Result, TokenPair};

pub(super) fn routes(config: &mut ServiceConfig) {
    let registration = "/passkeys/registration";
    let authentication = "/passkeys/authentication";
    let at = |base: &str, step: &str| format!("{base}/{step}");
    config
        .route(&at(registration, "options"), web::post().to(begin))
        .route(&at(registration, "verify"), web::post().to(finish))
        .route(
            &at(authentication, "options"),
            web::post().to(begin_sign_in),
        )
        .route(&at(authentication, "verify"), web::post().to(sign_in))
        // The clients ask with and without the slash.
        .route("/passkeys", web::get().to(list))
        .route("/passkeys/", web::get().to(list))
        .route("/passkeys/{id}", web::patch().to(rename))
        .route("/passkeys/{id}", web::delete().to(delete));
}

#[derive(Deserialize)]
struct FinishIn {
    challenge_id: Option<String>,
    credential: Option<Value>,
}

#[derive(Deserialize)]
struct RenameIn {
    friendly_name: Option<String>,
}

fn answer(entry: &Entry, result: Result<impl Serialize>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(result.map_err(|it| entry.fail(it))?))
}

async fn begin(entry: Entry) -> Result<HttpResponse, Failure> {
    answer(&entry, run_begin(&entry).await)
}

async fn run_begin(entry: &Entry) -> Result<CeremonyOut> {
    let caller = entry.caller().await?;
    let service = &entry.service;
    service
        .begin_passkey_registration(&caller, &entry.context)
        .await
}

async fn finish(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, run_finish(&entry, &body).await)
}

async fn run_finish(entry: &Entry, body: &[u8]) -> Result<Value> {
    let (challenge, credential) = finished(entry.json(body)?)?;
    let caller = entry.caller().await?;
    let service = &entry.service;
    let passkey = service
        .finish_passkey_registration(&caller, challenge, credential, &entry.context)
        .await?;
    Ok(passkey.to_wire())
}

async fn begin_sign_in(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, run_begin_sign_in(&entry, &body).await)
}

async fn run_begin_sign_in(entry: &Entry, body: &[u8]) -> Result<CeremonyOut> {
    entry.admit(Limit::SignIn, body).await?;
    entry.service.begin_passkey_sign_in(&entry.context).await
}

async fn sign_in(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, run_sign_in(&entry, &body).await)
}

async fn run_sign_in(entry: &Entry, body: &[u8]) -> Result<TokenPair> {
    entry.limit(Limit::SignIn).await?;
    let (challenge, credential) = finished(entry.json(body)?)?;
    let service = &entry.service;
    service
        .finish_passkey_sign_in(challenge, credential, &entry.context)
        .await
}

async fn list(entry: Entry) -> Result<HttpResponse, Failure> {
    answer(&entry, run_list(&entry).await)
}

async fn run_list(entry: &Entry) -> Result<Vec<Value>> {
    let caller = entry.caller().await?;
    let passkeys = entry.service.passkeys(&caller).await?;
    Ok(passkeys.iter().map(Passkey::to_wire).collect())
}

async fn rename(entry: Entry, id: Path<String>, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, run_rename(&entry, &id, &body).await)
}

async fn run_rename(entry: &Entry, id: &str, body: &[u8]) -> Result<Value> {
    let given: RenameIn = entry.json(body)?;
    let caller = entry.caller().await?;
    let name = given.friendly_name.unwrap_or_default();
    let service = &entry.service;
    let renamed = service
        .rename_passkey(&caller, passkey_id(id)?, &name, &entry.context)
        .await?;
    Ok(renamed.to_wire())
}

async fn delete(entry: Entry, id: Path<String>) -> Result<HttpResponse, Failure> {
    run_delete(&entry, &id).await.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::NoContent().finish())
}

async fn run_delete(entry: &Entry, id: &str) -> Result<()> {
    let caller = entry.caller().await?;
    let service = &entry.service;
    service
        .delete_passkey(&caller, passkey_id(id)?, &entry.context)
        .await
}

fn finished(given: FinishIn) -> Result<(Uuid, Value)> {
    let challenge = given.challenge_id.and_then(|it| it.parse().ok());
    match (challenge, given.credential) {
        (Some(challenge), Some(credential)) => Ok((challenge, credential)),
        _ => Err(Error::invalid("challenge_id and credential are required")),
    }
}

fn passkey_id(text: &str) -> Result<Uuid> {
    text.parse()
        .map_err(|_| Error::new(&codes::WEBAUTHN_CREDENTIAL_NOT_FOUND, "Passkey not found"))
}
