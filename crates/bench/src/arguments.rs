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
    /// Which operations are measured.
    pub(crate) operations: Vec<Operation>,
    /// The gateway's program.
    pub(crate) gateway: PathBuf,
    /// Whether the figures go into docs/benchmarks.md.
    pub(crate) record: bool,
    /// The command as it was given, for the record.
    pub(crate) command: String,
}

impl Arguments {
    /// Reads `--quick`, `--seconds N`, `--rounds N`, `--only OPERATION`, `--gateway PATH`.
    pub(crate) fn parse(words: &[String]) -> Result<Self> {
        let mut arguments = Self {
            cell: Duration::from_secs(10),
            rounds: 2,
            operations: Operation::ALL.to_vec(),
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
                    arguments.record = false;
                }
                "--seconds" => arguments.cell = Duration::from_secs(value()?.parse()?),
                "--rounds" => arguments.rounds = value()?.parse()?,
                "--only" => arguments.operations = vec![Operation::parse(value()?)?],
                "--gateway" => arguments.gateway = value()?.into(),
                other => bail!("unknown argument `{other}`"),
            }
        }
        arguments.command = arguments.shown();
        Ok(arguments)
    }

    fn shown(&self) -> String {
        format!(
            "cargo xtask bench --seconds {} --rounds {}",
            self.cell.as_secs(),
            self.rounds
        )
    }
}
