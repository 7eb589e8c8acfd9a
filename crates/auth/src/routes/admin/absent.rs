//! Parts of the dialect's admin API that the service does not have: clients of an OAuth server,
//! SAML, providers made at run time. Lists are empty, as they truly are; everything else says
//! that the part is switched off, so that no client takes a change for done.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use postern_base::codes::auth as codes;
use serde_json::json;

use super::{Entry, Failure, check};
use crate::Error;

/// Each list's address, and the key that it stands under.
const LISTS: [(&str, &str); 3] = [
    ("/admin/oauth/clients", "clients"),
    ("/admin/custom-providers", "providers"),
    ("/admin/sso/providers", "items"),
];

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, key) in LISTS {
        let list = move |entry: Entry| async move { empty(&entry, key) };
        config
            .service(
                web::resource(path)
                    .route(web::get().to(list))
                    .default_service(web::to(disabled)),
            )
            .route(&format!("{path}/{{rest:.*}}"), web::to(disabled));
    }
}

fn empty(entry: &Entry, key: &str) -> Result<HttpResponse, Failure> {
    check(entry).map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Ok()
        .insert_header(("X-Total-Count", "0"))
        .json(json!({ key: [] })))
}

async fn disabled(entry: Entry) -> Result<HttpResponse, Failure> {
    check(&entry).map_err(|it| entry.fail(it))?;
    let message = "This part of the auth service is not offered";
    Err(entry.fail(Error::new(&codes::FEATURE_DISABLED, message)))
}
