//! `(SELECT value FROM … WHERE …)`: inner joins only, one value, nothing else.

use postern_base::RelationName;
use postern_catalog::nearest;
use sqlparser::ast::{
    Expr as Tree, Join, ObjectName, ObjectNamePart, Query, SelectItem, Spanned as _, TableFactor,
    TableWithJoins,
};

mod plain;

use super::Lowering;
use super::lower::refuse;
use super::resolve::folded;
use super::scope::{Frame, Scope, ScopeItem};
use crate::diagnostic::Help;
use crate::report::Report;
use crate::{Expr, FromItem, Subquery};
pub(super) use plain::bare_value;
use plain::{inner_join, nested_join, plain_select, plain_table};

/// What the subquery's value is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Exists,
    Value,
}

impl Lowering<'_> {
    /// Lowers `EXISTS (…)`, `x IN (SELECT …)` and `(SELECT …)`.
    pub(super) fn subquery_node(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        match tree {
            Tree::Exists { subquery, negated } => Some(Expr::Exists {
                query: Box::new(self.subquery(subquery, Use::Exists, frame, report)?),
                negated: *negated,
            }),
            Tree::InSubquery {
                expr,
                subquery,
                negated,
            } => self.in_subquery(expr, subquery, *negated, frame, report),
            // COMPAT(supabase): `(SELECT auth.uid())` keeps Postgres from calling the function for
            // each row. Here a claim is a parameter anyway, so it is the value itself.
            Tree::Subquery(query) if bare_value(query).is_some() => {
                self.expr(bare_value(query)?, frame, report)
            }
            Tree::Subquery(query) => Some(Expr::Scalar(Box::new(self.subquery(
                query,
                Use::Value,
                frame,
                report,
            )?))),
            other => refuse(other, frame, report),
        }
    }

    /// Lowers `x [NOT] IN (SELECT …)`.
    pub(super) fn in_subquery(
        &mut self,
        operand: &Tree,
        query: &Query,
        negated: bool,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let expr = self.expr(operand, frame, report);
        let query = self.subquery(query, Use::Value, frame, report);
        Some(Expr::InQuery {
            expr: Box::new(expr?),
            query: Box::new(query?),
            negated,
        })
    }

    fn subquery(
        &mut self,
        query: &Query,
        wanted: Use,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Subquery> {
        let parts = match plain_select(query) {
            Ok(parts) => parts,
            Err((construct, help)) => {
                let site = frame.text.site_of(query.span());
                let message = format!("a subquery of a policy cannot hold {construct}");
                report.error(&site, "refused-subquery", message, help);
                return None;
            }
        };
        let (scope, joins) = self.from(parts.from, frame, report)?;
        let from = scope
            .items
            .iter()
            .map(|it| FromItem {
                relation: it.relation.name.clone(),
                alias: it.alias.clone(),
            })
            .collect();
        frame.scopes.push(scope);
        let conditions = self.all(joins.into_iter().chain(parts.selection), frame, report);
        let select = self.projection(parts.projection, wanted, frame, report);
        frame.scopes.pop();
        Some(Subquery {
            select: select?,
            from,
            condition: Expr::all(conditions?),
            as_caller: frame.context.as_caller,
        })
    }

    fn projection(
        &mut self,
        projection: &[SelectItem],
        wanted: Use,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let one = Expr::Number("1".into());
        let value = match projection {
            [SelectItem::UnnamedExpr(Tree::Wildcard(_)) | SelectItem::Wildcard(_)]
                if wanted == Use::Exists =>
            {
                return Some(one);
            }
            [SelectItem::UnnamedExpr(value)]
            | [
                SelectItem::ExprWithAlias {
                    expr: value,
                    alias: _,
                },
            ] => self.expr(value, frame, report),
            _ => {
                let message = "a subquery of a policy selects exactly one value";
                let help = "name the one column to compare with";
                report.error(frame.text.site(), "refused-subquery", message, help);
                None
            }
        };
        match wanted {
            Use::Exists => value.map(|_| one),
            Use::Value => value,
        }
    }

    /// Opens the relations; the join conditions come back to be joined to WHERE.
    fn from<'t>(
        &mut self,
        tables: &'t [TableWithJoins],
        frame: &Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<(Scope, Vec<&'t Tree>)> {
        let mut scope = Scope::default();
        let mut conditions = Vec::new();
        let mut parts: Vec<&TableWithJoins> = tables.iter().rev().collect();
        while let Some(TableWithJoins { relation, joins }) = parts.pop() {
            match nested_join(relation) {
                // Brackets around inner joins, as Postgres prints them, change nothing.
                Some(inner) => parts.push(inner),
                None => {
                    let item = self.open_relation(relation, &scope, frame, report)?;
                    scope.items.push(item);
                }
            }
            for Join {
                relation,
                global,
                join_operator,
            } in joins
            {
                match nested_join(relation) {
                    Some(inner) => parts.push(inner),
                    None => {
                        let item = self.open_relation(relation, &scope, frame, report)?;
                        scope.items.push(item);
                    }
                }
                match inner_join(join_operator).filter(|_| !*global) {
                    Some(condition) => conditions.extend(condition),
                    None => {
                        let help = "write `JOIN … ON …`; outer joins decide nothing in a policy";
                        let message = "a subquery of a policy can only hold inner joins with ON";
                        report.error(frame.text.site(), "refused-subquery", message, help);
                        return None;
                    }
                }
            }
        }
        Some((scope, conditions))
    }

    fn open_relation(
        &mut self,
        factor: &TableFactor,
        scope: &Scope,
        frame: &Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<ScopeItem> {
        let site = frame.text.site_of(factor.span());
        let Some((name, alias)) = plain_table(factor) else {
            let message = "a subquery of a policy reads plain tables only";
            let help = "write `FROM schema.table alias`: no functions, subqueries or LATERAL";
            report.error(&site, "refused-subquery", message, help);
            return None;
        };
        let name = self.relation_name(name, frame, report)?;
        let Some(relation) = self.catalog.relation(&name) else {
            let names: Vec<_> = self
                .catalog
                .relations()
                .map(|it| it.name.to_string())
                .collect();
            let help: Help = match nearest(&name.to_string(), names.iter().map(String::as_str)) {
                Some(near) => Help::meant(&name.to_string(), near),
                None => "its schema must be one that Postern reads".into(),
            };
            report.error(
                &site,
                "unknown-table",
                format!("unknown table `{name}`"),
                help,
            );
            return None;
        };
        let aliased = alias.is_some();
        let qualifier = alias.unwrap_or_else(|| name.name.clone());
        if scope.items.iter().any(|it| it.qualifier == qualifier) {
            let message = format!("`{qualifier}` stands for two tables of one subquery");
            report.error(&site, "ambiguous-name", message, "give each its own alias");
            return None;
        }
        Some(ScopeItem {
            qualifier,
            aliased,
            alias: self.fresh_alias(),
            relation: relation.clone(),
        })
    }

    fn relation_name(
        &self,
        name: &ObjectName,
        frame: &Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<RelationName> {
        let site = frame.text.site_of(name.span());
        let parts: Option<Vec<String>> = name.0.iter().map(part).collect();
        match parts.as_deref() {
            Some([schema, relation]) if is_system(schema) => {
                let message = format!("`{schema}.{relation}` belongs to the system catalogues");
                let help = "a policy reads tables of the project only";
                report.error(&site, "system-catalog", message, help);
                None
            }
            Some([schema, relation]) => Some(RelationName::new(schema, relation)),
            Some([relation]) => {
                let message = format!("`{relation}` does not say its schema");
                let help = format!("write `public.{relation}`");
                report.error(&site, "unqualified-name", message, help);
                None
            }
            _ => {
                let message = "this is no table name";
                report.error(&site, "refused-subquery", message, "write `schema.table`");
                None
            }
        }
    }
}

/// Whether a schema is Postgres' own.
pub(super) fn is_system(schema: &str) -> bool {
    schema.starts_with("pg_") || schema == "information_schema"
}

/// One part of a dotted name.
pub(super) fn part(part: &ObjectNamePart) -> Option<String> {
    match part {
        ObjectNamePart::Identifier(part) => folded(part),
        ObjectNamePart::Function(_) => None,
    }
}
