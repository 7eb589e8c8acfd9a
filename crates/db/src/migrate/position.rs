//! Where in a file Postgres stumbled.

use std::fmt::Write;

use tokio_postgres::error::ErrorPosition;

use super::{Error, MigrationFile, Refusal};
use crate::error as db_error;

/// Turns a refusal into file, line and column.
pub(super) fn explain(file: &MigrationFile, error: tokio_postgres::Error) -> Error {
    let Some(refusal) = error.as_db_error() else {
        return Error::Database(db_error::internal(error));
    };
    let place = match refusal.position() {
        Some(ErrorPosition::Original(offset)) => Some(line_and_column(&file.sql, *offset as usize)),
        _ => None,
    };
    let (line, column) = place.unzip();
    let mut more = String::new();
    for (label, text) in [
        ("detail", refusal.detail()),
        ("hint", refusal.hint()),
        ("where", refusal.where_()),
    ] {
        if let Some(text) = text {
            let _ = write!(more, "\n  {label}: {text}");
        }
    }
    Error::Sql(Box::new(Refusal {
        name: file.name.clone(),
        line,
        column,
        message: refusal.message().to_owned(),
        sqlstate: refusal.code().code().to_owned(),
        more,
    }))
}

/// Line and column of a character, all counted from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before: String = text.chars().take(offset.saturating_sub(1)).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::line_and_column;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let text = "select 1;\nselect 'é', x";

        assert_eq!(line_and_column(text, 1), (1, 1));
        assert_eq!(line_and_column(text, 11), (2, 1));
        assert_eq!(line_and_column(text, 23), (2, 13));
        assert_eq!(line_and_column(text, 0), (1, 1));
    }
}
