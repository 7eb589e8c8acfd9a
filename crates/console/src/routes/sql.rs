//! SQL: what is kept, and what runs.
//!
//! SECURITY: who may only look does not run anything; what may change something is an owner's who
//! has given the password lately.

use super::Row;
use crate::pages::sql::{desk, export, runs};

/// Largest form: a text of 64 kB, escaped.
const FORM_BYTES_MAX: usize = 256 * 1024;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/sql" VIEWER => desk::show;
    Post "/sql" EDITOR up to FORM_BYTES_MAX => desk::keep;
    Post "/sql/run" EDITOR up to FORM_BYTES_MAX => runs::read;
    Post "/sql/write" OWNER_FRESH up to FORM_BYTES_MAX => runs::write;
    Get  "/sql/{id}" VIEWER => desk::show_kept;
    Post "/sql/{id}" EDITOR up to FORM_BYTES_MAX => desk::keep_again;
    Post "/sql/{id}/delete" EDITOR => desk::forget;
    Get  "/sql/{id}/runs/{run}" EDITOR => runs::show;
    Post "/sql/{id}/runs/{run}/stop" EDITOR => runs::stop;
    Get  "/sql/{id}/runs/{run}/{file}" EDITOR => export::send;
};
