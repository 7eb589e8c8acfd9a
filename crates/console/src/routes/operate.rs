//! What an operator looks at.

use super::Row;
use crate::pages::{audit, logs};

pub(super) const ROWS: &[Row] = rows! {
    Get  "/audit" VIEWER => audit::list;
    Get  "/logs" VIEWER => logs::list;
    Get  "/logs/tail" VIEWER => logs::tail::follow;
    Get  "/logs/{request}" VIEWER => logs::trace::show;
};
