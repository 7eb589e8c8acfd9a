//! Integration tests of the whole server: real requests, real policies, a real Postgres.

mod it {
    mod attacks;
    mod chinook;
    mod dev_mailbox;
    mod dialect;
    mod doctor;
    mod guide;
    mod invariants;
    mod leaks;
    mod meanings;
    mod native;
    mod policy_tools;
    mod references;
    mod round_trip;
    mod saved_queries;
    mod shadow;
    mod starter;
}
