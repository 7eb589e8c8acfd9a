//! The figures about signing in, as they go into docs/benchmarks.md.

use std::fmt;

use super::CONNECTIONS;
use super::storm::Storm;
use super::timing::Pair;
use crate::load::Outcome;

/// Everything that was found out about signing in.
pub(crate) struct PeopleReport {
    pub(super) slots: usize,
    pub(super) bare: Outcome,
    pub(super) sign_in: Outcome,
    pub(super) alone: Outcome,
    pub(super) refresh: Outcome,
    pub(super) fresh: Outcome,
    pub(super) cached: Outcome,
    pub(super) storm: Storm,
    pub(super) timing: Vec<Pair>,
}

impl fmt::Display for PeopleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### Signing in\n")?;
        self.operations(f)?;
        self.tokens(f)?;
        self.storm(f)?;
        self.accounts(f)
    }
}

impl PeopleReport {
    fn operations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slots, many) = (self.slots, CONNECTIONS);
        writeln!(
            f,
            "| operation | per second | p50 / p99 ms |\n|---|---|---|"
        )?;
        let rows = [
            (format!("bare Argon2id on {slots} thread(s)"), &self.bare),
            (
                format!("password sign-in, {many} connections"),
                &self.sign_in,
            ),
            ("password sign-in, one connection".into(), &self.alone),
            (format!("refresh, {many} connections"), &self.refresh),
        ];
        for (name, cell) in rows {
            let (p50, p99) = (cell.percentile_ms(500), cell.percentile_ms(990));
            writeln!(
                f,
                "| {name} | {:.0} | {p50:.1} / {p99:.1} |",
                cell.per_second()
            )?;
        }
        let throughput = self.sign_in.per_second() / self.bare.per_second();
        let latency = self.alone.percentile_ms(500) - self.bare.percentile_ms(500);
        writeln!(
            f,
            "\nSign-ins reach **{throughput:.2}** of the bare hashes' rate; one alone takes \
             {latency:.1} ms more than its hash."
        )
    }

    fn tokens(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nanoseconds were entered as microseconds: a thousandth.
        let (fresh, cached) = (
            self.fresh.percentile_ms(500),
            self.cached.percentile_ms(500),
        );
        writeln!(
            f,
            "\nAn ES256 token costs the gateway {fresh:.0} µs the first time and {cached:.1} µs \
             afterwards (medians)."
        )
    }

    fn storm(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let storm = &self.storm;
        writeln!(
            f,
            "\nPoint reads on 16 connections: {:.0}/s with p99 {:.1} ms alone, {:.0}/s with p99 \
             {:.1} ms in a storm of sign-ins on 48 ({:.0}/s done, {:.0}/s told to come back): \
             p99 times **{:.2}** (goal: at most 1.5).",
            storm.alone.per_second(),
            storm.alone.percentile_ms(990),
            storm.stormy.per_second(),
            storm.stormy.percentile_ms(990),
            storm.done_per_sec,
            storm.refused_per_sec,
            storm.ratio()
        )
    }

    fn accounts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| medians | known account, ms | unknown, ms | difference |"
        )?;
        writeln!(f, "|---|---|---|---|")?;
        for pair in &self.timing {
            writeln!(
                f,
                "| {} ({} each) | {:.2} | {:.2} | {:+.1} % |",
                pair.name,
                pair.known.requests(),
                pair.known.percentile_ms(500),
                pair.unknown.percentile_ms(500),
                pair.difference() * 100.0
            )?;
        }
        writeln!(f, "\nThe goal for each difference is within 5 %.")
    }
}
