//! Every bound on what a client can make us do, by name; docs/configuration.md lists them.
//!
//! These are the built-in values. Those that an operator may change are copied into the
//! configuration at start and travel in [`Limits`].

/// Largest request body in bytes.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Longest request target (path and query) in bytes.
pub const URI_BYTES_MAX: usize = 16 * 1024;
/// Most query parameters in one request.
pub const QUERY_PARAMETERS_MAX: usize = 200;
/// Most filters in one request, those inside logic trees and embeds included.
pub const FILTERS_MAX: usize = 100;
/// Deepest nesting of embedded resources.
pub const EMBED_DEPTH_MAX: usize = 5;
/// Most embedded resources in one request.
pub const EMBEDS_MAX: usize = 30;
/// Deepest nesting of `and`/`or` trees.
pub const LOGIC_DEPTH_MAX: usize = 10;
/// Most items in one select list.
pub const SELECT_ITEMS_MAX: usize = 500;
/// Most terms in one `order`.
pub const ORDER_TERMS_MAX: usize = 100;
/// Most elements in one `in.(…)` list.
pub const IN_LIST_MAX: usize = 10_000;
/// Deepest nesting of a JSON body.
pub const JSON_DEPTH_MAX: usize = 64;
/// Most rows that one answer holds.
pub const ROWS_MAX: u64 = 1_000;
/// Most rows that Postgres makes one value of; where an answer may hold more, its rows are sent one
/// by one as they are read.
pub const ROWS_AT_ONCE_MAX: u64 = 10_000;
/// How long a client may take none of an answer that is sent row by row, in seconds.
pub const EXPORT_STALL_SECS_MAX: u64 = 30;
/// How long an answer may be sent row by row, in seconds.
pub const EXPORT_SECS_MAX: u64 = 30 * 60;
/// Longest bearer token in bytes.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Most verified tokens kept in the cache.
pub const TOKEN_CACHE_ENTRIES_MAX: u64 = 10_000;
/// Most ended sessions and outdated tokens in the revocation list, and most banned users in it.
pub const REVOCATIONS_MAX: usize = 100_000;
/// Longest life of an access token, in seconds; revocations are kept for as long.
pub const ACCESS_TOKEN_SECS_MAX: u64 = 24 * 60 * 60;
/// Clock skew granted to `exp`, `nbf` and `iat`, in seconds.
pub const CLOCK_SKEW_SECS: i64 = 30;
/// Statement timeout for anonymous callers, in milliseconds.
pub const STATEMENT_TIMEOUT_ANON_MS: u64 = 3_000;
/// Statement timeout for signed-in callers, in milliseconds.
pub const STATEMENT_TIMEOUT_USER_MS: u64 = 8_000;
/// Statement timeout for the service key, in milliseconds.
pub const STATEMENT_TIMEOUT_SERVICE_MS: u64 = 60_000;
/// Prepared statements kept per database connection.
pub const STATEMENTS_PER_CONNECTION_MAX: usize = 512;
/// Shapes of requests whose statements are kept.
pub const SHAPES_MAX: usize = 512;
/// Largest policy file in bytes.
pub const POLICY_FILE_BYTES_MAX: usize = 256 * 1024;
/// Deepest nesting of a policy predicate.
pub const PREDICATE_DEPTH_MAX: usize = 40;

/// The limits on a data API request that an operator may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body in bytes.
    pub body_bytes_max: usize,
    /// Longest request target in bytes.
    pub uri_bytes_max: usize,
    /// Most filters in one request.
    pub filters_max: usize,
    /// Deepest nesting of embedded resources.
    pub embed_depth_max: usize,
    /// Most elements in one `in.(…)` list.
    pub in_list_max: usize,
    /// Deepest nesting of a JSON body.
    pub json_depth_max: usize,
    /// Most rows that one answer holds.
    pub rows_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: BODY_BYTES_MAX,
            uri_bytes_max: URI_BYTES_MAX,
            filters_max: FILTERS_MAX,
            embed_depth_max: EMBED_DEPTH_MAX,
            in_list_max: IN_LIST_MAX,
            json_depth_max: JSON_DEPTH_MAX,
            rows_max: ROWS_MAX,
        }
    }
}
