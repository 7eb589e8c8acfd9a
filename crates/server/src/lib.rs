//! Configuration, middleware order, mounting, reloading and graceful shutdown.
//!
//! The one crate (with the command line) that reads files and the environment. It wires the
//! floors below together and holds no business rule.

pub mod config;
pub mod project;

pub use config::{Config, RawConfig, Sources};
pub use project::Project;
