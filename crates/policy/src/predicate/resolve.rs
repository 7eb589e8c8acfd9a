//! Names: columns of the row, of subqueries, arguments of predicates and of functions.
//!
//! As in SQL, a name belongs to the innermost subquery that has such a column. Where Postgres
//! would find two, and where an argument of a named predicate shares its name with a column, the
//! name is refused instead of guessed.

use postern_catalog::{Relation, nearest};
use sqlparser::ast::{Expr as Tree, Ident};

use super::Lowering;
use super::lower::{refuse, site};
use super::scope::{Frame, ScopeItem};
use crate::diagnostic::Help;
use crate::report::Report;
use crate::{Expr, Source};

impl Lowering<'_> {
    /// Lowers `a`, `a.b` or `a.b.c`.
    pub(super) fn name(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let parts: Option<Vec<String>> = match tree {
            Tree::Identifier(part) => folded(part).map(|it| vec![it]),
            Tree::CompoundIdentifier(parts) => parts.iter().map(folded).collect(),
            _ => None,
        };
        let Some(parts) = parts else {
            return refuse(tree, frame, report);
        };
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        let found = match parts.as_slice() {
            [name] => unqualified(name, frame),
            [qualifier, name] => qualified(qualifier, name, frame),
            [schema, relation, name] => fully_qualified((schema, relation), name, frame),
            _ => return refuse(tree, frame, report),
        };
        match found {
            Ok(Expr::Column { source, name }) => Some(Expr::Column { source, name }),
            Ok(argument) => self
                .count(size(&argument), frame, report)
                .then_some(argument),
            Err(problem) => {
                let (code, message, help) = problem;
                report.error(&site(tree, frame), code, message, help);
                None
            }
        }
    }
}

/// Code, message and help.
type Problem = (&'static str, String, Help);

/// The name as Postgres stores it: folded to lower case unless it is quoted.
pub(super) fn folded(part: &Ident) -> Option<String> {
    let Ident {
        value,
        quote_style,
        span: _,
    } = part;
    match quote_style {
        None => Some(value.to_ascii_lowercase()),
        Some('"') if !value.is_empty() => Some(value.clone()),
        Some(_) => None,
    }
}

fn unqualified(name: &str, frame: &Frame<'_>) -> Result<Expr, Problem> {
    let parameter = frame.parameters.get(name);
    for scope in frame.scopes.iter().rev() {
        let mut having = scope
            .items
            .iter()
            .filter(|it| it.relation.column(name).is_some());
        if let Some(item) = having.next() {
            return match (having.next(), parameter) {
                (None, None) => Ok(column_of(item, name)),
                _ => Err(ambiguous(name)),
            };
        }
    }
    let row = frame.context.row.filter(|it| it.column(name).is_some());
    match (parameter, row) {
        (Some(_), Some(_)) => Err(ambiguous(name)),
        (Some(argument), None) => Ok(argument.clone()),
        (None, Some(_)) => Ok(row_column(name)),
        (None, None) => Err(unknown(name, frame)),
    }
}

fn qualified(qualifier: &str, name: &str, frame: &Frame<'_>) -> Result<Expr, Problem> {
    let mut items = frame.scopes.iter().rev().flat_map(|it| &it.items);
    if let Some(item) = items.find(|it| it.qualifier == qualifier) {
        return match item.relation.column(name) {
            Some(_) => Ok(column_of(item, name)),
            None => Err(unknown_column(name, &item.relation)),
        };
    }
    if let Some(row) = frame.context.row
        && row.name.name == qualifier
    {
        return match row.column(name) {
            Some(_) => Ok(row_column(name)),
            None => Err(unknown_column(name, row)),
        };
    }
    if qualifier == "arg" {
        return argument(name, frame);
    }
    let help: Help = match qualifier {
        "auth" | "predicates" => {
            let written = format!("{qualifier}.{name}");
            let call = format!("{written}()");
            Help::write(format!("it is a function: write `{call}`"), &written, &call)
        }
        _ => "qualify columns by the table's name or by an alias of the subquery".into(),
    };
    Err((
        "unknown-qualifier",
        format!("nothing here is called `{qualifier}`"),
        help,
    ))
}

fn fully_qualified(
    (schema, relation): (&str, &str),
    name: &str,
    frame: &Frame<'_>,
) -> Result<Expr, Problem> {
    let is_meant = |it: &Relation| it.name.schema == schema && it.name.name == relation;
    let mut items = frame.scopes.iter().rev().flat_map(|it| &it.items);
    if let Some(item) = items.find(|it| !it.aliased && is_meant(&it.relation)) {
        return match item.relation.column(name) {
            Some(_) => Ok(column_of(item, name)),
            None => Err(unknown_column(name, &item.relation)),
        };
    }
    match frame.context.row.filter(|it| is_meant(it)) {
        Some(row) if row.column(name).is_some() => Ok(row_column(name)),
        Some(row) => Err(unknown_column(name, row)),
        None => Err((
            "unknown-qualifier",
            format!("`{schema}.{relation}` is not part of this predicate"),
            "look into another table with `IN (SELECT …)` or `EXISTS (SELECT …)`".into(),
        )),
    }
}

fn argument(name: &str, frame: &Frame<'_>) -> Result<Expr, Problem> {
    let Some(function) = frame.context.function else {
        return Err((
            "argument-outside",
            format!("`arg.{name}` is only known in functions.toml"),
            "use a column, or an argument of the named predicate".into(),
        ));
    };
    let names: Vec<_> = function
        .arguments
        .iter()
        .map(|it| it.name.as_str())
        .filter(|it| !it.is_empty())
        .collect();
    if names.contains(&name) {
        return Ok(Expr::Argument(name.to_owned()));
    }
    Err((
        "unknown-argument",
        format!("`{}` has no argument `{name}`", function.signature()),
        near(name, &names, "arguments are"),
    ))
}

fn column_of(item: &ScopeItem, name: &str) -> Expr {
    Expr::Column {
        source: Source::Alias(item.alias.clone()),
        name: name.to_owned(),
    }
}

fn row_column(name: &str) -> Expr {
    Expr::Column {
        source: Source::Row,
        name: name.to_owned(),
    }
}

fn ambiguous(name: &str) -> Problem {
    (
        "ambiguous-name",
        format!("`{name}` could be two things here"),
        "qualify the column by its table's alias, or rename the argument".into(),
    )
}

fn unknown(name: &str, frame: &Frame<'_>) -> Problem {
    let relations = frame
        .scopes
        .iter()
        .flat_map(|it| &it.items)
        .map(|it| (it.qualifier.as_str(), &it.relation))
        .chain(frame.context.row.map(|it| (it.name.name.as_str(), it)));
    let relations: Vec<_> = relations.collect();
    if relations.iter().any(|(qualifier, _)| *qualifier == name) {
        return (
            "whole-row",
            format!("`{name}` is a table, and a policy cannot use a whole row"),
            "name one of its columns".into(),
        );
    }
    let columns = relations
        .iter()
        .flat_map(|(_, relation)| relation.columns.iter().map(|it| it.name.as_str()));
    let mut names: Vec<_> = columns.collect();
    names.extend(frame.parameters.keys().map(String::as_str));
    if names.is_empty() {
        return (
            "unknown-column",
            format!("there is no row here, so `{name}` means nothing"),
            "use `auth.uid()`, `auth.jwt()` and literals".into(),
        );
    }
    let place = match frame.context.row {
        Some(row) => format!("unknown column `{name}` in table `{}`", row.name),
        None => format!("unknown name `{name}`"),
    };
    ("unknown-column", place, near(name, &names, "there are"))
}

/// What to say about a column that its table does not have.
pub(crate) fn unknown_column(name: &str, relation: &Relation) -> Problem {
    let names: Vec<_> = relation.columns.iter().map(|it| it.name.as_str()).collect();
    (
        "unknown-column",
        format!("unknown column `{name}` in table `{}`", relation.name),
        near(name, &names, "columns are"),
    )
}

/// `did you mean`, else the first few names there are.
pub(crate) fn near(name: &str, names: &[&str], there_are: &str) -> Help {
    const NAMES_MAX: usize = 12;
    match nearest(name, names.iter().copied()) {
        Some(near) => Help::meant(name, near),
        None if names.is_empty() => "there are none to choose from".into(),
        None => {
            let shown = names.get(..NAMES_MAX).unwrap_or(names);
            format!("{there_are} {}", crate::file::list(shown)).into()
        }
    }
}

fn size(expr: &Expr) -> usize {
    1 + expr.children().into_iter().map(size).sum::<usize>()
}
