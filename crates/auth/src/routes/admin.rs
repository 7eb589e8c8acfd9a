//! `/admin/…` and `/invite`: for the holder of the secret key alone.

mod absent;
mod audit;
mod factors;
mod links;
mod users;

use actix_web::web::ServiceConfig;
use postern_base::codes::auth as codes;
use uuid::Uuid;

use super::{Entry, Failure};
use crate::{Error, Result};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .configure(users::routes)
        .configure(factors::routes)
        .configure(links::routes)
        .configure(audit::routes)
        .configure(absent::routes);
}

/// Lets only the holder of the secret key on.
fn check(entry: &Entry) -> Result<()> {
    entry.service.check_admin(entry.headers())
}

/// Reads an id of the path. COMPAT(gotrue 2): what is no UUID is a 404 of a kind of its own.
fn id(entry: &Entry, name: &'static str) -> Result<Uuid> {
    let text = entry.request.match_info().get(name).unwrap_or_default();
    text.parse().map_err(|_| {
        let message = format!("{name} must be an UUID");
        Error::new(&codes::VALIDATION_FAILED, message).with_status(404)
    })
}
