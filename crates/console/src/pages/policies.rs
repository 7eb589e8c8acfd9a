//! Policies: who may do what, and the bench on which a policy file is written and tried.

mod cell;
pub(crate) mod files;
pub(crate) mod matrix;
