//! Finding things, and the keys that do.

use super::Row;
use crate::pages::palette;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/palette" VIEWER => palette::find;
    Get  "/keyboard" VIEWER => palette::keyboard;
};
