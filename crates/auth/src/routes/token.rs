//! `POST /token`: one grant type, one way to a pair of tokens.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Bytes, ServiceConfig};
use postern_base::Secret;
use postern_base::codes::auth as codes;
use serde::Deserialize;

use super::{Entry, Failure};
use crate::{Error, IdTokenGrant, Identifier, Limit, Result, TokenPair};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/token", web::post().to(token));
}

#[derive(Deserialize)]
struct Parameters {
    grant_type: Option<String>,
}

#[derive(Deserialize)]
struct PasswordIn {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
struct RefreshIn {
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct PkceIn {
    auth_code: Option<String>,
    code_verifier: Option<String>,
}

#[derive(Deserialize)]
struct IdTokenIn {
    provider: Option<String>,
    id_token: Option<String>,
    access_token: Option<String>,
    nonce: Option<String>,
    link_identity: Option<bool>,
}

async fn token(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    let pair = run(&entry, &body).await.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(pair))
}

async fn run(entry: &Entry, body: &[u8]) -> Result<TokenPair> {
    let parameters: Parameters = entry.query()?;
    match parameters.grant_type.as_deref() {
        Some("password") => {
            entry.admit(Limit::SignIn, body).await?;
            by_password(entry, entry.json(body)?).await
        }
        Some("refresh_token") => {
            entry.limit(Limit::Refresh).await?;
            by_refresh_token(entry, entry.json(body)?).await
        }
        Some("pkce") => {
            entry.limit(Limit::SignIn).await?;
            by_code(entry, entry.json(body)?).await
        }
        Some("id_token") => {
            entry.admit(Limit::SignIn, body).await?;
            by_id_token(entry, entry.json(body)?).await
        }
        Some("web3") => Err(Error::new(
            &codes::WEB3_PROVIDER_DISABLED,
            "Web3 provider is disabled",
        )),
        _ => Err(Error::new(
            &codes::INVALID_CREDENTIALS,
            "unsupported_grant_type",
        )),
    }
}

async fn by_password(entry: &Entry, given: PasswordIn) -> Result<TokenPair> {
    let identifier = Identifier::parse(given.email.as_deref(), given.phone.as_deref())?;
    let password = Secret::new(given.password.unwrap_or_default());
    let service = &entry.service;
    service
        .sign_in_with_password(&identifier, &password, &entry.context)
        .await
}

async fn by_refresh_token(entry: &Entry, given: RefreshIn) -> Result<TokenPair> {
    match given.refresh_token.as_deref() {
        None | Some("") => {
            let missing = Error::new(&codes::INVALID_REQUEST, "refresh_token required");
            Err(missing.oauth())
        }
        Some(token) => entry.service.refresh(token, &entry.context).await,
    }
}

async fn by_code(entry: &Entry, given: PkceIn) -> Result<TokenPair> {
    let (Some(code), Some(verifier)) = (given.auth_code, given.code_verifier) else {
        return Err(Error::invalid(
            "invalid request: both auth code and code verifier should be non-empty",
        ));
    };
    let service = &entry.service;
    service
        .exchange_code(&code, &verifier, &entry.context)
        .await
}

async fn by_id_token(entry: &Entry, given: IdTokenIn) -> Result<TokenPair> {
    let text = |it: Option<String>| it.filter(|it| !it.is_empty());
    let (Some(provider), Some(id_token)) = (text(given.provider), text(given.id_token)) else {
        return Err(Error::invalid("provider and id_token are required"));
    };
    let grant = IdTokenGrant {
        provider,
        id_token,
        access_token: text(given.access_token),
        nonce: text(given.nonce),
    };
    let caller = match given.link_identity {
        Some(true) => Some(entry.caller().await?),
        _ => None,
    };
    let signed_in = entry
        .service
        .sign_in_with_id_token(&grant, caller.as_ref(), &entry.context);
    signed_in.await
}
