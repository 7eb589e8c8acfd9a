//! The way in, and the first page.

use super::Row;
use crate::{assets, pages};

pub(super) const ROWS: &[Row] = rows! {
    Get  "/assets/{name}" ANYBODY => assets::serve;
    Post "/theme" ANYBODY => pages::theme::choose;
    Get  "/login" ANYBODY => pages::login::show;
    Post "/login" ANYBODY => pages::login::sign_in;
    Get  "/setup/{token}" ANYBODY => pages::setup::show;
    Post "/setup/{token}" ANYBODY => pages::setup::set_up;
    Post "/logout" VIEWER => pages::login::sign_out;
    Get  "/reauth" VIEWER => pages::reauth::show;
    Post "/reauth" VIEWER => pages::reauth::prove;
    Post "/reauth/passkey" VIEWER => pages::reauth::begin_passkey;
    Post "/reauth/passkey/confirm" VIEWER => pages::reauth::passkey;
    Get  "/start" VIEWER => pages::start::show;
    Get  "" VIEWER => pages::overview::show;
};
