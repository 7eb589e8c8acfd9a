//! SQL: texts that admins keep, their runs, and what came of them.
//!
//! A result belongs to a run, and a run has an address of its own, so that nobody reads the rows
//! of yesterday under the text of today. Runs live in memory, a limited number of them; what is
//! kept on purpose is a snippet, with a number for each text.

mod asked;
pub(crate) mod desk;
pub(crate) mod export;
mod kept;
mod plan;
pub(crate) mod runs;
mod table;

pub(crate) use kept::Runs;
