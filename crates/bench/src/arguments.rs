//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::operation::Operation;

/// The settings of a run.
pub(crate) struct Arguments {
    /// How long each cell is measured.
    pub(crate) cell: Duration,
    /// How often the two servers take turns.
    pub(crate) rounds: usize,
    /// Which operations of the data API are measured.
    pub(crate) operations: Vec<Operation>,
    /// Whether the operations are measured where the database decides.
    pub(crate) native: bool,
    /// Whether signing in is measured.
    pub(crate) people: bool,
    /// Whether starts are measured.
    pub(crate) starts: bool,
    /// Whether the console's pages are measured.
    pub(crate) console: bool,
    /// How often a known and an unknown account are asked for at each endpoint.
    pub(crate) samples: usize,
    /// What was named by `--only`, for the record.
    only: Option<String>,
    /// The gateway's program.
    pub(crate) gateway: PathBuf,
    /// Whether the figures go into docs/benchmarks.md.
    pub(crate) record: bool,
    /// The command as it was given, for the record.
    pub(crate) command: String,
}

impl Arguments {
    /// Reads `--quick`, `--seconds N`, `--rounds N`,
    /// `--only OPERATION|native|auth|start|console` and `--gateway PATH`.
    pub(crate) fn parse(words: &[String]) -> Result<Self> {
        let mut arguments = Self {
            cell: Duration::from_secs(10),
            rounds: 2,
            operations: Operation::ALL.to_vec(),
            native: true,
            people: true,
            starts: true,
            console: true,
            samples: 400,
            only: None,
            gateway: PathBuf::from("target/release/postern"),
            record: true,
            command: String::from("cargo xtask bench"),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .with_context(|| format!("`{word}` needs a value"))
            };
            match word.as_str() {
                "--quick" => {
                    arguments.cell = Duration::from_secs(3);
                    arguments.samples = 100;
                    arguments.record = false;
                }
                "--seconds" => arguments.cell = Duration::from_secs(value()?.parse()?),
                "--rounds" => arguments.rounds = value()?.parse()?,
                "--only" => arguments.keep_only(value()?)?,
                "--gateway" => arguments.gateway = value()?.into(),
                other => bail!("unknown argument `{other}`"),
            }
        }
        arguments.command = arguments.shown();
        Ok(arguments)
    }

    fn keep_only(&mut self, part: &str) -> Result<()> {
        self.people = part == "auth";
        self.starts = part == "start";
        self.native = part == "native";
        self.console = part == "console";
        let is_part = self.people || self.starts || self.native || self.console;
        self.operations = match is_part {
            true => Vec::new(),
            false => vec![Operation::parse(part)?],
        };
        self.only = Some(part.to_owned());
        Ok(())
    }

    fn shown(&self) -> String {
        let only = self.only.as_ref();
        let only = only.map_or_else(String::new, |it| format!(" --only {it}"));
        let secs = self.cell.as_secs();
        format!(
            "cargo xtask bench --seconds {secs} --rounds {}{only}",
            self.rounds
        )
    }
}
