//! The crate against a real Postgres: one throwaway server per test process.

mod it {
    mod console;
    mod guarantee;
    mod introspect;
    mod managed;
    mod migrate;
    mod server;
    mod tls;
    mod watch;
}
