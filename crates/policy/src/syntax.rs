//! What predicates and saved queries ask alike of the parser's tree.
//!
//! Both lower it into trees of their own and refuse what they do not know; here is what they would
//! otherwise say twice. Every pattern names every field, so that whatever a newer parser knows does
//! not compile until somebody has decided about it.

use sqlparser::ast::{
    BinaryOperator as Op, Expr as Tree, ObjectName, Select, TableAlias, TableFactor, Value,
};

use crate::predicate::literal::is_number;
use crate::{Claim, Comparison, JsonOperator};

/// The operands of `a AND b AND c`, however many, without recursion.
pub(crate) fn chain<'t>(tree: &'t Tree, op: &Op) -> Vec<&'t Tree> {
    let mut operands = Vec::new();
    let mut rest = tree;
    while let Tree::BinaryOp {
        left,
        op: link,
        right,
    } = rest
        && link == op
    {
        operands.push(right.as_ref());
        rest = left;
    }
    operands.push(rest);
    operands.reverse();
    operands
}

/// The name and alias of a table that stands there without any decoration.
pub(crate) fn plain_table(factor: &TableFactor) -> Option<(&ObjectName, Option<&TableAlias>)> {
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
    let is_plain = with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty();
    is_plain.then_some((name, alias.as_ref()))
}

/// Whether a SELECT has a clause of another database's dialect.
pub(crate) fn is_foreign(select: &Select) -> bool {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top,
        top_before_distinct,
        projection: _,
        exclude,
        into: _,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window: _,
        qualify,
        window_before_qualify,
        value_table_mode,
        flavor: _,
    } = select;
    !optimizer_hints.is_empty()
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
        || value_table_mode.is_some()
}

/// A plain literal.
pub(crate) enum Literal<'t> {
    Null,
    Bool(bool),
    Text(&'t str),
    Number(&'t str),
}

/// A number, a plain text, TRUE, FALSE or NULL.
pub(crate) fn literal(value: &Value) -> Option<Literal<'_>> {
    match value {
        Value::Null => Some(Literal::Null),
        Value::Boolean(truth) => Some(Literal::Bool(*truth)),
        Value::SingleQuotedString(text) => Some(Literal::Text(text)),
        Value::Number(digits, false) if is_number(digits) => Some(Literal::Number(digits)),
        _ => None,
    }
}

/// The claim that a function of the schema `auth` stands for.
pub(crate) fn claim(name: &str) -> Option<Claim> {
    match name {
        "uid" => Some(Claim::Uid),
        "role" => Some(Claim::Role),
        "email" => Some(Claim::Email),
        "jwt" => Some(Claim::Jwt),
        _ => None,
    }
}

/// The comparisons.
pub(crate) fn comparison(op: &Op) -> Option<Comparison> {
    match op {
        Op::Eq => Some(Comparison::Eq),
        Op::NotEq => Some(Comparison::NotEq),
        Op::Lt => Some(Comparison::Less),
        Op::LtEq => Some(Comparison::LessOrEqual),
        Op::Gt => Some(Comparison::Greater),
        Op::GtEq => Some(Comparison::GreaterOrEqual),
        _ => None,
    }
}

/// The operators on JSON.
pub(crate) fn json(op: &Op) -> Option<JsonOperator> {
    match op {
        Op::Arrow => Some(JsonOperator::Get),
        Op::LongArrow => Some(JsonOperator::GetText),
        Op::HashArrow => Some(JsonOperator::Path),
        Op::HashLongArrow => Some(JsonOperator::PathText),
        Op::AtArrow => Some(JsonOperator::Contains),
        Op::Question => Some(JsonOperator::HasKey),
        _ => None,
    }
}
