//! The tables of the auth service as rows, and the statements that keep them.
//!
//! One file per table. A statement changes state by itself or inside a caller's transaction; none
//! reads the database's clock: the service's time is bound, so that tests can carry it on.

pub mod addresses;
pub mod assurance;
pub mod challenges;
pub mod codes;
pub mod factors;
pub mod identities;
pub mod passkeys;
pub mod recovery_codes;
pub mod sessions;
pub mod users;

pub use challenges::{Answered, FactorChallenge};
pub use codes::{Code, Holder, Purpose};
pub use factors::{Factor, FactorKind};
pub use identities::{Identity, NewIdentity};
pub use passkeys::{CeremonyKind, Passkey, PasskeyCeremony};
pub use recovery_codes::RecoveryCodes;
pub use sessions::{Aal, AmrEntry, Session};
pub use users::{NewUser, User};
