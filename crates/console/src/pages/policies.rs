//! Policies: who may do what, and the bench on which a policy file is written and tried.

pub(crate) mod bench;
pub(crate) mod caller;
mod case;
pub(crate) mod cell;
pub(crate) mod checked;
mod draft;
pub(crate) mod files;
pub(crate) mod history;
mod lines;
pub(crate) mod matrix;
pub(crate) mod review;
mod sql;
pub(crate) mod suites;
pub(crate) mod tab;
pub(crate) mod trial;
mod verdict;
pub(crate) mod why;
mod words;
