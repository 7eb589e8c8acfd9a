//! Users and admins.

use super::Row;
use crate::pages::{admins, user, users};

pub(super) const ROWS: &[Row] = rows! {
    Get  "/users" VIEWER => users::list;
    Get  "/users/{id}" VIEWER => user::show;
    Post "/users/{id}/ban" EDITOR => user::ban;
    Post "/users/{id}/unban" EDITOR => user::unban;
    Post "/users/{id}/sessions/end" EDITOR => user::end_sessions;
    Get  "/settings/admins" VIEWER => admins::show;
    Post "/settings/admins" OWNER_FRESH => admins::add;
    Post "/settings/admins/role" OWNER_FRESH => admins::change_role;
    Post "/settings/admins/ban" OWNER_FRESH => admins::ban;
    Post "/settings/admins/unban" OWNER_FRESH => admins::unban;
};
