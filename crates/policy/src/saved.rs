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
mod query;
mod scope;
mod tree;

use postern_base::RelationName;
use postern_base::RoleName;
use postern_catalog::Catalog;
use sqlparser::ast::Statement;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Span;

use crate::{Diagnostic, Severity, SourceFile};
pub use tree::{
    Body, Item, ItemSource, JoinKind, Joined, OrderKey, Ordering, Select, SelectQuery, SetOperator,
    Term,
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

/// Reads a saved query.
///
/// # Errors
/// Names the construct that is refused, with its place.
pub fn read_saved(
    source: &SourceFile,
    catalog: &Catalog,
    default_schema: &str,
) -> Result<SavedQuery, Vec<Diagnostic>> {
    let read = || read_here(source, catalog, default_schema).map_err(|it| vec![it.at(source)]);
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
    default_schema: &str,
) -> Result<SavedQuery, Refusal> {
    if source.text.len() > BYTES_MAX {
        let message = format!("the file is longer than {BYTES_MAX} bytes");
        return Err(Refusal::new(Span::empty(), message, "split the query"));
    }
    let header = header::read(&source.text)?;
    let statement = parse(&source.text)?;
    let mut lowering = scope::Lowering::new(catalog, default_schema, &header.params);
    let Statement::Query(query) = statement else {
        let message = "a saved query is one SELECT";
        return Err(Refusal::new(
            Span::empty(),
            message,
            "it cannot write or define anything",
        ));
    };
    let query = lowering.query(&query)?;
    let unused = header
        .params
        .iter()
        .find(|it| !lowering.used.contains(&it.name));
    if let Some(param) = unused {
        let message = format!("parameter `{}` is not used", param.name);
        return Err(Refusal::new(
            Span::empty(),
            message,
            "remove it, or use it as `:name`",
        ));
    }
    let reads = std::mem::take(&mut lowering.reads);
    let file_name = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
    Ok(SavedQuery {
        name: file_name.trim_end_matches(".sql").to_owned(),
        file: source.path.clone(),
        description: header.description,
        roles: header.roles,
        params: header.params,
        query,
        reads,
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
        let message = format!("the query cannot be read: {message}");
        Refusal::new(Span::empty(), message, "write one SELECT")
    })?;
    match statements.len() {
        1 => Ok(statements.remove(0)),
        _ => Err(Refusal::new(
            Span::empty(),
            "a saved query is one SELECT, and the file holds another number of statements",
            "write one file for each query",
        )),
    }
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

    fn at(self, source: &SourceFile) -> Diagnostic {
        let number = |it: u64| usize::try_from(it).unwrap_or(1).max(1);
        let line = number(self.span.start.line);
        let text = source.text.lines().nth(line - 1).unwrap_or_default();
        Diagnostic {
            severity: Severity::Error,
            code: "refused-query",
            file: source.path.clone(),
            line,
            column: number(self.span.start.column),
            text: crate::report::excerpt(text),
            message: self.message,
            help: self.help,
        }
    }
}
