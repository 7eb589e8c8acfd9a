//! The console over HTTP, on a real Postgres.

mod it {
    mod access;
    mod attacks;
    mod audit;
    mod kit;
    mod logs;
    mod operate;
    mod pages;
    mod palette;
    mod people;
    mod policies;
    mod schema;
    mod sessions;
    mod setup;
    mod sql;
    mod tables;
    mod weight;
}
