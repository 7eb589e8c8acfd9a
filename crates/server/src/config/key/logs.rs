//! The keys of the log of requests.

use super::{Default, Key, Kind, key};

/// Every key of the log of requests.
pub(super) const KEYS: &[Key] = &[key(
    ("logs", "kept"),
    Kind::Number {
        min: 0,
        max: 1_000_000,
    },
    Default::Number(10_000),
    "How many of the last requests the console shows. They are kept in memory (32 MiB at most, \
     whatever their number), without bodies, headers and secrets, and are gone after a restart; 0 \
     keeps none.",
)];
