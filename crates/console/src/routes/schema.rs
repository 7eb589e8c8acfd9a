//! What tables are made of, and how that is changed.

use super::Row;
use crate::import::FILE_BYTES_MAX;
use crate::pages::schema::{alter, create, import, map, structure};

/// Largest form in bytes: a table may have hundreds of columns, each with eight fields.
const FORM_BYTES_MAX: usize = 1024 * 1024;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/schema" VIEWER => map::show;
    Get  "/tables/new" EDITOR => create::show;
    Post "/tables/new" EDITOR up to FORM_BYTES_MAX => create::act;
    Get  "/tables/{table}/structure" VIEWER => structure::show;
    Get  "/tables/{table}/structure/edit" EDITOR => alter::show;
    Post "/tables/{table}/structure/edit" EDITOR up to FORM_BYTES_MAX => alter::act;
    Post "/tables/{table}/structure/drop" EDITOR_FRESH up to FORM_BYTES_MAX => alter::destroy;
    Get  "/tables/{table}/import" EDITOR => import::ask;
    Post "/tables/{table}/import" EDITOR, file up to FILE_BYTES_MAX => import::take;
    Get  "/tables/{table}/import/{import}" EDITOR => import::show;
    Post "/tables/{table}/import/{import}" EDITOR => import::act;
    Get  "/tables/{table}/import/{import}/bad" EDITOR => import::bad;
};
