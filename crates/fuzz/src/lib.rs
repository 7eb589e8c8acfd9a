//! What the fuzz targets share: a small world to ask questions of, texts to ask them with, random
//! trees, and Postgres's own grammar as the judge of what our SQL means.
//!
//! A target is a file in `targets/`; its inputs to begin with are in `seeds/`. Start them with
//! `cargo xtask fuzz`.

pub mod author;
pub mod files;
pub mod grow;
pub mod judge;
pub mod meaning;
pub mod postgres;
pub mod question;
pub mod shape;
pub mod world;
