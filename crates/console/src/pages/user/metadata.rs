//! A user's metadata as text that an editor may change, unless somebody else did so meanwhile.

use actix_web::http::StatusCode;
use postern_auth::Error;
use postern_auth::admin::Metadata;
use postern_auth::store::User;
use serde_json::{Map, Value};

use super::{Told, telling};
use crate::answer::{Answer, see};
use crate::failure::sentence;
use crate::place::Place;
use crate::visit::Visit;

/// Metadata in a text field.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) text: String,
    pub(crate) rows: usize,
    /// What the metadata was when the page was made.
    pub(crate) mark: String,
    pub(crate) is_open: bool,
    pub(crate) is_empty: bool,
}

/// What somebody typed that could not be taken over.
pub(crate) struct Typed {
    which: Metadata,
    text: String,
}

/// Fewest and most lines of a field.
const ROWS: (usize, usize) = (4, 16);

/// Both fields of a user.
pub(crate) fn edits(visit: &Visit, user: &User, typed: Option<&Typed>) -> Vec<Edit> {
    let both = [Metadata::App, Metadata::User];
    let edit = |which: Metadata| {
        let stored = serde_json::to_string_pretty(which.of(user)).unwrap_or_default();
        let typed = typed.filter(|it| it.which == which);
        let text = typed.map_or(stored, |it| it.text.clone());
        let (label, hint) = match which {
            Metadata::App => (t!("user.app_metadata"), t!("user.app_metadata_text")),
            Metadata::User => (t!("user.user_metadata"), t!("user.user_metadata_text")),
        };
        Edit {
            name: which.as_str(),
            label,
            hint,
            rows: text.lines().count().clamp(ROWS.0, ROWS.1),
            text,
            mark: visit.console.auth.metadata_mark(user, which),
            is_open: typed.is_some(),
            is_empty: which.of(user).is_empty(),
        }
    };
    both.map(edit).into_iter().collect()
}

/// `POST /console/users/{id}/metadata`
pub(crate) async fn replace(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let unknown = || Error::invalid(t!("user.no_metadata"));
    let which = Metadata::parse(visit.form.text("which")).ok_or_else(unknown)?;
    let text = visit.form.text("json");
    let done = match read(text) {
        Ok(new) => {
            let auth = &visit.console.auth;
            let mark = visit.form.text("mark");
            auth.replace_metadata(id, (which, new), mark, &visit.context)
                .await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => see(&Place::User(id)),
        Err(error) if error.status() >= 500 || error.status() == 404 => Err(error.into()),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let told = Told {
                refusal: Some(sentence(error.message())),
                typed: Some(Typed {
                    which,
                    text: text.to_owned(),
                }),
                ..Told::default()
            };
            telling(visit, status, told).await
        }
    }
}

/// An object; an empty field is an empty one.
fn read(text: &str) -> Result<Map<String, Value>, Error> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::invalid(t!("user.no_object"))),
        Err(error) => Err(Error::invalid(t!(
            "user.no_json",
            error.line(),
            error.column()
        ))),
    }
}
