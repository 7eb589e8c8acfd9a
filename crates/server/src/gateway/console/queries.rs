//! Queries that are tried out in the console, checked as saved ones are.

use futures_util::future::LocalBoxFuture;
use postern_console::QueryRoom;
use postern_policy::saved::SavedQuery;
use postern_policy::{Diagnostic, SourceFile};
use postern_rest::Enforce;

use super::Stage;
use crate::reload::check_query;

impl QueryRoom for Stage {
    fn check_query(
        &self,
        source: SourceFile,
    ) -> LocalBoxFuture<'_, Result<SavedQuery, Vec<Diagnostic>>> {
        Box::pin(async move {
            let snapshot = self.rest.snapshot();
            let settings = self.rest.settings();
            let bundle = match settings.enforce {
                Enforce::Native => None,
                Enforce::Rewrite | Enforce::Both => Some(&*snapshot.bundle),
            };
            let schema = settings.schemas.first().map_or("public", String::as_str);
            check_query(&self.db, &snapshot.catalog, bundle, (&source, schema)).await
        })
    }
}
