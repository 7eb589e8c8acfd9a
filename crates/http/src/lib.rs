//! What every wire dialect shares on the HTTP side: who is asking, and how errors look.
//!
//! [`Authenticator`] turns keys and tokens into an [`postern_base::Identity`]; [`ApiError`] renders
//! the four-key JSON body; [`Edge`] is the one middleware (request ids, trace context, CORS, a net
//! under panics). [`signing`] makes the project's own tokens, and a [`RevocationList`] ends them
//! before their time. This crate knows no tables, no SQL and no configuration files: `server`
//! hands it its settings, the dialects (`rest` and those to come) call it.

mod auth;
mod client_ip;
mod cors;
mod edge;
mod error;
mod keys;
mod patience;
mod request_id;
mod revocation;
pub mod signing;
mod token;
mod trace;

pub use auth::{AuthError, Authenticator, ClaimsFault, DecodeFault};
pub use client_ip::{ProxyError, TrustedProxies};
pub use edge::{Edge, Finished, Observer};
pub use error::ApiError;
pub use keys::{
    AuthSettings, Issuer, IssuerKeys, KeyError, generate_jwt_secret, generate_publishable_key,
    generate_secret_key,
};
pub use request_id::RequestId;
pub use revocation::RevocationList;
pub use token::{MintError, legacy_key, mint, user_claims};
pub use trace::TraceContext;
