//! Queries: WITH and set operations. Whatever else there is in a newer parser's tree does not
//! compile here until somebody has decided about it.

use sqlparser::ast::{
    Cte as CteTree, Query, SetExpr, SetOperator as Op, SetQuantifier, Spanned as _, With,
};
use sqlparser::tokenizer::Span;

use super::order::Keys;
use super::scope::{Cte, Lowering, Scope, folded};
use super::{Body, Refusal, SelectQuery, SetOperator};

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
                self.scopes.push(Scope::default());
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
        (query.limit, query.offset) = self.bounds(limit_clause.as_ref(), fetch.as_ref(), span)?;
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
                self.scopes.push(Scope::default());
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
}
