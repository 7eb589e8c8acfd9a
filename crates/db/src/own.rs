//! Statements of our own that services keep state with: sessions, codes, keys, limits.
//!
//! Requests of apps never come this way. A statement is a literal in the source, written as
//! `own!("…")`; the compiler reads it and refuses one that names a relation outside of the
//! schemas `auth`, `postern` and `pg_catalog`. The connections' `search_path` holds `pg_catalog`
//! alone, so that a name without a schema cannot mean a user's table either, and in a managed
//! database their role has rights to these schemas only.

mod hook;
mod label;
mod listen;
mod pool;
mod scan;
mod transaction;

pub use label::Label;
pub use listen::{Heard, Listener};
pub use pool::{OwnDb, OwnDbConfig};
pub use transaction::OwnTx;

/// The value of a statement's parameter; `Sync`, as the driver wants it.
pub type Value<'a> = &'a (dyn tokio_postgres::types::ToSql + Sync);
pub use tokio_postgres::Row;

/// A statement of our own; made by [`own!`](crate::own!) alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own(&'static str);

impl Own {
    /// Checks a statement; called by the macro, in the compiler.
    ///
    /// # Panics
    /// When the statement names a relation that is not ours.
    #[doc(hidden)]
    #[must_use]
    pub const fn checked(sql: &'static str) -> Self {
        assert!(
            scan::names_only_ours(sql),
            "a statement of our own may name relations of auth, postern and pg_catalog only"
        );
        Self(sql)
    }

    /// The statement's text.
    pub const fn sql(self) -> &'static str {
        self.0
    }
}

/// Makes a statement of our own out of a literal; one that could reach a user table does not
/// compile.
#[macro_export]
macro_rules! own {
    ($sql:literal) => {{
        const STATEMENT: $crate::own::Own = $crate::own::Own::checked($sql);
        STATEMENT
    }};
}
