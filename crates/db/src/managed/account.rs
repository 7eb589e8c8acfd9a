//! The account that the server runs as: our own, or an unprivileged one when we are root.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;

/// Accounts to run the server as when we are root, the first that exists.
const ACCOUNTS: &[&str] = &["postgres", "nobody"];

/// Who runs `initdb` and `postgres`.
#[derive(Debug)]
pub(super) enum Account {
    /// Ourselves.
    Own,
    /// Another account, because we are root.
    Other {
        name: String,
        uid: u32,
        gid: u32,
        launcher: Launcher,
    },
}

/// The command that drops root's rights.
#[derive(Clone, Copy, Debug)]
pub(super) enum Launcher {
    Setpriv,
    Runuser,
    Su,
}

impl Account {
    /// Decides who runs the server.
    pub(super) fn choose() -> Result<Self, Error> {
        if !is_root() {
            return Ok(Self::Own);
        }
        let (name, uid, gid) = ACCOUNTS
            .iter()
            .find_map(|name| Some((*name, id(&["-u", name])?, id(&["-g", name])?)))
            .ok_or_else(|| Error::NoAccount {
                reason: format!("none of the accounts {} exists", ACCOUNTS.join(", ")),
            })?;
        [Launcher::Setpriv, Launcher::Runuser, Launcher::Su]
            .into_iter()
            .map(|launcher| Self::Other {
                name: name.to_owned(),
                uid,
                gid,
                launcher,
            })
            .find(Self::works)
            .ok_or_else(|| Error::NoAccount {
                reason: format!("no command could switch to `{name}`"),
            })
    }

    /// The account's name when it is not our own.
    pub(super) fn other_name(&self) -> Option<&str> {
        match self {
            Self::Own => None,
            Self::Other { name, .. } => Some(name),
        }
    }

    /// A command that runs `program` as this account, from a folder that everybody can enter.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = self.bare_command(program.as_os_str());
        command.current_dir("/");
        command
    }

    /// Gives a file or folder to the account.
    pub(super) fn own(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid, .. } => std::os::unix::fs::chown(path, Some(*uid), Some(*gid))
                .map_err(Error::file("give away", path)),
        }
    }

    /// Whether the account can enter and write to a folder.
    pub(super) fn can_use(&self, dir: &Path) -> bool {
        self.command(Path::new("sh"))
            .args(["-c", r#"cd "$1" && test -w ."#, "sh"])
            .arg(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn works(&self) -> bool {
        self.command(Path::new("true"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn bare_command(&self, program: &OsStr) -> Command {
        let Self::Other {
            name,
            uid,
            gid,
            launcher,
        } = self
        else {
            return Command::new(program);
        };
        let mut command;
        match launcher {
            Launcher::Setpriv => {
                command = Command::new("setpriv");
                command.arg(format!("--reuid={uid}"));
                command.arg(format!("--regid={gid}"));
                command.args(["--clear-groups", "--"]);
            }
            Launcher::Runuser => {
                command = Command::new("runuser");
                command.args(["-u", name, "--"]);
            }
            Launcher::Su => {
                command = Command::new("su");
                command.args(["-s", "/bin/sh", "-c", r#"exec "$@""#, "--", name, "sh"]);
            }
        }
        command.arg(program);
        command
    }
}

/// Whether we may do everything here.
pub(super) fn is_root() -> bool {
    id(&["-u"]) == Some(0)
}

/// Asks `id` for a number; the standard library cannot say who we are.
fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().parse().ok().filter(|_| output.status.success())
}
