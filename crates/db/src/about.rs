//! What there is to say about the database itself, for the people who run it.

use tokio_postgres::Client;

use crate::internal::Internal;
use crate::{Error, error};

/// The database and its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The server's version, such as `15.8`.
    pub version: String,
    /// The database's name.
    pub database: String,
    /// The role that the gateway signs in as.
    pub role: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// Connections of everybody to this database.
    pub connections: i64,
    /// Connections that the server takes.
    pub connections_max: i64,
    /// The encoding and the order of texts.
    pub encoding: String,
    /// Extensions with their versions.
    pub extensions: Vec<(String, String)>,
    /// The largest tables of the project with their bytes, indexes included.
    pub largest: Vec<(String, i64)>,
}

/// Asks for all of it.
pub(crate) async fn read(client: &Client) -> Result<About, Error> {
    let row = client.query_one(Internal::AboutServer.sql(), &[]).await;
    let row = row.map_err(error::internal)?;
    let pairs = async |statement: Internal| {
        let rows = client.query(statement.sql(), &[]).await;
        rows.map_err(error::internal)
    };
    let extensions = pairs(Internal::AboutExtensions).await?;
    let largest = pairs(Internal::AboutSizes).await?;
    let texts = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    let sizes = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    let all = || -> Result<About, tokio_postgres::Error> {
        Ok(About {
            version: row.try_get(0)?,
            database: row.try_get(1)?,
            role: row.try_get(2)?,
            bytes: row.try_get(3)?,
            connections: row.try_get(4)?,
            connections_max: row.try_get(5)?,
            encoding: row.try_get(6)?,
            extensions: extensions.iter().map(texts).collect::<Result<_, _>>()?,
            largest: largest.iter().map(sizes).collect::<Result<_, _>>()?,
        })
    };
    all().map_err(Error::Internal)
}
