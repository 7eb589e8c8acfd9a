//! The data folder: where it lies, how it is made, and whether the server's version fits it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::account::Account;
use super::binaries::Binaries;
use super::state::{self, State};
use super::{Durability, Error, Notice, OWNER_ROLE};

/// The data folder's name under the state folder.
pub(super) const NAME: &str = "pgdata";
/// Where data goes that cannot lie in the project, because the server's account cannot go there.
const SYSTEM_DIR: &str = "/var/lib/postern";

/// Finds the data folder of the last time, or a place for a new one.
pub(super) fn locate(
    dir: &Path,
    state: &mut State,
    account: &Account,
    notify: &mut (impl FnMut(Notice) + Send),
) -> Result<PathBuf, Error> {
    let dir = dir.canonicalize().map_err(Error::file("find", dir))?;
    if let Some(known) = state.data_dir.clone().filter(|known| known.exists()) {
        return Ok(known);
    }
    let chosen = places(&dir)
        .into_iter()
        .find(|place| is_reachable(place, account))
        .ok_or_else(|| Error::NoAccount {
            reason: format!("no folder for data was within reach, not even {SYSTEM_DIR}"),
        })?;
    let data_dir = chosen.join(NAME);
    if chosen != dir {
        notify(Notice::DataElsewhere(data_dir.clone()));
    }
    state.data_dir = Some(data_dir.clone());
    // Written at once: a folder elsewhere must be found again, with the passwords it was made with.
    state.save(&dir)?;
    Ok(data_dir)
}

/// The major version that made the data; none when there is no data yet.
pub(super) fn major(data_dir: &Path) -> Result<Option<u32>, Error> {
    let path = data_dir.join("PG_VERSION");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", &path)(error)),
    }
}

/// Runs `initdb` when there is no data yet. The work happens beside the final place, so that one
/// that was cut short leaves nothing that looks like data.
pub(super) async fn initialise(
    data_dir: &Path,
    state: &State,
    account: &Account,
    binaries: &Binaries,
    durability: Durability,
    notify: &mut (impl FnMut(Notice) + Send),
) -> Result<(), Error> {
    if major(data_dir)?.is_some() {
        return Ok(());
    }
    notify(Notice::Initialising(data_dir.to_owned()));
    let unfinished = data_dir.with_extension("new");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished).map_err(Error::file("remove", &unfinished))?;
    }
    make_private_dir(&unfinished, account)?;
    let password_file = data_dir.with_extension("password");
    state::write_private(&password_file, &state.owner_password)?;
    account.own(&password_file)?;
    let initdb = Initdb {
        data_dir: &unfinished,
        password_file: &password_file,
        account,
        binaries,
        durability,
    };
    let mut made = initdb.run("C.UTF-8").await;
    if made.is_err() {
        // Not every platform knows that locale; whatever else was wrong fails again.
        made = initdb.run("C").await;
    }
    let _ = std::fs::remove_file(&password_file);
    made?;
    let _ = std::fs::remove_dir(data_dir);
    std::fs::rename(&unfinished, data_dir).map_err(Error::file("name", data_dir))
}

/// Refuses data of another major version.
pub(super) fn check_version(data_dir: &Path, binaries: &Binaries) -> Result<(), Error> {
    match major(data_dir)? {
        Some(data) if data != binaries.major() => Err(Error::OtherVersion {
            data_dir: data_dir.to_owned(),
            bin_dir: binaries.dir().to_owned(),
            data,
            server: binaries.major(),
        }),
        _ => Ok(()),
    }
}

/// One run of `initdb`.
struct Initdb<'a> {
    data_dir: &'a Path,
    password_file: &'a Path,
    account: &'a Account,
    binaries: &'a Binaries,
    durability: Durability,
}

impl Initdb<'_> {
    async fn run(&self, locale: &str) -> Result<(), Error> {
        let program = self.binaries.program("initdb");
        let mut command = self.account.command(&program);
        command.arg("--pgdata").arg(self.data_dir);
        command.arg("--pwfile").arg(self.password_file);
        command.args(["--username", OWNER_ROLE, "--encoding", "UTF8"]);
        command.args(["--auth", "scram-sha-256"]);
        command.arg(format!("--locale={locale}"));
        if self.durability == Durability::Throwaway {
            command.arg("--no-sync");
        }
        let output = tokio::process::Command::from(command)
            .output()
            .await
            .map_err(Error::file("run", &program))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::Program {
            program: "initdb".into(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }
}

/// The project's own folder, then one for the whole system, then one that the next boot may clear.
fn places(dir: &Path) -> Vec<PathBuf> {
    let digest = Sha256::digest(dir.as_os_str().as_encoded_bytes());
    let name: String = digest
        .iter()
        .take(6)
        .map(|it| format!("{it:02x}"))
        .collect();
    vec![
        dir.to_owned(),
        Path::new(SYSTEM_DIR).join(&name),
        std::env::temp_dir().join(format!("postern-{name}")),
    ]
}

fn is_reachable(place: &Path, account: &Account) -> bool {
    let data_dir = place.join(NAME);
    let made =
        std::fs::create_dir_all(place).is_ok() && make_private_dir(&data_dir, account).is_ok();
    let reachable = made && account.can_use(&data_dir);
    if !reachable {
        let _ = std::fs::remove_dir(&data_dir);
    }
    reachable
}

fn make_private_dir(dir: &Path, account: &Account) -> Result<(), Error> {
    std::fs::create_dir_all(dir).map_err(Error::file("create", dir))?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
        .map_err(Error::file("protect", dir))?;
    account.own(dir)
}
