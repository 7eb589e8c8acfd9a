//! A database per test, a server per test, and runners for the client libraries.
