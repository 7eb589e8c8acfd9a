//! `/admin/users/{user_id}/factors` and `…/passkeys`.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, ServiceConfig};
use serde::Deserialize;
use serde_json::Value;

use super::{Entry, Failure, check, id};
use crate::Result;
use crate::admin::FactorWish;
use crate::identifier::Phone;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/admin/users/{user_id}/factors", web::get().to(list))
        .service(
            web::resource("/admin/users/{user_id}/factors/{factor_id}")
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        )
        .route(
            "/admin/users/{user_id}/passkeys",
            web::get().to(list_passkeys),
        )
        .route(
            "/admin/users/{user_id}/passkeys/{passkey_id}",
            web::delete().to(delete_passkey),
        );
}

#[derive(Deserialize)]
struct FactorIn {
    friendly_name: Option<String>,
    phone: Option<String>,
}

async fn list(entry: Entry) -> Result<HttpResponse, Failure> {
    let run = async {
        check(&entry)?;
        entry.service.list_factors(id(&entry, "user_id")?).await
    };
    match run.await {
        Ok(factors) => Ok(HttpResponse::Ok().json(factors)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn update(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    factor(&entry, update_run(&entry, &body).await)
}

async fn update_run(entry: &Entry, body: &[u8]) -> Result<Value> {
    check(entry)?;
    let (user, factor) = (id(entry, "user_id")?, id(entry, "factor_id")?);
    let given: FactorIn = entry.json(body)?;
    let phone = given.phone.filter(|it| !it.is_empty());
    let wish = FactorWish {
        friendly_name: given.friendly_name,
        phone: phone.as_deref().map(Phone::parse).transpose()?,
    };
    let service = &entry.service;
    service
        .update_factor(user, factor, wish, &entry.context)
        .await
}

async fn delete(entry: Entry) -> Result<HttpResponse, Failure> {
    let run = async {
        check(&entry)?;
        let (user, factor) = (id(&entry, "user_id")?, id(&entry, "factor_id")?);
        let service = &entry.service;
        service.delete_factor(user, factor, &entry.context).await
    };
    factor(&entry, run.await)
}

fn factor(entry: &Entry, result: Result<Value>) -> Result<HttpResponse, Failure> {
    match result {
        Ok(factor) => Ok(HttpResponse::Ok().json(factor)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn list_passkeys(entry: Entry) -> Result<HttpResponse, Failure> {
    let run = async {
        check(&entry)?;
        entry.service.list_passkeys_of(id(&entry, "user_id")?).await
    };
    match run.await {
        Ok(passkeys) => Ok(HttpResponse::Ok().json(passkeys)),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn delete_passkey(entry: Entry) -> Result<HttpResponse, Failure> {
    let run = async {
        check(&entry)?;
        let (user, passkey) = (id(&entry, "user_id")?, id(&entry, "passkey_id")?);
        let service = &entry.service;
        service
            .delete_passkey_of(user, passkey, &entry.context)
            .await
    };
    match run.await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(error) => Err(entry.fail(error)),
    }
}
