//! One relation in full, as whoever looks after it wants to see it: indexes, checks, references
//! in both directions, triggers, size. Requests never need this, so the snapshot does not hold it.
//!
//! It is read in one transaction with an empty search path, so that every definition comes out
//! with its names in full.

mod rows;

use postern_base::RelationName;
use tokio_postgres::{Client, Row};

use crate::internal::Internal;
use crate::{Db, Error, error};

/// What hangs on one relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Who owns it.
    pub owner: String,
    /// How many rows the statistics tell of; none before they were ever gathered.
    pub rows: Option<i64>,
    /// Bytes on disk, indexes included.
    pub bytes: i64,
    /// The expressions of generated columns, by column.
    pub computed: Vec<(String, String)>,
    /// Its indexes, the primary key's first.
    pub indexes: Vec<Index>,
    /// Its checks and exclusions.
    pub checks: Vec<Check>,
    /// Its foreign keys, and those of others that lead to it.
    pub references: Vec<Reference>,
    /// Its triggers.
    pub triggers: Vec<Trigger>,
    /// What depends on it or on one of its columns.
    pub dependants: Vec<Dependant>,
}

/// Something that depends on a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependant {
    /// The column that it depends on; none where it is the relation as a whole.
    pub column: Option<String>,
    /// What it is, as Postgres describes it: `view public.late_orders`.
    pub what: String,
    /// Whether the column or the relation cannot go before it does; else it goes along.
    pub holds: bool,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// How it is kept, such as `btree`.
    pub method: String,
    /// What it holds: columns and expressions as SQL.
    pub keys: Vec<String>,
    /// The rows that it holds, where it does not hold all.
    pub predicate: Option<String>,
    /// Whether two rows may not have the same keys.
    pub is_unique: bool,
    /// Whether it is the primary key's.
    pub is_primary: bool,
    /// Whether a constraint made it, which goes with it.
    pub is_of_constraint: bool,
    /// Whether reads may use it.
    pub is_valid: bool,
    /// Bytes on disk.
    pub bytes: i64,
}

/// A check or an exclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The constraint's name.
    pub name: String,
    /// Its definition as SQL.
    pub definition: String,
    /// Whether rows that were there before hold to it as well.
    pub is_validated: bool,
}

/// Which end of a foreign key the relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It refers to another, or to itself.
    Outgoing,
    /// Another refers to it.
    Incoming,
}

/// A foreign key, seen from one of its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The constraint's name.
    pub name: String,
    /// Which end this is.
    pub direction: Direction,
    /// The relation at the other end.
    pub other: RelationName,
    /// The columns of the relation that refers, in order.
    pub from: Vec<String>,
    /// The columns that are referred to, in the same order.
    pub to: Vec<String>,
    /// What happens to rows that refer to a row that goes, as SQL spells it.
    pub on_delete: &'static str,
    /// What happens to them when its key changes.
    pub on_update: &'static str,
}

/// A trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// Its definition as SQL.
    pub definition: String,
    /// Whether it runs.
    pub is_enabled: bool,
}

/// A type that a column may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnType {
    /// Its text, ready for SQL.
    pub sql: String,
    /// Whether it is one of Postgres's own.
    pub is_builtin: bool,
}

impl Db {
    /// Reads what hangs on a relation, by its oid; none when it is gone.
    ///
    /// # Errors
    /// When the database cannot be reached, or its catalogue makes no sense to us.
    pub async fn structure(&self, relation: u32) -> Result<Option<Structure>, Error> {
        let lease = self.sessions().acquire().await?;
        let structure = read(&lease.client, relation).await?;
        lease.give_back();
        Ok(structure)
    }

    /// The types that a column may have.
    ///
    /// # Errors
    /// When the database cannot be reached, or its catalogue makes no sense to us.
    pub async fn column_types(&self) -> Result<Vec<ColumnType>, Error> {
        let lease = self.sessions().acquire().await?;
        let types = column_types(&lease.client).await?;
        lease.give_back();
        Ok(types)
    }
}

/// Reads one relation; none when it is gone.
async fn read(client: &Client, relation: u32) -> Result<Option<Structure>, Error> {
    in_moment(client, async || {
        let ask = async |statement: Internal| {
            let rows = client.query(statement.sql(), &[&relation]).await;
            rows.map_err(error::internal)
        };
        let size = ask(Internal::StructureSize).await?;
        let Some(size) = size.first() else {
            return Ok(None);
        };
        let tuples: i64 = rows::get(size, 1)?;
        Ok(Some(Structure {
            owner: rows::get(size, 0)?,
            rows: Some(tuples).filter(|it| *it >= 0),
            bytes: rows::get(size, 2)?,
            computed: each(&ask(Internal::StructureComputed).await?, rows::computed)?,
            indexes: each(&ask(Internal::StructureIndexes).await?, rows::index)?,
            checks: each(&ask(Internal::StructureChecks).await?, rows::check)?,
            references: each(&ask(Internal::StructureReferences).await?, rows::reference)?,
            triggers: each(&ask(Internal::StructureTriggers).await?, rows::trigger)?,
            dependants: each(&ask(Internal::StructureDependants).await?, rows::dependant)?,
        }))
    })
    .await
}

/// Reads the types that a column may have.
async fn column_types(client: &Client) -> Result<Vec<ColumnType>, Error> {
    in_moment(client, async || {
        let found = client.query(Internal::ColumnTypes.sql(), &[]).await;
        each(&found.map_err(error::internal)?, rows::column_type)
    })
    .await
}

/// Runs reads that see one moment, and leaves the connection as it was.
async fn in_moment<T>(
    client: &Client,
    work: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let begin = "begin isolation level repeatable read read only; set local search_path = ''; \
                 set local statement_timeout = '20s'";
    client.batch_execute(begin).await.map_err(error::internal)?;
    let outcome = work().await;
    let ended = client.batch_execute("rollback").await;
    ended.map_err(error::internal)?;
    outcome
}

fn each<T>(found: &[Row], read: impl Fn(&Row) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    found.iter().map(read).collect()
}
