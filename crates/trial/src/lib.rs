//! Policy files on trial: test cases with coverage and mutants, truth tables, differences.
//!
//! Everything here is for the author of policies and runs inside of a [`postern_db::Trial`], a
//! transaction that is always rolled back. The command line prints what comes of it; nothing of
//! this crate serves a request.

mod caller;
mod cost;
mod counts;
mod coverage;
mod error;
mod judge;
mod mutation;
mod outcome;
mod pasted;
mod report;
mod request_line;
mod sample;
mod stage;
mod suites;
mod why;

pub use caller::identity;
pub use cost::{Cost, cost};
pub use counts::{RowCount, counts};
pub use coverage::{ClauseCoverage, Coverage, Seen};
pub use error::Error;
pub use mutation::{MutationReport, Survivor};
pub use outcome::Outcome;
pub use pasted::Pasted;
pub use report::{CaseReport, SuiteReport, TestReport};
pub use request_line::RequestLine;
pub use sample::{Hurdle, Sample, SampleQuestion, SampledRow, sample, sample_keys};
pub use stage::{Stage, StageParts};
pub use suites::{Mutation, Progress, test};
pub use why::{RowVerdict, Why, WhyQuestion, why};
