//! Which limits hold somebody up just now, and letting them go on.

use postern_auth::{LimitClass, LimitOf};

use crate::answer::{Answer, see_other};
use crate::failure::{Failure, sentence};
use crate::form::address;
use crate::pages::sign_in::Section;
use crate::place::People;
use crate::visit::Visit;

/// The limits, and what they count of whom the address asks about.
pub(crate) struct Limits {
    pub(crate) is_on: bool,
    pub(crate) classes: Vec<LimitClass>,
    pub(crate) who: String,
    pub(crate) found: Option<Result<Vec<LimitOf>, String>>,
    pub(crate) is_lifted: bool,
}

/// `POST /console/sign-in/limits/lift`: forgets what is counted of somebody.
pub(crate) async fn lift(visit: &Visit) -> Answer {
    let who = visit.form.text("who").trim();
    visit.console.auth.lift_limits(who, &visit.context).await?;
    let here = People::SignIn(Section::Limits).to_string();
    Ok(see_other(&address(
        &here,
        &[("who", who), ("done", "lifted")],
    )))
}

pub(super) async fn of(visit: &Visit) -> Result<Limits, Failure> {
    let auth = &visit.console.auth;
    let who = visit.query.text("who").trim();
    let found = match who {
        "" => None,
        who => match auth.limits_of(who, &visit.context).await {
            Ok(found) => Some(Ok(found)),
            Err(error) if error.status() < 500 => Some(Err(sentence(error.message()))),
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Limits {
        is_on: auth.settings().limits.on.is_yes(),
        classes: auth.limits_by_class(&visit.context).await?,
        who: who.to_owned(),
        found,
        is_lifted: visit.query.text("done") == "lifted",
    })
}

/// A class in words; the name as it is for one that this console does not know.
pub(crate) fn words(class: &str) -> &str {
    match class {
        "request/sign-in" => t!("limits.request_sign_in"),
        "request/signup" => t!("limits.request_signup"),
        "request/verify" => t!("limits.request_verify"),
        "request/refresh" => t!("limits.request_refresh"),
        "request/anonymous" => t!("limits.request_anonymous"),
        "tries/password" => t!("limits.tries_password"),
        "tries/code" => t!("limits.tries_code"),
        "tries/factor" => t!("limits.tries_factor"),
        "tries/recovery-code" => t!("limits.tries_recovery"),
        "tries/admin-password" => t!("limits.tries_admin_password"),
        "tries/admin-factor" => t!("limits.tries_admin_factor"),
        "letters/mails" => t!("limits.letters_mails"),
        "letters/texts" => t!("limits.letters_texts"),
        "pause/confirmation" => t!("limits.pause_confirmation"),
        "pause/sign-in" => t!("limits.pause_sign_in"),
        "pause/change" => t!("limits.pause_change"),
        "pause/reauthentication" => t!("limits.pause_reauthentication"),
        "pause/invite" => t!("limits.pause_invite"),
        "pause/factor" => t!("limits.pause_factor"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_kind_of_limit_is_told_in_words() {
        for class in [
            "request/refresh",
            "tries/recovery-code",
            "letters/mails",
            "pause/invite",
        ] {
            assert!(!words(class).contains('/'), "{class}");
        }
        assert_eq!(words("of/tomorrow"), "of/tomorrow");
    }
}
