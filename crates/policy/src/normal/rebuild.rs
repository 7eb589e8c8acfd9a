//! A tree with the aliases of its subqueries renamed by their place.

use crate::{Expr, FromItem, Source, Subquery};

/// The new names of the aliases in scope.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    names: Vec<(String, String)>,
    depth: usize,
}

impl Aliases {
    fn new_name(&self, alias: &str) -> String {
        let found = self.names.iter().rev().find(|(old, _)| old == alias);
        found.map_or_else(|| alias.to_owned(), |(_, new)| new.clone())
    }
}

/// The tree, its subqueries' aliases named by depth and position; conditions inside of subqueries
/// are in normal form, since only rows for which they are TRUE count.
pub(super) fn renamed(expr: &Expr, aliases: &mut Aliases) -> Expr {
    let mut one = |it: &Expr| Box::new(renamed(it, aliases));
    match expr {
        Expr::Bool(_)
        | Expr::Null
        | Expr::Number(_)
        | Expr::Text(_)
        | Expr::Claim(_)
        | Expr::Argument(_)
        | Expr::Column {
            source: Source::Row,
            name: _,
        } => expr.clone(),
        Expr::Column {
            source: Source::Alias(alias),
            name,
        } => Expr::Column {
            source: Source::Alias(aliases.new_name(alias)),
            name: name.clone(),
        },
        Expr::Not(inner) => Expr::Not(one(inner)),
        Expr::And(operands) => Expr::And(all(operands, aliases)),
        Expr::Or(operands) => Expr::Or(all(operands, aliases)),
        Expr::Compare { op, left, right } => Expr::Compare {
            op: *op,
            left: one(left),
            right: one(right),
        },
        Expr::Arithmetic { op, left, right } => Expr::Arithmetic {
            op: *op,
            left: one(left),
            right: one(right),
        },
        Expr::Json { op, left, right } => Expr::Json {
            op: *op,
            left: one(left),
            right: one(right),
        },
        Expr::Is {
            expr,
            truth,
            negated,
        } => Expr::Is {
            expr: one(expr),
            truth: *truth,
            negated: *negated,
        },
        Expr::Exists { query, negated } => Expr::Exists {
            query: Box::new(subquery(query, aliases)),
            negated: *negated,
        },
        Expr::Scalar(query) => Expr::Scalar(Box::new(subquery(query, aliases))),
        Expr::Cast { expr, ty } => Expr::Cast {
            expr: one(expr),
            ty,
        },
        Expr::Subscript { expr, index } => Expr::Subscript {
            expr: one(expr),
            index: one(index),
        },
        other => several(other, aliases),
    }
}

/// The nodes with operands of several kinds.
fn several(expr: &Expr, aliases: &mut Aliases) -> Expr {
    let mut one = |it: &Expr| Box::new(renamed(it, aliases));
    match expr {
        Expr::InList {
            expr,
            list,
            negated,
        } => Expr::InList {
            expr: one(expr),
            list: all(list, aliases),
            negated: *negated,
        },
        Expr::InQuery {
            expr,
            query,
            negated,
        } => Expr::InQuery {
            expr: one(expr),
            query: Box::new(subquery(query, aliases)),
            negated: *negated,
        },
        Expr::AnyOf { expr, op, array } => Expr::AnyOf {
            expr: one(expr),
            op: *op,
            array: one(array),
        },
        Expr::Between {
            expr,
            low,
            high,
            negated,
        } => Expr::Between {
            expr: one(expr),
            low: one(low),
            high: one(high),
            negated: *negated,
        },
        Expr::Like {
            expr,
            pattern,
            ignore_case,
            negated,
        } => Expr::Like {
            expr: one(expr),
            pattern: one(pattern),
            ignore_case: *ignore_case,
            negated: *negated,
        },
        Expr::Case {
            operand,
            branches,
            otherwise,
        } => Expr::Case {
            operand: operand.as_ref().map(|it| one(it)),
            otherwise: otherwise.as_ref().map(|it| one(it)),
            branches: branches
                .iter()
                .map(|(when, then)| (renamed(when, aliases), renamed(then, aliases)))
                .collect(),
        },
        Expr::Call {
            schema,
            function,
            arguments,
        } => Expr::Call {
            schema: schema.clone(),
            function: function.clone(),
            arguments: all(arguments, aliases),
        },
        _ => unreachable!("INVARIANT: `renamed` rebuilds every other node itself"),
    }
}

fn all(operands: &[Expr], aliases: &mut Aliases) -> Vec<Expr> {
    operands.iter().map(|it| renamed(it, aliases)).collect()
}

fn subquery(query: &Subquery, aliases: &mut Aliases) -> Subquery {
    let outer = aliases.names.len();
    aliases.depth += 1;
    let mut from = Vec::new();
    for (index, item) in query.from.iter().enumerate() {
        let alias = format!("q{}_{index}", aliases.depth);
        aliases.names.push((item.alias.clone(), alias.clone()));
        from.push(FromItem {
            relation: item.relation.clone(),
            alias,
        });
    }
    let renamed = Subquery {
        select: renamed(&query.select, aliases),
        from,
        condition: super::truth(&renamed(&query.condition, aliases)),
        as_caller: query.as_caller,
    };
    aliases.depth -= 1;
    aliases.names.truncate(outer);
    renamed
}
