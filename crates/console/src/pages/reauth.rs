//! Who is there, once more, before something dangerous: the password, with a code where the admin
//! has a factor, or a passkey.

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Error;
use postern_auth::admins::{AdminCeremony, AdminFactorKind};
use postern_base::Secret;

use crate::answer::{Answer, html, page, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::sentence;
use crate::place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "reauth.html")]
struct Page {
    chrome: Chrome,
    next: String,
    refusal: Option<String>,
    /// Whether a code is asked for beside the password.
    wants_code: bool,
    /// Whether the admin has an authenticator app that makes codes.
    takes_codes: bool,
    takes_passkeys: bool,
}

/// What the browser is asked for.
#[derive(Template)]
#[template(path = "reauth_passkey.html")]
struct Passkey {
    chrome: Chrome,
    next: String,
    ticket: String,
    options: String,
}

/// `GET /console/reauth?next=…`
pub(crate) async fn show(visit: &Visit) -> Answer {
    telling(visit, visit.query.text("next"), None).await
}

/// `POST /console/reauth`
pub(crate) async fn prove(visit: &Visit) -> Answer {
    let password = Secret::new(visit.form.text("password").to_owned());
    let given = (&password, visit.form.text("code"));
    let auth = &visit.console.auth;
    match auth
        .reprove_admin(visit.session()?, given, &visit.context)
        .await
    {
        Ok(()) => Ok(see_other(&place::way_back(visit.form.text("next")))),
        Err(error) => telling(visit, visit.form.text("next"), Some(error)).await,
    }
}

/// `POST /console/reauth/passkey`: begins with a passkey.
pub(crate) async fn begin_passkey(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let origin = visit.origin()?;
    let next = visit.form.text("next");
    match auth
        .begin_admin_passkey_proof(visit.session()?, &origin, &visit.context)
        .await
    {
        Ok(AdminCeremony { ticket, options }) => page(&Passkey {
            chrome: chrome(visit),
            next: place::way_back(next),
            ticket: ticket.expose().clone(),
            options: options.to_string(),
        }),
        Err(error) => telling(visit, next, Some(error)).await,
    }
}

/// `POST /console/reauth/passkey/confirm`: what the browser answered.
pub(crate) async fn passkey(visit: &Visit) -> Answer {
    let answer = (visit.form.text("ticket"), visit.form.text("credential"));
    let auth = &visit.console.auth;
    let origin = visit.origin()?;
    let next = visit.form.text("next");
    match auth
        .finish_admin_passkey_proof(visit.session()?, answer, &origin, &visit.context)
        .await
    {
        Ok(()) => Ok(see_other(&place::way_back(next))),
        Err(error) => telling(visit, next, Some(error)).await,
    }
}

/// The page, with what the service said.
async fn telling(visit: &Visit, next: &str, error: Option<Error>) -> Answer {
    let status = match error {
        Some(error) if error.status() >= 500 => return Err(error.into()),
        Some(ref error) => StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST),
        None => StatusCode::OK,
    };
    let admin = visit.session()?.admin.id;
    let factors = visit.console.auth.admin_factors(admin).await?;
    let has = |kind| factors.iter().any(|it| it.kind == kind);
    let shown = Page {
        chrome: chrome(visit),
        next: place::way_back(next),
        refusal: error.map(|it| sentence(it.message())),
        wants_code: !factors.is_empty(),
        takes_codes: has(AdminFactorKind::Totp),
        takes_passkeys: has(AdminFactorKind::Passkey),
    };
    html(status, &shown)
}

fn chrome(visit: &Visit) -> Chrome {
    Chrome::new(visit, t!("reauth.title"), Spot::Elsewhere)
}
