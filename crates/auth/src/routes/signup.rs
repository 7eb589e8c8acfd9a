//! `POST /signup`.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, ServiceConfig};
use postern_base::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Entry, Failure};
use crate::{Challenge, Identifier, Limit, NewAccount, Result, SignedUp};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/signup", web::post().to(sign_up));
}

#[derive(Deserialize)]
struct SignupIn {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    data: Option<Map<String, Value>>,
    channel: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

async fn sign_up(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    match run(&entry, &body).await {
        Ok(SignedUp::In(pair)) => Ok(HttpResponse::Ok().json(pair)),
        Ok(SignedUp::ToConfirm(user)) => Ok(HttpResponse::Ok().json(user)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run(entry: &Entry, body: &[u8]) -> Result<SignedUp> {
    let given: SignupIn = entry.json(body)?;
    let is_given = |it: &Option<String>| it.as_deref().is_some_and(|it| !it.is_empty());
    let data = given.data.unwrap_or_default();
    if !is_given(&given.email) && !is_given(&given.phone) {
        entry.admit(Limit::Anonymous, body).await?;
        let signed_up = entry.service.sign_up_anonymously(data, &entry.context);
        return Ok(SignedUp::In(Box::new(signed_up.await?)));
    }
    entry.admit(Limit::Signup, body).await?;
    let account = NewAccount {
        identifier: Identifier::parse(given.email.as_deref(), given.phone.as_deref())?,
        password: Secret::new(given.password.unwrap_or_default()),
        data,
        challenge: Challenge::parse(
            given.code_challenge.as_deref(),
            given.code_challenge_method.as_deref(),
        )?,
        channel: given.channel.unwrap_or_else(|| "sms".into()),
    };
    entry.service.sign_up(account, &entry.context).await
}
