//! What came of a run, in words and tables.

use askama::Template;
use postern_db::console::{SqlError, SqlFailure, SqlMode, SqlRan, SqlRest};

use super::kept::{Outcome, Run};
use super::plan::Plan;
use crate::place::{Place, SqlPlace};

/// Longest value that a table shows; files hold all of it.
const CHARS_MAX: usize = 400;

/// The results of a run, as a part of its page.
#[derive(Template)]
#[template(path = "sql_run.html")]
pub(crate) struct Results<'r> {
    run: &'r Run,
    form_token: String,
}

impl<'r> Results<'r> {
    pub(crate) fn new(run: &'r Run, form_token: String) -> Self {
        Self { run, form_token }
    }

    fn is_running(&self) -> bool {
        self.run.outcome().is_none()
    }

    fn stop(&self) -> Place {
        Place::Sql(SqlPlace::Stop(self.run.snippet(), self.run.id.clone()))
    }

    fn ran(&self) -> &[SqlRan] {
        self.run.report().map_or(&[], |it| &it.ran)
    }

    fn failure(&self) -> Option<&SqlFailure> {
        self.run.report()?.failure.as_ref()
    }

    /// The statement that the policies made, where it ran in somebody's name.
    fn rewritten(&self) -> Option<&str> {
        match self.run.outcome()? {
            Outcome::Asked { sql, .. } if !sql.is_empty() => Some(sql),
            _ => None,
        }
    }

    /// Title and text of why it did not begin.
    fn refusal(&self) -> Option<(&'static str, String)> {
        let Some(Outcome::Refused(error)) = self.run.outcome() else {
            return None;
        };
        Some(match error {
            SqlError::TooFar { login, what } => {
                (t!("sql.too_far"), t!("sql.too_far_text", login, what))
            }
            SqlError::Database(error) => (t!("sql.no_run"), error.message().to_owned()),
        })
    }

    /// What became of the run's changes.
    fn ending(&self) -> &'static str {
        match (self.run.wish.mode, self.failure()) {
            (SqlMode::ReadOnly, _) => t!("sql.read_only_end"),
            (SqlMode::Write, None) => t!("sql.write_end"),
            (SqlMode::Write, Some(_)) => t!("sql.write_undone"),
        }
    }

    fn file(&self, number: &usize, ending: &'static str) -> Place {
        let id = self.run.id.clone();
        Place::Sql(SqlPlace::File(self.run.snippet(), id, *number, ending))
    }
}

/// The plan of a statement that was asked for it.
fn plan(ran: &SqlRan) -> Option<Plan> {
    let row = ran.rows.first().filter(|_| ran.is_plan)?;
    Plan::read(row.first()?.as_deref()?)
}

/// What is said of the number of a statement's rows.
fn rows(ran: &SqlRan) -> String {
    if ran.is_plan {
        return t!("sql.plan_title").to_owned();
    }
    let shown = number!(ran.rows.len());
    match ran.rest {
        _ if ran.columns.is_empty() => match ran.touched {
            0 => t!("sql.done").to_owned(),
            1 => t!("sql.touched_one").to_owned(),
            touched => t!("sql.touched", number!(touched)),
        },
        SqlRest::Nothing if ran.rows.len() == 1 => t!("sql.one_row").to_owned(),
        SqlRest::Nothing => t!("sql.rows", shown),
        SqlRest::More => t!("sql.first_rows", shown),
        SqlRest::MoreOf(total) => t!("sql.first_rows_of", shown, number!(total)),
        SqlRest::TooLarge => t!("sql.first_rows_large", shown),
    }
}

/// A value as far as a table shows it.
fn shown(value: &str) -> String {
    match value.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// Whether values of this type stand on the right.
fn is_number(ty: &str) -> bool {
    [
        "int2", "int4", "int8", "numeric", "float4", "float8", "oid", "money",
    ]
    .contains(&ty)
}

/// Milliseconds of a duration, as people read them.
fn took(ran: &SqlRan) -> String {
    let micros = ran.took.as_micros();
    if micros < 10_000 {
        return t!(
            "sql.millis",
            format!("{}.{}", micros / 1000, micros % 1000 / 100)
        );
    }
    t!("sql.millis", number!(micros / 1000))
}

/// Spaces up to the place that a failure points at.
fn pad(failure: &SqlFailure) -> String {
    let before = failure
        .excerpt
        .chars()
        .take(failure.column.saturating_sub(1));
    // A tab stays one, so that the mark stands below what it means.
    before
        .map(|it| if it == '\t' { '\t' } else { ' ' })
        .collect()
}
