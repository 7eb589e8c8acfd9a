//! A connection with an owner's rights: our own schema, migrations, the managed server.
//!
//! It never serves a request. What it runs is a statement of ours ([`Internal`]), SQL that this
//! crate puts together, or a file of the project's author.

use postern_base::Secret;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use crate::connect::Target;
use crate::internal::Internal;
use crate::{Error, error};

/// An owner's connection to one database.
#[derive(Debug)]
pub struct Admin {
    client: Client,
}

impl Admin {
    /// Connects to the database.
    ///
    /// # Errors
    /// When the address makes no sense or the database cannot be reached.
    pub async fn connect(url: &Secret<String>) -> Result<Self, Error> {
        let target = Target::parse(url)?;
        let client = target
            .open(|config| {
                config.application_name("postern admin");
            })
            .await?;
        Ok(Self { client })
    }

    /// Runs a statement of the closed list.
    pub(crate) async fn query(
        &self,
        statement: Internal,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        let rows = self.client.query(statement.sql(), params).await;
        rows.map_err(error::internal)
    }

    /// Whether a statement with one name as its parameter finds anything.
    pub(crate) async fn exists(&self, statement: Internal, name: &str) -> Result<bool, Error> {
        Ok(!self.query(statement, &[&name]).await?.is_empty())
    }

    /// Runs SQL that this crate wrote, names in it quoted by [`quote_identifier`].
    pub(crate) async fn run_own(&self, sql: &str) -> Result<(), Error> {
        self.client
            .batch_execute(sql)
            .await
            .map_err(error::internal)
    }

    /// The connection itself, for migrations.
    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }
}

/// Quotes a name for SQL.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes a text for SQL; only for what cannot be bound, such as a role's password.
pub(crate) fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''").replace('\\', "\\\\");
    format!(" E'{quoted}'")
}

#[cfg(test)]
mod tests {
    use super::{quote_identifier, quote_literal};

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(quote_identifier(r#"a"; drop"#), r#""a""; drop""#);
        assert_eq!(quote_literal(r"a\' or"), r" E'a\\'' or'");
    }
}
