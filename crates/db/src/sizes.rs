//! How large relations are by the database's own estimate, and what columns they have.
//!
//! It tells of all schemas, served or not, but for the system's and our own: whoever runs the
//! project wants to see what there is. No row of a user's table is read for it.

use postern_base::RelationName;
use postern_catalog::RelationKind;
use postern_query::Mode;
use tokio_postgres::Row;

use crate::config::Class;
use crate::internal::Internal;
use crate::{Db, Error, error};

/// A relation and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its full name.
    pub name: RelationName,
    /// What kind it is.
    pub kind: RelationKind,
    /// About how many rows it has; none where the database cannot tell.
    pub rows: Option<u64>,
    /// About how many bytes it takes with its indexes, as of the last vacuum or analyze.
    pub bytes: Option<u64>,
    /// `COMMENT ON`
    pub comment: Option<String>,
}

/// A column of a relation that may not be in the catalogue snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnOutline {
    /// Its name.
    pub name: String,
    /// Its type as SQL spells it.
    pub ty: String,
    /// Whether it accepts NULL.
    pub nullable: bool,
    /// Whether it is of the primary key.
    pub is_key: bool,
}

impl Db {
    /// The relations of all schemas with their sizes, by schema and name.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sizes(&self) -> Result<Vec<Size>, Error> {
        let ticket = self.lanes(Mode::ReadOnly, Class::Service).acquire().await?;
        let rows = ticket.client.query(Internal::Sizes.sql(), &[]).await;
        ticket.answered();
        rows.map_err(error::internal)?.iter().map(size).collect()
    }

    /// The columns of a relation, whichever schema it is in; none when there is no such relation.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn columns_of(&self, name: &RelationName) -> Result<Vec<ColumnOutline>, Error> {
        let ticket = self.lanes(Mode::ReadOnly, Class::Service).acquire().await?;
        let (schema, table) = (name.schema.as_str(), name.name.as_str());
        let asked = ticket
            .client
            .query(Internal::ColumnsOf.sql(), &[&schema, &table])
            .await;
        ticket.answered();
        asked.map_err(error::internal)?.iter().map(column).collect()
    }
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(Error::Internal)
}

fn size(row: &Row) -> Result<Size, Error> {
    let count = |index| -> Result<Option<u64>, Error> {
        let number: Option<i64> = get(row, index)?;
        Ok(number.and_then(|it| u64::try_from(it).ok()))
    };
    Ok(Size {
        name: RelationName::new(get::<&str>(row, 0)?, get::<&str>(row, 1)?),
        kind: match get::<&str>(row, 2)? {
            "p" => RelationKind::Partitioned,
            "v" => RelationKind::View,
            "m" => RelationKind::MaterializedView,
            "f" => RelationKind::Foreign,
            _ => RelationKind::Table,
        },
        rows: count(3)?,
        bytes: count(4)?,
        comment: get(row, 5)?,
    })
}

fn column(row: &Row) -> Result<ColumnOutline, Error> {
    Ok(ColumnOutline {
        name: get(row, 0)?,
        ty: get(row, 1)?,
        nullable: get(row, 2)?,
        is_key: get(row, 3)?,
    })
}
