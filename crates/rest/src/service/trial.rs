//! A look at what the database would say to a write: it is done and taken back.

use std::sync::Arc;

use postern_base::Identity;
use postern_db::RequestSettings;
use postern_query::request::{RawRequest, Tx};

use super::{Outcome, RestService};
use crate::Failure;

impl RestService {
    /// Answers one request and rolls its transaction back, whatever the operator chose about the
    /// ends of transactions. Triggers run and sequences move on; nothing else stays.
    ///
    /// # Errors
    /// As [`RestService::answer`].
    pub async fn try_out(
        &self,
        identity: &Identity,
        request: &RawRequest<'_>,
        session: impl FnOnce() -> RequestSettings,
    ) -> Result<Outcome, Failure> {
        let snapshot = self.snapshot();
        let view = self.view(&snapshot, identity)?;
        let limits = &self.settings().limits;
        let mut parsed = postern_query::parse(request, limits)?;
        self.settle(&mut parsed).await?;
        parsed.end = Tx::Rollback;
        let plan = postern_query::plan(parsed, &view, limits)?;
        let rewritten = Arc::new(postern_query::rewrite(&plan, &view)?);
        let answer = self.run(&rewritten, &view, session).await?;
        Ok(Outcome {
            rewritten,
            answer,
            chunks: None,
        })
    }
}
