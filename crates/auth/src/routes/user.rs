//! `GET` and `PUT /user`, `GET /reauthenticate`: the signed-in user's own account.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, ServiceConfig};
use postern_base::Secret;
use postern_base::codes::auth as codes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Entry, Failure};
use crate::identifier::parse_email;
use crate::{Challenge, Changes, Error, Limit, Phone, Result, UserOut};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/user", web::get().to(user))
        .route("/user", web::put().to(change))
        .route("/reauthenticate", web::get().to(reauthenticate));
}

/// What clients may write; whatever else they send is not looked at.
#[derive(Deserialize)]
struct ChangesIn {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    current_password: Option<String>,
    nonce: Option<String>,
    data: Option<Map<String, Value>>,
    app_metadata: Option<Value>,
    channel: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

async fn user(entry: Entry) -> Result<HttpResponse, Failure> {
    match run(&entry).await {
        Ok(user) => Ok(HttpResponse::Ok().json(user)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run(entry: &Entry) -> Result<UserOut> {
    let caller = entry.reader().await?;
    entry.service.user_out(&caller.user).await
}

async fn change(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    match run_change(&entry, &body).await {
        Ok(user) => Ok(HttpResponse::Ok().json(user)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run_change(entry: &Entry, body: &[u8]) -> Result<UserOut> {
    let caller = entry.caller().await?;
    let given: ChangesIn = entry.json(body)?;
    if given.app_metadata.is_some() {
        return Err(Error::new(
            &codes::NOT_ADMIN,
            "Updating app_metadata requires admin privileges",
        ));
    }
    let text = |it: Option<String>| it.filter(|it| !it.is_empty());
    let challenge = Challenge::parse(
        given.code_challenge.as_deref(),
        given.code_challenge_method.as_deref(),
    )?;
    let changes = Changes {
        email: text(given.email).map(|it| parse_email(&it)).transpose()?,
        phone: text(given.phone).map(|it| Phone::parse(&it)).transpose()?,
        password: given.password.map(Secret::new),
        current_password: text(given.current_password).map(Secret::new),
        nonce: text(given.nonce),
        data: given.data,
        challenge,
        channel: given.channel.unwrap_or_else(|| "sms".into()),
    };
    let service = &entry.service;
    service.change_user(&caller, changes, &entry.context).await
}

async fn reauthenticate(entry: Entry) -> Result<HttpResponse, Failure> {
    match run_reauthenticate(&entry).await {
        Ok(()) => Ok(HttpResponse::Ok().json(json!({}))),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run_reauthenticate(entry: &Entry) -> Result<()> {
    entry.limit(Limit::Signup).await?;
    let caller = entry.caller().await?;
    entry.service.reauthenticate(&caller, &entry.context).await
}
