//! The one table of configuration keys.
//!
//! Parsing, checking, printing and docs/configuration.md all read this table, so that a key cannot
//! exist in one of them alone.

mod console;
mod dialect;
mod guards;
mod logs;
mod people;
mod policies;

use std::sync::LazyLock;

use postern_base::limits;

/// A configuration key.
#[derive(Debug)]
pub struct Key {
    /// The section of `postern.toml`.
    pub section: &'static str,
    /// The name within the section.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// What stands there when nobody says anything.
    pub default: Default,
    /// What it does, as one or two sentences in Markdown.
    pub meaning: &'static str,
}

/// What may stand in a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is never printed.
    Secret,
    /// A list of texts.
    TextList,
    /// A list of texts that are never printed.
    SecretList,
    /// A whole number between the bounds.
    Number {
        /// The least value.
        min: u64,
        /// The greatest value.
        max: u64,
    },
    /// `true` or `false`.
    Switch,
    /// One of these texts.
    Choice(&'static [&'static str]),
}

/// A key's built-in value.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// Nothing.
    Unset,
    /// A text or choice.
    Text(&'static str),
    /// A number.
    Number(u64),
    /// A switch.
    Switch(bool),
    /// A list.
    List(&'static [&'static str]),
}

impl Key {
    /// The key as messages and `postern config` spell it: `api.port`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The environment variable that sets it: `POSTERN_API_PORT`.
    pub fn variable(&self) -> String {
        format!("POSTERN_{}_{}", self.section, self.name).to_ascii_uppercase()
    }

    /// Whether its value must never be printed.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::SecretList)
    }
}

impl Kind {
    /// What is expected, for messages: "a whole number from 1 to 65535".
    pub fn expected(self) -> String {
        match self {
            Self::Text | Self::Secret => "a text in quotes".into(),
            Self::TextList | Self::SecretList => "a list of texts such as [\"a\", \"b\"]".into(),
            Self::Number { min, max } if max == u64::MAX => format!("a whole number from {min}"),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Switch => "true or false".into(),
            Self::Choice(choices) => format!("one of \"{}\"", choices.join("\", \"")),
        }
    }
}

/// Looks a key up by its path.
pub fn find(path: &str) -> Option<&'static Key> {
    let (section, name) = path.split_once('.')?;
    KEYS.iter()
        .copied()
        .find(|key| key.section == section && key.name == name)
}

/// The sections in the order of the table, with what each is about.
pub const SECTIONS: &[(&str, &str)] = &[
    ("api", "The address of the server and what it serves."),
    ("database", "How the database is reached."),
    (
        "auth",
        "The auth service at `/auth/v1`, and which user tokens are believed.",
    ),
    ("keys", "The project's keys."),
    ("signup", "Who may sign up, and how."),
    (
        "passwords",
        "What passwords must be and what their hashes cost.",
    ),
    ("sessions", "How long sessions and tokens live."),
    ("codes", "Codes and links that prove an address."),
    ("factors", "Second factors and passkeys."),
    ("mail", "How mails are sent."),
    ("sms", "How texts are sent."),
    (
        "rates",
        "How often one address or account may ask the auth service.",
    ),
    ("captcha", "Who tells people from programs."),
    (
        "hooks",
        "Where the project has a say in the auth service: an `https` address that takes signed \
         JSON, or `pg-functions://postgres/<schema>/<function>`; see docs/hooks.md.",
    ),
    (
        "console",
        "The admin console at `/console`; see docs/console.md.",
    ),
    ("outbound", "What the server may call by itself."),
    (
        "policies",
        "Where the policy files are, and those that are tried.",
    ),
    ("limits", "Bounds on what one request may ask for."),
    ("log", "What is written to standard error."),
    (
        "logs",
        "The last requests, for the console at `/console/logs`.",
    ),
    ("openapi", "The description of the API at `/rest/v1/`."),
];

const POSITIVE: Kind = Kind::Number {
    min: 1,
    max: u64::MAX,
};
const CONNECTIONS: Kind = Kind::Number { min: 1, max: 1000 };
const MILLISECONDS: Kind = Kind::Number {
    min: 0,
    max: 86_400_000,
};

const fn key(
    path: (&'static str, &'static str),
    kind: Kind,
    default: Default,
    meaning: &'static str,
) -> Key {
    Key {
        section: path.0,
        name: path.1,
        kind,
        default,
        meaning,
    }
}

/// Every key, in the order of the documentation.
pub static KEYS: LazyLock<Vec<&'static Key>> = LazyLock::new(|| {
    let keys = GENERAL.iter().chain(policies::KEYS).chain(dialect::KEYS);
    let keys = keys.chain(people::KEYS);
    keys.chain(guards::KEYS)
        .chain(console::KEYS)
        .chain(logs::KEYS)
        .collect()
});

const GENERAL: &[Key] = &[
    key(
        ("api", "host"),
        Kind::Text,
        Default::Text("127.0.0.1"),
        "The address to listen on; `0.0.0.0` is every interface.",
    ),
    key(
        ("api", "port"),
        Kind::Number {
            min: 0,
            max: 65_535,
        },
        Default::Number(54_321),
        "The port to listen on; 0 takes a free one.",
    ),
    key(
        ("api", "schemas"),
        Kind::TextList,
        Default::List(&["public"]),
        "The schemas that are served; the first is the one of requests without a profile header.",
    ),
    key(
        ("api", "extra_schemas"),
        Kind::TextList,
        Default::List(&[]),
        "Schemas that are not served, but that policies may look into.",
    ),
    key(
        ("api", "enforce"),
        Kind::Choice(&["rewrite", "native", "both"]),
        Default::Text("rewrite"),
        "Who decides about rows and columns: `rewrite` is the policy files, `native` is the \
         database (each request runs as the role of its token, under the grants and row-level \
         security that are there; no policy files are read), `both` is both.",
    ),
    key(
        ("api", "anon_role"),
        Kind::Text,
        Default::Text("anon"),
        "The database role of callers without a user token, where `enforce` is `native` or \
         `both`. The database's login must be able to `SET ROLE` to it.",
    ),
    key(
        ("api", "require_apikey"),
        Kind::Switch,
        Default::Switch(false),
        "Whether a request without an `apikey` header is refused.",
    ),
    key(
        ("api", "metrics"),
        Kind::Choice(&["open", "off"]),
        Default::Text("open"),
        "Whether `/metrics` is served; it tells how much happens, not to whom.",
    ),
    key(
        ("api", "workers"),
        Kind::Number { min: 0, max: 1024 },
        Default::Number(0),
        "Server threads; 0 takes one per processor.",
    ),
    key(
        ("api", "shutdown_timeout_ms"),
        MILLISECONDS,
        Default::Number(30_000),
        "How long requests in flight may take to finish when the server stops.",
    ),
    key(
        ("database", "url"),
        Kind::Secret,
        Default::Unset,
        "The database, as `postgres://user:password@host:port/name`. `DATABASE_URL` sets it too. \
         `postern dev` does not use it: it runs a database of its own.",
    ),
    key(
        ("database", "read_connections"),
        CONNECTIONS,
        Default::Number(4),
        "Connections that reads share by pipelining (the fast path), for each kind of caller.",
    ),
    key(
        ("database", "write_connections"),
        CONNECTIONS,
        Default::Number(10),
        "The same for writes: more, because each waits for the disk at its commit.",
    ),
    key(
        ("database", "session_connections"),
        CONNECTIONS,
        Default::Number(10),
        "Most connections for statements that need one of their own (the session path).",
    ),
    key(
        ("database", "statement_timeout_anon_ms"),
        MILLISECONDS,
        Default::Number(limits::STATEMENT_TIMEOUT_ANON_MS),
        "How long a statement of an anonymous caller may run.",
    ),
    key(
        ("database", "statement_timeout_user_ms"),
        MILLISECONDS,
        Default::Number(limits::STATEMENT_TIMEOUT_USER_MS),
        "How long a statement of a signed-in caller may run.",
    ),
    key(
        ("database", "statement_timeout_service_ms"),
        MILLISECONDS,
        Default::Number(limits::STATEMENT_TIMEOUT_SERVICE_MS),
        "How long a statement of the secret key may run.",
    ),
    key(
        ("database", "bin_dir"),
        Kind::Text,
        Default::Unset,
        "Where `postern dev` finds the Postgres server's programs; by default PATH and the usual \
         folders are searched.",
    ),
    key(
        ("database", "port"),
        Kind::Number {
            min: 0,
            max: 65_535,
        },
        Default::Number(0),
        "The port of the database that `postern dev` runs; 0 takes a free one and remembers it.",
    ),
    key(
        ("auth", "jwt_secrets"),
        Kind::SecretList,
        Default::List(&[]),
        "Secrets of HS256 tokens; the first signs what `postern token` makes, all verify.",
    ),
    key(
        ("auth", "jwks"),
        Kind::Text,
        Default::Unset,
        "Public keys of RS256, ES256 and EdDSA tokens: a JSON Web Key Set or PEM text, a file \
         that holds one, or an https address that serves one.",
    ),
    key(
        ("auth", "issuer"),
        Kind::Text,
        Default::Unset,
        "The `iss` that tokens of those public keys must carry.",
    ),
    key(
        ("auth", "audience"),
        Kind::Text,
        Default::Unset,
        "The audience that a token's `aud` must name, if it has one.",
    ),
    key(
        ("keys", "publishable"),
        Kind::TextList,
        Default::List(&[]),
        "Publishable keys (`sb_publishable_…`), which apps carry: they mean the role `anon`.",
    ),
    key(
        ("keys", "secret"),
        Kind::SecretList,
        Default::List(&[]),
        "Secret keys (`sb_secret_…`), which servers carry: policies do not apply to them.",
    ),
    key(
        ("limits", "body_bytes_max"),
        POSITIVE,
        Default::Number(limits::BODY_BYTES_MAX as u64),
        "Largest request body in bytes.",
    ),
    key(
        ("limits", "uri_bytes_max"),
        POSITIVE,
        Default::Number(limits::URI_BYTES_MAX as u64),
        "Longest request target (path and query) in bytes.",
    ),
    key(
        ("limits", "filters_max"),
        POSITIVE,
        Default::Number(limits::FILTERS_MAX as u64),
        "Most filters in one request.",
    ),
    key(
        ("limits", "embed_depth_max"),
        POSITIVE,
        Default::Number(limits::EMBED_DEPTH_MAX as u64),
        "Deepest nesting of embedded resources.",
    ),
    key(
        ("limits", "in_list_max"),
        POSITIVE,
        Default::Number(limits::IN_LIST_MAX as u64),
        "Most elements in one `in.(…)` list.",
    ),
    key(
        ("limits", "json_depth_max"),
        POSITIVE,
        Default::Number(limits::JSON_DEPTH_MAX as u64),
        "Deepest nesting of a JSON body.",
    ),
    key(
        ("limits", "rows_max"),
        POSITIVE,
        Default::Number(limits::ROWS_MAX),
        "Most rows that one answer holds.",
    ),
    key(
        ("log", "format"),
        Kind::Choice(&["text", "json"]),
        Default::Text("text"),
        "`text` for people, `json` for machines; `postern serve` writes JSON unless told otherwise.",
    ),
    key(
        ("log", "level"),
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        Default::Text("info"),
        "How much is written.",
    ),
    key(
        ("openapi", "mode"),
        Kind::Choice(&["follow-policies", "ignore-policies", "disabled"]),
        Default::Text("follow-policies"),
        "Whether `/rest/v1/` describes what the caller may see, everything in the served schemas \
         (hidden tables and columns too, whoever asks), or answers 404.",
    ),
];
