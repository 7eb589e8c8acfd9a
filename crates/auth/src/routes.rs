//! `/auth/v1`: from a request to the service's method and back; no rule lives here.

mod admin;
mod body;
mod entry;
mod factors;
mod failure;
mod guard;
mod health;
mod identities;
mod keys;
mod logout;
mod oauth;
mod otp;
mod passkeys;
mod recovery_codes;
mod signup;
mod size;
mod token;
mod user;
mod verify;

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};
use postern_base::codes::auth as codes;

pub use entry::Entry;
pub use failure::Failure;

use crate::{AuthService, Error};

/// Where the service is mounted.
const BASE: &str = "/auth/v1";
/// Largest body in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Mounts the service.
pub fn routes(service: Arc<AuthService>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let scope = web::scope(BASE)
            .app_data(Data::from(service))
            .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
            .configure(admin::routes)
            .configure(health::routes)
            .configure(identities::routes)
            .configure(keys::routes)
            .configure(logout::routes)
            .configure(otp::routes)
            .configure(oauth::routes)
            // Before the factors, whose addresses would take it for an id.
            .configure(recovery_codes::routes)
            .configure(factors::routes)
            .configure(passkeys::routes)
            .configure(signup::routes)
            .configure(token::routes)
            .configure(user::routes)
            .configure(verify::routes)
            .default_service(web::to(nothing_here))
            .wrap(from_fn(size::tell_limit))
            .wrap(from_fn(guard::tell_standing));
        config.service(scope);
    }
}

async fn nothing_here(entry: Entry) -> Result<&'static str, Failure> {
    Err(entry.fail(Error::new(
        &codes::NOT_FOUND,
        "There is nothing at this address",
    )))
}
