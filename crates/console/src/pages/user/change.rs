//! What the buttons of a user's page do.

use actix_web::http::StatusCode;
use postern_auth::Error;
use postern_auth::admin::{Ban, Handing, Helping, Removal, UserWish};
use uuid::Uuid;

use super::{Told, telling};
use crate::answer::{Answer, see, see_other};
use crate::failure::{Failure, sentence};
use crate::form::address;
use crate::place::Place;
use crate::visit::Visit;

/// Bans to choose from, as durations that the service reads.
pub(super) const BANS: [(&str, Lasting); 4] = [
    ("24h", Lasting::Day),
    ("168h", Lasting::Week),
    ("720h", Lasting::Month),
    ("876000h", Lasting::Ever),
];

#[derive(Clone, Copy)]
pub(super) enum Lasting {
    Day,
    Week,
    Month,
    Ever,
}

/// What a ban's length is called.
pub(super) fn lasting(it: Lasting) -> &'static str {
    match it {
        Lasting::Day => t!("user.ban_day"),
        Lasting::Week => t!("user.ban_week"),
        Lasting::Month => t!("user.ban_month"),
        Lasting::Ever => t!("user.ban_ever"),
    }
}

/// `POST /console/users/{id}/ban`
pub(crate) async fn ban(visit: &Visit) -> Answer {
    // Only what the page offers: an empty duration would lift a ban.
    let wish = visit.form.text("for");
    let offered = BANS.iter().find(|(value, _)| *value == wish);
    let (value, _) = offered.ok_or_else(|| Error::invalid(t!("user.no_ban")))?;
    set_ban(visit, Ban::parse(value)?).await
}

/// `POST /console/users/{id}/unban`
pub(crate) async fn unban(visit: &Visit) -> Answer {
    set_ban(visit, Ban::Lifted).await
}

async fn set_ban(visit: &Visit, ban: Ban) -> Answer {
    let id = visit.id()?;
    let wish = UserWish {
        ban: Some(ban),
        ..UserWish::default()
    };
    let auth = &visit.console.auth;
    auth.update_user(id, wish, &visit.context).await?;
    see(&Place::User(id))
}

/// `POST /console/users/{id}/sessions/end`
pub(crate) async fn end_sessions(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    auth.end_sessions_of_user(id, &visit.context).await?;
    see(&Place::User(id))
}

/// `POST /console/users/{id}/session/end`
pub(crate) async fn end_session(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let session = chosen(visit, "session")?;
    auth.end_session_of_user(id, session, &visit.context)
        .await?;
    see(&Place::User(id))
}

/// `POST /console/users/{id}/identity/unlink`
pub(crate) async fn unlink_identity(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let identity = chosen(visit, "identity")?;
    match auth.unlink_identity_of(id, identity, &visit.context).await {
        Ok(()) => see(&Place::User(id)),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/users/{id}/factor/remove`
pub(crate) async fn remove_factor(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let factor = chosen(visit, "proof")?;
    auth.delete_factor(id, factor, &visit.context).await?;
    see(&Place::User(id))
}

/// `POST /console/users/{id}/passkey/remove`
pub(crate) async fn remove_passkey(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let passkey = chosen(visit, "proof")?;
    auth.delete_passkey_of(id, passkey, &visit.context).await?;
    see(&Place::User(id))
}

/// `POST /console/users/{id}/link`: mails a link to the user.
pub(crate) async fn send_link(visit: &Visit) -> Answer {
    match make_link(visit, Handing::Mailed).await {
        Ok(_) => {
            let place = Place::User(visit.id()?).to_string();
            Ok(see_other(&address(&place, &[("done", "link")])))
        }
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/users/{id}/link/show`: the link is in this one answer and nowhere else.
pub(crate) async fn show_link(visit: &Visit) -> Answer {
    match make_link(visit, Handing::Shown).await {
        Ok(link) => {
            let told = Told {
                link,
                ..Told::default()
            };
            telling(visit, StatusCode::OK, told).await
        }
        Err(error) => refused(visit, error).await,
    }
}

async fn make_link(visit: &Visit, handing: Handing) -> Result<Option<String>, Error> {
    let unknown = || Error::invalid(t!("user.no_link"));
    let id = visit.segment("id").parse().map_err(|_| unknown())?;
    let helping = Helping::parse(visit.form.text("link")).ok_or_else(unknown)?;
    let auth = &visit.console.auth;
    auth.help_user(id, (helping, handing), &visit.context).await
}

/// `POST /console/users/{id}/delete`
pub(crate) async fn delete(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let removal = match visit.form.text("how") {
        "hard" => Removal::Hard,
        "soft" => Removal::Soft,
        _ => return Err(Error::invalid(t!("user.no_removal")).into()),
    };
    let auth = &visit.console.auth;
    match auth.delete_user(id, removal, &visit.context).await {
        Ok(()) => see(&Place::Users),
        Err(error) => refused(visit, error).await,
    }
}

/// The page again, with what the service said.
async fn refused(visit: &Visit, error: Error) -> Answer {
    if error.status() >= 500 || error.status() == 404 {
        return Err(error.into());
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let told = Told {
        refusal: Some(sentence(error.message())),
        ..Told::default()
    };
    telling(visit, status, told).await
}

/// The id in a field.
fn chosen(visit: &Visit, field: &str) -> Result<Uuid, Failure> {
    visit
        .form
        .text(field)
        .parse()
        .map_err(|_| Error::invalid(t!("user.nothing_chosen")).into())
}
