//! `GET /user`: who is signed in.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

use super::{Entry, Failure};
use crate::{Result, UserOut};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/user", web::get().to(user));
}

async fn user(entry: Entry) -> Result<HttpResponse, Failure> {
    match run(&entry).await {
        Ok(user) => Ok(HttpResponse::Ok().json(user)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn run(entry: &Entry) -> Result<UserOut> {
    let caller = entry.caller().await?;
    entry.service.user_out(&caller.user).await
}
