//! Statements of the author's own tools: rows of a test, and what rules make of rows.
//!
//! SECURITY: no policy filters what these read or write. They are a type of their own, which `db`
//! runs inside of a trial only: a transaction of the author's that is always rolled back. No
//! request of a client reaches them.

mod sought;

use std::sync::Arc;

use postern_base::RelationName;
use postern_catalog::Relation;
use postern_policy::{Access, Expr};

use super::expr::{Assigned, NewValue, Row};
use super::update::preset_value;
use super::{Rules, Statement};
use crate::plan::Sought;
use crate::rewritten::Param;
use crate::{Error, View};

/// A statement that only a trial runs; it yields one row with one text.
#[derive(Debug)]
pub struct ToolStatement {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
}

impl ToolStatement {
    /// The statement's text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Its parameters, all in Postgres's text format.
    pub fn params(&self) -> &[Param] {
        &self.params
    }
}

/// Which stored rows.
#[derive(Clone, Copy, Debug)]
pub enum Which<'q> {
    /// Those of which these columns have these values; every one where none is named.
    Of(&'q [(String, String)]),
    /// Those that a request names, all of them without one, and of which the condition is TRUE,
    /// or is not.
    Sifted {
        /// The request's own filters, order and window; the window counts on the side that is
        /// TRUE alone, since a request counts the rows that it is shown.
        sought: Option<&'q Sought>,
        /// The condition.
        condition: &'q Expr,
        /// Which side of it.
        side: Sift,
    },
    /// Those with these keys: a JSON array of what an earlier question gave as `row`.
    Keyed(&'q str),
}

/// A side of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sift {
    /// It is TRUE.
    True,
    /// It is FALSE or NULL.
    NotTrue,
}

/// What is told of a row beside the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its primary key, or all of it where there is none.
    Key,
    /// All of it as well.
    Cells,
}

/// The row that questions are asked about.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'q> {
    /// Stored rows.
    Stored(Which<'q>),
    /// Stored rows as they would be after these values, a JSON object, are assigned.
    Updated {
        /// Which rows.
        of: Which<'q>,
        /// The values as a JSON object, and the columns that it names.
        values: &'q str,
        /// Those columns.
        columns: &'q [String],
    },
    /// A row that is not there yet: these values as a JSON object.
    New(&'q str),
}

/// What is asked of rows.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The relation.
    pub relation: &'q Relation,
    /// The access whose presets fill the columns of a new row.
    pub access: Option<&'q Access>,
    /// The conditions.
    pub conditions: &'q [&'q Expr],
    /// The rows.
    pub asked: Asked<'q>,
    /// What is told of them.
    pub shown: Shown,
    /// Most rows.
    pub rows_max: u64,
}

/// Asks what conditions are of rows: a JSON array with `{"row": {…}, "truths": […]}` for each row,
/// the row being its primary key, or all of it where there is none; with [`Shown::Cells`] the whole
/// row as `cells` too. Rows with a primary key come in its order.
///
/// # Errors
/// When a condition cannot be printed, which loading should have noticed.
pub fn truths(view: &View<'_>, question: Question<'_>) -> Result<ToolStatement, Error> {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.truths(question)?;
    Ok(finished(statement))
}

/// Inserts a row of a test file: a JSON object with these columns.
pub fn given(
    view: &View<'_>,
    relation: &RelationName,
    columns: &[String],
    row: &str,
) -> ToolStatement {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.push("WITH \"w\" AS (INSERT INTO ");
    statement.relation(relation);
    statement.push(" (");
    statement.names(columns);
    statement.push(") OVERRIDING SYSTEM VALUE SELECT ");
    statement.names(columns);
    statement.push(" FROM ");
    statement.populated(relation, row);
    statement.push(" AS \"s\" RETURNING 1) SELECT pg_catalog.count(*)::text FROM \"w\"");
    finished(statement)
}

/// Counts the rows of a relation, as far as this many.
pub fn size(view: &View<'_>, relation: &Relation, rows_max: u64) -> ToolStatement {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.push("SELECT pg_catalog.count(*)::text FROM (SELECT 1 FROM ");
    statement.relation(&relation.name);
    statement.push(" LIMIT ");
    statement.number(rows_max);
    statement.push(") AS \"t\"");
    finished(statement)
}

/// Counts the rows of a relation that a filter lets through; all of them without one.
///
/// # Errors
/// When the filter cannot be printed.
pub fn count(
    view: &View<'_>,
    relation: &Relation,
    filter: Option<&Expr>,
) -> Result<ToolStatement, Error> {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.push("SELECT pg_catalog.count(*)::text FROM ");
    statement.relation(&relation.name);
    statement.push(" AS \"b0\"");
    if let Some(filter) = filter {
        statement.push(" WHERE ");
        statement.expr(filter, Row::Stored("b0"))?;
    }
    Ok(finished(statement))
}

/// Deletes every row of a relation.
pub fn emptied(view: &View<'_>, relation: &Relation) -> ToolStatement {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.push("WITH \"w\" AS (DELETE FROM ");
    statement.relation(&relation.name);
    statement.push(" RETURNING 1) SELECT pg_catalog.count(*)::text FROM \"w\"");
    finished(statement)
}

/// A fingerprint of a relation's whole content.
pub fn fingerprint(view: &View<'_>, relation: &Relation) -> ToolStatement {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.push(
        "SELECT pg_catalog.md5(COALESCE(pg_catalog.string_agg(\"r\".\"r\", E'\\n' \
         ORDER BY \"r\".\"r\"), '')) FROM (SELECT \"t\"::text AS \"r\" FROM ",
    );
    statement.relation(&relation.name);
    statement.push(" AS \"t\") AS \"r\"");
    finished(statement)
}

/// A condition on a row as the rewriter prints it, for showing where in a statement it stands.
///
/// # Errors
/// When it cannot be printed.
pub fn condition_text(view: &View<'_>, condition: &Expr) -> Result<String, Error> {
    let mut statement = Statement::new(view, Rules::ALL);
    statement.expr(condition, Row::Stored("b0"))?;
    Ok(finished(statement).sql)
}

/// The name of the row that is asked about.
fn alias(asked: Asked<'_>) -> &'static str {
    match asked {
        Asked::New(_) => "s",
        Asked::Stored(_) | Asked::Updated { .. } => "b0",
    }
}

fn finished(statement: Statement<'_, '_>) -> ToolStatement {
    let (sql, params, _) = statement.finish();
    ToolStatement { sql, params }
}

impl Statement<'_, '_> {
    fn truths(&mut self, question: Question<'_>) -> Result<(), Error> {
        let assigned = assigned(&question);
        let row = match question.asked {
            Asked::Stored(_) => Row::Stored("b0"),
            Asked::Updated { .. } => Row::New {
                base: "b0",
                assigned: &assigned,
            },
            Asked::New(_) => Row::New {
                base: "s",
                assigned: &assigned,
            },
        };
        self.push("SELECT COALESCE(pg_catalog.json_agg(\"q\"), '[]')::text FROM (SELECT ");
        self.key(question.relation, question.asked);
        self.push(" AS \"row\", ARRAY[");
        for (index, condition) in question.conditions.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.expr(condition, row)?;
        }
        self.push("]::bool[] AS \"truths\"");
        if question.shown == Shown::Cells {
            self.push(", pg_catalog.to_json(");
            self.ident(alias(question.asked));
            self.push(") AS \"cells\"");
        }
        self.push(" FROM ");
        match question.asked {
            Asked::Stored(of) => self.stored(question.relation, of)?,
            Asked::New(values) => {
                self.populated(&question.relation.name, values);
                self.push(" AS \"s\"");
            }
            Asked::Updated { of, values, .. } => {
                self.populated(&question.relation.name, values);
                self.push(" AS \"s\", ");
                self.stored(question.relation, of)?;
            }
        }
        self.in_order(question.relation, question.asked)?;
        self.window(sought::window(&question), false);
        self.push(") AS \"q\"");
        Ok(())
    }

    /// Prints what names a row to its author.
    fn key(&mut self, relation: &Relation, asked: Asked<'_>) {
        let alias = alias(asked);
        if relation.primary_key.is_empty() {
            self.push("pg_catalog.to_json(");
            self.ident(alias);
            self.push(")");
            return;
        }
        self.push("pg_catalog.json_build_object(");
        for (index, column) in relation.primary_key.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.literal(column);
            self.push(", ");
            self.column(alias, column);
        }
        self.push(")");
    }

    fn stored(&mut self, relation: &Relation, which: Which<'_>) -> Result<(), Error> {
        self.push("(SELECT * FROM ");
        self.relation(&relation.name);
        self.push(" AS \"k\" WHERE TRUE");
        match which {
            Which::Of(of) => self.having(of),
            Which::Sifted {
                sought,
                condition,
                side,
            } => {
                self.sought(sought)?;
                self.push(" AND ");
                self.expr(condition, Row::Stored("k"))?;
                self.push(match side {
                    Sift::True => " IS TRUE",
                    Sift::NotTrue => " IS NOT TRUE",
                });
            }
            Which::Keyed(keys) => self.keyed(relation, keys),
        }
        self.push(") AS \"b0\"");
        Ok(())
    }

    fn having(&mut self, of: &[(String, String)]) {
        for (column, value) in of {
            self.push(" AND ");
            self.column("k", column);
            self.push(" = ");
            self.text_param(value.as_str());
        }
    }

    /// Prints that a row is one of these; without a primary key it is compared as a whole.
    fn keyed(&mut self, relation: &Relation, keys: &str) {
        if relation.primary_key.is_empty() {
            self.push(
                " AND pg_catalog.to_jsonb(\"k\") IN (SELECT \"x\" FROM \
                 pg_catalog.jsonb_array_elements(",
            );
            self.shared_param(&Arc::from(keys));
            self.push("::jsonb) AS \"x\")");
            return;
        }
        self.push(" AND (");
        self.key_columns(relation, "k");
        self.push(") IN (SELECT ");
        self.key_columns(relation, "x");
        self.push(" FROM pg_catalog.json_populate_recordset(NULL::");
        self.relation(&relation.name);
        self.push(", ");
        self.shared_param(&Arc::from(keys));
        self.push("::json) AS \"x\")");
    }

    fn key_columns(&mut self, relation: &Relation, alias: &str) {
        for (index, column) in relation.primary_key.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.column(alias, column);
        }
    }

    /// Prints the row that a JSON object makes.
    fn populated(&mut self, relation: &RelationName, values: &str) {
        self.push("pg_catalog.json_populate_record(NULL::");
        self.relation(relation);
        self.push(", ");
        self.shared_param(&Arc::from(values));
        self.push("::json)");
    }

    fn names(&mut self, columns: &[String]) {
        for (index, column) in columns.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.ident(column);
        }
    }
}

/// The columns that do not come from the row itself: what is sent, and presets.
fn assigned(question: &Question<'_>) -> Vec<Assigned> {
    let sent = match question.asked {
        Asked::Updated { columns, .. } => columns,
        Asked::Stored(_) | Asked::New(_) => &[],
    };
    let presets = question.access.map(|it| &it.presets).into_iter().flatten();
    let presets = presets.map(|(name, preset)| Assigned {
        column: name.clone(),
        value: preset_value(question.relation, name, &preset.value),
    });
    let sent = sent.iter().map(|name| Assigned {
        column: name.clone(),
        value: NewValue::From("s"),
    });
    presets.chain(sent).collect()
}
