//! Policies: what the matrix says.

mod bench;
mod matrix;
mod publish;
mod why;
