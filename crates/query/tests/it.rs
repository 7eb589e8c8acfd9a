//! The rewriter against a real Postgres.

mod it {
    mod differential;
}
