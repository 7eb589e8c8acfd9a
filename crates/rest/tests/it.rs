//! The data API over HTTP against a real Postgres, with policies: statuses, headers, bodies.

#[path = "it/assurance.rs"]
mod assurance;
#[path = "it/callers.rs"]
mod callers;
#[path = "it/can.rs"]
mod can;
#[path = "it/exports.rs"]
mod exports;
#[path = "it/functions.rs"]
mod functions;
#[path = "it/kit.rs"]
mod kit;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/reading.rs"]
mod reading;
#[path = "it/reads.rs"]
mod reads;
