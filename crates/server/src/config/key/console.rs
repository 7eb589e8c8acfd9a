//! The keys of the admin console.

use super::{Default, Key, Kind, key};

/// Every key of the console.
pub(super) const KEYS: &[Key] = &[
    key(
        ("console", "enabled"),
        Kind::Switch,
        Default::Switch(true),
        "Whether `/console` is served; it needs the auth service. `postern serve` serves it only \
     where this is written down, and then does not listen beyond the machine itself before there \
     is an admin; `postern dev` serves it by default.",
    ),
    key(
        ("console", "database_url"),
        Kind::Secret,
        Default::Unset,
        "The address and login that SQL typed into the console runs with; that of \
         `database.url` without it. \
         A login that reaches what the console must not show (password hashes, \
         Postern's own tables, everything as a superuser) runs nothing.",
    ),
];
