//! Whether sqlparser's tree is the one that Postgres would build.
//!
//! An operator tree without parentheses is the right one exactly when each operand binds tighter
//! than its operator (or as tight, on the side to which the operator leans). sqlparser keeps the
//! author's parentheses as nodes of their own, so this can be checked node by node against the
//! levels of Postgres' grammar (gram.y). `-1 ^ 2` and `a = b = c` fail here, whatever the parser
//! made of them.

use sqlparser::ast::{BinaryOperator as Op, CastKind, Expr as Tree, UnaryOperator};

/// How tightly a construct binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Is,
    Comparison,
    Membership,
    Other,
    Sum,
    Product,
    Power,
    TimeZone,
    Collate,
    Sign,
    Cast,
    Primary,
}

/// Whether the operands of this node are those that Postgres would give it.
pub(crate) fn agrees(tree: &Tree) -> bool {
    let own = level(tree);
    let tighter = |operand: &Tree| level(operand) > own;
    let as_tight = |operand: &Tree| level(operand) >= own;
    match tree {
        Tree::BinaryOp { left, op: _, right } if own == Level::Comparison => {
            tighter(left) && tighter(right)
        }
        Tree::BinaryOp { left, op: _, right } => as_tight(left) && tighter(right),
        Tree::UnaryOp { op: _, expr } => as_tight(expr),
        Tree::IsNull(expr)
        | Tree::IsNotNull(expr)
        | Tree::IsTrue(expr)
        | Tree::IsNotTrue(expr)
        | Tree::IsFalse(expr)
        | Tree::IsNotFalse(expr)
        | Tree::IsUnknown(expr)
        | Tree::IsNotUnknown(expr) => tighter(expr),
        Tree::IsDistinctFrom(left, right) | Tree::IsNotDistinctFrom(left, right) => {
            tighter(left) && tighter(right)
        }
        Tree::InList { expr, .. } | Tree::InSubquery { expr, .. } => tighter(expr),
        Tree::Between {
            expr, low, high, ..
        } => tighter(expr) && tighter(low) && tighter(high),
        Tree::Like { expr, pattern, .. } | Tree::ILike { expr, pattern, .. } => {
            tighter(expr) && tighter(pattern)
        }
        Tree::AnyOp { left, .. } => tighter(left),
        Tree::Cast {
            kind: CastKind::DoubleColon,
            expr,
            ..
        } => as_tight(expr),
        _ => true,
    }
}

fn level(tree: &Tree) -> Level {
    match tree {
        Tree::BinaryOp { op, .. } => binary(op),
        Tree::UnaryOp {
            op: UnaryOperator::Not,
            ..
        } => Level::Not,
        Tree::UnaryOp { .. } => Level::Sign,
        Tree::Exists { negated: true, .. } => Level::Not,
        Tree::IsNull(_)
        | Tree::IsNotNull(_)
        | Tree::IsTrue(_)
        | Tree::IsNotTrue(_)
        | Tree::IsFalse(_)
        | Tree::IsNotFalse(_)
        | Tree::IsUnknown(_)
        | Tree::IsNotUnknown(_)
        | Tree::IsDistinctFrom(..)
        | Tree::IsNotDistinctFrom(..)
        | Tree::IsJson { .. }
        | Tree::IsNormalized { .. } => Level::Is,
        Tree::AnyOp { .. } | Tree::AllOp { .. } => Level::Comparison,
        Tree::InList { .. }
        | Tree::InSubquery { .. }
        | Tree::Between { .. }
        | Tree::Like { .. }
        | Tree::ILike { .. }
        | Tree::SimilarTo { .. } => Level::Membership,
        Tree::AtTimeZone { .. } => Level::TimeZone,
        Tree::Collate { .. } => Level::Collate,
        Tree::Cast {
            kind: CastKind::DoubleColon,
            ..
        } => Level::Cast,
        // A subscript too: lowering takes one after a name or a bracket only, and there it is a
        // part of the operand, whatever stands around it.
        _ => Level::Primary,
    }
}

fn binary(op: &Op) -> Level {
    match op {
        Op::Or => Level::Or,
        Op::And => Level::And,
        Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq => Level::Comparison,
        Op::Plus | Op::Minus => Level::Sum,
        Op::Multiply | Op::Divide | Op::Modulo => Level::Product,
        Op::PGExp => Level::Power,
        _ => Level::Other,
    }
}
