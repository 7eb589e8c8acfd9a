//! Fields of records, whose writers do not agree on how to write them.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use postern_password::StoredHash;
use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A record.
pub(super) type Record = Map<String, Value>;

/// Beneath which ids of other systems become UUIDs.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f3f_1d0a_8a54_4c1e_9b67_2d5f_0c9e_7a31);

/// A text; none when it is absent, null or empty.
pub(super) fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record
        .get(name)
        .and_then(Value::as_str)
        .filter(|it| !it.is_empty())
}

/// A truth: JSON's own, or as Postgres and CSV write it.
pub(super) fn flag(record: &Record, name: &str) -> bool {
    match record.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => matches!(text.as_str(), "t" | "true" | "TRUE" | "1"),
        _ => false,
    }
}

/// An object, or the text of one.
pub(super) fn object(record: &Record, name: &str) -> Result<Map<String, Value>, String> {
    let parsed = match record.get(name) {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(object)) => return Ok(object.clone()),
        Some(Value::String(text)) if text.is_empty() => return Ok(Map::new()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(_) => None,
    };
    match parsed {
        Some(Value::Object(object)) => Ok(object),
        Some(Value::Null) => Ok(Map::new()),
        _ => Err(format!("`{name}` is no JSON object")),
    }
}

/// A list, or the text of one.
pub(super) fn list(record: &Record, name: &str) -> Result<Vec<Value>, String> {
    let parsed = match record.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => return Ok(list.clone()),
        Some(Value::String(text)) if text.is_empty() => return Ok(Vec::new()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(_) => None,
    };
    match parsed {
        Some(Value::Array(list)) => Ok(list),
        _ => Err(format!("`{name}` is no JSON array")),
    }
}

/// A time: RFC 3339, as Postgres writes it, milliseconds since 1970, or as Mongo wraps it.
pub(super) fn time(record: &Record, name: &str) -> Result<Option<OffsetDateTime>, String> {
    let value = match record.get(name) {
        Some(Value::Object(wrapped)) => wrapped.get("$date"),
        other => other,
    };
    let parsed = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => match text.parse::<i64>() {
            Ok(millis) => from_millis(millis),
            Err(_) => from_text(text),
        },
        Some(Value::Number(number)) => number.as_i64().and_then(from_millis),
        Some(_) => None,
    };
    parsed
        .map(Some)
        .ok_or_else(|| format!("`{name}` is no time"))
}

fn from_millis(millis: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(millis))
}

fn from_text(text: &str) -> Option<OffsetDateTime> {
    let mut text = text.replacen(' ', "T", 1);
    // Postgres writes whole hours of an offset alone: `+00`.
    let is_short = |it: &str| {
        let at = it.len().checked_sub(3)?;
        let tail = it.get(at..)?;
        (tail.starts_with(['+', '-']) && tail[1..].bytes().all(|it| it.is_ascii_digit()))
            .then_some(())
    };
    if text.len() > 10 && is_short(&text).is_some() {
        text.push_str(":00");
    } else if text.len() > 10 && !text.ends_with(['Z', 'z']) && !text[10..].contains(['+', '-']) {
        text.push('Z');
    }
    OffsetDateTime::parse(&text, &Rfc3339).ok()
}

/// The id of a user: the UUID that it is, or one that depends on it alone (RFC 9562, version 5).
pub(super) fn id(system: &str, text: &str) -> Uuid {
    if let Ok(id) = text.parse::<Uuid>()
        && !id.is_nil()
    {
        return id;
    }
    let mut name = NAMESPACE.as_bytes().to_vec();
    name.extend(format!("{system}:{text}").as_bytes());
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid()
}

/// A hash that can be verified here.
pub(super) fn hash(text: &str) -> Result<String, String> {
    match StoredHash::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// When somebody is banned for good.
pub(super) fn for_ever(now: OffsetDateTime) -> OffsetDateTime {
    now.saturating_add(Duration::days(100 * 365))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unix(value: Value) -> Option<i64> {
        let record = Map::from_iter([("at".to_owned(), value)]);
        let time = time(&record, "at").expect("a time or none");
        time.map(OffsetDateTime::unix_timestamp)
    }

    #[test]
    fn times_are_read_however_they_are_written() {
        for value in [
            json!("2023-01-01T12:00:00Z"),
            json!("2023-01-01 12:00:00+00"),
            json!("2023-01-01 12:00:00.123456+00"),
            json!("2023-01-01 13:00:00+01:00"),
            json!("2023-01-01T12:00:00.123"),
            json!("1672574400000"),
            json!(1_672_574_400_000_i64),
            json!({ "$date": "2023-01-01T12:00:00.000Z" }),
        ] {
            assert_eq!(unix(value.clone()), Some(1_672_574_400), "{value}");
        }
        assert_eq!(unix(json!("")), None);
        assert_eq!(unix(Value::Null), None);
        let record = Map::from_iter([("at".to_owned(), json!("soon"))]);
        assert!(time(&record, "at").is_err());
    }

    #[test]
    fn an_id_stays_or_depends_on_the_old_one_alone() {
        let uuid = "3a4c1e7e-5a0d-4c58-9d7c-0d2f4a0b9c11";
        let made = id("auth0", "auth0|5f7c8ec7c33c6c004bbafe82");

        assert_eq!(id("auth0", uuid).to_string(), uuid);
        assert_eq!(made, id("auth0", "auth0|5f7c8ec7c33c6c004bbafe82"));
        assert_ne!(made, id("firebase", "auth0|5f7c8ec7c33c6c004bbafe82"));
        assert_eq!(made.get_version_num(), 5);
    }
}
