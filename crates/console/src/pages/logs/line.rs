//! One request as a row of the list.

use std::time::Duration;

use askama::Template;
use postern_telemetry::requests::{Caller, Record};
use time::OffsetDateTime;

use crate::place::Place;
use crate::place::operate::Operate;

/// Rows of the list, which the page and the tail have in common.
#[derive(Template)]
#[template(path = "logs/lines.html")]
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
}

/// One of them.
pub(super) struct Line {
    at: Option<OffsetDateTime>,
    place: Place,
    status: u16,
    tint: (&'static str, &'static str),
    method: String,
    address: String,
    who: String,
    rows: Option<i64>,
    took: String,
    note: Option<&'static str>,
}

impl Line {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            at: super::moment(record.at),
            place: Place::Operate(Operate::Log(record.id.to_string())),
            status: record.status,
            tint: tint(record),
            method: record.method.to_string(),
            address: record.address.to_string(),
            who: who(record),
            rows: record.told.as_ref().and_then(|it| it.rows),
            took: took(record.duration),
            note: note(record),
        }
    }
}

/// Icon and tint of a status: colour is spent on verdicts.
pub(super) fn tint(record: &Record) -> (&'static str, &'static str) {
    match record.status {
        _ if record.is_denied() => ("deny", "deny"),
        500.. => ("warn", "deny"),
        400.. => ("warn", "warn"),
        // What went well is not what people look for.
        _ => ("allow", ""),
    }
}

/// What stands beside the status.
fn note(record: &Record) -> Option<&'static str> {
    if record.is_denied() {
        Some(t!("logs.denied"))
    } else if record.is_empty_read() {
        Some(t!("logs.no_rows"))
    } else {
        None
    }
}

/// Who asked, in a word.
pub(super) fn who(record: &Record) -> String {
    match record.told.as_ref().map(|it| &it.caller) {
        None | Some(Caller::Unknown) => t!("logs.unknown").to_owned(),
        Some(Caller::Anonymous) => t!("logs.anonymous").to_owned(),
        Some(Caller::Secret) => t!("logs.secret").to_owned(),
        Some(Caller::Acting(user, admin)) => t!("borrowed.who", admin, user),
        Some(Caller::User(name) | Caller::Admin(name)) => name.to_string(),
    }
}

/// A duration with three digits that matter.
pub(super) fn took(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    match millis {
        ..10.0 => format!("{millis:.2} ms"),
        ..100.0 => format!("{millis:.1} ms"),
        ..10_000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        for (micros, expected) in [
            (4, "0.00 ms"),
            (1_234, "1.23 ms"),
            (12_345, "12.3 ms"),
            (123_456, "123 ms"),
            (12_345_678, "12.3 s"),
        ] {
            assert_eq!(took(Duration::from_micros(micros)), expected);
        }
    }
}
