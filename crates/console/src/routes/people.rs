//! Users and admins.

use super::Row;
use crate::pages::{account, admins, login, newcomer, sign_in, user, users};

pub(super) const ROWS: &[Row] = rows! {
    Get  "/users" VIEWER => users::list;
    Get  "/users/new" EDITOR => newcomer::show;
    Post "/users/new" EDITOR => newcomer::create;
    Post "/users/invite" EDITOR => newcomer::invite;
    Get  "/users/{id}" VIEWER => user::show;
    Post "/users/{id}/ban" EDITOR => user::change::ban;
    Post "/users/{id}/unban" EDITOR => user::change::unban;
    Post "/users/{id}/sessions/end" EDITOR => user::change::end_sessions;
    Post "/users/{id}/session/end" EDITOR => user::change::end_session;
    Post "/users/{id}/identity/unlink" EDITOR_FRESH => user::change::unlink_identity;
    Post "/users/{id}/factor/remove" EDITOR_FRESH => user::change::remove_factor;
    Post "/users/{id}/passkey/remove" EDITOR_FRESH => user::change::remove_passkey;
    Post "/users/{id}/metadata" EDITOR => user::metadata::replace;
    Post "/users/{id}/link" EDITOR => user::change::send_link;
    Post "/users/{id}/link/show" OWNER_FRESH => user::change::show_link;
    Post "/users/{id}/impersonate" OWNER_FRESH => user::borrow::borrow;
    Post "/users/{id}/delete" EDITOR_FRESH => user::change::delete;
    Get  "/sign-in/{section}" VIEWER => sign_in::show;
    Get  "/sign-in/templates/preview" VIEWER => sign_in::mails::preview;
    Post "/sign-in/limits/lift" EDITOR => sign_in::limits::lift;
    Post "/sign-in/providers/check" EDITOR => sign_in::check_provider;
    Post "/sign-in/hooks/try" EDITOR => sign_in::try_hook;
    Post "/login/second" ANYBODY => login::second_step;
    Post "/login/passkey" ANYBODY => login::begin_passkey;
    Post "/login/passkey/confirm" ANYBODY => login::passkey;
    Get  "/account" VIEWER => account::show;
    Post "/account/password" VIEWER_FRESH => account::change_password;
    Post "/account/session/end" VIEWER => account::end_session;
    Post "/account/totp" VIEWER_FRESH => account::factors::begin_totp;
    Post "/account/totp/confirm" VIEWER_FRESH => account::factors::confirm_totp;
    Post "/account/passkey" VIEWER_FRESH => account::factors::begin_passkey;
    Post "/account/passkey/confirm" VIEWER_FRESH => account::factors::confirm_passkey;
    Post "/account/factor/remove" VIEWER_FRESH => account::factors::remove;
    Post "/account/codes" VIEWER_FRESH => account::factors::renew_codes;
    Post "/settings/admins/reset" OWNER_FRESH => admins::reset_factors;
    Get  "/settings/admins" VIEWER => admins::show;
    Post "/settings/admins" OWNER_FRESH => admins::add;
    Post "/settings/admins/role" OWNER_FRESH => admins::change_role;
    Post "/settings/admins/ban" OWNER_FRESH => admins::ban;
    Post "/settings/admins/unban" OWNER_FRESH => admins::unban;
};
