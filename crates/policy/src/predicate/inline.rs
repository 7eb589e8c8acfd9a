//! `predicates.name(a, b)`: the named predicate's own tree, with the arguments put in as trees.
//!
//! Nothing is ever pasted as text, so an argument cannot change how its surroundings bind. The
//! body sees its arguments and, with `on = "row"`, the row; never the caller's subqueries.

use sqlparser::ast::Expr as Tree;

use super::lower::site;
use super::parse::Text;
use super::resolve::near;
use super::scope::Frame;
use super::{Context, Lowering, TypeName};
use crate::Expr;
use crate::file::PredicateEntry;
use crate::report::Report;

impl Lowering<'_> {
    /// Lowers a call of a named predicate.
    pub(super) fn inline(
        &mut self,
        name: &str,
        arguments: &[&Tree],
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let Some(entry) = self.named.get(name).copied() else {
            let mut names: Vec<_> = self.named.keys().copied().collect();
            names.sort_unstable();
            let help = near(name, &names, "`_shared.toml` defines");
            let message = format!("unknown predicate `{name}`");
            report.error(&site(tree, frame), "unknown-predicate", message, help);
            return None;
        };
        if !callable(entry, arguments.len(), tree, frame, report) {
            return None;
        }
        let values = self.all(arguments.iter().copied(), frame, report)?;
        let text = Text::new(&entry.sql, report);
        let body = text.parse(report)?;
        let mut inner = Frame::new(
            Context {
                row: frame.context.row.filter(|_| entry.on_row),
                function: None,
                ..frame.context
            },
            &text,
        );
        inner.parameters = entry
            .arguments
            .iter()
            .zip(values)
            .map(|((name, ty), value)| (name.clone(), typed(value, *ty)))
            .collect();
        inner.stack.clone_from(&frame.stack);
        inner.stack.push(name.to_owned());
        inner.depth = frame.depth;
        self.expr(&body, &mut inner, report)
    }
}

fn callable(
    entry: &PredicateEntry,
    given: usize,
    tree: &Tree,
    frame: &Frame<'_>,
    report: &mut Report<'_>,
) -> bool {
    let name = &entry.name.value;
    let wanted = entry.arguments.len();
    let at = site(tree, frame);
    if frame.stack.contains(name) {
        let message = format!("predicate `{name}` calls itself");
        let help = "predicates are put in place, so they cannot recurse";
        report.error(&at, "recursive-predicate", message, help);
    } else if given != wanted {
        let message = format!("predicate `{name}` takes {wanted} arguments, not {given}");
        let help = "give it the arguments that `args` lists";
        report.error(&at, "wrong-arguments", message, help);
    } else if entry.on_row && frame.context.row.is_none() {
        let message = format!("predicate `{name}` reads a row, and there is none here");
        let help = "remove `on = \"row\"` from it and pass the columns as arguments";
        report.error(&at, "no-row", message, help);
    } else {
        return true;
    }
    false
}

/// A literal gets the declared type; columns and claims have one, and a cast would lose indexes.
fn typed(value: Expr, ty: TypeName) -> Expr {
    match value {
        Expr::Null | Expr::Text(_) | Expr::Number(_) => Expr::Cast {
            expr: Box::new(value),
            ty: ty.sql(),
        },
        other => other,
    }
}
