//! Status, `Content-Range`, and whether there is a body: for each verb as the dialect has it.
//!
//! COMPAT(postgrest 14): an insert says `*/*`, an update counts from 0, a delete says `*/*`; the
//! total is there only when it was asked for. PUT without a body is 201 or 204, POST 201 or 200.

use postern_query::request::{Format, Method};
use postern_query::{AnswerKind, AnswerShape};

use super::range::content_range;
use super::{not_one_row, out_of_range};
use crate::Failure;

/// How many rows the database spoke of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    /// In the answer, or touched by the write.
    pub(super) page: u64,
    /// In all, when counted.
    pub(super) total: Option<u64>,
    /// Inserted by an upsert, those updated left out.
    pub(super) inserted: u64,
}

/// The answer's outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shaped {
    pub(super) status: u16,
    /// None for a plan, which has no rows, and where they were not counted before they are sent.
    pub(super) content_range: Option<String>,
    pub(super) has_body: bool,
}

impl Shaped {
    /// The outline of rows that are sent before anybody knows how many there are.
    pub(super) fn of_unknown_length() -> Self {
        Self {
            status: 200,
            content_range: None,
            has_body: true,
        }
    }
}

/// Works the outline out.
pub(super) fn shape(method: Method, shape: &AnswerShape, rows: &Rows) -> Result<Shaped, Failure> {
    if shape.explain.is_some() {
        return Ok(Shaped {
            status: 200,
            content_range: None,
            has_body: true,
        });
    }
    match shape.kind {
        AnswerKind::Read | AnswerKind::RpcRows | AnswerKind::RpcValue | AnswerKind::RpcVoid => {
            read(shape, rows)
        }
        AnswerKind::Insert => Ok(written(shape, rows, 201)),
        AnswerKind::Upsert => Ok(written(shape, rows, upserted(method, shape, rows))),
        AnswerKind::Update | AnswerKind::Delete => {
            let status = if shape.returns_rows { 200 } else { 204 };
            Ok(written(shape, rows, status))
        }
    }
}

fn read(shape: &AnswerShape, rows: &Rows) -> Result<Shaped, Failure> {
    let is_rows = matches!(shape.kind, AnswerKind::Read | AnswerKind::RpcRows);
    if is_rows && shape.format == Format::Object && rows.page != 1 {
        return Err(not_one_row(rows.page));
    }
    let total = rows.total.filter(|_| shape.counted);
    if let Some(total) = total.filter(|total| shape.offset > *total) {
        return Err(out_of_range(shape.offset, total));
    }
    let is_void = shape.kind == AnswerKind::RpcVoid;
    let status = match total {
        _ if is_void => 204,
        Some(total) if rows.page < total => 206,
        _ => 200,
    };
    Ok(Shaped {
        status,
        content_range: Some(content_range(shape.offset, rows.page, total)),
        has_body: !is_void,
    })
}

fn written(shape: &AnswerShape, rows: &Rows, status: u16) -> Shaped {
    let total = shape.counted.then_some(rows.total.unwrap_or(rows.page));
    let listed = if shape.kind == AnswerKind::Update {
        rows.page
    } else {
        0
    };
    Shaped {
        status,
        content_range: Some(content_range(0, listed, total)),
        has_body: shape.returns_rows,
    }
}

fn upserted(method: Method, shape: &AnswerShape, rows: &Rows) -> u16 {
    match method {
        _ if rows.inserted > 0 => 201,
        Method::Put if !shape.returns_rows => 204,
        _ => 200,
    }
}

#[cfg(test)]
mod tests {
    use postern_query::request::Preferences;

    use super::*;

    fn outline(kind: AnswerKind) -> AnswerShape {
        AnswerShape {
            kind,
            format: Format::Json,
            strip_nulls: false,
            explain: None,
            media: None,
            offset: 0,
            counted: false,
            returns_rows: true,
            location: None,
            preferences: Preferences::default(),
            schema: "public".into(),
        }
    }

    fn rows(page: u64, total: Option<u64>) -> Rows {
        Rows {
            page,
            total,
            inserted: 0,
        }
    }

    #[track_caller]
    fn check(method: Method, shaped: &AnswerShape, rows: &Rows, status: u16, range: &str) {
        let got = shape(method, shaped, rows).expect("an answer");
        assert_eq!(
            (got.status, got.content_range.as_deref()),
            (status, Some(range))
        );
    }

    #[test]
    fn a_counted_read_is_partial_when_rows_are_left_out() {
        let mut read = outline(AnswerKind::Read);
        check(Method::Get, &read, &rows(3, None), 200, "0-2/*");
        read.counted = true;
        check(Method::Get, &read, &rows(15, Some(15)), 200, "0-14/15");
        check(Method::Get, &read, &rows(5, Some(15)), 206, "0-4/15");
        check(Method::Get, &read, &rows(0, Some(0)), 200, "*/0");
        read.offset = 15;
        check(Method::Get, &read, &rows(0, Some(15)), 206, "*/15");
    }

    #[test]
    fn an_offset_behind_the_last_row_is_refused() {
        let mut read = outline(AnswerKind::Read);
        read.counted = true;
        read.offset = 100;

        let failure = shape(Method::Get, &read, &rows(0, Some(15))).expect_err("refused");

        let Failure::Api(error) = failure else {
            panic!("an API error")
        };
        assert_eq!(error.status(), 416);
        assert_eq!(
            error.body(),
            concat!(
                r#"{"code":"PGRST103","details":"An offset of 100 was requested, but there are "#,
                r#"only 15 rows.","hint":null,"message":"Requested range not satisfiable"}"#
            )
        );
    }

    #[test]
    fn one_row_means_one_row() {
        let mut read = outline(AnswerKind::Read);
        read.format = Format::Object;
        assert!(shape(Method::Get, &read, &rows(1, None)).is_ok());
        let failure = shape(Method::Get, &read, &rows(0, None)).expect_err("refused");
        assert_eq!(
            failure.to_string(),
            "PGRST116: Cannot coerce the result to a single JSON object"
        );
    }

    #[test]
    fn writes_say_what_they_made() {
        let mut insert = outline(AnswerKind::Insert);
        check(Method::Post, &insert, &rows(2, None), 201, "*/*");
        insert.counted = true;
        check(Method::Post, &insert, &rows(2, None), 201, "*/2");
        let mut update = outline(AnswerKind::Update);
        check(Method::Patch, &update, &rows(2, None), 200, "0-1/*");
        update.returns_rows = false;
        check(Method::Patch, &update, &rows(0, None), 204, "*/*");
        let mut delete = outline(AnswerKind::Delete);
        check(Method::Delete, &delete, &rows(2, None), 200, "*/*");
        delete.returns_rows = false;
        delete.counted = true;
        check(Method::Delete, &delete, &rows(2, None), 204, "*/2");
    }

    #[test]
    fn an_upsert_is_created_when_anything_was_inserted() {
        let mut upsert = outline(AnswerKind::Upsert);
        let inserted = Rows {
            page: 2,
            total: None,
            inserted: 1,
        };
        check(Method::Post, &upsert, &inserted, 201, "*/*");
        check(Method::Post, &upsert, &rows(2, None), 200, "*/*");
        check(Method::Put, &upsert, &inserted, 201, "*/*");
        check(Method::Put, &upsert, &rows(1, None), 200, "*/*");
        upsert.returns_rows = false;
        check(Method::Put, &upsert, &rows(1, None), 204, "*/*");
        check(Method::Post, &upsert, &rows(1, None), 200, "*/*");
    }

    #[test]
    fn a_function_that_returns_nothing_has_no_content() {
        let void = outline(AnswerKind::RpcVoid);

        let shaped = shape(Method::Post, &void, &rows(1, None)).expect("an answer");

        assert_eq!((shaped.status, shaped.has_body), (204, false));
    }
}
