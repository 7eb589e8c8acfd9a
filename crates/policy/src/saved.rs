//! Saved queries: `queries/*.sql`, one SELECT each, lowered into a closed tree of their own.
//!
//! ```text
//! -- What the query is for.
//! -- roles: authenticated, staff
//! -- param project: int8
//! -- param since: date = 2026-01-01
//! select … where t.project_id = :project and t.created_at >= :since
//! ```
//! The author is trusted with the question, never with the answer: every table in it is replaced
//! by what the caller may see of it. The tree has no node for anything that could look elsewhere
//! (system catalogues, functions that are not listed, locks, whole rows, parameters as names), and
//! what is sent is always our own print of the tree, so a misunderstanding of the parser can make
//! a query fail and cannot make it wider. What the tree cannot say is refused by its name.

mod expression;
mod from;
mod functions;
mod header;
mod order;
mod query;
mod scope;
mod select;
mod tree;
mod using;
mod window;

use std::collections::HashMap;

use postern_base::RelationName;
use postern_base::RoleName;
use postern_catalog::Catalog;
use sqlparser::ast::{Spanned, Statement};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span};

use crate::{Bundle, Diagnostic, Severity, SourceFile};
pub use tree::{
    Body, Frame, FrameBound, FrameUnits, Item, ItemSource, JoinKind, Joined, OrderKey, Ordering,
    Select, SelectQuery, SetOperator, Term, Window,
};

/// Longest file in bytes.
const BYTES_MAX: usize = 64 * 1024;
/// How deep queries and expressions may be nested.
const DEPTH_MAX: usize = 48;
/// Most nodes of one query.
const NODES_MAX: usize = 4_000;
/// The stack of the reading thread; frames of unoptimised builds are large.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// A query that can be served.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedQuery {
    /// Its name: the file's, without `.sql`.
    pub name: String,
    /// The file, relative to the project.
    pub file: String,
    /// What it is for.
    pub description: String,
    /// Who may ask it.
    pub roles: Vec<RoleName>,
    /// Its parameters.
    pub params: Vec<SavedParam>,
    /// The query.
    pub query: SelectQuery,
    /// Every table that it reads, with the columns that it names.
    pub reads: Vec<(RelationName, Vec<String>)>,
    /// Where in the file things are named.
    pub places: Places,
}

/// Where in a file things are named: lines and columns, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The query's first word.
    pub query: (usize, usize),
    /// Those who may ask.
    pub roles: (usize, usize),
    reads: HashMap<(RelationName, String), (usize, usize)>,
}

impl Places {
    /// Where a table, or a column of it, is named first.
    pub fn of(&self, relation: &RelationName, column: Option<&str>) -> (usize, usize) {
        let key = (relation.clone(), column.unwrap_or_default().to_owned());
        self.reads.get(&key).copied().unwrap_or(self.query)
    }
}

/// A parameter of a saved query; always bound, never text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedParam {
    /// Its name.
    pub name: String,
    /// Its type, of the list of those that policies may cast to.
    pub ty: &'static str,
    /// What it is when nobody gives it; without a default it must be given.
    pub default: Option<String>,
}

/// Reads a saved query. `*` stands for the columns that the bundle grants to every role of the
/// query; without a bundle the database decides, and it stands for all of them.
///
/// # Errors
/// Names the construct that is refused, with its place.
pub fn read_saved(
    source: &SourceFile,
    catalog: &Catalog,
    bundle: Option<&Bundle>,
    default_schema: &str,
) -> Result<SavedQuery, Vec<Diagnostic>> {
    let read =
        || read_here(source, catalog, bundle, default_schema).map_err(|it| vec![it.at(source)]);
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new()
            .name("query-load".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, read);
        match reader.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => {
                let refusal =
                    Refusal::new(Span::empty(), "the system gives no thread", "try again");
                Err(vec![refusal.at(source)])
            }
        }
    })
}

fn read_here(
    source: &SourceFile,
    catalog: &Catalog,
    bundle: Option<&Bundle>,
    default_schema: &str,
) -> Result<SavedQuery, Refusal> {
    if source.text.len() > BYTES_MAX {
        let message = format!("the file is longer than {BYTES_MAX} bytes");
        return Err(Refusal::new(Span::empty(), message, "split the query"));
    }
    let header = header::read(&source.text)?;
    let statement = parse(&source.text)?;
    let granted = scope::Granted {
        bundle,
        roles: &header.roles,
    };
    let mut lowering = scope::Lowering::new(catalog, default_schema, &header.params, granted);
    let place = statement.span();
    let Statement::Query(query) = statement else {
        let message = "a saved query is one SELECT";
        let help = "it cannot write or define anything";
        return Err(Refusal::new(place, message, help));
    };
    let query = lowering.query(&query);
    // A construct whose place the parser does not know stands behind the last one that has one.
    let query = query.map_err(|it| it.or_at(lowering.place))?;
    let mut params = header.params.iter().zip(&header.params_at);
    if let Some((param, place)) = params.find(|(it, _)| !lowering.used.contains(&it.name)) {
        let message = format!("parameter `{}` is not used", param.name);
        let help = "remove it, or use it as `:name`";
        return Err(Refusal::new(*place, message, help));
    }
    let reads = std::mem::take(&mut lowering.reads);
    let named = std::mem::take(&mut lowering.places).into_iter();
    let places = Places {
        query: line_and_column(place),
        roles: line_and_column(header.roles_at),
        reads: named
            .map(|(it, span)| (it, line_and_column(span)))
            .collect(),
    };
    let file_name = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
    Ok(SavedQuery {
        name: file_name.trim_end_matches(".sql").to_owned(),
        file: source.path.clone(),
        description: header.description,
        roles: header.roles,
        params: header.params,
        query,
        reads,
        places,
    })
}

fn parse(text: &str) -> Result<Statement, Refusal> {
    let parsed = Parser::new(&PostgreSqlDialect {})
        .with_recursion_limit(DEPTH_MAX)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|error| {
        let message = match error {
            ParserError::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        };
        let (message, place) = placed(&message);
        let message = format!("the query cannot be read: {message}");
        Refusal::new(place, message, "write one SELECT")
    })?;
    match statements.len() {
        1 => Ok(statements.remove(0)),
        _ => Err(Refusal::new(
            statements.get(1).map_or(Span::empty(), Spanned::span),
            "a saved query is one SELECT, and the file holds another number of statements",
            "write one file for each query",
        )),
    }
}

/// The parser's words, and the place that it puts behind them.
fn placed(message: &str) -> (&str, Span) {
    let split = || {
        let (words, place) = message.rsplit_once(" at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        let location = Location::new(line.parse().ok()?, column.parse().ok()?);
        Some((words, Span::new(location, location)))
    };
    split().unwrap_or((message, Span::empty()))
}

fn line_and_column(span: Span) -> (usize, usize) {
    let number = |it: u64| usize::try_from(it).unwrap_or(1).max(1);
    (number(span.start.line), number(span.start.column))
}

/// Why a query is refused.
#[derive(Debug)]
struct Refusal {
    span: Span,
    message: String,
    help: String,
}

impl Refusal {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: help.into(),
        }
    }

    /// A construct that a saved query cannot hold.
    fn construct(span: Span, name: &str, help: impl Into<String>) -> Self {
        Self::new(span, format!("a saved query cannot hold {name}"), help)
    }

    /// The same at another place, if it has none of its own.
    fn or_at(self, place: Span) -> Self {
        let span = match self.span == Span::empty() {
            true => place,
            false => self.span,
        };
        Self { span, ..self }
    }

    fn at(self, source: &SourceFile) -> Diagnostic {
        let (line, column) = line_and_column(self.span);
        let text = source.text.lines().nth(line - 1).unwrap_or_default();
        Diagnostic {
            severity: Severity::Error,
            code: "refused-query",
            file: source.path.clone(),
            line,
            column,
            text: crate::report::excerpt(text),
            message: self.message,
            help: self.help,
            fix: None,
        }
    }
}
