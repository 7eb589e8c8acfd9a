//! Why migrations stopped, with the way out.

/// Why a migration or seed was not applied.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An applied file was edited.
    #[error(
        "migration `{name}` was edited after it had been applied; put its old text back and write \
         the change as a new migration, or start over with `postern dev --reset`"
    )]
    Edited {
        /// The file's name.
        name: String,
    },
    /// An applied file is gone.
    #[error(
        "migration `{name}` was applied to this database, but its file is gone; put it back, or \
         start over with `postern dev --reset`"
    )]
    Missing {
        /// The file's name.
        name: String,
    },
    /// A new file sorts before an applied one.
    #[error(
        "migration `{name}` sorts before `{last}`, which has been applied already; give it a later \
         name, or start over with `postern dev --reset`"
    )]
    OutOfOrder {
        /// The new file's name.
        name: String,
        /// The last applied file's name.
        last: String,
    },
    /// Postgres refused a statement.
    #[error(transparent)]
    Sql(Box<Refusal>),
    /// The file ended the transaction that it runs in.
    #[error(
        "migration `{name}` contains COMMIT or ROLLBACK; each file runs in a transaction of its \
         own, so leave them out"
    )]
    EndsTransaction {
        /// The file's name.
        name: String,
    },
    /// The database could not be spoken to.
    #[error(transparent)]
    Database(#[from] crate::Error),
}

/// A statement of a file that Postgres refused.
#[derive(Debug, thiserror::Error)]
#[error("{name}{}: {message} (SQLSTATE {sqlstate}){more}", place(*.line, *.column))]
pub struct Refusal {
    /// The file's name.
    pub name: String,
    /// The line, from 1; none when Postgres did not say.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// Postgres's message.
    pub message: String,
    /// Its code.
    pub sqlstate: String,
    /// Detail, hint and context, each on a line of its own.
    pub more: String,
}

fn place(line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        _ => String::new(),
    }
}
