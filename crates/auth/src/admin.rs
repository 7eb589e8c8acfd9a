//! The admin API: what the holder of the secret key does to users.
//!
//! Every change takes effect at once, also for tokens that are out already: sessions that must
//! not go on are ended, tokens that say what no longer holds are refused, here directly and at
//! other gateways by what the database's triggers tell them.

mod ban;
mod browse;
mod change;
mod factors;
mod invite;
mod letters;
mod links;
mod page;
mod passkeys;
mod profile;
mod removal;
mod role;
mod search;
mod sessions;
mod users;

pub use ban::Ban;
pub use browse::{Browse, Counted, Direction, Found, Group, Order, Reach};
pub use change::{NewPassword, UserWish};
pub use factors::FactorWish;
pub use letters::{Handing, Helping};
pub use links::{LinkKind, LinkOut, LinkWish};
pub use page::{Page, PageWish};
pub use profile::Metadata;
pub use removal::{Removal, Tie, Tied};
pub use role::parse_role;

use postern_base::codes::auth as codes;

use crate::Error;

/// The one answer about a user who is not there.
fn user_not_found() -> Error {
    Error::new(&codes::USER_NOT_FOUND, "User not found")
}

/// Another user has the address.
fn email_exists() -> Error {
    Error::new(
        &codes::EMAIL_EXISTS,
        "A user with this email address has already been registered",
    )
}

/// Another user has the number.
fn phone_exists() -> Error {
    Error::new(
        &codes::PHONE_EXISTS,
        "Phone number already registered by another user",
    )
}
