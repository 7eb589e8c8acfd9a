//! SELECT: its outputs, `*` among them, and its groups.

use sqlparser::ast::{
    Distinct, Expr as Tree, GroupByExpr, Select as SelectTree, SelectItem,
    SelectItemQualifiedWildcardKind as StarKind, Spanned as _, WildcardAdditionalOptions,
};
use sqlparser::tokenizer::Span;

use super::scope::{Lowering, Merged, Source, folded};
use super::{Refusal, Select, Term, from};
use crate::syntax;

/// Outputs and their names.
type Outputs = Vec<(Term, String)>;

impl Lowering<'_> {
    /// Lowers a SELECT into the innermost scope, which is its own and empty.
    pub(super) fn select(&mut self, tree: &SelectTree) -> Result<Select, Refusal> {
        let SelectTree {
            select_token: _,
            optimizer_hints: _,
            distinct,
            select_modifiers: _,
            top: _,
            top_before_distinct: _,
            projection,
            exclude: _,
            into,
            from,
            lateral_views: _,
            prewhere: _,
            selection,
            connect_by: _,
            group_by,
            cluster_by: _,
            distribute_by: _,
            sort_by: _,
            having,
            named_window,
            qualify: _,
            window_before_qualify: _,
            value_table_mode: _,
            flavor: _,
        } = tree;
        let span = tree.span();
        let foreign = syntax::is_foreign(tree);
        let refused = [
            (into.is_some(), "INTO"),
            (!named_window.is_empty(), "WINDOW"),
            (foreign, "a clause that Postgres does not have"),
        ];
        if let Some((_, name)) = refused.into_iter().find(|it| it.0) {
            return Err(Refusal::construct(
                span,
                name,
                "a saved query is one plain SELECT",
            ));
        }
        let from = self.from(from)?;
        Ok(Select {
            distinct: match distinct {
                None | Some(Distinct::All) => false,
                Some(Distinct::Distinct) => true,
                Some(Distinct::On(_)) => {
                    return Err(Refusal::construct(span, "DISTINCT ON", "use GROUP BY"));
                }
            },
            outputs: self.outputs(projection)?,
            from,
            filter: selection.as_ref().map(|it| self.term(it)).transpose()?,
            group: self.group(group_by, span)?,
            having: having.as_ref().map(|it| self.term(it)).transpose()?,
        })
    }

    fn outputs(&mut self, projection: &[SelectItem]) -> Result<Vec<(Term, String)>, Refusal> {
        let mut outputs: Vec<(Term, String)> = Vec::new();
        for item in projection {
            let span = item.span();
            self.at(span);
            let (tree, name) = match item {
                SelectItem::ExprWithAlias { expr, alias } => (expr, Some(folded(alias))),
                SelectItem::UnnamedExpr(expr) => (expr, output_name(expr)),
                SelectItem::ExprWithAliases { .. } => {
                    return Err(Refusal::construct(span, "several aliases", "write one"));
                }
                SelectItem::Wildcard(options) => {
                    plain_star(options, span)?;
                    let all = self.star(None, span)?;
                    add(&mut outputs, all, span)?;
                    continue;
                }
                SelectItem::QualifiedWildcard(kind, options) => {
                    plain_star(options, span)?;
                    let source = star_source(kind, span)?;
                    let all = self.star(Some(&source), span)?;
                    add(&mut outputs, all, span)?;
                    continue;
                }
            };
            let inner = (self.inner > 0).then(|| format!("column{}", outputs.len() + 1));
            let Some(name) = name.or(inner) else {
                return Err(Refusal::new(
                    span,
                    "the output has no name",
                    "write `… AS name`",
                ));
            };
            let term = self.term(tree)?;
            add(&mut outputs, vec![(term, name)], span)?;
        }
        Ok(outputs)
    }

    fn group(&mut self, group_by: &GroupByExpr, span: Span) -> Result<Vec<Term>, Refusal> {
        let keys = match group_by {
            GroupByExpr::Expressions(keys, modifiers) if modifiers.is_empty() => keys,
            _ => {
                return Err(Refusal::construct(
                    span,
                    "this form of GROUP BY",
                    "name the keys",
                ));
            }
        };
        let mut group = Vec::new();
        for key in keys {
            let term = self.term(key)?;
            // A constant would be read as the position of an output.
            if !matches!(term, Term::Column(..) | Term::Call { .. } | Term::Case(..)) {
                let help = "group by columns and calls";
                return Err(Refusal::construct(key.span(), "this key of GROUP BY", help));
            }
            group.push(term);
        }
        Ok(group)
    }

    /// What `*` or `source.*` stands for: the columns that every role of the query may read, each
    /// column that USING has merged once.
    fn star(&mut self, wanted: Option<&str>, span: Span) -> Result<Outputs, Refusal> {
        let Some(scope) = self.scopes.last() else {
            return Ok(Vec::new());
        };
        let mut merged = scope.merged.clone();
        let sources: Vec<_> = scope
            .sources
            .iter()
            .filter(|it| wanted.is_none_or(|wanted| it.qualifier == wanted))
            .cloned()
            .collect();
        if let (Some(wanted), true) = (wanted, sources.is_empty()) {
            let message = format!("there is no source `{wanted}` here");
            return Err(Refusal::new(span, message, "use an alias of FROM"));
        }
        if wanted.is_some() {
            merged.clear();
        }
        let is_shown = |it: &Merged| {
            let of = |source: &&Source| it.of.contains(&source.alias);
            let mut sources = sources.iter().filter(of);
            sources.all(|source| source.shown.contains(&it.name))
        };
        merged.retain(is_shown);
        let mut outputs: Outputs = merged
            .iter()
            .map(|it| (it.term.clone(), it.name.clone()))
            .collect();
        for source in &sources {
            let is_merged = |name: &String| {
                let of_it = |it: &Merged| it.name == *name && it.of.contains(&source.alias);
                merged.iter().any(of_it)
            };
            for name in source.shown.iter().filter(|it| !is_merged(it)) {
                outputs.push((self.column(source, name.clone()), name.clone()));
            }
        }
        if outputs.is_empty() {
            let help = "name columns that every role of the query may read";
            return Err(Refusal::new(span, "`*` stands for no column here", help));
        }
        Ok(outputs)
    }
}

fn add(outputs: &mut Outputs, more: Outputs, span: Span) -> Result<(), Refusal> {
    for (term, name) in more {
        if outputs.iter().any(|(_, it)| *it == name) {
            let message = format!("there are two outputs `{name}`");
            return Err(Refusal::new(span, message, "give one of them another name"));
        }
        outputs.push((term, name));
    }
    Ok(())
}

fn plain_star(options: &WildcardAdditionalOptions, span: Span) -> Result<(), Refusal> {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike: None,
        opt_exclude: None,
        opt_except: None,
        opt_replace: None,
        opt_rename: None,
        opt_alias: None,
    } = options
    else {
        return Err(Refusal::construct(span, "this form of `*`", "write `*`"));
    };
    Ok(())
}

fn star_source(kind: &StarKind, span: Span) -> Result<String, Refusal> {
    let source = match kind {
        StarKind::ObjectName(name) => match name.0.as_slice() {
            [part] => from::part(part),
            _ => None,
        },
        StarKind::Expr(_) => None,
    };
    let help = "write `source.*`, with an alias of FROM";
    source.ok_or_else(|| Refusal::construct(span, "this form of `*`", help))
}

/// The name that an expression gives its output.
fn output_name(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Identifier(ident) => Some(folded(ident)),
        Tree::CompoundIdentifier(parts) => parts.last().map(folded),
        _ => None,
    }
}
