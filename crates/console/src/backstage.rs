//! What the console is told by the server that it runs in, since servers are a floor above.

mod builder;
pub mod operate;
mod people;
mod policies;
mod queries;

use futures_util::future::LocalBoxFuture;

pub use builder::{BuildError, Builder, Draft};
pub use people::{MailFile, MailPreview, PeopleRoom};
pub use policies::{
    PolicyDraft, PolicyEdit, PolicyFault, PolicyFolder, PolicyRoom, PublishFault, StagedPolicy,
};
pub use queries::QueryRoom;

/// How a part of the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Well,
    /// It was switched off.
    Off,
    /// It does not work.
    Ill,
}

/// A part of the server.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it is called.
    pub name: &'static str,
    /// How it is.
    pub health: Health,
    /// What there is to say, in a few words.
    pub note: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// Somebody may read or write what they must not.
    Grave,
    /// Something is slow, fragile, or easily becomes grave.
    Warning,
}

/// What an operator should put right.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How bad it is.
    pub gravity: Gravity,
    /// A stable name of its kind, such as `login-superuser`.
    pub code: &'static str,
    /// What was found.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What to run.
    pub fix: String,
}

/// The server behind the console.
pub trait Backstage:
    Builder + PolicyRoom + PeopleRoom + QueryRoom + operate::Operating + Send + Sync
{
    /// How its parts are, asked now.
    fn health(&self) -> LocalBoxFuture<'_, Vec<Part>>;
    /// What should be put right; the error says why nobody could look.
    fn findings(&self) -> LocalBoxFuture<'_, Result<Vec<Finding>, String>>;
}
