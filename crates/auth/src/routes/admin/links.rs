//! `POST /admin/generate_link` and `POST /invite`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Bytes, ServiceConfig};
use postern_base::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Entry, Failure, check};
use crate::admin::{LinkKind, LinkOut, LinkWish};
use crate::identifier::parse_email;
use crate::{Result, UserOut};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/admin/generate_link", web::post().to(generate))
        .route("/invite", web::post().to(invite));
}

#[derive(Deserialize)]
struct LinkIn {
    r#type: Option<String>,
    email: Option<String>,
    new_email: Option<String>,
    password: Option<String>,
    data: Option<Map<String, Value>>,
    redirect_to: Option<String>,
}

#[derive(Deserialize)]
struct InviteIn {
    email: Option<String>,
    data: Option<Map<String, Value>>,
}

async fn generate(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    match generate_run(&entry, &body).await {
        Ok(link) => Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(link)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn generate_run(entry: &Entry, body: &[u8]) -> Result<LinkOut> {
    check(entry)?;
    let given: LinkIn = entry.json(body)?;
    let new_email = given.new_email.filter(|it| !it.is_empty());
    let wish = LinkWish {
        kind: LinkKind::parse(&given.r#type.unwrap_or_default())?,
        email: parse_email(&given.email.unwrap_or_default())?,
        new_email: new_email.as_deref().map(parse_email).transpose()?,
        password: given.password.map(Secret::new),
        data: given.data.unwrap_or_default(),
    };
    let mut context = entry.context.clone();
    context.redirect_to = context.redirect_to.or(given.redirect_to);
    entry.service.generate_link(wish, &context).await
}

async fn invite(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    match invite_run(&entry, &body).await {
        Ok(user) => Ok(HttpResponse::Ok().json(user)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn invite_run(entry: &Entry, body: &[u8]) -> Result<UserOut> {
    check(entry)?;
    let given: InviteIn = entry.json(body)?;
    let email = parse_email(&given.email.unwrap_or_default())?;
    let data = given.data.unwrap_or_default();
    entry.service.invite(&email, data, &entry.context).await
}
