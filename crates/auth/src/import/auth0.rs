//! Exports of Auth0: a bulk export of users, a JSON object a line, with `passwordHash` (bcrypt) as
//! Auth0's support adds it, or with `custom_password_hash` as its own import takes it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::{Map, Value, json};

use super::fields::{Record, flag, hash, id, list, object, text, time};
use super::person::{Person, PersonIdentity};
use crate::admin::parse_role;

/// Auth0's names of providers that are called otherwise here.
const PROVIDERS: &[(&str, &str)] = &[
    ("google-oauth2", "google"),
    ("windowslive", "azure"),
    ("waad", "azure"),
];

/// Reads a user.
pub(super) fn person(record: &Record) -> Result<Person, String> {
    let old_id = old_id(record).ok_or("it has no `user_id`")?;
    let bare = old_id.split_once('|').map_or(&*old_id, |(_, bare)| bare);
    let id = match bare.parse() {
        Ok(uuid) => uuid,
        Err(_) => id("auth0", &old_id),
    };
    let created_at = time(record, "created_at")?;
    let mut person = Person {
        id,
        role: parse_role("").unwrap_or_default(),
        last_sign_in_at: time(record, "last_login")?,
        created_at,
        is_banned: flag(record, "blocked"),
        app_metadata: object(record, "app_metadata")?,
        user_metadata: object(record, "user_metadata")?,
        ..Person::default()
    };
    person.take_addresses(record, "email", "phone_number")?;
    // When it was proved is not told; a proof without its time still is one.
    let proved_at = created_at.or(Some(time::OffsetDateTime::UNIX_EPOCH));
    if flag(record, "email_verified") && person.email.is_some() {
        person.email_confirmed_at = proved_at;
    }
    if flag(record, "phone_verified") && person.phone.is_some() {
        person.phone_confirmed_at = proved_at;
    }
    person.hash = password(record)?;
    for (here, there) in [
        ("full_name", "name"),
        ("name", "name"),
        ("avatar_url", "picture"),
        ("preferred_username", "username"),
        ("given_name", "given_name"),
        ("family_name", "family_name"),
    ] {
        person.say(here, text(record, there));
    }
    for identity in list(record, "identities")? {
        person.identities.extend(self::identity(&person, &identity));
    }
    person.check()
}

/// The id: `auth0|…`, or the one of the database export.
fn old_id(record: &Record) -> Option<String> {
    if let Some(id) = text(record, "user_id") {
        return Some(id.to_owned());
    }
    let id = match record.get("_id")? {
        Value::String(id) => id.clone(),
        Value::Object(wrapped) => text(wrapped, "$oid")?.to_owned(),
        _ => return None,
    };
    Some(format!("auth0|{id}"))
}

/// An identity at a provider; those of address and number are made from the row.
fn identity(person: &Person, value: &Value) -> Option<PersonIdentity> {
    let identity = value.as_object()?;
    let provider = text(identity, "provider")?;
    if matches!(provider, "auth0" | "sms" | "email") {
        return None;
    }
    let renamed = PROVIDERS.iter().find(|(there, _)| *there == provider);
    let provider = renamed.map_or(provider, |(_, here)| here);
    let subject = match identity.get("user_id")? {
        Value::String(subject) => subject.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let mut data = object(identity, "profileData").unwrap_or_default();
    data.insert("sub".into(), json!(subject));
    if let Some(email) = &person.email {
        data.entry("email").or_insert_with(|| json!(email));
    }
    Some(PersonIdentity {
        user: person.id,
        provider: provider.into(),
        subject,
        data,
        last_sign_in_at: None,
        created_at: person.created_at,
    })
}

fn password(record: &Record) -> Result<Option<String>, String> {
    if let Some(text) = text(record, "passwordHash").or_else(|| text(record, "password_hash")) {
        return hash(text).map(Some);
    }
    let custom = object(record, "custom_password_hash")?;
    if custom.is_empty() {
        return Ok(None);
    }
    let algorithm = text(&custom, "algorithm").unwrap_or_default();
    let value = object(&custom, "hash")?;
    let digest = text(&value, "value").ok_or("`custom_password_hash.hash.value` is missing")?;
    match algorithm {
        "bcrypt" | "argon2" | "pbkdf2" => hash(digest).map(Some),
        "scrypt" => scrypt(&custom, &value)
            .and_then(|text| hash(&text))
            .map(Some),
        other => Err(format!(
            "passwords hashed by `{other}` cannot be verified here; leave \
             `custom_password_hash` out, and the user recovers the account by mail"
        )),
    }
}

/// Puts the parts of a scrypt hash together.
fn scrypt(custom: &Map<String, Value>, value: &Map<String, Value>) -> Result<String, String> {
    let number = |name: &str, usual: u64| custom.get(name).map_or(Some(usual), Value::as_u64);
    let cost = number("cost", 16_384).filter(|it| it.is_power_of_two());
    let cost = cost.ok_or("`custom_password_hash.cost` is no power of two")?;
    let (Some(r), Some(p)) = (number("blockSize", 8), number("parallelization", 1)) else {
        return Err("`custom_password_hash` has a number that is none".into());
    };
    let salt = object(custom, "salt")?;
    Ok(format!(
        "$scrypt$ln={},r={r},p={p}${}${}",
        cost.trailing_zeros(),
        STANDARD_NO_PAD.encode(decoded(&salt, "utf8")?),
        STANDARD_NO_PAD.encode(decoded(value, "base64")?)
    ))
}

/// The bytes of `{value, encoding}`.
fn decoded(part: &Map<String, Value>, usual: &str) -> Result<Vec<u8>, String> {
    let value = text(part, "value").ok_or("`custom_password_hash` lacks a value")?;
    let wrong = || "`custom_password_hash` holds a value of another encoding".to_owned();
    match text(part, "encoding").unwrap_or(usual) {
        "utf8" => Ok(value.as_bytes().to_vec()),
        "base64" => STANDARD
            .decode(value)
            .or_else(|_| STANDARD_NO_PAD.decode(value))
            .map_err(|_| wrong()),
        "hex" if value.len().is_multiple_of(2) && value.is_ascii() => (0..value.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&value[at..at + 2], 16).map_err(|_| wrong()))
            .collect(),
        _ => Err(wrong()),
    }
}
