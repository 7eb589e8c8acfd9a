//! Calls to a server on loopback: what comes through and what the guard keeps away.

#[path = "it/attacks.rs"]
mod attacks;
#[path = "it/calls.rs"]
mod calls;
#[path = "it/kit.rs"]
mod kit;
#[path = "it/tls.rs"]
mod tls;
