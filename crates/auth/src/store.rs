//! The tables of the auth service as rows, and the statements that keep them.
//!
//! One file per table. A statement changes state by itself or inside a caller's transaction; none
//! reads the database's clock: the service's time is bound, so that tests can carry it on.

pub mod addresses;
pub mod codes;
pub mod factors;
pub mod identities;
pub mod sessions;
pub mod users;

pub use codes::{Code, Purpose};
pub use factors::{Factor, FactorKind};
pub use identities::{Identity, NewIdentity};
pub use sessions::{Aal, AmrEntry, Session};
pub use users::{NewUser, User};
