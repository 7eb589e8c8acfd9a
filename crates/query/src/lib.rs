//! The data API's pure half: query string → request → plan → rewritten SQL and parameters.
//!
//! `request` parses what clients write (PostgREST's grammar), `plan` binds it to what exists for
//! the caller, `rewrite` adds the policies and prints SQL. [`Rewritten`] has private fields and
//! one constructor, so a statement on user tables that no policy has seen cannot be built.
//! Nothing here knows HTTP types, connections or clocks.

mod error;
mod plan;
mod privileges;
mod probe;
pub mod request;
mod view;

pub use error::Error;
pub use plan::{LeftOut, Plan, Sought, plan};
pub use privileges::Privileges;
pub use probe::probes;
pub use request::parse;
pub use view::{Grant, View};
mod rewrite;
mod rewritten;
mod shape;

#[cfg(feature = "mutants")]
pub use rewrite::rewrite_with;
pub use rewrite::{
    Can, Rules, SavedArguments, SavedProbe, can, rewrite, rewrite_saved, saved_probe, tool,
};
pub use rewritten::{
    AnswerKind, AnswerShape, Counts, Estimate, Export, Framing, Media, Mode, Param, Probe,
    Rewritten, Route, Transaction,
};
pub use shape::{Shape, Shapes};
