//! The registry of error codes that Postern itself answers with; docs/errors.md is made of it.
//!
//! Codes are never reused: a retired one stays here with a meaning that says so. SQLSTATEs come
//! from Postgres and are mapped to statuses in `db`.

/// One error code: its dialect's text, HTTP status and meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code as clients read it.
    pub code: &'static str,
    /// The HTTP status that goes with it.
    pub status: u16,
    /// What happened and what to do, for docs/errors.md.
    pub meaning: &'static str,
}

macro_rules! registry {
    ($($name:ident = $code:literal, $status:literal, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: Code = Code { code: $code, status: $status, meaning: $meaning };
        )*
        /// Every registered code, in the order of the documentation.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

pub mod auth;

registry! {
    CONNECTION = "PGRST000", 503, "The database could not be reached.";
    CONNECTION_LOST = "PGRST001", 503, "The connection to the database failed in the middle of a request.";
    SCHEMA_CACHE = "PGRST002", 503, "The schema could not be read yet; try again shortly.";
    POOL_TIMEOUT = "PGRST003", 504, "No database connection became free in time.";
    PARSE = "PGRST100", 400, "The query string could not be parsed; `details` says where.";
    RPC_METHOD = "PGRST101", 405, "Functions are called with GET, HEAD or POST only.";
    BODY = "PGRST102", 400, "The body is empty, malformed, or its objects have different keys.";
    RANGE = "PGRST103", 416, "The requested range lies outside of the rows there are.";
    PUT_FILTERS = "PGRST105", 405, "PUT needs `eq` filters on every primary key column and no others.";
    SCHEMA = "PGRST106", 406, "The schema in the profile header is not one that is served.";
    MEDIA_TYPE = "PGRST107", 406, "None of the accepted media types can be produced.";
    EMBED_FILTER = "PGRST108", 400, "A filter or order names a resource that `select` does not embed.";
    RESPONSE_HEADERS = "PGRST111", 500, "A function set `response.headers` to something else than a JSON array of one-key objects.";
    RESPONSE_STATUS = "PGRST112", 500, "A function set `response.status` to something that is no HTTP status.";
    PUT_RANGE = "PGRST114", 400, "PUT takes no `limit` or `offset`.";
    PUT_BODY = "PGRST115", 400, "The primary key in the body differs from the one in the address.";
    SINGULAR = "PGRST116", 406, "One row was asked for, and none or several were found.";
    METHOD = "PGRST117", 405, "The HTTP method is not supported here.";
    RELATED_ORDER = "PGRST118", 400, "Ordering by a related table needs a to-one relationship.";
    SPREAD = "PGRST119", 400, "This relationship cannot be spread.";
    EMBED_NULL = "PGRST120", 400, "An embedded resource can only be compared with `is.null` or `not.is.null`.";
    HANDLING = "PGRST122", 400, "`Prefer: handling=strict` was sent with a preference that is not known.";
    AGGREGATES = "PGRST123", 400, "Aggregate functions are not allowed on this table for this role.";
    MAX_AFFECTED = "PGRST124", 400, "The change would touch more rows than `max-affected` or the policy allows.";
    PATH = "PGRST125", 404, "The address names nothing that is served.";
    ROOT_OFF = "PGRST126", 404, "The OpenAPI description is switched off.";
    NOT_IMPLEMENTED = "PGRST127", 400, "This part of the dialect is not implemented.";
    MAX_AFFECTED_RPC = "PGRST128", 400, "`max-affected` needs a function that returns a set of rows.";
    NO_RELATIONSHIP = "PGRST200", 400, "No relationship joins the two tables, or the caller may not see it.";
    AMBIGUOUS_EMBED = "PGRST201", 300, "More than one relationship joins the two tables; name one with `!hint`.";
    NO_FUNCTION = "PGRST202", 404, "No function of that name takes these arguments, or the caller may not call it.";
    AMBIGUOUS_FUNCTION = "PGRST203", 300, "Several overloads of the function take these arguments.";
    NO_COLUMN = "PGRST204", 400, "The body or `columns` names a column that is not there for the caller.";
    NO_TABLE = "PGRST205", 404, "There is no such table or view, or the caller may not see it.";
    NO_SECRET = "PGRST300", 500, "A token was sent, but no key to verify tokens is configured.";
    JWT = "PGRST301", 401, "The token could not be decoded or its signature is wrong.";
    ANONYMOUS_OFF = "PGRST302", 401, "Anonymous access is switched off.";
    JWT_CLAIMS = "PGRST303", 401, "The token's claims are not acceptable: expired, not yet valid, or for somebody else.";
    UNKNOWN_ROLE = "22023", 401, "The token's `role` claim names a role that no policy file defines.";
    DENIED = "42501", 403, "The caller's role may not do this (401 instead of 403 for anonymous callers).";
    UNDEFINED_COLUMN = "42703", 400, "There is no such column, or the caller may not see it.";
    UNDEFINED_TYPE = "42704", 400, "A cast names a type that is not one of those that requests may cast to.";
    POLICY_RECURSION = "42P17", 500, "Policies that look through each other go round in circles.";
    GENERATED = "428C9", 400, "The column is generated by the database and takes no value.";
    BODY_LIMIT = "PSTRN413", 413, "The body is larger than `body_bytes_max`.";
    URI_LIMIT = "PSTRN414", 414, "The address is longer than `uri_bytes_max`.";
    REQUEST_LIMIT = "PSTRN400", 400, "The request has more parts than a named limit allows.";
    INTERNAL = "PSTRN500", 500, "Something failed inside; the request id finds it in the log.";
    ASSURANCE = "PSTRN403", 403, "The policy demands a surer or more recent sign-in; `details` says which and where to get it.";
    UNAUTHORIZED_KEY = "PSTRN401", 401, "The `apikey` is not one of this project's keys.";
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique() {
        let all = || super::ALL.iter().chain(super::auth::ALL);
        let mut codes: Vec<_> = all().map(|it| it.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all().count());
    }
}
