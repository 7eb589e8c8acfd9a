//! The crate against a real Postgres: one throwaway server per test process.

mod it {
    mod managed;
    mod server;
}
