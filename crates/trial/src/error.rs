//! Why a trial cannot go on; a case that fails is no error.

use postern_base::RelationName;

/// Why a trial cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error("the database cannot be used: {0}")]
    Database(#[from] postern_db::Error),
    /// A row of `[given]` cannot be made.
    #[error("{file}:{line}: the row of `{relation}` cannot be given: {reason}")]
    Given {
        /// The test file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The table.
        relation: RelationName,
        /// What the database says.
        reason: String,
    },
    /// A table cannot be emptied.
    #[error(
        "`{relation}` cannot be emptied for the tests: {reason}; the login of the tests must own \
         the tables, or be a superuser"
    )]
    Emptied {
        /// The table.
        relation: RelationName,
        /// What the database says.
        reason: String,
    },
    /// The database is in use.
    #[error(
        "`{relation}` holds more than {rows_max} rows; tests empty the tables inside of a \
         transaction that is rolled back, which would hold others up, so use a database for \
         development"
    )]
    InUse {
        /// The table.
        relation: RelationName,
        /// The limit.
        rows_max: u64,
    },
    /// A relation is not there.
    #[error("there is no relation `{0}` in the served schemas")]
    NoRelation(RelationName),
    /// A question makes no sense.
    #[error("{0}")]
    Question(String),
    /// A rule's text cannot be turned into SQL.
    #[error("the rules of `{relation}` cannot be asked: {reason}")]
    Unprintable {
        /// The relation.
        relation: RelationName,
        /// What is wrong.
        reason: String,
    },
    /// The database answered something else than asked.
    #[error("the answer about `{0}` was not understood")]
    Shape(RelationName),
}
