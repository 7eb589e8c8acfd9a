//! Saved queries: every table in them stands for what the caller sees of it.
//!
//! SECURITY: a table becomes its projection subquery, fenced by `OFFSET 0`, so that no condition
//! of the query is evaluated for a row that the policy hides. Parameters and claims are bound and
//! cast, names are quoted, functions are those of the tree's closed list under `pg_catalog`.

use postern_base::codes;
use postern_policy::saved::{
    Body, Item, ItemSource, JoinKind, Joined, OrderKey, SavedQuery, Select, SelectQuery,
    SetOperator, Term,
};
use postern_policy::{Claim, Truth, Verb};

use super::computed::Carried;
use super::expr::{comparison, json_operator as json};
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

    fn query(&mut self, query: &SelectQuery) -> Result<(), Error> {
        for (index, (alias, cte)) in query.ctes.iter().enumerate() {
            self.push(if index == 0 { "WITH " } else { ", " });
            self.statement.ident(alias);
            self.push(" AS MATERIALIZED (");
            self.query(cte)?;
            self.push(")");
        }
        self.push(if query.ctes.is_empty() { "" } else { " " });
        self.body(&query.body)?;
        for (index, key) in query.order.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            match &key.key {
                OrderKey::Output(position) => {
                    self.statement.number(u64::try_from(*position).unwrap_or(1));
                }
                OrderKey::Term(term) => self.term(term)?,
            }
            self.push(if key.descending { " DESC" } else { " ASC" });
            self.push(match key.nulls_first {
                None => "",
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
            });
        }
        for (word, bound) in [(" LIMIT ", &query.limit), (" OFFSET ", &query.offset)] {
            if let Some(bound) = bound {
                self.push(word);
                self.term(bound)?;
                self.push("::int8");
            }
        }
        Ok(())
    }

    fn body(&mut self, body: &Body) -> Result<(), Error> {
        let (operator, all, left, right) = match body {
            Body::Select(select) => return self.select(select),
            Body::Set {
                operator,
                all,
                left,
                right,
            } => (operator, all, left, right),
        };
        self.push("(");
        self.body(left)?;
        self.push(match operator {
            SetOperator::Union => ") UNION ",
            SetOperator::Intersect => ") INTERSECT ",
            SetOperator::Except => ") EXCEPT ",
        });
        self.push(if *all { "ALL (" } else { "(" });
        self.body(right)?;
        self.push(")");
        Ok(())
    }

    fn select(&mut self, select: &Select) -> Result<(), Error> {
        self.push(if select.distinct {
            "SELECT DISTINCT "
        } else {
            "SELECT "
        });
        for (index, (term, name)) in select.outputs.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.term(term)?;
            self.push(" AS ");
            self.statement.ident(name);
        }
        for (index, joined) in select.from.iter().enumerate() {
            self.push(if index == 0 { " FROM " } else { "" });
            self.joined(joined, index)?;
        }
        if let Some(filter) = &select.filter {
            self.push(" WHERE ");
            self.term(filter)?;
        }
        for (index, key) in select.group.iter().enumerate() {
            self.push(if index == 0 { " GROUP BY " } else { ", " });
            self.term(key)?;
        }
        if let Some(having) = &select.having {
            self.push(" HAVING ");
            self.term(having)?;
        }
        Ok(())
    }

    fn joined(&mut self, joined: &Joined, index: usize) -> Result<(), Error> {
        self.push(match joined.kind {
            JoinKind::Comma if index == 0 => "",
            JoinKind::Comma => ", ",
            JoinKind::Cross => " CROSS JOIN ",
            JoinKind::Inner => " INNER JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
        });
        self.item(&joined.item)?;
        if let Some(on) = &joined.on {
            self.push(" ON ");
            self.term(on)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> Result<(), Error> {
        match &item.source {
            ItemSource::Relation(name) => self.relation(name)?,
            ItemSource::Cte(alias) => self.statement.ident(alias),
            ItemSource::Query(query) => {
                self.push("(");
                self.query(query)?;
                self.push(")");
            }
        }
        self.push(" AS ");
        self.statement.ident(&item.alias);
        Ok(())
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

    /// Prints `(term)`.
    fn term(&mut self, term: &Term) -> Result<(), Error> {
        self.push("(");
        match term {
            Term::Null => self.push("NULL"),
            Term::Bool(value) => self.push(if *value { "TRUE" } else { "FALSE" }),
            Term::Number(digits) => self.push(digits),
            Term::Text(text) => self.statement.literal(text),
            Term::Column(alias, name) => self.statement.column(alias, name),
            Term::Param(index) => self.param(*index),
            Term::Claim(claim) => self.claim(*claim),
            Term::Not(inner) => {
                self.push("NOT ");
                self.term(inner)?;
            }
            Term::And(operands) => self.several(operands, " AND ")?,
            Term::Or(operands) => self.several(operands, " OR ")?,
            Term::Compare(op, left, right) => self.infix(left, comparison(*op), right)?,
            Term::Json(op, left, right) => self.infix(left, json(*op), right)?,
            Term::Arithmetic(op, left, right) => self.infix(left, op, right)?,
            Term::Is(inner, truth, negated) => {
                self.term(inner)?;
                self.push(if *negated { " IS NOT " } else { " IS " });
                self.push(match truth {
                    Truth::Null => "NULL",
                    Truth::True => "TRUE",
                    Truth::False => "FALSE",
                    Truth::Unknown => "UNKNOWN",
                });
            }
            Term::Case(operand, branches, otherwise) => {
                self.case(operand.as_deref(), branches, otherwise.as_deref())?;
            }
            Term::Cast(inner, ty) => {
                self.term(inner)?;
                self.push("::");
                self.push(ty);
            }
            Term::Call {
                function,
                distinct,
                arguments,
            } => self.call(function, *distinct, arguments)?,
            Term::CountAll => self.push("pg_catalog.count(*)"),
            other => self.membership(other)?,
        }
        self.push(")");
        Ok(())
    }

    fn membership(&mut self, term: &Term) -> Result<(), Error> {
        match term {
            Term::InList(inner, list, negated) => {
                self.term(inner)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.several(list, ", ")?;
                self.push(")");
            }
            Term::InQuery(inner, query, negated) => {
                self.term(inner)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.query(query)?;
                self.push(")");
            }
            Term::Exists(query, negated) => {
                self.push(if *negated { "NOT EXISTS (" } else { "EXISTS (" });
                self.query(query)?;
                self.push(")");
            }
            Term::Scalar(query) => self.query(query)?,
            Term::Any(op, left, right) => {
                self.term(left)?;
                self.push(comparison(*op));
                self.push("ANY ");
                self.term(right)?;
            }
            Term::Between(inner, low, high, negated) => {
                self.term(inner)?;
                self.push(if *negated {
                    " NOT BETWEEN "
                } else {
                    " BETWEEN "
                });
                self.infix(low, " AND ", high)?;
            }
            Term::Like(left, right, negated) => {
                self.infix(left, if *negated { " NOT LIKE " } else { " LIKE " }, right)?;
            }
            Term::ILike(left, right, negated) => {
                self.infix(
                    left,
                    if *negated { " NOT ILIKE " } else { " ILIKE " },
                    right,
                )?;
            }
            _ => unreachable!("INVARIANT: `term` prints every other node itself"),
        }
        Ok(())
    }

    fn infix(&mut self, left: &Term, operator: &str, right: &Term) -> Result<(), Error> {
        self.term(left)?;
        self.push(operator);
        self.term(right)
    }

    fn several(&mut self, terms: &[Term], separator: &str) -> Result<(), Error> {
        for (index, term) in terms.iter().enumerate() {
            self.push(if index > 0 { separator } else { "" });
            self.term(term)?;
        }
        Ok(())
    }

    fn case(
        &mut self,
        operand: Option<&Term>,
        branches: &[(Term, Term)],
        otherwise: Option<&Term>,
    ) -> Result<(), Error> {
        self.push("CASE ");
        if let Some(operand) = operand {
            self.term(operand)?;
        }
        for (when, then) in branches {
            self.push(" WHEN ");
            self.infix(when, " THEN ", then)?;
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.term(otherwise)?;
        }
        self.push(" END");
        Ok(())
    }

    fn call(&mut self, name: &str, distinct: bool, arguments: &[Term]) -> Result<(), Error> {
        // These are syntax, not entries of pg_proc, and take no schema.
        match name {
            "coalesce" | "nullif" | "greatest" | "least" => self.push(name),
            _ => self.statement.column("pg_catalog", name),
        }
        self.push(if distinct { "(DISTINCT " } else { "(" });
        self.several(arguments, ", ")?;
        self.push(")");
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
