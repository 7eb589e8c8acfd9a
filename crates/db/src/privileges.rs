//! What a role of the database may use: read for lists of what exists.

use postern_base::RelationName;
use postern_query::Privileges;
use tokio_postgres::{Client, Row};

use crate::error::Audience;
use crate::internal::Internal;
use crate::{Error, error};

/// Reads the rights of a role on the relations and functions of some schemas. A role that callers
/// may not have is refused as a request of theirs would be.
pub(crate) async fn read(
    client: &Client,
    role: &str,
    schemas: &[&str],
    audience: Audience<'_>,
) -> Result<Privileges, Error> {
    let found = client
        .query_opt(Internal::CallersRole.sql(), &[&role])
        .await;
    let Some(found) = found.map_err(error::internal)? else {
        return Err(error::no_role(role, audience));
    };
    let (role, schemas): (u32, Vec<&str>) = (get(&found, 0)?, schemas.to_vec());
    let ask = async |statement: Internal| {
        let rows = client.query(statement.sql(), &[&role, &schemas]).await;
        rows.map_err(error::internal)
    };
    let mut privileges = Privileges::default();
    for row in ask(Internal::ColumnPrivileges).await? {
        let relation = RelationName::new(get::<&str>(&row, 0)?, get::<&str>(&row, 1)?);
        let column: &str = get(&row, 2)?;
        if get(&row, 3)? {
            privileges.allow_select(&relation, column);
        }
        if get(&row, 4)? {
            privileges.allow_insert(&relation, column);
        }
        if get(&row, 5)? {
            privileges.allow_update(&relation, column);
        }
        if get(&row, 6)? {
            privileges.allow_delete(&relation);
        }
    }
    for row in ask(Internal::FunctionPrivileges).await? {
        privileges.allow_function(get(&row, 0)?);
    }
    Ok(privileges)
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(Error::Internal)
}
