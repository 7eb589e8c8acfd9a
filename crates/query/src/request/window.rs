//! Which rows: `limit`, `offset` and the Range header.
//!
//! ```text
//! limit  = integer          ; another text is ignored
//! offset = integer          ; another text is ignored, and so are negative numbers
//! Range  = 1*digit "-" *digit
//! ```

use postern_base::codes;

use super::{Method, RawRequest, Window};
use crate::Error;

/// `limit` and `offset` as written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WindowText {
    /// `limit=`
    pub(super) limit: Option<i64>,
    /// `offset=`
    pub(super) offset: Option<i64>,
}

/// Reads an integer; beyond 64 bits it is as large as it can be.
///
/// COMPAT(postgrest 14): `limit=abc` is no limit rather than an error.
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse().unwrap_or(i64::MAX);
    Some(if text.starts_with('-') { -size } else { size })
}

/// The window of an embedded resource.
pub(super) fn embedded(text: WindowText) -> Result<Window, Error> {
    let limit = text.limit.map(u64::try_from).transpose();
    Ok(Window {
        offset: text.offset.map_or(0, |it| u64::try_from(it).unwrap_or(0)),
        limit: limit.map_err(|_| negative_limit())?,
    })
}

/// The window of the resource itself: what `limit`, `offset` and the Range header all allow.
pub(super) fn outermost(text: WindowText, raw: &RawRequest<'_>) -> Result<Window, Error> {
    if raw.method == Method::Put && (text.limit.is_some() || text.offset.is_some_and(|it| it > 0)) {
        let message = "limit/offset querystring parameters are not allowed for PUT";
        return Err(Error::new(&codes::PUT_RANGE, message));
    }
    let window = embedded(text)?;
    let Some(header) = raw.range.filter(|_| raw.method == Method::Get) else {
        return Ok(window);
    };
    // COMPAT(postgrest 14): `limit=0` is an empty page whatever the header says.
    match range_header(header) {
        Some(header) if window.limit != Some(0) => intersection(window, header),
        _ => Ok(window),
    }
}

/// The first and last row of a Range header; COMPAT(postgrest 14): another form is ignored.
fn range_header(header: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = header.split_once('-')?;
    let is_number = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if first.is_empty() || !is_number(first) || !is_number(last) {
        return None;
    }
    let number = |it: &str| integer(it).and_then(|it| u64::try_from(it).ok());
    Some((number(first)?, number(last)))
}

fn intersection(window: Window, (first, last): (u64, Option<u64>)) -> Result<Window, Error> {
    if last.is_some_and(|last| last < first) {
        return Err(not_satisfiable(
            "The lower boundary must be lower than or equal to the upper boundary in the Range \
             header.",
        ));
    }
    let offset = window.offset.max(first);
    let ends = [
        window
            .limit
            .map(|limit| window.offset.saturating_add(limit)),
        last.map(|last| last.saturating_add(1)),
    ];
    let limit = match ends.into_iter().flatten().min() {
        None => None,
        Some(end) if end > offset => Some(end - offset),
        Some(_) => return Err(negative_limit()),
    };
    Ok(Window { offset, limit })
}

fn negative_limit() -> Error {
    not_satisfiable("Limit should be greater than or equal to zero.")
}

fn not_satisfiable(details: &str) -> Error {
    Error::new(&codes::RANGE, "Requested range not satisfiable").with_details(details)
}
