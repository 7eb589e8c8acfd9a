//! Changes of the schema for the console: migrations of the project that `postern dev` serves.

use futures_util::future::LocalBoxFuture;
use postern_console::{BuildError, Builder, Draft};
use postern_db::migrate;

use super::Stage;
use crate::migrations::{MigrationError, Migrations};
use crate::reload::Notice;

impl Builder for Stage {
    fn writes_migrations(&self) -> bool {
        self.migrations.is_some()
    }

    fn migrate(&self, draft: Draft) -> LocalBoxFuture<'_, Result<String, BuildError>> {
        Box::pin(async move {
            let added = self.folder()?.add(&draft.slug, &draft.sql).await;
            let name = added.map_err(|error| told(&error, &draft))?;
            self.reporter.tell(&Notice::Migrated(name.clone()));
            Ok(name)
        })
    }

    fn keep(&self, draft: Draft) -> LocalBoxFuture<'_, Result<String, BuildError>> {
        Box::pin(async move {
            let kept = self.folder()?.keep(&draft.slug, &draft.sql).await;
            kept.map_err(|error| told(&error, &draft))
        })
    }
}

impl Stage {
    fn folder(&self) -> Result<&Migrations, BuildError> {
        self.migrations.as_ref().ok_or(BuildError::NoFolder)
    }
}

fn told(error: &MigrationError, draft: &Draft) -> BuildError {
    match error {
        MigrationError::Migrate(error) => match &**error {
            // The number before the slug is known to nobody yet who reads this.
            migrate::Error::Sql(refusal)
                if refusal.name.ends_with(&format!("_{}.sql", draft.slug)) =>
            {
                BuildError::Refused {
                    line: refusal.line,
                    message: format!(
                        "{} (SQLSTATE {}){}",
                        refusal.message, refusal.sqlstate, refusal.more
                    ),
                }
            }
            migrate::Error::Database(_) => BuildError::Failed(error.to_string()),
            _ => BuildError::Blocked(error.to_string()),
        },
        MigrationError::NoNumber { .. } => BuildError::Blocked(error.to_string()),
        MigrationError::Read { .. }
        | MigrationError::Write { .. }
        | MigrationError::Database(_) => BuildError::Failed(error.to_string()),
    }
}
