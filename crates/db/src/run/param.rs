//! Parameters in Postgres's text format, their types left to the server.

use std::error::Error;

use bytes::BytesMut;
use futures_util::TryStreamExt;
use postern_query::Param;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row, Statement};

/// A parameter on its way; `Debug` hides the value, because the driver logs statements with it.
pub(super) struct TextParam<'a>(pub(super) &'a Param);

impl std::fmt::Debug for TextParam<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("…")
    }
}

impl ToSql for TextParam<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let text = match self.0 {
            Param::Null => return Ok(IsNull::Yes),
            Param::Text(text) => text.as_str(),
            Param::Shared(text) => text,
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// Runs a prepared statement and returns its rows; sent at the first poll.
pub(super) async fn rows(
    client: &Client,
    statement: &Statement,
    params: &[Param],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let rows = client
        .query_raw(statement, params.iter().map(TextParam))
        .await?;
    rows.try_collect().await
}

/// Runs a prepared statement and returns its first row; sent at the first poll.
pub(super) async fn first_row(
    client: &Client,
    statement: &Statement,
    params: &[Param],
) -> Result<Option<Row>, tokio_postgres::Error> {
    let rows = client
        .query_raw(statement, params.iter().map(TextParam))
        .await?;
    let mut rows = std::pin::pin!(rows);
    let mut first = None;
    while let Some(row) = rows.try_next().await? {
        first.get_or_insert(row);
    }
    Ok(first)
}
