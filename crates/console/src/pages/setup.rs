//! The wizard's first step: the first admin. What comes after is for somebody who is signed in.

use actix_web::http::StatusCode;
use askama::Template;
use postern_base::Secret;

use super::login;
use crate::answer::{Answer, html, page};
use crate::chrome::{Chrome, Spot};
use crate::failure::{Failure, sentence};
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "setup.html")]
struct Page {
    chrome: Chrome,
    form: Place,
    email: String,
    refusal: Option<String>,
}

/// `GET /console/setup/{token}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    check(visit).await?;
    page(&of(visit, "", None))
}

/// `POST /console/setup/{token}`
pub(crate) async fn set_up(visit: &Visit) -> Answer {
    check(visit).await?;
    let email = visit.form.text("email").trim();
    let password = visit.form.text("password");
    if password != visit.form.text("password_again") {
        let refusal = t!("setup.passwords_differ").to_owned();
        return html(StatusCode::BAD_REQUEST, &of(visit, email, Some(refusal)));
    }
    let admins = visit.console.auth.admins(&visit.context);
    match admins.set_up(email, Secret::new(password.to_owned())).await {
        Ok(admin) => login::let_newcomer_in(visit, admin).await,
        Err(error) if error.status() < 500 => {
            let refusal = Some(sentence(error.message()));
            html(StatusCode::BAD_REQUEST, &of(visit, email, refusal))
        }
        Err(error) => Err(error.into()),
    }
}

/// SECURITY: a wrong address, one that is too old and one that was used are all the same, and
/// the same as an address that names nothing (attack 79).
async fn check(visit: &Visit) -> Result<(), Failure> {
    let console = &visit.console;
    let admits = console
        .setup
        .admits(visit.segment("token"), visit.context.now);
    match admits && !console.auth.has_admins().await? {
        true => Ok(()),
        false => Err(Failure::Missing),
    }
}

fn of(visit: &Visit, email: &str, refusal: Option<String>) -> Page {
    Page {
        chrome: Chrome::new(visit, t!("setup.title"), Spot::Elsewhere),
        form: Place::Setup(visit.segment("token").to_owned()),
        email: email.to_owned(),
        refusal,
    }
}
