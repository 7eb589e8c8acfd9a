//! A Python environment with the mail server's packages, in the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The Python of an environment that has the packages; installs them when they are missing.
pub(super) fn python() -> Result<PathBuf> {
    let home = target_folder()?.join("test-smtp");
    let mark = home.join("installed.txt");
    let python = home.join("bin/python");
    fs::create_dir_all(&home)?;
    // Test programs run at the same time; one installs, the others wait.
    let lock = File::create(home.with_extension("lock"))?;
    lock.lock()?;
    if fs::read_to_string(&mark).is_ok_and(|it| it == REQUIREMENTS) {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home))?;
    let requirements = home.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(&requirements))?;
    fs::write(&mark, REQUIREMENTS)?;
    Ok(python)
}

/// The folder that cargo builds into: test programs stand in `<target>/debug/deps`.
fn target_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.ancestors().nth(3).map(Path::to_path_buf);
    folder.context("a test program stands in the target folder")
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("`{program}` cannot be started"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let last = said.trim().lines().last().unwrap_or_default();
    bail!("`{program}` failed: {last}")
}
