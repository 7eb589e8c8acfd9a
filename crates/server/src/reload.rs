//! What is served, and how it changes while the server runs.
//!
//! Every change takes the same way: read the schema, read the policy files, bind them to each
//! other, have the database type-check each predicate, and only then swap. A bundle with an error
//! never replaces the last good one; at the first start there is none, so the server does not
//! start.

mod candidate;
mod check;
mod load;
mod notice;
mod queries;
mod reloading;
mod sources;
mod watch;

pub use check::{CheckError, Checked, check};
pub use load::{Loaded, Loader};
pub use notice::{Notice, Reporter};
pub use postern_rest::Snapshot;
pub(crate) use queries::check_query;
pub(crate) use reloading::Reloading;
pub(crate) use sources::unreadable;
pub use sources::{LOCK_FILE, PolicySources};
