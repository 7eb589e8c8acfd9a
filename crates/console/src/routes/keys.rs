//! API keys and signing keys.

use super::Row;
use crate::pages::keys;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/keys" VIEWER => keys::show;
    Post "/keys/rotate" OWNER_FRESH => keys::rotate;
};
