//! The people who run the project.

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::admins::{Admin, AdminRole, Standing};

use crate::answer::{Answer, html, page, see};
use crate::chrome::{Chrome, Spot};
use crate::failure::{Failure, sentence};
use crate::place::Place;
use crate::visit::Visit;

/// The roles, the one that may do least first.
const ROLES: [AdminRole; 3] = [AdminRole::Viewer, AdminRole::Editor, AdminRole::Owner];

/// What a role is called, for the template.
macro_rules! role_name {
    ($role:expr) => {
        role_name($role)
    };
}

#[derive(Template)]
#[template(path = "admins.html")]
struct Page {
    chrome: Chrome,
    admins: Vec<Admin>,
    refusal: Option<String>,
    /// Somebody who was added just now, with the password that was made up.
    added: Option<(String, String)>,
    form: Place,
    change_role: Place,
    ban: Place,
    unban: Place,
}

/// `GET /console/settings/admins`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&of(visit, None, None).await?)
}

/// `POST /console/settings/admins`: the password is shown in this one answer and nowhere else.
pub(crate) async fn add(visit: &Visit) -> Answer {
    let role = role(visit)?;
    let email = visit.form.text("email").trim();
    let admins = visit.console.auth.admins(&visit.context);
    match admins.create(email, role, None).await {
        Ok((admin, password)) => {
            let password = password.map(|it| it.expose().clone()).unwrap_or_default();
            page(&of(visit, None, Some((admin.email, password))).await?)
        }
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/settings/admins/role`
pub(crate) async fn change_role(visit: &Visit) -> Answer {
    let role = role(visit)?;
    let admins = visit.console.auth.admins(&visit.context);
    match admins.set_role(visit.form.text("email"), role).await {
        Ok(_) => see(&Place::Admins),
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /console/settings/admins/ban`
pub(crate) async fn ban(visit: &Visit) -> Answer {
    set_standing(visit, Standing::Banned).await
}

/// `POST /console/settings/admins/unban`
pub(crate) async fn unban(visit: &Visit) -> Answer {
    set_standing(visit, Standing::Welcome).await
}

/// `POST /console/settings/admins/reset`
pub(crate) async fn reset_factors(visit: &Visit) -> Answer {
    let admins = visit.console.auth.admins(&visit.context);
    match admins.reset_factors(visit.form.text("email")).await {
        Ok(_) => see(&Place::Admins),
        Err(error) => refused(visit, error).await,
    }
}

async fn set_standing(visit: &Visit, standing: Standing) -> Answer {
    let admins = visit.console.auth.admins(&visit.context);
    let email = visit.form.text("email");
    match admins.set_standing(email, standing).await {
        Ok(_) => see(&Place::Admins),
        Err(error) => refused(visit, error).await,
    }
}

/// The page again, with what the service said.
async fn refused(visit: &Visit, error: postern_auth::Error) -> Answer {
    if error.status() >= 500 {
        return Err(error.into());
    }
    let refusal = Some(sentence(error.message()));
    html(StatusCode::BAD_REQUEST, &of(visit, refusal, None).await?)
}

async fn of(
    visit: &Visit,
    refusal: Option<String>,
    added: Option<(String, String)>,
) -> Result<Page, Failure> {
    Ok(Page {
        chrome: Chrome::new(visit, t!("admins.title"), Spot::Admins),
        admins: visit.console.auth.admins(&visit.context).list().await?,
        refusal,
        added,
        form: Place::Admins,
        change_role: Place::AdminRole,
        ban: Place::AdminBan,
        unban: Place::AdminUnban,
    })
}

fn role(visit: &Visit) -> Result<AdminRole, Failure> {
    AdminRole::parse(visit.form.text("role"))
        .ok_or_else(|| postern_auth::Error::invalid(t!("admins.no_role")).into())
}

/// What a role is called.
pub(crate) fn role_name(role: AdminRole) -> &'static str {
    match role {
        AdminRole::Owner => t!("admins.owner"),
        AdminRole::Editor => t!("admins.editor"),
        AdminRole::Viewer => t!("admins.viewer"),
    }
}
