//! The normal form of conditions, in which equal meanings look alike as far as that is decidable.
//!
//! Only what makes a condition TRUE counts, since FALSE and NULL both deny: NOT is pushed down to
//! plain conditions, nested AND and OR become flat, operands stand in one order without doubles,
//! and the aliases of subqueries are numbered by their place. [`implies`] is sound and incomplete:
//! when it says yes, no row and no caller make the left TRUE and the right not.

mod rebuild;

use crate::{Comparison, Expr, Truth};
use rebuild::{Aliases, renamed};

/// The normal form.
pub(crate) fn normal(expr: &Expr) -> Expr {
    truth(&renamed(expr, &mut Aliases::default()))
}

/// An expression that is TRUE exactly where this one is.
fn truth(expr: &Expr) -> Expr {
    match expr {
        Expr::And(operands) => joined(operands.iter().map(truth), Junction::And),
        Expr::Or(operands) => joined(operands.iter().map(truth), Junction::Or),
        Expr::Not(inner) => falsehood(inner),
        Expr::Is {
            expr,
            truth: Truth::True,
            negated: false,
        } => truth(expr),
        Expr::Is {
            expr,
            truth: Truth::False,
            negated: false,
        } => falsehood(expr),
        other => other.clone(),
    }
}

/// An expression that is TRUE exactly where this one is FALSE.
fn falsehood(expr: &Expr) -> Expr {
    match expr {
        Expr::Bool(value) => Expr::Bool(!value),
        Expr::And(operands) => joined(operands.iter().map(falsehood), Junction::Or),
        Expr::Or(operands) => joined(operands.iter().map(falsehood), Junction::And),
        Expr::Not(inner) => truth(inner),
        Expr::Compare { op, left, right } => match contrary(*op) {
            Some(op) => Expr::Compare {
                op,
                left: left.clone(),
                right: right.clone(),
            },
            None => is_false(expr),
        },
        Expr::Is {
            expr,
            truth,
            negated,
        } => Expr::Is {
            expr: expr.clone(),
            truth: *truth,
            negated: !negated,
        },
        Expr::InList {
            expr,
            list,
            negated,
        } => Expr::InList {
            expr: expr.clone(),
            list: list.clone(),
            negated: !negated,
        },
        Expr::InQuery {
            expr,
            query,
            negated,
        } => Expr::InQuery {
            expr: expr.clone(),
            query: query.clone(),
            negated: !negated,
        },
        Expr::Exists { query, negated } => Expr::Exists {
            query: query.clone(),
            negated: !negated,
        },
        other => is_false(other),
    }
}

fn is_false(expr: &Expr) -> Expr {
    Expr::Is {
        expr: Box::new(expr.clone()),
        truth: Truth::False,
        negated: false,
    }
}

/// The comparison that is TRUE exactly where this one is FALSE.
fn contrary(op: Comparison) -> Option<Comparison> {
    match op {
        Comparison::Eq => Some(Comparison::NotEq),
        Comparison::NotEq => Some(Comparison::Eq),
        Comparison::IsDistinctFrom => Some(Comparison::IsNotDistinctFrom),
        Comparison::IsNotDistinctFrom => Some(Comparison::IsDistinctFrom),
        // Operators of a user's own need not be each other's contraries.
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Junction {
    And,
    Or,
}

fn joined(operands: impl Iterator<Item = Expr>, junction: Junction) -> Expr {
    let whole = match junction {
        Junction::And => Expr::all(operands.collect()),
        Junction::Or => Expr::any(operands.collect()),
    };
    let sorted = |mut operands: Vec<Expr>| {
        operands.sort_by_cached_key(|it| format!("{it:?}"));
        operands.dedup();
        operands
    };
    match (whole, junction) {
        (Expr::And(operands), Junction::And) => match sorted(operands) {
            mut one if one.len() == 1 => one.remove(0),
            several => Expr::And(several),
        },
        (Expr::Or(operands), Junction::Or) => match sorted(operands) {
            mut one if one.len() == 1 => one.remove(0),
            several => Expr::Or(several),
        },
        (other, _) => other,
    }
}

/// Whether the right is TRUE wherever the left is; both are normal.
pub(crate) fn implies(left: &Expr, right: &Expr) -> bool {
    if left == right || left.is_false() || right.is_true() {
        return true;
    }
    match (left, right) {
        (Expr::Or(options), _) => options.iter().all(|it| implies(it, right)),
        (_, Expr::And(demands)) => demands.iter().all(|it| implies(left, it)),
        (Expr::And(facts), Expr::Or(options)) => {
            facts.iter().any(|it| implies(it, right)) || options.iter().any(|it| implies(left, it))
        }
        (Expr::And(facts), _) => facts.iter().any(|it| implies(it, right)),
        (_, Expr::Or(options)) => options.iter().any(|it| implies(left, it)),
        _ => implies_plain(left, right),
    }
}

/// The same for plain conditions.
fn implies_plain(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (
            Expr::InList {
                expr: one,
                list: few,
                negated: false,
            },
            Expr::InList {
                expr: other,
                list: many,
                negated: false,
            },
        ) => one == other && few.iter().all(|it| many.contains(it)),
        (
            Expr::Compare {
                op: Comparison::Eq,
                left: one,
                right: value,
            },
            Expr::InList {
                expr: other,
                list,
                negated: false,
            },
        ) => one == other && list.contains(value),
        // Whatever is equal to something is not NULL.
        (
            Expr::Compare {
                op: Comparison::Eq,
                left: one,
                right: value,
            },
            Expr::Is {
                expr,
                truth: Truth::Null,
                negated: true,
            },
        ) => one == expr || value == expr,
        (
            Expr::InQuery {
                expr: one,
                query: few,
                negated: false,
            },
            Expr::InQuery {
                expr: other,
                query: many,
                negated: false,
            },
        ) => {
            one == other
                && few.select == many.select
                && few.from == many.from
                && few.as_caller == many.as_caller
                && implies(&few.condition, &many.condition)
        }
        (
            Expr::Exists {
                query: few,
                negated: false,
            },
            Expr::Exists {
                query: many,
                negated: false,
            },
        ) => {
            few.from == many.from
                && few.as_caller == many.as_caller
                && implies(&few.condition, &many.condition)
        }
        _ => false,
    }
}
