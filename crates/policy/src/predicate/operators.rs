//! Operators, each from a closed list.

use sqlparser::ast::{Array, BinaryOperator as Op, Expr as Tree, SetExpr, UnaryOperator};

use super::Lowering;
use super::lower::{refuse, site};
use super::scope::Frame;
use super::subquery::bare_value;
use crate::report::Report;
use crate::syntax::{self, comparison, json};
use crate::{Arithmetic, Comparison, Expr};

impl Lowering<'_> {
    pub(super) fn unary(
        &mut self,
        tree: &Tree,
        op: UnaryOperator,
        operand: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        match op {
            UnaryOperator::Not => Some(Expr::Not(Box::new(self.expr(operand, frame, report)?))),
            UnaryOperator::Plus => self.expr(operand, frame, report),
            UnaryOperator::Minus => Some(Expr::Arithmetic {
                op: Arithmetic::Minus,
                left: Box::new(Expr::Number("0".into())),
                right: Box::new(self.expr(operand, frame, report)?),
            }),
            _ => refuse(tree, frame, report),
        }
    }

    pub(super) fn binary(
        &mut self,
        tree: &Tree,
        (left, op, right): (&Tree, &Op, &Tree),
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        if matches!(op, Op::And | Op::Or) {
            return self.chain(tree, op, frame, report);
        }
        if let Some(op) = comparison(op) {
            let (left, right) = self.pair(left, right, frame, report)?;
            return Some(Expr::Compare { op, left, right });
        }
        if let Some(op) = arithmetic(op) {
            let (left, right) = self.pair(left, right, frame, report)?;
            return Some(Expr::Arithmetic { op, left, right });
        }
        if let Some(op) = json(op) {
            let (left, right) = self.pair(left, right, frame, report)?;
            return Some(Expr::Json { op, left, right });
        }
        report.error(
            &site(tree, frame),
            "refused-operator",
            format!("operator `{op}` is refused"),
            "operators are = <> < <= > >= + - * || -> ->> #> #>> @> ? AND OR NOT LIKE ILIKE",
        );
        None
    }

    fn chain(
        &mut self,
        tree: &Tree,
        op: &Op,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let operands = syntax::chain(tree, op);
        let operands = self.all(operands, frame, report)?;
        Some(if *op == Op::And {
            Expr::And(operands)
        } else {
            Expr::Or(operands)
        })
    }

    /// The word operators: IS DISTINCT FROM, IN, BETWEEN, LIKE, ANY.
    pub(super) fn comparison(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        match tree {
            Tree::IsDistinctFrom(left, right) | Tree::IsNotDistinctFrom(left, right) => {
                let op = match tree {
                    Tree::IsDistinctFrom(..) => Comparison::IsDistinctFrom,
                    _ => Comparison::IsNotDistinctFrom,
                };
                let (left, right) = self.pair(left, right, frame, report)?;
                Some(Expr::Compare { op, left, right })
            }
            Tree::InList {
                expr,
                list,
                negated,
            } if !list.is_empty() => self.in_list((expr, list), *negated, frame, report),
            Tree::Between {
                expr,
                negated,
                low,
                high,
            } => {
                let expr = self.expr(expr, frame, report);
                let (low, high) = self.pair(low, high, frame, report)?;
                Some(Expr::Between {
                    expr: Box::new(expr?),
                    low,
                    high,
                    negated: *negated,
                })
            }
            Tree::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            }
            | Tree::ILike {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => {
                let (expr, pattern) = self.pair(expr, pattern, frame, report)?;
                Some(Expr::Like {
                    expr,
                    pattern,
                    ignore_case: matches!(tree, Tree::ILike { .. }),
                    negated: *negated,
                })
            }
            Tree::AnyOp {
                left,
                compare_op,
                right,
                is_some: _,
            } => self.any_of(tree, (left, compare_op, right), frame, report),
            _ => refuse(tree, frame, report),
        }
    }

    fn in_list(
        &mut self,
        (expr, list): (&Tree, &[Tree]),
        negated: bool,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let expr = self.expr(expr, frame, report);
        let list = self.all(list, frame, report)?;
        Some(Expr::InList {
            expr: Box::new(expr?),
            list,
            negated,
        })
    }

    fn any_of(
        &mut self,
        tree: &Tree,
        (left, op, right): (&Tree, &Op, &Tree),
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        match (op, without_brackets(right)) {
            // Printed as IN this would be a subquery of many rows.
            (Op::Eq, Tree::Array(Array { elem, named: _ })) if is_rows(elem) => {
                refuse(tree, frame, report)
            }
            // `= ANY (SELECT …)` and `= ANY (ARRAY[…])` are IN by definition.
            (Op::Eq, Tree::Subquery(query)) if matches!(*query.body, SetExpr::Select(_)) => {
                self.in_subquery(left, query, false, frame, report)
            }
            (Op::Eq, Tree::Array(Array { elem, named: _ })) if !elem.is_empty() => {
                self.in_list((left, elem), false, frame, report)
            }
            // Under another operator it would be read as one array-valued subquery.
            (_, Tree::Subquery(_)) => refuse(tree, frame, report),
            _ => {
                let Some(op) = comparison(op) else {
                    return refuse(tree, frame, report);
                };
                let (expr, array) = self.pair(left, right, frame, report)?;
                Some(Expr::AnyOf { expr, op, array })
            }
        }
    }
}

/// A subquery without the brackets around it: to Postgres `ANY ((SELECT …))` is a subquery of
/// many rows, however many brackets there are. Anything else stays as it is.
fn without_brackets(tree: &Tree) -> &Tree {
    let mut inner = tree;
    while let Tree::Nested(inside) = inner {
        inner = inside;
    }
    match inner {
        Tree::Subquery(_) => inner,
        _ => tree,
    }
}

/// Whether a list is one subquery that reads rows; one that reads none is a value.
fn is_rows(list: &[Tree]) -> bool {
    match list {
        [only] => {
            matches!(without_brackets(only), Tree::Subquery(query) if bare_value(query).is_none())
        }
        _ => false,
    }
}

fn arithmetic(op: &Op) -> Option<Arithmetic> {
    match op {
        Op::Plus => Some(Arithmetic::Plus),
        Op::Minus => Some(Arithmetic::Minus),
        Op::Multiply => Some(Arithmetic::Times),
        Op::StringConcat => Some(Arithmetic::Concat),
        _ => None,
    }
}
