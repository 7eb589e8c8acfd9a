//! Errors that somebody raised on purpose: the rewriter's refusals, and functions that choose
//! their own status (`PTxyz`) or their whole answer (SQLSTATE `PGRST` with JSON inside).

use postern_base::codes::{self, Code};
use serde_json::{Map, Value};

use super::{Complaint, Rejection};

/// The name, in the server's source, of what runs RAISE.
const RAISE: &str = "exec_stmt_raise";

/// Whether a function's author wrote this error.
pub(super) fn is_raised(complaint: &Complaint) -> bool {
    complaint.routine.as_deref() == Some(RAISE)
}

/// A refusal that the rewriter put into the statement: the message carries a count.
pub(super) fn by_us(complaint: &Complaint) -> Option<Rejection> {
    if !is_raised(complaint) || complaint.detail.is_some() || complaint.hint.is_some() {
        return None;
    }
    let text = &complaint.message;
    let (code, message, details): (&Code, _, String) = match complaint.sqlstate.as_str() {
        "PT116" => (
            &codes::SINGULAR,
            "Cannot coerce the result to a single JSON object",
            counted(text, |n| format!("The result contains {n} rows")),
        ),
        "PT124" => (
            &codes::MAX_AFFECTED,
            "Query result exceeds max-affected preference constraint",
            counted(text, |n| format!("The query affects {n} rows")),
        ),
        "PT115" => return Some(put_mismatch()),
        "PT103" => (
            &codes::RANGE,
            "Requested range not satisfiable",
            text.clone(),
        ),
        _ => return None,
    };
    Some(Rejection {
        code: code.code.into(),
        status: code.status,
        message: message.into(),
        details: Some(details),
        hint: None,
        headers: Vec::new(),
    })
}

/// The refusal of a PUT whose body is not the row that its address names.
fn put_mismatch() -> Rejection {
    Rejection {
        code: codes::PUT_BODY.code.into(),
        status: codes::PUT_BODY.status,
        message: "Payload values do not match URL in primary key column(s)".into(),
        details: None,
        hint: None,
        headers: Vec::new(),
    }
}

/// An error with which a function chooses the status, or status, body and headers.
pub(super) fn by_function(complaint: &Complaint) -> Option<Rejection> {
    if complaint.sqlstate == "PGRST" {
        return Some(from_json(complaint).unwrap_or_else(|part| malformed(part, complaint)));
    }
    let status: u16 = complaint.sqlstate.strip_prefix("PT")?.parse().ok()?;
    (100..=599).contains(&status).then(|| Rejection {
        code: complaint.sqlstate.clone(),
        status,
        message: complaint.message.clone(),
        details: complaint.detail.clone(),
        hint: complaint.hint.clone(),
        headers: Vec::new(),
    })
}

fn counted(text: &str, sentence: impl Fn(&str) -> String) -> String {
    let is_count = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if is_count {
        sentence(text)
    } else {
        text.to_owned()
    }
}

/// What of a raised `PGRST` cannot be read.
#[derive(Clone, Copy)]
enum Malformed {
    Message,
    Detail,
    NoDetail,
}

/// COMPAT(postgrest 14): MESSAGE holds `{code, message, details, hint}`, DETAIL holds
/// `{status, headers}`.
fn from_json(complaint: &Complaint) -> Result<Rejection, Malformed> {
    let body = message(&complaint.message).ok_or(Malformed::Message)?;
    let detail = complaint.detail.as_deref().ok_or(Malformed::NoDetail)?;
    let (status, headers) = detail_of(detail).ok_or(Malformed::Detail)?;
    Ok(Rejection {
        status,
        headers,
        ..body
    })
}

fn message(text: &str) -> Option<Rejection> {
    let body: Map<String, Value> = serde_json::from_str(text).ok()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Rejection {
        code: text("code")?,
        status: 500,
        message: text("message")?,
        details: text("details"),
        hint: text("hint"),
        headers: Vec::new(),
    })
}

fn detail_of(text: &str) -> Option<(u16, Vec<(String, String)>)> {
    let shape: Map<String, Value> = serde_json::from_str(text).ok()?;
    let status = u16::try_from(shape.get("status")?.as_u64()?).ok()?;
    let headers = shape.get("headers")?.as_object()?.iter();
    let headers = headers.map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let headers = headers.collect::<Option<_>>()?;
    (100..=599).contains(&status).then_some((status, headers))
}

fn malformed(part: Malformed, complaint: &Complaint) -> Rejection {
    let detail = complaint.detail.as_deref().unwrap_or_default();
    let details = match part {
        Malformed::Message => format!("Invalid JSON value for MESSAGE: '{}'", complaint.message),
        Malformed::Detail => format!("Invalid JSON value for DETAIL: '{detail}'"),
        Malformed::NoDetail => "DETAIL is missing in the RAISE statement".into(),
    };
    let hint = match part {
        Malformed::Message => {
            "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional \
             keys: 'details', 'hint'."
        }
        Malformed::Detail | Malformed::NoDetail => {
            "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional \
             key: 'status_text'."
        }
    };
    Rejection {
        code: "PGRST121".into(),
        status: 500,
        message: "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error".into(),
        details: Some(details),
        hint: Some(hint.into()),
        headers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised(sqlstate: &str, message: &str, detail: Option<&str>) -> Complaint {
        Complaint {
            sqlstate: sqlstate.into(),
            message: message.into(),
            detail: detail.map(str::to_owned),
            routine: Some(RAISE.into()),
            ..Complaint::default()
        }
    }

    #[test]
    fn refusals_of_the_rewriter_speak_the_dialect() {
        let rejection = by_us(&raised("PT116", "3", None)).expect("ours");

        assert_eq!(
            (rejection.code.as_str(), rejection.status),
            ("PGRST116", 406)
        );
        assert_eq!(
            rejection.details.as_deref(),
            Some("The result contains 3 rows")
        );
        assert!(by_us(&raised("PT402", "pay", None)).is_none());
    }

    #[test]
    fn a_function_chooses_its_status() {
        let rejection = by_function(&raised("PT402", "pay first", None)).expect("raised");

        assert_eq!(rejection.status, 402);
        assert_eq!(rejection.message, "pay first");
        assert!(by_function(&raised("PT999", "no", None)).is_none());
    }

    #[test]
    fn a_function_chooses_the_whole_answer() {
        let rejection = by_function(&raised(
            "PGRST",
            r#"{"code":"123","message":"ABC","details":"DEF","hint":"XYZ"}"#,
            Some(r#"{"status":332,"headers":{"X-Header":"str"}}"#),
        ))
        .expect("raised");

        assert_eq!((rejection.code.as_str(), rejection.status), ("123", 332));
        assert_eq!(
            rejection.headers,
            [("X-Header".to_owned(), "str".to_owned())]
        );
    }

    #[test]
    fn a_malformed_answer_is_an_error_of_its_own() {
        let rejection = by_function(&raised("PGRST", "INVALID", None)).expect("raised");

        assert_eq!(
            (rejection.code.as_str(), rejection.status),
            ("PGRST121", 500)
        );
        assert_eq!(
            rejection.details.as_deref(),
            Some("Invalid JSON value for MESSAGE: 'INVALID'")
        );
        let no_detail = r#"{"code":"1","message":"2"}"#;
        let rejection = by_function(&raised("PGRST", no_detail, None)).expect("raised");
        assert_eq!(
            rejection.details.as_deref(),
            Some("DETAIL is missing in the RAISE statement")
        );
    }
}
