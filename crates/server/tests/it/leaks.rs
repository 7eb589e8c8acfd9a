//! Each leak that a rewriting gateway is known for, as a named test that it is closed.
//!
//! Generic plans are forced, because a planner that sees constants hides half of these leaks: it
//! raises an error while folding, whether or not a hidden row matches. Every refusal stands beside
//! the request that works, so that no test passes because nothing does.

mod concurrency;
mod names;
mod reads;
pub(crate) mod world;
mod writes;
