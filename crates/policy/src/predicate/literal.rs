//! Literals and casts: plain forms, types from the allow list.

use sqlparser::ast::{CastKind, Expr as Tree, Interval, TypedString, Value};

use super::lower::{refuse, site};
use super::scope::Frame;
use super::{Lowering, TypeName};
use crate::Expr;
use crate::file::list;
use crate::report::{Report, excerpt};
use crate::syntax::{self, Literal};

impl Lowering<'_> {
    /// Lowers `x::type`, `CAST (x AS type)`, `type 'x'` and `interval 'x'`.
    pub(super) fn cast(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        match tree {
            Tree::Cast {
                kind: CastKind::Cast | CastKind::DoubleColon,
                expr,
                data_type,
                format: None,
            } => {
                let ty = type_name(&data_type.to_string(), tree, frame, report);
                let expr = self.expr(expr, frame, report);
                Some(Expr::Cast {
                    expr: Box::new(expr?),
                    ty: ty?.sql(),
                })
            }
            Tree::TypedString(TypedString {
                data_type,
                value,
                uses_odbc_syntax: false,
            }) => Some(Expr::Cast {
                ty: type_name(&data_type.to_string(), tree, frame, report)?.sql(),
                expr: Box::new(literal(&value.value, tree, frame, report)?),
            }),
            Tree::Interval(Interval {
                value,
                leading_field: None,
                leading_precision: None,
                last_field: None,
                fractional_seconds_precision: None,
            }) => match value.as_ref() {
                Tree::Value(text) if matches!(text.value, Value::SingleQuotedString(_)) => {
                    Some(Expr::Cast {
                        expr: Box::new(literal(&text.value, tree, frame, report)?),
                        ty: "interval",
                    })
                }
                _ => refuse(tree, frame, report),
            },
            _ => refuse(tree, frame, report),
        }
    }
}

fn type_name(
    spelling: &str,
    tree: &Tree,
    frame: &Frame<'_>,
    report: &mut Report<'_>,
) -> Option<TypeName> {
    let ty = TypeName::parse(spelling);
    if ty.is_none() {
        report.error(
            &site(tree, frame),
            "refused-type",
            format!(
                "casts to `{}` are refused",
                excerpt(spelling).to_lowercase()
            ),
            format!("cast to one of {}", list(TypeName::ALL)),
        );
    }
    ty
}

/// Lowers a number, a plain text, TRUE, FALSE or NULL.
pub(super) fn literal(
    value: &Value,
    tree: &Tree,
    frame: &Frame<'_>,
    report: &mut Report<'_>,
) -> Option<Expr> {
    match syntax::literal(value) {
        Some(Literal::Null) => Some(Expr::Null),
        Some(Literal::Bool(truth)) => Some(Expr::Bool(truth)),
        Some(Literal::Text(text)) => Some(Expr::Text(text.to_owned())),
        Some(Literal::Number(digits)) => Some(Expr::Number(digits.to_owned())),
        None => refuse(tree, frame, report),
    }
}

/// Digits with at most one point and one exponent; no `_`, no `0x`.
pub(crate) fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_plain = exponent.is_none_or(|it| {
        let unsigned = it.strip_prefix(['+', '-']).unwrap_or(it);
        !unsigned.is_empty() && digits(unsigned)
    });
    whole.len() + fraction.len() > 0 && digits(whole) && digits(fraction) && exponent_is_plain
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn knows_plain_numbers() {
        for good in ["0", "12", "1.5", ".5", "5.", "1e10", "1.5E-3"] {
            assert!(is_number(good), "{good}");
        }
        for bad in [
            "", ".", "0x1f", "1_000", "1e", "1e+", "1.2.3", "Infinity", "1 or 1",
        ] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
