//! How long a statement may run, and as whom it must.

use std::time::Duration;

use super::Statement;
use crate::config::Class;
use crate::roles::RoleSettings;
use crate::{Db, Error};

/// Time beyond the statement's own timeout before a request is given up.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// The longest time that a function can ask for.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the statement may run.
pub(super) fn allowed(
    db: &Db,
    statement: Statement<'_>,
    of_role: Option<&RoleSettings>,
    class: Class,
) -> Duration {
    let asked = statement.transaction.statement_timeout_ms;
    match asked.or(of_role.and_then(|it| it.statement_timeout_ms)) {
        // Zero is for ever in Postgres; a request is given up some day all the same.
        Some(0) => FOR_EVER,
        Some(milliseconds) => Duration::from_millis(milliseconds).min(FOR_EVER),
        None => class.timeout(&db.config().statement_timeouts),
    }
}

/// How long a request that runs for so long at most is waited for.
pub(super) fn patience(db: &Db, allowed: Duration) -> Duration {
    allowed + db.config().acquire_timeout + GRACE
}

/// SECURITY: where the database decides, nothing runs with the gateway's own rights.
pub(super) fn require_role(db: &Db, statement: Statement<'_>) -> Result<(), Error> {
    if db.natives().is_some() && statement.native_role.is_none() {
        return Err(Error::Shape {
            reason: "a statement names no role of the database",
        });
    }
    Ok(())
}
