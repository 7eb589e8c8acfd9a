//! One node of sqlparser's tree at a time.

use postern_base::limits::PREDICATE_DEPTH_MAX;
use sqlparser::ast::{AccessExpr, CaseWhen, Expr as Tree, Spanned as _, Subscript};

use super::literal::literal;
use super::scope::Frame;
use super::{Lowering, NODES_MAX, construct, parse, precedence};
use crate::report::{Report, Site};
use crate::{Expr, Truth};

impl Lowering<'_> {
    /// Lowers a node under the limits; `None` after errors, which are reported.
    pub(super) fn expr(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        if frame.depth >= PREDICATE_DEPTH_MAX {
            parse::too_deep(frame.text.site(), report);
            return None;
        }
        if !self.count(1, frame, report) {
            return None;
        }
        if !precedence::agrees(tree) {
            ambiguous(tree, frame, report);
            return None;
        }
        frame.depth += 1;
        let lowered = self.node(tree, frame, report);
        frame.depth -= 1;
        lowered
    }

    /// Counts nodes against the budget of the predicate.
    pub(super) fn count(
        &mut self,
        nodes: usize,
        frame: &Frame<'_>,
        report: &mut Report<'_>,
    ) -> bool {
        let before = self.nodes;
        self.nodes = self.nodes.saturating_add(nodes);
        if before <= NODES_MAX && self.nodes > NODES_MAX {
            report.error(
                frame.text.site(),
                "predicate-limit",
                format!("the predicate has more than {NODES_MAX} parts once it is expanded"),
                "let named predicates call each other less often",
            );
        }
        self.nodes <= NODES_MAX
    }

    fn node(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        match tree {
            Tree::Nested(inner) => self.expr(inner, frame, report),
            Tree::Value(value) => literal(&value.value, tree, frame, report),
            Tree::Identifier(_) | Tree::CompoundIdentifier(_) => self.name(tree, frame, report),
            Tree::UnaryOp { op, expr } => self.unary(tree, *op, expr, frame, report),
            Tree::BinaryOp { left, op, right } => {
                self.binary(tree, (left, op, right), frame, report)
            }
            Tree::IsNull(it) => self.is(it, Truth::Null, false, frame, report),
            Tree::IsNotNull(it) => self.is(it, Truth::Null, true, frame, report),
            Tree::IsTrue(it) => self.is(it, Truth::True, false, frame, report),
            Tree::IsNotTrue(it) => self.is(it, Truth::True, true, frame, report),
            Tree::IsFalse(it) => self.is(it, Truth::False, false, frame, report),
            Tree::IsNotFalse(it) => self.is(it, Truth::False, true, frame, report),
            Tree::IsUnknown(it) => self.is(it, Truth::Unknown, false, frame, report),
            Tree::IsNotUnknown(it) => self.is(it, Truth::Unknown, true, frame, report),
            Tree::IsDistinctFrom(..)
            | Tree::IsNotDistinctFrom(..)
            | Tree::InList { .. }
            | Tree::Between { .. }
            | Tree::Like { .. }
            | Tree::ILike { .. }
            | Tree::AnyOp { .. } => self.comparison(tree, frame, report),
            Tree::InSubquery { .. } | Tree::Exists { .. } | Tree::Subquery(_) => {
                self.subquery_node(tree, frame, report)
            }
            Tree::Case {
                case_token: _,
                end_token: _,
                operand,
                conditions,
                else_result,
            } => {
                let parts = (
                    operand.as_deref(),
                    conditions.as_slice(),
                    else_result.as_deref(),
                );
                self.case(parts, frame, report)
            }
            Tree::CompoundFieldAccess { root, access_chain } => {
                self.subscripts(tree, (root, access_chain), frame, report)
            }
            Tree::Cast { .. } | Tree::TypedString(_) | Tree::Interval(_) => {
                self.cast(tree, frame, report)
            }
            Tree::Function(call) => self.call(tree, call, frame, report),
            Tree::Extract { .. }
            | Tree::Ceil { .. }
            | Tree::Floor { .. }
            | Tree::Substring { .. }
            | Tree::Trim { .. } => self.special_call(tree, frame, report),
            other => refuse(other, frame, report),
        }
    }

    /// Lowers each of several operands, so that the errors of all of them are seen.
    pub(super) fn all<'t>(
        &mut self,
        trees: impl IntoIterator<Item = &'t Tree>,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Vec<Expr>> {
        let lowered: Vec<_> = trees
            .into_iter()
            .map(|it| self.expr(it, frame, report))
            .collect();
        lowered.into_iter().collect()
    }

    /// Lowers two operands.
    pub(super) fn pair(
        &mut self,
        left: &Tree,
        right: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<(Box<Expr>, Box<Expr>)> {
        let left = self.expr(left, frame, report);
        let right = self.expr(right, frame, report);
        Some((Box::new(left?), Box::new(right?)))
    }

    fn is(
        &mut self,
        operand: &Tree,
        truth: Truth,
        negated: bool,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        Some(Expr::Is {
            expr: Box::new(self.expr(operand, frame, report)?),
            truth,
            negated,
        })
    }

    fn case(
        &mut self,
        (operand, conditions, otherwise): (Option<&Tree>, &[CaseWhen], Option<&Tree>),
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let operand = match operand {
            Some(tree) => Some(Box::new(self.expr(tree, frame, report)?)),
            None => None,
        };
        let mut branches = Vec::new();
        for CaseWhen { condition, result } in conditions {
            let (when, then) = self.pair(condition, result, frame, report)?;
            branches.push((*when, *then));
        }
        let otherwise = match otherwise {
            Some(tree) => Some(Box::new(self.expr(tree, frame, report)?)),
            None => None,
        };
        Some(Expr::Case {
            operand,
            branches,
            otherwise,
        })
    }

    fn subscripts(
        &mut self,
        tree: &Tree,
        (root, chain): (&Tree, &[AccessExpr]),
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        if !matches!(
            root,
            Tree::Nested(_) | Tree::Identifier(_) | Tree::CompoundIdentifier(_)
        ) {
            return refuse(tree, frame, report);
        }
        let mut expr = self.expr(root, frame, report)?;
        for access in chain {
            let AccessExpr::Subscript(Subscript::Index { index }) = access else {
                return refuse(tree, frame, report);
            };
            expr = Expr::Subscript {
                expr: Box::new(expr),
                index: Box::new(self.expr(index, frame, report)?),
            };
        }
        Some(expr)
    }
}

/// Refuses a construct by its name.
pub(super) fn refuse(tree: &Tree, frame: &Frame<'_>, report: &mut Report<'_>) -> Option<Expr> {
    let (name, help) = construct::describe(tree);
    report.error(
        &site(tree, frame),
        "refused",
        format!("a policy cannot hold {name}"),
        help,
    );
    None
}

fn ambiguous(tree: &Tree, frame: &Frame<'_>, report: &mut Report<'_>) {
    report.error(
        &site(tree, frame),
        "ambiguous-operators",
        "the order in which these operators bind is not plain",
        "put parentheses around the operands",
    );
}

/// The place of a node; the whole predicate's where the parser kept none.
pub(super) fn site(tree: &Tree, frame: &Frame<'_>) -> Site {
    let site = frame.text.site_of(tree.span());
    match tree {
        Tree::Function(_) => frame.text.with_bracket(site),
        _ => site,
    }
}
