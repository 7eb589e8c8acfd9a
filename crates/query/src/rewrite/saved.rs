//! Saved queries: every table in them stands for what the caller sees of it.
//!
//! SECURITY: a table becomes its projection subquery, fenced by `OFFSET 0`, so that no condition
//! of the query is evaluated for a row that the policy hides. Parameters and claims are bound and
//! cast, names are quoted, functions are those of the tree's closed list under `pg_catalog`.

mod query;
mod term;

use postern_base::codes;
use postern_policy::saved::SavedQuery;
use postern_policy::{Claim, Verb};

use super::computed::Carried;
use super::projection::{Ground, Protection, is_granted};
use super::statement::filter_of;
use super::{Rules, Statement};
use crate::request::{Format, Preferences};
use crate::rewritten::{AnswerKind, AnswerShape};
use crate::{Error, Rewritten, View};

/// The values of a saved query's parameters, in its order; `None` is NULL.
pub type SavedArguments = Vec<Option<String>>;

/// A saved query as a view that is made, looked at and rolled back: whether Postgres resolves its
/// names as we do.
#[derive(Debug)]
pub struct SavedProbe {
    pub(crate) sql: String,
}

impl SavedProbe {
    /// The query that the view is made of.
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

/// How the query is printed.
enum Dress<'d> {
    /// For a caller: tables behind their policies, values bound.
    Caller(&'d SavedArguments),
    /// For the probe: tables as they are, NULL for every value.
    Bare,
}

/// Applies the caller's policies to a saved query.
///
/// # Errors
/// When the caller may not read a column that it names, or not surely enough signed in.
pub fn rewrite_saved(
    saved: &SavedQuery,
    view: &View<'_>,
    arguments: &SavedArguments,
    rows_max: u64,
) -> Result<Rewritten, Error> {
    for (name, columns) in &saved.reads {
        let grant = view
            .grant(name, Verb::Select)
            .ok_or_else(|| denied(&name.name))?;
        if let Some(column) = columns.iter().find(|it| !is_granted(grant, it)) {
            return Err(denied(&format!("{}.{column}", name.name)));
        }
    }
    let mut statement = Statement::new(view, Rules::ALL);
    let mut printing = Printing {
        statement: &mut statement,
        saved,
        dress: Dress::Caller(arguments),
        tables: 0,
    };
    printing.push(
        "SELECT COALESCE(pg_catalog.json_agg(\"postern.row\")::text, '[]') AS body, \
         pg_catalog.count(*) AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows \
         FROM (SELECT * FROM (",
    );
    printing.query(&saved.query)?;
    printing.push(") AS \"q\" LIMIT ");
    printing.statement.number(rows_max);
    printing.push(") AS \"postern.row\"");
    statement.into_question(AnswerShape {
        kind: AnswerKind::RpcRows,
        format: Format::Json,
        strip_nulls: false,
        explain: None,
        media: None,
        offset: 0,
        counted: false,
        returns_rows: true,
        location: None,
        preferences: Preferences::default(),
        schema: String::new(),
    })
}

/// The query as it is, for Postgres to resolve.
///
/// # Errors
/// When it cannot be printed.
pub fn saved_probe(saved: &SavedQuery, view: &View<'_>) -> Result<SavedProbe, Error> {
    let mut statement = Statement::new(view, Rules::ALL);
    let mut printing = Printing {
        statement: &mut statement,
        saved,
        dress: Dress::Bare,
        tables: 0,
    };
    printing.query(&saved.query)?;
    Ok(SavedProbe {
        sql: statement.finish().0,
    })
}

fn denied(what: &str) -> Error {
    Error::new(&codes::DENIED, format!("permission denied for {what}"))
}

struct Printing<'p, 'v, 'a> {
    statement: &'p mut Statement<'v, 'a>,
    saved: &'p SavedQuery,
    dress: Dress<'p>,
    /// How many tables were printed; makes the aliases inside of projections unique.
    tables: usize,
}

impl Printing<'_, '_, '_> {
    fn push(&mut self, text: &str) {
        self.statement.push(text);
    }

    fn relation(&mut self, name: &postern_base::RelationName) -> Result<(), Error> {
        // Where the database decides, its own fence is the row-level security of the table.
        if matches!(self.dress, Dress::Bare) || self.statement.view.is_native() {
            self.statement.relation(name);
            return Ok(());
        }
        let relation = self.statement.view.catalog().relation(name);
        let relation = relation.ok_or_else(|| denied(&name.name))?;
        let grant = self.statement.grant(relation, Verb::Select)?;
        self.tables += 1;
        let fenced = filter_of(grant).is_some();
        self.push(if fenced { "(SELECT * FROM " } else { "" });
        let ground = Ground::Table(Protection::Root);
        self.statement
            .projection(relation, grant, ground, &Carried::default(), self.tables)?;
        if fenced {
            self.push(" AS \"f\" OFFSET 0)");
        }
        Ok(())
    }

    fn param(&mut self, index: usize) {
        let param = &self.saved.params[index];
        match &self.dress {
            Dress::Bare => self.statement.push("NULL"),
            Dress::Caller(values) => match values.get(index).and_then(Option::as_ref) {
                Some(value) => self.statement.text_param(value.as_str()),
                None => self.statement.push("NULL"),
            },
        }
        self.push("::");
        self.push(param.ty);
    }

    fn claim(&mut self, claim: Claim) {
        match (&self.dress, claim) {
            (Dress::Caller(_), claim) => self.statement.claim(claim),
            (Dress::Bare, Claim::Uid) => self.push("NULL::uuid"),
            (Dress::Bare, Claim::Jwt) => self.push("NULL::jsonb"),
            (Dress::Bare, Claim::Role | Claim::Email) => self.push("NULL::text"),
        }
    }
}
