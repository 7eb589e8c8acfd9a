//! `GET /admin/audit`.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde::Deserialize;

use super::{Entry, Failure, check};
use crate::Result;
use crate::admin::{Page, PageWish};
use crate::audit::{AuditOut, AuditQuery};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/admin/audit", web::get().to(list));
}

#[derive(Deserialize)]
struct Parameters {
    page: Option<String>,
    per_page: Option<String>,
    query: Option<String>,
}

async fn list(entry: Entry) -> Result<HttpResponse, Failure> {
    let page = run(&entry).await.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Ok()
        .insert_header(("X-Total-Count", page.total.to_string()))
        .insert_header(("Link", page.link("/admin/audit")))
        .json(page.items))
}

async fn run(entry: &Entry) -> Result<Page<AuditOut>> {
    check(entry)?;
    let given: Parameters = entry.query()?;
    let wish = PageWish::parse(given.page.as_deref(), given.per_page.as_deref())?;
    let query = AuditQuery::parse(given.query.as_deref())?;
    entry.service.audit_page(&query, wish).await
}
