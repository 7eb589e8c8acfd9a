//! Queries that are tried out, as the server checks saved ones.

use futures_util::future::LocalBoxFuture;
use postern_policy::saved::SavedQuery;
use postern_policy::{Diagnostic, SourceFile};

/// Queries behind the console.
pub trait QueryRoom {
    /// Reads a query as one of the project's saved ones is read, and has the database resolve its
    /// names; the error says why it is not provably safe, and where.
    fn check_query(
        &self,
        source: SourceFile,
    ) -> LocalBoxFuture<'_, Result<SavedQuery, Vec<Diagnostic>>>;
}
