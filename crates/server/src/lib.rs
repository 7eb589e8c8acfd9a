//! Configuration, middleware order, mounting, reloading and graceful shutdown.
//!
//! The one crate (with the command line) that reads files and the environment. It wires the
//! floors below together and holds no business rule.

pub mod config;
pub mod desk;
pub mod dev;
pub mod doctor;
mod gateway;
mod migrations;
pub mod policies;
pub mod production;
pub mod project;
pub mod reload;
pub mod signals;

pub use config::{Config, RawConfig, Sources};
pub use desk::Desk;
pub use gateway::{BindError, Gateway, StartError, StartOptions, bind};
pub use migrations::{MigrationError, Migrations};
pub use project::Project;
