//! The project's chores: `cargo xtask test`, `tidy`, `console`, `differential`, `bench`, `fuzz` and
//! `attack`.
//!
//! The front door for developers and for continuous integration. It is compiled first on a fresh
//! machine, so it stays tiny: whatever needs a database driver or an HTTP client lives in
//! `testkit` or `bench`, and is started from here as a program.

#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

mod attack;
mod bench;
mod console;
mod differential;
mod fuzz;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test [--only rust|sdk|tidy]   everything that must hold before a change lands
  tidy                          floors, file lengths, line lengths, banned words
  attack [--record] [--seconds N] [--only schemathesis|sqlmap]
                                other people's tools against a throw-away project
  fuzz [--seconds N] [--keep] [TARGET …]
                                random inputs to url, policy, lowering, printer
  differential [--cases N] [--seed S] [--workers N] [--mutants]
                                the rewriter against native row-level security
  console [--check|--shots]     builds console/dist, proves that it is fresh, or takes pictures
  bench [--quick] [--seconds N] requests per second beside the hand-written floor
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("", [].as_slice()),
    };
    let outcome = match command {
        "test" => test::run(rest),
        "tidy" => tidy::run(),
        "attack" => attack::run(rest),
        "differential" => differential::run(rest),
        "console" => console::run(rest),
        "bench" => bench::run(rest),
        "fuzz" => fuzz::run(rest),
        _ => {
            print!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
