//! `GET /authorize` and `GET`/`POST /callback`: pages that a browser visits.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE};
use actix_web::web::{self, Bytes, ServiceConfig};
use url::form_urlencoded::{self, Serializer};

use super::{Entry, Failure};
use crate::oauth::{Answer, Departure, Landing, Wish};
use crate::{Limit, Result};

/// What a provider may send back by a form.
const ANSWER_FIELDS: &[&str] = &["state", "code", "iss", "error", "error_description", "user"];
/// Longest field of such a form.
const FIELD_BYTES_MAX: usize = 4096;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/authorize", web::get().to(authorize))
        .route("/callback", web::get().to(callback))
        .route("/callback", web::post().to(callback_by_form));
}

async fn authorize(entry: Entry) -> Result<HttpResponse, Failure> {
    let departure = run(&entry).await.map_err(|it| entry.fail(it))?;
    Ok(depart(&entry, &departure))
}

async fn run(entry: &Entry) -> Result<Departure> {
    let wish = Wish::parse(entry.request.query_string())?;
    // An unknown provider costs no database work, not even that of the limit (attack 30).
    entry.service.knows_provider(&wish)?;
    entry.limit(Limit::SignIn).await?;
    let cookie = cookie(entry);
    let departed = entry.service.depart(wish, cookie, &entry.context);
    departed.await
}

/// A redirect that ties the browser to its way back.
pub(super) fn depart(entry: &Entry, departure: &Departure) -> HttpResponse {
    let cookie = entry.service.journey_cookie_header(&departure.cookie);
    HttpResponse::Found()
        .insert_header((LOCATION, departure.url.as_str()))
        .insert_header((SET_COOKIE, cookie))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}

async fn callback(entry: Entry) -> Result<HttpResponse, Failure> {
    let landing = land(&entry).await.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, landing.url))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish())
}

async fn land(entry: &Entry) -> Result<Landing> {
    entry.limit(Limit::SignIn).await?;
    let answer: Answer = entry.query()?;
    let service = &entry.service;
    Ok(service.land(answer, cookie(entry), &entry.context).await)
}

/// Turns a provider's form into the address that it could have sent the browser to. A form of
/// another site comes without our `SameSite=Lax` cookie; the visit that follows brings it.
async fn callback_by_form(entry: Entry, body: Bytes) -> HttpResponse {
    let mut query = Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(&body) {
        if ANSWER_FIELDS.contains(&name.as_ref()) && value.len() <= FIELD_BYTES_MAX {
            query.append_pair(&name, &value);
        }
    }
    let url = entry
        .service
        .own_url(&format!("callback?{}", query.finish()));
    HttpResponse::SeeOther()
        .insert_header((LOCATION, url))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}

/// The value of our cookie, if the browser has one.
pub(super) fn cookie(entry: &Entry) -> Option<&str> {
    let name = entry.service.journey_cookie();
    entry
        .headers()
        .get_all(COOKIE)
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(';'))
        .filter_map(|it| it.trim().split_once('='))
        .find(|(it, _)| *it == name)
        .map(|(_, value)| value)
}
