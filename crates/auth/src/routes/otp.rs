//! `POST /otp`, `/magiclink`, `/recover`, `/resend` and `GET /reauthenticate`: letters.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, ServiceConfig};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Entry, Failure};
use crate::identifier::parse_email;
use crate::{Challenge, CodeWish, Identifier, Limit, Resent, Result};

/// How long an answer takes at least: longer than the work behind it usually does.
const AT_LEAST: Duration = Duration::from_millis(40);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/otp", web::post().to(otp))
        .route("/magiclink", web::post().to(magic_link))
        .route("/recover", web::post().to(recover))
        .route("/resend", web::post().to(resend));
}

#[derive(Deserialize)]
struct OtpIn {
    email: Option<String>,
    phone: Option<String>,
    create_user: Option<bool>,
    data: Option<Map<String, Value>>,
    channel: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

#[derive(Deserialize)]
struct MagicLinkIn {
    email: Option<String>,
    data: Option<Map<String, Value>>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

#[derive(Deserialize)]
struct RecoverIn {
    email: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

#[derive(Deserialize)]
struct ResendIn {
    #[serde(rename = "type")]
    kind: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

async fn otp(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, evenly(send_otp(&entry, &body)).await)
}

async fn magic_link(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, evenly(send_magic_link(&entry, &body)).await)
}

async fn recover(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, evenly(send_recovery(&entry, &body)).await)
}

async fn resend(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, evenly(send_again(&entry, &body)).await)
}

/// Answers no sooner than after a fixed time.
///
/// SECURITY: a letter to somebody costs the database a little more than none to nobody. Where all
/// answers take as long, that does not show (attack 38).
async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let (done, ()) = tokio::join!(work, tokio::time::sleep(AT_LEAST));
    done
}

/// One answer to all of them: it tells nothing of who is there.
fn answer(entry: &Entry, done: Result<()>) -> Result<HttpResponse, Failure> {
    match done {
        Ok(()) => Ok(HttpResponse::Ok().json(json!({}))),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn send_otp(entry: &Entry, body: &[u8]) -> Result<()> {
    entry.admit(Limit::Signup, body).await?;
    let given: OtpIn = entry.json(body)?;
    let wish = CodeWish {
        identifier: Identifier::parse(given.email.as_deref(), given.phone.as_deref())?,
        create_user: given.create_user.unwrap_or(true),
        data: given.data.unwrap_or_default(),
        challenge: challenge(&given.code_challenge, &given.code_challenge_method)?,
        channel: given.channel.unwrap_or_else(|| "sms".into()),
    };
    entry.service.send_code(&wish, &entry.context).await
}

async fn send_magic_link(entry: &Entry, body: &[u8]) -> Result<()> {
    entry.admit(Limit::Signup, body).await?;
    let given: MagicLinkIn = entry.json(body)?;
    let wish = CodeWish {
        identifier: Identifier::parse(given.email.as_deref(), None)?,
        create_user: true,
        data: given.data.unwrap_or_default(),
        challenge: challenge(&given.code_challenge, &given.code_challenge_method)?,
        channel: String::new(),
    };
    entry.service.send_code(&wish, &entry.context).await
}

async fn send_recovery(entry: &Entry, body: &[u8]) -> Result<()> {
    entry.admit(Limit::Signup, body).await?;
    let given: RecoverIn = entry.json(body)?;
    let address = parse_email(given.email.as_deref().unwrap_or_default())?;
    let challenge = challenge(&given.code_challenge, &given.code_challenge_method)?;
    let service = &entry.service;
    service
        .recover(address, challenge.as_ref(), &entry.context)
        .await
}

async fn send_again(entry: &Entry, body: &[u8]) -> Result<()> {
    entry.admit(Limit::Signup, body).await?;
    let given: ResendIn = entry.json(body)?;
    let letter = Resent::parse(given.kind.as_deref().unwrap_or_default())?;
    let identifier = Identifier::parse(given.email.as_deref(), given.phone.as_deref())?;
    let challenge = challenge(&given.code_challenge, &given.code_challenge_method)?;
    let service = &entry.service;
    service
        .resend(letter, &identifier, challenge.as_ref(), &entry.context)
        .await
}

fn challenge(challenge: &Option<String>, method: &Option<String>) -> Result<Option<Challenge>> {
    Challenge::parse(challenge.as_deref(), method.as_deref())
}
