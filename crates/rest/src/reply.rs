//! From the database's answer to the HTTP answer: statuses and headers of the dialect.
//!
//! The pure parts are below this module and know no HTTP types; here they are put together. The
//! body goes out as the text that Postgres made.

mod location;
mod preferences;
mod range;
mod shape;
mod written;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_LOCATION, CONTENT_RANGE, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, VARY,
};
use actix_web::{HttpResponse, HttpResponseBuilder, body};
use futures_util::TryStreamExt as _;
use postern_base::codes;
use postern_db::Answer;
use postern_http::ApiError;
use postern_query::request::Method;
use postern_query::{AnswerKind, AnswerShape};

use self::shape::{Rows, Shaped};
pub(crate) use self::written::apply as apply_written;
use crate::{Failure, Outcome, media};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
pub(crate) const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");

/// What the request says about the form of its answer.
pub(crate) struct Asked<'a> {
    /// The verb.
    pub(crate) method: Method,
    /// The relation's name, or the function's.
    pub(crate) name: &'a str,
    /// The raw query string.
    pub(crate) query: &'a str,
    /// Whether several schemas are served, so that the answer says which one it is from.
    pub(crate) several_schemas: bool,
}

/// Renders an answer. `failed` is told of what goes wrong once it has begun.
pub(crate) fn render(
    asked: &Asked<'_>,
    outcome: Outcome,
    failed: impl Fn(&postern_db::Error) + 'static,
) -> Result<HttpResponse, Failure> {
    let Outcome {
        rewritten,
        answer,
        chunks,
    } = outcome;
    let shape = rewritten.answer();
    let shaped = match &chunks {
        Some(_) if !shape.counted => Shaped::of_unknown_length(),
        _ => shape::shape(asked.method, shape, &rows(&answer))?,
    };
    let mut response = HttpResponse::build(status(shaped.status));
    response.insert_header((VARY, HeaderValue::from_static("Accept, Prefer, Range")));
    insert(&mut response, CONTENT_RANGE, shaped.content_range.clone());
    insert(
        &mut response,
        PREFERENCE_APPLIED,
        preferences::applied(shape),
    );
    if shape.kind == AnswerKind::Read {
        insert(
            &mut response,
            CONTENT_LOCATION,
            location::canonical(asked.name, asked.query),
        );
    }
    let made = (shape.location.is_some() && answer.page_rows == 1)
        .then_some(answer.body.as_deref())
        .flatten();
    insert(
        &mut response,
        LOCATION,
        made.and_then(|row| location::created(asked.name, row)),
    );
    if shaped.has_body {
        describe(&mut response, shape, asked);
    }
    written::apply(&mut response, &answer)?;
    if let Some(chunks) = chunks {
        // An error in the stream ends the connection without the end of the body.
        return Ok(response.streaming(chunks.inspect_err(failed)));
    }
    let body = body_of(shape, answer)?;
    Ok(finish(response, asked.method, &shaped, body))
}

fn rows(answer: &Answer) -> Rows {
    Rows {
        page: answer.page_rows,
        total: answer.total_rows,
        inserted: answer.inserted_rows,
    }
}

fn describe(response: &mut HttpResponseBuilder, shape: &AnswerShape, asked: &Asked<'_>) {
    let content_type = match (shape.explain, &shape.media) {
        (Some(explain), _) => media::plan_type(explain, shape.format, shape.strip_nulls),
        (None, Some(value)) => media::value_type(&value.name),
        (None, None) => media::content_type(shape.format, shape.strip_nulls).to_owned(),
    };
    insert(response, CONTENT_TYPE, Some(content_type));
    if asked.several_schemas {
        insert(response, CONTENT_PROFILE, Some(shape.schema.clone()));
    }
}

/// The body's bytes; those of a value come as hexadecimal digits.
fn body_of(shape: &AnswerShape, answer: Answer) -> Result<Vec<u8>, Failure> {
    let text = answer.body.unwrap_or_default();
    let is_bytes = shape.media.as_ref().is_some_and(|it| it.is_bytes);
    if !is_bytes || shape.explain.is_some() {
        return Ok(text.into_bytes());
    }
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes.ok_or_else(|| Failure::new(&codes::INTERNAL, "The value's bytes cannot be read"))
}

fn finish(
    mut response: HttpResponseBuilder,
    method: Method,
    shaped: &Shaped,
    body: Vec<u8>,
) -> HttpResponse {
    if method == Method::Head {
        // No Content-Length either: the length of the body that GET would send is not known.
        response.body(body::None::new())
    } else if shaped.has_body {
        response.body(body)
    } else {
        response.finish()
    }
}

/// Inserts a header; a value that cannot be sent (a name with a control character) is left out.
fn insert(response: &mut HttpResponseBuilder, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|it| HeaderValue::try_from(it).ok()) {
        response.insert_header((name, value));
    }
}

fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The refusal of an offset behind the last row.
fn out_of_range(offset: u64, total: u64) -> Failure {
    let details = format!("An offset of {offset} was requested, but there are only {total} rows.");
    ApiError::new(&codes::RANGE, "Requested range not satisfiable")
        .with_details(details)
        .with_header(CONTENT_RANGE, &format!("*/{total}"))
        .into()
}

/// The refusal of an answer that is not exactly one row.
fn not_one_row(rows: u64) -> Failure {
    let message = "Cannot coerce the result to a single JSON object";
    ApiError::new(&codes::SINGULAR, message)
        .with_details(format!("The result contains {rows} rows"))
        .into()
}
