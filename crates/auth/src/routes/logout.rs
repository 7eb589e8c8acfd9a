//! `POST /logout`.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde::Deserialize;

use super::{Entry, Failure};
use crate::{Result, Scope};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/logout", web::post().to(log_out));
}

#[derive(Deserialize)]
struct Parameters {
    scope: Option<String>,
}

async fn log_out(entry: Entry) -> Result<HttpResponse, Failure> {
    run(&entry).await.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::NoContent().finish())
}

async fn run(entry: &Entry) -> Result<()> {
    let parameters: Parameters = entry.query()?;
    let caller = entry.reader().await?;
    let scope = Scope::parse(parameters.scope.as_deref())?;
    let service = &entry.service;
    if caller.actor().is_some() {
        // Whoever acts for a user ends that, and none of the user's own sessions.
        return service.end_borrowed(&caller, &entry.context).await;
    }
    service.log_out(&caller, scope, &entry.context).await
}
