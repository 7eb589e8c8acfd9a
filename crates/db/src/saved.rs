//! Whether Postgres resolves a saved query as we do: a temporary view, made, looked at, rolled
//! back. Its dependencies are the tables, columns and functions that the names really mean.

use postern_query::SavedProbe;

use crate::error::Audience;
use crate::internal::Internal;
use crate::{Db, Error, error};

/// Something that a saved query depends on, built-in things apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The system catalogue that it stands in, such as `pg_class` or `pg_proc`.
    pub class: String,
    /// Its number there.
    pub oid: u32,
    /// The column's number, 0 for the whole.
    pub column: i32,
}

impl Db {
    /// What a saved query depends on, as Postgres has it.
    ///
    /// # Errors
    /// Postgres's refusal of the query, unscrubbed: the audience is its author.
    pub async fn dependencies(&self, probe: &SavedProbe) -> Result<Vec<Dependency>, Error> {
        let lease = self.sessions().acquire().await?;
        let client = &lease.client;
        client
            .batch_execute("begin")
            .await
            .map_err(error::internal)?;
        let make = format!("create temporary view \"postern_saved\" as {}", probe.sql());
        let made = client.batch_execute(&make).await;
        let rows = match &made {
            Ok(()) => Some(client.query(Internal::SavedDependencies.sql(), &[]).await),
            Err(_) => None,
        };
        client
            .batch_execute("rollback")
            .await
            .map_err(error::internal)?;
        lease.give_back();
        let author = Audience {
            service: true,
            anonymous: false,
            params: &[],
        };
        made.map_err(|refusal| error::request(refusal, author))?;
        let rows = rows.expect("INVARIANT: it was asked, for the view was made");
        let rows = rows.map_err(error::internal)?;
        Ok(rows
            .iter()
            .map(|row| Dependency {
                class: row.get(0),
                oid: row.get(1),
                column: row.get(2),
            })
            .collect())
    }
}
