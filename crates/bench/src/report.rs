//! The figures as a table, and their place in docs/benchmarks.md.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::arguments::Arguments;
use crate::console::ConsoleReport;
use crate::load::Outcome;
use crate::operation::{CONNECTIONS, Operation};
use crate::people::PeopleReport;
use crate::start::StartReport;

/// New sections go below this line of docs/benchmarks.md.
const MARKER: &str = "<!-- runs, newest first -->";

/// One server's figures for one operation.
#[derive(Default)]
pub(crate) struct Cell {
    pub(crate) outcome: Outcome,
    pub(crate) server_cpu_secs: f64,
    pub(crate) postgres_cpu_secs: f64,
}

impl Cell {
    /// The cell with its latencies sorted.
    pub(crate) fn finished(mut self) -> Self {
        self.outcome.finish();
        self
    }

    #[expect(clippy::cast_precision_loss, reason = "a mean needs no 53 bits")]
    fn per_thousand(&self, secs: f64) -> f64 {
        secs * 1000.0 / self.outcome.requests() as f64
    }
}

/// One operation on both servers.
pub(crate) struct Row {
    pub(crate) operation: Operation,
    pub(crate) floor: Cell,
    pub(crate) postern: Cell,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.postern.outcome.per_second() / self.floor.outcome.per_second()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} ", self.operation.name())?;
        for cell in [&self.floor, &self.postern] {
            write!(
                f,
                "| {:.0} | {:.1} / {:.1} | {:.3} + {:.3} ",
                cell.outcome.per_second(),
                cell.outcome.percentile_ms(500),
                cell.outcome.percentile_ms(990),
                cell.per_thousand(cell.server_cpu_secs),
                cell.per_thousand(cell.postgres_cpu_secs),
            )?;
        }
        write!(f, "| **{:.2}** |", self.ratio())
    }
}

/// Everything that a run found out.
pub(crate) struct Report {
    machine: String,
    postgres: String,
    command: String,
    /// Memory of floor and gateway before any load.
    pub(crate) at_rest_mb: [f64; 2],
    /// Memory of floor and gateway after all of it.
    pub(crate) loaded_mb: [f64; 2],
    pub(crate) rows: Vec<Row>,
    /// The operations where the database decides, if they were measured.
    pub(crate) native: Vec<Row>,
    /// Signing in, where it was measured.
    pub(crate) people: Option<PeopleReport>,
    /// Starts, where they were measured.
    pub(crate) starts: Option<StartReport>,
    /// The console's pages, where they were measured.
    pub(crate) console: Option<ConsoleReport>,
}

impl Report {
    pub(crate) fn new(arguments: &Arguments, postgres: String) -> Self {
        Self {
            machine: machine(),
            postgres,
            command: arguments.command.clone(),
            at_rest_mb: [0.0; 2],
            loaded_mb: [0.0; 2],
            rows: Vec::new(),
            native: Vec::new(),
            people: None,
            starts: None,
            console: None,
        }
    }

    /// Puts the report above the earlier ones.
    pub(crate) fn record(&self) -> Result<()> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let (before, after) = text
            .split_once(MARKER)
            .context("docs/benchmarks.md: no marker")?;
        fs::write(
            &path,
            format!("{before}{MARKER}\n\n{self}\n{}", after.trim_start()),
        )?;
        println!("written to docs/benchmarks.md");
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let today = output("date", &["+%Y-%m-%d"]);
        let commit = output("git", &["rev-parse", "--short", "HEAD"]);
        writeln!(f, "## {today}, commit {commit}\n")?;
        writeln!(
            f,
            "`{}` on {}, PostgreSQL {}.\n",
            self.command, self.machine, self.postgres
        )?;
        if !self.rows.is_empty() {
            self.operations(f)?;
        }
        if !self.native.is_empty() {
            writeln!(f, "### Where the database decides\n")?;
            table(f, "floor with roles", &self.native)?;
            writeln!(f)?;
        }
        if let Some(people) = &self.people {
            writeln!(f, "{people}")?;
        }
        if let Some(starts) = &self.starts {
            write!(f, "{starts}")?;
        }
        self.console.as_ref().map_or(Ok(()), |it| write!(f, "{it}"))
    }
}

impl Report {
    fn operations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(f, "floor", &self.rows)?;
        let ([floor_rest, rest], [floor_loaded, loaded]) = (self.at_rest_mb, self.loaded_mb);
        writeln!(
            f,
            "\nMemory at rest and after the load: floor {floor_rest:.0} and {floor_loaded:.0} MB, \
             Postern {rest:.0} and {loaded:.0} MB.\n"
        )
    }
}

fn table(f: &mut fmt::Formatter<'_>, floor: &str, rows: &[Row]) -> fmt::Result {
    writeln!(
        f,
        "| {CONNECTIONS} connections | {floor} req/s | p50 / p99 ms | CPU s per 1000: server + \
         Postgres | Postern req/s | p50 / p99 ms | CPU s per 1000: server + Postgres | ratio |"
    )?;
    writeln!(f, "|---|---|---|---|---|---|---|---|")?;
    for row in rows {
        writeln!(f, "{row}")?;
    }
    Ok(())
}

fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text
            .lines()
            .find(|it| it.starts_with(name))?
            .split_once(':')?
            .1;
        Some(line.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".into());
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|it| it.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1024 / 1024);
    format!("{cores} cores of {model}, {memory} GB")
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "unknown".into(),
        |it| String::from_utf8_lossy(&it.stdout).trim().to_owned(),
    )
}
