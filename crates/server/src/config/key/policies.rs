//! The keys of the policy files, and of candidates that are tried beside them.

use super::{Default, Key, Kind, key};

/// Every key of the policies, in the order of the documentation.
pub(super) const KEYS: &[Key] = &[
    key(
        ("policies", "dir"),
        Kind::Text,
        Default::Text("policies"),
        "The folder of the policy files, relative to the project folder.",
    ),
    key(
        ("policies", "history"),
        Kind::Text,
        Default::Unset,
        "The folder in which the served bundles are kept by their hashes, for `postern policy \
         diff`; without one it is `.postern/bundles` where `postern dev` has made `.postern`, and \
         nothing is kept elsewhere.",
    ),
    key(
        ("policies", "shadow"),
        Kind::Text,
        Default::Unset,
        "A folder of candidate policy files that are tried on real requests beside those in \
         force: differences are counted, logged and shown at `/policy/v1/shadow` to the secret \
         key; nothing of them is enforced.",
    ),
    key(
        ("policies", "shadow_percent"),
        Kind::Number { min: 1, max: 100 },
        Default::Number(100),
        "How many of a hundred requests are compared with the candidate.",
    ),
    key(
        ("policies", "shadow_timeout_ms"),
        Kind::Number {
            min: 1,
            max: 60_000,
        },
        Default::Number(1_000),
        "How long each statement of a comparison may take, in milliseconds.",
    ),
];
