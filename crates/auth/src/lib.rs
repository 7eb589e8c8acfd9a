//! The auth service: users, sessions, codes, factors, and the dialect of the Supabase clients.
//!
//! [`AuthService`] holds the rules; its flows are methods in one module each, which know no HTTP
//! beyond a header map. [`routes`] translates. Tables are kept by [`store`], tokens are verified
//! in front of all services by `http`'s authenticator, which learns of ended sessions at once.
//!
//! What holds everywhere: a code or token is stored as a MAC only and removed by its first use; a
//! change of state is one transaction; the time is the clock's, bound into every statement; an
//! answer never tells strangers whether an account exists.

pub mod admin;
pub mod admins;
mod adopt;
pub mod audit;
mod bearer;
mod captcha;
mod change;
mod context;
mod dispatch;
mod error;
pub mod export;
mod flows;
pub mod hooks;
mod id_token;
mod identifier;
mod identities;
mod impersonation;
pub mod import;
pub mod keys;
pub mod landing;
mod limits;
mod logout;
mod metadata;
pub mod mfa;
pub mod oauth;
mod otp;
pub mod outbox;
pub mod passkeys;
mod passwords;
mod probe;
mod proofs;
pub mod redirects;
mod refresh;
mod rehearsal;
mod reseal;
mod resend;
pub mod routes;
mod seed;
mod service;
mod session;
pub mod settings;
mod sign_in;
mod signup;
mod sms;
pub mod store;
mod strength;
mod sweep;
pub mod upkeep;
mod user;
mod verify;
mod watch;
mod wire;

pub use bearer::Caller;
pub use change::Changes;
pub use context::Context;
pub use error::{Error, Form, Result};
pub use flows::Challenge;
pub use id_token::IdTokenGrant;
pub use identifier::{Identifier, Phone, parse_email};
pub use impersonation::{Borrowed, Impersonation};
pub use limits::{Letters, Limit, LimitClass, LimitOf, Standing};
pub use logout::Scope;
pub use otp::CodeWish;
pub use probe::Step;
pub use reseal::{Resealed, Resealer};
pub use resend::Resent;
pub use seed::{SeedUser, Seeder};
pub use service::{AuthParts, AuthService};
pub use session::TokenPair;
pub use settings::Settings;
pub use signup::{NewAccount, SignedUp};
pub use verify::{Asked, Fields, Kind, Shown, Verified};
pub use wire::{IdentityOut, UserOut};
