//! What an operator looks at.

use super::Row;
use crate::pages::audit;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/audit" VIEWER => audit::list;
};
