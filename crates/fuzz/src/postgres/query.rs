//! The one form of subquery that a predicate may hold, and the two statements around predicates.

use pg_query::NodeEnum;
use pg_query::protobuf::{JoinType, Node, SelectStmt, SetOperation, SubLink, SubLinkType};

use super::{Read, Unknown, boxed, inner, names, shape, unknown};
use crate::shape::{Naming, Shape};

/// The one SELECT that a text holds.
///
/// # Errors
/// When Postgres cannot read the text, or reads something else in it.
pub fn subselect(sql: &str) -> Result<SelectStmt, Unknown> {
    let tree = pg_query::parse(sql, pg_query::ParserOptions::default()).map_err(unknown)?;
    let [statement] = tree.protobuf.stmts.as_slice() else {
        return Err(unknown("not one statement"));
    };
    match inner(statement.stmt.as_deref())? {
        NodeEnum::SelectStmt(select) => Ok(select.as_ref().clone()),
        other => Err(unknown(other)),
    }
}

/// The WHERE of the one SELECT that a text holds; inside of `WHERE EXISTS (…)` that of the
/// subquery.
///
/// # Errors
/// When Postgres cannot read the text, or reads a node that no predicate can hold.
pub fn conditions(sql: &str, naming: Naming) -> Read {
    let select = subselect(sql)?;
    let filter = inner(select.where_clause.as_deref())?;
    if let NodeEnum::SubLink(link) = filter
        && select.from_clause.is_empty()
        && let NodeEnum::SelectStmt(inside) = inner(link.subselect.as_deref())?
    {
        return boxed(&inside.where_clause, naming);
    }
    shape(filter, naming)
}

pub(super) fn sublink(it: &SubLink, naming: Naming) -> Read {
    let NodeEnum::SelectStmt(query) = inner(it.subselect.as_deref())? else {
        return Err(unknown(it));
    };
    match it.sub_link_type() {
        SubLinkType::ExistsSublink => Ok(Shape::node("exists", vec![rows(query, naming)?])),
        // A claim in a subquery of its own is the claim.
        SubLinkType::ExprSublink if query.from_clause.is_empty() => value(query, naming),
        SubLinkType::ExprSublink => Ok(Shape::node("scalar", vec![whole(query, naming)?])),
        SubLinkType::AnySublink => {
            let name = names(&it.oper_name)?;
            let operator = name.last().map_or("=", String::as_str);
            let operand = boxed(&it.testexpr, naming)?;
            Ok(Shape::among(operator, operand, vec![whole(query, naming)?]))
        }
        _ => Err(unknown(it)),
    }
}

fn whole(query: &SelectStmt, naming: Naming) -> Read {
    Ok(Shape::node(
        "select",
        vec![value(query, naming)?, rows(query, naming)?],
    ))
}

fn value(query: &SelectStmt, naming: Naming) -> Read {
    let [target] = query.target_list.as_slice() else {
        return Err(unknown("not one value"));
    };
    match inner(Some(target))? {
        NodeEnum::ResTarget(target) if target.indirection.is_empty() => boxed(&target.val, naming),
        other => Err(unknown(other)),
    }
}

fn rows(query: &SelectStmt, naming: Naming) -> Read {
    let is_plain = query.distinct_clause.is_empty()
        && query.group_clause.is_empty()
        && query.having_clause.is_none()
        && query.window_clause.is_empty()
        && query.values_lists.is_empty()
        && query.sort_clause.is_empty()
        && query.limit_count.is_none()
        && query.limit_offset.is_none()
        && query.locking_clause.is_empty()
        && query.with_clause.is_none()
        && query.op() == SetOperation::SetopNone;
    if !is_plain {
        return Err(unknown(query));
    }
    let (mut name, mut conditions) = (String::from("from"), Vec::new());
    for item in &query.from_clause {
        from(item, naming, &mut name, &mut conditions)?;
    }
    if query.where_clause.is_some() {
        conditions.push(boxed(&query.where_clause, naming)?);
    }
    Ok(Shape::node(name, vec![Shape::all(conditions)]))
}

fn from(
    item: &Node,
    naming: Naming,
    name: &mut String,
    conditions: &mut Vec<Shape>,
) -> Result<(), Unknown> {
    match inner(Some(item))? {
        NodeEnum::RangeVar(table) if table.catalogname.is_empty() && table.inh => {
            *name += &format!(" {}.{}", table.schemaname, table.relname);
            if let (Naming::Qualified, Some(alias)) = (naming, &table.alias) {
                *name += &format!(" as {}", alias.aliasname);
            }
            Ok(())
        }
        NodeEnum::JoinExpr(join)
            if join.jointype() == JoinType::JoinInner
                && !join.is_natural
                && join.using_clause.is_empty()
                && join.alias.is_none() =>
        {
            for side in [&join.larg, &join.rarg] {
                let side = side.as_deref().ok_or_else(|| unknown(join))?;
                from(side, naming, name, conditions)?;
            }
            conditions.push(boxed(&join.quals, naming)?);
            Ok(())
        }
        other => Err(unknown(other)),
    }
}
