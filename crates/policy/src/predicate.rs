//! From the SQL text of a predicate to the closed [`Expr`] tree.
//!
//! ```text
//! text → tokens (counted, no comments) → sqlparser tree → precedence check → Expr
//! ```
//! sqlparser accepts far more than a policy may say, and reads some texts unlike Postgres. So its
//! tree is never printed: it is lowered node by node, each field looked at, and whatever is not
//! on the list is refused by name. SECURITY: a node that slips through here reaches the database.

mod call;
pub(crate) mod construct;
mod inline;
pub(crate) mod literal;
mod lower;
mod operators;
mod parse;
pub(crate) mod precedence;
mod resolve;
mod scope;
mod subquery;
mod types;

use std::collections::HashMap;

use postern_base::limits::PREDICATE_DEPTH_MAX;
use postern_catalog::{Catalog, Function, Relation};

use crate::Expr;
use crate::file::PredicateEntry;
use crate::report::{Report, Spanned};
use parse::Text;
use scope::Frame;

pub(crate) use resolve::{near, unknown_column};
pub(crate) use types::TypeName;

/// Most nodes of one lowered predicate; named predicates that call each other multiply.
const NODES_MAX: usize = 5_000;

/// What the author may refer to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context<'a> {
    /// The relation whose row is decided on.
    pub(crate) row: Option<&'a Relation>,
    /// The function whose arguments `arg.name` reads.
    pub(crate) function: Option<&'a Function>,
    /// Whether opaque functions may be called.
    pub(crate) native: bool,
    /// Whether subqueries are filtered by the caller's own policies.
    pub(crate) as_caller: bool,
}

/// Lowers the predicates of one bundle; aliases are unique across all of them.
#[derive(Debug)]
pub(crate) struct Lowering<'a> {
    catalog: &'a Catalog,
    named: HashMap<&'a str, &'a PredicateEntry>,
    aliases: usize,
    nodes: usize,
}

impl<'a> Lowering<'a> {
    /// Starts with the named predicates of the shared file.
    pub(crate) fn new(catalog: &'a Catalog, predicates: &'a [PredicateEntry]) -> Self {
        Self {
            catalog,
            named: predicates
                .iter()
                .map(|it| (it.name.value.as_str(), it))
                .collect(),
            aliases: 0,
            nodes: 0,
        }
    }

    /// Lowers one text; `None` after errors, which are reported.
    pub(crate) fn lower(
        &mut self,
        sql: &Spanned<String>,
        context: Context<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let text = Text::new(sql, report);
        let tree = text.parse(report)?;
        let mut frame = Frame::new(context, &text);
        self.nodes = 0;
        let expr = self.expr(&tree, &mut frame, report)?;
        if depth(&expr) > 2 * PREDICATE_DEPTH_MAX {
            parse::too_deep(&sql.site, report);
            return None;
        }
        Some(expr)
    }

    /// Lowers the bodies of the named predicates by themselves, so that unused ones are checked.
    pub(crate) fn check_named(&mut self, report: &mut Report<'_>) {
        let mut entries: Vec<_> = self.named.values().copied().collect();
        entries.sort_by_key(|it| it.sql.site.span.start);
        for entry in entries {
            let text = Text::new(&entry.sql, report);
            let Some(tree) = text.parse(report) else {
                continue;
            };
            if entry.on_row {
                // The columns are known only where a rule uses it.
                continue;
            }
            let mut frame = Frame::new(Context::default(), &text);
            frame.stack.push(entry.name.value.clone());
            frame.parameters = entry
                .arguments
                .iter()
                .map(|(name, _)| (name.clone(), Expr::Null))
                .collect();
            self.nodes = 0;
            self.expr(&tree, &mut frame, report);
        }
    }

    /// Opens the scope of a subquery.
    fn fresh_alias(&mut self) -> String {
        self.aliases += 1;
        format!("pol_{}", self.aliases)
    }
}

/// How deeply a tree is nested.
fn depth(expr: &Expr) -> usize {
    1 + expr
        .children()
        .into_iter()
        .map(depth)
        .max()
        .unwrap_or_default()
}
