//! The data API's wire dialect over the query and db crates.

pub mod openapi;
