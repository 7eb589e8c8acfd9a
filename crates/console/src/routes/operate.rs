//! What an operator looks at.

use super::Row;
use crate::pages::{advisors, audit, logs, settings};

pub(super) const ROWS: &[Row] = rows! {
    Get  "/audit" VIEWER => audit::list;
    Get  "/audit/check" VIEWER => audit::check::show;
    Get  "/audit/export" VIEWER => audit::export::send;
    Get  "/advisors" VIEWER => advisors::show;
    Post "/advisors/run" EDITOR => advisors::run;
    Post "/advisors/ignore" EDITOR => advisors::ignore;
    Post "/advisors/heed" EDITOR => advisors::heed;
    Get  "/settings/general" VIEWER => settings::general;
    Get  "/settings/database" VIEWER => settings::database;
    Get  "/settings/mail" VIEWER => settings::mail;
    Post "/settings/mail" EDITOR => settings::send;
    Get  "/settings/about" VIEWER => settings::about;
    Get  "/logs" VIEWER => logs::list;
    Get  "/logs/tail" VIEWER => logs::tail::follow;
    Get  "/logs/{request}" VIEWER => logs::trace::show;
};
