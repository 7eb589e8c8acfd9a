//! Adding and removing an admin's factors.

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Error;
use postern_auth::admins::{AdminCeremony, MadePasskey, NewTotp};
use uuid::Uuid;

use super::{here_with, refused};
use crate::answer::{Answer, html, page, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::sentence;
use crate::place::People;
use crate::visit::Visit;

/// A picture of a secret, and the field for its first code.
#[derive(Template)]
#[template(path = "account/totp.html")]
struct Totp {
    chrome: Chrome,
    id: Uuid,
    secret: String,
    picture: String,
    refusal: Option<String>,
}

/// What the browser is asked to make.
#[derive(Template)]
#[template(path = "account/passkey.html")]
struct Passkey {
    chrome: Chrome,
    ticket: String,
    options: String,
}

/// Codes on paper, shown this once.
#[derive(Template)]
#[template(path = "account/codes.html")]
struct Codes {
    chrome: Chrome,
    codes: Vec<String>,
}

/// `POST /console/account/totp`: begins with an authenticator app.
pub(crate) async fn begin_totp(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let name = visit.form.text("name");
    let begun = auth.begin_admin_totp(visit.session()?, name, &visit.context);
    match begun.await {
        Ok(new) => page(&totp(visit, new, None)),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/account/totp/confirm`: the first code.
pub(crate) async fn confirm_totp(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let session = visit.session()?;
    let nothing = |_| Error::invalid(t!("user.nothing_chosen"));
    let id: Uuid = visit.form.text("factor").parse().map_err(nothing)?;
    let typed = visit.form.text("code").trim();
    match auth
        .confirm_admin_totp(session, (id, typed), &visit.context)
        .await
    {
        Ok(codes) => added(visit, codes),
        Err(error) if error.status() < 500 => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let refusal = Some(sentence(error.message()));
            match auth.begun_admin_totp(session, id).await {
                Ok(new) => html(status, &totp(visit, new, refusal)),
                Err(_) => refused(visit, error).await,
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/account/passkey`: begins with a passkey.
pub(crate) async fn begin_passkey(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let origin = visit.origin()?;
    match auth
        .begin_admin_passkey(visit.session()?, &origin, &visit.context)
        .await
    {
        Ok(AdminCeremony { ticket, options }) => page(&Passkey {
            chrome: chrome(visit, t!("account.add_passkey")),
            ticket: ticket.expose().clone(),
            options: options.to_string(),
        }),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/account/passkey/confirm`: what the browser made.
pub(crate) async fn confirm_passkey(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let made = MadePasskey {
        ticket: visit.form.text("ticket"),
        credential: visit.form.text("credential"),
        name: visit.form.text("name"),
        origin: &visit.origin()?,
    };
    match auth
        .finish_admin_passkey(visit.session()?, &made, &visit.context)
        .await
    {
        Ok(codes) => added(visit, codes),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/account/factor/remove`
pub(crate) async fn remove(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let nothing = |_| Error::invalid(t!("user.nothing_chosen"));
    let id: Uuid = visit.form.text("factor").parse().map_err(nothing)?;
    let removed = auth.remove_admin_factor(visit.session()?, id, &visit.context);
    match removed.await {
        Ok(()) => Ok(see_other(&here_with("removed"))),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/account/codes`: new recovery codes in the place of all old ones.
pub(crate) async fn renew_codes(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let made = auth.renew_admin_recovery(visit.session()?, &visit.context);
    match made.await {
        Ok(codes) => added(visit, Some(codes)),
        Err(error) => refused(visit, error).await,
    }
}

/// On to the account, by way of the codes that came with the first factor.
fn added(visit: &Visit, codes: Option<Vec<String>>) -> Answer {
    match codes {
        None => Ok(see_other(&People::Account.to_string())),
        Some(codes) => page(&Codes {
            chrome: chrome(visit, t!("account.codes")),
            codes,
        }),
    }
}

fn totp(visit: &Visit, new: NewTotp, refusal: Option<String>) -> Totp {
    Totp {
        chrome: chrome(visit, t!("account.add_totp")),
        id: new.id,
        secret: new.secret,
        picture: format!("data:image/svg+xml;utf8,{}", new.qr_svg),
        refusal,
    }
}

fn chrome(visit: &Visit, title: &'static str) -> Chrome {
    let mut chrome = Chrome::new(visit, title, Spot::Elsewhere);
    // This page is the answer to a form: coming back to it is coming back to the account.
    chrome.here = People::Account.to_string();
    chrome
}
