//! One file a command.

pub(crate) mod config;
pub(crate) mod keys;
pub(crate) mod new;
pub(crate) mod token;
