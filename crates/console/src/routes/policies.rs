//! Policies: the matrix, the editor with its trials, review and publication, why something was
//! denied.

use super::Row;
use crate::pages::policies;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/policies" VIEWER => policies::matrix::show;
};
