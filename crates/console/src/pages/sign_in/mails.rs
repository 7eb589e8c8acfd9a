//! What users are sent, with made-up values: as their mail program shows it, as text, and the
//! files that it is made of.

use crate::answer::{Answer, untrusted};
use crate::backstage::MailPreview;
use crate::failure::Failure;
use crate::form::address;
use crate::pages::sign_in::Section;
use crate::place::People;
use crate::visit::Visit;

/// A choice: what it says, where it leads, and whether it is taken.
type Choice = (String, String, bool);

/// The mails, and the one that is looked at.
pub(crate) struct Mails {
    pub(crate) kinds: Vec<Choice>,
    pub(crate) locales: Vec<Choice>,
    pub(crate) folder: String,
    pub(crate) preview: Option<Result<MailPreview, String>>,
    /// What the frame shows.
    pub(crate) frame: String,
}

/// `GET /console/sign-in/templates/preview?mail=…&locale=…`: the HTML of a mail alone, for the
/// frame of the page.
pub(crate) async fn preview(visit: &Visit) -> Answer {
    match wanted(visit) {
        Some(Ok(mail)) => untrusted(mail.html),
        Some(Err(text)) => Err(Failure::Unavailable(text)),
        None => Err(Failure::Missing),
    }
}

pub(super) fn of(visit: &Visit) -> Mails {
    let backstage = &visit.console.backstage;
    let here = People::SignIn(Section::Templates).to_string();
    let (kind, locale) = (visit.query.text("mail"), visit.query.text("locale"));
    let to = |kind: &str, locale: &str| address(&here, &[("mail", kind), ("locale", locale)]);
    let preview = wanted(visit);
    let shown = match &preview {
        Some(Ok(mail)) => mail.locale.clone(),
        _ => locale.to_owned(),
    };
    let of_kind = |it: &'static str| (it.to_owned(), to(it, locale), it == kind);
    let of_locale = |it: String| {
        let (place, is_chosen) = (to(kind, &it), it == shown);
        (it, place, is_chosen)
    };
    // A folder that cannot be read is told of by the preview.
    let locales = backstage.mail_locales().unwrap_or_default();
    Mails {
        kinds: backstage.mail_kinds().into_iter().map(of_kind).collect(),
        locales: locales.into_iter().map(of_locale).collect(),
        folder: backstage.mail_folder(),
        preview,
        frame: address(
            &People::MailPreview.to_string(),
            &[("mail", kind), ("locale", &shown)],
        ),
    }
}

/// The mail that the address asks for.
fn wanted(visit: &Visit) -> Option<Result<MailPreview, String>> {
    let kind = visit.query.text("mail");
    let locale = match visit.query.text("locale") {
        "" => "en",
        locale => locale,
    };
    let backstage = &visit.console.backstage;
    (!kind.is_empty()).then(|| backstage.mail_preview(kind, locale))
}
