//! The password once more, before something dangerous.

use actix_web::http::StatusCode;
use askama::Template;
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
}

/// `GET /console/reauth?next=…`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&of(visit, visit.query.text("next"), None))
}

/// `POST /console/reauth`
pub(crate) async fn prove(visit: &Visit) -> Answer {
    let password = Secret::new(visit.form.text("password").to_owned());
    let next = visit.form.text("next");
    let auth = &visit.console.auth;
    let session = visit.session()?;
    match auth.reprove_admin(session, &password, &visit.context).await {
        Ok(()) => Ok(see_other(&place::way_back(next))),
        Err(error) if error.status() < 500 => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            html(status, &of(visit, next, Some(sentence(error.message()))))
        }
        Err(error) => Err(error.into()),
    }
}

fn of(visit: &Visit, next: &str, refusal: Option<String>) -> Page {
    Page {
        chrome: Chrome::new(visit, t!("reauth.title"), Spot::Elsewhere),
        next: place::way_back(next),
        refusal,
    }
}
