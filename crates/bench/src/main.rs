//! Measures the gateway beside the *floor*: a handler that sends the same SQL by hand.
//!
//! `postern-bench run` seeds a database, starts both servers as processes of their own, loads them
//! in turn and writes the figures down. `postern-bench floor` is the second server. Generator,
//! servers and Postgres share the machine, so ratios and processor time say more than rates.

#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

mod arguments;
mod connection;
mod console;
mod floor;
mod load;
mod native;
mod operation;
mod people;
mod process;
mod report;
mod run;
mod seed;
mod servers;
mod start;
mod tokens;

use anyhow::{Result, bail};

use arguments::Arguments;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((command, [])) if command == "floor" => floor::serve(),
        Some((command, rest)) if command == "run" => run::run(&Arguments::parse(rest)?),
        _ => bail!(
            "usage: postern-bench run [--quick] [--seconds N] [--rounds N] [--only PART] | floor"
        ),
    }
}
