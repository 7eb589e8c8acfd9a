//! The data API's dialect as it is configured.

use postern_rest::openapi::Security;
use postern_rest::{OpenApi, Plans, TxEnd};

use super::raw::RawConfig;

/// How the data API's transactions run and what its answers tell.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// How transactions end.
    pub tx_end: TxEnd,
    /// The function that is called before every request's statement, by schema and name.
    pub pre_request: Option<(String, String)>,
    /// Whether answers tell how long they took.
    pub server_timing: bool,
    /// Who may ask for plans.
    pub plans: Plans,
    /// What the root describes.
    pub openapi: OpenApi,
    /// Whether the description says how a caller tells who they are.
    pub openapi_security: Security,
    /// Where clients reach the server, if that is known.
    pub public_url: Option<String>,
    /// Schemas that functions and triggers look into besides the request's own.
    pub search_path: Vec<String>,
    /// The function that answers at the root, by schema and name.
    pub root_function: Option<(String, String)>,
}

/// Reads the dialect's keys.
pub(super) fn dialect(raw: &RawConfig) -> Dialect {
    Dialect {
        tx_end: match raw.text("api.tx_end").as_deref() {
            Some("commit-allow-override") => TxEnd::CommitAllowOverride,
            Some("rollback") => TxEnd::Rollback,
            Some("rollback-allow-override") => TxEnd::RollbackAllowOverride,
            _ => TxEnd::Commit,
        },
        pre_request: function(raw, "api.pre_request"),
        server_timing: raw.switch("api.server_timing"),
        plans: match raw.text("api.plans").as_deref() {
            Some("secret-key") => Plans::SecretKey,
            Some("everybody") => Plans::Everybody,
            _ => Plans::Off,
        },
        openapi: match raw.text("openapi.mode").as_deref() {
            Some("ignore-policies") => OpenApi::IgnorePolicies,
            Some("disabled") => OpenApi::Disabled,
            _ => OpenApi::FollowPolicies,
        },
        openapi_security: if raw.switch("openapi.security") {
            Security::Token
        } else {
            Security::Unsaid
        },
        public_url: raw.text("api.external_url"),
        search_path: raw.list("api.extra_search_path"),
        root_function: function(raw, "openapi.root_function"),
    }
}

/// A function's name; without a schema it is one of the first schema that is served.
fn function(raw: &RawConfig, key: &str) -> Option<(String, String)> {
    let name = raw.text(key).filter(|it| !it.is_empty())?;
    Some(match name.split_once('.') {
        Some((schema, name)) => (schema.to_owned(), name.to_owned()),
        None => (raw.list("api.schemas").into_iter().next()?, name),
    })
}
