//! Functions of the project that the auth service calls at its hooks.
//!
//! The one place where the auth service's connections run something that a project made. It is as
//! narrow as that: one function with one `jsonb` each way, named by the configuration alone, with
//! a time limit of its own. What the function may touch is what its owner granted to the auth
//! service's role, or its own rights where it is `security definer`.

use std::time::Duration;

use serde_json::Value;

use super::OwnDb;
use super::transaction::OwnTx;
use crate::{Error, error};

impl OwnDb {
    /// Calls `schema.name(jsonb) returns jsonb`; its work is kept when it returns.
    ///
    /// SECURITY: the names come from the operator's configuration and are quoted; the document is
    /// a bound parameter.
    ///
    /// # Errors
    /// When the function raises, runs longer than `timeout`, or returns no JSON.
    pub async fn call_hook(
        &self,
        schema: &str,
        name: &str,
        document: &Value,
        timeout: Duration,
    ) -> Result<Value, Error> {
        let tx = self.begin().await?;
        let bound = crate::own!("select set_config('statement_timeout', $1, true)");
        tx.query(bound, &[&timeout.as_millis().to_string()]).await?;
        let answer = tx.call_function(schema, name, document).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

impl OwnTx {
    async fn call_function(
        &self,
        schema: &str,
        name: &str,
        document: &Value,
    ) -> Result<Value, Error> {
        let sql = format!("select {}.{}($1::jsonb)", quoted(schema), quoted(name));
        let row = self.connection()?.query_one(&sql, &[document]).await;
        let answer = row.map_err(error::internal)?.try_get(0);
        let answer: Option<Value> = answer.map_err(error::internal)?;
        Ok(answer.unwrap_or(Value::Null))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn names_cannot_leave_their_quotes() {
        assert_eq!(quoted("my_hook"), "\"my_hook\"");
        assert_eq!(quoted("a\"; drop"), "\"a\"\"; drop\"");
    }
}
