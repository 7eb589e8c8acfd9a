//! Plans instead of answers.

use postern_query::request::Explain;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use super::Answer;
use crate::Error;

/// The statement that tells the plan of another.
pub(super) fn statement(explain: Explain, sql: &str) -> String {
    let format = if explain.as_json { "json" } else { "text" };
    let mut text = format!("explain (format {format}");
    for option in explain.options() {
        text.push_str(", ");
        text.push_str(option);
    }
    text.push_str(") ");
    text.push_str(sql);
    text
}

/// Reads a plan: one line of text in each row, or all of it as JSON in one.
pub(super) fn answer(rows: &[Row]) -> Result<Answer, Error> {
    let lines: Result<Vec<&str>, _> = rows
        .iter()
        .map(|row| row.try_get::<_, Line<'_>>(0).map(|it| it.0))
        .collect();
    let lines = lines.map_err(|_| Error::Shape {
        reason: "a plan is neither text nor JSON",
    })?;
    Ok(Answer {
        body: Some(lines.join("\n")),
        ..Answer::default()
    })
}

/// Text or JSON as it came: both are their own text on the wire.
struct Line<'a>(&'a str);

impl<'a> FromSql<'a> for Line<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::TEXT | Type::JSON)
    }
}
