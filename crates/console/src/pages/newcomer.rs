//! Somebody new: invited by mail, or made with a password.

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Error;
use postern_auth::admin::UserWish;
use postern_base::Secret;
use serde_json::Map;

use crate::answer::{Answer, html, page, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::sentence;
use crate::form::address;
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "newcomer.html")]
struct Page {
    chrome: Chrome,
    email: String,
    /// Which of both forms was refused, and why.
    refusal: Option<String>,
}

/// `GET /console/users/new`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&of(visit, None))
}

/// `POST /console/users/invite`
pub(crate) async fn invite(visit: &Visit) -> Answer {
    done(visit, invited(visit).await, "invited")
}

async fn invited(visit: &Visit) -> Result<String, Error> {
    let email = postern_auth::parse_email(visit.form.text("email").trim())?;
    let auth = &visit.console.auth;
    let user = auth.invite(&email, Map::new(), &visit.context).await?;
    Ok(user.id)
}

/// `POST /console/users/new`
pub(crate) async fn create(visit: &Visit) -> Answer {
    done(visit, created(visit).await, "made")
}

async fn created(visit: &Visit) -> Result<String, Error> {
    let wish = UserWish {
        email: Some(postern_auth::parse_email(visit.form.text("email").trim())?),
        email_confirm: visit.form.text("confirmed") == "yes",
        ..UserWish::default()
    };
    let password = Secret::new(visit.form.text("password").to_owned());
    let auth = &visit.console.auth;
    let user = auth
        .create_user_with(password, wish, &visit.context)
        .await?;
    Ok(user.id)
}

/// On to the new user, or the page again with what the service said.
fn done(visit: &Visit, made: Result<String, Error>, how: &str) -> Answer {
    match made {
        Ok(id) => {
            let id = id.parse().map_err(|_| crate::failure::Failure::Broken)?;
            let place = Place::User(id).to_string();
            Ok(see_other(&address(&place, &[("done", how)])))
        }
        Err(error) if error.status() >= 500 => Err(error.into()),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            html(status, &of(visit, Some(sentence(error.message()))))
        }
    }
}

fn of(visit: &Visit, refusal: Option<String>) -> Page {
    Page {
        chrome: Chrome::new(visit, t!("newcomer.title"), Spot::Users)
            .below(Place::Users, t!("users.title")),
        email: visit.form.text("email").to_owned(),
        refusal,
    }
}
