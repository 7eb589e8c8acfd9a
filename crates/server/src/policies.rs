//! The commands on policy files: check, lock, new, explain, test, diff, import, export.
//!
//! They ask a live database, because only it knows the schema and the types: the one of
//! `DATABASE_URL`, else the one of a running `postern dev`, else the project's own, started for
//! as long as the command takes.

mod compare;
mod explain;
mod export;
mod history;
mod import;
mod template;
mod trials;
mod why;
mod workbench;

pub use compare::{CompareOptions, Comparison};
pub use explain::{ExplainError, Question};
pub use export::export;
pub use history::{History, HistoryError};
pub use import::{Imported, import};
pub use trials::TestOptions;
pub(crate) use trials::{read_suites, test_sources, tests_folder};
pub use why::RowQuestion;
pub use workbench::{Workbench, WorkbenchError};
