//! An admin's own account: factors, password, sessions.

pub(crate) mod factors;

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Error;
use postern_auth::admins::{AdminFactor, AdminFactorKind, AdminSessionOut};
use postern_base::Secret;
use uuid::Uuid;

use super::admins::role_name;
use crate::answer::{Answer, html, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::sentence;
use crate::form::address;
use crate::place::People;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    chrome: Chrome,
    email: String,
    role: &'static str,
    factors: Vec<AdminFactor>,
    recovery_left: i64,
    sessions: Vec<AdminSessionOut>,
    own: Uuid,
    done: Option<&'static str>,
    refusal: Option<String>,
}

/// `GET /console/account`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let done = match visit.query.text("done") {
        "password" => Some(t!("account.password_changed")),
        "removed" => Some(t!("account.factor_removed")),
        _ => None,
    };
    telling(visit, StatusCode::OK, (done, None)).await
}

/// `POST /console/account/password`
pub(crate) async fn change_password(visit: &Visit) -> Answer {
    let text = |name| Secret::new(visit.form.text(name).to_owned());
    if visit.form.text("new") != visit.form.text("again") {
        let refusal = t!("setup.passwords_differ").to_owned();
        return telling(visit, StatusCode::BAD_REQUEST, (None, Some(refusal))).await;
    }
    let auth = &visit.console.auth;
    let (present, new) = (text("present"), text("new"));
    let session = visit.session()?;
    let changed = auth.change_admin_password(session, (&present, &new), &visit.context);
    match changed.await {
        Ok(()) => Ok(see_other(&here_with("password"))),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/account/session/end`
pub(crate) async fn end_session(visit: &Visit) -> Answer {
    let nothing = |_| Error::invalid(t!("user.nothing_chosen"));
    let id: Uuid = visit.form.text("session").parse().map_err(nothing)?;
    let auth = &visit.console.auth;
    auth.end_own_admin_session(visit.session()?, id, &visit.context)
        .await?;
    Ok(see_other(&People::Account.to_string()))
}

/// The address of the page, with something to say.
fn here_with(done: &str) -> String {
    address(&People::Account.to_string(), &[("done", done)])
}

/// The page again, with what the service said.
async fn refused(visit: &Visit, error: Error) -> Answer {
    if error.status() >= 500 {
        return Err(error.into());
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let refusal = Some(sentence(error.message()));
    telling(visit, status, (None, refusal)).await
}

async fn telling(
    visit: &Visit,
    status: StatusCode,
    (done, refusal): (Option<&'static str>, Option<String>),
) -> Answer {
    let session = visit.session()?;
    let admin = &session.admin;
    let auth = &visit.console.auth;
    let shown = Page {
        chrome: Chrome::new(visit, t!("account.title"), Spot::Elsewhere),
        email: admin.email.clone(),
        role: role_name(admin.role),
        factors: auth.admin_factors(admin.id).await?,
        recovery_left: auth.admin_recovery_left(admin.id).await?,
        sessions: auth.admin_sessions_of(admin.id).await?,
        own: session.id,
        done,
        refusal,
    };
    html(status, &shown)
}

/// Icon and word of a factor.
fn kind(factor: &AdminFactor) -> (&'static str, &'static str) {
    match factor.kind {
        AdminFactorKind::Totp => ("key", t!("user.totp")),
        AdminFactorKind::Passkey => ("person", t!("user.passkey")),
    }
}
