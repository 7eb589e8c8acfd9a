//! What the tests need besides Rust: a Postgres server and Node, installed when they are missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Result, bail};

use super::run::run_to_end;

/// The oldest Node whose built-in test runner the suites use.
const NODE_MAJOR_MIN: u32 = 20;

/// Folders that hold `<version>/bin/postgres` on the usual platforms.
const POSTGRES_PARENTS: [&str; 5] = [
    "/usr/lib/postgresql",
    "/usr/local/lib/postgresql",
    "/Library/PostgreSQL",
    "/opt/homebrew/opt",
    "/usr/local/opt",
];

/// Makes sure that Postgres's server programs are installed.
pub(crate) fn install_postgres() -> Result<()> {
    if let Some(folder) = find_postgres() {
        println!("found {}", folder.display());
        return Ok(());
    }
    if let Err(why) = apt_install(&["postgresql"]) {
        bail!(
            "no Postgres server programs found, and {why}; install PostgreSQL 15 or newer \
             (`apt-get install postgresql`, `brew install postgresql@17`) and run this again"
        );
    }
    match find_postgres() {
        Some(folder) => println!("installed {}", folder.display()),
        None => bail!("`apt-get install postgresql` brought no server programs"),
    }
    Ok(())
}

/// Makes sure that PostGIS is installed beside Postgres, where Postgres comes from Debian's
/// packages; the error says why it is not.
pub(super) fn install_postgis() -> Result<(), String> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let newest = versions
        .filter_map(|it| it.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .max()
        .ok_or("this Postgres is none of Debian's packages")?;
    let library = format!("/usr/lib/postgresql/{newest}/lib/postgis-3.so");
    if Path::new(&library).is_file() {
        return Ok(());
    }
    apt_install(&[&format!("postgresql-{newest}-postgis-3")])
}

/// Makes sure that Node and npm are installed; the error says why they are not.
pub(super) fn install_node() -> Result<(), String> {
    if node_major() < Some(NODE_MAJOR_MIN) || !starts("npm") {
        apt_install(&["nodejs", "npm"])
            .map_err(|why| format!("Node {NODE_MAJOR_MIN} or newer is missing, and {why}"))?;
    }
    match node_major() {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        Some(major) => Err(format!(
            "Node {major} is installed, {NODE_MAJOR_MIN} is needed"
        )),
        None => Err("Node could not be installed".into()),
    }
}

/// Makes sure that Python can make virtual environments; the error says why it cannot.
pub(crate) fn install_python() -> Result<(), String> {
    // Debian keeps `ensurepip` in a package of its own; without it no environment gets a pip.
    let has_venv = || {
        let mut python = Command::new("python3");
        python.args(["-c", "import venv, ensurepip"]);
        succeeds(&mut python)
    };
    if !has_venv() {
        apt_install(&["python3", "python3-venv"])?;
    }
    match has_venv() {
        true => Ok(()),
        false => Err("Python 3 with venv could not be installed".into()),
    }
}

/// Makes sure that Chromium is installed; the error says why it is not.
pub(super) fn install_chromium() -> Result<(), String> {
    if starts("chromium") || starts("google-chrome") {
        return Ok(());
    }
    apt_install(&["chromium"])
}

fn find_postgres() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .map(|it| std::env::split_paths(&it).collect::<Vec<_>>())
        .unwrap_or_default();
    let installed = POSTGRES_PARENTS
        .iter()
        .filter_map(|it| fs::read_dir(it).ok())
        .flatten()
        .filter_map(|it| Some(it.ok()?.path().join("bin")));
    on_path
        .into_iter()
        .chain(installed)
        .find(|it| is_server_folder(it))
}

/// `initdb` stands beside `postgres` in an installation; a lone link on the PATH does not count.
fn is_server_folder(folder: &Path) -> bool {
    folder.join("postgres").is_file() && folder.join("initdb").is_file()
}

fn node_major() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Whether a program is there.
pub(crate) fn starts(program: &str) -> bool {
    quietly(Command::new(program).arg("--version")).is_ok()
}

fn succeeds(command: &mut Command) -> bool {
    quietly(command).is_ok_and(|it| it.success())
}

fn quietly(command: &mut Command) -> std::io::Result<ExitStatus> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status()
}

/// Installs Debian packages with progress shown; the error says why that is not possible.
pub(crate) fn apt_install(packages: &[&str]) -> Result<(), String> {
    if !starts("apt-get") {
        return Err("there is no apt-get here".into());
    }
    if !is_root() {
        return Err("apt-get needs root".into());
    }
    println!("installing {}", packages.join(", "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null());
        run_to_end(&mut command).map_err(|error| error.to_string())
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}
