//! Signing in and out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use askama::Template;
use postern_auth::admins::Admin;
use postern_base::Secret;

use crate::answer::{Answer, html, page, see, see_other};
use crate::chrome::{Chrome, Spot};
use crate::cookies;
use crate::failure::{Failure, sentence};
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    chrome: Chrome,
    email: String,
    refusal: Option<String>,
    has_admins: bool,
}

/// `GET /console/login`
pub(crate) async fn show(visit: &Visit) -> Answer {
    if visit.session.is_some() {
        return see(&Place::Overview);
    }
    page(&Page {
        chrome: chrome(visit),
        email: String::new(),
        refusal: None,
        has_admins: visit.console.auth.has_admins().await?,
    })
}

/// `POST /console/login`
pub(crate) async fn sign_in(visit: &Visit) -> Answer {
    let email = visit.form.text("email").trim();
    let password = Secret::new(visit.form.text("password").to_owned());
    let auth = &visit.console.auth;
    match auth.sign_in_admin(email, &password, &visit.context).await {
        Ok((_, token)) => let_in(visit, &token, &Place::Overview),
        Err(error) if error.status() < 500 => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let shown = Page {
                chrome: chrome(visit),
                email: email.to_owned(),
                refusal: Some(sentence(error.message())),
                has_admins: true,
            };
            html(status, &shown)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/logout`
pub(crate) async fn sign_out(visit: &Visit) -> Answer {
    let session = visit.session()?;
    let auth = &visit.console.auth;
    auth.end_admin_session(session, &visit.context).await?;
    let mut response = see_other(&Place::Login.to_string());
    keep(&mut response, &cookies::drop_session(visit.ground))?;
    Ok(response)
}

/// Begins a session of an admin who was made just now.
pub(crate) async fn let_newcomer_in(visit: &Visit, admin: Admin) -> Answer {
    let auth = &visit.console.auth;
    let (_, token) = auth.begin_admin_session(admin, &visit.context).await?;
    let_in(visit, &token, &Place::Start)
}

fn let_in(visit: &Visit, token: &Secret<String>, place: &Place) -> Answer {
    let mut response = see_other(&place.to_string());
    keep(&mut response, &cookies::keep_session(visit.ground, token))?;
    Ok(response)
}

fn keep(response: &mut HttpResponse, cookie: &str) -> Result<(), Failure> {
    let cookie: HeaderValue = cookie.parse().map_err(|_| Failure::Broken)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(())
}

fn chrome(visit: &Visit) -> Chrome {
    Chrome::new(visit, t!("login.title"), Spot::Elsewhere)
}
