//! The prepared statements of one connection, by text, bounded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use postern_base::limits::STATEMENTS_PER_CONNECTION_MAX;
use tokio_postgres::{Client, Statement};

/// A cache that forgets what was used longest ago. Dropping a statement closes it on the server.
#[derive(Default)]
pub(crate) struct Statements(Mutex<Cache>);

#[derive(Default)]
struct Cache {
    by_text: HashMap<String, (Statement, u64)>,
    clock: u64,
}

impl Statements {
    /// The statement for this text, prepared now when it is new.
    ///
    /// Two requests that miss at once both prepare; the second one's statement stays.
    pub(crate) async fn get(
        &self,
        client: &Client,
        sql: &str,
    ) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.find(sql) {
            return Ok(statement);
        }
        let statement = client.prepare(sql).await?;
        self.keep(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Finds a statement by its key.
    pub(crate) fn find(&self, key: &str) -> Option<Statement> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.clock += 1;
        let now = cache.clock;
        let (statement, used) = cache.by_text.get_mut(key)?;
        *used = now;
        Some(statement.clone())
    }

    /// Keeps a statement, in place of the one used longest ago when there are too many.
    pub(crate) fn keep(&self, key: String, statement: Statement) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.clock += 1;
        let now = cache.clock;
        if cache.by_text.len() >= STATEMENTS_PER_CONNECTION_MAX {
            let oldest = cache.by_text.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                cache.by_text.remove(&oldest);
            }
        }
        cache.by_text.insert(key, (statement, now));
    }

    /// Forgets a statement whose plan no longer holds.
    pub(crate) fn forget(&self, key: &str) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.by_text.remove(key);
    }
}
