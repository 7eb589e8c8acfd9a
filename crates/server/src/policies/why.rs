//! `postern policy explain --why`: what each rule is for one row.

use postern_base::RelationName;
use postern_policy::{Persona, Verb};
use postern_query::View;
use postern_trial::{Why, WhyQuestion};
use serde_json::Value;

use super::workbench::{Workbench, WorkbenchError};
use crate::reload::Snapshot;

/// Who asks about which row.
#[derive(Clone, Debug)]
pub struct RowQuestion {
    /// The token's role.
    pub role: String,
    /// The token's `sub`.
    pub sub: Option<String>,
    /// Further claims, as a JSON object.
    pub claims: Option<String>,
    /// The table; without a schema it is of the first one that is served.
    pub table: String,
    /// `column=value`, each; all rows when there are none.
    pub key: Vec<String>,
    /// The verb of the policy files.
    pub verb: String,
    /// The values of a new row or of an update, as JSON.
    pub values: Option<String>,
}

impl Workbench {
    /// Tells what each rule is for a row, in a transaction that is rolled back.
    ///
    /// # Errors
    /// Returns what is wrong with the question, or that the database cannot be asked.
    pub async fn why(
        &self,
        question: &RowQuestion,
        snapshot: &Snapshot,
    ) -> Result<Why, WorkbenchError> {
        let asked = self.row_question(question)?;
        let identity = postern_trial::identity(&question.caller()?, &snapshot.bundle)?;
        let view = View::new(&snapshot.catalog, &snapshot.bundle, &identity)
            .map_err(|error| wrong(error.message))?;
        if view.role_name() != question.role {
            let message = format!(
                "these claims do not make the caller `{}` but `{}` (add --claims)",
                question.role,
                view.role_name()
            );
            return Err(wrong(message));
        }
        let stage = self.stage(snapshot, None).await?;
        let answer = stage.why(&view, &asked).await;
        stage.end().await?;
        Ok(answer?)
    }

    fn row_question(&self, question: &RowQuestion) -> Result<WhyQuestion, WorkbenchError> {
        let schema = self.config.api.schemas.first();
        let schema = schema.map_or("public", String::as_str);
        let table = question.table.as_str();
        let (schema, name) = table.split_once('.').unwrap_or((schema, table));
        let verb = Verb::parse(&question.verb).ok_or_else(|| {
            let verbs = "verbs are select, insert, update and delete";
            wrong(format!("there is no verb `{}`; {verbs}", question.verb))
        })?;
        let pair = |text: &String| {
            let (column, value) = text.split_once('=').ok_or_else(|| {
                wrong(format!(
                    "`{text}` names no row; write `column=value`, such as `id=42`"
                ))
            })?;
            Ok((column.to_owned(), value.to_owned()))
        };
        let of: Result<Vec<_>, WorkbenchError> = question.key.iter().map(pair).collect();
        let values = match &question.values {
            None => None,
            Some(text) => Some(
                serde_json::from_str::<Value>(text)
                    .map_err(|error| wrong(format!("the body is no JSON: {error}")))?,
            ),
        };
        if verb == Verb::Insert && values.is_none() {
            return Err(wrong("an insert needs the new row: add --body".into()));
        }
        Ok(WhyQuestion {
            relation: RelationName::new(schema, name),
            verb,
            of: of?,
            values,
        })
    }
}

impl RowQuestion {
    fn caller(&self) -> Result<Persona, WorkbenchError> {
        let claims = self.claims.as_deref().map(serde_json::from_str).transpose();
        Ok(Persona {
            name: self.role.clone(),
            role: self.role.clone(),
            sub: self.sub.clone(),
            claims: claims
                .map_err(|error| wrong(format!("the claims are no JSON object: {error}")))?
                .unwrap_or_default(),
        })
    }
}

fn wrong(message: String) -> WorkbenchError {
    WorkbenchError::Trial(postern_trial::Error::Question(message))
}
