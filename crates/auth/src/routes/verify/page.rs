//! The page behind a mailed link, and where its button leads.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use postern_base::codes::auth as codes;
use postern_mail::pages::{ConfirmPage, ErrorPage, Notice, NoticePage, Page, Question, Refusal};
use postern_mail::pages::{confirm_page, error_page, notice_page};
use url::Url;
use url::form_urlencoded::parse;

use crate::landing::{self, Reader};
use crate::proofs::PKCE_PREFIX;
use crate::routes::Entry;
use crate::{Asked, Error, Kind, Limit, Result};

/// What the second button posts.
const DECLINE: &str = "decline";

/// What a link says.
struct Link {
    kind: String,
    token: String,
}

/// Shows the question that the link asks; nothing is used up.
pub(super) async fn show(entry: Entry) -> HttpResponse {
    let link = Link::read(entry.request.query_string().as_bytes());
    match look(&entry, &link).await {
        Ok(asked) => page(200, &question(&entry, &link, &asked)),
        Err(error) => lead_with_error(&entry, &link, error),
    }
}

/// Uses the link and leads the browser to the app, or undoes what the link would have confirmed.
pub(super) async fn follow(mut entry: Entry, body: &[u8]) -> HttpResponse {
    let link = Link::read(body);
    entry.context.redirect_to = field(body, "redirect_to").filter(|it| !it.is_empty());
    if !is_own_page(&entry) {
        return page(403, &refusal(&entry));
    }
    if field(body, "answer").is_some_and(|it| it == DECLINE) {
        return match decline(&entry, &link).await {
            Ok(()) => page(200, &declined(&entry)),
            Err(error) => lead_with_error(&entry, &link, error),
        };
    }
    match use_up(&entry, &link).await {
        Ok(address) => lead(&address),
        Err(error) => lead_with_error(&entry, &link, error),
    }
}

impl Link {
    fn read(text: &[u8]) -> Self {
        // `token_hash` is what hand-made mail templates write.
        let token = field(text, "token").or_else(|| field(text, "token_hash"));
        Self {
            kind: field(text, "type").unwrap_or_default(),
            token: token.unwrap_or_default(),
        }
    }

    fn reader(&self) -> Reader {
        if self.token.starts_with(PKCE_PREFIX) {
            Reader::Query
        } else {
            Reader::Fragment
        }
    }
}

fn field(text: &[u8], name: &str) -> Option<String> {
    let mut pairs = parse(text);
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

async fn look(entry: &Entry, link: &Link) -> Result<Asked> {
    let kind = Kind::parse(&link.kind)?;
    let service = &entry.service;
    service
        .look_at_link(kind, &link.token, &entry.context)
        .await
}

async fn use_up(entry: &Entry, link: &Link) -> Result<String> {
    entry.limit(Limit::Verify).await?;
    let kind = Kind::parse(&link.kind)?;
    let service = &entry.service;
    service.follow_link(kind, &link.token, &entry.context).await
}

async fn decline(entry: &Entry, link: &Link) -> Result<()> {
    entry.limit(Limit::Verify).await?;
    let kind = Kind::parse(&link.kind)?;
    let service = &entry.service;
    service
        .decline_link(kind, &link.token, &entry.context)
        .await
}

fn declined(entry: &Entry) -> Page {
    let texts = Notice::declined(&entry.context.languages);
    notice_page(&NoticePage {
        site_name: &entry.service.settings().site_name,
        locale: texts.locale,
        title: texts.title,
        message: texts.message,
    })
}

fn question(entry: &Entry, link: &Link, asked: &Asked) -> Page {
    let texts = Question::of(asked.purpose.mail_kind(), &entry.context.languages);
    let settings = entry.service.settings();
    let target = entry
        .service
        .redirect_target(entry.context.redirect_to.as_deref());
    confirm_page(&ConfirmPage {
        site_name: &settings.site_name,
        locale: texts.locale,
        title: texts.title,
        message: texts.message,
        about: texts.decline.map(|_| asked.sent_to.as_str()),
        button: texts.button,
        decline: texts.decline,
        action_url: &entry.service.own_url("verify"),
        fields: &[
            ("token", &link.token),
            ("type", &link.kind),
            ("redirect_to", &target),
        ],
        continue_to: Some(&target),
    })
}

fn refusal(entry: &Entry) -> Page {
    let texts = Refusal::dead_link(&entry.context.languages);
    let settings = entry.service.settings();
    error_page(&ErrorPage {
        site_name: &settings.site_name,
        locale: texts.locale,
        title: texts.title,
        message: texts.message,
        code: codes::OTP_EXPIRED.code,
        back: Some(&settings.site_url),
    })
}

/// SECURITY: a foreign page must not press the button, or it would sign its visitors in as
/// somebody else (attack 76). Browsers say where a form comes from; what says nothing at all is
/// no browser.
fn is_own_page(entry: &Entry) -> bool {
    let header = |name: &str| entry.headers().get(name).and_then(|it| it.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return site == "same-origin";
    }
    let own = Url::parse(&entry.service.settings().external_url);
    header("origin")
        .is_none_or(|origin| own.is_ok_and(|it| it.origin().ascii_serialization() == origin))
}

fn lead_with_error(entry: &Entry, link: &Link, error: Error) -> HttpResponse {
    let target = entry.context.redirect_to.as_deref();
    let target = entry.service.redirect_target(target);
    let address = landing::with_error(&target, &error, link.reader());
    // Logs what failed inside.
    drop(entry.fail(error));
    lead(&address)
}

/// 303: whatever the method was, the browser goes on with `GET`.
fn lead(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}

fn page(status: u16, page: &Page) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status);
    let mut response = HttpResponse::build(status.unwrap_or_default());
    for header in page.headers() {
        response.insert_header(header);
    }
    response.body(page.body.clone())
}
