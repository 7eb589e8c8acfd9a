//! A project's migrations and seed: ordered, checksummed, one transaction each.
//!
//! What has been applied is remembered in `postern.migrations`. An applied file that was edited
//! or taken away is refused rather than guessed at: the database would no longer be what the
//! files say.

mod error;
mod position;

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;

pub use error::{Error, Refusal};

use crate::admin::Admin;
use crate::internal::Internal;
use crate::{error as db_error, support};

/// A migration or seed as it lies in the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFile {
    /// The file's name, which orders migrations (`20261103120000_tasks.sql`).
    pub name: String,
    /// Its SQL.
    pub sql: String,
}

/// Applies the migrations that were not applied yet and returns their names.
///
/// Our own schema is installed first, so that migrations can use `auth.uid()`.
///
/// # Errors
/// When an applied file was edited or is gone, when a new one sorts before an applied one, or
/// when Postgres refuses a statement; everything before the refused file stays applied.
pub async fn apply(admin: &mut Admin, files: &[MigrationFile]) -> Result<Vec<String>, Error> {
    support::install(admin).await?;
    let mut files: Vec<&MigrationFile> = files.iter().collect();
    files.sort_by(|left, right| left.name.cmp(&right.name));
    let applied = applied(admin, Kind::Migration).await?;
    let pending = pending(&files, &applied)?;
    let mut done = Vec::new();
    for file in pending {
        run(admin, file, Kind::Migration).await?;
        done.push(file.name.clone());
    }
    Ok(done)
}

/// Applies the seed unless one was applied before; says whether it did.
///
/// # Errors
/// When Postgres refuses a statement of it; nothing of it stays then.
pub async fn seed(admin: &mut Admin, file: &MigrationFile) -> Result<bool, Error> {
    support::install(admin).await?;
    if !applied(admin, Kind::Seed).await?.is_empty() {
        return Ok(false);
    }
    run(admin, file, Kind::Seed).await?;
    Ok(true)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Migration,
    Seed,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Migration => "migration",
            Self::Seed => "seed",
        }
    }
}

/// What was applied: names in order, with checksums.
async fn applied(admin: &Admin, kind: Kind) -> Result<Vec<(String, String)>, Error> {
    let rows = admin.query(Internal::AppliedMigrations, &[]).await?;
    Ok(rows
        .iter()
        .filter(|row| row.get::<_, &str>(1) == kind.as_str())
        .map(|row| (row.get(0), row.get(2)))
        .collect())
}

/// The files still to apply, once the applied ones are proven unchanged.
fn pending<'a>(
    files: &[&'a MigrationFile],
    applied: &[(String, String)],
) -> Result<Vec<&'a MigrationFile>, Error> {
    let by_name: HashMap<&str, &MigrationFile> = files
        .iter()
        .map(|file| (file.name.as_str(), *file))
        .collect();
    for (name, checksum) in applied {
        match by_name.get(name.as_str()) {
            None => return Err(Error::Missing { name: name.clone() }),
            Some(file) if checksum_of(&file.sql) != *checksum => {
                return Err(Error::Edited { name: name.clone() });
            }
            Some(_) => {}
        }
    }
    let last = applied.last().map(|(name, _)| name.as_str());
    let mut pending = Vec::new();
    for file in files {
        if applied.iter().any(|(name, _)| *name == file.name) {
            continue;
        }
        if let Some(last) = last.filter(|last| file.name.as_str() < *last) {
            return Err(Error::OutOfOrder {
                name: file.name.clone(),
                last: last.to_owned(),
            });
        }
        pending.push(*file);
    }
    Ok(pending)
}

async fn run(admin: &mut Admin, file: &MigrationFile, kind: Kind) -> Result<(), Error> {
    let transaction = admin.client().transaction().await;
    let transaction = transaction.map_err(db_error::internal)?;
    transaction
        .query_one(Internal::LockSupport.sql(), &[])
        .await
        .map_err(db_error::internal)?;
    if is_done(&transaction, file).await? {
        // Another gateway was faster while we waited for the lock.
        return Ok(());
    }
    let before = transaction_id(&transaction).await?;
    transaction
        .batch_execute(&file.sql)
        .await
        .map_err(|error| position::explain(file, error))?;
    if transaction_id(&transaction).await? != before {
        return Err(Error::EndsTransaction {
            name: file.name.clone(),
        });
    }
    record(&transaction, file, kind).await?;
    transaction
        .commit()
        .await
        .map_err(|error| position::explain(file, error))?;
    // What a file sets for its session must not reach the next file.
    Ok(admin.run_own("reset all").await?)
}

async fn record(
    transaction: &Transaction<'_>,
    file: &MigrationFile,
    kind: Kind,
) -> Result<(), Error> {
    transaction
        .batch_execute("reset session authorization; reset role")
        .await
        .map_err(db_error::internal)?;
    transaction
        .execute(
            Internal::RecordMigration.sql(),
            &[&file.name, &kind.as_str(), &checksum_of(&file.sql)],
        )
        .await
        .map_err(db_error::internal)?;
    Ok(())
}

async fn transaction_id(transaction: &Transaction<'_>) -> Result<String, Error> {
    let row = transaction
        .query_one(Internal::TransactionId.sql(), &[])
        .await
        .map_err(db_error::internal)?;
    Ok(row.get(0))
}

async fn is_done(transaction: &Transaction<'_>, file: &MigrationFile) -> Result<bool, Error> {
    let rows = transaction
        .query(Internal::AppliedMigrations.sql(), &[])
        .await
        .map_err(db_error::internal)?;
    Ok(rows.iter().any(|row| row.get::<_, &str>(0) == file.name))
}

/// Line endings do not count: a checkout on another platform is no edit.
fn checksum_of(sql: &str) -> String {
    crate::hex(&Sha256::digest(sql.replace("\r\n", "\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, sql: &str) -> MigrationFile {
        MigrationFile {
            name: name.into(),
            sql: sql.into(),
        }
    }

    fn done(file: &MigrationFile) -> (String, String) {
        (file.name.clone(), checksum_of(&file.sql))
    }

    #[test]
    fn only_what_is_new_is_pending() {
        let (one, two) = (file("001.sql", "a"), file("002.sql", "b"));

        let pending = pending(&[&one, &two], &[done(&one)]).expect("in order");

        assert_eq!(pending, [&two]);
    }

    #[test]
    fn an_edited_file_is_refused_and_line_endings_are_no_edit() {
        let before = file("001.sql", "a\nb");
        let (edited, moved) = (file("001.sql", "a\nc"), file("001.sql", "a\r\nb"));

        let refused = pending(&[&edited], &[done(&before)]);

        assert!(matches!(refused, Err(Error::Edited { name }) if name == "001.sql"));
        assert!(pending(&[&moved], &[done(&before)]).is_ok());
    }

    #[test]
    fn a_file_that_is_gone_or_comes_too_late_is_refused() {
        let (one, two) = (file("001.sql", "a"), file("002.sql", "b"));

        assert!(matches!(
            pending(&[&two], &[done(&one)]),
            Err(Error::Missing { .. })
        ));
        assert!(matches!(
            pending(&[&one, &two], &[done(&two)]),
            Err(Error::OutOfOrder { .. })
        ));
    }
}
