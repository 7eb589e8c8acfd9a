//! Postgres's programs, installed by the system's package manager where nothing needs to be asked.
//!
//! `postern dev` is to work on a machine that has nothing but Rust. Packages are installed only
//! when no server is found, only by a package manager that the account may use as it is, and each
//! command is shown before it runs.

use std::process::{Command, Stdio};

use super::account::is_root;
use super::binaries::Binaries;
use super::{ClusterConfig, Error, Notice};

/// A command, word by word.
type Step = &'static [&'static str];

/// What a package manager is asked for.
struct Manager {
    program: &'static str,
    needs_root: bool,
    steps: &'static [Step],
}

/// The first that may be used is used.
const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        needs_root: true,
        steps: &[
            &["apt-get", "update"],
            &[
                "apt-get",
                "install",
                "--yes",
                "--no-install-recommends",
                "postgresql",
            ],
        ],
    },
    Manager {
        program: "dnf",
        needs_root: true,
        steps: &[&["dnf", "install", "--assumeyes", "postgresql-server"]],
    },
    Manager {
        program: "brew",
        needs_root: false,
        steps: &[&["brew", "install", "postgresql@17"]],
    },
];

/// Makes sure that there are programs to start a server with, as far as this account can.
///
/// # Errors
/// When there are none and no package manager may be used, or it failed; the message says what to
/// do by hand.
pub async fn provide_programs(
    config: &ClusterConfig,
    mut notify: impl FnMut(Notice) + Send,
) -> Result<(), Error> {
    let missing = match Binaries::find(config.bin_dir.as_deref(), None) {
        Ok(_) => return Ok(()),
        Err(missing) => missing,
    };
    // A folder that the operator named is not ours to fill.
    let manager = config.bin_dir.is_none().then(|| choose(is_root(), exists));
    let Some(manager) = manager.flatten() else {
        return Err(missing);
    };
    for step in manager.steps {
        notify(Notice::Installing(step.join(" ")));
        run(step).await?;
    }
    Binaries::find(None, None).map(|_| ())
}

fn choose(is_root: bool, exists: impl Fn(&str) -> bool) -> Option<&'static Manager> {
    MANAGERS
        .iter()
        .find(|it| it.needs_root == is_root && exists(it.program))
}

fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a command with its progress on standard error, where it does not mix with answers.
async fn run(step: Step) -> Result<(), Error> {
    let mut command = Command::new(step[0]);
    command
        .args(&step[1..])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(std::io::stderr());
    let failed = |output: String| Error::Program {
        program: step.join(" "),
        output,
    };
    let status = tokio::task::spawn_blocking(move || command.status())
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))?;
    match status.success() {
        true => Ok(()),
        false => Err(failed(format!(
            "it ended with {status}; run it by hand, or install PostgreSQL in another way"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn a_package_manager_is_used_only_by_those_who_may() {
        let chosen = |is_root, there: &'static [&'static str]| {
            choose(is_root, |program| there.contains(&program)).map(|it| it.program)
        };
        assert_eq!(chosen(true, &["dnf", "apt-get"]), Some("apt-get"));
        assert_eq!(chosen(true, &["dnf"]), Some("dnf"));
        assert_eq!(chosen(false, &["apt-get", "brew"]), Some("brew"));
        assert_eq!(chosen(false, &["apt-get"]), None);
        assert_eq!(chosen(true, &[]), None);
    }
}
