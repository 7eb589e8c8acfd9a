//! The keys of the data API's dialect: how its transactions run and what its answers tell.

use super::{Default, Key, Kind, key};

/// Every key of the dialect, in the order of the documentation.
pub(super) const KEYS: &[Key] = &[
    key(
        ("api", "tx_end"),
        Kind::Choice(&[
            "commit",
            "commit-allow-override",
            "rollback",
            "rollback-allow-override",
        ]),
        Default::Text("commit"),
        "How the transaction of a data API request ends, and whether `Prefer: tx=commit` or \
         `tx=rollback` may say otherwise.",
    ),
    key(
        ("api", "pre_request"),
        Kind::Text,
        Default::Unset,
        "A function without arguments, as `schema.function`, that is called before the statement \
         of every data API request, in its transaction; an error that it raises is the answer. \
         Every request then takes the session path.",
    ),
    key(
        ("api", "extra_search_path"),
        Kind::TextList,
        Default::List(&["public", "extensions"]),
        "The schemas that functions and triggers look into besides the request's own.",
    ),
    key(
        ("api", "server_timing"),
        Kind::Switch,
        Default::Switch(false),
        "Whether the data API's answers carry `Server-Timing`. It tells everybody how long \
         policies and statements take, so it is for development.",
    ),
    key(
        ("api", "plans"),
        Kind::Choice(&["off", "secret-key", "everybody"]),
        Default::Text("off"),
        "Who may ask for a statement's plan (`Accept: application/vnd.pgrst.plan+json`): nobody, \
         the secret key, or everybody. Plans show policies, and statistics of rows that are \
         hidden, so `everybody` is for development.",
    ),
    key(
        ("openapi", "security"),
        Kind::Switch,
        Default::Switch(false),
        "Whether the description says that a token in `Authorization` tells who calls.",
    ),
    key(
        ("openapi", "root_function"),
        Kind::Text,
        Default::Unset,
        "A function without arguments, as `schema.function`, whose result `/rest/v1/` answers \
         with instead of the description. Callers need a policy that lets them call it.",
    ),
];
