//! `cargo xtask attack`: schemathesis and sqlmap against a throw-away project.
//!
//! The tools are programs of others and come by pip into an environment of their own; the driver
//! beside them is `crates/xtask/attack`, in their language. Nothing but loopback is attacked.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::test::example::{Copy, DevServer};
use crate::test::python::Python;
use crate::test::run::run_to_end;
use crate::test::tools;
use crate::workspace;

/// The driver and what it needs.
const DRIVER: &str = "crates/xtask/attack";
const REQUIREMENTS: &str = "crates/xtask/attack/requirements.txt";
/// The project that is served to the tools.
const EXAMPLE: &str = "examples/team-tasks";
/// Where the results are kept.
const RESULTS: &str = "docs/security/attack-tools.md";

/// Attacks; `--record` writes the table into its document, everything else is the driver's.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Err(why) = tools::install_python() {
        bail!("cannot attack here: {why}");
    }
    tools::install_postgres()?;
    let python = Python::new("attack-python", REQUIREMENTS)?;
    if !python.is_fresh() {
        println!("installing schemathesis and sqlmap");
        python.make()?;
    }
    let gateway = gateway()?;
    let copy = Copy::of(&workspace::root().join(EXAMPLE))?;
    prepare(&copy)?;
    let mut server = DevServer::start(&copy.path, &gateway)?;
    server.wait_until_ready()?;

    let mut driver = Command::new(python.program("python"));
    driver
        .arg(workspace::root().join(DRIVER).join("main.py"))
        .args(["--api", &format!("http://127.0.0.1:{}", server.port)])
        .arg("--gateway")
        .arg(&gateway)
        .arg("--folder")
        .arg(&copy.path)
        .arg("--work")
        .arg(workspace::target_folder()?.join("attack"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    for argument in arguments {
        driver.arg(argument);
        if argument == "--record" {
            driver.arg(workspace::root().join(RESULTS));
        }
    }
    run_to_end(&mut driver).context("the attack found something, see above")
}

/// What the tree is now, never an older release: with every check that a developer's build has.
fn gateway() -> Result<PathBuf> {
    run_to_end(workspace::cargo().args(["build", "--package", "postern-cli"]))?;
    Ok(workspace::target_folder()?.join("debug/postern"))
}

/// Opens what would end the attack early, and adds what the example does not have.
fn prepare(copy: &Copy) -> Result<()> {
    let settings = copy.path.join("postern.toml");
    let text = fs::read_to_string(&settings)?;
    fs::write(settings, format!("{text}\n[rates]\nenabled = false\n"))?;
    let queries = copy.path.join("queries");
    fs::create_dir_all(&queries)?;
    let query = workspace::root().join(DRIVER).join("titles.sql");
    fs::copy(query, queries.join("titles.sql"))?;
    Ok(())
}
