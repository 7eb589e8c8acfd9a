//! `(SELECT value FROM … WHERE …)`: inner joins only, one value, nothing else.

use postern_base::RelationName;
use postern_catalog::nearest;
use sqlparser::ast::{
    Expr as Tree, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName,
    ObjectNamePart, Query, Select, SelectItem, SetExpr, Spanned as _, TableAlias, TableFactor,
    TableWithJoins,
};

use super::Lowering;
use super::lower::refuse;
use super::resolve::folded;
use super::scope::{Frame, Scope, ScopeItem};
use crate::report::Report;
use crate::{Expr, FromItem, Subquery};

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
        for TableWithJoins { relation, joins } in tables {
            let item = self.open_relation(relation, &scope, frame, report)?;
            scope.items.push(item);
            for Join {
                relation,
                global,
                join_operator,
            } in joins
            {
                let item = self.open_relation(relation, &scope, frame, report)?;
                scope.items.push(item);
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
            let help =
                "write `FROM schema.table alias`: no functions, subqueries, LATERAL or samples";
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
            let help = match nearest(&name.to_string(), names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
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

/// `Some(conditions)` for an inner or cross join.
fn inner_join(operator: &JoinOperator) -> Option<Option<&Tree>> {
    match operator {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on)) => Some(Some(on)),
        JoinOperator::CrossJoin(JoinConstraint::None) => Some(None),
        _ => None,
    }
}

/// The name and alias of a table that stands there without any decoration.
fn plain_table(factor: &TableFactor) -> Option<(&ObjectName, Option<String>)> {
    let TableFactor::Table {
        name,
        alias,
        args: None,
        with_hints,
        version: None,
        with_ordinality: false,
        partitions,
        json_path: None,
        sample: None,
        index_hints,
    } = factor
    else {
        return None;
    };
    if !(with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty()) {
        return None;
    }
    match alias {
        None => Some((name, None)),
        Some(TableAlias {
            explicit: _,
            name: alias,
            columns,
            at: None,
        }) if columns.is_empty() => Some((name, Some(plain_alias(alias)?))),
        Some(_) => None,
    }
}

/// An alias that cannot be taken for one of the schemas with a meaning of their own.
fn plain_alias(alias: &Ident) -> Option<String> {
    folded(alias).filter(|it| !["arg", "auth", "predicates"].contains(&it.as_str()))
}

struct Parts<'t> {
    projection: &'t [SelectItem],
    from: &'t [TableWithJoins],
    selection: Option<&'t Tree>,
}

/// Takes a query apart; anything but SELECT, FROM and WHERE is named.
fn plain_select(query: &Query) -> Result<Parts<'_>, (&'static str, &'static str)> {
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
        (with.is_some(), "WITH", "write the subquery in place"),
        (
            order_by.is_some(),
            "ORDER BY",
            "the order decides nothing here",
        ),
        (limit_clause.is_some(), "LIMIT or OFFSET", "use EXISTS"),
        (fetch.is_some(), "FETCH", "use EXISTS"),
        (
            !locks.is_empty(),
            "FOR UPDATE or FOR SHARE",
            "a policy only reads",
        ),
        (for_clause.is_some(), "FOR", "a policy only reads"),
        (settings.is_some(), "SETTINGS", "remove it"),
        (format_clause.is_some(), "FORMAT", "remove it"),
        (!pipe_operators.is_empty(), "a pipe operator", "use WHERE"),
    ];
    if let Some((_, construct, help)) = refused.into_iter().find(|it| it.0) {
        return Err((construct, help));
    }
    match body.as_ref() {
        SetExpr::Select(select) => plain_body(select),
        SetExpr::Query(_) => Err(("doubled parentheses", "remove one pair")),
        SetExpr::SetOperation {
            left: _,
            op: _,
            set_quantifier: _,
            right: _,
        } => Err((
            "UNION, INTERSECT or EXCEPT",
            "write two subqueries joined by OR or AND",
        )),
        SetExpr::Values(_) => Err(("VALUES", "write `IN (a, b)`")),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
            Err(("a statement that writes", "a policy only reads"))
        }
        SetExpr::Table(_) => Err(("TABLE", "write `SELECT column FROM table`")),
    }
}

fn plain_body(select: &Select) -> Result<Parts<'_>, (&'static str, &'static str)> {
    let Select {
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
    let grouped = match group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, modifiers) => !keys.is_empty() || !modifiers.is_empty(),
    };
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
        (
            distinct.is_some(),
            "DISTINCT",
            "remove it: IN and EXISTS do not count",
        ),
        (into.is_some(), "INTO", "a policy only reads"),
        (grouped, "GROUP BY", "use EXISTS"),
        (having.is_some(), "HAVING", "use WHERE"),
        (!named_window.is_empty(), "WINDOW", "use WHERE"),
        (foreign, "a clause that Postgres does not have", "use WHERE"),
        (
            from.is_empty(),
            "a SELECT without FROM",
            "write the value itself",
        ),
    ];
    match refused.into_iter().find(|it| it.0) {
        Some((_, construct, help)) => Err((construct, help)),
        None => Ok(Parts {
            projection,
            from,
            selection: selection.as_ref(),
        }),
    }
}
