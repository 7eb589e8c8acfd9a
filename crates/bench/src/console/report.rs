//! The figures of the console's pages, as they go into docs/benchmarks.md.

use std::fmt;

use crate::load::Outcome;

/// What the goal for each page is, in milliseconds.
const GOAL_MS: f64 = 50.0;

/// What the pages cost.
pub(crate) struct ConsoleReport(pub(super) Vec<Row>);

/// One page.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// The first request, before anything of it was read or planned.
    pub(super) first_ms: f64,
    pub(super) outcome: Outcome,
    pub(super) bytes: usize,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, p95) = (
            self.outcome.percentile_ms(500),
            self.outcome.percentile_ms(950),
        );
        let over = if p95 > GOAL_MS { " **over**" } else { "" };
        let (name, first, kilobytes) = (self.name, self.first_ms, self.bytes / 1000);
        write!(
            f,
            "| {name} | {first:.0} | {median:.1} | {p95:.1}{over} | {kilobytes} |"
        )
    }
}

impl fmt::Display for ConsoleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### The console's pages\n")?;
        writeln!(f, "| page | first, ms | median, ms | p95, ms | kB |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for row in &self.0 {
            writeln!(f, "{row}")?;
        }
        let within = self
            .0
            .iter()
            .filter(|it| it.outcome.percentile_ms(950) <= GOAL_MS);
        let (within, all) = (within.count(), self.0.len());
        writeln!(
            f,
            "\nWithin {GOAL_MS:.0} ms in 19 of 20 requests: {within} of {all} pages."
        )
    }
}
