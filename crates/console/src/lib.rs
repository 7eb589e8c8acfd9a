//! The admin console at `/console`: pages and fragments over the services' methods.
//!
//! Every page is a plain address and every change a plain form; htmx swaps fragments where it is
//! there. What a request must bring along (a host that is ours, a session, a role, a form of that
//! session, a fresh proof) stands in [`routes::all`], and one function asks for it before any
//! handler runs. The console holds no SQL and no rule of its own: it calls what the admin API
//! calls.

include!(concat!(env!("OUT_DIR"), "/copy.rs"));

#[macro_use]
mod bits;
mod answer;
mod assets;
mod backstage;
mod chart;
mod chrome;
mod console;
mod cookies;
mod csv;
mod ddl;
mod erd;
mod failure;
mod form;
mod ground;
mod import;
mod pages;
mod place;
mod refusal;
pub mod routes;
mod setup;
mod sizes;
mod snippets;
mod theme;
mod upload;
mod visit;

pub use backstage::QueryRoom;
pub use backstage::{
    Backstage, BuildError, Builder, Draft, Finding, Gravity, Health, MailFile, MailPreview, Part,
    PeopleRoom, PolicyDraft, PolicyEdit, PolicyFault, PolicyFolder, PolicyRoom, PublishFault,
    StagedPolicy, operate,
};
pub use console::{Console, ConsoleParts, ConsoleSettings};
