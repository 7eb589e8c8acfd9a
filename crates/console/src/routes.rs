//! The table of all addresses, with what each asks of whoever comes.
//!
//! Each area has its part of the table in a file of its own below this one.
//!
//! SECURITY: nothing is mounted but what stands there, and one function, [`admit`], asks for it:
//! a handler cannot be reached without its row. Tests drive every row as nobody, as a viewer, as
//! an editor and as an owner.

use actix_web::http::Method;
use actix_web::web::{self, Bytes, Data, Payload, PayloadConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use postern_auth::admins::AdminRole;

use crate::answer::{Answer, seal};
use crate::console::Console;
use crate::failure::Failure;
use crate::ground::Ground;
use crate::upload::Incoming;
use crate::visit::Visit;

/// Where the console is mounted.
const BASE: &str = "/console";
/// Largest body in bytes where a route does not say otherwise: forms are small.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Anybody,
    /// Admins of this role or a higher one.
    Role(AdminRole),
    /// The same, who have proved who they are in the last ten minutes, with all that they have.
    Fresh(AdminRole),
}

/// Whether a route changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It shows something.
    Get,
    /// It may change something.
    Post,
}

/// A route.
#[derive(Debug)]
pub struct Row {
    /// Whether it changes something.
    pub verb: Verb,
    /// The address below `/console`.
    pub path: &'static str,
    /// Who may come.
    pub access: Access,
    /// Largest body in bytes.
    body_bytes_max: usize,
    /// Largest file in bytes, where the form brings one.
    file_bytes_max: Option<u64>,
    handler: for<'v> fn(&'v Visit) -> LocalBoxFuture<'v, Answer>,
}

/// Rows of the table: `Verb "path" ACCESS => handler;`, with `up to BYTES` before the arrow where
/// a body may be larger than a form, and `file up to BYTES` where it brings a file.
macro_rules! rows {
    ($($verb:ident $path:literal $access:ident $(up to $bytes:expr)? $(, file up to $file:expr)?
        => $handler:path;)*) => {
        &[$($crate::routes::Row {
            verb: $crate::routes::Verb::$verb,
            path: $path,
            access: $crate::routes::$access,
            body_bytes_max: rows!(@bytes $($bytes)?),
            file_bytes_max: rows!(@file $($file)?),
            handler: |visit| Box::pin($handler(visit)),
        }),*]
    };
    (@bytes) => { $crate::routes::BODY_BYTES_MAX };
    (@bytes $bytes:expr) => { $bytes };
    (@file) => { None };
    (@file $file:expr) => { Some($file) };
}

mod entry;
mod keys;
mod operate;
mod palette;
mod people;
mod policies;
mod schema;
mod sql;
mod tables;

const ANYBODY: Access = Access::Anybody;
const VIEWER: Access = Access::Role(AdminRole::Viewer);
const VIEWER_FRESH: Access = Access::Fresh(AdminRole::Viewer);
const EDITOR: Access = Access::Role(AdminRole::Editor);
const EDITOR_FRESH: Access = Access::Fresh(AdminRole::Editor);
const OWNER_FRESH: Access = Access::Fresh(AdminRole::Owner);

/// The areas, each with its rows.
const AREAS: &[&[Row]] = &[
    entry::ROWS,
    keys::ROWS,
    operate::ROWS,
    palette::ROWS,
    people::ROWS,
    schema::ROWS,
    tables::ROWS,
    policies::ROWS,
    sql::ROWS,
];

/// Every route of the console.
pub fn all() -> impl Iterator<Item = &'static Row> {
    AREAS.iter().flat_map(|rows| rows.iter())
}

/// What is answered where there is nothing.
static NOTHING: Row = Row {
    verb: Verb::Get,
    path: "",
    access: Access::Anybody,
    body_bytes_max: BODY_BYTES_MAX,
    file_bytes_max: None,
    handler: |_| Box::pin(async { Err(Failure::Missing) }),
};

/// Mounts the console.
pub fn routes(console: std::sync::Arc<Console>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let mut scope = web::scope(BASE)
            .app_data(Data::from(console))
            .app_data(PayloadConfig::new(BODY_BYTES_MAX))
            .default_service(handle(&NOTHING));
        for path in paths() {
            let rows = || all().filter(|it| it.path == path);
            let bytes_max = rows().map(|it| it.body_bytes_max).max();
            let mut resource = web::resource(path)
                .app_data(PayloadConfig::new(bytes_max.unwrap_or(BODY_BYTES_MAX)))
                .default_service(handle(&NOTHING));
            for row in rows() {
                let method = match row.verb {
                    Verb::Get => Method::GET,
                    Verb::Post => Method::POST,
                };
                resource = resource.route(handle(row).method(method));
            }
            scope = scope.service(resource);
        }
        config.service(scope);
    }
}

/// Each address once, whatever the number of its verbs.
fn paths() -> Vec<&'static str> {
    let mut paths = Vec::new();
    for row in all() {
        if !paths.contains(&row.path) {
            paths.push(row.path);
        }
    }
    paths
}

fn handle(row: &'static Row) -> actix_web::Route {
    if let Some(bytes_max) = row.file_bytes_max {
        return web::to(
            move |console: Data<Console>, request: HttpRequest, payload: Payload| async move {
                answer_file(row, &console, &request, (payload, bytes_max)).await
            },
        );
    }
    web::to(
        move |console: Data<Console>, request: HttpRequest, body: Bytes| async move {
            answer(row, &console, &request, &body).await
        },
    )
}

async fn answer(
    row: &'static Row,
    console: &Data<Console>,
    request: &HttpRequest,
    body: &[u8],
) -> HttpResponse {
    let mut visit = Visit::new(console, request, body);
    let outcome = match admit(row, &mut visit).await {
        Ok(()) => (row.handler)(&visit).await,
        Err(failure) => Err(failure),
    };
    finish(outcome, &visit)
}

/// The same where a form brings a file.
///
/// SECURITY: the form's fields stand before the file, so that everything is asked for before a
/// byte of the file is kept.
async fn answer_file(
    row: &'static Row,
    console: &Data<Console>,
    request: &HttpRequest,
    (payload, bytes_max): (Payload, u64),
) -> HttpResponse {
    let (incoming, fields) = match Incoming::begin(request, payload, bytes_max).await {
        Ok((incoming, fields)) => (Ok(incoming), fields),
        Err(error) => (Err(error), String::new()),
    };
    let mut visit = Visit::new(console, request, fields.as_bytes());
    let outcome = match admit(row, &mut visit).await {
        Ok(()) => {
            visit.bring(match incoming {
                Ok(incoming) => incoming.keep().await,
                Err(error) => Err(error),
            });
            (row.handler)(&visit).await
        }
        Err(failure) => Err(failure),
    };
    finish(outcome, &visit)
}

fn finish(outcome: Answer, visit: &Visit) -> HttpResponse {
    let mut response = outcome.unwrap_or_else(|failure| failure.render(visit));
    seal(response.headers_mut(), visit);
    response
}

/// Asks for everything that a row wants: a host of ours, a page of ours, a session, a role, a
/// form of that session, a fresh proof; in this order, and the first that is missing ends it.
async fn admit(row: &Row, visit: &mut Visit) -> Result<(), Failure> {
    visit.ground = Ground::of(&visit.request, &visit.console.settings.external_url)?;
    if row.verb == Verb::Post {
        visit.ground.check_change(&visit.request)?;
    }
    visit.recognise().await?;
    let (role, wants_proof) = match row.access {
        Access::Anybody => return Ok(()),
        Access::Role(role) => (role, false),
        Access::Fresh(role) => (role, true),
    };
    let session = visit.session()?;
    if session.admin.role < role {
        return Err(Failure::Forbidden);
    }
    if row.verb == Verb::Post {
        let token = visit.form.text("form");
        if !visit.console.auth.is_admin_form(session, token) {
            return Err(Failure::StaleForm);
        }
    }
    if wants_proof && !session.is_proved(visit.context.now) {
        return Err(Failure::Reprove);
    }
    Ok(())
}
