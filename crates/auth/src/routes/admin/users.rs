//! `/admin/users` and `/admin/users/{user_id}`.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, ServiceConfig};
use postern_base::Secret;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Entry, Failure, check, id};
use crate::admin::{Ban, NewPassword, Page, PageWish, Removal, UserWish, parse_role};
use crate::identifier::{Phone, parse_email};
use crate::{Error, Result, UserOut};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/admin/users")
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            web::resource("/admin/users/{user_id}")
                .route(web::get().to(show))
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        );
}

#[derive(Deserialize)]
struct Parameters {
    page: Option<String>,
    per_page: Option<String>,
    filter: Option<String>,
}

/// The fields of a user that an admin may give; others are left unread.
#[derive(Deserialize)]
struct UserIn {
    id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    password_hash: Option<String>,
    email_confirm: Option<bool>,
    phone_confirm: Option<bool>,
    user_metadata: Option<Map<String, Value>>,
    app_metadata: Option<Map<String, Value>>,
    role: Option<String>,
    ban_duration: Option<String>,
}

#[derive(Deserialize)]
struct RemovalIn {
    should_soft_delete: Option<bool>,
}

async fn list(entry: Entry) -> Result<HttpResponse, Failure> {
    let page = list_run(&entry).await.map_err(|it| entry.fail(it))?;
    Ok(HttpResponse::Ok()
        .insert_header(("X-Total-Count", page.total.to_string()))
        .insert_header(("Link", page.link("/admin/users")))
        .json(json!({ "users": page.items, "aud": "authenticated" })))
}

async fn list_run(entry: &Entry) -> Result<Page<UserOut>> {
    check(entry)?;
    let given: Parameters = entry.query()?;
    let wish = PageWish::parse(given.page.as_deref(), given.per_page.as_deref())?;
    entry
        .service
        .list_users(wish, given.filter.as_deref())
        .await
}

async fn create(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, create_run(&entry, &body).await)
}

async fn create_run(entry: &Entry, body: &[u8]) -> Result<UserOut> {
    check(entry)?;
    let wish = entry.json::<UserIn>(body)?.into_wish()?;
    entry.service.create_user(wish, &entry.context).await
}

async fn show(entry: Entry) -> Result<HttpResponse, Failure> {
    answer(&entry, show_run(&entry).await)
}

async fn show_run(entry: &Entry) -> Result<UserOut> {
    check(entry)?;
    entry.service.show_user(id(entry, "user_id")?).await
}

async fn update(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    answer(&entry, update_run(&entry, &body).await)
}

async fn update_run(entry: &Entry, body: &[u8]) -> Result<UserOut> {
    check(entry)?;
    let user = id(entry, "user_id")?;
    let wish = entry.json::<UserIn>(body)?.into_wish()?;
    entry.service.update_user(user, wish, &entry.context).await
}

async fn delete(entry: Entry, body: Bytes) -> Result<HttpResponse, Failure> {
    match delete_run(&entry, &body).await {
        Ok(()) => Ok(HttpResponse::Ok().json(json!({}))),
        Err(error) => Err(entry.fail(error)),
    }
}

async fn delete_run(entry: &Entry, body: &[u8]) -> Result<()> {
    check(entry)?;
    let user = id(entry, "user_id")?;
    let given: RemovalIn = entry.json(body)?;
    let removal = if given.should_soft_delete == Some(true) {
        Removal::Soft
    } else {
        Removal::Hard
    };
    entry
        .service
        .delete_user(user, removal, &entry.context)
        .await
}

fn answer(entry: &Entry, result: Result<UserOut>) -> Result<HttpResponse, Failure> {
    match result {
        Ok(user) => Ok(HttpResponse::Ok().json(user)),
        Err(error) => Err(entry.fail(error)),
    }
}

impl UserIn {
    fn into_wish(self) -> Result<UserWish> {
        let given = |it: Option<String>| it.filter(|it| !it.is_empty());
        let password = match (given(self.password), given(self.password_hash)) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid(
                    "Only a password or a password hash should be provided",
                ));
            }
            (Some(plain), None) => Some(NewPassword::Plain(Secret::new(plain))),
            (None, Some(hash)) => Some(NewPassword::parse_hash(&hash)?),
            (None, None) => None,
        };
        Ok(UserWish {
            id: given(self.id).as_deref().map(parse_id).transpose()?,
            email: given(self.email).as_deref().map(parse_email).transpose()?,
            phone: given(self.phone).as_deref().map(Phone::parse).transpose()?,
            password,
            email_confirm: self.email_confirm.unwrap_or(false),
            phone_confirm: self.phone_confirm.unwrap_or(false),
            user_metadata: self.user_metadata,
            app_metadata: self.app_metadata,
            role: given(self.role).as_deref().map(parse_role).transpose()?,
            ban: given(self.ban_duration)
                .as_deref()
                .map(Ban::parse)
                .transpose()?,
        })
    }
}

fn parse_id(text: &str) -> Result<Uuid> {
    let id = text.parse::<Uuid>().ok().filter(|it| !it.is_nil());
    id.ok_or_else(|| Error::invalid("ID must conform to the uuid v4 format"))
}
