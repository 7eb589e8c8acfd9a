//! The real binary, on real folders and a real Postgres: what a developer and an operator see.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod it {
    mod auth_crash;
    mod binary;
    mod commands;
    mod demo_users;
    mod dev;
    mod existing;
    mod exports;
    mod folder;
    mod http;
    mod mail_sink;
    mod people;
    mod policy_tools;
    mod serve;
    mod snippet;
}
