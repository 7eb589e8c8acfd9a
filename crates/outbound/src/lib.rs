//! The one HTTP client of the house: it reaches only what the operator would let it reach.
//!
//! Addresses come from providers' documents, hooks, imports and people, so each of them may point
//! at this machine, its neighbours or a cloud's metadata service. Every call goes through
//! [`Outbound`], which checks the address, resolves the name itself, and dials only addresses
//! that it has checked. Redirects and proxies are not followed, time and size are capped.
//!
//! It does not decide who may call what: an answer's content is as untrusted as its sender.

mod address;
mod allow;
mod clients;
mod error;
mod outbound;
mod request;
mod resolve;
mod response;
mod settings;
mod target;

pub use allow::{AllowError, AllowList};
pub use error::Error;
pub use outbound::Outbound;
pub use request::Request;
pub use resolve::{Resolve, Resolving, SystemResolver};
pub use response::Response;
pub use settings::{OutboundSettings, RESPONSE_BYTES_MAX, TIMEOUT, TIMEOUT_MAX, URL_BYTES_MAX};
