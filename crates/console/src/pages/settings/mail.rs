//! How letters go out, and a letter to see whether they do.

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Error;

use super::{Tab, tabs};
use crate::answer::{Answer, html, page};
use crate::backstage::operate::Post;
use crate::chrome::{Chrome, Spot};
use crate::failure::{Failure, sentence};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "settings/mail.html")]
struct Page {
    chrome: Chrome,
    tabs: Vec<(&'static str, Place, bool)>,
    post: Post,
    /// Where the letter goes if nobody says otherwise: to whoever asks.
    to: String,
    outcome: Option<Result<String, String>>,
    form: Place,
}

/// `GET /console/settings/mail`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&of(visit, None)?)
}

/// `POST /console/settings/mail`: waits for what the mail server says, since that is the answer.
pub(crate) async fn send(visit: &Visit) -> Answer {
    let to = visit.form.text("to").trim();
    if to.is_empty() {
        return Err(Error::invalid(t!("mail.no_address")).into());
    }
    let console = &visit.console;
    // Noted first: a letter that went out and is noted nowhere would be the worse half.
    console.auth.note_test_letter(to, &visit.context).await?;
    let (subject, text) = (t!("mail.letter_subject"), t!("mail.letter_text"));
    match console.backstage.send_letter(to, subject, text).await {
        Ok(()) => page(&of(visit, Some(Ok(to.to_owned())))?),
        Err(why) => {
            let outcome = Some(Err(sentence(&why)));
            html(StatusCode::BAD_GATEWAY, &of(visit, outcome)?)
        }
    }
}

fn of(visit: &Visit, outcome: Option<Result<String, String>>) -> Result<Page, Failure> {
    let asked = visit.form.text("to").trim();
    let own = visit.session()?.admin.email.as_str();
    Ok(Page {
        chrome: Chrome::new(visit, t!("settings.title"), Spot::Settings),
        tabs: tabs(Tab::Mail),
        post: visit.console.backstage.post(),
        to: if asked.is_empty() { own } else { asked }.to_owned(),
        outcome,
        form: Place::Operate(Operate::SettingsMail),
    })
}

/// What a fact about the mail server is called.
fn fact(name: &str) -> &'static str {
    match name {
        "server" => t!("mail.server"),
        "encryption" => t!("mail.encryption"),
        "user" => t!("mail.user"),
        "password" => t!("mail.password"),
        "sender" => t!("mail.sender"),
        _ => t!("mail.warning"),
    }
}
