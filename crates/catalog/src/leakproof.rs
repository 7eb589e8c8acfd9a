//! Which operators and functions may meet rows that a policy hides.
//!
//! Postgres marks them (`pg_proc.proleakproof`): such an operator tells nothing of its arguments
//! but its result, neither by an error nor otherwise. The snapshot carries the marks, so that no
//! list of ours can go stale.

use std::collections::HashSet;

/// The leakproof operators, by symbol and operand types (`typname`s).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leakproof {
    operators: HashSet<(String, String, String)>,
}

impl Leakproof {
    /// Collects operators as `(symbol, left typname, right typname)`.
    pub fn new(operators: impl IntoIterator<Item = (String, String, String)>) -> Self {
        Self {
            operators: operators.into_iter().collect(),
        }
    }

    /// Whether `column <symbol> $value` is leakproof for a column of this operator type.
    ///
    /// Covers what Postgres resolves an unknown-typed right side to: the same type, `text` for
    /// `varchar`, and `anyenum` for enums. Whatever is not found counts as leaky.
    pub fn is_leakproof(&self, symbol: &str, operand: &crate::PgType) -> bool {
        let name = operand.operator_name();
        let has = |ty: &str| {
            self.operators
                .contains(&(symbol.to_owned(), ty.to_owned(), ty.to_owned()))
        };
        has(name)
            || (name == "varchar" && has("text"))
            || (matches!(operand.kind, crate::TypeKind::Enum(_)) && has("anyenum"))
    }
}
