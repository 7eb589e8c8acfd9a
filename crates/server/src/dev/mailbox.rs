//! The routes of the dev mailbox, for this machine only.
//!
//! The mailbox holds codes that sign in as anybody, so it has to be out of reach for everything
//! but the developer: programs elsewhere on the network, and web pages elsewhere in the browser,
//! which may point a name of theirs at this machine (DNS rebinding). A request is answered only
//! when it comes from a loopback address, asks for a loopback name, and no foreign page sent it.

mod local;

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, HttpResponseBuilder};
use postern_mail::pages::{Page, mailbox as pages};
use postern_mail::{DevMailbox, KeptMail};
use serde::Deserialize;

use local::{LocalChange, LocalRead};

/// The address of the list.
const LIST: &str = "/_dev/mailbox";

/// Which mails are listed.
#[derive(Deserialize)]
struct ListIn {
    /// Only those to this address.
    to: Option<String>,
}

/// Which form of a mail is shown.
#[derive(Deserialize)]
struct ViewIn {
    view: Option<String>,
}

/// Serves a mailbox below `/_dev/mailbox`.
pub fn routes(mailbox: Arc<DevMailbox>) -> impl FnOnce(&mut ServiceConfig) {
    let mailbox = Data::from(mailbox);
    move |config: &mut ServiceConfig| {
        config
            .app_data(mailbox)
            .service(
                web::resource("/_dev/mailbox.json")
                    .route(web::get().to(list_json))
                    .route(web::delete().to(delete_all)),
            )
            .service(web::resource(LIST).route(web::get().to(show_list)))
            .service(web::resource("/_dev/mailbox/style.css").route(web::get().to(style)))
            .service(web::resource("/_dev/mailbox/script.js").route(web::get().to(script)))
            .service(web::resource("/_dev/mailbox/clear").route(web::post().to(clear)))
            .service(web::resource("/_dev/mailbox/{id}").route(web::get().to(show_mail)))
            .service(web::resource("/_dev/mailbox/{id}/html").route(web::get().to(show_document)));
    }
}

/// `GET /_dev/mailbox.json`: all mails, or those to one address, newest first.
async fn list_json(_: LocalRead, mailbox: Data<DevMailbox>, query: Query<ListIn>) -> HttpResponse {
    let mut mails = mailbox.list();
    if let Some(to) = &query.to {
        mails.retain(|it| it.to.as_str().eq_ignore_ascii_case(to));
    }
    uncached(&mut HttpResponse::Ok()).json(pages::json(&mails))
}

/// `DELETE /_dev/mailbox.json`: throws all mails away.
async fn delete_all(_: LocalChange, mailbox: Data<DevMailbox>) -> HttpResponse {
    mailbox.clear();
    HttpResponse::NoContent().finish()
}

/// `GET /_dev/mailbox`: the list.
async fn show_list(_: LocalRead, mailbox: Data<DevMailbox>) -> HttpResponse {
    answer(&pages::list_page(&mailbox.list()))
}

/// `POST /_dev/mailbox/clear`: the list's button.
async fn clear(_: LocalChange, mailbox: Data<DevMailbox>) -> HttpResponse {
    mailbox.clear();
    HttpResponse::SeeOther()
        .insert_header((LOCATION, LIST))
        .finish()
}

/// `GET /_dev/mailbox/{id}`: one mail.
async fn show_mail(
    _: LocalRead,
    mailbox: Data<DevMailbox>,
    id: Path<String>,
    query: Query<ViewIn>,
) -> HttpResponse {
    let view = match query.view.as_deref() {
        Some("text") => pages::View::Text,
        _ => pages::View::Html,
    };
    match find(&mailbox, &id) {
        Some(mail) => answer(&pages::mail_page(&mail, view)),
        None => gone(),
    }
}

/// `GET /_dev/mailbox/{id}/html`: what stands in the frame of one mail.
async fn show_document(_: LocalRead, mailbox: Data<DevMailbox>, id: Path<String>) -> HttpResponse {
    match find(&mailbox, &id) {
        Some(mail) => answer(&pages::mail_document(&mail)),
        None => gone(),
    }
}

async fn style(_: LocalRead) -> HttpResponse {
    uncached(&mut HttpResponse::Ok())
        .content_type("text/css; charset=utf-8")
        .body(pages::STYLE)
}

async fn script(_: LocalRead) -> HttpResponse {
    uncached(&mut HttpResponse::Ok())
        .content_type("text/javascript; charset=utf-8")
        .body(pages::SCRIPT)
}

fn find(mailbox: &DevMailbox, id: &str) -> Option<Arc<KeptMail>> {
    mailbox.find(id.parse().ok()?)
}

/// After a restart, or after two hundred more mails, an open page may ask for what is gone.
fn gone() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, LIST))
        .finish()
}

fn answer(page: &Page) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in page.headers() {
        let name = HeaderName::from_static(name);
        // A policy that is no header value would be a page without a policy.
        match HeaderValue::from_str(value) {
            Ok(value) => response.insert_header((name, value)),
            Err(_) => return HttpResponse::InternalServerError().finish(),
        };
    }
    response.body(page.body.clone())
}

fn uncached(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header(("cache-control", "no-store"))
        .insert_header(("x-content-type-options", "nosniff"))
}
