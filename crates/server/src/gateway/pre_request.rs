//! The function of `api.pre_request`: whether it is there and may be called, before requests are.
//!
//! Without it every request is refused, which is safe; the server starts all the same, because a
//! migration may be on its way, and says what is missing.

use postern_db::{Callable, Db};
use postern_rest::Enforce;

use crate::Config;
use crate::reload::{Notice, Reporter};

/// Looks at the function with the rights that it will be called with.
pub(super) async fn look(
    db: &Db,
    config: &Config,
    reporter: &Reporter,
) -> Result<(), postern_db::Error> {
    let role = match config.api.enforce {
        Enforce::Rewrite => None,
        Enforce::Native | Enforce::Both => Some(config.api.anon_role.as_str()),
    };
    let Some((schema, name)) = &config.dialect.pre_request else {
        return Ok(());
    };
    let function = format!("function `{schema}.{name}` of `api.pre_request`");
    let advice = match (db.pre_request(role).await?, role) {
        (None | Some(Callable::Yes), _) => return Ok(()),
        (Some(Callable::Missing), _) => format!(
            "{function} is not there, or cannot be called without arguments: every request is \
             refused until it can"
        ),
        (Some(Callable::Forbidden), None) => format!(
            "{function} may not be called by the gateway's login: every request is refused until \
             it has USAGE on the schema and EXECUTE on the function"
        ),
        // Other roles may have the right: that is the database's to decide, request by request.
        (Some(Callable::Forbidden), Some(role)) => format!(
            "{function} may not be called by role `{role}`: every request without a user token is \
             refused until that has USAGE on the schema and EXECUTE on the function"
        ),
    };
    reporter.tell(&Notice::Advice(advice));
    Ok(())
}
