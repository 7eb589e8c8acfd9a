//! What an operator may choose about the data API.

use postern_base::RoleName;
use postern_base::limits::Limits;
use postern_query::request::Tx;

use crate::ShadowSettings;
use crate::openapi::Security;

/// Who decides about rows and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforce {
    /// The policy files: every statement is rewritten.
    #[default]
    Rewrite,
    /// The database alone: every statement runs as the caller's own role.
    Native,
    /// Both: what either of them hides is hidden.
    Both,
}

/// What an operator may choose about the data API.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// Where the API is mounted, without a slash at the end.
    pub base_path: String,
    /// The schemas that are served, the default one first; never empty.
    pub schemas: Vec<String>,
    /// The limits on requests.
    pub limits: Limits,
    /// What the root describes.
    pub openapi: OpenApi,
    /// Whether the description says how a caller tells who they are.
    pub openapi_security: Security,
    /// The function that answers at the root instead of the description, by schema and name.
    pub root_function: Option<(String, String)>,
    /// How transactions end.
    pub tx_end: TxEnd,
    /// Whether answers say how long each part of the work took.
    pub server_timing: bool,
    /// Who may ask for plans.
    pub plans: Plans,
    /// Where clients reach the server, such as `https://api.example.com`.
    pub public_url: Option<String>,
    /// Who decides about rows and columns.
    pub enforce: Enforce,
    /// The role of the database that callers without a user token have, where it decides.
    pub anon_role: String,
    /// How candidate policies are tried.
    pub shadow: ShadowSettings,
}

/// What the root of the API describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenApi {
    /// What exists for the caller.
    #[default]
    FollowPolicies,
    /// Everything in the served schemas, whoever asks.
    IgnorePolicies,
    /// Nothing: it answers 404.
    Disabled,
}

/// Who may ask for the plans of statements. They tell of statistics, and of policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Plans {
    #[default]
    Off,
    SecretKey,
    Everybody,
}

/// How transactions end, and whether `Prefer: tx=…` has a say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the dialect's")]
pub enum TxEnd {
    #[default]
    Commit,
    CommitAllowOverride,
    Rollback,
    RollbackAllowOverride,
}

impl TxEnd {
    /// How this transaction ends; a preference that has no say is taken out.
    pub(super) fn settle(self, preference: &mut Option<Tx>) -> Tx {
        let (ordinary, has_say) = match self {
            Self::Commit => (Tx::Commit, false),
            Self::CommitAllowOverride => (Tx::Commit, true),
            Self::Rollback => (Tx::Rollback, false),
            Self::RollbackAllowOverride => (Tx::Rollback, true),
        };
        if !has_say {
            *preference = None;
        }
        preference.unwrap_or(ordinary)
    }
}

impl Default for RestSettings {
    fn default() -> Self {
        Self {
            base_path: "/rest/v1".into(),
            schemas: vec!["public".into()],
            limits: Limits::default(),
            openapi: OpenApi::default(),
            openapi_security: Security::default(),
            root_function: None,
            tx_end: TxEnd::default(),
            server_timing: false,
            plans: Plans::default(),
            public_url: None,
            enforce: Enforce::default(),
            anon_role: RoleName::ANON.into(),
            shadow: ShadowSettings::default(),
        }
    }
}
