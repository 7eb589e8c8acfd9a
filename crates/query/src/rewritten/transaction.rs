//! What is out of the ordinary about the transaction that a statement runs in.

use postern_catalog::Isolation;

use crate::plan::{Action, Plan};
use crate::request::Tx;

/// How a statement's transaction is made. The ordinary one commits, and takes everything else from
/// the gateway's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// How it ends.
    pub end: Tx,
    /// The time zone that the request asked for.
    pub timezone: Option<String>,
    /// How long the called function may run, in milliseconds; 0 is for ever.
    pub statement_timeout_ms: Option<u64>,
    /// The isolation that the called function asks for.
    pub isolation: Option<Isolation>,
}

impl Transaction {
    pub(crate) fn of(plan: &Plan<'_>) -> Self {
        let hoisted = match &plan.action {
            Action::Call(call) => call.function.settings.clone(),
            Action::Read(_) | Action::Write(_) => postern_catalog::FunctionSettings::default(),
        };
        Self {
            // A read leaves nothing to be undone, and stays on the fast path.
            end: match &plan.action {
                Action::Read(_) => Tx::Commit,
                Action::Write(_) | Action::Call(_) => plan.end,
            },
            timezone: plan.preferences.timezone.clone(),
            statement_timeout_ms: hoisted.statement_timeout_ms,
            isolation: hoisted.isolation,
        }
    }

    /// Whether nothing about it is out of the ordinary.
    pub fn is_ordinary(&self) -> bool {
        *self == Self::default()
    }
}
