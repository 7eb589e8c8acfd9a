//! One more migration: numbered, applied, and then put into the folder.
//!
//! It lies beside the others under a hidden name until the database has taken it, and gets its
//! place by one renaming: whoever watches the folder sees it whole and applied, or not at all.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use postern_db::Admin;
use postern_db::migrate::{self, MigrationFile};
use tokio::sync::Mutex;

use super::{MigrationError, Migrations, read};

/// One at a time: two would take the same number.
static ADDING: Mutex<()> = Mutex::const_new(());

impl Migrations {
    /// Applies a new migration and adds it to the folder; returns its name. `slug` stands behind
    /// its number.
    ///
    /// # Errors
    /// Returns why it was not applied; the folder is then as it was.
    pub(crate) async fn add(&self, slug: &str, sql: &str) -> Result<String, MigrationError> {
        let _one_at_a_time = ADDING.lock().await;
        let mut files = read(&self.dir)?;
        let name = format!("{}_{slug}.sql", number_after(&files)?);
        let hidden = self.write(&format!(".{name}.unfinished"), sql)?;
        files.push(MigrationFile {
            name: name.clone(),
            sql: sql.to_owned(),
        });
        if let Err(error) = self.apply_all(&files).await {
            // What cannot be removed is hidden, and nothing applies it.
            fs::remove_file(hidden).ok();
            return Err(error);
        }
        let path = self.dir.join(&name);
        fs::rename(hidden, &path).map_err(|source| MigrationError::Write { path, source })?;
        Ok(name)
    }

    /// Writes a migration under a name that nothing applies; returns the name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) async fn keep(&self, slug: &str, sql: &str) -> Result<String, MigrationError> {
        let _one_at_a_time = ADDING.lock().await;
        let number = number_after(&read(&self.dir)?)?;
        let name = format!("{number}_{slug}.sql.draft");
        let hidden = self.write(&format!(".{name}.unfinished"), sql)?;
        let path = self.dir.join(&name);
        fs::rename(hidden, &path).map_err(|source| MigrationError::Write { path, source })?;
        Ok(name)
    }

    async fn apply_all(&self, files: &[MigrationFile]) -> Result<(), MigrationError> {
        let mut admin = Admin::connect(&self.owner_url).await?;
        migrate::apply(&mut admin, files).await?;
        Ok(())
    }

    fn write(&self, name: &str, sql: &str) -> Result<PathBuf, MigrationError> {
        let path = self.dir.join(name);
        let written = || {
            fs::create_dir_all(&self.dir)?;
            let mut file = fs::File::create(&path)?;
            file.write_all(sql.as_bytes())?;
            file.sync_all()
        };
        match written() {
            Ok(()) => Ok(path),
            Err(source) => Err(MigrationError::Write { path, source }),
        }
    }
}

/// The number of the next migration: as many digits as the last one has.
fn number_after(files: &[MigrationFile]) -> Result<String, MigrationError> {
    const USUAL_DIGITS: usize = 4;
    let Some(last) = files.iter().map(|it| it.name.as_str()).max() else {
        return Ok(format!("{:0USUAL_DIGITS$}", 1));
    };
    let end = last.find(|it: char| !it.is_ascii_digit());
    let digits = &last[..end.unwrap_or(last.len())];
    let next = digits.parse::<u64>().ok().and_then(|it| it.checked_add(1));
    let next = next.map(|it| format!("{it:0width$}", width = digits.len()));
    let follows = |it: &String| it.len() == digits.len() && it.as_str() > digits;
    next.filter(follows)
        .ok_or_else(|| MigrationError::NoNumber {
            last: last.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(names: &[&str]) -> Option<String> {
        let file = |name: &&str| MigrationFile {
            name: (*name).to_owned(),
            sql: String::new(),
        };
        number_after(&names.iter().map(file).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn numbers_go_on_with_as_many_digits() {
        assert_eq!(after(&[]).as_deref(), Some("0001"));
        assert_eq!(
            after(&["0002_b.sql", "0001_a.sql"]).as_deref(),
            Some("0003")
        );
        assert_eq!(after(&["09_a.sql"]).as_deref(), Some("10"));
        assert_eq!(
            after(&["20261103120000_tasks.sql"]).as_deref(),
            Some("20261103120001")
        );
    }

    #[test]
    fn a_number_that_would_sort_before_is_none() {
        assert_eq!(after(&["9_a.sql"]), None);
        assert_eq!(after(&["init.sql"]), None);
        assert_eq!(after(&["99999999999999999999999_a.sql"]), None);
    }
}
