//! Policies: the matrix, the editor with its trials, review and publication, why something was
//! denied.

use super::Row;
use crate::pages::policies;

/// Largest form with a policy file in it: the file in the form's escapes, and what else there is.
const BYTES: usize = 1024 * 1024;

pub(super) const ROWS: &[Row] = rows! {
    Get  "/tables/{table}/policies" VIEWER => policies::tab::show;
    Get  "/policies" VIEWER => policies::matrix::show;
    Get  "/policies/users" VIEWER => policies::trial::people;
    Get  "/policies/why" VIEWER => policies::why::show;
    Get  "/policies/{file}" VIEWER => policies::bench::show;
    Post "/policies/{file}/check" VIEWER up to BYTES => policies::checked::check;
    Post "/policies/{file}/judge" VIEWER up to BYTES => policies::trial::judge;
    Post "/policies/{file}/review" EDITOR up to BYTES => policies::review::review;
    Post "/policies/{file}/publish" EDITOR up to BYTES => policies::review::publish;
    Post "/policies/{file}/patch" EDITOR up to BYTES => policies::review::patch_file;
    Post "/policies/{file}/remove" OWNER_FRESH => policies::review::remove;
    Get  "/policies/{file}/history" VIEWER => policies::history::show;
    Post "/policies/{file}/case" EDITOR up to BYTES => policies::suites::draft_case;
    Get  "/policies/{file}/tests" VIEWER => policies::suites::show;
    Post "/policies/{file}/tests" EDITOR up to BYTES => policies::suites::save;
    Post "/policies/{file}/tests/run" EDITOR => policies::suites::run;
};
