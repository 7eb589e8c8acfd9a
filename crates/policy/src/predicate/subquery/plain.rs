//! Takes a query apart: anything but SELECT, inner joins and WHERE is refused by its name.
//!
//! Every pattern names every field, so that a clause that a newer parser knows does not compile
//! until somebody has decided about it here.

use sqlparser::ast::{
    Expr as Tree, GroupByExpr, Ident, JoinConstraint, JoinOperator, ObjectName, Query, Select,
    SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins,
};

use crate::predicate::resolve::folded;
use crate::syntax;

/// `Some(conditions)` for an inner or cross join.
pub(super) fn inner_join(operator: &JoinOperator) -> Option<Option<&Tree>> {
    match operator {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on)) => Some(Some(on)),
        JoinOperator::CrossJoin(JoinConstraint::None) => Some(None),
        _ => None,
    }
}

/// The name and alias of a table that stands there without any decoration.
pub(super) fn plain_table(factor: &TableFactor) -> Option<(&ObjectName, Option<String>)> {
    let (name, alias) = syntax::plain_table(factor)?;
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

/// The joins in brackets that stand where a table may stand.
pub(super) fn nested_join(factor: &TableFactor) -> Option<&TableWithJoins> {
    match factor {
        TableFactor::NestedJoin {
            table_with_joins,
            alias: None,
        } => Some(table_with_joins),
        _ => None,
    }
}

/// The value of a SELECT that reads nothing.
pub(in crate::predicate) fn bare_value(query: &Query) -> Option<&Tree> {
    let Parts {
        projection,
        from: [],
        selection: None,
    } = plain_query(query).ok()?
    else {
        return None;
    };
    match projection {
        [SelectItem::UnnamedExpr(value)]
        | [
            SelectItem::ExprWithAlias {
                expr: value,
                alias: _,
            },
        ] if !matches!(value, Tree::Wildcard(_)) => Some(value),
        _ => None,
    }
}

/// What a plain query consists of.
pub(super) struct Parts<'t> {
    pub(super) projection: &'t [SelectItem],
    pub(super) from: &'t [TableWithJoins],
    pub(super) selection: Option<&'t Tree>,
}

/// A construct that is refused, and what to do instead.
type Refused = (&'static str, &'static str);

/// Takes a query apart; anything but SELECT, FROM and WHERE is named.
pub(super) fn plain_select(query: &Query) -> Result<Parts<'_>, Refused> {
    let parts = plain_query(query)?;
    if parts.from.is_empty() {
        return Err(("a SELECT without FROM", "write the value itself"));
    }
    Ok(parts)
}

fn plain_query(query: &Query) -> Result<Parts<'_>, Refused> {
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

fn plain_body(select: &Select) -> Result<Parts<'_>, Refused> {
    let Select {
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
    } = select;
    let grouped = match group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, modifiers) => !keys.is_empty() || !modifiers.is_empty(),
    };
    let foreign = syntax::is_foreign(select);
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
