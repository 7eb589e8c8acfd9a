//! Policies: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[("GET", "/policies", "viewer")];
