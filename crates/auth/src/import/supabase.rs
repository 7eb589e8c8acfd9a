//! Exports of Supabase: rows of `auth.users` and `auth.identities`, as JSON or CSV.

use serde_json::Value;
use uuid::Uuid;

use super::fields::{Record, flag, hash, list, object, text, time};
use super::person::{Person, PersonIdentity};
use crate::admin::parse_role;

/// Reads a row of `auth.users`; a field `identities` may hold the rows that belong to it.
pub(super) fn person(record: &Record) -> Result<Person, String> {
    let id = uuid(record, "id")?;
    let role = parse_role(text(record, "role").unwrap_or_default())
        .map_err(|error| error.message().to_owned())?;
    let mut person = Person {
        id,
        role,
        email_confirmed_at: time(record, "email_confirmed_at")?.or(time(record, "confirmed_at")?),
        phone_confirmed_at: time(record, "phone_confirmed_at")?,
        invited_at: time(record, "invited_at")?,
        last_sign_in_at: time(record, "last_sign_in_at")?,
        created_at: time(record, "created_at")?,
        banned_until: time(record, "banned_until")?,
        deleted_at: time(record, "deleted_at")?,
        app_metadata: either(record, "raw_app_meta_data", "app_metadata")?,
        user_metadata: either(record, "raw_user_meta_data", "user_metadata")?,
        is_sso: flag(record, "is_sso_user"),
        is_anonymous: flag(record, "is_anonymous"),
        is_email_unproved: flag(record, "is_email_unproved"),
        is_phone_unproved: flag(record, "is_phone_unproved"),
        ..Person::default()
    };
    if person.deleted_at.is_some() {
        // What stands in the address of a deleted user is no address.
        return person.check();
    }
    person.take_addresses(record, "email", "phone")?;
    if person.email.is_none() {
        person.email_confirmed_at = None;
    }
    person.hash = text(record, "encrypted_password").map(hash).transpose()?;
    for identity in list(record, "identities")? {
        let Value::Object(mut row) = identity else {
            return Err("`identities` holds something else than objects".into());
        };
        row.entry("user_id")
            .or_insert_with(|| id.to_string().into());
        person.identities.push(self::identity(&row)?);
    }
    person.check()
}

/// Reads a row of `auth.identities`.
pub(super) fn identity(record: &Record) -> Result<PersonIdentity, String> {
    let data = object(record, "identity_data")?;
    let provider = text(record, "provider").ok_or("an identity has no `provider`")?;
    // Before 2023 the column `id` held the subject.
    let subject = text(record, "provider_id")
        .or_else(|| text(&data, "sub"))
        .or_else(|| text(record, "id"))
        .ok_or("an identity has no `provider_id`")?;
    Ok(PersonIdentity {
        user: uuid(record, "user_id")?,
        provider: provider.into(),
        subject: subject.into(),
        last_sign_in_at: time(record, "last_sign_in_at")?,
        created_at: time(record, "created_at")?,
        data,
    })
}

fn uuid(record: &Record, name: &str) -> Result<Uuid, String> {
    let id = text(record, name).and_then(|it| it.parse::<Uuid>().ok());
    id.filter(|it| !it.is_nil())
        .ok_or_else(|| format!("`{name}` is no UUID"))
}

/// The row's column, or the name that the admin API has for it.
fn either(
    record: &Record,
    column: &str,
    name: &str,
) -> Result<serde_json::Map<String, Value>, String> {
    if record.contains_key(column) {
        object(record, column)
    } else {
        object(record, name)
    }
}
