//! What the database itself grants, where it decides: alone, or beside the policy files.
//!
//! Its grants can be read and its row-level security of reads can be run. That of writes cannot be
//! asked before the write: Postgres evaluates it nowhere else.

use postern_base::{Identity, RelationName};
use postern_policy::Verb;

use super::{Asked, CanQuestion, CanVerb};
use crate::{Failure, RestService};

/// The question with the columns of the key, where it names no others: the database refuses a
/// statement that touches columns which the role may not read.
pub(super) fn reads(question: &CanQuestion) -> CanQuestion {
    let mut question = question.clone();
    if question.verb == CanVerb::Select && question.columns.is_empty() {
        question.columns = question.pk.keys().cloned().collect();
    }
    question
}

impl RestService {
    /// Whether the role of the caller has the rights to the verb and to every column that is named.
    pub(super) async fn has_rights(
        &self,
        identity: &Identity,
        asked: &Asked<'_>,
        question: &CanQuestion,
    ) -> Result<bool, Failure> {
        let rights = self.rights(identity).await?;
        let relation = RelationName::new(asked.schema, asked.name);
        let verb = match question.verb {
            CanVerb::Select => Verb::Select,
            CanVerb::Insert => Verb::Insert,
            CanVerb::Update => Verb::Update,
            CanVerb::Delete => Verb::Delete,
        };
        let row = question.row.iter().flat_map(|it| it.keys());
        let mut named = row.chain(&question.columns);
        let mut key = question.pk.keys();
        Ok(rights.allows(&relation, verb)
            && key.all(|it| rights.allows_column(&relation, Verb::Select, it))
            && (verb == Verb::Delete || named.all(|it| rights.allows_column(&relation, verb, it))))
    }
}
