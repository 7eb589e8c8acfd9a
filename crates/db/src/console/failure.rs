//! What ended a run, with its place in what was typed.

use std::time::Duration;

use tokio_postgres::error::{DbError, ErrorPosition};

use super::split::Piece;
use crate::{Error, error};

/// What ended a run. Its audience typed the statement and owns the project: nothing is scrubbed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlFailure {
    /// The SQLSTATE; empty where Postgres was not asked.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// A way out.
    pub hint: Option<String>,
    /// The line in what was typed, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The line's text.
    pub excerpt: String,
}

impl SqlFailure {
    /// A refusal of ours at the beginning of a statement.
    pub(super) fn refused(piece: &Piece<'_>, message: String, hint: &str) -> Self {
        Self {
            message,
            hint: Some(hint.to_owned()),
            ..Self::at(piece, 0)
        }
    }

    /// The run took too long.
    pub(super) fn too_long(most: Duration) -> Self {
        Self {
            message: format!("the run was stopped after {} seconds", most.as_secs()),
            line: 1,
            column: 1,
            ..Self::default()
        }
    }

    /// What Postgres said of a statement that was sent with `prefix` before its text.
    ///
    /// # Errors
    /// When it said nothing: the connection was lost.
    pub(super) fn of(
        refusal: tokio_postgres::Error,
        piece: &Piece<'_>,
        prefix: &str,
    ) -> Result<Self, Error> {
        let Some(said) = refusal.as_db_error() else {
            return Err(error::internal(refusal));
        };
        let chars = position(said).saturating_sub(prefix.chars().count());
        Ok(Self {
            code: said.code().code().to_owned(),
            message: said.message().to_owned(),
            detail: said.detail().map(str::to_owned),
            hint: said.hint().map(str::to_owned),
            ..Self::at(piece, chars)
        })
    }

    /// The place of a character of a statement in the whole text.
    fn at(piece: &Piece<'_>, chars: usize) -> Self {
        let inside = piece.text.char_indices().nth(chars);
        let offset = piece.start + inside.map_or(0, |(index, _)| index);
        let before = &piece.whole[..offset];
        let line_start = before.rfind('\n').map_or(0, |it| it + 1);
        let line = piece.whole[line_start..].lines().next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: piece.whole[line_start..offset].chars().count() + 1,
            excerpt: line.to_owned(),
            ..Self::default()
        }
    }
}

/// How many characters stand before the place that Postgres points at.
fn position(said: &DbError) -> usize {
    match said.position() {
        Some(ErrorPosition::Original(position)) => {
            usize::try_from(*position).unwrap_or(1).saturating_sub(1)
        }
        // A place inside of a function's text is none in what was typed.
        Some(ErrorPosition::Internal { .. }) | None => 0,
    }
}
