//! `cargo xtask bench`: builds the gateway and the load generator for release and starts the run.
//!
//! The work is done by the `postern-bench` program, which may be as heavy as it likes.

use anyhow::{Result, bail};

use crate::workspace;

/// Builds, then passes `arguments` on to the bench program.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let build = [
        "build",
        "--release",
        "--package",
        "postern-cli",
        "--package",
        "postern-bench",
    ];
    let built = workspace::cargo().args(build).status()?;
    if !built.success() {
        bail!("the release build failed");
    }
    let release = workspace::target_folder()?.join("release");
    let measured = std::process::Command::new(release.join("postern-bench"))
        .current_dir(workspace::root())
        .arg("run")
        .arg("--gateway")
        .arg(release.join("postern"))
        .args(arguments)
        .status()?;
    if !measured.success() {
        bail!("the run failed");
    }
    Ok(())
}
