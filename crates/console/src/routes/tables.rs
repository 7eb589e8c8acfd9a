//! The tables, and the rows of one.
//!
//! What has a name of its own below `/tables` comes before `{table}`, which takes any: rows of
//! other areas that do stand in files before this one.

use super::Row;
use crate::pages::tables;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/tables" VIEWER => tables::list;
    Get  "/tables/{table}" VIEWER => tables::grid::show;
};
