//! Looks at one value: what it is as JSON, or why its column would not take it.
//!
//! Only what is wrong under every version and setting of Postgres is refused here; all else is
//! the database's to judge.

use postern_catalog::{Column, TypeKind};
use serde_json::Value;

use super::mapping::is_needed;
use crate::import::csv::Field;

/// What a field comes to: a value, none (the column's default, or NULL), or a reason against it.
pub(super) fn value(column: &Column, field: &Field) -> Result<Option<Value>, String> {
    if field.text.is_empty() && !field.is_quoted {
        return match is_needed(column) {
            true => Err(t!("import.needed").to_owned()),
            false => Ok(None),
        };
    }
    let text = field.text.as_str();
    if let TypeKind::Enum(labels) = &column.ty.kind {
        return match labels.iter().any(|it| it == text) {
            true => Ok(Some(Value::String(text.to_owned()))),
            false => Err(t!("import.no_label", short(text), labels.join(", "))),
        };
    }
    let trimmed = text.trim();
    let refusal = match column.ty.operator_name() {
        "json" | "jsonb" => {
            let parsed = serde_json::from_str(text);
            return parsed
                .map(Some)
                .map_err(|_| t!("import.no_json", short(text)));
        }
        "int2" => integer(trimmed, i64::from(i16::MIN), i64::from(i16::MAX)),
        "int4" => integer(trimmed, i64::from(i32::MIN), i64::from(i32::MAX)),
        "int8" => integer(trimmed, i64::MIN, i64::MAX),
        "numeric" | "float4" | "float8" => number(trimmed),
        "bool" => boolean(trimmed),
        "uuid" => uuid(trimmed),
        "varchar" | "bpchar" => length(text, &column.ty.sql),
        _ => None,
    };
    match refusal {
        Some(reason) => Err(reason),
        None => Ok(Some(Value::String(text.to_owned()))),
    }
}

/// Not more of a value than a reader needs to find it.
fn short(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn integer(text: &str, least: i64, most: i64) -> Option<String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()) {
        let fits = text
            .parse::<i64>()
            .is_ok_and(|it| (least..=most).contains(&it));
        return (!fits).then(|| t!("import.too_large", short(text), least, most));
    }
    (!is_maybe_newer(text)).then(|| t!("import.no_integer", short(text)))
}

/// Since version 16 Postgres also reads `0x1F` and `1_000`.
fn is_maybe_newer(text: &str) -> bool {
    let starts = text
        .trim_start_matches(['+', '-'])
        .starts_with(|it: char| it.is_ascii_digit());
    starts
        && text
            .bytes()
            .all(|it| it.is_ascii_hexdigit() || b"+-_xXoO".contains(&it))
}

fn number(text: &str) -> Option<String> {
    let is_number = text.parse::<f64>().is_ok() || is_maybe_newer(text);
    (!is_number).then(|| t!("import.no_number", short(text)))
}

fn boolean(text: &str) -> Option<String> {
    let text_low = text.to_ascii_lowercase();
    let is_start = |word: &str| !text_low.is_empty() && word.starts_with(&text_low);
    let is_boolean = ["true", "false", "yes", "no"].iter().any(|it| is_start(it))
        || ["on", "off", "of", "1", "0"].contains(&text_low.as_str());
    (!is_boolean).then(|| t!("import.no_boolean", short(text)))
}

fn uuid(text: &str) -> Option<String> {
    let inside = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let digits = inside.unwrap_or(text).bytes().filter(|it| *it != b'-');
    let digits: Vec<u8> = digits.collect();
    let is_uuid = digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit);
    (!is_uuid).then(|| t!("import.no_uuid", short(text)))
}

/// The length that `character varying(20)` allows; spaces at the end are cut, which is no harm.
fn length(text: &str, sql: &str) -> Option<String> {
    let (_, rest) = sql.split_once('(')?;
    let most: usize = rest.strip_suffix(')')?.parse().ok()?;
    let is_long = text.trim_end_matches(' ').chars().count() > most;
    is_long.then(|| t!("import.too_long", short(text), most))
}

#[cfg(test)]
mod tests {
    use postern_catalog::{Generated, PgType};

    use super::*;

    fn column(ty: &str) -> Column {
        Column {
            name: "it".into(),
            attnum: 1,
            ty: PgType::builtin(ty),
            nullable: true,
            default: None,
            generated: Generated::No,
            comment: None,
        }
    }

    fn takes(ty: &str, text: &str) -> bool {
        let field = Field {
            text: text.into(),
            is_quoted: true,
        };
        value(&column(ty), &field).is_ok()
    }

    #[test]
    fn values_that_no_postgres_takes_are_refused() {
        for (ty, good, bad) in [
            ("int4", "-2147483648", "2147483648"),
            ("int4", " 7 ", "seven"),
            ("int8", "0x1F", "1.5"),
            ("int2", "+5", ""),
            ("numeric", "1e5", "1,5"),
            ("float8", "NaN", "1.2.3"),
            ("bool", "T", "maybe"),
            ("bool", "off", "2"),
            ("uuid", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "a0eebc99"),
            ("json", "{\"a\": [1]}", "{a}"),
            ("date", "yesterday", "\u{0}never judged here"),
        ] {
            assert!(takes(ty, good), "{ty} {good}");
            assert_eq!(takes(ty, bad), ty == "date", "{ty} {bad}");
        }
    }

    #[test]
    fn an_empty_field_is_no_value_and_an_empty_text_is_one() {
        let field = |is_quoted| Field {
            text: String::new(),
            is_quoted,
        };
        let required = Column {
            nullable: false,
            ..column("text")
        };

        assert_eq!(value(&column("text"), &field(false)), Ok(None));
        assert!(value(&required, &field(false)).is_err());
        assert_eq!(
            value(&required, &field(true)),
            Ok(Some(Value::String(String::new())))
        );
    }

    #[test]
    fn what_looks_like_a_formula_stays_as_it_is() {
        let field = Field {
            text: "=1+1".into(),
            is_quoted: false,
        };
        assert_eq!(
            value(&column("text"), &field),
            Ok(Some(Value::String("=1+1".into())))
        );
    }
}
