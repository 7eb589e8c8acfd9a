//! Why a request is not done, and the page that says so.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use askama::Template;
use postern_telemetry::Event;

use crate::answer;
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is nothing at this address.
    Missing,
    /// Nobody is signed in.
    SignIn,
    /// Who is there must be proved once more.
    Reprove,
    /// The role does not reach so far.
    Forbidden,
    /// The host or the page that sent this is none of ours.
    Foreign,
    /// The address would carry passwords unencrypted over a network.
    Unencrypted,
    /// The form belongs to another session.
    StaleForm,
    /// A service refused.
    Refused(postern_auth::Error),
    /// The data API refused, or the database failed.
    Data(Box<Refusal>),
    /// Something that the page rests on is not to be had; the text says what.
    Unavailable(String),
    /// A page could not be rendered.
    Broken,
}

impl From<postern_db::Error> for Failure {
    fn from(error: postern_db::Error) -> Self {
        Self::Data(Box::new(Refusal::of(error.into())))
    }
}

impl From<postern_auth::Error> for Failure {
    fn from(error: postern_auth::Error) -> Self {
        Self::Refused(error)
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Page {
    chrome: Chrome,
    text: String,
    request_id: Option<String>,
}

#[derive(Template)]
#[template(path = "failure_part.html")]
struct Part {
    title: String,
    text: String,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Reprove | Self::Forbidden | Self::Foreign | Self::StaleForm => {
                StatusCode::FORBIDDEN
            }
            Self::Unencrypted => StatusCode::MISDIRECTED_REQUEST,
            Self::Refused(error) => {
                StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Self::Data(refusal) => refusal.status,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn words(&self) -> (&'static str, String) {
        match self {
            Self::Missing => (t!("failure.missing"), t!("failure.missing_text").into()),
            Self::SignIn => (t!("failure.sign_in"), t!("failure.sign_in_text").into()),
            Self::Reprove => (t!("failure.reprove"), t!("failure.reprove_text").into()),
            Self::Forbidden => (t!("failure.forbidden"), t!("failure.forbidden_text").into()),
            Self::Foreign => (t!("failure.foreign"), t!("failure.foreign_text").into()),
            Self::Unencrypted => (
                t!("failure.unencrypted"),
                t!("failure.unencrypted_text").into(),
            ),
            Self::StaleForm => (t!("failure.stale"), t!("failure.stale_text").into()),
            Self::Unavailable(text) => (t!("failure.refused"), sentence(text)),
            Self::Refused(error) if error.status() < 500 || error.status() == 503 => {
                (t!("failure.refused"), sentence(error.message()))
            }
            Self::Data(refusal) if refusal.cause.is_none() => {
                (t!("failure.refused"), refusal.text())
            }
            Self::Refused(_) | Self::Data(_) | Self::Broken => {
                (t!("failure.broken"), t!("failure.broken_text").into())
            }
        }
    }

    /// The answer: on to signing in where that helps, else a page, or a part of one.
    pub(crate) fn render(self, visit: &Visit) -> HttpResponse {
        match self {
            Self::SignIn => return onward(visit, &Place::Login.to_string()),
            Self::Reprove => {
                let back = visit.page_of_form();
                return onward(visit, &Place::Reauth(back).to_string());
            }
            _ => {}
        }
        self.log(visit);
        let (title, text) = self.words();
        let status = self.status();
        let rendered = if visit.wants_part() {
            answer::html(
                status,
                &Part {
                    title: title.into(),
                    text,
                },
            )
        } else {
            let is_inside = status.is_server_error();
            let request_id = is_inside.then(|| visit.context.request_id.clone());
            let chrome = Chrome::new(visit, title, Spot::Elsewhere);
            answer::html(
                status,
                &Page {
                    chrome,
                    text,
                    request_id,
                },
            )
        };
        let mut response = rendered.unwrap_or_else(|_| HttpResponse::new(status));
        if let Self::Refused(error) = &self
            && let Some(secs) = error.retry_after_secs()
        {
            response.headers_mut().insert(RETRY_AFTER, secs.into());
        }
        response
    }

    /// What failed inside is logged here, once.
    fn log(&self, visit: &Visit) {
        let cause = match self {
            Self::Refused(error) => error.cause_for_the_log(),
            Self::Data(refusal) => refusal.cause.clone(),
            Self::Broken => Some("a page of the console could not be rendered".to_owned()),
            _ => None,
        };
        if let Some(cause) = cause {
            visit.console.telemetry.report(&Event::RequestFailed {
                error: &cause,
                request_id: &visit.context.request_id,
            });
        }
    }
}

/// Sends a browser on; htmx is told in a header, since it would follow a redirection into the
/// middle of the page.
fn onward(visit: &Visit, address: &str) -> HttpResponse {
    if visit.wants_part() {
        return HttpResponse::Ok()
            .insert_header(("HX-Redirect", address))
            .finish();
    }
    answer::see_other(address)
}

/// A message of a service as a sentence of its own.
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut text: String = first.to_uppercase().chain(letters).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
