//! Signing in and out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use askama::Template;
use postern_auth::Error;
use postern_auth::admins::{Admin, AdminCeremony, AdminEntry, SecondStep};
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

/// What is asked for after the password.
#[derive(Template)]
#[template(path = "login_second.html")]
struct Second {
    chrome: Chrome,
    ticket: String,
    takes_codes: bool,
    takes_passkeys: bool,
    refusal: Option<String>,
}

/// What the browser is asked for.
#[derive(Template)]
#[template(path = "login_passkey.html")]
struct Passkey {
    chrome: Chrome,
    ticket: String,
    options: String,
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

/// `POST /console/login`: the password, and then what else the admin has.
pub(crate) async fn sign_in(visit: &Visit) -> Answer {
    let email = visit.form.text("email").trim();
    let password = Secret::new(visit.form.text("password").to_owned());
    let auth = &visit.console.auth;
    match auth.sign_in_admin(email, &password, &visit.context).await {
        Ok(AdminEntry::In(_, token)) => let_in(visit, &token, &Place::Overview),
        Ok(AdminEntry::Second(step)) => page(&second(visit, &step, None)),
        Err(error) => refused(visit, error),
    }
}

/// `POST /console/login/second`: a code of an app, or one on paper.
pub(crate) async fn second_step(visit: &Visit) -> Answer {
    let (ticket, typed) = (visit.form.text("ticket"), visit.form.text("code"));
    let auth = &visit.console.auth;
    let entered = auth.finish_admin_sign_in(ticket, typed, &visit.context);
    match entered.await {
        Ok((_, token)) => let_in(visit, &token, &Place::Overview),
        Err(error) if error.status() < 500 => {
            let step = SecondStep {
                ticket: Secret::new(ticket.to_owned()),
                takes_codes: visit.form.text("codes") == "yes",
                takes_passkeys: visit.form.text("passkeys") == "yes",
            };
            let refusal = Some(sentence(error.message()));
            html(status(&error), &second(visit, &step, refusal))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/login/passkey`: begins to sign in with a passkey.
pub(crate) async fn begin_passkey(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let origin = visit.origin()?;
    let begun = auth.begin_admin_passkey_sign_in(&origin, &visit.context);
    match begun.await {
        Ok(AdminCeremony { ticket, options }) => page(&Passkey {
            chrome: chrome(visit),
            ticket: ticket.expose().clone(),
            options: options.to_string(),
        }),
        Err(error) => refused(visit, error),
    }
}

/// `POST /console/login/passkey/confirm`: what the browser answered.
pub(crate) async fn passkey(visit: &Visit) -> Answer {
    let answer = (visit.form.text("ticket"), visit.form.text("credential"));
    let auth = &visit.console.auth;
    let origin = visit.origin()?;
    let entered = auth.finish_admin_passkey_sign_in(answer, &origin, &visit.context);
    match entered.await {
        Ok((_, token)) => let_in(visit, &token, &Place::Overview),
        Err(error) => refused(visit, error),
    }
}

/// The first page again, with what the service said.
fn refused(visit: &Visit, error: Error) -> Answer {
    if error.status() >= 500 {
        return Err(error.into());
    }
    let shown = Page {
        chrome: chrome(visit),
        email: visit.form.text("email").trim().to_owned(),
        refusal: Some(sentence(error.message())),
        has_admins: true,
    };
    html(status(&error), &shown)
}

fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST)
}

fn second(visit: &Visit, step: &SecondStep, refusal: Option<String>) -> Second {
    Second {
        chrome: chrome(visit),
        ticket: step.ticket.expose().clone(),
        takes_codes: step.takes_codes,
        takes_passkeys: step.takes_passkeys,
        refusal,
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
