//! A database per test, a server per test, and a small client that speaks as different callers.
//!
//! One Postgres serves a whole test run. `cargo xtask test` starts it and names it in the
//! environment; a test program that finds none there starts its own, which dies with it. Failures
//! of the kit itself panic with a message: in a test there is nobody to return an error to.

mod app;
mod client;
mod clock;
mod database;
mod postgres;
mod skip;
mod smtp;

pub use app::{TestApp, TestAppBuilder};
pub use client::{Reply, Request, TestClient};
pub use clock::TestClock;
pub use database::{Database, database};
pub use skip::skip;
pub use smtp::{ReceivedMail, SmtpMode, SmtpServer};
