//! Queries: WITH, SELECT, set operations, ORDER BY and LIMIT. Whatever else there is in a newer
//! parser's tree does not compile here until somebody has decided about it.

use sqlparser::ast::{
    Cte as CteTree, Distinct, Expr as Tree, GroupByExpr, LimitClause, Offset, OrderBy, OrderByKind,
    OrderByOptions, OrderBySort, Query, Select as SelectTree, SelectItem, SetExpr,
    SetOperator as Op, SetQuantifier, Spanned as _, With,
};
use sqlparser::tokenizer::Span;

use super::scope::{Cte, Lowering, folded};
use super::{Body, OrderKey, Ordering, Refusal, Select, SelectQuery, SetOperator, Term};

impl SelectQuery {
    /// The names of the outputs.
    pub fn output_names(&self) -> Vec<String> {
        let mut body = &self.body;
        loop {
            match body {
                Body::Set { left, .. } => body = left,
                Body::Select(select) => {
                    return select
                        .outputs
                        .iter()
                        .map(|(_, name)| name.clone())
                        .collect();
                }
            }
        }
    }
}

impl Lowering<'_> {
    /// Lowers a query; its named subqueries are in force inside of it only.
    pub(super) fn query(&mut self, query: &Query) -> Result<SelectQuery, Refusal> {
        let span = query.span();
        self.down(span)?;
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let refused = [
            (!locks.is_empty(), "FOR UPDATE or FOR SHARE"),
            (fetch.is_some(), "FETCH"),
            (for_clause.is_some(), "FOR"),
            (
                settings.is_some() || format_clause.is_some(),
                "SETTINGS or FORMAT",
            ),
            (!pipe_operators.is_empty(), "a pipe operator"),
        ];
        if let Some((_, name)) = refused.into_iter().find(|it| it.0) {
            return Err(Refusal::construct(
                span,
                name,
                "a saved query is one plain SELECT",
            ));
        }
        let outer = self.ctes.len();
        let ctes = match with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let mut query = SelectQuery {
            ctes,
            body: Body::Select(Box::default()),
            order: Vec::new(),
            limit: None,
            offset: None,
        };
        match body.as_ref() {
            SetExpr::Select(select) => {
                // The order may name sources too, so it is lowered inside of their scope.
                self.scopes.push(Vec::new());
                let select = self.select(select)?;
                query.body = Body::Select(Box::new(select));
                query.order = self.order(order_by.as_ref(), &query.output_names(), Keys::Any)?;
                self.scopes.pop();
            }
            other => {
                query.body = self.body(other, span)?;
                let names = query.output_names();
                query.order = self.order(order_by.as_ref(), &names, Keys::Outputs)?;
            }
        }
        (query.limit, query.offset) = self.window(limit_clause.as_ref(), span)?;
        self.ctes.truncate(outer);
        self.up();
        Ok(query)
    }

    fn with(&mut self, with: &With) -> Result<Vec<(String, SelectQuery)>, Refusal> {
        let With {
            with_token: _,
            recursive,
            cte_tables,
        } = with;
        let mut ctes = Vec::new();
        for cte in cte_tables {
            let CteTree {
                alias,
                query,
                from,
                materialized: _,
                closing_paren_token: _,
            } = cte;
            let span = alias.name.span;
            if *recursive {
                return Err(Refusal::construct(
                    span,
                    "WITH RECURSIVE",
                    "write a function for it",
                ));
            }
            if from.is_some() || !alias.columns.is_empty() || alias.at.is_some() {
                let help = "name the outputs inside of it";
                return Err(Refusal::construct(span, "this form of WITH", help));
            }
            let scopes = std::mem::take(&mut self.scopes);
            let query = self.query(query);
            self.scopes = scopes;
            let query = query?;
            let own = self.alias();
            self.ctes.push(Cte {
                name: folded(&alias.name),
                alias: own.clone(),
                columns: query.output_names(),
            });
            ctes.push((own, query));
        }
        Ok(ctes)
    }

    fn body(&mut self, body: &SetExpr, span: Span) -> Result<Body, Refusal> {
        self.down(span)?;
        let lowered = match body {
            SetExpr::Select(select) => {
                self.scopes.push(Vec::new());
                let select = self.select(select)?;
                self.scopes.pop();
                Body::Select(Box::new(select))
            }
            SetExpr::SetOperation {
                left,
                op,
                set_quantifier,
                right,
            } => Body::Set {
                operator: match op {
                    Op::Union => SetOperator::Union,
                    Op::Intersect => SetOperator::Intersect,
                    Op::Except => SetOperator::Except,
                    Op::Minus => return Err(Refusal::construct(span, "MINUS", "use EXCEPT")),
                },
                all: match set_quantifier {
                    SetQuantifier::All => true,
                    SetQuantifier::Distinct | SetQuantifier::None => false,
                    _ => return Err(Refusal::construct(span, "BY NAME", "remove it")),
                },
                left: Box::new(self.body(left, span)?),
                right: Box::new(self.body(right, span)?),
            },
            SetExpr::Query(_) => {
                let help = "use WITH for a part that has an order of its own";
                return Err(Refusal::construct(
                    span,
                    "parentheses around a SELECT",
                    help,
                ));
            }
            SetExpr::Values(_) => return Err(Refusal::construct(span, "VALUES", "use SELECT")),
            SetExpr::Table(_) => return Err(Refusal::construct(span, "TABLE", "use SELECT")),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                let help = "a saved query only reads";
                return Err(Refusal::construct(span, "a statement that writes", help));
            }
        };
        self.up();
        Ok(lowered)
    }

    /// Lowers a SELECT into the innermost scope, which is its own and empty.
    fn select(&mut self, select: &SelectTree) -> Result<Select, Refusal> {
        let SelectTree {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify,
            value_table_mode,
            flavor: _,
        } = select;
        let span = select.span();
        let foreign = !optimizer_hints.is_empty()
            || select_modifiers.is_some()
            || top.is_some()
            || *top_before_distinct
            || exclude.is_some()
            || !lateral_views.is_empty()
            || prewhere.is_some()
            || !connect_by.is_empty()
            || !cluster_by.is_empty()
            || !distribute_by.is_empty()
            || !sort_by.is_empty()
            || qualify.is_some()
            || *window_before_qualify
            || value_table_mode.is_some();
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
            let (tree, name) = match item {
                SelectItem::ExprWithAlias { expr, alias } => (expr, Some(folded(alias))),
                SelectItem::UnnamedExpr(expr) => (expr, output_name(expr)),
                SelectItem::ExprWithAliases { .. } => {
                    return Err(Refusal::construct(span, "several aliases", "write one"));
                }
                SelectItem::QualifiedWildcard(..) | SelectItem::Wildcard(_) => {
                    let help =
                        "name the columns, so that the answer does not change with the table";
                    return Err(Refusal::construct(span, "`*`", help));
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
            if outputs.iter().any(|(_, it)| *it == name) {
                let message = format!("there are two outputs `{name}`");
                return Err(Refusal::new(span, message, "give one of them another name"));
            }
            outputs.push((self.term(tree)?, name));
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

    fn order(
        &mut self,
        order_by: Option<&OrderBy>,
        names: &[String],
        keys: Keys,
    ) -> Result<Vec<Ordering>, Refusal> {
        let Some(OrderBy { kind, interpolate }) = order_by else {
            return Ok(Vec::new());
        };
        let OrderByKind::Expressions(terms) = kind else {
            return Err(Refusal::construct(
                Span::empty(),
                "ORDER BY ALL",
                "name the keys",
            ));
        };
        let mut order = Vec::new();
        for term in terms {
            let span = term.expr.span();
            let OrderByOptions { sort, nulls_first } = &term.options;
            if interpolate.is_some() || term.with_fill.is_some() {
                return Err(Refusal::construct(span, "WITH FILL", "remove it"));
            }
            let descending = match sort {
                None | Some(OrderBySort::Asc) => false,
                Some(OrderBySort::Desc) => true,
                Some(OrderBySort::Using(_)) => {
                    return Err(Refusal::construct(
                        span,
                        "ORDER BY … USING",
                        "use ASC or DESC",
                    ));
                }
            };
            order.push(Ordering {
                key: self.order_key(&term.expr, names, keys)?,
                descending,
                nulls_first: *nulls_first,
            });
        }
        Ok(order)
    }

    fn order_key(
        &mut self,
        tree: &Tree,
        names: &[String],
        keys: Keys,
    ) -> Result<OrderKey, Refusal> {
        if let Tree::Identifier(ident) = tree
            && let Some(index) = names.iter().position(|it| *it == folded(ident))
        {
            return Ok(OrderKey::Output(index + 1));
        }
        if keys == Keys::Outputs {
            let help = "order by the name of an output";
            return Err(Refusal::construct(
                tree.span(),
                "this key of ORDER BY",
                help,
            ));
        }
        match self.term(tree)? {
            // A number would be read as the position of an output, which a parameter never is.
            Term::Number(_) => {
                let help = "order by the name of an output";
                Err(Refusal::construct(
                    tree.span(),
                    "a number in ORDER BY",
                    help,
                ))
            }
            term => Ok(OrderKey::Term(term)),
        }
    }

    fn window(
        &mut self,
        clause: Option<&LimitClause>,
        span: Span,
    ) -> Result<(Option<Term>, Option<Term>), Refusal> {
        match clause {
            None => Ok((None, None)),
            Some(LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            }) if limit_by.is_empty() => {
                let mut bound = |tree: &Tree| match self.term(tree)? {
                    term @ (Term::Number(_) | Term::Param(_)) => Ok(term),
                    _ => {
                        let help = "write a number or a parameter";
                        Err(Refusal::construct(span, "this kind of LIMIT", help))
                    }
                };
                let limit = limit.as_ref().map(&mut bound).transpose()?;
                let offset = match offset {
                    Some(Offset { value, rows: _ }) => Some(bound(value)?),
                    None => None,
                };
                Ok((limit, offset))
            }
            Some(_) => Err(Refusal::construct(
                span,
                "this form of LIMIT",
                "write LIMIT n OFFSET m",
            )),
        }
    }
}

/// What an order may go by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Any,
    Outputs,
}

/// The name that an expression gives its output.
fn output_name(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Identifier(ident) => Some(folded(ident)),
        Tree::CompoundIdentifier(parts) => parts.last().map(folded),
        _ => None,
    }
}
