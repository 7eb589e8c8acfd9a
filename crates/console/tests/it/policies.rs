//! Policies: what the matrix says.

mod matrix;
