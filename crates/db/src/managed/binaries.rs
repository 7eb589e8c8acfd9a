//! Where the server's binaries are, and which version they have.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// Folders of the platforms that hold one folder per major version.
const VERSIONED: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", "bin"),
    ("/Library/PostgreSQL", "bin"),
    ("/opt/postgresql", "bin"),
];
/// Folders whose entries `postgresql@NN` (and `postgresql`) are Homebrew's.
const HOMEBREW: &[&str] = &["/opt/homebrew/opt", "/usr/local/opt"];
/// Folders that hold one version, its number in their name or nowhere.
const PLAIN: &[&str] = &[
    "/Applications/Postgres.app/Contents/Versions/latest/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/bin",
    "/usr/bin",
];
/// Folders with the version in the middle of the name, as on Fedora.
const PGDG: &str = "/usr";

/// A folder with `postgres` and `initdb` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the binaries: those configured, else those of the data's version, else the first.
    pub(super) fn find(configured: Option<&Path>, data_major: Option<u32>) -> Result<Self, Error> {
        let candidates = match configured {
            Some(dir) => vec![dir.to_owned()],
            None => candidates(),
        };
        let found: Vec<Self> = candidates.iter().filter_map(|dir| Self::at(dir)).collect();
        let wanted = found.iter().find(|it| Some(it.major) == data_major);
        wanted
            .or(found.first())
            .cloned()
            .ok_or_else(|| Error::NoBinaries {
                looked: looked(configured),
            })
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The major version, such as 15.
    pub(super) fn major(&self) -> u32 {
        self.major
    }

    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn at(dir: &Path) -> Option<Self> {
        // A link in PATH leads to the folder that holds the other programs too.
        let postgres = dir.join("postgres").canonicalize().ok()?;
        let dir = postgres.parent()?.to_owned();
        dir.join("initdb").exists().then_some(())?;
        let output = Command::new(&postgres).arg("--version").output().ok()?;
        let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { dir, major })
    }
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian …)`.
fn major_of(version: &str) -> Option<u32> {
    let number = version
        .split(' ')
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn candidates() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    for (root, inner) in VERSIONED {
        dirs.extend(newest_first(root, |name| name.parse().ok(), inner));
    }
    for root in HOMEBREW {
        let version = |name: &str| match name.strip_prefix("postgresql")? {
            "" => Some(0),
            rest => rest.strip_prefix('@')?.parse().ok(),
        };
        dirs.extend(newest_first(root, version, "bin"));
    }
    dirs.extend(newest_first(
        PGDG,
        |name| name.strip_prefix("pgsql-")?.parse().ok(),
        "bin",
    ));
    dirs.extend(PLAIN.iter().map(PathBuf::from));
    dirs
}

/// The folders under `root` that have a version in their name, the newest first.
fn newest_first(root: &str, version: impl Fn(&str) -> Option<u32>, inner: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = version(entry.file_name().to_str()?)?;
            Some((version, entry.path().join(inner)))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

fn looked(configured: Option<&Path>) -> String {
    match configured {
        Some(dir) => format!("`{}`, as configured", dir.display()),
        None => "PATH, /usr/lib/postgresql, Homebrew's and EDB's folders".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn reads_the_major_version_of_every_packager() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major_of("something else"), None);
    }
}
