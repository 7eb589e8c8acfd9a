//! The tables, and the rows of one.
//!
//! What has a name of its own below `/tables` comes before `{table}`, which takes any: rows of
//! other areas that do stand in files before this one.

use super::Row;
use crate::pages::tables;

/// Largest form of a row, in bytes: its longest values are not in it, but for one at a time.
const FORM_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/tables" VIEWER => tables::list;
    Get  "/tables/{table}" VIEWER => tables::grid::show;
    Get  "/tables/{table}/insert" EDITOR => tables::insert::show;
    Post "/tables/{table}/insert" EDITOR up to FORM_BYTES_MAX => tables::insert::save;
    Get  "/tables/{table}/api" VIEWER => tables::api::show;
    Get  "/tables/{table}/export" VIEWER => tables::export::send;
    Post "/tables/{table}/edit" EDITOR up to FORM_BYTES_MAX => tables::edit::save;
    Post "/tables/{table}/bulk/delete" EDITOR => tables::bulk::delete;
    Post "/tables/{table}/bulk/set" EDITOR => tables::bulk::set;
    Get  "/tables/{table}/rows/{key}" VIEWER => tables::row::show;
    Post "/tables/{table}/rows/{key}" EDITOR up to FORM_BYTES_MAX => tables::row::save;
    Post "/tables/{table}/rows/{key}/delete" EDITOR => tables::row::delete;
};
