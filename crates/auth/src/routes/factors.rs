//! `/factors`: second factors of the signed-in user.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Bytes, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Entry, Failure};
use crate::mfa::{Answer, ChallengeOut, EnrolledOut, NewFactor, factor_id};
use crate::{Error, Limit, Result, TokenPair};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/factors", web::post().to(enrol))
        .route("/factors/{id}", web::delete().to(unenrol))
        .route("/factors/{id}/challenge", web::post().to(challenge))
        .route("/factors/{id}/verify", web::post().to(verify));
}

#[derive(Deserialize)]
struct EnrolIn {
    friendly_name: Option<String>,
    factor_type: Option<String>,
    issuer: Option<String>,
    phone: Option<String>,
}

#[derive(Deserialize)]
struct ChallengeIn {
    channel: Option<String>,
}

#[derive(Deserialize)]
struct VerifyIn {
    challenge_id: Option<String>,
    code: Option<String>,
    webauthn: Option<Value>,
}

async fn enrol(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    let enrolled = run_enrol(&entry, &body).await;
    // The secret of the answer is shown once and kept by nobody in between.
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(enrolled.map_err(|it| entry.fail(it))?))
}

async fn run_enrol(entry: &Entry, body: &[u8]) -> Result<EnrolledOut> {
    let given: EnrolIn = entry.json(body)?;
    let caller = entry.caller().await?;
    let new = NewFactor {
        kind: given.factor_type.unwrap_or_default(),
        friendly_name: given.friendly_name,
        issuer: given.issuer,
        phone: given.phone,
    };
    let service = &entry.service;
    service.enrol_factor(&caller, new, &entry.context).await
}

async fn challenge(entry: Entry, id: Path<String>, body: Bytes) -> Result<HttpResponse, Failure> {
    match run_challenge(&entry, &id, &body).await {
        Ok(challenge) => Ok(HttpResponse::Ok().json(challenge)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run_challenge(entry: &Entry, id: &str, body: &[u8]) -> Result<ChallengeOut> {
    let given: ChallengeIn = entry.json(body)?;
    let caller = entry.caller().await?;
    let channel = match given.channel.as_deref() {
        None | Some("" | "sms") => "sms",
        Some("whatsapp") => "whatsapp",
        Some(_) => return Err(Error::invalid("Invalid channel, supported: sms, whatsapp")),
    };
    let service = &entry.service;
    service
        .challenge_factor(&caller, factor_id(id)?, channel, &entry.context)
        .await
}

async fn verify(entry: Entry, id: Path<String>, body: Bytes) -> Result<HttpResponse, Failure> {
    let pair = run_verify(&entry, &id, &body).await;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(pair.map_err(|it| entry.fail(it))?))
}

async fn run_verify(entry: &Entry, id: &str, body: &[u8]) -> Result<TokenPair> {
    entry.limit(Limit::Verify).await?;
    let given: VerifyIn = entry.json(body)?;
    let caller = entry.caller().await?;
    let challenge = given.challenge_id.unwrap_or_default();
    let answer = Answer {
        challenge: challenge
            .parse()
            .map_err(|_| Error::invalid("challenge_id must be an UUID"))?,
        code: given.code,
        webauthn: given.webauthn,
    };
    let service = &entry.service;
    service
        .verify_factor(&caller, factor_id(id)?, answer, &entry.context)
        .await
}

async fn unenrol(entry: Entry, id: Path<String>) -> Result<HttpResponse, Failure> {
    match run_unenrol(&entry, &id).await {
        Ok(answer) => Ok(HttpResponse::Ok().json(answer)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run_unenrol(entry: &Entry, id: &str) -> Result<Value> {
    let caller = entry.caller().await?;
    let id = factor_id(id)?;
    let service = &entry.service;
    service.unenrol_factor(&caller, id, &entry.context).await?;
    Ok(json!({ "id": id }))
}
